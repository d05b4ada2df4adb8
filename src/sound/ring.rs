//! The two ends of a device: what its callbacks do, and the counters both sides read.
//!
//! A callback copies and counts. It takes no lock, asks for no memory, writes no log and never
//! waits; `tests/sound_callback.rs` holds it to that. Samples travel as mono `f32` at the rate
//! of the device through rings of one writer and one reader.

use super::SoundError;
use rtrb::{Consumer, Producer};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// From this error in a row on, the worker that tells of errors is slowed down: some drivers
/// repeat one without end, several hundred thousand times in a second.
const FLOOD: u32 = 10;
/// So many errors in a row, at the slowed pace about a second of them, mean that nothing will
/// come any more.
const HOPELESS: u32 = 200;
/// How long an error of a flood waits.
const REST: Duration = Duration::from_millis(5);

/// What both sides of a stream may read at any time.
#[derive(Debug, Default)]
pub struct Gauge {
    /// Samples of the microphone that nobody fetched in time.
    dropped: AtomicU64,
    /// Samples of the loudspeaker that were asked for while a sound was incomplete.
    missing: AtomicU64,
    /// Samples that the device has taken.
    played: AtomicU64,
    /// How far in the future the device plays what it takes now, in microseconds.
    latency_us: AtomicU64,
    /// Gaps that the system reported.
    gaps: AtomicU64,
    /// Errors since samples last moved.
    in_a_row: AtomicU32,
    /// No more will be written, so an empty ring is the end and not a gap.
    ending: AtomicBool,
    /// Why the stream is of no use any more.
    trouble: OnceLock<SoundError>,
}

/// What to do about one more error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Errors {
    Count,
    Slow,
    GiveUp,
}

impl Gauge {
    /// Samples of the microphone that nobody fetched in time.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Samples of the loudspeaker that were silence because the rest of a sound was late.
    pub fn missing(&self) -> u64 {
        self.missing.load(Ordering::Relaxed)
    }

    /// Gaps that the system reported.
    pub fn gaps(&self) -> u64 {
        self.gaps.load(Ordering::Relaxed)
    }

    /// Samples that the device has taken from the ring.
    pub(super) fn played(&self) -> u64 {
        self.played.load(Ordering::Acquire)
    }

    pub(super) fn latency(&self) -> Duration {
        Duration::from_micros(self.latency_us.load(Ordering::Relaxed))
    }

    pub(super) fn set_latency(&self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.latency_us.store(micros, Ordering::Relaxed);
    }

    pub(super) fn end(&self) {
        self.ending.store(true, Ordering::Relaxed);
    }

    /// Why the stream is of no use any more.
    pub fn trouble(&self) -> Option<SoundError> {
        self.trouble.get().cloned()
    }

    /// The stream is of no use any more. The first reason is the one that counts.
    pub(super) fn fail(&self, error: SoundError) {
        // Whatever follows is a consequence of the first.
        let _ = self.trouble.set(error);
    }

    /// The system reports a gap and goes on.
    pub(super) fn gap(&self) {
        self.gaps.fetch_add(1, Ordering::Relaxed);
    }

    /// The driver told of an error that may pass. Slows a flood of them down, and gives the
    /// stream up when nothing else comes.
    pub(super) fn stumble(&self, error: impl FnOnce() -> SoundError) {
        match after(self.in_a_row.fetch_add(1, Ordering::Relaxed) + 1) {
            Errors::Count => {}
            Errors::Slow => std::thread::park_timeout(REST),
            Errors::GiveUp => {
                self.fail(error());
                std::thread::park_timeout(REST);
            }
        }
    }

    fn moved(&self) {
        self.in_a_row.store(0, Ordering::Relaxed);
    }
}

/// What to do about the nth error in a row.
fn after(errors: u32) -> Errors {
    match errors {
        ..FLOOD => Errors::Count,
        FLOOD..HOPELESS => Errors::Slow,
        HOPELESS.. => Errors::GiveUp,
    }
}

/// Where a microphone's callback leaves its samples.
#[derive(Debug)]
pub struct Inlet {
    ring: Producer<f32>,
    channels: usize,
    gauge: Arc<Gauge>,
}

impl Inlet {
    /// For a device that gives frames of so many channels.
    pub fn new(ring: Producer<f32>, channels: u16, gauge: Arc<Gauge>) -> Self {
        let channels = usize::from(channels.max(1));
        Self {
            ring,
            channels,
            gauge,
        }
    }

    /// Takes frames as the device gives them: channels become one, and what does not fit is
    /// dropped and counted.
    pub fn take<T: Copy>(&mut self, samples: &[T])
    where
        f32: cpal::FromSample<T>,
    {
        self.gauge.moved();
        let frames = samples.len() / self.channels;
        let fitting = frames.min(self.ring.slots());
        let lost = (frames - fitting) as u64;
        if lost > 0 {
            self.gauge.dropped.fetch_add(lost, Ordering::Relaxed);
        }
        let Ok(chunk) = self.ring.write_chunk_uninit(fitting) else {
            return;
        };
        let share = 1.0 / self.channels as f32;
        chunk.fill_from_iter(samples.chunks_exact(self.channels).map(|frame| {
            let sum: f32 = (frame.iter())
                .map(|sample| <f32 as cpal::FromSample<T>>::from_sample_(*sample))
                .sum();
            // A driver may give floats that mean nothing.
            let sample = sum * share;
            if sample.is_finite() {
                sample.clamp(-1.0, 1.0)
            } else {
                0.0
            }
        }));
    }

    /// The room there is, for a source that can wait.
    pub(super) fn room(&self) -> usize {
        self.ring.slots()
    }

    /// Nobody listens any more.
    pub(super) fn is_abandoned(&self) -> bool {
        self.ring.is_abandoned()
    }
}

/// Where a loudspeaker's callback fetches its samples.
#[derive(Debug)]
pub struct Outlet {
    ring: Consumer<f32>,
    channels: usize,
    gauge: Arc<Gauge>,
    /// The last frame was sound.
    sounding: bool,
}

impl Outlet {
    /// For a device that takes frames of so many channels.
    pub fn new(ring: Consumer<f32>, channels: u16, gauge: Arc<Gauge>) -> Self {
        let channels = usize::from(channels.max(1));
        Self {
            ring,
            channels,
            gauge,
            sounding: false,
        }
    }

    /// Fills frames as the device wants them. Front left and right get the sound, as does the
    /// only channel of a device that has one; what is not there is silence.
    pub fn give<T: cpal::FromSample<f32> + Copy>(&mut self, samples: &mut [T]) {
        self.gauge.moved();
        let silence = T::from_sample_(0.0);
        let frames = samples.len() / self.channels;
        let there = frames.min(self.ring.slots());
        let mut frame = samples.chunks_exact_mut(self.channels);
        if let Ok(chunk) = self.ring.read_chunk(there) {
            // The chunk first: asked in vain, it takes no frame.
            for (sample, frame) in chunk.into_iter().zip(frame.by_ref()) {
                frame.fill(silence);
                for channel in frame.iter_mut().take(2) {
                    *channel = T::from_sample_(sample);
                }
            }
        }
        for frame in frame {
            frame.fill(silence);
        }
        if there > 0 {
            self.gauge.played.fetch_add(there as u64, Ordering::Release);
        }
        // Silence before a sound and after it is as it should be; a hole within it is not.
        if there < frames && there + usize::from(self.sounding) > 0 && !self.is_ending() {
            let hole = (frames - there) as u64;
            self.gauge.missing.fetch_add(hole, Ordering::Relaxed);
        }
        self.sounding = there > 0;
    }

    fn is_ending(&self) -> bool {
        self.gauge.ending.load(Ordering::Relaxed)
    }

    /// What waits to be played.
    pub(super) fn waiting(&self) -> usize {
        self.ring.slots()
    }

    /// Nobody plays any more, and nothing is left to play.
    pub(super) fn is_done(&self) -> bool {
        // In this order: what was written before the end is seen after it.
        self.ring.is_abandoned() && self.ring.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rtrb::RingBuffer;

    fn heard<T: Copy>(channels: u16, samples: &[T]) -> Vec<f32>
    where
        f32: cpal::FromSample<T>,
    {
        let (producer, mut consumer) = RingBuffer::new(8);
        Inlet::new(producer, channels, Arc::default()).take(samples);
        std::iter::from_fn(|| consumer.pop().ok()).collect()
    }

    #[test]
    fn channels_become_one_and_the_format_is_kept_to_the_bit() {
        assert_eq!(heard(1, &[0i16, 16_384, -32_768]), [0.0, 0.5, -1.0]);
        assert_eq!(heard(2, &[16_384i16, 0, -16_384, -16_384]), [0.25, -0.5]);
        assert_eq!(heard(6, &[16_384i16; 6]), [0.5]);
        assert_eq!(heard(2, &[16_384i16]), [0.0; 0], "half a frame is none");
        assert_eq!(heard(0, &[16_384i16]), [0.5], "no channels are one");
        let nonsense = [f32::NAN, f32::INFINITY, 1e30, -1e30, 0.5];
        assert_eq!(heard(1, &nonsense), [0.0, 0.0, 1.0, -1.0, 0.5]);
    }

    #[test]
    fn what_does_not_fit_is_dropped_and_counted_and_never_waited_for() {
        let gauge = Arc::new(Gauge::default());
        let (producer, mut consumer) = RingBuffer::new(4);
        let mut inlet = Inlet::new(producer, 1, Arc::clone(&gauge));
        inlet.take(&[0.1f32, 0.2, 0.3]);
        inlet.take(&[0.4f32, 0.5, 0.6]);
        let heard: Vec<f32> = std::iter::from_fn(|| consumer.pop().ok()).collect();
        assert_eq!((heard, gauge.dropped()), (vec![0.1, 0.2, 0.3, 0.4], 2));
    }

    #[test]
    fn a_hole_in_a_sound_is_counted_and_the_silence_around_it_is_not() {
        let gauge = Arc::new(Gauge::default());
        let (mut producer, consumer) = RingBuffer::new(8);
        let mut outlet = Outlet::new(consumer, 2, Arc::clone(&gauge));
        let mut frames = [9i16; 4];
        outlet.give(&mut frames);
        assert_eq!((frames, gauge.missing()), ([0; 4], 0), "before the sound");
        producer.push_entire_slice(&[0.5, -0.5, 0.25]).unwrap();
        outlet.give(&mut frames);
        assert_eq!(frames, [16_384, 16_384, -16_384, -16_384]);
        outlet.give(&mut frames);
        assert_eq!((frames, gauge.missing()), ([8192, 8192, 0, 0], 1), "a hole");
        producer.push_entire_slice(&[0.5]).unwrap();
        gauge.end();
        outlet.give(&mut frames);
        outlet.give(&mut frames);
        assert_eq!((gauge.missing(), gauge.played()), (1, 4), "the end");
    }

    #[test]
    fn a_device_of_many_channels_plays_in_front_only() {
        let (mut producer, consumer) = RingBuffer::new(8);
        producer.push_entire_slice(&[0.5]).unwrap();
        let mut frame = [9i16; 6];
        Outlet::new(consumer, 6, Arc::default()).give(&mut frame);
        assert_eq!(frame, [16_384, 16_384, 0, 0, 0, 0]);
    }

    #[test]
    fn a_flood_of_errors_is_slowed_down_and_then_given_up() {
        for (errors, expected) in [
            (1, Errors::Count),
            (9, Errors::Count),
            (10, Errors::Slow),
            (199, Errors::Slow),
            (200, Errors::GiveUp),
            (u32::MAX, Errors::GiveUp),
        ] {
            assert_eq!(after(errors), expected, "{errors}");
        }
    }

    #[test]
    fn samples_that_move_end_a_row_of_errors() {
        let gauge = Arc::new(Gauge::default());
        let (producer, _consumer) = RingBuffer::new(8);
        let mut inlet = Inlet::new(producer, 1, Arc::clone(&gauge));
        for _ in 0..100 {
            for _ in 1..FLOOD {
                gauge.stumble(|| SoundError::Hung);
            }
            inlet.take(&[0.0f32]);
        }
        assert_eq!(gauge.trouble(), None);
    }
}
