//! The keys as the user presses them: in terminals that tell everything of a key, that only
//! repeat it, and that tell of nothing but the press.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "what the tests share may fail a test, and a finger rests on a key for a while"
)]

mod support;

use serde_json::{Value, json};
use std::process::{Command, Stdio};
use std::time::Duration;
use support::pty::{Pty, hearsay, missing};

const ESC: &str = "\x1b";
/// What a terminal with the flags pushed sends for the space bar.
const PRESS: &str = "\x1b[32;1:1u";
const REPEAT: &str = "\x1b[32;1:2u";
const RELEASE: &str = "\x1b[32;1:3u";
/// What the others send, whatever happens to it.
const SPACE: &str = " ";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.toml"), "").unwrap();
    folder
}

/// A finger rests.
fn rest(ms: u64) {
    std::thread::sleep(Duration::from_millis(ms));
}

/// The test of the talk key, begun in an empty home.
fn trial(folder: &tempfile::TempDir, more: &[&str], env: &[(&str, &str)]) -> Pty {
    let mut command = hearsay(folder.path(), &[&["keys", "test"], more].concat());
    for (name, value) in env {
        command.env(name, value);
    }
    let pty = Pty::start(command, 100, 40);
    pty.wait_for_text("1 of 2: hold Space");
    pty
}

/// Holds the key: what the press sends, and what each repeat.
fn hold(pty: &mut Pty, press: &str, repeat: &str) {
    pty.keys(press);
    rest(500);
    for _repeat in 0..30 {
        pty.keys(repeat);
        rest(33);
    }
}

/// Taps the key twice when it is asked for.
fn tap_twice(pty: &mut Pty, press: &str, release: &str) {
    pty.wait_for_text("2 of 2: tap Space");
    for _tap in 0..2 {
        pty.keys([press, release].concat());
        rest(700);
    }
}

fn ended(mut pty: Pty) -> String {
    let status = pty.end();
    assert!(status.success(), "{status:?}: {}", pty.picture());
    pty.assert_restored();
    pty.look(vt100::Screen::contents)
}

#[test]
fn a_terminal_that_tells_everything_is_graded_and_the_flags_are_those_of_the_assistant() {
    if missing() {
        return;
    }
    let folder = folder();
    let mut pty = trial(&folder, &[], &[("KITTY_WINDOW_ID", "1")]);
    pty.wait_for_bytes(b"\x1b[>3u");
    hold(&mut pty, PRESS, REPEAT);
    pty.wait_for_text("would record until the key is let go");
    pty.keys(RELEASE);
    tap_twice(&mut pty, PRESS, RELEASE);
    let told = ended(pty);
    let grade = "kitty: releases are seen: hold and tap both work";
    assert!(told.contains(grade), "{told}");
    assert!(told.contains("kept for `kitty`"), "{told}");
}

#[test]
fn a_terminal_that_only_repeats_is_graded_by_its_pace() {
    if missing() {
        return;
    }
    let folder = folder();
    let mut pty = trial(&folder, &["--json"], &[]);
    hold(&mut pty, SPACE, SPACE);
    tap_twice(&mut pty, SPACE, "");
    let told = ended(pty);
    let mut told: Value = serde_json::from_str(&told).unwrap();
    for pace in ["first_repeat_ms", "repeat_ms"] {
        // How fast the finger was depends on the machine.
        assert!(told[pace].take().is_u64(), "{told}");
    }
    let expected = json!({"terminal": "xterm", "multiplexer": null, "grade": "either",
        "releases": false, "first_repeat_ms": null, "repeat_ms": null, "kept": true});
    assert_eq!(told, expected);
}

#[test]
fn a_terminal_that_tells_presses_only_is_for_tapping_and_tmux_says_why() {
    if missing() {
        return;
    }
    let folder = folder();
    let env = [("TMUX", "/tmp/x,1,0"), ("TERM", "tmux-256color")];
    let mut pty = trial(&folder, &[], &env);
    pty.wait_for_text("keys come through `tmux`");
    pty.keys(SPACE);
    pty.wait_for_text("would record until the next tap");
    tap_twice(&mut pty, SPACE, "");
    let told = ended(pty);
    for part in [
        "tmux: neither releases nor repeats are seen: tap to start, tap to stop",
        "keys come through `tmux`",
        "kept for `tmux`",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn esc_leaves_at_any_time_and_nothing_is_kept() {
    if missing() {
        return;
    }
    for presses in [0, 1] {
        let folder = folder();
        let mut pty = trial(&folder, &[], &[]);
        for _press in 0..presses {
            pty.keys(SPACE);
            pty.wait_for_text("press");
        }
        pty.keys(ESC);
        assert_eq!(pty.end().exit_code(), 1);
        pty.assert_restored();
        pty.wait_for_text("error: left before the end; nothing is kept");
        assert!(!folder.path().join("data").exists());
    }
}

#[test]
fn a_signal_ends_the_test_and_hands_the_terminal_back() {
    if missing() {
        return;
    }
    let folder = folder();
    let mut pty = trial(&folder, &[], &[]);
    let pid = rustix::process::Pid::from_raw(i32::try_from(pty.pid()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(pty.end().exit_code(), 1);
    pty.assert_restored();
}

#[test]
fn without_a_terminal_the_test_says_what_it_needs() {
    let folder = folder();
    let told = Command::new(env!("CARGO_BIN_EXE_hearsay"))
        .args(["keys", "test", "--json"])
        .env("HEARSAY_DATA_DIR", folder.path().join("data"))
        .env("HEARSAY_CONFIG", folder.path().join("config.toml"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(told.status.code(), Some(2));
    assert_eq!(String::from_utf8(told.stdout).unwrap(), "");
    assert_eq!(
        String::from_utf8(told.stderr).unwrap(),
        "error: keys can be tried in a terminal only, and the input is none\n\
         hint: run `hearsay keys test` in the terminal that you want to talk in, without a pipe\n"
    );
}

#[test]
fn the_list_says_what_each_key_does_and_who_says_so() {
    let folder = folder();
    let config = folder.path().join("config.toml");
    std::fs::write(
        &config,
        "lang = \"en\"\n[keys.chat]\nctrl-x = \"quit\"\nf1 = \"none\"\n",
    )
    .unwrap();
    let run = |arguments: &[&str]| {
        let told = Command::new(env!("CARGO_BIN_EXE_hearsay"))
            .args(arguments)
            .env("HEARSAY_DATA_DIR", folder.path().join("data"))
            .env("HEARSAY_CONFIG", &config)
            .output()
            .unwrap();
        assert!(told.status.success(), "{told:?}");
        String::from_utf8(told.stdout).unwrap()
    };
    let list = run(&["keys"]);
    let file = config.display();
    for line in [
        "[chat] in the chat".to_owned(),
        "  enter             send                send the message                          default"
            .to_owned(),
        format!(
            "  ctrl-x            quit                leave                                     {file}:3"
        ),
        format!(
            "  f1                none                nothing                                   {file}:4"
        ),
        "[page] on a page".to_owned(),
    ] {
        assert!(list.lines().any(|it| it == line), "{line}\n{list}");
    }
    let list: Value = serde_json::from_str(&run(&["keys", "--json"])).unwrap();
    let one = json!({"context": "chat", "chord": "ctrl-x", "action": "quit",
        "origin": format!("{file}:3")});
    assert!(list["keys"].as_array().unwrap().contains(&one), "{list}");
    assert!(!folder.path().join("data").exists());
}

#[test]
fn in_the_assistant_a_repeat_types_and_a_release_does_not() {
    if missing() {
        return;
    }
    let folder = folder();
    let mut pty = Pty::assistant(folder.path(), 100, 30);
    let key = |c: char, phase: u8| format!("\x1b[{};1:{phase}u", u32::from(c));
    pty.keys(key('q', 1) + &key('q', 2) + &key('q', 2) + &key('q', 3) + &key('z', 1));
    pty.wait_for_text("qqqz");
    // Alt and the letter are one chord; its release is no second one.
    pty.keys("\x1b[98;3:1u\x1b[98;3:3u\x1b[120;1:1u\x1b[120;1:3u");
    pty.wait_for_text("xqqqz");
    pty.keys("\x11");
    assert!(pty.end().success());
    pty.assert_restored();
}
