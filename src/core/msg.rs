//! Everything that can happen to the program. A run is a list of these, and can be run again.

use super::action::Action;
use super::backend::ToolCall;
use super::checkup::CheckEvent;
use super::chord::Chord;
use super::connect::ConnectEvent;
use super::import::ImportEvent;
use super::inspect::Findings;
use super::line::LinkEvent;
use super::log::LogEvent;
use super::model::Drawn;
use super::point::Spot;
use super::record::Kept;
use super::remote::Order;
use super::settings::SettingsEvent;
use super::shelf::ShelfEvent;
use super::sound::SoundEvent;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Msg {
    /// The program starts: bring the line up, fetch the draft and the conversation to resume.
    Start {
        resume: Option<super::ids::ConversationId>,
    },
    /// A key went down, or repeats while it is held.
    Key {
        chord: Chord,
        phase: Phase,
    },
    /// The terminal delivered a whole text.
    Paste(String),
    /// A button was pressed at this column and row. What stands there, only the screen knows: who
    /// owns it says `Pointed` instead.
    Click(u16, u16),
    /// Somebody clicked on this.
    Pointed(Spot),
    /// The wheel was turned by one step.
    Wheel {
        up: bool,
    },
    /// A whole line was written, where there is no screen and no single key.
    Written(String),
    /// The terminal has a new size: columns and rows.
    Resize(u16, u16),
    /// The terminal gained or lost the user's attention.
    Focus(bool),
    /// Somebody other than the keyboard asks for an action.
    #[serde(serialize_with = "as_text", deserialize_with = "from_text")]
    Act(Action),
    /// Somebody controls us from elsewhere on this machine.
    Order(Order),
    Link(LinkEvent),
    Kept(Kept),
    Sound(SoundEvent),
    Shelf(ShelfEvent),
    Check(CheckEvent),
    Log(LogEvent),
    Settings(SettingsEvent),
    Connect(ConnectEvent),
    Import(ImportEvent),
    /// A conversation was written into this file, or why not.
    Exported(Result<String, String>),
    /// This is known of a turn.
    Inspected(Box<Findings>),
    /// A report was written into this file, or why not.
    Bundled(Result<String, String>),
    /// What is in a line that nobody may see, as far as it may be shown.
    Masked(String),
    /// A tool was used for the backend, and this came of it.
    Used {
        call: ToolCall,
        outcome: Result<String, String>,
    },
    /// A timer of ours is due whose backend is elsewhere.
    Ring(String),
    /// What is on the clipboard, for an errand of a turn.
    Clipboard {
        turn: super::ids::TurnId,
        errand: String,
        found: Result<String, String>,
    },
    /// The screen was drawn, and this was found out on the way.
    Drawn(Drawn),
    /// A deadline of the model has come.
    Due,
    /// Recordings, and how long they are in milliseconds, that an earlier run may have left behind.
    Left(Vec<(super::ids::TurnId, u32)>),
    /// Something to tell the user that was found while starting.
    Warning(String),
    /// The system asks us to end.
    Terminate,
}

/// Which part of a key press.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    Press,
    Repeat,
    Release,
}

pub(super) fn as_text<S: Serializer>(action: &Action, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(action)
}

pub(super) fn from_text<'de, D: Deserializer<'de>>(from: D) -> Result<Action, D::Error> {
    String::deserialize(from)?
        .parse()
        .map_err(serde::de::Error::custom)
}
