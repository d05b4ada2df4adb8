//! Picks the piece of a message that shows why it was found, and says which bytes of it matched.
//! Pure.

use super::segment::{Query, pieces};
use unicode_segmentation::UnicodeSegmentation;

/// How many characters are shown before the first match.
const BEFORE: usize = 30;
/// How many characters are shown from the first match on.
const AFTER: usize = 90;

/// One line around the first match, and the byte ranges of it that matched.
pub(super) fn excerpt(text: &str, query: &Query) -> (String, Vec<(usize, usize)>) {
    let pieces: Vec<(usize, usize)> = pieces(text).collect();
    let first = (0..pieces.len()).find(|at| query.matches(text, &pieces, *at).is_some());
    let middle = first
        .and_then(|at| pieces.get(at))
        .map_or(0, |piece| piece.0);
    let (before, after) = text.split_at_checked(middle).unwrap_or(("", text));
    let start = before
        .grapheme_indices(true)
        .rev()
        .take(BEFORE)
        .last()
        .map_or(middle, |(at, _)| at);
    let end = after
        .grapheme_indices(true)
        .nth(AFTER)
        .map_or(text.len(), |(at, _)| middle + at);

    let lead = if start > 0 { "…" } else { "" };
    let tail = if end < text.len() { "…" } else { "" };
    // Line ends and tabs become spaces of the same length, so positions stay what they are.
    let line = text
        .get(start..end)
        .unwrap_or_default()
        .replace(['\n', '\r', '\t'], " ");
    let mut marks: Vec<(usize, usize)> = vec![];
    let shift = |at: usize| at - start + lead.len();
    for at in first.unwrap_or(pieces.len())..pieces.len() {
        let Some(found) = query.matches(text, &pieces, at) else {
            if pieces.get(at).is_some_and(|piece| piece.0 >= end) {
                break;
            }
            continue;
        };
        if found.0 >= end {
            break;
        }
        let mark = (shift(found.0), shift(found.1.min(end)));
        match marks.last_mut() {
            Some(last) if mark.0 <= last.1 => last.1 = last.1.max(mark.1),
            _ => marks.push(mark),
        }
    }
    (format!("{lead}{line}{tail}"), marks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str, words: &str) -> String {
        let query = Query::new(words).expect("the test searches for words");
        let (line, marks) = excerpt(text, &query);
        let mut shown = String::new();
        let mut end = 0;
        for mark in marks {
            shown += line
                .get(end..mark.0)
                .expect("marks are on character bounds");
            shown += "[";
            shown += line.get(mark.0..mark.1).expect("marks are in order");
            shown += "]";
            end = mark.1;
        }
        shown + line.get(end..).expect("marks are inside")
    }

    #[test]
    fn what_matched_is_marked() {
        for (text, words, expected) in [
            (
                "a cup of Tea, a teapot",
                "tea",
                "a cup of [Tea], a [teapot]",
            ),
            ("明天会下雨吗？下 雪", "下雨", "明天会[下雨]吗？下 雪"),
            ("Café\nau\tlait", "cafe lait", "[Café] au [lait]"),
            ("哈哈哈", "哈哈", "[哈哈哈]"),
            ("nothing here", "absent", "nothing here"),
            ("", "absent", ""),
        ] {
            assert_eq!(shown(text, words), expected, "{text}");
        }
    }

    #[test]
    fn a_long_message_is_cut_around_its_first_match() {
        let text = format!("{} needle {}", "x".repeat(200), "好".repeat(200));
        assert_eq!(
            shown(&text, "needle"),
            format!("…{} [needle] {}…", "x".repeat(29), "好".repeat(83))
        );
    }

    proptest! {
        #[test]
        fn marks_always_fit_the_excerpt(
            text in "[ab 好雨é\u{301}\n👩‍👧]{0,300}", words in "[ab好雨é]{1,4}( [ab好雨]{1,3})?"
        ) {
            let query = Query::new(&words).expect("letters are words");
            let (line, marks) = excerpt(&text, &query);
            let mut end = 0;
            for mark in marks {
                prop_assert!(end <= mark.0 && mark.0 < mark.1);
                prop_assert!(line.get(mark.0..mark.1).is_some());
                end = mark.1;
            }
        }
    }
}
