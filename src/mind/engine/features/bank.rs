//! The filter bank of Kaldi, which SenseVoice and zipformers were taught with: 80 bands of every
//! frame of 25 ms, taken as sound comes. Pure.

use super::{Band, FRAME, HOP, Spectrum};
use std::f64::consts::TAU;

const RATE: f64 = 16_000.0;
const BANDS: usize = 80;
const FFT: usize = 512;
/// How much of a sample is taken from the next one: speech is weak where pitch is high.
const EMPHASIS: f32 = 0.97;

/// In which the users of the bank differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mind::engine) enum Style {
    /// Whole frames only, samples as 16-bit numbers, up to 8 kHz.
    SenseVoice,
    /// The first frame is around 5 ms, samples up to 1, up to 7.6 kHz.
    Zipformer,
}

/// Takes sound and gives frames.
pub(in crate::mind::engine) struct Bank {
    style: Style,
    bands: Vec<Band>,
    window: Vec<f32>,
    spectrum: Spectrum,
    /// Sound that later frames need.
    held: Vec<f32>,
    begun: bool,
}

impl Bank {
    pub(in crate::mind::engine) const BANDS: usize = BANDS;

    pub(in crate::mind::engine) fn new(style: Style) -> Self {
        let window = (0..FRAME).map(|n| {
            let turn = (TAU * n as f64 / (FRAME - 1) as f64).cos();
            match style {
                Style::SenseVoice => (0.54 - 0.46 * turn) as f32,
                Style::Zipformer => (0.5 - 0.5 * turn).powf(0.85) as f32,
            }
        });
        let high = match style {
            Style::SenseVoice => RATE / 2.0,
            Style::Zipformer => RATE / 2.0 - 400.0,
        };
        Self {
            style,
            bands: bands(high),
            window: window.collect(),
            spectrum: Spectrum::new(FFT),
            held: vec![],
            begun: false,
        }
    }

    /// What comes is not of the same recording.
    pub(in crate::mind::engine) fn reset(&mut self) {
        self.held.clear();
        self.begun = false;
    }

    /// Takes samples and adds the frames that are complete to `out`, [`BANDS`] numbers each.
    pub(in crate::mind::engine) fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        self.held.extend_from_slice(samples);
        let before = (FRAME - HOP) / 2;
        if self.style == Style::Zipformer && !self.begun {
            if self.held.len() < before {
                return;
            }
            // Before the beginning sound runs backwards.
            let mirrored: Vec<f32> = self.held.iter().take(before).rev().copied().collect();
            self.held.splice(0..0, mirrored);
        }
        self.begun = true;
        let scale = match self.style {
            Style::SenseVoice => 32_768.0,
            Style::Zipformer => 1.0,
        };
        let mut from = 0;
        while let Some(frame) = self.held.get(from..from + FRAME) {
            let mean = frame.iter().sum::<f32>() / FRAME as f32;
            let first = frame.first().copied().unwrap_or(0.0);
            let last = std::iter::once(first).chain(frame.iter().copied());
            let shaped =
                frame
                    .iter()
                    .zip(last)
                    .zip(&self.window)
                    .map(|((sample, last), weight)| {
                        ((sample - mean) - EMPHASIS * (last - mean)) * scale * weight
                    });
            let power = self.spectrum.power(shaped);
            let energies = self.bands.iter().map(|band| band.energy(power));
            out.extend(energies.map(|energy| energy.max(f32::EPSILON).ln()));
            from += HOP;
        }
        self.held.drain(..from);
    }
}

fn to_mel(hz: f64) -> f64 {
    1_127.0 * (1.0 + hz / 700.0).ln()
}

/// Triangles on the scale itself, from 20 Hz on. The highest frequency counts nowhere.
fn bands(high: f64) -> Vec<Band> {
    let (low, high) = (to_mel(20.0), to_mel(high));
    let step = (high - low) / (BANDS + 1) as f64;
    (0..BANDS)
        .map(|band| {
            let from = low + band as f64 * step;
            let weights: Vec<f32> = (0..FFT / 2)
                .map(|bin| {
                    let at = (to_mel(bin as f64 * RATE / FFT as f64) - from) / step;
                    at.min(2.0 - at).max(0.0) as f32
                })
                .collect();
            Band::of(&weights)
        })
        .collect()
}
