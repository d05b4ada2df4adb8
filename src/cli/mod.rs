//! The command line: one file for each subcommand. What people read goes to stderr, what
//! programs read goes to stdout, and a reader who leaves early is no error.

mod about;
pub mod ask;
pub mod bench;
pub mod bundle;
pub mod chat;
pub mod config;
pub mod ctl;
pub mod demo;
pub mod devices;
pub mod doctor;
mod folder;
pub mod history;
pub mod import;
pub mod keys;
pub mod link;
pub mod log;
pub mod models;
pub mod replay;
pub mod script;
pub mod serve;
pub mod with_parent;

use crate::config::{ConfigError, Flags, Loaded, of_process};
use crate::core::defuse::{defuse, harmless};
use crate::mind::engine;
use crate::shell::served::ServedError;
use anyhow::Context as _;
use clap::{CommandFactory, Parser, Subcommand};
use jiff::tz::TimeZone;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// A voice assistant that lives in the terminal.
///
/// Without a subcommand it opens the assistant. When its input or output is not a terminal it
/// answers the text it is given, as `hearsay ask -` does.
#[derive(Debug, Default, Parser)]
#[command(
    name = "hearsay",
    version,
    long_version = about::facts(),
    max_term_width = 100,
    disable_help_subcommand = true
)]
struct Arguments {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Ask one question and print the answer as it comes
    Ask(ask::AskArgs),
    /// Measure how well and how fast it hears, speaks and thinks
    Bench(bench::BenchArgs),
    /// Show, explain and change the configuration
    Config(config::ConfigArgs),
    /// Gather a report of a fault in one text file, without secrets and without what was said
    #[command(
        long_about = "Gather a report of a fault in one text file that can be read before it is \
            sent: version, what the doctor finds, settings, how the lines were, the last lines of \
            the log, the times of the last turns.\n\nWhat will be in it is shown first. Secrets are \
            always left out; what was said, and recordings, unless you want them in."
    )]
    Bundle(bundle::BundleArgs),
    /// Control a program that runs in another terminal
    #[command(
        long_about = "Control a program that runs in another terminal, through a socket that only \
            you can open.\n\nExits with 0 when it is done, 1 when it makes no sense as things stand, \
            2 when there is no such action, and 3 when no program runs that could be asked."
    )]
    Ctl(ctl::CtlArgs),
    /// Watch a whole call: no device, no model and no network is needed
    #[command(
        long_about = "Watch a whole call on the screen (or with --plain in lines): questions are \
            heard, answered, spoken and cut in on, by the real program.\n\nOur own voice says \
            the questions into a file, which is the microphone; no device is opened, unless \
            --speaker names one to hear the answers with. The ears know what will be said. \
            Nothing of it is kept."
    )]
    Demo,
    #[command(hide = true)]
    DemoEars(demo::EarsArgs),
    /// List microphones and loudspeakers, and try them
    Devices(devices::DevicesArgs),
    /// Check what works, what does not, and how to mend it
    Doctor(doctor::DoctorArgs),
    /// Run the model of a folder for the program that started this one
    #[command(hide = true)]
    Engine {
        folder: PathBuf,
        /// Run it with this onnxruntime, or with one that is found (`auto`)
        #[arg(long, value_name = "PLACE")]
        onnxruntime: Option<String>,
    },
    /// List, search, show, export and resume stored conversations
    History(history::HistoryArgs),
    /// Bring in conversations that other clients hold: ChatGPT, aichat, oterm
    #[command(
        long_about = "Bring in conversations that other clients hold: what ChatGPT exports \
            (`conversations.json`, or the zip it comes in), sessions of aichat (YAML), the database \
            of oterm.\n\nWhat cannot be read is told with its place and passed over. What is \
            here already is left alone, so a file may be imported again when it has grown.\n\n\
            Exits with 0 when everything was read, and with 1 when something was not."
    )]
    Import(import::ImportArgs),
    /// List the keys and what they do, and test the talk key
    Keys(keys::KeysArgs),
    /// Show how the lines to backends have done
    Link(link::LinkArgs),
    /// Read a log on the screen, or print it as text: the program's own, a file, or another host's
    Log(log::LogArgs),
    /// List, fetch, check and remove models that hear and speak on this machine
    Models(models::ModelsArgs),
    /// Play a recorded session again and print where it led
    Replay(replay::ReplayArgs),
    /// Hold a conversation that is written down, and check what is answered
    #[command(
        long_about = "Hold a conversation that is written down in a file, without a screen, and \
            check what is heard and answered.\n\nUnless `--data-dir` names one, the conversation \
            is kept in a folder that is removed at the end. Settings are never changed.\n\n\
            Exits with 0 when every step held, 1 when one did not, 2 when the script is wrong, \
            and 3 when the backend cannot be reached."
    )]
    Script(script::ScriptArgs),
    /// Be the backend for others, at an address
    #[command(
        long_about = "Be the backend for other programs: for hearsay elsewhere, for clients of \
            yychat, and for whatever speaks to OpenAI's interface.\n\nPrints the address for \
            clients to stdout once it listens. On this machine alone nobody needs a token, unless \
            a file of tokens is named; elsewhere everybody does, and a token is made the first \
            time. Limits, encryption and names are settings of [serve].\n\nWhen it is told to \
            end (SIGTERM, Ctrl-C) it finishes what is under way; told again, it ends at once."
    )]
    Serve(serve::ServeArgs),
    #[command(hide = true)]
    WithParent(with_parent::WithParentArgs),
    /// Print a completion script for a shell
    Completions { shell: clap_complete::Shell },
    /// Print the manual page, or write one for each command
    Man(ManArgs),
}

/// Where manual pages go.
#[derive(Debug, clap::Args)]
struct ManArgs {
    /// Write the pages of all commands into this folder
    #[arg(long, value_name = "FOLDER")]
    into: Option<PathBuf>,
}

/// What went wrong in a way that scripts can tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The question was not answered.
    Unanswered = 1,
    /// The command or the configuration makes no sense.
    Usage = 2,
    /// The backend could not be reached.
    NoConnection = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Runs the program and answers with its exit code.
pub fn main() -> ExitCode {
    // Most starts say nothing; to learn the ways of saying something takes a tenth of a start.
    let silent = std::env::args_os().nth(1).is_none();
    let arguments = if silent {
        Arguments::default()
    } else {
        Arguments::parse()
    };
    match run(arguments) {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&error);
            exit_code(&error)
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let flags = arguments.flags;
    match arguments.command {
        None if flags.plain || io::stdin().is_terminal() && io::stdout().is_terminal() => {
            chat::run(settle(&flags)?, None, None)
        }
        None => ask::piped(settle(&flags)?),
        Some(Command::Ask(args)) => ask::run(&args, settle(&flags)?),
        Some(Command::Bench(args)) => bench::run(&args, settle(&flags)?),
        Some(Command::Config(args)) => config::run(args, &flags),
        Some(Command::Ctl(args)) => {
            let loaded = settle(&flags)?;
            warn(&loaded.warnings);
            ctl::run(&args, &loaded)
        }
        Some(Command::Demo) => demo::run(&flags),
        Some(Command::DemoEars(args)) => demo::hear(&args),
        Some(Command::Bundle(args)) => bundle::run(&args, &flags),
        Some(Command::Devices(args)) => {
            let loaded = settle(&flags)?;
            warn(&loaded.warnings);
            Ok(devices::run(&args, &loaded.settings)?)
        }
        Some(Command::Doctor(args)) => doctor::run(&args, &flags),
        Some(Command::Engine {
            folder,
            onnxruntime,
        }) => {
            let library = onnxruntime.as_deref();
            engine::child::run(&folder, library, io::stdin(), io::stdout())?;
            Ok(ExitCode::SUCCESS)
        }
        Some(Command::History(args)) => {
            let loaded = settle(&flags)?;
            warn(&loaded.warnings);
            let screen = io::stdin().is_terminal() && io::stdout().is_terminal();
            let around = history::Surroundings {
                database: &loaded.settings.store.path,
                lang: loaded.settings.lang,
                zone: TimeZone::system(),
                emphasis: io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
            };
            match history::run(&args, &around, &mut io::stdout(), &mut io::stderr())? {
                history::Outcome::Done => Ok(ExitCode::SUCCESS),
                history::Outcome::Resume(conversation) if screen => {
                    chat::run(loaded, Some(conversation), None)
                }
                history::Outcome::Resume(_) => {
                    anyhow::bail!("a conversation can be resumed in a terminal only")
                }
            }
        }
        Some(Command::Import(args)) => {
            let loaded = settle(&flags)?;
            warn(&loaded.warnings);
            import::run(&args, &loaded)
        }
        Some(Command::Keys(args)) => {
            let loaded = settle(&flags)?;
            warn(&loaded.warnings);
            keys::run(&args, &loaded)
        }
        Some(Command::Link(args)) => {
            let loaded = settle(&flags)?;
            warn(&loaded.warnings);
            link::run(&args, &loaded)
        }
        Some(Command::Log(args)) => {
            let loaded = settle(&flags)?;
            warn(&loaded.warnings);
            log::run(&args, &loaded)
        }
        Some(Command::Models(args)) => {
            let loaded = settle(&flags)?;
            warn(&loaded.warnings);
            models::run(&args, &loaded)
        }
        Some(Command::Replay(args)) => replay::run(&args, &settle(&flags)?),
        Some(Command::Script(args)) => script::run(&args, &flags),
        Some(Command::Serve(args)) => serve::run(args, settle(&flags)?),
        Some(Command::WithParent(args)) => with_parent::run(&args),
        Some(Command::Completions { shell }) => {
            let mut script = vec![];
            clap_complete::generate(shell, &mut Arguments::command(), "hearsay", &mut script);
            io::stdout().write_all(&script)?;
            Ok(ExitCode::SUCCESS)
        }
        Some(Command::Man(ManArgs { into: Some(folder) })) => {
            std::fs::create_dir_all(&folder)
                .and_then(|()| clap_mangen::generate_to(Arguments::command(), &folder))
                .with_context(|| format!("`{}` cannot be written", folder.display()))?;
            Ok(ExitCode::SUCCESS)
        }
        Some(Command::Man(ManArgs { into: None })) => {
            let mut page = vec![];
            clap_mangen::Man::new(Arguments::command()).render(&mut page)?;
            io::stdout().write_all(&page)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The configuration; its warnings are told by whoever has a place for them.
fn settle(flags: &Flags) -> Result<Loaded, ConfigError> {
    of_process(flags)
}

/// Tells what is doubtful on stderr.
pub(crate) fn warn(warnings: &[String]) {
    let mut errors = io::stderr().lock();
    for warning in warnings {
        // Nobody is left to tell when stderr is gone.
        let _ = writeln!(errors, "warning: {}", defuse(warning));
    }
}

/// Tells what went wrong, why, and what to do about it.
fn tell(error: &anyhow::Error) {
    let mut text = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    complain(&text, hint(error).as_deref());
}

/// Tells on stderr what went wrong, and what to do about it.
fn complain(what: &str, hint: Option<&str>) {
    let mut errors = io::stderr().lock();
    // Nobody is left to tell when stderr is gone.
    let _ = writeln!(errors, "error: {}", defuse(what));
    if let Some(hint) = hint {
        let _ = writeln!(errors, "hint: {}", defuse(hint));
    }
}

/// 2 for what the user asked for, 1 for what the system refused.
fn exit_code(error: &anyhow::Error) -> ExitCode {
    let found = error.chain().find_map(|cause| {
        if let Some(error) = cause.downcast_ref::<ConfigError>() {
            return Some(ExitCode::from(error.exit_code()));
        }
        if let Some(error) = cause.downcast_ref::<ServedError>() {
            return error.is_of_user().then(|| Exit::Usage.into());
        }
        let usage = cause.is::<ask::AskError>()
            || cause.is::<log::LogError>()
            || cause.is::<script::ScriptError>();
        usage.then(|| Exit::Usage.into())
    });
    found.unwrap_or(Exit::Unanswered.into())
}

fn hint(error: &anyhow::Error) -> Option<String> {
    told_hint(error).or_else(|| file_hint(error))
}

/// What helps where a file is not there, or not ours, and nobody said anything better.
fn file_hint(error: &anyhow::Error) -> Option<String> {
    let error = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<io::Error>())?;
    match error.kind() {
        io::ErrorKind::NotFound => Some("check the names of the file and its folder".to_owned()),
        io::ErrorKind::PermissionDenied => Some("check who may use the file".to_owned()),
        _ => None,
    }
}

fn told_hint(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| {
        if let Some(error) = cause.downcast_ref::<ConfigError>() {
            return Some(error.hint());
        }
        if let Some(error) = cause.downcast_ref::<crate::store::StoreError>() {
            return error.hint();
        }
        if let Some(error) = cause.downcast_ref::<script::ScriptError>() {
            return Some(error.hint());
        }
        if let Some(error) = cause.downcast_ref::<ServedError>() {
            return Some(error.hint());
        }
        if let Some(error) = cause.downcast_ref::<log::LogError>() {
            return error.hint.map(str::to_owned);
        }
        cause
            .downcast_ref::<ask::AskError>()
            .and_then(ask::AskError::hint)
    })
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn to_say_nothing_is_what_reading_nothing_gives() {
        let read = Arguments::parse_from(["hearsay"]);
        assert_eq!(read.flags, Arguments::default().flags);
        assert!(read.command.is_none());
    }
}
