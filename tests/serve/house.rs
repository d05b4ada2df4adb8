//! A server that runs as its user starts it, and clients of it.

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{self, Message};

/// This program, in surroundings of its own.
pub fn hearsay(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hearsay"));
    command.env_clear();
    for name in ["PATH", "LLVM_PROFILE_FILE"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
        .env("HOME", folder)
        .env("LANG", "C.UTF-8")
        .env("TZ", "UTC")
        .env("HEARSAY_DATA_DIR", folder.join("data"))
        .env("HEARSAY_CONFIG", folder.join("config.toml"))
        // No test may meet a model server or a voice that happens to be on this machine.
        .env("HEARSAY_BRAIN", "builtin")
        .env("HEARSAY_EARS", "none")
        .env("HEARSAY_VOICE", "builtin")
        .stdin(Stdio::null());
    command
}

/// A server, killed when it is dropped.
pub struct Server {
    child: Child,
    pub url: String,
}

impl Server {
    /// A server in this folder, with these settings besides.
    pub fn start(folder: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        let mut command = hearsay(folder);
        command
            .arg("serve")
            .args(arguments)
            .env("HEARSAY_SERVE_LISTEN", "0")
            .envs(settings.iter().copied());
        Self::started(&mut command)
    }

    /// The server that this command starts.
    pub fn started(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        if line.is_empty() {
            let mut why = String::new();
            let mut errors = child.stderr.take().unwrap();
            errors.read_to_string(&mut why).unwrap();
            panic!("it does not listen: {why}");
        }
        Self {
            child,
            url: line.trim().to_owned(),
        }
    }

    /// Host and port.
    pub fn address(&self) -> &str {
        let (_, rest) = self.url.split_once("://").unwrap();
        rest.split('/').next().unwrap()
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.address())
    }

    pub fn terminate(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, signal).unwrap();
    }

    /// How much memory it holds.
    #[cfg(target_os = "linux")]
    pub fn memory_kb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let held = line.unwrap().split_whitespace().next().unwrap();
        held.parse().unwrap()
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn end(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// An answer to a request that was written as it is.
    pub async fn raw(&self, request: impl AsRef<[u8]>) -> String {
        let mut stream = TcpStream::connect(self.address()).await.unwrap();
        stream.write_all(request.as_ref()).await.unwrap();
        let mut answer = vec![];
        // Whoever is hung up on has read what there was.
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// A request whose answer is read by whoever asked.
    pub async fn open(&self, what: &str, body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address()).await.unwrap();
        let length = body.len();
        let request =
            format!("{what} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {length}\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }

    /// Status and body of an answer.
    pub async fn http(&self, what: &str, headers: &[&str], body: &str) -> (u16, String) {
        let mut request = format!(
            "{what} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n",
            self.address()
        );
        for header in headers {
            request.extend([header, "\r\n"]);
        }
        let length = body.len().to_string();
        request.extend(["content-length: ", &length, "\r\n\r\n", body]);
        let answer = self.raw(request).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        (status.unwrap_or(0), body.to_owned())
    }

    pub async fn json(&self, what: &str, headers: &[&str], body: &Value) -> (u16, Value) {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let (status, told) = self.http(what, headers, &body).await;
        (
            status,
            serde_json::from_str(&told).unwrap_or(Value::String(told)),
        )
    }

    pub async fn connect(&self) -> Client {
        self.connect_with(&[]).await.unwrap()
    }

    /// `Err`: the status with which the upgrade was refused.
    pub async fn connect_with(&self, headers: &[(&'static str, &str)]) -> Result<Client, u16> {
        self.connect_to("/ws/chat", headers).await
    }

    /// The same, at another path.
    pub async fn connect_to(
        &self,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Client, u16> {
        let url = self.url.replace("/ws/chat", path);
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let stream = TcpStream::connect(self.address()).await.unwrap();
        match tokio_tungstenite::client_async(request, stream).await {
            Ok((socket, _)) => Ok(Client { socket }),
            Err(tungstenite::Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }
}

/// What comes until this has come.
pub async fn read_to(stream: &mut TcpStream, wanted: &str) -> String {
    let mut heard = vec![];
    while !String::from_utf8_lossy(&heard).contains(wanted) {
        let mut more = [0; 1024];
        let count = stream.read(&mut more).await.unwrap();
        assert!(count > 0, "{}", String::from_utf8_lossy(&heard));
        heard.extend(&more[..count]);
    }
    String::from_utf8_lossy(&heard).into_owned()
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A client at the WebSocket.
pub struct Client {
    pub socket: WebSocketStream<TcpStream>,
}

impl Client {
    pub async fn send(&mut self, text: impl Into<String>) {
        self.socket.send(Message::text(text.into())).await.unwrap();
    }

    pub async fn say(&mut self, frame: Value) {
        self.send(frame.to_string()).await;
    }

    /// The next frame, or how the line was closed.
    pub async fn next(&mut self) -> Result<Value, Option<CloseFrame>> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(frame))) => return Err(frame),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(None),
            }
        }
    }

    /// Everything up to the first frame of this type.
    pub async fn until(&mut self, kind: &str) -> Vec<Value> {
        let mut heard = vec![];
        loop {
            let frame = self
                .next()
                .await
                .unwrap_or_else(|end| panic!("{end:?} after {heard:?}"));
            let found = frame["type"] == kind;
            heard.push(frame);
            if found {
                return heard;
            }
        }
    }

    /// The first frame of this type.
    pub async fn hear(&mut self, kind: &str) -> Value {
        self.until(kind).await.pop().unwrap()
    }

    /// The code with which the line is closed, after whatever comes before.
    pub async fn closed(&mut self) -> Option<u16> {
        loop {
            match self.next().await {
                Ok(_) => {}
                Err(end) => return end.map(|frame| frame.code.into()),
            }
        }
    }
}
