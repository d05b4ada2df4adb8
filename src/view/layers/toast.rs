//! Draws notices at the top right, the newest first.

use super::super::text::wrap::wrap;
use super::super::text::{Run, put, row_width};
use super::super::theme::{Role, Theme};
use super::blank;
use crate::core::model::{Toast, Tone};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// More than this would hide what the user reads.
const SHOWN: usize = 3;

/// The rows of one notice at most.
const ROWS: usize = 3;

/// Draws notices into the top of an area.
pub(crate) fn toasts(area: Rect, buffer: &mut Buffer, toasts: &[Toast], theme: Theme) {
    // Below the title, which stays readable.
    let mut y = (area.top() + 1).min(area.bottom());
    for toast in toasts.iter().rev().take(SHOWN) {
        let (mark, role) = match toast.tone {
            Tone::Good => ("✓", Role::Ok),
            Tone::Plain => ("·", Role::Accent),
            Tone::Warning => ("!", Role::Warning),
        };
        let room = usize::from(area.width.min(64).saturating_sub(4)).max(1);
        let text = toast.text.replace('\n', " ");
        let mut text = wrap(&[Run::role(&text, role)], room);
        if text.len() > ROWS {
            text.truncate(ROWS);
            text[ROWS - 1].push(Run::role("…", role));
        }
        let widest = text.iter().map(|row| row_width(row)).max().unwrap_or(0);
        let wide = (widest + 4).min(usize::from(area.width)) as u16;
        for (nth, row) in text.iter().enumerate() {
            if y >= area.bottom() {
                return;
            }
            let place = Rect {
                x: area.right() - wide,
                y,
                width: wide,
                height: 1,
            };
            blank(place, buffer);
            let mark = if nth == 0 { mark } else { " " };
            let mut line = vec![Run::role(&format!(" {mark} "), role)];
            line.extend(row.iter().cloned());
            put(buffer, (place.x, y), wide, &line, theme);
            y += 1;
        }
    }
}
