//! Keeps messages as they were set, because setting them is most of the work of a frame.

use super::message::{Circumstances, Set, Setting};
use crate::core::ids::MessageId;
use crate::core::transcript::Message;
use std::collections::HashMap;

/// So many messages are kept, a good deal more than fit on any screen.
const KEPT: usize = 300;

/// So much text is kept at most, in bytes, beyond what is on screen.
const KEPT_BYTES: usize = 4 << 20;

/// Messages as they were set last.
#[derive(Debug, Default)]
pub struct Messages {
    setting: Setting,
    sets: HashMap<MessageId, Kept>,
    frame: u64,
}

#[derive(Debug)]
struct Kept {
    set: Set,
    /// The frame that needed it last.
    frame: u64,
    bytes: usize,
}

impl Messages {
    /// A new frame begins. With another setting nothing that was kept is of use.
    pub fn begin(&mut self, setting: Setting) {
        self.frame += 1;
        if self.setting != setting {
            self.setting = setting;
            self.sets.clear();
        }
        let bytes: usize = self.sets.values().map(|kept| kept.bytes).sum();
        if self.sets.len() > KEPT * 5 / 4 || bytes > KEPT_BYTES {
            self.forget();
        }
    }

    /// The message, set; only what changed since the last time is set again.
    pub fn get(&mut self, message: &Message, around: Circumstances) -> &Set {
        let kept = self.sets.entry(message.id).or_insert_with(|| Kept {
            set: Set::new(message, around, &self.setting),
            frame: 0,
            bytes: 0,
        });
        kept.set.update(message, around, &self.setting);
        kept.frame = self.frame;
        kept.bytes = message.text.len() + message.reasoning.len();
        &kept.set
    }

    /// The height of a message, if it was set before.
    pub fn known_height(&self, id: MessageId) -> Option<usize> {
        self.sets.get(&id).map(|kept| kept.set.height())
    }

    /// Drops what was not needed for the longest time.
    fn forget(&mut self) {
        let mut frames: Vec<(u64, usize)> = self
            .sets
            .values()
            .map(|kept| (kept.frame, kept.bytes))
            .collect();
        frames.sort_unstable_by(|a, b| b.cmp(a));
        let mut bytes = 0;
        let fits = frames.iter().take(KEPT).take_while(|(_, more)| {
            bytes += more;
            bytes <= KEPT_BYTES
        });
        let oldest = fits.last().map_or(self.frame, |(frame, _)| *frame);
        let last_drawn = self.frame.saturating_sub(1);
        self.sets
            .retain(|_, kept| kept.frame >= oldest.min(last_drawn));
    }
}
