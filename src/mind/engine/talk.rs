//! What we and the engine's process say to each other: frames through its input and its output.
//! Pure.
//!
//! A frame is the length of what follows (4 bytes, the lowest first), a byte that tells sound from
//! words, and then JSON, or the rate (4 bytes) and samples of 16 bit.

use super::error::ModelError;
use super::hear::Heard;
use super::think::Answered;
use crate::core::words::Lang;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The longest frame.
const LONGEST: usize = 64 << 20;
/// Length and kind.
pub(super) const HEAD: usize = 5;
const WORDS: u8 = 0;
const SOUND: u8 = 1;

/// What we ask.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Order {
    /// A recording begins; its sound follows, and then `End`.
    Hear {
        job: u64,
        language: Option<String>,
        live: bool,
    },
    End,
    Say {
        job: u64,
        text: String,
        lang: Lang,
        voice: Option<String>,
        speed: f32,
    },
    /// A conversation is to be gone on with.
    Think {
        job: u64,
        said: Vec<Line>,
    },
    /// Nobody waits for this job or any before it.
    Stop {
        job: u64,
    },
}

/// One line of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::mind) struct Line {
    pub(in crate::mind) by: Speaker,
    pub(in crate::mind) text: String,
}

/// Who said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::mind) enum Speaker {
    System,
    User,
    Assistant,
}

/// What it answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::mind) enum Reply {
    /// What the words seem to be, and how many bytes of them did not change.
    Guess {
        text: String,
        stable: usize,
    },
    Heard(Heard),
    /// More of an answer, or of what is only thought.
    More {
        text: String,
        thought: bool,
    },
    Answered(Answered),
    /// All sound of the words was sent.
    Spoken,
    Stopped,
    Wrong(ModelError),
}

/// What a frame holds.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::mind) enum Frame<T> {
    Words(T),
    Sound { rate: u32, samples: Vec<i16> },
}

/// Words as a frame.
pub(super) fn words(words: &impl Serialize) -> Vec<u8> {
    let json = serde_json::to_vec(words).expect("what is said is plain data");
    frame(WORDS, &json)
}

/// Sound as a frame.
pub(super) fn sound(rate: u32, samples: &[i16]) -> Vec<u8> {
    let samples = samples.iter().flat_map(|sample| sample.to_le_bytes());
    let body: Vec<u8> = rate.to_le_bytes().into_iter().chain(samples).collect();
    frame(SOUND, &body)
}

fn frame(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(HEAD + body.len());
    frame.extend((body.len() as u32).to_le_bytes());
    frame.push(kind);
    frame.extend_from_slice(body);
    frame
}

/// How many bytes follow a head; nothing if that is no head.
pub(super) fn length(head: [u8; HEAD]) -> Option<usize> {
    let [a, b, c, d, kind] = head;
    let length = u32::from_le_bytes([a, b, c, d]) as usize;
    (length <= LONGEST && kind <= SOUND).then_some(length)
}

/// What a frame of this head holds; nothing if it makes no sense.
pub(super) fn read<T: DeserializeOwned>(head: [u8; HEAD], body: &[u8]) -> Option<Frame<T>> {
    if head[4] == WORDS {
        return serde_json::from_slice(body).ok().map(Frame::Words);
    }
    let (rate, samples) = body.split_first_chunk()?;
    let (pairs, _) = samples.as_chunks();
    Some(Frame::Sound {
        rate: u32::from_le_bytes(*rate),
        samples: pairs.iter().map(|pair| i16::from_le_bytes(*pair)).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn back<T: DeserializeOwned>(bytes: &[u8]) -> Option<Frame<T>> {
        let (head, body) = bytes.split_first_chunk().unwrap();
        assert_eq!(length(*head), Some(body.len()));
        read(*head, body)
    }

    #[test]
    fn frames_come_out_as_they_went_in() {
        let order = Order::Say {
            job: 7,
            text: "你好".to_owned(),
            lang: Lang::Zh,
            voice: None,
            speed: 1.5,
        };
        assert_eq!(back(&words(&order)), Some(Frame::Words(order)));
        let heard = Reply::Heard(Heard::default());
        assert_eq!(back(&words(&heard)), Some(Frame::Words(heard)));
        let samples = vec![0, -1, i16::MIN, i16::MAX];
        let frame = back::<Reply>(&sound(22_050, &samples));
        let rate = 22_050;
        assert_eq!(frame, Some(Frame::Sound { rate, samples }));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(head in any::<[u8; HEAD]>(), body in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = length(head);
            let _ = read::<Order>(head, &body);
            let _ = read::<Reply>(head, &body);
        }
    }
}
