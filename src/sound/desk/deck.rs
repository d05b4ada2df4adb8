//! A reel on a loudspeaker: feeds the device a fifth of a second ahead, and knows which part of
//! the reel is heard. When the device vanishes, the reel is wound back to there.

use super::MOUTH_RATE;
use super::limiter::Limiter;
use super::line::{Arrived, Came, Line};
use super::reel::Reel;
use crate::sound::device::Wish;
use crate::sound::far::Far;
use crate::sound::level::Level;
use crate::sound::pace::now;
use crate::sound::{Playback, SoundError, block};
use std::time::{Duration, Instant};

/// A loudspeaker that takes nothing for so long does not work.
const STALLED: Duration = Duration::from_secs(3);

/// What a loudspeaker did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Took {
    /// Something of what is on the reel.
    pub(super) started: bool,
    /// Everything there was, after which nothing more comes.
    pub(super) all: bool,
    /// How long it needs to make sound of what it took last.
    pub(super) latency: Duration,
}

pub(super) struct Deck {
    line: Line<Playback>,
    limiter: Limiter,
    /// Samples that were handed to the stream that is open.
    fed: u64,
    /// Which place of the reel is which sample of the stream.
    base: (u64, u64),
    /// The stream knows that nothing more comes.
    sealed: bool,
    /// What was handed over is hushed and dies away.
    fading: bool,
    /// How often the stream had asked for samples, and when that was more than before.
    asked: (u64, Instant),
}

impl Deck {
    pub(super) fn new(line: Line<Playback>, volume: f32) -> Self {
        Self {
            line,
            limiter: Limiter::new(volume),
            fed: 0,
            base: (0, 0),
            sealed: false,
            fading: false,
            asked: (0, now()),
        }
    }

    pub(super) fn set_volume(&mut self, volume: f32) {
        self.limiter.set(volume);
    }

    /// Uses another device from here on; at once, if one is open.
    pub(super) fn wish(&mut self, wish: Wish, reel: Option<&mut Reel>) -> Came {
        let place = reel.as_deref().map_or(0, |reel| self.place(reel));
        let was_open = self.is_open();
        let came = self.line.wish(wish);
        if was_open && !self.is_open() {
            self.wind_back(place, reel);
        }
        came
    }

    /// What is played from here on, if something can be.
    pub(super) fn tap(&mut self) -> Option<Far> {
        self.line.stream()?.tap()
    }

    /// Opens a loudspeaker before there is something to play.
    pub(super) fn open(&mut self) -> Came {
        self.line.open()
    }

    /// How loud it was at most since this was asked last.
    pub(super) fn loudest(&mut self) -> Level {
        (self.line.stream()).map_or_else(Level::default, |stream| stream.loudest())
    }

    /// Looks after what is due.
    pub(super) fn look(&mut self) -> Came {
        self.line.look()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.line.deadline()
    }

    /// A loudspeaker is open, or is going to be.
    pub(super) fn is_wanted(&self) -> bool {
        self.line.is_wanted()
    }

    pub(super) fn is_fading(&self) -> bool {
        self.fading
    }

    /// There is a stream that has something to play.
    pub(super) fn is_busy(&mut self) -> bool {
        (self.line.stream()).is_some_and(|stream| !stream.is_drained())
    }

    pub(super) fn is_open(&mut self) -> bool {
        self.line.stream().is_some()
    }

    /// Hands the stream what it has room for. With an error the stream is of no use any more.
    pub(super) fn feed(&mut self, reel: &mut Reel) -> Result<Came, SoundError> {
        if !self.line.is_wanted() && !reel.is_over() {
            return Ok(self.line.open());
        }
        let Some(stream) = self.line.stream() else {
            return Ok(Came::Nothing);
        };
        let mut samples = Vec::with_capacity(block(MOUTH_RATE));
        while stream.room() >= block(MOUTH_RATE) {
            samples.clear();
            reel.take(block(MOUTH_RATE), &mut samples);
            if samples.is_empty() {
                break;
            }
            self.sealed = false;
            self.fed += samples.len() as u64;
            self.limiter.run(&mut samples);
            stream.feed(&samples)?;
        }
        if reel.is_over() && !self.sealed {
            self.sealed = true;
            stream.seal();
        }
        // What there was no room for.
        stream.feed(&[])?;
        Ok(Came::Nothing)
    }

    /// Looks what the stream did, if there is one. With an error it is of no use any more.
    pub(super) fn check(&mut self) -> Result<Option<Took>, SoundError> {
        let now = now();
        let Some(stream) = self.line.stream() else {
            return Ok(None);
        };
        let (asked, drained) = (stream.asked(), stream.is_drained());
        let took = Took {
            started: stream.taken() > self.base.1,
            all: self.sealed && drained,
            latency: stream.latency(),
        };
        let stalls = stream.id().is_some()
            && now.saturating_duration_since(self.asked.1) > STALLED
            && asked <= self.asked.0;
        if stalls {
            let device = stream.name().to_owned();
            return Err(SoundError::Stalled { device });
        }
        if asked > self.asked.0 {
            self.asked = (asked, now);
            self.line.works();
        } else {
            self.line.rests();
        }
        self.fading &= !drained;
        Ok(Some(took))
    }

    /// Up to where the reel was heard.
    pub(super) fn place(&mut self, reel: &Reel) -> u64 {
        let (place, sample) = self.base;
        let heard = self.line.stream().map(|stream| stream.heard());
        let heard = heard.map_or(0, |heard| heard.saturating_sub(sample));
        (place + heard).min(reel.place())
    }

    /// From here on the next of the reel is the next of the stream.
    pub(super) fn rebase(&mut self, reel: Option<&Reel>) {
        self.base = (reel.map_or(0, Reel::place), self.fed);
        self.sealed = false;
    }

    /// Another thread found something: the stream may be another now, or none.
    pub(super) fn arrived(&mut self, arrived: Arrived<Playback>, reel: Option<&mut Reel>) -> Came {
        let place = reel.as_deref().map_or(0, |reel| self.place(reel));
        let came = self.line.arrived(arrived);
        if matches!(came, Came::Open(..)) {
            (self.fed, self.asked) = (0, (0, now()));
        } else if self.line.stream().is_some() {
            return came;
        }
        self.wind_back(place, reel);
        came
    }

    /// The stream broke off. It is opened again if there is something to play.
    pub(super) fn lost(&mut self, error: SoundError, reel: Option<&mut Reel>) -> Came {
        let place = reel.as_deref().map_or(0, |reel| self.place(reel));
        let came = if reel.is_some() {
            self.line.lost(error)
        } else {
            drop(self.line.close());
            Came::Nothing
        };
        self.wind_back(place, reel);
        came
    }

    fn wind_back(&mut self, place: u64, reel: Option<&mut Reel>) {
        if let Some(reel) = reel {
            reel.back_to(place);
            self.rebase(Some(reel));
        }
        self.fading = false;
    }

    /// Nothing that was handed over is heard any more. What is on the reel now comes next.
    pub(super) fn silence(&mut self, reel: Option<&Reel>) {
        if let Some(stream) = self.line.stream() {
            stream.hush();
            self.fading = true;
        } else {
            drop(self.line.close());
        }
        self.rebase(reel);
    }

    /// Closes a device. What stands in for one stays: a file would begin anew.
    pub(super) fn close_device(&mut self) {
        if self
            .line
            .stream()
            .is_some_and(|stream| stream.id().is_some())
        {
            drop(self.line.close());
        }
    }

    /// Closes whatever is open. A file gets its end.
    pub(super) fn close(mut self) {
        if let Some(stream) = self.line.close()
            && stream.id().is_none()
        {
            // A file that cannot be ended was told to be broken before.
            let _ = stream.finish();
        }
    }
}
