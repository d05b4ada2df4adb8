//! Draws the earlier conversations: what is searched for, what was found, and beside it, where
//! there is room, a glimpse of the chosen one.

use super::super::spots::Spots;
use super::super::text::stream::{Kind, Stream};
use super::super::text::{Row, Run, cells, clip, put, width};
use super::super::theme::{Ink, Role, Theme};
use super::super::words::{key, say};
use super::picker::query;
use super::{centred, closes, frame};
use crate::core::action::Plain;
use crate::core::browser::{Browser, Entry, Hit, glimpses};
use crate::core::keys::Context;
use crate::core::model::Model;
use crate::core::point::Spot;
use crate::core::time::Wall;
use crate::core::transcript::Role as Speaker;
use crate::core::words::{Word, fill};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;

/// Columns of the marks in front of an entry: chosen, open, pinned.
const MARKS: usize = 4;

/// Draws the browser and says where its caret is.
pub(crate) fn browser(
    area: Rect,
    buffer: &mut Buffer,
    model: &Model,
    browser: &Browser,
    spots: &mut Spots,
    theme: Theme,
) -> Position {
    let area = centred(area, 132, 40);
    let title = say(model, Word::TitleConversations);
    let closes = closes(model, Context::Browser);
    let inside = frame(area, buffer, title, &closes, spots, theme);
    if inside.is_empty() {
        return Position::new(area.x, area.y);
    }
    let (mark, written, hint) = match &browser.title {
        Some(title) => {
            let mark = format!("{} › ", say(model, Word::BrowseNewTitle));
            (mark, title, Word::BrowseNewTitle)
        }
        None => ("› ".to_owned(), &browser.query, Word::TypeToSearch),
    };
    let caret = query(inside, buffer, &mark, written, say(model, hint), theme);
    let skip = 1 + u16::from(inside.height > 4);
    let foot = u16::from(inside.height > 6);
    let body = Rect {
        y: inside.y + skip.min(inside.height),
        height: inside.height.saturating_sub(skip + foot),
        ..inside
    };
    if foot > 0 {
        let at = (inside.x, inside.bottom() - 1);
        let mut x = at.0;
        for (plain, hint) in hints(model, browser, inside.width.into()) {
            let wide = put(buffer, (x, at.1), inside.right() - x, &[hint], theme);
            spots.hint(Rect::new(x, at.1, wide, 1), plain);
            x += wide;
        }
    }
    if browser.entries.is_empty() {
        let word = match &browser.shown {
            None => return caret,
            Some(shown) if shown.words.is_empty() => Word::HistoryEmpty,
            Some(_) => Word::NothingMatches,
        };
        let nothing = [Run::role(say(model, word), Role::Dim)];
        put(buffer, (body.x, body.y), body.width, &nothing, theme);
        return caret;
    }
    if glimpses(model.size) && body.width > 60 {
        let wide = body.width * 9 / 20;
        let rule = body.x + wide + 1;
        for y in body.top()..body.bottom() {
            let line = [Run::role("│", Role::Dim)];
            put(buffer, (rule, y), 1, &line, theme);
        }
        let right = Rect {
            x: rule + 2,
            width: body.right().saturating_sub(rule + 2),
            ..body
        };
        glimpse(right, buffer, model, browser, theme);
        list(
            Rect {
                width: wide,
                ..body
            },
            buffer,
            model,
            browser,
            spots,
            theme,
        );
    } else {
        list(body, buffer, model, browser, spots, theme);
    }
    caret
}

/// The keys for what can be done here, as many as fit.
fn hints(model: &Model, browser: &Browser, room: usize) -> Vec<(Plain, Run)> {
    let offered: &[(Plain, Word)] = if browser.title.is_some() {
        &[(Plain::Send, Word::BrowseKeeps)]
    } else {
        &[
            (Plain::Send, Word::BrowseOpen),
            (Plain::Retitle, Word::BrowseTitle),
            (Plain::Pin, Word::BrowsePin),
            (Plain::Delete, Word::BrowseDelete),
            (Plain::Undelete, Word::BrowseUndelete),
        ]
    };
    let mut row: Vec<(Plain, Run)> = vec![];
    let mut taken = 0;
    for (plain, word) in offered {
        let Some(key) = key(model, Context::Browser, *plain) else {
            continue;
        };
        let gap = if row.is_empty() { "" } else { " · " };
        let hint = Run::role(
            &format!("{gap}{}", fill(say(model, *word), &[&key])),
            Role::Dim,
        );
        taken += width(&hint.text);
        if taken > room {
            break;
        }
        row.push((*plain, hint));
    }
    row
}

fn list(
    area: Rect,
    buffer: &mut Buffer,
    model: &Model,
    browser: &Browser,
    spots: &mut Spots,
    theme: Theme,
) {
    // Where words are looked for, the place where they were said stands below each title.
    let found = browser.entries.iter().any(|entry| entry.hit.is_some());
    let rows = if found && area.height >= 2 { 2 } else { 1 };
    let fits = usize::from(area.height / rows).max(1);
    let lowest = browser.entries.len().saturating_sub(fits);
    let top = browser.chosen.saturating_sub(fits / 2).min(lowest);
    let shown = browser.entries.iter().enumerate().skip(top).take(fits);
    for ((at, entry), y) in shown.zip((area.top()..area.bottom()).step_by(rows.into())) {
        let line = Rect {
            y,
            height: rows.min(area.bottom() - y),
            ..area
        };
        draw_entry(line, buffer, model, entry, at == browser.chosen, theme);
        spots.add(line, Spot::Entry(at));
    }
}

fn draw_entry(
    area: Rect,
    buffer: &mut Buffer,
    model: &Model,
    entry: &Entry,
    chosen: bool,
    theme: Theme,
) {
    let role = |role: Role| if chosen { Role::Selection } else { role };
    if chosen {
        buffer.set_style(area, theme.of(Role::Selection));
    }
    let open = entry.summary.id == model.conversation.id;
    let mark = |set: bool, mark: char| if set { mark } else { ' ' };
    let marks = format!(
        "{}{}{} ",
        mark(chosen, '›'),
        mark(open, '✓'),
        mark(entry.pinned, '^')
    );
    let room = usize::from(area.width);
    let date = date(entry.summary.used);
    // A narrow list is for titles.
    let dated = room >= MARKS + 24;
    let kept = if dated { width(&date) + 2 } else { 0 };
    let bold = if open {
        Modifier::BOLD
    } else {
        Modifier::empty()
    };
    let ink = Ink::of(role(Role::Text)).with(bold);
    let title = clip(&named(model, entry), room.saturating_sub(MARKS + kept));
    let row = [Run::role(&marks, role(Role::Accent)), Run::new(&title, ink)];
    put(buffer, (area.x, area.y), area.width, &row, theme);
    if dated {
        let wide = width(&date) as u16;
        let at = (area.right() - wide - 1, area.y);
        put(
            buffer,
            at,
            wide,
            &[Run::role(&date, role(Role::Dim))],
            theme,
        );
    }
    if let (Some(hit), 2..) = (&entry.hit, area.height) {
        let indent = MARKS as u16;
        let count = match hit.count {
            1 => String::new(),
            count => fill(say(model, Word::BrowseHits), &[&count.to_string()]),
        };
        let wide = width(&count).min(room / 3) as u16;
        let left = area.width.saturating_sub(indent + 2 + wide);
        let row = excerpt(hit, left.into(), role(Role::Dim), role(Role::Accent));
        put(
            buffer,
            (area.x + indent.min(area.width), area.y + 1),
            left,
            &row,
            theme,
        );
        let at = (area.right().saturating_sub(wide + 1), area.y + 1);
        put(
            buffer,
            at,
            wide,
            &[Run::role(&count, role(Role::Dim))],
            theme,
        );
    }
}

/// The title of a conversation on one line.
pub(crate) fn named(model: &Model, entry: &Entry) -> String {
    let title = Run::role(&entry.summary.title, Role::Text).text;
    match title.trim() {
        "" => say(model, Word::HistoryUntitled).to_owned(),
        title => title.replace(['\n', '\t'], " "),
    }
}

/// The piece of a message in which the words are, with the words emphasised. Where it does not fit
/// it begins shortly before them.
fn excerpt(hit: &Hit, room: usize, plain: Role, marked: Role) -> Row {
    let first = hit.marks.first().map_or(0, |mark| mark.0);
    let before = hit.excerpt.get(..first).unwrap_or_default();
    let behind = width(hit.excerpt.get(first..).unwrap_or_default());
    let ahead = room.saturating_sub(behind + 1).max(room / 3);
    let mut skipped = width(before).saturating_sub(ahead);
    let fits = cells(before).take_while(|(_, wide)| {
        let skips = skipped > 0;
        skipped = skipped.saturating_sub(*wide);
        skips
    });
    let mut from = fits.map(|(grapheme, _)| grapheme.len()).sum();
    // Each part is made harmless by itself: the marks count bytes of the text as it was.
    let part = |from: usize, to: usize, ink: Ink| {
        let text = hit.excerpt.get(from..to).unwrap_or_default();
        Run::new(&text.replace('\n', " "), ink)
    };
    let mut row = vec![];
    if from > 0 {
        row.push(Run::role("…", plain));
    }
    for (start, end) in &hit.marks {
        row.push(part(from, *start, Ink::of(plain)));
        row.push(part(*start, *end, Ink::of(marked).with(Modifier::BOLD)));
        from = *end;
    }
    row.push(part(from, hit.excerpt.len(), Ink::of(plain)));
    row
}

/// A glimpse of the chosen conversation: from what was found on, or its end.
fn glimpse(area: Rect, buffer: &mut Buffer, model: &Model, browser: &Browser, theme: Theme) {
    let Some(entry) = browser.chosen() else {
        return;
    };
    let room = usize::from(area.width).max(1);
    let bold = Ink::of(Role::Title).with(Modifier::BOLD);
    let count = entry.summary.messages.to_string();
    let count = fill(say(model, Word::BrowseMessages), &[&count]);
    let about = format!("{} · {count}", date(entry.summary.used));
    let head = [
        vec![Run::new(&clip(&named(model, entry), room), bold)],
        vec![Run::role(&clip(&about, room), Role::Dim)],
        vec![],
    ];
    super::rows(area, buffer, &head, theme);
    let below = Rect {
        y: area.y.saturating_add(head.len() as u16),
        height: area.height.saturating_sub(head.len() as u16),
        ..area
    };
    let Some(glimpse) = &browser.glimpse else {
        return;
    };
    if glimpse.of.conversation != entry.summary.id {
        return;
    }
    let mut rows: Vec<Row> = vec![];
    for (speaker, text) in &glimpse.said {
        let (mark, ink) = match speaker {
            Speaker::User => ("› ", Role::User),
            Speaker::Assistant => ("  ", Role::Text),
            Speaker::Note => ("· ", Role::Accent),
        };
        let kind = match speaker {
            Speaker::User => Kind::Plain(Ink::of(Role::Text)),
            Speaker::Assistant => Kind::Markdown,
            Speaker::Note => Kind::Plain(Ink::of(Role::Dim)),
        };
        let mut body = Stream::new(kind, room.saturating_sub(2).max(1));
        body.feed(text.trim(), true);
        for (at, row) in body.rows().enumerate() {
            let mut shown = vec![Run::role(if at == 0 { mark } else { "  " }, ink)];
            shown.extend(row.iter().cloned());
            rows.push(shown);
        }
        rows.push(vec![]);
    }
    rows.pop();
    let height = usize::from(below.height);
    // What was found stands at the top; else the end is what one remembers.
    let skip = if glimpse.of.message.is_some() {
        0
    } else {
        rows.len().saturating_sub(height)
    };
    super::rows(below, buffer, rows.get(skip..).unwrap_or_default(), theme);
}

/// A calendar day: `2026-11-20`.
pub(crate) fn date(wall: Wall) -> String {
    jiff::Timestamp::from_millisecond(wall.0)
        .map(|moment| moment.strftime("%Y-%m-%d").to_string())
        .unwrap_or_default()
}
