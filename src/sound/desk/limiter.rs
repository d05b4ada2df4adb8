//! Makes sound louder or softer without ever leaving what a loudspeaker can play. Pure.

/// How fast it lets go after a loud sample: to a third in a tenth of a second.
const RELEASE: f32 = 1.0 - 10.0 / super::MOUTH_RATE as f32;
/// The loudest there can be.
const CEILING: f32 = 1.0;

/// Turns sound up or down. What would be too loud is turned down in one piece, and slowly up
/// again; clipping it would sound broken.
#[derive(Debug)]
pub(super) struct Limiter {
    volume: f32,
    /// The loudest lately, at least the ceiling.
    envelope: f32,
}

impl Limiter {
    /// 1 leaves sound as it is.
    pub(super) fn new(volume: f32) -> Self {
        let mut limiter = Self {
            volume: 1.0,
            envelope: CEILING,
        };
        limiter.set(volume);
        limiter
    }

    /// What is no number changes nothing.
    pub(super) fn set(&mut self, volume: f32) {
        if volume.is_finite() {
            self.volume = volume.clamp(0.0, 8.0);
        }
    }

    /// Changes samples in place.
    pub(super) fn run(&mut self, samples: &mut [f32]) {
        for sample in samples {
            let loud = *sample * self.volume;
            self.envelope = (self.envelope * RELEASE).max(loud.abs()).max(CEILING);
            *sample = loud * (CEILING / self.envelope);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_is_left_as_it_is_at_full_volume_and_halved_at_half() {
        let samples: Vec<f32> = (0..5000).map(|n| (n as f32 * 0.1).sin()).collect();
        for volume in [1.0, 0.5, 0.0] {
            let mut out = samples.clone();
            Limiter::new(volume).run(&mut out);
            let expected: Vec<f32> = samples.iter().map(|sample| sample * volume).collect();
            assert_eq!(out, expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_ever_too_loud_nor_turned_round(
            samples in proptest::collection::vec(-1.0f32..=1.0, 0..300),
            volume in proptest::num::f32::ANY,
        ) {
            let mut limiter = Limiter::new(1.0);
            limiter.set(volume);
            let mut out = samples.clone();
            limiter.run(&mut out);
            for (before, after) in samples.iter().zip(&out) {
                proptest::prop_assert!(after.abs() <= 1.0 && before * after >= 0.0, "{before} {after}");
            }
        }
    }
}
