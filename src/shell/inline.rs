//! Draws a strip of rows at the place where the terminal is, below what it keeps: rows go in, bytes
//! come out, and nothing is written here.
//!
//! Nobody asks the terminal where its cursor is, for it might not answer; everything is written
//! from where the last strip left it. A row is sent only if it changed, and none is cleared before
//! it is written, so that nothing flickers where a terminal shows frames in the making.

use super::odd::doubtful;
use crate::view::inline::Strip;
use crate::view::text::width;
use crossterm::Command;
use crossterm::style::{SetBackgroundColor, SetForegroundColor};
use ratatui::backend::IntoCrossterm;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use std::fmt::Write as _;

/// The strip as the terminal has it.
#[derive(Debug, Default)]
pub(super) struct Inline {
    rows: Vec<Sent>,
    /// Where the cursor is: the row from the top of the strip, and the column.
    caret: (u16, u16),
    /// What is below the top of the strip is not what was sent.
    stale: bool,
}

/// One row, as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sent {
    bytes: String,
    columns: u16,
}

impl Inline {
    /// What brings the terminal from the last strip to this one; empty when there is no difference.
    pub(super) fn write(&mut self, strip: &Strip, size: (u16, u16)) -> String {
        let told: Vec<Sent> = rows(&strip.told);
        let mut next: Vec<Sent> = rows(&strip.shown);
        // The foot of the strip stays where it is: what is told comes out of its height.
        let kept = self.rows.len().saturating_sub(told.len());
        let high = kept.min(usize::from(size.1)).max(next.len());
        let above = high - next.len();
        next.splice(0..0, std::iter::repeat_n(Sent::empty(), above));
        let caret = (
            strip.caret.y.saturating_add(above as u16),
            strip.caret.x.min(size.0.saturating_sub(1)),
        );
        let same = told.is_empty() && !self.stale && self.rows == next;
        if same && self.caret == caret {
            return String::new();
        }
        let mut to = String::from("\x1b[?25l");
        if !same {
            // A row that a terminal finds too wide must not become two.
            to.push_str("\x1b[?7l");
            up(&mut to, self.caret.0);
            to.push('\r');
            if self.stale {
                to.push_str("\x1b[J");
            }
            let before = std::mem::take(&mut self.rows);
            for row in &told {
                row.send(&mut to, size.0);
                to.push_str("\r\n");
            }
            for (at, row) in next.iter().enumerate() {
                if at > 0 {
                    to.push_str("\r\n");
                }
                let there = before.get(at + told.len());
                if self.stale || !told.is_empty() || there != Some(row) {
                    row.send(&mut to, size.0);
                }
            }
            if before.len() > told.len() + next.len() {
                // What is below is none of ours any more.
                to.push_str("\r\n\x1b[J\x1b[A");
            }
            to.push_str("\x1b[?7h");
            up(
                &mut to,
                (next.len() as u16)
                    .saturating_sub(1)
                    .saturating_sub(caret.0),
            );
        } else if caret.0 < self.caret.0 {
            up(&mut to, self.caret.0 - caret.0);
        } else if caret.0 > self.caret.0 {
            let _infallible = write!(to, "\x1b[{}B", caret.0 - self.caret.0);
        }
        let _infallible = write!(to, "\x1b[{}G\x1b[?25h", caret.1 + 1);
        (self.rows, self.caret, self.stale) = (next, caret, false);
        to
    }

    /// How many rows above the cursor the strip begins.
    pub(super) const fn above(&self) -> u16 {
        self.caret.0
    }

    /// The terminal is so wide now. `reflows`: what was wider than that has become several rows.
    pub(super) fn resized(&mut self, columns: u16, reflows: bool) {
        let columns = columns.max(1);
        if reflows {
            let taken = |row: &Sent| row.columns.max(1).div_ceil(columns);
            let above = self.rows.iter().take(usize::from(self.caret.0));
            let above: u16 = above.map(taken).fold(0, u16::saturating_add);
            self.caret.0 = above.saturating_add(self.caret.1 / columns);
        }
        self.stale();
    }

    /// What the terminal shows from the top of the strip on is unknown.
    pub(super) fn stale(&mut self) {
        self.stale = true;
        self.rows.clear();
    }
}

/// Whether this terminal sets text anew that does not fit its width any more. Nearly all do.
pub(super) fn reflows(variable: &dyn Fn(&str) -> Option<String>) -> bool {
    let has = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    let term = variable("TERM").unwrap_or_default();
    let screen = term.starts_with("screen") && !has("TMUX");
    !(has("XTERM_VERSION") || screen || ["linux", "vt100", "vt220"].contains(&term.as_str()))
}

/// Clears a strip that begins so many rows above the cursor.
pub(super) fn wiped(above: u16) -> String {
    let mut to = String::new();
    up(&mut to, above);
    to.push_str("\r\x1b[J");
    to
}

fn up(to: &mut String, rows: u16) {
    if rows > 0 {
        let _infallible = write!(to, "\x1b[{rows}A");
    }
}

impl Sent {
    const fn empty() -> Self {
        Self {
            bytes: String::new(),
            columns: 0,
        }
    }

    fn send(&self, to: &mut String, room: u16) {
        to.push_str(&self.bytes);
        // Behind a full row the cursor stands on its last character.
        if self.columns < room {
            to.push_str("\x1b[K");
        }
    }
}

fn rows(buffer: &Buffer) -> Vec<Sent> {
    let wide = usize::from(buffer.area.width).max(1);
    buffer.content.chunks(wide).map(row).collect()
}

fn row(cells: &[Cell]) -> Sent {
    let bare = |cell: &Cell| {
        let marks = Modifier::REVERSED | Modifier::UNDERLINED | Modifier::CROSSED_OUT;
        cell.symbol() == " " && cell.bg == Color::Reset && !cell.modifier.intersects(marks)
    };
    let mut x = 0;
    let mut sent = Sent::empty();
    let mut worn = (Color::Reset, Color::Reset, Modifier::empty());
    // What is bare is sent only if something follows it.
    let mut waiting = 0;
    while let Some(cell) = cells.get(x) {
        let symbol = cell.symbol();
        let columns = width(symbol).max(1);
        if bare(cell) {
            waiting += 1;
            x += 1;
            continue;
        }
        if waiting > 0 {
            wear(&mut sent.bytes, &mut worn, &Cell::default());
            sent.bytes.extend(std::iter::repeat_n(' ', waiting));
            waiting = 0;
        }
        wear(&mut sent.bytes, &mut worn, cell);
        sent.bytes.push_str(symbol);
        x += columns;
        if doubtful(symbol) {
            let _infallible = write!(sent.bytes, "\x1b[{}G", x + 1);
        }
        sent.columns = x as u16;
    }
    wear(&mut sent.bytes, &mut worn, &Cell::default());
    sent
}

/// Changes to the look of a cell.
fn wear(to: &mut String, worn: &mut (Color, Color, Modifier), cell: &Cell) {
    const CODES: [(Modifier, u8); 7] = [
        (Modifier::BOLD, 1),
        (Modifier::DIM, 2),
        (Modifier::ITALIC, 3),
        (Modifier::UNDERLINED, 4),
        (Modifier::SLOW_BLINK, 5),
        (Modifier::REVERSED, 7),
        (Modifier::CROSSED_OUT, 9),
    ];
    let wanted = (cell.fg, cell.bg, cell.modifier);
    if *worn == wanted {
        return;
    }
    *worn = wanted;
    to.push_str("\x1b[0m");
    for (modifier, code) in CODES {
        if cell.modifier.contains(modifier) {
            let _infallible = write!(to, "\x1b[{code}m");
        }
    }
    // Writing into a string cannot fail.
    if cell.fg != Color::Reset {
        let _ = SetForegroundColor(cell.fg.into_crossterm()).write_ansi(to);
    }
    if cell.bg != Color::Reset {
        let _ = SetBackgroundColor(cell.bg.into_crossterm()).write_ansi(to);
    }
}

#[cfg(test)]
mod tests;
