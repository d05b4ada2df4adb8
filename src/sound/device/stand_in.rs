//! Files, pipes and nothing in the place of a microphone or a loudspeaker.
//!
//! Each is a thread that does what a driver does: it fills a ring or empties it, in steps of
//! 20 ms, paced like a device or as fast as the other side goes. Unlike a device it can wait, so
//! nothing is ever dropped. It ends when the other side is gone.

use crate::sound::level::{from_i16, to_i16};
use crate::sound::pace::{Pace, Ticks};
use crate::sound::recorder::{as_io, wav_writer};
use crate::sound::ring::{Gauge, Inlet, Outlet};
use crate::sound::stream::{Behind, CUSHION};
use crate::sound::unpacked::{Unpacked, fill};
use crate::sound::{Capture, Playback, SoundError, block};
use rtrb::RingBuffer;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// The rate of raw samples: what `ffmpeg -f s16le -ac 1 -ar 48000` and its like make and take.
pub const RAW_RATE: u32 = 48_000;

/// How long one step of a stand-in is.
const STEP: Duration = Duration::from_millis(20);
/// How long a thread that goes as fast as it can waits for the other side.
const NAP: Duration = Duration::from_millis(1);

/// Where a stand-in's samples come from: appends up to so many, none at the end.
type Source = Box<dyn FnMut(usize, &mut Vec<f32>) -> io::Result<()> + Send>;
/// Where they go. `None` says that no more will come.
type Drain = Box<dyn FnMut(Option<&[f32]>) -> io::Result<()> + Send>;

/// A microphone that hears a WAV file.
pub(super) fn from_file(path: &Path, rate: u32, pace: Pace) -> Result<Capture, SoundError> {
    let file = File::open(path).map_err(|error| SoundError::unreadable(path, &error))?;
    let mut wav = Unpacked::open(file).map_err(|error| error.of(path))?;
    let rates = (wav.rate(), rate);
    let source = Box::new(move |most: usize, into: &mut Vec<f32>| wav.read(most, into));
    source_thread(path, rates, pace, source)
}

/// A microphone in a silent room.
pub(super) fn from_nothing(rate: u32, pace: Pace) -> Result<Capture, SoundError> {
    let source = Box::new(|most: usize, into: &mut Vec<f32>| {
        into.resize(into.len() + most, 0.0);
        Ok(())
    });
    source_thread(Path::new("null"), (rate, rate), pace, source)
}

/// A microphone that hears raw samples of standard input.
pub(super) fn from_pipe(rate: u32, pace: Pace) -> Result<Capture, SoundError> {
    let mut bytes = vec![];
    let source = Box::new(move |most: usize, into: &mut Vec<f32>| {
        bytes.resize(most * 2, 0);
        let read = fill(&mut io::stdin().lock(), &mut bytes)?;
        let samples = bytes.get(..read).unwrap_or_default().chunks_exact(2);
        into.extend(samples.map(|pair| match pair {
            &[low, high] => from_i16(i16::from_le_bytes([low, high])),
            _ => 0.0,
        }));
        Ok(())
    });
    source_thread(Path::new("stdin"), (RAW_RATE, rate), pace, source)
}

fn source_thread(
    path: &Path,
    rates: (u32, u32),
    pace: Pace,
    mut source: Source,
) -> Result<Capture, SoundError> {
    let (device, _) = rates;
    let gauge = Arc::new(Gauge::default());
    let (producer, consumer) = RingBuffer::new(block(device) * 100);
    let mut inlet = Inlet::new(producer, 1, Arc::clone(&gauge));
    let (told, place) = (Arc::clone(&gauge), path.to_owned());
    let work = move || {
        let mut ticks = Ticks::start();
        let mut samples = vec![];
        loop {
            samples.clear();
            match source(block(device), &mut samples) {
                Ok(()) if samples.is_empty() => return,
                Ok(()) => {}
                Err(error) => return told.fail(SoundError::unreadable(&place, &error)),
            }
            if pace == Pace::RealTime {
                ticks.wait(STEP);
            }
            while inlet.room() < samples.len() {
                if inlet.is_abandoned() {
                    return;
                }
                thread::park_timeout(NAP);
            }
            if inlet.is_abandoned() {
                return;
            }
            inlet.take(&samples);
        }
    };
    let behind = spawn(work)?;
    let name = path.display().to_string();
    Ok(Capture::new(name, consumer, rates, gauge, behind))
}

/// A loudspeaker that writes a WAV file, in place of what was there.
pub(super) fn to_file(path: &Path, rate: u32, pace: Pace) -> Result<Playback, SoundError> {
    let broken = |error: io::Error| SoundError::unwritable(path, &error);
    let file = File::create(path).map_err(broken)?;
    let mut writer = Some(wav_writer(file, rate).map_err(broken)?);
    let drain = Box::new(move |samples: Option<&[f32]>| {
        let Some(samples) = samples else {
            return writer
                .take()
                .map_or(Ok(()), |writer| writer.finalize().map_err(as_io));
        };
        for sample in samples {
            if let Some(writer) = &mut writer {
                writer.write_sample(to_i16(*sample)).map_err(as_io)?;
            }
        }
        Ok(())
    });
    drain_thread(path, (rate, rate), pace, drain)
}

/// A loudspeaker that nobody hears.
pub(super) fn to_nothing(rate: u32, pace: Pace) -> Result<Playback, SoundError> {
    let drain = Box::new(|_samples: Option<&[f32]>| Ok(()));
    drain_thread(Path::new("null"), (rate, rate), pace, drain)
}

/// A loudspeaker that writes raw samples to standard output.
pub(super) fn to_pipe(rate: u32, pace: Pace) -> Result<Playback, SoundError> {
    let mut bytes = vec![];
    let drain = Box::new(move |samples: Option<&[f32]>| {
        bytes.clear();
        for sample in samples.unwrap_or_default() {
            bytes.extend_from_slice(&to_i16(*sample).to_le_bytes());
        }
        let mut out = io::stdout().lock();
        out.write_all(&bytes)?;
        out.flush()
    });
    drain_thread(Path::new("stdout"), (RAW_RATE, rate), pace, drain)
}

fn drain_thread(
    path: &Path,
    rates: (u32, u32),
    pace: Pace,
    drain: Drain,
) -> Result<Playback, SoundError> {
    let (device, _) = rates;
    let gauge = Arc::new(Gauge::default());
    let (producer, consumer) = RingBuffer::new(block(device) * 10);
    let cushion = match pace {
        Pace::RealTime => CUSHION,
        Pace::Fast => Duration::ZERO,
    };
    let mut outlet = Outlet::new(consumer, 1, device, cushion, Arc::clone(&gauge));
    let taps = outlet.taps();
    let (told, place) = (Arc::clone(&gauge), path.to_owned());
    let work = move || {
        if let Err(error) = empty(outlet, block(device), pace, drain) {
            told.fail(SoundError::unwritable(&place, &error));
        }
    };
    let behind = spawn(work)?;
    let name = path.display().to_string();
    let mut playback = Playback::new(name, producer, rates, gauge, behind);
    playback.taps = Some(taps);
    Ok(playback)
}

/// Takes what is played until nobody plays any more. In real time there is silence between
/// sounds, as with a device; otherwise there is only what was played.
fn empty(mut outlet: Outlet, step: usize, pace: Pace, mut drain: Drain) -> io::Result<()> {
    let mut ticks = Ticks::start();
    let mut samples = vec![];
    while !outlet.is_done() {
        match pace {
            Pace::RealTime => {
                ticks.wait(STEP);
                samples.resize(step, 0.0);
            }
            Pace::Fast => {
                let there = outlet.waiting().min(step);
                if there == 0 {
                    thread::park_timeout(NAP);
                    continue;
                }
                samples.resize(there, 0.0);
            }
        }
        outlet.give(&mut samples);
        drain(Some(&samples))?;
    }
    drain(None)
}

fn spawn(work: impl FnOnce() + Send + 'static) -> Result<Behind, SoundError> {
    thread::Builder::new()
        .name("sound stand-in".to_owned())
        .spawn(work)
        .map(Behind::Thread)
        .map_err(|_no_thread| SoundError::Hung)
}
