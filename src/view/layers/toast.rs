//! Draws notices at the top right, the newest first.

use super::super::text::{Run, clip, put, width};
use super::super::theme::{Role, Theme};
use super::blank;
use crate::core::model::{Toast, Tone};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// More than this would hide what the user reads.
const SHOWN: usize = 3;

/// Draws notices into the top of an area.
pub(crate) fn toasts(area: Rect, buffer: &mut Buffer, toasts: &[Toast], theme: Theme) {
    let newest = toasts.iter().rev().take(SHOWN);
    for (y, toast) in (area.top()..area.bottom()).zip(newest) {
        let (mark, role) = match toast.tone {
            Tone::Good => ("✓", Role::Ok),
            Tone::Plain => ("·", Role::Accent),
            Tone::Warning => ("!", Role::Warning),
        };
        let room = usize::from(area.width.min(70));
        let text = Run::role(&toast.text, Role::Text).text.replace('\n', " ");
        let text = clip(&text, room.saturating_sub(4));
        let wide = (width(&text) + 4).min(usize::from(area.width)) as u16;
        let place = Rect {
            x: area.right() - wide,
            y,
            width: wide,
            height: 1,
        };
        blank(place, buffer);
        let row = [
            Run::role(&format!(" {mark} "), role),
            Run::role(&text, role),
        ];
        put(buffer, (place.x, y), wide, &row, theme);
    }
}
