//! What the desk asks of the system. Tests ask something else.

use super::{EAR_RATE, MOUTH_RATE};
use crate::core::sound::Device;
use crate::sound::device::{self, News, Wish};
use crate::sound::stream::LOOK;
use crate::sound::{Capture, Pace, Playback, SoundError, Way};
use std::time::Duration;

/// A driver that has not opened a device by now hangs. The slowest server seen takes two seconds
/// to say no, and its client two more to believe it.
const HANGS: Duration = Duration::from_secs(6);

type Open<S> = Box<dyn Fn(&Wish, Pace) -> Result<S, SoundError> + Send + Sync>;
type Best = Box<dyn Fn(&Wish, Way) -> Option<String> + Send + Sync>;
type Tell = Box<dyn Fn() + Send>;
type Listen = Box<dyn Fn(&str, Tell) -> Option<News> + Send + Sync>;
type List = Box<dyn Fn() -> Result<Vec<Device>, SoundError> + Send + Sync>;

/// How devices are opened and found. Each of these may hang.
pub(super) struct Doors {
    pub(super) capture: Open<Capture>,
    pub(super) playback: Open<Playback>,
    /// The id of what would be opened now.
    pub(super) best: Best,
    /// Tells when that may have changed for who has this device open. `None` where nobody tells.
    pub(super) news: Listen,
    pub(super) list: List,
    /// How long one is waited for.
    pub(super) hangs: Duration,
    /// How much faster than usual everything is looked for and tried again.
    pub(super) haste: u32,
    /// How often a microphone that has nothing to give is looked at.
    pub(super) look: Duration,
}

impl Doors {
    /// Those of this system.
    pub(super) fn of_the_system() -> Self {
        Self {
            capture: Box::new(|wish, pace| device::capture(wish, EAR_RATE, pace)),
            playback: Box::new(|wish, pace| device::playback(wish, MOUTH_RATE, pace)),
            best: Box::new(device::best),
            news: Box::new(device::news),
            list: Box::new(|| {
                let found = device::list(false)?.into_iter();
                Ok(found
                    .map(|found| Device {
                        id: found.id,
                        name: found.name,
                        way: found.way,
                        default: found.default,
                    })
                    .collect())
            }),
            hangs: HANGS,
            haste: 1,
            look: LOOK,
        }
    }
}
