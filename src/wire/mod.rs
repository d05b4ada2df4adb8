//! Speaks: turns the frames of a backend's language into core's `Up` and `Down` and back. Pure.
//!
//! A language is one folder with its golden frames beside it. `link` owns the socket and calls
//! in here; nothing in here knows that sockets exist.

pub mod yychat;

/// One WebSocket message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    Text(String),
    Binary(Vec<u8>),
}
