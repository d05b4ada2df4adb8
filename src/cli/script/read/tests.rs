//! Scripts as people write them, right and wrong.

use super::*;
use crate::core::action::Plain;

fn read(text: &str) -> Result<Vec<Step>, ScriptError> {
    steps(Path::new("talk/s.toml"), text, Lang::En)
}

/// What is said about a wrong script, without its name.
fn told(text: &str) -> Vec<String> {
    let error = read(text).unwrap_err().to_string();
    let line = |line: &str| line.trim_start_matches("talk/s.toml:").to_owned();
    error.lines().map(line).collect()
}

#[test]
fn every_verb_is_read_with_its_line_and_its_patience() {
    let text = r#"
[[step]]
type = "hello"
[[step]]
wait = "voice_sse"
within_ms = 500
[[step]]
expect = "five"
[[step]]
expect_heard = "你好"
[[step]]
expect_state = "idle"
[[step]]
expect_spoken_ms = { min = 100, max = 900 }
[[step]]
expect_spoken_ms = { min = 1 }
[[step]]
interrupt_after_ms = 800
[[step]]
do = "new"
[[step]]
do = "export-recording a b.wav"
[[step]]
do = "use-microphone file:in.wav"
[[step]]
pause_ms = 0
[[step]]
expect_note = "told"
"#;
    let all = [
        (3, Verb::Type("hello".into())),
        (5, Verb::Wait(Mode::VoiceSse)),
        (8, Verb::Expect("five".into())),
        (10, Verb::ExpectHeard("你好".into())),
        (12, Verb::ExpectState(Mode::Idle)),
        (14, Verb::ExpectSpoken(100..=900)),
        (16, Verb::ExpectSpoken(1..=u64::MAX)),
        (18, Verb::Interrupt(Duration::from_millis(800))),
        (20, Verb::Do(Plain::NewConversation.into())),
        // Files are those beside the script.
        (22, Verb::Do(Action::ExportRecording("talk/a b.wav".into()))),
        (
            24,
            Verb::Do(Action::UseMicrophone("file:talk/in.wav".into())),
        ),
        (26, Verb::Pause(Duration::ZERO)),
        (28, Verb::ExpectNote("told".into())),
    ];
    let all = all.map(|(line, verb)| {
        let patient = !matches!(verb, Verb::Wait(_));
        let within = if patient {
            WITHIN
        } else {
            Duration::from_millis(500)
        };
        Step { line, verb, within }
    });
    assert_eq!(read(text).unwrap(), all);
}

#[test]
fn steps_may_stand_on_one_line() {
    let verbs = read("step = [{ type = \"a\" }, { do = \"quit\" }]").unwrap();
    assert_eq!(
        verbs
            .iter()
            .map(|step| step.verb.to_string())
            .collect::<Vec<_>>(),
        ["type a", "do quit"]
    );
}

#[test]
fn all_mistakes_are_told_at_once_with_their_lines() {
    let text = r#"steps = 3
[[step]]
[[step]]
typ = "x"
[[step]]
type = "a"
say = "b"
[[step]]
wait = "idel"
within_ms = "soon"
[[step]]
type = "x"
for_ms = 3
[[step]]
say = "none.wav"
[[step]]
do = "quti"
[[step]]
do = "use-lang fr"
[[step]]
expect_spoken_ms = { min = 5, mox = 3 }
[[step]]
expect_spoken_ms = { min = 5, max = 3 }
[[step]]
pause_ms = -1
[[step]]
expect = ["a"]
[[step]]
expect = " "
[[step]]
pause_ms = 3600001
"#;
    assert_eq!(
        told(text),
        [
            "1: nothing is called `steps` here; did you mean `step`?",
            "2: the step does nothing: it needs one of `type`, `say`, `wait`, `expect`, \
             `expect_heard`, `expect_note`, `expect_state`, `expect_spoken_ms`, `interrupt_after_ms`, `do`, \
             `pause_ms`",
            "4: nothing is called `typ` here; did you mean `type`?",
            "5: a step does one thing, and this one has `type`, `say`",
            "9: no state is called `idel`; did you mean `idle`?",
            "10: `within_ms` must be a whole number of milliseconds, at most 3600000, \
             but is: \"soon\"",
            "13: `for_ms` belongs to `say`",
            "15: `talk/none.wav` cannot be read: No such file or directory (os error 2)",
            "17: no command is called `quti`; did you mean `quit`?",
            "19: `use-lang` needs `en` or `zh`",
            "21: nothing is called `mox` here; did you mean `max`?",
            "23: `expect_spoken_ms` must be `{ min = .., max = .. }` in milliseconds, \
             but is: { min = 5, max = 3 }",
            "25: `pause_ms` must be a whole number of milliseconds, at most 3600000, but is: -1",
            "27: `expect` must be a text, but is: [\"a\"]",
            "29: `expect` must be a text, but is: \" \"",
            "31: `pause_ms` must be a whole number of milliseconds, at most 3600000, \
             but is: 3600001",
        ]
    );
}

#[test]
fn a_file_without_steps_is_no_script() {
    assert_eq!(told(""), ["1: there is no `[[step]]`"]);
    assert_eq!(
        told("step = 1"),
        ["1: `step` must be steps: `[[step]]`, but is: 1"]
    );
    assert_eq!(told("step = []"), ["1: there is no `[[step]]`"]);
    assert_eq!(told("a = ["), ["1:6: unclosed array, expected `]`"]);
}

#[test]
fn every_verb_is_in_the_table_and_every_option_belongs_to_one() {
    let verbs: Vec<_> = VERBS.iter().map(|(name, _)| *name).collect();
    for (option, of) in OPTIONS {
        assert!(of.iter().all(|verb| verbs.contains(verb)), "{option}");
    }
}
