//! Models that hear, speak and answer on this machine as the rest of the program sees them: which there are,
//! and one on its way here. `mind::models` fetches them; here it is told to, and tells how far it is.

use serde::{Deserialize, Serialize};

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    Ears,
    Voice,
    Brain,
}

impl Task {
    /// How lists and receipts write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ears => "ears",
            Self::Voice => "voice",
            Self::Brain => "brain",
        }
    }
}

/// What the keeper of models may be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShelfOrder {
    /// Tell which models there are.
    List,
    /// Bring this one here. The user has said yes to its size and its licence.
    Pull { model: String },
    /// Stop bringing one here. What came is kept.
    Stop,
}

/// What it tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ShelfEvent {
    Listed(Vec<Offer>),
    /// How far the one is that is on its way.
    Pulling(Pull),
    /// It is here.
    Pulled {
        model: String,
    },
    /// It was stopped.
    Stopped {
        model: String,
    },
    /// It did not come, or the models cannot be listed; both texts are in the user's language.
    Failed {
        what: String,
        hint: Option<String>,
    },
}

/// A model that can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub model: String,
    pub task: Task,
    /// Codes of languages; `*` stands for many more.
    pub languages: Vec<String>,
    pub licence: String,
    /// What it weighs, as far as that is known, and whether that is exact.
    pub weight: Option<(u64, bool)>,
    /// Where it would come from.
    pub source: String,
    /// Whether what its publisher says of each file is known beforehand.
    #[serde(default)]
    pub pinned: bool,
    pub standing: Standing,
}

/// What is here of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    Absent,
    Partial { bytes: u64 },
    Damaged,
    Here { bytes: u64 },
}

/// A model on its way here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pull {
    pub model: String,
    /// Which of the files that were missing is coming, from 1 on; 0 while none is.
    pub nth: usize,
    pub of: usize,
    pub done: u64,
    pub total: Option<u64>,
    /// Why nothing comes just now.
    pub pause: Option<Pause>,
}

/// Why nothing comes just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pause {
    /// Another program brings it here.
    Elsewhere,
    /// It is asked for again after so many seconds.
    Again { seconds: u64 },
}

/// What the model of the program knows of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shelf {
    /// The list as it was told last.
    pub offers: Vec<Offer>,
    pub pull: Option<Pull>,
    /// What the user wants as soon as the list is told.
    pub wanted: Option<Wanted>,
}

/// What the user wants of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// To choose from it.
    List,
    /// This one of it.
    Model(String),
}

/// Bytes as people read them: `77 MB`, `3.2 MB`, `12 kB`.
pub fn megabytes(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..10_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        10_000_000..10_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_as_precisely_as_people_care() {
        for (bytes, told) in [
            (0, "0 B"),
            (999, "999 B"),
            (12_345, "12 kB"),
            (3_250_000, "3.2 MB"),
            (76_999_999, "76 MB"),
            (12_300_000_000, "12.3 GB"),
        ] {
            assert_eq!(megabytes(bytes), told);
        }
    }
}
