//! Reads the clipboard of this machine, through whichever of the usual programs is here: there is
//! no way through the terminal that most terminals allow. Writes it, too, where no terminal can.

use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::time::timeout;

/// How long a program may take: one that waits for somebody to give up the clipboard waits long.
const PATIENCE: Duration = Duration::from_secs(3);
/// How much of it is read.
const LONGEST: u64 = 64 << 10;

/// The programs, and how each is told to print what is on the clipboard.
const PROGRAMS: &[(&str, &[&str])] = &[
    ("wl-paste", &["--no-newline", "--type", "text"]),
    ("xclip", &["-out", "-selection", "clipboard"]),
    ("xsel", &["--output", "--clipboard"]),
    ("pbpaste", &[]),
    ("termux-clipboard-get", &[]),
    (
        "powershell.exe",
        &["-NoProfile", "-Command", "Get-Clipboard"],
    ),
];

/// The programs that take what is to be on the clipboard.
const WRITERS: &[(&str, &[&str])] = &[
    ("wl-copy", &["--type", "text/plain"]),
    ("xclip", &["-in", "-selection", "clipboard"]),
    ("xsel", &["--input", "--clipboard"]),
    ("pbcopy", &[]),
    ("termux-clipboard-set", &[]),
    ("clip.exe", &[]),
];

/// Puts a text on the clipboard; `Err` says why that was not possible.
pub(super) async fn write(text: &str) -> Result<(), String> {
    let mut why = None;
    for (program, arguments) in WRITERS {
        match timeout(PATIENCE, input(program, arguments, text)).await {
            Ok(Ok(())) => return Ok(()),
            // It is not here; perhaps the next one is.
            Ok(Err(None)) => {}
            Ok(Err(Some(said))) => why = why.or(Some(format!("{program}: {said}"))),
            Err(_late) => why = why.or(Some(format!("{program} takes nothing"))),
        }
    }
    Err(why.unwrap_or_else(|| {
        "nothing here can write the clipboard; `wl-clipboard`, `xclip` or `xsel` can".to_owned()
    }))
}

/// Hands a text to a program; `Err(None)`: there is no such program.
async fn input(program: &str, arguments: &[&str], text: &str) -> Result<(), Option<String>> {
    let told = |error: std::io::Error| Some(error.to_string());
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|_not_here| None)?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(text.as_bytes()).await.map_err(told)?;
    }
    match child.wait().await.map_err(told)? {
        status if status.success() => Ok(()),
        status => Err(Some(status.to_string())),
    }
}

/// What is on the clipboard; `Err` is told to the model.
pub(super) async fn read() -> Result<String, String> {
    let mut why = None;
    for (program, arguments) in PROGRAMS {
        match timeout(PATIENCE, output(program, arguments)).await {
            // It is not here; perhaps the next one is.
            Ok(Err(None)) => {}
            Ok(Ok(text)) if text.is_empty() => return Err("the clipboard is empty".to_owned()),
            Ok(Ok(text)) => return Ok(text),
            // It is made for another surface, or the clipboard holds no text.
            Ok(Err(Some(said))) => why = why.or(Some(format!("{program}: {said}"))),
            Err(_late) => why = why.or(Some(format!("{program} gives nothing"))),
        }
    }
    Err(why.unwrap_or_else(|| {
        "nothing here can read the clipboard; `wl-clipboard`, `xclip` or `xsel` can".to_owned()
    }))
}

/// What a program prints; `Err(None)`: there is no such program.
async fn output(program: &str, arguments: &[&str]) -> Result<String, Option<String>> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|_not_here| None)?;
    let mut text = vec![];
    if let Some(out) = child.stdout.take() {
        let read = out.take(LONGEST).read_to_end(&mut text).await;
        read.map_err(|error| Some(error.to_string()))?;
    }
    let status = child
        .wait()
        .await
        .map_err(|error| Some(error.to_string()))?;
    if status.success() || !text.is_empty() {
        return Ok(String::from_utf8_lossy(&text).into_owned());
    }
    Err(Some("it holds no text".to_owned()))
}
