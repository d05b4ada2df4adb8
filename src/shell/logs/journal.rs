//! The file of the program's own log, and those before it: one that is full is put aside under a
//! number. Several programs may write to one; each line is written whole, and only one of them puts
//! the file aside.

use crate::tail::Identity;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file larger than this is full.
const FULL: u64 = 4 << 20;
/// So many are kept beside the one that is written.
pub(super) const KEPT: usize = 2;

/// A log on the disk. The file is opened with the first line, so that a quiet run touches nothing.
pub(super) struct Journal {
    path: PathBuf,
    file: Option<File>,
    full: u64,
}

impl Journal {
    pub(super) const fn new(path: PathBuf) -> Self {
        Self {
            path,
            file: None,
            full: FULL,
        }
    }

    /// Adds a line. A log that cannot be written is not worth stopping for.
    pub(super) fn write(&mut self, line: &str) {
        let _ = self.add(line);
    }

    fn add(&mut self, line: &str) -> io::Result<()> {
        // Somebody else may have put it aside, or removed it.
        let there = std::fs::metadata(&self.path).map(|there| Identity::of(&there));
        if let Some(file) = &self.file
            && there.ok() != Some(Identity::of(&file.metadata()?))
        {
            self.file = None;
        }
        let file = match self.file.take() {
            Some(file) => file,
            None => open(&self.path)?,
        };
        let file = if file.metadata()?.len() > self.full {
            self.turn(&file)?;
            open(&self.path)?
        } else {
            file
        };
        let file = self.file.insert(file);
        file.write_all(format!("{line}\n").as_bytes())
    }

    /// Puts the file aside, unless another program has just done so.
    fn turn(&self, file: &File) -> io::Result<()> {
        file.lock()?;
        let there = Identity::of(&std::fs::metadata(&self.path)?);
        if there == Identity::of(&file.metadata()?) {
            for nth in (1..KEPT).rev() {
                let (from, to) = (self.aside(nth), self.aside(nth + 1));
                if let Err(error) = std::fs::rename(from, to)
                    && error.kind() != io::ErrorKind::NotFound
                {
                    return Err(error);
                }
            }
            std::fs::rename(&self.path, self.aside(1))?;
        }
        file.unlock()
    }

    fn aside(&self, nth: usize) -> PathBuf {
        self.path.with_extension(format!("log.{nth}"))
    }
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = File::options();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn full_files_are_put_aside_and_no_line_is_lost_between_two_writers() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hearsay.log");
        let journal = || Journal {
            full: 40,
            ..Journal::new(path.clone())
        };
        let (mut one, mut other) = (journal(), journal());
        for n in 0..12 {
            one.write(&format!("one {n:02}"));
            other.write(&format!("two {n:02}"));
        }
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        let all = ["hearsay.log.2", "hearsay.log.1", "hearsay.log"]
            .map(read)
            .concat();
        let lines: Vec<_> = all.lines().collect();
        let written: Vec<_> = (0..12)
            .flat_map(|n| [format!("one {n:02}"), format!("two {n:02}")])
            .collect();
        // What is older than three files is gone; what is there is in order and without a gap.
        assert!(
            lines.len() > 12
                && written.ends_with(&lines.iter().map(|l| (*l).to_owned()).collect::<Vec<_>>()),
            "{all}"
        );
        assert!(!folder.path().join("hearsay.log.3").exists());
        std::fs::remove_file(&path).unwrap();
        one.write("back");
        assert_eq!(read("hearsay.log"), "back\n");
    }
}
