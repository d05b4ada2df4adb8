//! Text before it becomes cells: runs of one ink, rows of runs, and how wide they are.
//!
//! Everything that enters a [`Run`] through [`Run::new`] has been defused, so nothing from
//! outside can reach the terminal as an instruction. Breaking into rows is [`wrap`].

pub mod code;
pub mod markdown;
pub mod stream;
pub mod table;
pub mod wrap;

use super::theme::{Ink, Role, Theme};
use crate::core::defuse::defuse;
use ratatui::buffer::{Buffer, CellWidth};
use std::borrow::Cow;
use unicode_segmentation::UnicodeSegmentation;

/// A grapheme of more characters than this is cut. The longest emoji in use take eleven; text
/// that stacks thousands of accents on one letter only means to burn time.
const GRAPHEME_LIMIT: usize = 16;

/// A piece of text in one ink.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    pub text: String,
    pub ink: Ink,
}

impl Run {
    /// A piece of text from anywhere, made harmless.
    pub fn new(text: &str, ink: Ink) -> Self {
        Self {
            text: defuse(text).into_owned(),
            ink,
        }
    }

    /// A piece of text in a role, without emphasis.
    pub fn role(text: &str, role: Role) -> Self {
        Self::new(text, Ink::of(role))
    }
}

/// One row of the screen, or a paragraph before it is wrapped.
pub type Row = Vec<Run>;

/// The graphemes of a text with their widths in columns, as the terminal will show them.
pub fn cells(text: &str) -> Cells<'_> {
    Cells { rest: text }
}

/// See [`cells`].
pub struct Cells<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Cells<'a> {
    type Item = (&'a str, usize);

    fn next(&mut self) -> Option<Self::Item> {
        // What stands alone and is followed by such a one is a grapheme of its own: the common
        // case needs no tables.
        let bytes = self.rest.as_bytes();
        let known = alone(bytes).filter(|(length, _)| {
            let after = bytes.get(*length..).unwrap_or_default();
            after.first().is_none_or(u8::is_ascii) || alone(after).is_some()
        });
        let length = match known {
            Some((length, _)) => length,
            None => self.rest.graphemes(true).next().map_or(0, str::len),
        };
        let (grapheme, rest) = self.rest.split_at_checked(length)?;
        if grapheme.is_empty() {
            return None;
        }
        self.rest = rest;
        let width = known.map_or_else(|| grapheme_width(grapheme), |(_, width)| width);
        Some((grapheme, width))
    }
}

/// The length in bytes and the width in columns of a first character that joins with nothing but
/// a mark behind it: letters of ASCII, lines and blocks (U+2500 to U+259F), and the characters of
/// Chinese (U+4E00 to U+9FFF).
const fn alone(bytes: &[u8]) -> Option<(usize, usize)> {
    match *bytes {
        [b' '..=b'~', ..] => Some((1, 1)),
        [0xe2, 0x94 | 0x95, _, ..] | [0xe2, 0x96, 0x80..=0x9f, ..] => Some((3, 1)),
        [0xe4, 0xb8..=0xbf, _, ..] | [0xe5..=0xe9, _, _, ..] => Some((3, 2)),
        _ => None,
    }
}

/// The columns one grapheme takes; control characters take none, for they are never drawn.
fn grapheme_width(grapheme: &str) -> usize {
    match *grapheme.as_bytes() {
        [b' '..=b'~'] => 1,
        _ if grapheme.contains(char::is_control) => 0,
        _ if grapheme.len() > 64 => usize::from(capped(grapheme).cell_width()),
        _ => usize::from(grapheme.cell_width()),
    }
}

/// The first characters of a grapheme that stacks too many.
fn capped(grapheme: &str) -> &str {
    grapheme
        .char_indices()
        .nth(GRAPHEME_LIMIT)
        .and_then(|(at, _)| grapheme.get(..at))
        .unwrap_or(grapheme)
}

/// The columns a text takes.
pub fn width(text: &str) -> usize {
    cells(text).map(|(_, width)| width).sum()
}

/// The columns a row takes.
pub fn row_width(row: &[Run]) -> usize {
    row.iter().map(|run| width(&run.text)).sum()
}

/// A text in which every grapheme can be drawn on its own in `room` columns: tabs become spaces,
/// what takes no column goes, what is wider than the room becomes a `?`, and towers of accents
/// are cut.
pub fn tame(text: &str, room: usize) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let fits = |(grapheme, width): (&str, usize)| {
        let short = grapheme.len() <= GRAPHEME_LIMIT || capped(grapheme) == grapheme;
        width > 0 && width <= room && short
    };
    if cells(text).all(fits) {
        return Cow::Borrowed(text);
    }
    let mut tamed = String::with_capacity(text.len());
    for (grapheme, width) in cells(text) {
        match width {
            _ if grapheme == "\t" => tamed.push_str("    "),
            0 => {}
            _ if width > room => tamed.push('?'),
            _ => tamed.push_str(capped(grapheme)),
        }
    }
    // Neighbours may have joined to a new grapheme that is too wide again.
    match tame(&tamed, room) {
        Cow::Borrowed(_) => Cow::Owned(tamed),
        Cow::Owned(again) => Cow::Owned(again),
    }
}

/// The beginning of a text that fits into `room` columns, with `…` where something is missing.
pub fn clip(text: &str, room: usize) -> String {
    let text = tame(text, room);
    if width(&text) <= room {
        return text.into_owned();
    }
    let mut clipped = String::new();
    let mut used = 1;
    for (grapheme, width) in cells(&text) {
        if used + width > room {
            break;
        }
        used += width;
        clipped.push_str(grapheme);
    }
    if room > 0 {
        clipped.push('…');
    }
    clipped
}

/// Draws a row at a place, at most `room` columns of it, and says how many it took.
pub fn put(buffer: &mut Buffer, at: (u16, u16), room: u16, row: &[Run], theme: Theme) -> u16 {
    let area = buffer.area;
    let mut x = at.0;
    let end = at.0.saturating_add(room).min(area.right());
    if !(area.top()..area.bottom()).contains(&at.1) || x < area.left() {
        return 0;
    }
    let start = usize::from(at.1 - area.top()) * usize::from(area.width);
    let place = |x: u16| start + usize::from(x - area.left());
    for run in row {
        let style = theme.style(run.ink);
        for (symbol, width) in cells(&run.text) {
            let right = x.saturating_add(width as u16);
            if right > end {
                break;
            }
            if width > 0 {
                buffer.content[place(x)].set_symbol(symbol).set_style(style);
            }
            // What a wide one covers is empty.
            for covered in x + 1..right {
                buffer.content[place(covered)].reset();
            }
            x = right;
        }
    }
    x.saturating_sub(at.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The short way through the common characters leads where the tables lead.
        #[test]
        fn cells_are_the_graphemes_of_the_tables(
            text in "([ -~]|[\u{2500}-\u{259f}]|[\u{4e00}-\u{9fff}]|[\t\r\n]                |[\u{300}\u{fe0f}\u{200d}\u{600}\u{1f1e8}\u{1f469}\u{2260}\u{3400}]){0,12}",
        ) {
            let by_tables: Vec<_> = text
                .graphemes(true)
                .map(|grapheme| (grapheme, grapheme_width(grapheme)))
                .collect();
            prop_assert_eq!(cells(&text).collect::<Vec<_>>(), by_tables);
        }
    }

    #[test]
    fn widths_are_columns_of_what_people_see() {
        let table = [
            ("abc", 3),
            ("你好", 4),
            ("e\u{301}", 1),
            ("👩‍👩‍👧", 2),
            ("a\u{200d}", 1),
            ("", 0),
        ];
        for (text, columns) in table {
            assert_eq!(width(text), columns, "{text}");
        }
    }

    #[test]
    fn a_tower_of_accents_is_cut_to_one_short_grapheme() {
        let tower = format!("a{}b", "\u{301}".repeat(10_000));
        let tamed = tame(&tower, 10);
        assert_eq!(tamed.chars().count(), GRAPHEME_LIMIT + 1);
        assert_eq!(width(&tamed), 2);
    }

    #[test]
    fn what_is_clipped_says_so_and_fits() {
        assert_eq!(clip("hello", 5), "hello");
        assert_eq!(clip("hello!", 5), "hell…");
        assert_eq!(clip("你好吗", 5), "你好…");
        assert_eq!(clip("你好吗", 4), "你…");
        assert_eq!(clip("abc", 0), "");
    }
}
