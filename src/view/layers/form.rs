//! Draws a line that is asked for: what it is about, the line, and what is wrong with it so far.

use super::super::composer::{self, window};
use super::super::spots::Spots;
use super::super::text::wrap::wrap;
use super::super::text::{Row, Run, put};
use super::super::theme::{Role, Theme};
use super::super::words::{key, say};
use super::{centred, closes, frame, rows};
use crate::core::action::Plain;
use crate::core::form::Form;
use crate::core::keys::Context;
use crate::core::model::Model;
use crate::core::words::fill;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// Columns of a form at most: what is wider is tiring to read.
const WIDEST: u16 = 76;
/// Rows for what is wrong: there whether something is or not, so that nothing jumps.
const WRONG: usize = 2;

/// Draws a form and says where its caret is.
pub(crate) fn form(
    area: Rect,
    buffer: &mut Buffer,
    model: &Model,
    form: &Form,
    spots: &mut Spots,
    theme: Theme,
) -> Position {
    let room = usize::from(area.width.min(WIDEST).saturating_sub(4)).max(1);
    let mut about: Vec<Row> = vec![];
    for (nth, paragraph) in form.about.iter().enumerate() {
        let role = if nth == 0 { Role::Text } else { Role::Dim };
        about.extend(wrap(&[Run::role(paragraph, role)], room));
    }
    let keys = wrap(&[Run::role(&keys(model, form), Role::Dim)], room);
    let wrong = match &form.wrong {
        // The mark says it where colours do not.
        Some(wrong) => wrap(&[Run::role(&format!("✗ {wrong}"), Role::Error)], room),
        None => vec![],
    };
    let below = wrong.len().max(WRONG) + keys.len();
    let high = u16::try_from(about.len() + below + 5).unwrap_or(u16::MAX);
    let area = centred(area, WIDEST, high);
    let inside = frame(
        area,
        buffer,
        &form.title,
        &closes(model, Context::Picker),
        spots,
        theme,
    );
    if inside.is_empty() {
        return Position::new(area.x, area.y);
    }
    // The line itself is always there, then what is wrong, then what it is about, then the keys.
    let height = usize::from(inside.height);
    let about_rows = about.len().min(height.saturating_sub(1 + wrong.len()));
    about.truncate(about_rows);
    rows(inside, buffer, &about, theme);
    let mut y = inside.y + about_rows as u16;
    y += u16::from(usize::from(inside.bottom() - y) > 1 + below);
    let caret = line(
        Rect {
            y,
            height: 1,
            ..inside
        },
        buffer,
        form,
        theme,
    );
    let rest = Rect {
        y: (y + 1).min(inside.bottom()),
        height: inside.bottom().saturating_sub(y + 1),
        ..inside
    };
    rows(rest, buffer, &wrong, theme);
    let taken = wrong.len().max(WRONG) as u16;
    if rest.height > taken {
        let foot = Rect {
            y: rest.y + taken,
            height: rest.height - taken,
            ..rest
        };
        rows(foot, buffer, &keys, theme);
    }
    caret
}

fn keys(model: &Model, form: &Form) -> String {
    let key = |action| key(model, Context::Picker, action).unwrap_or_default();
    let walk = if form.offers.is_empty() {
        String::new()
    } else {
        format!("{} {}", key(Plain::Up), key(Plain::Down))
    };
    let all = fill(say(model, form.kind.keys()), &[&key(Plain::Send), &walk]);
    match all.split_once(" · ") {
        Some((first, _)) if walk.is_empty() => first.to_owned(),
        _ => all,
    }
}

/// The line, and where its caret is. What does not fit is scrolled to the caret.
fn line(area: Rect, buffer: &mut Buffer, form: &Form, theme: Theme) -> Position {
    let mark = [Run::role("› ", Role::Accent)];
    put(buffer, (area.x, area.y), area.width, &mark, theme);
    let text = Rect {
        x: area.x + 2.min(area.width - 1),
        width: area.width.saturating_sub(2).max(1),
        ..area
    };
    let shown = window(form.line.text(), form.line.caret(), text.width.into());
    composer::draw(text, buffer, &shown, theme)
}
