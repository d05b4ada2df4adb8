//! What is known about how a terminal tells of a held key, and what follows from it.
//!
//! Nothing is asked of the terminal: every press, repeat and release that comes teaches a little.
//! What was learned is kept for each terminal by its [name](super::terminal::name).

use super::super::chord::Chord;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Where nothing is known, a key that has not repeated for so long will not. Terminals begin
/// after 250 to 660 ms, and a slow line adds to that.
const FIRST_WAIT: Duration = Duration::from_millis(860);
/// How much later than usual the first repeat may come.
const FIRST_SLACK: Duration = Duration::from_millis(250);
/// Repeats that stay away for so long have ended. No less: a slow line delivers them in bursts
/// with gaps of up to 200 ms. No more: the microphone is open meanwhile.
const QUIET: (Duration, Duration) = (Duration::from_millis(270), Duration::from_millis(400));
/// The usual time between repeats shrinks by this part of the difference with each one.
const SMOOTH: u32 = 16;

/// How a terminal tells of a held key, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Grip {
    /// Whether it tells when a key is let go.
    pub releases: Option<bool>,
    /// How long after the press the first repeat comes.
    pub first_repeat: Option<Duration>,
    /// How long after a repeat the next one comes. Where they come in bursts these are the gaps:
    /// it lengthens at once and shortens slowly.
    pub repeat: Option<Duration>,
}

/// What to tell the user about the talk key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Hold it: the end is seen at once. Tapping works, too.
    Hold,
    /// Tap it to begin and to end: whether holding works is unknown, or known not to.
    Tap,
    /// Hold it, and the end is told by the repeats that stay away; or tap it, which is exact.
    Either,
}

impl Grip {
    /// What works here.
    pub fn hint(&self) -> Hint {
        match (self.releases, self.repeat) {
            (Some(true), _) => Hint::Hold,
            (_, Some(_)) => Hint::Either,
            (_, None) => Hint::Tap,
        }
    }

    /// Some key was let go. Only text keys say something about text keys: terminals that report
    /// nothing of those may well do so for others.
    pub fn released(&mut self, chord: Chord) {
        if chord.typed().is_some() {
            self.releases = Some(true);
        }
    }

    /// A key that is certainly held repeated for the first time so long after its press.
    pub(super) fn first_repeated(&mut self, after: Duration) {
        let usual = self.first_repeat.unwrap_or(after);
        self.first_repeat = Some(usual / 4 * 3 + after / 4);
    }

    /// And again so long after that.
    pub(super) fn repeated(&mut self, gap: Duration) {
        let usual = self.repeat.unwrap_or(gap);
        let shorter = usual.saturating_sub(usual.saturating_sub(gap) / SMOOTH);
        self.repeat = Some(shorter.max(gap).min(QUIET.1));
    }

    /// How long after its press a held key would have repeated.
    pub(super) fn first_wait(&self) -> Duration {
        let learned = self.first_repeat.map(|first| first + FIRST_SLACK);
        learned.unwrap_or(FIRST_WAIT)
    }

    /// For how long repeats may stay away while the key is held.
    pub(super) fn quiet(&self) -> Duration {
        let learned = self.repeat.unwrap_or_default() * 5 / 2;
        learned.clamp(QUIET.0, QUIET.1)
    }
}
