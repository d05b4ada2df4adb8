//! Draws a call: whose floor it is, how loud the microphone hears, what is being said, and how well
//! it goes. On a low screen it is one row, and the rest is left out.

use super::text::{Row, Run, cells, clip, row_width, width};
use super::theme::Role;
use super::voice::{gauge, key_of, meter};
use super::words::{brief, key, say, seconds};
use crate::core::action::Plain;
use crate::core::call::{Call, Floor};
use crate::core::heard;
use crate::core::keys::Context;
use crate::core::model::Model;
use crate::core::sound::{Loudness, Way};
use crate::core::times::{parts, slowest, waited};
use crate::core::words::{Word, fill};
use std::time::Duration;

/// Columns of the meter.
const METER: usize = 20;

/// How many rows a call gets beside the first, on a screen of so many.
pub(super) const fn more_rows(height: u16) -> u16 {
    match height {
        0..16 => 0,
        16..24 => 1,
        _ => 2,
    }
}

/// The rows of a call: one, and so many more. None while there is no call.
pub(super) fn strip(model: &Model, room: usize, more: u16) -> Vec<Row> {
    let (Some(call), Some(floor)) = (&model.call, model.floor()) else {
        return vec![];
    };
    if more == 0 {
        return vec![first(model, call, floor, true, room)];
    }
    let mut rows = vec![first(model, call, floor, false, room)];
    match caption(model, call, room.saturating_sub(2)) {
        Some(caption) => rows.push(indented(caption)),
        None if more > 1 => rows.push(hint(model, floor, room)),
        None => {}
    }
    rows.push(figures(model, call, room));
    rows.truncate(usize::from(more) + 1);
    rows
}

fn indented(mut row: Row) -> Row {
    row.insert(0, Run::role("  ", Role::Text));
    row
}

/// Who speaks, whether the microphone is open, since when, and how loud it is; `alone`: what is
/// being said has no row of its own.
fn first(model: &Model, call: &Call, floor: Floor, alone: bool, room: usize) -> Row {
    let now = model.now.mono;
    let word = match floor {
        Floor::Opening if call.gone => Word::FloorGone,
        Floor::Opening => Word::FloorOpening,
        Floor::Open => Word::FloorOpen,
        Floor::You => Word::FloorYou,
        Floor::Thinking => Word::FloorThinking,
        Floor::Assistant => Word::FloorAssistant,
        Floor::Muted => Word::FloorMuted,
        Floor::Held => Word::FloorHeld,
    };
    let mut row = if call.listens() {
        let role = match call.device {
            Some(_) => Role::Error,
            None => Role::Dim,
        };
        vec![Run::role("● ", role)]
    } else {
        vec![Run::role("○ ", Role::Warning)]
    };
    if !call.listens() && !matches!(floor, Floor::Muted | Floor::Held) {
        let muted = format!("{} · ", say(model, Word::FloorMuted));
        row.push(Run::role(&muted, Role::Warning));
    }
    let role = match floor {
        Floor::Muted | Floor::Held => Role::Warning,
        Floor::Opening if call.gone => Role::Warning,
        Floor::You | Floor::Assistant => Role::Accent,
        Floor::Opening | Floor::Open | Floor::Thinking => Role::Text,
    };
    row.push(Run::role(say(model, word), role));
    let mut add = |text: &str, role| {
        if row_width(&row) + width(text) < room {
            row.push(Run::role(text, role));
        }
    };
    if let Some(until) = call.patience {
        let left = seconds(until.since(now));
        let text = fill(say(model, Word::AnsweringIn), &[&left]);
        add(&format!(" · {text}"), Role::Accent);
    }
    if call.lifted {
        add(&format!(" · {}", say(model, Word::KeptOpen)), Role::Accent);
    }
    let lasted = now.since(call.started).as_secs();
    add(&format!(" {}:{:02}", lasted / 60, lasted % 60), Role::Dim);
    let levels = levels(model, call);
    let mut gauges: Row = (levels.iter())
        .map(|end| gauge(end.loudness, end.active))
        .collect();
    if !gauges.is_empty() {
        gauges.push(Run::role(" ", Role::Text));
    }
    let left = room.saturating_sub(row_width(&row) + row_width(&gauges) + 2);
    let caption = caption(model, call, left).filter(|_| alone && left >= 8);
    if let Some(caption) = caption {
        row.push(Run::role(" ", Role::Text));
        row.extend(gauges);
        row.extend(caption);
    } else {
        let left = room.saturating_sub(row_width(&row) + 1);
        row.extend(meters(model, &levels, left));
    }
    row.push(Run::role(" ", Role::Dim));
    row
}

/// How loud one end of a call is.
struct End {
    way: Way,
    loudness: Loudness,
    /// Somebody speaks there.
    active: bool,
}

/// The microphone while it is open, and the loudspeaker while it speaks.
fn levels(model: &Model, call: &Call) -> Vec<End> {
    let microphone = (model.voice.level).filter(|_| call.listens());
    let microphone = microphone.map(|(loudness, active)| (Way::In, loudness, active));
    let speaking = model.voice.speaking.as_ref();
    let loudspeaker = speaking.filter(|speaking| !speaking.paused);
    let loudspeaker = loudspeaker.and_then(|speaking| speaking.loudness);
    let loudspeaker = loudspeaker.map(|loudness| (Way::Out, loudness, true));
    let ends = [microphone, loudspeaker].into_iter().flatten();
    let end = |(way, loudness, active)| End {
        way,
        loudness,
        active,
    };
    ends.map(end).collect()
}

/// As long as there is room for, the microphone first.
fn meters(model: &Model, levels: &[End], room: usize) -> Row {
    /// Its number, and the blank before it.
    const AROUND: usize = 8;
    let out = say(model, Word::LevelOut);
    let named = |end: &End| match end.way {
        Way::In => 0,
        Way::Out => width(out) + 1,
    };
    let around: usize = levels.iter().map(|end| named(end) + AROUND).sum();
    let columns = room.saturating_sub(around) / levels.len().max(1);
    if columns < 4 && levels.len() > 1 {
        return meters(model, &levels[..1], room);
    }
    let mut row = vec![];
    for end in levels.iter().filter(|_| columns >= 4) {
        row.push(Run::role(" ", Role::Text));
        if end.way == Way::Out {
            row.push(Run::role(&format!("{out} "), Role::Dim));
        }
        row.extend(meter(end.loudness, end.active, columns.min(METER)));
    }
    row
}

/// What is being said: by the assistant, with what was heard of it in the usual ink, or by the
/// user, as far as it is understood.
fn caption(model: &Model, call: &Call, room: usize) -> Option<Row> {
    if let Some(partial) = call.caption() {
        let text = Run::role(partial, Role::User).text.replace('\n', " ");
        return Some(vec![Run::role(tail(&text, room), Role::User)]);
    }
    let speaking = model.voice.speaking.as_ref()?;
    let (saying, before) = speaking.saying.as_ref()?;
    let ms = speaking.heard_ms.saturating_sub(*before);
    let ms = (ms as f32 * model.voice.wishes.speed) as u64;
    let saying = saying.trim();
    let said = heard::said_in(saying, ms);
    let rest = saying.get(said.len()..).unwrap_or_default();
    let flat = |text: &str, role| Run::role(&Run::role(text, role).text.replace('\n', " "), role);
    let mut row = vec![
        Run::role("“", Role::Dim),
        flat(said, Role::Text),
        flat(rest, Role::Dim),
    ];
    if row_width(&row) < room {
        row.push(Run::role("”", Role::Dim));
        return Some(row);
    }
    // What is about to be said matters more than what was.
    let shown = tail(&row[1].text, room / 2).to_owned();
    let rest = clip(&row[2].text, room.saturating_sub(width(&shown) + 2));
    let whole = shown.len() == row[1].text.len();
    let before = if whole { "“" } else { "…" };
    Some(vec![
        Run::role(before, Role::Dim),
        Run::role(&shown, Role::Text),
        Run::role(&rest, Role::Dim),
    ])
}

/// The end of a text that fits.
pub(super) fn tail(text: &str, room: usize) -> &str {
    let mut surplus = width(text).saturating_sub(room);
    let mut start = 0;
    for (grapheme, columns) in cells(text) {
        if surplus == 0 {
            break;
        }
        surplus = surplus.saturating_sub(columns);
        start += grapheme.len();
    }
    text.get(start..).unwrap_or_default()
}

/// What the user can do, as long as nobody says anything.
fn hint(model: &Model, floor: Floor, room: usize) -> Row {
    let mute = key(model, Context::Chat, Plain::Mute).unwrap_or_default();
    let text = match floor {
        Floor::Open => say(model, Word::CallOpenHint).to_owned(),
        Floor::Muted => {
            let talk = key_of(model).unwrap_or_default();
            fill(say(model, Word::CallMutedHint), &[&mute, &talk])
        }
        Floor::Held => fill(say(model, Word::CallHeldHint), &[&mute]),
        Floor::Opening | Floor::You | Floor::Thinking | Floor::Assistant => String::new(),
    };
    let text = clip(&text, room.saturating_sub(2));
    indented(vec![Run::role(&text, Role::Dim)])
}

/// How well it goes: the echo, how long the last answer took, and which microphone hears.
fn figures(model: &Model, call: &Call, room: usize) -> Row {
    let mut told = vec![];
    match call.echo {
        Some((_, false)) => told.push((say(model, Word::EchoDeaf).to_owned(), Role::Warning)),
        Some((None, true)) => told.push((say(model, Word::NoEcho).to_owned(), Role::Dim)),
        Some((Some(db), true)) => {
            let db = format!("−{:.0}", db.abs().min(199.0));
            told.push((fill(say(model, Word::EchoIs), &[&db]), Role::Dim));
        }
        None => {}
    }
    if model.voice.wishes.ask_ahead {
        told.push((say(model, Word::AsksAhead).to_owned(), Role::Accent));
    }
    if let Some(times) = model.times.back() {
        let parts = parts(times);
        let all = brief(Duration::from_millis(waited(&parts)));
        let slow = slowest(&parts).and_then(|part| part.until.wait());
        let text = match slow {
            Some(word) => fill(say(model, Word::LastWaitSlow), &[&all, say(model, word)]),
            None => fill(say(model, Word::LastWait), &[&all]),
        };
        told.push((text, Role::Dim));
    }
    if let Some(device) = &call.device {
        told.push((device.clone(), Role::Dim));
    }
    let mut row: Row = vec![];
    for (text, role) in told {
        let between = if row.is_empty() { "  " } else { " · " };
        let left = room.saturating_sub(row_width(&row) + width(between));
        let text = Run::role(&text, role).text;
        if left < width(&text).min(8) {
            break;
        }
        row.push(Run::role(between, Role::Dim));
        row.push(Run::role(&clip(&text, left), role));
    }
    row
}

/// The keys of a call.
pub(super) fn next(model: &Model, call: &Call) -> Option<String> {
    let of = |action| key(model, Context::Chat, action);
    let (ends, mutes, stops) = (of(Plain::Call)?, of(Plain::Mute)?, of(Plain::Cancel)?);
    let word = match (call.held, call.listens()) {
        (true, _) => Word::KeysCallHeld,
        (false, true) => Word::KeysCall,
        (false, false) => Word::KeysCallMuted,
    };
    Some(fill(say(model, word), &[&ends, &mutes, &stops]))
}
