//! Watches a line that is up: when to give a sign of life, when to ask for one, when to take the
//! silence for death, and how long a round trip takes. Pure.

use super::count::Moved;
use super::quality::Trips;
use super::settings::LinkSettings;
use crate::core::time::Moment;
use std::time::Duration;

/// The round trip is told at most this often.
const REPORT_EVERY: Duration = Duration::from_secs(1);
/// How long a line that may have died unnoticed has for its answer, unless it is a slow one.
const HURRY: Duration = Duration::from_secs(1);
/// A slow line gets this many of its usual round trips before it counts as dead.
const PATIENCE: u32 = 4;

/// A question that would follow a sign of life so soon goes out with it: we are awake anyway.
const TOGETHER: Duration = Duration::from_secs(1);

/// So many bytes between two looks are life, though they are no message yet.
const PROGRESS: usize = 512;
/// So many bytes may be on their way to the peer without our answer being late for it.
const USUAL_BYTES: usize = 64 * 1024;
/// Bytes in a second.
const SLOWEST: u64 = 32 * 1024;
/// However much was written, it excuses no more silence than this many times the usual patience.
const MOST_CARRYING: u32 = 2;

/// The signs of life of one line, from its greeting on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pulse {
    greeted: Moment,
    answered: bool,
    /// When anything arrived last.
    heard: Moment,
    /// When the next sign of life is due.
    beat: Moment,
    /// The latest ping, as long as its pong has not come.
    ping: Option<Ping>,
    pings: u64,
    /// Nothing at all has arrived since that ping.
    doubted: bool,
    trips: Trips,
    /// Bytes written since anything was heard.
    owed: usize,
    /// When a round trip was told last.
    told: Option<Moment>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ping {
    number: u64,
    sent: Moment,
    /// There is reason to believe that nobody will answer.
    hurried: bool,
}

/// What a line needs at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Nothing came back for so long that nobody can be there.
    Dead { silent: Duration },
    /// A sign of life, a question for one, both or neither.
    Signs { beat: bool, ping: Option<u64> },
}

impl Pulse {
    /// The line was greeted at `now`.
    pub(super) fn new(now: Moment, settings: &LinkSettings) -> Self {
        Self {
            greeted: now,
            answered: false,
            heard: now,
            beat: now + settings.heartbeat,
            ping: None,
            pings: 0,
            doubted: false,
            trips: Trips::default(),
            owed: 0,
            told: None,
        }
    }

    /// A question was answered.
    pub(super) const fn answered(&mut self) {
        self.answered = true;
    }

    /// Whether the line has shown that it works: by an answer, however short its life was, or by
    /// the length of its life.
    pub(super) fn has_worked(&self, now: Moment, settings: &LinkSettings) -> bool {
        self.answered || now.since(self.greeted) >= settings.steady
    }

    /// Asks for a sign of life, with the number that comes back.
    pub(super) fn ask(&mut self, now: Moment) -> u64 {
        self.question(now, false)
    }

    /// Asks because the line may have died unnoticed, and expects the answer soon. `None`: just
    /// asked.
    pub(super) fn probe(&mut self, now: Moment) -> Option<u64> {
        let just_asked = |ping: &Ping| ping.hurried && now.since(ping.sent) < HURRY;
        if self.ping.as_ref().is_some_and(just_asked) {
            return None;
        }
        Some(self.question(now, true))
    }

    fn question(&mut self, now: Moment, hurried: bool) -> u64 {
        let number = self.pings;
        self.pings += 1;
        self.ping = Some(Ping {
            number,
            sent: now,
            hurried,
        });
        self.doubted = true;
        number
    }

    /// Anything arrived.
    pub(super) fn hear(&mut self, now: Moment) {
        self.heard = now;
        self.doubted = false;
        self.owed = 0;
    }

    /// Bytes moved that are no message yet. Enough of them are life: a peer that gives us one byte
    /// a second does not count. What we wrote has to arrive before any answer can.
    pub(super) fn moved(&mut self, now: Moment, moved: Moved) {
        let owed = self.owed + moved.written;
        if moved.read.max(moved.drained) >= PROGRESS {
            self.hear(now);
        }
        if moved.read < PROGRESS {
            self.owed = owed;
        }
    }

    /// A pong arrived. Gives the round trip when it is time to tell it.
    pub(super) fn pong(&mut self, now: Moment, number: u64) -> Option<Duration> {
        self.hear(now);
        let ping = self.ping.take_if(|ping| ping.number == number)?;
        let rtt = now.since(ping.sent);
        self.trips.add(rtt);
        if self.told.is_some_and(|told| now.since(told) < REPORT_EVERY) {
            return None;
        }
        self.told = Some(now);
        Some(rtt)
    }

    /// Whether the latest ping has had no pong so far.
    pub(super) fn is_asking(&self) -> bool {
        self.ping.is_some()
    }

    /// How long round trips take.
    pub(super) fn trips(&self) -> Trips {
        self.trips
    }

    /// When something will be due, if nothing arrives before.
    pub(super) fn deadline(&self, settings: &LinkSettings, quiet: Duration) -> Moment {
        self.beat.min(self.silence_ends(settings, quiet))
    }

    /// What is due now, if silence is asked about after `quiet`.
    /// `hurry`: the answer is expected soon.
    pub(super) fn due(
        &mut self,
        now: Moment,
        settings: &LinkSettings,
        quiet: Duration,
        hurry: bool,
    ) -> Due {
        let ends = self.silence_ends(settings, quiet);
        if ends <= now && self.doubted {
            let silent = now.since(self.heard);
            return Due::Dead { silent };
        }
        let beat = self.beat <= now;
        if beat {
            // Counted from now, not from when it was due: after a long sleep one beat is enough.
            self.beat = now + settings.heartbeat;
        }
        let asks = ends <= now || beat && !self.doubted && ends <= now + TOGETHER;
        let ping = asks.then(|| self.question(now, hurry));
        Due::Signs { beat, ping }
    }

    /// When silence has to be answered: with a ping, or by taking the line for dead.
    fn silence_ends(&self, settings: &LinkSettings, quiet: Duration) -> Moment {
        match self.ping {
            Some(ping) if self.doubted => {
                let least = settings.pong_timeout;
                let slow = self
                    .trips
                    .usual
                    .unwrap_or_default()
                    .saturating_mul(PATIENCE);
                let patience = if ping.hurried {
                    HURRY.max(slow).min(least)
                } else {
                    least.max(slow).min(least.saturating_mul(PATIENCE))
                };
                ping.sent + patience + carrying(self.owed).min(least * MOST_CARRYING)
            }
            _ => self.heard + quiet,
        }
    }
}

/// How long the slowest line that anybody would use needs for bytes beyond the usual.
fn carrying(bytes: usize) -> Duration {
    let ms = bytes.saturating_sub(USUAL_BYTES) as u64 * 1000 / SLOWEST;
    Duration::from_millis(ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment(Duration::from_secs(seconds))
    }

    #[test]
    fn silence_is_asked_about_and_then_taken_for_death() {
        let settings = LinkSettings::default();
        let quiet_for = settings.ping_after;
        let mut pulse = Pulse::new(at(0), &settings);
        let quiet = Due::Signs {
            beat: false,
            ping: None,
        };
        let asked = Due::Signs {
            beat: false,
            ping: Some(0),
        };
        assert_eq!(pulse.deadline(&settings, quiet_for), at(10));
        assert_eq!(pulse.due(at(9), &settings, quiet_for, false), quiet);
        assert_eq!(pulse.due(at(10), &settings, quiet_for, false), asked);
        assert_eq!(pulse.deadline(&settings, quiet_for), at(15));
        assert_eq!(pulse.due(at(14), &settings, quiet_for, false), quiet);
        let silent = Duration::from_secs(15);
        assert_eq!(
            pulse.due(at(15), &settings, quiet_for, false),
            Due::Dead { silent }
        );
    }

    #[test]
    fn a_question_that_is_nearly_due_goes_out_with_a_sign_of_life() {
        let settings = LinkSettings::default();
        for (heard_ms, ping) in [(20_000, Some(0)), (20_900, Some(0)), (21_001, None)] {
            let mut pulse = Pulse::new(at(0), &settings);
            pulse.hear(Moment::from_ms(heard_ms));
            let due = pulse.due(at(30), &settings, settings.ping_after, false);
            assert_eq!(due, Due::Signs { beat: true, ping }, "{heard_ms}");
        }
        // One that waits for its answer is not asked again.
        let mut pulse = Pulse::new(at(0), &settings);
        pulse.hear(at(20));
        pulse.ask(at(26));
        let (beat, ping) = (true, None);
        let due = pulse.due(at(30), &settings, settings.ping_after, false);
        assert_eq!(due, Due::Signs { beat, ping });
    }

    #[test]
    fn only_the_answer_to_the_latest_question_measures() {
        let mut pulse = Pulse::new(at(0), &LinkSettings::default());
        let first = pulse.ask(at(1));
        let second = pulse.ask(at(2));
        assert_eq!(pulse.pong(at(3), first), None);
        assert_eq!(pulse.pong(at(5), second), Some(Duration::from_secs(3)));
        assert_eq!(pulse.pong(at(6), second), None);
        assert_eq!(pulse.heard, at(6));
    }
}
