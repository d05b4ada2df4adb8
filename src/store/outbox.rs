//! Keeps what the user said and the backend has not confirmed yet, so that it is said once and
//! in order even when the program is killed in between.
//!
//! Every entry belongs to a running program. Programs show that they run by holding a lock on a
//! file of their own beside the store; the entries of one that no longer does are taken over by
//! the next that asks, and by nobody else.

use super::messages::{self, id};
use super::{Store, StoreError, conversations, private};
use crate::core::backend::Say;
use crate::core::ids::{ConversationId, MessageId, TurnId};
use crate::core::record::Waiting;
use crate::core::transcript::Message;
use rusqlite::{OptionalExtension, Row, TransactionBehavior, params};
use std::fs::File;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::{Path, PathBuf};

/// Shows other programs that this one runs; the lock ends with the process, however it ends.
#[derive(Debug)]
pub(super) struct Alive {
    name: String,
    /// Held for its lock.
    file: File,
}

/// So often a file of our own is made anew that somebody swept before it was locked.
const TRIES: usize = 5;

impl Alive {
    fn new(store: &Path) -> std::io::Result<Self> {
        sweep(store);
        for _try in 0..TRIES {
            if let Some(alive) = Self::attempt(store)? {
                return Ok(alive);
            }
        }
        Err(std::io::ErrorKind::WouldBlock.into())
    }

    /// `None`: somebody swept it before it was locked.
    fn attempt(store: &Path) -> std::io::Result<Option<Self>> {
        let name = format!("{:016x}", RandomState::new().build_hasher().finish());
        let path = path(store, &name);
        private::make_file(&path)?;
        let file = File::options().write(true).open(&path)?;
        let ours = file.try_lock().is_ok() && path.exists();
        Ok(ours.then_some(Self { name, file }))
    }

    /// Leaves in order: nobody has to find out that we are gone.
    pub(super) fn end(self, store: &Path) {
        // A file that stays is swept by the next program that finds it unlocked.
        let _: std::io::Result<()> = std::fs::remove_file(path(store, &self.name));
        drop(self.file);
    }
}

fn path(store: &Path, name: &str) -> PathBuf {
    let mut path = store.as_os_str().to_owned();
    path.push(format!(".{name}.alive"));
    path.into()
}

/// Whether the program of this name has ended. Its file is swept when it has.
fn has_ended(store: &Path, name: &str) -> bool {
    let path = path(store, name);
    let Ok(file) = File::options().write(true).open(&path) else {
        return !path.exists();
    };
    let ended = file.try_lock().is_ok();
    if ended {
        // Somebody else may have swept it in this moment.
        let _: std::io::Result<()> = std::fs::remove_file(path);
    }
    ended
}

/// Takes away the files of programs that were killed.
fn sweep(store: &Path) {
    let (Some(folder), Some(file)) = (store.parent(), store.file_name()) else {
        return;
    };
    let ours = format!("{}.", file.to_string_lossy());
    // A folder that cannot be read holds nothing that is in anybody's way.
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let found = entry.file_name();
        let found = found.to_string_lossy();
        let name = found
            .strip_prefix(&ours)
            .and_then(|rest| rest.strip_suffix(".alive"));
        if let Some(name) = name {
            has_ended(store, name);
        }
    }
}

impl Store {
    /// Writes the user's words to the conversation and to the outbox, both or neither.
    pub fn write_question(
        &mut self,
        persona: Option<&str>,
        message: &Message,
        say: &Say,
    ) -> Result<(), StoreError> {
        let owner = self.owner();
        let conversation = say.conversation;
        let written = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|transaction| {
                conversations::touch(&transaction, conversation, persona, message)?;
                messages::write(&transaction, conversation, message)?;
                transaction
                    .prepare_cached(
                        "INSERT OR REPLACE INTO outbox (turn, conversation, question, say, owner)
                         VALUES (?1, ?2, ?3, ?4, ?5)",
                    )?
                    .execute(params![
                        say.turn.to_string(),
                        conversation.to_string(),
                        message.id.to_string(),
                        messages::json(say),
                        owner
                    ])?;
                transaction.commit()
            });
        self.told(written)
    }

    /// The backend has these words; they wait no longer. Their conversation gets the answer that
    /// begins, in the same breath: no question is left alone without a word.
    pub fn confirm(&mut self, turn: TurnId, reply: Option<&Message>) -> Result<(), StoreError> {
        let confirmed = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|transaction| {
                let waited = transaction
                    .prepare_cached("DELETE FROM outbox WHERE turn = ?1 RETURNING conversation")?
                    .query_row([turn.to_string()], |row| id(row, "conversation"))
                    .optional()?;
                if let (Some(conversation), Some(reply)) = (waited, reply) {
                    messages::write(&transaction, conversation, reply)?;
                }
                transaction.commit()
            });
        self.told(confirmed)
    }

    /// Takes words back that were never said: they leave the outbox and the conversation.
    pub fn take_back(
        &mut self,
        conversation: ConversationId,
        message: MessageId,
        turn: TurnId,
    ) -> Result<(), StoreError> {
        let taken = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|transaction| {
                transaction.execute("DELETE FROM outbox WHERE turn = ?1", [turn.to_string()])?;
                messages::remove(&transaction, conversation, message)?;
                transaction.commit()
            });
        self.told(taken)
    }

    /// What waits to be said, in order: our own, and what programs that have ended left behind.
    pub fn outbox(&mut self) -> Result<Vec<Waiting>, StoreError> {
        let owner = self.owner();
        let path = self.path.clone();
        let read = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|transaction| {
                let owners = transaction
                    .prepare_cached("SELECT DISTINCT owner FROM outbox WHERE owner <> ?1")?
                    .query_map([&owner], |row| row.get(0))?
                    .collect::<rusqlite::Result<Vec<String>>>()?;
                for ended in owners.iter().filter(|name| has_ended(&path, name)) {
                    transaction
                        .prepare_cached("UPDATE outbox SET owner = ?1 WHERE owner = ?2")?
                        .execute([&owner, ended])?;
                }
                let waiting = transaction
                    .prepare_cached(
                        "SELECT question, say FROM outbox WHERE owner = ?1 ORDER BY number",
                    )?
                    .query_map([&owner], waiting)?
                    .collect::<rusqlite::Result<Vec<_>>>()?;
                transaction.commit()?;
                Ok(waiting)
            });
        self.told(read)
    }

    /// The name under which this program's entries stand. Where no lock can be had the name is
    /// nobody's, and the next program takes the entries over.
    fn owner(&mut self) -> String {
        if self.alive.is_none() {
            self.alive = Alive::new(&self.path).ok();
        }
        self.alive
            .as_ref()
            .map_or_else(String::new, |alive| alive.name.clone())
    }
}

fn waiting(row: &Row<'_>) -> rusqlite::Result<Waiting> {
    Ok(Waiting {
        dictated: false,
        question: id(row, "question")?,
        losses: 0,
        say: messages::from_json(row, "say")?.ok_or(rusqlite::Error::QueryReturnedNoRows)?,
    })
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Some(alive) = self.alive.take() {
            alive.end(&self.path);
        }
    }
}
