//! What the settings say about a server of tools.

use crate::mind::Secret;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Fetches a token. It may run a command, so it is called where it may wait; `Err` holds the
/// sentence and the hint.
pub type ReadToken = Arc<dyn Fn() -> Result<Option<Secret>, (String, String)> + Send + Sync>;

/// A server of tools, as it is configured.
#[derive(Clone)]
pub struct Spec {
    /// The user's name for it; its tools carry it in front.
    pub name: String,
    pub place: Place,
    pub limits: Limits,
}

/// How long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From the start to the first word; some servers are fetched from a registry first.
    pub start: Duration,
    /// One use of a tool.
    pub call: Duration,
    /// The pause before a server that failed is started again; doubled each time.
    pub pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            start: Duration::from_mins(1),
            call: Duration::from_mins(1),
            pause: Duration::from_secs(1),
        }
    }
}

/// Where it is.
#[derive(Clone)]
pub enum Place {
    /// A program that we start and talk to through its input and output.
    Program(Line),
    /// An address that speaks streamable HTTP.
    Address { url: String, token: ReadToken },
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program(line) => line.fmt(f),
            Self::Address { url, .. } => f.debug_struct("Address").field("url", url).finish(),
        }
    }
}

/// A program to be started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub program: String,
    pub arguments: Vec<String>,
    /// Variables of ours that it gets besides the harmless ones.
    pub passed: Vec<String>,
    /// Variables that are set for it.
    pub set: Vec<(String, String)>,
    /// Starts it in our place and ends it when we end: a program and the arguments before the
    /// line. Empty: it is started directly.
    pub guard: Vec<String>,
}
