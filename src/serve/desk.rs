//! The desk of the tools, kept in the store. Whoever rings timers is told when they change.

use crate::core::desk::{Note, Timer, Todo};
use crate::core::record::Found;
use crate::core::time::Wall;
use crate::mind::tools::{Desk, DeskError, Later};
use crate::store::{Handle, Store, StoreError};
use std::sync::Arc;
use tokio::sync::Notify;

/// A desk in the store.
pub(super) struct StoreDesk {
    pub(super) store: Handle,
    /// The timers have changed.
    pub(super) timers: Arc<Notify>,
}

impl StoreDesk {
    fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Later<T> {
        let outcome = self.store.run(job);
        Box::pin(async move { told(outcome.await) })
    }

    fn change_timers<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Later<T> {
        let outcome = self.store.run(job);
        let timers = Arc::clone(&self.timers);
        Box::pin(async move {
            let outcome = told(outcome.await);
            timers.notify_one();
            outcome
        })
    }
}

/// The outcome, or why the store has none.
fn told<T>(
    outcome: Result<Result<T, StoreError>, tokio::sync::oneshot::error::RecvError>,
) -> Result<T, DeskError> {
    outcome
        .unwrap_or(Err(StoreError::Closed))
        .map_err(|error| DeskError(error.to_string()))
}

impl Desk for StoreDesk {
    fn add_note(&self, text: String, at: Wall) -> Later<Note> {
        self.run(move |store| store.add_note(&text, at))
    }

    fn notes(&self) -> Later<Vec<Note>> {
        self.run(|store| store.notes())
    }

    fn remove_note(&self, id: i64) -> Later<bool> {
        self.run(move |store| store.remove_note(id))
    }

    fn add_todo(&self, text: String, at: Wall) -> Later<Todo> {
        self.run(move |store| store.add_todo(&text, at))
    }

    fn todos(&self) -> Later<Vec<Todo>> {
        self.run(|store| store.todos())
    }

    fn finish_todo(&self, id: i64) -> Later<bool> {
        self.run(move |store| store.finish_todo(id))
    }

    fn remove_todo(&self, id: i64) -> Later<bool> {
        self.run(move |store| store.remove_todo(id))
    }

    fn add_timer(&self, label: String, due: Wall, created: Wall) -> Later<Timer> {
        self.change_timers(move |store| store.add_timer(&label, due, created))
    }

    fn timers(&self) -> Later<Vec<Timer>> {
        self.run(|store| store.timers())
    }

    fn remove_timer(&self, id: i64) -> Later<bool> {
        self.change_timers(move |store| store.remove_timer(id))
    }

    fn search(&self, words: String, most: usize) -> Later<Vec<Found>> {
        self.run(move |store| store.search(&words, most))
    }
}
