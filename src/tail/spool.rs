//! Where lines go that come from elsewhere: files without names, which are read like any other log.
//!
//! A file is let go when there are too many, so that a host that talks for a week takes a bounded
//! part of the disk. On systems that cannot remove what is open, they are removed at the end.

use super::reel::Reel;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A longer file is followed by another; eight are kept.
const LONGEST: u64 = 64 << 20;

/// A log that is written here.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    file: File,
    written: u64,
    named: Vec<PathBuf>,
}

impl Spool {
    /// A log in this folder, empty, and its lines for who reads it.
    pub fn create(folder: &Path, offset_s: i32) -> io::Result<(Self, Reel)> {
        std::fs::create_dir_all(folder)?;
        let mut named = vec![];
        let file = unnamed(folder, &mut named)?;
        let reel = Reel::of(file.try_clone()?, offset_s)?;
        let spool = Self {
            folder: folder.to_owned(),
            file,
            written: 0,
            named,
        };
        Ok((spool, reel))
    }

    /// Adds lines, each with its end.
    pub fn write(&mut self, lines: &str, reel: &mut Reel) -> io::Result<()> {
        if self.written > LONGEST {
            // What is there is read before the next one begins.
            self.file = unnamed(&self.folder, &mut self.named)?;
            reel.push(self.file.try_clone()?)?;
            self.written = 0;
        }
        self.file.write_all(lines.as_bytes())?;
        self.written += lines.len() as u64;
        Ok(())
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        for path in &self.named {
            // It is in a folder for what may be lost.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// A new file for its owner only, which nobody else finds.
fn unnamed(folder: &Path, named: &mut Vec<PathBuf>) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut nth = 0_u32;
    loop {
        let path = folder.join(format!(".lines-{}-{nth}", std::process::id()));
        match options.open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && nth < 1000 => nth += 1,
            Err(error) => return Err(error),
            Ok(file) => {
                if std::fs::remove_file(&path).is_err() {
                    named.push(path);
                }
                return Ok(file);
            }
        }
    }
}
