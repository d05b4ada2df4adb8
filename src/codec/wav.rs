//! Reads WAV as it comes, and bare samples: mono, whatever it holds, and with every tolerance for
//! lengths that are wrong. Pure.
//!
//! A header says how long the sound is, and whoever streams or is killed leaves there a zero, a
//! huge number or nothing. The end of what comes is what counts then.

use super::begins;
use crate::core::sound::NotWav;
use std::ops::RangeInclusive;

/// A length that nobody speaks for: it stands for "until the end".
const BOGUS: u32 = 0x7f00_0000;
/// The most that a chunk before the sound may hold; a picture of an album is less.
const MOST_BEFORE: usize = 64 << 20;
/// What is read of a format; its rest is for who has many loudspeakers.
const FORMAT: usize = 40;
/// What a format is called that says more in its extension.
const EXTENSIBLE: u16 = 0xfffe;
const CHANNELS: RangeInclusive<u16> = 1..=64;
const RATES: RangeInclusive<u32> = 1000..=768_000;

/// How a sample is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    U8,
    I16,
    I24,
    I32,
    F32,
    F64,
}

impl Form {
    const fn bytes(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::I16 => 2,
            Self::I24 => 3,
            Self::I32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    fn sample(self, bytes: &[u8]) -> f32 {
        let sample = match (self, bytes) {
            (Self::U8, &[a]) => (f32::from(a) - 128.0) / 128.0,
            (Self::I16, &[a, b]) => f32::from(i16::from_le_bytes([a, b])) / 32_768.0,
            (Self::I24, &[a, b, c]) => i32::from_le_bytes([0, a, b, c]) as f32 / 2_147_483_648.0,
            (Self::I32, &[a, b, c, d]) => i32::from_le_bytes([a, b, c, d]) as f32 / 2_147_483_648.0,
            (Self::F32, &[a, b, c, d]) => f32::from_le_bytes([a, b, c, d]),
            (Self::F64, bytes) => bytes.try_into().map_or(0.0, f64::from_le_bytes) as f32,
            _ => 0.0,
        };
        // A float file may hold anything.
        if sample.is_finite() {
            sample.clamp(-1.0, 1.0)
        } else {
            0.0
        }
    }
}

/// How the sound is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Format {
    form: Form,
    channels: usize,
    rate: u32,
}

/// Takes bytes and gives samples.
#[derive(Debug, Default)]
pub(super) struct Reader {
    held: Vec<u8>,
    /// What of it was given already.
    at: usize,
    /// So many bytes of chunks without sound are still to come.
    skip: usize,
    /// The head of the whole file was read.
    known: bool,
    format: Option<Format>,
    /// The sound begins at `at`.
    begun: bool,
    /// How many bytes of it are still to come, where the header is to be believed.
    left: Option<usize>,
}

impl Reader {
    /// Reads bare samples of 16 bit, mono.
    pub(super) fn bare(rate: u32) -> Self {
        Self {
            format: Some(Format {
                form: Form::I16,
                channels: 1,
                rate,
            }),
            begun: true,
            ..Self::default()
        }
    }

    /// Takes more bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), NotWav> {
        // What follows the sound tells who made it, at length.
        if self.left == Some(0) {
            return Ok(());
        }
        self.held.drain(..std::mem::take(&mut self.at));
        self.held.extend_from_slice(bytes);
        if self.begun {
            Ok(())
        } else {
            self.read_header()
        }
    }

    /// No more will come. What is missing of the sound is left out; it is an error if it never
    /// began.
    pub(super) fn finish(&mut self) -> Result<(), NotWav> {
        match (self.begun, self.known || !self.held.is_empty()) {
            (true, _) => Ok(()),
            (false, true) => Err(NotWav::Cut),
            (false, false) => Err(NotWav::Empty),
        }
    }

    /// How many samples there are in a second; 0 before that is known.
    pub(super) fn rate(&self) -> u32 {
        self.format
            .filter(|_| self.begun)
            .map_or(0, |format| format.rate)
    }

    /// Appends up to so many samples, mixed to one channel, and tells how many.
    pub(super) fn pull(&mut self, most: usize, into: &mut Vec<f32>) -> usize {
        let (true, Some(format)) = (self.begun, self.format) else {
            return 0;
        };
        let wide = format.form.bytes() * format.channels;
        let there = self.held.len() - self.at;
        let there = self.left.map_or(there, |left| left.min(there));
        let frames = (there / wide).min(most);
        let sound = self
            .held
            .get(self.at..self.at + frames * wide)
            .unwrap_or_default();
        let share = 1.0 / format.channels as f32;
        into.extend(sound.chunks_exact(wide).map(|frame| {
            let channels = frame.chunks_exact(format.form.bytes());
            let sum: f32 = channels.map(|bytes| format.form.sample(bytes)).sum();
            sum * share
        }));
        self.at += frames * wide;
        if let Some(left) = &mut self.left {
            *left -= frames * wide;
            if *left < wide {
                *left = 0;
            }
        }
        frames
    }

    /// Reads up to where the sound begins, as far as it has come.
    fn read_header(&mut self) -> Result<(), NotWav> {
        if !self.known {
            let Some(head) = self.held.first_chunk::<12>() else {
                let wanted = [&b"RIFF"[..], b"RF64"];
                let seen = self.held.get(..self.held.len().min(4)).unwrap_or_default();
                return if wanted.iter().any(|name| name.starts_with(seen)) {
                    Ok(())
                } else {
                    Err(self.other())
                };
            };
            if !(head.starts_with(b"RIFF") || head.starts_with(b"RF64")) || !head.ends_with(b"WAVE")
            {
                return Err(self.other());
            }
            self.known = true;
            self.at = 12;
        }
        loop {
            let passed = self.skip.min(self.held.len() - self.at);
            self.skip -= passed;
            self.at += passed;
            let rest = self.held.get(self.at..).unwrap_or_default();
            let Some(&[a, b, c, d, l0, l1, l2, l3]) = rest.first_chunk::<8>() else {
                return Ok(());
            };
            let length = u32::from_le_bytes([l0, l1, l2, l3]);
            // Chunks begin at even places.
            let even = (length as usize).saturating_add(length as usize % 2);
            match &[a, b, c, d] {
                b"data" => {
                    if self.format.is_none() {
                        let why = "no `fmt` before the sound".to_owned();
                        return Err(NotWav::Odd(why));
                    }
                    self.begun = true;
                    self.left = (length != 0 && length < BOGUS).then_some(length as usize);
                    self.at += 8;
                    return Ok(());
                }
                b"fmt " => {
                    let wanted = (length as usize).min(FORMAT);
                    let Some(format) = rest.get(8..8 + wanted) else {
                        return Ok(());
                    };
                    self.format = Some(read_format(format)?);
                }
                _ => {}
            }
            if even > MOST_BEFORE {
                return Err(NotWav::Cut);
            }
            self.skip = 8 + even;
        }
    }

    fn other(&self) -> NotWav {
        NotWav::Other(begins(&self.held, 12))
    }
}

/// What a `fmt` chunk says.
fn read_format(bytes: &[u8]) -> Result<Format, NotWav> {
    let short = |at: usize| {
        let two = bytes.get(at..)?.first_chunk()?;
        Some(u16::from_le_bytes(*two))
    };
    let (Some(code), Some(channels), Some(low), Some(high), Some(bits)) =
        (short(0), short(2), short(4), short(6), short(14))
    else {
        return Err(NotWav::Cut);
    };
    // The extensible form keeps the real code at the start of an id further on.
    let code = match code {
        EXTENSIBLE => short(24).unwrap_or(code),
        code => code,
    };
    let rate = u32::from(low) | u32::from(high) << 16;
    let form = match (code, bits) {
        (1, 8) => Form::U8,
        (1, 16) => Form::I16,
        (1, 24) => Form::I24,
        (1, 32) => Form::I32,
        (3, 32) => Form::F32,
        (3, 64) => Form::F64,
        _ => return Err(NotWav::Odd(format!("code {code}, {bits} bit"))),
    };
    if !CHANNELS.contains(&channels) {
        return Err(NotWav::Odd(format!("{channels} channels")));
    }
    if !RATES.contains(&rate) {
        return Err(NotWav::Odd(format!("{rate} Hz")));
    }
    Ok(Format {
        form,
        channels: usize::from(channels),
        rate,
    })
}

/// All samples of a file, mixed to one channel, and how many there are in a second.
pub fn whole(file: &[u8]) -> Result<(Vec<f32>, u32), NotWav> {
    let (mut reader, mut samples) = (Reader::default(), vec![]);
    reader.push(file)?;
    reader.finish()?;
    reader.pull(usize::MAX, &mut samples);
    Ok((samples, reader.rate()))
}

/// The samples as a WAV file: 16 bit, mono.
pub fn write(samples: &[i16], rate: u32) -> Vec<u8> {
    let length = samples.len() as u32 * 2;
    let mut file = Vec::with_capacity(44 + samples.len() * 2);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&(36 + length).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt ");
    file.extend_from_slice(&16_u32.to_le_bytes());
    file.extend_from_slice(&[1, 0, 1, 0]);
    file.extend_from_slice(&rate.to_le_bytes());
    file.extend_from_slice(&(rate * 2).to_le_bytes());
    file.extend_from_slice(&[2, 0, 16, 0]);
    file.extend_from_slice(b"data");
    file.extend_from_slice(&length.to_le_bytes());
    file.extend(bytes(samples));
    file
}

/// The samples as bytes, the low one first.
pub fn bytes(samples: &[i16]) -> impl Iterator<Item = u8> {
    samples.iter().flat_map(|sample| sample.to_le_bytes())
}

#[cfg(test)]
mod tests;
