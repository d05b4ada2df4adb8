//! What can be wrong with the configuration, told so that a person can put it right.

use super::kind::shown;
use super::schema::Name;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Where a value comes from. Later layers win over earlier ones.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    Default,
    File { path: PathBuf, line: usize },
    Env { name: String },
    Flag { name: &'static str },
}

impl Origin {
    /// How strong it is: of two, the one with the higher rank wins.
    pub fn rank(&self) -> u8 {
        match self {
            Self::Default => 0,
            Self::File { .. } => 1,
            Self::Env { .. } => 2,
            Self::Flag { .. } => 3,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Env { name } => write!(f, "variable {name}"),
            Self::Flag { name } => write!(f, "flag {name}"),
        }
    }
}

/// One value that cannot be: where it stands, what it must be, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub origin: Origin,
    /// The setting's dotted name.
    pub key: String,
    /// What it must be, in the words that follow "must be".
    pub wants: String,
    /// What it is; `None` for a secret, which is never shown.
    pub found: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = shown(&self.key);
        match &self.origin {
            Origin::Default => write!(f, "`{key}`")?,
            Origin::File { path, line } => write!(f, "{}:{line}: `{key}`", path.display())?,
            Origin::Env { name } => write!(f, "`{name}`")?,
            Origin::Flag { name } => write!(f, "`{name}`")?,
        }
        write!(f, " must be {}", self.wants)?;
        match self.found.as_deref().map(shown) {
            Some(found) if found.trim().is_empty() => f.write_str(", but is empty"),
            Some(found) => write!(f, ", but is: {found}"),
            None => Ok(()),
        }
    }
}

impl Problem {
    fn hint(&self) -> String {
        match &self.origin {
            Origin::Default if self.key == "data_dir" => {
                "set `HOME`, or name a folder with `--data-dir`".to_owned()
            }
            Origin::Default => match Name::of(&self.key) {
                Ok(Name::Fixed(_)) => format!("`hearsay config explain {}` says more", self.key),
                _ => "`hearsay config explain` lists all settings".to_owned(),
            },
            Origin::File { .. } => format!("remove `{}` to use the default", shown(&self.key)),
            Origin::Env { name } => format!("unset `{name}`, or give it such a value"),
            Origin::Flag { name } => format!("leave `{name}` out, or give it such a value"),
        }
    }
}

/// Why the configuration, or a secret it names, cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// One or more values cannot be; all of them are told together.
    #[error("{}", lines(.0))]
    Bad(Vec<Problem>),
    /// A secret could not be had.
    #[error("{}: `{key}` could not be read: {why}", shown(.from))]
    Secret {
        key: String,
        /// As the configuration names it; never the secret.
        from: String,
        why: String,
    },
    /// The editor ended with an error, or did not start.
    #[error("the editor `{command}` did not do its work: {why}")]
    Editor { command: String, why: String },
    /// The file named by flag or variable does not exist.
    #[error("{}: no such file, though {named_by} names it", path.display())]
    Missing { path: PathBuf, named_by: Origin },
    /// The system names no home folder to look in.
    #[error("no home folder is known, so there is no place for {what}")]
    NoHome {
        what: &'static str,
        flag: &'static str,
    },
    /// A name of the user's own choice that the file does not hold.
    #[error("`{}` is not set", shown(.key))]
    NotSet { key: String },
    /// The file is no UTF-8 text.
    #[error("{}:{line}: the file is not UTF-8 text from here on", path.display())]
    NotText { path: PathBuf, line: usize },
    /// The file is no TOML.
    #[error("{}:{line}:{column}: {why}\n  {text}\n  {caret}", path.display())]
    Syntax {
        path: PathBuf,
        line: usize,
        column: usize,
        why: String,
        /// The line, fit for a terminal.
        text: String,
        /// Spaces and a `^` under the place.
        caret: String,
    },
    /// The file is too long to be a configuration.
    #[error("{}: longer than {limit} bytes, which no configuration is", path.display())]
    TooLong { path: PathBuf, limit: u64 },
    /// No setting has this name.
    #[error("no setting is called `{}`", shown(.key))]
    Unknown {
        key: String,
        nearest: Option<&'static str>,
    },
    /// The file could not be read.
    #[error("{}: could not be read: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    /// The file could not be written; the old one is untouched.
    #[error("{}: could not be written, the file is as it was: {source}", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
}

fn lines(problems: &[Problem]) -> String {
    let lines: Vec<_> = problems.iter().map(Problem::to_string).collect();
    lines.join("\n")
}

impl ConfigError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Bad(problems) => match problems.as_slice() {
                [one] => one.hint(),
                _ => "correct each of them, or remove it to use its default".to_owned(),
            },
            Self::Secret { key, .. } => format!("check what `{key}` names"),
            Self::Editor { .. } => "set `EDITOR` to an editor you have".to_owned(),
            Self::Missing { path, .. } => {
                format!("create {}, or leave it out", path.display())
            }
            Self::NoHome { flag, .. } => format!("name one with `{flag}`"),
            Self::NotSet { key } => format!("`hearsay config set {} VALUE` sets it", shown(key)),
            Self::NotText { .. } => "save it as UTF-8".to_owned(),
            Self::Syntax { .. } => {
                "correct the line; strings need quotes, sections look like `[link]`".to_owned()
            }
            Self::TooLong { .. } => "is it the right file?".to_owned(),
            Self::Unknown { nearest, .. } => match nearest {
                Some(nearest) => format!("the nearest one is `{nearest}`"),
                None => "`hearsay config explain` lists all settings".to_owned(),
            },
            Self::Unreadable { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied => {
                    "give yourself the right to read it (`chmod u+r`)".to_owned()
                }
                io::ErrorKind::IsADirectory => "name a file, not a folder".to_owned(),
                _ => "name another file with `--config`".to_owned(),
            },
            Self::Unwritable { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull => "free some space and try again".to_owned(),
                _ => "check the rights of the file and its folder".to_owned(),
            },
        }
    }

    /// The exit code of a program that ends because of it: 2 for what the user wrote, 1 for what
    /// the system refused.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Bad(_)
            | Self::Missing { .. }
            | Self::NoHome { .. }
            | Self::NotSet { .. }
            | Self::NotText { .. }
            | Self::Syntax { .. }
            | Self::TooLong { .. }
            | Self::Unknown { .. } => 2,
            Self::Secret { .. }
            | Self::Editor { .. }
            | Self::Unreadable { .. }
            | Self::Unwritable { .. } => 1,
        }
    }
}
