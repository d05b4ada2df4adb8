//! What ears and voices share: how one is chosen, the programs and servers behind them, the form
//! of sound between them and us.

mod error;
mod program;
mod server;

pub(super) use crate::codec::wav::{bytes, write};
pub use error::{Part, SpeechError};
pub(super) use program::Program;
pub(super) use server::{Answer, Body, Server};

use super::engine::remote::{Engine, IDLE};
use super::engine::{Files, installed, named};
use super::{Endpoint, Secret};
use crate::core::words::{Lang, Word, fill};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// How long something may give nothing. A model that is read from disk first needs long.
const PATIENCE: Duration = Duration::from_mins(1);
/// The most that a program or a server may give for one sentence or one recording: ten minutes of
/// sound, so what comes on has no end.
const OUTPUT: usize = 64 << 20;
/// So many bytes of something odd are shown.
pub(super) const BEGINS: usize = 40;
/// The most seconds of a recording that are handed to ears. Servers take 25 MB, which is little
/// more.
const LONGEST: u64 = 13 * 60;
/// The same for models on this machine, which hear a recording piece by piece.
const HOUR: u64 = 60 * 60;

/// What is waited for and taken at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long it may give nothing.
    pub patience: Duration,
    /// How many bytes it may give.
    pub output: usize,
    /// How many seconds of a recording it is given.
    pub seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            patience: PATIENCE,
            output: OUTPUT,
            seconds: LONGEST,
        }
    }
}

/// What is asked of [`crate::mind::ears::choose`] and [`crate::mind::voice::choose`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// `auto`, `none`, `system`, `model:NAME`, a program's name, `command:CMD`, or the base URL of a
    /// server.
    pub choice: String,
    /// The server's key. It is sent to a server that was chosen by its address, and nowhere else.
    pub key: Option<Secret>,
    /// The server's model; empty is its own choice.
    pub model: String,
    pub limits: Limits,
    /// The folders where programs are looked for, as the variable `PATH` lists them.
    pub search: OsString,
    /// The folder of models, each in a folder of its own.
    pub models: PathBuf,
    /// The program that runs models: our own.
    pub engine: PathBuf,
    /// The onnxruntime it runs them with: empty for its own engine, `auto`, or where it is.
    pub library: String,
    /// How long a model that is not in use stays in memory.
    pub idle: Duration,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            choice: "auto".to_owned(),
            key: None,
            model: String::new(),
            limits: Limits::default(),
            search: std::env::var_os("PATH").unwrap_or_default(),
            models: PathBuf::new(),
            engine: std::env::current_exe().unwrap_or_default(),
            library: String::new(),
            idle: IDLE,
        }
    }
}

/// What a choice means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice<'a> {
    /// Whichever this machine has; never another machine.
    Here,
    Nothing,
    /// A line for the shell.
    Command(&'a str),
    /// The base URL of a server.
    Server(&'a str),
    /// A folder among the models.
    Model(&'a str),
    /// A program by its name.
    Named(&'a str),
}

impl<'a> Choice<'a> {
    pub(super) fn read(choice: &'a str) -> Self {
        match choice {
            "" | "auto" | "system" => Self::Here,
            "none" => Self::Nothing,
            _ => match (choice.split_once(':'), choice.contains("://")) {
                (Some(("command", line)), _) => Self::Command(line),
                (_, true) => Self::Server(choice),
                (Some(("model", name)), _) => Self::Model(name),
                _ => Self::Named(choice),
            },
        }
    }
}

/// Whether a choice is no more than a name. A command line or an address is what only the owner of
/// this machine may write: from anybody else it would be a program run here, or a door into this
/// network.
pub fn is_name(choice: &str) -> bool {
    !matches!(Choice::read(choice), Choice::Command(_) | Choice::Server(_))
}

impl Wanted {
    /// Whether what was chosen may be on another machine.
    pub fn is_far(&self) -> bool {
        matches!(Choice::read(&self.choice), Choice::Server(_))
    }

    pub(super) fn find(&self, name: &str) -> Option<Program> {
        Program::find(name, &self.search, self.limits)
    }

    /// The models there are for this part.
    pub(super) fn models_that(&self, part: Part) -> Vec<Files> {
        let all = installed(&self.models).into_iter();
        all.filter(|files| files.kind.task() == part.task())
            .collect()
    }

    /// A model by its name.
    pub(super) fn model(&self, name: &str, part: Part, lang: Lang) -> Result<Files, SpeechError> {
        if let Some(model) = named(&self.models, name, part.task()) {
            return model.map_err(SpeechError::Model);
        }
        let there = self.models_that(part).into_iter();
        let there: Vec<String> = there
            .map(|files| format!("`model:{}`", files.name()))
            .collect();
        let hint = if there.is_empty() {
            let folder = self.models.display().to_string();
            fill(Word::ModelFolderHint.text(lang), &[&folder])
        } else {
            let arguments = [part.section(), &there.join(", ")];
            fill(Word::SpeechChooseHint.text(lang), &arguments)
        };
        let what = fill(Word::SpeechNotThere.text(lang), &[name]);
        Err(SpeechError::Missing { what, hint })
    }

    /// The engine for a model.
    pub(super) fn engine(&self, files: Files) -> Engine {
        let limits = Limits {
            seconds: HOUR,
            ..self.limits
        };
        let (program, library) = (self.engine.clone(), self.library.clone());
        Engine::new(files, program, library, limits, self.idle)
    }

    /// The server at an address that was chosen.
    pub(super) fn server(&self, base: &str, part: Part) -> Server {
        let endpoint = Endpoint {
            key: self.key.clone(),
            model: Some(self.model.clone()).filter(|model| !model.is_empty()),
            ..Endpoint::new(base)
        };
        Server::new(endpoint, part, self.limits)
    }

    /// How a package is installed here, in words. `package`: its name on Debian, which most
    /// others follow.
    pub(super) fn install(&self, package: &str, lang: Lang) -> String {
        let ways = [
            ("apt-get", "sudo apt install"),
            ("dnf", "sudo dnf install"),
            ("pacman", "sudo pacman -S"),
            ("zypper", "sudo zypper install"),
            ("apk", "sudo apk add"),
            ("brew", "brew install"),
            ("pkg", "pkg install"),
            ("winget", "winget install"),
        ];
        let way = ways.iter().find(|(tool, _)| self.find(tool).is_some());
        // Only Debian keeps the model apart.
        let first = package.split(' ').next().unwrap_or_default();
        match way {
            Some(("apt-get", line)) => fill(
                Word::SpeechInstallBy.text(lang),
                &[&format!("{line} {package}")],
            ),
            Some((_, line)) => fill(
                Word::SpeechInstallBy.text(lang),
                &[&format!("{line} {first}")],
            ),
            None => fill(Word::SpeechInstall.text(lang), &[first]),
        }
    }
}

/// Something that nobody can choose here, and what can be chosen instead.
pub(super) fn unknown(choice: &str, part: &str, choices: &str, lang: Lang) -> SpeechError {
    SpeechError::Missing {
        what: fill(Word::SpeechUnknown.text(lang), &[choice]),
        hint: fill(Word::SpeechChooseHint.text(lang), &[part, choices]),
    }
}

/// What something begins with that should be sound or an answer and is neither, fit to be shown.
pub(super) fn begins(bytes: &[u8]) -> String {
    let start = String::from_utf8_lossy(bytes.get(..BEGINS).unwrap_or(bytes));
    let shown: String = start
        .chars()
        .map(|c| {
            if c.is_control() || c == '\u{fffd}' {
                '.'
            } else {
                c
            }
        })
        .collect();
    format!("{:?}", shown.trim())
}
