//! Reads what servers send: old names and new ones, and fields that may be missing or null.

use crate::core::backend::{Trouble, Usage};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// The older names, and what they are called today.
const RENAMED: &[(&str, &str)] = &[
    ("conversation.item.created", "conversation.item.added"),
    ("conversation.item.done", "conversation.item.added"),
    ("response.audio.delta", "response.output_audio.delta"),
    ("response.audio.done", "response.output_audio.done"),
    (
        "response.audio_transcript.delta",
        "response.output_audio_transcript.delta",
    ),
    (
        "response.audio_transcript.done",
        "response.output_audio_transcript.done",
    ),
    ("response.cancelled", "response.done"),
    ("response.text.delta", "response.output_text.delta"),
    ("response.text.done", "response.output_text.done"),
];

/// The frame that comes many times a second, read without building a tree.
#[derive(Deserialize)]
pub(super) struct Sound<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) response_id: Option<Id<'a>>,
    #[serde(borrow, default)]
    pub(super) item_id: Option<Id<'a>>,
    #[serde(borrow, default)]
    pub(super) delta: Option<Id<'a>>,
    /// Some servers say it with each piece.
    #[serde(default)]
    pub(super) sample_rate: Option<u32>,
}

/// Text that is borrowed wherever it holds no escapes.
#[derive(Deserialize)]
pub(super) struct Id<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

impl Sound<'_> {
    /// Whether a frame is one of these.
    pub(super) fn is(&self) -> bool {
        matches!(
            &*self.kind,
            "response.output_audio.delta" | "response.audio.delta"
        )
    }
}

/// One event, as a tree.
pub(super) struct Event<'a>(pub(super) &'a Map<String, Value>);

impl<'a> Event<'a> {
    /// What it is called today.
    pub(super) fn kind(&self) -> &'a str {
        let kind = self.text("type").unwrap_or_default();
        let known = RENAMED.iter().find(|(old, _)| *old == kind);
        known.map_or(kind, |(_, new)| new)
    }

    /// Whether it came under an older name.
    pub(super) fn is_older(&self) -> bool {
        let kind = self.text("type").unwrap_or_default();
        kind.starts_with("response.") && self.kind() != kind
    }

    /// The text of a field, if it is there and is text.
    pub(super) fn text(&self, field: &str) -> Option<&'a str> {
        self.0.get(field).and_then(Value::as_str)
    }

    /// A field that holds fields.
    pub(super) fn inner(&self, field: &str) -> Option<Self> {
        self.0.get(field).and_then(Value::as_object).map(Event)
    }

    /// The fields in a list.
    pub(super) fn list(&self, field: &str) -> impl Iterator<Item = Event<'a>> {
        let list = self.0.get(field).and_then(Value::as_array);
        list.into_iter()
            .flatten()
            .filter_map(|one| one.as_object().map(Event))
    }

    pub(super) fn number(&self, field: &str) -> Option<u64> {
        let value = self.0.get(field)?;
        value
            .as_u64()
            .or_else(|| value.as_f64().map(|number| number.max(0.0) as u64))
    }

    /// The words that a finished response holds.
    pub(super) fn words(&self) -> String {
        let items = self
            .list("output")
            .flat_map(|item| item.list("content").collect::<Vec<_>>());
        items
            .filter_map(|part| part.text("transcript").or_else(|| part.text("text")))
            .collect()
    }

    /// The tokens that a response has cost.
    pub(super) fn usage(&self) -> Option<Usage> {
        let usage = self.inner("usage")?;
        let count = |field: &str| {
            usage
                .number(field)
                .and_then(|count| u32::try_from(count).ok())
        };
        Some(Usage {
            prompt: count("input_tokens")?,
            completion: count("output_tokens")?,
        })
    }

    /// An error, in whichever of its fields it says what it is.
    pub(super) fn trouble(&self) -> Trouble {
        let filled = |field: &str| self.text(field).filter(|text| !text.is_empty());
        let code = filled("code").or_else(|| filled("type")).unwrap_or("error");
        Trouble {
            code: code.to_owned(),
            what: filled("message").unwrap_or(code).to_owned(),
            hint: None,
            retry_after_s: None,
        }
    }
}
