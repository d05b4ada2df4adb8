//! Reads what servers really send: fields that may be missing, null or of another type, and the
//! four shapes in which they report errors.

use crate::core::backend::{ToolUse, Trouble};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Why a frame means nothing to us.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Odd {
    #[error("a binary frame of {length} bytes that is none of this language")]
    Binary { length: usize },
    #[error("`{field}` of `{kind}` is missing or of the wrong type")]
    Field { kind: String, field: &'static str },
    #[error("a text frame that is not JSON: {why}")]
    NotJson { why: String },
    #[error("a JSON value that is not an object")]
    NotAnObject,
    #[error("an object without a `type`")]
    NoType,
    #[error("`{kind}` is about a message that is not ours")]
    Stranger { kind: String },
    #[error("a frame of unknown type `{kind}`")]
    Unknown { kind: String },
}

/// The frames that come thousands of times in an answer, read without building a tree.
#[derive(Debug, Deserialize)]
pub(super) struct Hot<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) content: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) message_id: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) session_id: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) client_id: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) audio: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) codec: Option<Text<'a>>,
    #[serde(default)]
    pub(super) seq: Option<Seq>,
    #[serde(borrow, default)]
    pub(super) item_id: Option<Text<'a>>,
}

/// The number of a piece; whatever is none is as good as missing.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Seq {
    Number(u64),
    Other(IgnoredAny),
}

impl Hot<'_> {
    /// Whether it is for the connection of this name, or does not say.
    pub(super) fn is_ours(&self, client_id: Option<&str>) -> bool {
        let named = self.client_id.as_ref().map(|id| &*id.0);
        named.is_none() || client_id.is_none() || named == client_id
    }

    /// The number of this piece.
    pub(super) fn number(&self) -> Option<u64> {
        match self.seq {
            Some(Seq::Number(number)) => Some(number),
            Some(Seq::Other(_)) | None => None,
        }
    }

    /// The complaint about a field.
    pub(super) fn odd(&self, field: &'static str) -> Odd {
        Odd::Field {
            kind: brief(&self.kind),
            field,
        }
    }
}

/// Text that is borrowed wherever it holds no escapes; serde would copy a bare optional `Cow`.
#[derive(Debug, Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// One frame, as a tree with its `type`.
pub(super) struct Fields<'a> {
    pub(super) kind: &'a str,
    pub(super) map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// The text of a field that has to be there.
    pub(super) fn text(&self, field: &'static str) -> Result<&'a str, Odd> {
        self.maybe(field).ok_or_else(|| self.odd(field))
    }

    /// The text of a field, if it is there and is text.
    pub(super) fn maybe(&self, field: &str) -> Option<&'a str> {
        self.map.get(field).and_then(Value::as_str)
    }

    /// A field as a type of ours, if it fits.
    pub(super) fn fits<T: for<'de> Deserialize<'de>>(&self, field: &str) -> Option<T> {
        self.map
            .get(field)
            .and_then(|value| T::deserialize(value).ok())
    }

    /// The complaint that it is about nobody we know.
    pub(super) fn stranger(&self) -> Odd {
        Odd::Stranger {
            kind: brief(self.kind),
        }
    }

    /// The complaint about a field.
    pub(super) fn odd(&self, field: &'static str) -> Odd {
        Odd::Field {
            kind: brief(self.kind),
            field,
        }
    }
}

/// The beginning of a name that a stranger chose, for a log line.
pub(super) fn brief(name: &str) -> String {
    name.chars().take(40).collect()
}

/// One use of a tool.
pub(super) fn tool(fields: &Fields<'_>) -> Result<ToolUse, Odd> {
    let outcome = match (fields.maybe("error"), fields.maybe("result")) {
        (Some(error), _) => Some(Err(error.to_owned())),
        (None, Some(result)) => Some(Ok(result.to_owned())),
        (None, None) => None,
    };
    Ok(ToolUse {
        name: fields.text("name")?.to_owned(),
        arguments: match fields.map.get("arguments") {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        },
        outcome,
    })
}

/// The elements of a list that may be missing or no list.
pub(super) fn items<'a>(
    map: &'a Map<String, Value>,
    field: &str,
) -> impl Iterator<Item = &'a Value> {
    map.get(field)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// The one place that understands errors: nested under `error`, flat, under `detail` as text or
/// as an object, in any mixture of these.
pub(super) fn trouble(map: &Map<String, Value>) -> Trouble {
    let mut inner = map;
    let mut what = None;
    // Three steps are one more than any server has shown, and keep a hostile frame short.
    for _ in 0..3 {
        match inner.get("error").or_else(|| inner.get("detail")) {
            Some(Value::Object(nested)) => inner = nested,
            Some(Value::String(text)) => {
                what = Some(text.clone());
                break;
            }
            _ => break,
        }
    }
    let words = |field: &str| match inner.get(field)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    // The type of a flat error is the type of the frame, and says nothing.
    let kind = words("type").filter(|kind| kind != "error");
    let code = words("code")
        .or(kind)
        .unwrap_or_else(|| "unknown".to_owned());
    Trouble {
        what: what
            .or_else(|| words("message"))
            .filter(|what| !what.trim().is_empty())
            .unwrap_or_else(|| format!("the backend reports `{code}` and says no more")),
        hint: words("hint"),
        retry_after_s: inner.get("retry_after").and_then(Value::as_u64),
        code,
    }
}

/// A figure of the backend as text. Its uptime may be a tiny negative number.
pub(super) fn figure(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_f64() => {
            let rounded = (number.as_f64().unwrap_or_default() * 10.0).round() / 10.0;
            // Adding zero turns the negative zero into the plain one.
            format!("{}", rounded + 0.0)
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> (String, String, Option<String>, Option<u64>) {
        let map: Map<String, Value> = serde_json::from_str(json).unwrap();
        let trouble = trouble(&map);
        (
            trouble.code,
            trouble.what,
            trouble.hint,
            trouble.retry_after_s,
        )
    }

    #[test]
    fn every_shape_of_an_error_is_understood() {
        let said = |code: &str, what: &str| (code.to_owned(), what.to_owned(), None, None);
        for (json, expected) in [
            (
                r#"{"type":"error","error":{"message":"m","type":"t","code":"c"}}"#,
                said("c", "m"),
            ),
            (
                r#"{"type":"error","error":{"message":"m","type":"t","code":null}}"#,
                said("t", "m"),
            ),
            (r#"{"type":"error","message":"m"}"#, said("unknown", "m")),
            (r#"{"type":"error","error":"m"}"#, said("unknown", "m")),
            (r#"{"detail":"m"}"#, said("unknown", "m")),
            (
                r#"{"detail":{"error":{"message":"m","code":401}}}"#,
                said("401", "m"),
            ),
            (
                r#"{"type":"error","error":{"detail":"m","code":"c"}}"#,
                said("c", "m"),
            ),
            (
                r#"{"type":"error"}"#,
                said("unknown", "the backend reports `unknown` and says no more"),
            ),
            (
                r#"{"type":"error","error":[1],"message":7}"#,
                said("unknown", "7"),
            ),
            (
                r#"{"error":{"message":"m","code":"rate_limited","hint":"h","retry_after":9}}"#,
                ("rate_limited".into(), "m".into(), Some("h".into()), Some(9)),
            ),
        ] {
            assert_eq!(of(json), expected, "{json}");
        }
    }

    #[test]
    fn figures_read_like_figures() {
        for (json, expected) in [
            ("3", "3"),
            ("-0.0000123", "0"),
            ("12.345", "12.3"),
            ("\"up\"", "up"),
            ("null", "null"),
        ] {
            assert_eq!(figure(&serde_json::from_str(json).unwrap()), expected);
        }
    }
}
