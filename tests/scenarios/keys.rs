//! The second: the talk key in any terminal: what is said while it is held is one recording, and nothing is
//! typed.

use crate::house::{EARS, House, hearing_with};
use crate::room::{Room, WORDS};
use crate::support::pty::{self, Pty, missing};
use crate::{ESC, leave, page, rig};
use portable_pty::CommandBuilder;
use std::process::Command;
use std::time::{Duration, Instant};

/// What a terminal that tells everything of a key sends for the space bar.
const PRESS: &str = "\x1b[32;1:1u";
const REPEAT: &str = "\x1b[32;1:2u";
const RELEASE: &str = "\x1b[32;1:3u";
/// What the others send.
const SPACE: &str = " ";

/// How often a key repeats, and how long it waits with it.
const FIRST: Duration = Duration::from_millis(400);
const NEXT: Duration = Duration::from_millis(33);

/// A line to a terminal, and the key on it.
struct Way {
    press: &'static str,
    repeat: &'static str,
    release: &'static str,
    /// How late each repeat comes, in turn.
    late_ms: &'static [u64],
}

const KITTY: Way = Way {
    press: PRESS,
    repeat: REPEAT,
    release: RELEASE,
    late_ms: &[0],
};
const XTERM: Way = Way {
    press: SPACE,
    repeat: SPACE,
    release: "",
    late_ms: &[0],
};
/// As through a line on which each byte is up to 200 ms late.
const FAR: Way = Way {
    late_ms: &[120, 10, 200, 60, 0, 170, 30, 90],
    ..XTERM
};

/// Holds the key for so long.
fn hold(pty: &mut Pty, way: &Way, seconds: u64) {
    pty.keys(way.press);
    let repeats = (seconds * 1000 - FIRST.as_millis() as u64) / NEXT.as_millis() as u64;
    let mut now = Duration::ZERO;
    let mut due = FIRST;
    for nth in 0..repeats {
        let late = way.late_ms[nth as usize % way.late_ms.len()];
        // Nothing overtakes what was sent before it.
        let at = (due + Duration::from_millis(late)).max(now);
        std::thread::sleep(at.saturating_sub(now));
        now = at;
        pty.keys(way.repeat);
        due += NEXT;
    }
}

/// A terminal of this name, with the program in it.
fn opened(house: &House, name: &str, arguments: &[&str]) -> Pty {
    let mut command = if name.starts_with("tmux") {
        in_tmux(house, arguments)
    } else {
        pty::hearsay(house.home(), arguments)
    };
    if name.ends_with("kitty") {
        command.env("KITTY_WINDOW_ID", "1");
    }
    let pty = Pty::start(command, 100, 30);
    pty.wait_for_text("connected");
    pty.wait_for_text("microphone off");
    pty
}

fn in_tmux(house: &House, arguments: &[&str]) -> CommandBuilder {
    let socket = house.path("tmux");
    let program = [
        &[
            "-f",
            "/dev/null",
            "-S",
            socket.to_str().unwrap(),
            "new-session",
        ][..],
        &[env!("CARGO_BIN_EXE_hearsay")],
        arguments,
    ];
    pty::other(house.home(), "tmux", &program.concat())
}

/// Three seconds of the key in this terminal: whether there was one recording all the while, and
/// nothing else; or what there was.
fn held(name: &str, way: &Way) -> Result<(), String> {
    let house = House::new();
    let engines = house.engines(&[]);
    let room = Room::new(&house);
    let engine = hearing_with(&engines);
    let mut arguments: Vec<_> = engine.iter().map(String::as_str).collect();
    arguments.extend(["--mic", &room.microphone, "--speaker", "null"]);
    let mut pty = opened(&house, name, &arguments);
    room.says(&WORDS);
    hold(&mut pty, way, 3);
    let open = pty.look(|screen| {
        let text = screen.contents();
        text.contains("microphone open") && ["● 2.", "● 3."].iter().any(|long| text.contains(long))
    });
    pty.keys(way.release);
    let released = Instant::now();
    pty.wait_for("a closed microphone", |screen| {
        !screen.contents().contains("microphone open")
    });
    let closed = released.elapsed().as_millis();
    pty.wait_for_text("2 + 3 = 5");
    pty.wait_for_text("idle");
    let asked = engines.asked();
    let times = asked.iter().filter(|asked| asked.path == EARS).count();
    rig::say(&format!(
        "{name}: {times} recording, closed {closed} ms after the key"
    ));
    // An empty composer says what may be typed.
    let typed = !pty.picture().contains("to talk, or type");
    if name.starts_with("tmux") {
        pty.keys(crate::CTRL_Q);
        pty.end();
    } else {
        leave(pty);
    }
    if open && !typed && times == 1 {
        return Ok(());
    }
    Err(format!(
        "{name}: open {open}, typed {typed}, {times} recordings"
    ))
}

/// A finger that gets no processor is late, and looks like one that was lifted: so twice it may be.
fn three_seconds(name: &str, way: &Way) {
    if missing() {
        return;
    }
    for attempt in 1..=3 {
        match held(name, way) {
            Ok(()) => return,
            Err(why) if attempt < 3 => rig::say(&why),
            Err(why) => panic!("{why}"),
        }
    }
}

#[test]
fn held_in_kitty() {
    three_seconds("kitty", &KITTY);
}

#[test]
fn held_in_xterm() {
    three_seconds("xterm", &XTERM);
}

#[test]
fn held_far_away() {
    three_seconds("ssh", &FAR);
}

#[test]
fn held_in_tmux() {
    if Command::new("tmux").arg("-V").output().is_err() {
        return rig::skip("there is no tmux");
    }
    three_seconds("tmux in xterm", &XTERM);
    three_seconds("tmux in kitty", &XTERM);
}

#[test]
fn a_release_that_is_lost_leaves_nothing_open() {
    if missing() {
        return;
    }
    let house = House::new();
    let engines = house.engines(&[]);
    let room = Room::new(&house);
    let engine = hearing_with(&engines);
    let mut arguments: Vec<_> = engine.iter().map(String::as_str).collect();
    arguments.extend(["--mic", &room.microphone, "--speaker", "null"]);
    let mut pty = opened(&house, "kitty", &arguments);
    room.says(&WORDS);
    hold(&mut pty, &KITTY, 3);
    // Nothing more comes: the repeats stay away, and that ends it.
    pty.wait_for_text("2 + 3 = 5");
    page::screen("2.2", &pty, &["microphone off", "idle"]);
    // What waits for another tap ends by its own time.
    pty.keys(PRESS);
    pty.keys(RELEASE);
    page::screen("2.1", &pty, &["microphone open", "throws it away", " dB"]);
    pty.keys(ESC);
    pty.wait_for_text("microphone off");
    leave(pty);
}
