//! Positions in a text: the next grapheme, word, line, column. Pure functions on byte offsets.
//!
//! Every function looks only at the text near the offset: a grapheme cursor is given the whole
//! text as its one chunk, yet reads no more than the cluster at hand; words are walked lazily;
//! lines end at the nearest `\n`, which no cluster spans. Only [`column`] and [`at_column`] read
//! a whole line. So motion costs the same in a short text and in one of a megabyte.

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};
use unicode_width::UnicodeWidthStr;

/// The text before an offset.
pub(super) fn before(text: &str, at: usize) -> &str {
    text.get(..at).unwrap_or(text)
}

/// The text from an offset on.
pub(super) fn after(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or_default()
}

fn is_boundary(text: &str, at: usize) -> bool {
    GraphemeCursor::new(at, text.len(), true)
        .is_boundary(text, 0)
        .unwrap_or(false)
}

/// The end of the grapheme that starts here; at the end of the text, the end.
pub(super) fn next(text: &str, at: usize) -> usize {
    let mut cursor = GraphemeCursor::new(at, text.len(), true);
    cursor
        .next_boundary(text, 0)
        .ok()
        .flatten()
        .unwrap_or(text.len())
}

/// The start of the grapheme that ends here; at the start of the text, the start.
pub(super) fn previous(text: &str, at: usize) -> usize {
    let mut cursor = GraphemeCursor::new(at, text.len(), true);
    cursor.prev_boundary(text, 0).ok().flatten().unwrap_or(0)
}

/// The first boundary that is not before the offset. An edit can glue what stood on both sides
/// of the caret into one grapheme; the caret then goes behind it.
pub(super) fn snap(text: &str, at: usize) -> usize {
    let at = text.ceil_char_boundary(at);
    if is_boundary(text, at) {
        at
    } else {
        next(text, at)
    }
}

/// The last boundary that is not behind the offset.
pub(super) fn snap_left(text: &str, at: usize) -> usize {
    let at = text.floor_char_boundary(at);
    if is_boundary(text, at) {
        at
    } else {
        previous(text, at)
    }
}

/// Where the line around an offset starts.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    before(text, at)
        .rfind('\n')
        .map_or(0, |newline| newline + 1)
}

/// Where the line around an offset ends: at its `\n` or at the end of the text.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    after(text, at)
        .find('\n')
        .map_or(text.len(), |newline| at + newline)
}

/// How many columns of its line lie before an offset.
pub(super) fn column(text: &str, at: usize) -> usize {
    text.get(line_start(text, at)..at)
        .unwrap_or_default()
        .graphemes(true)
        .map(UnicodeWidthStr::width)
        .sum()
}

/// The offset in the line starting at `start` that is nearest to a column without passing it.
pub(super) fn at_column(text: &str, start: usize, wanted: usize) -> usize {
    let line = text.get(start..line_end(text, start)).unwrap_or_default();
    let mut column = 0;
    for (offset, grapheme) in line.grapheme_indices(true) {
        column += grapheme.width();
        if column > wanted {
            return start + offset;
        }
    }
    start + line.len()
}

/// Whether a piece between two word bounds is a word: letters and digits of any script, and
/// pictographs, so that deleting a word does not take the emoji behind it along. Unicode's word
/// bounds make every Han character a word of its own, which suits a language without spaces.
fn is_word(piece: &str) -> bool {
    piece
        .chars()
        .any(|c| c.is_alphanumeric() || c >= '\u{1f000}')
}

/// The end of the next word.
pub(super) fn word_right(text: &str, at: usize) -> usize {
    let end = after(text, at)
        .split_word_bound_indices()
        .find(|(_, piece)| is_word(piece))
        .map_or(text.len(), |(offset, piece)| at + offset + piece.len());
    // Word bounds may fall inside a grapheme in a few scripts.
    snap(text, end)
}

/// The start of the word before.
pub(super) fn word_left(text: &str, at: usize) -> usize {
    let start = before(text, at)
        .split_word_bound_indices()
        .rfind(|(_, piece)| is_word(piece))
        .map_or(0, |(offset, _)| offset);
    snap_left(text, start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_end_where_people_expect_them_to() {
        // A bar shows where moving right by word stops.
        for shown in [
            "hello| world|",
            "  two|  spaces|",
            "can't| stop|",
            "3.14| foo_bar|-baz|",
            "你|好|，世|界|",
            "テスト|で|す|",
            "한국어| 말|",
            "hi| 👩‍👩‍👧|",
            "one|\n\n two|",
            "end|...",
        ] {
            let text = shown.replace('|', "");
            let mut stops = text.clone();
            let mut at = 0;
            let mut ends = vec![];
            while at < text.len() {
                at = word_right(&text, at);
                ends.push(at);
            }
            if shown.ends_with("...") {
                ends.pop();
            }
            for end in ends.into_iter().rev() {
                stops.insert(end, '|');
            }
            assert_eq!(stops, shown);
        }
    }

    #[test]
    fn words_start_where_people_expect_them_to() {
        for shown in ["|hello |world", "|你|好，|世|界", "|hi |👍", "|a\n |b  "] {
            let text = shown.replace('|', "");
            let mut stops = text.clone();
            let mut at = text.len();
            while at > 0 {
                at = word_left(&text, at);
                stops.insert(at, '|');
            }
            assert_eq!(stops, shown);
        }
    }

    #[test]
    fn a_column_counts_what_the_screen_shows() {
        let text = "ab\n你好e\u{301}👍\n";
        let offsets: Vec<usize> = "你好e\u{301}👍"
            .grapheme_indices(true)
            .map(|(offset, _)| 3 + offset)
            .collect();
        let columns: Vec<usize> = offsets.iter().map(|at| column(text, *at)).collect();
        assert_eq!(columns, [0, 2, 4, 5]);
        // Column 3 is the middle of 好: stay before it.
        assert_eq!(at_column(text, 3, 3), offsets[1]);
        assert_eq!(at_column(text, 3, 99), line_end(text, 3));
    }

    proptest! {
        #[test]
        fn stepping_visits_exactly_the_graphemes(text in super::super::nasty::text()) {
            let expected: Vec<usize> = text
                .grapheme_indices(true)
                .map(|(at, _)| at)
                .chain([text.len()])
                .collect();
            let mut right = vec![0];
            while *right.last().unwrap() < text.len() {
                right.push(next(&text, *right.last().unwrap()));
            }
            let mut left = vec![text.len()];
            while *left.last().unwrap() > 0 {
                left.push(previous(&text, *left.last().unwrap()));
            }
            left.reverse();
            if !text.is_empty() {
                prop_assert_eq!(&right, &expected);
                prop_assert_eq!(&left, &expected);
            }
            for at in 0..=text.len() {
                let snapped = expected.iter().find(|boundary| **boundary >= at);
                prop_assert_eq!(Some(&snap(&text, at)), snapped.or(Some(&0)));
            }
        }
    }
}
