//! Draws a page to read: the keys, the backend's figures. A log is `log`'s.

use super::super::spots::Spots;
use super::super::text::wrap::wrap;
use super::super::text::{Row, Run, clip, put, row_width, width};
use super::super::theme::{Role, Theme};
use super::super::welcome::{self, Keys};
use super::super::words::say;
use super::{centred, closes, frame, rows};
use crate::core::action::{Action, Plain, WITH_ARGUMENT};
use crate::core::keys::Context;
use crate::core::model::{Model, Page, PageKind};
use crate::core::words::Word;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Wide enough for two columns of keys.
const TWO_COLUMNS: u16 = 84;

/// Draws a page and says how far it is scrolled: no further than its text goes.
pub(crate) fn page(
    area: Rect,
    buffer: &mut Buffer,
    model: &Model,
    page: &Page,
    spots: &mut Spots,
    theme: Theme,
) -> u32 {
    let title = |word| say(model, word);
    let closes = closes(model, Context::Page);
    match &page.kind {
        PageKind::Help => {
            let inside = frame(area, buffer, title(Word::TitleHelp), &closes, spots, theme);
            help(inside, buffer, model, page.scroll, theme)
        }
        PageKind::Log(log) => {
            super::log::draw(area, buffer, model, log, spots, theme);
            page.scroll
        }
        PageKind::Times => {
            let inside = frame(area, buffer, title(Word::TitleTimes), &closes, spots, theme);
            let text = super::times::rows(model, inside.width.into());
            scrolled(inside, buffer, model, &text, page.scroll, theme)
        }
        PageKind::Code(activation) => {
            let text = super::code::rows(model, activation, inside_of(area));
            let high = u16::try_from(text.len() + 2).unwrap_or(u16::MAX);
            let area = centred(area, 60, high);
            let inside = frame(area, buffer, title(Word::TitleCode), &closes, spots, theme);
            scrolled(inside, buffer, model, &text, page.scroll, theme)
        }
        PageKind::Tools(servers) => {
            let inside = frame(area, buffer, title(Word::TitleTools), &closes, spots, theme);
            let text = super::tools::rows(model, servers, inside.width.into());
            scrolled(inside, buffer, model, &text, page.scroll, theme)
        }
        PageKind::Doctor => {
            let area = centred(area, super::doctor::WIDEST, area.height);
            let inside = frame(
                area,
                buffer,
                title(Word::TitleDoctor),
                &closes,
                spots,
                theme,
            );
            let text = super::doctor::rows(model, inside.width.into());
            scrolled(inside, buffer, model, &text, page.scroll, theme)
        }
        PageKind::Welcome => {
            let room = usize::from(area.width.min(76).saturating_sub(4)).max(1);
            let mut text = welcome::rows(model, room, Keys::Page);
            let more = Run::role(say(model, Word::WelcomeMore), Role::Dim);
            text.push(vec![]);
            text.extend(wrap(&[more], room));
            let high = u16::try_from(text.len() + 2).unwrap_or(u16::MAX);
            let area = centred(area, 76, high);
            let inside = frame(
                area,
                buffer,
                title(Word::TitleWelcome),
                &closes,
                spots,
                theme,
            );
            scrolled(inside, buffer, model, &text, page.scroll, theme)
        }
        PageKind::Imported(report) => {
            let room = usize::from(area.width.min(76).saturating_sub(4)).max(1);
            let lines = report.tell(model.lang).into_iter();
            let text: Vec<Row> = lines
                .flat_map(|line| wrap(&[Run::role(&line, Role::Text)], room))
                .collect();
            let high = u16::try_from(text.len() + 2).unwrap_or(u16::MAX);
            let area = centred(area, 76, high);
            let inside = frame(
                area,
                buffer,
                title(Word::TitleImported),
                &closes,
                spots,
                theme,
            );
            scrolled(inside, buffer, model, &text, page.scroll, theme)
        }
        PageKind::Compare(comparison) => {
            let inside = frame(
                area,
                buffer,
                title(Word::TitleCompare),
                &closes,
                spots,
                theme,
            );
            let text = super::compare::rows(model, comparison, inside.width.into());
            scrolled(inside, buffer, model, &text, page.scroll, theme)
        }
        PageKind::Inspect(inspector) => {
            super::inspect::draw(area, buffer, model, inspector, spots, theme);
            page.scroll
        }
        PageKind::Status(figures) => {
            let room = usize::from(area.width.min(72).saturating_sub(4)).max(1);
            let text = super::figures::rows(model, figures, room);
            let high = u16::try_from(text.len() + 2).unwrap_or(u16::MAX);
            let area = centred(area, 72, high.max(6));
            let inside = frame(
                area,
                buffer,
                title(Word::TitleStatus),
                &closes,
                spots,
                theme,
            );
            scrolled(inside, buffer, model, &text, page.scroll, theme)
        }
    }
}

/// What a page says, as rows of any length, for where there is no screen; of the log the end.
pub(crate) fn told(model: &Model, kind: &PageKind) -> (Word, Vec<Row>) {
    const ENDLESS: usize = 100_000;
    match kind {
        PageKind::Help => (Word::PlainCommands, commands(model)),
        PageKind::Log(page) => (Word::PlainLog, super::log::told(page)),
        PageKind::Times => (Word::TitleTimes, super::times::rows(model, ENDLESS)),
        PageKind::Code(activation) => {
            let code = vec![Run::role(&activation.code, Role::Title)];
            let message = vec![Run::role(&activation.message, Role::Text)];
            (Word::CodeEnter, vec![code, message])
        }
        PageKind::Tools(servers) => {
            let rows = super::tools::rows(model, servers, ENDLESS);
            (Word::TitleTools, rows)
        }
        PageKind::Welcome => (
            Word::TitleWelcome,
            welcome::rows(model, ENDLESS, Keys::Page),
        ),
        PageKind::Imported(report) => {
            let lines = report.tell(model.lang).into_iter();
            let rows = lines.map(|line| vec![Run::role(&line, Role::Text)]);
            (Word::TitleImported, rows.collect())
        }
        PageKind::Doctor => (Word::TitleDoctor, super::doctor::rows(model, ENDLESS)),
        PageKind::Compare(comparison) => (
            Word::TitleCompare,
            super::compare::rows(model, comparison, ENDLESS),
        ),
        PageKind::Inspect(inspector) => {
            (Word::InspectTitle, super::inspect::told(model, inspector))
        }
        PageKind::Status(figures) => (Word::TitleStatus, super::figures::told(model, figures)),
    }
}

/// Every command that can be written, with what it does.
fn commands(model: &Model) -> Vec<Row> {
    let plain = Plain::ALL.iter().filter(|plain| plain.in_palette());
    let plain = [Plain::Cancel, Plain::Break]
        .iter()
        .chain(plain)
        .map(|plain| format!("/{}: {}", plain.name(), say(model, plain.word())));
    let arguments = WITH_ARGUMENT
        .iter()
        .map(|(name, needs)| format!("/{name}: {}", say(model, *needs).trim()));
    plain
        .chain(arguments)
        .map(|line| vec![Run::role(&line, Role::Text)])
        .collect()
}

/// The columns inside a box in this area.
fn inside_of(area: Rect) -> usize {
    usize::from(area.width.min(60).saturating_sub(4)).max(1)
}

/// Draws rows from a line on and says which one it is; the lower edge says how much is below.
fn scrolled(
    inside: Rect,
    buffer: &mut Buffer,
    model: &Model,
    text: &[Row],
    scroll: u32,
    theme: Theme,
) -> u32 {
    let height = usize::from(inside.height);
    let top = (scroll as usize).min(text.len().saturating_sub(height));
    rows(inside, buffer, text.get(top..).unwrap_or_default(), theme);
    let below = text.len().saturating_sub(top + height);
    mark(inside, buffer, model, below, theme);
    top as u32
}

/// Writes into the lower edge how many lines are below.
fn mark(inside: Rect, buffer: &mut Buffer, model: &Model, below: usize, theme: Theme) {
    if below == 0 || inside.bottom() >= buffer.area.bottom() {
        return;
    }
    let text = crate::core::words::fill(say(model, Word::MoreBelow), &[&below.to_string()]);
    let text = clip(&format!(" {text} "), inside.width.into());
    let at = (inside.right() - width(&text) as u16, inside.bottom());
    put(
        buffer,
        at,
        inside.width,
        &[Run::role(&text, Role::Accent)],
        theme,
    );
}

/// Every bound action of each context with its keys.
fn help(inside: Rect, buffer: &mut Buffer, model: &Model, scroll: u32, theme: Theme) -> u32 {
    let sections: Vec<Vec<Row>> = Context::ALL
        .iter()
        .filter(|context| model.keymap.bindings(**context).next().is_some())
        .map(|context| {
            let columns = if inside.width >= TWO_COLUMNS { 2 } else { 1 };
            section(
                model,
                *context,
                usize::from(inside.width) / columns - columns / 2 * 2,
            )
        })
        .collect();
    let columns = if inside.width >= TWO_COLUMNS { 2 } else { 1 };
    let mut mouse = vec![vec![Run::role(say(model, Word::HelpMouse), Role::Heading)]];
    mouse.extend(wrap(
        &[Run::role(say(model, Word::HelpMouseHow), Role::Text)],
        (usize::from(inside.width) / columns)
            .saturating_sub(2)
            .max(1),
    ));
    let sections: Vec<Vec<Row>> = sections.into_iter().chain([mouse]).collect();
    if inside.width < TWO_COLUMNS {
        let text = sections.join(&vec![]);
        return scrolled(inside, buffer, model, &text, scroll, theme);
    }
    // The chat's keys fill more than half; what is left of them goes to the second column,
    // before the rest.
    let all = sections.join(&vec![]);
    let mut half = all.len().div_ceil(2);
    if all.get(half).is_some_and(Vec::is_empty) {
        half += 1;
    }
    let (left, right) = all.split_at(half.min(all.len()));
    let column = inside.width / 2;
    let text: Vec<Row> = (0..left.len().max(right.len()))
        .map(|at| {
            let mut row = left.get(at).cloned().unwrap_or_default();
            if let Some(right) = right.get(at) {
                let pad = usize::from(column).saturating_sub(row_width(&row));
                row.push(Run::role(&" ".repeat(pad), Role::Text));
                row.extend(right.iter().cloned());
            }
            row
        })
        .collect();
    scrolled(inside, buffer, model, &text, scroll, theme)
}

/// One context's keys, in the order in which actions are listed.
fn section(model: &Model, context: Context, room: usize) -> Vec<Row> {
    let heading = say(
        model,
        match context {
            Context::Chat => Word::KeysChat,
            Context::Empty => Word::KeysEmpty,
            Context::Picker => Word::KeysPicker,
            Context::Browser => Word::KeysBrowser,
            Context::Page => Word::KeysPage,
            Context::Log => Word::KeysLog,
            Context::Inspector => Word::KeysInspector,
            Context::Normal => Word::KeysNormal,
        },
    );
    let mut bound: Vec<(&Action, Vec<String>)> = vec![];
    for (chord, action) in model.keymap.bindings(context) {
        match bound.iter_mut().find(|(known, _)| *known == action) {
            Some((_, keys)) => keys.push(chord.label()),
            None => bound.push((action, vec![chord.label()])),
        }
    }
    bound.sort_by_key(|(action, _)| match action {
        Action::Plain(plain) => *plain as usize,
        _ => usize::MAX,
    });
    let widest = bound.iter().filter_map(|(_, keys)| keys.first());
    let widest = widest.map(|key| width(key)).max().unwrap_or(0);
    let column = widest.min(room / 3);
    let mut out = vec![vec![Run::role(heading, Role::Heading)]];
    for (action, keys) in bound {
        let mut keys = keys.iter();
        let does = match action {
            Action::Plain(plain) => say(model, meaning(context, *plain)).to_owned(),
            other => other.to_string(),
        };
        let first = clip(keys.next().map_or("", String::as_str), column);
        let pad = column.saturating_sub(width(&first)) + 2;
        let indent = column + 2;
        let mut lines = wrap(
            &[Run::role(&does, Role::Text)],
            room.saturating_sub(indent).max(1),
        );
        // The first key is the one to learn; others are told as far as there is room.
        if let Some(last) = lines.last_mut() {
            for key in keys {
                let more = format!("  {key}");
                if indent + row_width(last) + width(&more) > room {
                    break;
                }
                last.push(Run::role(&more, Role::Dim));
            }
        }
        for (at, line) in lines.into_iter().enumerate() {
            let mut row = if at == 0 {
                vec![
                    Run::role(&first, Role::Accent),
                    Run::role(&" ".repeat(pad), Role::Text),
                ]
            } else {
                vec![Run::role(&" ".repeat(indent), Role::Text)]
            };
            row.extend(line);
            out.push(row);
        }
    }
    out
}

/// What an action does where it is pressed: some keys mean something else in a list.
const fn meaning(context: Context, plain: Plain) -> Word {
    match (context, plain) {
        (Context::Picker | Context::Browser, Plain::Send) => Word::Choose,
        (
            Context::Picker | Context::Browser | Context::Page | Context::Log | Context::Inspector,
            Plain::Cancel,
        )
        | (Context::Inspector, Plain::Inspect) => Word::Close,
        (Context::Log, Plain::Send) | (Context::Inspector, Plain::Insert) => Word::LogToTurn,
        (Context::Log | Context::Inspector, Plain::CopyReply) => Word::LogCopyLine,
        (Context::Inspector, Plain::Send) => Word::InspectUnfold,
        (Context::Inspector, Plain::TurnLog) => Word::InspectToLog,
        (Context::Inspector, Plain::Again) => Word::InspectAgain,
        (Context::Inspector, Plain::Left) => Word::InspectBefore,
        (Context::Inspector, Plain::Right) => Word::InspectAfter,
        (Context::Inspector, Plain::Status) => Word::InspectStates,
        _ => plain.word(),
    }
}
