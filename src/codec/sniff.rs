//! Tells by their first bytes what a file is. Pure.
//!
//! The name that comes with bytes is often wrong: servers send WAV as `audio/mpeg`, and what they
//! would send to a browser as anything.

use super::mp3::Head;

/// So many bytes tell what it is.
pub const TELLING: usize = 12;

/// What bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Wav,
    Mp3,
    /// Something that is not unpacked here, by the name that people have for it.
    Other(&'static str),
    /// Nothing that is known; bare samples may begin with anything.
    Unknown,
}

/// What a file is that begins like this.
pub fn sniff(bytes: &[u8]) -> Kind {
    match bytes {
        [b'R', b'I', b'F', b'F', ..] | [b'R', b'F', b'6', b'4', ..] => Kind::Wav,
        [b'I', b'D', b'3', ..] => Kind::Mp3,
        [b'O', b'g', b'g', b'S', ..] => Kind::Other("Ogg"),
        [b'f', b'L', b'a', b'C', ..] => Kind::Other("FLAC"),
        [0x1a, b'E', 0xdf, 0xa3, ..] => Kind::Other("WebM"),
        [b'F', b'O', b'R', b'M', ..] => Kind::Other("AIFF"),
        [b'c', b'a', b'f', b'f', ..] => Kind::Other("CAF"),
        [b'#', b'!', b'A', b'M', b'R', ..] => Kind::Other("AMR"),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Kind::Other("MP4"),
        // The head of AAC is that of MPEG audio of a layer there is not.
        [0xff, second, third, ..] if second & 0xf6 == 0xf0 && third >> 2 & 15 < 13 => {
            Kind::Other("AAC")
        }
        [a, b, c, d, ..] if Head::read([*a, *b, *c, *d]).is_some() => Kind::Mp3,
        _ => Kind::Unknown,
    }
}

/// How bytes begin, fit to be shown.
pub fn begins(bytes: &[u8], most: usize) -> String {
    let start = bytes.get(..bytes.len().min(most)).unwrap_or_default();
    start.escape_ascii().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_what_people_call_it() {
        for (bytes, expected) in [
            (&b"RIFF\0\0\0\0WAVE"[..], Kind::Wav),
            (b"RF64\xff\xff\xff\xffWAVE", Kind::Wav),
            (b"ID3\x04", Kind::Mp3),
            (b"\xff\xfb\x90\x64", Kind::Mp3),
            (b"\xff\xf3\x44\xc4", Kind::Mp3),
            (b"\xff\xf1\x50\x80", Kind::Other("AAC")),
            (b"OggS\0", Kind::Other("Ogg")),
            (b"fLaC", Kind::Other("FLAC")),
            (b"\0\0\0\x20ftypM4A ", Kind::Other("MP4")),
            (b"\x1a\x45\xdf\xa3", Kind::Other("WebM")),
            // Quiet samples begin with the same bits as a head of MPEG audio.
            (b"\xff\xff\xff\xff", Kind::Unknown),
            (b"\xff\xff\0\0", Kind::Unknown),
            (b"{\"error\"", Kind::Unknown),
            (b"", Kind::Unknown),
        ] {
            assert_eq!(sniff(bytes), expected, "{}", bytes.escape_ascii());
        }
        assert_eq!(begins(b"<html>\x1b[2J", 8), "<html>\\x1b[");
    }
}
