//! Whether what somebody said is complete, by what it says: who ends with "and" goes on.
//!
//! Pure. How long a pause is waited out is decided by sound, before any word is known; here it is
//! decided whether the words are asked at once, or held for a moment in which more may be said.

/// Judges what was said in a call.
pub trait EndOfTurn {
    /// Whether its speaker is likely to go on.
    fn goes_on(&self, said: &str) -> bool;
}

/// Judges by the last word, in English and Chinese.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByLastWord;

/// Nobody who is done ends with one of these.
const OPEN: &[&str] = &[
    "and", "or", "but", "because", "so that", "if", "when", "while", "the", "a", "an", "my",
    "your", "with", "to the", "of the", "of", "for the", "from the", "is the", "um", "uh", "er",
    "i mean", "you know", "like the",
];

/// Nor with these, in a script without spaces.
const OPEN_ZH: &[&str] = &[
    "然后", "而且", "但是", "不过", "因为", "所以", "如果", "还有", "或者", "就是", "那个", "这个",
    "比如", "和", "跟",
];

impl EndOfTurn for ByLastWord {
    fn goes_on(&self, said: &str) -> bool {
        let said = said.trim_end();
        if said.ends_with(['。', '.', '?', '？', '!', '！']) && !said.ends_with("...") {
            return false;
        }
        if said.ends_with([',', '，', '、', '…', '-', '—']) || said.ends_with("...") {
            return true;
        }
        let said = said.to_lowercase();
        let whole = |word: &&&str| {
            said.strip_suffix(**word)
                .is_some_and(|before| before.is_empty() || before.ends_with(' '))
        };
        // A single word is an answer, whatever it is.
        said.contains(' ') && OPEN.iter().any(|word| whole(&word))
            || said.chars().count() > 3 && OPEN_ZH.iter().any(|word| said.ends_with(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_ends_in_mid_sentence_goes_on() {
        for (said, expected) in [
            ("book a table for two and", true),
            ("Book a table for two, um", true),
            ("I would like to go to the", true),
            ("well,", true),
            ("and then...", true),
            ("what is this and.", false),
            ("what time is it", false),
            ("and", false),
            ("Rand", false),
            ("call the band", false),
            ("我想订一张桌子，然后", true),
            ("我想去北京因为", true),
            ("现在几点了", false),
            ("然后", false),
            ("", false),
        ] {
            assert_eq!(ByLastWord.goes_on(said), expected, "{said}");
        }
    }
}
