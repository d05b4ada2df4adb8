//! Reads the database of oterm: its chats and their messages.

use super::foreign::{Foreign, Said};
use crate::core::transcript::Role;
use rusqlite::{Connection, OpenFlags, Row};
use std::path::Path;

/// Its database, open.
pub(super) struct Chats {
    connection: Connection,
    ids: Vec<i64>,
}

/// Opens it for reading; `None`: it is the database of another program.
pub(super) fn open(path: &Path) -> rusqlite::Result<Option<Chats>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    let known = connection
        .prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('chat', 'message')")?
        .query_row([], |row| row.get::<_, i64>(0))?;
    if known < 2 {
        return Ok(None);
    }
    let ids = connection
        .prepare("SELECT id FROM chat ORDER BY id")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Some(Chats { connection, ids }))
}

impl Chats {
    /// What its chats are called.
    pub(super) fn ids(&self) -> &[i64] {
        &self.ids
    }

    /// One of them, or why it cannot be read.
    pub(super) fn read(&self, id: i64) -> rusqlite::Result<Foreign> {
        let (name, model): (Option<String>, Option<String>) = self
            .connection
            .prepare_cached("SELECT name, model FROM chat WHERE id = ?1")?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let said = self
            .connection
            .prepare_cached("SELECT id, author, text FROM message WHERE chat_id = ?1 ORDER BY id")?
            .query_map([id], |row| said(row, model.as_deref()))?
            .collect::<rusqlite::Result<Vec<_>>>()?;
        let said: Vec<Said> = said.into_iter().flatten().collect();
        // Its numbers are given again after a chat was deleted.
        let first = said.first().map_or("", |said| said.text.as_str());
        Ok(Foreign {
            id: format!("{id} {first}"),
            title: name.unwrap_or_default(),
            started: None,
            said,
        })
    }
}

fn said(row: &Row<'_>, model: Option<&str>) -> rusqlite::Result<Option<Said>> {
    let (id, author, text): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let role = match author.to_lowercase().as_str() {
        "user" | "me" => Role::User,
        "assistant" | "ollama" => Role::Assistant,
        _ => return Ok(None),
    };
    if text.trim().is_empty() {
        return Ok(None);
    }
    Ok(Some(Said {
        id: id.to_string(),
        role,
        text,
        at: None,
        model: model.filter(|_| role == Role::Assistant).map(str::to_owned),
    }))
}
