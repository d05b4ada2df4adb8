//! A machine with devices that come and go as a test wants.

use super::*;
use crate::sound::device::News;
use crate::sound::pace::Ticks;
use crate::sound::ring::{Gauge, Inlet, Outlet};
use crate::sound::stream::Behind;
use crate::sound::stream::LOOK;
use crate::sound::{Capture, Playback, block};
use rtrb::RingBuffer;
use std::sync::{Condvar, Mutex};
use std::thread;

/// What happens when a device is opened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Door {
    Opens,
    /// So many times somebody else has it.
    Busy(u32),
    /// So many times it is not there.
    Absent(u32),
    /// The driver never answers.
    Hangs,
}

/// A device of the machine.
struct Part {
    id: &'static str,
    door: Door,
    /// What its microphone hears.
    sample: f32,
    open: Vec<Arc<Gauge>>,
}

/// What the machine has.
#[derive(Default)]
struct State {
    parts: Vec<Part>,
    default: &'static str,
    /// What was played: which device, and samples.
    played: Vec<(&'static str, f32)>,
    /// How many streams were closed.
    closed: usize,
    /// Who is told of devices that come and are preferred; nobody, unless it tells.
    tells: bool,
    told: Vec<Box<dyn Fn() + Send>>,
}

impl State {
    fn plug_in(&mut self, id: &'static str, door: Door) {
        let number = id.bytes().last().unwrap() - b'a' + 1;
        self.parts.push(Part {
            id,
            door,
            sample: f32::from(number) / 100.0,
            open: vec![],
        });
    }

    /// Gives its streams.
    fn pull_out(&mut self, id: &str) -> Vec<Arc<Gauge>> {
        let place = self.parts.iter().position(|part| part.id == id).unwrap();
        self.parts.remove(place).open
    }
}

#[derive(Clone, Default)]
pub(super) struct Machine(Arc<Mutex<State>>, Arc<Condvar>);

impl Machine {
    /// With these devices, of which the first is what the system prefers. The nth hears nothing
    /// but n hundredths.
    pub(super) fn new(ids: &[&'static str]) -> Self {
        let machine = Self::default();
        for id in ids {
            machine.plug_in(id, Door::Opens);
        }
        if let Some(first) = ids.first() {
            machine.prefer(first);
        }
        machine
    }

    pub(super) fn plug_in(&self, id: &'static str, door: Door) {
        self.0.lock().unwrap().plug_in(id, door);
        self.tell();
    }

    /// It tells of devices that come and are preferred, so that nobody looks by themselves.
    pub(super) fn telling(self) -> Self {
        self.0.lock().unwrap().tells = true;
        self
    }

    fn tell(&self) {
        self.0.lock().unwrap().told.iter().for_each(|tell| tell());
    }

    fn news(&self, tell: Box<dyn Fn() + Send>) -> Option<News> {
        let mut state = self.0.lock().unwrap();
        let tells = state.tells;
        tells.then(|| {
            state.told.push(tell);
            Box::new(()) as News
        })
    }

    /// Pulls a device out while another one comes, which the system prefers.
    pub(super) fn replace(&self, id: &str, next: &'static str, door: Door) {
        let gauges = {
            let mut state = self.0.lock().unwrap();
            state.plug_in(next, door);
            state.default = next;
            state.pull_out(id)
        };
        for gauge in gauges {
            gauge.fail(gone(id));
        }
        self.tell();
    }

    /// Nothing of the device moves any more, and its streams say so.
    pub(super) fn pull_out(&self, id: &str) {
        for gauge in self.fall_silent(id) {
            gauge.fail(gone(id));
        }
    }

    /// As above, and nobody says so. Gives its streams.
    pub(super) fn fall_silent(&self, id: &str) -> Vec<Arc<Gauge>> {
        self.0.lock().unwrap().pull_out(id)
    }

    fn has(&self, id: &str) -> bool {
        let state = self.0.lock().unwrap();
        state.parts.iter().any(|part| part.id == id)
    }

    pub(super) fn prefer(&self, id: &'static str) {
        self.0.lock().unwrap().default = id;
        self.tell();
    }

    /// How often a device was opened.
    pub(super) fn opened(&self, id: &str) -> usize {
        let state = self.0.lock().unwrap();
        let part = state.parts.iter().find(|part| part.id == id);
        part.map_or(0, |part| part.open.len())
    }

    /// Waits until so many streams were closed.
    pub(super) fn wait_closed(&self, streams: usize) {
        let state = self.0.lock().unwrap();
        let limit = Duration::from_secs(20);
        let closed = |state: &mut State| state.closed < streams;
        let (_state, late) = self.1.wait_timeout_while(state, limit, closed).unwrap();
        assert!(!late.timed_out(), "a device is still open");
    }

    fn close(&self) {
        self.0.lock().unwrap().closed += 1;
        self.1.notify_all();
    }

    pub(super) fn played(&self) -> Vec<(&'static str, f32)> {
        self.0.lock().unwrap().played.clone()
    }

    /// How long it is waited for a driver: only where one hangs is that to be found out.
    fn patience(&self) -> Duration {
        let state = self.0.lock().unwrap();
        if state.parts.iter().any(|part| part.door == Door::Hangs) {
            Duration::from_secs(2)
        } else {
            house::PATIENCE
        }
    }

    pub(super) fn doors(&self) -> Doors {
        let (ears, mouths) = (self.clone(), self.clone());
        let (best, news) = (self.clone(), self.clone());
        Doors {
            capture: Box::new(move |wish, _pace| ears.capture(wish)),
            playback: Box::new(move |wish, _pace| mouths.playback(wish)),
            best: Box::new(move |wish, _way| best.choose(wish).or(best.choose(&Wish::Default))),
            news: Box::new(move |_id, tell| news.news(tell)),
            list: Box::new(|| {
                Ok(vec![Device {
                    id: "a".to_owned(),
                    name: "a".to_owned(),
                    way: Way::In,
                    default: true,
                }])
            }),
            hangs: self.patience(),
            haste: 20,
            look: LOOK,
        }
    }

    fn choose(&self, wish: &Wish) -> Option<String> {
        let state = self.0.lock().unwrap();
        let id = match wish {
            Wish::Named(name) => name.as_str(),
            _ => state.default,
        };
        let there = state.parts.iter().find(|part| part.id == id);
        there.map(|part| part.id.to_owned())
    }

    /// Opens the way to a device, and says what it hears.
    fn enter(&self, wish: &Wish, gauge: &Arc<Gauge>) -> Result<(&'static str, f32), SoundError> {
        let id = self.choose(wish).ok_or_else(|| gone("it"))?;
        let mut state = self.0.lock().unwrap();
        let part = state.parts.iter_mut().find(|part| part.id == id).unwrap();
        match &mut part.door {
            Door::Opens | Door::Busy(0) | Door::Absent(0) => {
                part.open.push(Arc::clone(gauge));
                Ok((part.id, part.sample))
            }
            Door::Busy(times) => {
                *times -= 1;
                Err(SoundError::Busy { device: id })
            }
            Door::Absent(times) => {
                *times -= 1;
                Err(gone("it"))
            }
            Door::Hangs => {
                drop(state);
                let (_keep, wait) = mpsc::channel::<()>();
                let _never = wait.recv();
                Err(SoundError::Hung)
            }
        }
    }

    fn capture(&self, wish: &Wish) -> Result<Capture, SoundError> {
        let gauge = Arc::new(Gauge::default());
        let (id, sample) = self.enter(wish, &gauge)?;
        let (producer, consumer) = RingBuffer::new(block(EAR_RATE) * 100);
        let mut inlet = Inlet::new(producer, 1, Arc::clone(&gauge));
        let machine = self.clone();
        let behind = thread::spawn(move || {
            let mut ticks = Ticks::start();
            while machine.has(id) && !inlet.is_abandoned() {
                ticks.wait(Duration::from_millis(20));
                inlet.take(&vec![sample; block(EAR_RATE)]);
            }
            // A device does not let go by itself.
            while !inlet.is_abandoned() {
                ticks.wait(Duration::from_millis(20));
            }
            machine.close();
        });
        let rates = (EAR_RATE, EAR_RATE);
        let behind = Behind::Thread(behind);
        let mut capture = Capture::new(id.to_owned(), consumer, rates, gauge, behind);
        capture.id = Some(id.to_owned());
        Ok(capture)
    }

    fn playback(&self, wish: &Wish) -> Result<Playback, SoundError> {
        let gauge = Arc::new(Gauge::default());
        let (id, _) = self.enter(wish, &gauge)?;
        let (producer, consumer) = RingBuffer::new(block(MOUTH_RATE) * 10);
        let cushion = Duration::ZERO;
        let mut outlet = Outlet::new(consumer, 1, MOUTH_RATE, cushion, Arc::clone(&gauge));
        let machine = self.clone();
        let behind = thread::spawn(move || {
            let mut ticks = Ticks::start();
            while !outlet.is_done() {
                ticks.wait(Duration::from_millis(20));
                if !machine.has(id) {
                    continue;
                }
                let mut samples = vec![0.0; block(MOUTH_RATE)];
                outlet.give(&mut samples);
                let heard = samples.into_iter().map(|sample| (id, sample));
                machine.0.lock().unwrap().played.extend(heard);
            }
            machine.close();
        });
        let rates = (MOUTH_RATE, MOUTH_RATE);
        let behind = Behind::Thread(behind);
        let mut playback = Playback::new(id.to_owned(), producer, rates, gauge, behind);
        playback.id = Some(id.to_owned());
        Ok(playback)
    }
}

pub(super) fn gone(id: &str) -> SoundError {
    SoundError::Gone {
        device: id.to_owned(),
    }
}
