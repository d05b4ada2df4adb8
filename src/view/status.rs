//! Draws the last row: what is going on, in words.
//!
//! Left: the state, the time of the running turn, what is wrong. Right: the connection, the
//! backend, the brain, the microphone. On a narrow screen things go in a fixed order, the least
//! needed first: the microphone's word, the backend, the figures of the connection, its key, the
//! turn's time, the brain, the connection. State and trouble stay to the last.

use super::text::{Run, put, row_width};
use super::theme::{Role, Theme};
use super::words::{current_badge, key, say, seconds};
use crate::core::action::Plain;
use crate::core::keys::Context;
use crate::core::line::Line;
use crate::core::mode::Mode;
use crate::core::model::Model;
use crate::core::words::{Word, fill};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// How many things there are to leave out, one after another.
const LEVELS: usize = 8;

const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// Draws the status bar into one row.
pub(super) fn draw(area: Rect, buffer: &mut Buffer, model: &Model, theme: Theme) {
    let room = usize::from(area.width);
    let fitting = (0..LEVELS)
        .map(|level| sides(model, level))
        .find(|(left, right)| {
            let gap = if right.is_empty() { 0 } else { 2 };
            row_width(left) + gap + row_width(right) <= room
        });
    let (left, right) = fitting.unwrap_or_else(|| sides(model, LEVELS));
    put(buffer, (area.x, area.y), area.width, &left, theme);
    let right_width = row_width(&right).min(room) as u16;
    if right_width > 0 {
        let x = area.right() - right_width;
        put(buffer, (x, area.y), right_width, &right, theme);
    }
}

/// The phase of the animation at a moment.
pub(super) fn spinner(model: &Model) -> &'static str {
    let phase = model.now.mono.0.as_millis() / 100 % SPINNER.len() as u128;
    SPINNER[phase as usize]
}

fn sides(model: &Model, level: usize) -> (Vec<Run>, Vec<Run>) {
    let mut left = vec![];
    let mode = model.modes.current();
    let busy = model.turn.is_some();
    let role = match mode {
        Mode::Idle => Role::Dim,
        Mode::Error => Role::Error,
        Mode::TextSse
        | Mode::TextTts
        | Mode::VoiceStt
        | Mode::VoiceSse
        | Mode::VoiceTts
        | Mode::VoiceCall => Role::Accent,
    };
    if busy {
        left.push(Run::role(&format!("{} ", spinner(model)), Role::Accent));
    }
    left.push(Run::role(say(model, mode.word()), role));
    if let Some(turn) = &model.turn {
        if level < 5 {
            let elapsed = seconds(model.now.mono.since(turn.started));
            left.push(Run::role(&format!(" {elapsed}"), Role::Dim));
        }
        if turn.late {
            part(&mut left, say(model, Word::Late), Role::Warning);
        }
    }
    if !model.waiting.is_empty() {
        let count = model.waiting.len().to_string();
        part(
            &mut left,
            &fill(say(model, Word::Unsent), &[&count]),
            Role::Warning,
        );
    }
    if model.store_down {
        part(&mut left, say(model, Word::NotStored), Role::Warning);
    }
    let mut right = vec![];
    if level < 7 {
        let (text, role) = line(model, level);
        part(&mut right, &text, role);
    }
    if level < 2 {
        part(&mut right, &short(&model.backend), Role::Dim);
    }
    if level < 6 {
        part(&mut right, &short(&current_badge(model)), Role::Text);
    }
    if level < 1 {
        part(&mut right, say(model, Word::TextOnly), Role::Dim);
    }
    (left, right)
}

/// Adds a part behind a separator.
fn part(row: &mut Vec<Run>, text: &str, role: Role) {
    if !row.is_empty() {
        row.push(Run::role(" · ", Role::Dim));
    }
    row.push(Run::role(text, role));
}

/// A name of any length in at most 28 columns.
fn short(name: &str) -> String {
    let name = name
        .trim_start_matches("http://")
        .trim_start_matches("https://");
    super::text::clip(name, 28)
}

/// The connection in words. Higher levels leave out figures, causes and keys.
fn line(model: &Model, level: usize) -> (String, Role) {
    let figures = level < 3;
    let hint = (level < 4)
        .then(|| key(model, Context::Chat, Plain::DialNow))
        .flatten();
    let with_key = |mut text: String| {
        if let Some(key) = &hint {
            text.push_str(" · ");
            text.push_str(&fill(say(model, Word::KeyConnects), &[key]));
        }
        text
    };
    let cause = |cause: &crate::core::line::Cause| {
        let told = cause.tell(model.lang);
        super::text::clip(&told, if level < 2 { 48 } else { 28 })
    };
    match &model.line {
        Line::Closed => (
            with_key(say(model, Word::LineClosed).to_owned()),
            Role::Warning,
        ),
        Line::Dialing { .. } => (say(model, Word::LineDialing).to_owned(), Role::Dim),
        Line::Up { rtt: Some(rtt) } if figures => {
            let ms = match rtt.as_millis() {
                0 => "<1".to_owned(),
                ms => ms.to_string(),
            };
            (format!("{} {ms} ms", say(model, Word::LineUp)), Role::Dim)
        }
        Line::Up { .. } => (say(model, Word::LineUp).to_owned(), Role::Dim),
        Line::Waiting {
            until, cause: why, ..
        } => {
            // Rounded up: `in 0 s` would promise what has not happened.
            let left = until.since(model.now.mono).as_millis().div_ceil(1000);
            let left = left.to_string();
            let text = if figures {
                fill(say(model, Word::LineWaiting), &[&cause(why), &left])
            } else {
                fill(say(model, Word::LineWaitingShort), &[&left])
            };
            (with_key(text), Role::Warning)
        }
        Line::Refused { cause: why } if figures => {
            let text = fill(say(model, Word::LineRefused), &[&cause(why)]);
            (with_key(text), Role::Error)
        }
        Line::Refused { .. } => (say(model, Word::LineRefusedShort).to_owned(), Role::Error),
        Line::GivenUp { cause: why, .. } if figures => {
            let text = fill(say(model, Word::LineGivenUp), &[&cause(why)]);
            (with_key(text), Role::Error)
        }
        Line::GivenUp { .. } => (
            with_key(say(model, Word::LineClosed).to_owned()),
            Role::Error,
        ),
    }
}
