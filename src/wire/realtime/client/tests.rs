//! Walks golden conversations, and plays what servers really do wrong.

use super::heard::BUSY;
use super::*;
use crate::core::backend::{NO_TURNS, Offer, ToolCall, VoiceWish};
use crate::core::sound::{Hear, Speech};
use crate::core::words::Lang;
use crate::wire::golden::{NOON, heard, walk};
use proptest::prelude::*;

const TURN: TurnId = TurnId(1);
const SECOND: TurnId = TurnId(2);

fn realtime() -> Realtime {
    Realtime::new(&Place {
        url: "ws://h/v1/realtime".into(),
        ..Place::default()
    })
}

macro_rules! golden {
    ($($test:ident $file:literal;)*) => {
        $(#[test]
        fn $test() {
            walk(&mut realtime(), $file, include_str!(concat!("../golden/", $file)));
        })*
    };
}

golden! {
    a_conversation_with_todays_servers_reads_as_recorded "today.jsonl";
    a_conversation_with_older_servers_reads_as_recorded "older.jsonl";
    a_conversation_with_speech_to_speech_reads_as_recorded "speech_to_speech.jsonl";
}

/// One that is to say where the turns of a call end.
fn cutting(detection: &str) -> Realtime {
    Realtime::new(&Place {
        url: "ws://h/v1/realtime".into(),
        more: [("turn_detection", detection.to_owned())].into(),
        ..Place::default()
    })
}

#[test]
fn a_call_whose_turns_the_server_cuts_reads_as_recorded() {
    let golden = include_str!("../golden/server_turns.jsonl");
    walk(&mut cutting("server"), "server_turns.jsonl", golden);
}

/// A call begins with it, after this greeting; what is sent for it.
fn called(realtime: &mut Realtime, session: &Value) -> Vec<Value> {
    hear(
        realtime,
        json!({ "type": "session.created", "session": session }),
    );
    let open = ClipPart::Open(Hear {
        turn: TURN,
        conversation: ConversationId(9),
        language: None,
        ears: None,
    });
    let out = Out::of(|out| assert!(realtime.clip(&open, NOON, out)));
    let frames = out.frames.into_iter().map(|frame| match frame {
        Frame::Text(text) => serde_json::from_str(&text).unwrap(),
        Frame::Binary(_) => panic!("this language has text only"),
    });
    frames.collect()
}

#[test]
fn a_server_cuts_turns_in_either_shape_and_by_silence_or_by_words() {
    for (detection, kind) in [("server", "server_vad"), ("semantic", "semantic_vad")] {
        let asked = json!({ "type": kind, "create_response": false, "interrupt_response": false });
        let nested = called(&mut cutting(detection), &json!({ "audio": {} }));
        let input = &nested[0]["session"]["audio"]["input"];
        assert_eq!(input["turn_detection"], asked);
        let flat = called(&mut cutting(detection), &json!({ "modalities": [] }));
        assert_eq!(flat[0]["session"]["turn_detection"], asked);
    }
}

#[test]
fn a_server_that_leaves_the_turns_to_us_says_so() {
    let none = json!({ "audio": { "input": { "turn_detection": null } } });
    let update = json!({ "type": "session.updated", "session": none });
    let error = |param: &str| {
        json!({ "type": "error", "error": { "type": "invalid_request_error",
            "code": "unknown_parameter", "message": "no", "param": param } })
    };
    let refused = |downs: &[Down]| {
        downs.iter().any(|down| {
            matches!(down, Down::Trouble { turn, trouble }
                if *turn == Some(TURN) && trouble.code == NO_TURNS)
        })
    };
    for (frames, expected) in [
        (vec![update.clone()], false),
        (vec![update.clone(), update], true),
        (vec![error("session.audio.input.turn_detection")], true),
        (vec![error("session.audio.output.voice")], false),
    ] {
        let mut realtime = cutting("server");
        called(&mut realtime, &json!({ "audio": {} }));
        let told = frames
            .iter()
            .any(|frame| refused(&hear(&mut realtime, frame.clone())));
        assert_eq!(told, expected, "{frames:?}");
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "so the frames read as they are sent"
)]
fn hear(realtime: &mut Realtime, frame: Value) -> Vec<Down> {
    heard(realtime, &Frame::Text(frame.to_string()))
}

/// One that a server has greeted.
fn greeted() -> Realtime {
    let mut realtime = realtime();
    let created = json!({ "type": "session.created", "session": { "id": "s", "audio": {} } });
    assert!(matches!(
        &hear(&mut realtime, created)[..],
        [Down::Greeting(_)]
    ));
    realtime
}

fn say(turn: TurnId, spoken: bool) -> Up {
    Up::Say(Say {
        turn,
        conversation: ConversationId(9),
        text: "hi".to_owned(),
        persona: None,
        brain: None,
        model: None,
        tools: true,
        errands: false,
        lang: Lang::En,
        voice: spoken.then_some(VoiceWish {
            engine: None,
            voice: None,
            speed: 1.0,
        }),
        clip: None,
        history: vec![],
    })
}

/// What goes out to say this.
fn sent(realtime: &mut Realtime, up: &Up) -> Vec<Value> {
    let out = Out::of(|out| assert!(realtime.encode(up, NOON, out)));
    let frames = out.frames.into_iter().map(|frame| match frame {
        Frame::Text(text) => serde_json::from_str(&text).unwrap(),
        Frame::Binary(_) => panic!("this language has text only"),
    });
    frames.collect()
}

/// One that was asked something, whose answer has begun.
fn asked() -> Realtime {
    let mut realtime = greeted();
    sent(&mut realtime, &say(TURN, true));
    let created = json!({ "type": "response.created", "response": { "id": "r" } });
    let thinking = Down::Thinking { turn: Some(TURN) };
    assert_eq!(hear(&mut realtime, created), [thinking]);
    realtime
}

/// One that was given a recording.
fn recorded() -> Realtime {
    let mut realtime = greeted();
    record(&mut realtime, TURN);
    Out::of(|out| assert!(realtime.clip(&ClipPart::End { turn: TURN }, NOON, out)));
    realtime
}

/// Gives it all of a recording but its end.
fn record(realtime: &mut Realtime, turn: TurnId) {
    let hear = Hear {
        turn,
        conversation: ConversationId(9),
        language: None,
        ears: None,
    };
    let samples = vec![0; 3200];
    for part in [ClipPart::Begin(hear), ClipPart::More { turn, samples }] {
        Out::of(|out| assert!(realtime.clip(&part, NOON, out)));
    }
}

fn words(more: &str) -> Vec<Down> {
    vec![
        Down::Text {
            turn: Some(TURN),
            more: more.to_owned(),
        },
        Down::Speech(Speech::Words {
            turn: TURN,
            words: more.to_owned(),
        }),
    ]
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "so the frames read as they are sent"
)]
fn refused(frame: Value) -> Option<Cause> {
    let frame = Frame::Text(frame.to_string());
    Out::of(|out| realtime().decode(&frame, NOON, out)).over
}

#[test]
fn edge_29_the_older_shape_is_refused_with_what_to_do() {
    let error = json!({ "type": "error", "error": { "type": "invalid_request_error",
        "code": "beta_api_shape_disabled", "message": "The Realtime Beta API is no longer supported." } });
    let Some(Cause::Denied {
        status: None,
        reason,
    }) = refused(error)
    else {
        panic!("it is not refused");
    };
    assert!(
        reason.contains("no longer supported") && reason.contains("language = "),
        "{reason}"
    );
}

#[test]
fn edge_30_an_error_before_the_session_is_a_refusal() {
    let error = json!({ "type": "error", "error": { "type": "session_limit_reached", "code": null,
        "message": "one session at a time" } });
    let reason = "one session at a time".to_owned();
    assert_eq!(
        refused(error),
        Some(Cause::Denied {
            status: None,
            reason
        })
    );
}

#[test]
fn edge_31_errors_of_a_good_session_end_nothing() {
    let mut realtime = asked();
    let error =
        json!({ "type": "error", "error": { "type": "server_error", "message": "hiccup" } });
    let out = Out::of(|out| realtime.decode(&Frame::Text(error.to_string()), NOON, out));
    assert_eq!(out.over, None);
    assert!(matches!(&out.downs[..], [Down::Unreadable { .. }]));
    let more = json!({ "type": "response.output_audio_transcript.delta", "response_id": "r", "delta": "a" });
    assert_eq!(hear(&mut realtime, more), words("a"));
}

#[test]
fn a_request_that_is_refused_fails_its_turn_and_one_that_is_too_early_is_made_again() {
    let mut realtime = greeted();
    sent(&mut realtime, &say(TURN, true));
    let busy =
        json!({ "type": "error", "error": { "code": BUSY, "message": "busy", "event_id": "1" } });
    assert!(matches!(
        &hear(&mut realtime, busy)[..],
        [Down::Unreadable { .. }]
    ));
    let done =
        json!({ "type": "response.done", "response": { "id": "theirs", "status": "completed" } });
    let out = Out::of(|out| realtime.decode(&Frame::Text(done.to_string()), NOON, out));
    assert_eq!(out.frames.len(), 1, "it asks again: {out:?}");
    let wrong =
        json!({ "type": "error", "error": { "code": "x", "message": "no", "event_id": "2" } });
    assert!(matches!(
        &hear(&mut realtime, wrong)[..],
        [Down::Trouble {
            turn: Some(TURN),
            ..
        }]
    ));
}

#[test]
fn edge_32_what_is_unknown_or_null_is_ignored() {
    let mut realtime = asked();
    for frame in [
        json!({ "type": "response.something.new", "event_id": "event_TODO" }),
        json!({ "type": "response.output_audio.delta", "event_id": "event_TODO", "response_id": null, "delta": null }),
        json!({ "type": "input_audio_buffer.committed", "item_id": null }),
        json!({ "type": "conversation.item.added", "item": null }),
        json!({ "type": "session.updated", "session": null }),
        json!({ "type": "rate_limits.updated", "rate_limits": null }),
        json!({ "type": null }),
    ] {
        let downs = hear(&mut realtime, frame.clone());
        assert!(
            downs
                .iter()
                .all(|down| matches!(down, Down::Unreadable { .. })),
            "{frame}: {downs:?}"
        );
    }
}

#[test]
fn edge_33_the_answer_waits_for_the_words_of_the_question() {
    let mut realtime = recorded();
    let committed = json!({ "type": "input_audio_buffer.committed", "item_id": "u" });
    assert_eq!(hear(&mut realtime, committed), []);
    // No answer is asked for before the program has said the words.
    let words = json!({ "type": "conversation.item.input_audio_transcription.completed", "item_id": "u",
        "transcript": " hi " });
    let (turn, text) = (Some(TURN), "hi".to_owned());
    assert_eq!(
        hear(&mut realtime, words),
        [Down::Transcript { turn, text }]
    );
    let out = sent(&mut realtime, &say(TURN, false));
    let kinds: Vec<_> = out
        .iter()
        .map(|frame| frame["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["response.create"]);
}

#[test]
fn edge_33_words_that_come_when_nobody_waits_for_them_any_more_are_told() {
    let mut realtime = recorded();
    hear(
        &mut realtime,
        json!({ "type": "input_audio_buffer.committed", "item_id": "u" }),
    );
    let now = Now {
        mono: realtime.deadline().unwrap(),
        ..NOON
    };
    let turn = Some(TURN);
    let told = |text: &str| {
        let text = text.to_owned();
        vec![Down::Transcript { turn, text }]
    };
    assert_eq!(Out::of(|out| realtime.due(now, out)).downs, told(UNTOLD));
    let mut up = say(TURN, false);
    if let Up::Say(say) = &mut up {
        UNTOLD.clone_into(&mut say.text);
    }
    assert_eq!(sent(&mut realtime, &up)[0]["type"], "response.create");
    hear(
        &mut realtime,
        json!({ "type": "response.created", "response": { "id": "r" } }),
    );
    hear(
        &mut realtime,
        json!({ "type": "response.done", "response": { "id": "r" } }),
    );
    let words = json!({ "type": "conversation.item.input_audio_transcription.completed",
        "item_id": "u", "transcript": "hi" });
    assert_eq!(hear(&mut realtime, words.clone()), told("hi"));
    assert_eq!(hear(&mut realtime, words), [], "once");
}

#[test]
fn words_without_a_name_are_those_of_the_oldest_recording_that_has_none() {
    let mut realtime = recorded();
    let words = |text: &str| {
        json!({ "type": "conversation.item.input_audio_transcription.completed",
            "transcript": text })
    };
    for (turn, text) in [(TURN, "one"), (SECOND, "two")] {
        let turn = Some(turn);
        let told = vec![Down::Transcript {
            turn,
            text: text.to_owned(),
        }];
        assert_eq!(hear(&mut realtime, words(text)), told);
        sent(&mut realtime, &say(TURN, false));
        record(&mut realtime, SECOND);
        Out::of(|out| assert!(realtime.clip(&ClipPart::End { turn: SECOND }, NOON, out)));
    }
}

#[test]
fn a_server_that_takes_no_tools_is_told_the_rest_of_what_we_wish() {
    let mut realtime = with_tool();
    let refused = json!({ "type": "error", "error": { "type": "invalid_request_error",
        "code": "invalid_value", "message": "tools of clients are not offered" } });
    let refused = Frame::Text(refused.to_string());
    let out = Out::of(|out| realtime.decode(&refused, NOON, out));
    let [Frame::Text(update)] = &out.frames[..] else {
        panic!("{out:?}");
    };
    let update: Value = serde_json::from_str(update).unwrap();
    assert_eq!(update["type"], "session.update");
    assert_eq!(update["session"].get("tools"), None);
    assert_eq!(out.downs, []);
    // Once more, it is an error like any other.
    let out = Out::of(|out| realtime.decode(&refused, NOON, out));
    assert_eq!(out.frames, []);
    assert!(matches!(out.downs[..], [Down::Unreadable { .. }]));
}

#[test]
fn a_server_that_listens_by_itself_gets_the_silence_that_it_waits_for() {
    let kinds = |out: &Out| -> Vec<Value> {
        let text = |frame: &Frame| match frame {
            Frame::Text(text) => serde_json::from_str::<Value>(text).unwrap()["type"].clone(),
            Frame::Binary(_) => panic!("{frame:?}"),
        };
        out.frames.iter().map(text).collect()
    };
    let mut realtime = recorded();
    let updated = json!({ "type": "session.updated", "session": { "type": "realtime" } });
    assert_eq!(hear(&mut realtime, updated), []);
    let started = json!({ "type": "input_audio_buffer.speech_started", "item_id": "u" });
    let started = Frame::Text(started.to_string());
    let out = Out::of(|out| realtime.decode(&started, NOON, out));
    assert_eq!(kinds(&out), ["session.update", "input_audio_buffer.append"]);
    let Frame::Text(wish) = &out.frames[0] else {
        panic!()
    };
    let wish: Value = serde_json::from_str(wish).unwrap();
    let detection = &wish["session"]["audio"]["input"]["turn_detection"];
    assert_eq!(
        [
            &detection["create_response"],
            &detection["interrupt_response"]
        ],
        [&json!(false); 2]
    );
    // It is told once, and what is recorded next ends with silence at once.
    let out = Out::of(|out| realtime.decode(&started, NOON, out));
    assert_eq!(out, Out::default());
    record(&mut realtime, SECOND);
    let out = Out::of(|out| assert!(realtime.clip(&ClipPart::End { turn: SECOND }, NOON, out)));
    let [append, commit] = ["input_audio_buffer.append", "input_audio_buffer.commit"];
    assert_eq!(kinds(&out), [append, commit, append]);
}

#[test]
fn words_that_never_come_do_not_keep_the_answer_from_coming() {
    let mut realtime = recorded();
    let due = realtime.deadline().unwrap();
    let now = Now { mono: due, ..NOON };
    let out = Out::of(|out| realtime.due(now, out));
    let (turn, text) = (Some(TURN), UNTOLD.to_owned());
    assert_eq!(out.downs, [Down::Transcript { turn, text }]);
    assert_eq!(realtime.deadline(), None);
}

#[test]
fn words_that_the_user_has_changed_replace_the_recording() {
    let mut realtime = recorded();
    hear(
        &mut realtime,
        json!({ "type": "input_audio_buffer.committed", "item_id": "u" }),
    );
    hear(
        &mut realtime,
        json!({ "type": "conversation.item.input_audio_transcription.completed",
        "item_id": "u", "transcript": "high" }),
    );
    let out = sent(&mut realtime, &say(TURN, false));
    let kinds: Vec<_> = out
        .iter()
        .map(|frame| frame["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "conversation.item.delete",
            "conversation.item.create",
            "response.create"
        ]
    );
}

#[test]
fn edge_34_an_answer_needs_no_announcement() {
    let mut realtime = greeted();
    sent(&mut realtime, &say(TURN, true));
    let first = json!({ "type": "response.output_audio_transcript.delta", "response_id": "r", "item_id": "i",
        "delta": "a" });
    assert_eq!(hear(&mut realtime, first), words("a"));
    let text = json!({ "type": "response.output_text.delta", "response_id": "r", "item_id": "i", "delta": "b" });
    assert_eq!(hear(&mut realtime, text).len(), 1);
}

#[test]
fn edge_35_what_comes_after_the_end_or_the_cut_is_dropped() {
    let sound = json!({ "type": "response.output_audio.delta", "response_id": "r", "item_id": "i", "delta": "AQA=" });
    let more = json!({ "type": "response.output_audio_transcript.delta", "response_id": "r", "delta": "a" });
    let mut realtime = asked();
    assert_eq!(hear(&mut realtime, sound.clone()).len(), 1);
    let stop = Up::Interrupt {
        turn: TURN,
        conversation: ConversationId(9),
        heard: None,
    };
    let out = sent(&mut realtime, &stop);
    let kinds: Vec<_> = out
        .iter()
        .map(|frame| frame["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["response.cancel", "conversation.item.truncate"]);
    for frame in [&sound, &more] {
        assert_eq!(hear(&mut realtime, frame.clone()), []);
    }
    let cancelled =
        json!({ "type": "response.done", "response": { "id": "r", "status": "cancelled" } });
    assert_eq!(hear(&mut realtime, cancelled), []);
    for frame in [sound, more] {
        assert_eq!(hear(&mut realtime, frame), []);
    }
}

#[test]
fn edge_36_an_answer_that_fails_says_why() {
    for (response, code, what) in [
        (
            json!({ "id": "r", "status": "failed", "status_details": { "type": "failed",
            "error": { "type": "server_error", "code": "rate_limit_exceeded", "message": "too many" } } }),
            "rate_limit_exceeded",
            "too many",
        ),
        (
            json!({ "id": "r", "status": "incomplete", "status_details": { "reason": "content_filter" } }),
            "content_filter",
            "content filter",
        ),
        (json!({ "id": "r", "status": "failed" }), "failed", "failed"),
    ] {
        let mut realtime = asked();
        let downs = hear(
            &mut realtime,
            json!({ "type": "response.done", "response": response }),
        );
        let [
            Down::Speech(Speech::End { turn: TURN }),
            Down::Trouble {
                turn: Some(TURN),
                trouble,
            },
        ] = &downs[..]
        else {
            panic!("{downs:?}");
        };
        assert_eq!((&*trouble.code, &*trouble.what), (code, what));
    }
}

#[test]
fn edge_37_a_session_is_renewed_in_a_pause_before_its_time_is_over() {
    let mut realtime = realtime();
    let at = NOON.wall.0 / 1000 + 3600;
    hear(
        &mut realtime,
        json!({ "type": "session.created", "session": { "id": "s", "expires_at": at } }),
    );
    let due = realtime.deadline().unwrap();
    assert!(due <= NOON.mono + Duration::from_mins(59), "{due:?}");
    sent(&mut realtime, &say(TURN, true));
    let now = Now { mono: due, ..NOON };
    assert_eq!(
        Out::of(|out| realtime.due(now, out)).over,
        None,
        "not in an answer"
    );
    hear(
        &mut realtime,
        json!({ "type": "response.done", "response": { "id": "r", "status": "completed" } }),
    );
    let now = Now {
        mono: realtime.deadline().unwrap(),
        ..NOON
    };
    let over = Out::of(|out| realtime.due(now, out)).over;
    assert!(matches!(over, Some(Cause::Lost { .. })), "{over:?}");
    Out::of(|out| realtime.dial(now, out));
    assert_eq!(realtime.deadline(), None);
}

#[test]
fn edge_38_words_that_come_only_whole_are_taken_whole() {
    let mut realtime = asked();
    let done = json!({ "type": "response.audio_transcript.done", "response_id": "r", "transcript": "all of it" });
    assert_eq!(hear(&mut realtime, done.clone()), words("all of it"));
    assert_eq!(hear(&mut realtime, done), []);
    let mut realtime = asked();
    let end = json!({ "type": "response.done", "response": { "id": "r", "status": "completed",
        "output": [{ "type": "message", "content": [{ "type": "audio", "transcript": "whole" }] }] } });
    let downs = hear(&mut realtime, end);
    assert!(
        matches!(&downs[0], Down::Text { more, .. } if more == "whole"),
        "{downs:?}"
    );
    assert!(matches!(downs.last(), Some(Down::Done { .. })), "{downs:?}");
}

#[test]
fn an_answer_nobody_asked_for_is_not_told() {
    let mut realtime = greeted();
    for frame in [
        json!({ "type": "response.created", "response": { "id": "x" } }),
        json!({ "type": "response.output_text.delta", "response_id": "x", "delta": "a" }),
        json!({ "type": "response.output_audio.delta", "response_id": "x", "delta": "AQA=" }),
        json!({ "type": "response.done", "response": { "id": "x", "status": "completed" } }),
    ] {
        assert_eq!(hear(&mut realtime, frame), []);
    }
}

/// One that may use a tool of ours.
fn with_tool() -> Realtime {
    let mut realtime = Realtime::new(&Place {
        url: "ws://h/v1/realtime".into(),
        offers: vec![Offer {
            name: "audio.volume".into(),
            description: "sets the volume".into(),
            parameters: json!({ "type": "object" }),
        }],
        ..Place::default()
    });
    let created = json!({ "type": "session.created", "session": { "id": "s", "audio": {} } });
    let out = Out::of(|out| realtime.decode(&Frame::Text(created.to_string()), NOON, out));
    let Some(Frame::Text(update)) = out.frames.first() else {
        panic!("{out:?}");
    };
    let update: Value = serde_json::from_str(update).unwrap();
    assert_eq!(update["session"]["tools"][0]["name"], "audio_volume");
    realtime
}

#[test]
fn a_server_that_reads_tools_as_a_chat_does_is_told_of_them_so() {
    let mut realtime = Realtime::new(&Place {
        url: "wss://dashscope.aliyuncs.com/api-ws/v1/realtime".into(),
        offers: vec![Offer {
            name: "notes".into(),
            description: "keeps notes".into(),
            parameters: json!({ "type": "object" }),
        }],
        ..Place::default()
    });
    let session = json!({ "id": "s", "modalities": ["text", "audio"] });
    let frames = called(&mut realtime, &session);
    let told = |frame: &Value| frame["session"]["tools"][0]["function"]["name"] == "notes";
    assert!(frames.iter().any(told), "{frames:?}");
}

#[test]
fn an_answer_goes_on_when_its_tools_have_been_used() {
    for late in [false, true] {
        let mut realtime = with_tool();
        sent(&mut realtime, &say(TURN, false));
        hear(
            &mut realtime,
            json!({ "type": "response.created", "response": { "id": "r" } }),
        );
        let call = json!({ "type": "response.function_call_arguments.done", "response_id": "r",
            "call_id": "c", "name": "audio_volume", "arguments": "{\"volume\":3}" });
        let item = json!({ "type": "function_call", "call_id": "c", "name": "audio_volume",
            "arguments": "{\"volume\":3}" });
        let used = Down::Call(ToolCall {
            id: "c".into(),
            name: "audio.volume".into(),
            arguments: "{\"volume\":3}".into(),
        });
        let unknown =
            json!({ "type": "function_call", "call_id": "x", "name": "none", "arguments": "{}" });
        // Some servers tell it twice, some only at the end.
        let first = if late {
            vec![]
        } else {
            hear(&mut realtime, call)
        };
        let done = json!({ "type": "response.done", "response": { "id": "r", "status": "completed",
            "output": [item, unknown] } });
        let then = hear(&mut realtime, done);
        assert_eq!([first, then].concat(), [used]);
        let result = Up::Result {
            id: "c".into(),
            outcome: Ok("loud".into()),
        };
        let out = sent(&mut realtime, &result);
        let kinds: Vec<_> = out
            .iter()
            .map(|frame| frame["type"].as_str().unwrap())
            .collect();
        let item = "conversation.item.create";
        assert_eq!(kinds, [item, item, "response.create"]);
        assert_eq!(out[0]["item"]["output"], "loud");
        assert!(
            out[1]["item"]["output"]
                .as_str()
                .unwrap()
                .contains("no tool")
        );
        hear(
            &mut realtime,
            json!({ "type": "response.created", "response": { "id": "r2" } }),
        );
        let end =
            json!({ "type": "response.done", "response": { "id": "r2", "status": "completed" } });
        assert!(matches!(
            &hear(&mut realtime, end)[..],
            [Down::Done {
                turn: Some(TURN),
                ..
            }]
        ));
        assert!(realtime.answers.is_idle());
    }
}

#[test]
fn a_server_that_only_uses_tools_is_told_to_answer_in_the_end() {
    let mut realtime = with_tool();
    let mut asked = sent(&mut realtime, &say(TURN, false)).pop().unwrap();
    let mut rounds = 0;
    while asked["response"]["tool_choice"] != "none" {
        rounds += 1;
        assert!(rounds < 20);
        let item = json!({ "type": "function_call", "call_id": "c", "name": "audio_volume", "arguments": "{}" });
        let id = format!("r{rounds}");
        hear(
            &mut realtime,
            json!({ "type": "response.done", "response": { "id": id,
            "status": "completed", "output": [item] } }),
        );
        let result = Up::Result {
            id: "c".into(),
            outcome: Err("no".into()),
        };
        asked = sent(&mut realtime, &result).pop().unwrap();
    }
    assert_eq!(rounds, 8);
}

#[test]
fn nobody_waits_for_the_tools_of_an_answer_that_was_stopped() {
    let mut realtime = with_tool();
    sent(&mut realtime, &say(TURN, false));
    let call = json!({ "type": "response.function_call_arguments.done", "response_id": "r",
        "call_id": "c", "name": "audio_volume", "arguments": "{}" });
    assert_eq!(hear(&mut realtime, call).len(), 1);
    let stop = Up::Interrupt {
        turn: TURN,
        conversation: ConversationId(9),
        heard: None,
    };
    sent(&mut realtime, &stop);
    hear(
        &mut realtime,
        json!({ "type": "response.done", "response": { "id": "r", "status": "cancelled" } }),
    );
    let result = Up::Result {
        id: "c".into(),
        outcome: Ok("late".into()),
    };
    assert_eq!(sent(&mut realtime, &result), [] as [Value; 0]);
    assert!(realtime.answers.is_idle());
}

const KINDS: &[&str] = &[
    "session.created",
    "session.updated",
    "error",
    "input_audio_buffer.committed",
    "conversation.item.created",
    "conversation.item.input_audio_transcription.delta",
    "conversation.item.input_audio_transcription.completed",
    "conversation.item.input_audio_transcription.failed",
    "response.created",
    "response.output_item.added",
    "response.audio.delta",
    "response.output_audio_transcript.delta",
    "response.output_audio_transcript.done",
    "response.done",
    "rate_limits.updated",
];

fn any_frame() -> impl Strategy<Value = Value> {
    let id = prop::sample::select(vec!["r", "i", "x", ""]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    (prop::sample::select(KINDS), id.clone(), id, leaf.clone(), leaf).prop_map(
        |(kind, response, item, one, other)| {
            json!({
                "type": kind, "response_id": response, "item_id": item, "delta": one,
                "transcript": other, "error": { "message": other, "event_id": "1" },
                "item": { "id": item, "type": "message" },
                "session": { "id": item, "expires_at": one, "audio": { "input": { "format": { "rate": one } } } },
                "response": { "id": response, "status": other, "output": [one] },
                "rate_limits": [{ "name": other, "remaining": one }],
            })
        },
    )
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(text in ".*") {
        heard(&mut greeted(), &Frame::Text(text));
    }

    #[test]
    fn after_any_events_in_any_order_the_next_question_is_still_asked(
        frames in prop::collection::vec(any_frame(), 0..24),
        asks in prop::collection::vec(any::<bool>(), 0..4),
    ) {
        let mut realtime = greeted();
        let mut asks = asks.into_iter().enumerate();
        for (at, frame) in frames.into_iter().enumerate() {
            if at % 6 == 0 && let Some((turn, spoken)) = asks.next() {
                Out::of(|out| assert!(realtime.encode(&say(TurnId(turn as u128 + 1), spoken), NOON, out)));
            }
            hear(&mut realtime, frame);
        }
        // The server ends whatever it has begun, and then answers.
        for id in ["r", "i", "x", ""] {
            hear(&mut realtime, json!({ "type": "response.done", "response": { "id": id, "status": "completed" } }));
        }
        let turn = TurnId(77);
        let out = Out::of(|out| assert!(realtime.encode(&say(turn, false), NOON, out)));
        let asked = out.frames.iter().filter(|frame| matches!(frame, Frame::Text(text) if text.contains("response.create")));
        // One that was asked before may still be waited for; then it is this one's turn afterwards.
        let mut asked = asked.count();
        for round in 0..5 {
            let id = format!("fresh{round}");
            hear(&mut realtime, json!({ "type": "response.created", "response": { "id": id } }));
            let done = json!({ "type": "response.done", "response": { "id": id, "status": "completed" } });
            let out = Out::of(|out| realtime.decode(&Frame::Text(done.to_string()), NOON, out));
            asked += out.frames.len();
        }
        prop_assert!(asked > 0);
        prop_assert!(realtime.answers.is_idle());
    }
}
