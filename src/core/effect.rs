//! Everything the model may ask of the world. Plain data: a test says which effects it expects.

use super::backend::ToolCall;
use super::bundle::Order;
use super::checkup::CheckOrder;
use super::connect::ConnectOrder;
use super::ids::{ConversationId, TurnId};
use super::inspect::Inquiry;
use super::line::LinkOrder;
use super::log::LogOrder;
use super::record::Keep;
use super::settings::SettingsOrder;
use super::shelf::ShelfOrder;
use super::sound::SoundOrder;
use std::path::PathBuf;

/// One wish.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Tell the line to the backend something.
    Link(LinkOrder),
    /// Ask the store to write or find something.
    Keep(Keep),
    /// Tell microphone and loudspeaker something.
    Sound(SoundOrder),
    /// Tell the keeper of models something.
    Shelf(ShelfOrder),
    /// Look how every part is doing.
    Check(CheckOrder),
    /// Tell the reader of logs something.
    Log(LogOrder),
    /// Tell, try or change settings.
    Settings(SettingsOrder),
    /// Try another backend, or connect to it.
    Connect(ConnectOrder),
    /// Write a conversation into a file, in this format; `None`: at a place of its own.
    Export {
        conversation: ConversationId,
        format: String,
        place: Option<PathBuf>,
    },
    /// Bring in the conversations of this file.
    Import(PathBuf),
    /// Look up what is known of a turn.
    Inspect(Inquiry),
    /// Write a report of a fault.
    Bundle(Box<Order>),
    /// Let the line that was made ready last take the place of the one in use.
    Exchange,
    /// Write a setting into the configuration file.
    Set { name: &'static str, value: String },
    /// Look what is on the clipboard, for an errand of a turn.
    ReadClipboard { turn: TurnId, errand: String },
    /// Put this on the clipboard.
    Copy(String),
    /// Use one of our tools for the backend.
    Use(ToolCall),
    /// Ring the terminal's bell.
    Bell,
    /// Tell this to a user who looks elsewhere.
    Notify(String),
    /// Let the terminal report the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Paint the whole screen anew.
    Redraw,
    /// Hand the terminal back and sleep until the user returns.
    Suspend,
    /// Leave.
    Quit,
}

/// The wishes that follow from one message, in the order in which they are to be carried out.
pub type Effects = Vec<Effect>;
