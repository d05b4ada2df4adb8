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

/// Draws a fault at the foot of the chat: what happened, why, and what to do. Typing goes on
/// below it.
pub(crate) fn card(area: Rect, buffer: &mut Buffer, model: &Model, fault: &Fault, theme: Theme) {
    let wide = area.width.min(76);
    let room = usize::from(wide.saturating_sub(4)).max(1);
    let mut text: Vec<Row> = wrap(&[Run::role(&fault.what, Role::Error)], room);
    if let Some(why) = &fault.why {
        text.extend(wrap(&[Run::role(why, Role::Text)], room));
    }
    let hint = fault
        .hint
        .as_deref()
        .unwrap_or(say(model, fault.recovery.word()));
    let mut advice = vec![Run::role("→ ", Role::Accent), Run::role(hint, Role::Text)];
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
    text.extend(wrap(&advice, room));
    let high = u16::try_from(text.len() + 2)
        .unwrap_or(u16::MAX)
        .min(area.height);
    let place = Rect {
        y: area.bottom() - high,
        width: wide,
        height: high,
        ..area
    };
    let title = say(model, fault.kind.word());
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
