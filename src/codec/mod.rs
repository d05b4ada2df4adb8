//! Packs and unpacks what several parts of the program meet: sound in the forms in which files,
//! servers and lines carry it, and streams of events. Pure.
//!
//! A [`Decoder`] finds out by their first bytes what it is given, and makes samples of it as they
//! are wanted, so that a small file that unfolds into hours costs no memory. Whatever bytes come,
//! nothing here panics: foreign decoders work `contained`.

pub mod base64;
mod contained;
mod mp3;
pub mod opus;
pub(crate) mod resample;
mod sniff;
pub mod sse;
pub mod wav;

pub use contained::is_contained;
pub use sniff::{Kind, TELLING, begins, sniff};

use crate::core::sound::NotWav;

/// About so many samples are made at once.
const STEP: usize = 4096;
/// The rate of bare samples where nobody says another.
pub const USUAL_RATE: u32 = 24_000;

/// Why bytes are no sound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// They promise to be of this kind, and are not, or not to the end.
    #[error("{0} that cannot be read")]
    Broken(&'static str),
    /// Nobody packs sound of this rate in frames of this length.
    #[error("Opus of {rate} Hz in frames of {millis} ms")]
    Form { rate: u32, millis: u32 },
    /// They are of a kind that is not unpacked here, by its name.
    #[error("{0}")]
    Kind(&'static str),
    #[error("{}", not_wav(.0))]
    NotWav(NotWav),
}

fn not_wav(why: &NotWav) -> String {
    match why {
        NotWav::Cut => "WAV that ends before the sound begins".to_owned(),
        NotWav::Empty => "an empty file".to_owned(),
        NotWav::Odd(form) => format!("WAV, {form}"),
        NotWav::Other(start) => format!("a file that begins with `{start}`"),
    }
}

impl From<NotWav> for CodecError {
    fn from(why: NotWav) -> Self {
        Self::NotWav(why)
    }
}

/// Takes bytes as they come and gives samples, mono, as they are wanted.
#[derive(Debug)]
pub struct Decoder(State);

#[derive(Debug)]
enum State {
    /// What it is does not show yet.
    Unknown(Vec<u8>),
    Wav(wav::Reader),
    Mp3(Box<mp3::Reader>),
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// Finds out by the first bytes what it is given.
    pub fn new() -> Self {
        Self(State::Unknown(vec![]))
    }

    /// Takes bare samples of 16 bit, mono, whatever they begin with.
    pub fn bare(rate: u32) -> Self {
        Self(State::Wav(wav::Reader::bare(rate)))
    }

    /// Takes more bytes. After an error no more are taken.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), CodecError> {
        match &mut self.0 {
            State::Unknown(held) => {
                held.extend_from_slice(bytes);
                if held.len() < TELLING {
                    return Ok(());
                }
                self.begin()
            }
            State::Wav(reader) => Ok(reader.push(bytes)?),
            State::Mp3(reader) => reader.push(bytes),
        }
    }

    /// Appends the next samples, a few thousand at most; `false` if that takes more bytes.
    pub fn pull(&mut self, into: &mut Vec<f32>) -> bool {
        match &mut self.0 {
            State::Unknown(_) => false,
            State::Wav(reader) => reader.pull(STEP, into) > 0,
            State::Mp3(reader) => reader.pull(STEP, into) > 0,
        }
    }

    /// No more bytes will come. Tells if there was no sound in them; what there is can still be
    /// pulled.
    pub fn finish(&mut self) -> Result<(), CodecError> {
        if let State::Unknown(_) = &self.0 {
            self.begin()?;
        }
        match &mut self.0 {
            State::Unknown(_) => Ok(()),
            State::Wav(reader) => Ok(reader.finish()?),
            State::Mp3(reader) => reader.finish(),
        }
    }

    /// How many samples there are in a second of those that were pulled last; 0 before that is
    /// known.
    pub fn rate(&self) -> u32 {
        match &self.0 {
            State::Unknown(_) => 0,
            State::Wav(reader) => reader.rate(),
            State::Mp3(reader) => reader.rate(),
        }
    }

    fn begin(&mut self) -> Result<(), CodecError> {
        let State::Unknown(held) = &mut self.0 else {
            return Ok(());
        };
        let held = std::mem::take(held);
        self.0 = match sniff(&held) {
            Kind::Wav => State::Wav(wav::Reader::default()),
            Kind::Mp3 => State::Mp3(Box::default()),
            Kind::Other(name) => return Err(CodecError::Kind(name)),
            Kind::Unknown if held.is_empty() => return Err(NotWav::Empty.into()),
            Kind::Unknown => return Err(NotWav::Other(begins(&held, TELLING)).into()),
        };
        self.push(&held)
    }
}

/// A sample as files and pipes hold it. What is too loud is clipped.
pub fn to_i16(sample: f32) -> i16 {
    // A float that is none becomes 0.
    (sample * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i16
}

/// A sample of a file or pipe.
pub fn from_i16(sample: i16) -> f32 {
    f32::from(sample) / 32_768.0
}

#[cfg(test)]
mod tests;
