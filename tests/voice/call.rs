//! Calls: nobody touches a key, and questions are heard, answered and spoken.

use crate::house::{House, hearing_with};

/// Both questions, a while apart, and nothing more for a minute.
fn two_questions(house: &House) -> String {
    let first = house.record("first.wav", &["what", "is", "two", "plus", "three"], 3_500);
    let second = house.record("second.wav", &["what", "is", "two", "plus", "two"], 60_000);
    let samples = |path: &str| {
        let bytes = std::fs::read(path.trim_start_matches("file:")).unwrap();
        crate::support::tones::read_wav(&bytes).unwrap().0
    };
    let both = [samples(&first), samples(&second)].concat();
    let rate = crate::support::tones::RATE;
    let path = house.path("both.wav");
    std::fs::write(&path, crate::support::tones::wav(&both, rate)).unwrap();
    format!("file:{}", path.display())
}

#[test]
fn questions_of_a_call_are_heard_answered_and_spoken_one_after_another() {
    // Nothing of the loudspeaker comes back, and tones are no voice to whoever cleans sound.
    let house = House::with("[sound]\necho = \"off\"\n");
    let engines = house.engines(&[]);
    let microphone = two_questions(&house);
    let steps = r#"
[[step]]
do = "call"
[[step]]
wait = "voice_call"
[[step]]
expect_heard = "what is two plus three"
[[step]]
expect = "= 5"
[[step]]
expect_heard = "what is two plus two"
[[step]]
expect = "= 4"
[[step]]
expect_state = "voice_call"
[[step]]
do = "call"
[[step]]
wait = "idle"
[[step]]
expect_note = "call ended"
"#;
    let engines = hearing_with(&engines);
    let mut arguments: Vec<_> = engines.iter().map(String::as_str).collect();
    arguments.extend(["--mic", &microphone, "--speaker", "file:out.wav"]);
    house.script(steps, &arguments).held();
    let spoken = house.spoken("out.wav");
    assert!(spoken.contains(&"five".to_owned()), "{spoken:?}");
    assert_eq!(house.recordings(), []);
}

#[test]
fn a_typed_question_is_answered_aloud_in_a_call_and_a_mute_hears_nothing() {
    let house = House::with("[sound]\necho = \"off\"\n");
    let engines = house.engines(&[]);
    let microphone = house.record("mic.wav", &["what", "is", "two", "plus", "three"], 60_000);
    let steps = r#"
[[step]]
do = "call"
[[step]]
do = "mute"
[[step]]
type = "what is 6 * 7?"
[[step]]
expect = "42"
[[step]]
expect_spoken_ms = { min = 100 }
[[step]]
expect_heard = "what is 6 * 7"
[[step]]
do = "call"
[[step]]
wait = "idle"
"#;
    let engines = hearing_with(&engines);
    let mut arguments: Vec<_> = engines.iter().map(String::as_str).collect();
    arguments.extend(["--mic", &microphone, "--speaker", "null"]);
    house.script(steps, &arguments).held();
}
