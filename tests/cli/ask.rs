//! `hearsay ask` and what is piped into `hearsay`: the answer, its events, its exit codes.

use crate::house::{House, Ran, ran};
use crate::support::model_server::{ModelServer, Reply, sse, text};
use serde_json::{Value, json};

const CANARY: &str = "sk-canary-77aa";
const BUILTIN: [(&str, &str); 1] = [("HEARSAY_BRAIN", "builtin")];

#[test]
fn the_answer_goes_to_stdout_and_nothing_else_does() {
    let house = House::new();
    for (arguments, stdin) in [
        (&["ask", "2+2"][..], ""),
        (&["ask", "2", "+", "2"], ""),
        (&["ask", "-"], "2+2\n"),
        (&[], "2+2"),
        (&["--lang", "zh", "ask", "2+2"], ""),
    ] {
        let told = house.run_with(arguments, &BUILTIN, stdin.as_bytes());
        assert_eq!(told, ran(0, "2 + 2 = 4\n", ""), "{arguments:?}");
    }
}

fn events(told: &Ran) -> Vec<Value> {
    let lines = told.out.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn programs_get_one_line_of_json_for_each_event() {
    let told = House::new().run_with(&["ask", "--json", "2+2"], &BUILTIN, b"");
    assert_eq!((told.code, told.err.as_str()), (Some(0), ""));
    assert_eq!(
        events(&told),
        [
            json!({"type": "text", "text": "2 + 2 = 4"}),
            json!({"type": "done", "brain": "builtin", "model": null, "usage": null}),
        ]
    );
}

#[test]
fn a_question_that_cannot_be_recorded_is_answered_and_says_so() {
    let house = House::new();
    let told = house.run_with(
        &["ask", "--record", "r", "--trace", "t", "2+2"],
        &BUILTIN,
        b"",
    );
    let about = |name| {
        format!(
            "warning: `{name}` is about the screen: a question on the command line is not in it\n"
        )
    };
    assert_eq!(
        told,
        ran(0, "2 + 2 = 4\n", &(about("--record") + &about("--trace")))
    );
}

#[test]
fn an_unknown_persona_is_answered_with_those_that_there_are() {
    let told = House::new().run_with(&["ask", "--persona", "nobody", "hi"], &BUILTIN, b"");
    let err = "error: there is no persona `nobody`\n\
         hint: choose one of `friendly`, `professional`, `health_assistant`\n";
    assert_eq!(told, ran(1, "", err));
}

#[test]
fn the_doctor_finds_the_built_in_brain_in_the_embedded_backend() {
    let [builtin] = BUILTIN;
    // As on a machine without sound, and with nothing that hears or speaks.
    let env = [
        builtin,
        ("HEARSAY_EARS", "none"),
        ("HEARSAY_VOICE", "none"),
        ("ALSA_CONFIG_PATH", "/dev/null"),
        ("PULSE_SERVER", "unix:/none"),
    ];
    let told = House::new().run_with(&["doctor", "--json"], &env, b"");
    assert_eq!((told.code, told.err.as_str()), (Some(0), ""));
    let report: Value = serde_json::from_str(&told.out).unwrap();
    let states: Vec<(&str, &str)> = (report["checks"].as_array().unwrap().iter())
        .map(|check| {
            (
                check["part"].as_str().unwrap(),
                check["state"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        states,
        [
            ("program", "good"),
            ("terminal", "good"),
            ("configuration", "good"),
            ("store", "good"),
            ("backend", "good"),
            ("brain", "limited"),
            ("microphone", "limited"),
            ("loudspeaker", "limited"),
            ("ears", "limited"),
            ("voice", "limited"),
        ]
    );
}

/// Asks a model server that answers like this, on the other thread of this runtime.
async fn asked(reply: Reply, arguments: &'static [&'static str]) -> (Ran, ModelServer) {
    let server = ModelServer::start([reply]).await;
    let base = server.base();
    let told = tokio::task::spawn_blocking(move || {
        let env = [
            ("HEARSAY_BRAIN", base.as_str()),
            ("OPENAI_API_KEY", CANARY),
            ("HEARSAY_MODEL", "m"),
        ];
        House::new().run_with(arguments, &env, b"")
    });
    (told.await.unwrap(), server)
}

#[tokio::test]
async fn a_model_that_answers_with_escape_sequences_moves_no_terminal() {
    let attack = "a\u{1b}]52;c;eA==\u{7}b\u{1b}[2J\u{9b}31m\u{202e}c 你好";
    let reply = || Reply::events(&[text(attack)]);
    for arguments in [&["ask", "hi"][..], &["ask", "--json", "hi"]] {
        let (told, _server) = asked(reply(), arguments).await;
        assert_eq!((told.code, told.err.as_str()), (Some(0), ""));
        assert!(told.out.contains("你好"), "{}", told.out);
        let obeyed = ['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}'];
        assert!(!told.out.contains(obeyed), "{:?}", told.out);
    }
}

#[tokio::test]
async fn a_refused_key_is_told_with_what_helps_and_the_key_is_not_shown() {
    let refusal = json!({"error": {"message": format!("wrong key {CANARY}"), "type": "auth"}});
    let (told, server) = asked(Reply::json(401, &refusal), &["ask", "hi"]).await;
    assert_eq!((told.code, told.out.as_str()), (Some(1), ""));
    assert!(told.err.starts_with("error: "), "{}", told.err);
    assert!(told.err.contains("\nhint: "), "{}", told.err);
    assert!(!told.err.contains(CANARY), "{}", told.err);
    let sent = server
        .asked()
        .iter()
        .any(|asked| asked.headers.get("authorization") == Some(&format!("Bearer {CANARY}")));
    assert!(sent, "the key went to the server");
}

#[tokio::test]
async fn half_an_answer_is_shown_and_told_to_be_half() {
    let broken = Reply::stream(sse(&[text("half")])).broken();
    let (told, _server) = asked(broken, &["ask", "hi"]).await;
    assert_eq!((told.code, told.out.as_str()), (Some(1), "half\n"));
    assert!(told.err.starts_with("error: "), "{}", told.err);
}
