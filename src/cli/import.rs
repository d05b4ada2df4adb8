//! `hearsay import`: brings in conversations that other clients hold.

use crate::config::Loaded;
use crate::core::defuse::defuse;
use crate::core::import::Report;
use crate::store::Store;
use crate::store::import::{ImportError, import};
use clap::Args;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// What to bring in.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// `conversations.json` or the zip of an export of ChatGPT, a session of aichat (YAML), or the
    /// database of oterm (`store.db`)
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Print what came of each file as JSON
    #[arg(long)]
    json: bool,
}

/// Reads the files, one after another; what is wrong with one is no reason to leave out the others.
pub fn run(args: &ImportArgs, loaded: &Loaded) -> anyhow::Result<ExitCode> {
    let lang = loaded.settings.lang;
    let mut store = Store::open(&loaded.settings.store.path)?;
    let mut outcomes: Vec<Result<Report, ImportError>> = vec![];
    let moves = io::stderr().is_terminal();
    for file in &args.files {
        let mut told = None;
        let done = import(file, &mut store, &mut |progress| {
            if moves && told != Some(progress.percent) {
                told = Some(progress.percent);
                draw(&progress.tell(lang));
            }
        });
        if moves && told.is_some() {
            // The line that moved makes room.
            draw("\u{1b}[K");
        }
        match &done {
            Ok(report) if !args.json => {
                let mut people = io::stderr().lock();
                let name = file.display().to_string();
                writeln!(people, "{}", defuse(&name))?;
                for line in report.tell(lang) {
                    writeln!(people, "  {}", defuse(&line))?;
                }
            }
            Ok(_) => {}
            Err(error) => super::complain(&error.to_string(), error.hint().as_deref()),
        }
        outcomes.push(done);
    }
    if args.json {
        let all: Vec<serde_json::Value> = std::iter::zip(&args.files, &outcomes)
            .map(|(file, done)| {
                let mut one = match done {
                    Ok(report) => serde_json::to_value(report)?,
                    Err(error) => serde_json::json!({ "error": error.to_string() }),
                };
                one["file"] = file.display().to_string().into();
                Ok(one)
            })
            .collect::<Result<_, serde_json::Error>>()?;
        let text = serde_json::to_string_pretty(&all)?;
        writeln!(io::stdout(), "{}", super::harmless(&text))?;
    }
    let whole = |done: &Result<Report, _>| matches!(done, Ok(report) if report.refused == 0);
    Ok(ExitCode::from(u8::from(!outcomes.iter().all(whole))))
}

fn draw(text: &str) {
    // Nobody is left to tell when stderr is gone.
    let _ = write!(io::stderr(), "\r{text}");
}
