//! How fast a file or a pipe gives and takes samples: as a device would, or as fast as it goes.

use std::thread;
use std::time::{Duration, Instant};

/// How fast a device that is none runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// A second takes a second, as with a real device.
    #[default]
    RealTime,
    /// As fast as the other side goes.
    Fast,
}

/// Ticks evenly: a tick that comes late does not move those after it.
#[derive(Debug)]
pub(super) struct Ticks {
    start: Instant,
    passed: Duration,
}

impl Ticks {
    #[expect(
        clippy::disallowed_methods,
        reason = "the clock of a device that has none, and runs on a thread of its own"
    )]
    pub(super) fn start() -> Self {
        Self {
            start: Instant::now(),
            passed: Duration::ZERO,
        }
    }

    /// Waits until `step` after the tick before.
    pub(super) fn wait(&mut self, step: Duration) {
        self.passed += step;
        while let Some(left) = self.passed.checked_sub(self.start.elapsed())
            && !left.is_zero()
        {
            thread::park_timeout(left);
        }
    }
}
