//! `hearsay config`: where the file is, what is set, who set it, and changing it.

use crate::config::error::ConfigError;
use crate::config::explain::Explained;
use crate::config::{self, Flags, edit, process_env, tongue};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, ExitCode};

/// Shows and changes the configuration.
#[derive(Clone, Debug, clap::Args)]
pub struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum ConfigCommand {
    /// Print the path of the configuration file
    Path,
    /// Print the value of a setting, or all of them
    Get {
        /// A setting or a section, such as `link.ping_ms` or `link`
        #[arg(value_name = "KEY")]
        key: Option<String>,
    },
    /// Change a setting in the file
    Set {
        /// A setting, such as `link.ping_ms` or `keys.chat.ctrl-x`
        #[arg(value_name = "KEY")]
        key: String,
        /// Its value, without quotes
        #[arg(value_name = "VALUE", allow_hyphen_values = true)]
        value: String,
    },
    /// Say what a setting is, where its value comes from and what it could be
    Explain {
        /// A setting or a section; without it, all of them
        #[arg(value_name = "KEY")]
        key: Option<String>,
    },
    /// Open the file in your editor and check it afterwards
    Edit,
    /// Print every sentence of the screen, to be translated as a file in `words`
    Words,
}

/// Runs the subcommand. Errors are typed (`ConfigError`): `main` prints them and their hint.
pub fn run(args: ConfigArgs, flags: &Flags) -> anyhow::Result<ExitCode> {
    let out = &mut io::stdout().lock();
    let notes = &mut io::stderr().lock();
    let done = match args.command {
        ConfigCommand::Words => {
            let loaded = config::of_process(flags)?;
            for warning in &loaded.warnings {
                note(notes, warning);
            }
            out.write_all(tongue::template(loaded.settings.lang).as_bytes())
        }
        ConfigCommand::Path => {
            let path = config::path(flags, &process_env)?;
            writeln!(out, "{}", path.display())
        }
        ConfigCommand::Get { key } => {
            let text = get(&explained(key.as_deref(), flags, notes)?, key.as_deref());
            out.write_all(text.as_bytes())
        }
        ConfigCommand::Explain { key } => {
            let text = explain(&explained(key.as_deref(), flags, notes)?);
            out.write_all(text.as_bytes())
        }
        ConfigCommand::Set { key, value } => {
            let path = config::path(flags, &process_env)?;
            let set = edit::set(&path, &key, &value, &process_env)?;
            notes_on(&set, &key, notes);
            Ok(())
        }
        ConfigCommand::Edit => {
            let path = config::path(flags, &process_env)?;
            edit::create(&path)?;
            open_editor(&path)?;
            for warning in config::load(flags, &process_env)?.warnings {
                note(notes, &warning);
            }
            Ok(())
        }
    };
    match done.and_then(|()| out.flush()) {
        // Whoever reads has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        done => Ok(done.map(|()| ExitCode::SUCCESS)?),
    }
}

fn explained(
    key: Option<&str>,
    flags: &Flags,
    notes: &mut dyn Write,
) -> Result<Vec<Explained>, ConfigError> {
    let loaded = config::load(flags, &process_env)?;
    for warning in &loaded.warnings {
        note(notes, warning);
    }
    key.map_or_else(|| Ok(loaded.explained()), |key| loaded.explain(key))
}

/// A note goes to people; where nobody listens, nothing is lost.
fn note(notes: &mut dyn Write, text: &str) {
    let _nobody_listens = writeln!(notes, "warning: {text}");
}

fn notes_on(set: &edit::Set, key: &str, notes: &mut dyn Write) {
    if let Some(variable) = &set.overridden_by {
        note(
            notes,
            &format!("the variable `{variable}` is set and wins over the file"),
        );
    }
    if set.literal_secret {
        let file = set.file.display();
        let text = format!(
            "{file} now holds a secret, and so may your shell's history; \
             `hearsay config set {key} command:CMD` or `env:NAME` avoids that"
        );
        note(notes, &text);
    }
}

/// One setting asked for by name is its bare value, for scripts; several are lines of TOML.
fn get(all: &[Explained], key: Option<&str>) -> String {
    if let [one] = all
        && key == Some(one.key.as_str())
    {
        return format!("{}\n", one.value);
    }
    let mut text = String::new();
    for one in all {
        let _infallible = writeln!(text, "{} = {}", one.key, one.toml);
    }
    text
}

fn explain(all: &[Explained]) -> String {
    let mut text = String::new();
    for one in all {
        if !text.is_empty() {
            text.push('\n');
        }
        let _infallible = writeln!(text, "{} = {}", one.key, one.toml);
        let mut line = |label: &str, value: &str| {
            let _infallible = writeln!(text, "  {label:<9} {value}");
        };
        line("from", &one.origin.to_string());
        line("what", one.comment);
        line("may be", &one.range);
        if let Some(default) = &one.default {
            line("default", default);
        }
        if let Some(flag) = one.flag {
            line("flag", flag);
        }
        if !one.variables.is_empty() {
            line("variable", &one.variables.join(", "));
        }
    }
    text
}

/// The user's editor on the file. The command may have arguments (`code --wait`).
fn open_editor(path: &Path) -> Result<(), ConfigError> {
    let command = ["VISUAL", "EDITOR"]
        .into_iter()
        .filter_map(process_env)
        .find(|command| !command.trim().is_empty())
        .unwrap_or_else(|| "vi".to_owned());
    let editor = |why: String| ConfigError::Editor {
        command: command.clone(),
        why,
    };
    let mut words = command.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let status = Command::new(program)
        .args(words)
        .arg(path)
        .status()
        .map_err(|error| editor(error.to_string()))?;
    if status.success() {
        Ok(())
    } else {
        Err(editor(format!("it ended with {status}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::load;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Whole {
        #[command(flatten)]
        flags: Flags,
        #[command(subcommand)]
        command: Sub,
    }

    #[derive(Debug, clap::Subcommand)]
    enum Sub {
        Config(ConfigArgs),
    }

    fn explained(text: &str) -> Vec<Explained> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.toml");
        std::fs::write(&path, text).unwrap();
        let flags = Flags {
            config: Some(path),
            data_dir: Some("/data".into()),
            persona: Some("professional".into()),
            ..Flags::default()
        };
        load(&flags, &|_| None).unwrap().explained()
    }

    #[test]
    fn one_value_is_bare_and_several_are_toml_with_their_names() {
        let all = explained("[keys.chat]\nctrl-x = \"quit\"\n");
        let only = |key: &str| {
            let found = all.iter().filter(|one| one.key.starts_with(key));
            found.cloned().collect::<Vec<_>>()
        };
        assert_eq!(get(&only("persona"), Some("persona")), "professional\n");
        assert_eq!(
            get(&only("ui."), Some("ui")),
            "ui.max_fps = 60\nui.colors = \"auto\"\nui.background = \"auto\"\n\
             ui.show_reasoning = true\nui.bell = true\nui.plain = \"auto\"\n\
             ui.theme = \"auto\"\nui.motion = \"full\"\nui.keys = \"modern\"\n\
             ui.notify = \"auto\"\nui.inline = false\nui.mouse = false\nui.panel = true\n"
        );
        assert_eq!(
            get(&only("keys."), Some("keys")),
            "keys.chat.ctrl-x = \"quit\"\n"
        );
    }

    #[test]
    fn an_explanation_says_value_origin_meaning_range_and_names() {
        let all = explained("");
        let only = |key: &str| {
            let found = all.iter().filter(|one| one.key == key);
            explain(&found.cloned().collect::<Vec<_>>())
        };
        assert_eq!(
            only("persona"),
            "persona = \"professional\"\n  \
               from      flag --persona\n  \
               what      Who the assistant is; the palette lists the personas.\n  \
               may be    a text on one line\n  \
               default   \"friendly\"\n  \
               flag      --persona\n  \
               variable  HEARSAY_PERSONA\n"
        );
    }

    #[test]
    fn the_shared_flags_go_before_or_after_the_subcommand() {
        for line in [
            "hearsay --lang zh config set link.ping_ms -5",
            "hearsay config set --lang zh link.ping_ms -5",
            "hearsay config set link.ping_ms -5 --lang zh",
        ] {
            let whole = Whole::try_parse_from(line.split(' ')).unwrap();
            assert_eq!(whole.flags.lang.as_deref(), Some("zh"), "{line}");
            let Sub::Config(args) = whole.command;
            assert!(
                matches!(args.command, ConfigCommand::Set { key, value }
                    if key == "link.ping_ms" && value == "-5"),
                "{line}"
            );
        }
    }
}
