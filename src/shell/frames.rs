//! Decides when the next frame may be drawn. Pure: moments go in and out.

use crate::core::time::Moment;
use std::time::Duration;

/// How soon a change should be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Haste {
    /// The user acted, or something began or ended: at once.
    Now,
    /// More of what is already going on: with the next regular frame.
    Soon,
    /// More of a text that comes faster than people read: with every other regular frame.
    Later,
}

/// Frames for the user's own keys keep this distance from each other: a flood of keys must not
/// become a flood of frames.
const KEY_GAP: Duration = Duration::from_millis(4);

/// Keeps frames apart and remembers when the next one is due.
#[derive(Clone, Copy, Debug)]
pub struct FrameClock {
    gap: Duration,
    last: Option<Moment>,
    /// The last frame that was drawn at once.
    last_hasty: Option<Moment>,
    due: Option<Moment>,
    /// Whether the frame that is due is to be drawn at once.
    hasty: bool,
}

impl FrameClock {
    /// At most `per_second` regular frames a second.
    pub fn new(per_second: u32) -> Self {
        Self {
            gap: Duration::from_secs(1) / per_second.max(1),
            last: None,
            last_hasty: None,
            due: None,
            hasty: false,
        }
    }

    /// Something changed. The earliest wish wins.
    pub fn request(&mut self, now: Moment, haste: Haste) {
        let (last, gap) = match haste {
            Haste::Now => (self.last_hasty, KEY_GAP.min(self.gap)),
            Haste::Soon => (self.last, self.gap),
            Haste::Later => (self.last, self.gap * 2),
        };
        self.hasty |= haste == Haste::Now;
        let due = last.map_or(now, |last| now.max(last + gap));
        self.due = Some(self.due.map_or(due, |before| before.min(due)));
    }

    /// When the next frame is due; `None`: nothing has changed.
    pub const fn due(&self) -> Option<Moment> {
        self.due
    }

    /// Whether to draw now.
    pub fn is_due(&self, now: Moment) -> bool {
        self.due.is_some_and(|due| due <= now)
    }

    /// Whether somebody looks at the screen for what is to be drawn now: nothing else comes before.
    pub fn is_pressing(&self, now: impl FnOnce() -> Moment) -> bool {
        self.hasty && self.is_due(now())
    }

    /// A frame was drawn.
    pub fn drawn(&mut self, now: Moment) {
        self.last = Some(now);
        if std::mem::take(&mut self.hasty) {
            self.last_hasty = Some(now);
        }
        self.due = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Moment {
        Moment::from_ms(ms)
    }

    #[test]
    fn the_first_change_is_drawn_at_once_and_later_ones_wait_for_their_frame() {
        let mut clock = FrameClock::new(50);
        assert_eq!(clock.due(), None);
        clock.request(ms(100), Haste::Soon);
        assert!(clock.is_due(ms(100)));
        clock.drawn(ms(100));
        assert_eq!(clock.due(), None);
        clock.request(ms(101), Haste::Soon);
        clock.request(ms(110), Haste::Soon);
        assert_eq!(clock.due(), Some(ms(120)));
    }

    #[test]
    fn a_text_that_comes_waits_for_every_other_frame_and_holds_nothing_else_up() {
        let mut clock = FrameClock::new(50);
        clock.request(ms(100), Haste::Later);
        assert!(clock.is_due(ms(100)));
        clock.drawn(ms(100));
        clock.request(ms(105), Haste::Later);
        assert_eq!(clock.due(), Some(ms(140)));
        clock.request(ms(110), Haste::Soon);
        assert_eq!(clock.due(), Some(ms(120)));
    }

    #[test]
    fn a_key_does_not_wait_for_the_frame_cap() {
        let mut clock = FrameClock::new(50);
        clock.drawn(ms(100));
        clock.request(ms(101), Haste::Soon);
        assert!(!clock.is_pressing(|| ms(130)));
        clock.request(ms(102), Haste::Now);
        assert_eq!(clock.due(), Some(ms(102)));
        assert!(clock.is_pressing(|| ms(102)) && !clock.is_pressing(|| ms(101)));
        clock.drawn(ms(102));
        assert!(!clock.is_pressing(|| ms(200)));
    }

    #[test]
    fn a_flood_of_keys_is_drawn_in_steps() {
        let mut clock = FrameClock::new(50);
        clock.request(ms(100), Haste::Now);
        clock.drawn(ms(100));
        clock.request(ms(101), Haste::Now);
        clock.request(ms(102), Haste::Now);
        assert_eq!(clock.due(), Some(ms(104)));
        clock.drawn(ms(104));
        clock.request(ms(130), Haste::Now);
        assert_eq!(clock.due(), Some(ms(130)));
    }
}
