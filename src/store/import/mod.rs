//! Brings in conversations that other clients hold: what ChatGPT exports (`conversations.json`, or
//! the zip it comes in), a session of aichat, the database of oterm. What cannot be read is told
//! with its place and passed over; what is here already is left alone; and a file of any length
//! needs no more memory than its longest conversation.

mod aichat;
mod chatgpt;
mod elements;
mod foreign;
mod oterm;
mod yaml;
mod zip;

use super::adopt::Adopted;
use super::{Store, StoreError};
use crate::core::import::{Complaint, Progress, Report, Why};
use crate::core::time::Wall;
use elements::{Element, Elements, Place};
use foreign::{Foreign, adopted};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// So many messages are written at once: each time the disk is waited for.
const BATCH: usize = 500;
/// So many complaints are kept; the others are counted.
const COMPLAINTS: usize = 50;
/// No session is longer.
const LONGEST_SESSION: u64 = 64 << 20;

/// Why nothing of a file could be read.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("`{}` could not be read: {source}", path.display())]
    File {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("`{}` is no export of ChatGPT, session of aichat or database of oterm", path.display())]
    Unknown { path: PathBuf },
}

impl ImportError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::File { .. } => None,
            Self::Store(error) => error.hint(),
            Self::Unknown { .. } => Some(
                "name `conversations.json` or the zip of an export, a YAML file of aichat's `sessions`, or oterm's `store.db`"
                    .to_owned(),
            ),
        }
    }
}

/// Reads a file into the store, and tells how far it is.
pub fn import(
    path: &Path,
    store: &mut Store,
    tell: &mut dyn FnMut(Progress),
) -> Result<Report, ImportError> {
    let of_file = |source| ImportError::File {
        path: path.to_owned(),
        source,
    };
    let mut file = File::open(path).map_err(of_file)?;
    let about = file.metadata().map_err(of_file)?;
    if about.is_dir() {
        return Err(of_file(io::ErrorKind::IsADirectory.into()));
    }
    let changed = about.modified().ok();
    let changed = changed.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let written = Wall(changed.map_or(0, |at| i64::try_from(at.as_millis()).unwrap_or(0)));
    let mut beginning = vec![];
    file.by_ref()
        .take(1 << 16)
        .read_to_end(&mut beginning)
        .map_err(of_file)?;
    let mut taking = Taking {
        store,
        tell,
        client: "",
        written,
        batch: vec![],
        waiting: 0,
        report: Report::default(),
    };
    if beginning.starts_with(b"SQLite format 3\0") {
        let of_sqlite = |error: rusqlite::Error| of_file(io::Error::other(error));
        let chats = oterm::open(path).map_err(of_sqlite)?;
        let chats = chats.ok_or_else(|| ImportError::Unknown { path: path.into() })?;
        taking.client = "oterm";
        taking.chats(&chats)?;
    } else if beginning.starts_with(zip::MAGIC) {
        taking.client = "ChatGPT";
        let entries = zip::entries(&mut file).map_err(of_file)?;
        if entries.is_empty() {
            return Err(ImportError::Unknown { path: path.into() });
        }
        for entry in entries {
            let file = File::open(path).map_err(of_file)?;
            let inside = zip::open(file, &entry).map_err(of_file)?;
            taking.list(inside, entry.size, path)?;
        }
    } else if is_json(&beginning) {
        taking.client = "ChatGPT";
        let file = File::open(path).map_err(of_file)?;
        taking.list(BufReader::with_capacity(1 << 16, file), about.len(), path)?;
    } else if aichat::is_one(&String::from_utf8_lossy(&beginning)) {
        taking.client = "aichat";
        if about.len() > LONGEST_SESSION {
            return Err(of_file(io::ErrorKind::FileTooLarge.into()));
        }
        let text = std::fs::read_to_string(path).map_err(of_file)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        match aichat::read(&text, &name) {
            Ok(session) => taking.take(&session)?,
            Err((line, why)) => taking.refuse(1, Some(line), Why::Unreadable(why)),
        }
    } else {
        return Err(ImportError::Unknown { path: path.into() });
    }
    taking.finish()
}

fn is_json(beginning: &[u8]) -> bool {
    let beginning = beginning.strip_prefix(b"\xef\xbb\xbf").unwrap_or(beginning);
    let first = beginning.iter().find(|byte| !byte.is_ascii_whitespace());
    matches!(first, Some(b'[' | b'{'))
}

/// A file on its way into the store.
struct Taking<'a> {
    store: &'a mut Store,
    tell: &'a mut dyn FnMut(Progress),
    client: &'static str,
    /// When the file was, for what has no moment of its own.
    written: Wall,
    batch: Vec<Adopted>,
    /// How many messages are in it.
    waiting: usize,
    report: Report,
}

impl Taking<'_> {
    /// A list of conversations of ChatGPT.
    fn list(&mut self, from: impl BufRead, length: u64, path: &Path) -> Result<(), ImportError> {
        let mut elements = Elements::new(from, elements::LONGEST);
        loop {
            let next = elements.next().map_err(|source| ImportError::File {
                path: path.to_owned(),
                source,
            });
            let (Place { nth, line }, element) = match next {
                Ok(Some(next)) => next,
                Ok(None) => return Ok(()),
                // What came before it is here to stay.
                Err(error) => {
                    self.write()?;
                    return Err(error);
                }
            };
            match element {
                Element::Whole(text) => match chatgpt::read(&text) {
                    Ok(conversation) => self.take(&conversation)?,
                    Err(why) => self.refuse(nth, Some(line), Why::Unreadable(why)),
                },
                Element::Cut => self.refuse(nth, Some(line), Why::Cut),
                Element::TooLong => self.refuse(nth, Some(line), Why::TooLong),
            }
            self.progress(elements.read, length);
        }
    }

    /// The chats of oterm.
    fn chats(&mut self, chats: &oterm::Chats) -> Result<(), ImportError> {
        let count = chats.ids().len();
        for (at, id) in chats.ids().iter().enumerate() {
            match chats.read(*id) {
                Ok(chat) => self.take(&chat)?,
                Err(error) => self.refuse(at + 1, None, Why::Unreadable(error.to_string())),
            }
            self.progress(at as u64 + 1, count as u64);
        }
        Ok(())
    }

    fn take(&mut self, foreign: &Foreign) -> Result<(), ImportError> {
        if foreign.said.is_empty() {
            self.report.empty += 1;
            return Ok(());
        }
        let one = adopted(foreign, self.client, self.written);
        self.waiting += one.messages.len();
        self.batch.push(one);
        if self.waiting >= BATCH {
            self.write()?;
        }
        Ok(())
    }

    fn refuse(&mut self, nth: usize, line: Option<usize>, why: Why) {
        self.report.refused += 1;
        if self.report.complaints.len() < COMPLAINTS {
            self.report.complaints.push(Complaint { nth, line, why });
        }
    }

    fn progress(&mut self, read: u64, of: u64) {
        let percent = (read.saturating_mul(100) / of.max(1)).min(100);
        (self.tell)(Progress {
            percent: percent as u8,
            conversations: self.report.conversations,
            messages: self.report.messages,
        });
    }

    fn write(&mut self) -> Result<(), ImportError> {
        let before = self.batch.len();
        let (begun, added) = self.store.adopt(&self.batch)?;
        self.report.conversations += begun;
        self.report.messages += added;
        self.report.known += before - begun;
        self.batch.clear();
        self.waiting = 0;
        Ok(())
    }

    fn finish(mut self) -> Result<Report, ImportError> {
        self.write()?;
        self.client.clone_into(&mut self.report.client);
        Ok(self.report)
    }
}

#[cfg(test)]
mod tests;
