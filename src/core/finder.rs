//! A search in the open conversation: what is looked for, how often it is there, and which of
//! these places is shown.
//!
//! Letters are compared without regard to case, and nothing else is interpreted. Where a place is
//! on the screen is the view's to find out.

use super::composer::Composer;
use super::ids::MessageId;
use super::transcript::Message;
use std::ops::Range;

/// A search in the open conversation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finder {
    pub query: Composer,
    /// The messages that hold it, oldest first, and how often each does.
    pub hits: Vec<(MessageId, usize)>,
    /// The place that is shown: which of the hits, and which of the places in it.
    pub chosen: Option<(usize, usize)>,
    /// The chosen place is to be brought onto the screen.
    pub seeks: bool,
}

impl Finder {
    /// Looks through the messages anew. The chosen place stays where it is as long as the words are
    /// there, else the last place is chosen.
    pub fn look(&mut self, messages: &[Message]) {
        let before = self.place();
        let query = self.query.text();
        self.hits = messages
            .iter()
            .map(|message| (message.id, occurrences(&message.text, query).count()))
            .filter(|(_, count)| *count > 0)
            .collect();
        let known = before.and_then(|(message, nth)| {
            let at = self.hits.iter().position(|(id, _)| *id == message)?;
            Some((at, nth.min(self.hits.get(at)?.1 - 1)))
        });
        let last = || {
            let at = self.hits.len().checked_sub(1)?;
            Some((at, self.hits.get(at)?.1 - 1))
        };
        self.chosen = known.or_else(last);
        self.seeks = true;
    }

    /// The next place, or the one before; after the last comes the first.
    pub fn step(&mut self, forth: bool) {
        let Some((at, nth)) = self.chosen else {
            return;
        };
        let count = |at: usize| self.hits.get(at).map_or(1, |hit| hit.1);
        let last = self.hits.len().saturating_sub(1);
        self.chosen = Some(match forth {
            true if nth + 1 < count(at) => (at, nth + 1),
            true if at < last => (at + 1, 0),
            true => (0, 0),
            false if nth > 0 => (at, nth - 1),
            false => {
                let before = at.checked_sub(1).unwrap_or(last);
                (before, count(before) - 1)
            }
        });
        self.seeks = true;
    }

    /// The message of the chosen place, and which of the places in it that is.
    pub fn place(&self) -> Option<(MessageId, usize)> {
        let (at, nth) = self.chosen?;
        Some((self.hits.get(at)?.0, nth))
    }

    /// The number of the chosen place, counted from one, and how many there are.
    pub fn count(&self) -> (usize, usize) {
        let counts = |hits: &[(MessageId, usize)]| hits.iter().map(|hit| hit.1).sum();
        let number = self.chosen.map_or(0, |(at, nth)| {
            counts(self.hits.get(..at).unwrap_or_default()) + nth + 1
        });
        (number, counts(&self.hits))
    }
}

/// Where in the text the words are, as byte ranges that do not overlap.
pub fn occurrences<'a>(text: &'a str, words: &str) -> impl Iterator<Item = Range<usize>> + use<'a> {
    let words: Vec<char> = words.chars().map(fold).collect();
    let mut from = 0;
    std::iter::from_fn(move || {
        let first = *words.first()?;
        let rest = text.get(from..)?;
        for (at, c) in rest.char_indices() {
            if fold(c) != first {
                continue;
            }
            let mut letters = rest.get(at..)?.char_indices();
            let holds = words
                .iter()
                .all(|wanted| letters.next().is_some_and(|(_, c)| fold(c) == *wanted));
            if holds {
                let start = from + at;
                let end = letters
                    .next()
                    .map_or(text.len(), |(behind, _)| start + behind);
                from = end;
                return Some(start..end);
            }
        }
        None
    })
}

fn fold(c: char) -> char {
    if c.is_ascii() {
        c.to_ascii_lowercase()
    } else {
        c.to_lowercase().next().unwrap_or(c)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::ids::TurnId;
    use crate::core::time::Wall;
    use crate::core::transcript::Role;
    use proptest::prelude::*;

    fn said(id: u128, text: &str) -> Message {
        Message {
            text: text.into(),
            ..Message::new(MessageId(id), TurnId(id), Role::User, Wall(0))
        }
    }

    #[test]
    fn words_are_found_without_regard_to_case() {
        let table: &[(&str, &str, &[Range<usize>])] = &[
            ("Tea, tea and TEAM", "tea", &[0..3, 5..8, 13..16]),
            ("aaaa", "aa", &[0..2, 2..4]),
            ("Ärger über ÜBER", "über", &[7..12, 13..18]),
            ("雨伞和雨", "雨", &[0..3, 9..12]),
            ("a*b*c", "*", &[1..2, 3..4]),
            ("abc", "", &[]),
            ("", "a", &[]),
        ];
        for (text, words, expected) in table {
            let found: Vec<_> = occurrences(text, words).collect();
            assert_eq!(found, *expected, "{text} {words}");
        }
    }

    #[test]
    fn a_search_begins_at_the_end_goes_round_and_keeps_its_place() {
        let messages = [said(1, "tea tea"), said(2, "none"), said(3, "Tea")];
        let mut finder = Finder::default();
        finder.query.insert("te");
        finder.look(&messages);
        assert_eq!(
            (finder.place(), finder.count()),
            (Some((MessageId(3), 0)), (3, 3))
        );
        let mut seen = vec![];
        for forth in [true, false, false, false, true] {
            finder.step(forth);
            seen.push(finder.count().0);
        }
        assert_eq!(seen, [1, 3, 2, 1, 2]);
        finder.query.insert("a");
        finder.look(&messages);
        assert_eq!(finder.place(), Some((MessageId(1), 1)));
        finder.query.insert("x");
        finder.look(&messages);
        assert_eq!((finder.place(), finder.count()), (None, (0, 0)));
        finder.step(true);
        assert_eq!(finder.place(), None);
    }

    proptest! {
        #[test]
        fn any_words_in_any_text_are_found_where_they_are(text in ".{0,40}", words in ".{0,3}") {
            let mut end = 0;
            for found in occurrences(&text, &words) {
                prop_assert!(found.start >= end && found.end <= text.len());
                prop_assert!(text.get(found.clone()).is_some());
                end = found.end;
            }
        }
    }
}
