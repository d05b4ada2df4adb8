//! The picture of sound that Whisper was taught with: frames around every 10 ms, bands of the
//! Slaney scale, logarithms drawn together to what matters. Pure.

use super::{Band, FRAME, HOP, Spectrum};
use std::f64::consts::TAU;

const RATE: f64 = 16_000.0;

/// Makes pictures.
pub(in crate::mind::engine) struct Mel {
    bands: Vec<Band>,
    window: Vec<f32>,
    spectrum: Spectrum,
}

impl Mel {
    /// So many bands: 80, or 128 in the largest models.
    pub(in crate::mind::engine) fn new(bands: usize) -> Self {
        let window = (0..FRAME).map(|n| (0.5 - 0.5 * (TAU * n as f64 / FRAME as f64).cos()) as f32);
        Self {
            bands: slaney(bands),
            window: window.collect(),
            spectrum: Spectrum::new(FRAME),
        }
    }

    /// The picture of samples, followed by silence up to so many frames: band by band, each with
    /// all its frames.
    pub(in crate::mind::engine) fn picture(&mut self, samples: &[f32], frames: usize) -> Vec<f32> {
        let half = FRAME as isize / 2;
        let total = (frames * HOP) as isize;
        let sample = |at: isize| {
            // Before the beginning and after the end sound runs backwards.
            let at = if at < 0 {
                -at
            } else if at >= total {
                2 * (total - 1) - at
            } else {
                at
            };
            usize::try_from(at)
                .ok()
                .and_then(|at| samples.get(at))
                .copied()
                .unwrap_or(0.0)
        };
        let floor = 1e-10_f32.log10();
        let mut picture = vec![floor; self.bands.len() * frames];
        for nth in 0..frames {
            let from = (nth * HOP) as isize - half;
            // Of silence nothing is to be computed.
            if from >= samples.len() as isize && from + (FRAME as isize) < total {
                break;
            }
            let frame = (from..)
                .zip(&self.window)
                .map(|(at, weight)| sample(at) * weight);
            let power = self.spectrum.power(frame);
            for (band, row) in self.bands.iter().zip(picture.chunks_exact_mut(frames)) {
                if let Some(place) = row.get_mut(nth) {
                    *place = band.energy(power).max(1e-10).log10();
                }
            }
        }
        let loudest = picture.iter().copied().fold(floor, f32::max);
        for value in &mut picture {
            *value = (value.max(loudest - 8.0) + 4.0) / 4.0;
        }
        picture
    }
}

/// The scale: straight up to 1 kHz, then by ratios.
fn to_mel(hz: f64) -> f64 {
    let step = 6.4_f64.ln() / 27.0;
    if hz < 1_000.0 {
        hz * 3.0 / 200.0
    } else {
        15.0 + (hz / 1_000.0).ln() / step
    }
}

fn to_hz(mel: f64) -> f64 {
    let step = 6.4_f64.ln() / 27.0;
    if mel < 15.0 {
        mel * 200.0 / 3.0
    } else {
        1_000.0 * ((mel - 15.0) * step).exp()
    }
}

/// Triangles of the same area, evenly spread on the scale.
fn slaney(bands: usize) -> Vec<Band> {
    let most = to_mel(RATE / 2.0);
    let edge = |nth: usize| to_hz(most * nth as f64 / (bands + 1) as f64);
    (0..bands)
        .map(|band| {
            let (low, mid, high) = (edge(band), edge(band + 1), edge(band + 2));
            let weights: Vec<f32> = (0..=FRAME / 2)
                .map(|bin| {
                    let hz = bin as f64 * RATE / FRAME as f64;
                    let up = (hz - low) / (mid - low);
                    let down = (high - hz) / (high - mid);
                    (up.min(down).max(0.0) * 2.0 / (high - low)) as f32
                })
                .collect();
            Band::of(&weights)
        })
        .collect()
}
