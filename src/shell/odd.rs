//! Keeps the screen whole where terminals disagree about widths.
//!
//! Flags, families and other emoji of several characters take two columns here, but anything from
//! one to eight in terminals and multiplexers. What such a terminal shows behind one of them is
//! not what was sent, and a frame that sends only what changed would leave the difference there
//! for good. So a row that holds one, or held one, is sent in full whenever it changes: the cursor
//! is placed anew behind each wide character, and what stood there is painted over.

use ratatui::buffer::{Buffer, Cell, CellDiffOption};
use std::collections::BTreeMap;

/// The rows that hold a character of doubtful width, as they were sent last.
#[derive(Debug, Default)]
pub(super) struct Odd(BTreeMap<u16, Vec<Cell>>);

impl Odd {
    /// Marks what of this frame is to be sent although it seems to be there already.
    pub(super) fn mark(&mut self, frame: &mut Buffer) {
        let mut before = std::mem::take(&mut self.0);
        let columns = usize::from(frame.area.width).max(1);
        for (row, cells) in (frame.area.y..).zip(frame.content.chunks_mut(columns)) {
            let sent = before.remove(&row);
            let odd = cells.iter().any(|cell| doubtful(cell.symbol()));
            if !odd && sent.is_none() {
                continue;
            }
            let now = odd.then(|| cells.to_vec());
            if now != sent {
                for cell in cells {
                    cell.set_diff_option(CellDiffOption::AlwaysUpdate);
                }
            }
            self.0.extend(now.map(|now| (row, now)));
        }
    }
}

/// Whether terminals disagree about the width of this: emoji that are joined, coloured, chosen or
/// paired by a further character, and the halves of flags.
fn doubtful(symbol: &str) -> bool {
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

    /// What is sent for each of these frames, with a dot for a cell that is left out.
    fn sent(frames: &[&str]) -> Vec<String> {
        let mut odd = Odd::default();
        let mut shown = Buffer::with_lines([" ".repeat(8)]);
        let mut told = vec![];
        for frame in frames {
            let mut next = Buffer::with_lines([format!("{frame:8}")]);
            next.resize(shown.area);
            odd.mark(&mut next);
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
    fn a_row_with_a_flag_is_sent_in_full_when_it_changes_and_once_more_when_it_goes() {
        let flag = "\u{1f1e8}\u{1f1f3}";
        assert_eq!(
            sent(&[
                &format!("a{flag}b    "),
                &format!("a{flag}b    "),
                &format!("a{flag}c    "),
                "a       ",
                "a      z",
            ]),
            [
                &format!("0a1{flag}3b4 5 6 7 "),
                "",
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
