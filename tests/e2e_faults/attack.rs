//! Models that try to drive the terminal: nothing of theirs may reach it.

use super::{House, leave};
use crate::support::model_server::{Reply, finish, sse, text};
use serde_json::{Value, json};

/// What a terminal would obey, each with the bytes that must not arrive.
const ATTACKS: &[(&str, &[u8])] = &[
    ("\x1b]0;owned\x07", b"\x1b]0;owned"),
    ("\x1b]2;owned\x1b\\", b"\x1b]2;owned"),
    ("\x1b]52;c;b3duZWQ=\x07", b"\x1b]52;"),
    (
        "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
        b"\x1b]8;;http",
    ),
    ("\x1b[2J\x1b[3J", b"\x1b[3J"),
    ("\x1b[?1049l", b"\x1b[?1049l"),
    ("\x1b[6n\x1b[c\x1b[>c", b"\x1b[6n"),
    ("\x1bP+q544e\x1b\\", b"\x1bP"),
    ("\x1b_Gi=1\x1b\\\x1b^x\x1b\\\x1bXx\x1b\\", b"\x1b_"),
    ("\x1b[?1000h\x1b[?1006h", b"\x1b[?1000h"),
    ("\u{9b}2J\u{9d}0;owned\u{9c}", "\u{9b}".as_bytes()),
    (
        "\u{202e}txt.exe\u{202c}\u{2066}x\u{2069}",
        "\u{202e}".as_bytes(),
    ),
    ("\x07\x07", b"\x07"),
    ("\x1b[31;7;5mred", b"\x1b[31;7;5m"),
    ("\x1bc\x0e\x0f\x7f\x00\x08", b"\x1bc"),
];

fn attack() -> String {
    ATTACKS.iter().map(|(attack, _)| *attack).collect()
}

fn assert_harmless(raw: &[u8], sent_by: &str) {
    let holds = |bytes: &[u8]| raw.windows(bytes.len()).any(|window| window == bytes);
    for (attack, bytes) in ATTACKS {
        // Leaving gives the screen back; nothing before it may.
        assert!(
            !holds(bytes),
            "{attack:?} of {sent_by} reached the terminal"
        );
    }
    // Controls of the C1 set, as two bytes of UTF-8 and as the one byte old terminals obey.
    for byte in [0x90_u8, 0x9b, 0x9d, 0x9e, 0x9f] {
        assert!(!holds(&[0xc2, byte]), "C1 {byte:x} of {sent_by}");
    }
    for control in [0x00_u8, 0x0e, 0x7f] {
        assert!(!raw.contains(&control), "{control:x} of {sent_by}");
    }
}

#[test]
fn no_part_of_an_answer_drives_the_terminal() {
    if crate::support::pty::missing() {
        return;
    }
    let attack = attack();
    let calls = |name: &str, arguments: &str| {
        json!({"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "id": attack.clone(),
            "type": "function", "function": {"name": name, "arguments": arguments}}]}}]})
    };
    let thinks: Value =
        json!({"choices": [{"index": 0, "delta": {"reasoning_content": attack.clone()}}]});
    let words = format!(
        "{attack}\n\n```{attack}\n{attack}\n```\n\n| {attack} |\n|---|\n| {attack} |\n\n[{attack}](http://x/{attack})\n\ndone here"
    );
    for (place, replies) in [
        ("text", vec![Reply::words(&[&words])]),
        (
            "bytes",
            vec![
                Reply::stream(
                    sse(&[text(&attack), text("done here"), finish("stop")])
                        .replace("\\u001b", "\x1b"),
                )
                .by_bytes(),
            ],
        ),
        (
            "thinking",
            vec![Reply::events(&[thinks, text("done here"), finish("stop")])],
        ),
        (
            "tools",
            vec![
                Reply::events(&[calls(&attack, &attack), finish("tool_calls")]),
                Reply::events(&[
                    calls(
                        "calculate",
                        &json!({"expression": attack.clone()}).to_string(),
                    ),
                    finish("tool_calls"),
                ]),
                Reply::words(&["done here"]),
            ],
        ),
        (
            "error",
            vec![Reply::json(
                500,
                &json!({"error": {"message": format!("{attack}done here")}}),
            )],
        ),
        (
            "page",
            vec![Reply::of(400, "text/plain", format!("{attack}done here"))],
        ),
    ] {
        let house = House::new("");
        let server = house.model(replies);
        let mut pty = house.thinking_with(&server);
        pty.say("attack me");
        pty.wait_for_text("done here");
        pty.wait_for("the end of the turn", |screen| {
            !screen.contents().contains("answering")
        });
        assert_harmless(&pty.raw(), place);
        leave(pty);
    }
}

#[test]
fn names_of_models_and_what_is_pasted_drive_nothing_either() {
    if crate::support::pty::missing() {
        return;
    }
    let house = House::new("");
    let models = json!({"data": [{"id": format!("m{}", attack())}, {"id": "n"}]});
    let server = house.model([Reply::words(&["done here"])]);
    let server = server.with("/v1/models", Reply::json(200, &models));
    let mut pty = house.opened(&[], &[("HEARSAY_BRAIN", &server.base())]);
    pty.paste(&attack());
    pty.say(" all of it");
    pty.wait_for_text("done here");
    pty.keys("\x1bOR");
    pty.wait_for_text("Esc closes");
    pty.keys(super::ESC);
    pty.wait_for("the chat", |screen| {
        !screen.contents().contains("Esc closes")
    });
    assert_harmless(&pty.raw(), "a model's name");
    leave(pty);
    // The log and the history are text for terminals, too.
    let pty = house.opened(&["history", "resume"], &[]);
    pty.wait_for_text("done here");
    assert_harmless(&pty.raw(), "the history");
    leave(pty);
    let log = std::fs::read(house.folder.path().join("data/hearsay.log")).unwrap_or_default();
    assert_harmless(&log, "the log");
}
