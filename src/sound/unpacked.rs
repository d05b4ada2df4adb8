//! Reads the sound of a file while it is used, whatever of the kinds it is that we unpack.

use super::{NotWav, SoundError};
use crate::codec::{CodecError, Decoder};
use std::io::{self, Read};
use std::path::Path;

/// How much is read at once.
const PIECE: usize = 8 << 10;

/// Why a file cannot be read.
#[derive(Debug)]
pub enum UnpackError {
    /// It is not what it should be.
    Not(CodecError),
    /// The system does not give it.
    Io(io::Error),
}

impl UnpackError {
    /// As the user of this file is told.
    pub fn of(self, path: &Path) -> SoundError {
        let why = match self {
            Self::Io(error) => return SoundError::unreadable(path, &error),
            Self::Not(CodecError::NotWav(why)) => why,
            Self::Not(other) => NotWav::Odd(other.to_string()),
        };
        let path = path.to_owned();
        SoundError::NotWav { path, why }
    }
}

impl From<io::Error> for UnpackError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<CodecError> for UnpackError {
    fn from(error: CodecError) -> Self {
        Self::Not(error)
    }
}

/// The sound of a file, mono.
#[derive(Debug)]
pub struct Unpacked<R> {
    from: R,
    decoder: Decoder,
    bytes: Vec<u8>,
    /// What was unpacked and not taken, from this place on.
    made: Vec<f32>,
    at: usize,
    rate: u32,
    over: bool,
}

impl<R: Read> Unpacked<R> {
    /// Reads up to where the sound begins.
    pub fn open(from: R) -> Result<Self, UnpackError> {
        let mut file = Self {
            from,
            decoder: Decoder::new(),
            bytes: vec![0; PIECE],
            made: vec![],
            at: 0,
            rate: 0,
            over: false,
        };
        while file.rate == 0 && !file.over {
            file.feed()?;
            file.rate = file.decoder.rate();
        }
        Ok(file)
    }

    /// Samples for each second, of those that were read last.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// Appends up to so many samples, all of one rate, and less only at the end or where the rate
    /// changes. A file that breaks ends there.
    pub fn read(&mut self, most: usize, into: &mut Vec<f32>) -> io::Result<()> {
        let before = into.len();
        while into.len() - before < most && self.unpack()? {
            let rate = self.decoder.rate();
            if rate != self.rate && into.len() > before {
                break;
            }
            self.rate = rate;
            let end = self.made.len().min(self.at + most - (into.len() - before));
            into.extend(self.made.get(self.at..end).unwrap_or_default());
            self.at = end;
        }
        Ok(())
    }

    /// Makes sure that there are samples; `false` at the end.
    fn unpack(&mut self) -> io::Result<bool> {
        while self.made.len() == self.at {
            self.made.clear();
            self.at = 0;
            if self.decoder.pull(&mut self.made) {
                break;
            }
            if self.over {
                return Ok(false);
            }
            match self.feed() {
                Ok(()) => {}
                Err(UnpackError::Io(error)) => return Err(error),
                Err(UnpackError::Not(_)) => self.over = true,
            }
        }
        Ok(true)
    }

    fn feed(&mut self) -> Result<(), UnpackError> {
        let read = match self.from.read(&mut self.bytes) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        self.over = read == 0;
        if self.over {
            return Ok(self.decoder.finish()?);
        }
        Ok((self.decoder).push(self.bytes.get(..read).unwrap_or_default())?)
    }
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
