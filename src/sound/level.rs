//! How loud samples are. Pure.

pub use crate::codec::{from_i16, to_i16};

/// How loud samples are, as fractions of the loudest there can be.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Level {
    /// The loudest sample.
    pub peak: f32,
    /// The root of the mean square: what an ear calls loudness.
    pub rms: f32,
}

impl Level {
    /// Every sample is zero: no room is that silent, so the microphone is muted or a fake.
    pub fn is_digital_silence(&self) -> bool {
        self.peak == 0.0
    }
}

/// Measures while samples pass.
#[derive(Clone, Copy, Debug, Default)]
pub struct Meter {
    peak: f32,
    squares: f64,
    samples: u64,
}

impl Meter {
    /// Takes some samples into account.
    pub fn add(&mut self, samples: &[f32]) {
        for sample in samples.iter().filter(|sample| sample.is_finite()) {
            self.peak = self.peak.max(sample.abs());
            self.squares += f64::from(*sample) * f64::from(*sample);
            self.samples += 1;
        }
    }

    /// How loud everything was.
    pub fn level(&self) -> Level {
        let mean = self.squares / self.samples.max(1) as f64;
        Level {
            peak: self.peak,
            rms: mean.sqrt() as f32,
        }
    }
}

/// How loud some samples are.
pub fn level(samples: &[f32]) -> Level {
    let mut meter = Meter::default();
    meter.add(samples);
    meter.level()
}

/// A fraction of the loudest there can be, in decibels: 0 is the loudest, -60 hardly heard.
/// Below what 16 bits can hold it is -100.
pub fn decibels(fraction: f32) -> f32 {
    (20.0 * fraction.log10()).max(-100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loudness_is_measured_across_blocks() {
        let mut meter = Meter::default();
        assert_eq!(meter.level(), Level::default());
        meter.add(&[0.5, -0.5]);
        meter.add(&[0.5, -0.5, f32::NAN]);
        let expected = Level {
            peak: 0.5,
            rms: 0.5,
        };
        assert_eq!(meter.level(), expected);
        assert!(level(&[0.0; 9]).is_digital_silence());
        assert!(!level(&[0.0, 1e-6]).is_digital_silence());
    }

    #[test]
    fn decibels_have_a_top_and_a_bottom() {
        for (fraction, expected) in [(1.0, 0.0), (0.1, -20.0), (0.001, -60.0), (0.0, -100.0)] {
            assert!(
                (decibels(fraction) - expected).abs() < 1e-3,
                "{fraction}: {}",
                decibels(fraction)
            );
        }
    }
}
