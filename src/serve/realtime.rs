//! The backend as clients of OpenAI's realtime API know it, in its GA form: the same client as ever
//! (`client`), spoken to in their events (`asks`) and telling in them (`tells`).
//!
//! A response is one answer, an item one thing that was said. What of the API is not here is refused
//! by name; no tools of clients, no other sound than samples of 16 bit at 24000 Hz.

mod asks;
mod settings;
mod tells;
#[cfg(test)]
mod tests;

use super::House;
use super::client::Client;
use super::session::over_at;
use super::terms::Phase;
use crate::core::backend::Earlier;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use settings::Settings;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// How long the client may take to confirm that we hung up.
const GOODBYE: Duration = Duration::from_secs(2);

/// One connection.
struct Realtime {
    client: Client,
    settings: Settings,
    /// Events that are due.
    out: VecDeque<Value>,
    /// Counts them.
    events: u64,
    /// What was said and is not answered: words, and what was there before them.
    said: Vec<String>,
    history: Vec<Earlier>,
    /// Sound that waits to be handed over, where the client says where a turn ends.
    buffer: Vec<f32>,
    /// Samples that came in all.
    came: u64,
    /// What was said last; the next thing comes after it.
    last: Option<String>,
    /// Names of messages whose words are awaited.
    unheard: VecDeque<String>,
    /// An answer was asked for before the words of what it answers are known.
    wanted: Option<Wanted>,
    active: Option<Response>,
    /// The answer before, whose sound may still be heard.
    before: Option<Response>,
    /// Nothing here hears; it was told.
    deaf: bool,
}

/// How an answer is wanted.
#[derive(Clone, Debug, Default)]
struct Wanted {
    instructions: Option<String>,
    text: Option<bool>,
}

/// An answer that is being given.
#[derive(Clone, Debug)]
struct Response {
    message: String,
    /// In words alone.
    text: bool,
    /// Its item and its part have been told.
    open: bool,
    words: String,
    /// Samples that were sent.
    sent: u64,
    /// Why it is stopped, if it is.
    reason: &'static str,
}

impl Response {
    fn new(message: String, text: bool) -> Self {
        Self {
            message,
            text,
            open: false,
            words: String::new(),
            sent: 0,
            reason: "client_cancelled",
        }
    }

    fn id(&self) -> String {
        format!("resp_{}", self.message)
    }

    fn item(&self) -> String {
        format!("item_{}_a", self.message)
    }
}

/// What a message that was said is called.
fn item(message: &str) -> String {
    format!("item_{message}")
}

impl Realtime {
    fn greet(house: Arc<House>, model: Option<String>) -> Self {
        Self {
            client: Client::greet(house),
            settings: Settings::new(model),
            out: VecDeque::new(),
            events: 0,
            said: vec![],
            history: vec![],
            buffer: vec![],
            came: 0,
            last: None,
            unheard: VecDeque::new(),
            wanted: None,
            active: None,
            before: None,
            deaf: false,
        }
    }

    fn tell(&mut self, kind: &str, mut event: Value) {
        self.events += 1;
        event["type"] = kind.into();
        event["event_id"] = format!("event_{}", self.events).into();
        self.out.push_back(event);
    }

    /// Tells that something is not done; `about` is what the client calls its event.
    fn wrong(&mut self, kind: &str, code: &str, what: &str, about: Option<&str>) {
        let error =
            json!({"type": kind, "code": code, "message": what, "param": null, "event_id": about});
        self.tell("error", json!({ "error": error }));
    }

    /// The next event for the client.
    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Value> {
        loop {
            if let Some(event) = self.out.pop_front() {
                return Poll::Ready(event);
            }
            match self.client.poll_frame(context) {
                Poll::Ready(out) => self.told(out),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

/// Serves one client until it goes, or until nothing is left to be done for it in the last phase.
pub(super) async fn attend<S>(
    house: Arc<House>,
    mut socket: WebSocketStream<S>,
    mut closing: watch::Receiver<Phase>,
    model: Option<String>,
) where
    S: AsyncRead + AsyncWrite + Send + Unpin,
{
    let began = Instant::now();
    let idle = house.served.terms.idle;
    let mut heard = began;
    let mut realtime = Realtime::greet(house, model);
    if *closing.borrow_and_update() == Phase::Closing {
        realtime.client.close();
    }
    let end = loop {
        let silent = idle.map(|idle| heard + idle);
        tokio::select! {
            biased;
            more = closing.changed() => match more {
                Ok(()) => realtime.client.close(),
                Err(_gone) => break Some(CloseCode::Away),
            },
            () = over_at(silent), if silent.is_some() => {
                if !realtime.client.is_busy() {
                    break Some(CloseCode::Normal);
                }
                heard = Instant::now();
            }
            message = socket.next(), if realtime.client.has_room() => {
                heard = Instant::now();
                match message {
                    Some(Ok(Message::Text(text))) => realtime.read(&text, began.elapsed()),
                    Some(Ok(Message::Binary(_))) => {
                        realtime.wrong("invalid_request_error", "invalid_event", "events are text", None);
                    }
                    Some(Ok(Message::Close(_)) | Err(_)) | None => break None,
                    Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                }
            }
            next = poll_fn(|context| match realtime.poll_event(context) {
                Poll::Ready(event) => Poll::Ready(Some(event)),
                Poll::Pending if realtime.client.may_go() => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            }) => match next {
                Some(event) => {
                    if socket.send(Message::text(event.to_string())).await.is_err() {
                        break None;
                    }
                }
                None => break Some(CloseCode::Restart),
            },
        }
    };
    // Whatever was being answered is over now, not when the goodbyes are said.
    drop(realtime);
    if let Some(code) = end {
        let reason = "".into();
        let _ = timeout(GOODBYE, socket.close(Some(CloseFrame { code, reason }))).await;
    }
}
