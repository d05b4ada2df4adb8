//! Why a server of tools cannot be used, or a use of a tool came to nothing.

use crate::core::words::{Lang, Word, fill};
use std::time::Duration;

/// What went wrong with a server of tools.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.tell(Lang::En))]
pub enum McpError {
    /// What the model gave as arguments is no JSON object.
    Arguments { why: String },
    /// It ended or hung up; `why` is its own last word about it, if there is one.
    Died { server: String, why: String },
    /// It says more than anybody could read.
    Floods { server: String, why: &'static str },
    /// It could not be started or reached.
    NoStart { server: String, why: String },
    /// It answered with an error.
    Refused { why: String },
    /// It was asked and gave nothing for so long; the use was called off.
    Silent { server: String, waited: Duration },
    /// There is no such tool there (any more).
    Unknown { tool: String },
}

impl McpError {
    /// What happened, as a sentence.
    pub fn tell(&self, lang: Lang) -> String {
        let say = |word: Word, arguments: &[&str]| fill(word.text(lang), arguments);
        match self {
            Self::Arguments { why } => say(Word::McpArguments, &[why]),
            Self::Died { server, why } if why.is_empty() => say(Word::McpDied, &[server]),
            Self::Died { server, why } => say(Word::McpDiedSaying, &[server, why]),
            Self::Floods { server, why } => say(Word::McpFloods, &[server, why]),
            Self::NoStart { server, why } => say(Word::McpNoStart, &[server, why]),
            Self::Refused { why } => why.clone(),
            Self::Silent { server, waited } => {
                say(Word::McpSilent, &[server, &waited.as_secs().to_string()])
            }
            Self::Unknown { tool } => say(Word::McpUnknown, &[tool]),
        }
    }
}
