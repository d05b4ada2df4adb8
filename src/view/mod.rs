//! Draws the model. A view looks at the part of the model it needs and an area; it decides
//! nothing, and on a small area it draws less.
//!
//! [`draw`] is the whole of it: title, chat, composer, status bar, and what lies over them. It
//! answers with what only drawing can find out. [`Cache`] carries finished work from one frame
//! to the next and holds no state of its own: with an empty one the same model looks the same.

pub mod cache;
mod call;
mod chat;
mod composer;
mod find;
pub mod inline;
mod layers;
mod message;
mod panel;
pub mod plain;
mod scroll;
mod shelf;
pub mod spots;
mod status;
pub mod text;
pub mod theme;
mod voice;
mod welcome;
mod words;

#[cfg(test)]
mod tests;

use crate::core::action::Plain;
use crate::core::model::{Drawn, Layer, Model};
use crate::core::picker::PickerKind;
use crate::core::point::Spot;
use crate::core::words::{Word, fill};
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use spots::Spots;
use text::{Run, clip, put, width};
use theme::looks::Looks;
use theme::{Role, Theme};
use words::{current_badge, say};

/// The rows of a drawn screen as text, for replays and tests.
pub fn rows(buffer: &Buffer) -> Vec<String> {
    let area = buffer.area;
    (area.top()..area.bottom())
        .map(|y| {
            let mut row = String::new();
            let mut x = area.left();
            while x < area.right() {
                let symbol = buffer[(x, y)].symbol();
                row.push_str(symbol);
                // The cells behind a wide character are hidden by it.
                x += u16::try_from(width(symbol)).unwrap_or(1).max(1);
            }
            row
        })
        .collect()
}

/// What is kept from one frame to the next.
#[derive(Debug, Default)]
pub struct Cache {
    /// The theme of the last frame, and its name.
    theme: Theme,
    worn: String,
    looks: Looks,
    messages: cache::Messages,
    /// What stands where in the last frame.
    spots: Spots,
}

impl Cache {
    /// Nothing kept yet.
    pub fn new(looks: Looks) -> Self {
        Self {
            looks,
            ..Self::default()
        }
    }

    /// What stands at a place of the last frame.
    pub fn spot(&self, column: u16, row: u16) -> Option<Spot> {
        self.spots.at(Position::new(column, row)).cloned()
    }

    /// The theme of that name, for this frame and those to come.
    fn wear(&mut self, name: &str) -> Theme {
        if self.worn != name {
            name.clone_into(&mut self.worn);
            self.theme = self.looks.theme(name);
        }
        self.theme
    }
}

/// The parts of the screen. What has no room is empty.
struct Parts {
    title: Rect,
    chat: Rect,
    card: Rect,
    rule: Rect,
    call: Rect,
    composer: Rect,
    status: Rect,
}

/// Columns in front of the composer's text.
const PROMPT: u16 = 2;

/// A chat of so few rows is given to a card that needs them.
const LOW: u16 = 10;

/// Divides the screen between so many rows of the composer and of a card, a call, and the chat. As
/// it gets lower, parts go in this order: the blank row under the title, what a call needs beside
/// the rule, the title, the rule, the chat, the status bar. The composer stays to the last.
fn divide(area: Rect, written: usize, card: usize, calls: bool) -> Parts {
    let height = area.height;
    let composer = written.clamp(1, usize::from(height / 3).max(1)) as u16;
    let status = u16::from(height >= 2);
    let rule = u16::from(height >= 4);
    let title = u16::from(height >= 6) + u16::from(height >= 20);
    let call = if calls { call::more_rows(height) } else { 0 };
    let chat = height.saturating_sub(composer + status + rule + call + title);
    // What the card is about stays in sight above it, unless that costs what it says.
    let kept = if chat > LOW { 2 } else { 0 };
    let card = card.min(usize::from(chat - kept)) as u16;
    let chat = chat - card;
    let mut y = area.y;
    let mut next = |height: u16| {
        let part = Rect { y, height, ..area };
        y = y.saturating_add(height);
        part
    };
    Parts {
        title: next(title),
        chat: next(chat),
        card: next(card),
        rule: next(rule),
        call: next(call),
        composer: next(composer.min(height)),
        status: next(status),
    }
}

/// Draws the model and answers with what drawing found out.
pub fn draw(frame: &mut Frame<'_>, model: &Model, cache: &mut Cache) -> Drawn {
    let area = frame.area();
    if area.is_empty() {
        return Drawn {
            anchor: model.scroll.anchor,
            ..Drawn::default()
        };
    }
    let theme = cache.wear(model.theme());
    let mut spots = std::mem::take(&mut cache.spots);
    spots.clear();
    let room = area.width.saturating_sub(PROMPT).max(1);
    let written = composer::window(model.composer.text(), model.composer.caret(), room.into());
    let card = of_card(model, area.width);
    let mut parts = divide(
        area,
        written.rows.len(),
        card.unwrap_or(0),
        model.call.is_some(),
    );
    let beside = panel::beside(area, model);
    for part in [&mut parts.title, &mut parts.chat, &mut parts.card] {
        part.width -= beside;
    }
    let buffer = frame.buffer_mut();
    let seen = chat::draw(parts.chat, buffer, model, cache);
    if model.look.mouse {
        spots.links(parts.chat, buffer, theme);
    }
    if beside > 0 {
        let side = Rect {
            x: area.right() - beside,
            width: beside,
            y: parts.title.y,
            height: parts.rule.y - parts.title.y,
        };
        panel::draw(side, buffer, model, theme);
    }
    let above = chat::above_mark(model, &seen);
    title(parts.title, buffer, model, above, &mut spots, theme);
    let below = chat::below_mark(model, &seen);
    let mut caret = foot(&parts, buffer, model, &written, below, &mut spots, theme);
    let behind = Rect {
        height: area.height - parts.status.height,
        ..area
    };
    // Notices lie over the chat, below its title. What lies over the chat itself stays whole: it
    // leaves them some rows at the top.
    let covered = |layer: &Layer| !matches!(layer, Layer::Card(_) | Layer::Finder(_));
    let (toasts, over) = if model.layers.iter().any(covered) {
        let strip = Rect {
            height: behind.height / 4,
            ..area
        };
        let rows = layers::toast_height(strip, &model.toasts);
        let [toasts, over] =
            Layout::vertical([Constraint::Length(rows), Constraint::Fill(1)]).areas(behind);
        (toasts, over)
    } else {
        let y = (area.y + 1).min(parts.composer.y);
        let height = parts.composer.y - y;
        let width = area.width - beside;
        (
            Rect {
                y,
                height,
                width,
                ..area
            },
            behind,
        )
    };
    let mut scrolled = None;
    for layer in &model.layers {
        scrolled = None;
        // What a theme looks like is seen behind the list of them.
        let themes = matches!(layer, Layer::Picker(picker) if picker.kind == PickerKind::Themes);
        if covered(layer) && !themes {
            layers::recede(behind, buffer, theme);
        }
        if covered(layer) {
            spots.clear();
        }
        match layer {
            Layer::Picker(picker) => {
                caret = layers::picker(over, buffer, model, picker, &mut spots, theme);
            }
            Layer::Browser(browser) => {
                caret = layers::browser(over, buffer, model, browser, &mut spots, theme);
            }
            // It is drawn with the chat.
            Layer::Finder(_) => {}
            Layer::Page(page) => {
                scrolled = Some(layers::page(over, buffer, model, page, &mut spots, theme));
            }
            Layer::Form(form) => {
                caret = layers::form(over, buffer, model, form, &mut spots, theme);
            }
            Layer::Question(question) => {
                layers::question(over, buffer, model, question, &mut spots, theme);
            }
            Layer::Card(fault) => {
                layers::card(parts.card, buffer, model, fault, &mut spots, theme);
            }
        }
    }
    layers::toasts(toasts, buffer, &model.toasts, theme);
    theme.lay(buffer);
    cache.spots = spots;
    // Input methods draw at the real cursor, so it is at the caret whatever lies over it.
    frame.set_cursor_position(caret);
    Drawn {
        scrolled,
        ..seen.drawn
    }
}

/// The rows that the card wants that is open, if one is.
fn of_card(model: &Model, wide: u16) -> Option<usize> {
    model.layers.iter().find_map(|layer| match layer {
        Layer::Card(fault) => Some(layers::card_height(model, fault, wide)),
        Layer::Picker(_)
        | Layer::Browser(_)
        | Layer::Finder(_)
        | Layer::Page(_)
        | Layer::Question(_)
        | Layer::Form(_) => None,
    })
}

/// Draws what is below the chat, and says where the caret is.
fn foot(
    parts: &Parts,
    buffer: &mut Buffer,
    model: &Model,
    written: &composer::Window,
    below: Option<String>,
    spots: &mut Spots,
    theme: Theme,
) -> Position {
    let doing = match model.conversation.editing {
        Some(_) => Some(say(model, Word::Editing).to_owned()),
        None => shelf::fetching(model).or_else(|| shelf::importing(model)),
    };
    rule(parts.rule, buffer, doing, below, spots, theme);
    if !parts.rule.is_empty() {
        let strip = voice::strip(model, parts.rule.width.into());
        let rows = strip.map_or_else(
            || call::strip(model, parts.rule.width.into(), parts.call.height),
            |row| vec![row],
        );
        for (y, row) in (parts.rule.y..parts.call.bottom()).zip(&rows) {
            put(buffer, (parts.rule.x, y), parts.rule.width, row, theme);
        }
    }
    let caret = match find::finder(model) {
        Some(finder) => find::line(parts.composer, buffer, model, finder, theme),
        None => write(parts.composer, buffer, model, written, theme),
    };
    if !parts.status.is_empty() {
        status::draw(parts.status, buffer, model, spots, theme);
    }
    caret
}

/// Draws the pages and nothing behind them, for who came to read a log. Says how far the one on top
/// is scrolled.
pub fn draw_log(frame: &mut Frame<'_>, model: &Model, cache: &mut Cache) -> Option<u32> {
    let area = frame.area();
    if area.is_empty() {
        return None;
    }
    let [over, notices] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(1)]).areas(area);
    let theme = cache.wear(model.theme());
    let buffer = frame.buffer_mut();
    let mut scrolled = None;
    for layer in &model.layers {
        if let Layer::Page(page) = layer {
            let spots = &mut Spots::default();
            scrolled = Some(layers::page(over, buffer, model, page, spots, theme));
        }
    }
    let told = model.toasts.last().map(|toast| {
        let text = toast.text.replace('\n', " ");
        Run::role(&text, Role::Warning)
    });
    let keys = || Run::role(say(model, Word::LogKeys), Role::Dim);
    let row = [told.unwrap_or_else(keys)];
    let at = (notices.x, notices.y);
    put(buffer, at, notices.width, &row, theme);
    theme.lay(buffer);
    scrolled
}

/// The conversation's title and who answers in it, or what is still above.
fn title(
    area: Rect,
    buffer: &mut Buffer,
    model: &Model,
    above: Option<String>,
    spots: &mut Spots,
    theme: Theme,
) {
    if area.is_empty() {
        return;
    }
    let room = usize::from(area.width);
    let chosen = model.choice.persona.as_deref();
    let persona = chosen.map(|id| {
        let known = model.personas.iter().find(|(known, _)| known == id);
        // A backend without personas is called in one way wherever it is named.
        known.map_or_else(|| current_badge(model), |(_, name)| name.clone())
    });
    let versions = &model.conversation.versions;
    let here = versions
        .iter()
        .position(|version| *version == model.conversation.id);
    let version = here.filter(|_| versions.len() > 1).map(|here| {
        let (here, count) = ((here + 1).to_string(), versions.len().to_string());
        fill(say(model, Word::Version), &[&here, &count])
    });
    let does = match (&above, &version) {
        (Some(_), _) => Plain::Top,
        (None, Some(_)) => Plain::NextVersion,
        (None, None) => Plain::Personas,
    };
    let right = above.or(version).or(persona).unwrap_or_default();
    let right = clip(&Run::role(&right, Role::Dim).text, room / 2);
    let name = match model.conversation.title.as_str() {
        "" => say(model, Word::NewTitle),
        title => title,
    };
    let name = Run::role(name, Role::Title).text.replace('\n', " ");
    let left = clip(&name, room.saturating_sub(width(&right) + 2));
    put(
        buffer,
        (area.x, area.y),
        area.width,
        &[Run::role(&left, Role::Title)],
        theme,
    );
    let wide = width(&right) as u16;
    spots.hint(Rect::new(area.right() - wide, area.y, wide, 1), does);
    put(
        buffer,
        (area.right() - wide, area.y),
        wide,
        &[Run::role(&right, Role::Dim)],
        theme,
    );
}

/// The line above the composer, with what is being edited or fetched, and a mark when text lies below the
/// screen.
fn rule(
    area: Rect,
    buffer: &mut Buffer,
    fetching: Option<String>,
    mark: Option<String>,
    spots: &mut Spots,
    theme: Theme,
) {
    if area.is_empty() {
        return;
    }
    let room = usize::from(area.width);
    let line = [Run::role(&"─".repeat(room), Role::Dim)];
    put(buffer, (area.x, area.y), area.width, &line, theme);
    if let Some(fetching) = fetching {
        let fetching = clip(&format!(" {fetching} "), room.saturating_sub(4));
        let at = (area.x + 2.min(area.width), area.y);
        let fetching = [Run::role(&fetching, Role::Accent)];
        put(buffer, at, area.width.saturating_sub(2), &fetching, theme);
    }
    if let Some(mark) = mark {
        let mark = clip(&format!(" {mark} "), room);
        let wide = width(&mark) as u16;
        let x = area.right() - (wide + 2).min(area.width);
        spots.hint(Rect::new(x, area.y, wide, 1), Plain::Bottom);
        put(
            buffer,
            (x, area.y),
            wide,
            &[Run::role(&mark, Role::Accent)],
            theme,
        );
    }
}

/// The composer, and where its caret is.
fn write(
    area: Rect,
    buffer: &mut Buffer,
    model: &Model,
    written: &composer::Window,
    theme: Theme,
) -> Position {
    if area.width <= PROMPT {
        return composer::draw(area, buffer, written, theme);
    }
    put(
        buffer,
        (area.x, area.y),
        PROMPT,
        &[Run::role(
            if model.normal { ": " } else { "› " },
            Role::User,
        )],
        theme,
    );
    let text = Rect {
        x: area.x + PROMPT,
        width: area.width - PROMPT,
        ..area
    };
    if model.composer.text().is_empty() {
        let hint = clip(&voice::placeholder(model), text.width.into());
        put(
            buffer,
            (text.x, text.y),
            text.width,
            &[Run::role(&hint, Role::Dim)],
            theme,
        );
    }
    composer::draw(text, buffer, written, theme)
}
