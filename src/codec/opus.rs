//! Opus: speech at a tenth of its size, packet by packet. Pure.
//!
//! Packing and unpacking is the work of `opus-rs`; here it is kept within bounds. Packets come
//! from anywhere: what is too long, damaged or makes the decoder panic is a lost packet, and a
//! lost packet is a moment in which the sound before it fades out.

use super::CodecError;
use super::contained::contained;
use opus_rs::{Application, OpusDecoder, OpusEncoder};
use std::fmt;

/// What Opus works at, in samples for each second.
pub const RATES: [u32; 5] = [8_000, 12_000, 16_000, 24_000, 48_000];
/// How long frames may be that we make, in milliseconds.
pub const FRAMES: [u32; 4] = [10, 20, 40, 60];
/// Bits for each second: as good as speech gets, and a tenth of bare samples at 16 kHz.
const BITS: i32 = 24_000;
/// How hard the encoder thinks, of 10: more is not heard in speech.
const COMPLEXITY: i32 = 5;
/// No packet is longer: six frames of 1275 bytes, and what tells how long each is.
const LONGEST: usize = 7662;
/// No packet holds more, in milliseconds.
const MOST: u32 = 120;
/// What a packet is taken to have held that is lost before any came, in milliseconds.
const USUAL: u32 = 20;

/// Makes packets of samples.
pub struct Encoder {
    inner: OpusEncoder,
    frame: usize,
    /// A frame that was too short, filled up.
    padded: Vec<i16>,
    packet: Vec<u8>,
}

impl Encoder {
    /// For frames of one channel, so many milliseconds each, with so many samples to the second.
    /// The rate is one of [`RATES`], the length one of [`FRAMES`].
    pub fn new(rate: u32, frame_ms: u32) -> Result<Self, CodecError> {
        let odd = |_why| CodecError::Form {
            rate,
            millis: frame_ms,
        };
        if !FRAMES.contains(&frame_ms) {
            return Err(odd(""));
        }
        let mut encoder = OpusEncoder::new(rate as i32, 1, Application::Voip).map_err(odd)?;
        encoder.bitrate_bps = BITS;
        encoder.complexity = COMPLEXITY;
        Ok(Self {
            inner: encoder,
            frame: (rate * frame_ms / 1000) as usize,
            padded: vec![],
            packet: vec![0; LONGEST],
        })
    }

    /// How many samples a frame holds.
    pub fn frame(&self) -> usize {
        self.frame
    }

    /// The packet for a frame. What is missing of one is silence, and what is too much of one is
    /// left out.
    pub fn encode(&mut self, samples: &[i16]) -> &[u8] {
        let whole = if let Some(whole) = samples.get(..self.frame) {
            whole
        } else {
            self.padded.clear();
            self.padded.extend_from_slice(samples);
            self.padded.resize(self.frame, 0);
            &self.padded
        };
        let made = (self.inner).encode_i16(whole, self.frame, &mut self.packet);
        // It fails for lengths and rates only, which were checked.
        self.packet
            .get(..made.unwrap_or_default())
            .unwrap_or_default()
    }
}

impl fmt::Debug for Encoder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Encoder({} samples)", self.frame)
    }
}

/// Makes samples of packets.
pub struct Decoder {
    rate: u32,
    /// `None` after it panicked: the next packet gets a new one.
    inner: Option<OpusDecoder>,
    samples: Vec<f32>,
    /// How many samples the packet before held.
    before: usize,
    damaged: u64,
}

impl Decoder {
    /// For sound of one channel, with so many samples to the second: one of [`RATES`], whatever
    /// the packets were made of.
    pub fn new(rate: u32) -> Result<Self, CodecError> {
        let odd = |_why| CodecError::Form { rate, millis: 0 };
        let decoder = OpusDecoder::new(rate as i32, 1).map_err(odd)?;
        Ok(Self {
            rate,
            inner: Some(decoder),
            samples: vec![0.0; in_samples(rate, MOST)],
            before: in_samples(rate, USUAL),
            damaged: 0,
        })
    }

    /// The samples in a packet, or what is to be heard in their place if it is damaged.
    pub fn decode(&mut self, packet: &[u8]) -> &[f32] {
        let fits = (2..=LONGEST).contains(&packet.len());
        match fits
            .then(|| self.work(packet, in_samples(self.rate, MOST)))
            .flatten()
        {
            Some(made) if made > 0 => {
                self.before = made;
                self.samples.get(..made).unwrap_or_default()
            }
            _ => {
                self.damaged += 1;
                self.conceal()
            }
        }
    }

    /// What is to be heard in the place of a packet that did not come: as much as the one before
    /// it held.
    pub fn conceal(&mut self) -> &[f32] {
        let length = self.before;
        if self.work(&[], length).is_none() {
            self.samples.fill(0.0);
        }
        self.samples.get(..length).unwrap_or_default()
    }

    /// How many packets were damaged so far.
    pub fn damaged(&self) -> u64 {
        self.damaged
    }

    fn work(&mut self, packet: &[u8], most: usize) -> Option<usize> {
        let (rate, samples) = (self.rate, &mut self.samples);
        let decoder = self.inner.take();
        let made = contained(|| {
            let mut decoder = match decoder {
                Some(decoder) => decoder,
                None => OpusDecoder::new(rate as i32, 1).ok()?,
            };
            let made = decoder.decode(packet, most, samples);
            Some((decoder, made.ok()))
        });
        let (decoder, made) = made.flatten()?;
        self.inner = Some(decoder);
        for sample in samples.iter_mut() {
            // A damaged packet may hold anything.
            *sample = if sample.is_finite() {
                sample.clamp(-1.0, 1.0)
            } else {
                0.0
            };
        }
        made.filter(|made| *made <= most)
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "Decoder({} Hz, {} damaged)",
            self.rate, self.damaged
        )
    }
}

const fn in_samples(rate: u32, millis: u32) -> usize {
    (rate * millis / 1000) as usize
}

#[cfg(test)]
mod tests;
