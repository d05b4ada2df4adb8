//! A desk in memory, for tests.

use super::{Clock, Desk, DeskError, Later, Toolbox};
use crate::core::desk::{Note, Timer, Todo};
use crate::core::ids::{ConversationId, MessageId};
use crate::core::record::Found;
use crate::core::time::Wall;
use crate::core::transcript::Role;
use std::sync::{Arc, Mutex};

/// Keeps everything until it is dropped.
#[derive(Default)]
pub(in crate::mind) struct Memory {
    kept: Mutex<Kept>,
    broken: bool,
}

#[derive(Default)]
struct Kept {
    last: i64,
    notes: Vec<Note>,
    todos: Vec<Todo>,
    timers: Vec<Timer>,
}

impl Memory {
    /// One that refuses everything.
    pub(in crate::mind) fn broken() -> Self {
        Self {
            broken: true,
            ..Self::default()
        }
    }

    fn with<T: Send + 'static>(&self, work: impl FnOnce(&mut Kept) -> T) -> Later<T> {
        let done = if self.broken {
            Err(DeskError("the disk is full".to_owned()))
        } else {
            let mut kept = self.kept.lock().unwrap();
            kept.last += 1;
            Ok(work(&mut kept))
        };
        Box::pin(std::future::ready(done))
    }
}

fn without<T>(all: &mut Vec<T>, fits: impl Fn(&T) -> bool) -> bool {
    let before = all.len();
    all.retain(|one| !fits(one));
    all.len() < before
}

impl Desk for Memory {
    fn add_note(&self, text: String, at: Wall) -> Later<Note> {
        self.with(|kept| {
            let id = kept.last;
            kept.notes.push(Note { id, text, at });
            kept.notes.last().unwrap().clone()
        })
    }

    fn notes(&self) -> Later<Vec<Note>> {
        self.with(|kept| kept.notes.clone())
    }

    fn remove_note(&self, id: i64) -> Later<bool> {
        self.with(|kept| without(&mut kept.notes, |note| note.id == id))
    }

    fn add_todo(&self, text: String, at: Wall) -> Later<Todo> {
        self.with(|kept| {
            let (id, done) = (kept.last, false);
            kept.todos.push(Todo { id, text, done, at });
            kept.todos.last().unwrap().clone()
        })
    }

    fn todos(&self) -> Later<Vec<Todo>> {
        self.with(|kept| kept.todos.clone())
    }

    fn finish_todo(&self, id: i64) -> Later<bool> {
        self.with(|kept| {
            let found = kept.todos.iter_mut().find(|todo| todo.id == id);
            found.map(|todo| todo.done = true).is_some()
        })
    }

    fn remove_todo(&self, id: i64) -> Later<bool> {
        self.with(|kept| without(&mut kept.todos, |todo| todo.id == id))
    }

    fn add_timer(&self, label: String, due: Wall, created: Wall) -> Later<Timer> {
        self.with(|kept| {
            let id = kept.last;
            let timer = Timer {
                id,
                label,
                due,
                created,
            };
            kept.timers.push(timer.clone());
            kept.timers.sort_by_key(|timer| (timer.due, timer.id));
            timer
        })
    }

    fn timers(&self) -> Later<Vec<Timer>> {
        self.with(|kept| kept.timers.clone())
    }

    fn remove_timer(&self, id: i64) -> Later<bool> {
        self.with(|kept| without(&mut kept.timers, |timer| timer.id == id))
    }

    fn search(&self, words: String, most: usize) -> Later<Vec<Found>> {
        self.with(move |kept| {
            let fits = kept.notes.iter().filter(|note| note.text.contains(&words));
            let told = fits.map(|note| Found {
                conversation: ConversationId(1),
                title: "trip".to_owned(),
                message: MessageId(1),
                at: note.at,
                role: Role::User,
                excerpt: note.text.clone(),
                marks: vec![],
            });
            told.take(most).collect()
        })
    }
}

/// A toolbox whose clock stands still.
pub(in crate::mind) fn toolbox(now: &str) -> Toolbox {
    on(Memory::default(), now)
}

/// The same on a desk of one's own.
pub(in crate::mind) fn on(desk: Memory, now: &str) -> Toolbox {
    let now: jiff::Zoned = now.parse().unwrap();
    let clock: Clock = Arc::new(move || now.clone());
    Toolbox::new(Arc::new(desk), clock, 1)
}
