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

/// The clock of those who wait for devices. It runs as the devices do, whatever the rest of the
/// program takes for now.
#[expect(
    clippy::disallowed_methods,
    reason = "a device runs in real time, and is waited for on a thread of its own"
)]
pub(super) fn now() -> Instant {
    Instant::now()
}

/// Ticks evenly: a tick that comes late does not move those after it.
#[derive(Debug)]
pub(super) struct Ticks {
    start: Instant,
    passed: Duration,
}

impl Ticks {
    pub(super) fn start() -> Self {
        Self {
            start: now(),
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
