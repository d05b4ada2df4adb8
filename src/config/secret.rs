//! A secret: where it comes from is configuration, what it is stays hidden until it is used.

use super::error::ConfigError;
use std::fmt;
use std::fs::File;
use std::io::{Read, Take};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// How long a command may take. Password managers may ask the user, but not for ever.
const PATIENCE: Duration = Duration::from_secs(5);
/// Time between two looks whether a command that has said everything has also ended.
const LOOK: Duration = Duration::from_millis(10);
/// Longer than any key or token; a wrong file shall not fill the memory.
const LONGEST: u64 = 64 * 1024;

/// A key or token, or where to find it. Never shown by `Debug` or `Display`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret {
    /// The setting it belongs to, for messages.
    key: String,
    source: Source,
}

#[derive(Clone, Default, PartialEq, Eq)]
enum Source {
    #[default]
    Nothing,
    Command(String),
    /// The variable's value is taken when the configuration is loaded.
    Env {
        name: String,
        value: Option<String>,
    },
    File(PathBuf),
    Literal(String),
}

impl Secret {
    /// A secret as the configuration file writes it. `folder` is where relative paths begin.
    pub fn written(
        key: &str,
        text: &str,
        folder: &Path,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Self {
        let source = if text.is_empty() {
            Source::Nothing
        } else if let Some(name) = text.strip_prefix("env:") {
            Source::Env {
                name: name.trim().to_owned(),
                value: env(name.trim()).filter(|value| !value.is_empty()),
            }
        } else if let Some(path) = text.strip_prefix("file:") {
            Source::File(folder.join(super::at_home(path.trim(), env)))
        } else if let Some(command) = text.strip_prefix("command:") {
            Source::Command(command.trim().to_owned())
        } else {
            Source::Literal(text.to_owned())
        };
        Self {
            key: key.to_owned(),
            source,
        }
    }

    /// A secret that a variable holds.
    pub(super) fn from_variable(key: &str, name: &str, value: &str) -> Self {
        Self {
            key: key.to_owned(),
            source: Source::Env {
                name: name.to_owned(),
                value: Some(value.to_owned()),
            },
        }
    }

    /// Is one configured? Whether it can be had shows only when it is read.
    pub fn is_set(&self) -> bool {
        self.source != Source::Nothing
    }

    /// Does the configuration file hold the secret itself?
    pub(super) fn is_literal(&self) -> bool {
        matches!(self.source, Source::Literal(_))
    }

    /// The variable it should come from, if that is not set.
    pub(super) fn missing_variable(&self) -> Option<&str> {
        match &self.source {
            Source::Env { name, value: None } => Some(name),
            _ => None,
        }
    }

    /// The file it comes from.
    pub(super) fn file(&self) -> Option<&Path> {
        match &self.source {
            Source::File(path) => Some(path),
            _ => None,
        }
    }

    /// The secret, where it is known without asking a program for it.
    pub(super) fn held(&self) -> Option<String> {
        match &self.source {
            Source::Nothing | Source::Command(_) => None,
            Source::Env { .. } | Source::File(_) | Source::Literal(_) => self.read().ok().flatten(),
        }
    }

    /// Where it comes from, for people: `(set, from env:NAME)`.
    pub fn describe(&self) -> String {
        match &self.source {
            Source::Nothing => "(not set)".to_owned(),
            Source::Env { name, value: None } => format!("(not set: env:{name} is empty)"),
            source => format!("(set, from {})", source.name()),
        }
    }

    /// Fetches the secret: `None` when there is none. Blocks for up to five seconds when a command
    /// provides it.
    pub fn read(&self) -> Result<Option<String>, ConfigError> {
        let text = match &self.source {
            Source::Nothing => return Ok(None),
            Source::Env { value, .. } => return Ok(value.clone()),
            Source::Literal(value) => return Ok(Some(value.clone())),
            Source::File(path) => {
                let file = File::open(path).map_err(|error| self.error(&error.to_string()))?;
                text_of(file.take(LONGEST + 1))
            }
            Source::Command(command) => run(command, PATIENCE),
        };
        let text = text.map_err(|why| self.error(&why))?;
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            return Err(self.error("it is empty"));
        }
        if text.chars().any(char::is_control) {
            return Err(self.error("it holds more than one line, or control characters"));
        }
        Ok(Some(text.to_owned()))
    }

    fn error(&self, why: &str) -> ConfigError {
        ConfigError::Secret {
            key: self.key.clone(),
            from: self.source.name(),
            why: why.to_owned(),
        }
    }
}

impl Source {
    /// As the configuration writes it, without ever naming the secret.
    fn name(&self) -> String {
        match self {
            Self::Nothing => "nothing".to_owned(),
            Self::Command(command) => format!("command:{command}"),
            Self::Env { name, .. } => format!("env:{name}"),
            Self::File(path) => format!("file:{}", path.display()),
            Self::Literal(_) => "the configuration file".to_owned(),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

fn text_of(mut from: Take<impl Read>) -> Result<String, String> {
    let mut bytes = vec![];
    from.read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LONGEST {
        return Err(format!("it is longer than {LONGEST} bytes"));
    }
    String::from_utf8(bytes).map_err(|_not_text| "it is not UTF-8 text".to_owned())
}

/// What a command prints. It gets no input, and its complaints stay off the screen.
fn run(command: &str, patience: Duration) -> Result<String, String> {
    let mut child = shell(command)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    let stdout = child.stdout.take().expect("stdout was piped above");
    let (said, hear) = mpsc::sync_channel(1);
    // Ends with the command, or when whatever the command left running closes the pipe.
    std::thread::spawn(move || said.send(text_of(stdout.take(LONGEST + 1))));
    let text = hear.recv_timeout(patience);
    let ended = text.is_ok().then(|| ended(&mut child, patience)).flatten();
    let (Ok(text), Some(status)) = (text, ended) else {
        // It may have ended by now; either way nothing of it is left after this.
        let _already_ended = child.kill();
        let _status = child.wait();
        return Err(format!("no answer within {} s", patience.as_secs_f32()));
    };
    if !status.success() {
        return Err(format!("the command ended with {status}"));
    }
    text
}

/// Waits for the end of a command that has closed its output.
fn ended(child: &mut Child, patience: Duration) -> Option<std::process::ExitStatus> {
    let looks = patience.as_millis() / LOOK.as_millis();
    for _ in 0..=looks {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        std::thread::park_timeout(LOOK);
    }
    None
}

#[cfg(unix)]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]);
    shell
}

#[cfg(not(unix))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("cmd");
    shell.args(["/C", command]);
    shell
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str, folder: &Path) -> Secret {
        Secret::written("brain.key", text, folder, &|name| {
            (name == "KEY").then(|| "canary".to_owned())
        })
    }

    #[test]
    fn a_secret_comes_from_where_the_configuration_says() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("key"), "canary\r\n").unwrap();
        std::fs::write(folder.path().join("empty"), "\n").unwrap();
        std::fs::write(folder.path().join("two"), "a\nb\n").unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let cases: &[(&str, Result<Option<&str>, String>)] = &[
            ("", Ok(None)),
            ("canary", Ok(Some("canary"))),
            ("env:KEY", Ok(Some("canary"))),
            ("env:NOT_SET", Ok(None)),
            ("file:key", Ok(Some("canary"))),
            (
                "file:empty",
                Err(format!(
                    "file:{}: `brain.key` could not be read: it is empty",
                    at("empty")
                )),
            ),
            (
                "file:two",
                Err(format!(
                    "file:{}: `brain.key` could not be read: it holds more than one line, or \
                     control characters",
                    at("two")
                )),
            ),
            (
                "file:none",
                Err(format!(
                    "file:{}: `brain.key` could not be read: No such file or directory (os error 2)",
                    at("none")
                )),
            ),
            #[cfg(unix)]
            ("command:printf '%s\\n' canary", Ok(Some("canary"))),
            #[cfg(unix)]
            (
                "command:exit 3",
                Err(
                    "command:exit 3: `brain.key` could not be read: the command ended with exit \
                     status: 3"
                        .to_owned(),
                ),
            ),
        ];
        for (text, wanted) in cases {
            let read = secret(text, folder.path()).read();
            let read = read.map_err(|error| error.to_string());
            assert_eq!(
                read.as_ref().map(Option::as_deref),
                wanted.as_ref().copied(),
                "{text}"
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_command_that_hangs_is_ended() {
        let short = Duration::from_millis(50);
        let late = Err("no answer within 0.05 s".to_owned());
        assert_eq!(run("exec sleep 100", short), late);
        assert_eq!(run("exec sleep 100 >&-", short), late);
    }

    #[test]
    fn nothing_shows_a_secret() {
        let folder = Path::new("/folder");
        for (text, described) in [
            ("canary", "(set, from the configuration file)"),
            ("env:KEY", "(set, from env:KEY)"),
            ("env:OTHER", "(not set: env:OTHER is empty)"),
            ("file:key", "(set, from file:/folder/key)"),
            ("command:pass show x", "(set, from command:pass show x)"),
            ("", "(not set)"),
        ] {
            let secret = secret(text, folder);
            assert_eq!(secret.describe(), described);
            assert_eq!(format!("{secret} {secret:?}"), "(hidden) (hidden)");
        }
    }
}
