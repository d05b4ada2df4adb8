//! Names for things that outlive a message. Every asynchronous answer carries the id of its
//! question, so that an answer nobody waits for can be told from one that matters.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u128);

        impl fmt::Display for $name {
            /// The usual written form, `8-4-4-4-12` hexadecimal digits.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let n = self.0;
                write!(
                    f,
                    "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
                    n >> 96,
                    (n >> 80) & 0xffff,
                    (n >> 64) & 0xffff,
                    (n >> 48) & 0xffff,
                    n & 0xffff_ffff_ffff
                )
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                parse(text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// One exchange: what the user said and what came back. Travels as `message_id`.
    TurnId
);
id!(
    /// A conversation, here and at the backend. Travels as `conversation_id`.
    ConversationId
);
id!(
    /// One message on the screen and in the store.
    MessageId
);

impl TurnId {
    /// The message that asks. Whoever knows the turn knows its name: two programs that show the
    /// same turn write one message.
    pub const fn question(self) -> MessageId {
        MessageId(self.0 ^ 1)
    }

    /// The message that answers.
    pub const fn answer(self) -> MessageId {
        MessageId(self.0 ^ 2)
    }
}

/// The nth life of the line to the backend. What an earlier life still delivers is not read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Epoch(pub u64);

/// The text is not 32 hexadecimal digits with dashes between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id is 32 hexadecimal digits")]
pub struct NotAnId;

fn parse(text: &str) -> Result<u128, NotAnId> {
    let (mut value, mut count) = (0_u128, 0_u32);
    for digit in text.chars().filter(|c| *c != '-') {
        let digit = digit.to_digit(16).ok_or(NotAnId)?;
        value = value << 4 | u128::from(digit);
        count += 1;
        if count > 32 {
            return Err(NotAnId);
        }
    }
    if count == 32 { Ok(value) } else { Err(NotAnId) }
}

/// Where new ids come from: a counter scrambled by SplitMix64 from a seed the shell drew once.
/// A replay with the same seed gives the same ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seed(u64);

impl Seed {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next pseudo-random number; also serves dice and jitter.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn wide(&mut self) -> u128 {
        // Version 4, variant 1: other programs may check these bits of a UUID.
        let raw = (u128::from(self.draw()) << 64) | u128::from(self.draw());
        raw & !(0xf000 << 64) & !(0xc000 << 48) | (0x4000 << 64) | (0x8000 << 48)
    }

    pub fn turn(&mut self) -> TurnId {
        TurnId(self.wide())
    }

    pub fn conversation(&mut self) -> ConversationId {
        ConversationId(self.wide())
    }

    pub fn message(&mut self) -> MessageId {
        MessageId(self.wide())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_written_form() {
        let id = Seed::new(7).turn();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string().len(), 36);
        assert_eq!(id.to_string().as_bytes()[14], b'4');
    }

    #[test]
    fn what_is_not_an_id_is_refused() {
        for text in ["", "12", "zz", "g0000000000000000000000000000000", "你好"] {
            assert_eq!(text.parse::<TurnId>(), Err(NotAnId), "{text}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        assert_eq!(Seed::new(3).message(), Seed::new(3).message());
        let mut seed = Seed::new(3);
        assert_ne!(seed.message(), seed.message());
    }
}
