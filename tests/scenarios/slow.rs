//! The seventh: it feels slow: one key says where the time went, and another brain is quicker.

use crate::house::{House, hearing_with};
use crate::room::{Room, WORDS};
use crate::support::model_server::{ModelServer, Reply};
use crate::support::pty::missing;
use crate::{ESC, F11, lasted, leave, page};
use serde_json::Value;

const CTRL_P: &str = "\x10";

#[test]
fn one_key_says_where_the_time_went_and_another_brain_is_quicker() {
    if missing() {
        return;
    }
    let house = House::new();
    let engines = house.engines(&[]);
    let (reply, gate) = Reply::words(&["Five, as far as I know."]).held();
    let brain = house.runtime.block_on(ModelServer::start([reply]));
    let (room, engine, base) = (Room::new(&house), hearing_with(&engines), brain.base());
    let mut arguments: Vec<_> = engine.iter().map(String::as_str).collect();
    arguments.extend(["--brain", &base, "--model", "tiny"]);
    arguments.extend(["--mic", &room.microphone, "--speaker", "null"]);
    let mut pty = house.opened(&arguments, &[]);
    pty.wait_for_text("connected");
    for nth in 0..2 {
        pty.keys(" ");
        pty.wait_for_text("microphone open");
        room.says(&WORDS);
        lasted(&pty, "●", 3);
        pty.keys(" ");
        if nth == 0 {
            // It thinks until the test has seen that it does.
            pty.wait_for_text("what is two plus three");
            lasted(&pty, "answering", 6);
            gate.send_replace(true);
            pty.wait_for_text("Five, as far as I know.");
            pty.wait_for_text("idle");
            pty.keys(F11);
            page::sketch("7.1", &pty, &["turns: 1", "(slowest)"]);
            pty.keys(ESC);
            pty.wait_for_text("tap Space to talk");
            // The palette knows it by any of its words.
            pty.keys(CTRL_P);
            pty.keys("choose the brain");
            pty.wait_for_text("choose the brain");
            pty.keys("\r");
            pty.wait_for_text("─ brains");
            pty.keys("builtin\r");
            pty.wait_for_text("brain from the next message on");
        }
    }
    pty.wait_for_text("2 + 3 = 5");
    pty.wait_for_text("idle");
    pty.keys(F11);
    page::sketch("7.2", &pty, &["turns: 2", "(slowest)"]);
    pty.keys(ESC);
    pty.wait_for_text("tap Space to talk");
    leave(pty);
    let exported = house.printed(&["history", "export", "last", "--format", "json"]);
    let exported: Value = serde_json::from_str(&exported).unwrap();
    let [first, second] = exported["turns"].as_array().unwrap().as_slice() else {
        panic!("{exported:#}");
    };
    // It was seen to think for that long.
    assert_eq!(first["slowest"], "first_text");
    let waited = |turn: &Value| turn["waited_ms"].as_u64().unwrap();
    assert!(waited(first) >= 3_000, "{first:#}");
    assert!(waited(second) < waited(first), "{second:#}");
}
