//! Makes text from outside harmless for a terminal: what would move the cursor, change the title,
//! touch the clipboard or turn the reading direction round is shown as a symbol instead.
//!
//! Every text that a server, a model, a tool, a file or a user's old message brings along passes
//! here before it is drawn or printed. Layout (wrapping, width) is `view`'s.

use std::borrow::Cow;
use std::fmt::Write as _;

/// What stands for a character that has no picture of its own.
const STAND_IN: char = char::REPLACEMENT_CHARACTER;

/// The text with every dangerous character made visible or taken out. Line feeds and tabs stay,
/// and so do joiners and variation selectors, because emoji and several scripts need them. Text
/// that is already harmless, nearly all of it, is handed back without a copy.
pub fn defuse(text: &str) -> Cow<'_, str> {
    if text.bytes().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let Some((clean, rest)) = text
        .char_indices()
        .find(|(_, c)| !is_harmless(*c))
        .and_then(|(at, _)| text.split_at_checked(at))
    else {
        return Cow::Borrowed(text);
    };
    let mut defused = String::with_capacity(text.len() + 16);
    defused.push_str(clean);
    for c in rest.chars() {
        match verdict(c) {
            Verdict::Keep => defused.push(c),
            Verdict::Show(symbol) => defused.push(symbol),
            Verdict::Drop => {}
        }
    }
    Cow::Owned(defused)
}

/// May this character be shown as it is?
pub fn is_harmless(c: char) -> bool {
    verdict(c) == Verdict::Keep
}

/// Printable ASCII, line feed, tab.
const fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\n' | b'\t')
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Keep,
    Show(char),
    Drop,
}

fn verdict(c: char) -> Verdict {
    match c {
        '\n' | '\t' | ' '..='~' => Verdict::Keep,
        // Unicode has a picture for every C0 control, in the same order.
        '\0'..='\u{1f}' => Verdict::Show(char::from_u32(0x2400 + c as u32).unwrap_or(STAND_IN)),
        '\u{7f}' => Verdict::Show('\u{2421}'),
        // C1: one of these is CSI, another OSC, to a terminal that still knows them.
        '\u{80}'..='\u{9f}'
        // Direction marks, embeddings, overrides and isolates.
        | '\u{61c}'
        | '\u{200e}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        // Line breaks that only some programs see, invisible operators, dead format controls.
        | '\u{2028}'..='\u{2029}'
        | '\u{2061}'..='\u{2064}'
        | '\u{206a}'..='\u{206f}'
        | '\u{fff9}'..='\u{fffb}'
        // Tags: a whole invisible alphabet to hide words in.
        | '\u{e0000}'..='\u{e007f}' => Verdict::Show(STAND_IN),
        // Zero-width spaces and byte order marks mean nothing on a terminal and are common in
        // honest text, so they go without a symbol.
        '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{180e}' => Verdict::Drop,
        _ => Verdict::Keep,
    }
}

/// JSON in which what a terminal might obey is written as an escape: it means the same to a reader
/// of JSON.
pub fn harmless(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if is_harmless(c) {
            text.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing into a string cannot fail.
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn attacks_become_visible_text() {
        for (attack, shown) in [
            ("\u{1b}]0;owned\u{7}", "␛]0;owned␇"),
            ("\u{1b}]52;c;cm0gLXJm\u{1b}\\", "␛]52;c;cm0gLXJm␛\\"),
            ("\u{1b}[2J\u{1b}[?1049h", "␛[2J␛[?1049h"),
            ("\u{9b}31m\u{9d}0;x\u{9c}", "\u{fffd}31m\u{fffd}0;x\u{fffd}"),
            ("over\rwritten\u{8}", "over␍written␈"),
            ("a\0b\u{7f}", "a␀b␡"),
            ("gpj.\u{202e}exe", "gpj.\u{fffd}exe"),
            ("\u{2067}אב\u{2069}", "\u{fffd}אב\u{fffd}"),
            ("hi\u{e0068}\u{e0069}", "hi\u{fffd}\u{fffd}"),
            ("one\u{2028}two", "one\u{fffd}two"),
            ("\u{feff}pay\u{200b}pal", "paypal"),
        ] {
            assert_eq!(defuse(attack), shown, "{attack:?}");
        }
    }

    #[test]
    fn honest_text_is_not_even_copied() {
        for text in [
            "",
            "two\nlines\tand a tab",
            "你好，世界",
            "👩‍👩‍👧‍👦 ❤️ 葛\u{e0100}",
            "می‌خواهم",
            "שלום",
        ] {
            assert!(
                matches!(defuse(text), Cow::Borrowed(same) if same == text),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_keeps_a_control_character(text in prop::collection::vec(any::<char>(), 0..60)) {
            let text: String = text.into_iter().collect();
            let defused = defuse(&text);
            prop_assert!(!defused.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
            let again = defuse(&defused);
            prop_assert_eq!(&again, &defused);
        }
    }

    #[test]
    fn json_says_the_same_but_a_terminal_obeys_none_of_it() {
        let value = json!({"text": "a\u{9b}31m \u{202e}b\u{1b}[2J 你好 \u{e0041}"});
        let text = harmless(&value.to_string());
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        assert!(
            !text.contains(['\u{9b}', '\u{202e}', '\u{1b}', '\u{e0041}']),
            "{text}"
        );
        assert!(text.contains("你好"));
    }
}
