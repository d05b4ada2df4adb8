//! Runs a program that hears or speaks: gives it its input, hands on what it writes as it comes,
//! and ends it when nobody wants to know any more.
//!
//! The text to be spoken goes in on the standard input, never as an argument, where it could be
//! taken for an option. A task of its own owns the process, so that it is killed and collected
//! whenever its [`Run`] is dropped.

use super::{Limits, SpeechError};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How much of a program's complaints is kept: its last word is what counts.
const COMPLAINTS: usize = 4 << 10;
/// How much is read at once.
const PIECE: usize = 8 << 10;

/// A program on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::mind) struct Program {
    /// What people call it.
    pub(in crate::mind) name: String,
    pub(in crate::mind) path: PathBuf,
    pub(in crate::mind) limits: Limits,
}

impl Program {
    /// A program by its name, if one of the folders of a search path has it.
    pub(in crate::mind) fn find(name: &str, search: &OsStr, limits: Limits) -> Option<Self> {
        let found = std::env::split_paths(search)
            .map(|folder| folder.join(name))
            .find_map(|path| {
                let exe = path.with_extension("exe");
                let names = if cfg!(windows) { vec![exe] } else { vec![path] };
                names.into_iter().find(|path| can_run(path))
            })?;
        Some(Self {
            name: name.to_owned(),
            path: found,
            limits,
        })
    }

    /// A line of the user's own, as the shell of the system reads it, and what is left to tell it
    /// for an argument.
    pub(in crate::mind) fn shell(line: &str, limits: Limits) -> (Self, Vec<OsString>) {
        let (shell, option) = if cfg!(windows) {
            ("cmd.exe", "/C")
        } else {
            ("/bin/sh", "-c")
        };
        let program = Self {
            name: line.to_owned(),
            path: shell.into(),
            limits,
        };
        (program, vec![option.into(), line.into()])
    }

    /// Starts it.
    pub(in crate::mind) fn start(
        &self,
        arguments: &[OsString],
        input: Vec<u8>,
    ) -> Result<Run, SpeechError> {
        let mut command = Command::new(&self.path);
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        // What it starts itself ends with it.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command
            .spawn()
            .map_err(|error| self.failed(error.to_string()))?;
        let output = child.stdout.take().expect("its output is a pipe");
        let (tell_end, end) = oneshot::channel();
        tokio::spawn(own(child, input, tell_end));
        Ok(Run {
            program: self.clone(),
            output: Some(output),
            end,
            taken: 0,
        })
    }

    fn failed(&self, why: String) -> SpeechError {
        SpeechError::Failed {
            engine: self.name.clone(),
            why,
        }
    }

    /// What it gave is no sound.
    pub(in crate::mind) fn odd(&self, why: String) -> SpeechError {
        SpeechError::Odd {
            engine: self.name.clone(),
            why,
        }
    }
}

/// How a program ended.
#[derive(Debug)]
struct End {
    status: ExitStatus,
    complaint: String,
}

/// A program at work. Dropping it kills the program.
#[derive(Debug)]
pub(in crate::mind) struct Run {
    program: Program,
    /// Nothing once it is read to its end.
    output: Option<ChildStdout>,
    end: oneshot::Receiver<End>,
    taken: usize,
}

impl Run {
    /// More of its output; `None` once it has ended well.
    pub(in crate::mind) async fn next(&mut self) -> Result<Option<Vec<u8>>, SpeechError> {
        let patience = self.program.limits.patience;
        let silent = || SpeechError::Silent {
            engine: self.program.name.clone(),
            waited: patience,
        };
        if let Some(output) = &mut self.output {
            let mut piece = vec![0; PIECE];
            let read = timeout(patience, output.read(&mut piece))
                .await
                .map_err(|_elapsed| silent())?
                .map_err(|error| self.program.failed(error.to_string()))?;
            self.taken += read;
            if self.taken > self.program.limits.output {
                return Err(SpeechError::Endless {
                    engine: self.program.name.clone(),
                });
            }
            if read > 0 {
                piece.truncate(read);
                return Ok(Some(piece));
            }
            self.output = None;
        }
        let end = timeout(patience, &mut self.end)
            .await
            .map_err(|_elapsed| silent())?;
        match end {
            Ok(end) if end.status.success() => Ok(None),
            Ok(end) if end.complaint.is_empty() => Err(self.program.failed(end.status.to_string())),
            Ok(end) => Err(self.program.failed(end.complaint)),
            // Its end was told before, or the runtime is going down.
            Err(_told) => Ok(None),
        }
    }

    /// Its whole output.
    pub(in crate::mind) async fn all(&mut self) -> Result<Vec<u8>, SpeechError> {
        let mut all = vec![];
        while let Some(piece) = self.next().await? {
            all.extend(piece);
        }
        Ok(all)
    }
}

/// Owns a process until it ends, or until nobody waits for its end any more.
async fn own(mut child: Child, input: Vec<u8>, mut tell_end: oneshot::Sender<End>) {
    let (stdin, stderr) = (child.stdin.take(), child.stderr.take());
    let work = async {
        let feed = async {
            if let Some(mut stdin) = stdin {
                // A program may know enough before it has read everything.
                let _ = stdin.write_all(&input).await;
            }
        };
        let ((), complaint, status) = tokio::join!(feed, last_line(stderr), child.wait());
        let status = status.ok()?;
        Some(End { status, complaint })
    };
    let end = tokio::select! {
        end = work => end,
        () = tell_end.closed() => {
            end_all(&child);
            // Waits for it too, so that nothing of it stays.
            let _ = child.kill().await;
            return;
        }
    };
    if let Some(end) = end {
        let _ = tell_end.send(end);
    }
}

/// Ends a process and those it started.
fn end_all(child: &Child) {
    #[cfg(unix)]
    if let Some(group) = child
        .id()
        .and_then(|id| rustix::process::Pid::from_raw(id.cast_signed()))
    {
        // It may have ended by itself meanwhile.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    #[cfg(not(unix))]
    let _ = child;
}

/// The last line that says something, on one line, of a length that people read.
async fn last_line(from: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut from) = from else {
        return String::new();
    };
    let (mut held, mut piece) = (Vec::new(), [0; 1 << 10]);
    while let Ok(read @ 1..) = from.read(&mut piece).await {
        held.extend(piece.iter().take(read));
        let old = held.len().saturating_sub(COMPLAINTS);
        held.drain(..old);
    }
    let text = String::from_utf8_lossy(&held);
    let line = text
        .lines()
        .rev()
        .map(str::trim)
        .find(|line| !line.is_empty());
    let said = line.unwrap_or_default().trim_end_matches('.');
    said.chars().filter(|c| !c.is_control()).take(300).collect()
}

/// Whether this is a file that may be run.
fn can_run(path: &Path) -> bool {
    let Ok(about) = path.metadata() else {
        return false;
    };
    #[cfg(unix)]
    let allowed = std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let allowed = true;
    about.is_file() && allowed
}
