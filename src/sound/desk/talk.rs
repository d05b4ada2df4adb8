//! What is being said: a reel of sound, whose it is, and what was told about it.

use super::ear::METER;
use super::reel::{Full, Reel, in_memory};
use super::take::loudness;
use super::{MOUTH_RATE, Note};
use crate::core::ids::TurnId;
use crate::core::sound::{Sound, SoundEvent};
use crate::sound::level::level;
use crate::sound::wav::WavError;
use crate::sound::{SoundError, Way, block};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::time::{Duration, Instant};

/// The least time between two words about how far it was heard.
const HEARD: Duration = Duration::from_millis(250);

/// What is being said.
pub(super) struct Talk {
    /// Nobody's: a chime.
    pub(super) turn: Option<TurnId>,
    pub(super) reel: Reel,
    sounding: bool,
    /// So much was told to be heard, and when.
    heard: (u64, Instant),
    metered: Instant,
    /// There was too much, which was told.
    full: bool,
    /// When the last of it becomes sound.
    over_at: Option<Instant>,
}

impl Talk {
    /// Speech of a turn, of which nothing is there yet.
    pub(super) fn new(turn: Option<TurnId>, now: Instant) -> Self {
        Self {
            turn,
            reel: Reel::default(),
            sounding: false,
            heard: (0, now),
            metered: now,
            full: false,
            over_at: None,
        }
    }

    /// A chime, as a WAV file.
    pub(super) fn chime(wav: &'static [u8], now: Instant) -> Self {
        let mut talk = Self::new(None, now);
        if let Ok((wav, bytes)) = in_memory(wav.to_vec()) {
            let _fits = talk.reel.add_file(wav, bytes);
        }
        talk.reel.end();
        talk
    }

    /// A recording, as the speech of this turn.
    pub(super) fn recording(turn: TurnId, path: &Path, now: Instant) -> Result<Self, SoundError> {
        let wav = File::open(path)
            .map_err(WavError::Io)
            .and_then(|file| Reel::file(BufReader::new(file)))
            .map_err(|error| error.of(path))?;
        let mut talk = Self::new(Some(turn), now);
        // It stays on the disk and takes no memory.
        let _fits = talk.reel.add_file(wav, 0);
        talk.reel.end();
        Ok(talk)
    }

    /// More of it came. That there is too much is told once.
    pub(super) fn add(&mut self, sound: Sound) -> Result<(), SoundError> {
        let added = match sound {
            Sound::Samples { rate, samples } => self.reel.add(rate, samples),
            Sound::File(bytes) => {
                let (wav, bytes) =
                    in_memory(bytes).map_err(|kind| SoundError::NotPlayable { kind })?;
                self.reel.add_file(wav, bytes)
            }
        };
        match added {
            Err(Full) if !std::mem::replace(&mut self.full, true) => Err(SoundError::TooMuch),
            Ok(()) | Err(Full) => Ok(()),
        }
    }

    /// It was wound back to the beginning of the word at this place.
    pub(super) fn back_to_word(&mut self, place: u64) {
        self.reel.back_to_word(place);
        self.over_at = None;
    }

    /// What is to be told when it was heard up to this place. `started`: the device has taken
    /// some of it.
    pub(super) fn progress(&mut self, started: bool, place: u64, now: Instant) -> Vec<SoundEvent> {
        let mut events = vec![];
        let Some(turn) = self.turn else {
            return events;
        };
        if started && !self.sounding {
            self.sounding = true;
            events.push(SoundEvent::Sounding { turn });
        }
        let ms = in_ms(place);
        if ms > self.heard.0 && now.saturating_duration_since(self.heard.1) >= HEARD {
            self.heard = (ms, now);
            events.push(SoundEvent::Heard { turn, ms });
        }
        if self.sounding && now.saturating_duration_since(self.metered) >= METER {
            self.metered = now;
            let samples = self.reel.around(place, block(MOUTH_RATE) * 2);
            events.push(SoundEvent::Level {
                way: Way::Out,
                loudness: loudness(level(&samples)),
                speech: true,
            });
        }
        events
    }

    /// All of it was heard. `taken`: the device took everything there was, which becomes sound
    /// after its `latency`.
    pub(super) fn is_over(&mut self, taken: bool, latency: Duration, now: Instant) -> bool {
        if !(taken && self.reel.is_over()) {
            self.over_at = None;
            return false;
        }
        *self.over_at.get_or_insert(now + latency) <= now
    }

    /// What is to be told when it is silenced, having been heard up to this place.
    pub(super) fn hushed(&self, place: u64) -> Option<Note> {
        match self.turn {
            Some(turn) if self.sounding => {
                let ms = in_ms(place);
                Some(Note::Say(SoundEvent::Heard { turn, ms }))
            }
            Some(_unheard) => None,
            None => Some(Note::ChimeOver),
        }
    }

    /// What is to be told when it was heard to its end.
    pub(super) fn spoken(&self) -> Vec<Note> {
        let Some(turn) = self.turn else {
            return vec![Note::ChimeOver];
        };
        let ms = in_ms(self.reel.place());
        let mut notes = vec![];
        if self.sounding && ms > self.heard.0 {
            notes.push(Note::Say(SoundEvent::Heard { turn, ms }));
        }
        notes.push(Note::Say(SoundEvent::Spoken { turn }));
        notes
    }

    /// What is to be told when it cannot be heard.
    pub(super) fn unspoken(&self) -> Vec<Note> {
        match self.turn {
            Some(turn) => vec![
                Note::NotSpoken(turn),
                Note::Say(SoundEvent::Spoken { turn }),
            ],
            None => vec![Note::ChimeOver],
        }
    }
}

fn in_ms(samples: u64) -> u64 {
    samples * 1000 / u64::from(MOUTH_RATE)
}
