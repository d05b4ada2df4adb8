//! Why the backend could not do what a client asked, as data, as a sentence and with a hint.

use crate::mind::BrainError;
use crate::wire::yychat::frames::ErrorBody;

/// Why a client's frame was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServeError {
    #[error("a binary frame of {length} bytes, and this language has none")]
    Binary { length: usize },
    #[error(transparent)]
    Brain(#[from] BrainError),
    #[error("there is no brain `{brain}` here")]
    BrainUnknown { brain: String },
    #[error("{most} messages are being answered already")]
    Busy { most: usize },
    #[error("this connection is not called `{client}`")]
    ClientId { client: String },
    #[error("`{command}` is no voice command")]
    CommandUnknown { command: String },
    #[error("the message `{message}` is being answered already")]
    Duplicate { message: String },
    #[error("the answer of {brain} does not end: {most} bytes have come")]
    Endless { brain: String, most: usize },
    #[error("`{kind}` cannot be read: {why}")]
    Field { kind: String, why: String },
    #[error("{brain} withheld its answer")]
    Filtered { brain: String },
    #[error("{why}")]
    Key { why: String, hint: String },
    #[error("the message holds no words")]
    NoWords,
    #[error("a text frame that is not JSON: {why}")]
    NotJson { why: String },
    #[error("a JSON value that is not an object")]
    NotAnObject,
    #[error("{brain} ended its answer without a word")]
    NothingSaid { brain: String },
    #[error("an object without a `type`")]
    NoType,
    #[error("`{command}` needs ears and a voice, and this backend has neither")]
    NoVoice { command: String },
    #[error("there is no persona `{persona}`")]
    PersonaUnknown {
        persona: String,
        nearest: Option<String>,
    },
    #[error("the backend has no figures of `{query}`")]
    QueryUnknown { query: String },
    #[error("a message of {length} bytes; at most {most} are read")]
    TooLarge { length: usize, most: usize },
    #[error("{brain} used tools {most} times and still gave no answer")]
    ToolRounds { brain: String, most: usize },
    #[error("a frame of unknown type `{kind}`")]
    TypeUnknown { kind: String },
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

    /// What to do about it, where something can be done.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            // Nobody is put in its place unasked.
            Self::Brain(error) => {
                format!("{}; or choose another brain with `/brains`", error.hint())
            }
            Self::Key { hint, .. } => return Some(hint.clone()),
            Self::BrainUnknown { .. } => "choose one of those that `/brains` lists".to_owned(),
            Self::Busy { .. } => "wait for an answer, or stop one".to_owned(),
            Self::ClientId { .. } => {
                "leave `client_id` out, or send the one this connection was greeted with".to_owned()
            }
            Self::Endless { .. } => "ask for a shorter answer".to_owned(),
            Self::Filtered { .. } => "ask in other words, or choose another brain".to_owned(),
            Self::NothingSaid { .. } | Self::ToolRounds { .. } => {
                "ask again, or choose another brain with `/brains`".to_owned()
            }
            Self::NoVoice { .. } => "send text".to_owned(),
            Self::PersonaUnknown {
                nearest: Some(nearest),
                ..
            } => format!("did you mean `{nearest}`?"),
            Self::PersonaUnknown { nearest: None, .. } => {
                "choose one of those that `/personas` lists".to_owned()
            }
            Self::QueryUnknown { .. } => "ask for `connection`".to_owned(),
            Self::TooLarge { .. } => "send a part of it".to_owned(),
            Self::Binary { .. }
            | Self::CommandUnknown { .. }
            | Self::Duplicate { .. }
            | Self::Field { .. }
            | Self::NoType
            | Self::NoWords
            | Self::NotAnObject
            | Self::NotJson { .. }
            | Self::TypeUnknown { .. } => return None,
        };
        Some(hint)
    }

    /// The same, as it travels.
    pub(super) fn body(&self) -> ErrorBody {
        let retry_after = match self {
            Self::Brain(error) => error.trouble().retry_after_s,
            _ => None,
        };
        ErrorBody {
            message: self.to_string(),
            kind: self.kind().to_owned(),
            code: self.code().to_owned(),
            hint: self.hint(),
            retry_after,
        }
    }
}
