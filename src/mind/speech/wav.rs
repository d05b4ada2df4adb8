//! Reads WAV as it comes out of programs and servers, and writes it for them. Pure.
//!
//! Whoever streams does not know the length when writing the header, so it says zero or something
//! huge there; the end of the stream is what counts then.

/// A length that nobody speaks for: it stands for "until the end".
const BOGUS: u32 = 0x7f00_0000;
/// The most that is read before the sound begins. Lists of titles are shorter.
const HEADER: usize = 1 << 20;
/// What a format is called that says more in its extension.
const EXTENSIBLE: u16 = 0xfffe;

/// How the samples are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Form {
    kind: Kind,
    channels: usize,
    rate: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    U8,
    I16,
    I24,
    I32,
    F32,
}

impl Kind {
    const fn bytes(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::I16 => 2,
            Self::I24 => 3,
            Self::I32 | Self::F32 => 4,
        }
    }

    fn sample(self, bytes: &[u8]) -> i32 {
        match (self, bytes) {
            (Self::U8, &[a]) => (i32::from(a) - 128) << 8,
            (Self::I16, &[a, b]) => i32::from(i16::from_le_bytes([a, b])),
            (Self::I24, &[_, a, b]) | (Self::I32, &[_, _, a, b]) => {
                i32::from(i16::from_le_bytes([a, b]))
            }
            (Self::F32, &[a, b, c, d]) => {
                // A number that is none becomes silence.
                (f32::from_le_bytes([a, b, c, d]).clamp(-1.0, 1.0) * 32_767.0) as i32
            }
            _ => 0,
        }
    }
}

/// Takes bytes and gives samples: those of WAV, or bare ones whose form was agreed on.
#[derive(Debug, Default)]
pub(in crate::mind) struct Reader {
    held: Vec<u8>,
    form: Option<Form>,
    /// How many bytes of sound are still to come, where the header is to be believed.
    left: Option<usize>,
}

impl Reader {
    /// Reads bare samples of 16 bit, mono.
    pub(in crate::mind) fn bare(rate: u32) -> Self {
        Self {
            form: Some(Form {
                kind: Kind::I16,
                channels: 1,
                rate,
            }),
            ..Self::default()
        }
    }

    /// How many samples there are in a second; 0 before that is known.
    pub(in crate::mind) fn rate(&self) -> u32 {
        self.form.map_or(0, |form| form.rate)
    }

    /// Takes more and gives the samples in it, mixed to one channel; the error says what else
    /// this is.
    pub(in crate::mind) fn push(&mut self, bytes: &[u8]) -> Result<Vec<i16>, String> {
        self.held.extend_from_slice(bytes);
        if self.form.is_none() && !self.read_header()? {
            return Ok(vec![]);
        }
        let Some(form) = self.form else {
            return Ok(vec![]);
        };
        let wide = form.kind.bytes() * form.channels;
        let there = self
            .left
            .map_or(self.held.len(), |left| left.min(self.held.len()));
        let whole = there - there % wide;
        let samples = self
            .held
            .chunks_exact(wide)
            .take(whole / wide)
            .map(|frame| {
                let all = frame.chunks_exact(form.kind.bytes());
                let sum: i32 = all.map(|bytes| form.kind.sample(bytes)).sum();
                (sum / form.channels as i32) as i16
            })
            .collect();
        self.held.drain(..whole);
        if let Some(left) = &mut self.left {
            *left -= whole;
            // What follows the sound tells who made it, at length.
            if *left < wide {
                self.held.clear();
            }
        }
        Ok(samples)
    }

    /// Reads up to where the sound begins; false if that has not come yet.
    fn read_header(&mut self) -> Result<bool, String> {
        let held = &self.held;
        if !b"RIFF".iter().zip(held).all(|(a, b)| a == b)
            || held.get(8..12).is_some_and(|kind| kind != b"WAVE")
        {
            return Err(begins(held));
        }
        let (mut at, mut form) = (12, None);
        while let Some(head) = held.get(at..at + 8) {
            let length = number(head, 4);
            if head.starts_with(b"data") {
                self.form = Some(form.ok_or_else(|| begins(held))?);
                let known = length != 0 && length < BOGUS;
                self.left = known.then_some(length as usize);
                self.held.drain(..at + 8);
                return Ok(true);
            }
            // Chunks begin at even places.
            let end = at + 8 + (length as usize).next_multiple_of(2);
            if head.starts_with(b"fmt ") {
                let Some(format) = held.get(at + 8..end.min(at + 48)) else {
                    return Ok(false);
                };
                form = Some(read_format(format)?);
            }
            at = end;
            if at > HEADER {
                return Err(begins(held));
            }
        }
        Ok(false)
    }
}

fn read_format(bytes: &[u8]) -> Result<Form, String> {
    let short = |at: usize| number(bytes, at) as u16;
    let tag = match short(0) {
        EXTENSIBLE => short(24),
        tag => tag,
    };
    let (channels, rate, bits) = (short(2), number(bytes, 4), short(14));
    let kind = match (tag, bits) {
        (1, 8) => Some(Kind::U8),
        (1, 16) => Some(Kind::I16),
        (1, 24) => Some(Kind::I24),
        (1, 32) => Some(Kind::I32),
        (3, 32) => Some(Kind::F32),
        _ => None,
    };
    match kind {
        Some(kind) if (1..=32).contains(&channels) && (4_000..=384_000).contains(&rate) => {
            Ok(Form {
                kind,
                channels: usize::from(channels),
                rate,
            })
        }
        _ => Err(format!(
            "WAV format {tag}, {bits} bit, {channels} channels, {rate} Hz"
        )),
    }
}

/// The number of four bytes, as far as they are there.
fn number(bytes: &[u8], at: usize) -> u32 {
    let mut four = [0; 4];
    for (to, from) in four.iter_mut().zip(bytes.iter().skip(at)) {
        *to = *from;
    }
    u32::from_le_bytes(four)
}

/// What something begins with, fit to be shown.
pub(in crate::mind) fn begins(bytes: &[u8]) -> String {
    let start = String::from_utf8_lossy(bytes.get(..40).unwrap_or(bytes));
    let shown: String = start
        .chars()
        .map(|c| {
            if c.is_control() || c == '\u{fffd}' {
                '.'
            } else {
                c
            }
        })
        .collect();
    format!("{:?}", shown.trim())
}

/// The samples as a WAV file: 16 bit, mono.
pub(in crate::mind) fn write(samples: &[i16], rate: u32) -> Vec<u8> {
    let length = samples.len() as u32 * 2;
    let mut file = Vec::with_capacity(44 + samples.len() * 2);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&(36 + length).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt ");
    file.extend_from_slice(&16_u32.to_le_bytes());
    file.extend_from_slice(&[1, 0, 1, 0]);
    file.extend_from_slice(&rate.to_le_bytes());
    file.extend_from_slice(&(rate * 2).to_le_bytes());
    file.extend_from_slice(&[2, 0, 16, 0]);
    file.extend_from_slice(b"data");
    file.extend_from_slice(&length.to_le_bytes());
    file.extend(bytes(samples));
    file
}

/// The samples as bytes, the low one first.
pub(in crate::mind) fn bytes(samples: &[i16]) -> impl Iterator<Item = u8> {
    samples.iter().flat_map(|sample| sample.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads in pieces of a size.
    fn read(file: &[u8], piece: usize) -> Result<(u32, Vec<i16>), String> {
        let (mut reader, mut samples) = (Reader::default(), vec![]);
        for bytes in file.chunks(piece) {
            samples.extend(reader.push(bytes)?);
        }
        Ok((reader.rate(), samples))
    }

    fn with_length(mut file: Vec<u8>, length: u32) -> Vec<u8> {
        file[4..8].copy_from_slice(&length.wrapping_add(36).to_le_bytes());
        file[40..44].copy_from_slice(&length.to_le_bytes());
        file
    }

    #[test]
    fn every_length_a_streaming_writer_leaves_means_until_the_end() {
        let samples: Vec<i16> = (-300..300).collect();
        let file = write(&samples, 22_050);
        for length in [0, 0x7fff_f000, 0xffff_ffff, 0x7f00_0000, 1200] {
            for piece in [1, 7, 44, 4096] {
                let read = read(&with_length(file.clone(), length), piece);
                assert_eq!(read, Ok((22_050, samples.clone())), "{length:x} {piece}");
            }
        }
    }

    #[test]
    fn what_follows_the_sound_is_not_played() {
        let mut file = write(&[1, 2, 3], 16_000);
        file.extend_from_slice(b"LIST\x04\0\0\0who?");
        assert_eq!(read(&file, 5), Ok((16_000, vec![1, 2, 3])));
    }

    #[test]
    fn chunks_before_the_sound_are_passed_over() {
        let plain = write(&[1, 2, 3], 16_000);
        let mut file = plain[..12].to_vec();
        file.extend_from_slice(b"LIST\x03\0\0\0abc\0");
        file.extend_from_slice(&plain[12..]);
        assert_eq!(read(&file, 3), Ok((16_000, vec![1, 2, 3])));
    }

    #[test]
    fn every_usual_form_becomes_16_bit_mono() {
        type Case<'a> = (u16, u16, u16, &'a [u8], &'a [i16]);
        let table: &[Case<'_>] = &[
            (1, 1, 8, &[128, 255, 0], &[0, 32_512, -32_768]),
            (1, 2, 16, &[0, 1, 0, 3], &[512]),
            (1, 1, 24, &[9, 1, 2], &[513]),
            (1, 1, 32, &[9, 9, 1, 2], &[513]),
            (3, 1, 32, &1.0_f32.to_le_bytes(), &[32_767]),
            (3, 1, 32, &f32::NAN.to_le_bytes(), &[0]),
        ];
        for (tag, channels, bits, bytes, samples) in table {
            let mut file = write(&[], 8_000);
            file[20..22].copy_from_slice(&tag.to_le_bytes());
            file[22..24].copy_from_slice(&channels.to_le_bytes());
            file[34..36].copy_from_slice(&bits.to_le_bytes());
            file.extend_from_slice(bytes);
            assert_eq!(
                read(&file, 1),
                Ok((8_000, samples.to_vec())),
                "{tag} {bits}"
            );
        }
    }

    #[test]
    fn what_is_no_wav_is_told_by_how_it_begins() {
        assert_eq!(
            read(b"error: no such voice", 4).unwrap_err(),
            "\"erro\"",
            "the first piece tells already"
        );
        assert_eq!(
            read(b"RIFF\0\0\0\0AVI ", 20).unwrap_err(),
            "\"RIFF....AVI\""
        );
        let mut odd = write(&[], 8_000);
        odd[20] = 7;
        assert_eq!(
            read(&odd, 99).unwrap_err(),
            "WAV format 7, 16 bit, 1 channels, 8000 Hz"
        );
    }

    proptest! {
        #[test]
        fn no_bytes_can_make_it_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..300),
            piece in 1_usize..64,
        ) {
            let mut file = write(&[1, 2], 8_000);
            file.truncate(bytes.len());
            file.extend_from_slice(&bytes);
            let _ = read(&file, piece);
        }
    }
}
