//! A model server on a real socket that does what its script says, faults included, and keeps
//! what it was asked for the test to look at.
//!
//! It can hear and speak, too, in the language of [`super::tones`].

use super::tones;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// The first byte of a TLS connection.
const TLS_HANDSHAKE: u8 = 0x16;

/// One step of a reply's body.
#[derive(Clone, Debug)]
enum Step {
    Send(Vec<u8>),
    /// One byte at a time, each in its own packet as far as the system allows.
    SendByBytes(Vec<u8>),
    /// One byte each time, for ever.
    Drip(u8, Duration),
    /// Nothing more, until the client hangs up.
    Hang,
    /// Nothing more, until the test says so.
    Gate(watch::Receiver<bool>),
}

/// What the server answers to one request.
#[derive(Clone, Debug)]
pub struct Reply {
    /// `None` answers nothing at all, not even a status.
    status: Option<u16>,
    headers: Vec<(String, String)>,
    chunked: bool,
    /// With `chunked`: leave out the chunk that ends the body.
    broken: bool,
    steps: Vec<Step>,
}

impl Reply {
    /// A successful stream of events, sent as written here.
    pub fn stream(text: impl AsRef<[u8]>) -> Self {
        Self::of(200, "text/event-stream", text)
    }

    /// A successful stream in which each of these is the data of one event, then `[DONE]`.
    pub fn events(data: &[Value]) -> Self {
        Self::stream(sse(data) + "data: [DONE]\n\n")
    }

    /// An answer of these words, told as a well-behaved server does it.
    pub fn words(words: &[&str]) -> Self {
        let mut data: Vec<_> = words.iter().map(|word| text(word)).collect();
        data.push(finish("stop"));
        Self::events(&data)
    }

    /// A JSON body with a status.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::of(status, "application/json", body.to_string())
    }

    /// Any body with a status and a content type.
    pub fn of(status: u16, content_type: &str, body: impl AsRef<[u8]>) -> Self {
        Self {
            status: Some(status),
            headers: vec![("Content-Type".to_owned(), content_type.to_owned())],
            chunked: false,
            broken: false,
            steps: vec![Step::Send(body.as_ref().to_vec())],
        }
    }

    /// Never answers, and keeps the connection.
    pub fn silence() -> Self {
        Self {
            status: None,
            headers: Vec::new(),
            chunked: false,
            broken: false,
            steps: vec![Step::Hang],
        }
    }

    /// Closes the connection without a word.
    pub fn hang_up() -> Self {
        Self {
            steps: Vec::new(),
            ..Self::silence()
        }
    }

    /// The same with one header more.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same, every byte of the body sent alone.
    #[must_use]
    pub fn by_bytes(mut self) -> Self {
        for step in &mut self.steps {
            if let Step::Send(bytes) = step {
                *step = Step::SendByBytes(std::mem::take(bytes));
            }
        }
        self
    }

    /// The same, as HTTP chunks, which tell a complete body from a broken one.
    #[must_use]
    pub fn chunked(mut self) -> Self {
        self.chunked = true;
        self
    }

    /// The same as chunks, but the connection ends before the last one.
    #[must_use]
    pub fn broken(mut self) -> Self {
        self.chunked = true;
        self.broken = true;
        self
    }

    /// The same, and then silence with the connection kept open.
    #[must_use]
    pub fn then_hang(mut self) -> Self {
        self.steps.push(Step::Hang);
        self
    }

    /// The same, once what is returned beside it was set.
    pub fn held(mut self) -> (Self, watch::Sender<bool>) {
        let (opens, gate) = watch::channel(false);
        self.steps.insert(0, Step::Gate(gate));
        (self, opens)
    }

    /// The same, and the rest once what is returned beside it was set.
    pub fn then_held(mut self, rest: impl AsRef<[u8]>) -> (Self, watch::Sender<bool>) {
        let (opens, gate) = watch::channel(false);
        self.steps.push(Step::Gate(gate));
        self.steps.push(Step::Send(rest.as_ref().to_vec()));
        (self, opens)
    }

    /// The same, and then one byte each time for ever.
    #[must_use]
    pub fn then_drip(mut self, byte: u8, every: Duration) -> Self {
        self.steps.push(Step::Drip(byte, every));
        self
    }
}

/// The chunk that carries a piece of text.
pub fn text(text: &str) -> Value {
    json!({ "choices": [{ "index": 0, "delta": { "content": text }, "finish_reason": null }] })
}

/// The chunk that carries the reason for the end.
pub fn finish(reason: &str) -> Value {
    json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }] })
}

/// Events with these data, without `[DONE]`.
pub fn sse(data: &[Value]) -> String {
    let events: Vec<_> = data
        .iter()
        .map(|data| format!("data: {data}\n\n"))
        .collect();
    events.concat()
}

/// What was asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    pub method: String,
    pub path: String,
    /// Names in lower case.
    pub headers: HashMap<String, String>,
    /// Null when there is no body. The fields of a form are strings in it.
    pub body: Value,
    /// The file of a form.
    pub file: Vec<u8>,
}

#[derive(Debug, Default)]
struct Script {
    /// Replies to questions, in order; the last one repeats.
    replies: Vec<Reply>,
    /// Replies to other paths, in order; the last one repeats.
    paths: HashMap<String, Vec<Reply>>,
    /// It hears and speaks once the scripted replies are used up.
    speech: bool,
    answered: usize,
    asked: Vec<Asked>,
}

/// The running server; it ends when dropped.
#[derive(Debug)]
pub struct ModelServer {
    pub port: u16,
    script: Arc<Mutex<Script>>,
    asked: watch::Receiver<usize>,
    hung_up: mpsc::UnboundedReceiver<()>,
    task: JoinHandle<()>,
}

impl ModelServer {
    /// A server that gives these replies to questions, in order, the last one again and again.
    pub async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let script = Script {
            replies: replies.into_iter().collect(),
            ..Script::default()
        };
        let script = Arc::new(Mutex::new(script));
        let (count, asked) = watch::channel(0);
        let (gone, hung_up) = mpsc::unbounded_channel();
        let served = Arc::clone(&script);
        let task = tokio::spawn(async move {
            let count = Arc::new(count);
            while let Ok((stream, _)) = listener.accept().await {
                let (script, count, gone) = (Arc::clone(&served), Arc::clone(&count), gone.clone());
                tokio::spawn(async move {
                    // A client that hangs up in the middle is part of many scripts.
                    let _ = serve(stream, &script, &count, &gone).await;
                });
            }
        });
        Self {
            port,
            script,
            asked,
            hung_up,
            task,
        }
    }

    /// The same, with a reply for a path other than that of questions: the next one for this
    /// path, and the last one again and again.
    #[must_use]
    pub fn with(self, path: &str, reply: Reply) -> Self {
        let mut script = self.script.lock().unwrap();
        script.paths.entry(path.to_owned()).or_default().push(reply);
        drop(script);
        self
    }

    /// The same, with ears and a voice under `/v1/audio`: they know the words of
    /// [`super::tones`]. Replies scripted for their paths come first, once each.
    #[must_use]
    pub fn with_speech(self) -> Self {
        self.script.lock().unwrap().speech = true;
        self
    }

    /// The base URL, with `/v1`.
    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    /// All that was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.script.lock().unwrap().asked.clone()
    }

    /// Waits until so many requests have come.
    pub async fn until_asked(&mut self, times: usize) {
        self.asked.wait_for(|asked| *asked >= times).await.unwrap();
    }

    /// Waits until a client has hung up on a reply that hangs or drips.
    pub async fn until_hung_up(&mut self) {
        self.hung_up.recv().await.unwrap();
    }
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    mut stream: TcpStream,
    script: &Mutex<Script>,
    count: &watch::Sender<usize>,
    gone: &mpsc::UnboundedSender<()>,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let Some(asked) = read_request(&mut stream).await? else {
        return Ok(());
    };
    let reply = {
        let mut script = script.lock().unwrap();
        let reply = if asked.path.ends_with("/chat/completions") {
            let number = script.answered.min(script.replies.len().saturating_sub(1));
            script.answered += 1;
            script.replies.get(number).cloned()
        } else {
            let repeats = !script.speech;
            let replies = script.paths.get_mut(&asked.path);
            let scripted = replies.and_then(|replies| match replies.len() {
                0 => None,
                1 if repeats => replies.first().cloned(),
                _ => Some(replies.remove(0)),
            });
            scripted.or_else(|| script.speech.then(|| speech(&asked))?)
        };
        script.asked.push(asked);
        reply.unwrap_or_else(|| Reply::json(404, &json!({ "detail": "Not Found" })))
    };
    count.send_modify(|asked| *asked += 1);
    write_reply(&mut stream, &reply, gone).await
}

async fn read_request(stream: &mut TcpStream) -> std::io::Result<Option<Asked>> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
        if bytes.first() == Some(&TLS_HANDSHAKE) {
            // As web servers do when somebody knocks with TLS at their plain door.
            stream
                .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                .await?;
            return Ok(None);
        }
    };
    let body = bytes.split_off(head_end + 4);
    let head = String::from_utf8(bytes).unwrap();
    let mut lines = head.lines();
    let mut first = lines
        .next()
        .unwrap_or_default()
        .split(' ')
        .map(str::to_owned);
    let (method, path) = (
        first.next().unwrap_or_default(),
        first.next().unwrap_or_default(),
    );
    let headers: HashMap<_, _> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers
        .get("content-length")
        .map_or(0, |length| length.parse().unwrap());
    let mut body = body;
    while body.len() < length {
        if stream.read_buf(&mut body).await? == 0 {
            return Ok(None);
        }
    }
    let kind = headers.get("content-type").map_or("", String::as_str);
    let (body, file) = match kind.split_once("boundary=") {
        Some((_, boundary)) => read_form(&body, boundary),
        None => (serde_json::from_slice(&body).unwrap_or(Value::Null), vec![]),
    };
    Ok(Some(Asked {
        method,
        path,
        headers,
        body,
        file,
    }))
}

/// The fields of a form, and the file in it.
fn read_form(mut body: &[u8], boundary: &str) -> (Value, Vec<u8>) {
    let find = |bytes: &[u8], what: &str| {
        let what = what.as_bytes();
        bytes.windows(what.len()).position(|window| window == what)
    };
    let (mut fields, mut file) = (serde_json::Map::new(), vec![]);
    let first = format!("--{boundary}\r\n");
    let next = format!("\r\n--{boundary}");
    body = body.strip_prefix(first.as_bytes()).unwrap_or_default();
    while let (Some(head_end), Some(end)) = (find(body, "\r\n\r\n"), find(body, &next)) {
        let head = String::from_utf8_lossy(&body[..head_end]);
        let content = &body[head_end + 4..end];
        let name = head
            .split_once("name=\"")
            .and_then(|(_, rest)| rest.split_once('"'));
        let name = name.map_or("", |(name, _)| name).to_owned();
        if head.contains("filename=") {
            fields.insert(name, head.lines().nth(1).unwrap_or_default().into());
            file = content.to_vec();
        } else {
            fields.insert(name, String::from_utf8_lossy(content).into());
        }
        let rest = end + next.len();
        body = body.get(rest + 2..).unwrap_or_default();
    }
    (Value::Object(fields), file)
}

/// What ears and voice answer.
fn speech(asked: &Asked) -> Option<Reply> {
    if asked.path.ends_with("/audio/transcriptions") {
        let Some((samples, rate)) = tones::read_wav(&asked.file) else {
            let error = json!({ "error": { "message": "the file is no WAV" } });
            return Some(Reply::json(400, &error));
        };
        let words = tones::hear(&samples, rate);
        let text = tones::text(&words);
        if asked.body["stream"] != "true" {
            return Some(Reply::json(200, &json!({ "text": text })));
        }
        let delta =
            |word: &String| json!({ "type": "transcript.text.delta", "delta": format!("{word} ") });
        let mut events: Vec<_> = words.iter().map(delta).collect();
        events.push(json!({ "type": "transcript.text.done", "text": text }));
        return Some(Reply::stream(sse(&events)));
    }
    if asked.path.ends_with("/audio/speech") {
        let words = tones::words(asked.body["input"].as_str()?);
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        let samples = tones::say_at(&words, 24_000);
        return Some(if asked.body["response_format"] == "wav" {
            Reply::of(
                200,
                "audio/wav",
                tones::wav_claiming(&samples, 24_000, u32::MAX),
            )
            .chunked()
        } else {
            Reply::of(200, "audio/pcm", tones::bytes(&samples)).chunked()
        });
    }
    None
}

async fn write_reply(
    stream: &mut TcpStream,
    reply: &Reply,
    gone: &mpsc::UnboundedSender<()>,
) -> std::io::Result<()> {
    if let Some(status) = reply.status {
        let mut head = format!("HTTP/1.1 {status} Scripted\r\nConnection: close\r\n");
        for (name, value) in &reply.headers {
            for part in [name, ": ", value, "\r\n"] {
                head.push_str(part);
            }
        }
        if reply.chunked {
            head += "Transfer-Encoding: chunked\r\n";
        }
        stream.write_all((head + "\r\n").as_bytes()).await?;
    }
    for step in &reply.steps {
        match step {
            Step::Send(bytes) => write_piece(stream, bytes, reply.chunked).await?,
            Step::SendByBytes(bytes) => {
                for byte in bytes.chunks(1) {
                    write_piece(stream, byte, reply.chunked).await?;
                    tokio::task::yield_now().await;
                }
            }
            Step::Drip(byte, every) => {
                let mut clock = tokio::time::interval(*every);
                while write_piece(stream, &[*byte], reply.chunked).await.is_ok() {
                    clock.tick().await;
                }
                let _ = gone.send(());
            }
            Step::Gate(gate) => {
                // A test that is over lets everything through.
                let _ = gate.clone().wait_for(|open| *open).await;
            }
            Step::Hang => {
                // The client sends nothing more; the end of its side means that it hung up.
                let mut rest = [0; 64];
                while stream.read(&mut rest).await.is_ok_and(|read| read > 0) {}
                let _ = gone.send(());
            }
        }
    }
    if reply.chunked && !reply.broken {
        stream.write_all(b"0\r\n\r\n").await?;
    }
    stream.shutdown().await
}

async fn write_piece(stream: &mut TcpStream, bytes: &[u8], chunked: bool) -> std::io::Result<()> {
    if chunked {
        stream
            .write_all(format!("{:x}\r\n", bytes.len()).as_bytes())
            .await?;
    }
    stream.write_all(bytes).await?;
    if chunked {
        stream.write_all(b"\r\n").await?;
    }
    stream.flush().await
}
