//! Base64, for sound within text frames. Pure.

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What a character stands for; `NONE` for those that stand for nothing.
const VALUES: [u8; 256] = values();
const NONE: u8 = 64;

const fn values() -> [u8; 256] {
    let mut values = [NONE; 256];
    let mut value = 0;
    while value < DIGITS.len() {
        values[DIGITS[value] as usize] = value as u8;
        value += 1;
    }
    // The alphabet for addresses.
    values[b'-' as usize] = 62;
    values[b'_' as usize] = 63;
    values
}

/// The bytes as text, padded.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |at: usize| usize::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = DIGITS[bits >> (18 - 6 * place) & 63];
            // So many bytes need one digit more than they are.
            let there = place <= group.len();
            text.push(char::from(if there { digit } else { b'=' }));
        }
    }
    text
}

/// The bytes of a text. Line breaks, a missing padding, the alphabet for addresses and the head of
/// a `data:` address do no harm; anything else that is no base64 gives `None`.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let text = match text.trim_start() {
        data if data.starts_with("data:") => data.split_once(',')?.1,
        plain => plain,
    };
    // No more than it holds, so that it need not be moved.
    let mut bytes = Vec::with_capacity(text.trim_end_matches('=').len() * 3 / 4);
    let (mut bits, mut held, mut padded) = (0_u32, 0, false);
    for digit in text.bytes() {
        let value = VALUES[usize::from(digit)];
        match digit {
            _ if value < NONE && !padded => {}
            b'=' => {
                padded = true;
                continue;
            }
            _ if digit.is_ascii_whitespace() => continue,
            _ => return None,
        }
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    // A single digit of a group is less than a byte.
    (held < 6).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_reads_as_everybody_writes_it() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
        ] {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text), Some(bytes.into()));
        }
        for odd in ["Zg", "Z\r\ng==", " data:audio/wav;base64,Zg=="] {
            assert_eq!(decode(odd), Some(b"f".to_vec()), "{odd}");
        }
        assert_eq!(decode("-_-_"), decode("+/+/"));
        for wrong in ["Z", "Zg==Zg==", "Zm9v!", "data:audio/wav", "好"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_was_written_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            prop_assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }
    }
}
