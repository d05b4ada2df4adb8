//! Draws notices at the top right, the newest first.

use super::super::text::wrap::wrap;
use super::super::text::{Row, Run, put, row_width};
use super::super::theme::{Role, Theme};
use super::blank;
use crate::core::model::{Toast, Tone};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// More than this would hide what the user reads.
const SHOWN: usize = 3;

/// The rows of one notice at most.
const ROWS: usize = 3;

/// A notice in rows, the newest first, with its mark.
fn told(toasts: &[Toast], area: Rect) -> impl Iterator<Item = (&'static str, Role, Vec<Row>)> {
    let room = usize::from(area.width.min(64).saturating_sub(4)).max(1);
    let most = ROWS.min(usize::from(area.height)).max(1);
    toasts.iter().rev().take(SHOWN).map(move |toast| {
        let (mark, role) = match toast.tone {
            Tone::Good => ("✓", Role::Ok),
            Tone::Plain => ("·", Role::Accent),
            Tone::Warning => ("!", Role::Warning),
        };
        let text = toast.text.replace('\n', " ");
        let mut text = wrap(&[Run::role(&text, role)], room);
        if text.len() > most {
            text.truncate(most);
            text[most - 1].push(Run::role("…", role));
        }
        (mark, role, text)
    })
}

/// The rows that notices want of an area.
pub(crate) fn toast_height(area: Rect, toasts: &[Toast]) -> u16 {
    let rows: usize = told(toasts, area).map(|(_, _, text)| text.len()).sum();
    area.height.min(rows as u16)
}

/// Draws notices into the top of an area.
pub(crate) fn toasts(area: Rect, buffer: &mut Buffer, toasts: &[Toast], theme: Theme) {
    let mut y = area.top();
    for (mark, role, text) in told(toasts, area) {
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
