//! Cuts a sentence into clauses, each of which is made at once: short enough to be heard soon,
//! long enough to sound like speech. Pure.

/// A clause goes on over a comma until it has so many characters; a Chinese one counts three.
const SHORTEST: usize = 24;
/// No clause is longer: what takes memory is the longest.
const LONGEST: usize = 200;

/// The clauses of a text, each with the mark at its end.
pub(super) struct Clauses<'a> {
    rest: &'a str,
}

impl<'a> Clauses<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { rest: text }
    }
}

impl<'a> Iterator for Clauses<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        loop {
            self.rest = self.rest.trim_start();
            let length = length(self.rest);
            let (clause, rest) = self.rest.split_at_checked(length)?;
            self.rest = rest;
            if clause.is_empty() {
                return None;
            }
            if clause.contains(char::is_alphanumeric) {
                return Some(clause.trim_end());
            }
        }
    }
}

/// How many bytes the first clause has.
fn length(text: &str) -> usize {
    let (mut weight, mut space) = (0, None);
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let after = at + c.len_utf8();
        let apart = characters
            .peek()
            .is_none_or(|(_, next)| next.is_whitespace());
        weight += if c.is_ascii() { 1 } else { 3 };
        let ends = match c {
            '。' | '！' | '？' | '；' | '\n' => true,
            '.' | '!' | '?' | ';' => apart,
            '，' | '、' | '：' | '…' => weight >= SHORTEST,
            ',' | ':' => apart && weight >= SHORTEST,
            _ => false,
        };
        if ends {
            return after;
        }
        if c.is_whitespace() {
            space = Some(after);
        }
        if weight >= LONGEST {
            return space.unwrap_or(after);
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_sentence_is_cut_where_a_speaker_breathes() {
        let table: &[(&str, &[&str])] = &[
            ("", &[]),
            ("... ?", &[]),
            ("Hello there.", &["Hello there."]),
            ("Well, it is 3.14 or so.", &["Well, it is 3.14 or so."]),
            (
                "If you want to know the time, ask me! I know.",
                &["If you want to know the time,", "ask me!", "I know."],
            ),
            ("你好，世界。今天呢？", &["你好，世界。", "今天呢？"]),
            (
                "今天天气非常非常好，我们出去吧。",
                &["今天天气非常非常好，", "我们出去吧。"],
            ),
        ];
        for (text, clauses) in table {
            assert_eq!(Clauses::new(text).collect::<Vec<_>>(), *clauses);
        }
    }

    proptest! {
        #[test]
        fn no_clause_is_long_and_no_word_is_lost(text in "[a-z,.你好 ]{0,600}") {
            let clauses: Vec<&str> = Clauses::new(&text).collect();
            prop_assert!(clauses.iter().all(|clause| clause.chars().count() <= LONGEST));
            let words = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            prop_assert_eq!(words(&clauses.concat()), words(&text));
        }
    }
}
