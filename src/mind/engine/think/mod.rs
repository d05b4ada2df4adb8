//! Answers a conversation with a model of language, piece by piece.
//!
//! `form` writes the conversation as the model wants it, `spell` and `cut` make pieces of the words,
//! `steps` lets the model read them, and `choose` picks what it says next.

mod choose;
mod cut;
mod form;
mod spell;
mod steps;

use super::error::ModelError;
use super::files::{Files, Kind};
use super::graph::Graph;
use super::hear::Halt;
use super::talk::{Line, Speaker};
use super::tokens::Tokens;
use choose::Lots;
use form::Form;
use serde::{Deserialize, Serialize};
use spell::Speller;
use steps::Steps;

/// So many pieces of a question are read between two looks whether anybody still waits.
const AT_ONCE: usize = 64;
/// The longest answer, in pieces.
const LONGEST: usize = 1_024;
/// A conversation leaves at least so much room for its answer.
const ROOM: usize = 256;

/// How an answer ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::mind) struct Answered {
    /// It became too long, and was cut.
    pub(in crate::mind) cut: bool,
    /// How many pieces the question had, and the answer.
    pub(in crate::mind) question: u32,
    pub(in crate::mind) answer: u32,
}

/// A model that answers.
#[derive(Debug)]
pub(super) struct Thinker {
    steps: Steps,
    tokens: Tokens,
    speller: Speller,
    form: Form,
    window: usize,
}

/// Loads a model of language.
pub(super) fn open(files: &Files) -> Result<Thinker, ModelError> {
    let tokens = Tokens::read(&files.folder)?;
    let speller = Speller::open(&files.folder, &tokens)?;
    let form = Form::of(&tokens).ok_or_else(|| ModelError::Other {
        file: files.folder.join("tokenizer.json").display().to_string(),
        lacks: "<|im_start|>".to_owned(),
    })?;
    debug_assert_eq!(files.kind, Kind::Language);
    Ok(Thinker {
        steps: Steps::new(Graph::open(files.graph("model")?)?)?,
        tokens,
        speller,
        form,
        window: files.window(),
    })
}

impl Thinker {
    /// Answers, giving away the words as they come, and whether they are only thought.
    pub(super) fn answer(
        &mut self,
        said: &[Line],
        give: &mut dyn FnMut(&str, bool),
        stop: &dyn Fn() -> bool,
    ) -> Result<Answered, Halt> {
        let question = self.question(said);
        let mut lots = Lots::of(&question);
        let mut scores = vec![];
        let known = self.steps.known(&question);
        for piece in question.get(known..).unwrap_or_default().chunks(AT_ONCE) {
            if stop() {
                return Err(Halt::Stopped);
            }
            scores = self.steps.read(piece)?;
        }
        let most = LONGEST.min(self.window.saturating_sub(question.len()));
        let mut answered = Answered {
            question: question.len() as u32,
            ..Answered::default()
        };
        let mut words = Words::default();
        let mut said = vec![];
        loop {
            let Some(piece) = lots.choose(scores, &said) else {
                self.steps.forget();
                return Err(self.steps.nonsense().into());
            };
            if self.form.ends.contains(&piece) {
                return Ok(answered);
            }
            if said.len() >= most {
                answered.cut = true;
                return Ok(answered);
            }
            said.push(piece);
            answered.answer += 1;
            words.take(&self.tokens, piece, give);
            if stop() {
                return Err(Halt::Stopped);
            }
            scores = self.steps.read(&[piece])?;
        }
    }

    /// The conversation in pieces; of one that is too long the oldest is left out.
    fn question(&self, said: &[Line]) -> Vec<usize> {
        let most = self.window.saturating_sub(ROOM);
        let (first, mut rest): (Vec<Line>, Vec<Line>) =
            (said.iter().cloned()).partition(|line| line.by == Speaker::System);
        loop {
            let lines = [first.clone(), rest.clone()].concat();
            let pieces = self.form.write(&lines, &self.speller);
            if pieces.len() <= most {
                return pieces;
            }
            match rest.as_mut_slice() {
                // Of a single question the beginning: its end says what is wanted.
                [last] if last.text.len() > ROOM => last.text = later_half(&last.text),
                [] | [_] => return pieces,
                _ => {
                    rest.remove(0);
                }
            }
        }
    }
}

fn later_half(text: &str) -> String {
    let half = text.chars().count() / 2;
    text.chars().skip(half).collect()
}

/// Pieces on their way to be words: a character may take several.
#[derive(Default)]
struct Words {
    bytes: Vec<u8>,
    thinking: bool,
    /// Something was said, and what follows is not the white space before it.
    begun: bool,
}

impl Words {
    fn take(&mut self, tokens: &Tokens, piece: usize, give: &mut dyn FnMut(&str, bool)) {
        match tokens.piece(piece) {
            "<think>" => self.turn(true),
            "</think>" => self.turn(false),
            _ => {}
        }
        self.bytes.extend(tokens.bytes(piece));
        let whole = match std::str::from_utf8(&self.bytes) {
            Ok(text) => text.len(),
            // What can be no character any more is passed over; what may become one is kept.
            Err(error) => error.valid_up_to() + error.error_len().unwrap_or(0),
        };
        let bytes: Vec<u8> = self.bytes.drain(..whole).collect();
        let text = String::from_utf8_lossy(&bytes);
        let text = text.replace(char::REPLACEMENT_CHARACTER, "");
        let text = if self.begun { &text } else { text.trim_start() };
        if !text.is_empty() {
            self.begun = true;
            give(text, self.thinking);
        }
    }

    fn turn(&mut self, thinking: bool) {
        self.thinking = thinking;
        self.begun = false;
        self.bytes.clear();
    }
}
