//! Lists, names, finds and forgets conversations, and keeps the draft of the next message.

use super::messages::id;
use super::{Store, StoreError, rows, titles};
use crate::core::ids::{ConversationId, TurnId};
use crate::core::record::Summary;
use crate::core::time::Wall;
use crate::core::transcript::{Message, Role};
use rusqlite::{OptionalExtension, Row, Transaction, TransactionBehavior, params};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The columns a title made from a message may take.
const TITLE_WIDTH: usize = 60;

pub(super) const SUMMARY: &str = "SELECT id, title, persona, started, used, forgotten, pinned,
     (SELECT coalesce(max(number), 0) FROM messages WHERE conversation = conversations.id) AS count
     FROM conversations";

impl Store {
    /// The conversations, the last used first.
    pub fn list(&self, limit: usize) -> Result<Vec<Summary>, StoreError> {
        let read = || {
            self.connection
                .prepare_cached(&format!(
                    "{SUMMARY} WHERE deleted IS NULL ORDER BY used DESC, id LIMIT ?1"
                ))?
                .query_map([rows(limit)], summary)?
                .collect()
        };
        self.told(read())
    }

    /// One conversation.
    pub fn summary(&self, conversation: ConversationId) -> Result<Summary, StoreError> {
        let read = || {
            self.connection
                .prepare_cached(&format!("{SUMMARY} WHERE id = ?1 AND deleted IS NULL"))?
                .query_row([conversation.to_string()], summary)
                .optional()
        };
        self.told(read())?.ok_or(StoreError::Unknown)
    }

    /// The conversations whose id begins like this, the last used first. Dashes and case do not
    /// matter; what is no beginning of an id finds nothing.
    pub fn begins_with(&self, beginning: &str) -> Result<Vec<Summary>, StoreError> {
        let digits: Vec<char> = beginning.chars().filter(|c| *c != '-').collect();
        if digits.is_empty() || digits.len() > 32 || !digits.iter().all(char::is_ascii_hexdigit) {
            return Ok(vec![]);
        }
        let written = |filler: char| {
            let all: String = digits
                .iter()
                .map(char::to_ascii_lowercase)
                .chain(std::iter::repeat(filler))
                .take(32)
                .collect();
            all.parse::<ConversationId>().map(|id| id.to_string())
        };
        let (Ok(first), Ok(last)) = (written('0'), written('f')) else {
            return Ok(vec![]);
        };
        let read = || {
            self.connection
                .prepare_cached(&format!(
                    "{SUMMARY} WHERE id BETWEEN ?1 AND ?2 AND deleted IS NULL
                     ORDER BY used DESC, id"
                ))?
                .query_map([first, last], summary)?
                .collect()
        };
        self.told(read())
    }

    /// Gives a conversation a name. A blank one takes the name away, and the next message of the
    /// user names it.
    pub fn rename(&mut self, conversation: ConversationId, title: &str) -> Result<(), StoreError> {
        let (conversation, title) = (conversation.to_string(), title.trim());
        let written = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|transaction| {
                let known = transaction
                    .prepare_cached("UPDATE conversations SET title = ?2 WHERE id = ?1")?
                    .execute([conversation.as_str(), title])?;
                if known > 0 {
                    titles::write(&transaction, &conversation, title)?;
                }
                transaction.commit()?;
                Ok(known)
            });
        match self.told(written)? {
            0 => Err(StoreError::Unknown),
            _ => Ok(()),
        }
    }

    /// Forgets a conversation and everything in it. One that is not there is forgotten already.
    /// Answers whose recordings are not needed any more.
    pub fn delete(&mut self, conversation: ConversationId) -> Result<Vec<TurnId>, StoreError> {
        let conversation = conversation.to_string();
        let written = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|transaction| {
                let clips = transaction
                    .prepare(
                        "SELECT turn FROM messages
                         WHERE conversation = ?1 AND clip_ms IS NOT NULL",
                    )?
                    .query_map([&conversation], |row| id(row, "turn"))?
                    .collect::<rusqlite::Result<Vec<_>>>()?;
                transaction.execute(
                    "DELETE FROM messages_fts WHERE rowid IN
                     (SELECT position FROM messages WHERE conversation = ?1)",
                    [&conversation],
                )?;
                titles::remove(&transaction, &conversation)?;
                transaction.execute("DELETE FROM conversations WHERE id = ?1", [&conversation])?;
                transaction.commit()?;
                Ok(clips)
            });
        self.told(written)
    }

    /// Keeps what stands in the composer.
    pub fn write_draft(&mut self, text: &str) -> Result<(), StoreError> {
        let write = || {
            self.connection
                .prepare_cached("INSERT OR REPLACE INTO draft (only, text) VALUES (1, ?1)")?
                .execute([text])
        };
        self.told(write()).map(drop)
    }

    /// What stood in the composer; empty when nothing was kept.
    pub fn draft(&self) -> Result<String, StoreError> {
        let read = || {
            self.connection
                .prepare_cached("SELECT text FROM draft")?
                .query_row([], |row| row.get(0))
                .optional()
        };
        Ok(self.told(read())?.unwrap_or_default())
    }
}

/// Notes that a conversation was used, and makes it with its first message.
pub(super) fn touch(
    transaction: &Transaction<'_>,
    conversation: ConversationId,
    persona: Option<&str>,
    message: &Message,
) -> rusqlite::Result<()> {
    let title = match message.role {
        Role::User => title_of(&message.text),
        Role::Assistant | Role::Note => String::new(),
    };
    transaction
        .prepare_cached(
            "INSERT INTO conversations (id, title, persona, started, used)
             VALUES (?1, ?2, ?3, ?4, ?4)
             ON CONFLICT (id) DO UPDATE SET
                 title = iif(title = '', excluded.title, title),
                 persona = coalesce(excluded.persona, persona),
                 used = max(used, excluded.used),
                 -- Where somebody goes on talking, nothing is to be purged.
                 deleted = NULL",
        )?
        .execute(params![
            conversation.to_string(),
            title,
            persona,
            message.at.0
        ])?;
    Ok(())
}

/// The first line that says something, cut to a title's width.
pub(super) fn title_of(text: &str) -> String {
    let line = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    if line.width() <= TITLE_WIDTH {
        return line.to_owned();
    }
    let mut title = String::new();
    let mut width = 1; // the dots
    for grapheme in line.graphemes(true) {
        width += grapheme.width();
        if width > TITLE_WIDTH {
            break;
        }
        title.push_str(grapheme);
    }
    format!("{}…", title.trim_end())
}

pub(super) fn summary(row: &Row<'_>) -> rusqlite::Result<Summary> {
    Ok(Summary {
        id: id(row, "id")?,
        title: row.get("title")?,
        persona: row.get("persona")?,
        started: Wall(row.get("started")?),
        used: Wall(row.get("used")?),
        messages: row.get::<_, i64>("count")?.try_into().unwrap_or(0),
        forgotten: row.get::<_, i64>("forgotten")?.try_into().unwrap_or(0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_the_first_line_cut_to_sixty_columns() {
        for (text, expected) in [
            ("", String::new()),
            ("\n  \n what is tea? \nmore", "what is tea?".to_owned()),
            (&"x".repeat(60), "x".repeat(60)),
            (&"x".repeat(61), format!("{}…", "x".repeat(59))),
            (&"好".repeat(40), format!("{}…", "好".repeat(29))),
            (&"👩‍👧".repeat(40), format!("{}…", "👩‍👧".repeat(29))),
        ] {
            assert_eq!(title_of(text), expected);
        }
    }
}
