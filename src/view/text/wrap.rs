//! Breaks text into rows that fit: between words, between Chinese characters but not before
//! closing punctuation, and inside a word only when it is longer than a row.
//!
//! The heart is [`breaks`], which answers with byte ranges, so that the composer can find its
//! caret in them and styled runs can be cut along them. Time is linear in the text, also for
//! 100 kB without a single space.

use super::{Row, Run, cells, tame};
use std::borrow::Cow;
use std::ops::Range;

/// The rows of a text without line feeds, as byte ranges. Spaces at a break belong to no row.
/// There is always at least one row. The text must be tame: see [`tame`].
pub fn breaks(text: &str, room: usize) -> Vec<Range<usize>> {
    word_rows(cells(text), room)
}

/// See [`breaks`].
fn word_rows<'a>(cells: impl Iterator<Item = (&'a str, usize)>, room: usize) -> Vec<Range<usize>> {
    let room = room.max(1);
    let mut rows = vec![];
    // The row so far, up to the last place where it may end, and its columns.
    let mut row = 0..0;
    let mut columns = 0;
    // What was read since: spaces, then the beginning of a word.
    let mut spaces = 0;
    let mut word = 0..0;
    let mut word_columns = 0;
    let mut previous = " ";
    let mut at = 0;
    for (grapheme, width) in cells {
        let next = at + grapheme.len();
        if word_columns > 0 && (grapheme == " " || may_part(previous, grapheme)) {
            columns += spaces + word_columns;
            row.end = word.end;
            (spaces, word_columns) = (0, 0);
        }
        if grapheme == " " {
            spaces += 1;
        } else {
            if word_columns == 0 {
                word = at..at;
            }
            if columns > 0 && columns + spaces + word_columns + width > room {
                rows.push(row);
                row = word.start..word.start;
                (columns, spaces) = (0, 0);
            }
            // A word longer than a row is cut where the row is full.
            if columns == 0 && spaces + word_columns + width > room {
                if word_columns > 0 {
                    rows.push(row.start..at);
                }
                row = at..at;
                word = at..at;
                (spaces, word_columns) = (0, 0);
            }
            word_columns += width;
            word.end = next;
        }
        previous = grapheme;
        at = next;
    }
    if word_columns > 0 {
        row.end = word.end;
    } else if columns + spaces <= room {
        // Spaces being typed at the end are part of the row as long as it has room for them.
        row.end = at;
    }
    rows.push(row);
    rows
}

/// Whether a row may end between two graphemes that no space parts.
fn may_part(left: &str, right: &str) -> bool {
    let (Some(left), Some(right)) = (left.chars().next(), right.chars().next()) else {
        return false;
    };
    (is_ideographic(left) || is_ideographic(right)) && !must_follow(right) && !must_lead(left)
}

/// What must not begin a row.
const fn must_follow(c: char) -> bool {
    matches!(
        c,
        '。' | '，'
            | '、'
            | '．'
            | '：'
            | '；'
            | '！'
            | '？'
            | '）'
            | '」'
            | '』'
            | '】'
            | '》'
            | '〉'
            | '〕'
            | '〗'
            | '”'
            | '’'
            | '…'
            | '‥'
            | '—'
            | '～'
            | '·'
            | 'ー'
            | '々'
            | '〜'
            | ','
            | '.'
            | '!'
            | '?'
            | ':'
            | ';'
            | ')'
            | ']'
            | '}'
            | '%'
    )
}

/// What must not end a row.
const fn must_lead(c: char) -> bool {
    matches!(
        c,
        '（' | '「' | '『' | '【' | '《' | '〈' | '〔' | '〖' | '“' | '‘' | '(' | '[' | '{'
    )
}

/// Written without spaces between words, or a picture: rows may end before and after it.
const fn is_ideographic(c: char) -> bool {
    matches!(c as u32,
        0x2e80..=0x303e | 0x3041..=0x4dbf | 0x4e00..=0x9fff | 0xac00..=0xd7af
        | 0xf900..=0xfaff | 0xfe30..=0xfe4f | 0xff00..=0xff60 | 0xffe0..=0xffe6
        | 0x1f300..=0x1faff | 0x20000..=0x3fffd)
}

/// Whether a line feed after this character stands for nothing, as between Chinese characters,
/// where others mean a space.
pub fn is_chinese(c: char) -> bool {
    matches!(u32::from(c), 0x2e80..=0x33ff | 0x3400..=0x9fff | 0xf900..=0xfaff | 0xff00..=0xff60)
}

/// Rows of at most `room` columns. Line feeds in the runs end a row.
pub fn wrap(runs: &[Run], room: usize) -> Vec<Row> {
    let mut rows = vec![];
    for line in lines(runs) {
        let line = tamed(line, room);
        let ranges = word_rows(line.iter().flat_map(|run| cells(&run.text)), room);
        rows.extend(pieces(&line, &ranges));
    }
    rows
}

/// Rows of at most `room` columns that keep every space and end wherever they are full: for code.
pub fn wrap_anywhere(runs: &[Run], room: usize) -> Vec<Row> {
    let mut rows = vec![];
    for line in lines(runs) {
        let line = tamed(line, room);
        let ranges = full_rows(line.iter().flat_map(|run| cells(&run.text)), room);
        rows.extend(pieces(&line, &ranges));
    }
    rows
}

/// The rows of a text that is cut only where a row is full.
fn full_rows<'a>(cells: impl Iterator<Item = (&'a str, usize)>, room: usize) -> Vec<Range<usize>> {
    let room = room.max(1);
    let mut rows = vec![];
    let (mut start, mut at, mut columns) = (0, 0, 0);
    for (grapheme, width) in cells {
        if columns + width > room && at > start {
            rows.push(start..at);
            (start, columns) = (at, 0);
        }
        columns += width;
        at += grapheme.len();
    }
    rows.push(start..at);
    rows
}

/// The runs parted at line feeds.
fn lines(runs: &[Run]) -> Vec<Row> {
    let mut lines = vec![vec![]];
    for run in runs {
        for (index, piece) in run.text.split('\n').enumerate() {
            if index > 0 {
                lines.push(vec![]);
            }
            if let Some(line) = lines.last_mut()
                && !piece.is_empty()
            {
                line.push(Run {
                    text: piece.to_owned(),
                    ink: run.ink,
                });
            }
        }
    }
    lines
}

/// Runs whose graphemes all fit into a row. Graphemes are those of each run alone, because that
/// is how they will be drawn.
fn tamed(runs: Vec<Run>, room: usize) -> Vec<Run> {
    runs.into_iter()
        .map(|run| match tame(&run.text, room.max(1)) {
            Cow::Borrowed(_) => run,
            Cow::Owned(text) => Run { text, ink: run.ink },
        })
        .collect()
}

/// Cuts runs along byte ranges of their joined text.
fn pieces(runs: &[Run], rows: &[Range<usize>]) -> Vec<Row> {
    let mut cut = Vec::with_capacity(rows.len());
    let mut first = 0;
    let mut offset = 0;
    for range in rows {
        let mut row = vec![];
        let mut at = first;
        let mut start = offset;
        while let Some(run) = runs.get(at) {
            let end = start + run.text.len();
            let from = range.start.max(start);
            let to = range.end.min(end);
            if from < to
                && let Some(text) = run.text.get(from - start..to - start)
            {
                row.push(Run {
                    text: text.to_owned(),
                    ink: run.ink,
                });
            }
            if end > range.end {
                break;
            }
            start = end;
            at += 1;
        }
        (first, offset) = (at, start);
        cut.push(row);
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::super::{row_width, width};
    use super::*;
    use crate::view::theme::{Ink, Role};
    use proptest::prelude::*;

    fn rows(text: &str, room: usize) -> Vec<String> {
        wrap(&[Run::role(text, Role::Text)], room)
            .iter()
            .map(|row| row.iter().map(|run| run.text.as_str()).collect())
            .collect()
    }

    #[test]
    fn rows_end_where_a_reader_expects() {
        let table: &[(&str, usize, &[&str])] = &[
            ("", 5, &[""]),
            ("hello world", 11, &["hello world"]),
            ("hello world", 8, &["hello", "world"]),
            ("hello  world", 5, &["hello", "world"]),
            ("  indented text", 10, &["  indented", "text"]),
            ("abcdefgh", 3, &["abc", "def", "gh"]),
            ("go abcdefgh", 4, &["go", "abcd", "efgh"]),
            ("今天天气很好", 6, &["今天天", "气很好"]),
            ("今天天气，很好", 8, &["今天天", "气，很好"]),
            ("他说（你好）吗", 6, &["他说", "（你", "好）吗"]),
            ("用 Rust 写的", 6, &["用", "Rust", "写的"]),
            ("a\nb", 5, &["a", "b"]),
            ("a\n", 5, &["a", ""]),
            (" a好", 2, &[" a", "好"]),
            ("！！！！！", 4, &["！！", "！！", "！"]),
            ("好", 1, &["?"]),
            ("trailing ", 9, &["trailing "]),
            ("trailing ", 8, &["trailing"]),
            ("👩‍👩‍👧👩‍👩‍👧", 3, &["👩‍👩‍👧", "👩‍👩‍👧"]),
        ];
        for (text, room, expected) in table {
            assert_eq!(rows(text, *room), *expected, "{text:?} at {room}");
        }
    }

    #[test]
    fn code_keeps_its_spaces() {
        let row = wrap_anywhere(&[Run::role("a   b   c", Role::Code)], 4);
        let text: Vec<_> = row.iter().map(|row| row[0].text.as_str()).collect();
        assert_eq!(text, ["a   ", "b   ", "c"]);
    }

    #[test]
    fn a_long_text_without_spaces_takes_linear_work() {
        let rows = wrap(&[Run::role(&"x".repeat(100_000), Role::Text)], 80);
        assert_eq!(rows.len(), 1250);
    }

    fn texts() -> impl Strategy<Value = String> {
        prop::collection::vec(
            prop_oneof![
                Just(" ".to_owned()),
                Just("  ".to_owned()),
                Just("\n".to_owned()),
                Just("\t".to_owned()),
                Just("好".to_owned()),
                Just("，".to_owned()),
                Just("（".to_owned()),
                Just("👩‍👩‍👧".to_owned()),
                Just("\u{301}".to_owned()),
                Just("ﾞ".to_owned()),
                "[a-z]{1,9}",
                any::<char>().prop_map(String::from),
            ],
            0..40,
        )
        .prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn no_row_is_wider_than_the_room(text in texts(), split in 0..20_usize, room in 1..30_usize) {
            let at = text.char_indices().nth(split).map_or(text.len(), |(at, _)| at);
            let (left, right) = text.split_at(at);
            let runs = [Run::role(left, Role::Text), Run::role(right, Role::Code)];
            for row in wrap(&runs, room).iter().chain(&wrap_anywhere(&runs, room)) {
                prop_assert!(row_width(row) <= room, "{row:?}");
            }
        }

        #[test]
        fn nothing_but_spaces_is_lost(text in texts(), room in 2..30_usize) {
            let run = Run::new(&text, Ink::default());
            let seen = |text: &str| -> String {
                text.split('\n')
                    .map(|line| tame(line, room).into_owned())
                    .collect::<String>()
                    .replace(' ', "")
            };
            let expected = seen(&run.text);
            for found in [wrap(std::slice::from_ref(&run), room), wrap_anywhere(&[run], room)] {
                let found: String =
                    found.iter().flatten().map(|run| run.text.replace(' ', "")).collect();
                prop_assert_eq!(&found, &expected);
            }
        }

        #[test]
        fn the_width_of_a_text_is_the_width_of_its_graphemes(text in texts()) {
            prop_assert_eq!(width(&text), cells(&text).map(|(_, width)| width).sum::<usize>());
        }
    }
}
