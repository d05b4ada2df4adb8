//! Draws what lies over the chat: pickers, earlier conversations, pages, questions, forms, cards and
//! notices.
//!
//! Which of them are open and which keys they take is `core`'s; here each gets a box that says
//! how it closes. On a small screen a box takes all of it.

mod browser;
mod card;
mod code;
mod compare;
mod doctor;
mod figures;
mod form;
mod inspect;
mod log;
mod page;
mod picker;
mod times;
mod toast;
mod tools;

pub(super) use browser::{browser, date as conversation_day, named as conversation_title};
pub(super) use card::{card, card_height, question};
pub(super) use form::form;
pub(super) use page::{page, told as page_told};
pub(super) use picker::{picker, query, title as picker_title};
pub(super) use toast::{toast_height, toasts};

use super::spots::Spots;
use super::text::{Row, Run, clip, put, width};
use super::theme::{Role, Theme};
use super::words::{key, say};
use crate::core::action::Plain;
use crate::core::keys::Context;
use crate::core::model::Model;
use crate::core::words::{Word, fill};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// A box in the middle of an area, or all of a small one.
fn centred(area: Rect, wide: u16, high: u16) -> Rect {
    if area.width < 60 || area.height < 16 {
        return area;
    }
    let wide = wide.min(area.width - 4);
    let high = high.min(area.height - 2);
    Rect {
        x: area.x + (area.width - wide) / 2,
        y: area.y + (area.height - high) / 3,
        width: wide,
        height: high,
    }
}

/// Lets what is drawn so far step back behind what comes over it.
pub(super) fn recede(area: Rect, buffer: &mut Buffer, theme: Theme) {
    let faint = Style::reset().patch(theme.of(Role::Dim));
    buffer.set_style(area, faint);
}

/// Clears an area, draws a frame with a title and the key that closes it, which can be clicked on,
/// and returns the inside.
fn frame(
    area: Rect,
    buffer: &mut Buffer,
    title: &str,
    closes: &str,
    spots: &mut Spots,
    theme: Theme,
) -> Rect {
    let area = area.intersection(buffer.area);
    blank(area, buffer);
    if area.width < 6 || area.height < 3 {
        return area;
    }
    let edge = theme.of(Role::Dim);
    let line = "─".repeat(usize::from(area.width - 2));
    let top = format!("╭{line}╮");
    let bottom = format!("╰{line}╯");
    buffer.set_string(area.x, area.y, &top, edge);
    buffer.set_string(area.x, area.bottom() - 1, &bottom, edge);
    for y in area.y + 1..area.bottom() - 1 {
        buffer.set_string(area.x, y, "│", edge);
        buffer.set_string(area.right() - 1, y, "│", edge);
    }
    let room = usize::from(area.width - 4);
    let closes_wide = width(closes);
    let both = width(title) + closes_wide + 4 <= room;
    let title = [Run::role(
        &format!(" {} ", clip(title, room - 2)),
        Role::Title,
    )];
    put(buffer, (area.x + 2, area.y), room as u16, &title, theme);
    if both && closes_wide > 0 {
        let at = area.right() - 3 - closes_wide as u16;
        spots.hint(Rect::new(at, area.y, closes_wide as u16, 1), Plain::Cancel);
        let closes = [Run::role(&format!(" {closes} "), Role::Dim)];
        put(
            buffer,
            (at - 1, area.y),
            closes_wide as u16 + 2,
            &closes,
            theme,
        );
    }
    Rect {
        x: area.x + 2,
        y: area.y + 1,
        width: area.width - 4,
        height: area.height - 2,
    }
}

/// Empties an area, also of the halves of wide characters that reach into it.
fn blank(area: Rect, buffer: &mut Buffer) {
    for y in area.top()..area.bottom() {
        if let Some(before) = area.left().checked_sub(1)
            && before >= buffer.area.left()
            && width(buffer[(before, y)].symbol()) > 1
        {
            buffer[(before, y)].reset();
        }
        for x in area.left()..area.right() {
            buffer[(x, y)].reset();
        }
    }
}

/// `Esc closes`, with the key that does it here.
fn closes(model: &Model, context: Context) -> String {
    let key = key(model, context, Plain::Cancel).unwrap_or_else(|| "Esc".to_owned());
    fill(say(model, Word::KeyCloses), &[&key])
}

/// Draws rows from the top of an area.
fn rows(area: Rect, buffer: &mut Buffer, rows: &[Row], theme: Theme) {
    for (y, row) in (area.top()..area.bottom()).zip(rows) {
        put(buffer, (area.x, y), area.width, row, theme);
    }
}
