//! A room with a loudspeaker that nobody hears, as with headphones, and a microphone that hears
//! whoever speaks. One thread is both devices, so that time in the room passes as fast as both
//! sides go: nothing here can be said about how soon something happens. Rooms in which the
//! loudspeaker is heard are those of `tests/rooms.rs`, where time is counted.

use super::*;
use crate::sound::ring::{Gauge, Inlet, Outlet};
use crate::sound::stream::Behind;
use crate::sound::{Capture, Playback, block};
use rtrb::RingBuffer;
use std::sync::{Condvar, Mutex};
use std::thread;

/// What happens in a room, counted in samples of 16 kHz.
#[derive(Default)]
struct State {
    /// What somebody says in the room, which begins when the room is told to.
    said: Option<Vec<f32>>,
    /// It is said so long after the loudspeaker began.
    after: usize,
    /// When the loudspeaker began.
    first: Option<usize>,
    /// When what was said began.
    began: Option<usize>,
    /// How long the microphone has heard.
    now: usize,
    /// The microphone is open.
    open: bool,
}

#[derive(Clone, Default)]
pub(super) struct Room {
    state: Arc<Mutex<State>>,
    mouth: Arc<Mutex<Option<Outlet>>>,
    ear: Arc<Mutex<Option<Inlet>>>,
    opened: Arc<Condvar>,
    closed: Arc<Condvar>,
}

impl Room {
    pub(super) fn doors(&self) -> Doors {
        let (ears, mouths) = (self.clone(), self.clone());
        Doors {
            capture: Box::new(move |_wish, _pace| Ok(ears.capture())),
            playback: Box::new(move |_wish, _pace| Ok(mouths.playback())),
            best: Box::new(|_wish, way| Some(format!("{way:?}"))),
            news: Box::new(|_id, _tell| None),
            list: Box::new(|| Ok(vec![])),
            hangs: house::PATIENCE,
            haste: 1,
            look: Duration::from_micros(500),
        }
    }

    /// Somebody says something, from now on.
    pub(super) fn say(&self, said: Vec<f32>) {
        let mut state = self.state.lock().unwrap();
        (state.said, state.began, state.after) = (Some(said), None, 0);
    }

    /// Somebody says something so many milliseconds after the loudspeaker began.
    pub(super) fn say_after(&self, ms: usize, said: Vec<f32>) {
        let mut state = self.state.lock().unwrap();
        (state.said, state.began, state.after) = (Some(said), None, ms * 16);
    }

    /// Waits until the loudspeaker is open.
    pub(super) fn wait_opened(&self) {
        let mouth = self.mouth.lock().unwrap();
        let none = |mouth: &mut Option<Outlet>| mouth.is_none();
        let (_mouth, late) = (self.opened)
            .wait_timeout_while(mouth, house::PATIENCE, none)
            .unwrap();
        assert!(!late.timed_out(), "no loudspeaker is open");
    }

    /// Waits until the microphone is closed.
    pub(super) fn wait_closed(&self) {
        let state = self.state.lock().unwrap();
        let open = |state: &mut State| state.open;
        let (_state, late) = (self.closed)
            .wait_timeout_while(state, house::PATIENCE, open)
            .unwrap();
        assert!(!late.timed_out(), "the microphone is still open");
    }

    fn playback(&self) -> Playback {
        let gauge = Arc::new(Gauge::default());
        let (producer, consumer) = RingBuffer::new(block(MOUTH_RATE) * 50);
        let cushion = Duration::from_millis(60);
        let mut outlet = Outlet::new(consumer, 1, MOUTH_RATE, cushion, Arc::clone(&gauge));
        let taps = outlet.taps();
        *self.mouth.lock().unwrap() = Some(outlet);
        self.opened.notify_all();
        let behind = Behind::Thread(thread::spawn(|| {}));
        let rates = (MOUTH_RATE, MOUTH_RATE);
        let name = "loudspeaker".to_owned();
        let mut playback = Playback::new(name, producer, rates, gauge, behind);
        playback.id = Some("Out".to_owned());
        playback.taps = Some(taps);
        playback
    }

    fn capture(&self) -> Capture {
        let gauge = Arc::new(Gauge::default());
        let (producer, consumer) = RingBuffer::new(block(EAR_RATE));
        *self.ear.lock().unwrap() = Some(Inlet::new(producer, 1, Arc::clone(&gauge)));
        let room = self.clone();
        let behind = Behind::Thread(thread::spawn(move || room.live()));
        let rates = (EAR_RATE, EAR_RATE);
        let mut capture = Capture::new("microphone".to_owned(), consumer, rates, gauge, behind);
        capture.id = Some("In".to_owned());
        capture
    }

    /// Lets time pass in the room until the microphone is closed.
    fn live(&self) {
        let Some(mut inlet) = self.ear.lock().unwrap().take() else {
            return;
        };
        self.state.lock().unwrap().open = true;
        let mut noise = Noise(7);
        let mut given = vec![0.0f32; block(MOUTH_RATE)];
        while !inlet.is_abandoned() {
            if inlet.room() < block(EAR_RATE) {
                thread::park_timeout(Duration::from_micros(200));
                continue;
            }
            {
                let mut mouth = self.mouth.lock().unwrap();
                match &mut *mouth {
                    Some(outlet) if outlet.is_done() => *mouth = None,
                    // The desk is still about to hand it over.
                    Some(outlet) if outlet.is_starved() => {
                        drop(mouth);
                        thread::park_timeout(Duration::from_millis(1));
                        continue;
                    }
                    Some(outlet) => outlet.give(&mut given),
                    None => given.fill(0.0),
                }
            }
            let mut state = self.state.lock().unwrap();
            let now = state.now;
            let mut heard = vec![0.0f32; block(EAR_RATE)];
            if state.first.is_none() && given.iter().any(|sample| *sample != 0.0) {
                state.first = Some(now);
            }
            let is_time =
                state.after == 0 || (state.first).is_some_and(|first| now >= first + state.after);
            if is_time && state.said.is_some() {
                let began = *state.began.get_or_insert(now);
                let said = state.said.as_ref().unwrap();
                for (n, sample) in heard.iter_mut().enumerate() {
                    *sample += said.get(now - began + n).copied().unwrap_or_default();
                }
            }
            for sample in &mut heard {
                *sample = (*sample + noise.next() * 0.0008).clamp(-1.0, 1.0);
            }
            state.now += heard.len();
            drop(state);
            inlet.take(&heard);
        }
        self.state.lock().unwrap().open = false;
        self.closed.notify_all();
    }
}

/// Noise that is the same in each run.
struct Noise(u32);

impl Noise {
    /// Between -1 and 1.
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as f32 / 8_388_608.0 - 1.0
    }
}
