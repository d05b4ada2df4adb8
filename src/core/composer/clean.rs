//! Makes text from outside fit to be written into: line breaks are `\n`, nothing in it steers a
//! terminal or reorders the screen.

use super::walk;

/// Whether a character would steer the terminal (C0, C1, DEL) or turn the text around it right
/// to left without showing (bidi embeddings, overrides and isolates, as in "trojan source").
fn is_steering(c: char) -> bool {
    (c.is_control() && c != '\t' && c != '\n')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text with `\r\n`, `\r` and Unicode's line and paragraph separators as `\n` (tmux pastes
/// line breaks as `\r`), without other control characters, without bidi controls. Linear.
pub(super) fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                clean.push('\n');
            }
            '\u{2028}' | '\u{2029}' => clean.push('\n'),
            c if is_steering(c) => {}
            c => clean.push(c),
        }
    }
    clean
}

/// Cuts a text to at most `room` bytes, between graphemes, and says how many bytes went.
pub(super) fn cut(text: &mut String, room: usize) -> usize {
    let whole = text.len();
    if whole > room {
        text.truncate(walk::snap_left(text, room));
    }
    whole - text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_dropped_and_line_breaks_are_one_kind() {
        for (dirty, expected) in [
            ("a\r\nb\rc\nd", "a\nb\nc\nd"),
            ("a\r\r\nb", "a\n\nb"),
            ("tab\there", "tab\there"),
            ("\u{1b}[31mred\u{1b}[0m", "[31mred[0m"),
            ("\u{9b}2J\u{85}\u{7f}\0x", "2Jx"),
            ("user\u{202e}txt.exe\u{2066}!", "usertxt.exe!"),
            ("one\u{2028}two\u{2029}three", "one\ntwo\nthree"),
            ("👩‍👩‍👧 e\u{301} 你好", "👩‍👩‍👧 e\u{301} 你好"),
        ] {
            assert_eq!(clean(dirty), expected, "{dirty:?}");
        }
    }

    #[test]
    fn a_text_is_cut_between_graphemes() {
        for (text, room, expected) in [
            ("abc", 3, "abc"),
            ("abc", 2, "ab"),
            ("a你好", 5, "a你"),
            ("a👩‍👩‍👧", 17, "a"),
            ("ae\u{301}", 2, "a"),
            ("你", 0, ""),
        ] {
            let mut cut_text = text.to_owned();
            let gone = cut(&mut cut_text, room);
            assert_eq!(
                (cut_text.as_str(), gone),
                (expected, text.len() - expected.len())
            );
        }
    }
}
