//! The desk: where microphone and loudspeaker take orders and tell what became of them.
//!
//! One thread takes the orders (`worker`). It waits for nobody: a microphone has a thread of
//! its own (the `ear`), as has a loudspeaker (the `mouth`); both live only while they are
//! needed, so that nothing runs while nothing is heard or said. Opening a device, which may hang,
//! is the work of threads that are left behind if it does (`line`). A recording goes to the
//! backend on a thread of its own as well (`send`), at the pace of the link.
//!
//! The ear and the mouth know nothing of each other, and may be at work at the same time. In a
//! call the mouth hands on what its loudspeaker gives, and the ear takes it out of what it hears.

mod chimes;
mod deck;
mod doors;
mod ear;
mod limiter;
mod line;
mod mouth;
mod note;
mod places;
mod reel;
mod search;
mod send;
mod take;
mod talk;
mod word;
mod worker;

use super::device::Wish;
use super::echo::EchoMode;
use super::polish::Polish;
use super::{Pace, Way};
use crate::core::sound::{ClipPart, RATE, SoundEvent, SoundOrder, Speech};
use doors::Doors;
use note::Note;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, mpsc};
use std::time::Duration;
use worker::Worker;

/// The rate at which a microphone is heard.
const EAR_RATE: u32 = RATE;
/// The rate at which loudspeakers are fed: most of them run at it.
const MOUTH_RATE: u32 = 48_000;

/// Where notes for the desk go.
type Notes = mpsc::Sender<Note>;
/// Tells the program what happened.
type Tell = Arc<dyn Fn(SoundEvent) + Send + Sync>;
/// Hands a part of a recording to the link.
type Hand = Arc<dyn Fn(ClipPart) -> bool + Send + Sync>;

/// What a desk is set up with.
#[derive(Clone, Debug)]
pub struct DeskSettings {
    pub microphone: Wish,
    pub loudspeaker: Wish,
    pub pace: Pace,
    /// Where recordings are: only their owner may look into it. A recording is `<turn>.wav`.
    pub folder: PathBuf,
    /// A recording ends by itself here.
    pub longest: Duration,
    /// It ends after so long a silence as well; zero is never.
    pub silence: Duration,
    /// What is still recorded after it was stopped.
    pub tail: Duration,
    /// How much of what was said before a recording is part of it. Zero closes the microphone
    /// between recordings; else it stays open after the first one, and what it hears is in
    /// memory only.
    pub preroll: Duration,
    pub chimes: bool,
    /// What a call does about its own echo.
    pub echo: EchoMode,
    pub polish: Polishes,
    /// How loud speech is, where 1 is as it was made.
    pub volume: f32,
}

/// What is done to what is heard, in a recording and in a call. What is kept is what is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Polishes {
    pub recording: Polish,
    pub call: Polish,
}

impl DeskSettings {
    /// Everything as it is unless it is changed, with recordings in this folder.
    pub fn new(folder: PathBuf) -> Self {
        Self {
            microphone: Wish::Default,
            loudspeaker: Wish::Default,
            pace: Pace::RealTime,
            folder,
            longest: Duration::from_mins(10),
            silence: Duration::ZERO,
            tail: Duration::from_millis(300),
            preroll: Duration::ZERO,
            chimes: false,
            echo: EchoMode::Auto,
            polish: Polishes::default(),
            volume: 1.0,
        }
    }

    fn wish(&mut self, way: Way) -> &mut Wish {
        match way {
            Way::In => &mut self.microphone,
            Way::Out => &mut self.loudspeaker,
        }
    }
}

/// Starts the thread when it is first needed.
type Start = Box<dyn FnOnce() -> Notes + Send>;

/// The way to the desk. Cheap to clone; when the last one is gone, the desk closes.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

struct Inner(LazyLock<Notes, Start>);

impl Desk {
    /// A desk that starts nothing until it is needed. `tell` must not wait for long: while it
    /// does, nothing is taken up. `hand` may wait until the link has room, and is `false` when
    /// the link is gone.
    pub fn new(
        settings: DeskSettings,
        tell: impl Fn(SoundEvent) + Send + Sync + 'static,
        hand: impl Fn(ClipPart) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self::with(settings, Doors::of_the_system(), tell, hand)
    }

    fn with(
        settings: DeskSettings,
        doors: Doors,
        tell: impl Fn(SoundEvent) + Send + Sync + 'static,
        hand: impl Fn(ClipPart) -> bool + Send + Sync + 'static,
    ) -> Self {
        let (tell, hand): (Tell, Hand) = (Arc::new(tell), Arc::new(hand));
        let start = move || Worker::start(settings, Arc::new(doors), tell, hand);
        Self(Arc::new(Inner(LazyLock::new(Box::new(start)))))
    }

    /// Gives an order. Never waits.
    pub fn ask(&self, order: SoundOrder) {
        self.note(Note::Order(order));
    }

    /// Takes speech of the backend. Never waits.
    pub fn speech(&self, speech: Speech) {
        self.note(Note::Speech(speech));
    }

    /// Ends what is recorded, with its file whole, silences what is said, and waits until that is
    /// done, at most for `limit`. What is ordered later is not done.
    pub fn close(&self, limit: Duration) {
        if let Some(notes) = LazyLock::get(&self.0.0) {
            let (done, wait) = mpsc::channel();
            // A desk that is closed already has nothing to wait for.
            if notes.send(Note::Close(Some(done))).is_ok() {
                let _ = wait.recv_timeout(limit);
            }
        }
    }

    fn note(&self, note: Note) {
        // A desk that was closed does nothing.
        let _ = self.0.0.send(note);
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(notes) = LazyLock::get(&self.0) {
            let _ = notes.send(Note::Close(None));
        }
    }
}

#[cfg(test)]
mod tests;
