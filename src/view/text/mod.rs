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
        // A letter followed by a letter of ASCII is a grapheme of its own: the common case
        // needs no tables.
        let length = match *self.rest.as_bytes() {
            [] => return None,
            [b' '..=b'~'] => 1,
            [b' '..=b'~', next, ..] if next.is_ascii() => 1,
            _ => self.rest.graphemes(true).next().map_or(0, str::len),
        };
        let (grapheme, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some((grapheme, grapheme_width(grapheme)))
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
    let mut x = at.0;
    let end = at.0.saturating_add(room).min(buffer.area.right());
    if !(buffer.area.top()..buffer.area.bottom()).contains(&at.1) || x < buffer.area.left() {
        return 0;
    }
    for run in row {
        if x >= end {
            break;
        }
        let style = theme.style(run.ink);
        x = buffer
            .set_stringn(x, at.1, &run.text, usize::from(end - x), style)
            .0;
    }
    x.saturating_sub(at.0)
}

#[cfg(test)]
mod tests {
    use super::*;

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
