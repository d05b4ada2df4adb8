//! The first: a cold start: no network, no sound card, no library for sound, no model, no setting.

use crate::house::House;
use crate::support::pty::{self, Pty, missing};
use crate::{leave, rig};
use portable_pty::CommandBuilder;
use std::process::Command;
use std::time::Instant;

/// Takes the library and the devices of sound away, and finds no program to speak or hear with.
const BARE: &str = r#"
for lib in /lib*/libasound.so* /lib*/*/libasound.so* /usr/lib*/libasound.so* /usr/lib*/*/libasound.so*; do
    [ -e "$lib" ] && mount --bind /dev/null "$lib"
done
[ -d /dev/snd ] && mount -t tmpfs none /dev/snd
PATH=/nowhere exec "$0" "$@"
"#;

/// What makes a system of our own, if that is allowed here.
fn apart() -> Option<[&'static str; 4]> {
    let apart = ["--user", "--map-root-user", "--net", "--mount"];
    let tried = Command::new("unshare")
        .args(apart)
        .args(["mount", "-t", "tmpfs", "none", "/mnt"])
        .output();
    match tried {
        Ok(output) if output.status.success() => Some(apart),
        why => {
            rig::skip(&format!(
                "no system without network and sound can be made: {why:?}"
            ));
            None
        }
    }
}

/// The program as somebody starts it who has just got it.
fn first_start(house: &House, arguments: &[&str]) -> CommandBuilder {
    let program = env!("CARGO_BIN_EXE_hearsay");
    let mut command = if let Some(apart) = apart() {
        let mut words = apart.to_vec();
        words.extend(["/bin/sh", "-c", BARE, program]);
        words.extend(arguments);
        pty::other(house.home(), "unshare", &words)
    } else {
        let mut command = pty::hearsay(house.home(), arguments);
        command.env("PATH", "/nowhere");
        command
    };
    std::fs::remove_file(house.path("config.toml")).unwrap();
    command.env_remove("HEARSAY_BRAIN");
    command.env_remove("HEARSAY_CONFIG");
    command.env("PULSE_SERVER", "unix:/none");
    command.env("ALSA_CONFIG_PATH", "/dev/null");
    command
}

/// What was sent to the terminal and is in no frame, without codes.
fn stray(raw: &[u8]) -> String {
    let raw = String::from_utf8_lossy(raw);
    let (mut out, mut rest) = (String::new(), &*raw);
    while let Some((before, frame)) = rest.split_once("\x1b[?2026h") {
        out.push_str(before);
        rest = frame
            .split_once("\x1b[?2026l")
            .map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    let codes = regex_lite::Regex::new(
        "\x1b(\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(\x07|\x1b\\\\)|[ -/]*[0-~])",
    );
    let text = codes.unwrap().replace_all(&out, "");
    // This one ends a code that was cut off.
    text.replace('\x18', "")
}

#[test]
fn with_nothing_at_all_there_is_a_screen_and_an_answer() {
    if missing() {
        return;
    }
    let house = House::new();
    let began = Instant::now();
    let mut pty = Pty::start(first_start(&house, &[]), 100, 30);
    pty.wait_for_text("idle");
    rig::say(&format!(
        "first frame after {} ms",
        began.elapsed().as_millis()
    ));
    crate::page::screen("1.1", &pty, &["connected", "text only: no audio device"]);
    pty.say("what is 17 * 3?");
    crate::page::screen("1.2", &pty, &["17 × 3 = 51", "idle"]);
    pty.keys(crate::CTRL_Q);
    assert!(pty.end().success());
    pty.assert_restored();
    assert_eq!(stray(&pty.raw()).trim(), "");
}

#[test]
fn with_a_loudspeaker_the_answer_is_heard() {
    if missing() {
        return;
    }
    let house = House::new();
    let arguments = ["--speaker", "file:out.wav", "--speak=always"];
    let mut pty = Pty::start(first_start(&house, &arguments), 80, 24);
    pty.wait_for_text("connected");
    let asked = Instant::now();
    pty.say("what is 17 * 3?");
    pty.wait_for_text("speaking");
    rig::say(&format!(
        "speaking after {} ms",
        asked.elapsed().as_millis()
    ));
    pty.wait_for_text("17 × 3 = 51");
    pty.wait_for_text("idle");
    leave(pty);
    let (samples, rate) = house.played("out.wav");
    let loud = samples.iter().filter(|sample| sample.unsigned_abs() > 500);
    assert!(
        loud.count() > rate as usize / 10,
        "the answer was not heard"
    );
}
