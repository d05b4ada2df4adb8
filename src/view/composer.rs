//! Draws the text being written and finds the place of the caret in it.
//!
//! A text of a megabyte must not cost more than one of a line, so only a window around the caret
//! is wrapped. The window begins at a multiple of [`STEP`] bytes: while the caret moves inside a
//! step the rows stay where they are, and only when it crosses into the next one may the rows of
//! a single giant line be broken at other places.

use super::text::wrap::breaks;
use super::text::{Run, put, tame, width};
use super::theme::{Role, Theme};
use crate::core::defuse::defuse;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// Where windows may begin, in bytes.
const STEP: usize = 4096;

/// How far a window reaches before and behind the caret, in bytes: more rows than a composer has.
const REACH: usize = 8192;

/// The rows near the caret.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub rows: Vec<String>,
    /// The row and the column of the caret.
    pub caret: (usize, usize),
}

/// Wraps what is near the caret.
pub(super) fn window(text: &str, caret: usize, room: usize) -> Window {
    let room = room.max(1);
    let caret = floor(text, caret);
    let start = caret.saturating_sub(REACH) / STEP * STEP;
    let start = floor(text, start);
    let end = floor(text, caret + REACH);
    let near = text.get(start..end).unwrap_or_default();
    let mut left = caret - start;
    let mut rows = vec![];
    let mut place = None;
    for line in near.split('\n') {
        let shown = defuse(line);
        let shown = tame(&shown, room);
        let ranges = breaks(&shown, room);
        if place.is_none() && left <= line.len() {
            // What becomes of the text before the caret tells where the caret is.
            let before = defuse(line.get(..left).unwrap_or(line));
            let before = tame(&before, room).len().min(shown.len());
            let row = ranges.partition_point(|range| range.start <= before);
            let row = row.saturating_sub(1);
            let from = ranges.get(row).map_or(0, |range| range.start);
            let column = shown.get(from..before).map_or(0, width);
            place = Some((rows.len() + row, column.min(room)));
        }
        left = left.saturating_sub(line.len() + 1);
        for range in ranges {
            rows.push(shown.get(range).unwrap_or_default().to_owned());
        }
    }
    let (mut row, mut column) = place.unwrap_or_default();
    // Behind the last column stands no cursor: it goes to the start of the next row.
    if column >= room {
        row += 1;
        column = 0;
        if row >= rows.len() {
            rows.push(String::new());
        }
    }
    Window {
        rows,
        caret: (row, column),
    }
}

/// The last character boundary up to a place.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Draws a window into an area, scrolled so that the caret is seen, and says where it is.
pub(super) fn draw(area: Rect, buffer: &mut Buffer, window: &Window, theme: Theme) -> Position {
    let height = usize::from(area.height).max(1);
    let (caret_row, caret_column) = window.caret;
    let lowest = window.rows.len().saturating_sub(height);
    let top = caret_row.saturating_sub(height / 2).min(lowest);
    for (y, row) in (area.top()..area.bottom()).zip(window.rows.iter().skip(top)) {
        put(
            buffer,
            (area.x, y),
            area.width,
            &[Run::role(row, Role::Text)],
            theme,
        );
    }
    let x = area.x.saturating_add(caret_column as u16);
    let y = area.y.saturating_add((caret_row - top) as u16);
    Position::new(
        x.min(area.right().saturating_sub(1)),
        y.min(area.bottom().saturating_sub(1)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_caret_stands_where_the_next_letter_will_be() {
        let table = [
            ("", 0, 10, (0, 0)),
            ("abc", 3, 10, (0, 3)),
            ("abc", 1, 10, (0, 1)),
            ("你好", 3, 10, (0, 2)),
            ("a\nb", 2, 10, (1, 0)),
            ("a\n", 2, 10, (1, 0)),
            ("abcde", 5, 5, (1, 0)),
            ("hello world", 6, 8, (1, 0)),
            ("hello world", 5, 8, (0, 5)),
            ("hi ", 3, 8, (0, 3)),
            ("e\u{301}x", 3, 8, (0, 1)),
        ];
        for (text, caret, room, expected) in table {
            assert_eq!(
                window(text, caret, room).caret,
                expected,
                "{text:?} {caret}"
            );
        }
    }

    #[test]
    fn a_giant_text_is_looked_at_only_near_the_caret() {
        for text in ["x".repeat(1 << 20), "好\n".repeat(1 << 18)] {
            let window = window(&text, text.len() / 2, 80);
            let bytes: usize = window.rows.iter().map(String::len).sum();
            assert!(bytes <= 2 * REACH + STEP, "{bytes}");
        }
    }

    proptest! {
        #[test]
        fn the_caret_is_always_inside(
            text in "[ a-z好👩\n\t\u{301}]{0,80}",
            caret in 0..300_usize,
            room in 1..20_usize,
        ) {
            let window = window(&text, caret, room);
            let (row, column) = window.caret;
            prop_assert!(row < window.rows.len());
            prop_assert!(column < room);
            for row in &window.rows {
                prop_assert!(width(row) <= room);
            }
        }
    }
}
