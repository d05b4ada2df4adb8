//! Tells how the line is and has been, and the backend's own figures.

use super::super::text::wrap::wrap;
use super::super::text::{Row, Run, clip, width};
use super::super::theme::Role;
use super::super::words::say;
use crate::core::line::{Line, Quality};
use crate::core::model::Model;
use crate::core::words::{Word, fill};

/// A name, and what is to be told under it, line by line.
type Figure = (String, Vec<String>);

/// Names and figures in two columns.
pub(super) fn rows(model: &Model, figures: &[(String, String)], room: usize) -> Vec<Row> {
    let names = |figures: &[Figure]| -> Vec<String> {
        let names = figures.iter();
        names
            .map(|(name, _)| Run::role(name, Role::Dim).text)
            .collect()
    };
    let plain = all(model, figures, None);
    let widest = names(&plain).iter().map(|name| width(name)).max();
    let column = widest.unwrap_or(0).min(room / 2);
    let value_room = room.saturating_sub(column + 2).max(1);
    let drawn = all(model, figures, Some(value_room));
    let mut out = vec![];
    for (name, (_, lines)) in names(&drawn).iter().zip(&drawn) {
        let name = clip(name, column);
        let pad = column.saturating_sub(width(&name)) + 2;
        let values = lines
            .iter()
            .flat_map(|line| wrap(&[Run::role(line, Role::Text)], value_room));
        for (at, value) in values.enumerate() {
            let mut row = if at == 0 {
                vec![
                    Run::role(&name, Role::Dim),
                    Run::role(&" ".repeat(pad), Role::Text),
                ]
            } else {
                vec![Run::role(&" ".repeat(column + 2), Role::Text)]
            };
            row.extend(value);
            out.push(row);
        }
    }
    out
}

/// The same in words only.
pub(super) fn told(model: &Model, figures: &[(String, String)]) -> Vec<Row> {
    let row = |(name, lines): Figure| {
        let text = format!("{name}: {}", lines.join(" "));
        vec![Run::role(&text, Role::Text)]
    };
    all(model, figures, None).into_iter().map(row).collect()
}

/// The line first, then the backend; with a graph if there is `room` for one.
fn all(model: &Model, figures: &[(String, String)], room: Option<usize>) -> Vec<Figure> {
    let mut out = vec![];
    if let Line::Up(health) = &model.line {
        let word = match health.quality {
            Quality::Good => Word::LineGood,
            Quality::Fair => Word::LineFair,
            Quality::Poor => Word::LinePoor,
        };
        let name = say(model, Word::PastQuality).to_owned();
        out.push((name, vec![say(model, word).to_owned()]));
    }
    for (name, text) in model.past.tell(model.now.mono, model.lang) {
        let graph = room.filter(|_| name == Word::PastTrips);
        let graph = graph.map(|room| model.past.trips().graph(model.bars, room));
        let lines = graph.into_iter().chain([text]).collect();
        out.push((say(model, name).to_owned(), lines));
    }
    out.extend(figures.iter().map(|one| figure(model, one)));
    out
}

/// A figure by the name people have for it; one that nobody here knows keeps its own.
fn figure(model: &Model, (name, value): &(String, String)) -> Figure {
    let word = match name.as_str() {
        "active_connections" => Word::FigureActiveConnections,
        "answering" => Word::FigureAnswering,
        "conversations" => Word::FigureConversations,
        "engines" => Word::FigureEngines,
        "memories" => Word::FigureMemories,
        "tools" => Word::FigureTools,
        "voices" => Word::FigureVoices,
        "total_connections" => Word::FigureTotalConnections,
        "total_messages" => Word::FigureTotalMessages,
        "uptime" => Word::FigureUptime,
        _ => return (name.clone(), vec![value.clone()]),
    };
    let value = match (word, value.parse::<f64>()) {
        (Word::FigureUptime, Ok(seconds)) => {
            let seconds = format!("{seconds:.0}");
            fill(say(model, Word::Seconds), &[&seconds])
        }
        _ => value.clone(),
    };
    (say(model, word).to_owned(), vec![value])
}
