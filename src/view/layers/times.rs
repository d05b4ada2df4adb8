//! Draws where the time of the last turns went: the usual figures, then each turn as a bar.

use super::super::text::wrap::wrap;
use super::super::text::{Row, Run, clip, width};
use super::super::theme::Role;
use super::super::words::{brief, say};
use crate::core::backend::Usage;
use crate::core::model::Model;
use crate::core::record::TurnTimes;
use crate::core::times::{Part, parts, percentile, slowest, spent, spoken, waited};
use crate::core::transcript::Role as Speaker;
use crate::core::turn::Stage;
use crate::core::words::{Word, fill};
use std::time::Duration;

/// What each part of a wait is called, and with what it is drawn, so that no colour is needed to
/// tell them apart.
fn part_of(stage: Stage) -> Option<(Word, &'static str)> {
    let mark = match stage {
        Stage::Sent | Stage::Spoken => "",
        Stage::Heard => "░",
        Stage::Thinking => "·",
        Stage::FirstText => "█",
        Stage::TextDone => "▒",
        Stage::Sounding => "▓",
    };
    stage.wait().map(|word| (word, mark))
}

/// A part shorter than this is not named: it would be told as nothing.
const FLEETING_MS: u64 = 50;

/// Columns of the longest bar.
const BAR: usize = 60;

fn time(ms: u64) -> String {
    brief(Duration::from_millis(ms))
}

/// The whole page for so many columns.
pub(super) fn rows(model: &Model, room: usize) -> Vec<Row> {
    if model.times.is_empty() {
        return wrap(
            &[Run::role(say(model, Word::NothingToRepeat), Role::Dim)],
            room.max(1),
        );
    }
    let mut out = figures(model, room);
    let most = model.times.iter().map(|times| waited(&parts(times)));
    let most = most.max().unwrap_or(0);
    for times in model.times.iter().rev() {
        out.push(vec![]);
        out.extend(turn(model, times, most, room));
    }
    out
}

/// What is usual, over all turns: the whole wait and each part of it.
fn figures(model: &Model, room: usize) -> Vec<Row> {
    let turns: Vec<Vec<Part>> = model.times.iter().map(parts).collect();
    let mut table = vec![];
    let all: Vec<u64> = turns.iter().map(|parts| waited(parts)).collect();
    table.push((say(model, Word::PartAll), all));
    for stage in Stage::ALL {
        let Some((word, _)) = part_of(stage) else {
            continue;
        };
        let of_stage = |part: &&Part| part.until == stage;
        let figures = turns.iter().flatten().filter(of_stage);
        let figures: Vec<u64> = figures.map(|part| part.ms).collect();
        if !figures.is_empty() {
            table.push((say(model, word), figures));
        }
    }
    let column = table.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
    let column = column.min(room / 2);
    let row = |name: &str, p50: &str, p95: &str, role| {
        let name = clip(name, column);
        let pad = " ".repeat(column.saturating_sub(width(&name)));
        let figures = format!("{pad}{p50:>9}{p95:>9}");
        vec![Run::role(&name, Role::Dim), Run::role(&figures, role)]
    };
    let count = model.times.len().to_string();
    let mut out = vec![
        vec![Run::role(
            &clip(&fill(say(model, Word::TimesOf), &[&count]), room),
            Role::Heading,
        )],
        row("", "p50", "p95", Role::Dim),
    ];
    let spent = spent(&model.times);
    if spent != Usage::default() {
        let figures = [spent.prompt.to_string(), spent.completion.to_string()];
        let text = fill(say(model, Word::TokensOf), &[&figures[0], &figures[1]]);
        out.insert(1, vec![Run::role(&clip(&text, room), Role::Dim)]);
    }
    for (name, figures) in &table {
        let told = |percent| percentile(figures, percent).map(time).unwrap_or_default();
        out.push(row(name, &told(50), &told(95), Role::Text));
    }
    out
}

/// One turn: what was asked, how long it took, the bar, and its parts by name.
fn turn(model: &Model, times: &TurnTimes, most: u64, room: usize) -> Vec<Row> {
    let parts = parts(times);
    let all = waited(&parts);
    let messages = model.conversation.transcript.messages().iter();
    let mut asked = messages
        .filter(|message| message.role == Speaker::User && times.turn == Some(message.turn));
    let asked = asked.next().and_then(|message| message.text.lines().next());
    let ended = match times.outcome.as_str() {
        "cut" => say(model, Word::TurnCut),
        "failed" => say(model, Word::TurnFailed),
        _ => "",
    };
    let head = format!("{:>6}  {}", time(all), asked.unwrap_or("…"));
    let mut row = vec![Run::role(
        &clip(&head, room.saturating_sub(width(ended) + 3)),
        Role::Text,
    )];
    if !ended.is_empty() {
        row.push(Run::role(&format!(" · {ended}"), Role::Warning));
    }
    let mut out = vec![row];
    out.extend(lengths(model, times, &parts, most, room));
    out
}

/// Where the time of one turn went: the bar and its parts by name.
pub(super) fn outline(model: &Model, times: &TurnTimes, room: usize) -> Vec<Row> {
    let parts = parts(times);
    lengths(model, times, &parts, waited(&parts), room)
}

fn lengths(model: &Model, times: &TurnTimes, parts: &[Part], most: u64, room: usize) -> Vec<Row> {
    let slow = slowest(parts);
    let mut out = vec![bar(parts, slow, most, room.min(BAR))];
    let mut told = vec![];
    for part in parts {
        let Some((word, mark)) = part_of(part.until) else {
            continue;
        };
        let worst = slow == Some(*part);
        if part.ms < FLEETING_MS && !worst {
            continue;
        }
        let mut text = format!("{mark} {} {}", say(model, word), time(part.ms));
        if worst {
            text.push(' ');
            text.push_str(say(model, Word::PartSlowest));
        }
        let role = if worst { Role::Accent } else { Role::Dim };
        told.push((text, role));
    }
    if let Some(ms) = spoken(times) {
        let text = fill(say(model, Word::PartSpoken), &[&time(ms)]);
        told.push((text, Role::Dim));
    }
    let mut line: Row = vec![];
    for (text, role) in told {
        if !line.is_empty() {
            line.push(Run::role("  ", Role::Dim));
        }
        line.push(Run::role(&text, role));
    }
    out.extend(wrap(&line, room.max(1)));
    out
}

/// A wait as a bar: as long, beside the longest one, as it took, and as much of it for each part.
fn bar(parts: &[Part], slow: Option<Part>, most: u64, columns: usize) -> Row {
    let place = |ms: u64| {
        let share = ms as f64 / most.max(1) as f64;
        ((share * columns as f64).round() as usize).min(columns)
    };
    let mut row = vec![];
    let (mut passed, mut drawn) = (0_u64, 0);
    for part in parts {
        passed = passed.saturating_add(part.ms);
        let Some((_, mark)) = part_of(part.until) else {
            continue;
        };
        let end = place(passed);
        let role = if slow == Some(*part) {
            Role::Accent
        } else {
            Role::Dim
        };
        row.push(Run::role(&mark.repeat(end.saturating_sub(drawn)), role));
        drawn = end.max(drawn);
    }
    row
}
