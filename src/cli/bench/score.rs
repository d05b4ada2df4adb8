//! How far what was heard is from what was said. Pure.

/// Mistakes, and how many words or characters there were to make them in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Score {
    pub(super) wrong: usize,
    pub(super) of: usize,
}

impl Score {
    /// Of pieces that were said and pieces that were heard.
    fn of<T: PartialEq>(said: &[T], heard: &[T]) -> Self {
        Self {
            wrong: distance(said, heard),
            of: said.len(),
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.wrong += other.wrong;
        self.of += other.of;
    }

    /// In percent, with a place behind the point.
    pub(super) fn percent(self) -> String {
        format!("{:.1}", self.wrong as f64 * 100.0 / self.of.max(1) as f64)
    }

    /// From 0 on; more was heard than said where it is above 1.
    pub(super) fn share(self) -> f64 {
        self.wrong as f64 / self.of.max(1) as f64
    }
}

/// The mistakes in words, and those in characters.
pub(super) fn score(said: &str, heard: &str) -> (Score, Score) {
    let (said, heard) = (words(said), words(heard));
    let characters = |words: &[String]| words.concat().chars().collect::<Vec<_>>();
    (
        Score::of(&said, &heard),
        Score::of(&characters(&said), &characters(&heard)),
    )
}

/// The words as they are compared: in small letters, without punctuation and without apostrophes;
/// a character of a script without spaces is a word.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![];
    let mut open = false;
    for c in text.chars() {
        // Wide letters and figures are the usual ones.
        let c = match c as u32 {
            wide @ 0xff01..=0xff5e => char::from_u32(wide - 0xfee0).unwrap_or(c),
            _ => c,
        };
        if is_wide(c) {
            words.push(c.to_string());
            open = false;
        } else if c.is_alphanumeric() {
            let small = c.to_lowercase();
            match words.last_mut() {
                Some(word) if open => word.extend(small),
                _ => words.push(small.collect()),
            }
            open = true;
        } else if !matches!(c, '\'' | '’') {
            open = false;
        }
    }
    words
}

fn is_wide(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}')
}

/// How many pieces have to be put in, taken out or replaced.
fn distance<T: PartialEq>(one: &[T], other: &[T]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (nth, left) in one.iter().enumerate() {
        let mut corner = nth;
        let mut before = nth + 1;
        if let Some(first) = row.first_mut() {
            *first = before;
        }
        for (place, right) in row.iter_mut().skip(1).zip(other) {
            let replaced = corner + usize::from(left != right);
            corner = *place;
            before = replaced.min(corner + 1).min(before + 1);
            *place = before;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn mistakes_are_counted_in_words_and_in_characters() {
        let table = [
            ("", "", (0, 0), (0, 0)),
            ("What time is it?", "what time is it", (0, 4), (0, 12)),
            ("Don't stop", "dont stop", (0, 2), (0, 8)),
            ("one two three", "one three", (1, 3), (3, 11)),
            ("one", "one two", (1, 1), (3, 3)),
            ("yes", "no", (1, 1), (3, 3)),
            ("现在几点？", "现在 几点", (0, 4), (0, 4)),
            ("现在几点", "现在六点", (1, 4), (1, 4)),
            ("用Wi-Fi上网", "用 wi fi 上网", (0, 5), (0, 7)),
            ("ＡＢＣ１２", "abc12", (0, 1), (0, 5)),
            ("3.5", "3 5", (0, 2), (0, 2)),
            ("", "noise", (1, 0), (5, 0)),
        ];
        for (said, heard, words, characters) in table {
            let (in_words, in_characters) = score(said, heard);
            assert_eq!((in_words.wrong, in_words.of), words, "{said}");
            assert_eq!(
                (in_characters.wrong, in_characters.of),
                characters,
                "{said}"
            );
        }
        assert_eq!(Score { wrong: 1, of: 8 }.percent(), "12.5");
        assert_eq!(Score::default().percent(), "0.0");
    }

    proptest! {
        #[test]
        fn a_text_is_no_mistake_and_mistakes_count_both_ways(one in "[a-c 你好]{0,12}", other in "[a-c 你好]{0,12}") {
            prop_assert_eq!(score(&one, &one).0.wrong, 0);
            prop_assert_eq!(score(&one, &other).0.wrong, score(&other, &one).0.wrong);
            let (words, _) = score(&one, &other);
            prop_assert!(words.wrong <= score(&one, "").0.wrong.max(score(&other, "").0.wrong));
        }
    }
}
