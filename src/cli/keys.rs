//! `hearsay keys`: which keys do what, and where that comes from; and a test of the talk key.

mod test;
mod trial;

use crate::config::{Binding, ConfigError, Loaded, Origin};
use crate::core::action::Action;
use crate::core::chord::Chord;
use crate::core::defuse::defuse;
use crate::core::keys::{Context, Keymap};
use crate::core::words::{Lang, Word};
use crate::shell::boot;
use crate::view::text::width;
use serde_json::json;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct KeysArgs {
    #[command(subcommand)]
    command: Option<KeysCommand>,
    /// Print the keys as one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum KeysCommand {
    /// Find out what this terminal tells of a held key, and keep it
    Test(test::TestArgs),
}

/// One key: where it is pressed, what it does, and who says so.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    context: Context,
    chord: Chord,
    /// `None`: the user took its meaning away.
    action: Option<Action>,
    origin: Origin,
}

/// Lists the keys, or tests one.
pub fn run(args: &KeysArgs, loaded: &Loaded) -> anyhow::Result<ExitCode> {
    if let Some(KeysCommand::Test(args)) = &args.command {
        return test::run(args, loaded);
    }
    let (keymap, conflicts) = boot::keymap(&loaded.settings).map_err(ConfigError::Bad)?;
    super::warn(&conflicts);
    let entries = entries(&keymap, &loaded.settings.keys);
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{:#}", as_json(&entries))?;
    } else {
        out.write_all(as_text(&entries, loaded.settings.lang).as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Everything in force, and what the user unbound at the end of each context.
fn entries(keymap: &Keymap, bindings: &[Binding]) -> Vec<Entry> {
    let mut entries = vec![];
    for context in Context::ALL {
        // Of several for one chord the first counts.
        let mut own: Vec<(Chord, &Binding)> = vec![];
        for binding in bindings.iter().filter(|it| it.context == context.name()) {
            if let Ok(chord) = binding.chord.parse()
                && own.iter().all(|(known, _)| *known != chord)
            {
                own.push((chord, binding));
            }
        }
        let origin = |chord: Chord| {
            let found = own.iter().find(|(known, _)| *known == chord);
            found.map_or(Origin::Default, |(_, binding)| binding.origin.clone())
        };
        let bound = keymap.bindings(*context);
        entries.extend(bound.map(|(chord, action)| Entry {
            context: *context,
            chord,
            action: Some(action.clone()),
            origin: origin(chord),
        }));
        let unbound = own.iter().filter(|(_, binding)| binding.action.is_none());
        entries.extend(unbound.map(|(chord, binding)| Entry {
            context: *context,
            chord: *chord,
            action: None,
            origin: binding.origin.clone(),
        }));
    }
    entries
}

fn written(action: Option<&Action>) -> String {
    action.map_or_else(|| "none".to_owned(), Action::to_string)
}

fn as_json(entries: &[Entry]) -> serde_json::Value {
    let entries = entries.iter().map(|entry| {
        json!({
            "context": entry.context.name(),
            "chord": entry.chord.to_string(),
            "action": written(entry.action.as_ref()),
            "origin": entry.origin.to_string(),
        })
    });
    json!({ "keys": entries.collect::<Vec<_>>() })
}

fn as_text(entries: &[Entry], lang: Lang) -> String {
    let mut text = String::new();
    let mut before = None;
    for entry in entries {
        if before != Some(entry.context) {
            let title = match entry.context {
                Context::Chat => Word::KeysChat,
                Context::Empty => Word::KeysEmpty,
                Context::Picker => Word::KeysPicker,
                Context::Browser => Word::KeysBrowser,
                Context::Page => Word::KeysPage,
                Context::Log => Word::KeysLog,
                Context::Inspector => Word::KeysInspector,
                Context::Normal => Word::KeysNormal,
            };
            let gap = if before.is_some() { "\n" } else { "" };
            // Writing into a string cannot fail.
            let _ = writeln!(text, "{gap}[{}] {}", entry.context, title.text(lang));
            before = Some(entry.context);
        }
        let means = match &entry.action {
            Some(Action::Plain(plain)) => plain.word().text(lang),
            None => Word::KeyMeansNothing.text(lang),
            Some(_) => "",
        };
        let columns = [
            (entry.chord.to_string(), 18),
            (written(entry.action.as_ref()), 20),
            (means.to_owned(), 42),
        ];
        text.push_str("  ");
        for (column, wide) in columns {
            let column = defuse(&column).into_owned();
            let fill = wide_enough(wide, &column);
            text.push_str(&column);
            text.push_str(&" ".repeat(fill));
        }
        text.push_str(&defuse(&entry.origin.to_string()));
        text.push('\n');
    }
    text
}

/// So many spaces until the next column, at least one.
fn wide_enough(wide: usize, column: &str) -> usize {
    wide.saturating_sub(width(column)).max(1)
}
