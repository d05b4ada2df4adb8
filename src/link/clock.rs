//! The program's clock, as the link reads it.

use crate::core::time::{Moment, Wall};
use std::time::Duration;
use tokio::time::Instant;

/// When the program started, on both clocks. Everything later is counted from there, so that
/// paused time in tests moves both.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
    calendar: Calendar,
    /// Its moments pass by themselves, and not at the wish of a test.
    real: bool,
}

#[derive(Clone, Copy, Debug)]
enum Calendar {
    /// It showed this at the start, and nobody sets it.
    Since(Wall),
    Read(fn() -> Wall),
}

impl Clock {
    /// A clock whose moment zero is `start`, when the calendar showed `wall`.
    pub fn new(start: Instant, wall: Wall) -> Self {
        let calendar = Calendar::Since(wall);
        Self {
            start,
            calendar,
            real: false,
        }
    }

    /// The clock of the running program: its moment zero is `start`, and its calendar is read.
    pub fn real(start: Instant, calendar: fn() -> Wall) -> Self {
        Self {
            start,
            calendar: Calendar::Read(calendar),
            real: true,
        }
    }

    /// A clock that only a test moves, and its calendar with it.
    #[cfg(test)]
    pub(super) fn paused(start: Instant, calendar: fn() -> Wall) -> Self {
        let calendar = Calendar::Read(calendar);
        Self {
            start,
            calendar,
            real: false,
        }
    }

    /// Whether its moments pass by themselves, and not at the wish of a test.
    pub(super) const fn is_real(&self) -> bool {
        self.real
    }

    /// The moment it is now.
    pub fn now(&self) -> Moment {
        Moment(self.start.elapsed())
    }

    /// What the calendar shows, for stamps in frames.
    pub fn wall(&self) -> Wall {
        match self.calendar {
            Calendar::Since(wall) => {
                let passed = i64::try_from(self.start.elapsed().as_millis()).unwrap_or(i64::MAX);
                Wall(wall.0.saturating_add(passed))
            }
            Calendar::Read(calendar) => calendar(),
        }
    }

    /// A moment as the runtime's timers know it. One too far away for them is a day away.
    pub(super) fn instant(&self, moment: Moment) -> Instant {
        let day = Duration::from_hours(24);
        self.start
            .checked_add(moment.0)
            .unwrap_or_else(|| Instant::now() + day)
    }
}
