//! The program's own log: a ring in memory for the log page, and a file for later.
//!
//! Nothing is ever printed: the screen belongs to the view. Lines are defused before they are
//! written, so that the file can be shown with `cat`.

use crate::core::defuse::defuse;
use crate::core::time::Wall;
use crate::view::{self, LogLine, LogLines};
use std::collections::VecDeque;
use std::fmt::{self, Write as _};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// Lines kept in memory.
const KEPT: usize = 5_000;
/// A log file larger than this makes room for a new one when the program starts.
const FILE_LIMIT: u64 = 4 << 20;

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
    path: Option<PathBuf>,
    file: Option<File>,
}

impl Logs {
    /// A log that also goes to a file, if a path is given. The file is opened with the first
    /// line, so that a quiet run touches nothing.
    pub fn new(path: Option<PathBuf>) -> Self {
        Self(Arc::new(Mutex::new(Ring {
            lines: VecDeque::new(),
            path,
            file: None,
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
        if ring.file.is_none() {
            ring.file = ring.path.take().and_then(|path| open(&path));
        }
        if let Some(file) = &mut ring.file {
            // A log that cannot be written is not worth stopping for.
            let _ = writeln!(file, "{}", written(&line));
        }
        if ring.lines.len() == KEPT {
            ring.lines.pop_front();
        }
        ring.lines.push_back(line);
    }
}

impl LogLines for Logs {
    fn len(&self) -> usize {
        self.ring().lines.len()
    }

    fn line(&self, index: usize) -> Option<LogLine> {
        let ring = self.ring();
        let line = ring.lines.get(index)?;
        let level = match line.level {
            Level::ERROR => view::Level::Error,
            Level::WARN => view::Level::Warn,
            Level::INFO => view::Level::Info,
            Level::DEBUG => view::Level::Debug,
            Level::TRACE => view::Level::Trace,
        };
        let at = jiff::Timestamp::from_millisecond(line.at.0).unwrap_or_default();
        let at = at
            .to_zoned(jiff::tz::TimeZone::system())
            .strftime("%H:%M:%S")
            .to_string();
        Some(LogLine {
            at,
            level,
            text: line.text.clone(),
        })
    }
}

fn written(line: &Line) -> String {
    let at = jiff::Timestamp::from_millisecond(line.at.0).unwrap_or_default();
    format!("{at:.3} {:5} {}", line.level, line.text)
}

fn open(path: &Path) -> Option<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).ok()?;
    }
    if std::fs::metadata(path).is_ok_and(|file| file.len() > FILE_LIMIT) {
        std::fs::rename(path, path.with_extension("log.1")).ok()?;
    }
    let mut options = File::options();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).ok()
}

/// Turns tracing's events into lines.
struct Collector {
    logs: Logs,
    level: Level,
}

impl<S: Subscriber> Layer<S> for Collector {
    fn enabled(&self, metadata: &Metadata<'_>, _context: Context<'_, S>) -> bool {
        // Libraries may log what we must not: headers, addresses with passwords.
        *metadata.level() <= self.level && metadata.target().starts_with("hearsay")
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level.into())
    }

    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut text = Text(String::new());
        event.record(&mut text);
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
        });
        let lines: Vec<_> = (0..logs.len()).filter_map(|n| logs.line(n)).collect();
        let texts: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["dialling attempt=2", "evil \u{241b}[2J"]);
    }

    #[test]
    fn the_ring_forgets_the_oldest() {
        let logs = Logs::new(None);
        for n in 0..KEPT + 3 {
            logs.push(Level::INFO, n.to_string());
        }
        assert_eq!(logs.len(), KEPT);
        assert_eq!(logs.line(0).map(|line| line.text), Some("3".to_owned()));
        assert_eq!(logs.tail(1).lines().count(), 1);
    }
}
