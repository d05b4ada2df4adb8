//! Makes of written text what can be spoken, sentence by sentence while it arrives. Pure.
//!
//! Characters pass through three stages, one at a time, so that it makes no difference how the
//! text was cut on its way: `lines` takes off what makes headings, lists, tables and code;
//! `inline` takes off what makes emphasis and links; `sentences` cuts.

mod inline;
mod lines;
mod sentences;

use crate::core::words::Lang;
use inline::Inline;
use lines::Lines;
use sentences::Sentences;

/// Cuts a growing text into sentences that can be spoken.
#[derive(Clone, Debug, Default)]
pub struct Cutter {
    lines: Lines,
    inline: Inline,
    sentences: Sentences,
}

/// What a text consists of, once its lines are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Char(char),
    /// Something ended: a line, a heading, a row.
    Break,
    /// So many lines of code.
    Code(usize),
}

impl Cutter {
    /// Takes more of the text and gives the sentences that are complete.
    pub fn push(&mut self, more: &str) -> Vec<String> {
        let mut parts = vec![];
        for c in more.chars() {
            self.lines.take(c, &mut parts);
        }
        self.pass_on(parts)
    }

    /// The text is over: what is left of it. The next one may begin.
    pub fn finish(&mut self) -> Vec<String> {
        let mut parts = vec![];
        self.lines.finish(&mut parts);
        parts.push(Part::Break);
        let rest = self.pass_on(parts);
        *self = Self::default();
        rest
    }

    fn pass_on(&mut self, parts: Vec<Part>) -> Vec<String> {
        let mut said = vec![];
        for part in parts {
            self.inline.take(part, &mut said);
        }
        for part in said {
            self.sentences.take(part);
        }
        self.sentences.ready()
    }
}

/// The language a sentence is in, as far as its letters show it; `fallback` if they do not.
pub fn language(text: &str, fallback: Lang) -> Lang {
    let mut letters = Letters::default();
    text.chars().for_each(|c| letters.count(c));
    letters.language(fallback)
}

/// The letters of a text, as far as they show its language.
#[derive(Clone, Copy, Debug, Default)]
struct Letters {
    han: usize,
    latin: usize,
}

impl Letters {
    fn count(&mut self, c: char) {
        self.han += usize::from(is_han(c));
        self.latin += usize::from(c.is_ascii_alphabetic());
    }

    /// A Chinese text may hold many letters of names; one character says more than one letter.
    fn language(self, fallback: Lang) -> Lang {
        match (self.han, self.latin) {
            (0, 0) => fallback,
            (han, latin) if han * 4 >= latin => Lang::Zh,
            _ => Lang::En,
        }
    }
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

#[cfg(test)]
mod tests;
