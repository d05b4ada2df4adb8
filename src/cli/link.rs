//! `hearsay link stats`: what became of the lines to backends, over all runs.

use crate::config::Loaded;
use crate::core::defuse::defuse;
use crate::core::past::{LineStats, figures, ms, spell};
use crate::core::trips::{self, Bars};
use crate::core::words::{Lang, Word, fill};
use crate::shell::export::date;
use crate::store::Store;
use clap::{Args, Subcommand};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

/// What to know about lines.
#[derive(Debug, Args)]
pub struct LinkArgs {
    #[command(subcommand)]
    wish: Wish,
}

#[derive(Debug, Subcommand)]
enum Wish {
    /// Print how often each backend was reached and lost, and how quick it was
    Stats {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Prints what was counted.
pub fn run(args: &LinkArgs, loaded: &Loaded) -> anyhow::Result<ExitCode> {
    let Wish::Stats { json } = args.wish;
    let lang = loaded.settings.lang;
    let path = &loaded.settings.store.path;
    // Looking must not leave an empty store behind.
    let lines = match path.try_exists() {
        Ok(false) => vec![],
        Ok(true) | Err(_) => Store::open(path)?.lines()?,
    };
    let bars = Bars::of(&|name| std::env::var(name).ok());
    let mut out = io::stdout().lock();
    if json {
        let all: Vec<Value> = lines.iter().map(described).collect();
        writeln!(out, "{:#}", Value::Array(all))?;
    } else if lines.is_empty() {
        writeln!(io::stderr(), "{}", Word::LinesNone.text(lang))?;
    } else {
        for line in &lines {
            write!(out, "{}", told(line, lang, &TimeZone::system(), bars))?;
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn described(line: &LineStats) -> Value {
    let count = &line.count;
    let exact_ms = |trip: Duration| trip.as_micros() as f64 / 1e3;
    // Null where one is missing.
    let last: Vec<Option<f64>> = count.recent.all().map(|trip| trip.map(exact_ms)).collect();
    json!({
        "backend": line.backend,
        "since_ms": line.since.0,
        "used_ms": line.used.0,
        "greeted": count.greeted,
        "lost": count.lost,
        "refused": count.refused,
        "given_up": count.given_up,
        "up_s": count.up.as_secs(),
        "round_trip_ms": count.trip().map(exact_ms),
        "last_round_trips_ms": last,
        "last_cause": count.cause,
    })
}

fn told(line: &LineStats, lang: Lang, zone: &TimeZone, bars: Bars) -> String {
    let say = |word: Word, arguments: &[&str]| fill(word.text(lang), arguments);
    let count = &line.count;
    let figure = |figure: u32| figure.to_string();
    let mut rows = vec![
        say(
            Word::LinesSince,
            &[&date(line.since, zone), &date(line.used, zone)],
        ),
        say(
            Word::LinesCounts,
            &[
                &figure(count.greeted),
                &spell(count.up),
                &figure(count.lost),
                &figure(count.refused),
                &figure(count.given_up),
            ],
        ),
    ];
    rows.extend(count.trip().map(|trip| say(Word::LinesTrip, &[&ms(trip)])));
    let recent = figures(&count.recent, lang).map(|figures| {
        let graph = count.recent.graph(bars, trips::MOST);
        say(Word::LinesRecent, &[&graph, &figures])
    });
    rows.extend(recent);
    // It may hold words of the other side.
    let cause = count.cause.as_ref();
    rows.extend(cause.map(|cause| say(Word::LinesCause, &[&defuse(cause).replace('\n', " ")])));
    let mut text = format!("{}\n", defuse(&line.backend));
    for row in rows {
        text.push_str("  ");
        text.push_str(&row);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::past::Count;
    use crate::core::time::Wall;
    use crate::core::trips::Trips;

    #[test]
    fn what_was_counted_is_told_in_a_few_lines() {
        let line = LineStats {
            backend: "home\u{1b}[2J".into(),
            since: Wall(0),
            used: Wall(86_400_000),
            count: Count {
                greeted: 12,
                lost: 3,
                refused: 1,
                given_up: 0,
                up: Duration::from_mins(62),
                trips: 4,
                trips_took: Duration::from_millis(9),
                recent: Trips::of_text("1000 - 8000"),
                cause: Some("gone\nfor good".into()),
            },
        };
        assert_eq!(
            told(&line, Lang::En, &TimeZone::UTC, Bars::Blocks),
            "home␛[2J\n  counted since 1970-01-01 00:00, last used 1970-01-02 00:00\n  \
             connections: 12, 1 h 2 min in all; losses: 3, refusals: 1, given up: 0\n  \
             round trip 2.2 ms on average\n  of late ▂×█ 1.0-8.0 ms, jitter 7.0 ms, \
             missed: 1\n  last cause: gone for good\n"
        );
        let ascii = told(&line, Lang::Zh, &TimeZone::UTC, Bars::Ascii);
        assert!(
            ascii.contains("  最近 .x# 1.0-8.0 ms，抖动 7.0 ms，缺失 1 次\n"),
            "{ascii}"
        );
        assert_eq!(
            described(&line)["last_round_trips_ms"],
            json!([1.0, null, 8.0])
        );
    }
}
