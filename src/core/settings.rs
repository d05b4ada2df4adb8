//! The settings as the screen shows them: what each is, where its value comes from, what it may be.
//! `config` is their home; here they are told, tried and changed by name.

use super::model::Choice;
use super::voice::Wishes;
use super::words::{Lang, Word, fill};
use serde::{Deserialize, Serialize};

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Its dotted name.
    pub key: String,
    /// Its value for people; of a secret only where it comes from.
    pub value: String,
    pub from: Source,
    pub about: String,
    /// What it may be, in the words that follow "must be".
    pub range: String,
    /// Free keys have none.
    pub default: Option<String>,
    /// Values that are worth offering; others may be right, too.
    pub choices: Vec<String>,
    pub secret: bool,
}

/// Where a value comes from. Later ones win over earlier ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    Default,
    /// The file, and the line in it.
    File(usize),
    Variable(String),
    Flag(String),
}

impl Source {
    /// Where that is, in words.
    pub fn tell(&self, lang: Lang) -> String {
        match self {
            Self::Default => Word::FromDefault.text(lang).to_owned(),
            Self::File(line) => fill(Word::FromFile.text(lang), &[&line.to_string()]),
            Self::Variable(name) => fill(Word::FromVariable.text(lang), &[name]),
            Self::Flag(name) => fill(Word::FromFlag.text(lang), &[name]),
        }
    }

    /// Whether what the file says does not count.
    pub const fn wins_over_the_file(&self) -> bool {
        matches!(self, Self::Variable(_) | Self::Flag(_))
    }
}

/// What may be asked of the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingsOrder {
    /// Tell all of them.
    List,
    /// Say whether this could be the value. `nth`: of how many that were tried.
    Try { key: String, text: String, nth: u32 },
    /// Write it into the file.
    Set { key: String, text: String },
    /// Take it out of the file.
    Unset { key: String },
}

/// What comes of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(
    clippy::large_enum_variant,
    reason = "few of them live at a time, and a box would cost more"
)]
pub enum SettingsEvent {
    Listed(Vec<Setting>),
    /// `wants`: what it must be instead, if it cannot be.
    Tried {
        nth: u32,
        wants: Option<String>,
    },
    /// It is written; all settings as they are now, and what may count at once.
    Written {
        key: String,
        all: Vec<Setting>,
        now: InForce,
    },
    /// It was not; both texts are for people.
    Failed {
        what: String,
        hint: String,
    },
}

/// The settings that a running program can take in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and all combinations happen"
)]
pub struct InForce {
    pub lang: Lang,
    pub choice: Choice,
    pub voice: Wishes,
    pub show_reasoning: bool,
    pub bell: bool,
    pub notify: bool,
    pub theme: String,
    /// Nothing moves by itself.
    pub still: bool,
    pub mouse: bool,
    pub panel: bool,
}

/// What the model of the program knows of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// As they were told last.
    pub all: Vec<Setting>,
    /// What the user wants to change as soon as the list is told; an empty name: to see the list.
    pub wanted: Option<String>,
    /// How many values were tried.
    pub tried: u32,
}

impl Settings {
    /// The setting of this name.
    pub fn get(&self, key: &str) -> Option<&Setting> {
        self.all.iter().find(|setting| setting.key == key)
    }
}
