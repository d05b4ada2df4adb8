//! Draws the card that explains a fault, and questions.

use super::super::text::wrap::wrap;
use super::super::text::{Row, Run, width};
use super::super::theme::{Role, Theme};
use super::super::words::{key, say};
use super::{centred, closes, frame, rows};
use crate::core::action::Plain;
use crate::core::fault::{Fault, Recovery};
use crate::core::keys::Context;
use crate::core::model::{Model, Question};
use crate::core::words::{Word, fill};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Columns of a card at most: what is wider is tiring to read.
const WIDEST: u16 = 76;

/// What happened, why, and what to do.
fn told(model: &Model, fault: &Fault, room: usize) -> Vec<Row> {
    let mut text: Vec<Row> = wrap(&[Run::role(&fault.what, Role::Error)], room);
    if let Some(why) = &fault.why {
        text.extend(wrap(&[Run::role(why, Role::Text)], room));
    }
    let hint = fault
        .hint
        .as_deref()
        .unwrap_or(say(model, fault.recovery.word()));
    let mut advice = vec![Run::role(hint, Role::Text)];
    let helps = match fault.recovery {
        Recovery::Reconnect => Some((Plain::DialNow, Word::KeyConnects)),
        Recovery::Retry => Some((Plain::Again, Word::AsksAgain)),
        Recovery::Reset | Recovery::Stop | Recovery::FixInput => None,
    };
    if let Some((action, word)) = helps
        && let Some(key) = key(model, Context::Chat, action)
    {
        let does = fill(say(model, word), &[&key]);
        advice.push(Run::role(&format!(" · {does}"), Role::Dim));
    }
    // The arrow stands in a margin of its own.
    let margin = |nth| Run::role(if nth == 0 { "→ " } else { "  " }, Role::Accent);
    let advice = wrap(&advice, room.saturating_sub(2).max(1));
    text.extend(advice.into_iter().enumerate().map(|(nth, row)| {
        let mut full = vec![margin(nth)];
        full.extend(row);
        full
    }));
    text
}

fn inner(width: u16) -> usize {
    usize::from(width.min(WIDEST).saturating_sub(4)).max(1)
}

/// The rows a card wants on a screen of this width.
pub(crate) fn card_height(model: &Model, fault: &Fault, width: u16) -> usize {
    told(model, fault, inner(width)).len() + 2
}

/// Draws a fault at the foot of the chat. Typing goes on below it.
pub(crate) fn card(area: Rect, buffer: &mut Buffer, model: &Model, fault: &Fault, theme: Theme) {
    let text = told(model, fault, inner(area.width));
    let place = Rect {
        width: area.width.min(WIDEST),
        ..area
    };
    let title = say(model, fault.about);
    let inside = frame(place, buffer, title, &closes(model, Context::Chat), theme);
    rows(inside, buffer, &text, theme);
}

/// Draws a question that is answered with yes or no.
pub(crate) fn question(
    area: Rect,
    buffer: &mut Buffer,
    model: &Model,
    question: &Question,
    theme: Theme,
) {
    let asked = Run::role(&question.text, Role::Text);
    let wide = u16::try_from(width(&asked.text) + 6)
        .unwrap_or(u16::MAX)
        .clamp(44, 76);
    let probe = centred(area, wide, 6);
    let mut text = wrap(&[asked], usize::from(probe.width.saturating_sub(4)).max(1));
    text.push(vec![]);
    text.push(vec![
        Run::role("y", Role::Accent),
        Run::role(&format!(" {}   ", say(model, Word::Yes)), Role::Text),
        Run::role("n", Role::Accent),
        Run::role(&format!(" {}", say(model, Word::No)), Role::Text),
    ]);
    let high = u16::try_from(text.len() + 2).unwrap_or(u16::MAX);
    let place = centred(area, wide, high);
    let closes = closes(model, Context::Page);
    let inside = frame(
        place,
        buffer,
        say(model, Word::TitleQuestion),
        &closes,
        theme,
    );
    rows(inside, buffer, &text, theme);
}
