//! Decides which device to open, and when to try again. Pure: errors and the time go in, the next
//! step comes out.
//!
//! A wish that is not there is fallen back from to what the system prefers, and is tried first
//! whenever a device is opened again. Who waits for a first sound is told at once when there is
//! none; one that breaks off is looked for a while.

use crate::sound::SoundError;
use crate::sound::device::Wish;
use std::time::{Duration, Instant};

/// A device that another program has is asked for again after these times.
const BUSY: [Duration; 4] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];
/// How long after a sound broke off the next try in vain is followed by another; it doubles.
const FIRST: Duration = Duration::from_millis(250);
/// The most of it.
const LONGEST: Duration = Duration::from_secs(5);
/// A sound that broke off is not looked for any longer.
const VAIN: Duration = Duration::from_secs(10);

/// What to do next.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Next {
    Open(Wish),
    /// Try again then. What is wrong is told once.
    Wait {
        until: Instant,
        tell: Option<SoundError>,
    },
    GiveUp(SoundError),
}

/// Where a device is in its life.
#[derive(Clone, Copy, Debug)]
enum Life {
    /// It has given no sound yet.
    New,
    Runs,
    /// It did.
    Lost {
        since: Instant,
    },
}

/// The search for a device.
#[derive(Debug)]
pub(super) struct Search {
    wish: Wish,
    /// Nothing but the wish will do.
    only: bool,
    /// The wish is not there.
    fallen: bool,
    life: Life,
    tries: u32,
    busy: usize,
    told: bool,
    haste: u32,
}

impl Search {
    /// `haste`: how much faster than usual it is tried again.
    pub(super) fn new(wish: Wish, haste: u32) -> Self {
        Self {
            wish,
            haste,
            only: false,
            fallen: false,
            life: Life::New,
            tries: 0,
            busy: 0,
            told: false,
        }
    }

    pub(super) fn wish(&self) -> &Wish {
        &self.wish
    }

    /// The same wish anew, or another.
    pub(super) fn anew(&mut self, wish: Wish) {
        let only = self.only;
        *self = Self::new(wish, self.haste);
        self.only = only;
    }

    /// Nothing else is used where the wish is not there.
    pub(super) fn only(&mut self) {
        self.only = true;
    }

    /// Begins with the wish.
    pub(super) fn start(&mut self) -> Wish {
        self.fallen = false;
        self.wish.clone()
    }

    /// The device gives or takes sound.
    pub(super) fn found(&mut self) {
        (self.life, self.told) = (Life::Runs, false);
        (self.tries, self.busy) = (0, 0);
    }

    /// What ran broke off.
    pub(super) fn lost(&mut self, error: SoundError, now: Instant) -> Next {
        if is_final(&error) {
            return Next::GiveUp(error);
        }
        match self.life {
            Life::Runs => {
                self.life = Life::Lost { since: now };
                Next::Open(self.start())
            }
            // It opens, and gives nothing.
            Life::New | Life::Lost { .. } => self.failed(error, now),
        }
    }

    /// Opening it was in vain.
    pub(super) fn failed(&mut self, error: SoundError, now: Instant) -> Next {
        if let SoundError::Busy { .. } = error
            && let Some(delay) = BUSY.get(self.busy)
        {
            self.busy += 1;
            return self.wait(now + *delay / self.haste, error);
        }
        if !self.only && !self.fallen && matches!(self.wish, Wish::Named(_)) {
            (self.fallen, self.busy) = (true, 0);
            return Next::Open(Wish::Default);
        }
        let Life::Lost { since } = self.life else {
            return Next::GiveUp(error);
        };
        if is_final(&error) || matches!(error, SoundError::Busy { .. }) {
            return Next::GiveUp(error);
        }
        let delay = FIRST.saturating_mul(1 << self.tries.min(8)).min(LONGEST);
        let (delay, vain) = (delay / self.haste, VAIN / self.haste);
        self.tries += 1;
        if now.saturating_duration_since(since) >= vain {
            return Next::GiveUp(error);
        }
        self.wait((now + delay).min(since + vain), error)
    }

    fn wait(&mut self, until: Instant, error: SoundError) -> Next {
        let tell = (!self.told).then_some(error);
        self.told = true;
        Next::Wait { until, tell }
    }
}

/// Another try would end as this one did.
fn is_final(error: &SoundError) -> bool {
    match error {
        SoundError::Denied { .. }
        | SoundError::Exists { .. }
        | SoundError::Mute { .. }
        | SoundError::NoSpace { .. }
        | SoundError::NotPlayable { .. }
        | SoundError::NotWav { .. }
        | SoundError::OddFormat { .. }
        | SoundError::ServerRefuses { .. }
        | SoundError::TooMuch
        | SoundError::Unreadable { .. }
        | SoundError::Unwritable { .. } => true,
        SoundError::Busy { .. }
        | SoundError::Gone { .. }
        | SoundError::Hung
        | SoundError::NoDevice { .. }
        | SoundError::NoSystem
        | SoundError::Other { .. }
        | SoundError::ServerDead { .. }
        | SoundError::Stalled { .. }
        | SoundError::Unknown { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gone() -> SoundError {
        SoundError::Gone {
            device: "one".to_owned(),
        }
    }

    fn busy() -> SoundError {
        SoundError::Busy {
            device: "one".to_owned(),
        }
    }

    /// Milliseconds until each next try and what is told, until it is given up.
    fn tried(search: &mut Search, start: Instant, error: &SoundError) -> Vec<(u128, bool)> {
        let mut now = start;
        let mut waits = vec![];
        loop {
            match search.failed(error.clone(), now) {
                Next::Open(_) => waits.push((0, false)),
                Next::Wait { until, tell } => {
                    waits.push(((until - now).as_millis(), tell.is_some()));
                    now = until;
                }
                Next::GiveUp(last) => {
                    assert_eq!(&last, error);
                    return waits;
                }
            }
        }
    }

    #[test]
    fn a_first_sound_is_given_up_at_once_unless_the_device_is_only_busy() {
        let named = || Search::new(Wish::Named("one".to_owned()), 1);
        let start = crate::sound::pace::now();
        let dead = SoundError::ServerDead {
            why: "dead".to_owned(),
        };
        for error in [gone(), SoundError::NoSystem, SoundError::Hung, dead] {
            let waits = tried(&mut Search::new(Wish::Default, 1), start, &error);
            assert_eq!(waits, [], "{error}");
            let waits = tried(&mut named(), start, &error);
            assert_eq!(waits, [(0, false)], "{error}: the default is tried");
        }
        let four = [(500, true), (1000, false), (2000, false), (4000, false)];
        let mut search = Search::new(Wish::Default, 1);
        assert_eq!(tried(&mut search, start, &busy()), four);
    }

    #[test]
    fn a_sound_that_broke_off_is_looked_for_at_growing_times_for_ten_seconds() {
        let start = crate::sound::pace::now();
        let mut search = Search::new(Wish::Default, 1);
        search.found();
        assert_eq!(search.lost(gone(), start), Next::Open(Wish::Default));
        let expected = [
            (250, true),
            (500, false),
            (1000, false),
            (2000, false),
            (4000, false),
            (2250, false),
        ];
        assert_eq!(tried(&mut search, start, &SoundError::NoSystem), expected);
    }

    #[test]
    fn a_wish_is_kept_while_something_else_is_used() {
        let wish = Wish::Named("one".to_owned());
        let now = crate::sound::pace::now();
        let mut search = Search::new(wish.clone(), 1);
        assert_eq!(search.start(), wish);
        assert_eq!(search.failed(gone(), now), Next::Open(Wish::Default));
        search.found();
        assert_eq!(search.lost(gone(), now), Next::Open(wish.clone()));
        assert_eq!(search.failed(gone(), now), Next::Open(Wish::Default));
        let until = now + FIRST;
        let tell = Some(gone());
        assert_eq!(search.failed(gone(), now), Next::Wait { until, tell });
        assert_eq!(search.start(), wish);
    }

    #[test]
    fn nothing_else_is_used_where_only_the_wish_will_do() {
        let now = crate::sound::pace::now();
        let mut search = Search::new(Wish::Named("one".to_owned()), 1);
        search.only();
        assert_eq!(search.failed(gone(), now), Next::GiveUp(gone()));
        search.anew(Wish::Named("two".to_owned()));
        assert_eq!(search.failed(gone(), now), Next::GiveUp(gone()));
    }

    #[test]
    fn what_no_second_try_helps_ends_it() {
        let now = crate::sound::pace::now();
        let denied = SoundError::Denied {
            device: "one".to_owned(),
        };
        let mut search = Search::new(Wish::Default, 1);
        search.found();
        assert_eq!(
            search.lost(denied.clone(), now),
            Next::GiveUp(denied.clone())
        );
        assert_eq!(search.failed(denied.clone(), now), Next::GiveUp(denied));
    }
}
