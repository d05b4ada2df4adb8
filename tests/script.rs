//! Conversations that are written down, held by the real program in an empty home.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where it finds something wrong"
)]

#[path = "cli/house.rs"]
#[expect(dead_code, reason = "every test takes the part it needs")]
mod house;

use house::{House, Ran};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};

/// Plays these steps with these arguments, far from any sound and any model server.
fn play(house: &House, steps: &str, arguments: &[&str]) -> Ran {
    house.write("talk.toml", steps);
    let home = house.home().to_str().unwrap();
    let arguments = [&["script", "talk.toml"], arguments].concat();
    let env = [
        ("TMPDIR", home),
        ("HEARSAY_BRAIN", "builtin"),
        ("HEARSAY_EARS", "command:true"),
        ("HEARSAY_VOICE", "none"),
        ("HEARSAY_SOUND_MICROPHONE", "null"),
        ("HEARSAY_SOUND_LOUDSPEAKER", "null"),
    ];
    house.run_with(&arguments, &env, b"")
}

/// What was printed, without its times.
fn lines(out: &str) -> Vec<String> {
    let untimed = |line: &str| match line.split_once(" s  ") {
        Some((before, told)) => {
            let mark = before.split_whitespace().next().unwrap_or_default();
            format!("{mark} {told}")
        }
        None => line
            .split([';', '；'])
            .next()
            .unwrap_or_default()
            .to_owned(),
    };
    out.lines().map(untimed).collect()
}

/// A recording of silence, so many milliseconds long.
fn silence(ms: u32) -> Vec<u8> {
    let bytes = ms * 32;
    let mut file = vec![];
    for part in [
        b"RIFF".as_slice(),
        &(36 + bytes).to_le_bytes(),
        b"WAVEfmt ",
        &[16, 0, 0, 0, 1, 0, 1, 0],
        &16_000_u32.to_le_bytes(),
        &32_000_u32.to_le_bytes(),
        &[2, 0, 16, 0],
        b"data",
        &bytes.to_le_bytes(),
    ] {
        file.extend_from_slice(part);
    }
    file.resize(file.len() + bytes as usize, 0);
    file
}

const SUMS: &str = r#"
[[step]]
type = "what is two plus three?"
[[step]]
wait = "idle"
[[step]]
expect = "5"
[[step]]
expect_heard = "Two PLUS"
[[step]]
type = "what is 6 * 7?"
[[step]]
expect = "42"
[[step]]
wait = "idle"
"#;

#[test]
fn a_typed_conversation_is_held_and_every_step_told() {
    let house = House::new();
    let ran = play(&house, SUMS, &[]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    assert_eq!(
        lines(&ran.out),
        [
            "ok type what is two plus three?",
            "ok wait idle",
            "ok expect 5",
            "ok expect_heard Two PLUS",
            "ok type what is 6 * 7?",
            "ok expect 42",
            "ok wait idle",
            "7 of 7 steps held, 0 failed, 0 not played",
        ]
    );
}

#[test]
fn it_is_told_in_chinese_too() {
    let steps = "[[step]]\ntype = \"三乘以四\"\n[[step]]\nexpect = \"13\"\n";
    let ran = play(&House::new(), steps, &["--lang", "zh"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(1), ""));
    assert_eq!(
        lines(&ran.out),
        [
            "通过 type 三乘以四",
            "失败 expect 13: 回答是 `3 × 4 = 12`",
            "2 个步骤中 1 个通过，1 个失败，0 个未执行",
        ]
    );
}

#[test]
fn a_step_that_does_not_hold_says_what_was_there_instead() {
    let question = "[[step]]\ntype = \"what is 6 * 7?\"\n[[step]]\nwait = \"idle\"\n";
    for (step, told) in [
        ("expect = \"43\"", "expect 43: the answer is `6 × 7 = 42`"),
        (
            "expect_heard = \"9\"",
            "expect_heard 9: what was heard is `what is 6 * 7?`",
        ),
        (
            "expect_state = \"error\"",
            "expect_state error: the state is `idle`",
        ),
        (
            "wait = \"voice_call\"\nwithin_ms = 50",
            "wait voice_call: the state is `idle`",
        ),
        (
            "expect_spoken_ms = { min = 1 }",
            "expect_spoken_ms 1..: 0 ms were spoken",
        ),
        (
            "interrupt_after_ms = 0",
            "interrupt_after_ms 0: there was nothing to interrupt",
        ),
    ] {
        let steps = format!("{question}[[step]]\n{step}\n[[step]]\ndo = \"quit\"\n");
        let stopped = play(&House::new(), &steps, &[]);
        assert_eq!((stopped.code, stopped.err.as_str()), (Some(1), ""));
        let mut expected = vec![
            "ok type what is 6 * 7?".to_owned(),
            "ok wait idle".to_owned(),
            format!("failed {told}"),
            "2 of 4 steps held, 1 failed, 1 not played".to_owned(),
        ];
        assert_eq!(lines(&stopped.out), expected);
        let went_on = play(&House::new(), &steps, &["--keep-going"]);
        assert_eq!((went_on.code, went_on.err.as_str()), (Some(1), ""));
        expected.truncate(3);
        expected.push("ok do quit".to_owned());
        expected.push("3 of 4 steps held, 1 failed, 0 not played".to_owned());
        assert_eq!(lines(&went_on.out), expected);
    }
}

#[test]
fn nothing_is_expected_of_a_conversation_that_has_not_begun() {
    for (step, told) in [
        ("expect = \"a\"", "expect a: there is no answer"),
        ("expect_heard = \"a\"", "expect_heard a: nothing was heard"),
    ] {
        let ran = play(&House::new(), &format!("[[step]]\n{step}\n"), &[]);
        assert_eq!(ran.code, Some(1));
        assert_eq!(lines(&ran.out)[0], format!("failed {told}"));
    }
}

#[test]
fn a_script_that_was_left_early_has_not_held() {
    let steps = "[[step]]\ndo = \"quit\"\n[[step]]\ntype = \"hello\"\n";
    let ran = play(&House::new(), steps, &["--keep-going"]);
    assert_eq!(ran.code, Some(1));
    assert_eq!(
        lines(&ran.out),
        [
            "failed do quit: the program was left",
            "0 of 2 steps held, 1 failed, 1 not played",
        ]
    );
}

#[test]
fn a_wrong_script_is_not_begun_and_all_that_is_wrong_is_told() {
    let house = House::new();
    house.write("text.wav", "this is no sound");
    let steps = "[[step]]\nwiat = \"idle\"\n\n[[step]]\nsay = \"gone.wav\"\n\n\
                 [[step]]\nsay = \"text.wav\"\n";
    let ran = play(&house, steps, &[]);
    let expected = "error: talk.toml:2: nothing is called `wiat` here; did you mean `wait`?\n\
         talk.toml:5: `gone.wav` cannot be read: No such file or directory (os error 2)\n\
         talk.toml:8: `text.wav` is no sound file that is known here: it begins with `this is no s`\n\
         hint: correct each of them; `docs/scripts.md` lists the verbs\n";
    assert_eq!(
        ran,
        Ran {
            code: Some(2),
            out: String::new(),
            err: expected.to_owned()
        }
    );
    assert_eq!(left_over(&house), [] as [String; 0]);
}

#[test]
fn files_that_are_no_script_are_told_apart() {
    let house = House::new();
    house.write("binary.toml", b"a = 1\n\xff\xfe");
    house.write("long.toml", vec![b'#'; 1_100_000]);
    house.write("broken.toml", "[[step]]\ntype = \"a\n");
    for (file, err) in [
        (
            "binary.toml",
            "binary.toml:2: the script is not UTF-8 text from here on",
        ),
        (
            "long.toml",
            "long.toml: longer than 1048576 bytes, which no script is",
        ),
        (
            "broken.toml",
            "broken.toml:2:10: invalid basic string, expected `\"`",
        ),
        (
            "gone.toml",
            "gone.toml: No such file or directory (os error 2)",
        ),
    ] {
        let ran = house.run(&["script", file]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{file}");
        let first = ran.err.lines().next().unwrap();
        assert_eq!(first, format!("error: {err}"));
    }
}

#[test]
fn without_a_backend_nothing_is_played() {
    let house = House::with_config("[link]\nreconnect = false\n");
    let ran = play(&house, SUMS, &["--backend", "ws://127.0.0.1:9"]);
    assert_eq!(ran.code, Some(3));
    assert_eq!(
        ran.err,
        "error: no connection to the backend: nothing listens at `127.0.0.1:9`\n\
         hint: run `hearsay doctor`\n"
    );
}

/// What is left of a script in the folder for temporary files.
fn left_over(house: &House) -> Vec<String> {
    let entries = fs::read_dir(house.home()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .filter(|name| name.starts_with("hearsay-script-"))
        .collect()
}

#[test]
fn nothing_is_left_of_a_script_and_no_setting_is_changed() {
    let config = "# mine\n[sound]\nmicrophone = \"null\"\n";
    let house = House::with_config(config);
    let steps = format!("{SUMS}[[step]]\ndo = \"use-loudspeaker file:out.wav\"\n");
    let ran = play(&house, &steps, &[]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
    assert_eq!(fs::read_to_string(house.config()).unwrap(), config);
    assert!(!house.store().exists());
    assert_eq!(left_over(&house), [] as [String; 0]);
}

#[test]
fn a_folder_that_is_named_keeps_the_conversation() {
    let house = House::new();
    let ran = play(&house, SUMS, &["--data-dir", "kept"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    let shown = house.run(&["history", "show", "last", "--data-dir", "kept"]);
    assert!(shown.out.contains("6 × 7 = 42"), "{}", shown.out);
    assert_eq!(left_over(&house), [] as [String; 0]);
}

#[test]
fn programs_read_every_step_as_json() {
    let ran = play(&House::new(), SUMS, &["--json"]);
    let mut all: Vec<Value> = (ran.out.lines())
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let times: Vec<_> = all
        .iter()
        .map(|one| one["at_ms"].as_u64().unwrap())
        .collect();
    assert!(times.is_sorted(), "{times:?}");
    for one in &mut all {
        let fields = one.as_object_mut().unwrap();
        fields.remove("at_ms");
        fields.remove("took_ms");
    }
    assert_eq!(
        (all.len(), &all[1], &all[7]),
        (
            8,
            &json!({"type": "step", "step": 2, "line": 5, "verb": "wait", "told": "wait idle",
                    "ok": true, "why": null}),
            &json!({"type": "end", "steps": 7, "held": 7, "failed": 0, "not_played": 0}),
        )
    );
}

#[test]
fn who_plays_to_standard_output_finds_only_sound_there() {
    let ran = play(&House::new(), SUMS, &["--speaker", "stdout"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""));
    assert_eq!(lines(&ran.err).len(), 8, "{}", ran.err);
}

#[test]
fn silence_is_told_and_not_sent() {
    let house = House::new();
    house.write("silence.wav", silence(400));
    let steps = "[[step]]\nsay = \"silence.wav\"\n[[step]]\nexpect_state = \"idle\"\n\
                 [[step]]\nexpect_heard = \"x\"\n";
    let ran = play(&house, steps, &["--fast"]);
    assert_eq!(
        lines(&ran.out),
        [
            "note heard nothing (peak -100 dB); nothing was sent",
            "ok say silence.wav",
            "ok expect_state idle",
            "failed expect_heard x: nothing was heard",
            "2 of 3 steps held, 1 failed, 0 not played",
        ]
    );
}

#[test]
fn the_microphone_hears_a_file_for_as_long_as_the_step_says() {
    let house = House::new();
    house.write("long.wav", silence(600_000));
    let steps = "[[step]]\nsay = \"long.wav\"\nfor_ms = 100\n";
    let ran = play(&house, steps, &[]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
}

#[test]
fn ctrl_c_leaves_in_order() {
    let house = House::new();
    let steps = "[[step]]\ntype = \"what is 6 * 7?\"\n[[step]]\nexpect = \"42\"\n\
                 [[step]]\npause_ms = 3600000\n[[step]]\ndo = \"quit\"\n";
    house.write("talk.toml", steps);
    let mut child = Command::new(env!("CARGO_BIN_EXE_hearsay"))
        .args(["script", "talk.toml", "--brain", "builtin"])
        .env_clear()
        .env("HOME", house.home())
        .env("TMPDIR", house.home())
        .current_dir(house.home())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut told = String::new();
    while !told.contains("expect 42") {
        assert_ne!(out.read_line(&mut told).unwrap(), 0, "{told}");
    }
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    out.read_to_string(&mut told).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(
        lines(&told),
        [
            "ok type what is 6 * 7?",
            "ok expect 42",
            "failed pause_ms 3600000: the program was left",
            "2 of 4 steps held, 1 failed, 1 not played",
        ]
    );
    assert_eq!(left_over(&house), [] as [String; 0]);
}

#[test]
fn the_script_that_comes_with_the_program_holds() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/scripts/typed.toml");
    let house = House::new();
    let ran = play(&house, &fs::read_to_string(script).unwrap(), &[]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
}

#[test]
fn the_page_about_scripts_names_every_verb() {
    let wrong = play(&House::new(), "[[step]]\n", &[]);
    let (_, verbs) = wrong.err.split_once("one of ").unwrap();
    let verbs: Vec<_> = verbs.lines().next().unwrap().split(", ").collect();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scripts.md");
    let page = fs::read_to_string(page).unwrap();
    assert!(verbs.len() > 8, "{verbs:?}");
    for verb in verbs {
        let row = format!("| {} = ", verb.trim_end_matches('`'));
        assert!(page.contains(&row), "{row}");
    }
}

#[test]
fn an_answer_to_one_question_is_spoken_where_that_is_wanted() {
    let house = House::new();
    let arguments = [
        "ask",
        "--brain",
        "builtin",
        "--voice",
        "builtin",
        "--fast",
        "--speaker",
        "file:out.wav",
        "--speak",
    ];
    let ran = house.run(&[&arguments[..], &["what is 6 * 7?"]].concat());
    assert_eq!(
        (ran.code, ran.out.as_str(), ran.err.as_str()),
        (Some(0), "6 × 7 = 42\n", "")
    );
    let mut file = hound::WavReader::open(house.home().join("out.wav")).unwrap();
    let rate = file.spec().sample_rate;
    let loud = file
        .samples::<i16>()
        .filter(|sample| sample.as_ref().unwrap().abs() > 500);
    assert!(loud.count() > rate as usize / 4, "something is said");
}

#[test]
fn an_answer_that_cannot_be_spoken_is_written_and_the_reason_told() {
    let house = House::new();
    let ran = house.run(&[
        "ask",
        "--brain",
        "builtin",
        "--voice",
        "none",
        "--speaker",
        "null",
        "--speak",
        "what is 6 * 7?",
    ]);
    assert_eq!(ran.out, "6 × 7 = 42\n");
    assert!(!ran.err.is_empty(), "the reason is told");
}
