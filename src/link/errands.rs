//! Runs what a language asks of its backend beside the socket: plain HTTP, over the same proxies
//! and with the same trust.
//!
//! Each request is a task of its own, and tells no faster than it is listened to. What is dropped
//! ends with its connection, which is how a server learns that nobody wants the rest.

use super::address::Address;
use super::connect::{Failure, Pipe, Route, open};
use crate::core::line::Cause;
use crate::wire::{Answer, Errand, Piece, Request};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper_util::rt::TokioIo;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// So many pieces of answers may wait before the servers have to.
const ROOM: usize = 16;

/// The requests under way.
pub(super) struct Errands {
    way: Option<Way>,
    running: HashMap<u64, Run>,
    answers: mpsc::Receiver<Answer>,
    tell: mpsc::Sender<Answer>,
}

/// How a backend is reached, and who may see its token.
#[derive(Clone)]
pub(super) struct Way {
    pub(super) route: Arc<Route>,
    /// The backend itself.
    pub(super) url: String,
    pub(super) token: Option<String>,
    /// How long opening a connection may take.
    pub(super) patience: Duration,
}

/// A task that ends with whoever holds this.
struct Run(JoinHandle<()>);

impl Drop for Run {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Errands {
    /// None at first. A backend without a `way` is not behind any URL.
    pub(super) fn new(way: Option<Way>) -> Self {
        let (tell, answers) = mpsc::channel(ROOM);
        Self {
            way,
            running: HashMap::new(),
            answers,
            tell,
        }
    }

    /// Does as wished.
    pub(super) fn run(&mut self, errand: Errand) {
        match errand {
            Errand::Drop(number) => drop(self.running.remove(&number)),
            Errand::Ask(request) => {
                let Some(way) = self.way.clone() else {
                    return;
                };
                let (number, tell) = (request.number, self.tell.clone());
                let task = tokio::spawn(async move {
                    let piece = match ask(request, &way, &tell).await {
                        Ok(()) => Piece::End,
                        Err(why) => Piece::Failed { why },
                    };
                    // Nobody listens any more when the line is given up.
                    let _ = tell.send(Answer { number, piece }).await;
                });
                self.running.insert(number, Run(task));
            }
        }
    }

    /// Ends them all, and forgets what they have told.
    pub(super) fn forget(&mut self) {
        *self = Self::new(self.way.take());
    }

    /// What comes next of any of them. Cancel-safe; waits for ever while there are none.
    pub(super) async fn next(&mut self) -> Answer {
        loop {
            let answer = self.answers.recv().await;
            let answer = answer.expect("we hold a sender ourselves");
            let ends = matches!(answer.piece, Piece::End | Piece::Failed { .. });
            // What was dropped may have had something in the queue.
            let known = if ends {
                self.running.remove(&answer.number).is_some()
            } else {
                self.running.contains_key(&answer.number)
            };
            if known {
                return answer;
            }
        }
    }
}

async fn ask(request: Request, way: &Way, tell: &mpsc::Sender<Answer>) -> Result<(), String> {
    let number = request.number;
    let address = Address::read(&request.url).map_err(|error| error.to_string())?;
    let connect = open(&address, &way.route);
    let stream: Box<dyn Pipe> = match timeout(way.patience, connect).await {
        Ok(opened) => opened.map_err(|Failure { cause, .. }| sentence(&cause))?,
        Err(_elapsed) => return Err("nobody answered in time".to_owned()),
    };
    let shaken = http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = shaken.map_err(|error| error.to_string())?;
    // It carries the bytes until both ends are done; whoever drops the answer ends it.
    let _carrier = Run(tokio::spawn(async move {
        // What breaks is told by the answer.
        let _ = connection.await;
    }));
    let request = written(request, &address, way)?;
    let answer = sender.send_request(request).await;
    let (head, mut body) = answer.map_err(|error| error.to_string())?.into_parts();
    let text = |name: HeaderName| {
        let value = head.headers.get(name)?.to_str().ok()?;
        Some(value.trim().to_owned())
    };
    let told = |piece| tell.send(Answer { number, piece });
    let gone = |_error| "nobody listens".to_owned();
    let heard = Piece::Head {
        status: head.status.as_u16(),
        kind: text(header::CONTENT_TYPE).unwrap_or_default(),
        retry_after_s: text(header::RETRY_AFTER).and_then(|wait| wait.parse().ok()),
    };
    told(heard).await.map_err(gone)?;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| error.to_string())?;
        if let Ok(bytes) = frame.into_data() {
            told(Piece::Body(bytes)).await.map_err(gone)?;
        }
    }
    Ok(())
}

/// The request as it goes out.
fn written(
    request: Request,
    address: &Address,
    way: &Way,
) -> Result<hyper::Request<Full<Bytes>>, String> {
    let bad = |error: hyper::http::Error| error.to_string();
    let path = address.url.split_once("://").map_or("", |(_, rest)| rest);
    let path = path.find('/').and_then(|at| path.get(at..)).unwrap_or("/");
    let mut built = hyper::Request::builder()
        .method(request.method)
        .uri(path)
        .header(header::HOST, address.place())
        .header(
            header::USER_AGENT,
            concat!("hearsay/", env!("CARGO_PKG_VERSION")),
        )
        // The end of the answer is the end of the connection: one request each.
        .header(header::CONNECTION, "close");
    if request.body.is_some() {
        built = built.header(header::CONTENT_TYPE, "application/json");
    }
    for (name, value) in &request.headers {
        built = built.header(*name, value);
    }
    if let Some(token) = way.token_for(address) {
        let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|_its_text| "the token holds characters that no header may hold")?;
        value.set_sensitive(true);
        built = built.header(header::AUTHORIZATION, value);
    }
    let body = request.body.unwrap_or_default();
    built.body(Full::new(Bytes::from(body))).map_err(bad)
}

impl Way {
    /// The token, if this is the backend's own host and nobody on the way can read it.
    fn token_for(&self, address: &Address) -> Option<&str> {
        let token = self.token.as_deref()?;
        let backend = Address::read(&self.url).ok()?;
        let same = backend.host == address.host && address.check_token().is_ok();
        same.then_some(token)
    }
}

fn sentence(cause: &Cause) -> String {
    cause.tell(crate::core::words::Lang::En)
}

#[cfg(test)]
mod tests;
