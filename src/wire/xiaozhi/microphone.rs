//! Packs recordings, and holds them back while the server is deaf.

use super::binary::Version;
use crate::codec::opus::Encoder;
use crate::core::sound::RATE;
use crate::core::time::Moment;
use crate::wire::Frame;

/// What is recorded, on its way to the server.
#[derive(Debug)]
pub(super) struct Microphone {
    version: Version,
    encoder: Encoder,
    frame_ms: u32,
    /// What is too short for a packet.
    rest: Vec<i16>,
    /// How much was packed of the recording, in milliseconds.
    packed_ms: u32,
    /// The server hears nothing until then.
    deaf: Option<Moment>,
    held: Vec<Frame>,
}

impl Microphone {
    /// For packets of so many milliseconds, one of those that Opus knows.
    pub(super) fn new(version: Version, frame_ms: u32) -> Self {
        Self {
            version,
            encoder: encoder(frame_ms),
            frame_ms,
            rest: vec![],
            packed_ms: 0,
            deaf: None,
            held: vec![],
        }
    }

    /// The server hears nothing until then.
    pub(super) fn deafen(&mut self, until: Moment) {
        self.deaf = Some(until);
    }

    /// Forgets the recording that was being sent.
    pub(super) fn clear(&mut self) {
        self.encoder = encoder(self.frame_ms);
        self.rest.clear();
        self.held.clear();
        self.packed_ms = 0;
    }

    /// A message that belongs into the stream of sound, at its place.
    pub(super) fn say(&mut self, frame: Frame, now: Moment, out: &mut Vec<Frame>) {
        if self.deaf.is_some_and(|until| now < until) {
            self.held.push(frame);
        } else {
            out.append(&mut self.held);
            out.push(frame);
        }
    }

    /// More of the recording.
    pub(super) fn add(&mut self, samples: &[i16], now: Moment, out: &mut Vec<Frame>) {
        self.rest.extend_from_slice(samples);
        while self.rest.len() >= self.encoder.frame() {
            self.pack(now, out);
        }
    }

    /// The recording is complete: what is left of it fills a last packet with silence behind it.
    pub(super) fn end(&mut self, now: Moment, out: &mut Vec<Frame>) {
        if !self.rest.is_empty() {
            self.pack(now, out);
        }
    }

    fn pack(&mut self, now: Moment, out: &mut Vec<Frame>) {
        let length = self.encoder.frame().min(self.rest.len());
        let packet = self.encoder.encode(&self.rest);
        let frame = Frame::Binary(self.version.wrap(packet, self.packed_ms).into());
        self.rest.drain(..length);
        self.packed_ms = self.packed_ms.wrapping_add(self.frame_ms);
        self.say(frame, now, out);
    }

    /// When what is held back can leave.
    pub(super) fn deadline(&self) -> Option<Moment> {
        self.deaf.filter(|_until| !self.held.is_empty())
    }

    /// When the server hears again at the latest.
    pub(super) fn hears_from(&self, now: Moment) -> Moment {
        self.deaf.map_or(now, |until| until.max(now))
    }

    /// Time has passed.
    pub(super) fn due(&mut self, now: Moment, out: &mut Vec<Frame>) {
        if self.deaf.is_some_and(|until| until <= now) {
            self.deaf = None;
            out.append(&mut self.held);
        }
    }
}

fn encoder(frame_ms: u32) -> Encoder {
    Encoder::new(RATE, frame_ms).expect("the configuration offers what Opus can do")
}
