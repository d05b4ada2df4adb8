//! The port to microphones and loudspeakers: what there is, and opening what is wished for.
//!
//! Behind it are the devices of the system (`card`) and files, pipes and nothing (`stand_in`)
//! in their place. Whoever opens one gets the same [`Capture`] or [`Playback`] either way.

#[cfg(target_os = "linux")]
mod alsa_dl;
mod card;
#[cfg(target_os = "linux")]
mod cookie;
mod host;
#[cfg(target_os = "linux")]
mod server;
mod shut;
mod stand_in;

use super::{Capture, Pace, Playback, SoundError, Way};
use std::path::PathBuf;

pub use stand_in::RAW_RATE;

/// What tells of devices that come and go, for as long as it is kept.
pub type News = Box<dyn Send>;

/// What a device of the system is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A microphone or a loudspeaker, or what leads to one.
    Ordinary,
    /// Hears what a loudspeaker plays. It looks like a microphone and is none.
    Monitor,
    /// A part of the sound system that is of no use to a person: a converter, a duplicate.
    Part,
}

/// A device of the system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Stays the same from start to start, and is what to choose it by.
    pub id: String,
    /// What people call it.
    pub name: String,
    pub way: Way,
    pub sort: Sort,
    /// The one that is used when none is wished for.
    pub default: bool,
}

/// Which device is wished for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Wish {
    /// Whatever the system prefers.
    #[default]
    Default,
    /// A WAV file.
    File(PathBuf),
    /// A device of the system, by its id or a part of its name.
    Named(String),
    /// Silence, or nobody who hears.
    Null,
    /// Raw samples: 16 bit, little endian, mono, at [`RAW_RATE`], by standard input or output.
    Raw,
}

impl Wish {
    /// Reads `default`, `null`, `file:PATH`, `stdin` for a microphone, `stdout` for a
    /// loudspeaker; everything else is a device of the system.
    pub fn read(text: &str, way: Way) -> Self {
        match (text, way) {
            ("default" | "", _) => Self::Default,
            ("null", _) => Self::Null,
            ("stdin", Way::In) | ("stdout", Way::Out) => Self::Raw,
            _ => match text.strip_prefix("file:") {
                Some(path) => Self::File(PathBuf::from(path)),
                None => Self::Named(text.to_owned()),
            },
        }
    }
}

/// The devices of the system, microphones first. Those that are no use to a person are left out
/// unless `all` are wanted.
pub fn list(all: bool) -> Result<Vec<Found>, SoundError> {
    let mut found = card::list(all)?;
    found.retain(|device| all || device.sort == Sort::Ordinary);
    // Stable, so each group keeps the order of the system.
    found.sort_by_key(|device| (device.way == Way::Out, !device.default));
    Ok(found)
}

/// The id of the device that would be opened now. Where a wish is not there it is the one that
/// the system prefers. What stands in for a device has none.
pub fn best(wish: &Wish, way: Way) -> Option<String> {
    match wish {
        Wish::Default => card::best(None, way),
        Wish::Named(name) => card::best(Some(name), way),
        Wish::File(_) | Wish::Null | Wish::Raw => None,
    }
}

/// Tells on a thread of its own whenever something changes what would be opened in the place of this
/// device; `None` where nobody tells, so that it has to be looked for. `tell` is dropped when there will
/// be no more news.
pub fn news(id: &str, tell: impl Fn() + Send + 'static) -> Option<News> {
    #[cfg(target_os = "linux")]
    if card::is_of_the_server(id) {
        return server::news(tell).map(|news| Box::new(news) as News);
    }
    let _nobody_tells = (id, tell);
    None
}

/// Opens a microphone that gives samples at `rate`.
pub fn capture(wish: &Wish, rate: u32, pace: Pace) -> Result<Capture, SoundError> {
    match wish {
        Wish::Default => card::capture(None, rate),
        Wish::Named(name) => card::capture(Some(name), rate),
        Wish::File(path) => stand_in::from_file(path, rate, pace),
        Wish::Null => stand_in::from_nothing(rate, pace),
        Wish::Raw => stand_in::from_pipe(rate, pace),
    }
}

/// Opens a loudspeaker that takes samples at `rate`.
pub fn playback(wish: &Wish, rate: u32, pace: Pace) -> Result<Playback, SoundError> {
    match wish {
        Wish::Default => card::playback(None, rate),
        Wish::Named(name) => card::playback(Some(name), rate),
        Wish::File(path) => stand_in::to_file(path, rate, pace),
        Wish::Null => stand_in::to_nothing(rate, pace),
        Wish::Raw => stand_in::to_pipe(rate, pace),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_read_for_its_way() {
        let named = |text: &str| Wish::Named(text.to_owned());
        for (text, microphone, loudspeaker) in [
            ("", Wish::Default, Wish::Default),
            ("default", Wish::Default, Wish::Default),
            ("null", Wish::Null, Wish::Null),
            ("stdin", Wish::Raw, named("stdin")),
            ("stdout", named("stdout"), Wish::Raw),
            (
                "file:a b.wav",
                Wish::File("a b.wav".into()),
                Wish::File("a b.wav".into()),
            ),
            ("alsa:default", named("alsa:default"), named("alsa:default")),
        ] {
            let found = (Wish::read(text, Way::In), Wish::read(text, Way::Out));
            assert_eq!(found, (microphone, loudspeaker), "{text}");
        }
    }
}
