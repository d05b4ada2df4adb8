//! The lines of one file, found again by their numbers.
//!
//! The place of every 64th line is kept, with which of the 64 lines are wanted and which hold what
//! is searched for. That is 24 bytes, or 375 kB for a million lines.

use super::identity::{Identity, read_at};
use crate::core::log::head::{Head, head};
use std::fs::File;
use std::io;

/// Lines of a block.
pub const BLOCK: u64 = 64;
/// Of a longer line only so many bytes are looked at and shown.
pub const LONGEST: usize = 16 << 10;
/// So much is read at a time.
const CHUNK: usize = 256 << 10;

/// 64 lines.
#[derive(Clone, Copy, Debug)]
struct Block {
    at: u64,
    wanted: u64,
    hits: u64,
}

/// The lines of a file, as far as it is read.
#[derive(Debug)]
pub struct Roll {
    file: File,
    pub identity: Identity,
    blocks: Vec<Block>,
    /// Lines that have ended.
    ended: u64,
    /// Bytes that were looked through.
    read: u64,
    /// Where the last line begins that has not ended.
    open: u64,
    offset_s: i32,
}

/// The lines of a block, each no longer than [`LONGEST`].
#[derive(Debug, Default)]
pub struct Lines {
    bytes: Vec<u8>,
    /// Where each ends in the bytes, and how many of its bytes were left out.
    ends: Vec<(usize, u64)>,
}

impl Lines {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// One of them, without its end.
    pub fn get(&self, nth: usize) -> Option<&[u8]> {
        let (to, _) = self.ends.get(nth)?;
        let from = nth.checked_sub(1).and_then(|before| self.ends.get(before));
        let line = self.bytes.get(from.map_or(0, |(to, _)| *to)..*to)?;
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }

    /// How many bytes of it were left out.
    pub fn left_out(&self, nth: usize) -> u64 {
        self.ends.get(nth).map_or(0, |(_, left_out)| *left_out)
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }
}

impl Roll {
    /// A file of which nothing is read yet. Times without a zone are so far ahead of UTC.
    pub fn new(file: File, offset_s: i32) -> io::Result<Self> {
        let identity = Identity::of(&file.metadata()?);
        Ok(Self {
            file,
            identity,
            blocks: vec![],
            ended: 0,
            read: 0,
            open: 0,
            offset_s,
        })
    }

    /// How many lines there are, with one that has not ended.
    pub const fn lines(&self) -> u64 {
        self.ended + if self.is_open() { 1 } else { 0 }
    }

    /// Whether the last line has not ended.
    pub const fn is_open(&self) -> bool {
        self.open < self.read
    }

    /// Blocks of lines.
    pub const fn blocks(&self) -> u64 {
        self.lines().div_ceil(BLOCK)
    }

    /// Bytes that were looked through.
    pub const fn bytes(&self) -> u64 {
        self.read
    }

    /// How long the file is.
    pub fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Looks through what is new in the file, but no more than so many bytes. Answers how many
    /// there were; none is the end.
    pub fn advance(&mut self, most: usize) -> io::Result<usize> {
        let mut buffer = vec![0; CHUNK.min(most)];
        let mut taken = 0;
        while taken < most {
            let room = (most - taken).min(buffer.len());
            let Some(room) = buffer.get_mut(..room) else {
                break;
            };
            let got = match read_at(&self.file, room, self.read) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                got => got?,
            };
            let Some(new) = room.get(..got).filter(|new| !new.is_empty()) else {
                break;
            };
            if self.blocks.is_empty() {
                self.begin(0);
            }
            for end in memchr::memchr_iter(b'\n', new) {
                self.ended += 1;
                self.open = self.read + end as u64 + 1;
                if self.ended.is_multiple_of(BLOCK) {
                    self.begin(self.open);
                }
            }
            self.read += got as u64;
            taken += got;
        }
        Ok(taken)
    }

    /// A block begins here.
    fn begin(&mut self, at: u64) {
        self.blocks.push(Block {
            at,
            wanted: 0,
            hits: 0,
        });
    }

    /// Reads the lines of a block.
    pub fn read(&self, block: u64, lines: &mut Lines) -> io::Result<()> {
        lines.clear();
        let Some(begin) = self.blocks.get(block as usize) else {
            return Ok(());
        };
        let next = self.blocks.get(block as usize + 1);
        let end = next.map_or(self.read, |next| next.at);
        let mut at = begin.at;
        let mut buffer = vec![0; CHUNK.min(usize::try_from(end - at).unwrap_or(CHUNK))];
        let (mut begins, mut left_out) = (0, 0);
        let mut open = false;
        while at < end {
            let room = buffer.len().min(usize::try_from(end - at).unwrap_or(CHUNK));
            let Some(room) = buffer.get_mut(..room) else {
                break;
            };
            let got = match read_at(&self.file, room, at) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                got => got?,
            };
            let Some(new) = room.get(..got).filter(|new| !new.is_empty()) else {
                // Cut short meanwhile: what is gone is gone.
                break;
            };
            at += got as u64;
            let mut rest = new;
            while !rest.is_empty() {
                let end = memchr::memchr(b'\n', rest);
                let (line, after) = rest.split_at(end.unwrap_or(rest.len()));
                let fits = LONGEST.saturating_sub(lines.bytes.len() - begins);
                let kept = line.get(..fits.min(line.len())).unwrap_or_default();
                lines.bytes.extend_from_slice(kept);
                left_out += (line.len() - kept.len()) as u64;
                open = end.is_none();
                if !open {
                    lines.ends.push((lines.bytes.len(), left_out));
                    (begins, left_out) = (lines.bytes.len(), 0);
                }
                rest = after.get(1..).unwrap_or_default();
            }
        }
        if open {
            lines.ends.push((lines.bytes.len(), left_out));
        }
        Ok(())
    }

    /// What each of these lines of a block says of itself, or else the one before it.
    pub fn heads(&self, block: u64, lines: &Lines) -> Vec<Head> {
        let of = |nth: usize| head(lines.get(nth).unwrap_or_default(), self.offset_s);
        let mut heads: Vec<Head> = (0..lines.len()).map(of).collect();
        let silent = |head: &Head| head.at.is_none() && head.level.is_none();
        let mut carried = Head::default();
        if heads.first().is_some_and(silent) && block > 0 {
            // What goes on for longer than a block is nobody's.
            let mut before = Lines::default();
            if self.read(block - 1, &mut before).is_ok() {
                let heads = (0..before.len())
                    .rev()
                    .map(|nth| head(before.get(nth).unwrap_or_default(), self.offset_s));
                let mut speaking = heads.filter(|head| !silent(head));
                carried = speaking.next().unwrap_or_default();
            }
        }
        for head in &mut heads {
            if silent(head) {
                (head.at, head.level) = (carried.at, carried.level);
            } else {
                carried = *head;
            }
        }
        heads
    }

    /// Which lines of a block are wanted, and which hold what is searched for, each a bit.
    pub fn marks(&self, block: u64) -> (u64, u64) {
        let block = self.blocks.get(block as usize);
        block.map_or((0, 0), |block| (block.wanted, block.hits))
    }

    /// Remembers that.
    pub fn mark(&mut self, block: u64, wanted: u64, hits: u64) {
        if let Some(block) = self.blocks.get_mut(block as usize) {
            (block.wanted, block.hits) = (wanted, hits);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::log::Level;
    use proptest::prelude::*;
    use std::io::Write;

    fn all(roll: &Roll) -> Vec<Vec<u8>> {
        let mut lines = Lines::default();
        let mut all = vec![];
        for block in 0..roll.blocks() {
            roll.read(block, &mut lines).unwrap();
            all.extend((0..lines.len()).map(|nth| lines.get(nth).unwrap().to_vec()));
        }
        all
    }

    #[test]
    fn a_line_that_says_nothing_of_itself_belongs_to_the_one_before_it() {
        let mut file = tempfile::tempfile().unwrap();
        writeln!(file, "{}2024-01-01 00:00:01 ERROR boom", "x\n".repeat(63)).unwrap();
        write!(file, "  at a\n  at b\n2024-01-01 00:00:02 INFO fine").unwrap();
        let mut roll = Roll::new(file, 0).unwrap();
        while roll.advance(7).unwrap() > 0 {}
        let mut lines = Lines::default();
        roll.read(1, &mut lines).unwrap();
        let levels: Vec<_> = roll
            .heads(1, &lines)
            .iter()
            .map(|head| head.level)
            .collect();
        let [error, info] = [Level::Error, Level::Info].map(Some);
        assert_eq!(levels, [error, error, info]);
    }

    #[test]
    fn of_an_endless_line_only_the_beginning_is_read() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&vec![b'a'; 3 << 20]).unwrap();
        file.write_all(b"\nb").unwrap();
        let mut roll = Roll::new(file, 0).unwrap();
        roll.advance(usize::MAX).unwrap();
        let mut lines = Lines::default();
        roll.read(0, &mut lines).unwrap();
        assert_eq!(lines.get(0).unwrap().len(), LONGEST);
        assert_eq!(lines.left_out(0), (3 << 20) - LONGEST as u64);
        assert_eq!(lines.get(1), Some(&b"b"[..]));
    }

    proptest! {
        #[test]
        fn every_line_is_found_however_the_file_grows(
            pieces in prop::collection::vec("[ab]{0,3}(\n{0,40})", 0..30),
            step in 1_usize..20,
        ) {
            let mut file = tempfile::tempfile().unwrap();
            let mut roll = Roll::new(file.try_clone().unwrap(), 0).unwrap();
            let mut text = String::new();
            for piece in pieces {
                file.write_all(piece.as_bytes()).unwrap();
                text.push_str(&piece);
                while roll.advance(step).unwrap() > 0 {}
                let mut expected: Vec<&str> = text.split('\n').collect();
                if expected.last() == Some(&"") {
                    expected.pop();
                }
                prop_assert_eq!(roll.lines(), expected.len() as u64);
                let expected: Vec<Vec<u8>> =
                    expected.into_iter().map(|line| line.as_bytes().to_vec()).collect();
                prop_assert_eq!(all(&roll), expected);
            }
        }
    }
}
