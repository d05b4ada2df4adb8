//! Tells speech from everything else, and where in a recording it is. Pure.
//!
//! A frame of 16 ms gets a score; speech starts when most of a few frames in a row score high,
//! and goes on until none has scored for a while. To go on it takes almost as much as to start:
//! steady noise would keep a softer rule awake for ever. What is kept of a recording is judged
//! more kindly, because the detector misses the first and last words of a soft voice: whatever is
//! louder than the room and next to speech belongs to it.

use super::level::level;
use earshot::Detector;

/// The rate of the samples.
pub use crate::core::sound::RATE;

/// The samples of a frame.
pub const FRAME: usize = 256;
/// A frame that scores so much may start speech.
const START: f32 = 0.7;
/// One that scores so much keeps it going.
const KEEP: f32 = 0.6;
/// Speech starts when so many ...
const OF: usize = 3;
/// ... of so many frames in a row say so.
const FRAMES: usize = 5;
/// It is over after so many frames without it: 600 ms, which is longer than a stop between words.
const HANGOVER: u32 = 38;
/// What is kept before the first and after the last word: 200 ms, in samples.
const AROUND: u64 = RATE as u64 / 5;
/// How much later than speech the first of the frames begins that start it, in samples: half of
/// all voices take 50 ms more than those frames are long.
const LATE: u64 = RATE as u64 / 20;

/// So much louder than the room is something: 10 dB, and no less than this where a room is
/// perfectly still.
const LOUDER: f32 = 3.0;
const STILL: f32 = 0.0005;
/// How much louder the room may get with each frame: 3 dB in a second.
const ROOM: f32 = 1.006;
/// What is further from speech than this does not belong to it, in samples: 320 ms.
const NEXT: u64 = 20 * FRAME as u64;

/// Where speech is in a recording, in samples, with the silence around it that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: u64,
    pub to: u64,
}

/// Tells how much a frame is like speech.
pub struct Scorer(Box<Detector>);

impl Default for Scorer {
    fn default() -> Self {
        Self(Detector::default_boxed())
    }
}

impl Scorer {
    /// From 0 to 1, for the next [`FRAME`] samples.
    pub fn score(&mut self, frame: &[f32]) -> f32 {
        self.0.predict_f32(frame)
    }

    /// What comes is not judged by what came.
    pub fn reset(&mut self) {
        self.0.reset();
    }
}

/// Listens to samples as they pass.
pub struct Vad {
    scorer: Scorer,
    /// What waits until a frame is full.
    frame: Vec<f32>,
    /// Which of the last frames scored high, the youngest first.
    lately: [bool; FRAMES],
    speaking: bool,
    /// Frames since one kept speech going.
    quiet: u32,
    /// Samples of whole frames so far.
    passed: u64,
    /// The frame at which speech started first, and the end of the last that kept it going.
    found: Option<(u64, u64)>,
    /// How loud the room is when nothing is.
    room: f32,
    /// Where something began that was louder than the room, and where it was last.
    louder: Option<(u64, u64)>,
    /// What is next to speech goes to here.
    kept: u64,
}

impl Default for Vad {
    fn default() -> Self {
        Self {
            scorer: Scorer::default(),
            frame: Vec::with_capacity(FRAME),
            lately: [false; FRAMES],
            speaking: false,
            quiet: 0,
            passed: 0,
            found: None,
            room: f32::MAX,
            louder: None,
            kept: 0,
        }
    }
}

impl Vad {
    /// Takes samples at [`RATE`].
    pub fn add(&mut self, mut samples: &[f32]) {
        while !samples.is_empty() {
            let taken = samples.len().min(FRAME - self.frame.len());
            let (now, later) = samples.split_at(taken);
            self.frame.extend_from_slice(now);
            samples = later;
            if self.frame.len() == FRAME {
                let score = self.scorer.score(&self.frame);
                let rms = level(&self.frame).rms;
                self.frame.clear();
                self.judge(score, rms);
            }
        }
    }

    fn judge(&mut self, score: f32, rms: f32) {
        self.compare(rms);
        self.lately.rotate_right(1);
        if let Some(youngest) = self.lately.first_mut() {
            *youngest = score >= START;
        }
        self.passed += FRAME as u64;
        let loud = self.lately.iter().filter(|high| **high).count();
        if !self.speaking && loud >= OF {
            self.speaking = true;
            self.quiet = 0;
            let first = self.passed.saturating_sub((FRAMES * FRAME) as u64);
            let (from, _) = self.found.unwrap_or_else(|| {
                let louder = self.louder.filter(|(_, last)| last + NEXT >= first);
                (louder.map_or(first, |(start, _)| start.min(first)), 0)
            });
            self.found = Some((from, self.passed));
        } else if self.speaking && score >= KEEP {
            self.quiet = 0;
            if let Some((_, to)) = &mut self.found {
                *to = self.passed;
            }
        } else if self.speaking {
            self.quiet += 1;
            self.speaking = self.quiet < HANGOVER;
        }
    }

    /// Compares the next frame with the room.
    fn compare(&mut self, rms: f32) {
        let (start, end) = (self.passed, self.passed + FRAME as u64);
        self.room = (self.room * ROOM).min(rms);
        if rms < (self.room * LOUDER).max(STILL) {
            return;
        }
        self.louder = match self.louder {
            Some((first, last)) if last + NEXT >= start => Some((first, end)),
            _ => Some((start, end)),
        };
        if let Some((_, to)) = self.found
            && to.max(self.kept) + NEXT >= start
        {
            self.kept = end;
        }
    }

    /// Somebody speaks, or only stopped for breath.
    pub fn is_speaking(&self) -> bool {
        self.speaking
    }

    /// How many samples ago speech was heard last, or since the start if it never was.
    pub fn silence(&self) -> u64 {
        let last = self.found.map_or(0, |(_, to)| to.max(self.kept));
        self.passed - last
    }

    /// Where speech is so far. `None` when there was none.
    pub fn span(&self) -> Option<Span> {
        let end = self.passed + self.frame.len() as u64;
        self.found.map(|(from, to)| Span {
            from: from.saturating_sub(AROUND + LATE),
            to: (to.max(self.kept) + AROUND).min(end),
        })
    }

    /// The microphone is another from here on: what it hears is not judged by what the old one
    /// heard.
    pub fn moved(&mut self) {
        self.scorer.reset();
    }
}

#[cfg(test)]
mod tests;

/// What the detector takes for speech: a voice that changes its vowel and its pitch, four
/// syllables in a second.
#[cfg(test)]
pub(crate) fn like_speech(ms: usize) -> Vec<f32> {
    // First three formants of vowels, in hertz.
    const VOWELS: [[f32; 3]; 5] = [
        [730.0, 1090.0, 2440.0],
        [270.0, 2290.0, 3010.0],
        [300.0, 870.0, 2240.0],
        [530.0, 1840.0, 2480.0],
        [570.0, 840.0, 2410.0],
    ];
    let rate = RATE as f32;
    let mut phase = 0.0f32;
    let mut states = [[0.0f32; 2]; 3];
    (0..ms * RATE as usize / 1000)
        .map(|n| {
            let at = n as f32 / rate;
            let syllable = (at * 4.0) as usize;
            let within = (at * 4.0).fract();
            let pitch = 120.0 + 25.0 * (at * 5.0).sin() + 10.0 * (at * 1.3).cos();
            phase += pitch / rate;
            let pulse = if phase >= 1.0 {
                phase -= 1.0;
                1.0
            } else {
                0.0
            };
            let vowel = VOWELS
                .get(syllable % VOWELS.len())
                .copied()
                .unwrap_or_default();
            let mut sum = 0.0;
            for (state, hertz) in states.iter_mut().zip(vowel) {
                let radius = (-std::f32::consts::PI * 90.0 / rate).exp();
                let angle = std::f32::consts::TAU * hertz / rate;
                let [one, two] = *state;
                let out = pulse + 2.0 * radius * angle.cos() * one - radius * radius * two;
                *state = [out, one];
                sum += out;
            }
            let edge = (within / 0.15).min((1.0 - within) / 0.25).clamp(0.0, 1.0);
            (sum * edge * 0.06).clamp(-0.9, 0.9)
        })
        .collect()
}
