//! A microphone and a loudspeaker as their users see them, whatever is behind.

use super::far::{Far, Taps};
use super::level::Level;
use super::ring::Gauge;
use super::{SoundError, block};
use crate::codec::resample::Resampler;
use rtrb::{Consumer, Producer};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How often a ring is looked at while it has nothing to give or no room. Whoever waits could be
/// woken by the callback instead, but a callback does not wake.
pub(super) const LOOK: Duration = Duration::from_millis(5);
/// After so many looks in vain a device is stalled: at least three seconds. The slowest server
/// seen gives its first samples after two.
const LOOKS: u32 = 600;
/// How long what a device takes at once sounds.
const BLOCK: Duration = Duration::from_millis(20);
/// How long closing a device is waited for.
const GOODBYE: Duration = Duration::from_millis(500);

/// How much of a sound must be there before it begins: what comes over a network comes unevenly.
pub(super) const CUSHION: Duration = Duration::from_millis(60);

/// What keeps a stream alive.
pub(super) enum Behind {
    /// A device of the system. It stops when this is dropped.
    #[expect(dead_code, reason = "it is kept, and its end is all it does")]
    Card(Card),
    /// A thread that reads or writes a file or pipe. It ends when its ring is abandoned.
    Thread(JoinHandle<()>),
}

/// A stream of a device of the system.
pub(super) struct Card {
    /// The stream, and what it is of: that is let go of when the stream is closed.
    open: Option<(cpal::Stream, Box<dyn Send>)>,
    gauge: Arc<Gauge>,
}

impl Card {
    pub(super) const fn new(stream: cpal::Stream, of: Box<dyn Send>, gauge: Arc<Gauge>) -> Self {
        let open = Some((stream, of));
        Self { open, gauge }
    }
}

impl Drop for Card {
    /// Closes the device. A stream waits for its threads, and those of a loudspeaker that was
    /// pulled out wait for a server that has nothing more to say to them: so another thread does
    /// it, and is left behind when that takes long; at once, when the device is known to be gone.
    fn drop(&mut self) {
        let open = self.open.take();
        let (done, wait) = mpsc::sync_channel::<()>(1);
        let closer = thread::Builder::new()
            .name("sound close".to_owned())
            .spawn(move || {
                drop(open);
                drop(done);
            });
        if closer.is_ok() && self.gauge.trouble().is_none() {
            // Closed, or late; both are fine.
            let _ = wait.recv_timeout(GOODBYE);
        }
    }
}

/// What a microphone that is not waited for has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polled {
    /// A block of samples.
    Block,
    /// Nothing yet.
    Nothing,
    /// It was a file or a pipe, and there is no more.
    End,
}

/// A microphone that is open. It is closed when this is dropped.
pub struct Capture {
    ring: Consumer<f32>,
    resampler: Resampler,
    /// At the rate of the device.
    raw: Vec<f32>,
    /// At the rate that was wished for, not fetched yet.
    ready: Vec<f32>,
    block: usize,
    ended: bool,
    /// How often nothing was there in a row.
    looks: u32,
    /// The name for programs. What stands in for a device has none.
    pub(super) id: Option<String>,
    pub(super) name: String,
    gauge: Arc<Gauge>,
    behind: Behind,
}

impl Capture {
    pub(super) fn new(
        name: String,
        ring: Consumer<f32>,
        (device, wished): (u32, u32),
        gauge: Arc<Gauge>,
        behind: Behind,
    ) -> Self {
        Self {
            ring,
            resampler: Resampler::new(device, wished),
            raw: vec![],
            ready: vec![],
            block: block(wished),
            ended: false,
            looks: 0,
            id: None,
            name,
            gauge,
            behind,
        }
    }

    /// What people call the device.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The counters of the stream.
    pub fn gauge(&self) -> &Gauge {
        &self.gauge
    }

    /// The id of the device; what stands in for one has none.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Waits for the next 20 ms and puts them into `block`. The last one of a file may be
    /// shorter; then `false` says that there is no more.
    pub fn next(&mut self, block: &mut Vec<f32>) -> Result<bool, SoundError> {
        loop {
            match self.poll(block)? {
                Polled::Block => return Ok(true),
                Polled::End => return Ok(!block.is_empty()),
                Polled::Nothing => thread::park_timeout(LOOK),
            }
        }
    }

    /// Puts the next 20 ms into `block` if they are there, and does not wait. Whoever asks again
    /// every `LOOK` is told when a device gives nothing for too long. The last block of a file
    /// may be shorter.
    pub fn poll(&mut self, block: &mut Vec<f32>) -> Result<Polled, SoundError> {
        block.clear();
        while self.ready.len() < self.block && !self.ended {
            // Looked at before the ring is emptied: what was written before the end is not missed.
            let abandoned = self.ring.is_abandoned();
            if self.fetch() {
                self.looks = 0;
            } else if let Some(error) = self.gauge.trouble() {
                return Err(error);
            } else if abandoned && matches!(self.behind, Behind::Thread(_)) {
                self.resampler.finish(&mut self.ready);
                self.ended = true;
            } else {
                self.looks += 1;
                if self.looks > LOOKS && matches!(self.behind, Behind::Card(_)) {
                    let device = self.name.clone();
                    return Err(SoundError::Stalled { device });
                }
                return Ok(Polled::Nothing);
            }
        }
        let there = self.block.min(self.ready.len());
        block.extend(self.ready.drain(..there));
        Ok(if there > 0 {
            Polled::Block
        } else {
            Polled::End
        })
    }

    /// Moves what the device gave to `ready`.
    fn fetch(&mut self) -> bool {
        let there = self.ring.slots();
        let Ok(chunk) = self.ring.read_chunk(there) else {
            return false;
        };
        self.raw.clear();
        self.raw.extend(chunk);
        self.resampler.add(&self.raw, &mut self.ready);
        there > 0
    }
}

/// A loudspeaker that is open. It is closed when this is dropped, and what waits is not played.
pub struct Playback {
    ring: Producer<f32>,
    resampler: Resampler,
    /// At the rate of the device, no room yet.
    raw: Vec<f32>,
    written: u64,
    rates: (u32, u32),
    /// The name for programs. What stands in for a device has none.
    pub(super) id: Option<String>,
    pub(super) name: String,
    /// The way to hear what is played, where there is one.
    pub(super) taps: Option<Taps>,
    gauge: Arc<Gauge>,
    behind: Behind,
}

impl Playback {
    pub(super) fn new(
        name: String,
        ring: Producer<f32>,
        (device, wished): (u32, u32),
        gauge: Arc<Gauge>,
        behind: Behind,
    ) -> Self {
        Self {
            ring,
            resampler: Resampler::new(wished, device),
            raw: vec![],
            written: 0,
            rates: (device, wished),
            id: None,
            name,
            taps: None,
            gauge,
            behind,
        }
    }

    /// What people call the device.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The counters of the stream.
    pub fn gauge(&self) -> &Gauge {
        &self.gauge
    }

    /// The id of the device; what stands in for one has none.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Lets somebody hear what is played from here on, in place of whoever did so far.
    pub fn tap(&mut self) -> Option<Far> {
        self.taps.as_mut()?.tap()
    }

    /// How many samples it takes at once.
    pub fn room(&self) -> usize {
        if self.raw.is_empty() {
            let (device, wished) = self.rates;
            self.ring.slots() * wished as usize / device.max(1) as usize
        } else {
            0
        }
    }

    /// Hands samples over and does not wait. What there is no [`room`](Self::room) for goes with
    /// the next ones.
    pub fn feed(&mut self, samples: &[f32]) -> Result<(), SoundError> {
        if let Some(error) = self.gauge.trouble() {
            return Err(error);
        }
        self.resampler.add(samples, &mut self.raw);
        let (pushed, _rest) = self.ring.push_partial_slice(&self.raw);
        let pushed = pushed.len();
        self.raw.drain(..pushed);
        self.written += pushed as u64;
        Ok(())
    }

    /// As [`complete`](Self::complete), and does not wait.
    pub fn seal(&mut self) {
        self.resampler.finish(&mut self.raw);
        self.gauge.complete(self.written + self.raw.len() as u64);
    }

    /// How many of the samples the device took, or let go because they were hushed.
    pub fn taken(&self) -> u64 {
        let (device, wished) = self.rates;
        self.gauge.played() * u64::from(wished) / u64::from(device.max(1))
    }

    /// How often the device asked for samples: while this grows, it works.
    pub fn asked(&self) -> u64 {
        self.gauge.asked()
    }

    /// How loud the device was at most since this was asked last.
    pub fn loudest(&self) -> Level {
        self.gauge.loudest()
    }

    /// The device took everything there was.
    pub fn is_drained(&self) -> bool {
        self.raw.is_empty() && self.gauge.played() >= self.written
    }

    /// How many of the samples were heard, or would have been had they not been hushed. What is
    /// on its way through the device is not heard yet.
    pub fn heard(&self) -> u64 {
        let (device, wished) = self.rates;
        let late = self.gauge.latency().as_micros() as u64 * u64::from(device) / 1_000_000;
        let played = self.gauge.played().saturating_sub(late);
        played * u64::from(wished) / u64::from(device.max(1))
    }

    /// How long the device needs to make sound of what it took last. What it tells is when the
    /// first of that sounds.
    pub fn latency(&self) -> Duration {
        (self.gauge.latency() + BLOCK).min(Duration::from_secs(3))
    }

    /// Hands samples over, and waits while the device has enough of them.
    pub fn play(&mut self, samples: &[f32]) -> Result<(), SoundError> {
        self.resampler.add(samples, &mut self.raw);
        self.push()
    }

    fn push(&mut self) -> Result<(), SoundError> {
        let mut looks = 0;
        while !self.raw.is_empty() {
            if let Some(error) = self.gauge.trouble() {
                return Err(error);
            }
            let (pushed, _rest) = self.ring.push_partial_slice(&self.raw);
            let pushed = pushed.len();
            self.raw.drain(..pushed);
            self.written += pushed as u64;
            looks = if pushed > 0 { 0 } else { looks + 1 };
            if !self.raw.is_empty() {
                self.look(looks)?;
            }
        }
        Ok(())
    }

    /// Waits a little for a device to take something.
    fn look(&self, looks: u32) -> Result<(), SoundError> {
        if looks > LOOKS && matches!(self.behind, Behind::Card(_)) {
            let device = self.name.clone();
            return Err(SoundError::Stalled { device });
        }
        thread::park_timeout(LOOK);
        Ok(())
    }

    /// What was handed over is a whole sound: it is played to its end, however short it is, and
    /// what comes later is another.
    pub fn complete(&mut self) -> Result<(), SoundError> {
        self.resampler.finish(&mut self.raw);
        self.push()?;
        self.gauge.complete(self.written);
        Ok(())
    }

    /// Silences what was handed over, within a block and without a click. What is handed over
    /// later is heard.
    pub fn hush(&mut self) {
        self.resampler.finish(&mut self.raw);
        self.raw.clear();
        self.gauge.complete(self.written);
        self.gauge.hush(self.written);
    }

    /// Waits until everything was played and closes the loudspeaker.
    pub fn finish(mut self) -> Result<(), SoundError> {
        self.complete()?;
        match &self.behind {
            Behind::Card(_) => {
                let (mut looks, mut played) = (0, self.gauge.played());
                while played < self.written {
                    if let Some(error) = self.gauge.trouble() {
                        return Err(error);
                    }
                    self.look(looks)?;
                    let now = self.gauge.played();
                    looks = if now > played { 0 } else { looks + 1 };
                    played = now;
                }
                // The device has taken everything; now the last of it becomes sound.
                thread::park_timeout(self.latency());
                Ok(())
            }
            Behind::Thread(_) => {
                let (gauge, behind) = (Arc::clone(&self.gauge), self.behind);
                // The thread ends when its ring is abandoned and empty.
                drop(self.ring);
                if let Behind::Thread(thread) = behind
                    && thread.join().is_err()
                {
                    return Err(SoundError::Hung);
                }
                gauge.trouble().map_or(Ok(()), Err)
            }
        }
    }
}
