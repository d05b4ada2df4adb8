//! What frames say about recordings and about speech.

use super::BINARY;
use crate::core::backend::VoiceWish;
use serde::{Deserialize, Deserializer, Serialize};

/// A recording that words are to be made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AudioInput {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
    /// All of it. Clients have called it many things.
    #[serde(
        default,
        alias = "audio_b64",
        alias = "audio",
        alias = "data",
        skip_serializing_if = "Option::is_none"
    )]
    pub audio_base64: Option<String>,
    /// Where some clients put it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<Payload>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_format: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_rate: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// Ours: it comes in pieces, in binary frames behind this one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub chunked: bool,
    /// Ours: the language that is spoken, such as `zh-CN`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Ours: which ears are to hear it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ears: Option<String>,
}

/// A recording in an object of its own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Payload {
    #[serde(
        default,
        alias = "audio_b64",
        alias = "audio",
        alias = "data",
        skip_serializing_if = "Option::is_none"
    )]
    pub audio_base64: Option<String>,
}

/// Ours: how something is to be spoken.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spoken {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<String>,
    /// 1 is the usual speed.
    #[serde(
        default,
        deserialize_with = "finite",
        skip_serializing_if = "Option::is_none"
    )]
    pub speed: Option<f32>,
    /// What is to speak, where the server has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// How the sound is to come: [`BINARY`], or as files in text frames.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio: Option<String>,
}

impl From<&VoiceWish> for Spoken {
    /// As a server of ours takes it.
    fn from(wish: &VoiceWish) -> Self {
        Self {
            voice: wish.voice.clone(),
            speed: Some(wish.speed),
            engine: wish.engine.clone(),
            audio: Some(BINARY.to_owned()),
        }
    }
}

/// A number that some other type of the same width could not hold is none.
fn finite<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f32>, D::Error> {
    let number = Option::<f32>::deserialize(from)?;
    Ok(number.filter(|number| number.is_finite()))
}
