//! What is being said: a reel of sound, whose it is, and what was told about it.

use super::ear::METER;
use super::reel::{Full, Reel};
use super::{MOUTH_RATE, Note};
use crate::core::ids::TurnId;
use crate::core::sound::{Sound, SoundEvent};
use crate::sound::SoundError;
use crate::sound::unpacked::UnpackError;
use std::fs::File;
use std::io::Cursor;
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
        if let Ok(file) = Reel::file(wav) {
            let _fits = talk.reel.add_file(file, wav.len());
        }
        talk.reel.end();
        talk
    }

    /// A recording, as the speech of this turn.
    pub(super) fn recording(turn: TurnId, path: &Path, now: Instant) -> Result<Self, SoundError> {
        let file = File::open(path)
            .map_err(UnpackError::Io)
            .and_then(Reel::file)
            .map_err(|error| error.of(path))?;
        let mut talk = Self::new(Some(turn), now);
        // It stays on the disk and takes no memory.
        let _fits = talk.reel.add_file(file, 0);
        talk.reel.end();
        Ok(talk)
    }

    /// More of it came. That there is too much is told once.
    pub(super) fn add(&mut self, sound: Sound) -> Result<(), SoundError> {
        let added = match sound {
            Sound::Samples { rate, samples } => self.reel.add(rate, samples),
            Sound::File(bytes) => {
                let length = bytes.len();
                let file = Reel::file(Cursor::new(bytes)).map_err(not_playable)?;
                self.reel.add_file(file, length)
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
        events.extend(self.saying(turn, place));
        let ms = in_ms(place);
        if ms > self.heard.0 && now.saturating_duration_since(self.heard.1) >= HEARD {
            self.heard = (ms, now);
            events.push(SoundEvent::Heard { turn, ms });
        }
        events
    }

    /// It is time to tell how loud it is.
    pub(super) fn meters(&mut self, now: Instant) -> bool {
        let due = self.sounding && now.saturating_duration_since(self.metered) >= METER;
        if due {
            self.metered = now;
        }
        due
    }

    /// The words that began to be heard up to this place.
    fn saying(&mut self, turn: TurnId, place: u64) -> Vec<SoundEvent> {
        let words = std::iter::from_fn(|| self.reel.words(place));
        words
            .map(|words| SoundEvent::Saying { turn, words })
            .collect()
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
    pub(super) fn spoken(&mut self) -> Vec<Note> {
        let Some(turn) = self.turn else {
            return vec![Note::ChimeOver];
        };
        let place = self.reel.place();
        let ms = in_ms(place);
        let mut notes: Vec<Note> = (self.saying(turn, place).into_iter())
            .map(Note::Say)
            .collect();
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

/// A file of speech that is not what it should be.
fn not_playable(error: UnpackError) -> SoundError {
    let kind = match error {
        UnpackError::Not(error) => error.to_string(),
        UnpackError::Io(error) => error.to_string(),
    };
    SoundError::NotPlayable { kind }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::pace::now;
    use bytes::Bytes;

    const TURN: TurnId = TurnId(1);

    fn samples(length: usize) -> Sound {
        Sound::Samples {
            rate: 48_000,
            // 8192 each.
            samples: Bytes::from([0, 32].repeat(length)).into(),
        }
    }

    fn said(notes: impl IntoIterator<Item = Note>) -> Vec<SoundEvent> {
        let said = notes.into_iter().map(|note| match note {
            Note::Say(event) => event,
            _ => panic!("only the program is told"),
        });
        said.collect()
    }

    fn heard(ms: u64) -> SoundEvent {
        SoundEvent::Heard { turn: TURN, ms }
    }

    #[test]
    fn that_there_is_too_much_is_told_once() {
        let mut talk = Talk::new(Some(TURN), now());
        let most = super::super::reel::MOST / 2;
        assert_eq!(talk.add(samples(most)), Ok(()));
        assert_eq!(talk.add(samples(1)), Err(SoundError::TooMuch));
        assert_eq!(talk.add(samples(1)), Ok(()));
    }

    #[test]
    fn what_was_heard_is_told_four_times_a_second_and_how_loud_it_is_twenty_times() {
        let start = now();
        let mut talk = Talk::new(Some(TURN), start);
        talk.add(samples(48_000)).unwrap();
        talk.reel.take(48_000, &mut vec![]);
        let (mut told, mut metered) = (vec![], 0);
        for ms in (0..1000).step_by(10) {
            let at = start + Duration::from_millis(ms);
            told.extend(talk.progress(ms > 0, ms * 48, at));
            metered += usize::from(talk.meters(at));
        }
        assert_eq!(metered, 19);
        let sounding = SoundEvent::Sounding { turn: TURN };
        assert_eq!(told, [sounding, heard(250), heard(500), heard(750)]);
        assert_eq!(said(talk.hushed(900 * 48)), [heard(900)]);
    }

    #[test]
    fn it_is_over_when_the_last_of_it_became_sound() {
        let start = now();
        let late = Duration::from_millis(40);
        let mut talk = Talk::new(Some(TURN), start);
        talk.add(samples(480)).unwrap();
        talk.reel.take(480, &mut vec![]);
        assert!(!talk.is_over(true, late, start), "more may come");
        talk.reel.end();
        assert!(!talk.is_over(false, late, start));
        assert!(!talk.is_over(true, late, start));
        assert!(!talk.is_over(true, late, start + late / 2));
        assert!(talk.is_over(true, late, start + late));
        talk.progress(true, 240, start);
        let spoken = SoundEvent::Spoken { turn: TURN };
        assert_eq!(said(talk.spoken()), [heard(10), spoken]);
    }
}
