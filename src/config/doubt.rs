//! What the user should know of the configuration although the program starts.

use super::error::Origin;
use crate::core::words::{Lang, Word, fill};
use std::path::PathBuf;

/// Something doubtful: told, and no reason to stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// Others can read a secret.
    Exposed { path: PathBuf, secret: String },
    /// A variable shared with other programs holds what we cannot read.
    Ignored {
        variable: String,
        found: String,
        wants: String,
    },
    /// More unknown settings than are told one by one.
    More { path: PathBuf, count: usize },
    /// A secret comes from a variable that is not set.
    NotSet { secret: String, variable: String },
    /// A setting nobody knows.
    Unknown {
        origin: Origin,
        key: String,
        nearest: Option<&'static str>,
    },
    /// A variable that looks like ours and sets nothing.
    UnknownVariable {
        name: String,
        nearest: Option<String>,
    },
}

impl Doubt {
    /// The sentence.
    pub(super) fn tell(&self, lang: Lang) -> String {
        let say = |word: Word, arguments: &[&str]| fill(word.text(lang), arguments);
        match self {
            Self::Exposed { path, secret } => {
                say(Word::DoubtExposed, &[&path.display().to_string(), secret])
            }
            Self::Ignored {
                variable,
                found,
                wants,
            } => say(Word::DoubtIgnored, &[variable, found, wants]),
            Self::More { path, count } => say(
                Word::DoubtMore,
                &[&path.display().to_string(), &count.to_string()],
            ),
            Self::NotSet { secret, variable } => say(Word::DoubtNotSet, &[secret, variable]),
            Self::Unknown {
                origin,
                key,
                nearest: Some(nearest),
            } => say(Word::DoubtUnknownNear, &[&origin.to_string(), key, nearest]),
            Self::Unknown { origin, key, .. } => {
                say(Word::DoubtUnknown, &[&origin.to_string(), key])
            }
            Self::UnknownVariable {
                name,
                nearest: Some(nearest),
            } => say(Word::DoubtVariableNear, &[name, nearest]),
            Self::UnknownVariable { name, .. } => say(Word::DoubtVariable, &[name]),
        }
    }
}
