//! Why the backend could not do what a client asked, as data, as a sentence and with a hint.

use crate::core::words::{Lang, Word, fill};
use crate::mind::{BrainError, SpeechError};
use crate::wire::yychat::frames::{ErrorBody, Ids, ServerFrame};
use std::fmt;
use std::time::Duration;

/// When a server that has no room is worth another question.
const SOON: Duration = Duration::from_secs(2);

/// What errors about recordings are called.
const AUDIO: &str = "audio_processing_error";

/// And those about calls.
const CALL_ERROR: &str = "voice_call_error";

/// Why a client's frame was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServeError {
    /// A recording that cannot be read.
    Audio {
        why: String,
    },
    Binary {
        length: usize,
    },
    Brain(BrainError),
    BrainUnknown {
        brain: String,
    },
    Busy {
        most: usize,
    },
    ClientId {
        client: String,
    },
    /// The server is about to end.
    Closing,
    CommandUnknown {
        command: String,
    },
    Duplicate {
        message: String,
    },
    Ears(SpeechError),
    Endless {
        brain: String,
        most: usize,
    },
    Field {
        kind: String,
        why: String,
    },
    Filtered {
        brain: String,
    },
    /// As much is under way as may be.
    Full,
    Key {
        why: String,
        hint: String,
    },
    NoAudio,
    /// No model on this machine answers, or not the one that was asked for.
    NoLocalBrain {
        model: String,
    },
    NoWords,
    NotJson {
        why: String,
    },
    NotAnObject,
    NothingSaid {
        brain: String,
    },
    NoType,
    NoVoice {
        command: String,
    },
    PersonaUnknown {
        persona: String,
        nearest: Option<String>,
        /// Those that there are.
        known: Vec<String>,
    },
    QueryUnknown {
        query: String,
    },
    /// More messages than so many in a second.
    Rate {
        rate: u32,
        wait: Duration,
    },
    /// So many recordings wait for ears.
    Recordings {
        most: usize,
    },
    TooLarge {
        length: usize,
        most: usize,
    },
    /// A recording of more than so many minutes.
    TooLong {
        minutes: usize,
    },
    ToolRounds {
        brain: String,
        most: usize,
    },
    TypeUnknown {
        kind: String,
    },
    Voice(SpeechError),
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.tell(Lang::En))
    }
}

impl std::error::Error for ServeError {}

impl From<BrainError> for ServeError {
    fn from(error: BrainError) -> Self {
        Self::Brain(error)
    }
}

impl ServeError {
    /// A short word for programs. What plain clients know keeps the word they know it by.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Binary { .. }
            | Self::Field { .. }
            | Self::NoType
            | Self::NotAnObject
            | Self::NotJson { .. }
            | Self::TypeUnknown { .. } => "invalid_message",
            Self::Audio { .. } | Self::NoAudio => "audio_unreadable",
            Self::Brain(error) => error.code(),
            Self::BrainUnknown { .. } | Self::NoLocalBrain { .. } => "brain_unknown",
            Self::Busy { .. } => "too_many_turns",
            Self::ClientId { .. } => "client_id_mismatch",
            Self::Closing => "closing",
            Self::CommandUnknown { .. } => "command_unknown",
            Self::Duplicate { .. } => "duplicate_message",
            Self::Ears(SpeechError::Missing { .. }) => "no_ears",
            Self::Ears(_) => "hearing_failed",
            Self::Endless { .. } => "answer_too_long",
            Self::Filtered { .. } => "filtered",
            Self::Full => "server_busy",
            Self::Key { .. } => "key_unreadable",
            Self::NoVoice { .. } => "unsupported",
            Self::NoWords => "empty_message",
            Self::NothingSaid { .. } => "empty_answer",
            Self::PersonaUnknown { .. } => "persona_unknown",
            Self::QueryUnknown { .. } => "query_unknown",
            Self::Rate { .. } => "too_many_messages",
            Self::Recordings { .. } => "too_many_recordings",
            Self::TooLong { .. } => "recording_too_long",
            Self::Voice(SpeechError::Missing { .. }) => "no_voice",
            Self::Voice(_) => "speech_failed",
            Self::TooLarge { .. } => "message_too_large",
            Self::ToolRounds { .. } => "too_many_tools",
        }
    }

    /// Which part of the backend complains, in the words of the common protocol.
    fn kind(&self) -> &'static str {
        match self {
            Self::Audio { .. }
            | Self::Ears(_)
            | Self::NoAudio
            | Self::Recordings { .. }
            | Self::TooLong { .. } => AUDIO,
            Self::Voice(_) => "speech_error",
            Self::Brain(_)
            | Self::BrainUnknown { .. }
            | Self::NoLocalBrain { .. }
            | Self::Busy { .. }
            | Self::Closing
            | Self::Endless { .. }
            | Self::Filtered { .. }
            | Self::Full
            | Self::Key { .. }
            | Self::NothingSaid { .. }
            | Self::PersonaUnknown { .. }
            | Self::ToolRounds { .. } => "text_processing_error",
            Self::CommandUnknown { .. } | Self::NoVoice { .. } => CALL_ERROR,
            Self::Binary { .. }
            | Self::ClientId { .. }
            | Self::Duplicate { .. }
            | Self::Field { .. }
            | Self::NoType
            | Self::NoWords
            | Self::NotAnObject
            | Self::NotJson { .. }
            | Self::QueryUnknown { .. }
            | Self::Rate { .. }
            | Self::TooLarge { .. }
            | Self::TypeUnknown { .. } => "message_processing_error",
        }
    }

    /// What happened, as a sentence. What only the author of a client can do wrong is told in
    /// English, as the names in it are.
    pub fn tell(&self, lang: Lang) -> String {
        let say = |word: Word, arguments: &[&str]| fill(word.text(lang), arguments);
        match self {
            Self::Audio { why } => format!("this recording cannot be read: {why}"),
            Self::Binary { length } => {
                format!("a binary frame of {length} bytes that is none of this language")
            }
            Self::Brain(error) => error.tell(lang),
            Self::BrainUnknown { brain } => say(Word::ServeBrainUnknown, &[brain]),
            Self::NoLocalBrain { model } if model == "local" => {
                say(Word::ServeNoLocalBrainAtAll, &[])
            }
            Self::NoLocalBrain { model } => say(Word::ServeNoLocalBrain, &[model]),
            Self::Busy { most } => say(Word::ServeBusy, &[&most.to_string()]),
            Self::ClientId { client } => format!("this connection is not called `{client}`"),
            Self::Closing => say(Word::ServeClosing, &[]),
            Self::CommandUnknown { command } => format!("`{command}` is no voice command"),
            Self::Duplicate { message } => {
                format!("the message `{message}` is being answered already")
            }
            Self::Ears(error) | Self::Voice(error) => error.tell(lang),
            Self::Endless { brain, most } => say(Word::ServeEndless, &[brain, &most.to_string()]),
            Self::Field { kind, why } => format!("`{kind}` cannot be read: {why}"),
            Self::Filtered { brain } => say(Word::ServeFiltered, &[brain]),
            Self::Full => say(Word::ServeFull, &[]),
            Self::Key { why, .. } => why.clone(),
            Self::NoAudio => "there is no sound in it".to_owned(),
            Self::NoWords => say(Word::ServeNoWords, &[]),
            Self::NotJson { why } => format!("a text frame that is not JSON: {why}"),
            Self::NotAnObject => "a JSON value that is not an object".to_owned(),
            Self::NothingSaid { brain } => say(Word::ServeNothingSaid, &[brain]),
            Self::NoType => "an object without a `type`".to_owned(),
            Self::NoVoice { command } => {
                format!("`{command}` of this kind is not taken here")
            }
            Self::PersonaUnknown { persona, .. } => say(Word::ServePersonaUnknown, &[persona]),
            Self::Rate { rate, .. } => say(Word::ServeRate, &[&rate.to_string()]),
            Self::Recordings { most } => say(Word::ServeRecordings, &[&most.to_string()]),
            Self::TooLong { minutes } => say(Word::ServeTooLong, &[&minutes.to_string()]),
            Self::QueryUnknown { query } => format!("the backend has no figures of `{query}`"),
            Self::TooLarge { length, most } => say(
                Word::ServeTooLarge,
                &[&length.to_string(), &most.to_string()],
            ),
            Self::ToolRounds { brain, most } => {
                say(Word::ServeToolRounds, &[brain, &most.to_string()])
            }
            Self::TypeUnknown { kind } => format!("a frame of unknown type `{kind}`"),
        }
    }

    /// What to do about it, where something can be done.
    pub fn hint(&self, lang: Lang) -> Option<String> {
        let say = |word: Word, arguments: &[&str]| Some(fill(word.text(lang), arguments));
        match self {
            Self::Audio { .. } => {
                Some("send WAV, or PCM of 16 bit, mono, 16000 samples to the second".to_owned())
            }
            Self::Ears(error) | Self::Voice(error) => error.hint(lang),
            Self::Recordings { .. } => say(Word::ServeRecordingsHint, &[]),
            Self::TooLong { .. } => say(Word::ServeTooLongHint, &[]),
            // Nobody is put in its place unasked.
            Self::Brain(error) => say(Word::ServeBrainHint, &[&error.hint(lang)]),
            Self::BrainUnknown { .. } => say(Word::ServeBrainUnknownHint, &[]),
            Self::NoLocalBrain { .. } => say(Word::ServeNoLocalBrainHint, &[]),
            Self::Busy { .. } => say(Word::ServeBusyHint, &[]),
            Self::ClientId { .. } => Some(
                "leave `client_id` out, or send the one this connection was greeted with"
                    .to_owned(),
            ),
            Self::Endless { .. } => say(Word::ServeEndlessHint, &[]),
            Self::Filtered { .. } => say(Word::ServeFilteredHint, &[]),
            Self::Key { hint, .. } => Some(hint.clone()),
            Self::Closing | Self::Full | Self::Rate { .. } => say(Word::ServeSoonHint, &[]),
            Self::NothingSaid { .. } | Self::ToolRounds { .. } => say(Word::ServeAgainHint, &[]),
            Self::NoVoice { .. } => {
                Some("record what is said, and send it with `audio_input`".to_owned())
            }
            Self::PersonaUnknown {
                nearest: Some(nearest),
                ..
            } => say(Word::ServePersonaNear, &[nearest]),
            Self::PersonaUnknown { known, .. } => {
                let known: Vec<_> = known.iter().map(|id| format!("`{id}`")).collect();
                say(Word::ServePersonaHint, &[&known.join(", ")])
            }
            Self::QueryUnknown { .. } => Some("ask for `connection`".to_owned()),
            Self::TooLarge { .. } => say(Word::ServeTooLargeHint, &[]),
            Self::Binary { .. }
            | Self::CommandUnknown { .. }
            | Self::Duplicate { .. }
            | Self::Field { .. }
            | Self::NoAudio
            | Self::NoType
            | Self::NoWords
            | Self::NotAnObject
            | Self::NotJson { .. }
            | Self::TypeUnknown { .. } => None,
        }
    }

    /// The same, as it travels. Plain clients read one about a recording in another place.
    pub(super) fn frame(&self, lang: Lang, ids: Ids, timestamp: f64) -> ServerFrame {
        let flat =
            (self.kind() == AUDIO).then(|| format!("Audio processing failed: {}", self.tell(lang)));
        ServerFrame::Error {
            error: self.body(lang),
            message: flat,
            ids,
            timestamp,
        }
    }

    /// The same about a call that does not begin: clients look for that in the type.
    pub(super) fn of_call(&self, lang: Lang, timestamp: f64) -> ServerFrame {
        let kind = CALL_ERROR.to_owned();
        ServerFrame::Error {
            error: ErrorBody {
                kind,
                ..self.body(lang)
            },
            message: None,
            ids: Ids::default(),
            timestamp,
        }
    }

    /// In how many seconds it may be asked again, where that is known.
    pub(super) fn retry_after(&self) -> Option<u64> {
        let wait = match self {
            Self::Brain(error) => error.retry_after(),
            Self::Rate { wait, .. } => Some(*wait),
            Self::Closing | Self::Full => Some(SOON),
            _ => None,
        };
        wait.map(|wait| wait.as_millis().div_ceil(1000) as u64)
    }

    fn body(&self, lang: Lang) -> ErrorBody {
        ErrorBody {
            message: self.tell(lang),
            kind: self.kind().to_owned(),
            code: self.code().to_owned(),
            hint: self.hint(lang),
            retry_after: self.retry_after(),
        }
    }
}
