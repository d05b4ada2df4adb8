//! Keeps the desk of an owner: notes, things to do, and timers.

use super::wire::{Row, Value};
use super::{Owned, SharedError};
use crate::core::desk::{Note, Timer, Todo};
use crate::core::time::Wall;

type Answered<T> = Result<T, SharedError>;

impl Owned {
    pub(in crate::store) async fn add_note(self, text: String, at: Wall) -> Answered<Note> {
        let sql = "INSERT INTO hearsay_notes (owner, text, at) VALUES ($1, $2, $3) RETURNING id";
        let values = [self.name(), Value::Text(&text), Value::Int(at.0)];
        let id = self.inserted(sql, &values).await?;
        Ok(Note { id, text, at })
    }

    pub(in crate::store) async fn notes(self) -> Answered<Vec<Note>> {
        let sql = "SELECT id, text, at FROM hearsay_notes WHERE owner = $1 ORDER BY id";
        let rows = self.pool.read(sql, &[self.name()]).await?;
        let note = |row: &Row| Note {
            id: int(row, 0),
            text: row.text(1),
            at: Wall(int(row, 2)),
        };
        Ok(rows.iter().map(note).collect())
    }

    pub(in crate::store) async fn remove_note(self, id: i64) -> Answered<bool> {
        let sql = "DELETE FROM hearsay_notes WHERE owner = $1 AND id = $2 RETURNING id";
        self.changed(sql, id).await
    }

    pub(in crate::store) async fn add_todo(self, text: String, at: Wall) -> Answered<Todo> {
        let sql = "INSERT INTO hearsay_todos (owner, text, at) VALUES ($1, $2, $3) RETURNING id";
        let values = [self.name(), Value::Text(&text), Value::Int(at.0)];
        let (id, done) = (self.inserted(sql, &values).await?, false);
        Ok(Todo { id, text, done, at })
    }

    pub(in crate::store) async fn todos(self) -> Answered<Vec<Todo>> {
        let sql = "SELECT id, text, done, at FROM hearsay_todos WHERE owner = $1 ORDER BY id";
        let rows = self.pool.read(sql, &[self.name()]).await?;
        let todo = |row: &Row| Todo {
            id: int(row, 0),
            text: row.text(1),
            done: row.truth(2),
            at: Wall(int(row, 3)),
        };
        Ok(rows.iter().map(todo).collect())
    }

    pub(in crate::store) async fn finish_todo(self, id: i64) -> Answered<bool> {
        let sql = "UPDATE hearsay_todos SET done = true WHERE owner = $1 AND id = $2 RETURNING id";
        self.changed(sql, id).await
    }

    pub(in crate::store) async fn remove_todo(self, id: i64) -> Answered<bool> {
        let sql = "DELETE FROM hearsay_todos WHERE owner = $1 AND id = $2 RETURNING id";
        self.changed(sql, id).await
    }

    pub(in crate::store) async fn add_timer(
        self,
        label: String,
        due: Wall,
        created: Wall,
    ) -> Answered<Timer> {
        let sql = "INSERT INTO hearsay_timers (owner, label, due, created)
            VALUES ($1, $2, $3, $4) RETURNING id";
        let values = [
            self.name(),
            Value::Text(&label),
            Value::Int(due.0),
            Value::Int(created.0),
        ];
        let id = self.inserted(sql, &values).await?;
        Ok(Timer {
            id,
            label,
            due,
            created,
        })
    }

    pub(in crate::store) async fn timers(self) -> Answered<Vec<Timer>> {
        let sql = "SELECT id, label, due, created FROM hearsay_timers
            WHERE owner = $1 ORDER BY due, id";
        let rows = self.pool.read(sql, &[self.name()]).await?;
        Ok(rows.iter().map(timer).collect())
    }

    pub(in crate::store) async fn remove_timer(self, id: i64) -> Answered<bool> {
        let sql = "DELETE FROM hearsay_timers WHERE owner = $1 AND id = $2 RETURNING id";
        self.changed(sql, id).await
    }

    /// Each timer is taken by one server only.
    pub(in crate::store) async fn take_due(
        self,
        now: Wall,
    ) -> Answered<(Vec<Timer>, Option<Wall>)> {
        let sql = "DELETE FROM hearsay_timers WHERE owner = $1 AND due <= $2
            RETURNING id, label, due, created";
        let due = [self.name(), Value::Int(now.0)];
        let rows = self.pool.rows(sql, &due).await?;
        let mut timers: Vec<Timer> = rows.iter().map(timer).collect();
        timers.sort_by_key(|timer| (timer.due, timer.id));
        let sql = "SELECT min(due) FROM hearsay_timers WHERE owner = $1";
        // Timers that were taken ring, whether the next one is known or not.
        let next = self
            .pool
            .read(sql, &[self.name()])
            .await
            .unwrap_or_default();
        let next = next.first().and_then(|row| row.int(0));
        Ok((timers, next.map(Wall)))
    }

    async fn inserted(&self, sql: &str, values: &[Value<'_>]) -> Answered<i64> {
        let rows = self.pool.rows(sql, values).await?;
        let row = rows.first().ok_or_else(|| SharedError::Other {
            why: "it answered nothing".to_owned(),
        })?;
        Ok(int(row, 0))
    }

    async fn changed(&self, sql: &str, id: i64) -> Answered<bool> {
        let values = [self.name(), Value::Int(id)];
        Ok(!self.pool.rows(sql, &values).await?.is_empty())
    }
}

fn timer(row: &Row) -> Timer {
    Timer {
        id: int(row, 0),
        label: row.text(1),
        due: Wall(int(row, 2)),
        created: Wall(int(row, 3)),
    }
}

/// A number that is always there.
fn int(row: &Row, at: usize) -> i64 {
    row.int(at).unwrap_or(0)
}
