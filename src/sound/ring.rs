//! The two ends of a device: what its callbacks do, and the counters both sides read.
//!
//! A callback copies and counts. It takes no lock, asks for no memory, writes no log and never
//! waits; `tests/sound_callback.rs` holds it to that. Samples travel as mono `f32` at the rate
//! of the device through rings of one writer and one reader.

use super::SoundError;
use super::far::{Tap, Taps, taps};
use super::level::{Level, Meter};
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
/// A fade takes 5 ms: long enough not to click, too short to be heard as one.
const FADES_PER_SECOND: f32 = 200.0;
/// A sound that faded so far is over: a sum of fades does not end at zero exactly.
const SILENT: f32 = 1e-4;
/// How loud a sound is that somebody else may be speaking into: 12 dB softer.
const DUCKED: f32 = 0.25;
/// How much slower than a fade it gets as loud as before: in 150 ms.
const UNDUCKS: f32 = 40.0;
/// How long an error of a flood waits.
const REST: Duration = Duration::from_millis(5);

/// What both sides of a stream may read at any time.
#[derive(Debug, Default)]
pub struct Gauge {
    /// Samples of the microphone that nobody fetched in time.
    dropped: AtomicU64,
    /// Samples of the loudspeaker that were asked for while a sound was incomplete.
    missing: AtomicU64,
    /// How far the loudspeaker is, counted in samples since its start, as are the two below.
    played: AtomicU64,
    /// Up to here a sound is complete: when the ring is empty there, it is the end and no hole.
    complete: AtomicU64,
    /// Up to here nothing is to be heard any more.
    hushed: AtomicU64,
    /// Somebody may be speaking into what is played: it is softer meanwhile.
    ducked: AtomicBool,
    /// How far in the future the device plays what it takes now, in microseconds.
    latency_us: AtomicU64,
    /// How often the loudspeaker asked for samples.
    asked: AtomicU64,
    /// How loud the loudest of what it was given is since somebody looked, as the bits of what is
    /// never negative: those are in the same order.
    peak: AtomicU32,
    rms: AtomicU32,
    /// Gaps that the system reported.
    gaps: AtomicU64,
    /// Errors since samples last moved.
    in_a_row: AtomicU32,
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

    /// How far the loudspeaker is, in samples since its start.
    pub(super) fn played(&self) -> u64 {
        self.played.load(Ordering::Acquire)
    }

    /// How often the loudspeaker asked for samples: while this grows, it works.
    pub(super) fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// How loud the loudspeaker was at most since this was asked last.
    pub(super) fn loudest(&self) -> Level {
        let taken = |bits: &AtomicU32| f32::from_bits(bits.swap(0, Ordering::Relaxed));
        Level {
            peak: taken(&self.peak),
            rms: taken(&self.rms),
        }
    }

    fn gave(&self, level: Level) {
        let raise = |bits: &AtomicU32, to: f32| bits.fetch_max(to.to_bits(), Ordering::Relaxed);
        raise(&self.peak, level.peak);
        raise(&self.rms, level.rms);
    }

    pub(super) fn latency(&self) -> Duration {
        Duration::from_micros(self.latency_us.load(Ordering::Relaxed))
    }

    pub(super) fn set_latency(&self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.latency_us.store(micros, Ordering::Relaxed);
    }

    /// Nothing is missing up to this sample.
    pub fn complete(&self, sample: u64) {
        self.complete.store(sample, Ordering::Release);
    }

    /// Nothing up to this sample is to be heard any more.
    pub fn hush(&self, sample: u64) {
        self.hushed.store(sample, Ordering::Release);
    }

    /// What is played is softer from here on, or as loud as it was.
    pub fn duck(&self, ducked: bool) {
        self.ducked.store(ducked, Ordering::Relaxed);
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

/// Where a loudspeaker's callback fetches its samples. It begins when enough waits, goes on
/// until nothing does, and lets no sound break off: what is hushed, and what is late, fades.
#[derive(Debug)]
pub struct Outlet {
    ring: Consumer<f32>,
    channels: usize,
    gauge: Arc<Gauge>,
    /// How much must wait before a sound begins, unless all of it waits.
    cushion: usize,
    /// How much louder or softer a fade gets with each sample.
    fade: f32,
    position: u64,
    sounding: bool,
    /// A sound ran dry before its end.
    hole: bool,
    /// From 0 to 1: less while a sound fades in or out.
    gain: f32,
    /// The sample before this one.
    last: f32,
    /// How loud everything is: less while it is ducked.
    loudness: f32,
    /// Where taps come from, and go to when another came.
    taps: Option<(Consumer<Tap>, Producer<Tap>)>,
    /// Where a copy of what is played goes.
    tap: Option<Tap>,
}

impl Outlet {
    /// For a device that takes frames of so many channels at `rate`.
    pub fn new(
        ring: Consumer<f32>,
        channels: u16,
        rate: u32,
        cushion: Duration,
        gauge: Arc<Gauge>,
    ) -> Self {
        let cushion = rate as usize * cushion.as_millis() as usize / 1000;
        Self {
            ring,
            channels: usize::from(channels.max(1)),
            gauge,
            cushion: cushion.max(1),
            fade: FADES_PER_SECOND / rate.max(1) as f32,
            position: 0,
            sounding: false,
            hole: false,
            gain: 1.0,
            last: 0.0,
            loudness: 1.0,
            taps: None,
            tap: None,
        }
    }

    /// The way to hear what is played, for whoever keeps the other end.
    pub fn taps(&mut self) -> Taps {
        let rate = FADES_PER_SECOND / self.fade;
        let (given, way) = taps(rate.round() as u32, Arc::clone(&self.gauge));
        self.taps = Some(given);
        way
    }

    /// Takes the tap that was sent last, and sends the one before back: it is not for a callback
    /// to free it.
    fn change_tap(&mut self) {
        if let Some((taps, spent)) = &mut self.taps
            && !spent.is_full()
            && let Ok(tap) = taps.pop()
            && let Some(old) = self.tap.replace(tap)
        {
            // There is room, as was looked at before.
            let _ = spent.push(old);
        }
    }

    /// Fills frames as the device wants them. Front left and right get the sound, as does the
    /// only channel of a device that has one; what is not there is silence.
    pub fn give<T: cpal::FromSample<f32> + Copy>(&mut self, samples: &mut [T]) {
        self.gauge.moved();
        self.gauge.asked.fetch_add(1, Ordering::Relaxed);
        let complete = self.gauge.complete.load(Ordering::Acquire);
        let hushed = self.gauge.hushed.load(Ordering::Acquire);
        let ducked = self.gauge.ducked.load(Ordering::Relaxed);
        self.change_tap();
        let (mut missing, mut meter) = (0, Meter::default());
        for frame in samples.chunks_exact_mut(self.channels) {
            let sample = self.next(complete, hushed) * self.loudness(ducked);
            if let Some(tap) = &mut self.tap {
                tap.push(sample);
            }
            meter.add(&[sample]);
            missing += u64::from(self.hole);
            frame.fill(T::from_sample_(0.0));
            for channel in frame.iter_mut().take(2) {
                *channel = T::from_sample_(sample);
            }
        }
        if missing > 0 {
            self.gauge.missing.fetch_add(missing, Ordering::Relaxed);
        }
        self.gauge.gave(meter.level());
        self.gauge.played.store(self.position, Ordering::Release);
    }

    fn next(&mut self, complete: u64, hushed: u64) -> f32 {
        if self.position < hushed {
            if self.sounding
                && self.gain > SILENT
                && let Ok(sample) = self.ring.pop()
            {
                self.position += 1;
                self.gain = (self.gain - self.fade).max(0.0);
                self.last = sample * self.gain;
                return self.last;
            }
            self.skip(hushed);
            (self.sounding, self.hole, self.gain) = (false, false, 1.0);
        }
        if !self.sounding {
            let there = self.ring.slots();
            self.hole &= self.position > complete;
            if there < self.cushion && (there == 0 || complete <= self.position) {
                return self.die_away();
            }
            // A sound that begins is left as it is; one that goes on after a hole fades in.
            self.gain = if self.hole { 0.0 } else { 1.0 };
            (self.sounding, self.hole) = (true, false);
        }
        if let Ok(sample) = self.ring.pop() {
            self.position += 1;
            self.gain = (self.gain + self.fade).min(1.0);
            self.last = sample * self.gain;
            return self.last;
        }
        self.sounding = false;
        self.hole = self.position > complete;
        self.die_away()
    }

    fn loudness(&mut self, ducked: bool) -> f32 {
        self.loudness = if ducked {
            (self.loudness - self.fade).max(DUCKED)
        } else {
            (self.loudness + self.fade / UNDUCKS).min(1.0)
        };
        self.loudness
    }

    /// What follows a sound that broke off: a step to silence would click.
    fn die_away(&mut self) -> f32 {
        let step = self.fade.min(self.last.abs());
        self.last -= step.copysign(self.last);
        self.last
    }

    /// Forgets what is not to be heard.
    fn skip(&mut self, to: u64) {
        let doomed = usize::try_from(to - self.position).unwrap_or(usize::MAX);
        let doomed = doomed.min(self.ring.slots());
        if let Ok(chunk) = self.ring.read_chunk(doomed) {
            chunk.commit_all();
            self.position += doomed as u64;
        }
    }

    /// What waits to be played.
    pub(super) fn waiting(&self) -> usize {
        self.ring.slots()
    }

    /// How loud it gives what it is handed, while that does not fade.
    #[cfg(test)]
    pub(super) fn volume(&self) -> f32 {
        self.loudness
    }

    /// More is to come, and is not there.
    #[cfg(test)]
    pub(super) fn is_starved(&self) -> bool {
        self.ring.is_empty()
            && self.gauge.complete.load(Ordering::Acquire) < self.position
            && self.gauge.hushed.load(Ordering::Acquire) < self.position
    }

    /// Nobody plays any more, and nothing is left to play.
    pub(super) fn is_done(&self) -> bool {
        // In this order: what was written before the end is seen after it.
        self.ring.is_abandoned() && self.ring.is_empty()
    }
}

#[cfg(test)]
mod tests;
