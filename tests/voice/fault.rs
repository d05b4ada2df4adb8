//! Engines, devices and disks that fail: what was said is kept, and can be tried again.

use crate::house::{EARS, House, VOICE, hearing_with};
use crate::support::disk::Mounted;
use crate::support::model_server::Reply;
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

const QUESTION: [&str; 5] = ["what", "is", "two", "plus", "three"];

/// Ears that do not answer are not waited for long here.
const HASTY: &str = "[timeouts]\nstt_base_s = 1\nstt_per_char_s = 0\n";

fn refusal(status: u16) -> Reply {
    Reply::json(status, &json!({ "error": { "message": "not today" } }))
}

#[test]
fn a_recording_that_was_not_heard_is_kept_to_its_owner_and_tried_again() {
    for (name, reply) in [
        ("a wrong key", refusal(401)),
        ("nothing there", refusal(404)),
        ("too much asked", refusal(429)),
        ("a broken server", refusal(500)),
        ("no JSON", Reply::of(200, "application/json", "<html>")),
        ("a broken line", Reply::hang_up()),
        ("silence", Reply::silence()),
    ] {
        let house = House::with(HASTY);
        // Some of them are tried more than once by themselves.
        let scripted: Vec<_> = (0..8).map(|_nth| (EARS, reply.clone())).collect();
        let broken = house.engines(&scripted);
        house.record("question.wav", &QUESTION, 0);
        let steps = "[[step]]\nsay = \"question.wav\"\n[[step]]\nwait = \"error\"\n\
                     [[step]]\nexpect_heard = \"x\"\n";
        let engines = hearing_with(&broken);
        let mut arguments: Vec<_> = engines.iter().map(String::as_str).collect();
        arguments.push("--fast");
        let ran = house.script(steps, &arguments);
        assert_eq!(ran.code, Some(1), "{name}: {}{}", ran.out, ran.err);
        assert!(ran.out.contains("ok        "), "{name}: {}", ran.out);
        assert!(
            ran.out.contains("expect_heard x: nothing was heard"),
            "{name}: {}",
            ran.out
        );
        let kept = house.recordings();
        let [(recording, 0o600)] = kept.as_slice() else {
            panic!("{name}: {kept:?}");
        };
        let folder = recording.parent().unwrap().metadata().unwrap();
        assert_eq!(folder.permissions().mode() & 0o777, 0o700, "{name}");
    }
}

#[test]
fn once_the_engine_is_mended_the_same_recording_is_heard() {
    let house = House::new();
    let engines = house.engines(&[(EARS, refusal(401))]);
    house.record("question.wav", &QUESTION, 0);
    let steps = r#"
[[step]]
say = "question.wav"
[[step]]
wait = "error"
[[step]]
do = "again"
[[step]]
expect_heard = "what is two plus three"
[[step]]
expect = "5"
[[step]]
wait = "idle"
[[step]]
expect_spoken_ms = { min = 400 }
"#;
    let chosen = hearing_with(&engines);
    let mut arguments: Vec<_> = chosen.iter().map(String::as_str).collect();
    arguments.extend(["--speaker", "null"]);
    house.script(steps, &arguments).held();
    assert_eq!(house.recordings(), []);
    // The same samples each time.
    let heard = engines.asked();
    let mut files: Vec<_> = (heard.iter())
        .filter(|asked| asked.path == EARS)
        .map(|asked| asked.file.clone())
        .collect();
    files.dedup();
    assert_eq!(files.len(), 1);
    let said = house.said();
    let question = ("user".to_owned(), QUESTION.join(" "));
    assert_eq!(said.iter().filter(|one| **one == question).count(), 1);
}

#[test]
fn a_recording_that_was_not_heard_may_be_written_to_a_file_or_thrown_away() {
    let house = House::new();
    let engines = house.engines(&[(EARS, refusal(401))]);
    house.record("question.wav", &QUESTION, 0);
    let steps = r#"
[[step]]
say = "question.wav"
[[step]]
wait = "error"
[[step]]
do = "export-recording kept.wav"
[[step]]
expect_note = "kept.wav"
[[step]]
do = "delete-recording"
"#;
    let chosen = hearing_with(&engines);
    let chosen: Vec<_> = chosen.iter().map(String::as_str).collect();
    house.script(steps, &chosen).held();
    assert_eq!(house.recordings(), []);
    assert!(
        fs::read(house.path("kept.wav"))
            .unwrap()
            .starts_with(b"RIFF")
    );
}

#[test]
fn an_answer_that_cannot_be_spoken_is_written_all_the_same() {
    for (reply, told) in [
        (refusal(401), "key"),
        (refusal(500), "500"),
        (Reply::hang_up(), "connection"),
    ] {
        let house = House::new();
        let scripted: Vec<_> = (0..8).map(|_nth| (VOICE, reply.clone())).collect();
        let engines = house.engines(&scripted);
        house.record("question.wav", &QUESTION, 0);
        let steps = format!(
            "[[step]]\nsay = \"question.wav\"\n[[step]]\nexpect = \"5\"\n\
             [[step]]\nwait = \"idle\"\n[[step]]\nexpect_note = \"{told}\"\n"
        );
        let chosen = hearing_with(&engines);
        let mut arguments: Vec<_> = chosen.iter().map(String::as_str).collect();
        arguments.extend(["--fast", "--speaker", "null"]);
        house.script(&steps, &arguments).held();
    }
}

#[test]
fn without_a_voice_the_answer_is_written_and_the_reason_told() {
    let house = House::new();
    let steps = "[[step]]\ntype = \"what is 6 * 7?\"\n[[step]]\nexpect = \"42\"\n\
                 [[step]]\nwait = \"idle\"\n";
    let arguments = ["--voice", "none", "--speak"];
    let ran = house.script(steps, &arguments).held();
    assert!(ran.out.contains("`voice.use` is `none`"), "{}", ran.out);
}

#[test]
fn where_nobody_hears_the_microphone_stays_closed_and_the_reason_is_told() {
    let house = House::new();
    let steps = "[[step]]\ndo = \"talk\"\n[[step]]\nexpect_state = \"idle\"\n\
                 [[step]]\nexpect_note = \"`ears.use` is `none`\"\n";
    let arguments = ["--ears", "none", "--voice", "none", "--mic", "null"];
    house.script(steps, &arguments).held();
    assert_eq!(house.recordings(), []);
}

#[test]
fn a_machine_without_a_microphone_says_so_and_chats() {
    let house = House::new();
    let steps = r#"
[[step]]
do = "talk"
[[step]]
wait = "error"
[[step]]
type = "what is 6 * 7?"
[[step]]
expect = "42"
[[step]]
wait = "idle"
"#;
    let ran = house.script(steps, &["--voice", "none"]).held();
    assert!(ran.out.contains("text chat works"), "{}", ran.out);
    assert_eq!(house.recordings(), []);
}

#[test]
fn a_loudspeaker_that_cannot_be_written_is_told_and_the_answer_is_there() {
    let house = House::new();
    let engines = house.engines(&[]);
    let steps = "[[step]]\ntype = \"what is 6 * 7?\"\n[[step]]\nexpect = \"42\"\n\
                 [[step]]\nwait = \"idle\"\n";
    let chosen = hearing_with(&engines);
    let mut arguments: Vec<_> = chosen.iter().map(String::as_str).collect();
    arguments.extend(["--speak", "--speaker", "file:/nowhere/out.wav"]);
    let ran = house.script(steps, &arguments).held();
    assert!(ran.out.contains("/nowhere/out.wav"), "{}", ran.out);
}

#[test]
fn a_disk_that_fills_up_while_something_is_said_keeps_what_was_said_so_far() {
    let house = House::new();
    let engines = house.engines(&[]);
    let words: Vec<_> = QUESTION.iter().copied().cycle().take(400).collect();
    // It lasts more than a minute, which is more than two megabytes.
    house.record("long.wav", &words, 0);
    let Some(_disk) = Mounted::new(house.path("data"), "size=1m") else {
        return;
    };
    let steps = r#"
[[step]]
say = "long.wav"
[[step]]
expect_note = "no space left"
[[step]]
expect_heard = "what is two plus three"
[[step]]
wait = "idle"
[[step]]
type = "what is 6 * 7?"
[[step]]
expect = "42"
"#;
    let chosen = hearing_with(&engines);
    let mut arguments: Vec<_> = chosen.iter().map(String::as_str).collect();
    arguments.extend(["--fast", "--speaker", "null"]);
    house.script(steps, &arguments).held();
}

#[test]
fn the_longest_recording_ends_by_itself_and_is_heard() {
    let house = House::with("[sound]\nlongest_s = 1\n");
    let engines = house.engines(&[]);
    house.record("long.wav", &QUESTION, 60_000);
    let steps = "[[step]]\nsay = \"long.wav\"\n[[step]]\nwait = \"idle\"\n\
                 [[step]]\nexpect_heard = \"what is two plus three\"\n";
    let chosen = hearing_with(&engines);
    let mut arguments: Vec<_> = chosen.iter().map(String::as_str).collect();
    arguments.extend(["--speaker", "null"]);
    house.script(steps, &arguments).held();
}
