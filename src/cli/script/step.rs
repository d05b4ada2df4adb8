//! What a script may ask for: one verb for each step.

use crate::core::action::Action;
use crate::core::mode::Mode;
use crate::core::words::Word;
use std::fmt;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

/// One step of a script.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    /// Where it stands in the file.
    pub(super) line: usize,
    pub(super) verb: Verb,
    /// How long what it waits for may take.
    pub(super) within: Duration,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verb {
    /// Type this and send it.
    Type(String),
    /// Let the microphone hear this file, to its end or for so long.
    Say {
        file: PathBuf,
        told: String,
        stop: Option<Duration>,
    },
    /// Wait for this state.
    Wait(Mode),
    /// The answer to the last question holds this.
    Expect(String),
    /// The last question holds this.
    ExpectHeard(String),
    /// The state is this, right now.
    ExpectState(Mode),
    /// So many milliseconds of speech were heard since something was asked for.
    ExpectSpoken(RangeInclusive<u64>),
    /// The user was told this since something was asked for.
    ExpectNote(String),
    /// Interrupt the answer, so long after its first sound or its first words.
    Interrupt(Duration),
    /// Do what a key or the palette could.
    Do(Action),
    /// Let so much time go by.
    Pause(Duration),
}

/// The verbs as scripts write them, and what each of them needs.
pub(super) const VERBS: &[(&str, Word)] = &[
    ("type", Word::ScriptText),
    ("say", Word::ScriptFile),
    ("wait", Word::ScriptState),
    ("expect", Word::ScriptText),
    ("expect_heard", Word::ScriptText),
    ("expect_note", Word::ScriptText),
    ("expect_state", Word::ScriptState),
    ("expect_spoken_ms", Word::ScriptRange),
    ("interrupt_after_ms", Word::ScriptMs),
    ("do", Word::ScriptAction),
    ("pause_ms", Word::ScriptMs),
];

/// What may stand beside a verb, and beside which.
pub(super) const OPTIONS: &[(&str, &[&str])] = &[
    (
        "within_ms",
        &[
            "say",
            "wait",
            "expect",
            "expect_heard",
            "expect_note",
            "expect_spoken_ms",
            "interrupt_after_ms",
        ],
    ),
    ("for_ms", &["say"]),
];

impl Verb {
    /// How scripts write it.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Type(_) => "type",
            Self::Say { .. } => "say",
            Self::Wait(_) => "wait",
            Self::Expect(_) => "expect",
            Self::ExpectHeard(_) => "expect_heard",
            Self::ExpectNote(_) => "expect_note",
            Self::ExpectState(_) => "expect_state",
            Self::ExpectSpoken(_) => "expect_spoken_ms",
            Self::Interrupt(_) => "interrupt_after_ms",
            Self::Do(_) => "do",
            Self::Pause(_) => "pause_ms",
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.name())?;
        match self {
            Self::Type(text)
            | Self::Expect(text)
            | Self::ExpectHeard(text)
            | Self::ExpectNote(text) => f.write_str(text),
            Self::Say { told, .. } => f.write_str(told),
            Self::Wait(mode) | Self::ExpectState(mode) => f.write_str(mode.name()),
            Self::ExpectSpoken(range) => match (range.start(), range.end()) {
                (min, &u64::MAX) => write!(f, "{min}.."),
                (min, max) => write!(f, "{min}..{max}"),
            },
            Self::Interrupt(time) | Self::Pause(time) => write!(f, "{}", time.as_millis()),
            Self::Do(action) => write!(f, "{action}"),
        }
    }
}
