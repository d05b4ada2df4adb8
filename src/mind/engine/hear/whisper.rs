//! Whisper: hears half a minute at a time, however short the sound is, in a hundred languages, and
//! tells which.

use super::greedy::{Rules, say};
use super::seq2seq::Decoder;
use super::subtitles::is_of_subtitles;
use super::windows::Window;
use super::{Halt, Heard, Run, largest, likely};
use crate::mind::engine::error::ModelError;
use crate::mind::engine::features::Mel;
use crate::mind::engine::files::Files;
use crate::mind::engine::graph::{Graph, floats};
use crate::mind::engine::tokens::Tokens;
use std::collections::HashSet;

/// Frames of a picture: half a minute.
const FRAMES: usize = 3_000;
/// Two seconds less, so that no word is cut at the end.
const LONGEST: usize = 28 * 16_000;
/// The most pieces it was taught to say of one picture.
const MOST: usize = 224;
/// Pieces that may be said of a second of sound: more is made up, as it does of noise. The fastest
/// speech has four of English, and twelve of languages whose characters take several.
const RATE: usize = 20;
/// And so many more of any.
const AT_LEAST: usize = 10;
/// It takes sound for no speech when it says so ...
const NO_SPEECH: f32 = 0.6;
/// ... and is so unsure of the words, says the same again and again, or what it says of any music.
const UNSURE: f32 = -1.0;
/// A language other than the one that was expected has to be so likely.
const SURELY: f32 = 0.8;

/// The model.
pub(super) struct Whisper {
    encoder: Graph,
    decoder: Decoder,
    tokens: Tokens,
    mel: Mel,
    bands: usize,
    start: usize,
    end: usize,
    /// What stands before the words, after the language.
    task: Vec<usize>,
    no_speech: Option<usize>,
    /// The languages it knows, and their pieces; none in models that know English only.
    languages: Vec<(String, usize)>,
    /// Pieces that are no words: notes, brackets.
    barred: HashSet<usize>,
}

impl Whisper {
    pub(super) fn open(files: &Files) -> Result<Self, ModelError> {
        let tokens = Tokens::read(&files.folder)?;
        let encoder = Graph::open(files.graph("encoder_model")?)?;
        encoder.needs(&["input_features"], &["last_hidden_state"])?;
        let decoder = Graph::open(files.graph("decoder_model_merged")?)?;
        let shape = encoder
            .input("input_features")
            .and_then(|port| port.shape.as_deref());
        let bands = match shape {
            Some(&[_, Some(bands), _]) => bands,
            _ => 80,
        };
        let number = |piece: &str| tokens.number(piece).ok_or_else(|| encoder.other(piece));
        let languages: Vec<_> = tokens
            .steering()
            .filter_map(|(piece, number)| {
                let code = piece.strip_prefix("<|")?.strip_suffix("|>")?;
                let is_code = matches!(code.len(), 2 | 3)
                    && code.bytes().all(|byte| byte.is_ascii_lowercase());
                is_code.then(|| (code.to_owned(), number))
            })
            .collect();
        let (start, end) = (number("<|startoftranscript|>")?, number("<|endoftext|>")?);
        let mut task = vec![];
        if !languages.is_empty() {
            task.push(number("<|transcribe|>")?);
        }
        task.push(number("<|notimestamps|>")?);
        let no_speech = ["<|nospeech|>", "<|nocaptions|>"];
        Ok(Self {
            no_speech: no_speech.iter().find_map(|piece| tokens.number(piece)),
            mel: Mel::new(bands),
            decoder: Decoder::new(decoder)?,
            barred: files.barred(),
            encoder,
            tokens,
            bands,
            start,
            end,
            task,
            languages,
        })
    }
}

impl Window for Whisper {
    fn longest(&self) -> usize {
        LONGEST
    }

    /// Each guess costs half a minute's work.
    fn pace(&self) -> usize {
        4 * 16_000
    }

    fn hear(
        &mut self,
        samples: &[f32],
        language: Option<&str>,
        run: &mut Run<'_>,
    ) -> Result<Heard, Halt> {
        run.go_on()?;
        let picture = self.mel.picture(samples, FRAMES);
        let picture = floats(&[1, self.bands, FRAMES], picture);
        let mut states = (self.encoder).run(
            vec![("input_features", picture.into())],
            &["last_hidden_state"],
        )?;
        let states = states
            .pop()
            .ok_or_else(|| self.encoder.other("last_hidden_state"))?;
        run.go_on()?;

        let mut steps = self.decoder.start(&states, samples.len());
        let scores = steps.step(vec![self.start as i32])?;
        let score = |piece: usize| scores.get(piece).copied().unwrap_or(f32::NEG_INFINITY);
        let silent = self
            .no_speech
            .map_or(0.0, |piece| likely(score(piece), &scores));
        let expected = self
            .languages
            .iter()
            .find(|(code, _)| Some(code.as_str()) == language);
        let all: Vec<f32> = self
            .languages
            .iter()
            .map(|(_, piece)| score(*piece))
            .collect();
        let (best, its) = largest(all.iter().copied());
        let spoken = match (expected, self.languages.get(best)) {
            (Some(expected), _) if likely(its, &all) < SURELY => Some(expected),
            (_, best) => best,
        };

        // What it was told first it remembers, and hears the rest of it piece by piece: that is how it
        // goes on, and hearing all of it anew costs as much as ten pieces.
        let mut prompt: Vec<i32> = spoken.map(|(_, piece)| *piece as i32).into_iter().collect();
        prompt.extend(self.task.iter().map(|piece| *piece as i32));
        let last = prompt.pop().unwrap_or(self.start as i32);
        for piece in prompt {
            run.go_on()?;
            steps.step(vec![piece])?;
        }
        let (end, barred) = (self.end, &self.barred);
        let rules = Rules {
            end,
            most: most(samples.len()),
            // All above the end steer. A space says nothing where words begin.
            barred: &|piece, at| {
                piece > end
                    || barred.contains(&piece)
                    || (at == 0 && self.tokens.piece(piece) == "Ġ")
            },
        };
        let text = |pieces: &[usize]| self.tokens.text(pieces);
        let said = say(&mut steps, vec![last], &rules, run, &text)?;
        let text = text(&said.pieces);
        let made_up = said.circled || said.score < UNSURE || is_of_subtitles(&text);
        if silent > NO_SPEECH && made_up {
            return Ok(Heard::default());
        }
        Ok(Heard {
            text,
            language: spoken.map_or_else(|| Some("en".to_owned()), |(code, _)| Some(code.clone())),
            confidence: Some(said.score.exp()),
        })
    }
}

/// How many pieces so many samples can hold.
fn most(samples: usize) -> usize {
    MOST.min(samples.div_ceil(16_000) * RATE + AT_LEAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_sound_holds_few_pieces_and_none_more_than_it_was_taught() {
        let seconds = [0, 1, 4, 10, 11, 28].map(|seconds| most(seconds * 16_000));
        assert_eq!(seconds, [10, 30, 90, 210, 224, 224]);
    }
}
