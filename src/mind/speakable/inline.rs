//! Takes off what makes emphasis, code and links of words, and what cannot be said. Pure.

use super::{Letters, Part};
use crate::core::words::{Lang, Word, fill};

/// The longest address, tag or word that is waited for; longer ones are none.
const LONGEST: usize = 1_000;
/// The longest words of a link.
const LONGEST_WORDS: usize = 300;

/// Reads the text of lines, character by character.
#[derive(Clone, Debug, Default)]
pub(super) struct Inline {
    state: State,
    /// The word that is arriving, as far as it is ASCII: an address shows only at its end.
    word: String,
    /// The last that was handed on, and whether there was anything in this line.
    last: Option<char>,
    letters: Letters,
}

#[derive(Clone, Debug, Default)]
enum State {
    #[default]
    Plain,
    /// After `[`: the words of a link, and how many brackets are open.
    Words(String, usize),
    /// After `]`: those words.
    Closed(String),
    /// In the address of a link, until this many of these are closed.
    Address(char, usize, usize),
    /// After `<`.
    Tag(String),
    /// In the rest of a word that is an address too long to be waited for.
    Skip,
    /// In the rest of a line that says where a link leads.
    Definition,
}

impl Inline {
    /// Takes a part of a text and hands on what is to be said of it.
    pub(super) fn take(&mut self, part: Part, out: &mut Vec<Part>) {
        match part {
            Part::Char(c) => self.char(c, out),
            Part::Break => {
                self.settle(out);
                self.last = None;
                out.push(Part::Break);
            }
            Part::Code(lines) => {
                let word = match lines {
                    1 => Word::SpokenCodeLine,
                    _ => Word::SpokenCode,
                };
                let said = fill(word.text(self.lang()), &[&lines.to_string()]);
                self.say_all(&said, out);
            }
        }
    }

    /// The language of the text so far.
    fn lang(&self) -> Lang {
        self.letters.language(Lang::En)
    }

    fn char(&mut self, c: char, out: &mut Vec<Part>) {
        match &mut self.state {
            State::Plain => self.plain(c, out),
            State::Words(words, open) => {
                *open = match c {
                    '[' => *open + 1,
                    ']' => *open - 1,
                    _ => *open,
                };
                if *open == 0 {
                    self.state = State::Closed(std::mem::take(words));
                } else {
                    words.push(c);
                    if words.len() > LONGEST_WORDS {
                        self.settle(out);
                    }
                }
            }
            State::Closed(words) => {
                let words = std::mem::take(words);
                // A line that says where a link leads says nothing to a listener.
                let begins_line = self.last.is_none() && self.word.is_empty();
                self.state = match c {
                    '(' => State::Address(')', 1, 0),
                    '[' => State::Address(']', 1, 0),
                    ':' if begins_line => State::Definition,
                    _ => State::Plain,
                };
                let follows = std::mem::take(&mut self.state);
                if !matches!(follows, State::Definition) {
                    self.link(&words, out);
                    self.settle_only(out);
                }
                self.state = follows;
                if matches!(self.state, State::Plain) {
                    self.char(c, out);
                }
            }
            State::Address(end, open, taken) => {
                *taken += 1;
                match (*end, c) {
                    (')', '(') | (']', '[') => *open += 1,
                    (end, c) if end == c => *open -= 1,
                    _ => {}
                }
                if *open == 0 || *taken > LONGEST {
                    self.state = State::Plain;
                }
            }
            State::Tag(tag) => {
                let begins = tag.is_empty();
                if c == '>' && !begins {
                    let tag = std::mem::take(tag);
                    self.state = State::Plain;
                    self.tag(&tag, out);
                } else if (begins && !(c.is_ascii_alphabetic() || matches!(c, '/' | '!')))
                    || tag.len() > LONGEST
                    || c == '<'
                {
                    self.settle(out);
                    self.char(c, out);
                } else {
                    tag.push(c);
                }
            }
            State::Skip => {
                if !c.is_ascii_graphic() {
                    self.state = State::Plain;
                    self.char(c, out);
                }
            }
            State::Definition => {}
        }
    }

    fn plain(&mut self, c: char, out: &mut Vec<Part>) {
        match c {
            '[' => {
                // What makes an image of a link.
                if self.word.ends_with('!') {
                    self.word.pop();
                }
                self.end_word(false, out);
                self.state = State::Words(String::new(), 1);
            }
            '<' => {
                self.end_word(false, out);
                self.state = State::Tag(String::new());
            }
            c if c.is_ascii_graphic() => {
                self.word.push(c);
                if self.word.len() > LONGEST {
                    let address = self.word.contains("://");
                    self.end_word(false, out);
                    if address {
                        self.state = State::Skip;
                    }
                }
            }
            c if c.is_whitespace() => {
                self.end_word(true, out);
                self.say(' ', out);
            }
            c => {
                self.end_word(false, out);
                match c {
                    '•' | '·' | '\u{2190}'..='\u{21ff}' => self.say(' ', out),
                    c if is_mute(c) => {}
                    c => self.say(c, out),
                }
            }
        }
    }

    /// Says what was held back as what it is, now that nothing more belongs to it.
    fn settle(&mut self, out: &mut Vec<Part>) {
        match std::mem::take(&mut self.state) {
            State::Words(text, _) | State::Closed(text) => {
                self.link(&text, out);
                self.settle(out);
            }
            State::Tag(tag) => {
                tag.chars().for_each(|c| self.char(c, out));
                self.settle(out);
            }
            State::Plain | State::Address(..) | State::Skip | State::Definition => {
                self.end_word(true, out);
            }
        }
    }

    /// The words of a link; those of a note at the foot are a number at most.
    fn link(&mut self, words: &str, out: &mut Vec<Part>) {
        if words.starts_with('^') {
            return;
        }
        if self.last.is_some_and(|c| c.is_ascii_alphanumeric()) {
            self.say(' ', out);
        }
        words.chars().for_each(|c| self.char(c, out));
    }

    /// The same for the words of a link, in the middle of a line.
    fn settle_only(&mut self, out: &mut Vec<Part>) {
        if !matches!(self.state, State::Plain) {
            self.settle(out);
        }
        self.end_word(false, out);
    }

    /// What stood between `<` and `>`.
    fn tag(&mut self, tag: &str, out: &mut Vec<Part>) {
        let mail = tag.contains('@') && !tag.contains(' ');
        if tag.contains("://") || mail {
            let address = tag.trim_start_matches("mailto:");
            address.chars().for_each(|c| self.char(c, out));
            self.settle_only(out);
        } else if tag.starts_with("br") || tag.starts_with("/p") || tag.starts_with("/li") {
            out.push(Part::Break);
            self.last = None;
        }
    }

    /// The word is complete. `space`: by a space, or the end.
    fn end_word(&mut self, space: bool, out: &mut Vec<Part>) {
        let word = std::mem::take(&mut self.word);
        if word.is_empty() {
            return;
        }
        let Some(at) = address(&word) else {
            let alone = space && self.last.is_none_or(char::is_whitespace);
            let plain = without_marks(&word, alone);
            self.say_all(&plain, out);
            return;
        };
        let (before, address) = word.split_at(at);
        self.say_all(&without_marks(before, false), out);
        let bare = address.trim_end_matches(|c: char| c.is_ascii_punctuation() && c != '/');
        let (bare, after) = address.split_at(bare.len());
        let host = host(bare);
        let said = match host {
            "" => Word::SpokenBareLink.text(self.lang()).to_owned(),
            host => fill(Word::SpokenLink.text(self.lang()), &[host]),
        };
        self.say_all(&said, out);
        self.say_all(&without_marks(after, false), out);
    }

    fn say_all(&mut self, text: &str, out: &mut Vec<Part>) {
        text.chars().for_each(|c| self.say(c, out));
    }

    fn say(&mut self, c: char, out: &mut Vec<Part>) {
        self.letters.count(c);
        self.last = Some(c);
        out.push(Part::Char(c));
    }
}

/// Where in a word an address begins.
fn address(word: &str) -> Option<usize> {
    if let Some(at) = word.find("://") {
        let (before, _) = word.split_at(at);
        let scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        return Some(before.trim_end_matches(scheme).len());
    }
    let at = word.find("www.")?;
    let (before, _) = word.split_at(at);
    (!before.ends_with(|c: char| c.is_ascii_alphanumeric())).then_some(at)
}

/// The host of an address, as people call it.
fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let part_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let host = host.split(|c| !part_of_name(c)).next().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host)
}

/// A word without the marks of emphasis and code. `alone`: it has spaces on both sides.
fn without_marks(word: &str, alone: bool) -> String {
    if alone && word == "*" {
        return word.to_owned();
    }
    let chars: Vec<char> = word.chars().collect();
    let at = |index: Option<usize>| index.and_then(|index| chars.get(index)).copied();
    let mut plain = String::with_capacity(word.len());
    for (index, c) in chars.iter().copied().enumerate() {
        let (before, after) = (at(index.checked_sub(1)), at(Some(index + 1)));
        let doubled = before == Some(c) || after == Some(c);
        let between = |kind: fn(&char) -> bool| {
            before.is_some_and(|c| kind(&c)) && after.is_some_and(|c| kind(&c))
        };
        match c {
            '*' if between(char::is_ascii_digit) => plain.push('*'),
            '_' if between(char::is_ascii_alphanumeric) => plain.push(' '),
            '|' => plain.push(' '),
            '*' | '_' | '`' | '[' | ']' => {}
            '~' | '#' if doubled => {}
            '\\' if after.is_some_and(|c| c.is_ascii_punctuation()) => {}
            c => plain.push(c),
        }
    }
    plain
}

/// Pictures, and what only steers how text is shown.
fn is_mute(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{20e3}' | '\u{2300}'..='\u{23ff}' | '\u{2500}'..='\u{27bf}'
            | '\u{2900}'..='\u{297f}' | '\u{2b00}'..='\u{2bff}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{fff0}'..='\u{ffff}' | '\u{e000}'..='\u{f8ff}'
            | '\u{1f000}'..='\u{1faff}' | '\u{e0000}'..='\u{10ffff}')
}
