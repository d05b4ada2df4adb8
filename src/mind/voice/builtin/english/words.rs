//! English words that are not read by rule. Pure.

use std::collections::HashMap;
use std::sync::LazyLock;

static WORDS: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let lines = include_str!("words.txt").lines();
    let entries = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    entries.filter_map(|line| line.split_once(' ')).collect()
});

/// The sounds of a word that is known by heart, given in small letters.
pub(super) fn by_heart(word: &str) -> Option<&'static str> {
    WORDS.get(word).copied()
}

/// How a letter is named.
pub(super) fn letter(letter: char) -> Option<&'static str> {
    Some(match letter.to_ascii_lowercase() {
        'a' => "EY1",
        'b' => "B IY1",
        'c' => "S IY1",
        'd' => "D IY1",
        'e' => "IY1",
        'f' => "EH1 F",
        'g' => "JH IY1",
        'h' => "EY1 CH",
        'i' => "AY1",
        'j' => "JH EY1",
        'k' => "K EY1",
        'l' => "EH1 L",
        'm' => "EH1 M",
        'n' => "EH1 N",
        'o' => "OW1",
        'p' => "P IY1",
        'q' => "K Y UW1",
        'r' => "AA1 R",
        's' => "EH1 S",
        't' => "T IY1",
        'u' => "Y UW1",
        'v' => "V IY1",
        'w' => "D AH1 B AX0 L Y UW0",
        'x' => "EH1 K S",
        'y' => "W AY1",
        'z' => "Z IY1",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::phones::phone;
    use super::*;

    #[test]
    fn every_word_known_by_heart_is_made_of_sounds_that_there_are() {
        let letters = ('a'..='z').filter_map(letter);
        for sounds in WORDS.values().copied().chain(letters) {
            for name in sounds.split(' ') {
                let bare = name.trim_end_matches(|c: char| c.is_ascii_digit());
                assert!(phone(bare).is_some(), "{name} in {sounds}");
            }
        }
        assert!(WORDS.len() > 400);
    }
}
