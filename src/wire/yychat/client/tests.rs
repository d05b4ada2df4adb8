//! Walks the golden conversations and states what never happens.

use super::*;
use crate::core::ids::{ConversationId, TurnId};
use crate::core::words::Lang;
use crate::wire::yychat::frames::{Answered, ErrorBody, Ids, ServerFrame};
use proptest::prelude::*;
use serde::Deserialize;

/// 2026-11-20, in the middle of the day.
const NOON: Wall = Wall(1_795_173_705_580);

/// One line of a golden conversation.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Step {
    /// We say this, and exactly these frames go out.
    Say { up: Up, sent: Vec<Value> },
    /// This frame arrives, and means exactly this.
    Hear { frame: Value, down: Vec<Down> },
    /// This text arrives, which may be anything.
    HearRaw { text: String, down: Vec<Down> },
}

fn walk(name: &str, golden: &str) {
    let mut yychat = Yychat::default();
    assert_eq!(yychat.hello(), vec![]);
    for (line, json) in golden.lines().enumerate() {
        let line = line + 1;
        let step = serde_json::from_str(json).unwrap_or_else(|e| panic!("{name}:{line}: {e}"));
        match step {
            Step::Say { up, sent } => {
                let frames = yychat
                    .encode(&up, NOON)
                    .into_iter()
                    .map(|frame| match frame {
                        Frame::Text(text) => serde_json::from_str(&text).unwrap(),
                        Frame::Binary(_) => Value::Null,
                    });
                assert_eq!(frames.collect::<Vec<Value>>(), sent, "{name}:{line}");
            }
            Step::Hear { frame, down } => {
                let heard = yychat.decode(&Frame::Text(frame.to_string()));
                assert_eq!(heard, down, "{name}:{line}");
            }
            Step::HearRaw { text, down } => {
                assert_eq!(yychat.decode(&Frame::Text(text)), down, "{name}:{line}");
            }
        }
    }
}

macro_rules! golden {
    ($($test:ident $file:literal;)*) => {
        $(#[test]
        fn $test() {
            walk($file, include_str!(concat!("../golden/", $file)));
        })*
    };
}

golden! {
    a_conversation_with_a_plain_server_reads_as_recorded "plain.jsonl";
    a_conversation_with_our_own_server_reads_as_recorded "ours.jsonl";
    what_makes_no_sense_is_named_and_survived "nonsense.jsonl";
}

fn say(turn: TurnId, text: &str) -> Up {
    Up::Say(Say {
        turn,
        conversation: ConversationId(9),
        text: text.to_owned(),
        persona: None,
        brain: Some("auto".into()),
        model: None,
        tools: true,
        lang: Lang::En,
        voice: None,
        clip: None,
        history: vec![],
    })
}

fn heard(yychat: &mut Yychat, frame: &ServerFrame) -> Vec<Down> {
    yychat.decode(&Frame::Text(serde_json::to_string(frame).unwrap()))
}

#[test]
fn a_new_life_of_the_line_forgets_the_old_name_and_its_turns() {
    let mut yychat = Yychat::default();
    let greet = r#"{"type":"connection_established","client_id":"c1"}"#;
    yychat.decode(&Frame::Text(greet.into()));
    yychat.encode(&say(TurnId(1), "hello"), NOON);
    yychat.hello();
    assert_eq!(
        yychat.beat(NOON),
        Some(Frame::Text(
            r#"{"type":"heartbeat","timestamp":1795173705.58}"#.into()
        ))
    );
    let chunk = r#"{"type":"stream_chunk","content":"x"}"#;
    assert_eq!(
        yychat.decode(&Frame::Text(chunk.into())),
        vec![Down::Text {
            turn: None,
            more: "x".into()
        }]
    );
}

#[test]
fn a_binary_frame_is_named_and_survived() {
    let why = "a binary frame of 3 bytes, and this language has none".to_owned();
    assert_eq!(
        Yychat::default().decode(&Frame::Binary(vec![0xff; 3])),
        vec![Down::Unreadable { why }]
    );
}

#[test]
fn nesting_without_end_is_survived() {
    for open in [
        "[",
        "{\"type\":",
        "{\"type\":\"stream_chunk\",\"content\":[",
    ] {
        let deep = Frame::Text(open.repeat(100_000));
        let down = Yychat::default().decode(&deep);
        assert!(matches!(down[..], [Down::Unreadable { .. }]), "{open}");
    }
    let ignored = format!(
        r#"{{"type":"stream_chunk","content":"x","meta":{}{}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let text = Down::Text {
        turn: None,
        more: "x".into(),
    };
    assert_eq!(Yychat::default().decode(&Frame::Text(ignored)), vec![text]);
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(text in ".*") {
        Yychat::default().decode(&Frame::Text(text));
    }

    #[test]
    fn any_fields_of_a_known_type_are_read_without_a_panic(
        kind in prop::sample::select(vec![
            "connection_established", "processing_start", "stream_chunk", "stream_end", "error",
            "tool_use", "brains", "ring", "status_response", "interrupt_confirmed", "text_response",
        ]),
        fields in prop::collection::hash_map(
            prop::sample::select(vec![
                "content", "message_id", "client_id", "error", "detail", "data", "all", "current",
                "label", "name", "arguments", "usage", "capabilities", "personalities", "message",
            ]),
            prop::sample::select(vec![
                "null", "1", "-1e308", "1e999", "\"x\"", "[]", "{}", "[null,[1]]", "true",
                "{\"message\":null}", "{\"error\":{\"error\":{\"error\":{}}}}", "\"\\ud800\"",
            ]),
            0..6,
        ),
    ) {
        let fields: Vec<String> = fields.iter().map(|(k, v)| format!(",\"{k}\":{v}")).collect();
        let fields = fields.concat();
        let mut yychat = Yychat::default();
        yychat.encode(&say(TurnId(1), "x"), NOON);
        yychat.decode(&Frame::Text(format!("{{\"type\":\"{kind}\"{fields}}}")));
    }

    #[test]
    fn what_we_say_is_what_the_server_reads(text in ".*", model in prop::option::of(".*")) {
        let (turn, conversation) = (TurnId(7), ConversationId(8));
        let up = Up::Say(Say {
            turn, conversation, text: text.clone(), persona: Some("friendly".into()),
            brain: None, model: model.clone(), tools: false, lang: Lang::Zh, voice: None,
            clip: None, history: vec![],
        });
        let mut yychat = Yychat { capabilities: vec!["lang".into()], ..Yychat::default() };
        let frames = yychat.encode(&up, NOON);
        let [Frame::Text(json)] = &frames[..] else { panic!("{frames:?}") };
        prop_assert_eq!(
            serde_json::from_str::<ClientFrame>(json).unwrap(),
            ClientFrame::TextMessage {
                content: text,
                conversation_id: Some(conversation.to_string()),
                message_id: Some(turn.to_string()),
                personality_id: Some("friendly".into()),
                use_tools: Some(false),
                stream: Some(true),
                brain: None,
                model,
                lang: Some("zh".into()),
                history: vec![],
            }
        );
    }

    #[test]
    fn what_the_server_writes_is_what_we_hear(pieces in prop::collection::vec(".+", 0..9)) {
        let turn = TurnId(7);
        let ids = Ids { message_id: Some(turn.to_string()), ..Ids::default() };
        let mut yychat = Yychat::default();
        yychat.encode(&say(turn, "x"), NOON);
        let mut text = String::new();
        for content in &pieces {
            let chunk = ServerFrame::StreamChunk {
                content: content.clone(), ids: ids.clone(), timestamp: 1.5,
            };
            for down in heard(&mut yychat, &chunk) {
                let Down::Text { turn: Some(about), more } = down else { panic!("{down:?}") };
                prop_assert_eq!(about, turn);
                text.push_str(&more);
            }
        }
        prop_assert_eq!(&text, &pieces.concat());
        let end = ServerFrame::StreamEnd {
            full_content: text.clone(), ids, timestamp: 2.5, by: Answered::default(),
        };
        let done = Down::Done { turn: Some(turn), full: Some(text), by: None, usage: None };
        prop_assert_eq!(heard(&mut yychat, &end), vec![done]);
    }
}

#[test]
fn an_error_of_a_server_that_names_turns_spares_the_turn_it_does_not_name() {
    for (capabilities, expected) in [("[\"stream_ids\"]", None), ("[]", Some(TurnId(1)))] {
        let mut yychat = Yychat::default();
        let greet = format!(
            r#"{{"type":"connection_established","client_id":"c","capabilities":{capabilities}}}"#
        );
        yychat.decode(&Frame::Text(greet));
        yychat.encode(&say(TurnId(1), "x"), NOON);
        let error = ServerFrame::Error {
            error: ErrorBody {
                message: "no".into(),
                ..ErrorBody::default()
            },
            ids: Ids::default(),
            timestamp: 1.0,
        };
        let down = heard(&mut yychat, &error);
        let [Down::Trouble { turn, .. }] = down[..] else {
            panic!("{down:?}")
        };
        assert_eq!(turn, expected);
    }
}
