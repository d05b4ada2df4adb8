//! Walks the golden conversations and states what never happens.

use super::*;
use crate::core::backend::VoiceWish;
use crate::core::ids::{ConversationId, TurnId};
use crate::core::sound::{Hear, Sound};
use crate::core::words::Lang;
use crate::wire::Piece;
use crate::wire::golden::{NOON, heard, said, walk};
use crate::wire::yychat::frames::{Answered, ErrorBody, Ids, ServerFrame};
use proptest::prelude::*;
use std::time::Duration;

macro_rules! golden {
    ($($test:ident $file:literal;)*) => {
        $(#[test]
        fn $test() {
            walk(&mut Yychat::default(), $file, include_str!(concat!("../golden/", $file)));
        })*
    };
}

golden! {
    a_conversation_with_a_plain_server_reads_as_recorded "plain.jsonl";
    a_conversation_with_our_own_server_reads_as_recorded "ours.jsonl";
    a_conversation_that_others_hold_as_well_reads_as_recorded "shared.jsonl";
    what_makes_no_sense_is_named_and_survived "nonsense.jsonl";
    a_spoken_conversation_with_a_plain_server_reads_as_recorded "voice_plain.jsonl";
    a_spoken_conversation_with_our_own_server_reads_as_recorded "voice_ours.jsonl";
}

fn at(url: &str) -> Yychat {
    Yychat::new(&Place {
        url: url.to_owned(),
        ..Place::default()
    })
}

#[test]
fn a_conversation_with_a_server_that_answers_over_http_reads_as_recorded() {
    let golden = include_str!("../golden/http_plain.jsonl");
    walk(&mut at("ws://h:9800/ws/chat"), "http_plain.jsonl", golden);
}

/// A plain server that has greeted and lists nothing.
fn greeted_at(url: &str) -> Yychat {
    let mut yychat = at(url);
    let greet = r#"{"type":"connection_established","client_id":"c1"}"#;
    let out = Out::of(|out| yychat.decode(&Frame::Text(greet.into()), NOON, out));
    for errand in out.errands {
        let Errand::Ask(request) = errand else {
            panic!("{errand:?}");
        };
        assert!(hear_of(&mut yychat, request.number, failed(), NOON) == Out::default());
    }
    yychat
}

fn failed() -> Piece {
    Piece::Failed {
        why: "nobody listens".to_owned(),
    }
}

fn hear_of(yychat: &mut Yychat, number: u64, piece: Piece, now: Now) -> Out {
    Out::of(|out| yychat.answered(Answer { number, piece }, now, out))
}

fn after(ms: u64) -> Now {
    Now {
        mono: NOON.mono + Duration::from_millis(ms),
        ..NOON
    }
}

#[test]
fn edge_17_silence_behind_a_beginning_is_answered_over_http_only_where_there_is_one() {
    let begin = Frame::Text(r#"{"type":"processing_start"}"#.into());
    for (url, asked) in [("ws://h/ws/chat", 1), ("", 0)] {
        let mut yychat = at(url);
        said(&mut yychat, &say(TurnId(1), "hi"));
        assert_eq!(yychat.deadline(), None, "nobody has begun");
        heard(&mut yychat, &begin);
        let out = Out::of(|out| yychat.due(after(1000), out));
        assert_eq!(out.errands.len(), asked, "{url}");
        assert_eq!(yychat.deadline(), None);
    }
}

#[test]
fn a_server_that_begins_slowly_but_on_the_socket_is_listened_to_there() {
    let mut yychat = greeted_at("ws://h/ws/chat");
    said(&mut yychat, &say(TurnId(1), "hi"));
    heard(
        &mut yychat,
        &Frame::Text(r#"{"type":"processing_start"}"#.into()),
    );
    let out = Out::of(|out| yychat.due(after(1000), out));
    let [Errand::Ask(request)] = &out.errands[..] else {
        panic!("{out:?}");
    };
    let number = request.number;
    // Before HTTP says anything, the socket does.
    let chunk = Frame::Text(r#"{"type":"stream_chunk","content":"yes"}"#.into());
    let out = Out::of(|out| yychat.decode(&chunk, after(1200), out));
    let (turn, more) = (Some(TurnId(1)), "yes".to_owned());
    assert_eq!(out.downs, [Down::Text { turn, more }]);
    assert_eq!(out.errands, [Errand::Drop(number)]);
    heard(&mut yychat, &Frame::Text(r#"{"type":"stream_end"}"#.into()));
    // And that is remembered.
    let out = Out::of(|out| {
        yychat.encode(&say(TurnId(2), "and?"), NOON, out);
    });
    assert_eq!((out.frames.len(), out.errands.len()), (1, 0));
    heard(
        &mut yychat,
        &Frame::Text(r#"{"type":"processing_start"}"#.into()),
    );
    assert_eq!(yychat.deadline(), None);
}

#[test]
fn where_http_answers_nothing_the_socket_may_take_its_time() {
    let mut yychat = greeted_at("ws://h/ws/chat");
    said(&mut yychat, &say(TurnId(1), "hi"));
    heard(
        &mut yychat,
        &Frame::Text(r#"{"type":"processing_start"}"#.into()),
    );
    let out = Out::of(|out| yychat.due(after(1000), out));
    let [Errand::Ask(request)] = &out.errands[..] else {
        panic!("{out:?}");
    };
    assert_eq!(
        hear_of(&mut yychat, request.number, failed(), after(1001)),
        Out::default()
    );
    let more = heard(
        &mut yychat,
        &Frame::Text(r#"{"type":"stream_chunk","content":"yes"}"#.into()),
    );
    let text = Down::Text {
        turn: Some(TurnId(1)),
        more: "yes".to_owned(),
    };
    assert_eq!(more, [text]);
}

#[test]
fn edge_18_a_stream_may_begin_with_nothing_and_end_without_a_word() {
    let mut yychat = Yychat::default();
    said(&mut yychat, &say(TurnId(1), "hi"));
    let done = Down::Done {
        turn: Some(TurnId(1)),
        full: None,
        by: None,
        usage: None,
    };
    for (frame, expected) in [
        (
            r#"{"type":"stream_start"}"#,
            vec![Down::Thinking {
                turn: Some(TurnId(1)),
            }],
        ),
        (r#"{"type":"stream_chunk","content":""}"#, vec![]),
        (r#"{"type":"stream_end"}"#, vec![done]),
    ] {
        assert_eq!(
            heard(&mut yychat, &Frame::Text(frame.into())),
            expected,
            "{frame}"
        );
    }
}

#[test]
fn edge_19_every_shape_of_an_error_ends_the_turn_it_is_about() {
    for (frame, what) in [
        (r#"{"type":"error","message":"m"}"#, "m"),
        (
            r#"{"type":"error","error":{"message":"m","code":"c"}}"#,
            "m",
        ),
        (
            r#"{"type":"error","detail":{"error":{"message":"m"}}}"#,
            "m",
        ),
        (r#"{"detail":"m"}"#, "m"),
    ] {
        let mut yychat = Yychat::default();
        said(&mut yychat, &say(TurnId(1), "hi"));
        let down = heard(&mut yychat, &Frame::Text(frame.into()));
        let [Down::Trouble { turn, trouble }] = &down[..] else {
            panic!("{down:?}");
        };
        assert_eq!(
            (*turn, trouble.what.as_str()),
            (Some(TurnId(1)), what),
            "{frame}"
        );
    }
}

#[test]
fn edges_20_and_21_what_a_server_says_of_its_own_calls_changes_nothing() {
    let mut yychat = greeted_at("ws://h/ws/chat");
    said(&mut yychat, &say(TurnId(1), "hi"));
    for frame in [
        r#"{"type":"stop_playback","message":"x"}"#,
        r#"{"type":"voice_call_stopped","message":"x"}"#,
        r#"{"type":"transcription_result","text":"x","scenario":"voice_call","role":"user","message_id":"voice_call_1"}"#,
        r#"{"type":"audio_stream","audio":"AQA=","seq":3,"item_id":"i","message_id":"voice_call_x_1","session_id":"voice_call_x","sequence_number":null}"#,
    ] {
        let down = heard(&mut yychat, &Frame::Text(frame.into()));
        let harmless = matches!(
            down[..],
            [] | [Down::Unreadable { .. } | Down::Interrupted { .. }]
        );
        assert!(harmless, "{frame}: {down:?}");
    }
}

#[test]
fn edge_28_figures_stamps_and_escapes_are_read_as_they_are_written() {
    let mut yychat = Yychat::default();
    let status =
        r#"{"type":"status_response","data":{"uptime":-1.2e-05,"n":3},"timestamp":1795173705.583}"#;
    let figures = [("n", "3"), ("uptime", "0")];
    let figures = figures.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(
        heard(&mut yychat, &Frame::Text(status.into())),
        [Down::Status(figures.to_vec())]
    );
    said(&mut yychat, &say(TurnId(1), "hi"));
    let chunk = r#"{"type":"stream_chunk","content":"\u4f60\u597d","timestamp":1.5e9}"#;
    let (turn, more) = (Some(TurnId(1)), "你好".to_owned());
    assert_eq!(
        heard(&mut yychat, &Frame::Text(chunk.into())),
        [Down::Text { turn, more }]
    );
}

#[test]
fn a_way_that_the_user_chose_is_kept() {
    for (way, frames, errands) in [("socket", 1, 0), ("http", 0, 1)] {
        let mut place = Place {
            url: "ws://h/ws/chat".to_owned(),
            ..Place::default()
        };
        place.more.insert("text", way.to_owned());
        let mut yychat = Yychat::new(&place);
        let out = Out::of(|out| {
            yychat.encode(&say(TurnId(1), "hi"), NOON, out);
        });
        assert_eq!(
            (out.frames.len(), out.errands.len()),
            (frames, errands),
            "{way}"
        );
        heard(
            &mut yychat,
            &Frame::Text(r#"{"type":"processing_start"}"#.into()),
        );
        assert_eq!(yychat.deadline(), None, "{way}");
        let out = hear_of(&mut yychat, 1, failed(), NOON);
        let told = matches!(out.downs[..], [Down::Trouble { .. }]);
        assert_eq!(told, way == "http", "{way}: {out:?}");
    }
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

fn told(yychat: &mut Yychat, frame: &ServerFrame) -> Vec<Down> {
    heard(yychat, &Frame::Text(serde_json::to_string(frame).unwrap()))
}

#[test]
fn a_new_life_of_the_line_forgets_the_old_name_and_its_turns() {
    let mut yychat = Yychat::default();
    let greet = r#"{"type":"connection_established","client_id":"c1"}"#;
    heard(&mut yychat, &Frame::Text(greet.into()));
    said(&mut yychat, &say(TurnId(1), "hello"));
    Out::of(|out| yychat.dial(NOON, out));
    assert_eq!(
        Out::of(|out| yychat.beat(NOON, out)).frames,
        [Frame::Text(
            r#"{"type":"heartbeat","timestamp":1795173705.58}"#.into()
        )]
    );
    let chunk = r#"{"type":"stream_chunk","content":"x"}"#;
    assert_eq!(
        heard(&mut yychat, &Frame::Text(chunk.into())),
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
        heard(&mut Yychat::default(), &Frame::Binary(vec![0xff; 3].into())),
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
        let down = heard(&mut Yychat::default(), &deep);
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
    assert_eq!(
        heard(&mut Yychat::default(), &Frame::Text(ignored)),
        vec![text]
    );
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(text in ".*") {
        heard(&mut Yychat::default(), &Frame::Text(text));
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
        said(&mut yychat, &say(TurnId(1), "x"));
        heard(&mut yychat, &Frame::Text(format!("{{\"type\":\"{kind}\"{fields}}}")));
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
        let frames = said(&mut yychat, &up);
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
        said(&mut yychat, &say(turn, "x"));
        let mut text = String::new();
        for content in &pieces {
            let chunk = ServerFrame::StreamChunk {
                content: content.clone(), ids: ids.clone(), timestamp: 1.5,
            };
            for down in told(&mut yychat, &chunk) {
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
        prop_assert_eq!(told(&mut yychat, &end), vec![done]);
    }
}

#[test]
fn an_error_of_a_server_that_names_turns_spares_the_turn_it_does_not_name() {
    for (capabilities, expected) in [("[\"stream_ids\"]", None), ("[]", Some(TurnId(1)))] {
        let mut yychat = Yychat::default();
        let greet = format!(
            r#"{{"type":"connection_established","client_id":"c","capabilities":{capabilities}}}"#
        );
        heard(&mut yychat, &Frame::Text(greet));
        said(&mut yychat, &say(TurnId(1), "x"));
        let error = ServerFrame::Error {
            error: ErrorBody {
                message: "no".into(),
                ..ErrorBody::default()
            },
            message: None,
            ids: Ids::default(),
            timestamp: 1.0,
        };
        let down = told(&mut yychat, &error);
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
    Out::of(|out| assert!(yychat.clip(&ClipPart::Begin(hear), NOON, out)));
    let samples = vec![0; 6_000_000];
    for _ in 0..3 {
        let more = ClipPart::More {
            turn,
            samples: samples.clone(),
        };
        assert_eq!(
            Out::of(|out| assert!(yychat.clip(&more, NOON, out))),
            Out::default()
        );
    }
    let end = ClipPart::End { turn };
    assert_eq!(
        Out::of(|out| assert!(!yychat.clip(&end, NOON, out))),
        Out::default()
    );
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
            say.voice = Some(VoiceWish { voice: None, speed: 1.0, engine: None });
        }
        said(&mut yychat, &spoken);
        let head = if ours { [&[2][..], &[0; 16]].concat() } else { vec![] };
        heard(&mut yychat, &Frame::Binary([head, bytes].concat().into()));
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
            voice: VoiceWish { voice: None, speed: 1.0, engine: None },
        };
        yychat.capabilities.push("speak".into());
        said(&mut yychat, &read);
        for samples in pieces {
            let frame = crate::wire::yychat::binary::speech(TurnId(5), rate, &samples);
            let sound = Sound::Samples { rate, samples: samples.into() };
            let more = Speech::More { turn: TurnId(5), sound };
            prop_assert_eq!(heard(&mut yychat, &Frame::Binary(frame.into())), vec![Down::Speech(more)]);
        }
    }
}
