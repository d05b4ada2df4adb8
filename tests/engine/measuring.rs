//! `hearsay bench`, with ears, a voice and a brain of which it is known what they do.

use super::support::{planted, planted_voice, tones};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn run(data: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hearsay"))
        .arg("--data-dir")
        .arg(data)
        .args(["--lang", "en"])
        .args(arguments)
        .env_clear()
        .env("HOME", data)
        .env("PATH", "/nowhere")
        .output()
        .unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let lines: Vec<Value> = lines.collect();
    assert!(!lines.is_empty(), "{told}");
    lines
}

/// Recordings with texts, of which one is not what is said.
fn set(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for (name, words, text) in [
        ("a", ["what", "no", "six"], "What? No, six!"),
        ("b", ["times", "one", "now"], "times two now"),
    ] {
        let wav = tones::wav(&tones::say_at(&words, 48_000), 48_000);
        fs::write(folder.join(format!("{name}.wav")), wav).unwrap();
        fs::write(folder.join(format!("{name}.txt")), text).unwrap();
    }
    fs::write(folder.join("without.wav"), b"").unwrap();
}

#[test]
fn ears_are_measured_on_a_folder_of_recordings() {
    let data = tempfile::tempdir().unwrap();
    planted::moonshine(&data.path().join("models/moonshine-tiny"));
    let folder = data.path().join("set");
    set(&folder);
    for more in [&["--json"][..], &["--json", "--live"]] {
        let folder = folder.to_str().unwrap();
        let output = run(data.path(), &[&["bench", "ears", folder], more].concat());
        assert!(output.status.success());
        let lines = lines(&output);
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0]["heard"], "what no six");
        assert_eq!(lines[0]["wer"], 0.0);
        assert_eq!(lines[1]["heard"], "times one now");
        assert!(lines[1]["final_ms"].is_u64());
        assert_eq!(lines[2]["ears"], "moonshine-tiny");
        assert_eq!(lines[2]["wer"], 1.0 / 6.0);
        assert_eq!(lines[2]["rtf"].is_null(), more.len() == 2);
        assert!(lines[2]["first_ms"].is_u64());
    }
    let output = run(data.path(), &["bench", "ears", folder.to_str().unwrap()]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("\nmoonshine-tiny: 2 recordings, "), "{text}");
    assert!(text.contains("wrong words: 16.7 % (1 of 6)"), "{text}");
}

#[test]
fn a_voice_is_measured_and_heard_again() {
    let data = tempfile::tempdir().unwrap();
    planted::moonshine(&data.path().join("models/moonshine-tiny"));
    planted_voice::vits(&data.path().join("models/amy"), "en_US-amy");
    let file = data.path().join("lines.txt");
    fs::write(&file, "Hello there.\n\nGood morning.\n").unwrap();
    let output = run(
        data.path(),
        &[
            "bench",
            "voice",
            file.to_str().unwrap(),
            "--heard",
            "--json",
        ],
    );
    assert!(output.status.success());
    let lines = lines(&output);
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0]["seconds"], json!(1.25));
    assert!(lines[0]["heard"].is_string());
    assert_eq!(lines[2]["voice"], "amy");
    assert!(lines[2]["first_ms"].is_u64() && lines[2]["wer"].is_f64());
}

#[test]
fn the_brain_is_measured_through_the_backend() {
    let data = tempfile::tempdir().unwrap();
    let output = run(
        data.path(),
        &["--brain", "builtin", "bench", "brain", "--json"],
    );
    assert!(output.status.success());
    let lines = lines(&output);
    assert_eq!(lines.len(), 5);
    assert_eq!(
        lines[0]["answer"].as_str().map(|text| text.contains("391")),
        Some(true)
    );
    assert_eq!(lines[4]["brain"], "builtin");
    assert!(lines[4]["characters_per_second"].is_f64());
}

#[test]
fn what_cannot_be_measured_says_why() {
    let data = tempfile::tempdir().unwrap();
    let told = |arguments: &[&str]| {
        let output = run(data.path(), arguments);
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let folder = data.path().to_str().unwrap();
    let nothing = told(&["bench", "ears", folder]);
    assert!(nothing.starts_with("error: nothing on this machine makes words of speech\nhint: "));
    planted::moonshine(&data.path().join("models/moonshine-tiny"));
    let empty = told(&["bench", "ears", folder]);
    assert!(empty.starts_with("error: there is no WAV file with a text of the same name in "));
    let missing = told(&["--ears", "model:x", "bench", "ears", folder]);
    assert_eq!(
        missing,
        "error: `x` is not on this machine\nhint: set `ears.use` to one of: \
         `model:moonshine-tiny`\n"
    );
    let file = told(&["bench", "voice", "/nowhere/x.txt"]);
    assert!(file.contains("/nowhere/x.txt"), "{file}");
}
