//! WAV files as they travel in frames: 16 bit, mono, whole in memory. Pure.

/// Why bytes are no recording that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotWav {
    #[error("it is no WAV file, or only the beginning of one")]
    Other,
    #[error("it is WAV with {channels} channels, {rate} Hz, {bits} bit, format {format}")]
    Form {
        channels: u16,
        rate: u32,
        bits: u16,
        format: u16,
    },
}

/// Whole samples, which is format 1, or the same under the number for extended headers.
const PCM: u16 = 1;
const EXTENSIBLE: u16 = 0xfffe;

/// The bytes before the samples of a file.
const HEAD: usize = 44;

/// A file with these samples.
pub fn bytes(rate: u32, samples: &[i16]) -> Vec<u8> {
    let data = (2 * samples.len()) as u32;
    let numbers = |number: u32| number.to_le_bytes();
    let mut file = Vec::with_capacity(HEAD + 2 * samples.len());
    file.extend(b"RIFF");
    file.extend(numbers(data.saturating_add(HEAD as u32 - 8)));
    file.extend(b"WAVEfmt ");
    file.extend(numbers(16));
    file.extend(PCM.to_le_bytes());
    file.extend(1_u16.to_le_bytes());
    file.extend(numbers(rate));
    file.extend(numbers(rate.saturating_mul(2)));
    file.extend(2_u16.to_le_bytes());
    file.extend(16_u16.to_le_bytes());
    file.extend(b"data");
    file.extend(numbers(data));
    file.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    file
}

/// The samples of a file, which has to be mono, of 16 bit, and of this rate. Its header may be of
/// any length and hold anything besides, and a length that was never filled in means all the rest.
pub fn samples(file: &[u8], rate: u32) -> Result<Vec<i16>, NotWav> {
    let mut rest = file
        .strip_prefix(b"RIFF")
        .and_then(|rest| rest.get(4..))
        .and_then(|rest| rest.strip_prefix(b"WAVE"))
        .ok_or(NotWav::Other)?;
    let mut known = false;
    loop {
        let (name, more) = rest.split_first_chunk::<4>().ok_or(NotWav::Other)?;
        let (length, more) = more.split_first_chunk().ok_or(NotWav::Other)?;
        let length = u32::from_le_bytes(*length) as usize;
        match name {
            b"data" if known => {
                let written = if length == 0 { more.len() } else { length };
                let data = more.get(..written).unwrap_or(more);
                return Ok(super::binary::samples(data));
            }
            b"fmt " => {
                check(more.get(..length).ok_or(NotWav::Other)?, rate)?;
                known = true;
            }
            _ => {}
        }
        // Chunks of odd length are followed by a byte of nothing.
        rest = more.get(length + length % 2..).ok_or(NotWav::Other)?;
    }
}

fn check(format: &[u8], wanted: u32) -> Result<(), NotWav> {
    let short = |at: usize| {
        let bytes = format.get(at..).and_then(|rest| rest.first_chunk());
        bytes.copied().map(u16::from_le_bytes).ok_or(NotWav::Other)
    };
    let form = match short(0)? {
        // What it really is stands further behind.
        EXTENSIBLE => short(24)?,
        form => form,
    };
    let (channels, bits) = (short(2)?, short(14)?);
    let rate = u32::from(short(4)?) | u32::from(short(6)?) << 16;
    if (form, channels, bits, rate) == (PCM, 1, 16, wanted) {
        return Ok(());
    }
    Err(NotWav::Form {
        channels,
        rate,
        bits,
        format: form,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(rate: u32, heard: &[i16]) -> Vec<u8> {
        bytes(rate, heard)
    }

    #[test]
    fn a_header_may_be_long_and_its_lengths_wrong() {
        let plain = file(16_000, &[1, -2, 3]);
        assert_eq!(plain.len(), HEAD + 6);
        let mut long = plain.clone();
        long.splice(12..12, *b"LIST\x03\0\0\0abc\0");
        long.extend(b"id3 \x02\0\0\0xx");
        let mut endless = plain.clone();
        endless[40..44].fill(0xff);
        let mut unfilled = plain.clone();
        unfilled[40..44].fill(0);
        let mut extended = plain.clone();
        extended.splice(
            36..36,
            [22, 0, 16, 0, 4, 0, 0, 0, 1, 0].into_iter().chain([0; 14]),
        );
        extended[16] = 40;
        extended[20..22].copy_from_slice(&EXTENSIBLE.to_le_bytes());
        for (name, file) in [
            ("plain", plain),
            ("long", long),
            ("endless", endless),
            ("unfilled", unfilled),
            ("extended", extended),
        ] {
            assert_eq!(samples(&file, 16_000), Ok(vec![1, -2, 3]), "{name}");
        }
    }

    #[test]
    fn another_form_is_told() {
        let error = samples(&file(8000, &[1]), 16_000).unwrap_err();
        assert_eq!(
            error.to_string(),
            "it is WAV with 1 channels, 8000 Hz, 16 bit, format 1"
        );
        let mut stereo = file(16_000, &[1]);
        stereo[22] = 2;
        assert!(samples(&stereo, 16_000).is_err());
        for cut in 0..HEAD {
            assert_eq!(samples(&stereo[..cut.min(35)], 16_000), Err(NotWav::Other));
        }
        assert_eq!(samples(b"OggS....", 16_000), Err(NotWav::Other));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(
            tail in prop::collection::vec(any::<u8>(), 0..80),
            cut in 0_usize..60,
        ) {
            let mut bytes = file(16_000, &[1, 2, 3]);
            bytes.truncate(cut);
            bytes.extend(tail);
            let _outcome = samples(&bytes, 16_000);
        }
    }
}
