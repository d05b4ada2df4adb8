//! Spoken questions that are heard, answered and spoken, from one end of the program to the
//! other.

use crate::house::{EARS, House, VOICE, hearing_with};
use crate::support::model_server::{ModelServer, Reply};
use crate::support::tones;
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::Stdio;

const QUESTION: [&str; 5] = ["what", "is", "two", "plus", "three"];

/// Plays these steps with these engines; what is spoken goes to `out.wav`. Everything must hold.
fn play(house: &House, engines: &ModelServer, steps: &str, more: &[&str]) -> String {
    let engines = hearing_with(engines);
    let mut arguments: Vec<_> = engines.iter().map(String::as_str).collect();
    arguments.extend(["--speaker", "file:out.wav"]);
    arguments.extend(more);
    house.script(steps, &arguments).held().out
}

#[test]
fn a_spoken_question_is_heard_word_for_word_answered_and_spoken() {
    let house = House::new();
    let engines = house.engines(&[]);
    house.record("question.wav", &QUESTION, 0);
    let steps = r#"
[[step]]
say = "question.wav"
[[step]]
wait = "voice_sse"
[[step]]
wait = "voice_tts"
[[step]]
wait = "idle"
[[step]]
expect_heard = "what is two plus three"
[[step]]
expect = "5"
[[step]]
expect_spoken_ms = { min = 400, max = 2000 }
"#;
    play(&house, &engines, steps, &[]);
    let said = house.said();
    let question = ("user".to_owned(), QUESTION.join(" "));
    assert_eq!((said.len(), &said[0]), (2, &question));
    assert_eq!(house.spoken("out.wav"), tones::words(&said[1].1));
    // What is answered is not kept any longer.
    assert_eq!(house.recordings(), []);
    let asked = engines.asked();
    let paths: Vec<_> = asked.iter().map(|asked| asked.path.as_str()).collect();
    assert_eq!(paths, [EARS, VOICE]);
}

#[test]
fn chinese_is_heard_answered_and_spoken() {
    let house = House::new();
    let engines = house.engines(&[]);
    house.record("question.wav", &["二", "加", "三", "等于", "几"], 0);
    let steps = r#"
[[step]]
say = "question.wav"
[[step]]
expect_heard = "二加三等于几"
[[step]]
expect = "5"
[[step]]
wait = "idle"
"#;
    play(&house, &engines, steps, &["--lang", "zh"]);
    let said = house.said();
    assert_eq!(said[0].1, "二加三等于几");
    let spoken = house.spoken("out.wav");
    assert_eq!(spoken, tones::words(&said[1].1));
    assert_eq!(spoken.last().map(String::as_str), Some("five"));
}

#[test]
fn a_typed_question_is_answered_aloud_when_that_is_wished_for() {
    let house = House::new();
    let engines = house.engines(&[]);
    let steps = r#"
[[step]]
type = "what is two plus three?"
[[step]]
wait = "text_sse"
[[step]]
wait = "text_tts"
[[step]]
wait = "idle"
[[step]]
expect_spoken_ms = { min = 400 }
"#;
    play(&house, &engines, steps, &["--speak"]);
    assert_eq!(house.spoken("out.wav"), tones::words(&house.said()[1].1));
    // Whoever types is answered in writing, unless they say otherwise.
    let quiet = "[[step]]\ntype = \"what is two plus three?\"\n[[step]]\nwait = \"idle\"\n\
                 [[step]]\nexpect_spoken_ms = { max = 0 }\n";
    std::fs::remove_file(house.path("out.wav")).unwrap();
    play(&house, &engines, quiet, &[]);
    assert!(!house.path("out.wav").exists());
}

#[test]
fn an_answer_is_read_aloud_when_it_is_asked_for() {
    let house = House::new();
    let engines = house.engines(&[]);
    let steps = r#"
[[step]]
type = "what is two plus three?"
[[step]]
wait = "idle"
[[step]]
do = "read-aloud"
[[step]]
expect_state = "text_tts"
[[step]]
wait = "idle"
[[step]]
expect_spoken_ms = { min = 400 }
"#;
    play(&house, &engines, steps, &[]);
    assert_eq!(house.spoken("out.wav"), tones::words(&house.said()[1].1));
}

#[test]
fn an_interrupt_silences_and_the_rest_is_never_heard() {
    let house = House::new();
    let engines = house.engines(&[]);
    let steps = r#"
[[step]]
type = "help"
[[step]]
interrupt_after_ms = 600
[[step]]
expect_state = "idle"
[[step]]
expect_spoken_ms = { min = 300 }
[[step]]
type = "what is two plus three?"
[[step]]
expect = "5"
[[step]]
wait = "idle"
"#;
    play(&house, &engines, steps, &["--speak"]);
    // Whatever is left of the first answer would be heard before the second, or in it.
    let (spoken, said) = (house.spoken("out.wav"), house.said());
    let (whole, second) = (tones::words(&said[1].1), tones::words(&said[3].1));
    assert!(spoken.ends_with(&second), "{spoken:?}");
    let first = &spoken[..spoken.len() - second.len()];
    assert!(first.len() < whole.len(), "{spoken:?}");
    // The last word may have been cut to something else.
    let complete = first.split_last().unwrap().1;
    assert_eq!(complete, &whole[..complete.len()]);
}

#[test]
fn whoever_talks_into_an_answer_is_heard_and_the_answer_falls_silent() {
    let house = House::new();
    let engines = house.engines(&[]);
    house.record("question.wav", &QUESTION, 0);
    let steps = r#"
[[step]]
type = "help"
[[step]]
wait = "text_tts"
[[step]]
say = "question.wav"
[[step]]
expect_heard = "what is two plus three"
[[step]]
expect = "5"
[[step]]
wait = "idle"
"#;
    play(&house, &engines, steps, &["--speak"]);
    let answer = tones::words(&house.said()[3].1);
    let spoken = house.spoken("out.wav");
    assert!(spoken.ends_with(&answer), "{spoken:?}");
    let whole = tones::words(&house.said()[1].1);
    assert!(spoken.len() < whole.len(), "{spoken:?}");
}

#[test]
fn what_was_heard_may_be_changed_before_it_is_sent() {
    let house = House::with("[sound]\nreview = true\n");
    let engines = house.engines(&[]);
    house.record("question.wav", &QUESTION[..4], 0);
    let steps = r#"
[[step]]
say = "question.wav"
[[step]]
wait = "idle"
[[step]]
type = " four"
[[step]]
expect_heard = "what is two plus four"
[[step]]
expect = "6"
"#;
    play(&house, &engines, steps, &[]);
    assert_eq!(house.recordings(), []);
}

#[test]
fn pipes_take_the_place_of_microphone_and_loudspeaker() {
    let house = House::new();
    let engines = house.engines(&[]);
    let steps = "[[step]]\ndo = \"talk\"\n[[step]]\nexpect = \"5\"\n[[step]]\nwait = \"idle\"\n";
    std::fs::write(house.path("talk.toml"), steps).unwrap();
    let engines = hearing_with(&engines);
    let mut arguments = vec![
        "script",
        "talk.toml",
        "--mic",
        "stdin",
        "--speaker",
        "stdout",
    ];
    arguments.extend(engines.iter().map(String::as_str));
    let mut child = crate::hearsay(house.home(), &arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let question = tones::bytes(&tones::say_at(&QUESTION, 48_000));
    let mut stdin = child.stdin.take().unwrap();
    let said = std::thread::spawn(move || stdin.write_all(&question));
    let (mut sound, mut told) = (vec![], String::new());
    child
        .stdout
        .take()
        .unwrap()
        .read_to_end(&mut sound)
        .unwrap();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut told)
        .unwrap();
    assert!(child.wait().unwrap().success(), "{told}");
    said.join().unwrap().unwrap();
    let samples = sound.chunks_exact(2);
    let samples: Vec<_> = samples
        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    let spoken = tones::hear(&samples, 48_000);
    assert_eq!(spoken, ["two", "three", "five"], "{told}");
}

#[test]
fn as_fast_as_it_can_the_same_is_said_and_heard() {
    let house = House::new();
    let engines = house.engines(&[]);
    house.record("question.wav", &QUESTION, 0);
    let steps = "[[step]]\nsay = \"question.wav\"\n[[step]]\nwait = \"idle\"\n\
                 [[step]]\nexpect_heard = \"what is two plus three\"\n";
    play(&house, &engines, steps, &["--fast"]);
    assert_eq!(house.spoken("out.wav"), tones::words(&house.said()[1].1));
}

#[test]
fn the_spoken_script_that_comes_with_the_program_holds() {
    let house = House::new();
    // The recording is real speech, which ears that know tones cannot hear.
    let heard = Reply::json(200, &json!({ "text": "What is two plus three?" }));
    let engines = house.engines(&[(EARS, heard)]);
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/scripts");
    std::fs::copy(scripts.join("question.wav"), house.path("question.wav")).unwrap();
    let steps = std::fs::read_to_string(scripts.join("spoken.toml")).unwrap();
    println!("{}", play(&house, &engines, &steps, &[]));
}

#[test]
fn what_is_being_said_when_the_program_is_left_is_heard_by_the_next_run() {
    let house = House::new();
    let engines = house.engines(&[]);
    let microphone = house.record("question.wav", &QUESTION, 60_000);
    let talk = "[[step]]\ndo = \"talk\"\n[[step]]\nwait = \"error\"\n";
    let chosen = hearing_with(&engines);
    let mut arguments: Vec<_> = chosen.iter().map(String::as_str).collect();
    arguments.extend(["--speaker", "null", "--mic", &microphone]);
    let said = tones::bytes(&tones::say(&QUESTION)).len() as u64;
    let whole = |house: &House| {
        let recordings = house.recordings();
        (recordings.first()).is_some_and(|(path, _)| path.metadata().unwrap().len() > said)
    };
    let left = house.left(talk, &arguments, whole);
    assert_eq!(left.code, Some(130), "{}{}", left.out, left.err);
    assert_eq!(house.recordings().len(), 1);
    assert_eq!(engines.asked(), []);
    let come_back = "[[step]]\nexpect_heard = \"what is two plus three\"\n\
                     [[step]]\nexpect = \"5\"\n[[step]]\nwait = \"idle\"\n";
    play(&house, &engines, come_back, &[]);
    assert_eq!(house.recordings(), []);
    assert_eq!(house.spoken("out.wav"), tones::words(&house.said()[1].1));
}
