//! Writes, recalls and finds what was said.

use super::line::Line as Way;
use super::wire::{Row, Value};
use super::writer::{Wish, Words};
use super::{Owned, SharedError};
use crate::core::ids::ConversationId;
use crate::core::record::Found;
use crate::core::time::Wall;
use crate::core::transcript::{Ending, Role};
use crate::store::archive::{Line, Recalled, Said};
use crate::store::conversations::title_of;
use crate::store::excerpt::excerpt;
use crate::store::segment::{Query, segmented};

/// How many of the last messages are looked at when some are recalled.
const MOST_LINES: i64 = 2000;

/// So much of a message can be searched for: the index takes a megabyte at most, with all that it
/// notes for each word.
const MOST_WORDS: usize = 128 << 10;

const TOUCH: &str = "
    INSERT INTO hearsay_conversations AS known (owner, id, title, started, used)
    VALUES ($1, $2, $3, $4, $4)
    ON CONFLICT (owner, id) DO UPDATE SET
        title = CASE WHEN known.title = '' THEN excluded.title ELSE known.title END,
        used = greatest(known.used, excluded.used)";

/// Whoever was asked last answers: what another server still writes about a question that a client
/// has asked here meanwhile is passed over. So is nobody answered twice with different words.
const WRITE: &str = "
    INSERT INTO hearsay_messages AS known
        (owner, conversation, id, turn, role, text, answerer, cut, at, asked, words)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, to_tsvector('simple', $11)
    WHERE $5 = 'user' OR NOT EXISTS (
        SELECT 1 FROM hearsay_messages WHERE owner = $1 AND id = $12 AND asked <> $10)
    ON CONFLICT (owner, id) DO UPDATE SET
        text = excluded.text, answerer = excluded.answerer, cut = excluded.cut,
        asked = excluded.asked, words = excluded.words";

const FORGET: &str = "
    UPDATE hearsay_conversations SET forgotten = coalesce(
        (SELECT max(position) FROM hearsay_messages WHERE owner = $1 AND conversation = $2), 0)
    WHERE owner = $1 AND id = $2";

const FORGOTTEN: &str = "SELECT forgotten FROM hearsay_conversations WHERE owner = $1 AND id = $2";

const RECALL: &str = "
    SELECT turn, role, text, cut, answerer FROM (
        SELECT *, sum(octet_length(text)) OVER (ORDER BY position DESC) AS bytes FROM (
            SELECT * FROM hearsay_messages
            WHERE owner = $1 AND conversation = $2 AND position > $3 AND text <> ''
            ORDER BY position DESC LIMIT $4) AS last) AS counted
    WHERE bytes <= $5 ORDER BY position";

const SEARCH: &str = "
    SELECT m.conversation, c.title, m.id, m.at, m.role, m.text
    FROM hearsay_messages m
    JOIN hearsay_conversations c ON c.owner = m.owner AND c.id = m.conversation
    WHERE m.owner = $1 AND m.words @@ to_tsquery('simple', $2)
    ORDER BY m.position DESC LIMIT $3";

/// Writes one wish.
pub(super) async fn write(line: &mut Way, server: &str, words: &Words) -> Result<(), SharedError> {
    let owner = Value::Text(&words.owner);
    match &words.wish {
        Wish::Say(said) => say(line, server, owner, said).await,
        Wish::Forget(conversation) => {
            let conversation = conversation.to_string();
            let values = [owner, Value::Text(&conversation)];
            line.ask(FORGET, &values).await.map(drop)
        }
    }
}

async fn say(
    line: &mut Way,
    server: &str,
    owner: Value<'_>,
    said: &Said,
) -> Result<(), SharedError> {
    let message = &said.message;
    let conversation = said.conversation.to_string();
    let (text, turn) = (taken(&message.text), taken(&said.turn));
    let (role, title) = match message.role {
        Role::User => ("user", title_of(&text)),
        Role::Assistant => ("assistant", String::new()),
        Role::Note => ("note", String::new()),
    };
    let (id, question) = (message.id.to_string(), said.question.to_string());
    let answerer = message.by.as_ref().map(crate::store::messages::json);
    let mut words = segmented(&text);
    if words.len() > MOST_WORDS {
        let end = words.floor_char_boundary(MOST_WORDS);
        words.truncate(end);
    }
    let (conversation, at) = (Value::Text(&conversation), Value::Int(message.at.0));
    line.ask(TOUCH, &[owner, conversation, Value::Text(&title), at])
        .await?;
    let write = [
        owner,
        conversation,
        Value::Text(&id),
        Value::Text(&turn),
        Value::Text(role),
        Value::Text(&text),
        Value::Maybe(answerer.as_deref()),
        Value::Truth(message.ending != Ending::Complete),
        at,
        Value::Text(server),
        Value::Text(&words),
        Value::Text(&question),
    ];
    line.ask(WRITE, &write).await.map(drop)
}

/// The database takes every character but one.
fn taken(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

impl Owned {
    /// Writes a message, or what became of it.
    pub(in crate::store) fn write(
        &self,
        said: Said,
    ) -> impl Future<Output = Result<(), SharedError>> + Send + use<> {
        self.wish(Wish::Say(Box::new(said)))
    }

    /// From now on nothing that was said so far is recalled.
    pub(in crate::store) fn forget(
        &self,
        conversation: ConversationId,
    ) -> impl Future<Output = Result<(), SharedError>> + Send + use<> {
        self.wish(Wish::Forget(conversation))
    }

    fn wish(&self, wish: Wish) -> impl Future<Output = Result<(), SharedError>> + Send + use<> {
        let owner = self.owner.clone();
        self.writer.write(Words { owner, wish })
    }

    /// What was last said, by whomever, up to so many bytes.
    pub(in crate::store) fn recall(
        &self,
        conversation: ConversationId,
        most_bytes: usize,
    ) -> impl Future<Output = Result<Recalled, SharedError>> + Send + use<> {
        let this = self.clone();
        async move {
            // What was said here counts, too.
            this.writer.flush().await?;
            let conversation = conversation.to_string();
            let name = [this.name(), Value::Text(&conversation)];
            let forgotten = this.pool.read(FORGOTTEN, &name).await?;
            let forgotten = forgotten.first().and_then(|row| row.int(0)).unwrap_or(0);
            let values = [
                this.name(),
                Value::Text(&conversation),
                Value::Int(forgotten),
                Value::Int(MOST_LINES),
                Value::Int(i64::try_from(most_bytes).unwrap_or(i64::MAX)),
            ];
            let rows = this.pool.read(RECALL, &values).await?;
            Ok(Recalled {
                lines: rows.iter().filter_map(line).collect(),
                gist: None,
                forgotten,
            })
        }
    }

    /// The newest messages that hold all the words.
    pub(in crate::store) fn search(
        &self,
        typed: String,
        most: usize,
    ) -> impl Future<Output = Result<Vec<Found>, SharedError>> + Send + use<> {
        let this = self.clone();
        async move {
            let Some(query) = Query::new(&typed) else {
                return Ok(vec![]);
            };
            let expression = query.shared_expression();
            let values = [
                this.name(),
                Value::Text(&expression),
                Value::Int(i64::try_from(most).unwrap_or(i64::MAX)),
            ];
            let rows = this.pool.read(SEARCH, &values).await?;
            Ok(rows.iter().filter_map(|row| found(row, &query)).collect())
        }
    }
}

/// `None`: what the program itself has noted.
fn line(row: &Row) -> Option<Line> {
    Some(Line {
        turn: row.text(0),
        role: role(&row.text(1))?,
        text: row.text(2),
        cut: row.truth(3),
        by: row.maybe(4).and_then(|by| serde_json::from_str(by).ok()),
    })
}

/// `None`: a name in it is none of ours.
fn found(row: &Row, query: &Query) -> Option<Found> {
    let (excerpt, marks) = excerpt(&row.text(5), query);
    Some(Found {
        conversation: row.text(0).parse().ok()?,
        title: row.text(1),
        message: row.text(2).parse().ok()?,
        at: Wall(row.int(3).unwrap_or(0)),
        role: role(&row.text(4))?,
        excerpt,
        marks,
    })
}

fn role(name: &str) -> Option<Role> {
    match name {
        "user" => Some(Role::User),
        "assistant" => Some(Role::Assistant),
        _ => None,
    }
}
