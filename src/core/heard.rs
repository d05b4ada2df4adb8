//! What of a text was heard when only its beginning was said aloud.
//!
//! Pure. What is said is not quite what is written: markup is left out, figures are read out. So
//! the two are laid beside each other word by word.

/// How long it takes to say a character: 15 of most scripts in a second, 4 of those that write a
/// syllable with each.
const LETTER_MS: u64 = 1000 / 15;
const SYLLABLE_MS: u64 = 1000 / 4;

/// So many words of the text may be left out at a place, so that a word that comes again later is
/// not taken for the one that is due; and so many more for each that was said and is not found.
const LEFT_OUT: usize = 8;
const LEFT_OUT_MORE: usize = 16;

/// No more words than this are ever left out at a place.
const LEFT_OUT_MOST: usize = 512;

/// So many characters of what was heard are laid beside the text.
const HEARD_MOST: usize = 64 * 1024;

/// Whether a script writes a word, or a syllable of one, with this character alone.
const fn is_syllable(c: char) -> bool {
    matches!(c,
        '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

/// The words of a text in lower case, and where each of them ends.
fn words(text: &str) -> Vec<(String, usize)> {
    let mut words: Vec<(String, usize)> = vec![];
    let mut open = false;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        if is_syllable(c) {
            words.push((c.to_string(), end));
            open = false;
        } else if !c.is_alphanumeric() {
            // An apostrophe ends no word, and is said as if it were not there.
            open &= matches!(c, '\'' | '’');
        } else {
            if !open {
                words.push((String::new(), end));
            }
            if let Some((word, ends)) = words.last_mut() {
                word.extend(c.to_lowercase());
                *ends = end;
            }
            open = true;
        }
    }
    words
}

/// How many milliseconds it is likely to take to say a text.
pub fn takes(text: &str) -> u64 {
    let of = |c| {
        if is_syllable(c) {
            SYLLABLE_MS
        } else {
            LETTER_MS
        }
    };
    text.chars().map(of).sum()
}

/// The words of a text as they are said, each with what is around it.
pub fn each_word(text: &str) -> Vec<&str> {
    let mut words = vec![];
    let mut start = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((_, c)) = characters.next() {
        let Some((end, next)) = characters.peek().copied() else {
            break;
        };
        let apart = c.is_whitespace() && !next.is_whitespace();
        // What closes a word in a script without spaces belongs to it.
        let syllable = text.get(start..end).is_some_and(starts_with_syllable);
        if apart || next.is_alphanumeric() && (syllable || is_syllable(next)) {
            words.push(text.get(start..end).unwrap_or_default());
            start = end;
        }
    }
    words.push(text.get(start..).unwrap_or_default());
    words.retain(|word| !word.trim().is_empty());
    words
}

/// The words of a sentence that were said as a whole after so many milliseconds.
pub fn said_in(sentence: &str, ms: u64) -> &str {
    let (mut took, mut end) = (0, 0);
    let mut characters = sentence.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        took += if is_syllable(c) {
            SYLLABLE_MS
        } else {
            LETTER_MS
        };
        if took > ms {
            break;
        }
        let next = characters.peek().map(|(_, next)| *next);
        if is_syllable(c) || next.is_none_or(|next| next.is_whitespace() || is_syllable(next)) {
            end = at + c.len_utf8();
        }
    }
    sentence.get(..end).unwrap_or_default()
}

/// The beginning of a text that ends with the last word that was heard of it.
pub fn part<'a>(text: &'a str, heard: &str) -> &'a str {
    let heard: String = heard.chars().take(HEARD_MOST).collect();
    let written = words(text);
    let (mut next, mut missing, mut end) = (0, 0, 0);
    for (word, _) in words(&heard) {
        let most = (LEFT_OUT + missing * LEFT_OUT_MORE).min(LEFT_OUT_MOST);
        let rest = written.iter().skip(next).take(most);
        match rest.enumerate().find(|(_, (known, _))| *known == word) {
            Some((left_out, (_, ends))) => {
                next += left_out + 1;
                missing = 0;
                end = *ends;
            }
            None => missing += 1,
        }
    }
    text.get(..end).unwrap_or_default()
}

/// The last word that was heard, as it is shown: where a word may be a single character, a few.
pub fn last_word(heard: &str) -> &str {
    const FEW: usize = 4;
    let heard = heard.trim_end_matches(|c: char| !c.is_alphanumeric());
    let mut start = heard.len();
    for (count, (at, c)) in heard.char_indices().rev().enumerate() {
        let syllable = is_syllable(c);
        let apart = !syllable && heard.get(start..).is_some_and(starts_with_syllable);
        if c.is_whitespace() || apart || syllable && count == FEW {
            break;
        }
        start = at;
    }
    let word = heard.get(start..).unwrap_or_default();
    word.trim_start_matches(|c: char| !c.is_alphanumeric())
}

fn starts_with_syllable(text: &str) -> bool {
    text.starts_with(is_syllable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_whole_words_count_as_said() {
        for (sentence, ms, expected) in [
            ("It is noon.", 0, ""),
            ("It is noon.", 131, ""),
            ("It is noon.", 132, "It"),
            ("It is noon.", 400, "It is"),
            ("It is noon.", 700, "It is"),
            ("It is noon.", 5_000, "It is noon."),
            ("会议在十点。", 500, "会议"),
            ("会议在十点。", 749, "会议"),
            ("用 Rust 写", 600, "用 Rust"),
            ("", 900, ""),
        ] {
            assert_eq!(said_in(sentence, ms), expected, "{sentence} {ms}");
        }
    }

    #[test]
    fn what_was_heard_is_found_in_what_was_written() {
        for (text, heard, expected) in [
            ("One two three four.", "One two", "One two"),
            ("One two three four.", "", ""),
            ("One two.", "One two.", "One two"),
            (
                "## Tea\n\n**Green tea** is a [drink](http://tea.example/a). More.",
                "Tea Green tea is a drink",
                "## Tea\n\n**Green tea** is a [drink",
            ),
            (
                "It's at 10:30, not 11.",
                "Its at ten thirty not",
                "It's at 10:30, not",
            ),
            ("no no no stop", "no no", "no no"),
            (
                "The cat saw the dog, and the dog saw the cat.",
                "The cat saw the dog and",
                "The cat saw the dog, and",
            ),
            ("会议在明天上午十点半。请准时。", "会议在明天", "会议在明天"),
            ("- 好的，好的，明白。", "好的好", "- 好的，好"),
            ("用 Rust 写的程序", "用rust写", "用 Rust 写"),
            ("Alpha beta.", "something else entirely", ""),
            (
                "Look:\n```\na b c d e f g h i j k l\n```\nThat is the code.",
                "Look. That is the",
                "Look:\n```\na b c d e f g h i j k l\n```\nThat is the",
            ),
        ] {
            assert_eq!(part(text, heard), expected, "{heard}");
        }
    }

    #[test]
    fn the_last_word_is_shown_without_what_is_not_said() {
        for (heard, expected) in [
            ("It is noon.", "noon"),
            ("It is", "is"),
            ("“Don't,” ", "Don't"),
            ("会议在明天上午，", "明天上午"),
            ("用 Rust 写", "写"),
            ("用 Rust", "Rust"),
            ("…", ""),
            ("", ""),
        ] {
            assert_eq!(last_word(heard), expected, "{heard}");
        }
    }

    proptest! {
        #[test]
        fn what_is_found_is_the_beginning_of_the_text(text in ".{0,80}", heard in ".{0,80}") {
            prop_assert!(text.starts_with(part(&text, &heard)));
            prop_assert!(heard.contains(last_word(&heard)));
        }

        #[test]
        fn a_plain_text_is_heard_as_far_as_it_was_said(
            words in prop::collection::vec("[a-z]{1,6}|[好的明天]", 1..30),
            count in 0..30_usize,
        ) {
            let count = count.min(words.len());
            let heard = words[..count].join(" ");
            let text = words.join(" ");
            prop_assert_eq!(part(&text, &heard), heard);
        }
    }

    #[test]
    fn every_word_of_a_text_comes_once() {
        for (text, expected) in [
            (
                "It is noon. Really?",
                vec!["It ", "is ", "noon. ", "Really?"],
            ),
            (
                "会议在十点。Ok then",
                vec!["会", "议", "在", "十", "点。", "Ok ", "then"],
            ),
            ("", vec![]),
        ] {
            assert_eq!(each_word(text), expected);
        }
    }
}
