//! A server of the xiaozhi family: HTTP for devices, and a socket that speaks the language as the
//! self-hosted servers do, their habits included. Its ears and its voice know the words of the tones.

use crate::support::tones;
use futures_util::{SinkExt as _, StreamExt as _};
use hearsay::codec::opus::{Decoder, Encoder};
use hearsay::codec::to_i16;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};

/// How a server differs from the usual.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a habit of its own")]
pub(crate) struct Habits {
    /// Asks for a code so many times before it knows the device.
    pub(crate) codes: usize,
    /// Every token is wrong.
    pub(crate) refuses: bool,
    /// Names no token of its own for the socket.
    pub(crate) tokenless: bool,
    /// Neither a session nor parameters of sound in the hello.
    pub(crate) terse: bool,
    /// The first connection breaks in the middle of its first answer.
    pub(crate) breaks: bool,
}

/// What was seen of the client.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The requests, by their first lines.
    pub(crate) requests: Vec<String>,
    /// The headers of the last one.
    pub(crate) headers: BTreeMap<String, String>,
    /// What each request showed us.
    pub(crate) tokens: Vec<Option<String>>,
    /// What came as text, in its order; sound is counted.
    pub(crate) messages: Vec<Value>,
    pub(crate) packets: usize,
    /// What came of the tools.
    pub(crate) outcomes: Vec<Value>,
    /// It was asked to restart, and did.
    pub(crate) restarted: bool,
    /// It was asked to take in nobody any more.
    pub(crate) locked: bool,
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub(crate) fn start(runtime: &Handle, habits: Habits) -> Self {
        let (tell, told) = std::sync::mpsc::channel();
        let seen = Arc::<Mutex<Seen>>::default();
        let noted = Arc::clone(&seen);
        let task = runtime.spawn(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            tell.send(address).unwrap();
            let mut connections = tokio::task::JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                connections.spawn(serve(stream, address, habits, Arc::clone(&noted)));
            }
        });
        let address = told.recv().unwrap();
        Self {
            address,
            seen,
            task,
        }
    }

    pub(crate) fn socket(&self) -> String {
        format!("ws://{}/xiaozhi/v1/", self.address)
    }

    pub(crate) fn ota(&self) -> String {
        format!("http://{}/xiaozhi/ota/", self.address)
    }

    pub(crate) fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.seen.lock().unwrap())
    }

    /// Whether something was seen, for those who wait for it.
    pub(crate) fn watch(
        &self,
        is: impl Fn(&Seen) -> bool + Send + 'static,
    ) -> impl Fn() -> bool + Send + 'static {
        let seen = Arc::clone(&self.seen);
        move || is(&seen.lock().unwrap())
    }

    /// The types and states of what the client said.
    pub(crate) fn said(&self) -> Vec<String> {
        let word = |value: &Value, field: &str| value[field].as_str().unwrap_or("").to_owned();
        self.seen(|seen| {
            let messages = seen.messages.iter();
            let kinds = messages.map(|one| format!("{} {}", word(one, "type"), word(one, "state")));
            kinds.map(|kind| kind.trim().to_owned()).collect()
        })
    }
}

async fn serve(mut stream: TcpStream, here: SocketAddr, habits: Habits, seen: Arc<Mutex<Seen>>) {
    let Some((head, body)) = request(&mut stream).await else {
        return;
    };
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default().to_owned();
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let codes = {
        let mut seen = seen.lock().unwrap();
        seen.requests.push(first.clone());
        seen.headers.clone_from(&headers);
        seen.tokens.push(headers.get("authorization").cloned());
        let asked = |line: &&String| line.starts_with("POST") && line.contains("activate");
        seen.requests.iter().filter(asked).count()
    };
    if let Some(key) = headers.get("sec-websocket-key") {
        let accept = derive_accept_key(key.as_bytes());
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Accept: {accept}\r\n\r\n"
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
        let socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
        // The client may be gone at any time.
        let _ = Talk::new(socket, habits, seen).run().await;
        return;
    }
    let known = codes >= habits.codes;
    let (status, answer) = if first.contains("activate") {
        (if known { 200 } else { 202 }, json!({}))
    } else if headers.get("device-id").is_none_or(String::is_empty) || body.is_empty() {
        (200, json!({"success": false, "message": "request error."}))
    } else {
        let mut answer = json!({
            "server_time": {"timestamp": 1_795_173_943_287_u64, "timezone_offset": 480},
            "firmware": {"version": "1.0", "url": ""},
            "websocket": {"url": format!("ws://{here}/xiaozhi/v1/"), "token": if habits.tokenless { "" } else { "secret" }},
        });
        if !known {
            answer["activation"] = json!({"message": "xiaozhi.me\n120934", "code": "120934",
                "challenge": "c", "timeout_ms": 30_000});
        }
        (200, answer)
    };
    let text = answer.to_string();
    let answer = format!(
        "HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{text}",
        text.len()
    );
    // As above.
    let _ = stream.write_all(answer.as_bytes()).await;
}

/// The head of a request and its body.
async fn request(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut bytes = vec![];
    let end = loop {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse::<usize>().ok())
        .unwrap_or(0);
    while bytes.len() < end + 4 + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some((
        head,
        String::from_utf8_lossy(&bytes[end + 4..]).into_owned(),
    ))
}

/// What is answered at length.
fn is_long(text: &str) -> bool {
    text.contains("count") || text.contains("help")
}

/// One connection.
struct Talk {
    socket: WebSocketStream<TcpStream>,
    habits: Habits,
    seen: Arc<Mutex<Seen>>,
    heard: Vec<i16>,
    decoder: Decoder,
    encoder: Encoder,
    speaking: bool,
    /// How it was told to listen.
    mode: String,
    /// Somebody talks, and has been silent for so many samples.
    talks: bool,
    quiet: usize,
}

type Gone = tokio_tungstenite::tungstenite::Error;

impl Talk {
    fn new(socket: WebSocketStream<TcpStream>, habits: Habits, seen: Arc<Mutex<Seen>>) -> Self {
        Self {
            socket,
            habits,
            seen,
            heard: vec![],
            decoder: Decoder::new(tones::RATE).unwrap(),
            encoder: Encoder::new(24_000, 60).unwrap(),
            speaking: false,
            mode: "auto".to_owned(),
            talks: false,
            quiet: 0,
        }
    }

    /// Hears a packet. `true`: somebody has said something to its end, where it is to find that out.
    fn hears(&mut self, packet: &[u8]) -> bool {
        self.seen.lock().unwrap().packets += 1;
        let samples = self.decoder.decode(packet).iter();
        let samples: Vec<i16> = samples.map(|sample| to_i16(*sample)).collect();
        self.heard.extend(&samples);
        if self.mode == "manual" {
            return false;
        }
        let loud = samples.iter().any(|sample| sample.unsigned_abs() > 1_000);
        self.quiet = if loud { 0 } else { self.quiet + samples.len() };
        self.talks |= loud;
        if !self.talks {
            // What is older is no part of what is said next.
            let surplus = self.heard.len().saturating_sub(tones::RATE as usize / 5);
            self.heard.drain(..surplus);
        }
        self.talks && self.quiet > tones::RATE as usize / 2 && {
            self.talks = false;
            true
        }
    }

    async fn understand(&mut self) -> Result<(), Gone> {
        let heard = std::mem::take(&mut self.heard);
        let words = tones::hear(&heard, tones::RATE);
        // Nothing is said about a recording without words.
        if words.is_empty() {
            return Ok(());
        }
        self.answer(&tones::text(&words)).await
    }

    async fn run(mut self) -> Result<(), Gone> {
        if self.habits.refuses || self.seen.lock().unwrap().locked {
            self.socket.send(Message::text("认证失败")).await?;
            return self.close().await;
        }
        while let Some(message) = self.socket.next().await {
            match message? {
                Message::Text(text) => {
                    if serde_json::from_str::<Value>(text.as_str()).is_ok() {
                        self.text(text.as_str()).await?;
                    } else {
                        self.socket.send(Message::Text(text)).await?;
                    }
                }
                Message::Binary(packet) if self.hears(&packet) => self.understand().await?,
                Message::Close(_) => return Ok(()),
                _ => {}
            }
        }
        Ok(())
    }

    async fn close(&mut self) -> Result<(), Gone> {
        // Whatever the reason is, the code is this.
        let goodbye = CloseFrame {
            code: 1000.into(),
            reason: "".into(),
        };
        self.socket.close(Some(goodbye)).await
    }

    async fn say(&mut self, value: Value) -> Result<(), Gone> {
        self.socket.send(Message::text(value.to_string())).await
    }

    async fn text(&mut self, text: &str) -> Result<(), Gone> {
        let value: Value = serde_json::from_str(text).unwrap();
        self.seen.lock().unwrap().messages.push(value.clone());
        Box::pin(self.told(&value)).await
    }

    /// Waits for what came of the use of a tool.
    async fn used(&mut self) -> Result<(), Gone> {
        let is_use = |outcome: &Value| outcome["result"]["isError"].is_boolean();
        while !self.seen.lock().unwrap().outcomes.iter().any(is_use) {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => self.text(text.as_str()).await?,
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(Gone::ConnectionClosed),
            }
        }
        Ok(())
    }

    async fn told(&mut self, value: &Value) -> Result<(), Gone> {
        match value["type"].as_str().unwrap_or_default() {
            "hello" if self.habits.terse => {
                self.say(json!({"type":"hello","transport":"websocket"}))
                    .await
            }
            "hello" => {
                // They repeat what the client says of sound, whatever theirs is.
                let hello = json!({"type":"hello","version":1,"transport":"websocket",
                    "session_id":"f35f451f","audio_params":value["audio_params"]});
                self.say(hello).await?;
                self.ask_for(json!({"id":1,"method":"initialize","params":
                    {"protocolVersion":"2024-11-05","capabilities":{}}}))
                    .await?;
                self.ask_for(json!({"id":2,"method":"tools/list"})).await
            }
            "listen" => match value["state"].as_str() {
                Some("start") => {
                    self.heard.clear();
                    (self.talks, self.quiet) = (false, 0);
                    if let Some(mode) = value["mode"].as_str() {
                        mode.clone_into(&mut self.mode);
                    }
                    Ok(())
                }
                Some("stop") => self.understand().await,
                Some("detect") => {
                    let text = value["text"].as_str().unwrap_or_default().to_owned();
                    self.answer(&text).await
                }
                _ => self.close().await,
            },
            "abort" => {
                self.speaking = false;
                self.say(json!({"type":"tts","state":"stop","session_id":"f35f451f"}))
                    .await?;
                tokio::time::sleep(Duration::from_millis(150)).await;
                self.say(json!({"type":"tts","state":"stop","session_id":"f35f451f"}))
                    .await
            }
            "mcp" => {
                self.seen
                    .lock()
                    .unwrap()
                    .outcomes
                    .push(value["payload"].clone());
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn ask_for(&mut self, mut payload: Value) -> Result<(), Gone> {
        payload["jsonrpc"] = "2.0".into();
        self.say(json!({"type":"mcp","payload":payload})).await
    }

    /// One turn as these servers have it.
    async fn answer(&mut self, text: &str) -> Result<(), Gone> {
        let repeated = text.trim_matches(|c: char| c.is_ascii_punctuation());
        self.say(json!({"type":"stt","text":repeated,"session_id":"f35f451f"}))
            .await?;
        self.say(json!({"type":"tts","state":"start","session_id":"f35f451f"}))
            .await?;
        self.say(json!({"type":"llm","text":"🙂","emotion":"happy"}))
            .await?;
        if text.contains("note") {
            self.say(json!({"type":"stt","text":"% self_notes"}))
                .await?;
            self.ask_for(
                json!({"id":1,"method":"tools/call","params":{"name":"self.notes",
                "arguments":{"action":"add","text":"buy milk"}}}),
            )
            .await?;
            self.used().await?;
        }
        let sentences: &[&str] = match text {
            _ if text.contains("two plus three") => &["it is five", "yes"],
            _ if text.contains("nothing") => &[],
            _ if is_long(text) => &[
                "one two three",
                "four five six",
                "seven eight nine",
                "one two three",
                "four five six",
            ],
            _ => &["hello"],
        };
        self.speaking = true;
        for sentence in sentences {
            let start = json!({"type":"tts","state":"sentence_start","text":sentence});
            self.say(start).await?;
            self.speak(sentence).await?;
            if self.habits.breaks && self.seen.lock().unwrap().requests.len() == 1 {
                return Err(Gone::ConnectionClosed);
            }
            if text.contains("restart") {
                let mut seen = self.seen.lock().unwrap();
                if !std::mem::replace(&mut seen.restarted, true) {
                    return Err(Gone::ConnectionClosed);
                }
            }
            // Long answers are sent no faster than they are heard, and orders are obeyed meanwhile.
            let until = tokio::time::Instant::now() + Duration::from_millis(900);
            while is_long(text) && self.speaking {
                match tokio::time::timeout_at(until, self.socket.next()).await {
                    Ok(Some(Ok(Message::Text(text)))) => self.text(text.as_str()).await?,
                    Ok(Some(Ok(Message::Binary(packet)))) => {
                        self.hears(&packet);
                        if self.talks && self.mode == "realtime" {
                            // It gives way to whoever speaks.
                            self.speaking = false;
                            self.say(json!({"type":"tts","state":"stop"})).await?;
                        }
                    }
                    Ok(_) => {}
                    Err(_) => break,
                }
            }
            if !self.speaking {
                return Ok(());
            }
        }
        self.say(json!({"type":"tts","state":"stop","session_id":"f35f451f"}))
            .await?;
        self.seen.lock().unwrap().locked |= text.contains("lock");
        if text.contains("bye") || text.contains("lock") {
            tokio::time::sleep(Duration::from_millis(10)).await;
            self.close().await?;
        }
        Ok(())
    }

    /// All packets of a sentence at once, the last one filled up.
    async fn speak(&mut self, sentence: &str) -> Result<(), Gone> {
        let words = tones::words(sentence);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let samples = tones::say_at(&words, 24_000);
        for piece in samples.chunks(self.encoder.frame()) {
            let packet = self.encoder.encode(piece).to_vec();
            self.socket.send(Message::binary(packet)).await?;
        }
        Ok(())
    }
}
