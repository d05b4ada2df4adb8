//! What a loudspeaker plays, heard on its way out: the far end of a call.
//!
//! The callback of the loudspeaker copies each sample it gives into a ring, silence included, and
//! whoever cancels its echo reads them there. Nothing is copied unless somebody asked for it.

use super::ring::Gauge;
use super::vad::RATE;
use crate::codec::resample::Resampler;
use rtrb::{Consumer, Producer, RingBuffer};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A ring holds two seconds: longer than anybody who reads it may be held up.
const SECONDS: usize = 2;
/// Taps that may be on their way in either direction.
const FEW: usize = 4;

/// Where a callback leaves a copy of what it gives.
#[derive(Debug)]
pub(super) struct Tap {
    ring: Producer<f32>,
    lost: Arc<AtomicU64>,
}

impl Tap {
    /// Takes a sample. What nobody fetched in time is counted.
    pub(super) fn push(&mut self, sample: f32) {
        if self.ring.push(sample).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The way to a callback that may be tapped.
#[derive(Debug)]
pub struct Taps {
    given: Producer<Tap>,
    spent: Consumer<Tap>,
    rate: u32,
    gauge: Arc<Gauge>,
}

/// Two ends: that of the callback, which takes taps and sends spent ones back, and the other.
pub(super) fn taps(rate: u32, gauge: Arc<Gauge>) -> ((Consumer<Tap>, Producer<Tap>), Taps) {
    let (given, taken) = RingBuffer::new(FEW);
    let (back, spent) = RingBuffer::new(FEW);
    let taps = Taps {
        given,
        spent,
        rate,
        gauge,
    };
    ((taken, back), taps)
}

impl Taps {
    /// A new tap, in place of the one before. `None` if the callback takes none any more.
    pub fn tap(&mut self) -> Option<Far> {
        while self.spent.pop().is_ok() {}
        let (producer, ring) = RingBuffer::new(self.rate as usize * SECONDS);
        let lost = Arc::new(AtomicU64::new(0));
        let tap = Tap {
            ring: producer,
            lost: Arc::clone(&lost),
        };
        self.given.push(tap).ok()?;
        Some(Far {
            ring,
            resampler: Resampler::new(self.rate, RATE),
            lost,
            filled: 0,
            raw: vec![],
            gauge: Arc::clone(&self.gauge),
        })
    }
}

/// What a loudspeaker plays, for whoever cancels it. When this is dropped, what is played is as
/// loud as it was.
pub struct Far {
    ring: Consumer<f32>,
    resampler: Resampler,
    lost: Arc<AtomicU64>,
    /// How many of the lost were made up for.
    filled: u64,
    raw: Vec<f32>,
    gauge: Arc<Gauge>,
}

impl Far {
    /// Appends what was played since this was asked last, at [`RATE`]. Time never stops in it:
    /// what was lost is silence, as long as a ring at most: nobody can be in step with more.
    pub fn read(&mut self, into: &mut Vec<f32>) {
        let lost = self.lost.load(Ordering::Relaxed);
        self.raw.clear();
        if let Ok(chunk) = self.ring.read_chunk(self.ring.slots()) {
            self.raw.extend(chunk);
        }
        let missing = usize::try_from(lost - self.filled).unwrap_or(usize::MAX);
        let missing = missing.min(self.ring.buffer().capacity());
        self.filled = lost;
        self.raw.resize(self.raw.len() + missing, 0.0);
        self.resampler.add(&self.raw, into);
    }

    /// The loudspeaker is closed, or is heard by somebody else, and everything was read.
    pub fn is_over(&self) -> bool {
        self.ring.is_abandoned() && self.ring.is_empty()
    }

    /// What is played is softer from here on, or as loud as it was.
    pub fn duck(&self, ducked: bool) {
        self.gauge.duck(ducked);
    }
}

impl Drop for Far {
    fn drop(&mut self) {
        self.duck(false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::ring::Outlet;
    use std::time::Duration;

    /// A loudspeaker at 16 kHz that plays ones, and the way to tap it.
    fn outlet() -> (Outlet, Taps, Producer<f32>, Arc<Gauge>) {
        let gauge = Arc::new(Gauge::default());
        let (mut producer, consumer) = RingBuffer::new(RATE as usize * 4);
        producer.push_entire_slice(&vec![1.0; 64_000]).unwrap();
        let mut outlet = Outlet::new(consumer, 1, RATE, Duration::ZERO, Arc::clone(&gauge));
        let taps = outlet.taps();
        (outlet, taps, producer, gauge)
    }

    fn given(outlet: &mut Outlet, samples: usize) -> Vec<f32> {
        let mut out = vec![0.0f32; samples];
        outlet.give(&mut out);
        out
    }

    #[test]
    fn what_is_heard_is_what_was_given_ducked_and_hushed() {
        let (mut outlet, mut taps, _producer, gauge) = outlet();
        let mut far = taps.tap().unwrap();
        let mut expected = given(&mut outlet, 1000);
        far.duck(true);
        expected.extend(given(&mut outlet, 1000));
        far.duck(false);
        expected.extend(given(&mut outlet, 4000));
        gauge.hush(64_000);
        expected.extend(given(&mut outlet, 1000));
        let mut heard = vec![];
        far.read(&mut heard);
        assert_eq!(heard, expected);
        let place = |ms: usize| expected.get(ms * 16).copied().unwrap_or_default();
        let softest = place(80);
        let at = [place(60), softest, place(400)].map(|sample| (sample * 100.0).round() as i32);
        assert_eq!(at, [100, 25, 0]);
        // Softer within 5 ms, and as loud as it was within 150.
        assert!((place(64) - 1.0).abs() > 0.1 && place(68) < 0.251);
        assert!(place(260) < 0.999 && place(280) > 0.999, "{}", place(260));
    }

    #[test]
    fn what_nobody_fetched_in_time_is_silence_of_the_same_length() {
        let (mut outlet, mut taps, _producer, _gauge) = outlet();
        let mut far = taps.tap().unwrap();
        given(&mut outlet, 40_000);
        let mut heard = vec![];
        far.read(&mut heard);
        assert_eq!(heard.len(), 40_000);
        assert_eq!((heard[31_999], heard[32_000]), (1.0, 0.0));
        given(&mut outlet, 100);
        heard.clear();
        far.read(&mut heard);
        assert_eq!(heard, [1.0; 100]);
    }

    #[test]
    fn who_did_not_listen_for_long_is_told_no_more_silence_than_a_ring_holds() {
        let (mut outlet, mut taps, _producer, _gauge) = outlet();
        let mut far = taps.tap().unwrap();
        given(&mut outlet, 10 * RATE as usize);
        let mut heard = vec![];
        far.read(&mut heard);
        assert_eq!(heard.len(), 2 * SECONDS * RATE as usize);
    }

    #[test]
    fn only_the_last_who_asked_hears_it_and_its_end_is_told() {
        let (mut outlet, mut taps, producer, gauge) = outlet();
        let mut first = taps.tap().unwrap();
        given(&mut outlet, 10);
        let mut second = taps.tap().unwrap();
        given(&mut outlet, 10);
        let (mut one, mut other) = (vec![], vec![]);
        first.read(&mut one);
        second.read(&mut other);
        assert_eq!((one.len(), other.len()), (10, 10));
        second.duck(true);
        drop(second);
        given(&mut outlet, 6400);
        assert!(given(&mut outlet, 10).iter().all(|sample| *sample > 0.999));
        // A callback that is not called takes a few, and no more.
        let many: Vec<_> = std::iter::from_fn(|| taps.tap()).collect();
        assert_eq!(many.len(), FEW);
        drop((producer, gauge, outlet, taps));
        assert!(many.iter().all(Far::is_over));
    }
}
