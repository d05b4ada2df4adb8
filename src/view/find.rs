//! Draws a search in the open conversation: its line in the place of the composer, and marks on
//! what is found.

use super::layers::query;
use super::message::Set;
use super::text::{Run, put, width};
use super::theme::{Role, Theme};
use super::words::say;
use crate::core::finder::{Finder, occurrences};
use crate::core::model::{Layer, Model};
use crate::core::words::{Word, fill};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};

/// The open search.
pub(super) fn finder(model: &Model) -> Option<&Finder> {
    model.layers.iter().find_map(|layer| match layer {
        Layer::Finder(finder) => Some(finder.as_ref()),
        _ => None,
    })
}

/// Draws the line of a search and says where its caret is.
pub(super) fn line(
    area: Rect,
    buffer: &mut Buffer,
    model: &Model,
    finder: &Finder,
    theme: Theme,
) -> Position {
    if area.is_empty() {
        return Position::new(area.x, area.y);
    }
    let (number, all) = finder.count();
    let count = match (finder.query.is_empty(), all) {
        (true, _) => String::new(),
        (false, 0) => say(model, Word::NothingMatches).to_owned(),
        (false, _) => fill(
            say(model, Word::FindCount),
            &[&number.to_string(), &all.to_string()],
        ),
    };
    let wide = (width(&count) as u16).min(area.width / 3);
    let left = Rect {
        width: area.width - wide,
        height: 1,
        ..area
    };
    let mark = format!("{} › ", say(model, Word::FindMark));
    let caret = query(
        left,
        buffer,
        &mark,
        &finder.query,
        say(model, Word::FindHint),
        theme,
    );
    let count = [Run::role(&count, Role::Dim)];
    put(buffer, (left.right(), area.y), wide, &count, theme);
    caret
}

/// The row of a message in which the chosen place is, as far as it can be seen there.
pub(super) fn row_of(set: &Set, words: &str, nth: usize) -> usize {
    let mut last = 0;
    let mut before = 0;
    for at in set.body() {
        let Some((_, row)) = set.row(at) else {
            continue;
        };
        let text: String = row.iter().map(|run| run.text.as_str()).collect();
        let here = occurrences(&text, words).count();
        if here > 0 {
            last = at;
        }
        before += here;
        if before > nth {
            break;
        }
    }
    last
}

/// Marks what is found in a row that was drawn at a place. `chosen`: one of them is shown.
pub(super) fn marks(
    buffer: &mut Buffer,
    at: Rect,
    row: &[Run],
    words: &str,
    chosen: bool,
    theme: Theme,
) {
    let text: String = row.iter().map(|run| run.text.as_str()).collect();
    for found in occurrences(&text, words) {
        let skip = width(text.get(..found.start).unwrap_or_default()) as u16;
        let wide = width(text.get(found).unwrap_or_default()) as u16;
        let area = Rect {
            x: at.x.saturating_add(skip),
            width: wide,
            ..at
        };
        let style = if chosen {
            theme.of(Role::Selection)
        } else {
            Style::new().add_modifier(Modifier::UNDERLINED | Modifier::BOLD)
        };
        buffer.set_style(area.intersection(at), style);
    }
}
