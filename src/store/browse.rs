//! Answers the browser of earlier conversations: which there are, which hold certain words, what
//! was said in one; and pins, deletes and brings back.

use super::conversations::{SUMMARY, summary};
use super::excerpt::excerpt;
use super::messages::{id, role};
use super::segment::Query;
use super::{Store, StoreError, rows};
use crate::core::browser::{Entry, Glimpse, Hit, Peek};
use crate::core::ids::{ConversationId, MessageId, TurnId};
use crate::core::record::Summary;
use crate::core::time::Wall;
use rusqlite::{OptionalExtension, Row, TransactionBehavior, params};
use std::collections::HashMap;

/// So many messages that hold the words are looked at, the newest first: where one conversation
/// holds them all, the search ends early instead of reading each of them.
const SCANNED: i64 = 2000;
/// A message is shown up to so many characters in a glimpse.
const GLIMPSE: usize = 2000;

/// A message that holds the words, by its place in the index.
struct Place {
    position: i64,
    conversation: ConversationId,
    count: usize,
}

impl Store {
    /// The conversations that hold all these words, or all where there are none; pinned ones
    /// first, then the last used. Also says whether there are more than `limit`.
    pub fn browse(&self, words: &str, limit: usize) -> Result<(Vec<Entry>, bool), StoreError> {
        let mut entries = if words.trim().is_empty() {
            self.told(self.newest(limit.saturating_add(1)))?
        } else {
            match Query::new(words) {
                Some(query) => self.told(self.holding(&query, limit.saturating_add(1)))?,
                None => vec![],
            }
        };
        let more = entries.len() > limit;
        entries.truncate(limit);
        Ok((entries, more))
    }

    fn newest(&self, limit: usize) -> rusqlite::Result<Vec<Entry>> {
        self.connection
            .prepare_cached(&format!(
                "{SUMMARY} WHERE deleted IS NULL ORDER BY pinned DESC, used DESC, id LIMIT ?1"
            ))?
            .query_map([rows(limit)], entry)?
            .collect()
    }

    /// Those whose given title holds the words, then those in which they were said last.
    fn holding(&self, query: &Query, limit: usize) -> rusqlite::Result<Vec<Entry>> {
        let mut entries: Vec<Entry> = self
            .connection
            .prepare_cached(&format!(
                "{SUMMARY} JOIN titles ON titles.conversation = conversations.id
                 JOIN titles_fts ON titles_fts.rowid = titles.place
                 WHERE titles_fts MATCH ?1 AND deleted IS NULL
                 ORDER BY titles_fts.rowid DESC LIMIT ?2"
            ))?
            .query_map(params![query.expression(), rows(limit)], entry)?
            .collect::<rusqlite::Result<_>>()?;
        let places = self.places(query, limit)?;
        for place in places {
            if entries.len() >= limit {
                break;
            }
            let hit = self.hit(query, &place)?;
            let known = entries
                .iter_mut()
                .find(|entry| entry.summary.id == place.conversation);
            if let Some(known) = known {
                known.hit = Some(hit);
                continue;
            }
            let found = self
                .connection
                .prepare_cached(&format!("{SUMMARY} WHERE id = ?1"))?
                .query_row([place.conversation.to_string()], entry)?;
            entries.push(Entry {
                hit: Some(hit),
                ..found
            });
        }
        Ok(entries)
    }

    /// The newest match of each of so many conversations.
    fn places(&self, query: &Query, limit: usize) -> rusqlite::Result<Vec<Place>> {
        // CROSS JOIN keeps the index first, which can walk backwards and stop early.
        let mut statement = self.connection.prepare_cached(
            "SELECT m.position, m.conversation FROM messages_fts
             CROSS JOIN messages m ON m.position = messages_fts.rowid
             CROSS JOIN conversations c ON c.id = m.conversation AND c.deleted IS NULL
             WHERE messages_fts MATCH ?1
             ORDER BY messages_fts.rowid DESC LIMIT ?2",
        )?;
        let mut found = statement.query(params![query.expression(), SCANNED])?;
        let mut places: Vec<Place> = vec![];
        let mut known: HashMap<ConversationId, usize> = HashMap::new();
        while let Some(row) = found.next()? {
            let conversation: ConversationId = id(row, "conversation")?;
            if let Some(place) = known.get(&conversation).and_then(|at| places.get_mut(*at)) {
                place.count += 1;
                continue;
            }
            if places.len() == limit {
                break;
            }
            known.insert(conversation, places.len());
            places.push(Place {
                position: row.get("position")?,
                conversation,
                count: 1,
            });
        }
        Ok(places)
    }

    fn hit(&self, query: &Query, place: &Place) -> rusqlite::Result<Hit> {
        self.connection
            .prepare_cached("SELECT id, role, text FROM messages WHERE position = ?1")?
            .query_row([place.position], |row| {
                let text: String = row.get("text")?;
                let (excerpt, marks) = excerpt(&text, query);
                Ok(Hit {
                    message: id(row, "id")?,
                    role: role(row)?,
                    excerpt,
                    marks,
                    count: place.count,
                })
            })
    }

    /// What was said in a conversation: from a message on, or last.
    pub fn peek(&self, peek: Peek, limit: usize) -> Result<Glimpse, StoreError> {
        let read = || {
            let from = match peek.message {
                Some(message) => self.number_of(peek.conversation, message)?,
                None => None,
            };
            let order = if from.is_some() { "ASC" } else { "DESC" };
            let mut said = self
                .connection
                .prepare_cached(&format!(
                    "SELECT role, substr(text, 1, ?4) AS text FROM messages
                     WHERE conversation = ?1 AND number >= ?2 AND text <> ''
                     ORDER BY number {order} LIMIT ?3"
                ))?
                .query_map(
                    params![
                        peek.conversation.to_string(),
                        from.unwrap_or(0),
                        rows(limit),
                        rows(GLIMPSE)
                    ],
                    |row| Ok((role(row)?, row.get("text")?)),
                )?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            if from.is_none() {
                said.reverse();
            }
            Ok(Glimpse { of: peek, said })
        };
        self.told(read())
    }

    /// The number of a message in its conversation.
    pub(super) fn number_of(
        &self,
        conversation: ConversationId,
        message: MessageId,
    ) -> rusqlite::Result<Option<i64>> {
        self.connection
            .prepare_cached("SELECT number FROM messages WHERE id = ?1 AND conversation = ?2")?
            .query_row([message.to_string(), conversation.to_string()], |row| {
                row.get(0)
            })
            .optional()
    }

    /// Puts a conversation at the top of the list, or back; says which.
    pub fn pin(&mut self, conversation: ConversationId) -> Result<bool, StoreError> {
        let write = || {
            self.connection
                .prepare_cached(
                    "UPDATE conversations SET pinned = 1 - pinned WHERE id = ?1 RETURNING pinned",
                )?
                .query_row([conversation.to_string()], |row| row.get(0))
                .optional()
        };
        self.told(write())?.ok_or(StoreError::Unknown)
    }

    /// Takes a conversation out of sight. It can be brought back until it is purged; what waits in
    /// it to be said is not said any more.
    pub fn hide(&mut self, conversation: ConversationId, at: Wall) -> Result<(), StoreError> {
        let conversation = conversation.to_string();
        let written = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|transaction| {
                transaction.execute(
                    "DELETE FROM outbox WHERE conversation = ?1",
                    [&conversation],
                )?;
                transaction.execute(
                    "UPDATE conversations SET deleted = ?2 WHERE id = ?1",
                    params![conversation, at.0],
                )?;
                transaction.commit()
            });
        self.told(written)
    }

    /// Brings back what was deleted last, if that was not before `since`.
    pub fn bring_back(&mut self, since: Wall) -> Result<Option<Summary>, StoreError> {
        let write = || {
            let back: Option<String> = self
                .connection
                .prepare_cached(
                    "UPDATE conversations SET deleted = NULL WHERE id =
                         (SELECT id FROM conversations WHERE deleted >= ?1
                          ORDER BY deleted DESC LIMIT 1)
                     RETURNING id",
                )?
                .query_row([since.0], |row| row.get(0))
                .optional()?;
            let Some(back) = back else {
                return Ok(None);
            };
            self.connection
                .prepare_cached(&format!("{SUMMARY} WHERE id = ?1"))?
                .query_row([back], summary)
                .map(Some)
        };
        self.told(write())
    }

    /// Forgets for good what was deleted before this moment. Answers whose recordings are not
    /// needed any more.
    pub fn purge(&mut self, before: Wall) -> Result<Vec<TurnId>, StoreError> {
        let read = || {
            self.connection
                .prepare_cached("SELECT id FROM conversations WHERE deleted < ?1")?
                .query_map([before.0], |row| id(row, "id"))?
                .collect::<rusqlite::Result<Vec<ConversationId>>>()
        };
        let mut clips = vec![];
        for conversation in self.told(read())? {
            clips.extend(self.delete(conversation)?);
        }
        Ok(clips)
    }
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        summary: summary(row)?,
        pinned: row.get("pinned")?,
        hit: None,
    })
}
