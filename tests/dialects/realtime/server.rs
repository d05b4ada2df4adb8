//! A Realtime server on loopback that behaves as such servers do, as far as a client can see it.
//! It hears and speaks in tones, and misbehaves as it is told.

use futures_util::{SinkExt, StreamExt};
use hearsay::codec::base64::{decode, encode};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::support::tones;

const RATE: u32 = 24_000;

/// What it does wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Fault {
    #[default]
    None,
    /// It has enough sessions.
    Full,
    /// It wants another shape.
    Older,
    /// The first connection ends in the middle of its first answer.
    Restart,
    /// It ends the session after an answer, as if its time were over.
    Expires,
    /// It tells nobody what it has heard.
    Deaf,
    /// It leaves it to its clients where turns end.
    CutsNothing,
    /// The first connection ends when somebody begins to speak in a call.
    DropsCall,
}

/// The server, for as long as it is held.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    /// It ends when this is dropped.
    _stop: oneshot::Sender<()>,
}

/// What it was told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// The paths and the keys of its connections.
    pub(crate) upgrades: Vec<(String, Option<String>)>,
    /// The events, and what they said, connection after connection.
    pub(crate) events: Vec<Value>,
    /// It was asked to restart, and did.
    restarted: bool,
    /// It was asked to take in nobody any more.
    locked: bool,
}

impl Server {
    pub(crate) fn start(fault: Fault) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let noted = Arc::clone(&seen);
        let (stop, stopped) = oneshot::channel::<()>();
        let served = async move {
            let listener = TcpListener::from_std(listener).unwrap();
            let mut first = true;
            while let Ok((stream, _from)) = listener.accept().await {
                let fault = match fault {
                    Fault::Restart | Fault::DropsCall if !first => Fault::None,
                    fault => fault,
                };
                first = false;
                tokio::spawn(serve(stream, fault, Arc::clone(&noted)));
            }
        };
        std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = served => {}
                    _ = stopped => {}
                }
            });
        });
        Self {
            address,
            seen,
            _stop: stop,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("ws://{}/v1/realtime?model=tones", self.address)
    }

    pub(crate) fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }

    /// Whether something was seen, for those who wait for it.
    pub(crate) fn watch(
        &self,
        is: impl Fn(&Seen) -> bool + Send + 'static,
    ) -> impl Fn() -> bool + Send + 'static {
        let seen = Arc::clone(&self.seen);
        move || is(&seen.lock().unwrap())
    }

    /// What it was told of one kind.
    pub(crate) fn told(&self, kind: &str) -> Vec<Value> {
        let mut events = self.seen().events;
        events.retain(|event| event["type"] == kind);
        events
    }
}

/// Who speaks in a call, by how loud it is.
#[derive(Default)]
struct Cuts {
    speaking: bool,
    /// Samples since it was loud.
    quiet: usize,
}

/// One connection.
struct Session {
    socket: WebSocketStream<TcpStream>,
    fault: Fault,
    seen: Arc<Mutex<Seen>>,
    heard: Vec<i16>,
    /// Where turns end is found here, as far as it was asked for.
    cuts: Option<Cuts>,
    /// The words of the messages, the user's and ours.
    said: Vec<String>,
    number: u32,
}

async fn serve(stream: TcpStream, fault: Fault, seen: Arc<Mutex<Seen>>) {
    let noted = Arc::clone(&seen);
    #[expect(clippy::result_large_err, reason = "the library wants it so")]
    let note = move |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
        let key = request.headers().get("authorization");
        let key = key.map(|key| key.to_str().unwrap().to_owned());
        let place = request.uri().to_string();
        noted.lock().unwrap().upgrades.push((place, key));
        Ok(response)
    };
    let Ok(socket) = tokio_tungstenite::accept_hdr_async(stream, note).await else {
        return;
    };
    let mut session = Session {
        socket,
        fault,
        seen,
        heard: vec![],
        cuts: None,
        said: vec![],
        number: 0,
    };
    session.run().await;
}

impl Session {
    async fn run(&mut self) {
        if self.seen.lock().unwrap().locked {
            self.fault = Fault::Full;
        }
        match self.fault {
            Fault::Full => {
                self.send(
                    json!({ "type": "error", "error": { "type": "session_limit_reached",
                    "code": null, "message": "one session at a time" } }),
                )
                .await;
                return self.close(1008, "").await;
            }
            Fault::Older => {
                self.send(
                    json!({ "type": "error", "error": { "type": "invalid_request_error",
                    "code": "beta_api_shape_disabled",
                    "message": "The Realtime Beta API is no longer supported." } }),
                )
                .await;
                return self.close(4000, "").await;
            }
            _ => {}
        }
        let bare = session(&Value::Null, &Value::Null);
        self.send(json!({ "type": "session.created", "event_id": "e", "session": bare }))
            .await;
        while let Some(Ok(message)) = self.socket.next().await {
            let Message::Text(text) = message else {
                continue;
            };
            let event: Value = serde_json::from_str(&text).unwrap();
            self.seen.lock().unwrap().events.push(event.clone());
            if !self.on(&event).await {
                return;
            }
        }
    }

    /// `false`: the connection is over.
    async fn on(&mut self, event: &Value) -> bool {
        match event["type"].as_str().unwrap() {
            "session.update" => {
                let wish = &event["session"]["audio"]["input"]["transcription"];
                let told = if self.fault == Fault::Deaf {
                    &Value::Null
                } else {
                    wish
                };
                let wish = &event["session"]["audio"]["input"]["turn_detection"];
                let cuts = if self.fault == Fault::CutsNothing {
                    &Value::Null
                } else {
                    wish
                };
                self.cuts = (!cuts.is_null()).then(Cuts::default);
                let made = session(told, cuts);
                self.send(json!({ "type": "session.updated", "session": made }))
                    .await;
            }
            "input_audio_buffer.append" => {
                let bytes = decode(event["audio"].as_str().unwrap()).unwrap();
                let pairs = bytes.chunks_exact(2);
                let more: Vec<i16> = pairs
                    .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
                    .collect();
                self.heard.extend(&more);
                return self.cut(&more).await;
            }
            "input_audio_buffer.clear" => self.heard.clear(),
            "input_audio_buffer.commit" => self.committed().await,
            "conversation.item.create" => {
                // What came of a tool is no message.
                let Some(text) = event["item"]["content"][0]["text"].as_str() else {
                    return true;
                };
                let item = self.item(text);
                self.send(json!({ "type": "conversation.item.added", "item": { "id": item, "type": "message" } }))
                    .await;
                self.send(json!({ "type": "conversation.item.done", "item": { "id": item, "type": "message" } }))
                    .await;
            }
            "response.create" => return self.answer(event).await,
            _ => {}
        }
        true
    }

    /// Cuts the turns of a call. `false`: the connection is over.
    async fn cut(&mut self, more: &[i16]) -> bool {
        let Some(cuts) = &mut self.cuts else {
            return true;
        };
        let loud = more.iter().any(|sample| sample.unsigned_abs() > 1_000);
        cuts.quiet = if loud { 0 } else { cuts.quiet + more.len() };
        if loud && !cuts.speaking {
            cuts.speaking = true;
            if self.fault == Fault::DropsCall {
                return false;
            }
            self.send(
                json!({ "type": "input_audio_buffer.speech_started", "item_id": "next",
                "audio_start_ms": 0 }),
            )
            .await;
        } else if cuts.speaking && cuts.quiet > RATE as usize / 2 {
            cuts.speaking = false;
            self.send(
                json!({ "type": "input_audio_buffer.speech_stopped", "item_id": "next",
                "audio_end_ms": 0 }),
            )
            .await;
            self.committed().await;
        } else if !cuts.speaking {
            // What is older is no part of what is said next.
            let surplus = self.heard.len().saturating_sub(RATE as usize / 5);
            self.heard.drain(..surplus);
        }
        true
    }

    fn item(&mut self, text: &str) -> String {
        self.said.push(text.to_owned());
        format!("item_{}", self.said.len())
    }

    async fn committed(&mut self) {
        let heard = std::mem::take(&mut self.heard);
        if heard.len() < RATE as usize / 10 {
            return self
                .send(
                    json!({ "type": "error", "error": { "type": "invalid_request_error",
                    "code": "input_audio_buffer_commit_empty", "message": "buffer too small" } }),
                )
                .await;
        }
        let words = tones::text(&tones::hear(&heard, RATE));
        let item = self.item(&words);
        self.send(json!({ "type": "input_audio_buffer.committed", "item_id": item, "previous_item_id": null }))
            .await;
        if self.fault != Fault::Deaf {
            self.send(
                json!({ "type": "conversation.item.input_audio_transcription.completed",
                "item_id": item, "content_index": 0, "transcript": words }),
            )
            .await;
        }
    }

    /// Says back what was said last, in small pieces, and listens meanwhile.
    async fn answer(&mut self, event: &Value) -> bool {
        self.number += 1;
        let id = format!("resp_{}", self.number);
        let question = self.said.last().cloned().unwrap_or_default();
        let item = self.item("");
        let spoken = event["response"]["output_modalities"][0] == "audio";
        self.send(json!({ "type": "response.created", "response": { "id": id, "status": "in_progress" } }))
            .await;
        // The first time it is asked to note something, it does.
        let used = |event: &Value| event["item"]["type"] == "function_call_output";
        if question.contains("note") && !self.seen().events.iter().any(used) {
            let call = json!({ "type": "function_call", "call_id": "call_1", "name": "notes",
                "arguments": "{\"action\":\"add\",\"text\":\"buy milk\"}" });
            // The words it was asked with are those that it answers in the end.
            self.said.push(question);
            self.send(
                json!({ "type": "response.done", "response": { "id": id, "status": "completed",
                "output": [call] } }),
            )
            .await;
            return true;
        }
        self.send(
            json!({ "type": "response.output_item.added", "response_id": id,
            "item": { "id": item, "type": "message" } }),
        )
        .await;
        let times = match question.as_str() {
            "what time" => 5,
            "can you help" => 16,
            _ => 1,
        };
        // What is written may be any words; what is said, those that have a tone.
        let words = if spoken {
            tones::words(&question)
        } else {
            question.split_whitespace().map(str::to_owned).collect()
        };
        let words: Vec<String> = std::iter::repeat_n(words, times).flatten().collect();
        for (at, word) in words.iter().enumerate() {
            let restarts = question.contains("restart")
                && !std::mem::replace(&mut self.seen().restarted, true);
            if restarts || self.fault == Fault::Restart && at == 1 {
                return false;
            }
            let kind = if spoken {
                "response.output_audio_transcript.delta"
            } else {
                "response.output_text.delta"
            };
            let delta = if at == 0 {
                word.clone()
            } else {
                format!(" {word}")
            };
            self.send(json!({ "type": kind, "response_id": id, "item_id": item, "delta": delta }))
                .await;
            if spoken {
                let samples = tones::say_at(&[word], RATE);
                for piece in samples.chunks(2_400) {
                    let bytes: Vec<u8> = piece
                        .iter()
                        .flat_map(|sample| sample.to_le_bytes())
                        .collect();
                    self.send(json!({ "type": "response.output_audio.delta", "response_id": id,
                        "item_id": item, "output_index": 0, "content_index": 0, "delta": encode(&bytes) }))
                        .await;
                }
            }
        }
        self.send(
            json!({ "type": "response.done", "response": { "id": id, "status": "completed",
            "usage": { "total_tokens": 3, "input_tokens": 1, "output_tokens": 2 } } }),
        )
        .await;
        if matches!(question.as_str(), "bye" | "lock up") {
            self.seen().locked = question == "lock up";
            self.close(1000, "").await;
            return false;
        }
        if self.fault == Fault::Expires {
            self.fault = Fault::None;
            self.send(
                json!({ "type": "error", "error": { "type": "invalid_request_error",
                "code": "session_expired", "message": "Your session hit the maximum duration." } }),
            )
            .await;
            self.close(1001, "Your session hit the maximum duration of 60 minutes.")
                .await;
            return false;
        }
        true
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    async fn send(&mut self, event: Value) {
        // A client may leave at any time.
        let _ = self.socket.send(Message::text(event.to_string())).await;
    }

    async fn close(&mut self, code: u16, reason: &'static str) {
        let frame = CloseFrame {
            code: code.into(),
            reason: reason.into(),
        };
        let _ = self.socket.close(Some(frame)).await;
        while let Some(Ok(_)) = self.socket.next().await {}
    }
}

fn session(transcription: &Value, turns: &Value) -> Value {
    let format = json!({ "type": "audio/pcm", "rate": RATE });
    json!({
        "type": "realtime", "id": "sess_1", "object": "realtime.session", "model": "tones",
        "output_modalities": ["audio"],
        "audio": {
            "input": { "format": format, "transcription": transcription, "turn_detection": turns },
            "output": { "format": format, "voice": "marin" },
        },
    })
}
