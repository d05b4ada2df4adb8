//! Reads the clipboard of this machine, through whichever of the usual programs is here. There is
//! no way through the terminal that most terminals allow.

use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncReadExt;
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
