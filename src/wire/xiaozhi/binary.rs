//! Binary frames: a packet of sound, in one of three wrappings. Numbers are in network order.

/// How packets are wrapped, as both sides agree on when they connect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// Not at all.
    #[default]
    One,
    /// With a kind, a time stamp and a length of 32 bit.
    Two,
    /// With a kind and a length of 16 bit.
    Three,
}

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// A packet of Opus.
    Sound(&'a [u8]),
    /// What else comes as text.
    Json(&'a [u8]),
}

/// Why a frame holds nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadFrame {
    #[error("it holds {0}, which nobody knows")]
    Kind(u16),
    #[error("it promises {promised} bytes and holds {held}")]
    Length { promised: usize, held: usize },
    #[error("it is too short for its head")]
    Short,
    #[error("it is of version {0}")]
    Version(u16),
}

impl Version {
    /// The version of this number.
    pub fn of(number: u16) -> Option<Self> {
        match number {
            1 => Some(Self::One),
            2 => Some(Self::Two),
            3 => Some(Self::Three),
            _ => None,
        }
    }

    /// Its number.
    pub const fn number(self) -> u16 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Three => 3,
        }
    }

    /// Wraps a packet of sound that was recorded at this moment, in milliseconds.
    pub fn wrap(self, packet: &[u8], stamp_ms: u32) -> Vec<u8> {
        let mut frame = Vec::with_capacity(16 + packet.len());
        match self {
            Self::One => {}
            Self::Two => {
                let length = u32::try_from(packet.len()).unwrap_or(u32::MAX);
                frame.extend(2_u16.to_be_bytes());
                frame.extend([0; 6]);
                frame.extend(stamp_ms.to_be_bytes());
                frame.extend(length.to_be_bytes());
            }
            Self::Three => {
                let length = u16::try_from(packet.len()).unwrap_or(u16::MAX);
                frame.extend([0; 2]);
                frame.extend(length.to_be_bytes());
            }
        }
        frame.extend_from_slice(packet);
        frame
    }

    /// What a frame holds. What lies behind its content is left out.
    pub fn unwrap(self, frame: &[u8]) -> Result<Content<'_>, BadFrame> {
        let (kind, promised, content) = match (self, frame) {
            (Self::One, []) => return Err(BadFrame::Short),
            (Self::One, packet) => return Ok(Content::Sound(packet)),
            (
                Self::Two,
                [
                    v1,
                    v2,
                    k1,
                    k2,
                    _,
                    _,
                    _,
                    _,
                    _,
                    _,
                    _,
                    _,
                    l1,
                    l2,
                    l3,
                    l4,
                    content @ ..,
                ],
            ) => {
                let version = u16::from_be_bytes([*v1, *v2]);
                if version != 2 {
                    return Err(BadFrame::Version(version));
                }
                let length = u32::from_be_bytes([*l1, *l2, *l3, *l4]);
                (u16::from_be_bytes([*k1, *k2]), length as usize, content)
            }
            (Self::Three, [kind, _, l1, l2, content @ ..]) => {
                let length = u16::from_be_bytes([*l1, *l2]);
                (u16::from(*kind), usize::from(length), content)
            }
            (Self::Two | Self::Three, _) => return Err(BadFrame::Short),
        };
        let held = content.len();
        let content = content
            .get(..promised)
            .ok_or(BadFrame::Length { promised, held })?;
        match kind {
            0 => Ok(Content::Sound(content)),
            1 => Ok(Content::Json(content)),
            kind => Err(BadFrame::Kind(kind)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_version_has_its_head() {
        let packet = [0x58, 1, 2];
        for (version, expected) in [
            (Version::One, vec![0x58, 1, 2]),
            (
                Version::Two,
                vec![0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 3, 0x58, 1, 2],
            ),
            (Version::Three, vec![0, 0, 0, 3, 0x58, 1, 2]),
        ] {
            assert_eq!(version.wrap(&packet, 0x1_0002), expected);
            assert_eq!(Version::of(version.number()), Some(version));
        }
        assert_eq!(Version::of(0), None);
    }

    #[test]
    fn edge_15_a_head_that_lies_is_told_and_text_in_a_binary_frame_is_text() {
        use BadFrame::{Kind, Length, Short};
        let two = |kind, length, content: &[u8]| {
            let mut frame = vec![0, 2, 0, kind, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, length];
            frame.extend_from_slice(content);
            frame
        };
        for (version, frame, expected) in [
            (Version::One, vec![], Err(Short)),
            (Version::Two, two(0, 2, b"ab"), Ok(Content::Sound(b"ab"))),
            (Version::Two, two(1, 2, b"{}"), Ok(Content::Json(b"{}"))),
            (Version::Two, two(0, 1, b"ab"), Ok(Content::Sound(b"a"))),
            (
                Version::Two,
                two(0, 3, b"ab"),
                Err(Length {
                    promised: 3,
                    held: 2,
                }),
            ),
            (Version::Two, two(7, 2, b"ab"), Err(Kind(7))),
            (Version::Two, vec![0, 2, 0], Err(Short)),
            (
                Version::Two,
                vec![0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
                Err(BadFrame::Version(3)),
            ),
            (
                Version::Three,
                vec![0, 0, 0xff, 0xff, 1],
                Err(Length {
                    promised: 0xffff,
                    held: 1,
                }),
            ),
            (
                Version::Three,
                vec![1, 9, 0, 1, b'x'],
                Ok(Content::Json(b"x")),
            ),
            (Version::Three, vec![0, 0, 0], Err(Short)),
        ] {
            assert_eq!(version.unwrap(&frame), expected, "{version:?} {frame:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_wrapped_can_be_unwrapped(
            number in 1_u16..=3,
            packet in prop::collection::vec(any::<u8>(), 1..2000),
            stamp in any::<u32>(),
        ) {
            let version = Version::of(number).unwrap();
            let frame = version.wrap(&packet, stamp);
            prop_assert_eq!(version.unwrap(&frame), Ok(Content::Sound(&packet)));
        }

        #[test]
        fn any_bytes_are_read_or_told(
            number in 1_u16..=3,
            frame in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            // It must not panic, and never hold more than there is.
            if let Ok(Content::Sound(held) | Content::Json(held)) =
                Version::of(number).unwrap().unwrap(&frame)
            {
                prop_assert!(held.len() <= frame.len());
            }
        }
    }
}
