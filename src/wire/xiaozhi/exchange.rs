//! Keeps together what belongs to one question: servers of this language name no turns, so that
//! an answer belongs to what was asked last.

use crate::core::backend::Down;
use crate::core::ids::TurnId;
use crate::core::sound::{Sound, Speech};
use crate::core::time::Moment;
use std::time::Duration;

/// So long an answer waits for the program to want it.
const CLAIM: Duration = Duration::from_secs(2);
/// The same for what the server says unasked: the user may be hearing something else.
const OPENED: Duration = Duration::from_mins(1);
/// So many pieces of an answer wait at most: four minutes of speech.
const MOST: usize = 4096;
/// Sentences are joined by a space where both sides are written with spaces.
const fn is_spaced(c: char) -> bool {
    c.is_ascii()
}

/// How far an exchange is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The recording is being sent.
    Recording,
    /// It is sent; until then its words may come.
    Unheard(Moment),
    /// Words were sent.
    Asked,
    /// The server answers.
    Answering,
    /// It has answered, and nobody has taken it yet.
    Over,
}

/// One question and its answer.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) turn: TurnId,
    pub(super) stage: Stage,
    /// Whether the answer is to be heard. As long as the program has not said that, what comes of
    /// it waits, until the moment when it is given up.
    aloud: Result<bool, Moment>,
    waits: Vec<Down>,
    /// Some of the answer has come.
    pub(super) began: bool,
    /// The server was said to think.
    thinks: bool,
    /// How the text of the answer ends so far.
    last: Option<char>,
}

impl Exchange {
    /// A question whose answer is to be heard, or only read.
    pub(super) fn asked(turn: TurnId, aloud: bool) -> Self {
        Self::new(turn, Stage::Asked, Ok(aloud))
    }

    /// A recording. Whether its answer is to be heard shows when its words are known.
    pub(super) fn recording(turn: TurnId) -> Self {
        Self::new(turn, Stage::Recording, Err(Moment(Duration::MAX)))
    }

    /// What was heard in a call. Whether its answer is to be heard is not known yet.
    pub(super) fn heard(turn: TurnId, now: Moment) -> Self {
        Self::new(turn, Stage::Answering, Err(now + CLAIM))
    }

    /// Something that the server begins by itself.
    pub(super) fn opened(turn: TurnId, now: Moment) -> Self {
        Self::new(turn, Stage::Answering, Err(now + OPENED))
    }

    fn new(turn: TurnId, stage: Stage, aloud: Result<bool, Moment>) -> Self {
        Self {
            turn,
            stage,
            aloud,
            waits: vec![],
            began: false,
            thinks: false,
            last: None,
        }
    }

    /// The server answers from here on. The answer to a recording waits to be wanted.
    pub(super) fn answers(&mut self, now: Moment) {
        if self.stage != Stage::Asked && self.stage != Stage::Answering {
            self.aloud = Err(now + CLAIM);
        }
        self.stage = Stage::Answering;
    }

    /// The program wants the answer.
    pub(super) fn claim(&mut self, aloud: bool, downs: &mut Vec<Down>) {
        if self.aloud.is_err() {
            self.aloud = Ok(aloud);
            for down in std::mem::take(&mut self.waits) {
                self.tell(down, downs);
            }
        }
    }

    pub(super) fn is_claimed(&self) -> bool {
        self.aloud.is_ok()
    }

    /// When something is to be done about it.
    pub(super) fn deadline(&self) -> Option<Moment> {
        match (self.stage, self.aloud) {
            (Stage::Unheard(until), _) | (Stage::Answering | Stage::Over, Err(until)) => {
                Some(until)
            }
            _ => None,
        }
    }

    /// Tells something about the answer, as soon as it is wanted.
    pub(super) fn tell(&mut self, down: Down, downs: &mut Vec<Down>) {
        match self.aloud {
            Err(_) => {
                let last = matches!(down, Down::Done { .. } | Down::Speech(Speech::End { .. }));
                // Whoever floods us with what nobody wants yet is heard as far as this.
                if last || self.waits.len() < MOST {
                    self.waits.push(down);
                }
            }
            Ok(false) if matches!(down, Down::Speech(_)) => {}
            Ok(_) => downs.push(down),
        }
    }

    /// The server thinks.
    pub(super) fn thinking(&mut self, downs: &mut Vec<Down>) {
        if !std::mem::replace(&mut self.thinks, true) {
            let turn = Some(self.turn);
            self.tell(Down::Thinking { turn }, downs);
        }
    }

    /// The next sentence of the answer, whose sound follows.
    pub(super) fn sentence(&mut self, text: &str, downs: &mut Vec<Down>) {
        let text = text.trim();
        let Some(first) = text.chars().next() else {
            return;
        };
        self.began = true;
        let turn = self.turn;
        let words = text.to_owned();
        let apart = self.last.is_some_and(is_spaced) && is_spaced(first);
        let more = if apart {
            format!(" {text}")
        } else {
            words.clone()
        };
        self.last = text.chars().next_back();
        self.tell(
            Down::Text {
                turn: Some(turn),
                more,
            },
            downs,
        );
        self.tell(Down::Speech(Speech::Words { turn, words }), downs);
    }

    /// Whether its sound is of any use.
    pub(super) fn listens(&self) -> bool {
        self.stage == Stage::Answering && self.aloud != Ok(false)
    }

    /// Sound of the answer.
    pub(super) fn sound(&mut self, rate: u32, samples: Vec<i16>, downs: &mut Vec<Down>) {
        self.began = true;
        let turn = self.turn;
        let sound = Sound::Samples {
            rate,
            samples: samples.into(),
        };
        self.tell(Down::Speech(Speech::More { turn, sound }), downs);
    }

    /// The answer is complete.
    pub(super) fn end(&mut self, downs: &mut Vec<Down>) {
        let turn = self.turn;
        self.tell(Down::Speech(Speech::End { turn }), downs);
        let done = Down::Done {
            turn: Some(turn),
            full: None,
            by: None,
            usage: None,
        };
        self.tell(done, downs);
    }
}
