//! The one place that reads the clocks for the model.

use crate::core::time::{Moment, Now, Wall};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Both clocks, counted from the start of the program.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
}

impl Clock {
    /// Starts counting.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock everything else is told"
    )]
    pub fn start() -> Self {
        Self {
            start: Instant::now(),
        }
    }

    /// The time.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock everything else is told"
    )]
    pub fn now(&self) -> Now {
        Now {
            mono: Moment(Instant::now().duration_since(self.start)),
            wall: wall(),
        }
    }

    /// The system's reading of a moment, for waiting.
    pub fn instant(&self, moment: Moment) -> Instant {
        self.start + moment.0
    }

    /// The moment everything is counted from.
    pub const fn origin(&self) -> Instant {
        self.start
    }
}

/// The calendar time.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the clock everything else is told"
)]
pub fn wall() -> Wall {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Wall(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
