//! The program's own log: a file, and its last lines in memory for a crash report.
//!
//! Nothing is ever printed: the screen belongs to the view. Lines are defused before they are
//! written, so that the file can be shown with `cat`. What is told within a span that has a `turn`
//! says so at its end. Files that grow too large are put aside by `journal`.

mod journal;

use crate::core::defuse::defuse;
use crate::core::time::Wall;
use journal::Journal;
use std::collections::VecDeque;
use std::fmt::{self, Write as _};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// The log's name in the data folder.
pub const NAME: &str = "hearsay.log";
/// The same of `hearsay serve`.
pub const SERVED: &str = "serve.log";
/// So many files that are full are kept beside it.
pub const KEPT_FILES: usize = journal::KEPT;
/// Lines kept in memory.
const KEPT: usize = 200;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    at: Wall,
    level: Level,
    text: String,
}

/// The log. Clones share it.
#[derive(Clone)]
pub struct Logs(Arc<Mutex<Ring>>);

struct Ring {
    lines: VecDeque<Line>,
    journal: Option<Journal>,
}

impl Logs {
    /// A log that also goes to a file, if a path is given. The file is opened with the first
    /// line, so that a quiet run touches nothing.
    pub fn new(path: Option<PathBuf>) -> Self {
        Self(Arc::new(Mutex::new(Ring {
            lines: VecDeque::new(),
            journal: path.map(Journal::new),
        })))
    }

    /// Makes this the log of the whole program; lines below `level` are not even made.
    pub fn install(&self, level: LevelFilter) {
        let Some(level) = level.into_level() else {
            return;
        };
        let layer = Collector {
            logs: self.clone(),
            level,
        };
        let subscriber = tracing_subscriber::registry().with(layer);
        // A second log in one process (tests) leaves the first in place.
        let _ = tracing::subscriber::set_global_default(subscriber);
    }

    fn ring(&self) -> std::sync::MutexGuard<'_, Ring> {
        // A thread that died while logging left a line half made at worst.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last lines as text, for a crash report.
    pub fn tail(&self, count: usize) -> String {
        let ring = self.ring();
        let skip = ring.lines.len().saturating_sub(count);
        let mut text = String::new();
        for line in ring.lines.iter().skip(skip) {
            // Writing into a string cannot fail.
            let _ = writeln!(text, "{}", written(line));
        }
        text
    }

    fn push(&self, level: Level, text: String) {
        let mut ring = self.ring();
        let line = Line {
            at: super::clock::wall(),
            level,
            text,
        };
        if let Some(journal) = &mut ring.journal {
            journal.write(&written(&line));
        }
        if ring.lines.len() == KEPT {
            ring.lines.pop_front();
        }
        ring.lines.push_back(line);
    }
}

fn written(line: &Line) -> String {
    let at = jiff::Timestamp::from_millisecond(line.at.0).unwrap_or_default();
    format!("{at:.3} {:5} {}", line.level, line.text)
}

/// Turns tracing's events into lines.
struct Collector {
    logs: Logs,
    level: Level,
}

/// The turn that a span is about.
struct Turn(String);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Collector {
    fn enabled(&self, metadata: &Metadata<'_>, _context: Context<'_, S>) -> bool {
        // Libraries may log what we must not: headers, addresses with passwords.
        *metadata.level() <= self.level && metadata.target().starts_with("hearsay")
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level.into())
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut text = Text(String::new());
        attributes.record(&mut text);
        if let (Some(turn), Some(span)) = (text.0.strip_prefix("turn="), context.span(id)) {
            span.extensions_mut().insert(Turn(turn.to_owned()));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        let mut spans = context.event_scope(event).into_iter().flatten();
        let turn = spans.find_map(|span| {
            let turn = span.extensions();
            turn.get::<Turn>().map(|turn| turn.0.clone())
        });
        if let Some(turn) = turn {
            // As below.
            let _ = write!(text.0, " turn={turn}");
        }
        let metadata = event.metadata();
        self.logs
            .push(*metadata.level(), defuse(&text.0).into_owned());
    }
}

/// Collects an event's message and fields into one text.
struct Text(String);

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if !self.0.is_empty() {
            self.0.push(' ');
        }
        // Writing into a string cannot fail.
        let _ = match field.name() {
            "message" => write!(self.0, "{value:?}"),
            name => write!(self.0, "{name}={value:?}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_in_order_and_harmless() {
        let logs = Logs::new(None);
        let layer = Collector {
            logs: logs.clone(),
            level: Level::INFO,
        };
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            tracing::info!(attempt = 2, "dialling");
            tracing::warn!("evil \u{1b}[2J");
            tracing::debug!("too quiet");
            tracing::info!(target: "hyper", "not ours");
            tracing::info_span!("turn", turn = 7).in_scope(|| tracing::info!("asked"));
            tracing::info!("later");
        });
        assert_eq!(
            texts(&logs),
            [
                "dialling attempt=2",
                "evil \u{241b}[2J",
                "asked turn=7",
                "later"
            ]
        );
    }

    fn texts(logs: &Logs) -> Vec<String> {
        logs.ring()
            .lines
            .iter()
            .map(|line| line.text.clone())
            .collect()
    }

    #[test]
    fn the_ring_forgets_the_oldest() {
        let logs = Logs::new(None);
        for n in 0..KEPT + 3 {
            logs.push(Level::INFO, n.to_string());
        }
        assert_eq!(texts(&logs).len(), KEPT);
        assert_eq!(texts(&logs).first().map(String::as_str), Some("3"));
        assert_eq!(logs.tail(1).lines().count(), 1);
    }
}
