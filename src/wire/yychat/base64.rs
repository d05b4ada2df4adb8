//! Base64, for sound within text frames. Pure.

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The bytes as text, padded.
pub fn encode(bytes: impl IntoIterator<Item = u8>) -> String {
    let mut bytes = bytes.into_iter();
    let mut text = String::with_capacity(bytes.size_hint().0.div_ceil(3) * 4);
    while let Some(first) = bytes.next() {
        let (second, third) = (bytes.next(), bytes.next());
        let group = [first, second.unwrap_or(0), third.unwrap_or(0)];
        let bits = group
            .iter()
            .fold(0, |bits, byte| bits << 8 | usize::from(*byte));
        for (place, there) in [true, true, second.is_some(), third.is_some()]
            .into_iter()
            .enumerate()
        {
            let digit = DIGITS[bits >> (18 - 6 * place) & 63];
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
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut held, mut padded) = (0_u32, 0, false);
    for digit in text.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                padded = true;
                continue;
            }
            _ if digit.is_ascii_whitespace() => continue,
            _ => return None,
        };
        if padded {
            return None;
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
            assert_eq!(encode(bytes.bytes()), text);
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
            prop_assert_eq!(decode(&encode(bytes.iter().copied())), Some(bytes));
        }
    }
}
