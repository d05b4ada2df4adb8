//! Reads what servers send as text: fields that may be missing, null or of another type.

use super::binary::BadFrame;
use crate::core::backend::Trouble;
use serde_json::{Map, Value};

/// Why a frame means nothing to us.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Odd {
    #[error("a binary frame that cannot be read: {0}")]
    Binary(#[from] BadFrame),
    #[error("`{field}` of `{kind}` is missing or of the wrong type")]
    Field { kind: String, field: &'static str },
    #[error("a text frame that is no JSON object: `{start}`")]
    NotJson { start: String },
    #[error("an object without a `type`")]
    NoType,
    #[error("`{kind}` is of another session")]
    Stranger { kind: String },
    #[error("a message of unknown type `{kind}`")]
    Unknown { kind: String },
}

/// One message, with its `type`.
pub(super) struct Fields {
    pub(super) kind: String,
    pub(super) map: Map<String, Value>,
}

impl Fields {
    pub(super) fn read(text: &str) -> Result<Self, Odd> {
        let Ok(Value::Object(map)) = serde_json::from_str(text) else {
            return Err(Odd::NotJson { start: brief(text) });
        };
        match map.get("type").and_then(Value::as_str) {
            Some(kind) => Ok(Self {
                kind: kind.to_owned(),
                map,
            }),
            None => Err(Odd::NoType),
        }
    }

    /// The text of a field; empty if it is not there, or is no text.
    pub(super) fn text(&self, field: &str) -> &str {
        self.maybe(field).unwrap_or_default()
    }

    pub(super) fn maybe(&self, field: &str) -> Option<&str> {
        self.map.get(field).and_then(Value::as_str)
    }

    /// The complaint about a field.
    pub(super) fn odd(&self, field: &'static str) -> Odd {
        Odd::Field {
            kind: brief(&self.kind),
            field,
        }
    }

    pub(super) fn stranger(&self) -> Odd {
        Odd::Stranger {
            kind: brief(&self.kind),
        }
    }

    pub(super) fn unknown(&self) -> Odd {
        Odd::Unknown {
            kind: brief(&self.kind),
        }
    }
}

/// The beginning of what a stranger wrote, for a log line.
pub(super) fn brief(text: &str) -> String {
    const MOST: usize = 80;
    let mut start: String = text.trim().chars().take(MOST).collect();
    if text.trim().chars().nth(MOST).is_some() {
        start.push('…');
    }
    start
}

/// What the server wants people to know.
pub(super) fn alert(code: &str, parts: [&str; 2]) -> Trouble {
    let parts = parts.map(str::trim);
    let said: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Trouble {
        code: code.to_owned(),
        what: said.join(": "),
        ..Trouble::default()
    }
}
