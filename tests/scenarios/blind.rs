//! The eighth: who cannot see a screen: a whole call in lines, from its beginning to its export.

use crate::house::{EARS, House, hearing_with};
use crate::page;
use crate::room::{Room, WORDS};
use crate::support::model_server::Reply;
use crate::support::pty::{self, Pty, missing};
use serde_json::json;

#[test]
fn a_whole_call_is_held_in_lines_and_exported() {
    if missing() {
        return;
    }
    let house = House::with("[sound]\necho = \"off\"\n");
    let heard = |text: &str| (EARS, Reply::json(200, &json!({ "text": text })));
    let engines = house.engines(&[heard("help"), heard("what is 2 + 3?")]);
    let (room, engine) = (Room::new(&house), hearing_with(&engines));
    let mut arguments: Vec<_> = engine.iter().map(String::as_str).collect();
    arguments.extend([
        "--plain",
        "--mic",
        &room.microphone,
        "--speaker",
        "file:out.wav",
    ]);
    let mut pty = Pty::start(pty::hearsay(house.home(), &arguments), 100, 100);
    pty.wait_for_text("connection: connected");
    pty.say("/call");
    pty.wait_for_text("call: listening");
    room.says(&WORDS);
    pty.wait_for_text("you said: help");
    pty.wait_for_text("call: speaking");
    // A key silences it; the call goes on.
    pty.say("/cancel");
    pty.wait_for("silence", |screen| {
        times(&screen.contents(), "call: listening") >= 2
    });
    room.says(&WORDS);
    pty.wait_for_text("you said: what is 2 + 3?");
    pty.wait_for_text("2 + 3 = 5");
    pty.wait_for("the end of the answer", |screen| {
        times(&screen.contents(), "call: listening") >= 3
    });
    pty.say("/mute");
    pty.wait_for_text("microphone muted");
    pty.say("what is 6 * 7?");
    pty.wait_for_text("6 × 7 = 42");
    pty.wait_for("the answer", |screen| {
        times(&screen.contents(), "call: speaking") >= 3
    });
    pty.say("/mute");
    pty.wait_for("an open microphone", |screen| {
        let text = screen.contents();
        times(&text, "microphone open") >= 2 && times(&text, "call: listening") >= 4
    });
    pty.say("/call");
    pty.wait_for_text("call ended");
    pty.wait_for_text("state: idle");
    pty.say("/quit");
    let status = pty.end();
    assert!(status.success(), "{status:?}");
    let raw = String::from_utf8(pty.raw()).unwrap();
    println!("{raw}");
    for never in ["\x1b", "\x07", "\x08", "⠋", "█", "●"] {
        assert!(!raw.contains(never), "{never:?} was sent");
    }
    let lines: Vec<&str> = raw.split("\r\n").filter(|line| !line.is_empty()).collect();
    assert!(lines.iter().all(|line| !line.contains('\r')), "{raw}");
    page::text("8.1", &told(&lines));
    let exported = house.printed(&["history", "export", "last", "--format", "txt"]);
    // Which part of a turn was the slowest differs.
    let exported = exported.split("\nfrom the end of the question").next();
    page::text("8.2", exported.unwrap());
}

fn times(text: &str, line: &str) -> usize {
    text.lines().filter(|told| told.starts_with(line)).count()
}

/// The lines without those that may come more or less often: whose floor it is depends on what was
/// noticed before somebody looked.
fn told(lines: &[&str]) -> String {
    let told = lines.iter().filter(|line| !line.starts_with("call: "));
    let told: Vec<&str> = told.copied().collect();
    told.join("\n")
}
