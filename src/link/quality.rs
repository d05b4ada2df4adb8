//! How good a line is, in one word. Pure.
//!
//! Slowness, unevenness and every failure count against it; failures fade. Between two words lies
//! a band in which the line keeps the word it has, so that the word does not flicker.

use crate::core::line::Quality;
use crate::core::time::Moment;
use std::time::Duration;

/// What the loss of a line counts: one is bad luck, two in a minute make it fair.
const LOSS: f32 = 25.0;
/// What a question counts that nobody answered although something else arrived.
const MISS: f32 = 12.0;
/// After this time a failure counts half.
const FADES: Duration = Duration::from_mins(1);

/// Round trips of a quarter of a second cost nothing, those of a second and more all of it.
const SLOW: Penalty = Penalty {
    from_ms: 250.0,
    to_ms: 1_000.0,
    most: 60.0,
};
/// So do round trips that differ.
const UNEVEN: Penalty = Penalty {
    from_ms: 30.0,
    to_ms: 300.0,
    most: 40.0,
};

struct Penalty {
    from_ms: f32,
    to_ms: f32,
    most: f32,
}

impl Penalty {
    fn of(&self, time: Duration) -> f32 {
        let ms = time.as_secs_f32() * 1000.0;
        let share = (ms - self.from_ms) / (self.to_ms - self.from_ms);
        share.clamp(0.0, 1.0) * self.most
    }
}

/// How long round trips take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Trips {
    /// The average, in which every new one counts for an eighth.
    pub(super) usual: Option<Duration>,
    /// How far they are from it, on average.
    pub(super) jitter: Duration,
}

impl Trips {
    /// One more, weighed as [TCP does it](https://www.rfc-editor.org/rfc/rfc6298#section-2).
    pub(super) fn add(&mut self, rtt: Duration) {
        let Some(usual) = self.usual else {
            self.usual = Some(rtt);
            return;
        };
        self.jitter = (self.jitter * 3 + usual.abs_diff(rtt)) / 4;
        self.usual = Some((usual * 7 + rtt) / 8);
    }
}

/// What is remembered of a line through all its lives.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Record {
    /// What failures count, as of `since`.
    strain: f32,
    since: Moment,
    word: Quality,
}

impl Record {
    /// The line was lost.
    pub(super) fn lost(&mut self, now: Moment) {
        self.strain_by(now, LOSS);
    }

    /// A question had no answer.
    pub(super) fn missed(&mut self, now: Moment) {
        self.strain_by(now, MISS);
    }

    /// The word for the line now.
    pub(super) fn judge(&mut self, now: Moment, trips: Trips) -> Quality {
        let slow = SLOW.of(trips.usual.unwrap_or_default());
        let score = 100.0 - slow - UNEVEN.of(trips.jitter) - self.strain(now);
        self.word = word(self.word, score);
        self.word
    }

    /// The word it was given last.
    pub(super) fn word(&self) -> Quality {
        self.word
    }

    fn strain(&self, now: Moment) -> f32 {
        let lives = now.since(self.since).as_secs_f32() / FADES.as_secs_f32();
        self.strain * (-lives).exp2()
    }

    fn strain_by(&mut self, now: Moment, more: f32) {
        self.strain = (self.strain(now) + more).min(100.0);
        self.since = now;
    }
}

/// The word for a score, from 100 down, given the word before.
fn word(before: Quality, score: f32) -> Quality {
    let (good, poor) = match before {
        Quality::Good => (60.0, 30.0),
        Quality::Fair => (75.0, 30.0),
        Quality::Poor => (75.0, 45.0),
    };
    if score >= good {
        Quality::Good
    } else if score >= poor {
        Quality::Fair
    } else {
        Quality::Poor
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Quality::{Fair, Good, Poor};

    fn at(seconds: u64) -> Moment {
        Moment(Duration::from_secs(seconds))
    }

    fn trips(usual_ms: u64, jitter_ms: u64) -> Trips {
        Trips {
            usual: Some(Duration::from_millis(usual_ms)),
            jitter: Duration::from_millis(jitter_ms),
        }
    }

    #[test]
    fn a_word_is_kept_until_the_score_has_clearly_left_it() {
        let mut word_now = Good;
        for (score, expected) in [
            (100.0, Good),
            (60.0, Good),
            (59.0, Fair),
            (60.0, Fair),
            (74.0, Fair),
            (75.0, Good),
            (29.0, Poor),
            (31.0, Poor),
            (44.0, Poor),
            (45.0, Fair),
            (30.0, Fair),
            (29.0, Poor),
            (75.0, Good),
            (-80.0, Poor),
        ] {
            word_now = word(word_now, score);
            assert_eq!(word_now, expected, "{score}");
        }
    }

    #[test]
    fn slow_and_uneven_lines_have_their_words() {
        for (measured, expected) in [
            (Trips::default(), Good),
            (trips(20, 2), Good),
            (trips(250, 30), Good),
            (trips(600, 60), Good),
            (trips(900, 20), Fair),
            (trips(250, 300), Good),
            (trips(600, 200), Fair),
            (trips(1_000, 300), Poor),
            (trips(60_000, 0), Fair),
        ] {
            let found = Record::default().judge(at(0), measured);
            assert_eq!(found, expected, "{measured:?}");
        }
    }

    #[test]
    fn losses_are_forgiven_with_time() {
        let mut record = Record::default();
        record.lost(at(0));
        assert_eq!(record.judge(at(0), Trips::default()), Good);
        record.lost(at(1));
        assert_eq!(record.judge(at(1), Trips::default()), Fair);
        record.lost(at(2));
        record.missed(at(2));
        assert_eq!(record.judge(at(2), Trips::default()), Poor);
        let fading: Vec<Quality> = (0..6)
            .map(|minute| record.judge(at(2 + minute * 60), Trips::default()))
            .collect();
        assert_eq!(fading, [Poor, Fair, Good, Good, Good, Good]);
        // However bad it was, it can be good again.
        (0..1000).for_each(|_| record.lost(at(400)));
        assert_eq!(record.judge(at(400), Trips::default()), Poor);
        assert_eq!(record.judge(at(520), Trips::default()), Good);
    }

    #[test]
    fn round_trips_are_averaged_and_their_differences_too() {
        let mut trips = Trips::default();
        for ms in [100, 100, 180, 20] {
            trips.add(Duration::from_millis(ms));
        }
        let usual = Some(Duration::from_micros(98_750));
        let jitter = Duration::from_micros(37_500);
        assert_eq!(trips, Trips { usual, jitter });
    }
}
