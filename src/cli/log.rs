//! `hearsay log`: reads a log, here or on another host, on the screen, or as text into a pipe.
//!
//! On the screen it is the page of the program; as text each line is as it was written, but nothing
//! in it is obeyed by a terminal.

use super::{Exit, complain};
use crate::config::Loaded;
use crate::core::defuse::defuse;
use crate::core::log::Feed;
use crate::core::log::filter::Filter;
use crate::core::log::head::{Head, head};
use crate::core::log::pattern::Pattern;
use crate::core::log::{Level, Wants};
use crate::link::logs::News;
use crate::shell::log_source::{self, NoLog, Source};
use crate::shell::{log_screen, reader};
use crate::tail::Reel;
use crate::tail::alert::Alert;
use crate::tail::roll::Lines;
use clap::Args;
use std::collections::VecDeque;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

/// Which log, and what of it.
#[derive(Debug, Args)]
pub struct LogArgs {
    /// A file, the URL of a host (`ws://host/ws/logs/ID`), or an id at the backend in use; without
    /// one, the log of this program
    source: Option<String>,
    /// Print the lines as text, and go on with those to come
    #[arg(long, short)]
    follow: bool,
    /// As text, begin with so many lines before the end
    #[arg(long, short = 'n', value_name = "N")]
    lines: Option<usize>,
    /// Only lines that matter this much: trace, debug, info, warn, error
    #[arg(long, value_name = "LEVEL", value_parser = level)]
    level: Option<Level>,
    /// Only lines from then on: `10m` (ago), `14:30`, `2026-01-31`, `2026-01-31 14:30`
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only lines until then
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Only lines that hold this, a word or a regular expression; with `!` before it, those that
    /// do not
    #[arg(long, short, value_name = "PATTERN")]
    grep: Option<String>,
    /// On the screen, search for this
    #[arg(long, short, value_name = "PATTERN")]
    search: Option<String>,
}

fn level(text: &str) -> Result<Level, String> {
    Level::of(text).ok_or_else(|| "it is none of trace, debug, info, warn, error".to_owned())
}

/// So many lines of another host are printed unless somebody wants more or fewer.
const LISTED: usize = 100;

/// What was asked for makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct LogError {
    what: String,
    pub hint: Option<&'static str>,
}

impl LogError {
    fn of(error: &impl std::fmt::Display) -> Self {
        Self {
            what: error.to_string(),
            hint: None,
        }
    }

    fn no_log(error: &NoLog) -> Self {
        Self {
            hint: error.hint(),
            ..Self::of(error)
        }
    }
}

impl LogArgs {
    fn wants(&self) -> Wants {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let span = match (&self.since, &self.until) {
            (None, None) => String::new(),
            (since, until) => format!("{}..{}", text(since), text(until)),
        };
        Wants {
            level: self.level,
            text: text(&self.grep),
            span,
        }
    }
}

/// Reads a log.
pub fn run(args: &LogArgs, loaded: &Loaded) -> anyhow::Result<ExitCode> {
    let wants = args.wants();
    let clock = reader::clock();
    let filter = wants.read(clock).map_err(|error| LogError::of(&error))?;
    let search = args.search.clone().unwrap_or_default();
    Pattern::read(&search).map_err(|error| LogError::of(&error))?;
    let screen = io::stdin().is_terminal() && io::stdout().is_terminal();
    // Whoever is here sees at once that there is no such log.
    let source = log_source::find(args.source.as_deref(), loaded)
        .map_err(|error| LogError::no_log(&error))?;
    if screen && !args.follow && args.lines.is_none() {
        log_screen::run(loaded, args.source.clone(), &wants, &search)?;
        return Ok(ExitCode::SUCCESS);
    }
    let filter = (!wants.all()).then_some(filter);
    let mut out = io::stdout().lock();
    let (path, before) = match source {
        Source::File { path, before } => (path, before),
        Source::Host { url, id } => {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            let lines = args.lines.unwrap_or(LISTED);
            let told = runtime.block_on(async {
                let news = log_source::listen(&url, &id, lines, loaded)
                    .map_err(|error| LogError::no_log(&error))?;
                listen(news, args.follow, filter.as_ref(), clock.offset_s, &mut out).await
            });
            // A name lookup may still hang in a thread of the runtime; nobody waits for it.
            runtime.shutdown_background();
            return told;
        }
    };
    let reel = Reel::open(&path, before, clock.offset_s)?;
    let mut text = Text {
        reel,
        filter,
        next: 0,
        lines: Lines::default(),
    };
    text.begin(args.lines, args.follow, &mut out)?;
    out.flush()?;
    if args.follow {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(follow(&mut text, &path, &mut out))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints what another host lists and, if more is wanted, what it tells from then on.
async fn listen(
    mut news: tokio::sync::mpsc::Receiver<News>,
    more: bool,
    filter: Option<&Filter>,
    offset_s: i32,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let mut last = Head::default();
    while let Some(next) = news.recv().await {
        match next {
            News::Lines(entries) => {
                for line in entries.iter().flat_map(|entry| {
                    let text = entry.written();
                    text.lines().map(ToOwned::to_owned).collect::<Vec<_>>()
                }) {
                    let own = head(line.as_bytes(), offset_s);
                    if own.at.is_some() || own.level.is_some() {
                        last = own;
                    }
                    if filter.is_none_or(|filter| filter.wants(&last, line.as_bytes())) {
                        put(line.as_bytes(), out)?;
                    }
                }
                out.flush()?;
                if !more {
                    return Ok(ExitCode::SUCCESS);
                }
            }
            News::Gap => complain(
                "lines are missing here: the host no longer lists them",
                None,
            ),
            News::Feed(Feed::Refused { why, hint }) => {
                complain(
                    &why,
                    Some(&hint)
                        .filter(|hint| !hint.is_empty())
                        .map(String::as_str),
                );
                return Ok(Exit::NoConnection.into());
            }
            News::Feed(Feed::Polled { why }) if more => {
                complain(
                    &format!("{why}; the log is asked for every few seconds"),
                    None,
                );
            }
            News::Feed(Feed::Polled { why }) => {
                complain(&why, None);
                return Ok(Exit::NoConnection.into());
            }
            // Connected, and nothing was listed: there is nothing yet.
            News::Feed(Feed::Live) if !more => return Ok(ExitCode::SUCCESS),
            News::Feed(Feed::Live | Feed::Calling | Feed::File | Feed::Missing) => {}
        }
    }
    Ok(Exit::NoConnection.into())
}

/// Prints what comes, until nobody reads it any more.
async fn follow(text: &mut Text, path: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    let alert = Alert::new(path);
    loop {
        text.advance()?;
        text.go_on(true, &mut |line| put(line, out))?;
        out.flush()?;
        alert.wait().await;
    }
}

fn put(line: &[u8], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", defuse(&String::from_utf8_lossy(line)))
}

/// A log as text.
struct Text {
    reel: Reel,
    filter: Option<Filter>,
    /// The first line that was not told yet.
    next: u64,
    lines: Lines,
}

impl Text {
    /// Reads what there is.
    fn advance(&mut self) -> anyhow::Result<()> {
        while self.reel.advance(64 << 20)?.read > 0 {}
        Ok(())
    }

    /// Tells what is there, or so many lines at its end.
    fn begin(
        &mut self,
        last: Option<usize>,
        follow: bool,
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        self.advance()?;
        let Some(last) = last else {
            return self.go_on(follow, &mut |line| put(line, out));
        };
        let mut kept: VecDeque<Vec<u8>> = VecDeque::new();
        self.go_on(follow, &mut |line| {
            kept.push_back(line.to_vec());
            if kept.len() > last {
                kept.pop_front();
            }
            Ok(())
        })?;
        for line in kept {
            put(&line, out)?;
        }
        Ok(())
    }

    /// Tells the lines that were not told yet; those that have not ended only if no more of them
    /// will come.
    fn go_on(
        &mut self,
        follow: bool,
        tell: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    ) -> anyhow::Result<()> {
        let all = self.reel.lines();
        let end = if follow { self.reel.ended() } else { all.end };
        self.next = self.next.max(all.start);
        while self.next < end {
            let Some(block) = self.reel.block_of(self.next) else {
                break;
            };
            let first = self.reel.first_of(block).unwrap_or(self.next);
            self.reel.read(block, &mut self.lines)?;
            let heads = self.reel.heads(block, &self.lines);
            for (nth, head) in heads.iter().enumerate() {
                let number = first + nth as u64;
                let line = self.lines.get(nth).unwrap_or_default();
                let told = number >= self.next && number < end;
                if told
                    && self
                        .filter
                        .as_ref()
                        .is_none_or(|filter| filter.wants(head, line))
                {
                    tell(line)?;
                }
            }
            self.next = end.min(first + heads.len().max(1) as u64);
        }
        Ok(())
    }
}
