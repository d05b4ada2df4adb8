//! The mouth: the thread that says something. It tells how far that was heard, and is silent as
//! soon as it is told.
//!
//! It ends, and its loudspeaker is closed, when its handle is dropped. It never waits for a
//! driver: what is said ([`Talk`]) lies on a [`Deck`], which has its device opened elsewhere.

use super::deck::Deck;
use super::doors::Doors;
use super::line::{Arrived, Came, Line};
use super::take::loudness;
use super::talk::Talk;
use super::{Note, Notes};
use crate::core::ids::TurnId;
use crate::core::sound::{SoundEvent, Speech};
use crate::sound::device::Wish;
use crate::sound::pace::now;
use crate::sound::{Pace, Playback, SoundError, Way};
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

/// How often the loudspeaker is looked after while it plays.
const TICK: Duration = Duration::from_millis(10);

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
    /// A call goes on: whoever hears the microphone hears what is played as well, and the
    /// loudspeaker stays open.
    Call(bool),
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
        call: bool,
        doors: Arc<Doors>,
        desk: Notes,
    ) -> Option<Self> {
        let (notes, inbox) = mpsc::channel();
        let arrivals = notes.clone();
        let post = move |arrived| drop(arrivals.send(MouthNote::Arrived(arrived)));
        let worker = Worker {
            deck: Deck::new(Line::new(doors, wish, pace, post), volume),
            talk: None,
            paused: false,
            call,
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

struct Worker {
    deck: Deck,
    talk: Option<Talk>,
    paused: bool,
    call: bool,
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
                        let came = self.deck.look();
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
        self.deck.close();
        // A desk that is gone has nobody to tell.
        let _ = self.desk.send(Note::MouthGone);
    }

    /// How long to wait for a note. `None` is for ever: then nothing runs.
    fn until(&mut self) -> Option<Duration> {
        let comes = (self.talk.as_mut()).is_some_and(|talk| !talk.reel.is_waiting());
        let plays = !self.paused && (comes || self.deck.is_busy());
        if self.deck.is_open() && (plays || self.deck.is_fading()) {
            return Some(TICK);
        }
        let deadline = self.deck.deadline()?;
        Some(deadline.saturating_duration_since(now()).max(TICK))
    }

    fn note(&mut self, note: MouthNote) {
        if !matches!(note, MouthNote::Arrived(_)) {
            self.seen += 1;
        }
        match note {
            MouthNote::Arrived(arrived) => {
                let reel = self.talk.as_mut().map(|talk| &mut talk.reel);
                let came = self.deck.arrived(arrived, reel);
                self.came(came);
            }
            MouthNote::Use(wish) => {
                let reel = self.talk.as_mut().map(|talk| &mut talk.reel);
                let came = self.deck.wish(wish, reel);
                self.came(came);
            }
            MouthNote::Speech(Speech::More { turn, sound }) => {
                if let Err(error) = self.talk(turn).add(sound) {
                    self.trouble(error, true);
                }
            }
            MouthNote::Speech(Speech::Words { turn, words }) => self.talk(turn).reel.mark(words),
            MouthNote::Speech(Speech::End { turn }) => self.talk(turn).reel.end(),
            MouthNote::Replay { turn, path } => {
                self.hush();
                match Talk::recording(turn, &path, now()) {
                    Ok(talk) => self.talk = Some(talk),
                    Err(error) => {
                        self.trouble(error, false);
                        self.post(Note::Say(SoundEvent::Spoken { turn }));
                    }
                }
            }
            // It does not interrupt anybody.
            MouthNote::Chime(_) if self.talk.is_some() => self.post(Note::ChimeOver),
            MouthNote::Chime(wav) => self.talk = Some(Talk::chime(wav, now())),
            MouthNote::Hush => self.hush(),
            MouthNote::Pause => self.pause(),
            MouthNote::Resume => self.paused = false,
            MouthNote::Volume(volume) => self.deck.set_volume(volume),
            MouthNote::Call(call) => {
                self.call = call;
                self.tap();
                if call {
                    // Whoever takes it out of the microphone must know it from the beginning, so
                    // it plays silence until there is something to say.
                    let came = self.deck.open();
                    self.came(came);
                }
            }
            MouthNote::Close => {}
        }
    }

    /// Lets the ear hear what is played, while a call goes on.
    fn tap(&mut self) {
        if self.call
            && let Some(far) = self.deck.tap()
        {
            self.post(Note::Far(Box::new(far)));
        }
    }

    /// What is said for this turn. What is said for another is over.
    fn talk(&mut self, turn: TurnId) -> &mut Talk {
        if (self.talk.as_ref()).is_none_or(|talk| talk.turn != Some(turn)) {
            self.hush();
        }
        self.talk
            .get_or_insert_with(|| Talk::new(Some(turn), now()))
    }

    fn feed(&mut self) {
        let Some(talk) = self.talk.as_mut().filter(|_talk| !self.paused) else {
            return;
        };
        match self.deck.feed(&mut talk.reel) {
            Ok(came) => self.came(came),
            Err(error) => self.lost(error),
        }
    }

    /// Tells how far it was heard, and whether it is over.
    fn progress(&mut self) {
        let took = match self.deck.check() {
            Ok(took) => took,
            Err(error) => return self.lost(error),
        };
        if self.paused {
            if !self.deck.is_fading() && !self.call {
                // Nothing needs a device for now.
                self.deck.close_device();
            }
            return;
        }
        let Some(talk) = &mut self.talk else {
            return;
        };
        let now = now();
        let Some(took) = took else {
            // Nothing of it could be played, so no device was opened.
            if talk.reel.is_over() && !self.deck.is_wanted() {
                self.spoken();
            }
            return;
        };
        let place = self.deck.place(&talk.reel);
        let events = talk.progress(took.started, place, now);
        let over = talk.is_over(took.all, took.latency, now);
        let meters = talk.meters(now);
        for event in events {
            self.post(Note::Say(event));
        }
        if meters {
            let loudness = loudness(self.deck.loudest());
            let (way, speech) = (Way::Out, true);
            self.post(Note::Say(SoundEvent::Level {
                way,
                loudness,
                speech,
            }));
        }
        if over {
            self.spoken();
        }
    }

    /// The stream broke off: what was not heard is said again.
    fn lost(&mut self, error: SoundError) {
        let talk = self.talk.as_mut().filter(|_talk| !self.paused);
        let came = self.deck.lost(error, talk.map(|talk| &mut talk.reel));
        self.came(came);
    }

    fn hush(&mut self) {
        self.paused = false;
        if let Some(talk) = self.talk.take() {
            let place = self.deck.place(&talk.reel);
            if let Some(note) = talk.hushed(place) {
                self.post(note);
            }
        }
        self.deck.silence(None);
    }

    fn pause(&mut self) {
        if let Some(talk) = self.talk.as_mut().filter(|_talk| !self.paused) {
            self.paused = true;
            let place = self.deck.place(&talk.reel);
            talk.back_to_word(place);
            self.deck.silence(Some(&talk.reel));
        }
    }

    fn spoken(&mut self) {
        if let Some(mut talk) = self.talk.take() {
            for note in talk.spoken() {
                self.post(note);
            }
        }
        self.deck.rebase(None);
    }

    fn came(&mut self, came: Came) {
        match came {
            Came::Nothing => {}
            Came::Open(id, name) => {
                self.tap();
                self.post(Note::At(Way::Out, id, name));
            }
            Came::Looking(error) => self.trouble(error, true),
            Came::Vain(error) => {
                self.trouble(error, false);
                if let Some(talk) = self.talk.take() {
                    for note in talk.unspoken() {
                        self.post(note);
                    }
                }
            }
        }
    }

    /// Tells once that there is nothing to say for now.
    fn rest(&mut self) {
        if self.talk.is_none() && !self.deck.is_fading() && self.rested != self.seen {
            self.rested = self.seen;
            self.post(Note::MouthRests(self.seen));
        }
    }

    fn trouble(&self, error: SoundError, passing: bool) {
        let (way, clip) = (Way::Out, None);
        self.post(Note::Say(SoundEvent::Trouble {
            way,
            clip,
            error,
            passing,
        }));
    }

    fn post(&self, note: Note) {
        // A desk that is gone has nobody to tell.
        let _ = self.desk.send(note);
    }
}
