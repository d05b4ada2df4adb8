//! Draws, beside the chat where the screen is wide enough, how things stand: who answers and how it
//! is reached, what hears and speaks, and where the time of the last answer went. It changes only
//! when one of these does.

use super::text::{Row, Run, clip, put};
use super::theme::{Role, Theme};
use super::words::{brief, current_badge, current_brain, say};
use super::{status, voice};
use crate::core::checkup::Part;
use crate::core::model::Model;
use crate::core::times::{parts, slowest, spent};
use crate::core::words::{Word, fill};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::time::Duration;

/// From so many columns on, and so many rows, there is room for it.
const FROM: (u16, u16) = (150, 14);
/// Its columns, with a gap and the line in front of it.
const WIDE: u16 = 41;

/// Divides what is above the rule between the chat and the panel.
pub(super) fn beside(area: Rect, model: &Model) -> u16 {
    let fits = area.width >= FROM.0 && area.height >= FROM.1;
    if model.look.panel && fits { WIDE } else { 0 }
}

/// Draws the panel.
pub(super) fn draw(area: Rect, buffer: &mut Buffer, model: &Model, theme: Theme) {
    if area.width < 5 {
        return;
    }
    for y in area.top()..area.bottom() {
        let line = [Run::role("│", Role::Dim)];
        put(buffer, (area.x + 1, y), 1, &line, theme);
    }
    let inside = Rect {
        x: area.x + 3,
        width: area.width - 3,
        ..area
    };
    for (y, row) in (inside.top()..inside.bottom()).zip(rows(model, inside.width.into())) {
        put(buffer, (inside.x, y), inside.width, &row, theme);
    }
}

/// Columns of the names.
const NAME: usize = 14;

fn rows(model: &Model, room: usize) -> Vec<Row> {
    let one = |name: &str, told: &str, role: Role| -> Row {
        let told = Run::role(told, role).text.replace('\n', " ");
        let name = clip(name, NAME - 1);
        let gap = " ".repeat(NAME - super::text::width(&name));
        vec![
            Run::role(&name, Role::Dim),
            Run::role(&gap, Role::Dim),
            Run::role(&clip(&told, room.saturating_sub(NAME)), role),
        ]
    };
    let title = |word| vec![Run::role(say(model, word), Role::Title)];
    let (lang, wishes) = (model.lang, &model.voice.wishes);
    let auto = |chosen: &Option<String>| chosen.clone().unwrap_or_else(|| "auto".to_owned());
    let backend = match model.backend.as_str() {
        "embedded" => say(model, Word::Embedded),
        name => name,
    };
    let brain = current_brain(model).unwrap_or_default();
    let badge = current_badge(model);
    let thinks = if brain.is_empty() || brain == badge {
        badge
    } else {
        format!("{badge} · {brain}")
    };
    let (line, role) = status::told(model);
    let (microphone, open) = voice::microphone(model);
    let ear = if open { Role::Error } else { Role::Text };
    let messages = model.conversation.transcript.count().to_string();
    let tools = if model.choice.tools {
        Word::Yes
    } else {
        Word::No
    };
    let mut rows = vec![
        title(Word::PanelNow),
        one(Part::Backend.tell(lang), backend, Role::Text),
        one(say(model, Word::PanelLine), &line, role),
        one(Part::Brain.tell(lang), &thinks, Role::Text),
        one(say(model, Word::TitleTools), say(model, tools), Role::Text),
        one(Part::Ears.tell(lang), &auto(&wishes.ears), Role::Text),
        one(Part::Voice.tell(lang), &auto(&wishes.mouth), Role::Text),
        one(Part::Microphone.tell(lang), microphone, ear),
        one(
            say(model, Word::PanelConversation),
            &fill(say(model, Word::BrowseMessages), &[&messages]),
            Role::Text,
        ),
    ];
    let Some(times) = model.times.back() else {
        return rows;
    };
    let parts = parts(times);
    if parts.is_empty() {
        return rows;
    }
    rows.extend([vec![], title(Word::PanelLast)]);
    let longest = slowest(&parts).map(|part| part.until);
    for part in &parts {
        let Some(word) = part.until.wait() else {
            continue;
        };
        let told = brief(Duration::from_millis(part.ms));
        let role = if longest == Some(part.until) {
            Role::Accent
        } else {
            Role::Text
        };
        rows.push(one(say(model, word), &told, role));
    }
    let tokens = spent([times]).completion;
    if tokens > 0 {
        let tokens = tokens.to_string();
        rows.push(one(say(model, Word::PanelTokens), &tokens, Role::Text));
    }
    rows
}
