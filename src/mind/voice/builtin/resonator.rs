//! The filters that a vocal tract is built of: what rings at a frequency, what swallows one, and
//! what lets a band of noise through. Pure.

use std::f32::consts::PI;

/// Samples to the second of everything that is made here.
pub(super) const RATE: f32 = 16_000.0;

/// Below this a ringing is over. Numbers that are smaller still cost a hundred times more.
const NOTHING: f32 = 1e-12;

/// Rings at a frequency; lets what is far below it through as it is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Resonator {
    now: f32,
    one: f32,
    two: f32,
    last: [f32; 2],
}

impl Resonator {
    /// Rings at this frequency from now on, the longer the narrower it is.
    pub(super) fn tune(&mut self, hz: f32, width_hz: f32) {
        let radius = (-PI * width_hz / RATE).exp();
        self.two = -radius * radius;
        self.one = 2.0 * radius * (2.0 * PI * hz / RATE).cos();
        self.now = 1.0 - self.one - self.two;
    }

    pub(super) fn filter(&mut self, sample: f32) -> f32 {
        let [last, before] = self.last;
        let next = self.now * sample + self.one * last + self.two * before;
        let next = if next.abs() < NOTHING { 0.0 } else { next };
        self.last = [next, last];
        next
    }
}

/// Swallows a frequency; lets what is far below it through as it is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Trap {
    now: f32,
    one: f32,
    two: f32,
    last: [f32; 2],
}

impl Trap {
    /// Undoes a [`Resonator`] of this frequency and width from now on.
    pub(super) fn tune(&mut self, hz: f32, width_hz: f32) {
        let mut ringing = Resonator::default();
        ringing.tune(hz, width_hz);
        self.now = 1.0 / ringing.now;
        self.one = -ringing.one / ringing.now;
        self.two = -ringing.two / ringing.now;
    }

    pub(super) fn filter(&mut self, sample: f32) -> f32 {
        let [last, before] = self.last;
        self.last = [sample, last];
        self.now * sample + self.one * last + self.two * before
    }
}

/// Lets a band around a frequency through, at its middle as it is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Band {
    gain: f32,
    one: f32,
    two: f32,
    given: [f32; 2],
    last: [f32; 2],
}

impl Band {
    /// Lets this band through from now on.
    pub(super) fn tune(&mut self, hz: f32, width_hz: f32) {
        let turn = 2.0 * PI * hz / RATE;
        let half = turn.sin() * width_hz / (2.0 * hz);
        self.gain = half / (1.0 + half);
        self.one = 2.0 * turn.cos() / (1.0 + half);
        self.two = (half - 1.0) / (1.0 + half);
    }

    pub(super) fn filter(&mut self, sample: f32) -> f32 {
        let [last, before] = self.last;
        let next = self.gain * (sample - self.given[1]) + self.one * last + self.two * before;
        let next = if next.abs() < NOTHING { 0.0 } else { next };
        self.given = [sample, self.given[0]];
        self.last = [next, last];
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How much louder a tone of this frequency leaves a filter.
    fn gain(hz: f32, mut filter: impl FnMut(f32) -> f32) -> f32 {
        let tone = |at: usize| (2.0 * PI * hz * at as f32 / RATE).sin();
        let out = (0..8_000).map(|at| filter(tone(at)));
        out.skip(4_000)
            .fold(0.0, |peak, sample| peak.max(sample.abs()))
    }

    #[test]
    fn a_resonator_rings_at_its_frequency_and_leaves_what_is_far_below() {
        let mut resonator = Resonator::default();
        resonator.tune(1_000.0, 80.0);
        let measured = [50.0, 1_000.0, 4_000.0].map(|hz| {
            let mut fresh = resonator;
            gain(hz, |sample| fresh.filter(sample))
        });
        assert!((measured[0] - 1.0).abs() < 0.05, "{measured:?}");
        assert!(measured[1] > 8.0, "{measured:?}");
        assert!(measured[2] < 0.2, "{measured:?}");
    }

    #[test]
    fn a_trap_undoes_a_resonator() {
        let (mut resonator, mut trap) = (Resonator::default(), Trap::default());
        resonator.tune(700.0, 90.0);
        trap.tune(700.0, 90.0);
        for hz in [100.0, 700.0, 3_000.0] {
            let left = gain(hz, |sample| trap.filter(resonator.filter(sample)));
            assert!((left - 1.0).abs() < 0.02, "{hz} Hz: {left}");
        }
    }

    #[test]
    fn a_band_lets_its_middle_through_and_little_else() {
        let mut band = Band::default();
        band.tune(4_000.0, 800.0);
        let [below, middle, above] =
            [400.0, 4_000.0, 7_500.0].map(|hz| gain(hz, |sample| band.filter(sample)));
        assert!((middle - 1.0).abs() < 0.05, "{middle}");
        assert!(below < 0.1 && above < 0.2, "{below} {above}");
    }
}
