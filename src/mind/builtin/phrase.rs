//! Matches sentences against phrases: fixed words, choices between words, and blanks.
//!
//! `(what's|what is) the time in {}`: a choice may be empty, a blank takes at least one character,
//! `{}` as few and `{+}` as many as make sense.
//! A phrase matches the whole sentence or not at all; that is what keeps a sentence that merely
//! mentions the time from being taken for a question about it.

use crate::mind::tools::numeral::folded;
use std::cmp::Reverse;

/// A sentence made ready for matching: widths and cases alike, courtesies and the final
/// punctuation gone. What blanks take is given back as it was written.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    /// Each character as matched, and where it stands in `source`.
    characters: Vec<(char, usize)>,
    source: Vec<char>,
    /// It ended with a question mark.
    pub(super) asks: bool,
}

impl Heard {
    /// White space becomes one space; with `close` it goes altogether, as between Chinese
    /// characters.
    pub(super) fn new(text: &str, close: bool) -> Self {
        let source: Vec<char> = text.trim().chars().collect();
        let mut characters: Vec<(char, usize)> = Vec::new();
        for (at, written) in source.iter().enumerate() {
            let matched = folded(*written);
            if !matched.is_whitespace() {
                characters.push((matched, at));
            } else if !close && characters.last().is_some_and(|(last, _)| *last != ' ') {
                characters.push((' ', at));
            }
        }
        let asks = characters.last().is_some_and(|(last, _)| *last == '?');
        let mut heard = Self {
            characters,
            source,
            asks,
        };
        heard.trim_end();
        heard
    }

    fn trim_end(&mut self) {
        while let Some(((last, _), before)) = self.characters.split_last() {
            // "5!" is a factorial.
            let factorial = *last == '!'
                && before
                    .last()
                    .is_some_and(|(digit, _)| digit.is_ascii_digit() || *digit == ')');
            let ends = matches!(last, '.' | '!' | '?' | '~' | ' ' | '…' | ',' | '=');
            if factorial || !ends {
                return;
            }
            self.characters.pop();
        }
    }

    /// Takes courtesies off both ends, as long as something is left.
    pub(super) fn without(mut self, starts: &[&str], ends: &[&str]) -> Self {
        let matched =
            |characters: &[(char, usize)]| characters.iter().map(|(c, _)| *c).collect::<String>();
        while let Some(length) = starts.iter().find_map(|start| {
            let length = start.chars().count();
            let taken = self.characters.get(..length).map(matched)?;
            (taken == **start && self.characters.len() > length).then_some(length)
        }) {
            self.characters.drain(..length);
            let starts = |(matched, _): &(char, usize)| matches!(matched, ',' | ' ');
            while self.characters.first().is_some_and(starts) {
                self.characters.remove(0);
            }
        }
        while let Some(length) = ends.iter().find_map(|end| {
            let length = self.characters.len().checked_sub(end.chars().count())?;
            let taken = self.characters.get(length..).map(matched)?;
            (taken == **end && length > 0).then_some(length)
        }) {
            self.characters.truncate(length);
            self.trim_end();
        }
        self
    }

    /// The characters as they are matched.
    pub(super) fn matched(&self) -> String {
        self.characters
            .iter()
            .map(|(matched, _)| *matched)
            .collect()
    }

    /// Some of the characters as they were written, with single spaces.
    fn written(&self, characters: &[(char, usize)]) -> String {
        let ends = characters.first().zip(characters.last());
        let range = ends.and_then(|((_, first), (_, last))| self.source.get(*first..=*last));
        let text: String = range.unwrap_or_default().iter().collect();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub(super) fn len(&self) -> usize {
        self.characters.len()
    }
}

/// A piece of a phrase.
enum Part<'a> {
    Words(&'a str),
    Choice(Vec<&'a str>),
    Blank { long: bool },
}

fn parts(phrase: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = phrase;
    while let Some((words, after)) = rest.split_once(['(', '{']) {
        parts.push(Part::Words(words));
        if let Some(after) = after.strip_prefix('}') {
            parts.push(Part::Blank { long: false });
            rest = after;
        } else if let Some(after) = after.strip_prefix("+}") {
            parts.push(Part::Blank { long: true });
            rest = after;
        } else {
            let (choice, after) = after.split_once(')').unwrap_or((after, ""));
            let mut choice: Vec<&str> = choice.split('|').collect();
            // The longest first, so that a blank after it gets no part of it.
            choice.sort_by_key(|words| Reverse(words.chars().count()));
            parts.push(Part::Choice(choice));
            rest = after;
        }
    }
    parts.push(Part::Words(rest));
    parts
}

/// Matches a phrase and hands what its blanks take to `make`; where that makes nothing of it,
/// the other ways to fill the blanks are tried.
pub(super) fn matched<T>(
    phrase: &str,
    heard: &Heard,
    make: &dyn Fn(&[String]) -> Option<T>,
) -> Option<T> {
    step(
        &parts(phrase),
        heard,
        &heard.characters,
        &mut Vec::new(),
        make,
    )
}

fn step<T>(
    parts: &[Part<'_>],
    heard: &Heard,
    rest: &[(char, usize)],
    blanks: &mut Vec<String>,
    make: &dyn Fn(&[String]) -> Option<T>,
) -> Option<T> {
    let Some((part, parts)) = parts.split_first() else {
        return rest.is_empty().then(|| make(blanks)).flatten();
    };
    match part {
        Part::Words(words) => step(parts, heard, after(rest, words)?, blanks, make),
        Part::Choice(choice) => choice.iter().find_map(|words| {
            let rest = after(rest, words)?;
            step(parts, heard, rest, blanks, make)
        }),
        Part::Blank { long } => {
            let last = parts.iter().all(|part| matches!(part, Part::Words("")));
            let shortest = if last { rest.len().max(1) } else { 1 };
            let lengths = shortest..=rest.len();
            let mut fill = |length: usize| {
                let (taken, rest) = rest.split_at_checked(length)?;
                let gap =
                    |at: Option<&(char, usize)>| at.is_some_and(|(matched, _)| *matched == ' ');
                if gap(taken.first()) || gap(taken.last()) {
                    return None;
                }
                // Cheap to rule out before the text is copied.
                if let Some(Part::Words(words)) = parts.first() {
                    after(rest, words)?;
                }
                blanks.push(heard.written(taken));
                let found = step(parts, heard, rest, blanks, make);
                blanks.pop();
                found
            };
            if *long {
                lengths.rev().find_map(&mut fill)
            } else {
                lengths.into_iter().find_map(&mut fill)
            }
        }
    }
}

fn after<'a>(text: &'a [(char, usize)], words: &str) -> Option<&'a [(char, usize)]> {
    let mut rest = text;
    for expected in words.chars() {
        let ((matched, _), after) = rest.split_first()?;
        if *matched != expected {
            return None;
        }
        rest = after;
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blanks(phrase: &str, text: &str) -> Option<Vec<String>> {
        matched(phrase, &Heard::new(text, false), &|blanks| {
            Some(blanks.to_vec())
        })
    }

    #[test]
    fn a_phrase_matches_all_of_a_sentence_or_nothing() {
        let table: [(&str, &str, Option<&[&str]>); 9] = [
            ("time", "Time?", Some(&[])),
            ("time", "time flies", None),
            (
                "(what's|what is) the time",
                "What  IS the time?!",
                Some(&[]),
            ),
            ("time(| now)", "time now", Some(&[])),
            ("time in {}", "time in São Paulo", Some(&["São Paulo"])),
            ("time in {}", "time in", None),
            ("{} in {}", "5 in in cm", Some(&["5", "in cm"])),
            ("note: {}", "Note: call Bob, ok?", Some(&["call Bob, ok"])),
            ("{} timer", "  timer", None),
        ];
        for (phrase, text, expected) in table {
            let expected = expected.map(|blanks| blanks.iter().map(|b| (*b).to_owned()).collect());
            assert_eq!(blanks(phrase, text), expected, "{phrase} / {text}");
        }
    }

    #[test]
    fn other_fillings_are_tried_where_one_makes_no_sense() {
        let heard = Heard::new("5 in in cm", false);
        let made = matched("{} in {}", &heard, &|blanks| {
            (blanks.first()? == "5 in").then(|| blanks.to_vec())
        });
        assert_eq!(made, Some(vec!["5 in".to_owned(), "cm".to_owned()]));
    }

    #[test]
    fn courtesies_are_taken_off_unless_nothing_else_was_said() {
        let heard = |text| {
            let (starts, ends) = (["please ", "hey", "could you "], [" please", " thanks"]);
            Heard::new(text, false).without(&starts, &ends).matched()
        };
        assert_eq!(heard("Hey, could you please stop, thanks!"), "stop");
        assert_eq!(heard("hey"), "hey");
    }
}
