//! Requests and messages that are nearly right: each begins as one that means something and is then bent.
//! Whatever comes, the server answers what is about it, stays, and remembers nothing of it.
//!
//! `HEARSAY_MALFORMED_S=900 cargo test --test serve malformed` goes on for so many seconds. What is bent how
//! follows from the number of the attempt, which is told when something breaks.

use crate::folder;
use crate::house::{Client, Server};
use futures_util::SinkExt as _;
use hearsay::core::ids::Seed;
use serde_json::{Value, json};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

/// So many attempts where nobody asks for more.
const ATTEMPTS: u64 = 600;

/// By so much the server may grow meanwhile.
#[cfg(target_os = "linux")]
const GROWTH_KB: u64 = 64 << 10;

/// Chance that can be had again.
struct Chance(Seed);

impl Chance {
    /// One of so many.
    fn one_of(&mut self, count: usize) -> usize {
        (self.0.draw() % count.max(1) as u64) as usize
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.one_of(from.len())]
    }
}

/// What is as it should be: requests with a body of JSON, and others.
fn requests() -> Vec<(&'static str, Value)> {
    let said = json!([{"role": "user", "content": "what is 2 + 3?"}]);
    vec![
        (
            "POST /v1/chat/completions",
            json!({"messages": said, "stream": true}),
        ),
        (
            "POST /v1/chat/completions",
            json!({"messages": [
            {"role": "system", "content": "be brief"},
            {"role": "user", "content": [{"type": "text", "text": "what is 2 + 3?"}]}],
            "model": "hearsay", "temperature": 0.5, "max_tokens": 20, "stream_options": {"include_usage": true}}),
        ),
        (
            "POST /v1/chat/completions",
            json!({"messages": said, "stream": false,
            "conversation_id": "c", "message_id": "m", "personality_id": "friendly",
            "use_tools": true, "enable_voice": true, "client_id": "x", "speed": 1.2}),
        ),
        (
            "POST /v1/tools/call",
            json!({"tool_name": "now", "params": {"zone": "Asia/Tokyo"}}),
        ),
        (
            "POST /v1/tools/call",
            json!({"tool_name": "timers", "params": {"in": "2 hours", "label": "x"}}),
        ),
        (
            "POST /v1/tools/call",
            json!({"tool_name": "notes", "params": {"text": "x"}}),
        ),
        (
            "POST /v1/audio/speech",
            json!({"input": "tea", "voice": "alloy", "speed": 1.0,
            "response_format": "pcm", "model": "tts-1"}),
        ),
        ("DELETE /v1/conversations/c/memory", Value::Null),
        ("GET /v1/conversations/c/memory?limit=5", Value::Null),
        ("GET /v1/models/hearsay", Value::Null),
        ("GET /v1/tools", Value::Null),
        ("GET /v1/audio/voices", Value::Null),
        ("GET /ws/handlers", Value::Null),
        ("GET /metrics", Value::Null),
        (
            "GET /plugin/_server/logs?lines=20&level=warn&search=x&start_time=10m",
            Value::Null,
        ),
        ("GET /plugin/_server/logs/files", Value::Null),
        ("GET /ws/chat", Value::Null),
    ]
}

/// Messages that mean something.
fn messages() -> Vec<Value> {
    let id = "00112233-4455-4677-8899-aabbccddeeff";
    vec![
        json!({"type": "heartbeat", "timestamp": 1.5}),
        json!({"type": "get_status"}),
        json!({"type": "text_message", "content": "what is 2 + 3?", "conversation_id": "c",
            "message_id": id, "stream": true, "use_tools": true, "lang": "zh", "brain": "builtin",
            "history": [{"message_id": id, "role": "user", "content": "x", "cut": true}]}),
        json!({"type": "text_message", "content": "what is 2 + 3?", "enable_voice": true,
            "voice": "en", "speed": 1.0, "audio": "binary", "message_id": id}),
        json!({"type": "speak", "content": "tea", "message_id": id, "audio": "binary"}),
        json!({"type": "audio_input", "message_id": id, "audio_format": "pcm", "sample_rate": 16000,
            "chunked": true, "language": "zh-CN"}),
        json!({"type": "audio_input", "audio_base64": "UklGRiQAAABXQVZF", "audio_format": "wav"}),
        json!({"type": "audio_complete", "message_id": id, "scenario": "voice_recording"}),
        json!({"type": "audio_stream", "scenario": "voice_call", "audio_base64": "AAAAAAAA"}),
        json!({"type": "interrupt", "message_id": id, "session_id": "c", "heard": "2"}),
        json!({"type": "voice_command", "command": "start_voice_call", "conversation_id": "c"}),
        json!({"type": "voice_command", "command": "clear_conversation", "conversation_id": "c"}),
        json!({"type": "status_query", "query_type": "connection"}),
        json!({"type": "list_brains", "again": true}),
        json!({"type": "list_tools", "again": false}),
        json!({"type": "errand_report", "message_id": id, "errand_id": "e1", "result": "once"}),
        json!({"type": "get_prompt", "message_id": id}),
        json!({"type": "join_conversation", "conversation_id": "c"}),
        json!({"type": "session.update", "session": {"type": "realtime", "output_modalities": ["text"],
            "audio": {"input": {"turn_detection": null}}}}),
        json!({"type": "conversation.item.create", "item": {"type": "message", "role": "user",
            "content": [{"type": "input_text", "text": "what is 2 + 3?"}]}}),
        json!({"type": "input_audio_buffer.append", "audio": "AAAAAAAA"}),
        json!({"type": "response.create", "response": {"instructions": "x"}}),
    ]
}

/// What no field should be.
fn odd(chance: &mut Chance) -> Value {
    let deep = (0..200).fold(Value::Null, |inner, _level| json!([inner]));
    let odd = [
        Value::Null,
        json!([]),
        json!({}),
        json!(-1),
        json!(u64::MAX),
        json!(1e308),
        json!(""),
        json!("\u{0}\u{1b}]52;c;x\u{7}"),
        json!("../../../../etc/passwd"),
        json!("x".repeat(5_000)),
        json!("名\u{202e}\u{fffd}🙂"),
        json!(true),
        deep,
    ];
    chance.pick(&odd).clone()
}

/// Bends one value somewhere in it, or takes it away.
fn bend(value: &mut Value, chance: &mut Chance) {
    match value {
        Value::Object(map) if !map.is_empty() && chance.one_of(4) > 0 => {
            let keys: Vec<String> = map.keys().cloned().collect();
            let key = chance.pick(&keys).clone();
            if chance.one_of(6) == 0 {
                map.remove(&key);
            } else if let Some(inner) = map.get_mut(&key) {
                bend(inner, chance);
            }
        }
        Value::Array(list) if !list.is_empty() && chance.one_of(4) > 0 => {
            let at = chance.one_of(list.len());
            bend(&mut list[at], chance);
        }
        other => *other = odd(chance),
    }
}

/// Bends the bytes themselves.
fn garble(bytes: &mut Vec<u8>, chance: &mut Chance) {
    const ODD: [&[u8]; 12] = [
        b"\r\n\r\n",
        b"\0",
        b"\xff\xfe",
        b"content-length: 18446744073709551616\r\n",
        b"content-length: -1\r\n",
        b"transfer-encoding: chunked\r\n",
        b"FFFFFFFFFFFFFFFF\r\n",
        b"%00%2f..%2f",
        b"expect: 100-continue\r\n",
        b"upgrade: websocket\r\nconnection: upgrade\r\n",
        b"\xe4\xb8",
        b"{\"type\":",
    ];
    for _change in 0..=chance.one_of(3) {
        let at = chance.one_of(bytes.len());
        match chance.one_of(5) {
            0 => bytes.truncate(at),
            1 if at < bytes.len() => bytes[at] ^= 1 << chance.one_of(8),
            2 if at < bytes.len() => {
                bytes.remove(at);
            }
            3 => {
                let end = bytes.len().min(at + chance.one_of(40));
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            _ => {
                bytes.splice(at..at, chance.pick(&ODD).iter().copied());
            }
        }
    }
}

/// A request that is nearly one.
fn request(chance: &mut Chance) -> Vec<u8> {
    if chance.one_of(6) == 0 {
        return upload(chance);
    }
    let (what, mut body) = chance.pick(&requests()).clone();
    let whole = chance.one_of(2) == 0;
    if whole && !body.is_null() {
        bend(&mut body, chance);
    }
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let mut request = format!(
        "{what} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes();
    if !whole || body.is_empty() {
        garble(&mut request, chance);
    }
    request
}

/// A recording in a form, whose parts may be bent.
fn upload(chance: &mut Chance) -> Vec<u8> {
    let mut form = b"--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\
        content-type: audio/wav\r\n\r\nRIFF\x2c\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0data\x08\0\0\0\0\0\0\0\0\0\0\0\r\n\
        --x\r\ncontent-disposition: form-data; name=\"response_format\"\r\n\r\ntext\r\n--x--\r\n"
        .to_vec();
    garble(&mut form, chance);
    let head = format!(
        "POST /v1/audio/transcriptions HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-type: multipart/form-data; boundary=x\r\ncontent-length: {}\r\n\r\n",
        form.len()
    );
    [head.as_bytes(), &form].concat()
}

/// A request, and whatever comes of it.
async fn ask(server: &Server, chance: &mut Chance, number: u64) {
    let request = request(chance);
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    // It may have read enough before the end.
    let _ = stream.write_all(&request).await;
    let _ = stream.shutdown().await;
    let mut told = vec![];
    let _ = stream.read_to_end(&mut told).await;
    let told = String::from_utf8_lossy(&told);
    let (status, _) = told.split_once("\r\n").unwrap_or((&told, ""));
    assert!(
        told.is_empty() || told.starts_with("HTTP/1.") && !status.contains(" 500"),
        "attempt {number}: {told}\nafter {}",
        String::from_utf8_lossy(&request)
    );
}

/// A message that is nearly one.
fn message(chance: &mut Chance) -> Message {
    if chance.one_of(8) == 0 {
        // The head of a recording, and samples.
        let mut bytes = vec![1];
        bytes.extend(0x0011_2233_4455_4677_8899_aabb_ccdd_eeff_u128.to_be_bytes());
        bytes.extend([7; 320]);
        garble(&mut bytes, chance);
        return Message::binary(bytes);
    }
    let mut message = chance.pick(&messages()).clone();
    if chance.one_of(3) > 0 {
        bend(&mut message, chance);
        return Message::text(message.to_string());
    }
    let mut bytes = message.to_string().into_bytes();
    garble(&mut bytes, chance);
    Message::text(String::from_utf8_lossy(&bytes).into_owned())
}

/// A client that says what makes no sense, and is answered all the same when it says what does.
async fn talk(server: &Server, chance: &mut Chance, number: u64) {
    let realtime = chance.one_of(3) == 0;
    let path = if realtime { "/v1/realtime" } else { "/ws/chat" };
    let mut client = server.connect_to(path, &[]).await.unwrap();
    for _message in 0..=chance.one_of(12) {
        let message = message(chance);
        assert!(
            client.socket.send(message).await.is_ok(),
            "attempt {number}: it hung up"
        );
    }
    if chance.one_of(6) == 0 {
        // Whoever speaks no WebSocket is hung up on.
        let mut garbage = b"\x81\x85\0\0\0\0hello\xc1\x7f\xff\xff\xff\xff\xff\xff\xff\xff".to_vec();
        garble(&mut garbage, chance);
        let stream = client.socket.get_mut();
        let _ = stream.write_all(&garbage).await;
        let _ = stream.shutdown().await;
        let mut rest = vec![];
        let _ = stream.read_to_end(&mut rest).await;
    } else if !realtime {
        last_word(&mut client, number).await;
    }
}

async fn last_word(client: &mut Client, number: u64) {
    client.say(json!({"type": "ping"})).await;
    loop {
        match client.next().await {
            Ok(frame) if frame["type"] == "pong" => return,
            Ok(frame) => assert!(frame["type"].is_string(), "attempt {number}: {frame}"),
            Err(end) => panic!("attempt {number}: it ended: {end:?}"),
        }
    }
}

#[tokio::test]
async fn malformed_requests_and_messages_are_answered_and_nothing_comes_of_them() {
    let more = std::env::var("HEARSAY_MALFORMED_S").ok();
    let seconds: Option<u64> = more.and_then(|seconds| seconds.parse().ok());
    let folder = folder();
    let settings = [
        ("HEARSAY_SERVE_RATE", "0"),
        ("HEARSAY_SERVE_REQUEST_S", "2"),
    ];
    let server = Server::start(folder.path(), &[], &settings);
    assert_eq!(server.http("GET /health", &[], "").await.0, 200);
    let first: u64 = seconds.map_or(0, |_seconds| anywhere());
    let begun = tokio::time::Instant::now();
    #[cfg(target_os = "linux")]
    let mut before = 0;
    let mut number = first;
    loop {
        let mut chance = Chance(Seed::new(number));
        if chance.one_of(3) == 0 {
            talk(&server, &mut chance, number).await;
        } else {
            ask(&server, &mut chance, number).await;
        }
        number += 1;
        #[cfg(target_os = "linux")]
        if number - first == ATTEMPTS / 2 {
            before = server.memory_kb();
        }
        let enough = seconds.map_or(number - first >= ATTEMPTS, |seconds| {
            begun.elapsed() > Duration::from_secs(seconds)
        });
        if enough {
            break;
        }
    }
    assert_eq!(server.http("GET /health", &[], "").await.0, 200);
    #[cfg(target_os = "linux")]
    {
        let grown = server.memory_kb().saturating_sub(before);
        assert!(grown < GROWTH_KB, "{grown} KiB more than before");
    }
    let log = std::fs::read_to_string(folder.path().join("data/serve.log")).unwrap();
    assert!(!log.contains("panicked"), "{log}");
    if seconds.is_some() {
        println!("{} attempts from {first} on", number - first);
    }
}

/// Where a long run begins.
fn anywhere() -> u64 {
    RandomState::new().build_hasher().finish() >> 16
}
