//! Why the backend could not do what a client asked, as data, as a sentence and with a hint.

use crate::core::words::{Lang, Word, fill};
use crate::mind::BrainError;
use crate::wire::yychat::frames::ErrorBody;
use std::fmt;

/// Why a client's frame was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServeError {
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
    CommandUnknown {
        command: String,
    },
    Duplicate {
        message: String,
    },
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
    Key {
        why: String,
        hint: String,
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
    TooLarge {
        length: usize,
        most: usize,
    },
    ToolRounds {
        brain: String,
        most: usize,
    },
    TypeUnknown {
        kind: String,
    },
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
            Self::Brain(error) => error.code(),
            Self::BrainUnknown { .. } => "brain_unknown",
            Self::Busy { .. } => "too_many_turns",
            Self::ClientId { .. } => "client_id_mismatch",
            Self::CommandUnknown { .. } => "command_unknown",
            Self::Duplicate { .. } => "duplicate_message",
            Self::Endless { .. } => "answer_too_long",
            Self::Filtered { .. } => "filtered",
            Self::Key { .. } => "key_unreadable",
            Self::NoVoice { .. } => "unsupported",
            Self::NoWords => "empty_message",
            Self::NothingSaid { .. } => "empty_answer",
            Self::PersonaUnknown { .. } => "persona_unknown",
            Self::QueryUnknown { .. } => "query_unknown",
            Self::TooLarge { .. } => "message_too_large",
            Self::ToolRounds { .. } => "too_many_tools",
        }
    }

    /// Which part of the backend complains, in the words of the common protocol.
    fn kind(&self) -> &'static str {
        match self {
            Self::Brain(_)
            | Self::BrainUnknown { .. }
            | Self::Busy { .. }
            | Self::Endless { .. }
            | Self::Filtered { .. }
            | Self::Key { .. }
            | Self::NothingSaid { .. }
            | Self::PersonaUnknown { .. }
            | Self::ToolRounds { .. } => "text_processing_error",
            Self::CommandUnknown { .. } | Self::NoVoice { .. } => "voice_call_error",
            Self::Binary { .. }
            | Self::ClientId { .. }
            | Self::Duplicate { .. }
            | Self::Field { .. }
            | Self::NoType
            | Self::NoWords
            | Self::NotAnObject
            | Self::NotJson { .. }
            | Self::QueryUnknown { .. }
            | Self::TooLarge { .. }
            | Self::TypeUnknown { .. } => "message_processing_error",
        }
    }

    /// What happened, as a sentence. What only the author of a client can do wrong is told in
    /// English, as the names in it are.
    pub fn tell(&self, lang: Lang) -> String {
        let say = |word: Word, arguments: &[&str]| fill(word.text(lang), arguments);
        match self {
            Self::Binary { length } => {
                format!("a binary frame of {length} bytes, and this language has none")
            }
            Self::Brain(error) => error.tell(lang),
            Self::BrainUnknown { brain } => say(Word::ServeBrainUnknown, &[brain]),
            Self::Busy { most } => say(Word::ServeBusy, &[&most.to_string()]),
            Self::ClientId { client } => format!("this connection is not called `{client}`"),
            Self::CommandUnknown { command } => format!("`{command}` is no voice command"),
            Self::Duplicate { message } => {
                format!("the message `{message}` is being answered already")
            }
            Self::Endless { brain, most } => say(Word::ServeEndless, &[brain, &most.to_string()]),
            Self::Field { kind, why } => format!("`{kind}` cannot be read: {why}"),
            Self::Filtered { brain } => say(Word::ServeFiltered, &[brain]),
            Self::Key { why, .. } => why.clone(),
            Self::NoWords => say(Word::ServeNoWords, &[]),
            Self::NotJson { why } => format!("a text frame that is not JSON: {why}"),
            Self::NotAnObject => "a JSON value that is not an object".to_owned(),
            Self::NothingSaid { brain } => say(Word::ServeNothingSaid, &[brain]),
            Self::NoType => "an object without a `type`".to_owned(),
            Self::NoVoice { command } => {
                format!("`{command}` needs ears and a voice, and this backend has neither")
            }
            Self::PersonaUnknown { persona, .. } => say(Word::ServePersonaUnknown, &[persona]),
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
            // Nobody is put in its place unasked.
            Self::Brain(error) => say(Word::ServeBrainHint, &[&error.hint(lang)]),
            Self::BrainUnknown { .. } => say(Word::ServeBrainUnknownHint, &[]),
            Self::Busy { .. } => say(Word::ServeBusyHint, &[]),
            Self::ClientId { .. } => Some(
                "leave `client_id` out, or send the one this connection was greeted with"
                    .to_owned(),
            ),
            Self::Endless { .. } => say(Word::ServeEndlessHint, &[]),
            Self::Filtered { .. } => say(Word::ServeFilteredHint, &[]),
            Self::Key { hint, .. } => Some(hint.clone()),
            Self::NothingSaid { .. } | Self::ToolRounds { .. } => say(Word::ServeAgainHint, &[]),
            Self::NoVoice { .. } => Some("send text".to_owned()),
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
            | Self::NoType
            | Self::NoWords
            | Self::NotAnObject
            | Self::NotJson { .. }
            | Self::TypeUnknown { .. } => None,
        }
    }

    /// The same, as it travels.
    pub(super) fn body(&self, lang: Lang) -> ErrorBody {
        let retry_after = match self {
            Self::Brain(error) => error
                .retry_after()
                .map(|wait| wait.as_millis().div_ceil(1000) as u64),
            _ => None,
        };
        ErrorBody {
            message: self.tell(lang),
            kind: self.kind().to_owned(),
            code: self.code().to_owned(),
            hint: self.hint(lang),
            retry_after,
        }
    }
}
