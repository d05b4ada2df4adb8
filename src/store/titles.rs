//! Keeps the titles that were given to conversations where a search finds them, and fills the
//! indices of older files.

use super::segment;
use rusqlite::{Connection, OptionalExtension};

/// Notes the title of a conversation; a blank one is found no more.
pub(super) fn write(
    connection: &Connection,
    conversation: &str,
    title: &str,
) -> rusqlite::Result<()> {
    if title.trim().is_empty() {
        return remove(connection, conversation);
    }
    let place: i64 = connection
        .prepare_cached(
            "INSERT INTO titles (conversation) VALUES (?1)
             ON CONFLICT (conversation) DO UPDATE SET conversation = excluded.conversation
             RETURNING place",
        )?
        .query_row([conversation], |row| row.get(0))?;
    connection
        .prepare_cached("INSERT OR REPLACE INTO titles_fts (rowid, text) VALUES (?1, ?2)")?
        .execute(rusqlite::params![place, segment::segmented(title)])?;
    Ok(())
}

/// The conversation goes, and its title with it.
pub(super) fn remove(connection: &Connection, conversation: &str) -> rusqlite::Result<()> {
    let place: Option<i64> = connection
        .prepare_cached("DELETE FROM titles WHERE conversation = ?1 RETURNING place")?
        .query_row([conversation], |row| row.get(0))
        .optional()?;
    if let Some(place) = place {
        connection
            .prepare_cached("DELETE FROM titles_fts WHERE rowid = ?1")?
            .execute([place])?;
    }
    Ok(())
}

/// Fills the indices of an older file. It does not tell which titles were given, so that all of
/// them are found.
pub(super) fn index_all(connection: &Connection) -> rusqlite::Result<()> {
    let mut messages =
        connection.prepare("SELECT position, text FROM messages ORDER BY position")?;
    let mut into = connection.prepare("INSERT INTO messages_fts (rowid, text) VALUES (?1, ?2)")?;
    let mut found = messages.query([])?;
    while let Some(message) = found.next()? {
        let text: String = message.get(1)?;
        let position: i64 = message.get(0)?;
        into.execute(rusqlite::params![position, segment::segmented(&text)])?;
    }
    let titles = connection
        .prepare("SELECT id, title FROM conversations WHERE title <> '' ORDER BY used")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<Vec<(String, String)>>>()?;
    for (conversation, title) in titles {
        write(connection, &conversation, &title)?;
    }
    Ok(())
}
