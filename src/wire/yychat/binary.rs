//! The binary frames of the yychat language, which are ours: sound as it is, without base64. Pure.
//!
//! | bytes | recording, to the server | speech, to the client |
//! | --- | --- | --- |
//! | 1 | 1 | 2 |
//! | 16 | `message_id` in the order of its written form | the same |
//! | 4 | - | samples in a second, little endian |
//! | 2 each | samples of 16 bit, mono, little endian | the same |
//!
//! Another first byte is another kind of frame, or another layout of one of these.

use crate::core::ids::TurnId;
use crate::core::sound::Pcm;
use bytes::Bytes;

const RECORDING: u8 = 1;
const SPEECH: u8 = 2;

/// What a binary frame holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binary {
    /// More of a recording, [`crate::core::sound::RATE`] samples to the second.
    Recording { turn: TurnId, samples: Pcm },
    /// More of what is spoken.
    Speech {
        turn: TurnId,
        rate: u32,
        samples: Pcm,
    },
}

impl Binary {
    /// Reads a frame; `None` if it is none of ours. The samples stay where they are, and half a
    /// one at the end is left out.
    pub fn read(bytes: &Bytes) -> Option<Self> {
        let (kind, rest) = bytes.split_first()?;
        let (turn, rest) = rest.split_first_chunk()?;
        let turn = TurnId(u128::from_be_bytes(*turn));
        match *kind {
            RECORDING => Some(Self::Recording {
                turn,
                samples: bytes.slice_ref(rest).into(),
            }),
            SPEECH => {
                let (rate, rest) = rest.split_first_chunk()?;
                let rate = u32::from_le_bytes(*rate);
                (rate > 0).then(|| Self::Speech {
                    turn,
                    rate,
                    samples: bytes.slice_ref(rest).into(),
                })
            }
            _ => None,
        }
    }
}

/// The frame of a piece of a recording.
pub fn recording(turn: TurnId, samples: &[i16]) -> Vec<u8> {
    frame(RECORDING, turn, &[], samples)
}

/// The frame of a piece of speech.
pub fn speech(turn: TurnId, rate: u32, samples: &[i16]) -> Vec<u8> {
    frame(SPEECH, turn, &rate.to_le_bytes(), samples)
}

fn frame(kind: u8, turn: TurnId, head: &[u8], samples: &[i16]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(17 + head.len() + 2 * samples.len());
    bytes.push(kind);
    bytes.extend(turn.0.to_be_bytes());
    bytes.extend(head);
    bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    bytes
}

/// Samples of 16 bit as they are written everywhere here.
pub fn samples(bytes: &[u8]) -> Vec<i16> {
    let (pairs, _half) = bytes.as_chunks();
    pairs.iter().map(|pair| i16::from_le_bytes(*pair)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TURN: TurnId = TurnId(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff);
    const ID: [u8; 16] = [
        0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee,
        0xff,
    ];

    #[test]
    fn the_bytes_are_as_the_table_says() {
        let bytes = [&[1], &ID[..], &[1, 0, 0xfe, 0xff]].concat();
        assert_eq!(recording(TURN, &[1, -2]), bytes);
        let bytes = [&[2], &ID[..], &[0xc0, 0x5d, 0, 0], &[0, 0x80]].concat();
        assert_eq!(speech(TURN, 24_000, &[i16::MIN]), bytes);
    }

    #[test]
    fn what_is_none_of_ours_is_told_from_what_is() {
        for bytes in [
            &[][..],
            &[1],
            &[&[1], &ID[..15]].concat(),
            &[&[0], &ID[..], &[0, 0]].concat(),
            &[&[3], &ID[..], &[0, 0]].concat(),
            &[&[2], &ID[..], &[1, 0, 0]].concat(),
            &[&[2], &ID[..], &[0, 0, 0, 0, 1, 1]].concat(),
        ] {
            let bytes = Bytes::copy_from_slice(bytes);
            assert_eq!(Binary::read(&bytes), None, "{bytes:?}");
        }
        let half = [&[1], &ID[..], &[7, 0, 9]].concat();
        let (turn, samples) = (TURN, vec![7].into());
        assert_eq!(
            Binary::read(&half.into()),
            Some(Binary::Recording { turn, samples })
        );
    }

    proptest! {
        #[test]
        fn what_was_written_can_be_read(
            id in any::<u128>(),
            rate in 1_u32..,
            samples in prop::collection::vec(any::<i16>(), 0..50),
        ) {
            let turn = TurnId(id);
            let bytes = recording(turn, &samples).into();
            let read = Binary::Recording { turn, samples: samples.clone().into() };
            prop_assert_eq!(Binary::read(&bytes), Some(read));
            let bytes = speech(turn, rate, &samples).into();
            let samples = samples.into();
            prop_assert_eq!(Binary::read(&bytes), Some(Binary::Speech { turn, rate, samples }));
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            Binary::read(&bytes.into());
        }
    }
}
