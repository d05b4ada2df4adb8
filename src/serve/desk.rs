//! The desk of the tools, kept in the store. Whoever rings timers is told when they change.

use crate::core::desk::{Note, Timer, Todo};
use crate::core::record::Found;
use crate::core::time::Wall;
use crate::mind::tools::{Desk, DeskError, Later};
use crate::store::{self as archive, Archive};
use std::sync::Arc;
use tokio::sync::Notify;

/// A desk in the store.
pub(super) struct StoreDesk {
    pub(super) store: Archive,
    /// The timers have changed.
    pub(super) timers: Arc<Notify>,
}

/// The outcome, or why the archive has none.
fn told<T: Send + 'static>(outcome: archive::Later<T>) -> Later<T> {
    Box::pin(async move { outcome.await.map_err(|error| DeskError(error.to_string())) })
}

impl StoreDesk {
    /// The same, and whoever rings timers looks at them again.
    fn changed<T: Send + 'static>(&self, outcome: archive::Later<T>) -> Later<T> {
        let timers = Arc::clone(&self.timers);
        Box::pin(async move {
            let outcome = told(outcome).await;
            timers.notify_one();
            outcome
        })
    }
}

impl Desk for StoreDesk {
    fn add_note(&self, text: String, at: Wall) -> Later<Note> {
        told(self.store.add_note(text, at))
    }

    fn notes(&self) -> Later<Vec<Note>> {
        told(self.store.notes())
    }

    fn remove_note(&self, id: i64) -> Later<bool> {
        told(self.store.remove_note(id))
    }

    fn add_todo(&self, text: String, at: Wall) -> Later<Todo> {
        told(self.store.add_todo(text, at))
    }

    fn todos(&self) -> Later<Vec<Todo>> {
        told(self.store.todos())
    }

    fn finish_todo(&self, id: i64) -> Later<bool> {
        told(self.store.finish_todo(id))
    }

    fn remove_todo(&self, id: i64) -> Later<bool> {
        told(self.store.remove_todo(id))
    }

    fn add_timer(&self, label: String, due: Wall, created: Wall) -> Later<Timer> {
        self.changed(self.store.add_timer(label, due, created))
    }

    fn timers(&self) -> Later<Vec<Timer>> {
        told(self.store.timers())
    }

    fn remove_timer(&self, id: i64) -> Later<bool> {
        self.changed(self.store.remove_timer(id))
    }

    fn search(&self, words: String, most: usize) -> Later<Vec<Found>> {
        told(self.store.search(words, most))
    }
}
