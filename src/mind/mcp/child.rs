//! The program behind a server of tools: what it gets of our surroundings, where its complaints
//! go, and that it ends when we do.

use super::spec::Line;
use std::io;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// What every program gets of our variables. Keys and tokens live in others: those a server needs
/// are named in its settings.
const HARMLESS: &[&str] = &[
    "APPDATA",
    "COMSPEC",
    "HOME",
    "HOMEDRIVE",
    "HOMEPATH",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "LOCALAPPDATA",
    "LOGNAME",
    "PATH",
    "PATHEXT",
    "PROCESSOR_ARCHITECTURE",
    "SHELL",
    "SYSTEMDRIVE",
    "SYSTEMROOT",
    "TEMP",
    "TERM",
    "TMP",
    "TMPDIR",
    "TZ",
    "USER",
    "USERNAME",
    "USERPROFILE",
];

/// How much of one line of complaint is logged.
const COMPLAINT: usize = 500;
/// More lines of complaint than this say nothing new.
const COMPLAINTS: usize = 200;

/// A program at work. Dropping it ends the program and what it has started.
pub(super) struct Process {
    child: Child,
    last_words: Arc<Mutex<String>>,
}

impl Process {
    /// Starts a program; what it complains about goes to the log under this name.
    pub(super) fn start(line: &Line, name: &str) -> io::Result<(Self, ChildStdout, ChildStdin)> {
        let mut words = line
            .guard
            .iter()
            .chain([&line.program])
            .chain(&line.arguments);
        let mut command = Command::new(words.next().map_or("", String::as_str));
        command
            .args(words)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let passed = line.passed.iter().map(String::as_str);
        for variable in HARMLESS.iter().copied().chain(passed) {
            if let Some(value) = std::env::var_os(variable) {
                command.env(variable, value);
            }
        }
        command.envs(line.set.iter().map(|(name, value)| (name, value)));
        // Keys pressed here are for us, and what it starts itself ends with it.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn()?;
        let piped = "all three are pipes";
        let (output, input) = (
            child.stdout.take().expect(piped),
            child.stdin.take().expect(piped),
        );
        let last_words = Arc::default();
        let complaints = child.stderr.take().expect(piped);
        tokio::spawn(listen(complaints, name.to_owned(), Arc::clone(&last_words)));
        Ok((Self { child, last_words }, output, input))
    }

    /// Waits for its end, and says its last word about why.
    pub(super) async fn end(&mut self) -> String {
        let status = self.child.wait().await;
        let said = self.last_words.lock();
        let said = said.unwrap_or_else(PoisonError::into_inner).clone();
        match status {
            _ if !said.is_empty() => said,
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self
            .child
            .id()
            .and_then(|id| rustix::process::Pid::from_raw(id.cast_signed()))
        {
            // It may have ended by itself meanwhile.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

/// Logs what a program complains about, line by line, and remembers the last one. Ends with the
/// program.
async fn listen(
    mut complaints: impl AsyncRead + Unpin,
    name: String,
    last_words: Arc<Mutex<String>>,
) {
    let (mut line, mut piece, mut lines) = (vec![], [0; 1 << 10], 0_usize);
    while let Ok(read @ 1..) = complaints.read(&mut piece).await {
        for byte in piece.iter().take(read) {
            if *byte != b'\n' {
                if line.len() < COMPLAINT {
                    line.push(*byte);
                }
                continue;
            }
            let text = String::from_utf8_lossy(&line).trim().to_owned();
            line.clear();
            if text.is_empty() {
                continue;
            }
            lines += 1;
            match lines.cmp(&COMPLAINTS) {
                std::cmp::Ordering::Less => tracing::info!("{name}: {text}"),
                std::cmp::Ordering::Equal => {
                    tracing::info!("{name} complains on and on; the rest is left out");
                }
                std::cmp::Ordering::Greater => {}
            }
            *last_words.lock().unwrap_or_else(PoisonError::into_inner) = text;
        }
    }
}
