//! The mouth: the thread that owns a loudspeaker while something is said. It feeds the device a
//! fifth of a second ahead, tells how far it was heard, and is silent as soon as it is told.
//!
//! It ends, and its loudspeaker is closed, when its handle is dropped. It never waits for a
//! driver: opening is the work of a [`Line`].

use super::doors::Doors;
use super::ear::METER;
use super::limiter::Limiter;
use super::line::{Arrived, Came, Line};
use super::reel::{Full, Reel, in_memory};
use super::take::loudness;
use super::{MOUTH_RATE, Note, Notes};
use crate::core::ids::TurnId;
use crate::core::sound::{Sound, SoundEvent, Speech};
use crate::sound::device::Wish;
use crate::sound::level::level;
use crate::sound::pace::now;
use crate::sound::wav::WavError;
use crate::sound::{Pace, Playback, SoundError, Way, block};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// How often the loudspeaker is looked after while it plays.
const TICK: Duration = Duration::from_millis(10);
/// The least time between two words about how far it was heard.
const HEARD: Duration = Duration::from_millis(250);
/// A loudspeaker that takes nothing for so long does not work.
const STALLED: Duration = Duration::from_secs(3);

/// What a mouth may be told.
pub(super) enum MouthNote {
    Speech(Speech),
    /// Play a recording, as the speech of this turn.
    Replay {
        turn: TurnId,
        path: PathBuf,
    },
    Chime(&'static [u8]),
    Hush,
    Pause,
    Resume,
    Volume(f32),
    Use(Wish),
    Close,
    Arrived(Arrived<Playback>),
}

/// A thread with a loudspeaker. It ends when this is dropped.
pub(super) struct Mouth {
    notes: mpsc::Sender<MouthNote>,
    /// How many orders it was given.
    pub(super) sent: u64,
}

impl Mouth {
    pub(super) fn start(
        wish: Wish,
        pace: Pace,
        volume: f32,
        doors: Arc<Doors>,
        desk: Notes,
    ) -> Option<Self> {
        let (notes, inbox) = mpsc::channel();
        let arrivals = notes.clone();
        let post = move |arrived| drop(arrivals.send(MouthNote::Arrived(arrived)));
        let worker = Worker {
            line: Line::new(doors, wish, pace, post),
            talk: None,
            paused: false,
            fading: false,
            fed: 0,
            base: (0, 0),
            sealed: false,
            limiter: Limiter::new(volume),
            moved: (0, now()),
            metered: now(),
            seen: 0,
            rested: 0,
            desk,
        };
        thread::Builder::new()
            .name("sound mouth".to_owned())
            .spawn(move || worker.run(&inbox))
            .ok()
            .map(|_runs| Self { notes, sent: 0 })
    }

    pub(super) fn tell(&mut self, note: MouthNote) {
        self.sent += 1;
        // A mouth that broke is silent.
        let _ = self.notes.send(note);
    }
}

impl Drop for Mouth {
    fn drop(&mut self) {
        let _ = self.notes.send(MouthNote::Close);
    }
}

/// What is being said.
struct Talk {
    /// Nobody's: a chime.
    turn: Option<TurnId>,
    reel: Reel,
    sounding: bool,
    /// So much was told to be heard, and when.
    heard: (u64, Instant),
    /// There was too much, which was told.
    full: bool,
    /// When the last of it becomes sound.
    over_at: Option<Instant>,
}

impl Talk {
    fn new(turn: Option<TurnId>) -> Self {
        Self {
            turn,
            reel: Reel::default(),
            sounding: false,
            heard: (0, now()),
            full: false,
            over_at: None,
        }
    }
}

struct Worker {
    line: Line<Playback>,
    talk: Option<Talk>,
    paused: bool,
    /// What was said before is hushed and dies away.
    fading: bool,
    /// Samples that were handed to the stream that is open.
    fed: u64,
    /// Which place of the reel is which sample of the stream.
    base: (u64, u64),
    /// The stream knows that nothing more comes.
    sealed: bool,
    limiter: Limiter,
    /// How often the stream had asked for samples, and when that was more than before.
    moved: (u64, Instant),
    metered: Instant,
    seen: u64,
    /// As many were seen when it told last that it rests.
    rested: u64,
    desk: Notes,
}

impl Worker {
    fn run(mut self, inbox: &mpsc::Receiver<MouthNote>) {
        loop {
            self.feed();
            self.progress();
            self.rest();
            let note = match self.until() {
                None => inbox.recv().ok(),
                Some(limit) => match inbox.recv_timeout(limit) {
                    Ok(note) => Some(note),
                    Err(mpsc::RecvTimeoutError::Timeout) => {
                        let came = self.line.look();
                        self.came(came);
                        continue;
                    }
                    Err(mpsc::RecvTimeoutError::Disconnected) => None,
                },
            };
            match note {
                None | Some(MouthNote::Close) => break,
                Some(note) => self.note(note),
            }
        }
        // A file gets its end; a device is only closed.
        if let Some(stream) = self.line.close()
            && stream.id().is_none()
        {
            let _ = stream.finish();
        }
        self.post(Note::MouthGone);
    }

    /// How long to wait for a note. `None` is for ever: then nothing runs.
    fn until(&mut self) -> Option<Duration> {
        let deadline = self.line.deadline();
        let fading = self.fading;
        let waits = (self.talk.as_mut()).is_none_or(|talk| talk.reel.is_waiting());
        if let Some(stream) = self.line.stream()
            && (fading || !(self.paused || waits && stream.is_drained()))
        {
            return Some(TICK);
        }
        Some(deadline?.saturating_duration_since(now()).max(TICK))
    }

    fn note(&mut self, note: MouthNote) {
        if !matches!(note, MouthNote::Arrived(_)) {
            self.seen += 1;
        }
        match note {
            MouthNote::Arrived(arrived) => {
                let place = self.place();
                let came = self.line.arrived(arrived);
                if matches!(came, Came::Open(..)) {
                    self.rewind(place);
                    (self.fed, self.fading) = (0, false);
                    self.rebase();
                    self.moved = (0, now());
                } else if self.line.stream().is_none() {
                    self.broke_off(place);
                }
                self.came(came);
            }
            MouthNote::Use(wish) => {
                let came = self.line.wish(wish);
                self.came(came);
            }
            MouthNote::Speech(Speech::More { turn, sound }) => {
                self.begin(turn);
                self.more(sound);
            }
            MouthNote::Speech(Speech::End { turn }) => {
                self.begin(turn);
                if let Some(talk) = &mut self.talk {
                    talk.reel.end();
                }
            }
            MouthNote::Replay { turn, path } => self.replay(turn, &path),
            MouthNote::Chime(bytes) => {
                if self.talk.is_some() {
                    return self.post(Note::ChimeOver);
                }
                let mut talk = Talk::new(None);
                if let Ok((wav, bytes)) = in_memory(bytes.to_vec()) {
                    let _fits = talk.reel.add_file(wav, bytes);
                }
                talk.reel.end();
                self.talk = Some(talk);
            }
            MouthNote::Hush => self.hush(),
            MouthNote::Pause => self.pause(),
            MouthNote::Resume => self.paused = false,
            MouthNote::Volume(volume) => self.limiter.set(volume),
            MouthNote::Close => {}
        }
    }

    /// What comes is of this turn. What is said for another is over.
    fn begin(&mut self, turn: TurnId) {
        if self
            .talk
            .as_ref()
            .is_none_or(|talk| talk.turn != Some(turn))
        {
            self.hush();
            self.talk = Some(Talk::new(Some(turn)));
        }
    }

    fn more(&mut self, sound: Sound) {
        let Some(talk) = &mut self.talk else {
            return;
        };
        let added = match sound {
            Sound::Samples { rate, samples } => talk.reel.add(rate, samples),
            Sound::File(bytes) => match in_memory(bytes) {
                Ok((wav, bytes)) => talk.reel.add_file(wav, bytes),
                Err(kind) => {
                    return self.trouble(SoundError::NotPlayable { kind }, true);
                }
            },
        };
        self.sealed = false;
        if added == Err(Full) && !talk.full {
            // Once is enough.
            talk.full = true;
            self.trouble(SoundError::TooMuch, true);
        }
    }

    fn replay(&mut self, turn: TurnId, path: &Path) {
        self.hush();
        let wav = File::open(path)
            .map_err(WavError::Io)
            .and_then(|file| Reel::file(BufReader::new(file)));
        match wav {
            Ok(wav) => {
                let mut talk = Talk::new(Some(turn));
                // It stays on the disk.
                let _fits = talk.reel.add_file(wav, 0);
                talk.reel.end();
                self.talk = Some(talk);
            }
            Err(error) => {
                self.trouble(error.of(path), false);
                self.say(SoundEvent::Spoken { turn });
            }
        }
    }

    /// Hands the stream what it has room for.
    fn feed(&mut self) {
        let Some(talk) = self.talk.as_mut().filter(|_talk| !self.paused) else {
            return;
        };
        if !self.line.is_wanted() {
            // Nothing to say needs no loudspeaker.
            if talk.reel.is_over() {
                return;
            }
            let came = self.line.open();
            return self.came(came);
        }
        let Some(stream) = self.line.stream() else {
            return;
        };
        let mut samples = Vec::with_capacity(block(MOUTH_RATE));
        while stream.room() >= block(MOUTH_RATE) {
            samples.clear();
            talk.reel.take(block(MOUTH_RATE), &mut samples);
            if samples.is_empty() {
                break;
            }
            self.fed += samples.len() as u64;
            self.limiter.run(&mut samples);
            if let Err(error) = stream.feed(&samples) {
                return self.lost(error);
            }
        }
        if talk.reel.is_over() && !self.sealed {
            self.sealed = true;
            stream.seal();
        }
        // What there was no room for.
        if let Err(error) = stream.feed(&[]) {
            self.lost(error);
        }
    }

    /// Tells how far it was heard, and whether it is over.
    fn progress(&mut self) {
        let now = now();
        let Some(stream) = self.line.stream() else {
            if self.talk.as_mut().is_some_and(|talk| talk.reel.is_over()) && !self.line.is_wanted()
            {
                self.spoken();
            }
            return;
        };
        let (taken, drained) = (stream.taken(), stream.is_drained());
        let (latency, asked) = (stream.latency(), stream.asked());
        let is_card = stream.id().is_some();
        if asked > self.moved.0 {
            self.line.works();
            self.moved = (asked, now);
        } else if is_card && now.saturating_duration_since(self.moved.1) > STALLED {
            let device = stream.name().to_owned();
            return self.lost(SoundError::Stalled { device });
        } else {
            self.line.rests();
        }
        if self.fading && drained {
            self.faded(is_card);
        }
        if self.paused {
            return;
        }
        let place = self.place();
        let base = self.base;
        let Some(talk) = &mut self.talk else {
            return;
        };
        let over = talk.reel.is_over() && self.sealed && drained;
        let mut events = vec![];
        if let Some(turn) = talk.turn
            && !talk.sounding
            && taken > base.1
        {
            talk.sounding = true;
            events.push(SoundEvent::Sounding { turn });
        }
        if over && *talk.over_at.get_or_insert(now + latency) <= now {
            for event in events {
                self.say(event);
            }
            return self.spoken();
        }
        if !over {
            talk.over_at = None;
        }
        let Some(turn) = talk.turn else {
            return;
        };
        let ms = in_ms(place);
        if ms > talk.heard.0 && now.saturating_duration_since(talk.heard.1) >= HEARD {
            talk.heard = (ms, now);
            events.push(SoundEvent::Heard { turn, ms });
        }
        if talk.sounding && now.saturating_duration_since(self.metered) >= METER {
            self.metered = now;
            let samples = talk.reel.around(place, block(MOUTH_RATE) * 2);
            events.push(SoundEvent::Level {
                way: Way::Out,
                loudness: loudness(level(&samples)),
                speech: !over,
            });
        }
        for event in events {
            self.say(event);
        }
    }

    /// How far the reel was heard.
    fn place(&mut self) -> u64 {
        let (place, sample) = self.base;
        let heard = self.line.stream().map(|stream| stream.heard());
        let heard = heard.map_or(0, |heard| heard.saturating_sub(sample));
        let end = self.talk.as_ref().map_or(0, |talk| talk.reel.place());
        (place + heard).min(end)
    }

    fn rewind(&mut self, place: u64) {
        if let Some(talk) = &mut self.talk {
            talk.reel.back_to(place);
        }
    }

    /// From here on the next of the reel is the next of the stream.
    fn rebase(&mut self) {
        let place = self.talk.as_ref().map_or(0, |talk| talk.reel.place());
        self.base = (place, self.fed);
        self.sealed = false;
    }

    /// The stream broke off: what was not heard is said again.
    fn lost(&mut self, error: SoundError) {
        let place = self.place();
        self.broke_off(place);
        let came = if self.talk.is_some() && !self.paused {
            self.line.lost(error)
        } else {
            drop(self.line.close());
            Came::Nothing
        };
        self.came(came);
    }

    /// There is no stream any more, and it was heard to this place.
    fn broke_off(&mut self, place: u64) {
        self.rewind(place);
        self.base = (place, u64::MAX);
        self.fading = false;
    }

    fn hush(&mut self) {
        self.paused = false;
        let place = self.place();
        if let Some(talk) = self.talk.take() {
            match talk.turn {
                Some(turn) if talk.sounding => {
                    let ms = in_ms(place);
                    self.say(SoundEvent::Heard { turn, ms });
                }
                Some(_unheard) => {}
                None => self.post(Note::ChimeOver),
            }
        }
        self.silence();
    }

    fn pause(&mut self) {
        if self.paused || self.talk.is_none() {
            return;
        }
        let place = self.place();
        if let Some(talk) = &mut self.talk {
            talk.reel.back_to_word(place);
            talk.over_at = None;
        }
        self.paused = true;
        self.silence();
    }

    /// Nothing that was handed over is heard any more.
    fn silence(&mut self) {
        if let Some(stream) = self.line.stream() {
            stream.hush();
            self.fading = true;
        } else {
            drop(self.line.close());
            self.faded(false);
        }
        self.rebase();
    }

    /// It is silent.
    fn faded(&mut self, is_card: bool) {
        self.fading = false;
        // While it is paused nothing needs a device. A file would begin anew.
        if self.paused && is_card {
            drop(self.line.close());
        }
    }

    fn spoken(&mut self) {
        let Some(mut talk) = self.talk.take() else {
            return;
        };
        match talk.turn {
            Some(turn) => {
                let ms = in_ms(talk.reel.place());
                if talk.reel.is_over() && ms > talk.heard.0 && talk.sounding {
                    self.say(SoundEvent::Heard { turn, ms });
                }
                self.say(SoundEvent::Spoken { turn });
            }
            None => self.post(Note::ChimeOver),
        }
        self.rebase();
    }

    fn came(&mut self, came: Came) {
        match came {
            Came::Nothing => {}
            Came::Open(id, name) => self.post(Note::At(Way::Out, id, name)),
            Came::Looking(error) => self.trouble(error, true),
            Came::Vain(error) => {
                self.trouble(error, false);
                if let Some(talk) = self.talk.take() {
                    match talk.turn {
                        Some(turn) => {
                            self.post(Note::NotSpoken(turn));
                            self.say(SoundEvent::Spoken { turn });
                        }
                        None => self.post(Note::ChimeOver),
                    }
                }
            }
        }
    }

    /// Tells once that there is nothing to say for now.
    fn rest(&mut self) {
        if self.talk.is_none() && !self.fading && self.rested != self.seen {
            self.rested = self.seen;
            self.post(Note::MouthRests(self.seen));
        }
    }

    fn trouble(&self, error: SoundError, passing: bool) {
        let (way, clip) = (Way::Out, None);
        self.say(SoundEvent::Trouble {
            way,
            clip,
            error,
            passing,
        });
    }

    fn say(&self, event: SoundEvent) {
        self.post(Note::Say(event));
    }

    fn post(&self, note: Note) {
        // A desk that is gone has nobody to tell.
        let _ = self.desk.send(note);
    }
}

fn in_ms(samples: u64) -> u64 {
    samples * 1000 / u64::from(MOUTH_RATE)
}
