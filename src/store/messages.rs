//! Writes and reads messages and the times of turns.

use super::{Store, StoreError, conversations, rows, segment};
use crate::core::backend::{Clip, Earlier, SUMMARY, ToolUse};
use crate::core::ids::{ConversationId, MessageId, TurnId};
use crate::core::record::TurnTimes;
use crate::core::time::Wall;
use crate::core::transcript::{Above, Ending, Message, Role, Stored};
use rusqlite::types::{FromSqlError, Type};
use rusqlite::{OptionalExtension, Row, Transaction, TransactionBehavior, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Borrow;
use std::str::FromStr;

/// An answer is looked for a place behind so many questions that wait, and at the end otherwise.
const MOST_WAITING: u32 = 1000;

const COLUMNS: &str =
    "id, turn, role, text, reasoning, tools, by, clip_ms, at, ending, why, heard, revision, number";

impl Store {
    /// Writes a message, or what became of it; its conversation is made with the first one. An
    /// older revision than the stored one changes nothing.
    pub fn write_message(
        &mut self,
        conversation: ConversationId,
        persona: Option<&str>,
        message: &Message,
    ) -> Result<(), StoreError> {
        self.write_messages([(conversation, persona, message)])
    }

    /// Writes many messages at once, all or none: one wait for the disk instead of many.
    pub fn write_messages<'a, M: Borrow<Message>>(
        &mut self,
        messages: impl IntoIterator<Item = (ConversationId, Option<&'a str>, M)>,
    ) -> Result<(), StoreError> {
        let written = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|transaction| {
                for (conversation, persona, message) in messages {
                    conversations::touch(&transaction, conversation, persona, message.borrow())?;
                    write(&transaction, conversation, message.borrow())?;
                }
                transaction.commit()
            });
        self.told(written)
    }

    /// Writes a message of a turn that another program leads. Where that writes into the same
    /// store, what it wrote to its end stays: it knows more of it.
    pub fn write_shared(
        &mut self,
        conversation: ConversationId,
        persona: Option<&str>,
        message: &Message,
    ) -> Result<(), StoreError> {
        let written = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|transaction| {
                let known = transaction
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS} FROM messages
                         WHERE conversation = ?1 AND turn = ?2 AND role = ?3"
                    ))?
                    .query_row(
                        params![
                            conversation.to_string(),
                            message.turn.to_string(),
                            role_name(message.role)
                        ],
                        self::message,
                    )
                    .optional()?;
                match known {
                    None => {
                        conversations::touch(&transaction, conversation, persona, message)?;
                        write(&transaction, conversation, message)?;
                    }
                    // Its writer is about to do so, or is gone.
                    Some(known) if known.ending == Ending::Open => {
                        let known = Message {
                            text: message.text.clone(),
                            by: message.by.clone(),
                            ending: message.ending.clone(),
                            ..known
                        };
                        write(&transaction, conversation, &known)?;
                    }
                    Some(_) => {}
                }
                transaction.commit()
            });
        self.told(written)
    }

    /// The newest messages, or those before a number, oldest first, and what is above them.
    pub fn load(
        &self,
        conversation: ConversationId,
        before: Option<i64>,
        limit: usize,
    ) -> Result<(Vec<Message>, Option<Above>), StoreError> {
        let read = || {
            let mut first = None;
            let mut messages = self
                .connection
                .prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM messages WHERE conversation = ?1 AND number < ?2
                     ORDER BY number DESC LIMIT ?3"
                ))?
                .query_map(
                    params![
                        conversation.to_string(),
                        before.unwrap_or(i64::MAX),
                        rows(limit)
                    ],
                    |row| {
                        first = Some(row.get("number")?);
                        message(row)
                    },
                )?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            messages.reverse();
            // Messages are numbered from 1 without gaps, so the number says how many are above.
            let above = first.filter(|first| *first > 1).map(|first: i64| Above {
                before: first,
                count: usize::try_from(first - 1).unwrap_or(0),
            });
            Ok((messages, above))
        };
        self.told(read())
    }

    /// How many of the newest messages it takes to reach back to this one, and a few before it; at
    /// least `limit`.
    pub(super) fn reaching(
        &self,
        conversation: ConversationId,
        message: MessageId,
        limit: usize,
    ) -> Result<usize, StoreError> {
        const BEFORE: usize = 20;
        let read = || {
            let Some(number) = self.number_of(conversation, message)? else {
                return Ok(limit);
            };
            let behind: i64 = self
                .connection
                .prepare_cached(
                    "SELECT coalesce(max(number), 0) - ?2 FROM messages WHERE conversation = ?1",
                )?
                .query_row(params![conversation.to_string(), number], |row| row.get(0))?;
            Ok(limit.max(usize::try_from(behind).unwrap_or(0) + BEFORE))
        };
        self.told(read())
    }

    /// What user and assistant last said to each other, oldest first: as many whole messages as
    /// fit into `most_bytes`. The program's own notes are left out.
    pub fn recall(
        &self,
        conversation: ConversationId,
        most_bytes: usize,
    ) -> Result<Vec<Earlier>, StoreError> {
        let read = || {
            let mut statement = self.connection.prepare_cached(
                "SELECT turn, role, text, heard, ending, by FROM messages
                 WHERE conversation = ?1 AND role <> 'note' AND text <> '' AND number >
                     (SELECT forgotten FROM conversations WHERE id = ?1)
                 ORDER BY number DESC",
            )?;
            let mut found = statement.query([conversation.to_string()])?;
            let mut said = vec![];
            let mut left = most_bytes;
            while let Some(row) = found.next()? {
                let mut text: String = row.get("text")?;
                // No brain is told more than the user has heard.
                if let Some(heard) = heard(row)?.filter(|heard| text.is_char_boundary(*heard)) {
                    text.truncate(heard);
                }
                let Some(rest) = left.checked_sub(text.len()) else {
                    break;
                };
                left = rest;
                let ending: String = row.get("ending")?;
                said.push(Earlier {
                    turn: id(row, "turn")?,
                    role: role(row)?,
                    text,
                    cut: ending != "complete",
                    by: from_json(row, "by")?,
                });
            }
            said.reverse();
            Ok(said)
        };
        self.told(read())
    }

    /// What was said before the last messages of a conversation, in short, and how many messages
    /// that were; as it was told with an answer.
    pub fn gist(
        &self,
        conversation: ConversationId,
    ) -> Result<Option<(usize, String)>, StoreError> {
        let read = || {
            let mut statement = self.connection.prepare_cached(
                "SELECT tools FROM messages
                 WHERE conversation = ?1 AND instr(tools, ?2) > 0 AND number >
                     (SELECT forgotten FROM conversations WHERE id = ?1)
                 ORDER BY number DESC",
            )?;
            let mut found = statement.query([&conversation.to_string(), SUMMARY])?;
            while let Some(row) = found.next()? {
                let tools: Vec<ToolUse> = from_json(row, "tools")?.unwrap_or_default();
                let told = tools.into_iter().find(|tool| tool.name == SUMMARY);
                if let Some(ToolUse {
                    arguments,
                    outcome: Some(Ok(text)),
                    ..
                }) = told
                {
                    return Ok(Some((arguments.parse().unwrap_or(0), text)));
                }
            }
            Ok(None)
        };
        self.told(read())
    }

    /// Those of these recordings that no message knows.
    pub fn unclaimed(&self, clips: &[(TurnId, u32)]) -> Result<Vec<(TurnId, u32)>, StoreError> {
        let read = || {
            let mut statement = self
                .connection
                .prepare_cached("SELECT 1 FROM messages WHERE turn = ?1")?;
            let mut unclaimed = vec![];
            for (turn, length) in clips {
                if !statement.exists([turn.to_string()])? {
                    unclaimed.push((*turn, *length));
                }
            }
            Ok(unclaimed)
        };
        self.told(read())
    }

    /// From now on nothing that was said so far is recalled. It can still be read and found.
    pub fn forget(&mut self, conversation: ConversationId) -> Result<(), StoreError> {
        let write = || {
            self.connection
                .prepare_cached(
                    "UPDATE conversations SET forgotten =
                         (SELECT coalesce(max(number), 0) FROM messages WHERE conversation = ?1)
                     WHERE id = ?1",
                )?
                .execute([conversation.to_string()])
        };
        self.told(write()).map(drop)
    }

    /// Writes when each stage of a turn was reached.
    pub fn write_turn(
        &mut self,
        conversation: ConversationId,
        turn: &TurnTimes,
    ) -> Result<(), StoreError> {
        let write = || {
            self.connection
                .prepare_cached(
                    "INSERT INTO turns (id, conversation, stages, outcome, at, said, usage)
                     SELECT ?1, id, ?3, ?4, ?5, ?6, ?7 FROM conversations WHERE id = ?2
                     ON CONFLICT (id) DO UPDATE SET
                     stages = excluded.stages, outcome = excluded.outcome, at = excluded.at,
                     said = excluded.said, usage = excluded.usage",
                )?
                .execute(params![
                    turn.turn.map(|turn| turn.to_string()),
                    conversation.to_string(),
                    json(&turn.stages),
                    turn.outcome,
                    turn.at.0,
                    (!turn.said.is_empty()).then(|| json(&turn.said)),
                    turn.usage.as_ref().map(json)
                ])
        };
        match self.told(write())? {
            0 => Err(StoreError::Unknown),
            _ => Ok(()),
        }
    }
}

impl Store {
    /// When each stage of the turns of a conversation was reached, oldest first.
    pub fn turns(&self, conversation: ConversationId) -> Result<Vec<TurnTimes>, StoreError> {
        let read = || {
            self.connection
                .prepare_cached(
                    "SELECT id, stages, outcome, at, said, usage FROM turns
                     WHERE conversation = ?1 ORDER BY rowid",
                )?
                .query_map([conversation.to_string()], |row| {
                    let turn = row.get::<_, Option<String>>("id")?;
                    Ok(TurnTimes {
                        turn: turn.and_then(|id| id.parse().ok()),
                        stages: from_json(row, "stages")?.unwrap_or_default(),
                        outcome: row.get("outcome")?,
                        at: Wall(row.get("at")?),
                        said: from_json(row, "said")?.unwrap_or_default(),
                        usage: from_json(row, "usage")?,
                    })
                })?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        self.told(read())
    }
}

/// Takes a message out; those after it move up, so that numbers stay without gaps.
pub(super) fn remove(
    transaction: &Transaction<'_>,
    conversation: ConversationId,
    message: MessageId,
) -> rusqlite::Result<()> {
    let found: Option<(i64, i64)> = transaction
        .prepare_cached(
            "DELETE FROM messages WHERE id = ?1 AND conversation = ?2 RETURNING position, number",
        )?
        .query_row([message.to_string(), conversation.to_string()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let Some((position, number)) = found else {
        return Ok(());
    };
    transaction.execute("DELETE FROM messages_fts WHERE rowid = ?1", [position])?;
    // One after the other: two messages must not share a number even for a moment.
    let after = transaction
        .prepare_cached(
            "SELECT position FROM messages WHERE conversation = ?1 AND number > ?2 ORDER BY number",
        )?
        .query_map(params![conversation.to_string(), number], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<i64>>>()?;
    for position in after {
        transaction
            .prepare_cached("UPDATE messages SET number = number - 1 WHERE position = ?1")?
            .execute([position])?;
    }
    Ok(())
}

const fn role_name(role: Role) -> &'static str {
    match role {
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Note => "note",
    }
}

pub(super) fn write(
    transaction: &Transaction<'_>,
    conversation: ConversationId,
    message: &Message,
) -> rusqlite::Result<()> {
    let (ending, why) = match &message.ending {
        Ending::Open => ("open", None),
        Ending::Complete => ("complete", None),
        Ending::Cut(why) => ("cut", Some(why)),
    };
    let role = role_name(message.role);
    let number = number(transaction, conversation, message)?;
    let position: Option<i64> = transaction
        .prepare_cached(
            "INSERT INTO messages (conversation, id, turn, role, text, reasoning, tools, by, at,
                 ending, why, revision, number, clip_ms, heard)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
             ON CONFLICT (id) DO UPDATE SET
                 turn = excluded.turn, role = excluded.role, text = excluded.text,
                 reasoning = excluded.reasoning, tools = excluded.tools, by = excluded.by,
                 at = excluded.at, ending = excluded.ending, why = excluded.why,
                 revision = excluded.revision, clip_ms = excluded.clip_ms,
                 heard = excluded.heard
             WHERE excluded.revision >= revision
             RETURNING position",
        )?
        .query_row(
            params![
                conversation.to_string(),
                message.id.to_string(),
                message.turn.to_string(),
                role,
                message.text,
                message.reasoning,
                (!message.tools.is_empty()).then(|| json(&message.tools)),
                message.by.as_ref().map(json),
                message.at.0,
                ending,
                why,
                message.revision,
                number,
                message.clip.map(|clip| clip.length_ms),
                message.heard.map(|heard| heard as i64)
            ],
            |row| row.get(0),
        )
        .optional()?;
    let Some(position) = position else {
        return Ok(());
    };
    transaction
        .prepare_cached("INSERT OR REPLACE INTO messages_fts (rowid, text) VALUES (?1, ?2)")?
        .execute(params![position, segment::segmented(&message.text)])?;
    Ok(())
}

/// The number of a message: its own, or that of its place if it is new. An answer is placed behind
/// its question; questions that wait behind that make room.
fn number(
    transaction: &Transaction<'_>,
    conversation: ConversationId,
    message: &Message,
) -> rusqlite::Result<i64> {
    let mut statement = transaction.prepare_cached(
        "SELECT position, number, id, turn FROM messages WHERE conversation = ?1
         ORDER BY number DESC LIMIT ?2",
    )?;
    let (id, turn) = (message.id.to_string(), message.turn.to_string());
    // What is new and no answer opens a turn.
    let looked_at = match message.role {
        Role::Assistant => MOST_WAITING,
        Role::User | Role::Note => 1,
    };
    let mut rows = statement.query(params![conversation.to_string(), looked_at])?;
    let (mut behind, mut end) = (vec![], 1);
    while let Some(row) = rows.next()? {
        let number: i64 = row.get("number")?;
        if row.get::<_, String>("id")? == id {
            return Ok(number);
        }
        if row.get::<_, String>("turn")? == turn {
            // The last one first: two messages must not share a number even for a moment.
            for position in behind {
                transaction
                    .prepare_cached("UPDATE messages SET number = number + 1 WHERE position = ?1")?
                    .execute([position])?;
            }
            return Ok(number + 1);
        }
        if behind.is_empty() {
            end = number + 1;
        }
        behind.push(row.get::<_, i64>("position")?);
    }
    Ok(end)
}

/// How many bytes of an answer were heard, where it was cut.
fn heard(row: &Row<'_>) -> rusqlite::Result<Option<usize>> {
    let heard: Option<i64> = row.get("heard")?;
    Ok(heard.and_then(|heard| usize::try_from(heard).ok()))
}

fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    let ending: String = row.get("ending")?;
    Ok(Message {
        id: id(row, "id")?,
        turn: id(row, "turn")?,
        role: role(row)?,
        text: row.get("text")?,
        reasoning: row.get("reasoning")?,
        tools: from_json(row, "tools")?.unwrap_or_default(),
        by: from_json(row, "by")?,
        clip: row
            .get::<_, Option<u32>>("clip_ms")?
            .map(|length_ms| Clip { length_ms }),
        at: Wall(row.get("at")?),
        heard: heard(row)?,
        ending: match ending.as_str() {
            "complete" => Ending::Complete,
            "cut" => Ending::Cut(row.get::<_, Option<String>>("why")?.unwrap_or_default()),
            // Whoever wrote it did not come to its end.
            _ => Ending::Open,
        },
        stored: Stored::Yes,
        revision: row.get("revision")?,
    })
}

/// Reads an id in its written form.
pub(super) fn id<T: FromStr>(row: &Row<'_>, column: &str) -> rusqlite::Result<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let text: String = row.get(column)?;
    text.parse().map_err(|error| unreadable(row, column, error))
}

/// Reads who speaks.
pub(super) fn role(row: &Row<'_>) -> rusqlite::Result<Role> {
    let role: String = row.get("role")?;
    match role.as_str() {
        "user" => Ok(Role::User),
        "assistant" => Ok(Role::Assistant),
        "note" => Ok(Role::Note),
        _ => Err(unreadable(row, "role", FromSqlError::InvalidType)),
    }
}

fn unreadable(
    row: &Row<'_>,
    column: &str,
    error: impl std::error::Error + Send + Sync + 'static,
) -> rusqlite::Error {
    let column = row.as_ref().column_index(column).unwrap_or(0);
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}

pub(super) fn from_json<T: DeserializeOwned>(
    row: &Row<'_>,
    column: &str,
) -> rusqlite::Result<Option<T>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| serde_json::from_str(&text).map_err(|error| unreadable(row, column, error)))
        .transpose()
}

pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("our own types have text keys and no failing parts")
}
