//! The backend behind a port: takes connections, lets in who may come in (`guard`), and answers
//! requests by their paths (`routes`); a WebSocket is one of them, and goes on as a session like
//! any other. `limits` are told to who exceeds them.
//!
//! Each connection is a task of its own, which ends with it. A port that is told to stop takes no
//! more of them, lets what is under way come to its end, and then says goodbye.

mod audio;
mod chat;
mod door;
mod guard;
mod lists;
mod logs;
mod message;
mod multipart;
mod patient;
mod plain;
mod routes;
mod status;
mod stream;
mod tls;

pub use guard::{NAMELESS, Tokens, Welcome};
pub use logs::Logs;
pub use message::{Refusal, Reply, Request};
pub use routes::{Routes, Socket};
pub use tls::{TlsError, acceptor};

use super::Backend;
use door::{Crowd, Door, Guests};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;

/// Connections that are no WebSockets, besides as many as there may be of those.
const SPARE: usize = 64;

/// How long it waits when the system has no room for one more connection.
const BREATH: Duration = Duration::from_millis(100);

/// How long who is turned away may take to read why.
const TURNED_AWAY: Duration = Duration::from_secs(1);

/// What is said before anything is read, where there is no room even for a question.
const NO_ROOM: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 2\r\n\
    content-type: application/json\r\ncontent-length: 96\r\nconnection: close\r\n\r\n\
    {\"error\":{\"message\":\"too many connections\",\"type\":\"server_error\",\"code\":\"too_many_connections\"}}";

/// How much of everything there may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// WebSockets at the same time.
    pub connections: usize,
    /// Requests of one address in a second, on average; `None`: as many as come.
    pub rate: Option<u32>,
    /// How long the head of a request, or agreeing on encryption, may take.
    pub head: Duration,
    /// How long a body may take.
    pub body: Duration,
    /// How long bytes may wait for who does not read them.
    pub stall: Duration,
    /// How long what is under way may take to come to its end, at the end.
    pub drain: Duration,
}

/// Opens the backend of an owner of a token.
pub type Open = Box<dyn Fn(&str) -> Backend + Send + Sync>;

/// What a port is made of.
pub struct Parts {
    pub routes: Routes,
    pub limits: Limits,
    pub welcome: Welcome,
    /// `None`: nobody needs a token.
    pub tokens: Option<Tokens>,
    pub open: Open,
    /// `None`: nothing is encrypted.
    pub tls: Option<TlsAcceptor>,
}

/// A port that listens.
pub struct Port {
    listener: TcpListener,
    shared: Arc<Shared>,
    tls: Option<TlsAcceptor>,
}

/// What all connections share.
struct Shared {
    routes: Routes,
    door: Door,
    guests: Guests,
    crowd: Crowd,
    limits: Limits,
    /// Places for WebSockets, and for everything else.
    sockets: Arc<Semaphore>,
    others: Arc<Semaphore>,
    figures: Arc<Figures>,
}

/// What is counted here.
#[derive(Default)]
struct Figures {
    requests: AtomicU64,
    refused: AtomicU64,
    turned_away: AtomicU64,
}

impl Port {
    /// The backend behind a socket that listens.
    pub fn new(listener: TcpListener, parts: Parts) -> Self {
        let places = |count: usize| Arc::new(Semaphore::new(count.min(Semaphore::MAX_PERMITS)));
        let shared = Shared {
            routes: parts.routes,
            door: Door::new(parts.welcome, parts.limits.rate),
            guests: Guests::new(parts.tokens, parts.open),
            crowd: Crowd::default(),
            sockets: places(parts.limits.connections),
            others: places(parts.limits.connections + SPARE),
            limits: parts.limits,
            figures: Arc::default(),
        };
        Self {
            listener,
            shared: Arc::new(shared),
            tls: parts.tls,
        }
    }

    /// Takes connections until `stop` is over, and then finishes what is under way.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let (open, closing) = watch::channel(());
        tokio::pin!(stop);
        loop {
            let accepted = tokio::select! {
                () = &mut stop => break,
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => self.take(stream, peer, closing.clone()),
                Err(error) => {
                    tracing::warn!("a connection could not be taken: {error}");
                    sleep_until(Instant::now() + BREATH).await;
                }
            }
        }
        drop(self.listener);
        drop(open);
        self.shared.guests.close();
        let shared = &self.shared;
        let over = async {
            // All places are free again.
            let others = u32::try_from(shared.limits.connections + SPARE).unwrap_or(u32::MAX);
            let sockets = u32::try_from(shared.limits.connections).unwrap_or(u32::MAX);
            let _others = shared.others.acquire_many(others).await;
            let _sockets = shared.sockets.acquire_many(sockets).await;
        };
        if timeout(shared.limits.drain, over).await.is_err() {
            tracing::warn!("not everything came to its end in time");
        }
    }

    fn take(&self, mut stream: TcpStream, peer: SocketAddr, closing: watch::Receiver<()>) {
        let place = Arc::clone(&self.shared.others).try_acquire_owned();
        let share = usize::midpoint(self.shared.limits.connections, SPARE);
        let share = self.shared.crowd.enter(peer.ip(), share);
        let (Ok(place), Some(share)) = (place, share) else {
            self.shared.figures.turned_away();
            // Whoever expects encryption understands nothing of it, and hears that we hung up.
            if self.tls.is_none() {
                tokio::spawn(timeout(TURNED_AWAY, async move {
                    let _ = stream.write_all(NO_ROOM).await;
                }));
            }
            return;
        };
        let (shared, tls) = (Arc::clone(&self.shared), self.tls.clone());
        tokio::spawn(async move {
            // What is said in small pieces is said at once.
            let _ = stream.set_nodelay(true);
            match tls {
                None => stream::serve(shared, stream, peer, closing).await,
                Some(tls) => match timeout(shared.limits.head, tls.accept(stream)).await {
                    Ok(Ok(stream)) => stream::serve(shared, stream, peer, closing).await,
                    Ok(Err(error)) => tracing::debug!("{peer}: no encryption: {error}"),
                    Err(_late) => tracing::debug!("{peer}: no encryption in time"),
                },
            }
            drop((place, share));
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_without_room_is_a_whole_answer() {
        let text = std::str::from_utf8(NO_ROOM).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(
            head.contains(&format!("content-length: {}\r\n", body.len())),
            "{}",
            body.len()
        );
        serde_json::from_str::<serde_json::Value>(body).unwrap();
    }
}
