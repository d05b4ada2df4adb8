//! Cuts what is to be said where a speaker would breathe. Pure.

use super::{Part, is_han};

/// A piece this long, in characters, is cut wherever that does the least harm.
const LONGEST: usize = 200;
/// The first piece may end at a comma after so many letters, so that the voice begins early..
const EARLY_LETTERS: usize = 24;
/// ..or after so many Chinese characters, which hold more each.
const EARLY_HAN: usize = 10;

/// Words before a full stop that ends no sentence.
const SHORT: [&str; 24] = [
    "mr", "mrs", "ms", "dr", "prof", "st", "jr", "sr", "vs", "e.g", "i.e", "eg", "ie", "cf", "etc",
    "fig", "approx", "inc", "ltd", "co", "dept", "est", "al", "mt",
];

/// Collects characters until they make a sentence.
#[derive(Clone, Debug, Default)]
pub(super) struct Sentences {
    piece: String,
    /// Characters in it.
    length: usize,
    end: End,
    ready: Vec<String>,
    /// One was given already.
    begun: bool,
}

/// What the end of the piece may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum End {
    #[default]
    Open,
    /// A mark that ends it if a space follows.
    Maybe,
    /// A comma that ends the first piece if a space follows.
    Comma,
}

impl Sentences {
    pub(super) fn take(&mut self, part: Part) {
        let c = match part {
            Part::Char(c) => c,
            Part::Break | Part::Code(_) => return self.cut(),
        };
        match self.end {
            End::Open => {}
            _ if is_closing(c) || (self.end != End::Comma && is_mark(c)) => {}
            End::Maybe if c.is_whitespace() && self.is_short() => self.end = End::Open,
            End::Maybe | End::Comma if c.is_whitespace() => self.cut(),
            // Chinese needs no space.
            End::Maybe if is_han(c) => self.cut(),
            End::Maybe | End::Comma => self.end = End::Open,
        }
        self.add(c);
    }

    /// The pieces that are complete.
    pub(super) fn ready(&mut self) -> Vec<String> {
        std::mem::take(&mut self.ready)
    }

    fn add(&mut self, c: char) {
        if c.is_whitespace() {
            if !self.piece.is_empty() && !self.piece.ends_with(' ') {
                self.piece.push(' ');
                self.length += 1;
            }
            return;
        }
        if self.piece.is_empty() && (is_closing(c) || is_mark(c)) {
            return;
        }
        self.piece.push(c);
        self.length += 1;
        self.end = match c {
            // Nothing more is waited for: what may still belong to it is not heard anyway.
            '。' | '！' | '？' | '；' => return self.cut(),
            '，' if self.is_early() => return self.cut(),
            '.' | '!' | '?' | ';' | '…' => End::Maybe,
            c if is_closing(c) && self.end != End::Open => self.end,
            ',' if self.is_early() => End::Comma,
            _ => End::Open,
        };
        if self.length >= LONGEST {
            self.cut_somewhere();
        }
    }

    /// Whether the first piece is long enough to be spoken already.
    fn is_early(&self) -> bool {
        let han = self.piece.chars().filter(|c| is_han(*c)).count();
        let letters = self.piece.chars().filter(|c| c.is_alphanumeric()).count() - han;
        !self.begun && (han >= EARLY_HAN || letters >= EARLY_LETTERS)
    }

    /// Whether it ends with a short form, or with the first letter of somebody's name.
    fn is_short(&self) -> bool {
        let Some(before) = self.piece.strip_suffix('.') else {
            return false;
        };
        let word = before.rsplit([' ', '(', '"']).next().unwrap_or_default();
        let mut chars = word.chars();
        let letter = matches!((chars.next(), chars.next()), (Some(c), None) if c.is_uppercase());
        let initial = letter && word != "I" && word.len() < before.len();
        initial || SHORT.contains(&word.to_lowercase().as_str())
    }

    /// Cuts a piece that is too long: after the last comma, else at the last space, if those do
    /// not leave a scrap; else here.
    fn cut_somewhere(&mut self) {
        let comma = self
            .piece
            .rfind(['，', ',', '、', ':', '：'])
            .map(|at| at + 1);
        let places = [comma, self.piece.rfind(' ')];
        let far_enough = |at: &usize| *at > self.piece.len() / 4;
        let place = places.into_iter().flatten().find(far_enough);
        let place = place.unwrap_or(self.piece.len());
        // Chinese marks are longer than a byte.
        let place = (place..=self.piece.len())
            .find(|at| self.piece.is_char_boundary(*at))
            .unwrap_or(self.piece.len());
        let rest = self.piece.split_off(place);
        let end = self.end;
        self.cut();
        self.piece.push_str(rest.trim_start());
        self.length = self.piece.chars().count();
        if !self.piece.is_empty() {
            self.end = end;
        }
    }

    fn cut(&mut self) {
        let piece = std::mem::take(&mut self.piece);
        let piece = piece.trim();
        (self.length, self.end) = (0, End::Open);
        // Marks alone cannot be said.
        if piece.chars().any(char::is_alphanumeric) {
            self.begun = true;
            self.ready.push(piece.to_owned());
        }
    }
}

fn is_mark(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '；' | '.' | '!' | '?' | '…')
}

fn is_closing(c: char) -> bool {
    matches!(
        c,
        '"' | '\'' | ')' | ']' | '”' | '’' | '」' | '』' | '）' | '】' | '》'
    )
}
