//! Logs as their reader sees them: what the page wishes for, and the lines it is shown.
//!
//! Pure. What a line says of itself is `head`'s, which lines are wanted is `filter`'s and
//! `pattern`'s. Reading files and other hosts, and where in the log one is, is `tail`'s: the model
//! only holds the lines that are on the screen.

pub mod filter;
pub mod head;
pub mod pattern;

use super::composer::Composer;
use super::ids::TurnId;
use serde::{Deserialize, Serialize};

pub use filter::Wants;

/// How much a line matters, in rising order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

impl Level {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Trace,
        Self::Debug,
        Self::Info,
        Self::Warn,
        Self::Error,
    ];

    /// The name used on the screen, in options and in requests.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }

    /// The name used in lines of a log.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }

    /// The level that is written so in one of the many ways there are.
    pub fn of(word: &str) -> Option<Self> {
        let is = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(word));
        if is(&["info", "notice", "information", "inf"]) {
            Some(Self::Info)
        } else if is(&["warn", "warning", "wrn"]) {
            Some(Self::Warn)
        } else if is(&[
            "error", "err", "critical", "crit", "fatal", "severe", "alert", "emerg", "panic",
        ]) {
            Some(Self::Error)
        } else if is(&["debug", "dbg", "verbose"]) {
            Some(Self::Debug)
        } else if is(&["trace", "trc"]) {
            Some(Self::Trace)
        } else {
            None
        }
    }
}

/// A line as it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Its day and its time of day, as the user's clock has it; empty where it says none.
    pub day: String,
    pub at: String,
    pub level: Option<Level>,
    /// What it says. As it came: whoever draws it makes it harmless.
    pub text: String,
    /// Where the text holds what is searched for, in bytes.
    pub hits: Vec<(usize, usize)>,
    pub marked: bool,
    /// The turn it belongs to.
    pub turn: Option<TurnId>,
}

/// How the lines come here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Feed {
    /// From a file that is there.
    #[default]
    File,
    /// The file is not there, or no longer; it is looked for.
    Missing,
    /// From a host, as they happen.
    Live,
    /// From a host, asked every few seconds, because of this.
    Polled { why: String },
    /// From a host that is being called.
    Calling,
    /// Not at all, and asking again would not help.
    Refused { why: String, hint: String },
}

/// What is on the screen of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// What the log is called.
    pub name: String,
    pub feed: Feed,
    pub lines: Vec<Shown>,
    /// Which of them is the chosen one.
    pub chosen: usize,
    /// The chosen line's number, counted from one; zero while there is none.
    pub number: u64,
    /// Lines there are, wanted or not.
    pub total: u64,
    /// Lines that are wanted, if not all are.
    pub wanted: Option<u64>,
    /// Lines that hold what is searched for, if something is.
    pub hits: Option<u64>,
    /// The newest line is chosen as it comes.
    pub following: bool,
    /// So many parts in a hundred are read, searched and counted; 100 is all.
    pub done: u8,
}

/// Where to go in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Go {
    Up,
    Down,
    PageUp,
    PageDown,
    Top,
    /// To the end, and on with it.
    Bottom,
    NextHit,
    PreviousHit,
    NextMark,
    PreviousMark,
}

/// What the reader of logs is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogOrder {
    /// Open a log: this one, or the program's own. With a turn, at the nth of its lines.
    Open {
        source: Option<String>,
        turn: Option<(TurnId, usize)>,
        rows: u16,
    },
    /// There is room for so many lines.
    Rows(u16),
    Go(Go),
    /// Stop following, or go on with it.
    Follow,
    /// Mark the chosen line, or unmark it.
    Mark,
    /// Show these lines only.
    Want(Wants),
    /// Search for this pattern; nothing ends the search.
    Search(String),
    /// Nobody looks any more.
    Close,
}

/// What the reader of logs tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogEvent {
    /// The screen of the log changed.
    Window(Box<Window>),
    /// What was asked for makes no sense, and why.
    Wrong(String),
}

/// What is being typed on the page of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typing {
    Search,
    Text,
    Span,
}

/// The page of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogPage {
    pub window: Window,
    pub wants: Wants,
    /// The pattern that is searched for.
    pub search: String,
    pub typing: Option<(Typing, Composer)>,
    /// Columns of the text that are left of the screen.
    pub shift: u16,
}
