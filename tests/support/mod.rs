//! What several integration tests share.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::exit,
    reason = "every test takes the part it needs, and a helper may fail a test or
              say that it is skipped"
)]

use hearsay::mind::SpeechError;
use hearsay::serve::{Listen, Talk};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

pub mod disk;
pub mod fault_proxy;
pub mod hub;
pub mod microphone;
pub mod model_server;
pub mod onnx;
pub mod page;
pub mod patience;
pub mod planted;
pub mod planted_frames;
pub mod planted_language;
pub mod planted_voice;
pub mod pty;
pub mod tones;
pub mod tool_server;

/// For a backend that hears nothing.
pub fn no_ears() -> Listen {
    Arc::new(|_wish, _lang| Err(missing()))
}

/// For a backend that does not speak.
pub fn no_voice() -> Talk {
    Arc::new(|_wish, _lang| Err(missing()))
}

fn missing() -> SpeechError {
    SpeechError::Missing {
        what: "there is none".to_owned(),
        hint: "write".to_owned(),
    }
}

/// Says why a test does not run.
pub fn skip(why: &str) {
    println!("skipped: {why}");
}

/// Writes a program: a script of the shell.
///
/// Another process writes it. Were this one to hold the file open, a child that another test
/// starts at that moment would hold it, too, and the system runs nothing that is still written.
#[cfg(unix)]
pub fn program(path: &Path, script: &str) {
    let mut writer = Command::new("/bin/sh")
        .args(["-c", "cat > \"$0\" && chmod 755 \"$0\""])
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let text = format!("#!/bin/sh\n{script}\n");
    let mut inlet = writer.stdin.take().unwrap();
    inlet.write_all(text.as_bytes()).unwrap();
    drop(inlet);
    assert!(writer.wait().unwrap().success());
}
