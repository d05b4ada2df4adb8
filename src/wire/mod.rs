//! Speaks: turns the frames of a backend's language into core's `Up` and `Down` and back. Pure.
//!
//! A language is one folder with its golden frames beside it. `link` owns the socket and calls
//! in here; nothing in here knows that sockets exist.

pub mod yychat;

use crate::core::backend::{Down, Up};
use crate::core::sound::ClipPart;
use crate::core::time::Wall;
use bytes::Bytes;

/// One WebSocket message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    Text(String),
    Binary(Bytes),
}

/// A backend's language as the client speaks it. One value serves one line for all its lives:
/// [`Dialect::hello`] begins a new life and forgets the old one.
pub trait Dialect: Send {
    /// A new connection is open: what we say before the backend has greeted us.
    fn hello(&mut self) -> Vec<Frame>;

    /// The frames that say `up`. None at all means that this backend has no words for it.
    fn encode(&mut self, up: &Up, wall: Wall) -> Vec<Frame>;

    /// The frames that carry a piece of a recording. A backend may want all of it at once, so none
    /// means nothing, except at the end: then this recording cannot be sent.
    fn clip(&mut self, part: &ClipPart, wall: Wall) -> Vec<Frame>;

    /// What a frame means. Never fails: nonsense is [`Down::Unreadable`]. A frame that only
    /// repeats what is known means nothing.
    fn decode(&mut self, frame: &Frame) -> Vec<Down>;

    /// The same, added to a list that is used again and again. A language with sound in frames of
    /// its own spares them a list each, for they come fifty times a second.
    fn decode_into(&mut self, frame: &Frame, downs: &mut Vec<Down>) {
        downs.extend(self.decode(frame));
    }

    /// The backend's own sign of life, if its language has one.
    fn beat(&mut self, wall: Wall) -> Option<Frame>;
}
