//! A machine without a network and without any package: there is the program, and what it was built
//! against.
#![cfg(target_os = "linux")]

use crate::house::{House, hearsay};
use crate::support::{planted, planted_frames, skip, tones};
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The words of small numbers and of the days of a month.
const SMALL: &str = "one | two | three | four | five | six | seven | eight | nine | ten | eleven | \
    twelve | thirteen | fourteen | fifteen | sixteen | seventeen | eighteen | nineteen | twenty | \
    thirty | thirty one | twenty one | twenty two | twenty three | twenty four | twenty five | \
    twenty six | twenty seven | twenty eight | twenty nine";

/// Half past ten and the minutes after it, and times that it is not.
const TIMES: &str = "ten thirty | ten thirty one | ten thirty two | ten thirty three | ten thirty four | \
    three forty five | seven twelve | one twenty | twelve fifty | four fifteen | eleven twenty | eight forty";

const DAYS: &str = "monday | tuesday | wednesday | thursday | friday | saturday | sunday";

const MONTHS: &str = "january | february | march | april | may | june | july | august | september | \
    october | november | december";

/// Runs this without a network, and with nothing but what is below `root` if that is said. Nothing if
/// the system does not allow it.
fn alone(root: Option<&Path>, program: &Path, change: impl FnOnce(&mut Command)) -> Option<Output> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::env::split_paths(&path).map(|folder| folder.join("unshare"));
    let Some(unshare) = places.find(|place| place.is_file()) else {
        skip("there is no unshare");
        return None;
    };
    let mut command = Command::new(unshare);
    command.arg("--net").env_clear().stdin(Stdio::null());
    if !rustix::process::geteuid().is_root() {
        command.arg("--map-root-user");
    }
    if let Some(root) = root {
        command.arg("--root").arg(root);
    }
    command.arg(program);
    change(&mut command);
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    if told.starts_with("unshare:") {
        skip(told.trim());
        return None;
    }
    Some(output)
}

/// A folder that is a whole machine: the program, and the libraries it says it needs.
fn machine(root: &Path) -> bool {
    let program = Path::new(env!("CARGO_BIN_EXE_hearsay"));
    let Ok(told) = Command::new("ldd").arg(program).output() else {
        skip("there is no ldd");
        return false;
    };
    let told = String::from_utf8(told.stdout).unwrap();
    let libraries = told.split_whitespace().filter(|word| word.starts_with('/'));
    for library in libraries {
        let to = root.join(library.trim_start_matches('/'));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(library, to).unwrap();
    }
    fs::create_dir_all(root.join("tmp")).unwrap();
    fs::copy(program, root.join("hearsay")).unwrap();
    true
}

/// What somebody else hears in a recording who knows no more than these sentences; nothing if nobody is
/// there.
fn judged(folder: &Path, samples: &[i16], sentences: &str) -> Option<String> {
    let (sound, grammar) = (folder.join("judged.wav"), folder.join("judged.gram"));
    fs::write(&sound, tones::wav(samples, 16_000)).unwrap();
    let rules = format!("#JSGF V1.0;\ngrammar all;\npublic <all> = {sentences} ;\n");
    fs::write(&grammar, rules).unwrap();
    let mut judge = Command::new("pocketsphinx_continuous");
    judge
        .arg("-infile")
        .arg(&sound)
        .arg("-jsgf")
        .arg(&grammar)
        .args(["-logfn", "/dev/null"]);
    match judge.output() {
        Ok(said) if said.status.success() => {
            let said = String::from_utf8_lossy(&said.stdout);
            Some(said.split_whitespace().collect::<Vec<_>>().join(" "))
        }
        Ok(_) => {
            skip("pocketsphinx has no model of English");
            None
        }
        Err(why) => {
            skip(&format!("pocketsphinx_continuous: {why}"));
            None
        }
    }
}

/// A time zone in which it is half past ten.
fn half_past_ten() -> String {
    let now = jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC);
    let late = i32::from(now.hour()) * 60 + i32::from(now.minute()) - (10 * 60 + 30);
    let sign = if late < 0 { "-" } else { "" };
    let late = late.abs();
    format!("TST{sign}{}:{:02}", late / 60, late % 60)
}

#[test]
fn where_there_is_nothing_but_the_program_somebody_else_understands_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("machine");
    if !machine(&root) {
        return;
    }
    let asked = alone(Some(&root), Path::new("/hearsay"), |command| {
        command
            .args(["ask", "--speak", "--fast", "--speaker", "file:/tmp/out.wav"])
            .arg("what time is it")
            .env("HOME", "/tmp")
            .env("TMPDIR", "/tmp")
            .env("LANG", "C.UTF-8")
            .env("TZ", half_past_ten());
    });
    let Some(asked) = asked else {
        return;
    };
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (answer, told) = (text(asked.stdout), text(asked.stderr));
    assert_eq!((asked.status.code(), told.as_str()), (Some(0), ""));
    let minutes = answer
        .strip_prefix("It is 10:3")
        .unwrap_or_else(|| panic!("{answer}"));
    let minute = match minutes.chars().next().unwrap() {
        '0' => "",
        '1' => " one",
        '2' => " two",
        '3' => " three",
        _ => " four",
    };
    let said = fs::read(root.join("tmp/out.wav")).unwrap();
    let (samples, rate) = tones::read_wav(&said).unwrap();
    assert_eq!(rate, 48_000, "what a loudspeaker usually has");
    let third = samples.chunks_exact(3);
    let samples: Vec<i16> = third
        .map(|three| (three.iter().map(|one| i32::from(*one)).sum::<i32>() / 3) as i16)
        .collect();
    let sentences = format!("it is ({TIMES}) on ({DAYS}) ({SMALL}) ({MONTHS}) twenty ({SMALL})");
    let Some(heard) = judged(folder.path(), &samples, &sentences) else {
        return;
    };
    println!("{} was heard as: {heard}", answer.trim());
    let expected = format!("it is ten thirty{minute} on ");
    assert!(heard.starts_with(&expected), "{answer}: {heard}");
}

#[test]
fn a_whole_spoken_conversation_needs_no_network_and_no_package() {
    let house = House::new();
    planted_frames::zipformer(&house.path("data/models/zipformer"));
    house.record("question.wav", &["six", "times", "six"], 300);
    let steps = r#"
[[step]]
say = "question.wav"
[[step]]
expect_heard = "six times six"
[[step]]
expect = "36"
[[step]]
wait = "idle"
[[step]]
expect_spoken_ms = { min = 300, max = 10000 }
"#;
    fs::write(house.path("talk.toml"), steps).unwrap();
    let usual = hearsay(house.home(), &[]);
    let ran = alone(None, Path::new(env!("CARGO_BIN_EXE_hearsay")), |command| {
        for (name, value) in usual.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        command
            .env("PATH", "/nowhere")
            .current_dir(house.home())
            .args(["script", "talk.toml", "--data-dir", "data"])
            .args(["--speak", "--speaker", "file:out.wav"]);
    });
    let Some(ran) = ran else {
        return;
    };
    let told = String::from_utf8_lossy(&ran.stdout);
    assert_eq!(ran.status.code(), Some(0), "{told}");
    assert!(house.played("out.wav").0.len() > 16_000);
}

#[test]
fn what_nobody_said_is_no_question_and_is_told_in_both_languages() {
    let house = House::new();
    planted::whisper_that(
        &house.path("data/models/whisper-base"),
        Some(planted::MadeUp {
            words: 4,
            sure: false,
            silence: Some(0),
        }),
    );
    // What no detector takes for speech is not even sent; this it takes for speech.
    house.record("music.wav", &["is", "the", "time", "it"], 300);
    let steps = "[[step]]\nsay = \"music.wav\"\n[[step]]\nwait = \"idle\"\n";
    for (lang, told) in [
        ("en", "no words were recognised; the recording is kept"),
        ("zh", "没有识别出文字，录音已保留"),
    ] {
        let ran = house.script(
            steps,
            &["--lang", lang, "--ears", "model:whisper-base", "--fast"],
        );
        assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
        assert!(ran.out.contains(told), "{}{}", ran.out, ran.err);
    }
    assert_eq!(house.recordings().len(), 2, "what was recorded is kept");
}
