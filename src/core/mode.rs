//! The eight states, which may follow which, and the machine that holds the current one.

use super::words::Word;
use serde::{Deserialize, Serialize};

/// What the assistant is doing for the user right now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    #[default]
    Idle,
    /// A text reply streams in.
    TextSse,
    /// That reply is spoken.
    TextTts,
    /// The microphone is open and speech is recognised.
    VoiceStt,
    /// A reply to speech streams in.
    VoiceSse,
    /// That reply is spoken.
    VoiceTts,
    /// A hands-free call.
    VoiceCall,
    /// A fault waits to be seen.
    Error,
}

impl Mode {
    /// All eight.
    pub const ALL: [Self; 8] = [
        Self::Idle,
        Self::TextSse,
        Self::TextTts,
        Self::VoiceStt,
        Self::VoiceSse,
        Self::VoiceTts,
        Self::VoiceCall,
        Self::Error,
    ];

    /// The name used in files, traces and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::TextSse => "text_sse",
            Self::TextTts => "text_tts",
            Self::VoiceStt => "voice_stt",
            Self::VoiceSse => "voice_sse",
            Self::VoiceTts => "voice_tts",
            Self::VoiceCall => "voice_call",
            Self::Error => "error",
        }
    }

    /// What people are told.
    pub const fn word(self) -> Word {
        match self {
            Self::Idle => Word::StateIdle,
            Self::TextSse => Word::StateTextSse,
            Self::TextTts => Word::StateTextTts,
            Self::VoiceStt => Word::StateVoiceStt,
            Self::VoiceSse => Word::StateVoiceSse,
            Self::VoiceTts => Word::StateVoiceTts,
            Self::VoiceCall => Word::StateVoiceCall,
            Self::Error => Word::StateError,
        }
    }
}

/// The current state, its lock and its history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Modes {
    current: Mode,
}

impl Modes {
    /// The state now.
    pub const fn current(&self) -> Mode {
        self.current
    }
}
