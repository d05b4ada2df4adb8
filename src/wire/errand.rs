//! What is asked of a backend by HTTP, beside the socket.

use bytes::Bytes;

/// A wish about a request. Its number is the language's own; errands of an earlier life of the
/// line are dropped with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    Ask(Request),
    /// What comes of this one is of no interest any more.
    Drop(u64),
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub number: u64,
    pub method: &'static str,
    /// Where to, whole. The backend's token goes along to the backend's own host only.
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    /// JSON, if there is anything to say.
    pub body: Option<String>,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub number: u64,
    pub piece: Piece,
}

/// A part of an answer: one `Head`, its body in pieces, and one `End` or, at any time, `Failed`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Head {
        status: u16,
        /// The `Content-Type`, or nothing.
        kind: String,
        /// How long the server asks us to wait, in seconds.
        retry_after_s: Option<u64>,
    },
    Body(Bytes),
    End,
    Failed {
        why: String,
    },
}
