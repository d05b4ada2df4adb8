//! The shapes a model server answers in, read with as much forgiveness as the field needs.
//!
//! Text is borrowed from the network buffer where JSON allows it, because a fast server sends
//! thousands of these. What is rare (calls, usage, errors) stays a plain JSON value and is read
//! later, by whoever needs it.

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;

/// One event of a streamed answer, or a whole answer in one piece.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Chunk<'a> {
    #[serde(borrow)]
    pub(super) choices: Option<Vec<Choice<'a>>>,
    pub(super) usage: Option<Value>,
    pub(super) error: Option<Value>,
    pub(super) detail: Option<Value>,
}

/// One of the alternative answers; we only ever ask for one.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Choice<'a> {
    /// More of the answer.
    #[serde(borrow)]
    pub(super) delta: Option<Piece<'a>>,
    /// All of the answer, from servers that do not stream.
    #[serde(borrow)]
    pub(super) message: Option<Piece<'a>>,
    #[serde(borrow)]
    pub(super) finish_reason: Option<Words<'a>>,
}

/// A piece of an answer.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Piece<'a> {
    #[serde(borrow)]
    pub(super) content: Option<Words<'a>>,
    #[serde(borrow)]
    pub(super) reasoning_content: Option<Words<'a>>,
    #[serde(borrow)]
    pub(super) reasoning: Option<Words<'a>>,
    /// Said instead of content when the model declines.
    #[serde(borrow)]
    pub(super) refusal: Option<Words<'a>>,
    pub(super) tool_calls: Option<Value>,
}

/// Text that may come as a string, as a list of parts, as one part, or as something else, which
/// then reads as nothing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Words<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Words<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordsVisitor)
    }
}

struct WordsVisitor;

impl<'de> Visitor<'de> for WordsVisitor {
    type Value = Words<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("text")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Words(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Words(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Words::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Words::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Words::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Words::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Words::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Self::Value, A::Error> {
        let mut text = String::new();
        while let Some(Words(part)) = parts.next_element()? {
            text.push_str(&part);
        }
        Ok(Words(Cow::Owned(text)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut part: A) -> Result<Self::Value, A::Error> {
        let mut text = Words::default();
        while let Some(Words(key)) = part.next_key()? {
            if key == "text" {
                text = part.next_value()?;
            } else {
                part.next_value::<IgnoredAny>()?;
            }
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_from_every_shape_it_comes_in() {
        let table = [
            (r#""plain""#, "plain"),
            (r#""a\nb \u4f60""#, "a\nb 你"),
            ("null", ""),
            ("7", ""),
            ("-7.5", ""),
            ("true", ""),
            ("[]", ""),
            (
                r#"[{"type":"text","text":"one "},{"text":"two"},"!"]"#,
                "one two!",
            ),
            (r#"[{"type":"image_url","image_url":{"url":"x"}},null]"#, ""),
            (r#"{"type":"text","text":"part"}"#, "part"),
        ];
        for (json, text) in table {
            let words: Words<'_> = serde_json::from_str(json).unwrap();
            assert_eq!(words.0, text, "{json}");
        }
    }

    #[test]
    fn plain_text_is_not_copied() {
        let chunk: Chunk<'_> =
            serde_json::from_str(r#"{"choices":[{"delta":{"content":"hi"}}]}"#).unwrap();
        let choices = chunk.choices.unwrap();
        let content = choices[0].delta.as_ref().unwrap().content.as_ref().unwrap();
        assert!(matches!(content.0, Cow::Borrowed("hi")));
    }
}
