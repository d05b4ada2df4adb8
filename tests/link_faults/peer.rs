//! A backend on a real socket that behaves for most of its life, and does something dreadful on
//! the connections it is told to.

use super::frames;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, timeout, timeout_at};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::{WebSocketStream, accept_async};

const GREETING: &str = r#"{"type":"connection_established","client_id":"c1","timestamp":1.5,"capabilities":["clips"]}"#;

/// What a connection meets.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// A backend as it should be.
    Serve,
    /// A backend that puts the line away after so long without a question or a heartbeat.
    Patient(Duration),
    /// The same, but a heartbeat does not count.
    Unmoved(Duration),
    /// These bytes instead of an answer to the upgrade.
    Instead(Vec<u8>, Then),
    /// The upgrade is answered, and then no greeting comes but this.
    Ungreeted(Vec<u8>, Then),
    /// The upgrade is answered in order, with this header besides.
    Agreed(&'static str, Then),
    /// These bytes between the frames, once a question was asked and answered.
    Amid(Vec<u8>, Then),
    /// These bytes instead of an answer to the first question.
    Asked(Vec<u8>, Then),
}

/// What follows.
#[derive(Clone, Debug)]
pub(crate) enum Then {
    /// The connection stays open, is read, and hears nothing more.
    Hold,
    /// It stays open and is not even read.
    Freeze,
    /// It ends in order, as far as TCP knows.
    Fin,
    Reset,
    /// These bytes, one each ten milliseconds.
    Drip(Vec<u8>),
    /// These bytes until nobody takes them.
    Repeat(Vec<u8>),
    /// The same, and what comes back is read.
    Flood(Vec<u8>),
    /// Back to work as if nothing had been.
    Serve,
}

/// What a server tells of its connections.
#[derive(Debug)]
pub(crate) enum Told {
    /// The dreadful thing is done.
    Struck(Instant),
    /// The client said goodbye with this code.
    Goodbye(Option<u16>),
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) told: mpsc::UnboundedReceiver<Told>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Does one act for each connection in turn, and serves well after the last.
    pub(crate) async fn start(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::on(listener, acts)
    }

    pub(crate) fn on(listener: TcpListener, acts: Vec<Act>) -> Self {
        let address = listener.local_addr().unwrap();
        let (tell, told) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            let mut acts = VecDeque::from(acts);
            // Dropped with the task: a server that dies takes its connections along.
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                let act = acts.pop_front().unwrap_or(Act::Serve);
                connections.spawn(play(stream, act, tell.clone()));
                while connections.try_join_next().is_some() {}
            }
        });
        Self {
            address,
            told,
            task,
        }
    }

    /// Dies like a process that is killed, and gives the place where another may begin.
    pub(crate) async fn kill(mut self) -> SocketAddr {
        self.task.abort();
        // The connections go down with it.
        let _aborted = (&mut self.task).await;
        self.address
    }
}

type Peer = WebSocketStream<TcpStream>;

/// Whatever the client does to the connection ends the act, and is no fault of the test.
async fn play(mut stream: TcpStream, act: Act, tell: mpsc::UnboundedSender<Told>) -> Option<()> {
    let (bytes, then, until) = match act {
        Act::Instead(bytes, then) => {
            head(&mut stream).await?;
            stream.write_all(&bytes).await.ok()?;
            tell.send(Told::Struck(Instant::now())).ok()?;
            return after(&mut stream, &then).await;
        }
        Act::Agreed(header, then) => {
            let head = head(&mut stream).await?;
            let key = head
                .lines()
                .find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "))?;
            let key = derive_accept_key(key.as_bytes());
            let answer = frames::answer(&format!(
                "101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                 Sec-WebSocket-Accept: {key}\r\n{header}"
            ));
            stream.write_all(&answer).await.ok()?;
            tell.send(Told::Struck(Instant::now())).ok()?;
            return after(&mut stream, &then).await;
        }
        Act::Serve => {
            let mut peer = accept_async(stream).await.ok()?;
            peer.send(Message::text(GREETING)).await.ok()?;
            return serve(&mut peer, Until::Gone).await;
        }
        Act::Patient(idle) => {
            let mut peer = accept_async(stream).await.ok()?;
            peer.send(Message::text(GREETING)).await.ok()?;
            while let Ok(text) = timeout(idle, question(&mut peer)).await {
                answer(&mut peer, &text?).await?;
            }
            return put_away(peer, &tell).await;
        }
        Act::Unmoved(idle) => {
            let mut peer = accept_async(stream).await.ok()?;
            peer.send(Message::text(GREETING)).await.ok()?;
            let mut limit = Instant::now() + idle;
            while let Ok(frame) = timeout_at(limit, question(&mut peer)).await {
                let frame = frame?;
                answer(&mut peer, &frame).await?;
                if frame["type"] != "heartbeat" {
                    limit = Instant::now() + idle;
                }
            }
            return put_away(peer, &tell).await;
        }
        Act::Ungreeted(bytes, then) => {
            let mut peer = accept_async(stream).await.ok()?;
            peer.get_mut().write_all(&bytes).await.ok()?;
            tell.send(Told::Struck(Instant::now())).ok()?;
            return finish(peer, &then, &tell).await;
        }
        Act::Amid(bytes, then) => (bytes, then, Until::Answered),
        Act::Asked(bytes, then) => (bytes, then, Until::Asked),
    };
    let mut peer = accept_async(stream).await.ok()?;
    peer.send(Message::text(GREETING)).await.ok()?;
    serve(&mut peer, until).await?;
    tell.send(Told::Struck(Instant::now())).ok()?;
    // Not awaited to the end: a client that has seen enough stops reading.
    peer.get_mut().write_all(&bytes).await.ok();
    finish(peer, &then, &tell).await
}

/// Says goodbye, and waits for the other half of it.
async fn put_away(mut peer: Peer, tell: &mpsc::UnboundedSender<Told>) -> Option<()> {
    tell.send(Told::Struck(Instant::now())).ok()?;
    peer.close(None).await.ok()?;
    finish(peer, &Then::Hold, tell).await
}

/// Reads a request up to its empty line.
async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut head = vec![];
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

async fn finish(mut peer: Peer, then: &Then, tell: &mpsc::UnboundedSender<Told>) -> Option<()> {
    match then {
        Then::Serve => serve(&mut peer, Until::Gone).await,
        Then::Hold => {
            while let Some(Ok(message)) = peer.next().await {
                if let Message::Close(said) = message {
                    let code = said.map(|said| said.code.into());
                    tell.send(Told::Goodbye(code)).ok()?;
                }
            }
            Some(())
        }
        then => after(peer.get_mut(), then).await,
    }
}

async fn after(stream: &mut TcpStream, then: &Then) -> Option<()> {
    match then {
        Then::Hold | Then::Serve => {
            let mut rest = [0; 1024];
            while stream.read(&mut rest).await.ok()? > 0 {}
        }
        Then::Freeze => std::future::pending().await,
        Then::Fin => stream.shutdown().await.ok()?,
        Then::Reset => stream.set_zero_linger().ok()?,
        Then::Drip(bytes) => {
            let mut tick = interval(Duration::from_millis(10));
            for byte in bytes {
                tick.tick().await;
                stream.write_all(&[*byte]).await.ok()?;
            }
        }
        Then::Repeat(bytes) => loop {
            stream.write_all(bytes).await.ok()?;
        },
        Then::Flood(bytes) => {
            let (mut from, mut to) = stream.split();
            let flood = async { while to.write_all(bytes).await.is_ok() {} };
            let mut nowhere = tokio::io::sink();
            tokio::select! {
                () = flood => {}
                _ = tokio::io::copy(&mut from, &mut nowhere) => {}
            }
        }
    }
    Some(())
}

/// How long a backend behaves.
#[derive(Clone, Copy, PartialEq)]
enum Until {
    Gone,
    Answered,
    Asked,
}

async fn serve(peer: &mut Peer, until: Until) -> Option<()> {
    loop {
        let frame = question(peer).await?;
        let asked = frame["type"] == "text_message" || frame["type"] == "audio_input";
        if asked && until == Until::Asked {
            return Some(());
        }
        answer(peer, &frame).await?;
        if asked && until == Until::Answered {
            return Some(());
        }
    }
}

/// The next question, heartbeat or piece of a recording. Pings are answered meanwhile.
async fn question(peer: &mut Peer) -> Option<Value> {
    loop {
        match peer.next().await?.ok()? {
            Message::Text(text) => return serde_json::from_str(text.as_str()).ok(),
            Message::Binary(bytes) => return Some(json!({"type": "sound", "bytes": bytes.len()})),
            _ => {}
        }
    }
}

/// Answers a question with itself.
async fn answer(peer: &mut Peer, frame: &Value) -> Option<()> {
    let answer = match frame["type"].as_str() {
        Some("heartbeat") => {
            json!({"type": "heartbeat_response", "timestamp": 1.5, "client_id": "c1"})
        }
        Some("text_message") => json!({
            "type": "stream_end",
            "message_id": frame["message_id"],
            "full_content": frame["data"]["content"].as_str().or(frame["content"].as_str()),
        }),
        Some("audio_complete") => json!({
            "type": "transcription_result",
            "message_id": frame["message_id"],
            "text": "heard",
        }),
        _ => return Some(()),
    };
    peer.send(Message::text(answer.to_string())).await.ok()
}
