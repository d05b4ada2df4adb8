//! A log that goes on over several files: what is at its path now, and what was there before.
//!
//! A file that was renamed is read to its end before the next one begins, also where several came
//! and went meanwhile; one that was cut short begins anew. Lines keep their numbers throughout.

use super::TailError;
use super::identity::{Identity, aside};
use super::roll::{BLOCK, Lines, Roll};
use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// More files than these are not held on to: the oldest is let go.
const MOST: usize = 8;

/// A log over its files.
#[derive(Debug)]
pub struct Reel {
    path: PathBuf,
    rolls: VecDeque<Placed>,
    /// The number of the next file's first line, and of its first block.
    next: (u64, u64),
    offset_s: i32,
    missing: bool,
}

/// The lines of a file, and where they stand in the log.
#[derive(Debug)]
struct Placed {
    roll: Roll,
    line: u64,
    block: u64,
    /// Nothing will be added to it.
    whole: bool,
}

impl Placed {
    fn blocks(&self) -> Range<u64> {
        self.block..self.block + self.roll.blocks()
    }
}

/// What became of a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Bytes that were read.
    pub read: usize,
    /// Lines that were there are gone.
    pub lost: bool,
    /// The file came or went.
    pub turned: bool,
}

impl Change {
    /// Whether anything is different now.
    pub const fn any(self) -> bool {
        self.read > 0 || self.lost || self.turned
    }
}

impl Reel {
    /// The log at a path, with so many files that were put aside before it. Nothing has to be there
    /// yet.
    pub fn open(path: &Path, before: usize, offset_s: i32) -> Result<Self, TailError> {
        let mut reel = Self {
            path: path.to_owned(),
            rolls: VecDeque::new(),
            next: (0, 0),
            offset_s,
            missing: true,
        };
        if path.is_dir() {
            return Err(TailError::Folder { path: path.into() });
        }
        for nth in (1..=before).rev() {
            if let Ok(file) = File::open(aside(path, nth)) {
                reel.push(file).map_err(|source| reel.error(source))?;
            }
        }
        match File::open(path) {
            Ok(file) => {
                reel.push(file).map_err(|source| reel.error(source))?;
                reel.missing = false;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(reel.error(source)),
        }
        Ok(reel)
    }

    /// The log that is in an open file and nowhere else.
    pub fn of(file: File, offset_s: i32) -> io::Result<Self> {
        let mut reel = Self {
            path: PathBuf::new(),
            rolls: VecDeque::new(),
            next: (0, 0),
            offset_s,
            missing: false,
        };
        reel.push(file)?;
        Ok(reel)
    }

    fn error(&self, source: io::Error) -> TailError {
        TailError::Read {
            path: self.path.clone(),
            source,
        }
    }

    /// Goes on with another file.
    pub fn push(&mut self, file: File) -> io::Result<()> {
        let roll = Roll::new(file, self.offset_s)?;
        if let Some(last) = self.rolls.back() {
            self.next = (
                last.line + last.roll.lines(),
                last.block + last.roll.blocks(),
            );
        }
        let (line, block) = self.next;
        self.rolls.push_back(Placed {
            roll,
            line,
            block,
            whole: false,
        });
        Ok(())
    }

    /// Whether there is no file at the path now.
    pub const fn is_missing(&self) -> bool {
        self.missing
    }

    /// The numbers of the lines there are.
    pub fn lines(&self) -> Range<u64> {
        let first = self.rolls.front().map_or(self.next.0, |placed| placed.line);
        let ends = |placed: &Placed| placed.line + placed.roll.lines();
        first..self.rolls.iter().map(ends).max().unwrap_or(first)
    }

    /// The number after the last line that has ended.
    pub fn ended(&self) -> u64 {
        let open = self
            .rolls
            .back()
            .map_or(0, |last| u64::from(last.roll.is_open()));
        self.lines().end - open
    }

    /// The numbers of the blocks there are.
    pub fn blocks(&self) -> Range<u64> {
        let first = self
            .rolls
            .front()
            .map_or(self.next.1, |placed| placed.block);
        let ends = |placed: &Placed| placed.block + placed.roll.blocks();
        first..self.rolls.iter().map(ends).max().unwrap_or(first)
    }

    /// The block that holds a line.
    pub fn block_of(&self, line: u64) -> Option<u64> {
        let holds =
            |placed: &&Placed| (placed.line..placed.line + placed.roll.lines()).contains(&line);
        let placed = self.rolls.iter().rev().find(holds)?;
        Some(placed.block + (line - placed.line) / BLOCK)
    }

    fn holding(&self, block: u64) -> Option<&Placed> {
        let mut rolls = self.rolls.iter().rev();
        rolls.find(|placed| placed.blocks().contains(&block))
    }

    /// The number of a block's first line.
    pub fn first_of(&self, block: u64) -> Option<u64> {
        let placed = self.holding(block)?;
        Some(placed.line + (block - placed.block) * BLOCK)
    }

    /// Reads the lines of a block.
    pub fn read(&self, block: u64, lines: &mut Lines) -> io::Result<()> {
        match self.holding(block) {
            Some(placed) => placed.roll.read(block - placed.block, lines),
            None => Ok(()),
        }
    }

    /// What these lines of a block say of themselves.
    pub fn heads(&self, block: u64, lines: &Lines) -> Vec<crate::core::log::head::Head> {
        self.holding(block).map_or_else(Vec::new, |placed| {
            placed.roll.heads(block - placed.block, lines)
        })
    }

    /// Which lines of a block are wanted, and which hold what is searched for, each a bit.
    pub fn marks(&self, block: u64) -> (u64, u64) {
        self.holding(block)
            .map_or((0, 0), |placed| placed.roll.marks(block - placed.block))
    }

    /// Remembers that.
    pub fn mark(&mut self, block: u64, wanted: u64, hits: u64) {
        let mut rolls = self.rolls.iter_mut().rev();
        if let Some(placed) = rolls.find(|placed| placed.blocks().contains(&block)) {
            placed.roll.mark(block - placed.block, wanted, hits);
        }
    }

    /// Reads what is new, but no more than so many bytes, and sees whether another file is at the
    /// path by now.
    pub fn advance(&mut self, most: usize) -> Result<Change, TailError> {
        let mut change = Change::default();
        loop {
            change.read += self
                .read_on(most - change.read)
                .map_err(|source| self.error(source))?;
            if change.read >= most {
                break;
            }
            let turned = self.turn().map_err(|source| self.error(source))?;
            change.lost |= turned.lost;
            change.turned |= turned.turned;
            if !turned.turned || self.missing {
                break;
            }
        }
        while self.rolls.len() > MOST {
            self.rolls.pop_front();
            change.lost = true;
        }
        Ok(change)
    }

    /// Reads one file after another. One that was put aside may still be written to, until
    /// something is in the next one; only then is its end the end.
    fn read_on(&mut self, most: usize) -> io::Result<usize> {
        let mut read = 0;
        for nth in 0..self.rolls.len() {
            let next = self.rolls.get(nth + 1);
            let next_is_empty = next.map(|next| next.roll.is_empty()).transpose()?;
            let Some(placed) = self.rolls.get_mut(nth).filter(|placed| !placed.whole) else {
                continue;
            };
            while read < most {
                match placed.roll.advance(most - read)? {
                    0 => break,
                    more => read += more,
                }
            }
            if read >= most || next_is_empty == Some(true) {
                break;
            }
            placed.whole = next_is_empty.is_some();
            let ends = (
                placed.line + placed.roll.lines(),
                placed.block + placed.roll.blocks(),
            );
            if let Some(next) = self.rolls.get_mut(nth + 1) {
                (next.line, next.block) = ends;
            }
        }
        Ok(read)
    }

    /// Sees whether another file is at the path, or the same one, cut short.
    fn turn(&mut self) -> io::Result<Change> {
        let mut change = Change::default();
        if self.path.as_os_str().is_empty() {
            return Ok(change);
        }
        let metadata = match std::fs::metadata(&self.path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                change.turned = !self.missing;
                self.missing = true;
                return Ok(change);
            }
            Err(error) => return Err(error),
        };
        let identity = Identity::of(&metadata);
        let last = self.rolls.back().map(|placed| &placed.roll);
        let same = last.filter(|roll| roll.identity == identity);
        if let Some(roll) = same {
            change.turned = self.missing;
            self.missing = false;
            if metadata.len() < roll.bytes() {
                // Its lines are gone, and those to come are others.
                self.drop_last();
                self.push(File::open(&self.path)?)?;
                change.lost = true;
                change.turned = true;
            }
            return Ok(change);
        }
        let before = last.map(|roll| roll.identity);
        let between = before.map_or(0, |before| self.put_aside(before));
        for nth in (1..between).rev() {
            if let Ok(file) = File::open(aside(&self.path, nth)) {
                self.push(file)?;
            }
        }
        match File::open(&self.path) {
            Ok(file) => self.push(file)?,
            // Renamed again this very moment: the next look finds it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(change),
            Err(error) => return Err(error),
        }
        self.missing = false;
        change.turned = true;
        Ok(change)
    }

    /// Under which number the file we read is put aside, if it is.
    fn put_aside(&self, identity: Identity) -> usize {
        let is = |nth: &usize| {
            let aside = std::fs::metadata(aside(&self.path, *nth));
            aside.is_ok_and(|metadata| Identity::of(&metadata) == identity)
        };
        (1..MOST).find(is).unwrap_or(0)
    }

    fn drop_last(&mut self) {
        if let Some(last) = self.rolls.pop_back() {
            self.next = (
                last.line + last.roll.lines(),
                last.block + last.roll.blocks(),
            );
        }
    }

    /// So many of a hundred parts are read.
    pub fn done(&self) -> u8 {
        let (mut read, mut all) = (0, 0);
        for placed in &self.rolls {
            read += placed.roll.bytes();
            all += placed.roll.len().unwrap_or(0);
        }
        (read * 100)
            .checked_div(all.max(read))
            .map_or(100, |done| done as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Write;

    fn all(reel: &Reel) -> Vec<String> {
        let mut lines = Lines::default();
        let mut all = vec![];
        for block in reel.blocks() {
            reel.read(block, &mut lines).unwrap();
            let text = |nth| String::from_utf8(lines.get(nth).unwrap().to_vec()).unwrap();
            all.extend((0..lines.len()).map(text));
        }
        assert_eq!(all.len() as u64, reel.lines().end - reel.lines().start);
        all
    }

    fn add(path: &Path, text: &str) {
        let mut file = File::options()
            .create(true)
            .append(true)
            .open(path)
            .unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    #[test]
    #[cfg(unix)]
    fn a_log_that_is_renamed_loses_no_line_and_repeats_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let mut reel = Reel::open(&path, 0, 0).unwrap();
        assert!(reel.is_missing());
        assert_eq!(reel.advance(1 << 20).unwrap(), Change::default());
        add(&path, "1\n2\n");
        assert!(reel.advance(1 << 20).unwrap().turned);
        assert_eq!(all(&reel), ["1", "2"]);
        // Its writer has not noticed yet, and goes on in the old one.
        let mut old = File::options().append(true).open(&path).unwrap();
        old.write_all(b"3\nhal").unwrap();
        fs::rename(&path, aside(&path, 1)).unwrap();
        add(&path, "");
        reel.advance(1 << 20).unwrap();
        old.write_all(b"f\n").unwrap();
        add(&path, "4\n");
        reel.advance(1 << 20).unwrap();
        assert_eq!(all(&reel), ["1", "2", "3", "half", "4"]);
        // Twice before anybody looks.
        for n in [5, 6] {
            add(&path, &format!("{n}\n"));
            fs::rename(aside(&path, 1), aside(&path, 2)).unwrap();
            fs::rename(&path, aside(&path, 1)).unwrap();
        }
        add(&path, "7\n");
        let change = reel.advance(1 << 20).unwrap();
        assert!(change.turned && !change.lost);
        assert_eq!(all(&reel), ["1", "2", "3", "half", "4", "5", "6", "7"]);
        assert!(!reel.advance(1 << 20).unwrap().any());
    }

    #[test]
    fn a_log_that_is_cut_short_begins_anew_and_one_that_vanishes_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        add(&path, "one\ntwo\n");
        let mut reel = Reel::open(&path, 0, 0).unwrap();
        reel.advance(1 << 20).unwrap();
        fs::write(&path, "new\n").unwrap();
        assert!(reel.advance(1 << 20).unwrap().lost);
        assert_eq!((all(&reel), reel.lines()), (vec!["new".to_owned()], 2..3));
        fs::remove_file(&path).unwrap();
        assert!(reel.advance(1 << 20).unwrap().turned && reel.is_missing());
        assert_eq!(all(&reel), ["new"]);
        add(&path, "back\n");
        reel.advance(1 << 20).unwrap();
        assert!(!reel.is_missing());
        assert_eq!(all(&reel).last().map(String::as_str), Some("back"));
    }

    #[test]
    fn what_was_put_aside_before_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        for (path, text) in [
            (aside(&path, 2), "1\n"),
            (aside(&path, 1), "2"),
            (path.clone(), "3\n"),
        ] {
            fs::write(path, text).unwrap();
        }
        let mut reel = Reel::open(&path, 3, 0).unwrap();
        // However little is read at a time.
        while reel.advance(1).unwrap().any() {}
        assert_eq!(all(&reel), ["1", "2", "3"]);
        assert_eq!(
            (reel.first_of(2), reel.block_of(1), reel.done()),
            (Some(2), Some(1), 100)
        );
        assert!(matches!(
            Reel::open(folder.path(), 0, 0),
            Err(TailError::Folder { .. })
        ));
    }
}
