//! Cuts a text into clauses, and each into what is said as English and what as Mandarin. Pure.

use super::english;
use super::mandarin;
use super::prosody::{Clause, End, Stress};
use crate::core::words::Lang;

/// No clause is longer; what is longer is cut at a space, or anywhere.
const LONGEST: usize = 240;

/// The clauses of a text, one after the other.
#[derive(Clone, Debug)]
pub(super) struct Clauses {
    text: String,
    /// The byte where the next clause begins.
    at: usize,
    lang: Lang,
}

impl Clauses {
    pub(super) fn new(text: String, lang: Lang) -> Self {
        let at = 0;
        Self { text, at, lang }
    }
}

impl Iterator for Clauses {
    type Item = Clause;

    /// The next clause that can be said.
    fn next(&mut self) -> Option<Clause> {
        loop {
            let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
            let (length, end) = cut(rest);
            let words = rest.get(..length).unwrap_or_default();
            self.at += length;
            let clause = clause(words, end, self.lang);
            if !clause.sounds.is_empty() {
                return Some(clause);
            }
        }
    }
}

/// How many bytes the first clause has, and how it ends.
fn cut(text: &str) -> (usize, End) {
    let (mut last, mut space) = (' ', None);
    let mut characters = text.char_indices().peekable();
    let mut count = 0;
    while let Some((at, c)) = characters.next() {
        let after = at + c.len_utf8();
        let next = characters.peek().map_or(' ', |(_, next)| *next);
        // Within a number or a name they cut nothing.
        let apart = next.is_whitespace() || !next.is_alphanumeric();
        let end = match c {
            '。' | '！' | '；' | '…' | '\n' => Some(End::Stop),
            '？' => Some(End::Question),
            '，' | '、' | '：' | '—' | '（' | '）' => Some(End::Comma),
            '.' if apart && !is_abbreviation(text.get(..at).unwrap_or_default()) => Some(End::Stop),
            '!' | ';' if apart => Some(End::Stop),
            '?' if apart => Some(End::Question),
            ',' | ':' if apart => Some(End::Comma),
            '-' | '–'
                if last.is_whitespace() && next.is_whitespace() && between_words(text, at) =>
            {
                Some(End::Comma)
            }
            _ => None,
        };
        if let Some(end) = end {
            return (after, end);
        }
        if c.is_whitespace() {
            space = Some(after);
        }
        count += 1;
        if count == LONGEST {
            return (space.unwrap_or(after), End::Comma);
        }
        last = c;
    }
    (text.len(), End::Stop)
}

/// Whether a dash stands between words, where it is no minus.
fn between_words(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default().trim_end();
    let after = text.get(at..).unwrap_or_default();
    let after = after.trim_start_matches(|c: char| !c.is_alphanumeric());
    !before.ends_with(|c: char| c.is_ascii_digit())
        || !after.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether the point behind this text belongs to its last word.
fn is_abbreviation(text: &str) -> bool {
    let word = text
        .rsplit(|c: char| c.is_whitespace() || c == '(')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    matches!(
        word.as_str(),
        "mr" | "mrs" | "dr" | "e.g" | "i.e" | "vs" | "approx" | "st"
    )
}

fn clause(words: &str, end: End, lang: Lang) -> Clause {
    let mut sounds = vec![];
    for (is_chinese, run) in written(words, lang) {
        if is_chinese {
            sounds.extend(mandarin::sounds(&run));
        } else {
            sounds.extend(english::sounds(&run));
        }
    }
    let open = end == End::Question && english::is_open(words);
    let end = if open { End::Stop } else { end };
    Clause { sounds, end }
}

/// How a piece of a clause is said, for voices that know sounds and cannot read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::mind) enum Said {
    /// A sound of English, as the CMU dictionary calls it. `stress`: the main one of its word, or
    /// another. `begins`: a word begins with it.
    Sound {
        name: &'static str,
        stress: Option<bool>,
        begins: bool,
    },
    /// A syllable of Mandarin: pinyin, and the tone it has beside the others.
    Syllable { letters: String, tone: u8 },
}

/// The words of a clause with everything in it written out, cut into stretches of Chinese
/// characters and of everything else.
pub(in crate::mind) fn written(words: &str, lang: Lang) -> Vec<(bool, String)> {
    let words = match lang {
        Lang::Zh => mandarin::spell_out(words),
        Lang::En => words.to_owned(),
    };
    let runs = runs(&words).into_iter();
    runs.map(|(is_chinese, run)| {
        if is_chinese {
            (true, run)
        } else {
            (false, english::spell_out(&run))
        }
    })
    .collect()
}

/// A text with the figures, times, money and units in it as words, for voices that read those badly or
/// not at all.
pub(in crate::mind) fn figured(text: &str, lang: Lang) -> String {
    match lang {
        Lang::En => english::figured(text),
        Lang::Zh => mandarin::spell_out(text),
    }
}

/// The tones that characters have beside each other.
pub(in crate::mind) fn beside(characters: &[(char, u8)]) -> Vec<u8> {
    mandarin::beside(characters)
}

/// How the words of a clause are said.
pub(in crate::mind) fn said(words: &str, lang: Lang) -> Vec<Said> {
    let mut all = vec![];
    for (is_chinese, run) in written(words, lang) {
        if is_chinese {
            let syllables = mandarin::syllables(&run).into_iter();
            all.extend(syllables.map(|(letters, tone)| Said::Syllable { letters, tone }));
        } else {
            let sounds = english::sounds(&run).into_iter();
            all.extend(sounds.map(|sound| Said::Sound {
                name: sound.phone.name,
                stress: match sound.stress {
                    Stress::None => None,
                    Stress::Second => Some(false),
                    Stress::Main => Some(true),
                },
                begins: sound.begins,
            }));
        }
    }
    all
}

/// Stretches of Chinese characters and of everything else.
fn runs(text: &str) -> Vec<(bool, String)> {
    let mut runs: Vec<(bool, String)> = vec![];
    for c in text.chars() {
        let chinese = mandarin::is_read(c);
        match runs.last_mut() {
            Some((of, run)) if *of == chinese => run.push(c),
            _ => runs.push((chinese, c.to_string())),
        }
    }
    runs
}
