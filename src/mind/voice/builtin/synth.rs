//! The vocal tract: makes samples of frames that say how it stands. Pure.
//!
//! Voice and breath pass through formants one behind the other, so that their loudness follows
//! from their place as it does in a mouth; the noise of a narrow place in front has a path of its
//! own. After D. Klatt, "Software for a cascade/parallel formant synthesizer", 1980.

use super::phones::Hiss;
use super::resonator::{Band, RATE, Resonator, Trap};
use super::source::{Glottis, Noise};
use std::f32::consts::TAU;

/// Samples of one frame: 2.5 ms, as fast as a burst begins.
pub(super) const FRAME: usize = 40;
/// How long one frame lasts.
pub(super) const FRAME_MS: f32 = FRAME as f32 * 1_000.0 / RATE;

/// The formants that stay where they are, and how wide they are.
const HIGH: [(f32, f32); 3] = [(3_500.0, 220.0), (4_500.0, 260.0), (5_800.0, 400.0)];
/// Where a nose rings.
const NOSE: (f32, f32) = (270.0, 90.0);
/// Above this samples are squeezed, towards [`CEILING`].
const KNEE: f32 = 0.6;
/// No sample is louder: one decibel below the most there is, and a little.
const CEILING: f32 = 0.88;

/// How the vocal tract stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    pub(super) pitch_hz: f32,
    /// How loud the glottis is, the breath through it, and the noise in front.
    pub(super) voice: f32,
    pub(super) breath: f32,
    pub(super) noise: f32,
    /// How the noise in front sounds.
    pub(super) hiss: Hiss,
    pub(super) formants: [f32; 3],
    /// What the nose swallows; [`CLOSED`] while its way is closed.
    pub(super) nose_hz: f32,
}

/// The nose swallows what it gives: its way is closed.
pub(super) const CLOSED: f32 = NOSE.0;

/// A vocal tract at work.
#[derive(Clone, Debug)]
pub(super) struct Synth {
    glottis: Glottis,
    noise: Noise,
    nose: Resonator,
    trap: Trap,
    formants: [Resonator; 3],
    high: [Resonator; HIGH.len()],
    bands: [Band; 2],
    hiss: Option<Hiss>,
    /// The loudness of voice, breath and noise at the end of the last frame.
    last: [f32; 3],
    /// How many frames were made, from which the pitch takes its small unsteadiness.
    frames: u32,
}

impl Default for Synth {
    fn default() -> Self {
        let mut nose = Resonator::default();
        nose.tune(NOSE.0, NOSE.1);
        let high = HIGH.map(|(hz, width)| {
            let mut resonator = Resonator::default();
            resonator.tune(hz, width);
            resonator
        });
        Self {
            glottis: Glottis::default(),
            noise: Noise::default(),
            nose,
            trap: Trap::default(),
            formants: [Resonator::default(); 3],
            high,
            bands: [Band::default(); 2],
            hiss: None,
            last: [0.0; 3],
            frames: 0,
        }
    }
}

impl Synth {
    /// Makes the samples of one more frame.
    pub(super) fn make(&mut self, frame: &Frame, out: &mut Vec<i16>) {
        self.tune(frame);
        let pitch = frame.pitch_hz * self.unsteadiness();
        self.frames = self.frames.wrapping_add(1);
        let now = [frame.voice, frame.breath, frame.noise];
        for at in 0..FRAME {
            // Loudness moves within a frame; a step in it could be heard.
            let share = (at + 1) as f32 / FRAME as f32;
            let mut loud = self.last;
            for (loud, now) in loud.iter_mut().zip(now) {
                *loud += (now - *loud) * share;
            }
            out.push(to_sample(self.sample(pitch, loud, frame.hiss)));
        }
        self.last = now;
    }

    fn sample(&mut self, pitch_hz: f32, [voice, breath, noise]: [f32; 3], hiss: Hiss) -> f32 {
        let pulse = self.glottis.next(pitch_hz);
        let white = self.noise.next();
        let gate = if voice < 0.01 || self.glottis.is_open() {
            1.0
        } else {
            0.4
        };
        let driven = pulse * voice + white * breath * 0.25 * gate;
        let mut sound = self.trap.filter(self.nose.filter(driven));
        for resonator in self.formants.iter_mut().chain(&mut self.high) {
            sound = resonator.filter(sound);
        }
        let white = white * noise * gate;
        let [first, second] = &mut self.bands;
        let front = first.filter(white) * hiss.bands[0].2
            + second.filter(white) * hiss.bands[1].2
            + white * hiss.flat;
        sound * 0.32 + front
    }

    fn tune(&mut self, frame: &Frame) {
        // An open glottis takes from the first formant most.
        let open = (frame.breath * 3.0).min(1.0);
        let widths = [70.0 + 180.0 * open, 90.0 + 40.0 * open, 140.0];
        for ((resonator, hz), width) in self.formants.iter_mut().zip(frame.formants).zip(widths) {
            resonator.tune(hz, width);
        }
        self.trap.tune(frame.nose_hz, NOSE.1);
        if self.hiss != Some(frame.hiss) {
            for (band, (hz, width, _)) in self.bands.iter_mut().zip(frame.hiss.bands) {
                band.tune(hz, width);
            }
            self.hiss = Some(frame.hiss);
        }
    }

    /// A voice without any sounds like a buzzer.
    fn unsteadiness(&self) -> f32 {
        let seconds = self.frames as f32 * FRAME_MS / 1_000.0;
        let waves = [12.7, 7.1, 4.7].map(|hz| (TAU * hz * seconds).sin());
        1.0 + 0.004 * waves.iter().sum::<f32>()
    }
}

/// Squeezes what is too loud, smoothly.
fn to_sample(sound: f32) -> i16 {
    let loud = sound.abs();
    let squeezed = if loud > KNEE {
        KNEE + (CEILING - KNEE) * ((loud - KNEE) / (CEILING - KNEE)).tanh()
    } else {
        loud
    };
    (squeezed.copysign(sound) * f32::from(i16::MAX)) as i16
}

#[cfg(test)]
mod tests {
    use super::super::phones::phone;
    use super::*;

    #[test]
    fn nothing_is_too_loud_however_loud_it_is() {
        for sound in [0.3, 0.6, 0.9, 1.5, 40.0, f32::INFINITY] {
            let [up, down] = [to_sample(sound), to_sample(-sound)];
            assert_eq!(up, -down);
            // One decibel below the most there is.
            assert!((9_000..=29_203).contains(&up), "{sound}: {up}");
        }
    }

    #[test]
    fn loudness_that_changes_at_once_makes_no_step() {
        let hiss = phone("S").unwrap().hiss;
        let frame = |noise| Frame {
            pitch_hz: 100.0,
            voice: 0.0,
            breath: 0.0,
            noise,
            hiss,
            formants: [500.0, 1_500.0, 2_500.0],
            nose_hz: CLOSED,
        };
        let (mut synth, mut samples) = (Synth::default(), vec![]);
        for noise in [0.0, 0.5, 0.5, 0.0, 0.0] {
            synth.make(&frame(noise), &mut samples);
        }
        let peak = |from: usize, to: usize| {
            let part = samples[from..to].iter();
            part.map(|sample| sample.unsigned_abs()).max().unwrap()
        };
        let loud = peak(FRAME, 3 * FRAME);
        assert!(loud > 3_000, "{loud}");
        assert!(peak(FRAME, FRAME + 4) < loud / 4);
        assert!(peak(4 * FRAME, 5 * FRAME) < loud / 4);
    }
}
