//! `hearsay doctor`: the checks of `shell::doctor` as text.

use super::Exit;
use crate::config::Flags;
use crate::core::checkup::{Check, Depth, State};
use crate::core::defuse::defuse;
use crate::core::words::{Lang, Word, fill};
use crate::shell::doctor::{self, Look, walk};
use crate::view::text::width;
use serde_json::json;
use std::io::{self, Write};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct DoctorArgs {
    /// Print the checks as one JSON document
    #[arg(long)]
    pub json: bool,
    /// Play a short sound, too, and listen for it
    #[arg(long)]
    pub sound: bool,
    /// Only this: talk to the backend at this URL, or of this name, and tell how it keeps to its
    /// language
    #[arg(long, value_name = "NAME|URL", conflicts_with = "sound")]
    pub wire: Option<String>,
}

/// Checks everything and prints it. Exits with 1 when something is broken.
pub fn run(args: &DoctorArgs, flags: &Flags) -> anyhow::Result<ExitCode> {
    if let Some(backend) = &args.wire {
        return along_the_wire(backend, args.json, flags);
    }
    let settled = super::settle(flags);
    let lang = match &settled {
        Ok(loaded) => loaded.settings.lang,
        Err(_unsettled) => Lang::default(),
    };
    let mut checks = vec![];
    let look = Look {
        depth: if args.sound {
            Depth::Aloud
        } else {
            Depth::Whole
        },
        in_use: None,
    };
    doctor::examine(settled.as_ref(), &look, lang, &mut |check| {
        checks.push(check);
    });
    tell(&checks, args.json, lang)
}

/// Walks what its language asks of one backend.
fn along_the_wire(backend: &str, as_json: bool, flags: &Flags) -> anyhow::Result<ExitCode> {
    let flags = Flags {
        backend: Some(backend.to_owned()),
        ..flags.clone()
    };
    let mut loaded = super::settle(&flags)?;
    loaded.settings.standby.clear();
    let mut checks = vec![];
    walk(&loaded, &mut |check| checks.push(check))?;
    tell(&checks, as_json, loaded.settings.lang)
}

/// Prints the checks, and whether something is broken.
fn tell(checks: &[Check], as_json: bool, lang: Lang) -> anyhow::Result<ExitCode> {
    print(checks, as_json, lang)?;
    let broken = checks.iter().any(|check| check.state == State::Broken);
    Ok(if broken {
        Exit::Unanswered.into()
    } else {
        ExitCode::SUCCESS
    })
}

/// A text and the spaces that fill it up to so many columns.
fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

fn print(checks: &[Check], as_json: bool, lang: Lang) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if as_json {
        let list: Vec<_> = checks
            .iter()
            .map(|check| {
                json!({"part": check.part.name(), "state": check.state.name(),
                    "found": check.found, "hint": check.hint})
            })
            .collect();
        return writeln!(out, "{:#}", json!({ "checks": list }));
    }
    for check in checks {
        let mark = padded(check.state.mark().text(lang), 4);
        let name = padded(&defuse(check.part.tell(lang)), 14);
        let mut lines = check.found.lines();
        let first = lines.next().unwrap_or_default();
        writeln!(out, "{mark}  {name} {}", defuse(first))?;
        for line in lines {
            writeln!(out, "{:20} {}", "", defuse(line))?;
        }
        if let Some(hint) = &check.hint {
            let hint = fill(Word::DoctorHint.text(lang), &[hint]);
            writeln!(out, "{:20} {}", "", defuse(&hint))?;
        }
    }
    Ok(())
}
