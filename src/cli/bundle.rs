//! `hearsay bundle`: a report of a fault, shown as a list before it is written.

use super::Exit;
use crate::config::Flags;
use crate::core::bundle::{Order, Part, Parts};
use crate::core::ids::ConversationId;
use crate::core::record::TurnTimes;
use crate::core::words::{Lang, Word, fill};
use crate::shell::bundle;
use crate::store::Store;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The times of so many turns are told.
const TURNS: usize = 20;

#[derive(Debug, clap::Args)]
pub struct BundleArgs {
    /// Where to; `-` is standard output. Without it, a new file in this folder
    file: Option<PathBuf>,
    /// Put these parts in as well: `texts` (what was said last) or `audio` (the last recording)
    #[arg(long, value_name = "PART", value_delimiter = ',', value_parser = part)]
    with: Vec<Part>,
    /// Leave these parts out: `version`, `doctor`, `settings`, `lines`, `log` or `timeline`
    #[arg(long, value_name = "PART", value_delimiter = ',', value_parser = part)]
    without: Vec<Part>,
    /// Write it without asking back
    #[arg(long, short)]
    yes: bool,
}

fn part(name: &str) -> Result<Part, String> {
    Part::of(name).ok_or_else(|| {
        let known = Part::ALL.map(Part::name).join(", ");
        fill(Word::BundleUnknown.text(Lang::En), &[name, &known])
    })
}

/// Shows what will be in it, asks, and writes it.
pub fn run(args: &BundleArgs, flags: &Flags) -> anyhow::Result<ExitCode> {
    let settled = super::settle(flags);
    let lang = settled
        .as_ref()
        .map_or_else(|_| Lang::default(), |loaded| loaded.settings.lang);
    let mut parts = Parts::default();
    for part in Part::ALL {
        let wanted = args.with.contains(&part) || !part.is_private();
        if (wanted && !args.without.contains(&part)) != parts.has(part) {
            parts.toggle(part);
        }
    }
    let aloud = args
        .file
        .as_ref()
        .is_some_and(|file| file.as_os_str() == "-");
    let mut order = Order {
        parts,
        place: args.file.clone(),
        conversation: ConversationId(0),
        turn: None,
        timeline: vec![],
    };
    if let Ok(loaded) = &settled {
        last(&loaded.settings.store.path, &mut order);
    }
    let mut people = io::stderr().lock();
    write!(people, "{}", bundle::list(&order, lang))?;
    if !args.yes {
        if !io::stdin().is_terminal() {
            writeln!(people, "{}", Word::BundleWants.text(lang))?;
            return Ok(Exit::Usage.into());
        }
        write!(people, "{} ", Word::BundleAsk.text(lang))?;
        people.flush()?;
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer)?;
        if !matches!(answer.trim(), "y" | "Y" | "yes" | "是") {
            return Ok(ExitCode::SUCCESS);
        }
    }
    if aloud {
        let text = bundle::gather(settled.as_ref(), &order, lang);
        io::stdout().lock().write_all(text.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let path = bundle::write(settled.as_ref(), &order, lang)?;
    let path = path.display().to_string();
    writeln!(people, "{}", fill(Word::BundleWritten.text(lang), &[&path]))?;
    Ok(ExitCode::SUCCESS)
}

/// Fills in what was said last, if anything was kept.
fn last(database: &Path, order: &mut Order) {
    // Looking must not leave an empty store behind.
    if !database.exists() {
        return;
    }
    let found = Store::open(database).and_then(|store| {
        let newest = store.list(1)?.pop();
        let turns = match &newest {
            Some(newest) => store.turns(newest.id)?,
            None => vec![],
        };
        Ok((newest, turns))
    });
    match found {
        Ok((newest, turns)) => {
            if let Some(newest) = newest {
                order.conversation = newest.id;
            }
            order.turn = turns.last().and_then(|times| times.turn);
            let from = turns.len().saturating_sub(TURNS);
            let last = turns.get(from..).unwrap_or_default();
            order.timeline = last.iter().map(line).collect();
        }
        Err(error) => order.timeline = vec![error.to_string()],
    }
}

/// The times of a turn, without what was said.
fn line(times: &TurnTimes) -> String {
    let stages: Vec<_> = times
        .stages
        .iter()
        .map(|(name, ms)| format!("{name} {ms} ms"))
        .collect();
    let turn = times.turn.map(|turn| turn.to_string()).unwrap_or_default();
    format!("{turn} {}: {}", times.outcome, stages.join(", "))
}
