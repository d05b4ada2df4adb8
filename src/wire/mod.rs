//! Speaks: turns the frames of a backend's language into core's `Up` and `Down` and back. Pure.
//!
//! A language is one folder with its golden frames beside it. `link` owns the socket and calls
//! in here; nothing in here knows that sockets exist.

mod errand;
#[cfg(test)]
mod golden;
mod guess;
mod language;
#[cfg(test)]
mod lies;
pub mod logs;
pub mod realtime;
pub mod xiaozhi;
pub mod yychat;

pub use errand::{Answer, Errand, Piece, Request};
pub use language::{Language, Place};

use crate::core::backend::{Down, Up};
use crate::core::line::Cause;
use crate::core::sound::ClipPart;
use crate::core::time::{Moment, Now};
use bytes::Bytes;

/// One WebSocket message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    Text(String),
    Binary(Bytes),
}

/// What the upgrade request says beside what every backend is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Upgrade {
    /// Where to connect, if not to the URL that the user gave.
    pub url: Option<String>,
    pub headers: Vec<(&'static str, String)>,
    /// The subprotocols we speak, for backends that take nobody in who does not say so.
    pub protocols: Vec<String>,
}

/// What a language makes of what happened. `link` empties it after each call.
#[derive(Debug, Default, PartialEq)]
pub struct Out {
    /// News for the program.
    pub downs: Vec<Down>,
    /// What to send.
    pub frames: Vec<Frame>,
    /// What to ask beside the socket.
    pub errands: Vec<Errand>,
    /// Open the socket now.
    pub dial: Option<Upgrade>,
    /// Somebody has to do something before the socket can be opened: it is waited for until then.
    pub patience: Option<Moment>,
    /// The line is of no use, and why.
    pub over: Option<Cause>,
}

impl Out {
    /// What comes of this alone.
    pub fn of(act: impl FnOnce(&mut Self)) -> Self {
        let mut out = Self::default();
        act(&mut out);
        out
    }
}

/// A backend's language as the client speaks it. One value serves one line for all its lives:
/// [`Dialect::dial`] begins a new life and forgets the old one.
pub trait Dialect: Send {
    /// A connection is wanted. It is opened as soon as [`Out::dial`] says how; what has to be
    /// asked elsewhere before is an errand.
    fn dial(&mut self, now: Now, out: &mut Out);

    /// The backend has picked this one of the subprotocols we speak. Then comes [`Dialect::hello`].
    fn agreed(&mut self, _protocol: &str, _now: Now) {}

    /// The socket is open: what we say before the backend has greeted us.
    fn hello(&mut self, now: Now, out: &mut Out);

    /// Says `up`; `false` means that this backend has no words for it. What it needs not be told
    /// is said without a frame.
    fn encode(&mut self, up: &Up, now: Now, out: &mut Out) -> bool;

    /// Sends a piece of a recording, at once or with the last one; `false` means that this
    /// recording cannot be sent.
    fn clip(&mut self, part: &ClipPart, now: Now, out: &mut Out) -> bool;

    /// What a frame means. Never fails: nonsense is [`Down::Unreadable`]. A frame that only
    /// repeats what is known means nothing.
    fn decode(&mut self, frame: &Frame, now: Now, out: &mut Out);

    /// Something came of an errand.
    fn answered(&mut self, answer: Answer, now: Now, out: &mut Out);

    /// The backend's own sign of life, if its language has one.
    fn beat(&mut self, now: Now, out: &mut Out);

    /// When [`Dialect::due`] wants to be called, if nothing else happens before.
    fn deadline(&self) -> Option<Moment>;

    /// Time has passed.
    fn due(&mut self, now: Now, out: &mut Out);
}
