//! Decides when a recording begins and ends by the talk key: one key, tapped or held, no modes.
//!
//! A press begins. Where the terminal tells of releases, letting go after a while ends it, and
//! letting go at once was a tap: the next tap ends it. Where it does not, a second press ends it
//! too, unless more presses follow: then these are the repeats of a held key, and it ends when
//! they stay away. Sound is cut at the moment that decided, so waiting for certainty costs
//! nothing. Pure: moments are arguments, and what to wait for is [`Talk::deadline`].
//!
//! A release that never comes leaves nothing open: a held key repeats, another key or the loss of
//! focus ends what is held, and any press ends what is not. How long a recording may be at most
//! is for sound to say.

mod grip;
pub mod terminal;

pub use grip::{Grip, Hint};

use super::time::Moment;
use std::time::Duration;

/// A key let go sooner than this was tapped.
const HOLD: Duration = Duration::from_millis(300);
/// How long a second press waits for a third where no repeat is expected.
const DOUBT: Duration = Duration::from_millis(120);
/// A worn contact presses again within this. Nothing is lost: no recording that short says
/// anything.
const BOUNCE: Duration = Duration::from_millis(30);
/// How much later than repeats a release that was promised may come: a line may stall.
const LOST: Duration = Duration::from_millis(750);
/// So many repeats in a row are no fingers drumming.
const CERTAIN: u32 = 3;

/// What follows from a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    Nothing,
    /// Record from now on.
    Start,
    /// The recording ended at this moment, which may have passed already: what was heard later
    /// does not belong to it.
    End {
        at: Moment,
    },
}

/// The talk key and the recording that it rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Talk {
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// No recording. Presses before `deaf_until` are still those of the last one.
    Off { deaf_until: Moment, why: Why },
    /// It was pressed, and whether it is still down is open. At `until` it is as good as known.
    Down { since: Moment, until: Moment },
    /// It was tapped and goes on until the next press. `released`: it was seen to be let go, so
    /// that press is no repeat. Not `sure`: it may be a held key that does not repeat, in a
    /// terminal that may yet tell of its release.
    Latched {
        since: Moment,
        released: Option<Moment>,
        sure: bool,
    },
    /// A second press came at `at`: it ends the recording, unless it proves to be a repeat.
    Doubt {
        since: Moment,
        at: Moment,
        until: Moment,
    },
    /// It is held: it repeats. Without any more of it the recording ended with the last.
    Held {
        since: Moment,
        first: Moment,
        last: Moment,
        count: u32,
        /// The terminal says that these are repeats, so it will tell of the release.
        told: bool,
        until: Moment,
    },
}

/// Why a recording ended, as far as it matters afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// The usual way.
    Ended,
    /// A key that was thought to repeat did not: its release was lost, or repeats are off.
    NoRepeats,
}

impl Default for State {
    fn default() -> Self {
        Self::Off {
            deaf_until: Moment::default(),
            why: Why::Ended,
        }
    }
}

impl Talk {
    /// The talk key went down, or so the terminal says: a repeat may look like that, too.
    pub fn press(&mut self, now: Moment, grip: &mut Grip) -> Verdict {
        if let ended @ Verdict::End { .. } = self.due(now, grip) {
            return ended;
        }
        match self.state {
            State::Off { deaf_until, why } if now < deaf_until => {
                let deaf_until = deaf_until.max(now + grip.quiet());
                self.state = State::Off { deaf_until, why };
                Verdict::Nothing
            }
            State::Off { .. } => {
                self.down(now, now, grip);
                Verdict::Start
            }
            State::Down { since, .. } => {
                if now.since(since) >= BOUNCE {
                    self.doubt(since, now, grip);
                }
                Verdict::Nothing
            }
            State::Latched {
                since,
                released: Some(released),
                ..
            } => {
                if now.since(released) < BOUNCE {
                    self.down(since, now, grip);
                    return Verdict::Nothing;
                }
                self.end(now, now + grip.first_wait())
            }
            State::Latched { since, .. } => {
                self.doubt(since, now, grip);
                Verdict::Nothing
            }
            State::Doubt { since, at, .. } => {
                self.hold(since, at, now, 2, false, grip);
                Verdict::Nothing
            }
            State::Held {
                since,
                first,
                last,
                count,
                told,
                ..
            } => {
                learn(grip, since, first, last, now, count + 1);
                self.hold(since, first, now, count + 1, told, grip);
                Verdict::Nothing
            }
        }
    }

    /// The talk key repeats, and the terminal says so.
    pub fn repeat(&mut self, now: Moment, grip: &mut Grip) -> Verdict {
        if let ended @ Verdict::End { .. } = self.due(now, grip) {
            return ended;
        }
        match self.state {
            State::Off { .. }
            | State::Latched {
                released: Some(_), ..
            } => {}
            State::Down { since, .. } | State::Latched { since, .. } => {
                self.hold(since, now, now, 1, true, grip);
            }
            State::Doubt { since, at, .. } => self.hold(since, at, now, 2, true, grip),
            State::Held {
                since,
                first,
                last,
                count,
                ..
            } => {
                learn(grip, since, first, last, now, count + 1);
                self.hold(since, first, now, count + 1, true, grip);
            }
        }
        Verdict::Nothing
    }

    /// The talk key was let go.
    pub fn release(&mut self, now: Moment, grip: &mut Grip) -> Verdict {
        grip.releases = Some(true);
        if let ended @ Verdict::End { .. } = self.due(now, grip) {
            return self.freed(now, ended);
        }
        match self.state {
            State::Off { why, .. } => {
                if why == Why::NoRepeats {
                    // It was held all the time, so this key does not repeat (any more).
                    (grip.first_repeat, grip.repeat) = (None, None);
                }
                self.freed(now, Verdict::Nothing)
            }
            State::Latched {
                released: Some(_), ..
            } => Verdict::Nothing,
            // The first release of all shows that they are told here, so a second press without
            // one before it was a repeat.
            State::Down { since, .. }
            | State::Latched { since, .. }
            | State::Doubt { since, .. }
            | State::Held { since, .. } => {
                if now.since(since) < HOLD {
                    self.state = State::Latched {
                        since,
                        released: Some(now),
                        sure: true,
                    };
                    return Verdict::Nothing;
                }
                self.end(now, now + BOUNCE)
            }
        }
    }

    /// Another key went down. That ends what is held, and its repeats with it: a key under
    /// another one repeats no more, so a talk key that comes now is meant.
    pub fn other_key(&mut self, now: Moment, grip: &mut Grip) -> Verdict {
        let verdict = self.let_go(now, grip);
        if let State::Off { deaf_until, .. } = &mut self.state {
            *deaf_until = now;
        }
        verdict
    }

    /// The terminal lost the user's attention: it will hear of no release of what is held.
    pub fn focus_lost(&mut self, now: Moment, grip: &mut Grip) -> Verdict {
        self.let_go(now, grip)
    }

    /// Somebody else ended the recording, or it could not begin. What is still held says nothing
    /// any more.
    pub fn stop(&mut self, now: Moment, grip: &Grip) {
        let deaf = match self.state {
            State::Off { .. } => return,
            State::Latched { .. } => BOUNCE,
            State::Down { .. } | State::Doubt { .. } | State::Held { .. } => grip.first_wait(),
        };
        let _ended = self.end(now, now + deaf);
    }

    /// Time has passed.
    pub fn due(&mut self, now: Moment, grip: &mut Grip) -> Verdict {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return Verdict::Nothing;
        }
        match self.state {
            State::Off { .. } | State::Latched { .. } => Verdict::Nothing,
            State::Down { since, until } => {
                if lasts(grip) {
                    let why = Why::NoRepeats;
                    let deaf_until = until + grip.quiet();
                    self.state = State::Off { deaf_until, why };
                    return Verdict::End { at: until };
                }
                self.state = State::Latched {
                    since,
                    released: None,
                    sure: grip.releases == Some(false),
                };
                Verdict::Nothing
            }
            State::Doubt { at, .. } => {
                grip.releases = Some(false);
                self.end(at, at + grip.first_wait())
            }
            State::Held {
                last, told, until, ..
            } => {
                if !told {
                    grip.releases = Some(false);
                }
                self.end(last, until + grip.quiet())
            }
        }
    }

    /// When [`Talk::due`] is to be called, if no key comes before.
    pub fn deadline(&self) -> Option<Moment> {
        match self.state {
            State::Off { .. } | State::Latched { .. } => None,
            State::Down { until, .. } | State::Doubt { until, .. } | State::Held { until, .. } => {
                Some(until)
            }
        }
    }

    /// Whether a recording goes on.
    pub fn on(&self) -> bool {
        !matches!(self.state, State::Off { .. })
    }

    /// Whether a recording goes on for as long as the key is down, as far as is known.
    pub fn held(&self) -> bool {
        self.on() && !self.latched()
    }

    /// Whether a recording goes on until the next tap.
    pub fn latched(&self) -> bool {
        matches!(self.state, State::Latched { .. })
    }

    /// Whether the talk key is ours wherever the user is: a recording goes on, or what is left of
    /// its key may still come. It must type nothing meanwhile.
    pub fn claims(&self, now: Moment) -> bool {
        match self.state {
            State::Off { deaf_until, .. } => now < deaf_until,
            _ => true,
        }
    }

    /// Ends what is held, or may be.
    fn let_go(&mut self, now: Moment, grip: &mut Grip) -> Verdict {
        if let ended @ Verdict::End { .. } = self.due(now, grip) {
            return ended;
        }
        match self.state {
            State::Off { .. } | State::Latched { sure: true, .. } => Verdict::Nothing,
            State::Doubt { at, .. } => self.end(at, now + grip.first_wait()),
            State::Down { .. } | State::Latched { .. } | State::Held { .. } => {
                self.end(now, now + grip.first_wait())
            }
        }
    }

    fn down(&mut self, since: Moment, now: Moment, grip: &Grip) {
        let lost = if lasts(grip) { LOST } else { Duration::ZERO };
        let until = now + grip.first_wait() + lost;
        self.state = State::Down { since, until };
    }

    /// A second press. Where it may be the first repeat it waits for the next as long as one may
    /// take, else only a moment. On a slow line the first repeat may be close behind the press.
    fn doubt(&mut self, since: Moment, now: Moment, grip: &Grip) {
        let may_repeat = now.since(since) <= grip.first_wait();
        let until = now + if may_repeat { grip.quiet() } else { DOUBT };
        let at = now;
        self.state = State::Doubt { since, at, until };
    }

    fn hold(
        &mut self,
        since: Moment,
        first: Moment,
        now: Moment,
        count: u32,
        told: bool,
        grip: &Grip,
    ) {
        let release = told || grip.releases == Some(true);
        let lost = if release { LOST } else { Duration::ZERO };
        self.state = State::Held {
            since,
            first,
            last: now,
            count,
            told,
            until: now + grip.quiet() + lost,
        };
    }

    fn end(&mut self, at: Moment, deaf_until: Moment) -> Verdict {
        let why = Why::Ended;
        self.state = State::Off { deaf_until, why };
        Verdict::End { at }
    }

    /// The key is up: what comes next is meant, unless it bounces.
    fn freed(&mut self, now: Moment, verdict: Verdict) -> Verdict {
        let (deaf_until, why) = (now + BOUNCE, Why::Ended);
        self.state = State::Off { deaf_until, why };
        verdict
    }
}

/// Whether a key that is down is certain to repeat and to be let go in words.
fn lasts(grip: &Grip) -> bool {
    grip.releases == Some(true) && grip.repeat.is_some()
}

/// Learns from a repeat, once there are too many of them for fingers.
fn learn(grip: &mut Grip, since: Moment, first: Moment, last: Moment, now: Moment, count: u32) {
    if count == CERTAIN {
        grip.first_repeated(first.since(since));
    }
    if count >= CERTAIN {
        grip.repeated(now.since(last));
    }
}

#[cfg(test)]
mod tests;
