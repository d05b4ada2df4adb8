//! What somebody else on this machine may ask of a running program, and what they are told of it.
//!
//! Orders say what is wanted, not which key is pressed: to mute twice is to be muted. Carrying
//! them out is `core::update`; the socket they come through is `shell::remote`.

use super::action::Action;
use super::call::Floor;
use super::line::Line;
use super::mode::Mode;
use super::model::Model;
use super::words::{Lang, Word, fill};
use serde::{Deserialize, Serialize};

/// One wish from outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Open the microphone for a recording.
    Talk,
    /// End the recording, which is sent; else stop what is answered or spoken.
    Stop,
    /// Throw the recording away; else stop what is answered or spoken.
    Cancel,
    /// Close the microphone of the call.
    Mute,
    Unmute,
    /// Begin a call.
    Call,
    HangUp,
    /// Ask this.
    Say(String),
    /// Carry an action out.
    #[serde(
        serialize_with = "super::msg::as_text",
        deserialize_with = "super::msg::from_text"
    )]
    Do(Action),
    /// Only tell how things stand.
    Status,
}

/// Why an order is not carried out as things stand, as a sentence; `None`: it is.
pub fn refusal(model: &Model, order: &Order) -> Option<String> {
    let say = |word: Word| Some(word.text(model.lang).to_owned());
    let deaf = || {
        let ears = model.voice.deaf()?;
        let why = ears.missing.clone().unwrap_or_default();
        Some(fill(Word::NoEars.text(model.lang), &[&why]))
    };
    match order {
        Order::Talk if model.call.is_some() => say(Word::RemoteInCall),
        Order::Talk | Order::Call => deaf(),
        Order::Stop | Order::Cancel if !is_busy(model) => say(Word::RemoteNothing),
        Order::Mute | Order::Unmute | Order::HangUp if model.call.is_none() => say(Word::NoCall),
        Order::Say(text) if text.trim().is_empty() => say(Word::RemoteEmpty),
        Order::Stop
        | Order::Cancel
        | Order::Mute
        | Order::Unmute
        | Order::HangUp
        | Order::Say(_)
        | Order::Do(_)
        | Order::Status => None,
    }
}

/// Something goes on that can be stopped.
fn is_busy(model: &Model) -> bool {
    let voice = &model.voice;
    voice.recording.is_some() || voice.speaking.is_some() || model.turn.is_some()
}

/// How things stand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The name of the state.
    pub state: String,
    pub connection: Connection,
    /// What the configuration calls the backend.
    pub backend: String,
    pub microphone: Microphone,
    /// Whose turn it is to speak in the call, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<Turn>,
    pub speaking: bool,
    /// So much waits to be sent.
    pub unsent: usize,
}

/// The line to the backend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Connection {
    #[default]
    Closed,
    Dialing,
    Up,
    Waiting,
    Resting,
    Refused,
    GivenUp,
}

/// The microphone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Microphone {
    #[default]
    Off,
    Open,
    Muted,
}

/// Whose turn it is in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    Opening,
    Listening,
    You,
    Thinking,
    Speaking,
    Muted,
    Held,
}

impl Status {
    /// Of a program.
    pub fn of(model: &Model) -> Self {
        let connection = match &model.line {
            Line::Closed => Connection::Closed,
            Line::Dialing { .. } => Connection::Dialing,
            Line::Up(_) => Connection::Up,
            Line::Waiting { .. } => Connection::Waiting,
            Line::Resting { .. } => Connection::Resting,
            Line::Refused { .. } => Connection::Refused,
            Line::GivenUp { .. } => Connection::GivenUp,
        };
        let voice = &model.voice;
        let microphone = match &model.call {
            Some(call) if !call.listens() => Microphone::Muted,
            Some(call) if call.device.is_none() => Microphone::Off,
            Some(_) => Microphone::Open,
            None if voice.recording.is_some() || voice.listening.is_some() => Microphone::Open,
            None => Microphone::Off,
        };
        let call = model.floor().map(|floor| match floor {
            Floor::Opening => Turn::Opening,
            Floor::Open => Turn::Listening,
            Floor::You => Turn::You,
            Floor::Thinking => Turn::Thinking,
            Floor::Assistant => Turn::Speaking,
            Floor::Muted => Turn::Muted,
            Floor::Held => Turn::Held,
        });
        Self {
            state: model.modes.current().name().to_owned(),
            connection,
            backend: model.backend.clone(),
            microphone,
            call,
            speaking: voice.speaking.is_some(),
            unsent: model.waiting.len(),
        }
    }

    /// As a line for people.
    pub fn tell(&self, lang: Lang) -> String {
        let mode = Mode::ALL.iter().find(|mode| mode.name() == self.state);
        let state = mode.map_or(self.state.as_str(), |mode| mode.word().text(lang));
        let connection = match self.connection {
            Connection::Closed | Connection::GivenUp | Connection::Waiting => Word::LineClosed,
            Connection::Dialing => Word::LineDialing,
            Connection::Up => Word::LineUp,
            Connection::Resting => Word::LineRestingShort,
            Connection::Refused => Word::LineRefusedShort,
        };
        let microphone = match self.microphone {
            Microphone::Off => Word::MicrophoneOff,
            Microphone::Open => Word::MicrophoneOpen,
            Microphone::Muted => Word::MicrophoneMuted,
        };
        let backend = match self.backend.as_str() {
            "embedded" => Word::Embedded.text(lang),
            name => name,
        };
        let mut parts = vec![
            state.to_owned(),
            format!("{} ({backend})", connection.text(lang)),
            microphone.text(lang).to_owned(),
        ];
        let floor = self.call.map(|turn| match turn {
            Turn::Opening => Word::FloorOpening,
            Turn::Listening => Word::FloorOpen,
            Turn::You => Word::FloorYou,
            Turn::Thinking => Word::FloorThinking,
            Turn::Speaking => Word::FloorAssistant,
            Turn::Muted => Word::FloorMuted,
            Turn::Held => Word::FloorHeld,
        });
        if let Some(floor) = floor {
            parts.push(fill(Word::PlainCallIs.text(lang), &[floor.text(lang)]));
        }
        if self.unsent > 0 {
            let unsent = self.unsent.to_string();
            parts.push(fill(Word::Unsent.text(lang), &[&unsent]));
        }
        parts.join(" · ")
    }
}
