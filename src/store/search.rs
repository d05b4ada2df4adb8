//! Finds messages by their words, the newest first.

use super::excerpt::excerpt;
use super::messages::{id, role};
use super::segment::Query;
use super::{Store, StoreError, rows};
use crate::core::record::Found;
use crate::core::time::Wall;
use rusqlite::params;

impl Store {
    /// The newest messages that hold all the words. Nothing is ranked: that would read every
    /// match of a common word, and in one's own history the newest is what is looked for.
    pub fn search(&self, words: &str, limit: usize) -> Result<Vec<Found>, StoreError> {
        let Some(query) = Query::new(words) else {
            return Ok(vec![]);
        };
        let read = || {
            // CROSS JOIN keeps the index first, which can walk backwards and stop early.
            self.connection
                .prepare_cached(
                    "SELECT m.conversation, c.title, m.id, m.at, m.role, m.text
                     FROM messages_fts
                     CROSS JOIN messages m ON m.position = messages_fts.rowid
                     CROSS JOIN conversations c ON c.id = m.conversation AND c.deleted IS NULL
                     WHERE messages_fts MATCH ?1
                     ORDER BY messages_fts.rowid DESC LIMIT ?2",
                )?
                .query_map(params![query.expression(), rows(limit)], |row| {
                    let text: String = row.get("text")?;
                    let (excerpt, marks) = excerpt(&text, &query);
                    Ok(Found {
                        conversation: id(row, "conversation")?,
                        title: row.get("title")?,
                        message: id(row, "id")?,
                        at: Wall(row.get("at")?),
                        role: role(row)?,
                        excerpt,
                        marks,
                    })
                })?
                .collect()
        };
        self.told(read())
    }
}
