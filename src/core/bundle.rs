//! What a report of a fault is made of. Pure: which parts there are, which are wanted; the shell
//! gathers them.

use super::ids::{ConversationId, TurnId};
use super::words::Word;
use std::path::PathBuf;

/// A part of a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    Version,
    Doctor,
    Settings,
    Lines,
    Log,
    Timeline,
    Texts,
    Audio,
}

impl Part {
    /// All of them, in the order in which they are told and written.
    pub const ALL: [Self; 8] = [
        Self::Version,
        Self::Doctor,
        Self::Settings,
        Self::Lines,
        Self::Log,
        Self::Timeline,
        Self::Texts,
        Self::Audio,
    ];

    /// The name used in options, actions and in the bundle.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Doctor => "doctor",
            Self::Settings => "settings",
            Self::Lines => "lines",
            Self::Log => "log",
            Self::Timeline => "timeline",
            Self::Texts => "texts",
            Self::Audio => "audio",
        }
    }

    /// The part of this name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }

    /// What it is, for people.
    pub const fn word(self) -> Word {
        match self {
            Self::Version => Word::BundleVersion,
            Self::Doctor => Word::BundleDoctor,
            Self::Settings => Word::BundleSettings,
            Self::Lines => Word::BundleLines,
            Self::Log => Word::BundleLog,
            Self::Timeline => Word::BundleTimeline,
            Self::Texts => Word::BundleTexts,
            Self::Audio => Word::BundleAudio,
        }
    }

    /// What people say is left out unless they want it in.
    pub const fn is_private(self) -> bool {
        matches!(self, Self::Texts | Self::Audio)
    }
}

/// The parts that are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts(Vec<Part>);

impl Default for Parts {
    /// All but what was said.
    fn default() -> Self {
        let parts = Part::ALL.into_iter().filter(|part| !part.is_private());
        Self(parts.collect())
    }
}

impl Parts {
    /// Whether this is one of them.
    pub fn has(&self, part: Part) -> bool {
        self.0.contains(&part)
    }

    /// Wants it, or no longer.
    pub fn toggle(&mut self, part: Part) {
        if self.has(part) {
            self.0.retain(|one| *one != part);
        } else {
            self.0.push(part);
        }
    }
}

/// A bundle that is to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    pub parts: Parts,
    /// Where to; `None` leaves it to the program.
    pub place: Option<PathBuf>,
    pub conversation: ConversationId,
    pub turn: Option<TurnId>,
    /// What the program knows of the turn, as lines; with the texts only if they are wanted.
    pub timeline: Vec<String>,
}
