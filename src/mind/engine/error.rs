//! What can be wrong with a model, as data, as a sentence, and with what to do about it.

use crate::core::shelf::Task;
use crate::core::words::{Lang, Word, fill};
use serde::{Deserialize, Serialize};

/// Why a model does not hear or speak. It crosses from the engine's process to ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}", self.tell(Lang::En))]
pub enum ModelError {
    /// Another engine is wanted, and this build has none.
    Alone,
    /// A file is cut short, or is something else than it should be.
    Damaged { file: String, why: String },
    /// A voice has no way to read words of this language.
    Dumb { model: String, language: String },
    /// A folder lacks a file that such a model needs.
    Lacks { folder: String, file: String },
    /// Another engine is wanted, and cannot be had.
    Library { why: String },
    /// A folder holds nothing that we know.
    Nothing { folder: String },
    /// It is a model, but not of the kind its files say: it has no such input or output.
    Other { file: String, lacks: String },
    /// It does this, and something else is wanted of it.
    Part { model: String, does: Task },
    /// The engine cannot run it.
    Refused { file: String, why: String },
}

impl ModelError {
    /// What happened, as a sentence.
    pub fn tell(&self, lang: Lang) -> String {
        let (word, arguments) = match self {
            Self::Alone => (Word::ModelAlone, vec![]),
            Self::Damaged { file, why } => (Word::ModelDamaged, vec![file, why]),
            Self::Dumb { model, language } => (Word::ModelDumb, vec![model, language]),
            Self::Lacks { folder, file } => (Word::ModelLacks, vec![folder, file]),
            Self::Library { why } => (Word::ModelLibrary, vec![why]),
            Self::Nothing { folder } => (Word::ModelNothing, vec![folder]),
            Self::Other { file, lacks } => (Word::ModelOther, vec![file, lacks]),
            Self::Part { model, does } => match does {
                Task::Ears => (Word::ModelHears, vec![model]),
                Task::Voice => (Word::ModelSpeaks, vec![model]),
                Task::Brain => (Word::ModelThinks, vec![model]),
            },
            Self::Refused { file, why } => (Word::ModelRefused, vec![file, why]),
        };
        let arguments: Vec<&str> = arguments.into_iter().map(String::as_str).collect();
        fill(word.text(lang), &arguments)
    }

    /// What to do about it.
    pub fn hint(&self, lang: Lang) -> String {
        let word = match self {
            Self::Alone => Word::ModelAloneHint,
            Self::Library { .. } => Word::ModelLibraryHint,
            Self::Damaged { .. } | Self::Lacks { .. } => Word::ModelAgainHint,
            Self::Dumb { .. } => Word::ModelDumbHint,
            Self::Nothing { .. } | Self::Other { .. } | Self::Refused { .. } => {
                Word::ModelKnownHint
            }
            Self::Part { does, .. } => match does {
                Task::Ears => Word::ModelHearsHint,
                Task::Voice => Word::ModelSpeaksHint,
                Task::Brain => Word::ModelThinksHint,
            },
        };
        word.text(lang).to_owned()
    }
}
