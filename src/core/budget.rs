//! How long an answer may take before the user is warned, and before the wait ends.
//!
//! Pure arithmetic on moments: a [`Watch`] is asked, it never rings. Whoever asks decides what a
//! warning or an end looks like.

use super::time::Moment;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The time allowed for something, by the length of the text it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    pub base: Duration,
    pub per_char: Duration,
    pub max: Duration,
}

/// For a reply that streams in.
pub const SSE: Budget = Budget {
    base: Duration::from_secs(30),
    per_char: Duration::from_millis(100),
    max: Duration::from_mins(5),
};

/// For text that is spoken.
pub const TTS: Budget = Budget {
    base: Duration::from_mins(1),
    per_char: Duration::from_millis(200),
    max: Duration::from_mins(10),
};

/// For speech that is recognised.
pub const STT: Budget = Budget {
    base: Duration::from_secs(30),
    per_char: Duration::from_millis(50),
    max: Duration::from_mins(3),
};

impl Budget {
    /// `base + per_char * chars`, and never more than `max`.
    pub fn allowed(&self, chars: usize) -> Duration {
        let nanos = self
            .per_char
            .as_nanos()
            .saturating_mul(chars as u128)
            .saturating_add(self.base.as_nanos());
        if nanos < self.max.as_nanos() {
            Duration::from_nanos_u128(nanos)
        } else {
            self.max
        }
    }
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wait {
    /// A reply that streams in.
    Sse,
    /// Text that is spoken.
    Tts,
    /// Speech that is recognised.
    Stt,
}

impl Wait {
    /// The budget when nobody configured another.
    pub const fn budget(self) -> Budget {
        match self {
            Self::Sse => SSE,
            Self::Tts => TTS,
            Self::Stt => STT,
        }
    }
}

/// What to do when a budget is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// Go on, and tell the user how to stop it.
    KeepGoing,
    /// End it cleanly.
    Stop,
}

/// Speech of a text longer than this many characters outlives its budget: it is still useful,
/// and the listener can stop it at any time.
pub const LONG_SPEECH: usize = 1000;

/// What to do when a budget for a text of this length is used up.
pub const fn on_expiry(wait: Wait, chars: usize) -> Expiry {
    match wait {
        Wait::Tts if chars > LONG_SPEECH => Expiry::KeepGoing,
        Wait::Sse | Wait::Stt | Wait::Tts => Expiry::Stop,
    }
}

/// How a wait stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    InTime,
    /// Four fifths of the allowed time are over.
    Warn,
    /// All of it is over.
    Expired,
}

/// One running budget: the time allowed between two signs of progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    allowed: Duration,
    /// Granted on top, until the next progress.
    extra: Duration,
    since: Moment,
}

impl Watch {
    /// Starts the clock of a budget for a text of this length.
    pub fn start(budget: Budget, chars: usize, now: Moment) -> Self {
        Self {
            allowed: budget.allowed(chars),
            extra: Duration::ZERO,
            since: now,
        }
    }

    /// Starts the clock again: a reply that still arrives is not late. An extension ends here,
    /// because what it was granted for is over.
    pub fn progress(&mut self, now: Moment) {
        self.since = now;
        self.extra = Duration::ZERO;
    }

    /// Grants more time until the next progress, even to a wait that has expired.
    pub fn extend(&mut self, by: Duration) {
        self.extra = self.extra.saturating_add(by);
    }

    /// How the wait stands.
    pub fn verdict(&self, now: Moment) -> Verdict {
        if now >= self.expires() {
            Verdict::Expired
        } else if now >= self.warns() {
            Verdict::Warn
        } else {
            Verdict::InTime
        }
    }

    /// When the verdict changes next by itself; `None` once it has expired, so that nobody waits
    /// for the past.
    pub fn next(&self, now: Moment) -> Option<Moment> {
        match self.verdict(now) {
            Verdict::InTime => Some(self.warns()),
            Verdict::Warn => Some(self.expires()),
            Verdict::Expired => None,
        }
    }

    fn limit(&self) -> Duration {
        self.allowed.saturating_add(self.extra)
    }

    fn warns(&self) -> Moment {
        self.since + self.limit() / 5 * 4
    }

    fn expires(&self) -> Moment {
        self.since + self.limit()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_budget_grows_with_the_text_up_to_its_most() {
        for (wait, chars, ms) in [
            (Wait::Sse, 0, 30_000),
            (Wait::Sse, 1, 30_100),
            (Wait::Sse, 2_699, 299_900),
            (Wait::Sse, 2_700, 300_000),
            (Wait::Sse, 2_701, 300_000),
            (Wait::Tts, 0, 60_000),
            (Wait::Tts, 1_000, 260_000),
            (Wait::Tts, 2_700, 600_000),
            (Wait::Tts, usize::MAX, 600_000),
            (Wait::Stt, 0, 30_000),
            (Wait::Stt, 7, 30_350),
            (Wait::Stt, 3_000, 180_000),
            (Wait::Stt, 3_001, 180_000),
        ] {
            assert_eq!(
                wait.budget().allowed(chars),
                Duration::from_millis(ms),
                "{wait:?} {chars}"
            );
        }
    }

    #[test]
    fn a_most_below_the_base_wins() {
        let tight = Budget {
            max: Duration::from_secs(5),
            ..SSE
        };
        assert_eq!(tight.allowed(0), Duration::from_secs(5));
    }

    #[test]
    fn the_warning_comes_at_four_fifths_and_the_end_at_the_limit() {
        let watch = Watch::start(SSE, 200, Moment::from_ms(1_000));
        let (warns, ends) = (Moment::from_ms(41_000), Moment::from_ms(51_000));
        for (ms, verdict, next) in [
            (1_000, Verdict::InTime, Some(warns)),
            (40_999, Verdict::InTime, Some(warns)),
            (41_000, Verdict::Warn, Some(ends)),
            (50_999, Verdict::Warn, Some(ends)),
            (51_000, Verdict::Expired, None),
            (90_000, Verdict::Expired, None),
        ] {
            let now = Moment::from_ms(ms);
            assert_eq!(
                (watch.verdict(now), watch.next(now)),
                (verdict, next),
                "{ms}"
            );
        }
    }

    #[test]
    fn progress_starts_the_clock_again() {
        let mut watch = Watch::start(SSE, 0, Moment::from_ms(0));
        let late = Moment::from_ms(29_999);
        assert_eq!(watch.verdict(late), Verdict::Warn);
        watch.progress(late);
        assert_eq!(watch.verdict(late), Verdict::InTime);
        assert_eq!(watch.next(late), Some(Moment::from_ms(53_999)));
        assert_eq!(watch.verdict(Moment::from_ms(59_998)), Verdict::Warn);
        assert_eq!(watch.verdict(Moment::from_ms(59_999)), Verdict::Expired);
    }

    #[test]
    fn an_extension_revives_an_expired_wait_and_ends_with_the_next_progress() {
        let mut watch = Watch::start(SSE, 0, Moment::from_ms(0));
        let now = Moment::from_ms(30_000);
        assert_eq!(watch.verdict(now), Verdict::Expired);
        watch.extend(Duration::from_secs(30));
        assert_eq!(watch.verdict(now), Verdict::InTime);
        assert_eq!(watch.next(now), Some(Moment::from_ms(48_000)));
        assert_eq!(watch.verdict(Moment::from_ms(60_000)), Verdict::Expired);
        watch.progress(Moment::from_ms(50_000));
        assert_eq!(watch.verdict(Moment::from_ms(80_000)), Verdict::Expired);
    }

    #[test]
    fn only_the_speech_of_a_long_text_outlives_its_budget() {
        for (wait, chars, expiry) in [
            (Wait::Tts, 1_000, Expiry::Stop),
            (Wait::Tts, 1_001, Expiry::KeepGoing),
            (Wait::Tts, usize::MAX, Expiry::KeepGoing),
            (Wait::Sse, 1_001, Expiry::Stop),
            (Wait::Stt, usize::MAX, Expiry::Stop),
        ] {
            assert_eq!(on_expiry(wait, chars), expiry, "{wait:?} {chars}");
        }
    }

    fn durations() -> impl Strategy<Value = Duration> {
        prop_oneof![
            (0..1_000_000_u64).prop_map(Duration::from_millis),
            (any::<u64>(), 0..1_000_000_000_u32).prop_map(|(s, n)| Duration::new(s, n)),
        ]
    }

    prop_compose! {
        fn budgets()(base in durations(), per_char in durations(), max in durations()) -> Budget {
            Budget { base, per_char, max }
        }
    }

    proptest! {
        #[test]
        fn a_longer_text_never_gets_less_and_nothing_gets_more_than_the_most(
            budget in budgets(), one: usize, other: usize,
        ) {
            let (less, more) = (one.min(other), one.max(other));
            prop_assert!(budget.allowed(less) <= budget.allowed(more));
            prop_assert!(budget.allowed(more) <= budget.max);
            prop_assert!(budget.allowed(usize::MAX) <= budget.max);
        }

        #[test]
        fn following_the_next_moment_meets_every_verdict_and_then_rests(
            budget in budgets(), chars: usize, start in 0..1_000_000_u64,
            extra in prop::option::of(durations()),
        ) {
            let mut now = Moment::from_ms(start);
            let mut watch = Watch::start(budget, chars, now);
            if let Some(extra) = extra {
                watch.extend(extra);
            }
            let mut verdict = watch.verdict(now);
            while let Some(next) = watch.next(now) {
                prop_assert!(next > now);
                now = next;
                prop_assert!(watch.verdict(now) > verdict);
                verdict = watch.verdict(now);
            }
            prop_assert_eq!(verdict, Verdict::Expired);
        }
    }
}
