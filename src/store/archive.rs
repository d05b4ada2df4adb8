//! What a backend keeps beyond its own life, wherever that is: in a file of this machine, or in a
//! database that several servers share.

use super::{Handle, Store, StoreError};
use crate::core::backend::{By, Earlier};
use crate::core::desk::{Note, Timer, Todo};
use crate::core::ids::{ConversationId, MessageId};
use crate::core::record::Found;
use crate::core::time::Wall;
use crate::core::transcript::{Message, Role};
use std::pin::Pin;

/// What is asked of an archive comes later. It is under way at once, whether anybody waits or not,
/// and what is asked for first is done first.
pub type Later<T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send>>;

/// Where everything of one owner is kept.
#[derive(Clone, Debug)]
pub enum Archive {
    /// In a file that nobody else writes.
    File(Handle),
    /// In a database, together with that of others.
    Shared(super::shared::Owned),
}

impl From<Handle> for Archive {
    fn from(file: Handle) -> Self {
        Self::File(file)
    }
}

/// A message on its way into the archive.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    pub conversation: ConversationId,
    /// The name of its turn, as whoever asked wrote it.
    pub turn: String,
    /// What it answers, or itself.
    pub question: MessageId,
    pub message: Message,
}

/// What is recalled of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recalled {
    /// Oldest first.
    pub lines: Vec<Line>,
    /// What was said before the last messages, in short, and how many messages that were.
    pub gist: Option<(usize, String)>,
    /// Changes whenever the conversation is forgotten.
    pub forgotten: i64,
}

/// One message that is recalled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub turn: String,
    pub role: Role,
    pub text: String,
    /// It ended early.
    pub cut: bool,
    /// Who said it, where that is known.
    pub by: Option<By>,
}

impl From<Earlier> for Line {
    fn from(said: Earlier) -> Self {
        Self {
            turn: said.turn.to_string(),
            role: said.role,
            text: said.text,
            cut: said.cut,
            by: said.by,
        }
    }
}

/// Asks the file, or the database.
macro_rules! ask {
    ($archive:expr, $file:expr, |$shared:ident| $asked:expr) => {
        match $archive {
            Archive::File(handle) => of_file(handle, $file),
            Archive::Shared($shared) => under_way($asked),
        }
    };
}

impl Archive {
    /// May others write here what is not known yet in this process?
    pub fn is_shared(&self) -> bool {
        match self {
            Self::File(_) => false,
            Self::Shared(_) => true,
        }
    }

    /// Writes a message, or what became of it.
    pub fn write(&self, said: Said) -> Later<()> {
        ask!(
            self,
            move |store| store.write_message(said.conversation, None, &said.message),
            |shared| shared.write(said)
        )
    }

    /// What user and assistant last said to each other, up to so many bytes.
    pub fn recall(&self, conversation: ConversationId, most_bytes: usize) -> Later<Recalled> {
        ask!(
            self,
            move |store| {
                let lines = store.recall(conversation, most_bytes)?;
                Ok(Recalled {
                    lines: lines.into_iter().map(Line::from).collect(),
                    gist: store.gist(conversation)?,
                    forgotten: 0,
                })
            },
            |shared| shared.recall(conversation, most_bytes)
        )
    }

    /// From now on nothing that was said so far is recalled.
    pub fn forget(&self, conversation: ConversationId) -> Later<()> {
        ask!(self, move |store| store.forget(conversation), |shared| {
            shared.forget(conversation)
        })
    }

    /// The newest messages that hold all the words.
    pub fn search(&self, words: String, most: usize) -> Later<Vec<Found>> {
        ask!(self, move |store| store.search(&words, most), |shared| {
            shared.search(words, most)
        })
    }

    pub fn add_note(&self, text: String, at: Wall) -> Later<Note> {
        ask!(self, move |store| store.add_note(&text, at), |shared| {
            shared.clone().add_note(text, at)
        })
    }

    pub fn notes(&self) -> Later<Vec<Note>> {
        ask!(self, |store| store.notes(), |shared| shared.clone().notes())
    }

    pub fn remove_note(&self, id: i64) -> Later<bool> {
        ask!(self, move |store| store.remove_note(id), |shared| shared
            .clone()
            .remove_note(id))
    }

    pub fn add_todo(&self, text: String, at: Wall) -> Later<Todo> {
        ask!(self, move |store| store.add_todo(&text, at), |shared| {
            shared.clone().add_todo(text, at)
        })
    }

    pub fn todos(&self) -> Later<Vec<Todo>> {
        ask!(self, |store| store.todos(), |shared| shared.clone().todos())
    }

    pub fn finish_todo(&self, id: i64) -> Later<bool> {
        ask!(self, move |store| store.finish_todo(id), |shared| shared
            .clone()
            .finish_todo(id))
    }

    pub fn remove_todo(&self, id: i64) -> Later<bool> {
        ask!(self, move |store| store.remove_todo(id), |shared| shared
            .clone()
            .remove_todo(id))
    }

    pub fn add_timer(&self, label: String, due: Wall, created: Wall) -> Later<Timer> {
        ask!(
            self,
            move |store| store.add_timer(&label, due, created),
            |shared| shared.clone().add_timer(label, due, created)
        )
    }

    pub fn timers(&self) -> Later<Vec<Timer>> {
        ask!(self, |store| store.timers(), |shared| shared
            .clone()
            .timers())
    }

    pub fn remove_timer(&self, id: i64) -> Later<bool> {
        ask!(self, move |store| store.remove_timer(id), |shared| shared
            .clone()
            .remove_timer(id))
    }

    /// Takes the timers off that are due, and says when the next one will be. Of several programs
    /// that ask, one gets each of them.
    pub fn take_due(&self, now: Wall) -> Later<(Vec<Timer>, Option<Wall>)> {
        ask!(
            self,
            move |store| {
                let mut taken = vec![];
                for timer in store.timers_due(now)? {
                    if store.remove_timer(timer.id)? {
                        taken.push(timer);
                    }
                }
                let next = store.timers()?.first().map(|timer| timer.due);
                Ok((taken, next))
            },
            |shared| shared.clone().take_due(now)
        )
    }
}

fn of_file<T: Send + 'static>(
    handle: &Handle,
    job: impl FnOnce(&mut Store) -> Result<T, StoreError> + Send + 'static,
) -> Later<T> {
    let outcome = handle.run(job);
    Box::pin(async move { outcome.await.unwrap_or(Err(StoreError::Closed)) })
}

/// Goes on with it whether anybody waits or not.
fn under_way<T: Send + 'static>(
    asked: impl Future<Output = Result<T, super::SharedError>> + Send + 'static,
) -> Later<T> {
    let task = tokio::spawn(asked);
    Box::pin(async move {
        match task.await {
            Ok(outcome) => outcome.map_err(StoreError::Shared),
            // The program is about to end.
            Err(_gone) => Err(StoreError::Closed),
        }
    })
}
