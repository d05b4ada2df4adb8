//! Whoever types is not kept waiting by a backend that says too much.

use super::House;
use super::frames::{frame, text};
use super::leave;
use super::peer::{Act, Server, Then};
use crate::support::page;
use crate::support::pty::missing;
use std::time::{Duration, Instant};

const KEYS: &str = "the quick brown fox jumps over the lazy dog and over the other dog";

/// The most memory a process ever had, in KiB; 0 where the system does not say.
fn peak(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1));
    kib.and_then(|kib| kib.parse().ok()).unwrap_or(0)
}

#[test]
fn keys_are_echoed_and_memory_is_bounded_while_a_backend_floods_the_line() {
    if missing() {
        return;
    }
    let chunk = text(r#"{"type":"stream_chunk","content":"x"}"#);
    let sound = frame(0x82, &[1; 640]);
    let nonsense = text(r#"{"type":"who knows"}"#);
    for (flood, bytes) in [
        ("pings without end", frame(0x89, b"ping").repeat(1000)),
        ("sound that nobody asked for", sound.repeat(100)),
        ("messages of no known type", nonsense.repeat(1000)),
        ("tiny chunks of an answer", chunk.repeat(1000)),
    ] {
        let house = House::new("");
        let act = Act::Asked(vec![], Then::Flood(bytes));
        let server = house.runtime.block_on(Server::start(vec![act]));
        let url = format!("ws://{}", server.address);
        let mut pty = house.opened(&["--backend", &url, "--speaker", "null"], &[]);
        pty.wait_for_text("connected");
        pty.say("go on");
        pty.wait_for_text("answering");
        let before = peak(pty.pid());
        let mut times: Vec<Duration> = vec![];
        for (at, letter) in KEYS.char_indices() {
            let began = Instant::now();
            pty.keys(letter.to_string());
            let so_far = KEYS.split_at(at + 1).0.trim_end();
            // A space at the end of a row is told by where the caret is.
            pty.wait_for("the key", |screen| {
                let (row, column) = screen.cursor_position();
                let typed = screen.contents_between(row, 0, row, column);
                typed.trim_end().ends_with(so_far)
            });
            times.push(began.elapsed());
        }
        let grown = peak(pty.pid()).saturating_sub(before);
        times.sort();
        let ms = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1000.0);
        let (median, last) = (times[times.len() / 2], times[times.len() - 1]);
        page::row(
            "| flood | keys |",
            flood,
            &[
                times.len().to_string(),
                ms(median),
                ms(last),
                (grown / 1024).to_string(),
            ],
        );
        leave(pty);
    }
}
