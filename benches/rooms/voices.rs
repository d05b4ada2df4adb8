//! Who speaks in the rooms, and what else is to be heard in them. All of it is made here, and is
//! the same in each run.

use hearsay::core::backend::VoiceWish;
use hearsay::core::words::Lang;
use hearsay::mind::speech::Wanted;
use hearsay::mind::voice::{self, Utterance};
use hearsay::sound::level::level;
use std::f32::consts::TAU;

/// Samples in a second.
pub(crate) const RATE: usize = 16_000;

/// What the assistant says, one answer after another.
const ANSWERS: &[&str] = &[
    "The meeting is at ten thirty tomorrow morning, in the small room on the second floor. \
     It was moved there because the large one is being painted. Would you like me to tell the others?",
    "A pot of green tea takes about three minutes. Use water that is hot but does not boil, \
     or the leaves turn bitter. Pour it out in three rounds, so that every cup is equally strong.",
    "There are four trains this afternoon. The first leaves at a quarter past two and is the \
     fastest. The others stop in every village, and take almost an hour longer.",
];

/// What people say: whole turns, with their stops for breath.
const TURNS: &[(&str, Lang)] = &[
    ("No, wait, I meant the day after that.", Lang::En),
    ("Could you say that again, please?", Lang::En),
    ("What about the train at four?", Lang::En),
    ("Actually, I would rather have coffee.", Lang::En),
    ("Please remind me at nine in the morning.", Lang::En),
    ("不对,我说的是明天下午。", Lang::Zh),
];

/// What somebody says to somebody else in the room.
const BESIDE: &str = "I told him on Monday that the car was not ready, and he said that he would \
    call again. Then his sister came in, and we talked about the garden for an hour.";

/// Noise that is the same in each run.
pub(crate) struct Noise(pub(crate) u32);

impl Noise {
    /// Between -1 and 1.
    pub(crate) fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as f32 / 8_388_608.0 - 1.0
    }

    /// Between 0 and this.
    pub(crate) fn below(&mut self, most: f32) -> f32 {
        f32::midpoint(self.next(), 1.0) * most
    }
}

/// A text in the built-in voice, spoken by somebody whose voice is so many times as high.
fn spoken(text: &str, lang: Lang, higher: f32) -> Vec<f32> {
    let wanted = Wanted {
        choice: "builtin".to_owned(),
        ..Wanted::default()
    };
    let voice = voice::choose(&wanted, lang).unwrap();
    let wish = VoiceWish {
        engine: None,
        voice: None,
        // Whoever is higher would speak faster as well, as here it is one and the same.
        speed: 1.0 / higher,
    };
    let utterance = Utterance {
        text: text.to_owned(),
        lang,
        wish,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut samples = vec![];
    let mut rate = RATE as u32;
    runtime.block_on(async {
        let (out, mut inbox) = tokio::sync::mpsc::channel::<voice::Pcm>(2);
        let listen = async {
            while let Some(piece) = inbox.recv().await {
                rate = piece.rate;
                samples.extend(piece.samples);
            }
        };
        let (ended, ()) = tokio::join!(voice.speak(utterance, out), listen);
        ended.unwrap();
    });
    let step = f64::from(rate) / RATE as f64 * f64::from(higher);
    let samples: Vec<f32> = samples.iter().map(|s| f32::from(*s) / 32_768.0).collect();
    let length = (samples.len() as f64 / step) as usize;
    let made: Vec<f32> = (0..length)
        .map(|n| between(&samples, n as f64 * step))
        .collect();
    without_silence(&made).to_vec()
}

/// The sample between others, by a curve through the four around it.
pub(crate) fn between(samples: &[f32], at: f64) -> f32 {
    let place = at.floor();
    let share = (at - place) as f32;
    let place = place as i64;
    let of = |n: i64| {
        usize::try_from(place + n)
            .ok()
            .and_then(|n| samples.get(n))
            .copied()
            .unwrap_or(0.0)
    };
    let (before, from, to, after) = (of(-1), of(0), of(1), of(2));
    let bend = 2.0 * before - 5.0 * from + 4.0 * to - after;
    let turn = 3.0 * (from - to) + after - before;
    from + 0.5 * share * (to - before + share * (bend + share * turn))
}

fn without_silence(samples: &[f32]) -> &[f32] {
    let loud = |sample: &f32| sample.abs() > 0.004;
    let from = samples.iter().position(loud).unwrap_or(0);
    let to = samples.iter().rposition(loud).map_or(0, |last| last + 1);
    &samples[from..to]
}

/// As loud as this, in decibels.
fn at_level(mut samples: Vec<f32>, db: f32) -> Vec<f32> {
    let scale = 10f32.powf(db / 20.0) / level(&samples).rms.max(1e-9);
    for sample in &mut samples {
        *sample *= scale;
    }
    samples
}

/// Everybody who speaks. Made once: synthesis takes longer than the rooms do.
pub(crate) struct Voices {
    /// The answers, at -20 dB.
    pub(crate) answers: Vec<Vec<f32>>,
    /// What people say, at -26 dB: a high and a low voice by turns.
    pub(crate) turns: Vec<Vec<f32>>,
    /// What somebody says who talks to somebody else, as loud as those.
    beside: Vec<f32>,
}

impl Voices {
    pub(crate) fn new() -> Self {
        let answers = ANSWERS.iter().map(|text| spoken(text, Lang::En, 1.0));
        let turns = TURNS.iter().enumerate().map(|(n, (text, lang))| {
            let higher = if n % 2 == 0 { 1.22 } else { 0.86 };
            spoken(text, *lang, higher)
        });
        Self {
            answers: answers.map(|samples| at_level(samples, -20.0)).collect(),
            turns: turns.map(|samples| at_level(samples, -26.0)).collect(),
            beside: at_level(spoken(BESIDE, Lang::En, 1.1), -26.0),
        }
    }

    /// So many samples of somebody who talks to somebody else, and listens to them by turns.
    pub(crate) fn beside(&self, length: usize) -> Vec<f32> {
        let listens = std::iter::repeat_n(0.0, 5 * RATE);
        let talks = self.beside.iter().copied().chain(listens);
        talks.cycle().take(length).collect()
    }
}

/// What is to be heard in a room all the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Around {
    /// Hardly anything: a hiss at -66 dB.
    Still,
    /// Air, with a hum in it.
    Fan,
    /// Keys that are hit, in bursts.
    Keyboard,
    /// Chords and a tune.
    Music,
}

impl Around {
    /// So many samples of it.
    pub(crate) fn make(self, length: usize, db: f32) -> Vec<f32> {
        let mut noise = Noise(5);
        let samples = match self {
            Self::Still => (0..length).map(|_| noise.next()).collect(),
            Self::Fan => fan(length, &mut noise),
            Self::Keyboard => keyboard(length, &mut noise),
            Self::Music => music(length),
        };
        at_level(samples, db)
    }
}

fn fan(length: usize, noise: &mut Noise) -> Vec<f32> {
    let mut low = 0.0;
    (0..length)
        .map(|n| {
            low += (noise.next() - low) * 0.08;
            let at = n as f32 / RATE as f32;
            low + 0.05 * (at * 100.0 * TAU).sin() + 0.02 * (at * 200.0 * TAU).sin()
        })
        .collect()
}

fn keyboard(length: usize, noise: &mut Noise) -> Vec<f32> {
    let mut samples = vec![0.0; length];
    let mut at = 0;
    while at < length {
        let high = 1800.0 + noise.below(1500.0);
        let loud = 0.5 + noise.below(0.5);
        for n in 0..600.min(length - at) {
            let dies = (-(n as f32) / 90.0).exp();
            let ring = (n as f32 / RATE as f32 * high * TAU).sin();
            samples[at + n] += loud * dies * (0.6 * noise.next() + 0.4 * ring);
        }
        // Words, and stops between them.
        let stop = if noise.next() > 0.6 { 900.0 } else { 90.0 };
        at += (0.11 * RATE as f32 + noise.below(stop * 16.0)) as usize;
    }
    samples
}

fn music(length: usize) -> Vec<f32> {
    const CHORDS: [[f32; 3]; 4] = [
        [220.0, 261.6, 329.6],
        [174.6, 220.0, 261.6],
        [196.0, 246.9, 293.7],
        [164.8, 207.7, 246.9],
    ];
    const TUNE: [f32; 8] = [659.3, 587.3, 523.3, 587.3, 698.5, 659.3, 587.3, 493.9];
    (0..length)
        .map(|n| {
            let at = n as f32 / RATE as f32;
            let chord = CHORDS[(at / 2.0) as usize % CHORDS.len()];
            let beat = (at * 2.0).fract();
            let tone = TUNE[(at * 2.0) as usize % TUNE.len()];
            let mut sum = 0.0;
            for pitch in chord {
                for harmonic in 1..4 {
                    let harmonic = harmonic as f32;
                    sum += (at * pitch * harmonic * TAU).sin() / harmonic;
                }
            }
            sum + 1.5 * (at * tone * TAU).sin() * (-beat * 3.0).exp()
        })
        .collect()
}
