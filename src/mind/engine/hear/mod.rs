//! Makes words of sound, with any of the models that can.
//!
//! A zipformer hears sound as it comes. All others hear a piece as a whole; `windows` cuts what is
//! longer where it is quiet, and lets them guess while sound still comes.

mod greedy;
mod moonshine;
mod sense_voice;
mod seq2seq;
mod subtitles;
mod whisper;
mod windows;
mod zipformer;

use super::error::ModelError;
use super::files::{Files, Kind};
use moonshine::Moonshine;
use sense_voice::SenseVoice;
use serde::{Deserialize, Serialize};
use whisper::Whisper;
use windows::Windows;
use zipformer::Zipformer;

/// What was heard.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::mind) struct Heard {
    pub(in crate::mind) text: String,
    /// The language the model takes it for.
    pub(in crate::mind) language: Option<String>,
    /// How sure the model is of each piece, from 0 to 1.
    pub(in crate::mind) confidence: Option<f32>,
}

/// Why there are no words.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::mind) enum Halt {
    /// Nobody wants them any more.
    Stopped,
    Wrong(ModelError),
}

impl From<ModelError> for Halt {
    fn from(error: ModelError) -> Self {
        Self::Wrong(error)
    }
}

/// Who waits for the words.
pub(in crate::mind) struct Run<'a> {
    /// Is told what the words seem to be, all of them each time.
    pub(in crate::mind) tell: &'a mut dyn FnMut(&str),
    /// Whether nobody waits any more.
    pub(in crate::mind) stop: &'a dyn Fn() -> bool,
    /// Whether this is all the sound there is so far: who is behind with hearing has no time for
    /// guesses.
    pub(in crate::mind) caught_up: bool,
}

impl Run<'_> {
    /// To be asked before every step that takes time.
    fn go_on(&self) -> Result<(), Halt> {
        if (self.stop)() {
            return Err(Halt::Stopped);
        }
        Ok(())
    }
}

/// Something that hears a recording.
pub(in crate::mind) trait Hearer: Send {
    /// A recording begins. `live`: its sound comes as it is spoken, so guesses on the way are
    /// worth their while.
    fn begin(&mut self, language: Option<&str>, live: bool);

    /// More of it.
    fn push(&mut self, samples: &[f32], run: &mut Run<'_>) -> Result<(), Halt>;

    /// It is over.
    fn finish(&mut self, run: &mut Run<'_>) -> Result<Heard, Halt>;
}

/// Loads a model that hears.
pub(in crate::mind) fn open(files: &Files) -> Result<Box<dyn Hearer>, ModelError> {
    Ok(match files.kind {
        Kind::Moonshine => Box::new(Windows::new(Moonshine::open(files)?)),
        Kind::SenseVoice => Box::new(Windows::new(SenseVoice::open(files)?)),
        Kind::Whisper => Box::new(Windows::new(Whisper::open(files)?)),
        Kind::Zipformer => Box::new(Zipformer::open(files)?),
        Kind::Kokoro | Kind::Language | Kind::Melo | Kind::Vits => {
            return Err(ModelError::Part {
                model: files.name(),
                does: files.kind.task(),
            });
        }
    })
}

/// The index and the value of the largest.
fn largest(values: impl Iterator<Item = f32>) -> (usize, f32) {
    let mut best = (0, f32::NEG_INFINITY);
    for (nth, value) in values.enumerate() {
        if value > best.1 {
            best = (nth, value);
        }
    }
    best
}

/// How likely the one is that has this score among all scores.
fn likely(score: f32, scores: &[f32]) -> f32 {
    let sum: f32 = scores.iter().map(|other| (other - score).exp()).sum();
    if sum.is_finite() && sum > 0.0 {
        1.0 / sum
    } else {
        0.0
    }
}
