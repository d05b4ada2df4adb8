//! Keeps the screen whole where terminals disagree about widths.
//!
//! Flags, families and other emoji of several characters take two columns here, but anything from
//! one to eight in terminals and multiplexers. What such a terminal shows behind one of them is
//! not what was sent, and a frame that sends only what changed would leave the difference there
//! for good. So a row that holds one is sent in full, and once more when it holds none any longer:
//! the cursor is placed anew behind each wide character, and what stood there is painted over.

use ratatui::buffer::{Buffer, CellDiffOption};

/// Marks what of this frame is to be sent although it seems to be there already.
pub(super) fn mark(frame: &mut Buffer) {
    let columns = usize::from(frame.area.width).max(1);
    for row in frame.content.chunks_mut(columns) {
        if row.iter().any(|cell| doubtful(cell.symbol())) {
            // A cell that loses the mark differs from what it was, so it is sent once more.
            for cell in row {
                cell.set_diff_option(CellDiffOption::AlwaysUpdate);
            }
        }
    }
}

/// Whether terminals disagree about the width of this: emoji that are joined, coloured, chosen or
/// paired by a further character, and the halves of flags.
pub(super) fn doubtful(symbol: &str) -> bool {
    // Nearly all symbols are shorter than any of those.
    symbol.len() > 3
        && symbol.chars().any(|c| {
            matches!(c, '\u{200d}' | '\u{fe0f}' | '\u{20e3}'
                | '\u{1f1e6}'..='\u{1f1ff}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is sent for each of these frames: the column and the symbol of each cell.
    fn sent(frames: &[&str]) -> Vec<String> {
        let mut shown = Buffer::with_lines([" ".repeat(8)]);
        let mut told = vec![];
        for frame in frames {
            let mut next = Buffer::with_lines([format!("{frame:8}")]);
            next.resize(shown.area);
            mark(&mut next);
            let cells: Vec<_> = shown
                .diff(&next)
                .iter()
                .map(|(x, _, cell)| format!("{x}{}", cell.symbol()))
                .collect();
            told.push(cells.join(""));
            shown = next;
        }
        told
    }

    #[test]
    fn a_row_with_a_flag_is_sent_in_full_and_once_more_when_it_goes() {
        let flag = "\u{1f1e8}\u{1f1f3}";
        assert_eq!(
            sent(&[
                &format!("a{flag}b    "),
                &format!("a{flag}c    "),
                "a       ",
                "a      z",
            ]),
            [
                &format!("0a1{flag}3b4 5 6 7 "),
                &format!("0a1{flag}3c4 5 6 7 "),
                "0a1 2 3 4 5 6 7 ",
                "7z",
            ]
        );
    }

    #[test]
    fn other_rows_are_sent_as_far_as_they_changed() {
        assert_eq!(
            sent(&["e\u{301}好\u{1f600}", "e\u{301}好\u{1f600}x"])[1],
            "5x"
        );
    }
}
