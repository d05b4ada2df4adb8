//! Makes sound of words, with any of the models that can: clause by clause, so that the first is
//! heard while the next is still being made.

mod clauses;
mod espeak;
mod kokoro;
mod lexicon;
mod melo;
mod phonemes;
mod vits;

use super::error::ModelError;
use super::files::{Files, Kind};
use super::hear::Halt;
use crate::core::words::Lang;
use clauses::Clauses;
use kokoro::Kokoro;
use melo::Melo;
use vits::Vits;

/// The longest sound of one clause, in samples: what is longer is a model gone wrong.
const LONGEST: usize = 60 * 48_000;

/// What is to be said, and how.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::mind) struct Wish {
    pub(in crate::mind) text: String,
    pub(in crate::mind) lang: Lang,
    /// One of several in the model, by its name.
    pub(in crate::mind) voice: Option<String>,
    /// 1 is the usual speed.
    pub(in crate::mind) speed: f32,
}

/// Something that says a sentence.
pub(in crate::mind) trait Speaker: Send {
    /// Says it, giving away rate and samples as they are made.
    fn speak(
        &mut self,
        wish: &Wish,
        give: &mut dyn FnMut(u32, &[i16]),
        stop: &dyn Fn() -> bool,
    ) -> Result<(), Halt>;
}

/// Loads a model that speaks.
pub(in crate::mind) fn open(files: &Files) -> Result<Box<dyn Speaker>, ModelError> {
    Ok(match files.kind {
        Kind::Kokoro => Box::new(Speaks(Kokoro::open(files)?)),
        Kind::Melo => Box::new(Speaks(Melo::open(files)?)),
        Kind::Vits => Box::new(Speaks(Vits::open(files)?)),
        Kind::Language | Kind::Moonshine | Kind::SenseVoice | Kind::Whisper | Kind::Zipformer => {
            return Err(ModelError::Part {
                model: files.name(),
                does: files.kind.task(),
            });
        }
    })
}

/// A model that makes sound of a clause.
trait Voice: Send {
    fn rate(&self) -> u32;

    /// The sound of a clause, as numbers from -1 to 1; none where there is nothing to be said.
    fn sound(&mut self, clause: &str, wish: &Wish) -> Result<Vec<f32>, ModelError>;
}

/// Says whole sentences with such a model.
struct Speaks<V>(V);

impl<V: Voice> Speaker for Speaks<V> {
    fn speak(
        &mut self,
        wish: &Wish,
        give: &mut dyn FnMut(u32, &[i16]),
        stop: &dyn Fn() -> bool,
    ) -> Result<(), Halt> {
        for clause in Clauses::new(&wish.text) {
            if stop() {
                return Err(Halt::Stopped);
            }
            let sound = self.0.sound(clause, wish)?;
            let rate = self.0.rate();
            // A tenth of a second at once: whoever wants to stop it gets to do so.
            for piece in sound.chunks(rate as usize / 10) {
                if stop() {
                    return Err(Halt::Stopped);
                }
                let samples: Vec<i16> = piece.iter().map(|sample| to_i16(*sample)).collect();
                give(rate, &samples);
            }
        }
        Ok(())
    }
}

/// What is no number becomes silence.
fn to_i16(sample: f32) -> i16 {
    (sample.clamp(-1.0, 1.0) * 32_767.0) as i16
}
