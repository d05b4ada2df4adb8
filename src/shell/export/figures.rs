//! Where the time of a conversation went: what is usual for each part of a wait, and which of them
//! is the slowest.

use super::Manner;
use crate::core::record::TurnTimes;
use crate::core::times::{Part, parts, percentile, slowest, spent, waited};
use crate::core::turn::Stage;
use crate::core::words::Word;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::time::Duration;

/// A part of the waits, and all the figures of it, in milliseconds.
fn table(turns: &[TurnTimes]) -> Vec<(Word, Vec<u64>)> {
    let waits: Vec<Vec<Part>> = turns.iter().map(parts).collect();
    let all = waits.iter().map(|parts| waited(parts)).collect();
    let mut table = vec![(Word::PartAll, all)];
    for stage in Stage::ALL {
        let of_stage = waits.iter().flatten().filter(|part| part.until == stage);
        let figures: Vec<u64> = of_stage.map(|part| part.ms).collect();
        if let Some(word) = stage.wait().filter(|_| !figures.is_empty()) {
            table.push((word, figures));
        }
    }
    table
}

/// The part that usually takes longest, by its place in the table.
fn worst(table: &[(Word, Vec<u64>)]) -> Option<usize> {
    let usual = |(_, figures): &(Word, Vec<u64>)| percentile(figures, 50);
    (1..table.len()).max_by_key(|n| table.get(*n).and_then(usual))
}

/// As a table of a document; nothing where no turn is known.
pub(super) fn write(
    turns: &[TurnTimes],
    markdown: bool,
    around: &Manner,
    out: &mut dyn Write,
) -> io::Result<()> {
    if turns.is_empty() {
        return Ok(());
    }
    let head = around.say(Word::TimesOf, &[&turns.len().to_string()]);
    if markdown {
        writeln!(out, "\n## {head}\n\n| | p50 | p95 |\n| --- | ---: | ---: |")?;
    } else {
        writeln!(out, "\n{head}:")?;
    }
    let table = table(turns);
    let worst = worst(&table);
    for (n, (word, figures)) in table.iter().enumerate() {
        let told = |percent| {
            percentile(figures, percent)
                .map(seconds)
                .unwrap_or_default()
        };
        let mut name = around.say(*word, &[]);
        if worst == Some(n) {
            name = format!("{name} {}", around.say(Word::PartSlowest, &[]));
        }
        let (p50, p95) = (told(50), told(95));
        if markdown {
            writeln!(out, "| {name} | {p50} | {p95} |")?;
        } else {
            writeln!(out, "{name}: p50 {p50}, p95 {p95}")?;
        }
    }
    let spent = spent(turns);
    if spent.prompt > 0 || spent.completion > 0 {
        let figures = [spent.prompt.to_string(), spent.completion.to_string()];
        let text = around.say(Word::TokensOf, &[&figures[0], &figures[1]]);
        let apart = if markdown { "\n" } else { "" };
        writeln!(out, "{apart}{text}")?;
    }
    Ok(())
}

fn seconds(ms: u64) -> String {
    format!("{:.1} s", Duration::from_millis(ms).as_secs_f64())
}

/// A turn, for programs.
pub(super) fn turn(turn: &TurnTimes) -> Value {
    let stages: serde_json::Map<String, Value> = (turn.stages.iter())
        .map(|(name, ms)| (name.clone(), json!(ms)))
        .collect();
    let parts = parts(turn);
    let said = turn
        .said
        .iter()
        .map(|(ms, text)| json!({ "ms": ms, "text": text }));
    json!({
        "turn": turn.turn,
        "at": super::stamp(turn.at),
        "outcome": turn.outcome,
        "stages_ms": stages,
        "waited_ms": waited(&parts),
        "slowest": slowest(&parts).map(|part| part.until.name()),
        "said": said.collect::<Vec<_>>(),
        "usage": turn.usage,
    })
}

/// What is usual for all turns, for programs.
pub(super) fn usual(turns: &[TurnTimes]) -> Value {
    let mut parts = serde_json::Map::new();
    let of = |figures: &[u64]| json!({ "p50_ms": percentile(figures, 50), "p95_ms": percentile(figures, 95) });
    let waits: Vec<Vec<Part>> = turns.iter().map(crate::core::times::parts).collect();
    for stage in Stage::ALL {
        let of_stage = waits.iter().flatten().filter(|part| part.until == stage);
        let figures: Vec<u64> = of_stage.map(|part| part.ms).collect();
        if !figures.is_empty() {
            parts.insert(stage.name().to_owned(), of(&figures));
        }
    }
    let all: Vec<u64> = waits.iter().map(|parts| waited(parts)).collect();
    let slow = |name: &&String| parts[name.as_str()]["p50_ms"].as_u64();
    let slowest = parts.keys().max_by_key(slow).cloned();
    json!({ "all": of(&all), "until": parts, "slowest": slowest, "usage": spent(turns) })
}
