//! Talking and calling without a screen: lines in, lines out, and not one code that moves a cursor.

use crate::house::{House, hearing_with};
use crate::support::pty::{self, Pty, missing};

const QUESTION: [&str; 5] = ["what", "is", "two", "plus", "three"];
const CTRL_D: &str = "\x04";

/// The program without a screen, with a microphone that hears the question, and silence after it.
fn plainly(house: &House, engines: &[String]) -> Pty {
    let microphone = house.record("question.wav", &QUESTION, 60_000);
    let mut arguments: Vec<_> = engines.iter().map(String::as_str).collect();
    arguments.extend(["--plain", "--mic", &microphone, "--speaker", "file:out.wav"]);
    let pty = Pty::start(pty::hearsay(house.home(), &arguments), 100, 60);
    pty.wait_for_text("connection: connected");
    pty
}

fn leave(mut pty: Pty) {
    pty.keys(CTRL_D);
    let status = pty.end();
    assert!(status.success(), "{status:?}");
    assert!(!pty.raw().contains(&0x1b), "an escape sequence was sent");
}

#[test]
fn a_question_is_spoken_after_a_command() {
    if missing() {
        return;
    }
    // The silence behind the question ends it.
    let house = House::with("[sound]\nsilence_s = 1\n");
    let engines = house.engines(&[]);
    let mut pty = plainly(&house, &hearing_with(&engines));
    pty.say("/talk");
    pty.wait_for_text("microphone open: speak now");
    pty.wait_for_text("microphone off");
    pty.wait_for_text("you said: what is two plus three");
    pty.wait_for_text("2 + 3 = 5");
    pty.wait_for_text("state: idle");
    leave(pty);
    assert_eq!(house.recordings(), []);
}

#[test]
fn a_whole_call_is_held_in_lines() {
    if missing() {
        return;
    }
    let house = House::with("[sound]\necho = \"off\"\n");
    let engines = house.engines(&[]);
    let mut pty = plainly(&house, &hearing_with(&engines));
    pty.say("/call");
    pty.wait_for_text("state: in a call");
    pty.wait_for_text("microphone open");
    pty.wait_for_text("call: listening");
    pty.wait_for_text("you said: what is two plus three");
    pty.wait_for_text("2 + 3 = 5");
    pty.wait_for_text("call: speaking");
    pty.say("/mute");
    pty.wait_for_text("microphone muted");
    pty.say("what is 6 * 7?");
    pty.wait_for_text("42");
    pty.say("/call");
    pty.wait_for_text("call ended after");
    pty.wait_for_text("state: idle");
    leave(pty);
}
