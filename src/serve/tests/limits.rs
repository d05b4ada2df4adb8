//! What clients cannot break: nonsense, floods, deaf ears and sudden ends.

use super::rig::{Peer, Scripted, Step, backend, say};
use super::{error, message};
use futures_util::{SinkExt, StreamExt};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::json;
use std::time::Duration;
use tokio_tungstenite::tungstenite::{self, protocol::frame::coding::CloseCode};

#[tokio::test(start_paused = true)]
async fn whatever_cannot_be_read_is_answered_with_an_error_and_the_connection_stays() {
    let (backend, ..) = backend(&Scripted::new([]));
    let mut peer = Peer::dial(&backend).await;
    let deep = "[".repeat(100_000);
    let long = json!({"type": "text_message", "message_id": "l", "content": "x".repeat(2 << 20)});
    for (text, code) in [
        ("", "invalid_message"),
        ("{", "invalid_message"),
        ("[1]", "invalid_message"),
        ("7", "invalid_message"),
        ("{}", "invalid_message"),
        (&deep, "invalid_message"),
        (r#"{"type":7}"#, "invalid_message"),
        (r#"{"type":"audio_input"}"#, "audio_unreadable"),
        (
            r#"{"type":"audio_input","audio":"UklGRg=="}"#,
            "audio_unreadable",
        ),
        (
            r#"{"type":"audio_input","chunked":true,"audio_format":"pcm","message_id":"m"}"#,
            "invalid_message",
        ),
        (
            r#"{"type":"audio_input","audio_format":"pcm","sample_rate":8000,"audio":"AAA="}"#,
            "audio_unreadable",
        ),
        (
            r#"{"type":"audio_input","scenario":"voice_call","audio":"AAA="}"#,
            "unsupported",
        ),
        (r#"{"type":"speak"}"#, "invalid_message"),
        (r#"{"type":"speak","content":" "}"#, "empty_message"),
        (r#"{"type":"text_message"}"#, "invalid_message"),
        (
            r#"{"type":"text_message","content":null}"#,
            "invalid_message",
        ),
        (r#"{"type":"text_message","content":" "}"#, "empty_message"),
        (r#"{"type":"ping","client_id":"you"}"#, "client_id_mismatch"),
        (r#"{"type":"status_query"}"#, "invalid_message"),
        (
            r#"{"type":"status_query","query_type":"audio_cache"}"#,
            "unsupported",
        ),
        (
            r#"{"type":"status_query","query_type":"x"}"#,
            "query_unknown",
        ),
        (
            r#"{"type":"voice_command","command":"start_voice_call"}"#,
            "no_ears",
        ),
        (
            r#"{"type":"voice_command","command":"x"}"#,
            "command_unknown",
        ),
        (&long.to_string(), "message_too_large"),
    ] {
        peer.say_text(text).await;
        let heard = peer.hear().await;
        let shown: String = text.chars().take(60).collect();
        assert_eq!(heard["error"]["code"], code, "{shown}: {heard}");
    }
    peer.say(json!({"type": "text_message", "message_id": "m"}))
        .await;
    assert_eq!(
        peer.hear().await,
        json!({"type": "error", "message_id": "m", "client_id": "C", "error": {
            "message": "`text_message` cannot be read: missing field `content`",
            "type": "message_processing_error", "code": "invalid_message"}})
    );
    let bytes = tungstenite::Message::binary(vec![0; 5]);
    peer.socket.send(bytes).await.unwrap();
    let heard = peer.hear().await;
    assert_eq!(
        heard["error"]["message"],
        "a binary frame of 5 bytes that is none of this language"
    );
    peer.say(json!({"type": "get_status"})).await;
    assert_eq!(
        peer.hear().await,
        json!({"type": "status_response", "client_id": "C", "data": {"total_connections": 1,
            "active_connections": 1, "total_messages": 27, "answering": 0, "conversations": 0,
            "uptime": 0.0}})
    );
}

#[test]
fn no_frame_whatever_is_in_it_ends_the_connection() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    let frame = prop_oneof![
        ".{0,80}".prop_map(tungstenite::Message::text),
        prop::collection::vec(any::<u8>(), 0..80).prop_map(tungstenite::Message::binary),
        (
            prop::sample::select(crate::wire::yychat::frames::ClientFrame::TYPES),
            "[a-z_]{0,16}",
            prop_oneof![
                Just(json!(null)),
                Just(json!(true)),
                any::<f64>().prop_map(|n| json!(n)),
                ".{0,9}".prop_map(|text| json!(text)),
                Just(json!([{}]))
            ],
        )
            .prop_map(|(kind, field, value)| {
                let mut frame = json!({"type": kind, "content": "x"});
                frame[field] = value;
                tungstenite::Message::text(frame.to_string())
            }),
    ];
    let frames = prop::collection::vec(frame, 0..20);
    TestRunner::default()
        .run(&frames, |frames| {
            runtime.block_on(async {
                let (backend, ..) = backend(&Scripted::new([]));
                let mut peer = Peer::dial(&backend).await;
                for frame in frames {
                    peer.socket.send(frame).await.unwrap();
                }
                peer.say(json!({"type": "interrupt", "message_id": "the last"}))
                    .await;
                while peer.hear().await["message_id"] != "the last" {}
            });
            Ok(())
        })
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_holds_up_nobody_else() {
    let flood = || (0..2000).map(|_| say(&"x".repeat(400))).collect();
    let brain = Scripted::new([flood(), vec![say("quick")]]);
    let (backend, ..) = backend(&brain);
    let mut deaf = Peer::dial(&backend).await;
    deaf.say(message("a", "A")).await;
    // It asks without end and reads nothing: at some point it is not listened to any longer.
    let mut sent = 0;
    while let Ok(()) = tokio::time::timeout(
        Duration::from_secs(1),
        deaf.say(json!({"type": "ping", "x": "x".repeat(1000)})),
    )
    .await
    {
        sent += 1;
        assert!(sent < 2000, "nothing holds it up");
    }
    let mut other = Peer::dial(&backend).await;
    other.say(message("b", "B")).await;
    let heard = other.hear_until("stream_end").await;
    assert_eq!(heard.last().unwrap()["full_content"], "quick");
}

#[tokio::test(start_paused = true)]
async fn one_client_is_answered_only_so_many_messages_at_once() {
    let brain = Scripted::new((0..20).map(|_| vec![Step::Hang]));
    let (backend, ..) = backend(&brain);
    let mut peer = Peer::dial(&backend).await;
    for n in 0..9 {
        peer.say(message(&n.to_string(), "x")).await;
    }
    peer.say(message("0", "x")).await;
    let heard = peer.hear_until("error").await;
    assert_eq!(
        *heard.last().unwrap(),
        error(
            "8",
            &json!({"message": "8 messages are being answered already",
            "type": "text_processing_error", "code": "too_many_turns",
            "hint": "wait for an answer, or stop one"})
        )
    );
    let heard = peer.hear_until("error").await;
    assert_eq!(heard.last().unwrap()["error"]["code"], "duplicate_message");
    peer.say(json!({"type": "interrupt"})).await;
    for _ in 0..8 {
        peer.hear_until("stop_playback").await;
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_outlives_its_connection_however_it_ends() {
    let brain = Scripted::new((0..3).map(|_| vec![say("x"), Step::Hang]));
    let (backend, ..) = backend(&brain);
    for goodbye in [true, false] {
        let mut peer = Peer::dial(&backend).await;
        peer.say(message("m", "hi")).await;
        peer.hear_until("stream_chunk").await;
        if goodbye {
            peer.socket.close(None).await.unwrap();
            assert!(matches!(
                peer.socket.next().await,
                Some(Ok(tungstenite::Message::Close(_)))
            ));
            assert!(peer.socket.next().await.is_none());
        } else {
            drop(peer);
        }
        brain.until_dropped().await;
    }
    let mut peer = Peer::dial(&backend).await;
    peer.say(message("m", "hi")).await;
    peer.hear_until("stream_chunk").await;
    drop(backend);
    let Some(Ok(tungstenite::Message::Close(Some(frame)))) = peer.socket.next().await else {
        panic!("no goodbye");
    };
    assert_eq!(frame.code, CloseCode::Away);
    assert!(peer.socket.next().await.is_none());
    brain.until_dropped().await;
}

#[tokio::test(start_paused = true)]
async fn a_fast_brain_does_not_cost_a_frame_for_each_token() {
    let tokens: Vec<String> = (0..5000).map(|n| format!("{n} ")).collect();
    let brain = Scripted::new([tokens.iter().map(|token| say(token)).collect()]);
    let (backend, ..) = backend(&brain);
    let mut peer = Peer::dial(&backend).await;
    peer.say(message("m", "count")).await;
    let heard = peer.hear_until("stream_end").await;
    let chunks: Vec<_> = heard
        .iter()
        .filter_map(|frame| frame["content"].as_str())
        .collect();
    assert_eq!(chunks.concat(), tokens.concat());
    assert!(chunks.len() < 200, "{} frames", chunks.len());
}

#[tokio::test(start_paused = true)]
async fn a_message_beyond_all_measure_ends_the_connection_with_the_reason() {
    let (backend, ..) = backend(&Scripted::new([]));
    let mut peer = Peer::dial(&backend).await;
    let huge = tungstenite::Message::text("x".repeat((26 << 20) + 1));
    // It is hung up on while it still writes.
    let _ = peer.socket.send(huge).await;
    let Some(Ok(tungstenite::Message::Close(Some(frame)))) = peer.socket.next().await else {
        panic!("no goodbye");
    };
    assert_eq!(frame.code, CloseCode::Size);
}
