//! Keeps what was played in step with what is heard: one frame of the one for each of the other,
//! however they come. Pure.
//!
//! What was played comes in bursts, early or late by as much as threads and devices are held up,
//! and a canceller that is given it as it comes looks for the echo anew each time. So a little
//! of it waits here. How much waits says where the two are: a loudspeaker that ran dry has
//! played silence of which nobody knows, and less waits from then on; a microphone that was not
//! fetched in time has lost what it heard, and more does. What is missing is made up for, and
//! what comes late after all is left out.
//!
//! Less or more also waits where bursts of the one that used to come before those of the other
//! come behind them. Nothing is lost then, and whoever corrected it would get the two out of step.
//! The canceller tells these apart: as long as it works they are in step, whatever waits.

use super::{FRAME, taken};
use std::collections::VecDeque;

const SAMPLES: i64 = FRAME as i64;
/// So much waits at least, usually: 20 ms. More would hide an echo that is back as soon as that.
const LEAST: i64 = 2 * SAMPLES;
/// Less than that by more than a frame, for so many frames, and the loudspeaker ran dry.
const DRY: usize = 3;
/// Bursts are no longer than so many frames: 200 ms.
const BURST: usize = 20;
/// After so many frames it is known how much usually waits: half a second.
const SETTLED: usize = 50;
/// What was made up for may still come for so many frames: half a second.
const LATE: u32 = 50;
/// More than usual for so many frames, and the microphone has lost something: whoever catches up
/// takes that long.
const LOST: usize = 100;
/// So much more is no drift of the clocks.
const STEP: i64 = SAMPLES * 3 / 2;
/// So much more hides what is played from its echo soon, even if the canceller still works.
const FAR_TOO_MUCH: i64 = 3 * SAMPLES;
/// Bursts hide whether something comes late after all, but no more than this.
const ENOUGH: i64 = LEAST + 2 * SAMPLES;
/// A loudspeaker that gives nothing for so many frames rests, which is silence.
const RESTS: u32 = 50;

/// What was played while a frame was heard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Played {
    pub(super) frame: [f32; FRAME],
    /// So many frames that were heard before it are lost; something was played meanwhile.
    pub(super) lost: usize,
    /// It is not quite in step, or was not until now.
    pub(super) slipped: bool,
}

/// What was played and waits for what is heard.
#[derive(Debug)]
pub(super) struct Cushion {
    samples: VecDeque<f32>,
    /// Frames since anything came.
    rests: u32,
    /// When so much waits, nothing is missing any more. Known once it has settled.
    enough: Option<i64>,
    /// So much waits at least, as long as nothing is missing, and so much more on average.
    usual: i64,
    spread: i64,
    /// How much waited lately, besides what stands for something that may still come; the
    /// youngest last.
    lately: VecDeque<i64>,
    /// How much silence stands for what may still come, and for how many frames it has.
    filled: i64,
    filled_for: u32,
}

impl Default for Cushion {
    fn default() -> Self {
        Self {
            samples: VecDeque::new(),
            rests: RESTS,
            enough: None,
            usual: LEAST,
            spread: 0,
            lately: VecDeque::with_capacity(LOST),
            filled: 0,
            filled_for: 0,
        }
    }
}

impl Cushion {
    /// Something else is played, or heard, from here on.
    pub(super) fn begin(&mut self) {
        *self = Self::default();
    }

    /// A frame was heard, and this came since the one before. `works`: what was played lately was
    /// taken out of what was heard.
    pub(super) fn next(&mut self, came: &[f32], works: bool) -> Played {
        let rested = self.rests >= RESTS;
        self.rests = if came.is_empty() {
            self.rests.saturating_add(1)
        } else {
            0
        };
        self.samples.extend(came);
        if rested {
            if came.is_empty() {
                self.samples.clear();
                return Played {
                    frame: [0.0; FRAME],
                    lost: 0,
                    slipped: false,
                };
            }
            self.prime();
        }
        let late = self.leave_out_late();
        let frame = self.take();
        if self.lately.len() == LOST {
            self.lately.pop_front();
        }
        if self.enough.is_none() {
            self.filled = 0;
        }
        self.lately.push_back(self.len() - self.filled);
        let (slipped, lost) = if self.enough.is_none() {
            (self.settle(), 0)
        } else {
            let slipped = self.fill();
            if works {
                self.follow();
            }
            (slipped || (!works && self.step()), self.lost(works))
        };
        Played {
            frame,
            lost,
            slipped: late || slipped || lost > 0,
        }
    }

    fn len(&self) -> i64 {
        self.samples.len() as i64
    }

    /// The next frame; silence in place of one that has not come.
    pub(super) fn take(&mut self) -> [f32; FRAME] {
        if self.samples.len() >= FRAME {
            return taken(&mut self.samples);
        }
        (self.filled, self.filled_for) = (self.filled + SAMPLES, 0);
        [0.0; FRAME]
    }

    /// The first comes. What was played long before is too old to be in step.
    fn prime(&mut self) {
        (self.enough, self.usual, self.filled) = (None, LEAST, 0);
        self.lately.clear();
        self.wait(LEAST + SAMPLES - self.len());
    }

    /// Makes so much more wait, or less.
    fn wait(&mut self, more: i64) {
        let surplus = usize::try_from(-more).unwrap_or(0);
        self.samples.drain(..surplus.min(self.samples.len()));
        (0..more).for_each(|_| self.samples.push_front(0.0));
    }

    /// Finds how much must wait, so that [`LEAST`] does at any time.
    fn settle(&mut self) -> bool {
        let lately = self.lately.iter().rev().take(BURST);
        let least = lately.copied().min().unwrap_or(LEAST);
        let more = if least < LEAST || self.lately.len() >= BURST {
            LEAST - least
        } else {
            0
        };
        self.wait(more);
        self.lately.iter_mut().for_each(|waited| *waited += more);
        if self.lately.len() >= SETTLED {
            self.enough = Some(self.mean().min(ENOUGH));
            self.spread = self.mean() - LEAST;
        }
        more != 0
    }

    /// What was made up for and comes after all.
    fn leave_out_late(&mut self) -> bool {
        let Some(enough) = self.enough.filter(|_enough| self.filled > 0) else {
            return false;
        };
        self.filled_for += 1;
        if self.len() - SAMPLES - self.filled >= enough {
            self.wait(-self.filled);
            self.filled = 0;
            self.lately.clear();
            return true;
        }
        if self.filled_for >= LATE {
            // It does not.
            let filled = std::mem::take(&mut self.filled);
            self.lately.iter_mut().for_each(|waited| *waited += filled);
        }
        false
    }

    /// The loudspeaker ran dry.
    fn fill(&mut self) -> bool {
        let lately = || self.lately.iter().rev().take(DRY).copied();
        let missing = self.usual - lately().min().unwrap_or(LEAST);
        let dry = lately().filter(|waited| *waited < self.usual - SAMPLES);
        if dry.count() < DRY || missing <= self.filled {
            return false;
        }
        self.wait(missing - self.filled);
        (self.filled, self.filled_for) = (missing, 0);
        true
    }

    /// Whatever has waited for a while is as it should be.
    fn follow(&mut self) {
        if self.filled == 0 && self.lately.len() == LOST {
            self.usual = (self.mean() - self.spread).clamp(0, LEAST);
            self.enough = Some(self.mean().min(ENOUGH));
        }
    }

    /// How much waited lately.
    fn mean(&self) -> i64 {
        self.lately.iter().sum::<i64>() / self.lately.len() as i64
    }

    /// It ran dry for so short that it was not noticed at once.
    fn step(&mut self) -> bool {
        let all = self.filled == 0 && self.lately.len() == LOST;
        let little = |waited: &i64| *waited <= LEAST - SAMPLES;
        if !all || !self.lately.iter().all(little) {
            return false;
        }
        self.wait(LEAST - self.lately.iter().copied().min().unwrap_or(LEAST));
        self.lately.clear();
        self.usual = LEAST;
        true
    }

    /// More waits than usual all the time: so many frames that were heard are lost.
    fn lost(&mut self, works: bool) -> usize {
        let surplus = self.lately.iter().copied().min().unwrap_or(LEAST) - LEAST;
        let step = if works { FAR_TOO_MUCH } else { STEP };
        if self.filled > 0 || self.lately.len() < LOST || surplus < step {
            return 0;
        }
        self.lately.clear();
        (surplus / SAMPLES) as usize
    }
}

#[cfg(test)]
mod tests;
