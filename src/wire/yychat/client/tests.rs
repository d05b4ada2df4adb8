//! Walks the golden conversations and states what never happens.

use super::*;
use crate::core::backend::VoiceWish;
use crate::core::ids::{ConversationId, TurnId};
use crate::core::sound::{Hear, Sound};
use crate::core::words::Lang;
use crate::wire::yychat::frames::{Answered, ErrorBody, Ids, ServerFrame};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::json;

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
    /// We record this, and exactly these frames go out; those without text as hexadecimal digits.
    Record { part: Part, sent: Vec<Value> },
    /// This frame without text arrives.
    HearBinary { hex: String, down: Vec<Down> },
}

/// A piece of a recording.
#[derive(Deserialize)]
enum Part {
    Begin(Hear),
    More { turn: TurnId, samples: Vec<i16> },
    End { turn: TurnId },
    Broken { turn: TurnId },
}

impl From<Part> for ClipPart {
    fn from(part: Part) -> Self {
        match part {
            Part::Begin(hear) => Self::Begin(hear),
            Part::More { turn, samples } => Self::More { turn, samples },
            Part::End { turn } => Self::End { turn },
            Part::Broken { turn } => Self::Broken { turn },
        }
    }
}

fn shown(frames: Vec<Frame>) -> Vec<Value> {
    let shown = frames.into_iter().map(|frame| match frame {
        Frame::Text(text) => serde_json::from_str(&text).unwrap(),
        Frame::Binary(bytes) => {
            let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            json!({ "binary": digits.concat() })
        }
    });
    shown.collect()
}

fn walk(name: &str, golden: &str) {
    let mut yychat = Yychat::default();
    assert_eq!(yychat.hello(), vec![]);
    for (line, json) in golden.lines().enumerate() {
        let line = line + 1;
        let step = serde_json::from_str(json).unwrap_or_else(|e| panic!("{name}:{line}: {e}"));
        match step {
            Step::Say { up, sent } => {
                assert_eq!(shown(yychat.encode(&up, NOON)), sent, "{name}:{line}");
            }
            Step::Record { part, sent } => {
                let frames = yychat.clip(&part.into(), NOON);
                assert_eq!(shown(frames), sent, "{name}:{line}");
            }
            Step::HearBinary { hex, down } => {
                let digits = hex.as_bytes().chunks(2).map(|pair| {
                    let pair = std::str::from_utf8(pair).unwrap();
                    u8::from_str_radix(pair, 16).unwrap()
                });
                let heard = yychat.decode(&Frame::Binary(digits.collect()));
                assert_eq!(heard, down, "{name}:{line}");
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
    a_spoken_conversation_with_a_plain_server_reads_as_recorded "voice_plain.jsonl";
    a_spoken_conversation_with_our_own_server_reads_as_recorded "voice_ours.jsonl";
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
        errands: false,
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
    let why = "a binary frame of 3 bytes that is none of this language".to_owned();
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
            "audio_processing_start", "transcription_partial", "transcription_result",
            "audio_stream", "synthesis_complete",
        ]),
        fields in prop::collection::hash_map(
            prop::sample::select(vec![
                "content", "message_id", "client_id", "error", "detail", "data", "all", "current",
                "label", "name", "arguments", "usage", "capabilities", "personalities", "message",
                "audio", "codec", "seq", "text", "scenario", "ears", "voice",
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
            clip: None, history: vec![], errands: false,
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
                errands: false,
                enable_voice: None,
                spoken: frames::Spoken::default(),
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
            message: None,
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

#[test]
fn a_recording_that_is_too_long_for_a_plain_server_is_not_sent() {
    let mut yychat = Yychat::default();
    let turn = TurnId(1);
    let hear = Hear {
        turn,
        conversation: ConversationId(2),
        language: None,
        ears: None,
    };
    yychat.clip(&ClipPart::Begin(hear), NOON);
    let samples = vec![0; 6_000_000];
    for _ in 0..3 {
        let more = ClipPart::More {
            turn,
            samples: samples.clone(),
        };
        assert_eq!(yychat.clip(&more, NOON), vec![]);
    }
    assert_eq!(yychat.clip(&ClipPart::End { turn }, NOON), vec![]);
}

proptest! {
    #[test]
    fn any_bytes_of_a_binary_frame_are_read_without_a_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..64),
        ours in any::<bool>(),
    ) {
        let mut yychat = Yychat::default();
        let mut spoken = say(TurnId(0), "x");
        if let Up::Say(say) = &mut spoken {
            say.voice = Some(VoiceWish { voice: None, speed: 1.0 });
        }
        yychat.encode(&spoken, NOON);
        let head = if ours { [&[2][..], &[0; 16]].concat() } else { vec![] };
        yychat.decode(&Frame::Binary([head, bytes].concat()));
    }

    #[test]
    fn speech_in_any_pieces_is_what_the_server_spoke(
        pieces in prop::collection::vec(prop::collection::vec(any::<i16>(), 0..9), 0..9),
        rate in 1_u32..200_000,
    ) {
        let mut yychat = Yychat::default();
        let read = Up::Read {
            turn: TurnId(5),
            conversation: ConversationId(2),
            text: "x".into(),
            voice: VoiceWish { voice: None, speed: 1.0 },
        };
        yychat.capabilities.push("speak".into());
        yychat.encode(&read, NOON);
        for samples in pieces {
            let frame = crate::wire::yychat::binary::speech(TurnId(5), rate, &samples);
            let sound = Sound::Samples { rate, samples };
            let more = Speech::More { turn: TurnId(5), sound };
            prop_assert_eq!(yychat.decode(&Frame::Binary(frame)), vec![Down::Speech(more)]);
        }
    }
}
