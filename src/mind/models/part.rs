//! A file that is on its way: what came so far, beside it what is known of the rest, and its name
//! only once it is whole, right and on the disk.
//!
//! Owned by the one pull that fetches it; whoever is killed meanwhile leaves it as it is, and the
//! next pull goes on from there.

use super::hash::{Hash, Maker};
use super::looks::ENOUGH;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// What was told about the whole file when its first piece came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Note {
    /// What tells this state of the file from others.
    pub(super) validator: Option<String>,
    pub(super) total: Option<u64>,
    /// The hash that the hub tells.
    pub(super) hash: Option<Hash>,
}

impl Note {
    fn read(text: &str) -> Self {
        let mut note = Self::default();
        for line in text.lines() {
            match line.split_once(": ") {
                Some(("validator", text)) => note.validator = Some(text.to_owned()),
                Some(("total", text)) => note.total = text.parse().ok(),
                Some(("sha256", text)) => note.hash = Hash::read(text),
                _ => {}
            }
        }
        note
    }

    fn write(&self) -> String {
        let mut text = String::new();
        let mut line = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                // Writing into a string cannot fail.
                let _ = writeln!(text, "{name}: {value}");
            }
        };
        line("validator", self.validator.clone());
        line("total", self.total.map(|total| total.to_string()));
        line("sha256", self.hash.map(|hash| hash.to_string()));
        text
    }
}

/// A file on its way.
#[derive(Debug)]
pub(super) struct Part {
    path: PathBuf,
    file: File,
    length: u64,
    maker: Maker,
    /// Its first bytes.
    head: Vec<u8>,
    note: Note,
    /// Some of it is from an earlier run.
    stale: bool,
}

/// Where the parts of a file are kept until it is whole.
pub(super) fn path_of(file: &Path) -> PathBuf {
    with(file, ".part")
}

fn note_of(part: &Path) -> PathBuf {
    with(part, ".from")
}

fn with(path: &Path, ending: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(ending);
    path.into()
}

/// Removes what came so far of a file.
pub(super) fn discard(file: &Path) -> io::Result<()> {
    let part = path_of(file);
    for path in [note_of(&part), part] {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

impl Part {
    /// Opens what came so far of a file, or begins it.
    pub(super) fn open(file: &Path) -> io::Result<Self> {
        let path = path_of(file);
        let handle = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)?;
        let note = fs::read_to_string(note_of(&path)).unwrap_or_default();
        let mut part = Self {
            path,
            file: handle,
            length: 0,
            maker: Maker::default(),
            head: vec![],
            note: Note::read(&note),
            stale: false,
        };
        let mut piece = vec![0; 128 << 10];
        loop {
            match part.file.read(&mut piece)? {
                0 => break,
                read => part.took(&piece[..read]),
            }
        }
        part.stale = part.length > 0;
        Ok(part)
    }

    pub(super) const fn length(&self) -> u64 {
        self.length
    }

    pub(super) const fn note(&self) -> &Note {
        &self.note
    }

    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    pub(super) const fn is_stale(&self) -> bool {
        self.stale
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn hash(&self) -> Hash {
        self.maker.hash()
    }

    /// Begins from nothing. What is told of the file is on the disk before any of it is: a piece
    /// of one file with the note of another would be continued wrongly.
    pub(super) fn restart(&mut self, note: Note) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.length = 0;
        self.maker = Maker::default();
        self.head.clear();
        self.stale = false;
        fs::write(note_of(&self.path), note.write())?;
        self.note = note;
        Ok(())
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes).inspect_err(|_error| {
            // A piece that was written in part must not count: it is not in the hash.
            let _: io::Result<()> = self.file.set_len(self.length);
            let _: io::Result<u64> = self.file.seek(SeekFrom::Start(self.length));
        })?;
        self.took(bytes);
        Ok(())
    }

    fn took(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        self.maker.take(bytes);
        let room = ENOUGH - self.head.len();
        self.head.extend(bytes.iter().take(room));
    }

    /// Gives it its name, which whoever looks finds either as it was or whole.
    pub(super) fn finish(self, file: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.path, file)?;
        settle(file);
        match fs::remove_file(note_of(&self.path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// Writes a small file so that it is either as it was or as it is to be.
pub(super) fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let new = with(path, ".part");
    let mut file = File::create(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    settle(path);
    Ok(())
}

/// Brings a new name to the disk, too.
fn settle(file: &Path) {
    #[cfg(unix)]
    if let Some(folder) = file.parent() {
        // A file system that cannot is one that need not.
        let _: io::Result<()> = File::open(folder).and_then(|folder| folder.sync_all());
    }
    #[cfg(not(unix))]
    let _ = file;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_goes_on_where_it_stopped_and_gets_its_name_last() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("m.onnx");
        let note = Note {
            validator: Some("\"a: b\"".to_owned()),
            total: Some(6),
            hash: Hash::read(&"ab".repeat(32)),
        };
        let mut part = Part::open(&file).unwrap();
        assert!(!part.is_stale());
        part.restart(note.clone()).unwrap();
        part.append(b"abc").unwrap();
        drop(part);
        let mut part = Part::open(&file).unwrap();
        assert_eq!((part.length(), part.note()), (3, &note));
        assert!(part.is_stale() && !file.exists());
        part.append(b"def").unwrap();
        assert_eq!(part.head(), b"abcdef");
        let mut maker = Maker::default();
        maker.take(b"abcdef");
        assert_eq!(part.hash(), maker.hash());
        part.finish(&file).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"abcdef");
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1);
    }

    #[test]
    fn a_part_that_begins_anew_keeps_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("m.onnx");
        let mut part = Part::open(&file).unwrap();
        part.append(b"old and long").unwrap();
        part.restart(Note::default()).unwrap();
        part.append(b"new").unwrap();
        assert_eq!(part.head(), b"new");
        part.finish(&file).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        discard(&file).unwrap();
    }
}
