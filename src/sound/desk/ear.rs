//! The ear: the thread that owns a microphone. It records, tells how loud it is, and keeps what
//! was said just before, if that is wished for. In a [`call`] it hears while something is played.
//!
//! It ends, and its microphone is closed, when its handle is dropped. It never waits for a
//! driver: opening is the work of a [`Line`], and a stream that is open is only looked at.

mod call;
mod worker;

use super::Notes;
use super::Polishes;
use super::doors::Doors;
use super::line::Arrived;
use super::send::{Feed, Tap};
use super::take::Limits;
use crate::core::ids::TurnId;
use crate::sound::device::Wish;
use crate::sound::echo::EchoMode;
use crate::sound::far::Far;
use crate::sound::{Capture, Pace};
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;
use worker::Worker;

/// The least time between two meters.
pub(super) const METER: Duration = Duration::from_millis(50);

/// What an ear is started with.
pub(super) struct EarSettings {
    pub(super) wish: Wish,
    pub(super) pace: Pace,
    pub(super) folder: PathBuf,
    pub(super) limits: Limits,
    /// How much of what was said before is kept; the microphone stays open for it.
    pub(super) preroll: Duration,
    pub(super) echo: EchoMode,
    pub(super) polish: Polishes,
    /// It only tells how loud it is, and records nothing.
    pub(super) meter: bool,
}

/// What an ear may be told.
pub(super) enum EarNote {
    /// `fresh`: what was heard before is not part of it.
    Record {
        clip: TurnId,
        fresh: bool,
    },
    Attend {
        clip: TurnId,
    },
    /// The recording that it is for is sent while it is made, unless it has begun.
    Live(Feed),
    /// All that is heard in the call goes here, and turns are cut from outside.
    Stream(Tap),
    HangUp,
    Mute(bool),
    /// What is being said in the call is not complete until this is taken back.
    KeepOpen(bool),
    /// This is what is played from here on.
    Far(Box<Far>),
    Stop {
        clip: TurnId,
    },
    Discard {
        clip: TurnId,
    },
    /// A chime is in the air, or is over.
    Deaf(bool),
    Use(Wish),
    Close,
    Arrived(Arrived<Capture>),
}

/// A thread with a microphone. It ends when this is dropped.
pub(super) struct Ear {
    notes: mpsc::Sender<EarNote>,
    /// How many orders it was given.
    pub(super) sent: u64,
}

impl Ear {
    pub(super) fn start(settings: EarSettings, doors: Arc<Doors>, desk: Notes) -> Option<Self> {
        let (notes, inbox) = mpsc::channel();
        let arrivals = notes.clone();
        let post = move |arrived| drop(arrivals.send(EarNote::Arrived(arrived)));
        let worker = Worker::new(settings, doors, post, desk);
        thread::Builder::new()
            .name("sound ear".to_owned())
            .spawn(move || worker.run(&inbox))
            .ok()
            .map(|_runs| Self { notes, sent: 0 })
    }

    pub(super) fn tell(&mut self, note: EarNote) {
        self.sent += 1;
        // An ear that broke has told nothing, and is replaced with the next recording.
        let _ = self.notes.send(note);
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        let _ = self.notes.send(EarNote::Close);
    }
}
