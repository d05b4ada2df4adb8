//! Changes the rate of a stream of samples. Pure.
//!
//! What comes out is in step with what goes in: the filter's own delay is taken off at the
//! start and made up for at the end.

use audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler as _, WindowFunction};

/// Changes the rate of a stream of mono samples.
pub(crate) struct Resampler {
    /// `None` when both rates are the same: then samples pass untouched, to the bit.
    filter: Option<Fft<f32>>,
    from: u64,
    to: u64,
    /// What waits until the filter can take a whole block.
    waiting: Vec<f32>,
    out: Vec<f32>,
    /// How much of the filter's delay is still to be taken off.
    early: usize,
    taken: u64,
    given: u64,
}

impl Resampler {
    /// From one rate to another, in samples for each second.
    pub(crate) fn new(from: u32, to: u32) -> Self {
        let (from, to) = (from.max(1), to.max(1));
        let filter = (from != to).then(|| {
            let (from, to) = (from as usize, to as usize);
            // What comes out of so many samples is a whole number of samples. Twice that, so
            // that the middle of the filter is a whole number, too.
            let step = 2 * from / common_divisor(from, to);
            // 10 ms at once: short enough not to be heard, long enough for a clean filter.
            let chunk = (from / 100 / step).max(1) * step;
            let window = WindowFunction::BlackmanHarris2;
            Fft::new_custom(from, to, chunk, 1, 1, window, FixedSync::Input)
                .expect("rates and size are above zero")
        });
        let early = filter.as_ref().map_or(0, Fft::output_delay);
        Self {
            filter,
            from: from.into(),
            to: to.into(),
            waiting: vec![],
            out: vec![],
            early,
            taken: 0,
            given: 0,
        }
    }

    /// Puts samples in and appends what comes out.
    pub(crate) fn add(&mut self, samples: &[f32], into: &mut Vec<f32>) {
        let Some(mut filter) = self.filter.take() else {
            into.extend_from_slice(samples);
            return;
        };
        self.taken += samples.len() as u64;
        self.waiting.extend_from_slice(samples);
        let mut used = 0;
        while self.waiting.len() - used >= filter.input_frames_next() {
            let chunk = self.waiting.get(used..).unwrap_or_default();
            let frames = chunk.len();
            self.out.resize(filter.output_frames_next(), 0.0);
            let room = self.out.len();
            let input = InterleavedSlice::new(chunk, 1, frames);
            let output = InterleavedSlice::new_mut(&mut self.out, 1, room);
            let (Ok(input), Ok(mut output)) = (input, output) else {
                unreachable!("both are as long as they say")
            };
            let (read, written) = filter
                .process_into_buffer(&input, &mut output, None)
                .expect("the filter got what it asked for");
            used += read;
            let late = self.early.min(written);
            self.early -= late;
            let fresh = self.out.get(late..written).unwrap_or_default();
            self.given += fresh.len() as u64;
            into.extend_from_slice(fresh);
        }
        self.waiting.drain(..used);
        self.filter = Some(filter);
    }

    /// Appends what is still in the filter. The stream begins anew after it.
    pub(crate) fn finish(&mut self, into: &mut Vec<f32>) {
        let Some(filter) = &mut self.filter else {
            return;
        };
        // In whole numbers: a length just between two must not depend on rounding.
        let wanted = (self.taken * self.to + self.from / 2) / self.from;
        let silence = vec![0.0; filter.input_frames_next()];
        let mut tail = vec![];
        while self.given < wanted {
            self.add(&silence, &mut tail);
        }
        let surplus = usize::try_from(self.given - wanted).unwrap_or(usize::MAX);
        tail.truncate(tail.len().saturating_sub(surplus));
        into.append(&mut tail);
        if let Some(filter) = &mut self.filter {
            filter.reset();
            self.early = filter.output_delay();
        }
        self.waiting.clear();
        (self.taken, self.given) = (0, 0);
    }
}

/// Sound of one rate at another.
pub(crate) fn at_rate(samples: &[f32], from: u32, to: u32) -> Vec<f32> {
    let (mut resampler, mut out) = (Resampler::new(from, to), vec![]);
    resampler.add(samples, &mut out);
    resampler.finish(&mut out);
    out
}

fn common_divisor(one: usize, other: usize) -> usize {
    match other {
        0 => one,
        _ => common_divisor(other, one % other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peak(samples: &[f32]) -> f32 {
        samples
            .iter()
            .fold(0.0, |peak, sample| sample.abs().max(peak))
    }

    fn rms(samples: &[f32]) -> f32 {
        let power: f32 = samples.iter().map(|sample| sample * sample).sum();
        (power / samples.len() as f32).sqrt()
    }

    fn tone(rate: u32, hertz: f32, samples: usize) -> Vec<f32> {
        (0..samples)
            .map(|n| (n as f32 * hertz * std::f32::consts::TAU / rate as f32).sin() * 0.5)
            .collect()
    }

    fn changed(from: u32, to: u32, samples: &[f32], pieces: usize) -> Vec<f32> {
        let mut resampler = Resampler::new(from, to);
        let mut out = vec![];
        for piece in samples.chunks(pieces) {
            resampler.add(piece, &mut out);
        }
        resampler.finish(&mut out);
        out
    }

    #[test]
    fn a_tone_stays_that_tone_in_step_and_as_long() {
        for (from, to) in [
            (48_000, 16_000),
            (44_100, 48_000),
            (8_000, 48_000),
            (96_000, 16_000),
            (11_025, 16_000),
            (22_050, 48_000),
        ] {
            let out = changed(from, to, &tone(from, 440.0, from as usize), 441);
            let expected = tone(to, 440.0, to as usize);
            assert_eq!(out.len(), expected.len(), "{from} to {to}");
            // The first and the last milliseconds are where the tone begins and ends.
            let edge = to as usize / 50;
            let inside = edge..expected.len() - edge;
            let off: Vec<f32> = (out[inside.clone()].iter())
                .zip(&expected[inside])
                .map(|(one, other)| one - other)
                .collect();
            assert!(peak(&off) < 0.002, "{from} to {to}: {:?}", peak(&off));
        }
    }

    #[test]
    fn what_the_new_rate_cannot_hold_is_filtered_out() {
        let out = changed(48_000, 16_000, &tone(48_000, 11_000.0, 48_000), 960);
        assert!(rms(&out) < 0.001, "{}", rms(&out));
    }

    #[test]
    fn the_same_rate_changes_nothing() {
        let samples = tone(16_000, 333.0, 1000);
        assert_eq!(changed(16_000, 16_000, &samples, 7), samples);
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
        #[test]
        fn the_length_is_right_whatever_the_rates_and_pieces(
            from in 20u32..1920,
            to in 20u32..1920,
            samples in 0usize..3000,
            pieces in 1usize..700,
        ) {
            // Rates that share a divisor, as those of devices do.
            let (from, to) = (from * 50, to * 50);
            let out = changed(from, to, &vec![0.25; samples], pieces);
            let wanted = samples as f64 * f64::from(to) / f64::from(from);
            proptest::prop_assert!((out.len() as f64 - wanted).abs() < 0.501, "{} for {wanted}", out.len());
        }
    }
}
