//! A yychat server as it behaves today: words are answered over HTTP, speech comes on the socket,
//! and its faults are those that were seen.

use crate::support::tones;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};

/// Far more than anything here takes.
const LONG: Duration = Duration::from_mins(3);

const VOICES: [&str; 6] = ["alloy", "echo", "fable", "onyx", "nova", "shimmer"];

/// How this one behaves.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a habit of its own")]
pub(super) struct Habits {
    /// It answers `text_message` on the socket.
    pub(super) ws_text: bool,
    /// It has an HTTP side.
    pub(super) http: bool,
    /// It lists there what it has.
    pub(super) lists: bool,
    /// It takes nobody in.
    pub(super) full: bool,
    /// It stops in the middle of an answer, and says no more.
    pub(super) hangs: bool,
    /// It sends speech of other connections, too.
    pub(super) foreign_audio: bool,
    /// It leads calls.
    pub(super) calls: bool,
    pub(super) fault: Option<Fault>,
}

/// What comes instead of an answer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    Page,
    Cut,
    Exception,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            ws_text: false,
            http: true,
            lists: true,
            full: false,
            hangs: false,
            foreign_audio: false,
            calls: true,
            fault: None,
        }
    }
}

/// What all connections share.
struct House {
    habits: Mutex<Habits>,
    /// What happened, and how much of it.
    seen: watch::Sender<Vec<String>>,
    bodies: Mutex<Vec<Value>>,
    call: Mutex<Option<Call>>,
    /// The sockets, in the order in which they came.
    sockets: Mutex<Vec<mpsc::UnboundedSender<Message>>>,
}

/// A call as its ears hear it.
#[derive(Default)]
struct Call {
    heard: Vec<i16>,
    talks: bool,
    quiet: usize,
    turns: usize,
}

/// What such servers hear, and speak.
const RATE: u32 = 24_000;

impl Call {
    /// What somebody has said, when they have.
    fn hear(&mut self, audio: &str) -> Option<String> {
        let bytes = hearsay::codec::base64::decode(audio).unwrap();
        let pairs = bytes.chunks_exact(2);
        let samples: Vec<i16> = pairs
            .map(|two| i16::from_le_bytes([two[0], two[1]]))
            .collect();
        let loud = samples.iter().any(|sample| sample.unsigned_abs() > 1_000);
        self.quiet = if loud { 0 } else { self.quiet + samples.len() };
        self.talks |= loud;
        self.heard.extend(samples);
        if !self.talks {
            let surplus = self.heard.len().saturating_sub(RATE as usize / 5);
            self.heard.drain(..surplus);
        }
        if !self.talks || self.quiet < RATE as usize / 2 {
            return None;
        }
        self.talks = false;
        self.turns += 1;
        let heard = std::mem::take(&mut self.heard);
        Some(tones::text(&tones::hear(&heard, RATE)))
    }
}

pub(super) struct Server {
    address: SocketAddr,
    house: Arc<House>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub(super) async fn start(habits: Habits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let house = Arc::new(House {
            habits: Mutex::new(habits),
            seen: watch::Sender::default(),
            bodies: Mutex::default(),
            call: Mutex::default(),
            sockets: Mutex::default(),
        });
        let shared = Arc::clone(&house);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let house = Arc::clone(&shared);
                tokio::spawn(async move {
                    // A client that goes away is part of many tests.
                    let _ = house.meet(stream).await;
                });
            }
        });
        Self {
            address,
            house,
            task,
        }
    }

    pub(super) fn url(&self) -> String {
        format!("ws://{}/ws/chat", self.address)
    }

    /// How often this happened.
    pub(super) fn count(&self, what: &str) -> usize {
        let seen = self.house.seen.borrow();
        seen.iter().filter(|seen| *seen == what).count()
    }

    /// Whether this has happened, for those who wait for it elsewhere.
    pub(super) fn watch(&self, what: &'static str) -> impl Fn() -> bool + Send + 'static {
        let house = Arc::clone(&self.house);
        move || house.seen.borrow().iter().any(|seen| seen == what)
    }

    /// Waits until this has happened.
    pub(super) async fn until(&self, what: &str) {
        let mut seen = self.house.seen.subscribe();
        let happened = seen.wait_for(|seen| seen.iter().any(|seen| seen == what));
        timeout(LONG, happened).await.unwrap().unwrap();
    }

    /// The questions that came over HTTP.
    pub(super) fn bodies(&self) -> Vec<Value> {
        self.house.bodies.lock().unwrap().clone()
    }

    /// Speaks about a turn on all sockets, whether anybody wants it or not.
    pub(super) fn speak(&self, turn: u128) {
        let id = format!("00000000-0000-0000-0000-{turn:012x}");
        self.push(&spoken("client-1", CONVERSATION, &id, 0).to_string());
    }

    pub(super) fn push(&self, text: &str) {
        self.house.push(&Message::text(text));
    }

    /// Closes all sockets in order.
    pub(super) fn close(&self, code: u16) {
        self.house.close(code);
    }

    /// Behaves from here on.
    pub(super) fn mend(&self) {
        *self.house.habits.lock().unwrap() = Habits::default();
    }
}

const CONVERSATION: &str = "00000000-0000-0000-0000-00000000000c";

/// A sentence as a whole file: a WAV, whatever its label says. Its last byte is its number.
fn spoken(client: &str, conversation: &str, message: &str, seq: u8) -> Value {
    let mut wav = b"RIFF\x28\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\xc0\x5d\0\0\x80\xbb\0\0\x02\0\x10\0data\x04\0\0\0\0\0\0".to_vec();
    wav.push(seq);
    json!({"type": "audio_stream", "client_id": client, "session_id": conversation,
        "message_id": message, "codec": "audio/mpeg", "seq": seq,
        "audio": hearsay::codec::base64::encode(&wav)})
}

/// The head of a request.
struct Head {
    method: String,
    path: String,
    token: Option<String>,
    length: usize,
    key: Option<String>,
    /// What came behind it.
    rest: Vec<u8>,
}

impl House {
    fn saw(&self, what: impl Into<String>) {
        self.seen.send_modify(|seen| seen.push(what.into()));
    }

    fn habits(&self) -> Habits {
        *self.habits.lock().unwrap()
    }

    fn push(&self, message: &Message) {
        for socket in self.sockets.lock().unwrap().iter() {
            // Those that are gone hear nothing.
            let _ = socket.send(message.clone());
        }
    }

    async fn meet(&self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let Some(head) = read_head(&mut stream).await? else {
            return Ok(());
        };
        match &head.key {
            Some(_) if self.habits().full => {
                stream
                    .write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
                    .await
            }
            Some(key) => {
                let accepted = derive_accept_key(key.as_bytes());
                let upgrade = format!(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accepted}\r\n\r\n"
                );
                stream.write_all(upgrade.as_bytes()).await?;
                self.socket(WebSocketStream::from_raw_socket(stream, Role::Server, None).await)
                    .await;
                Ok(())
            }
            None => self.http(stream, head).await,
        }
    }

    async fn socket(&self, socket: WebSocketStream<TcpStream>) {
        let (mut to, mut from) = socket.split();
        let (push, mut pushed) = mpsc::unbounded_channel();
        let client = {
            let mut sockets = self.sockets.lock().unwrap();
            sockets.push(push.clone());
            format!("client-{}", sockets.len())
        };
        let greeting = json!({"type": "connection_established", "client_id": client,
            "timestamp": 1_795_173_705.58, "message": "连接已建立"});
        push.send(Message::text(greeting.to_string())).unwrap();
        loop {
            tokio::select! {
                message = pushed.recv() => {
                    let Some(message) = message else { return };
                    let closes = message.is_close();
                    if to.send(message).await.is_err() || closes {
                        return;
                    }
                }
                message = from.next() => {
                    let Some(Ok(message)) = message else { return };
                    let Message::Text(text) = message else {
                        if message.is_binary() {
                            let _ = to.send(Message::Close(None)).await;
                            return;
                        }
                        continue;
                    };
                    let Ok(frame) = serde_json::from_str::<Value>(&text) else {
                        let _ = to.send(Message::Close(None)).await;
                        return;
                    };
                    for answer in self.answer(&client, &frame) {
                        push.send(Message::text(answer.to_string())).unwrap();
                    }
                }
            }
        }
    }

    /// What it says on the socket to a frame.
    fn answer(&self, client: &str, frame: &Value) -> Vec<Value> {
        let now = 1_795_173_706.5;
        let kind = frame["type"].as_str().unwrap_or_default();
        self.saw(kind);
        let wrong = |message: &str, kind: &str, code: &str| {
            json!({"type": "error", "timestamp": now, "client_id": client,
                "error": {"message": message, "type": kind, "code": code}})
        };
        if frame["client_id"]
            .as_str()
            .is_some_and(|named| named != client)
        {
            return vec![wrong(
                "Client ID mismatch",
                "message_processing_error",
                "invalid_message",
            )];
        }
        match kind {
            "heartbeat" => {
                vec![json!({"type": "heartbeat_response", "timestamp": now, "client_id": client})]
            }
            "ping" => vec![json!({"type": "pong", "timestamp": now, "client_id": client})],
            "get_status" => vec![
                json!({"type": "status_response", "timestamp": now, "client_id": client,
                "data": {"total_connections": 1, "active_connections": 1, "total_messages": 3,
                    "max_connections": 100, "uptime": -1.2e-05}}),
            ],
            "text_message" => {
                let mut frames = vec![
                    json!({"type": "processing_start", "timestamp": now, "client_id": client}),
                ];
                if self.habits().ws_text {
                    let words = format!(
                        "you said: {}",
                        frame["content"].as_str().unwrap_or_default()
                    );
                    frames.extend([
                        json!({"type": "stream_start", "timestamp": now, "client_id": client}),
                        json!({"type": "stream_chunk", "content": "", "timestamp": now}),
                        json!({"type": "stream_chunk", "content": words, "timestamp": now}),
                        json!({"type": "stream_end", "full_content": words, "timestamp": now}),
                    ]);
                }
                frames
            }
            "audio_input" => {
                let Some(audio) = frame["audio_base64"].as_str() else {
                    return vec![json!({"type": "error", "timestamp": now,
                        "message": "Audio processing failed: no audio"})];
                };
                let wav = hearsay::codec::base64::decode(audio).unwrap();
                let quiet = wav.iter().skip(44).all(|byte| *byte == 0);
                let heard =
                    tones::read_wav(&wav).map(|(samples, rate)| tones::hear(&samples, rate));
                let words = match tones::text(&heard.unwrap_or_default()) {
                    _ if quiet => String::new(),
                    words if words.is_empty() => "what time is it".to_owned(),
                    words => words,
                };
                vec![
                    json!({"type": "audio_processing_start", "timestamp": now}),
                    json!({"type": "transcription_result", "text": words, "timestamp": now,
                        "scenario": "voice_recording"}),
                ]
            }
            "interrupt" => vec![
                json!({"type": "interrupt_notification", "client_id": client,
                "session_id": null, "message_id": null, "interrupt_type": "user_interrupt",
                "timestamp": now}),
            ],
            "voice_command" => match frame["command"].as_str() {
                Some("clear_conversation") => {
                    vec![json!({"type": "conversation_cleared", "timestamp": now})]
                }
                Some("change_voice") => vec![
                    json!({"type": "voice_changed", "voice": frame["voice"], "timestamp": now}),
                ],
                Some("start_voice_call") if self.habits().calls => {
                    self.saw("start_voice_call");
                    let before = self.call.lock().unwrap().replace(Call::default());
                    // The second start of a call is passed over without a word.
                    if before.is_some() {
                        return vec![];
                    }
                    vec![json!({"type": "voice_call_started", "message": "x", "timestamp": now})]
                }
                Some("start_voice_call") => vec![wrong(
                    "Failed to start voice call: no realtime model",
                    "voice_call_error",
                    "processing_failed",
                )],
                Some("stop_voice_call") => {
                    *self.call.lock().unwrap() = None;
                    vec![
                        wrong(
                            "Cancellation failed: no active response found",
                            "voice_call_error",
                            "processing_failed",
                        ),
                        json!({"type": "stop_playback", "message": "x", "timestamp": now}),
                        json!({"type": "voice_call_stopped", "message": "x", "timestamp": now}),
                    ]
                }
                _ => vec![wrong(
                    "Unknown voice command",
                    "message_processing_error",
                    "invalid_message",
                )],
            },
            "audio_stream" => self.hear(client, frame),
            "audio_complete" => vec![],
            _ => vec![wrong(
                "Unknown message type",
                "message_processing_error",
                "invalid_message",
            )],
        }
    }

    /// Sound of a call: answered when somebody has said something, after the answer has begun.
    /// Without a call nobody hears it.
    fn hear(&self, client: &str, frame: &Value) -> Vec<Value> {
        let mut call = self.call.lock().unwrap();
        let Some(call) = call.as_mut() else {
            return vec![];
        };
        let audio = frame["audio_base64"].as_str().unwrap();
        let Some(words) = call.hear(audio) else {
            return vec![];
        };
        let turn = call.turns;
        let name = |part: usize| format!("voice_call_{client}_{}", turn * 10 + part);
        let times = if words.contains("help") { 16 } else { 1 };
        let answer = tones::say_at(&["it", "is", "five"].repeat(times), RATE);
        let pieces: Vec<_> = answer.chunks(4_800).collect();
        let mut frames: Vec<Value> = (pieces.iter().enumerate())
            .map(|(at, piece)| {
                json!({"type": "audio_stream", "seq": at, "item_id": format!("item_{turn}"),
                    "audio": hearsay::codec::base64::encode(&tones::bytes(piece)),
                    "message_id": name(at), "session_id": format!("voice_call_{client}"),
                    "sequence_number": null, "timestamp": 1.5})
            })
            .collect();
        let said = json!({"type": "transcription_result", "scenario": "voice_call",
            "role": "user", "text": words, "message_id": name(0)});
        frames.insert(1, said);
        frames.push(
            json!({"type": "transcription_result", "scenario": "voice_call",
            "role": "assistant", "assistant_text": format!("you asked: {words}")}),
        );
        frames
    }

    async fn http(&self, mut stream: TcpStream, head: Head) -> std::io::Result<()> {
        let mut body = head.rest;
        while body.len() < head.length {
            if stream.read_buf(&mut body).await? == 0 {
                return Ok(());
            }
        }
        let what = format!("{} {}", head.method, head.path);
        self.saw(what.clone());
        if !self.habits().http {
            return document(&mut stream, 404, &json!({"detail": "Not Found"})).await;
        }
        match head.token.as_deref() {
            None => {
                return document(&mut stream, 403, &json!({"detail": "Not authenticated"})).await;
            }
            Some("Bearer secret") => {}
            Some(_) => {
                let detail = json!({"detail": {"error": {"message": "Incorrect API key provided",
                    "type": "invalid_request_error", "param": null, "code": "invalid_api_key"}}});
                return document(&mut stream, 401, &detail).await;
            }
        }
        let lists = self.habits().lists;
        let list = match what.as_str() {
            "POST /v1/chat/completions" => {
                let body: Value = serde_json::from_slice(&body).unwrap();
                self.bodies.lock().unwrap().push(body.clone());
                return self.chat(stream, &body).await;
            }
            "GET /v1/personalities" => {
                json!({"object": "list", "data": [{"id": "friendly", "name": "友好伙伴"}]})
            }
            "GET /v1/models" => {
                json!({"object": "list", "data": [{"id": "gpt-4o", "object": "model", "created": 1429}]})
            }
            "GET /v1/engines/list" => {
                json!({"success": true, "current_engine": "chat_engine", "count": 2,
                "engines": [{"name": "chat_engine", "is_current": true}, {"name": "mem0_proxy", "is_current": false}]})
            }
            "GET /v1/audio/voices" => json!({"voices": VOICES}),
            "GET /v1/tools" => json!({"tools": [{"name": "calculator", "description": "x"}]}),
            "GET /v1/mcp/tools" => json!({"tools": [{"name": "search", "description": "x"}]}),
            _ if head.path.starts_with("/v1/conversations/") => {
                json!({"object": "list", "data": [], "total": 3})
            }
            _ => return document(&mut stream, 404, &json!({"detail": "Not Found"})).await,
        };
        if lists || head.path.starts_with("/v1/conversations/") {
            document(&mut stream, 200, &list).await
        } else {
            document(
                &mut stream,
                500,
                &json!({"detail": {"error": {"message": "x", "type": "server_error"}}}),
            )
            .await
        }
    }

    async fn chat(&self, mut stream: TcpStream, asked: &Value) -> std::io::Result<()> {
        let habits = self.habits();
        let (message, conversation) = (&asked["message_id"], &asked["conversation_id"]);
        let said = asked["messages"].as_array().unwrap();
        assert!(
            said.iter().all(|said| said["content"].is_string()),
            "{said:?}"
        );
        if let Some(Fault::Page) = habits.fault {
            let page = "<!DOCTYPE html><title>log in</title>";
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n{page}",
                page.len()
            );
            return stream.write_all(head.as_bytes()).await;
        }
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n")
            .await?;
        event(
            &mut stream,
            &json!({"type": "stream_start", "message_id": message, "session_id": conversation}),
        )
        .await?;
        let words = said.last().unwrap()["content"].as_str().unwrap();
        let chunk = |content: &str, reason: Value| {
            json!({"id": "chatcmpl-x", "object": "chat.completion.chunk", "created": 1429, "model": "gpt-4o",
                "choices": [{"index": 0, "delta": {"content": content}, "finish_reason": reason}],
                "meta": {"message_id": message, "session_id": conversation}})
        };
        event(&mut stream, &chunk("", Value::Null)).await?;
        event(&mut stream, &chunk("you said: ", Value::Null)).await?;
        if habits.hangs {
            // Until the client has gone.
            let mut nothing = [0; 1];
            let _ = stream.read(&mut nothing).await;
            self.saw("hung up");
            return Ok(());
        }
        if words.contains("restart") && self.is_first("restarted") {
            self.close(1012);
            return Ok(());
        }
        match habits.fault {
            Some(Fault::Cut) => return Ok(()),
            Some(Fault::Exception) => {
                event(&mut stream, &chunk("发生错误: boom", json!("error"))).await?;
                part(&mut stream, "data: [DONE]\n\n").await?;
                return stream.write_all(b"0\r\n\r\n").await;
            }
            Some(Fault::Page) | None => {}
        }
        event(&mut stream, &chunk(words, Value::Null)).await?;
        let end = json!({"type": "stream_end", "message_id": message, "session_id": conversation, "full_length": words.len()});
        event(&mut stream, &end).await?;
        if asked["enable_voice"] == true {
            self.say(asked);
        }
        stream.write_all(b"0\r\n\r\n").await?;
        if matches!(words, "bye" | "lock up") {
            self.habits.lock().unwrap().full = words == "lock up";
            // When the client has read the answer.
            stream.shutdown().await?;
            let _ = stream.read(&mut [0; 1]).await;
            self.close(1000);
        }
        Ok(())
    }

    /// Whether this happens for the first time.
    fn is_first(&self, what: &str) -> bool {
        let first = !self.seen.borrow().iter().any(|seen| seen == what);
        self.saw(what);
        first
    }

    fn close(&self, code: u16) {
        let reason = "".into();
        let code = code.into();
        self.push(&Message::Close(Some(CloseFrame { code, reason })));
    }

    /// Speaks an answer: sentence by sentence, the second one first.
    fn say(&self, asked: &Value) {
        let text = |name: &str| asked[name].as_str().unwrap_or_default().to_owned();
        let (client, message, conversation) = (
            text("client_id"),
            text("message_id"),
            text("conversation_id"),
        );
        let habits = self.habits();
        if habits.foreign_audio {
            self.push(&Message::text(
                spoken("client-0", &conversation, &message, 0).to_string(),
            ));
            self.push(&Message::text(
                spoken(&client, "conv-1", &message, 0).to_string(),
            ));
        }
        for seq in [1, 0, 0, 2] {
            self.push(&Message::text(
                spoken(&client, &conversation, &message, seq).to_string(),
            ));
        }
        let complete = json!({"type": "synthesis_complete", "client_id": client,
            "session_id": conversation, "message_id": message});
        self.push(&Message::text(complete.to_string()));
    }
}

async fn read_head(stream: &mut TcpStream) -> std::io::Result<Option<Head>> {
    let mut bytes = vec![];
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    };
    let rest = bytes.split_off(end + 4);
    let text = String::from_utf8(bytes).unwrap();
    let mut first = text.lines().next().unwrap_or_default().split(' ');
    let mut next = || first.next().unwrap_or_default().to_owned();
    let header = |name: &str| {
        text.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name)
                .then(|| value.trim().to_owned())
        })
    };
    Ok(Some(Head {
        method: next(),
        path: next(),
        token: header("authorization"),
        length: header("content-length").map_or(0, |length| length.parse().unwrap()),
        key: header("sec-websocket-key"),
        rest,
    }))
}

async fn document(stream: &mut TcpStream, status: u16, body: &Value) -> std::io::Result<()> {
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).await
}

async fn event(stream: &mut TcpStream, data: &Value) -> std::io::Result<()> {
    part(stream, &format!("data: {data}\n\n")).await
}

async fn part(stream: &mut TcpStream, text: &str) -> std::io::Result<()> {
    let chunk = format!("{:x}\r\n{text}\r\n", text.len());
    stream.write_all(chunk.as_bytes()).await
}
