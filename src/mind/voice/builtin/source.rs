//! What a vocal tract is driven by: the pulses of the glottis, and noise. Pure.

use super::resonator::RATE;

/// The part of a period for which the glottis is open.
const OPEN: f32 = 0.6;
/// Each sample is the mean of so many, so that the edge of a pulse falls between samples too;
/// pitch would be rough otherwise.
const FINE: usize = 4;
/// How fast the pulses lose their edge: the share of the last sample that stays.
const SOFT: f32 = 0.1;

/// The vocal folds: the change of the flow of air through them, after D. Klatt and L. Klatt,
/// "Analysis, synthesis, and perception of voice quality variations", 1990.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Glottis {
    /// The part of the period that is over.
    phase: f32,
    soft: f32,
}

impl Glottis {
    /// The next sample of a voice of this pitch.
    pub(super) fn next(&mut self, hz: f32) -> f32 {
        let step = hz / (RATE * FINE as f32);
        let mut sum = 0.0;
        for _ in 0..FINE {
            self.phase += step;
            if self.phase >= 1.0 {
                self.phase -= 1.0;
            }
            let open = self.phase / OPEN;
            if open < 1.0 {
                sum += open * (2.0 - 3.0 * open);
            }
        }
        self.soft = SOFT * self.soft + (1.0 - SOFT) * sum / FINE as f32;
        self.soft
    }

    /// Whether air comes through just now.
    pub(super) fn is_open(self) -> bool {
        self.phase < OPEN
    }
}

/// White noise, the same each time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noise(u32);

impl Default for Noise {
    fn default() -> Self {
        Self(0x2545_f491)
    }
}

impl Noise {
    /// The next sample, between -1 and 1.
    pub(super) fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as f32 / u32::MAX as f32 * 2.0 - 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pulses_come_as_often_as_the_pitch_says_and_push_no_air_for_good() {
        let mut glottis = Glottis::default();
        let samples: Vec<f32> = (0..16_000).map(|_| glottis.next(125.0)).collect();
        let closings = samples
            .windows(2)
            .filter(|pair| pair[0] < -0.3 && pair[1] >= -0.3)
            .count();
        assert_eq!(closings, 125);
        let mean = samples.iter().sum::<f32>() / 16_000.0;
        assert!(mean.abs() < 0.005, "{mean}");
    }

    #[test]
    fn noise_is_even_and_always_the_same() {
        let (mut one, mut other) = (Noise::default(), Noise::default());
        let samples: Vec<f32> = (0..20_000).map(|_| one.next()).collect();
        let again: Vec<f32> = (0..20_000).map(|_| other.next()).collect();
        let bits = |all: &[f32]| all.iter().map(|one| one.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&samples), bits(&again));
        let mean = samples.iter().sum::<f32>() / 20_000.0;
        let power = samples.iter().map(|s| s * s).sum::<f32>() / 20_000.0;
        assert!(mean.abs() < 0.02 && (power - 1.0 / 3.0).abs() < 0.02);
    }
}
