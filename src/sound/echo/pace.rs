//! Tells when what was played and what was heard get out of step: a loudspeaker that ran dry has
//! played silence of which nobody knows, and a microphone that was not fetched in time has lost
//! what it heard. Whoever makes up for it spares the canceller looking for the echo anew. Pure.
//!
//! Both sides count frames. Pieces of what was played come in bursts, and clocks drift apart; so
//! only a step counts. What is missing of what was played is made up for at once, and what comes
//! late after all is left out.

use std::collections::VecDeque;

/// A step of so many frames is no burst: 30 ms.
const STEP: i64 = 3;
/// Bursts of what was played are no longer than so many frames: 200 ms.
const BURST: usize = 20;
/// What was made up for may still come for so many frames: 500 ms.
const LATE: u32 = 50;
/// What was heard is lost for good after so many: whoever catches up takes that long.
const LOST: usize = 100;
/// The clocks have drifted by a frame when it was so for so many.
const DRIFT: u32 = 200;

/// What is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slip {
    /// So many frames of silence were played.
    Played(usize),
    /// So many frames that were heard are lost.
    Heard(usize),
}

/// Counts both sides.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// How far what was played is ahead of what was heard, in frames, and lately, the youngest
    /// last.
    ahead: i64,
    lately: VecDeque<i64>,
    /// How far it usually is at most.
    usual: Option<i64>,
    /// Frames in which it was a little more or less than usual.
    differs: u32,
    /// So many frames were made up for, so many frames ago.
    filled: usize,
    since: u32,
}

impl Pace {
    /// Something else is played, or heard, from here on.
    pub(super) fn begin(&mut self) {
        *self = Self::default();
    }

    /// So many frames that were played are there: how many of them come too late.
    pub(super) fn late(&mut self, there: usize) -> usize {
        self.since = self.since.saturating_add(1);
        if self.since > LATE {
            self.filled = 0;
        }
        let Some(usual) = self.usual.filter(|_usual| self.filled > 0) else {
            return 0;
        };
        let surplus = usize::try_from(self.ahead + there as i64 - 1 - usual).unwrap_or(0);
        let late = surplus.min(self.filled).min(there);
        self.filled -= late;
        late
    }

    /// A frame was heard, before which so many were played.
    pub(super) fn step(&mut self, played: usize) -> Option<Slip> {
        self.ahead += played as i64 - 1;
        if self.lately.len() == LOST {
            self.lately.pop_front();
        }
        self.lately.push_back(self.ahead);
        let most = |frames: usize| self.lately.iter().rev().take(frames).copied().max();
        let (most, now) = (most(BURST)?, most(STEP as usize)?);
        let Some(usual) = self.usual else {
            self.usual = (self.lately.len() >= BURST).then_some(most);
            return None;
        };
        let least = self.lately.iter().copied().min()?;
        let slip = if now <= usual - STEP {
            let missing = (usual - now) as usize;
            self.filled = if self.since > LATE { 0 } else { self.filled } + missing;
            self.since = 0;
            Slip::Played(missing)
        } else if self.lately.len() == LOST && least >= usual + STEP {
            Slip::Heard((least - usual) as usize)
        } else {
            self.follow(usual, most);
            return None;
        };
        let (Slip::Played(missing) | Slip::Heard(missing)) = slip;
        // Whoever is told makes up for it.
        let made_up = match slip {
            Slip::Played(_) => missing as i64,
            Slip::Heard(_) => -(missing as i64),
        };
        self.ahead += made_up;
        self.lately.iter_mut().for_each(|ahead| *ahead += made_up);
        Some(slip)
    }

    fn follow(&mut self, usual: i64, most: i64) {
        self.differs = if most == usual { 0 } else { self.differs + 1 };
        if self.differs == DRIFT {
            self.differs = 0;
            self.usual = Some(usual + (most - usual).clamp(-1, 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One frame that was heard, with so many that were played; those too late are left out.
    fn step(pace: &mut Pace, there: usize) -> Option<Slip> {
        let late = pace.late(there);
        pace.step(there - late)
    }

    /// What is told of so many frames, in bursts of this many.
    fn run(pace: &mut Pace, frames: usize, burst: usize) -> Vec<Slip> {
        let played = |n: usize| if n.is_multiple_of(burst) { burst } else { 0 };
        (0..frames).filter_map(|n| step(pace, played(n))).collect()
    }

    /// How many frames were made up for.
    fn made_up(slips: &[Slip]) -> i64 {
        let of = |slip: &Slip| match slip {
            Slip::Played(missing) => *missing as i64,
            Slip::Heard(missing) => -(*missing as i64),
        };
        slips.iter().map(of).sum()
    }

    #[test]
    fn bursts_are_no_slip_and_what_is_missing_is_made_up_for() {
        for burst in [1, 2, 4] {
            let mut pace = Pace::default();
            assert_eq!(run(&mut pace, 400, burst), []);
            // A loudspeaker that ran dry for 80 ms.
            let dry: Vec<Slip> = (0..8).filter_map(|_| step(&mut pace, 0)).collect();
            let after = run(&mut pace, 400, burst);
            let all = made_up(&dry) + made_up(&after);
            assert!((6..=10).contains(&all), "{burst}: {dry:?} {after:?}");
            // A microphone that lost 60 ms.
            assert_eq!(step(&mut pace, 7), None);
            let lost = made_up(&run(&mut pace, 400, burst));
            // A burst hides a part of it.
            assert!((-8..=-3).contains(&lost), "{burst}: {lost}");
        }
    }

    #[test]
    fn what_comes_late_after_all_is_left_out() {
        let mut pace = Pace::default();
        run(&mut pace, 400, 1);
        let before = pace.ahead;
        let filled: Vec<Slip> = (0..15).filter_map(|_| step(&mut pace, 0)).collect();
        assert!(made_up(&filled) >= 12, "{filled:?}");
        assert_eq!(step(&mut pace, 16), None);
        assert_eq!(run(&mut pace, 400, 1), []);
        assert!((pace.ahead - before).abs() <= 1);
    }

    #[test]
    fn clocks_may_drift() {
        for played in [0, 2] {
            let mut pace = Pace::default();
            // 400 millionths, for ten minutes.
            for _ in 0..24 {
                assert_eq!(run(&mut pace, 2500, 1), []);
                assert_eq!(step(&mut pace, played), None);
            }
        }
    }
}
