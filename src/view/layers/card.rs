//! Draws the card that explains a fault, and questions.

use super::super::spots::Spots;
use super::super::text::wrap::wrap;
use super::super::text::{Row, Run, clip, row_width, width};
use super::super::theme::{Role, Theme};
use super::super::words::{key, say};
use super::{centred, closes, frame, rows};
use crate::core::action::Plain;
use crate::core::fault::{Fault, Recovery};
use crate::core::keys::Context;
use crate::core::model::{Model, Question};
use crate::core::point::Spot;
use crate::core::words::{Word, fill};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Columns of a card at most: what is wider is tiring to read.
const WIDEST: u16 = 76;

/// What happened, why, and what to do, in so many rows at most: where there is less room, what to do is
/// kept whole rather than why.
fn told(model: &Model, fault: &Fault, room: usize, most: usize) -> Vec<Row> {
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
    let mut advice = wrap(&advice, room.saturating_sub(2).max(1));
    cut(&mut text, most.saturating_sub(advice.len()).max(1), room);
    cut(
        &mut advice,
        most.saturating_sub(text.len()),
        room.saturating_sub(2),
    );
    text.extend(advice.into_iter().enumerate().map(|(nth, row)| {
        let mut full = vec![margin(nth)];
        full.extend(row);
        full
    }));
    text
}

/// Leaves so many rows, the last of which says that there were more.
fn cut(rows: &mut Vec<Row>, most: usize, room: usize) {
    if rows.len() <= most {
        return;
    }
    rows.truncate(most);
    if let Some(last) = rows.last_mut()
        && let Some((run, before)) = last.split_last_mut()
    {
        let room = room.saturating_sub(row_width(before));
        run.text = clip(&format!("{}…", run.text), room);
    }
}

fn inner(width: u16) -> usize {
    usize::from(width.min(WIDEST).saturating_sub(4)).max(1)
}

/// The rows a card wants on a screen of this width.
pub(crate) fn card_height(model: &Model, fault: &Fault, width: u16) -> usize {
    told(model, fault, inner(width), usize::MAX).len() + 2
}

/// Draws a fault at the foot of the chat. Typing goes on below it.
pub(crate) fn card(
    area: Rect,
    buffer: &mut Buffer,
    model: &Model,
    fault: &Fault,
    spots: &mut Spots,
    theme: Theme,
) {
    let most = usize::from(area.height.saturating_sub(2));
    let text = told(model, fault, inner(area.width), most);
    let place = Rect {
        width: area.width.min(WIDEST),
        ..area
    };
    let title = say(model, fault.about);
    let closes = closes(model, Context::Chat);
    let inside = frame(place, buffer, title, &closes, spots, theme);
    rows(inside, buffer, &text, theme);
}

/// Rows that the detail of a question may take: what is longer is cut, and says so.
const DETAIL: usize = 10;

/// Draws a question and the keys that answer it.
pub(crate) fn question(
    area: Rect,
    buffer: &mut Buffer,
    model: &Model,
    question: &Question,
    spots: &mut Spots,
    theme: Theme,
) {
    let asked = Run::role(&question.text, Role::Text);
    let choices = question.yes.choices();
    let least = if choices.len() > 2 { WIDEST } else { 44 };
    let wide = u16::try_from(width(&asked.text) + 6)
        .unwrap_or(u16::MAX)
        .clamp(least, WIDEST);
    let probe = centred(area, wide, 6);
    let room = usize::from(probe.width.saturating_sub(4)).max(1);
    let mut text = wrap(&[asked], room);
    let mut keys: Vec<Row> = vec![vec![]];
    for (key, word) in choices {
        let choice = [
            Run::role(&key.to_string(), Role::Accent),
            Run::role(&format!(" {}   ", say(model, *word)), Role::Text),
        ];
        let more: usize = choice.iter().map(|run| width(&run.text)).sum();
        let fits = |row: &Row| row_width(row) + more <= room + 3;
        match keys.last_mut() {
            Some(row) if row.is_empty() || fits(row) => row.extend(choice),
            _ => keys.push(choice.into()),
        }
    }
    if let Some(detail) = &question.detail {
        // The keys are always there to be seen.
        let most = usize::from(area.height).saturating_sub(text.len() + keys.len() + 4);
        let mut rows = wrap(&[Run::role(detail, Role::Code)], room);
        let most = most.clamp(1, DETAIL);
        if rows.len() > most {
            let more = (rows.len() - most + 1).to_string();
            rows.truncate(most - 1);
            let more = fill(say(model, Word::MoreBelow), &[&more]);
            rows.push(vec![Run::role(&more, Role::Accent)]);
        }
        text.extend(rows);
    }
    text.push(vec![]);
    if model.now.mono < question.ready {
        // They do not count yet.
        keys.iter_mut().for_each(Vec::clear);
    }
    let (first, asks) = (text.len(), keys.clone());
    text.extend(keys);
    let high = u16::try_from(text.len() + 2).unwrap_or(u16::MAX);
    let place = centred(area, wide, high);
    let closes = closes(model, Context::Page);
    let inside = frame(
        place,
        buffer,
        say(model, Word::TitleQuestion),
        &closes,
        spots,
        theme,
    );
    rows(inside, buffer, &text, theme);
    for (y, row) in (inside.y + first as u16..inside.bottom()).zip(&asks) {
        let mut x = inside.x;
        // A key, and what it means.
        for choice in row.chunks(2) {
            let wide = row_width(choice) as u16;
            if let Some(key) = choice.first().and_then(|run| run.text.chars().next()) {
                spots.add(
                    Rect::new(x, y, wide.saturating_sub(3), 1),
                    Spot::Answer(key),
                );
            }
            x += wide;
        }
    }
}
