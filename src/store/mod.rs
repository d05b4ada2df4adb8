//! Remembers: conversations, the draft and the assistant's desk, in one SQLite file with
//! full-text search.
//!
//! [`Store`] does the work, synchronously, and the command line uses it as it is. The screen and
//! the backend talk to a thread that owns one ([`spawn`], [`Handle`]), so nobody who draws or
//! answers waits for a disk. What is written is told only after the commit: with the write-ahead
//! log and full synchronisation, what was told survives a kill and a power cut.
//!
//! [`Archive`] is where a backend keeps what is said with clients elsewhere: such a file, or a
//! database that several servers share.
//!
//! What a conversation *means* (which one is open, what is shown of it) is `core`'s.

mod adopt;
mod archive;
mod branch;
mod browse;
mod conversations;
mod desk;
mod error;
mod excerpt;
mod grips;
pub mod import;
mod lines;
mod messages;
mod open;
mod outbox;
mod private;
mod search;
mod segment;
mod shared;
mod thread;
mod titles;

pub use archive::{Archive, Later, Line, Recalled, Said};
pub use error::StoreError;
pub use shared::{Settings as SharedSettings, Shared, SharedError};
pub use thread::{Handle, spawn};

use crate::core::record::{Keep, Kept};
use rusqlite::Connection;
use std::path::{Path, PathBuf};

/// The open store.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
    /// The file can be read but not written; why.
    limited: Option<Limit>,
    /// Made when the outbox is first used.
    alive: Option<outbox::Alive>,
}

#[derive(Clone, Copy, Debug)]
enum Limit {
    Full,
    ReadOnly,
}

impl Store {
    /// Opens the store's file and makes it when it is missing. A store that is full or read-only
    /// is still opened if it can be read; writing to it then says why not.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let (connection, limited) = match open::open(path) {
            Ok(connection) => (connection, None),
            Err(error) => {
                let limit = match error {
                    StoreError::Full { .. } => Limit::Full,
                    StoreError::ReadOnly { .. } => Limit::ReadOnly,
                    _ => return Err(error),
                };
                (open::open_to_read(path).ok_or(error)?, Some(limit))
            }
        };
        Ok(Self {
            connection,
            path: path.to_path_buf(),
            limited,
            alive: None,
        })
    }

    /// Can the store only be read at present? Opening it anew may help.
    pub fn is_limited(&self) -> bool {
        self.limited.is_some()
    }

    /// Carries out one wish. `None`: it is done, and nobody waits for a word about it (the times
    /// of a turn, a draft).
    pub fn carry_out(&mut self, keep: Keep) -> Option<Kept> {
        match self.done(&keep) {
            Ok(kept) => kept,
            Err(error) => Some(Kept::Trouble {
                trouble: error.trouble(),
                keep: Box::new(keep),
            }),
        }
    }

    fn done(&mut self, keep: &Keep) -> Result<Option<Kept>, StoreError> {
        let kept = match keep {
            Keep::Message {
                conversation,
                persona,
                message,
            } => {
                self.write_message(*conversation, persona.as_deref(), message)?;
                Kept::Message {
                    message: message.id,
                    revision: message.revision,
                }
            }
            Keep::Shared {
                conversation,
                persona,
                message,
            } => {
                self.write_shared(*conversation, persona.as_deref(), message)?;
                Kept::Message {
                    message: message.id,
                    revision: message.revision,
                }
            }
            Keep::Question {
                persona,
                message,
                say,
            } => {
                self.write_question(persona.as_deref(), message, say)?;
                Kept::Message {
                    message: message.id,
                    revision: message.revision,
                }
            }
            Keep::Confirmed { turn, reply } => {
                self.confirm(*turn, reply.as_deref())?;
                return Ok(None);
            }
            Keep::TakeBack {
                conversation,
                message,
                turn,
            } => {
                self.take_back(*conversation, *message, *turn)?;
                return Ok(None);
            }
            Keep::LoadOutbox => Kept::Outbox(self.outbox()?),
            Keep::Turn { conversation, turn } => {
                self.write_turn(*conversation, turn)?;
                return Ok(None);
            }
            Keep::Draft { text } => {
                self.write_draft(text)?;
                return Ok(None);
            }
            Keep::Rename {
                conversation,
                title,
            } => {
                self.rename(*conversation, title)?;
                Kept::Renamed {
                    conversation: *conversation,
                    title: title.clone(),
                }
            }
            Keep::Line { backend, count, at } => {
                self.count_line(backend, count, *at)?;
                return Ok(None);
            }
            Keep::Grip { terminal, grip } => {
                self.set_grip(terminal, grip)?;
                return Ok(None);
            }
            Keep::Forget { conversation } => {
                self.forget(*conversation)?;
                return Ok(None);
            }
            Keep::Delete { conversation, at } => {
                self.hide(*conversation, *at)?;
                Kept::Deleted {
                    conversation: *conversation,
                }
            }
            Keep::Undelete { since } => Kept::Undeleted(self.bring_back(*since)?),
            Keep::Purge { before } => Kept::Purged(self.purge(*before)?),
            Keep::Pin { conversation } => Kept::Pinned {
                conversation: *conversation,
                pinned: self.pin(*conversation)?,
            },
            Keep::Load {
                conversation,
                before,
                limit,
                back_to,
            } => {
                let summary = self.summary(*conversation)?;
                let limit = match back_to {
                    Some(message) => self.reaching(*conversation, *message, *limit)?,
                    None => *limit,
                };
                let (messages, above) = self.load(*conversation, *before, limit)?;
                Kept::Loaded {
                    conversation: summary,
                    messages,
                    above,
                    before: *before,
                }
            }
            Keep::Branch {
                from,
                before,
                into,
                at,
            } => {
                self.branch(*from, *before, *into, *at)?;
                return Ok(None);
            }
            Keep::Versions { conversation } => Kept::Versions {
                conversation: *conversation,
                versions: self.versions(*conversation)?,
            },
            Keep::Compare { one, other } => Kept::Compared {
                one: *one,
                other: *other,
                difference: Box::new(self.compare(*one, *other)?),
            },
            Keep::Browse(sought) => {
                let (entries, more) = self.browse(&sought.words, sought.limit)?;
                Kept::Browsed {
                    sought: sought.clone(),
                    entries,
                    more,
                }
            }
            Keep::Peek { peek, limit } => Kept::Peeked(self.peek(*peek, *limit)?),
            Keep::LoadDraft => Kept::Draft(self.draft()?),
            Keep::Unclaimed { clips } => Kept::Unclaimed(self.unclaimed(clips)?),
            Keep::LoadGrip { terminal } => Kept::Grip {
                grip: self.grip(terminal)?.unwrap_or_default(),
                terminal: terminal.clone(),
            },
        };
        Ok(Some(kept))
    }

    /// Puts a name and a kind to what SQLite says.
    fn told<T>(&self, result: rusqlite::Result<T>) -> Result<T, StoreError> {
        result.map_err(|error| {
            let error = StoreError::of_sqlite(&error, &self.path);
            match (&error, self.limited) {
                (StoreError::ReadOnly { path }, Some(Limit::Full)) => {
                    StoreError::Full { path: path.clone() }
                }
                _ => error,
            }
        })
    }
}

/// As many rows as SQLite can count.
fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
