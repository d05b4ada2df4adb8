//! How well an echo is cancelled: the loudness of what was heard against that of what is left of
//! it, while only the loudspeaker speaks. Pure.

/// How fast what is measured follows: to two thirds in 400 ms.
const FOLLOWS: f32 = 1.0 / 40.0;
/// How fast what is left of the loudspeaker is believed to get louder, and softer: somebody who
/// begins to speak must not be taken for more of it.
const LOUDER: f32 = 1.0 / 150.0;
const SOFTER: f32 = 1.0 / 30.0;
/// Something is played, and so many frames later it is known whether it is heard: 500 ms.
const KNOWN: u32 = 50;
/// After so many frames a canceller that takes too little out is not waited for: 3 s.
const HOPELESS: u32 = 300;
/// So many frames without anything played, and what is played is another reply: 1 s.
const NEXT: u32 = 100;
/// Less than this many decibels are too little.
const ENOUGH: f32 = 12.0;
/// One that leaves so much less than it was given works, in power: 20 dB.
const WORKS: f32 = 100.0;
/// So many frames that show it leave no doubt.
const SURE: u32 = 50;
/// Somebody is so much louder than what is left of the loudspeaker, in power: 6 dB.
const SOMEBODY: f32 = 4.0;
/// When a voice begins, a canceller leaves up to so many decibels more than usual ...
const LEAKS: f32 = 20.0;
/// ... but takes out so many at least, and more than so many are not counted on.
const SURPRISED: (f32, f32) = (18.0, 40.0);
/// One that knows the room for less than so many frames, 4 s, takes out so much less.
const YOUNG: u32 = 400;
const GREEN: f32 = 10.0;
/// One that had nothing to do for a second may not fit the room any more, because the clocks of
/// both ends drift apart meanwhile. Until the next reply was heard for so many frames, or is so much
/// longer not heard at all, what is left may be the loudspeaker, but for so much.
const RUSTY: u32 = 40;
const LEAKS_ALL: f32 = 0.7;
/// A microphone that hears the loudspeaker hears so much more than the room, in power: 6 dB.
const OVER_ROOM: f32 = 4.0;
/// What is softer than this is no echo, in power: -70 dB.
const NOTHING: f32 = 1e-7;
/// How much louder the room may get with each frame: 3 dB in a second, in power.
const ROOM: f32 = 1.007;

/// Whether a canceller can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trust {
    /// It is not known yet: something was played for so many frames.
    Unknown(u32),
    /// It takes enough out, or there is no echo.
    Good,
    /// It does not.
    Bad,
}

/// What is measured.
#[derive(Debug)]
pub(super) struct Cancelled {
    trust: Trust,
    /// The power of what is heard and of what is left, while only the loudspeaker speaks.
    heard: f32,
    rest: f32,
    /// The power of what is left of the loudspeaker.
    left: f32,
    /// The power of the room when nothing is played.
    room: Option<f32>,
    /// Frames since something was played.
    silent: u32,
    /// For so many frames it may leave everything.
    rusty: u32,
    /// Frames lately in which more than the loudspeaker was left.
    doubts: u32,
    /// Frames that were measured since something changed.
    measured: u32,
    /// Frames lately of which little was left, less those of which much was; while nobody spoke,
    /// or somebody did for longer than people do. And for how many frames somebody does.
    good: u32,
    speaks: u32,
}

impl Default for Cancelled {
    fn default() -> Self {
        Self {
            trust: Trust::Unknown(0),
            heard: 0.0,
            rest: 0.0,
            left: 0.0,
            room: None,
            silent: 0,
            rusty: 0,
            doubts: 0,
            measured: 0,
            good: 0,
            speaks: 0,
        }
    }
}

impl Cancelled {
    /// The microphone is another.
    pub(super) fn moved(&mut self) {
        *self = Self::default();
    }

    /// The loudspeaker is another, in the same room.
    pub(super) fn replaced(&mut self) {
        let room = self.room;
        *self = Self::default();
        self.room = room;
    }

    /// Takes how loud a frame was, and what is left of it.
    pub(super) fn add(&mut self, before: f32, after: f32, played: bool, speaking: bool) {
        let (heard, rest) = (before * before, after * after);
        if !played {
            self.silent = self.silent.saturating_add(1);
            self.room = Some(self.room.map_or(heard, |room| (room * ROOM).min(heard)));
            if self.silent == NEXT {
                self.rusty = 2 * RUSTY;
                if self.trust == Trust::Bad {
                    self.trust = Trust::Unknown(0);
                }
            }
            return;
        }
        self.silent = 0;
        self.rusty = self.rusty.saturating_sub(1);
        if self.is_echo(heard) {
            self.rusty = self.rusty.min(RUSTY);
        }
        self.speaks = if speaking { self.speaks + 1 } else { 0 };
        let told = heard > self.room.unwrap_or_default().max(NOTHING) * WORKS;
        if told && (self.speaks == 0 || self.speaks > HOPELESS) {
            self.good = if heard > rest * WORKS {
                (self.good + 1).min(SURE)
            } else {
                self.good.saturating_sub(1)
            };
        }
        if self.trust == Trust::Good && (speaking || self.is_somebody(rest)) {
            return;
        }
        self.measured = self.measured.saturating_add(1);
        // The first frames count for what they are.
        let share = FOLLOWS.max(1.0 / self.measured as f32);
        self.heard += (heard - self.heard) * share;
        self.rest += (rest - self.rest) * share;
        let share = if rest > self.left { LOUDER } else { SOFTER };
        self.left += (rest - self.left) * share.max(1.0 / self.measured as f32);
        self.trust = self.judge();
    }

    /// What is left is so loud that it is somebody in the room; unless it is so all the time.
    fn is_somebody(&mut self, rest: f32) -> bool {
        let somebody = rest > self.left * SOMEBODY;
        self.doubts = if somebody {
            self.doubts + 1
        } else {
            self.doubts.saturating_sub(1)
        };
        somebody && self.doubts < HOPELESS
    }

    fn judge(&self) -> Trust {
        let enough = self.decibels().is_none_or(|db| db >= ENOUGH);
        match self.trust {
            Trust::Unknown(frames) if frames >= KNOWN && enough => Trust::Good,
            Trust::Unknown(HOPELESS) => Trust::Bad,
            Trust::Unknown(frames) => Trust::Unknown(frames + 1),
            Trust::Good if enough => Trust::Good,
            Trust::Good | Trust::Bad => Trust::Bad,
        }
    }

    /// How much is taken out. `None` if there is nothing to take out.
    pub(super) fn decibels(&self) -> Option<f32> {
        let echo = self.measured > 0 && self.is_echo(self.heard);
        echo.then(|| 10.0 * (self.heard / self.rest.max(1e-12)).log10())
    }

    /// What has this power is more than the room.
    fn is_echo(&self, heard: f32) -> bool {
        heard > (self.room.unwrap_or_default() * OVER_ROOM).max(NOTHING)
    }

    /// Little was left of what was heard while something was played, just now.
    pub(super) fn works(&self) -> bool {
        self.good > SURE / 2
    }

    /// It takes enough out, or there is nothing to take out.
    pub(super) fn is_trusted(&self) -> bool {
        self.trust == Trust::Good
    }

    /// How loud what is left of the loudspeaker may be in a frame that was so loud: as it was
    /// lately, or as much louder as a canceller that is surprised leaves.
    pub(super) fn left(&self, before: f32) -> f32 {
        if self.rusty > 0 {
            return self.left.sqrt().max(before * LEAKS_ALL);
        }
        let db = self.decibels().unwrap_or(SURPRISED.1);
        let certain = (db - LEAKS).clamp(SURPRISED.0, SURPRISED.1);
        let green = GREEN * (1.0 - (self.measured as f32 / YOUNG as f32).min(1.0));
        let certain = certain - green;
        self.left.sqrt().max(before * 10f32.powf(certain / -20.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A second of frames that were so loud and of which so much was left, in decibels.
    fn second(cancelled: &mut Cancelled, before: f32, after: f32, played: bool) {
        let loudness = |db: f32| 10f32.powf(db / 20.0);
        for _ in 0..100 {
            cancelled.add(loudness(before), loudness(after), played, false);
        }
    }

    #[test]
    fn it_is_trusted_once_it_takes_enough_out_or_there_is_nothing_to_take_out() {
        for (before, after, trusted, db) in [
            (-20.0, -60.0, true, Some(40)),
            (-20.0, -33.0, true, Some(13)),
            (-20.0, -30.0, false, Some(10)),
            (-20.0, -20.0, false, Some(0)),
            // As loud as the room: nothing comes back.
            (-60.0, -60.0, true, None),
            (-56.0, -60.0, true, None),
        ] {
            let mut cancelled = Cancelled::default();
            second(&mut cancelled, -60.0, -70.0, false);
            assert!(!cancelled.is_trusted(), "nothing was played yet");
            for _ in 0..4 {
                second(&mut cancelled, before, after, true);
            }
            let found = cancelled.decibels().map(|db| db.round() as i32);
            assert_eq!((cancelled.is_trusted(), found), (trusted, db), "{before}");
        }
    }

    #[test]
    fn one_that_failed_is_tried_again_with_the_next_reply() {
        let mut cancelled = Cancelled::default();
        for _ in 0..5 {
            second(&mut cancelled, -20.0, -25.0, true);
        }
        // It works now, but not so that anybody would notice within the same reply.
        second(&mut cancelled, -20.0, -50.0, true);
        assert!(!cancelled.is_trusted());
        second(&mut cancelled, -70.0, -80.0, false);
        second(&mut cancelled, -20.0, -50.0, true);
        assert!(cancelled.is_trusted());
    }

    #[test]
    fn one_that_rested_may_leave_everything_until_it_was_needed_again() {
        let mut cancelled = Cancelled::default();
        second(&mut cancelled, -60.0, -70.0, false);
        for _ in 0..5 {
            second(&mut cancelled, -20.0, -60.0, true);
        }
        let loud = 0.1;
        assert!(cancelled.left(loud) < 0.02);
        second(&mut cancelled, -60.0, -70.0, false);
        // On its way nothing is heard yet; then the first of it is.
        for (frames, before, rusty) in [(20, 0.001, true), (30, loud, true), (20, loud, false)] {
            for _ in 0..frames {
                cancelled.add(before, before * 0.01, true, false);
            }
            assert_eq!(cancelled.left(loud) > 0.05, rusty, "{frames}");
        }
        // Nobody hears it, as with headphones.
        second(&mut cancelled, -60.0, -70.0, false);
        second(&mut cancelled, -60.0, -70.0, true);
        assert!(cancelled.left(loud) < 0.02);
    }

    #[test]
    fn somebody_in_the_room_is_no_failure_until_it_never_ends() {
        let mut cancelled = Cancelled::default();
        second(&mut cancelled, -20.0, -60.0, true);
        second(&mut cancelled, -20.0, -60.0, true);
        second(&mut cancelled, -18.0, -26.0, true);
        second(&mut cancelled, -18.0, -26.0, true);
        assert!(cancelled.is_trusted());
        assert!(cancelled.left(0.0) < 0.002, "{}", cancelled.left(0.0));
        for _ in 0..4 {
            second(&mut cancelled, -18.0, -26.0, true);
        }
        assert!(!cancelled.is_trusted());
    }
}
