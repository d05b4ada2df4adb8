//! Draws a log: a row for each line, the chosen one in full, and below them what is known of all.

use super::super::composer;
use super::super::spots::Spots;
use super::super::text::wrap::wrap;
use super::super::text::{Row, Run, cells, put, row_width, tame, width};
use super::super::theme::{Ink, Role, Theme};
use super::super::words::say;
use super::{closes, frame, rows};
use crate::core::keys::Context;
use crate::core::log::{Feed, Level, LogPage, Shown, Typing, Window};
use crate::core::model::Model;
use crate::core::words::{Word, fill};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

/// With less room than this the text matters more than its time.
const NARROW: usize = 56;
/// The chosen line takes so much of the page at most: one part of this many.
const SHARE: usize = 2;

/// Draws the page of a log.
pub(super) fn draw(
    area: Rect,
    buffer: &mut Buffer,
    model: &Model,
    page: &LogPage,
    spots: &mut Spots,
    theme: Theme,
) {
    let window = &page.window;
    let title = fill(say(model, Word::LogTitle), &[&window.name]);
    let closes = closes(model, Context::Log);
    let inside = frame(area, buffer, &title, &closes, spots, theme);
    if inside.is_empty() {
        return;
    }
    let foot = Rect {
        y: inside.bottom() - 1,
        height: 1,
        ..inside
    };
    let body = Rect {
        height: inside.height - 1,
        ..inside
    };
    if let Some((what, typed)) = &page.typing {
        let name = say(
            model,
            match what {
                Typing::Search => Word::LogTypeSearch,
                Typing::Text => Word::LogTypeText,
                Typing::Span => Word::LogTypeTime,
            },
        );
        let used = put(
            buffer,
            (foot.x, foot.y),
            foot.width,
            &[Run::role(name, Role::Accent)],
            theme,
        );
        let room = Rect {
            x: foot.x + used,
            width: foot.width - used,
            ..foot
        };
        if !room.is_empty() {
            let mut text = typed.text().to_owned();
            // The terminal's own caret stays in the chat, where input methods look for it.
            text.insert(typed.caret().min(text.len()), '▏');
            let written = composer::window(&text, typed.caret(), room.width.into());
            composer::draw(room, buffer, &written, theme);
        }
    } else {
        let row = [Run::role(&summary(model, page), Role::Dim)];
        put(buffer, (foot.x, foot.y), foot.width, &row, theme);
    }
    let room = usize::from(body.width).max(1);
    if window.lines.is_empty() {
        rows(body, buffer, &nothing(model, page, room), theme);
        return;
    }
    let (all, chosen) = lines(window, page.shift, room, usize::from(body.height));
    // The chosen line is seen whole; while one follows, so is the end.
    let height = usize::from(body.height);
    let most = all.len().saturating_sub(height);
    let top = if window.following {
        most
    } else {
        chosen.end.saturating_sub(height).min(chosen.start)
    };
    rows(
        body,
        buffer,
        all.get(top.min(most)..).unwrap_or_default(),
        theme,
    );
}

/// Why there is no line to be seen.
fn nothing(model: &Model, page: &LogPage, room: usize) -> Vec<Row> {
    let window = &page.window;
    let mut texts = match &window.feed {
        Feed::Refused { why, hint } => vec![(why.clone(), Role::Error), (hint.clone(), Role::Dim)],
        _ => vec![],
    };
    if texts.is_empty() {
        let word = if window.total > 0 {
            Word::LogNothing
        } else {
            Word::LogEmpty
        };
        texts.push((say(model, word).to_owned(), Role::Dim));
    }
    let rows = texts
        .iter()
        .map(|(text, role)| wrap(&[Run::role(text, *role)], room));
    rows.flatten().collect()
}

/// The rows of the lines, and which of them are the chosen one's.
fn lines(
    window: &Window,
    shift: u16,
    room: usize,
    height: usize,
) -> (Vec<Row>, std::ops::Range<usize>) {
    let mut all = vec![];
    let mut chosen = 0..0;
    for (nth, line) in window.lines.iter().enumerate() {
        let from = all.len();
        if nth == window.chosen {
            all.extend(whole(line, room, (height / SHARE).max(1)));
            chosen = from..all.len();
        } else {
            all.push(short(line, shift.into(), room));
        }
    }
    (all, chosen)
}

/// The last lines of a log, for where there is no screen.
pub(super) fn told(page: &LogPage) -> Vec<Row> {
    const LAST: usize = 20;
    const ENDLESS: usize = 100_000;
    let lines = &page.window.lines;
    let last = lines.iter().skip(lines.len().saturating_sub(LAST));
    last.map(|line| short(line, 0, ENDLESS)).collect()
}

/// What stands before the text of a line.
fn before(line: &Shown, chosen: bool, room: usize) -> Row {
    let mark = match (chosen, line.marked) {
        (true, true) => "›◆",
        (true, false) => "› ",
        (false, true) => " ◆",
        (false, false) => "  ",
    };
    let mut row = vec![Run::role(mark, Role::Accent)];
    if room >= NARROW {
        row.push(Run::role(&format!("{:8} ", line.at), Role::Dim));
    }
    let (name, role) = match line.level {
        Some(level @ Level::Error) => (level.name(), Role::Error),
        Some(level @ Level::Warn) => (level.name(), Role::Warning),
        Some(level @ Level::Info) => (level.name(), Role::Ok),
        Some(level @ (Level::Debug | Level::Trace)) => (level.name(), Role::Dim),
        None => ("", Role::Dim),
    };
    row.push(Run::role(&format!("{name:5} "), role));
    row
}

/// A line that has one row.
fn short(line: &Shown, shift: usize, room: usize) -> Row {
    let mut row = before(line, false, room);
    let left = room.saturating_sub(row_width(&row));
    let mut skip = shift;
    let mut used = 0;
    for run in said(line) {
        let mut kept = String::new();
        let text = tame(&run.text, room).into_owned();
        for (cell, wide) in cells(&text) {
            if skip > 0 {
                skip = skip.saturating_sub(wide.max(1));
            } else if used + wide <= left {
                used += wide;
                kept.push_str(cell);
            } else {
                // What is cut off on the right says so, in the last column.
                while used >= left && kept.pop().is_some() {
                    used = width(&kept).min(left.saturating_sub(1));
                }
                kept.push('…');
                row.push(Run { text: kept, ..run });
                return row;
            }
        }
        row.push(Run { text: kept, ..run });
    }
    row
}

/// The chosen line, on as many rows as it needs and there are.
fn whole(line: &Shown, room: usize, most: usize) -> Vec<Row> {
    let head = before(line, true, room);
    let indent = row_width(&head).min(room / 2);
    let mut wrapped = wrap(
        &said(line),
        room.saturating_sub(row_width(&head)).max(room / 3).max(1),
    );
    if wrapped.len() > most {
        wrapped.truncate(most);
        if let Some(last) = wrapped.last_mut() {
            last.push(Run::role("…", Role::Dim));
        }
    }
    let mut rows: Vec<Row> = vec![];
    for (nth, text) in wrapped.into_iter().enumerate() {
        let mut row = if nth == 0 {
            head.clone()
        } else {
            vec![Run::role(&" ".repeat(indent), Role::Text)]
        };
        row.extend(text);
        rows.push(row);
    }
    if rows.is_empty() {
        rows.push(head);
    }
    rows
}

/// The text of a line, with what is searched for standing out.
fn said(line: &Shown) -> Row {
    let mut row = vec![];
    let mut from = 0;
    let found = Ink::of(Role::Text).with(Modifier::REVERSED);
    for (begins, ends) in &line.hits {
        if let (Some(plain), Some(hit)) =
            (line.text.get(from..*begins), line.text.get(*begins..*ends))
        {
            row.push(Run::role(plain, Role::Text));
            row.push(Run::new(hit, found));
            from = *ends;
        }
    }
    row.push(Run::role(
        line.text.get(from..).unwrap_or_default(),
        Role::Text,
    ));
    row
}

/// Where one is, what is shown, and how the lines come.
fn summary(model: &Model, page: &LogPage) -> String {
    let window = &page.window;
    let told = |word, arguments: &[&str]| fill(say(model, word), arguments);
    let follows = if window.following {
        Word::LogFollowing
    } else {
        Word::LogPaused
    };
    let mut parts = vec![say(model, follows).to_owned()];
    match &window.feed {
        Feed::File => {}
        Feed::Missing => parts.push(told(Word::LogMissing, &[])),
        Feed::Live => parts.push(told(Word::LogLive, &[])),
        Feed::Calling => parts.push(told(Word::LogCalling, &[])),
        Feed::Polled { why } => parts.push(told(Word::LogPolled, &[why])),
        Feed::Refused { why, .. } => parts.push(why.clone()),
    }
    let chosen = window.lines.get(window.chosen);
    parts.extend(
        chosen
            .map(|line| line.day.clone())
            .filter(|day| !day.is_empty()),
    );
    if window.total > 0 {
        let (number, total) = (window.number.to_string(), window.total.to_string());
        parts.push(told(Word::LogLine, &[&number, &total]));
    }
    if let Some(level) = page.wants.level {
        parts.push(format!("≥ {}", level.name()));
    }
    for (sign, text) in [("&", &page.wants.text), ("", &page.wants.span)] {
        if !text.is_empty() {
            parts.push(format!("{sign}{text}"));
        }
    }
    if let Some(wanted) = window.wanted {
        parts.push(told(Word::LogWanted, &[&wanted.to_string()]));
    }
    if let Some(hits) = window.hits {
        parts.push(told(Word::LogHits, &[&page.search, &hits.to_string()]));
    }
    if window.done < 100 {
        parts.push(told(Word::LogDone, &[&window.done.to_string()]));
    }
    parts.join(" · ")
}
