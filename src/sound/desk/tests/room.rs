//! A room with a loudspeaker and a microphone that hears it: what is played comes back late,
//! with the echoes of the walls, a little distorted, together with whoever speaks in the room.
//! One thread is both devices, so that time in the room passes as fast as both sides go.

use super::*;
use crate::sound::level::level;
use crate::sound::ring::{Gauge, Inlet, Outlet};
use crate::sound::stream::Behind;
use crate::sound::{Capture, Playback, block};
use rtrb::RingBuffer;
use std::sync::{Condvar, Mutex};
use std::thread;

/// What a room is like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walls {
    /// The way from the loudspeaker to the microphone.
    pub(super) delay_ms: usize,
    /// How loud the loudspeaker is at the microphone.
    pub(super) echo_db: f32,
    /// How far time in the room may be ahead of the ear, in blocks of 20 ms.
    pub(super) ahead: usize,
}

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
    /// What the microphone heard.
    heard: Vec<f32>,
    /// How loud the loudspeaker gave what it was handed, for each 20 ms.
    volumes: Vec<f32>,
    /// The microphone is open.
    open: bool,
}

#[derive(Clone)]
pub(super) struct Room {
    walls: Walls,
    state: Arc<Mutex<State>>,
    mouth: Arc<Mutex<Option<Outlet>>>,
    ear: Arc<Mutex<Option<Inlet>>>,
    closed: Arc<Condvar>,
}

impl Room {
    pub(super) fn new(walls: Walls) -> Self {
        Self {
            walls,
            state: Arc::default(),
            mouth: Arc::default(),
            ear: Arc::default(),
            closed: Arc::default(),
        }
    }

    pub(super) fn doors(&self) -> Doors {
        let (ears, mouths) = (self.clone(), self.clone());
        Doors {
            capture: Box::new(move |_wish, _pace| Ok(ears.capture())),
            playback: Box::new(move |_wish, _pace| Ok(mouths.playback())),
            best: Box::new(|_wish, way| Some(format!("{way:?}"))),
            list: Box::new(|| Ok(vec![])),
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

    /// When what was said last began, in milliseconds of the room.
    pub(super) fn began(&self) -> usize {
        self.state.lock().unwrap().began.unwrap() / 16
    }

    /// How long the microphone has been heard, in milliseconds of the room.
    pub(super) fn now(&self) -> usize {
        self.state.lock().unwrap().heard.len() / 16
    }

    /// How many milliseconds after this one of the room the loudspeaker was 12 dB softer.
    pub(super) fn softer(&self, from: usize) -> usize {
        let state = self.state.lock().unwrap();
        let mut later = state.volumes.iter().skip(from / 20);
        (later.position(|volume| *volume <= 0.25).unwrap() + 1) * 20
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
        let (producer, consumer) = RingBuffer::new(block(EAR_RATE) * self.walls.ahead);
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
        let mut air = Air::new(self.walls);
        let mut noise = Noise(7);
        let mut given = vec![0.0f32; block(MOUTH_RATE)];
        while !inlet.is_abandoned() {
            if inlet.room() < block(EAR_RATE) {
                thread::park_timeout(Duration::from_micros(200));
                continue;
            }
            given.fill(0.0);
            let mut volume = 1.0;
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
                    Some(outlet) => {
                        outlet.give(&mut given);
                        volume = outlet.volume();
                    }
                    None => {}
                }
            }
            // What is played in here has nothing above 8 kHz.
            let step = (MOUTH_RATE / EAR_RATE) as usize;
            let given: Vec<f32> = given.iter().copied().step_by(step).collect();
            let mut heard = air.carry(&given);
            let mut state = self.state.lock().unwrap();
            let now = state.heard.len();
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
            state.volumes.push(volume);
            state.heard.extend(&heard);
            drop(state);
            inlet.take(&heard);
            if self.walls.ahead == 1 {
                // What is told of this is heard before time goes on.
                thread::park_timeout(Duration::from_millis(2));
            }
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

/// The way from the loudspeaker to the microphone: a delay, and 120 ms of echoes that die away.
pub(super) struct Air {
    /// When an echo arrives, and how loud it is.
    response: Vec<(usize, f32)>,
    /// What was played, the last of it as long as the response and the delay.
    past: Vec<f32>,
}

impl Air {
    pub(super) fn new(walls: Walls) -> Self {
        const LENGTH: usize = 1920;
        const ECHOES: usize = 60;
        let mut noise = Noise(3);
        // The direct way is the loudest.
        let mut response = vec![(0, 1.0)];
        for n in 1..ECHOES {
            let spread = (noise.next() + 1.0) * 16.0;
            let at = (n * LENGTH / ECHOES + spread as usize).min(LENGTH - 1);
            let loudness = noise.next() * 0.5 * (-6.9 * at as f32 / 2400.0).exp();
            response.push((at, loudness));
        }
        let power: f32 = response
            .iter()
            .map(|(_, loudness)| loudness * loudness)
            .sum();
        // What is played has -20 dB, as it is made here.
        let gain = 10f32.powf((walls.echo_db + 20.0) / 20.0) / power.sqrt();
        for (at, loudness) in &mut response {
            *at += walls.delay_ms * 16;
            *loudness *= gain;
        }
        Self {
            past: vec![0.0; LENGTH + walls.delay_ms * 16],
            response,
        }
    }

    /// What arrives of what is played.
    pub(super) fn carry(&mut self, played: &[f32]) -> Vec<f32> {
        // A small loudspeaker bends what is loud.
        let bent = played.iter().map(|sample| (sample * 1.5).tanh() / 1.5);
        self.past.extend(bent);
        let from = self.past.len() - played.len();
        let heard = (0..played.len())
            .map(|n| {
                let arrives = self.response.iter();
                arrives
                    .map(|(late, loudness)| self.past[from + n - late] * loudness)
                    .sum()
            })
            .collect();
        self.past.drain(..played.len());
        heard
    }
}

/// Speech of so many seconds that does not repeat soon, with pauses, at -20 dB.
pub(super) fn long_speech(seconds: usize) -> Vec<f32> {
    let mut said = vec![];
    let mut noise = Noise(11);
    let voice = speech(20_000);
    while said.len() < seconds * 16_000 {
        let from = ((noise.next() + 1.0) * 130_000.0) as usize;
        let length = 16_000 + ((noise.next() + 1.0) * 24_000.0) as usize;
        said.extend(&voice[from..(from + length).min(voice.len())]);
        said.extend(silence(((noise.next() + 1.0) * 300.0) as usize));
    }
    said.truncate(seconds * 16_000);
    let scale = 0.1 / level(&said).rms;
    said.iter()
        .map(|sample| (sample * scale).clamp(-1.0, 1.0))
        .collect()
}
