//! A desk on the sound server of a test, and what it is asked most often.

use crate::rig::Rig;
use hearsay::core::ids::TurnId;
use hearsay::core::sound::{Sound, SoundEvent, SoundOrder, Speech};
use hearsay::sound::Way;
use hearsay::sound::desk::{Desk, DeskSettings};
use hearsay::sound::device::Wish;
use hearsay::sound::level::to_i16;
use std::cell::Cell;
use std::sync::mpsc;
use std::time::{Duration, Instant};

pub(crate) const CLIP: TurnId = TurnId(1);
pub(crate) const TURN: TurnId = TurnId(2);
/// A test that waits longer has failed.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) struct House {
    pub(crate) desk: Desk,
    pub(crate) events: mpsc::Receiver<SoundEvent>,
    /// So much of what is said was heard so far, in milliseconds.
    pub(crate) so_far: Cell<u64>,
}

impl House {
    pub(crate) fn new(rig: &Rig, change: impl FnOnce(&mut DeskSettings)) -> Self {
        let mut settings = DeskSettings::new(rig.path("clips"));
        change(&mut settings);
        let (tell, events) = mpsc::channel();
        let desk = Desk::new(settings, move |event| drop(tell.send(event)), |_part| true);
        Self {
            desk,
            events,
            so_far: Cell::new(0),
        }
    }

    pub(crate) fn wait<T>(&self, wanted: impl Fn(&SoundEvent) -> Option<T>) -> T {
        loop {
            let event = self.events.recv_timeout(PATIENCE).unwrap();
            if let SoundEvent::Heard { ms, .. } = event {
                self.so_far.set(ms);
            }
            if let Some(found) = wanted(&event) {
                return found;
            }
        }
    }

    pub(crate) fn record(&self) {
        self.desk.ask(SoundOrder::Record { clip: CLIP });
        self.wait(|event| matches!(event, SoundEvent::Hearing { .. }).then_some(()));
    }

    /// Says a tone of so many seconds, and waits until it is heard.
    pub(crate) fn speak(&self, seconds: usize) {
        self.expect(seconds);
        self.wait(|event| matches!(event, SoundEvent::Sounding { .. }).then_some(()));
    }

    /// Says a tone of so many seconds.
    pub(crate) fn expect(&self, seconds: usize) {
        self.desk.ask(SoundOrder::Expect { turn: TURN });
        let samples = (0..seconds * 24_000)
            .map(|n| to_i16((n as f32 * 0.1).sin() * 0.3))
            .collect();
        let sound = Sound::Samples {
            rate: 24_000,
            samples,
        };
        self.desk.speech(Speech::More { turn: TURN, sound });
        self.desk.speech(Speech::End { turn: TURN });
    }

    pub(crate) fn heard(&self, at_least: u64) -> u64 {
        self.wait(|event| match event {
            SoundEvent::Heard { ms, .. } => (*ms >= at_least).then_some(*ms),
            SoundEvent::Spoken { .. } => panic!("it is over"),
            _ => None,
        })
    }

    pub(crate) fn moved(&self, way: Way) -> String {
        self.wait(|event| match event {
            SoundEvent::Moved { way: told, device } if *told == way => Some(device.clone()),
            _ => None,
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "a test that measures")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

pub(crate) fn named(id: &str) -> Wish {
    Wish::Named(id.to_owned())
}
