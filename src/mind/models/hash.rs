//! SHA-256, by which a file is known to be the one that was meant.

use sha2::{Digest, Sha256};
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// What is read at a time.
const PIECE: usize = 128 << 10;

/// The SHA-256 of some bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash([u8; 32]);

impl Hash {
    /// Reads 64 hexadecimal digits.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.as_bytes();
        if text.len() != 64 {
            return None;
        }
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(text.chunks_exact(2)) {
            *byte = (digit(pair[0])? * 16 + digit(pair[1])?) as u8;
        }
        Some(Self(hash))
    }

    /// That of a file, and how long the file is. `tell` hears how much was read.
    pub fn of_file(path: &Path, tell: &mut dyn FnMut(u64)) -> io::Result<(u64, Self)> {
        let mut file = File::open(path)?;
        let mut maker = Maker::default();
        let mut piece = vec![0; PIECE];
        let mut length = 0;
        loop {
            let read = file.read(&mut piece)?;
            if read == 0 {
                return Ok((length, maker.hash()));
            }
            maker.take(&piece[..read]);
            length += read as u64;
            tell(length);
        }
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Makes a hash of bytes that come one after another.
#[derive(Clone, Debug, Default)]
pub(super) struct Maker(Sha256);

impl Maker {
    pub(super) fn take(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of what was taken so far.
    pub(super) fn hash(&self) -> Hash {
        Hash(self.0.clone().finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of FIPS 180-2, "abc".
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_hash_is_the_same_in_pieces_in_a_file_and_in_text() {
        let mut maker = Maker::default();
        maker.take(b"a");
        maker.take(b"bc");
        assert_eq!(maker.hash().to_string(), ABC);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        let mut told = vec![];
        let of_file = Hash::of_file(&path, &mut |length| told.push(length)).unwrap();
        assert_eq!(of_file, (3, Hash::read(ABC).unwrap()));
        assert_eq!(told, [3]);
        assert_eq!(Hash::read(&ABC.to_uppercase()), Hash::read(ABC));
        for wrong in ["", "ba78", &format!("{ABC}0"), &ABC.replace('b', "g")] {
            assert_eq!(Hash::read(wrong), None, "{wrong}");
        }
    }
}
