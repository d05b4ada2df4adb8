//! The four bytes that every frame of MP3 begins with. Pure.

/// What they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::codec) struct Head {
    /// Samples for each second.
    pub(super) rate: u32,
    /// How many samples the frame holds.
    pub(super) samples: usize,
    /// How many bytes it takes, these four included.
    pub(super) bytes: usize,
    pub(super) channels: usize,
    /// Two bytes follow that nobody reads.
    checked: bool,
}

/// Thousands of bits for each second.
const BITS: [[u32; 16]; 2] = [
    [
        0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0,
    ],
    [
        0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0,
    ],
];

impl Head {
    /// Reads it; `None` if it is none, or of another layer, or of a size that it does not say.
    pub(in crate::codec) fn read([first, second, third, fourth]: [u8; 4]) -> Option<Self> {
        let version = second >> 3 & 3;
        if first != 0xff || second & 0xe0 != 0xe0 || version == 1 || second >> 1 & 3 != 1 {
            return None;
        }
        // The second version halves the rates, and the one after it once more.
        let halved = match version {
            3 => 0,
            2 => 1,
            _ => 2,
        };
        let rate = *[44_100, 48_000, 32_000].get(usize::from(third >> 2 & 3))? >> halved;
        let bits = *BITS[halved.min(1)].get(usize::from(third >> 4))? * 1000;
        if bits == 0 {
            return None;
        }
        let samples = if halved == 0 { 1152 } else { 576 };
        let padding = third >> 1 & 1;
        Some(Self {
            rate,
            samples,
            bytes: samples / 8 * bits as usize / rate as usize + usize::from(padding),
            channels: if fourth >> 6 == 3 { 1 } else { 2 },
            checked: second & 1 == 0,
        })
    }

    /// Whether both may stand in one stream.
    pub(in crate::codec) fn is_like(&self, other: &Self) -> bool {
        (self.rate, self.samples, self.channels) == (other.rate, other.samples, other.channels)
    }

    /// Whether a frame tells about the others and is no sound: how many there are, who made them.
    pub(super) fn is_about(&self, frame: &[u8]) -> bool {
        let side = match (self.samples, self.channels) {
            (1152, 1) | (576, 2) => 17,
            (1152, _) => 32,
            _ => 9,
        };
        let begins = |at: usize, name: &[u8]| frame.get(at..).is_some_and(|r| r.starts_with(name));
        let extra = if self.checked { 2 } else { 0 };
        [0, extra]
            .iter()
            .any(|extra| begins(4 + side + extra, b"Xing") || begins(4 + side + extra, b"Info"))
            || begins(36, b"VBRI")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_says_how_long_a_frame_is_in_every_way() {
        for (head, rate, samples, bytes, channels) in [
            ([0xff, 0xfb, 0x90, 0x64], 44_100, 1152, 417, 2),
            ([0xff, 0xfb, 0x92, 0x64], 44_100, 1152, 418, 2),
            ([0xff, 0xf3, 0x44, 0xc4], 24_000, 576, 96, 1),
            ([0xff, 0xe3, 0x18, 0xc4], 8_000, 576, 72, 1),
            ([0xff, 0xfa, 0xe4, 0x00], 48_000, 1152, 960, 2),
        ] {
            let read = Head::read(head).unwrap();
            let told = (read.rate, read.samples, read.bytes, read.channels);
            assert_eq!(told, (rate, samples, bytes, channels), "{head:x?}");
        }
        for none in [
            [0xff, 0xeb, 0x90, 0x64],
            [0xff, 0xfd, 0x90, 0x64],
            [0xff, 0xfb, 0x00, 0x64],
            [0xff, 0xfb, 0xf0, 0x64],
            [0xff, 0xfb, 0x9c, 0x64],
            [0xfe, 0xfb, 0x90, 0x64],
        ] {
            assert_eq!(Head::read(none), None, "{none:x?}");
        }
    }
}
