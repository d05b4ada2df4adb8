//! Draws one turn on one timeline: a row for each thing that happened, the chosen one marked and, if
//! wanted, in full.

use super::super::spots::Spots;
use super::super::text::wrap::wrap;
use super::super::text::{Row, Run, clip, width};
use super::super::theme::{Role, Theme};
use super::super::words::{key, say};
use super::{closes, frame, rows};
use crate::core::action::Plain;
use crate::core::inspect::{self, Entry, Inspector, Kind, asked, clock, entries};
use crate::core::keys::Context;
use crate::core::model::Model;
use crate::core::words::{Word, fill};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Columns of a time such as `-12.345`.
const TIME: usize = 8;
/// With fewer rows than this, where the time went is left to its own page.
const ROOMY: u16 = 18;
/// A line in full takes so many rows at most.
const FULL: usize = 200;

/// Draws the page.
pub(super) fn draw(
    area: Rect,
    buffer: &mut Buffer,
    model: &Model,
    inspector: &Inspector,
    spots: &mut Spots,
    theme: Theme,
) {
    let closes = closes(model, Context::Inspector);
    let title = match asked(model, inspector) {
        Some(asked) => format!("{} · {asked}", say(model, Word::InspectTitle)),
        None => say(model, Word::InspectTitle).to_owned(),
    };
    let room = usize::from(area.width).saturating_sub(8 + width(&closes));
    let title = clip(&title, room.max(usize::from(area.width).min(20)));
    let inside = frame(area, buffer, &title, &closes, spots, theme);
    if inside.is_empty() {
        return;
    }
    let room = usize::from(inside.width).max(1);
    let mut head = vec![];
    if let Some(times) = inspect::times(model, inspector).filter(|_| inside.height >= ROOMY) {
        head = super::times::outline(model, &times, room);
        head.push(vec![]);
    }
    let high = inside.height.saturating_sub(1);
    let above = u16::try_from(head.len()).unwrap_or(u16::MAX).min(high);
    rows(
        Rect {
            height: above,
            ..inside
        },
        buffer,
        &head,
        theme,
    );
    let body = Rect {
        y: inside.y + above,
        height: high - above,
        ..inside
    };
    let (all, chosen) = timeline(model, inspector, room);
    let height = usize::from(body.height);
    let most = all.len().saturating_sub(height);
    // What is chosen is in sight, with something before it.
    let top = chosen.start.saturating_sub(height / 3);
    let top = top.max(chosen.end.saturating_sub(height)).min(chosen.start);
    rows(
        body,
        buffer,
        all.get(top.min(most)..).unwrap_or_default(),
        theme,
    );
    let foot = Rect {
        y: inside.bottom() - 1,
        height: 1,
        ..inside
    };
    rows(
        foot,
        buffer,
        &[vec![Run::role(&keys(model, room), Role::Dim)]],
        theme,
    );
}

/// What the keys do.
fn keys(model: &Model, room: usize) -> String {
    let key = |plain| key(model, Context::Inspector, plain).unwrap_or_default();
    let keys = [
        key(Plain::Send),
        key(Plain::TurnLog),
        key(Plain::Insert),
        key(Plain::Left),
        key(Plain::Right),
        key(Plain::Bundle),
        key(Plain::Status),
    ];
    let keys = keys.each_ref().map(String::as_str);
    clip(&fill(say(model, Word::InspectKeys), &keys), room)
}

/// The rows of the timeline, and which of them are the chosen line's.
fn timeline(
    model: &Model,
    inspector: &Inspector,
    room: usize,
) -> (Vec<Row>, std::ops::Range<usize>) {
    let entries = entries(model, inspector);
    let last = entries.len().saturating_sub(1);
    let at = inspector.chosen.min(last);
    let column = kinds(model);
    let (mut all, mut chosen) = (vec![], 0..0);
    for (nth, entry) in entries.iter().enumerate() {
        let from = all.len();
        all.push(short(model, entry, nth == at, column, room));
        if nth == at {
            if inspector.unfolded {
                all.extend(whole(entry, room));
            }
            chosen = from..all.len();
        }
    }
    if inspector.found.is_none() {
        all.push(vec![Run::role(say(model, Word::InspectLooking), Role::Dim)]);
    }
    (all, chosen)
}

/// Columns of the names of kinds.
fn kinds(model: &Model) -> usize {
    let all = [
        Kind::Audio,
        Kind::Guess,
        Kind::Words,
        Kind::State,
        Kind::Stage,
        Kind::Prompt,
        Kind::Tool,
        Kind::Answer,
        Kind::Spoken,
        Kind::Up,
        Kind::Down,
        Kind::Log,
        Kind::Trouble,
    ];
    let wide = all.iter().map(|kind| width(say(model, kind.word())));
    wide.max().unwrap_or(0)
}

/// A line on one row.
fn short(model: &Model, entry: &Entry, chosen: bool, column: usize, room: usize) -> Row {
    let mark = if chosen { "› " } else { "  " };
    let time = format!("{:>TIME$} ", clock(entry.at));
    let name = say(model, entry.kind.word());
    let name = format!("{name}{} ", " ".repeat(column.saturating_sub(width(name))));
    let left = room.saturating_sub(width(mark) + width(&time) + width(&name));
    let role = match entry.kind {
        Kind::Trouble => Role::Error,
        Kind::Stage | Kind::State => Role::Accent,
        Kind::Up | Kind::Down | Kind::Log => Role::Dim,
        _ => Role::Text,
    };
    // Where there are words, they say more than how many there are.
    let text = if entry.said.is_empty() || left < 8 {
        entry.label.clone()
    } else if matches!(entry.kind, Kind::Words | Kind::Guess | Kind::Spoken) {
        entry.said.clone()
    } else {
        format!("{} {}", entry.label, entry.said)
    };
    let text = text.replace(['\n', '\t'], " ");
    vec![
        Run::role(mark, Role::Accent),
        Run::role(&time, Role::Dim),
        Run::role(&name, role),
        Run::role(
            &clip(&text, left),
            if chosen { Role::Title } else { Role::Text },
        ),
    ]
}

/// A line in full, below its row.
fn whole(entry: &Entry, room: usize) -> Vec<Row> {
    let indent = "    ";
    let inner = room.saturating_sub(indent.len()).max(1);
    let texts = [entry.label.as_str(), entry.said.as_str()];
    let lines = texts.into_iter().filter(|text| !text.is_empty());
    let lines = lines.flat_map(str::lines).take(FULL);
    lines
        .flat_map(|line| wrap(&[Run::role(line, Role::Text)], inner))
        .take(FULL)
        .map(|row| {
            let mut out = vec![Run::role(indent, Role::Dim)];
            out.extend(row);
            out
        })
        .collect()
}

/// The page as text, a row for each thing, all changes of state below it.
pub(super) fn told(model: &Model, inspector: &Inspector) -> Vec<Row> {
    let lines = inspect::told(model, inspector, true);
    let mut rows: Vec<Row> = lines
        .iter()
        .map(|line| vec![Run::role(&line.replace('\n', " "), Role::Text)])
        .collect();
    rows.push(vec![Run::role(
        say(model, Word::InspectStates),
        Role::Heading,
    )]);
    let states = Inspector {
        states: true,
        ..inspector.clone()
    };
    let lines = inspect::told(model, &states, true);
    rows.extend(lines.iter().map(|line| vec![Run::role(line, Role::Text)]));
    rows
}
