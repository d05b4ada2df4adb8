//! What the machine is told, and what it says to do about it.

use crate::core::ids::TurnId;
use crate::core::line::{Cause, Line};
use crate::core::time::Moment;
use crate::link::count::Moved;
use std::time::Duration;

/// What happened to the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The user wants the line.
    Dial,
    /// The user does not want it any longer.
    HangUp,
    /// Connecting may take until then: a person has something to do first.
    Patience(Moment),
    /// It is known where the socket is, which is being opened from here on.
    Opening,
    /// The socket is open and upgraded. `unverified`: nobody checked who is at its other end.
    Connected { unverified: bool },
    /// It could not be opened. `wait` is what the backend asked for.
    ConnectFailed {
        cause: Cause,
        wait: Option<Duration>,
    },
    /// Something arrived.
    Frame(Arrived),
    /// Bytes moved, of which no message has come yet.
    Moved(Moved),
    /// A question went out.
    Asked(TurnId),
    /// The socket is gone.
    Closed { cause: Cause },
    /// Somebody talks over the line, or not any more: silence is asked about at once.
    Hurry(bool),
    /// The network changed, or the machine has slept: what we know of the line may be wrong, and
    /// what failed may succeed.
    Nudged,
    /// A deadline may have passed.
    Tick,
}

/// What arrived, as far as the line cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrived {
    /// The backend's first word.
    Greeting,
    /// The answer to the ping with this number.
    Pong(u64),
    /// The end of an answer, good or bad. Not every backend says to which question.
    Answered(Option<TurnId>),
    /// Anything else; it proves life all the same.
    Other,
}

/// What to do about it, in this order.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Open a socket. A new epoch begins here: what stands before it belongs to the old one.
    Connect,
    /// Ask for a sign of life, with this number.
    Ping(u64),
    /// Give a sign of life in the backend's language.
    Beat,
    /// Say goodbye, and give the peer until the deadline to confirm.
    Close,
    /// Let go of the socket, or of the attempt to open one, at once.
    Drop,
    /// Tell the rest of the program.
    Report(Line),
}
