//! How long to wait before dialing again. Pure.
//!
//! Two wishes have to be met. A backend that is gone must not be hammered: attempts are
//! immediate, then 1 s, 2 s, 4 s.. apart, and limited in number. But a backend that merely
//! restarts should be found within a quarter of a second. So the immediate attempt is not one
//! knock but several: for the first [`BLINK`] after a line that had worked broke, a dial that
//! ends at once is repeated every [`KNOCK`]. That is a dozen tiny packets, once per loss; it
//! counts as one attempt, and whatever stays away for longer gets the doubling patience.

use std::time::Duration;

/// How long after its loss a line that had worked may be expected back any moment.
pub const BLINK: Duration = Duration::from_secs(2);
/// The pause between two knocks in that time.
pub const KNOCK: Duration = Duration::from_millis(150);

/// The wait before the `retry`th retry in a row, counted from 1. The first goes out at once:
/// most losses are a blink. Then `first`, twice that, and so on up to `cap`, each up to a tenth
/// longer by `draw`, so that a thousand clients of a restarted server do not return together.
pub fn delay(retry: u32, first: Duration, cap: Duration, draw: u64) -> Duration {
    let Some(doublings) = retry.checked_sub(2) else {
        return Duration::ZERO;
    };
    let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
    let delay = first.saturating_mul(factor).min(cap);
    jittered(delay, draw)
}

/// Up to a tenth longer.
pub fn jittered(delay: Duration, draw: u64) -> Duration {
    let jitter = (draw % 1001) as u32;
    delay.saturating_add((delay / 10_000).saturating_mul(jitter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FIRST: Duration = Duration::from_secs(1);
    const CAP: Duration = Duration::from_mins(1);

    #[test]
    fn the_wait_doubles_up_to_the_cap() {
        let waits: Vec<u64> = (0..10)
            .map(|retry| delay(retry, FIRST, CAP, 0).as_secs())
            .collect();
        assert_eq!(waits, [0, 0, 1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(delay(u32::MAX, FIRST, CAP, 0), CAP);
    }

    #[test]
    fn the_jitter_adds_up_to_a_tenth() {
        assert_eq!(delay(2, FIRST, CAP, 1000), Duration::from_millis(1100));
        assert_eq!(delay(2, FIRST, CAP, 1001), FIRST);
    }

    proptest! {
        #[test]
        fn a_wait_is_never_shorter_than_asked_nor_a_tenth_longer(
            retry in 2_u32.., first_ms in 1_u64..100_000, cap_ms in 1_u64..1_000_000, draw: u64,
        ) {
            let (first, cap) = (Duration::from_millis(first_ms), Duration::from_millis(cap_ms));
            let wait = delay(retry, first, cap, draw);
            prop_assert!(wait >= first.min(cap));
            prop_assert!(wait <= cap + cap / 10);
        }
    }
}
