//! How words are said, as a file beside a voice lists it: a word in each line, its sounds, and a tone
//! for each of them. It reads the file, and nothing else.

use crate::mind::engine::error::ModelError;
use std::fs;
use std::path::Path;

/// The largest file that is read: nine times the largest known.
const LARGEST: u64 = 64 << 20;
/// No word without spaces between its characters is longer, in characters.
const LONGEST: usize = 8;

/// The words of a voice. The file stays as it is, and where its lines are is kept beside it: taken
/// apart it would need many times the memory.
#[derive(Debug)]
pub(super) struct Lexicon {
    text: String,
    /// Where each line begins and how long it is, by their words.
    lines: Vec<(u32, u32)>,
}

/// How a word is said: its sounds, and the tone of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sounds<'a>(pub(super) Vec<(&'a str, u8)>);

impl Lexicon {
    pub(super) fn read(path: &Path) -> Result<Self, ModelError> {
        let damaged = |why: String| ModelError::Damaged {
            file: path.display().to_string(),
            why,
        };
        let about = fs::metadata(path).map_err(|error| damaged(error.to_string()))?;
        let bytes = about.len();
        if bytes > LARGEST {
            let why = format!("it has {bytes} bytes, which is no list of words");
            return Err(damaged(why));
        }
        let text = fs::read_to_string(path).map_err(|error| damaged(error.to_string()))?;
        let lexicon = Self::of(text);
        if lexicon.lines.is_empty() {
            return Err(damaged("it lists nothing".to_owned()));
        }
        Ok(lexicon)
    }

    fn of(text: String) -> Self {
        let begin = text.as_ptr() as usize;
        let place = |line: &str| {
            let at = line.as_ptr() as usize - begin;
            (at as u32, line.len() as u32)
        };
        let mut lines: Vec<(u32, u32)> = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(place)
            .collect();
        let word = |place: &(u32, u32)| first(line(&text, *place));
        // Of several ways to say a word the first one counts.
        lines.sort_by(|one, other| word(one).cmp(word(other)));
        lines.dedup_by(|later, first| word(later) == word(first));
        Self { text, lines }
    }

    /// How a word is said; nothing if it is not listed.
    pub(super) fn get(&self, word: &str) -> Option<Sounds<'_>> {
        let found = self
            .lines
            .binary_search_by(|place| first(line(&self.text, *place)).cmp(word));
        let place = self.lines.get(found.ok()?)?;
        let mut fields = line(&self.text, *place).split_whitespace();
        fields.next();
        let fields: Vec<&str> = fields.collect();
        let (sounds, tones) = fields.split_at(fields.len() / 2);
        let pairs: Vec<(&str, u8)> = (sounds.iter().zip(tones))
            .map(|(sound, tone)| Some((*sound, tone.parse().ok()?)))
            .collect::<Option<_>>()?;
        // A line whose halves differ is no such line.
        (fields.len().is_multiple_of(2) && !pairs.is_empty()).then_some(Sounds(pairs))
    }

    /// The longest word that a text without spaces begins with, and how it is said.
    pub(super) fn longest<'a>(&self, text: &'a str) -> Option<(&'a str, Sounds<'_>)> {
        let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
        let ends: Vec<usize> = ends.take(LONGEST).collect();
        ends.into_iter().rev().find_map(|end| {
            let word = text.get(..end)?;
            Some((word, self.get(word)?))
        })
    }
}

fn line(text: &str, (at, length): (u32, u32)) -> &str {
    let at = at as usize;
    text.get(at..at + length as usize).unwrap_or_default()
}

fn first(line: &str) -> &str {
    line.split_whitespace().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lexicon() -> Lexicon {
        let text = "hello hh ah l ow 7 8 7 9\n你 n i 3 3\n你好 n i h ao 3 3 3 3\r\n\n好 h ao 3 3\n好 h ao 4 4\nodd a b 1\n中 zh ong x 1\n";
        Lexicon::of(text.to_owned())
    }

    #[test]
    fn a_word_is_said_as_the_first_of_its_lines_says() {
        let lexicon = lexicon();
        let said = |word: &str| {
            let Sounds(sounds) = lexicon.get(word)?;
            let sounds = sounds
                .iter()
                .map(|(sound, tone)| format!("{sound}{tone}"))
                .collect::<Vec<_>>();
            Some(sounds.join(" "))
        };
        assert_eq!(said("hello").as_deref(), Some("hh7 ah8 l7 ow9"));
        assert_eq!(said("好").as_deref(), Some("h3 ao3"));
        for none in ["", "hell", "odd", "中", "zzz"] {
            assert_eq!(said(none), None, "{none}");
        }
    }

    #[test]
    fn of_characters_the_longest_word_counts() {
        let lexicon = lexicon();
        let word = |text: &'static str| lexicon.longest(text).map(|(word, _)| word);
        assert_eq!(word("你好吗"), Some("你好"));
        assert_eq!(word("你们"), Some("你"));
        assert_eq!(word("吗"), None);
        assert_eq!(word(""), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[a你好 0-9\n\r\t]{0,80}", word in "[a你好]{0,4}") {
            let lexicon = Lexicon::of(text);
            let _ = lexicon.get(&word);
            let _ = lexicon.longest(&word);
        }
    }
}
