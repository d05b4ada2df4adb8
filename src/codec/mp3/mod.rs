//! Unpacks MP3 as it comes, frame by frame. Pure.
//!
//! Finding the frames is ours: it has to work on pieces that are cut anywhere, with tags before,
//! between and behind, and with garbage at every place. What is inside a frame is the work of
//! `symphonia`; a frame it cannot read is silence, as long as it was to be.

mod head;

pub(super) use head::Head;

use super::CodecError;
use super::contained::contained;
use std::fmt;
use symphonia::core::audio::{Audio, AudioBuffer, GenericAudioBufferRef};
use symphonia::core::codecs::audio::well_known::CODEC_ID_MP3;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::packet::PacketRef;
use symphonia::core::units::{Duration, Timestamp};
use symphonia::default::codecs::MpaDecoder;

/// What this is called.
const NAME: &str = "MP3";
/// So many bytes in a row may be no frame. Pictures of albums stand in tags, which have a length.
const GARBAGE: usize = 64 << 10;
/// A tag before the sound has a head of so many bytes.
const TAG: usize = 10;

/// Takes bytes and gives samples.
#[derive(Default)]
pub(super) struct Reader {
    held: Vec<u8>,
    /// Where in `held` the next frame is looked for.
    at: usize,
    /// So many bytes of a tag are still to come, or were held and are passed over.
    skip: usize,
    /// So many bytes in a row were none of a frame.
    garbage: usize,
    /// The form of the frame before: what looks like a head is more likely one if it is the same.
    form: Option<Head>,
    /// A frame was found.
    found: bool,
    over: bool,
    /// What unpacks frames of this form.
    decoder: Option<(Head, MpaDecoder)>,
    rate: u32,
}

impl fmt::Debug for Reader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = self.held.len() - self.at;
        write!(formatter, "Mp3({held} bytes, {} Hz)", self.rate)
    }
}

impl Reader {
    /// Takes more bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), CodecError> {
        if self.garbage > GARBAGE {
            return Err(CodecError::Broken(NAME));
        }
        self.held.drain(..std::mem::take(&mut self.at));
        self.held.extend_from_slice(bytes);
        // Garbage is thrown away, and told, before anybody asks for what is behind it.
        if !self.found {
            let _first = self.next();
        }
        if self.garbage > GARBAGE {
            return Err(CodecError::Broken(NAME));
        }
        Ok(())
    }

    /// No more will come.
    pub(super) fn finish(&mut self) -> Result<(), CodecError> {
        self.over = true;
        if !self.found {
            let _first = self.next();
        }
        if self.found {
            Ok(())
        } else {
            Err(CodecError::Broken(NAME))
        }
    }

    /// How many samples there are in a second of those that were pulled last, or of the first.
    pub(super) fn rate(&self) -> u32 {
        match (self.rate, self.form) {
            (0, Some(form)) => form.rate,
            (rate, _) => rate,
        }
    }

    /// Appends about so many samples of one rate, and tells how many.
    pub(super) fn pull(&mut self, most: usize, into: &mut Vec<f32>) -> usize {
        let before = into.len();
        while into.len() - before < most
            && let Some(head) = self.next()
        {
            if head.rate != self.rate && into.len() > before {
                break;
            }
            self.rate = head.rate;
            let end = self.at + head.bytes;
            let frame = self.held.get(self.at..end).unwrap_or_default();
            if !head.is_about(frame) {
                unpack(&mut self.decoder, head, frame, into);
            }
            self.at = end;
        }
        into.len() - before
    }

    /// Goes to the next frame that is here as a whole.
    fn next(&mut self) -> Option<Head> {
        loop {
            let passed = self.skip.min(self.held.len() - self.at);
            self.skip -= passed;
            self.at += passed;
            let rest = self.held.get(self.at..).unwrap_or_default();
            if self.skip > 0 || rest.len() < 4 {
                return None;
            }
            if rest.starts_with(b"ID3") {
                match rest.first_chunk::<TAG>() {
                    Some(tag) => self.skip = TAG + tag_length(tag),
                    None if self.over => self.skip = rest.len(),
                    None => return None,
                }
                continue;
            }
            match self.head(rest) {
                Looks::Frame(head) => {
                    self.garbage = 0;
                    self.found = true;
                    self.form = Some(head);
                    return Some(head);
                }
                Looks::Short => return None,
                Looks::Garbage => {
                    self.at += 1;
                    self.garbage += 1;
                    // What follows is not what was before.
                    self.form = None;
                    if self.garbage > GARBAGE {
                        return None;
                    }
                }
            }
        }
    }

    /// Whether a frame begins here. Where there was none before, another has to follow it: any
    /// four bytes may look like a head.
    fn head(&self, rest: &[u8]) -> Looks {
        let at = |place: usize| {
            let bytes = rest.get(place..)?.first_chunk()?;
            Some(Head::read(*bytes))
        };
        let Some(Some(head)) = at(0) else {
            return Looks::Garbage;
        };
        if rest.len() < head.bytes {
            return if self.over {
                Looks::Garbage
            } else {
                Looks::Short
            };
        }
        if self.form.is_some_and(|form| form.is_like(&head)) {
            return Looks::Frame(head);
        }
        match at(head.bytes) {
            Some(Some(second)) if second.is_like(&head) => Looks::Frame(head),
            None if self.over => Looks::Frame(head),
            None => Looks::Short,
            Some(_) => Looks::Garbage,
        }
    }
}

/// What bytes look like.
enum Looks {
    Frame(Head),
    /// It takes more of them to tell.
    Short,
    Garbage,
}

/// How long a tag is behind its head: four times seven bits, and a foot if it says so.
fn tag_length(tag: &[u8; TAG]) -> usize {
    let [.., flags, a, b, c, d] = *tag;
    let length = [a, b, c, d]
        .iter()
        .fold(0, |sum, bits| sum << 7 | usize::from(bits & 0x7f));
    length + if flags & 0x10 == 0 { 0 } else { TAG }
}

/// Appends the samples of a frame, mixed to one channel.
fn unpack(kept: &mut Option<(Head, MpaDecoder)>, head: Head, frame: &[u8], into: &mut Vec<f32>) {
    let before = into.len();
    let packet = PacketRef::new(0, Timestamp::ZERO, Duration::ZERO, frame);
    // One that panicked is not put back, and frames of another form want another.
    let fit = kept.take().filter(|(form, _)| form.is_like(&head));
    let unpacked = contained(|| {
        let mut decoder = match fit {
            Some((_, decoder)) => decoder,
            None => decoder()?,
        };
        if let Ok(GenericAudioBufferRef::F32(sound)) = decoder.decode_ref(&packet) {
            mix(sound, into);
        }
        Some((head, decoder))
    });
    *kept = unpacked.flatten();
    into.truncate(before + head.samples);
    into.resize(before + head.samples, 0.0);
}

fn decoder() -> Option<MpaDecoder> {
    let mut parameters = AudioCodecParameters::new();
    parameters.for_codec(CODEC_ID_MP3);
    MpaDecoder::try_new(&parameters, &AudioDecoderOptions::default()).ok()
}

fn mix(sound: &AudioBuffer<f32>, into: &mut Vec<f32>) {
    let fit = |sample: f32| {
        // A damaged frame may hold anything.
        if sample.is_finite() {
            sample.clamp(-1.0, 1.0)
        } else {
            0.0
        }
    };
    match (sound.plane(0), sound.plane(1)) {
        (Some(left), Some(right)) => {
            let both = left.iter().zip(right);
            into.extend(both.map(|(left, right)| fit((left + right) / 2.0)));
        }
        (Some(only), None) => into.extend(only.iter().map(|sample| fit(*sample))),
        (None, _) => {}
    }
}

#[cfg(test)]
mod tests;
