//! Keeps the assistant's desk: notes, things to do, and timers that must outlive a restart.
//!
//! When a timer rings is decided by whoever has a clock; here it is only kept.

use super::{Store, StoreError};
use crate::core::desk::{Note, Timer, Todo};
use crate::core::time::Wall;
use rusqlite::{Row, params};

impl Store {
    /// Writes a note down.
    pub fn add_note(&mut self, text: &str, at: Wall) -> Result<Note, StoreError> {
        let id = self.insert(
            "INSERT INTO notes (text, at) VALUES (?1, ?2)",
            params![text, at.0],
        )?;
        let text = text.to_owned();
        Ok(Note { id, text, at })
    }

    /// All notes, oldest first.
    pub fn notes(&self) -> Result<Vec<Note>, StoreError> {
        self.all("SELECT id, text, at FROM notes ORDER BY id", [], |row| {
            Ok(Note {
                id: row.get("id")?,
                text: row.get("text")?,
                at: Wall(row.get("at")?),
            })
        })
    }

    /// Throws a note away. `false`: there is no such note.
    pub fn remove_note(&mut self, id: i64) -> Result<bool, StoreError> {
        self.change("DELETE FROM notes WHERE id = ?1", id)
    }

    /// Adds something to do.
    pub fn add_todo(&mut self, text: &str, at: Wall) -> Result<Todo, StoreError> {
        let id = self.insert(
            "INSERT INTO todos (text, at) VALUES (?1, ?2)",
            params![text, at.0],
        )?;
        let (text, done) = (text.to_owned(), false);
        Ok(Todo { id, text, done, at })
    }

    /// Everything to do and done, oldest first.
    pub fn todos(&self) -> Result<Vec<Todo>, StoreError> {
        self.all(
            "SELECT id, text, done, at FROM todos ORDER BY id",
            [],
            |row| {
                Ok(Todo {
                    id: row.get("id")?,
                    text: row.get("text")?,
                    done: row.get("done")?,
                    at: Wall(row.get("at")?),
                })
            },
        )
    }

    /// Ticks something off. `false`: there is no such thing to do.
    pub fn finish_todo(&mut self, id: i64) -> Result<bool, StoreError> {
        self.change("UPDATE todos SET done = 1 WHERE id = ?1", id)
    }

    /// Takes something off the list. `false`: it is not on it.
    pub fn remove_todo(&mut self, id: i64) -> Result<bool, StoreError> {
        self.change("DELETE FROM todos WHERE id = ?1", id)
    }

    /// Sets a timer.
    pub fn add_timer(
        &mut self,
        label: &str,
        due: Wall,
        created: Wall,
    ) -> Result<Timer, StoreError> {
        let id = self.insert(
            "INSERT INTO timers (label, due, created) VALUES (?1, ?2, ?3)",
            params![label, due.0, created.0],
        )?;
        let label = label.to_owned();
        Ok(Timer {
            id,
            label,
            due,
            created,
        })
    }

    /// All timers, the next to ring first.
    pub fn timers(&self) -> Result<Vec<Timer>, StoreError> {
        self.timers_due(Wall(i64::MAX))
    }

    /// The timers that are due at `now`, the longest due first.
    pub fn timers_due(&self, now: Wall) -> Result<Vec<Timer>, StoreError> {
        self.all(
            "SELECT id, label, due, created FROM timers WHERE due <= ?1 ORDER BY due, id",
            [now.0],
            |row| {
                Ok(Timer {
                    id: row.get("id")?,
                    label: row.get("label")?,
                    due: Wall(row.get("due")?),
                    created: Wall(row.get("created")?),
                })
            },
        )
    }

    /// Takes a timer away. `false`: it is gone already. Of two programs that see the same timer
    /// due, the one that is told `true` rings it.
    pub fn remove_timer(&mut self, id: i64) -> Result<bool, StoreError> {
        self.change("DELETE FROM timers WHERE id = ?1", id)
    }

    fn insert(&self, sql: &str, values: impl rusqlite::Params) -> Result<i64, StoreError> {
        let write = || self.connection.prepare_cached(sql)?.insert(values);
        self.told(write())
    }

    fn change(&self, sql: &str, id: i64) -> Result<bool, StoreError> {
        let write = || self.connection.prepare_cached(sql)?.execute([id]);
        self.told(write()).map(|rows| rows > 0)
    }

    fn all<T>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let found = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            statement.query_map(values, read)?.collect()
        };
        self.told(found())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Store::open(&folder.path().join("x.db")).expect("a new store");
        (folder, store)
    }

    #[test]
    fn notes_are_kept_until_thrown_away() {
        let (_folder, mut store) = store();
        let milk = store.add_note("milk", Wall(1)).unwrap();
        let tea = store.add_note("茶", Wall(2)).unwrap();
        assert_eq!(store.notes().unwrap(), [milk.clone(), tea.clone()]);
        assert!(store.remove_note(milk.id).unwrap());
        assert!(!store.remove_note(milk.id).unwrap());
        assert_eq!(store.notes().unwrap(), [tea]);
    }

    #[test]
    fn what_is_done_stays_on_the_list_until_removed() {
        let (_folder, mut store) = store();
        let todo = store.add_todo("call mum", Wall(1)).unwrap();
        assert!(store.finish_todo(todo.id).unwrap());
        let done = Todo { done: true, ..todo };
        assert_eq!(store.todos().unwrap(), std::slice::from_ref(&done));
        assert!(store.remove_todo(done.id).unwrap());
        assert!(!store.finish_todo(done.id).unwrap());
        assert_eq!(store.todos().unwrap(), []);
    }

    #[test]
    fn a_due_timer_is_taken_by_one_program_only() {
        let (folder, mut store) = store();
        let late = store.add_timer("late", Wall(90), Wall(1)).unwrap();
        let soon = store.add_timer("soon", Wall(50), Wall(2)).unwrap();
        assert_eq!(store.timers().unwrap(), [soon.clone(), late]);
        let mut other = Store::open(&folder.path().join("x.db")).unwrap();
        assert_eq!(other.timers_due(Wall(49)).unwrap(), []);
        for program in [&store, &other] {
            let due = program.timers_due(Wall(50)).unwrap();
            assert_eq!(due, std::slice::from_ref(&soon));
        }
        assert!(other.remove_timer(soon.id).unwrap());
        assert!(!store.remove_timer(soon.id).unwrap());
    }
}
