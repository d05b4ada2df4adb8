//! What models are given of sound: how loud each band of it is, frame by frame. Pure.

mod bank;
mod mel;
mod stack;

pub(super) use bank::{Bank, Style};
pub(super) use mel::Mel;
pub(super) use stack::stack;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};
use std::sync::Arc;

/// Samples of a frame: 25 ms.
const FRAME: usize = 400;
/// Samples from one frame to the next: 10 ms.
const HOP: usize = 160;

/// How loud each frequency of a frame is.
struct Spectrum {
    plan: Arc<dyn RealToComplex<f32>>,
    input: Vec<f32>,
    output: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    power: Vec<f32>,
}

impl Spectrum {
    fn new(size: usize) -> Self {
        let plan = RealFftPlanner::new().plan_fft_forward(size);
        Self {
            input: plan.make_input_vec(),
            output: plan.make_output_vec(),
            scratch: plan.make_scratch_vec(),
            power: vec![0.0; size / 2 + 1],
            plan,
        }
    }

    /// The power of each frequency of a frame that is given sample by sample; what is missing at
    /// its end is silence.
    fn power(&mut self, frame: impl Iterator<Item = f32>) -> &[f32] {
        self.input.fill(0.0);
        for (place, sample) in self.input.iter_mut().zip(frame) {
            *place = sample;
        }
        self.plan
            .process_with_scratch(&mut self.input, &mut self.output, &mut self.scratch)
            .expect("the buffers are those of the plan");
        for (power, value) in self.power.iter_mut().zip(&self.output) {
            *power = value.norm_sqr();
        }
        &self.power
    }
}

/// A band: the first frequency that counts, and how much each from there on does.
#[derive(Clone, Debug, PartialEq)]
struct Band {
    from: usize,
    weights: Vec<f32>,
}

impl Band {
    /// Those of `weights` that are not zero.
    fn of(weights: &[f32]) -> Self {
        let from = weights.iter().position(|weight| *weight > 0.0);
        let until = weights.iter().rposition(|weight| *weight > 0.0);
        match (from, until) {
            (Some(from), Some(until)) => Self {
                from,
                weights: weights.get(from..=until).unwrap_or_default().to_vec(),
            },
            _ => Self {
                from: 0,
                weights: vec![],
            },
        }
    }

    fn energy(&self, power: &[f32]) -> f32 {
        let power = power.get(self.from..).unwrap_or_default();
        let pairs = self.weights.iter().zip(power);
        pairs.map(|(weight, power)| weight * power).sum()
    }
}

#[cfg(test)]
mod tests;
