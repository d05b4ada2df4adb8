//! The user's desk as tools see it, and what was said before. Where it is kept is for whoever owns a store.

use crate::core::desk::{Note, Timer, Todo};
use crate::core::record::Found;
use crate::core::time::Wall;
use std::future::Future;
use std::pin::Pin;

/// An answer of the desk, on its way.
pub type Later<T> = Pin<Box<dyn Future<Output = Result<T, DeskError>> + Send>>;

/// Why the desk cannot be used, as a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DeskError(pub String);

/// Keeps notes, things to do and timers. Lists come oldest first, timers the next to ring first.
/// The `bool`s: `false` says that there is no such thing (any longer).
pub trait Desk: Send + Sync {
    fn add_note(&self, text: String, at: Wall) -> Later<Note>;
    fn notes(&self) -> Later<Vec<Note>>;
    fn remove_note(&self, id: i64) -> Later<bool>;
    fn add_todo(&self, text: String, at: Wall) -> Later<Todo>;
    fn todos(&self) -> Later<Vec<Todo>>;
    fn finish_todo(&self, id: i64) -> Later<bool>;
    fn remove_todo(&self, id: i64) -> Later<bool>;
    fn add_timer(&self, label: String, due: Wall, created: Wall) -> Later<Timer>;
    fn timers(&self) -> Later<Vec<Timer>>;
    fn remove_timer(&self, id: i64) -> Later<bool>;
    /// The newest messages that hold all the words, at most so many.
    fn search(&self, words: String, most: usize) -> Later<Vec<Found>>;
}
