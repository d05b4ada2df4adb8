//! A room with a loudspeaker, a microphone that hears it, and somebody who talks. Time in it is
//! counted in samples, so that a call of a minute takes a second, and always the same course.

use super::voices::{Around, Noise, RATE, between};
use hearsay::sound::echo::EchoMode;
use hearsay::sound::polish::Polish;
use hearsay::sound::ring::{Gauge, Outlet};
use hearsay::sound::sieve::Sieve;
use hearsay::sound::turn::{Change, Turns};
use hearsay::sound::vad::FRAME;
use rtrb::RingBuffer;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// What is done to a microphone in a call, unless the user says otherwise.
const POLISH: Polish = Polish {
    noise: true,
    gain: false,
};

/// What a loudspeaker and a microphone handle at once: 20 ms.
const BLOCK: usize = RATE / 50;
/// A recording begins so long before somebody is known to speak.
pub(crate) const BEFORE: usize = 36 * FRAME;

/// What a room is like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walls {
    /// The way from the loudspeaker to the microphone, devices included.
    pub(crate) delay_ms: usize,
    /// How long its echoes take to die away, by 60 dB.
    pub(crate) reverb_ms: usize,
    /// How loud the loudspeaker is at the microphone; people have -26 dB.
    pub(crate) echo_db: f32,
    pub(crate) around: Around,
    pub(crate) around_db: f32,
    /// How loud somebody is who talks to somebody else all the time; `None`: nobody does.
    pub(crate) beside_db: Option<f32>,
    /// How much faster the clock of the microphone is, in millionths.
    pub(crate) drift: f64,
    /// The microphone is so much too loud, in decibels.
    pub(crate) overdriven_db: f32,
    /// So often the loudspeaker stops for 60 ms, in milliseconds; 0: never.
    pub(crate) gaps_ms: usize,
    /// The loudspeaker asks for up to so many blocks too early, and the microphone is heard up
    /// to so many too late: nobody knows how many, as on a machine that has other things to do.
    pub(crate) jitter: usize,
    /// For so long a block of the microphone comes behind that of the loudspeaker which was played
    /// meanwhile, and then for as long before it, and so on; in milliseconds, 0: never.
    pub(crate) overtakes_ms: usize,
    /// So often a block of the microphone is lost, in milliseconds; 0: never.
    pub(crate) loses_ms: usize,
    /// The loudspeaker is opened with the first answer, and what it plays is known so many blocks
    /// later; `None`: it is known from the beginning.
    pub(crate) known_after: Option<usize>,
}

impl Walls {
    /// A living room, and a loudspeaker that is nearly as loud as people are.
    pub(crate) const USUAL: Self = Self {
        delay_ms: 120,
        reverb_ms: 250,
        echo_db: -28.0,
        around: Around::Still,
        around_db: -66.0,
        beside_db: None,
        drift: 0.0,
        overdriven_db: 0.0,
        gaps_ms: 0,
        jitter: 0,
        overtakes_ms: 0,
        loses_ms: 0,
        known_after: None,
    };
}

/// What happens in a call: what is said, by whom, and when, in samples.
#[derive(Clone, Debug, Default)]
pub(crate) struct Course {
    pub(crate) answers: Vec<(usize, Vec<f32>)>,
    pub(crate) turns: Vec<(usize, Vec<f32>)>,
    /// What somebody else says meanwhile, at -26 dB, who is not to be heard.
    pub(crate) beside: Vec<f32>,
    pub(crate) length: usize,
}

/// What was noticed of it, in samples.
#[derive(Clone, Debug, Default)]
pub(crate) struct Noticed {
    /// When the loudspeaker was 12 dB softer, and when it was silent because of somebody.
    pub(crate) ducked: Vec<usize>,
    pub(crate) silent: Vec<usize>,
    /// So often somebody was heard for a moment who said nothing.
    pub(crate) stumbles: usize,
    /// Where recordings that were kept begin, when they were told, and when they were complete.
    pub(crate) begun: Vec<(usize, usize)>,
    pub(crate) ended: Vec<usize>,
    /// How much of the loudspeaker was taken out, each second in which it spoke.
    pub(crate) cancelled: Vec<f32>,
    /// Seconds in which the microphone was deaf.
    pub(crate) deaf: usize,
}

/// The way from the loudspeaker to the microphone.
struct Air {
    response: Vec<(usize, f32)>,
    past: Vec<f32>,
}

impl Air {
    fn new(walls: &Walls) -> Self {
        const ECHOES: usize = 70;
        let length = (walls.reverb_ms * RATE / 1000).max(ECHOES);
        let mut noise = Noise(3);
        // The direct way is the loudest.
        let mut response = vec![(0, 1.0)];
        for n in 1..ECHOES {
            // The first echoes are close together.
            let share = (n as f32 / ECHOES as f32).powf(1.5);
            let at = (share * length as f32) as usize + (noise.below(30.0)) as usize;
            let dies = (-6.9 * at as f32 / length as f32).exp();
            response.push((at, noise.next() * 0.5 * dies));
        }
        let power: f32 = response.iter().map(|(_, gain)| gain * gain).sum();
        // What is played has -20 dB.
        let gain = 10f32.powf((walls.echo_db + 20.0) / 20.0) / power.sqrt();
        for (at, loudness) in &mut response {
            *at += walls.delay_ms * RATE / 1000;
            *loudness *= gain;
        }
        let longest = response.iter().map(|(at, _)| *at).max().unwrap_or(0);
        Self {
            past: vec![0.0; longest],
            response,
        }
    }

    fn carry(&mut self, played: &[f32], heard: &mut Vec<f32>) {
        // A small loudspeaker bends what is loud.
        let bent = played.iter().map(|sample| (sample * 1.5).tanh() / 1.5);
        self.past.extend(bent);
        let from = self.past.len() - played.len();
        for n in from..self.past.len() {
            let arrives = self.response.iter();
            heard.push(arrives.map(|(late, gain)| self.past[n - late] * gain).sum());
        }
        self.past.drain(..played.len());
    }
}

/// How late things happen: by chance, and the same in each run.
struct Chance {
    noise: Noise,
    most: usize,
}

impl Chance {
    /// So many blocks, seldom many.
    fn blocks(&mut self) -> usize {
        let most = self.most as f32 + 0.99;
        (self.noise.below(1.0).powi(2) * most) as usize
    }
}

/// The loudspeaker and the air before it: what is played on one side, what arrives on the other.
struct Loudspeaker {
    outlet: Outlet,
    /// Blocks that it was given and has not played yet.
    asked: VecDeque<Vec<f32>>,
    chance: Chance,
    air: Air,
}

impl Loudspeaker {
    /// What arrives at the microphone while a block is played. `stops`: nobody asks for it.
    fn play(&mut self, stops: bool, heard: &mut Vec<f32>) {
        let wanted = 1 + self.chance.blocks();
        while !stops && self.asked.len() < wanted {
            let mut block = vec![0.0f32; BLOCK];
            self.outlet.give(&mut block);
            self.asked.push_back(block);
        }
        let block = if stops { None } else { self.asked.pop_front() };
        let block = block.unwrap_or_else(|| vec![0.0; BLOCK]);
        self.air.carry(&block, heard);
    }

    /// When what it is told now is heard, in samples.
    fn late(&self) -> usize {
        (1 + self.asked.len()) * BLOCK
    }
}

/// Lets a call take its course in a room.
pub(crate) fn call(walls: &Walls, mode: EchoMode, course: &Course) -> Noticed {
    let gauge = Arc::new(Gauge::default());
    let (mut ring, consumer) = RingBuffer::new(RATE * 120);
    let cushion = Duration::from_millis(60);
    let mut outlet = Outlet::new(consumer, 1, RATE as u32, cushion, Arc::clone(&gauge));
    let mut far = outlet.taps().tap().map(Box::new);
    let chance = |seed| Chance {
        noise: Noise(seed),
        most: walls.jitter,
    };
    let mut loudspeaker = Loudspeaker {
        outlet,
        asked: VecDeque::new(),
        chance: chance(17),
        air: Air::new(walls),
    };
    let (mut held, mut holds) = (0, chance(19));
    let first = course.answers.first().map_or(0, |(when, _)| *when);
    let opened = walls.known_after.map_or(0, |_late| first);
    let known = opened + walls.known_after.unwrap_or(0) * BLOCK;
    let mut sieve = Sieve::new(mode, POLISH);
    let mut turns = Turns::default();
    let around = walls.around.make(course.length, walls.around_db);
    let beside = (walls.beside_db).map_or(0.0, |db| 10f32.powf((db + 26.0) / 20.0));
    let hiss = Around::Still.make(course.length, -66.0);
    let overdriven = 10f32.powf(walls.overdriven_db / 20.0);
    let mut noticed = Noticed::default();
    let mut answers = course.answers.iter().peekable();
    // What is in the air, in the time of the loudspeaker, and where the microphone is in it.
    let (mut heard, mut at, mut taken) = (vec![], 0.0f64, 0usize);
    let step = 1.0 / (1.0 + walls.drift * 1e-6);
    let (mut written, mut pause, mut said_frames) = (0u64, false, 0usize);
    let (mut was_ducked, mut began) = (false, None);
    let (mut microphone, mut overtaken, mut seconds) = (vec![], vec![], 0);
    for start in (0..course.length).step_by(BLOCK) {
        if let Some((_, answer)) = answers.next_if(|(when, _)| *when <= start) {
            written += answer.len() as u64;
            ring.push_entire_slice(answer).unwrap();
            gauge.complete(written);
        }
        if std::mem::take(&mut pause) {
            gauge.hush(written);
        }
        let gap = walls.gaps_ms > 0 && start % (walls.gaps_ms * RATE / 1000) < 3 * BLOCK;
        loudspeaker.play(gap || start < opened, &mut heard);
        if start >= known
            && let Some(far) = far.take()
        {
            sieve.hear(far);
        }
        while at + 2.0 < heard.len() as f64 {
            let place = taken + at as usize;
            let mut sample = between(&heard, at);
            for (when, turn) in &course.turns {
                let said = place.checked_sub(*when).and_then(|n| turn.get(n));
                sample += said.copied().unwrap_or(0.0);
            }
            sample += around.get(place).copied().unwrap_or(0.0);
            sample += course.beside.get(place).copied().unwrap_or(0.0) * beside;
            sample += hiss.get(place).copied().unwrap_or(0.0);
            microphone.push((sample * overdriven).clamp(-1.0, 1.0));
            at += step;
        }
        let loses = walls.loses_ms * RATE / 1000;
        if loses > 0 && start % loses < BLOCK {
            microphone.truncate(microphone.len().saturating_sub(BLOCK));
        }
        let used = (at as usize).saturating_sub(4);
        heard.drain(..used);
        at -= used as f64;
        taken += used;
        if held > 0 {
            held -= 1;
            continue;
        }
        held = holds.blocks();
        let now = start + BLOCK;
        let mut frames = vec![];
        let speaking = turns.is_speaking();
        overtaken.append(&mut microphone);
        let overtakes = walls.overtakes_ms * RATE / 1000;
        let waits = overtakes > 0 && (start / overtakes).is_multiple_of(2);
        let ready = overtaken.len() - if waits { BLOCK.min(overtaken.len()) } else { 0 };
        let ready: Vec<f32> = overtaken.drain(..ready).collect();
        sieve.add(&ready, speaking, |_| {}, |_, frame| frames.push(frame));
        for frame in frames {
            said_frames += FRAME;
            let change = turns.add(frame);
            match change {
                Some(Change::Sign) => sieve.duck(true),
                Some(Change::NoSign) => sieve.duck(false),
                Some(Change::Nothing) => {
                    noticed.stumbles += 1;
                    sieve.duck(false);
                }
                Some(Change::Start) => {
                    sieve.duck(frame.played);
                    let here = (said_frames as f64 * step) as usize;
                    began = Some(here.saturating_sub(BEFORE));
                    pause = frame.played && ring.buffer().capacity() > ring.slots();
                    if pause {
                        noticed.silent.push(now + loudspeaker.late());
                    }
                }
                Some(Change::Begun) => noticed.begun.push((began.unwrap_or(now), now)),
                Some(Change::End) => {
                    noticed.ended.push(now);
                    sieve.duck(false);
                }
                Some(Change::Pause { .. } | Change::On) | None => {}
            }
            let ducks = matches!(change, Some(Change::Sign | Change::Start)) && frame.played;
            if ducks && !was_ducked {
                // As soft as it gets 5 ms into what it is asked for next.
                noticed
                    .ducked
                    .push(now + loudspeaker.late() - BLOCK + RATE / 200);
            }
            was_ducked = match change {
                Some(Change::NoSign | Change::Nothing | Change::End) => false,
                _ => was_ducked || ducks,
            };
        }
        if now / RATE > seconds
            && let Some((db, open)) = sieve.cancelled()
        {
            noticed.cancelled.extend(db);
            noticed.deaf += usize::from(!open);
        }
        seconds = now / RATE;
    }
    noticed
}
