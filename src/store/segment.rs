//! Cuts text into the words that the search index knows, and a search into the phrases it asks
//! for. Pure.
//!
//! Chinese, Japanese, Korean and some other scripts put no spaces between words. Each of their
//! characters becomes a word of its own here, and a search for several becomes a phrase: what
//! stands together in the question must stand together in the message.

/// More words than this in one search are left out: nobody types them, and a pasted page should
/// not become an expression that the index refuses.
const MOST_WORDS: usize = 24;

/// More pieces than this in one word are left out, for the same reason.
const MOST_PIECES: usize = 64;

/// The text as the search index takes it: folded words with one space between them.
pub(super) fn segmented(text: &str) -> String {
    let mut segmented = String::with_capacity(text.len() + text.len() / 3);
    for (start, end) in pieces(text) {
        if !segmented.is_empty() {
            segmented.push(' ');
        }
        segmented.extend(text.get(start..end).into_iter().flat_map(folded));
    }
    segmented
}

/// What is searched for: every phrase must be in the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Query {
    phrases: Vec<Phrase>,
}

/// Words that must follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Phrase {
    words: Vec<String>,
    /// The last word may go on: it may still be being typed.
    begins: bool,
}

impl Query {
    /// Reads what the user typed. `None` when no word is in it.
    pub(super) fn new(typed: &str) -> Option<Self> {
        let mut phrases: Vec<Phrase> = typed
            .split_whitespace()
            .map(|word| Phrase {
                words: pieces(word)
                    .take(MOST_PIECES)
                    .filter_map(|(start, end)| word.get(start..end))
                    .map(|piece| folded(piece).collect())
                    .collect(),
                begins: false,
            })
            .filter(|phrase| !phrase.words.is_empty())
            .take(MOST_WORDS)
            .collect();
        let last = phrases.last_mut()?;
        // A character of a script without spaces has nothing to go on with, and one letter begins
        // a tenth of all words: either is looked for as it is, from one list of the index.
        last.begins = last
            .words
            .last()
            .is_some_and(|word| word.chars().nth(1).is_some());
        Some(Self { phrases })
    }

    /// The same in the language of FTS5. Only letters, digits and marks get into the quotes, so
    /// nothing the user types can be an operator.
    pub(super) fn expression(&self) -> String {
        let phrases = self.phrases.iter().map(|phrase| {
            let star = if phrase.begins { "*" } else { "" };
            format!("\"{}\"{star}", phrase.words.join(" "))
        });
        phrases.collect::<Vec<_>>().join(" ")
    }

    /// The same in the language of PostgreSQL.
    pub(super) fn shared_expression(&self) -> String {
        let phrases = self.phrases.iter().map(|phrase| {
            let words = phrase.words.iter().map(|word| format!("'{word}'"));
            let star = if phrase.begins { ":*" } else { "" };
            words.collect::<Vec<_>>().join(" <-> ") + star
        });
        phrases.collect::<Vec<_>>().join(" & ")
    }

    /// Where in `text` a phrase begins at piece `first` of `pieces`, and where it ends.
    pub(super) fn matches(
        &self,
        text: &str,
        pieces: &[(usize, usize)],
        first: usize,
    ) -> Option<(usize, usize)> {
        self.phrases
            .iter()
            .filter_map(|phrase| phrase.matches(text, pieces.get(first..)?))
            .max_by_key(|(_, end)| *end)
    }
}

impl Phrase {
    fn matches(&self, text: &str, pieces: &[(usize, usize)]) -> Option<(usize, usize)> {
        let here = pieces.get(..self.words.len())?;
        let last = self.words.len() - 1;
        let all = here
            .iter()
            .zip(&self.words)
            .enumerate()
            .all(|(n, (piece, word))| {
                let Some(piece) = text.get(piece.0..piece.1) else {
                    return false;
                };
                let mut piece = folded(piece);
                word.chars().all(|c| piece.next() == Some(c))
                    && (self.begins && n == last || piece.next().is_none())
            });
        let (first, last) = (here.first()?, here.last()?);
        all.then_some((first.0, last.1))
    }
}

/// The byte ranges of the words of a text.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut rest = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let (start, first) = rest.find(|(_, c)| c.is_alphanumeric())?;
        let mut end = start + first.len_utf8();
        if !stands_alone(first) {
            while let Some((at, c)) = rest.next_if(|(_, c)| goes_on(*c)) {
                end = at + c.len_utf8();
            }
        }
        Some((start, end))
    })
}

fn goes_on(c: char) -> bool {
    is_accent(c) || c.is_alphanumeric() && !stands_alone(c)
}

const fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// Does this character make a word of its own? True for scripts written without spaces.
const fn stands_alone(c: char) -> bool {
    matches!(c,
        // Thai and Lao, Burmese, Khmer.
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        // Hangul.
        | '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{a960}'..='\u{a97f}'
        | '\u{ac00}'..='\u{d7ff}'
        // Kana and Bopomofo, wide and narrow.
        | '\u{3040}'..='\u{312f}' | '\u{31a0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}'
        | '\u{1aff0}'..='\u{1b16f}'
        // Han.
        | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The characters of a word without case and accents. The index is fed these and excerpts compare
/// them, so what is marked agrees with what was found.
fn folded(word: &str) -> impl Iterator<Item = char> {
    word.chars()
        .flat_map(char::to_lowercase)
        .filter(|c| !is_accent(*c))
        .map(plain)
}

/// The letter under the accent.
fn plain(c: char) -> char {
    if c.is_ascii() || !matches!(c, 'à'..='ȳ' | 'ḁ'..='ỹ') {
        return c;
    }
    LETTERS
        .iter()
        .find(|(_, accented)| accented.contains(c))
        .map_or(c, |(letter, _)| *letter)
}

/// Small letters and what they look like with accents, for the languages that write them as one
/// character.
const LETTERS: &[(char, &str)] = &[
    ('a', "àáâãäåāăąǎạảấầẩẫậắằẳẵặ"),
    ('c', "çćĉċč"),
    ('d', "ď"),
    ('e', "èéêëēĕėęěẹẻẽếềểễệ"),
    ('g', "ĝğġģ"),
    ('h', "ĥ"),
    ('i', "ìíîïĩīĭįǐỉị"),
    ('j', "ĵ"),
    ('k', "ķ"),
    ('l', "ĺļľ"),
    ('n', "ñńņňǹ"),
    ('o', "òóôõöōŏőơǒọỏốồổỗộớờởỡợ"),
    ('r', "ŕŗř"),
    ('s', "śŝşšș"),
    ('t', "ţťț"),
    ('u', "ùúûüũūŭůűųưǔǖǘǚǜụủứừửữự"),
    ('w', "ŵ"),
    ('y', "ýÿŷỳỵỷỹ"),
    ('z', "źżž"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn scripts_without_spaces_are_taken_apart_and_others_are_not() {
        for (text, expected) in [
            ("", ""),
            ("Hello, World!", "hello world"),
            ("明天下雨吗？", "明 天 下 雨 吗"),
            ("用Rust写的 TUI", "用 rust 写 的 tui"),
            ("こんにちは、カフェ", "こ ん に ち は カ フ ェ"),
            ("안녕 하세요", "안 녕 하 세 요"),
            ("Café re\u{301}sume\u{301} Nguyễn", "cafe resume nguyen"),
            ("don't 3.14 C++", "don t 3 14 c"),
            ("\"AND\" OR (NOT *)", "and or not"),
            ("👍\u{1b}[2J", "2j"),
        ] {
            assert_eq!(segmented(text), expected, "{text}");
        }
    }

    #[test]
    fn a_search_becomes_phrases_and_only_an_unfinished_last_word_may_go_on() {
        for (typed, expected) in [
            ("", None),
            (" \t ?!\" * ", None),
            ("tea", Some("\"tea\"*")),
            ("Green tea", Some("\"green\" \"tea\"*")),
            ("下雨", Some("\"下 雨\"")),
            ("明天 rain", Some("\"明 天\" \"rain\"*")),
            ("don't", Some("\"don t\"")),
            ("tea\" OR \"x", Some("\"tea\" \"or\" \"x\"")),
            (
                "text:tea NEAR(a b) ^c",
                Some("\"text tea\" \"near a\" \"b\" \"c\""),
            ),
        ] {
            let expression = Query::new(typed).map(|query| query.expression());
            assert_eq!(expression.as_deref(), expected, "{typed}");
        }
    }

    #[test]
    fn a_pasted_page_is_no_endless_expression() {
        let page = "word ".repeat(10_000);
        let expression = Query::new(&page).map(|query| query.expression().len());
        assert_eq!(expression, Some(MOST_WORDS * 7));
        let line = "好".repeat(10_000);
        let expression = Query::new(&line).map(|query| query.expression().len());
        assert_eq!(expression, Some(MOST_PIECES * 4 + 1));
    }

    proptest! {
        #[test]
        fn any_text_is_cut_on_character_bounds_and_in_order(
            text in prop::collection::vec(any::<char>(), 0..80)
        ) {
            let text: String = text.into_iter().collect();
            let mut end = 0;
            for piece in pieces(&text) {
                prop_assert!(end <= piece.0 && piece.0 < piece.1);
                prop_assert!(text.get(piece.0..piece.1).is_some());
                end = piece.1;
            }
        }
    }
}
