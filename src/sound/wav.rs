//! Reads WAV files as they come: mono, whatever they hold, and with every tolerance for lengths
//! that are wrong. Writing them is the work of `hound`.
//!
//! A header says how long the sound is, and writers that stream or are killed leave there a
//! zero, a huge number or nothing. The end of the file is what counts then.

use super::resample::Resampler;
use super::{NotWav, SoundError};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

/// The most a chunk before the sound may hold; a picture of an album is less.
const MOST_BEFORE: u64 = 64 << 20;

/// How many samples are read at once.
const PIECE: usize = 16_000;

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

/// Why a WAV file cannot be read.
#[derive(Debug)]
pub enum WavError {
    /// It is not what it should be.
    Not(NotWav),
    /// The system does not give it.
    Io(io::Error),
}

impl WavError {
    /// As the user of this file is told.
    pub fn of(self, path: &Path) -> SoundError {
        match self {
            Self::Io(error) => SoundError::unreadable(path, &error),
            Self::Not(why) => SoundError::NotWav {
                path: path.to_owned(),
                why,
            },
        }
    }
}

impl From<io::Error> for WavError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The sound of a WAV file, read while it is used.
#[derive(Debug)]
pub struct Wav<R> {
    from: R,
    form: Form,
    channels: usize,
    rate: u32,
    /// What the header promises; the file may hold less.
    bytes_left: u64,
    bytes: Vec<u8>,
}

impl<R: Read> Wav<R> {
    /// Reads up to where the sound begins.
    pub fn open(mut from: R) -> Result<Self, WavError> {
        let mut head = [0; 12];
        match fill(&mut from, &mut head)? {
            0 => return Err(WavError::Not(NotWav::Empty)),
            read => {
                let is_wav = (head.starts_with(b"RIFF") || head.starts_with(b"RF64"))
                    && (read < head.len() || head.ends_with(b"WAVE"));
                if !is_wav {
                    let start = head.get(..read).unwrap_or_default();
                    return Err(WavError::Not(NotWav::Other(
                        start.escape_ascii().to_string(),
                    )));
                }
                if read < head.len() {
                    return Err(WavError::Not(NotWav::Cut));
                }
            }
        }
        let mut known = None;
        loop {
            let mut head = [0; 8];
            if fill(&mut from, &mut head)? < head.len() {
                return Err(WavError::Not(NotWav::Cut));
            }
            let [a, b, c, d, length @ ..] = head;
            let length = u64::from(u32::from_le_bytes(length));
            match (&[a, b, c, d], known) {
                (b"fmt ", _) => {
                    let mut header = vec![];
                    take(&mut from, length, &mut header)?;
                    known = Some(form(&header)?);
                }
                (b"data", Some((form, channels, rate))) => {
                    let unknown = length == 0 || length >= u64::from(u32::MAX) - 1024;
                    return Ok(Self {
                        from,
                        form,
                        channels,
                        rate,
                        bytes_left: if unknown { u64::MAX } else { length },
                        bytes: vec![],
                    });
                }
                (b"data", None) => {
                    let why = "no `fmt` before the sound".to_owned();
                    return Err(WavError::Not(NotWav::Odd(why)));
                }
                _ => take(&mut from, length, &mut io::sink())?,
            }
        }
    }

    /// Samples for each second.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// Appends up to so many mono samples. Appends nothing at the end.
    pub fn read(&mut self, most: usize, into: &mut Vec<f32>) -> io::Result<()> {
        let frame = self.form.bytes() * self.channels;
        let wanted = (most * frame).min(usize::try_from(self.bytes_left).unwrap_or(usize::MAX));
        self.bytes.resize(wanted, 0);
        let read = fill(&mut self.from, &mut self.bytes)?;
        self.bytes_left -= read as u64;
        // What a cut file has of its last frame is no sound.
        let whole = self
            .bytes
            .get(..read)
            .unwrap_or_default()
            .chunks_exact(frame);
        let share = 1.0 / self.channels as f32;
        into.extend(whole.map(|frame| {
            let channels = frame.chunks_exact(self.form.bytes());
            let sum: f32 = channels.map(|bytes| self.form.sample(bytes)).sum();
            sum * share
        }));
        Ok(())
    }
}

/// All the sound of a file, at a rate.
pub fn load(path: &Path, rate: u32) -> Result<Vec<f32>, SoundError> {
    let open = || -> Result<Vec<f32>, WavError> {
        let mut wav = Wav::open(BufReader::new(File::open(path)?))?;
        let mut samples = vec![];
        loop {
            let before = samples.len();
            wav.read(PIECE, &mut samples)?;
            if samples.len() == before {
                return Ok(at_rate(&samples, wav.rate(), rate));
            }
        }
    };
    open().map_err(|error| error.of(path))
}

/// Sound of one rate at another.
pub fn at_rate(samples: &[f32], from: u32, to: u32) -> Vec<f32> {
    let (mut resampler, mut out) = (Resampler::new(from, to), vec![]);
    resampler.add(samples, &mut out);
    resampler.finish(&mut out);
    out
}

/// Reads until the buffer is full or nothing comes any more.
pub(super) fn fill(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while let Some(rest) = buffer.get_mut(read..)
        && !rest.is_empty()
    {
        match from.read(rest) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

/// Takes a chunk and the byte that makes its length even.
fn take(from: &mut impl Read, length: u64, into: &mut impl io::Write) -> Result<(), WavError> {
    let even = length + length % 2;
    if even > MOST_BEFORE || io::copy(&mut from.by_ref().take(even), into)? < even {
        return Err(WavError::Not(NotWav::Cut));
    }
    Ok(())
}

/// What a `fmt` chunk says: how samples are written, channels, rate.
fn form(header: &[u8]) -> Result<(Form, usize, u32), WavError> {
    let odd = |why: String| WavError::Not(NotWav::Odd(why));
    let &[
        code_low,
        code_high,
        channels_low,
        channels_high,
        rate_0,
        rate_1,
        rate_2,
        rate_3,
        _,
        _,
        _,
        _,
        _,
        _,
        bits_low,
        bits_high,
        ref more @ ..,
    ] = header
    else {
        return Err(WavError::Not(NotWav::Cut));
    };
    let mut code = u16::from_le_bytes([code_low, code_high]);
    // The extensible form keeps the real code at the start of an id further on.
    if code == 0xfffe
        && let &[_, _, _, _, _, _, _, _, low, high, ..] = more
    {
        code = u16::from_le_bytes([low, high]);
    }
    let channels = u16::from_le_bytes([channels_low, channels_high]);
    let rate = u32::from_le_bytes([rate_0, rate_1, rate_2, rate_3]);
    let bits = u16::from_le_bytes([bits_low, bits_high]);
    let form = match (code, bits) {
        (1, 8) => Form::U8,
        (1, 16) => Form::I16,
        (1, 24) => Form::I24,
        (1, 32) => Form::I32,
        (3, 32) => Form::F32,
        (3, 64) => Form::F64,
        _ => return Err(odd(format!("code {code}, {bits} bit"))),
    };
    if !(1..=64).contains(&channels) {
        return Err(odd(format!("{channels} channels")));
    }
    if !(1000..=768_000).contains(&rate) {
        return Err(odd(format!("{rate} Hz")));
    }
    Ok((form, usize::from(channels), rate))
}

#[cfg(test)]
mod tests;
