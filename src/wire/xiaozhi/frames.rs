//! The messages of the client, as they are written.

use super::binary::Version;
use serde::Serialize;
use serde_json::Value;

/// What the client says as text.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ClientFrame<'a> {
    Hello {
        version: u16,
        features: Features,
        transport: &'static str,
        audio_params: AudioParams,
    },
    Listen {
        session_id: &'a str,
        #[serde(flatten)]
        listen: Listen<'a>,
    },
    Abort {
        session_id: &'a str,
    },
    Mcp {
        session_id: &'a str,
        payload: Value,
    },
}

/// What we can do beyond talking.
#[derive(Serialize)]
pub(super) struct Features {
    pub(super) mcp: bool,
}

/// How we pack sound.
#[derive(Serialize)]
pub(super) struct AudioParams {
    pub(super) format: &'static str,
    pub(super) sample_rate: u32,
    pub(super) channels: u16,
    pub(super) frame_duration: u32,
}

/// What the server is to listen to.
#[derive(Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(super) enum Listen<'a> {
    /// Sound comes, until we say that it ends.
    Start {
        mode: &'static str,
    },
    Stop,
    /// These words, as if they had been heard.
    Detect {
        text: &'a str,
    },
}

impl ClientFrame<'_> {
    /// The first message on a line.
    pub(super) fn hello(version: Version, frame_ms: u32) -> Self {
        ClientFrame::Hello {
            version: version.number(),
            features: Features { mcp: true },
            transport: "websocket",
            audio_params: AudioParams {
                format: "opus",
                sample_rate: crate::core::sound::RATE,
                channels: 1,
                frame_duration: frame_ms,
            },
        }
    }

    pub(super) fn written(&self) -> String {
        serde_json::to_string(self).expect("our messages hold text, numbers and flags")
    }
}
