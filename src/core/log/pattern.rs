//! What is searched for in a log: a word, or a regular expression.
//!
//! Pure. As in most pagers, small letters (of ASCII) also find capitals, and a capital is meant as one. Words
//! are looked for directly, which is many times quicker than an expression; an expression is asked only
//! of lines that hold what every match of it has to hold.

use memchr::memmem::Finder;
use regex_lite::{Regex, RegexBuilder};

/// Characters that make an expression of a word.
const SPECIAL: &[char] = &[
    '\\', '.', '+', '*', '?', '(', ')', '|', '[', ']', '{', '}', '^', '$',
];
/// An expression that would take more memory than this is refused.
const LARGEST: usize = 1 << 20;

/// Something to search for.
#[derive(Clone, Debug)]
pub struct Pattern(Way);

#[derive(Clone, Debug)]
enum Way {
    /// Exactly these bytes.
    Exact(Box<Finder<'static>>, usize),
    /// These letters of ASCII, small, in any case.
    AnyCase(Vec<u8>),
    /// No line matches that does not hold the other one.
    Expression(Regex, Option<Box<Self>>),
}

/// The text is no regular expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no regular expression: {why}")]
pub struct NotAPattern {
    pub text: String,
    pub why: String,
}

impl Pattern {
    /// Reads what somebody typed; nothing for nothing.
    pub fn read(text: &str) -> Result<Option<Self>, NotAPattern> {
        if text.is_empty() {
            return Ok(None);
        }
        let any_case = !text.chars().any(char::is_uppercase);
        if !text.contains(SPECIAL)
            && let Some(way) = Way::direct(text, any_case)
        {
            return Ok(Some(Self(way)));
        }
        let mut builder = RegexBuilder::new(text);
        builder.case_insensitive(any_case).size_limit(LARGEST);
        let built = builder.build().map_err(|error| NotAPattern {
            text: text.to_owned(),
            why: error.to_string(),
        })?;
        let needs = needed(text).and_then(|word| Way::direct(&word, any_case));
        Ok(Some(Self(Way::Expression(built, needs.map(Box::new)))))
    }

    /// Whether a line holds it.
    pub fn is_in(&self, line: &[u8]) -> bool {
        self.0.is_in(line)
    }

    /// Where a text holds it, in bytes, from the left, but no more than so many.
    pub fn places(&self, text: &str, most: usize) -> Vec<(usize, usize)> {
        match &self.0 {
            Way::Exact(finder, long) => finder
                .find_iter(text.as_bytes())
                .map(|at| (at, at + long))
                .take(most)
                .collect(),
            Way::AnyCase(word) => {
                let mut places = vec![];
                let mut from = 0;
                while let Some(rest) = text.as_bytes().get(from..)
                    && let Some(at) = find_any_case(rest, word)
                    && places.len() < most
                {
                    places.push((from + at, from + at + word.len()));
                    from += at + word.len();
                }
                places
            }
            Way::Expression(regex, _) => regex
                .find_iter(text)
                .map(|found| (found.start(), found.end()))
                .filter(|(start, end)| start < end)
                .take(most)
                .collect(),
        }
    }
}

impl Way {
    /// A word without an expression, where that can be looked for.
    fn direct(word: &str, any_case: bool) -> Option<Self> {
        if !any_case || !word.chars().any(char::is_alphabetic) {
            let finder = Box::new(Finder::new(word.as_bytes()).into_owned());
            return Some(Self::Exact(finder, word.len()));
        }
        word.is_ascii()
            .then(|| Self::AnyCase(word.as_bytes().to_vec()))
    }

    fn is_in(&self, line: &[u8]) -> bool {
        match self {
            Self::Exact(finder, _) => finder.find(line).is_some(),
            Self::AnyCase(word) => find_any_case(line, word).is_some(),
            Self::Expression(regex, needs) => {
                needs.as_ref().is_none_or(|needs| needs.is_in(line))
                    && regex.is_match(&String::from_utf8_lossy(line))
            }
        }
    }
}

/// The longest word that every match of an expression holds, as far as its beginning tells: what is
/// in groups, what may be left out, and whatever else is not plain counts for nothing.
fn needed(expression: &str) -> Option<String> {
    // One side of it is enough, or the rest means something else.
    if expression.contains('|') || expression.contains("(?") {
        return None;
    }
    let mut words = vec![String::new()];
    let mut rest = expression.chars();
    while let Some(c) = rest.next() {
        let word = words.last_mut()?;
        match c {
            '\\' => match rest.next()? {
                // The edges of words.
                '<' | '>' => words.push(String::new()),
                escaped if escaped.is_ascii_punctuation() => word.push(escaped),
                'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'n' | 'r' | 't' => words.push(String::new()),
                _ => break,
            },
            // What was before it may not be there.
            '?' | '*' => {
                word.pop();
                words.push(String::new());
            }
            '{' => {
                word.pop();
                words.push(String::new());
                rest.find(|c| *c == '}')?;
            }
            '[' => {
                words.push(String::new());
                let class = rest.as_str();
                let inner = class.strip_prefix('^').unwrap_or(class);
                // As the first of its members, a bracket does not end it.
                let end = inner.get(1..)?.find(']')? + 1;
                if inner.get(..end)?.contains(['[', '\\']) {
                    break;
                }
                rest = inner.get(end + 1..)?.chars();
            }
            '(' => break,
            '.' | '+' | '^' | '$' => words.push(String::new()),
            plain if plain.is_ascii() => word.push(plain),
            _ => words.push(String::new()),
        }
    }
    let longest = words.into_iter().max_by_key(String::len)?;
    (!longest.is_empty()).then_some(longest)
}

fn find_any_case(text: &[u8], word: &[u8]) -> Option<usize> {
    let (first, rest) = word.split_first()?;
    let mut from = 0;
    loop {
        let here = text.get(from..)?;
        let at = memchr::memchr2(*first, first.to_ascii_uppercase(), here)?;
        let begins = from + at;
        let after = text.get(begins + 1..begins + 1 + rest.len())?;
        if after.eq_ignore_ascii_case(rest) {
            return Some(begins);
        }
        from = begins + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn places(pattern: &str, text: &str) -> Vec<(usize, usize)> {
        let pattern = Pattern::read(pattern).unwrap().unwrap();
        let places = pattern.places(text, 9);
        assert_eq!(pattern.is_in(text.as_bytes()), !places.is_empty());
        places
    }

    #[test]
    fn a_word_or_an_expression_is_found_where_it_is() {
        for (pattern, text, expected) in [
            ("cat", "Cat, cat, CAT", vec![(0, 3), (5, 8), (10, 13)]),
            ("Cat", "Cat, cat", vec![(0, 3)]),
            ("c.t", "cut Cat", vec![(0, 3), (4, 7)]),
            ("^a+$", "aaa", vec![(0, 3)]),
            ("磁盘", "写入失败：磁盘已满", vec![(15, 21)]),
            ("é", "CAFÉ café", vec![(9, 11)]),
            ("12:00", "at 12:00", vec![(3, 8)]),
            ("dog", "cat", vec![]),
            ("aab", "aaab", vec![(1, 4)]),
        ] {
            assert_eq!(places(pattern, text), expected, "{pattern}");
        }
    }

    #[test]
    fn what_is_no_expression_says_why() {
        assert!(Pattern::read("").unwrap().is_none());
        let error = Pattern::read("a(b").unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("`a(b` is no regular expression: ")
        );
        // One that would need the whole memory is refused as well.
        assert!(Pattern::read("(?:a{1000}){1000}").is_err());
    }

    #[test]
    fn what_every_match_holds_is_known() {
        for (expression, expected) in [
            ("took 9[0-9]{2} ms", Some("took 9")),
            (r"10\.0\.7\.\d+ path", Some("10.0.7.")),
            ("colou?r", Some("colo")),
            ("ab+c", Some("ab")),
            ("a{0,2}bc", Some("bc")),
            ("[^]x]yes", Some("yes")),
            ("(a)?", None),
            ("one|other", None),
            ("(?i)word", None),
            (r"\x41b", None),
            ("a?", None),
            ("磁盘.满", None),
        ] {
            assert_eq!(needed(expression).as_deref(), expected, "{expression}");
        }
    }

    proptest! {
        #[test]
        fn what_is_asked_first_hides_no_match(
            expression in r"([abA1 .^$]|\\[.dwb<]|[ab][?*+]|[ab]\{0,2\}|\[\^?[\]ab][ab-]?\]|\([ab]\)\??){1,6}",
            text in "[abAB1 .\\]\\-]{0,12}",
        ) {
            if let Ok(Some(Pattern(Way::Expression(regex, needs)))) = Pattern::read(&expression) {
                let found = regex.is_match(&text);
                let pattern = Pattern(Way::Expression(regex, needs));
                prop_assert_eq!(pattern.is_in(text.as_bytes()), found, "{}", expression);
            }
        }

        #[test]
        fn any_pattern_and_any_text_are_taken(pattern in ".{0,9}", text in ".{0,40}") {
            if let Ok(Some(pattern)) = Pattern::read(&pattern) {
                for (from, to) in pattern.places(&text, 5) {
                    prop_assert!(text.get(from..to).is_some());
                }
            }
        }
    }
}
