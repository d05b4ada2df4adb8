//! Talking at a real terminal: what the keys do, and what the screen says all the while.

use crate::house::{EARS, House, hearing_with};
use crate::support::pty::{Pty, missing};
use crate::support::tones;

/// What a terminal that tells everything of a key sends for the space bar.
pub(crate) const PRESS: &str = "\x1b[32;1:1u";
const REPEAT: &str = "\x1b[32;1:2u";
pub(crate) const RELEASE: &str = "\x1b[32;1:3u";
/// What the others send.
const SPACE: &str = " ";
const ESC: &str = "\x1b";
const CTRL_Q: &str = "\x11";
const KITTY: [(&str, &str); 1] = [("KITTY_WINDOW_ID", "1")];

const QUESTION: [&str; 5] = ["what", "is", "two", "plus", "three"];

pub(crate) fn leave(mut pty: Pty) {
    pty.keys(CTRL_Q);
    let status = pty.end();
    assert!(status.success(), "{status:?}");
    pty.assert_restored();
}

/// Waits until nothing is said or heard any more.
pub(crate) fn idle(pty: &Pty) {
    pty.wait_for("rest", |screen| screen.contents().contains("idle"));
}

/// The program with a microphone that hears the question, and silence after it.
fn at_the_screen(house: &House, engines: &[String], env: &[(&str, &str)]) -> Pty {
    let microphone = house.record("question.wav", &QUESTION, 60_000);
    let mut arguments: Vec<_> = engines.iter().map(String::as_str).collect();
    arguments.extend(["--mic", &microphone, "--speaker", "file:out.wav"]);
    let pty = house.opened(&arguments, env);
    pty.wait_for_text("connected");
    pty.wait_for_text("microphone off");
    pty
}

/// Waits until all of the question was said.
fn said(pty: &Pty) {
    pty.wait_for("a second and more of it", |screen| {
        let text = screen.contents();
        text.contains("microphone open") && ["● 1.", "● 2"].iter().any(|long| text.contains(long))
    });
}

#[test]
fn held_spoken_and_let_go_a_question_is_heard_and_answered() {
    if missing() {
        return;
    }
    let house = House::new();
    let engines = house.engines(&[]);
    let mut pty = at_the_screen(&house, &hearing_with(&engines), &KITTY);
    pty.wait_for_text("tap Space to talk");
    pty.keys(PRESS);
    pty.wait_for("the strip of a recording", |screen| {
        let text = screen.contents();
        text.contains("●") && text.contains("question.wav") && text.contains(" dB")
    });
    while !pty.look(|screen| screen.contents().contains("● 1.")) {
        pty.keys(REPEAT);
        std::thread::sleep(std::time::Duration::from_millis(33));
    }
    pty.wait_for_text("listening");
    pty.wait_for_text("microphone open");
    pty.keys(RELEASE);
    pty.wait_for("the question and its answer", |screen| {
        let text = screen.contents();
        let places = ["what is two plus three", "2 + 3 = 5"].map(|words| text.find(words));
        places.iter().all(Option::is_some) && places.is_sorted()
    });
    pty.wait_for_text("microphone off");
    idle(&pty);
    // A release was seen: from here on holding is known to work.
    pty.wait_for_text("hold Space to talk");
    leave(pty);
    assert_eq!(house.spoken("out.wav"), tones::words(&house.said()[1].1));
    assert_eq!(house.recordings(), []);
}

#[test]
fn two_taps_do_the_same_where_releases_are_not_seen() {
    if missing() {
        return;
    }
    let house = House::new();
    let engines = house.engines(&[]);
    let mut pty = at_the_screen(&house, &hearing_with(&engines), &[]);
    pty.keys(SPACE);
    said(&pty);
    pty.keys(SPACE);
    pty.wait_for_text("what is two plus three");
    pty.wait_for_text("2 + 3 = 5");
    idle(&pty);
    leave(pty);
}

#[test]
fn esc_throws_a_recording_away_and_closes_the_microphone() {
    if missing() {
        return;
    }
    let house = House::new();
    let engines = house.engines(&[]);
    let mut pty = at_the_screen(&house, &hearing_with(&engines), &KITTY);
    pty.keys(PRESS);
    said(&pty);
    assert_eq!(house.recordings().len(), 1);
    pty.keys(ESC);
    pty.wait_for_text("recording thrown away");
    pty.wait_for_text("microphone off");
    idle(&pty);
    pty.keys(RELEASE);
    pty.say("what is 6 * 7?");
    pty.wait_for_text("42");
    leave(pty);
    assert_eq!(house.recordings(), []);
    assert!(engines.asked().iter().all(|asked| asked.path != EARS));
}

#[test]
fn a_key_silences_the_answer() {
    if missing() {
        return;
    }
    let house = House::new();
    let engines = house.engines(&[]);
    let engines = hearing_with(&engines);
    let mut arguments: Vec<_> = engines.iter().map(String::as_str).collect();
    arguments.extend(["--speak", "--speaker", "file:out.wav"]);
    let mut pty = house.opened(&arguments, &[]);
    pty.wait_for_text("connected");
    pty.say("help");
    pty.wait_for_text("speaking");
    crate::rig::wait_for_file(&house.path("out.wav"), 60_000);
    pty.keys(ESC);
    idle(&pty);
    leave(pty);
    let (spoken, whole) = (house.spoken("out.wav"), tones::words(&house.said()[1].1));
    assert!(spoken.len() < whole.len(), "{spoken:?}");
}

#[test]
fn an_open_microphone_is_told_on_a_small_screen_too() {
    if missing() {
        return;
    }
    let house = House::new();
    let engines = house.engines(&[]);
    let microphone = house.record("question.wav", &QUESTION, 60_000);
    let engines = hearing_with(&engines);
    let mut arguments: Vec<_> = engines.iter().map(String::as_str).collect();
    arguments.extend(["--mic", &microphone, "--speaker", "null"]);
    let mut pty = house.opened_at((40, 12), &arguments, &[]);
    pty.wait_for_text("connected");
    pty.keys(SPACE);
    pty.wait_for("the signs of an open microphone", |screen| {
        let text = screen.contents();
        text.contains('●') && text.contains("microphone open")
    });
    pty.keys(ESC);
    pty.wait_for("a closed microphone", |screen| {
        let text = screen.contents();
        !text.contains('●') && !text.contains("microphone open")
    });
    leave(pty);
}

#[test]
fn a_microphone_that_is_kept_open_for_preroll_is_told() {
    if missing() {
        return;
    }
    let house = House::with("[sound]\npreroll_ms = 500\n");
    let engines = house.engines(&[]);
    let mut pty = at_the_screen(&house, &hearing_with(&engines), &[]);
    pty.keys(SPACE);
    said(&pty);
    pty.keys(SPACE);
    pty.wait_for_text("2 + 3 = 5");
    idle(&pty);
    println!("{}", pty.picture());
    pty.wait_for_text("microphone open");
    leave(pty);
}
