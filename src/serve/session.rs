//! One connection: the only task with its socket. It reads when it can answer, writes when the
//! client reads, and lets the turns of the client work meanwhile. It ends with the connection, and
//! everything that was under way for it ends there too.
//!
//! Nothing in here can grow without limit: one frame is written at a time, replies stop the
//! reading when too many wait, turns wait for room in their queues.

use super::House;
use super::bell::Ring;
use super::client::Client;
use super::hear;
use super::job::Out;
use super::router;
use super::terms::Phase;
use crate::wire::yychat::frames::ServerFrame;
use futures_util::{Sink, Stream};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{broadcast, watch};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::protocol::frame::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Bytes, Error, Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, accept_async_with_config};

/// From the connection to its complete upgrade.
const UPGRADE: Duration = Duration::from_secs(5);

/// How long the client may take to confirm that we hung up.
const GOODBYE: Duration = Duration::from_secs(2);

/// The longest message that is read at all: the longest recording in one piece. Well above what
/// else is carried out, so that a message that is too long can be answered; beyond this it is hung
/// up on.
const READ: usize = 26 << 20;
const _: () = assert!(
    READ > 2 * hear::MOST / 3 * 4 + 64 * 1024,
    "16 bit for each sample, in base64, and the frame around it"
);

/// The longest message that is written: an answer of the greatest length in its worst escapes.
const WRITE: usize = 16 << 20;

/// Small buffers: most frames are small, and hundreds of clients should cost little.
pub(super) fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(4096)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE)
        .max_message_size(Some(READ))
        .max_frame_size(Some(READ))
}

/// Serves one client from its upgrade on.
pub(super) async fn serve<S>(house: Arc<House>, stream: S, closing: watch::Receiver<Phase>)
where
    S: AsyncRead + AsyncWrite + Send + Unpin,
{
    let accepted = timeout(UPGRADE, accept_async_with_config(stream, Some(config()))).await;
    if let Ok(Ok(socket)) = accepted {
        attend(house, socket, closing).await;
    } else {
        tracing::debug!("a connection was no WebSocket");
    }
}

/// Serves one client until it goes, until nothing is left to be done for it in the last phase, or
/// until the other end of `closing` is dropped.
pub(super) async fn attend<S>(
    house: Arc<House>,
    socket: WebSocketStream<S>,
    mut closing: watch::Receiver<Phase>,
) where
    S: AsyncRead + AsyncWrite + Send + Unpin,
{
    let began = Instant::now();
    let idle = house.served.terms.idle;
    let mut brains = house.shelf.watch();
    let mut tools = house.servers.watch();
    let mut wire = Wire {
        socket,
        unflushed: false,
        heard: began,
    };
    let mut client = Client::greet(house);
    if *closing.borrow_and_update() == Phase::Closing {
        client.close();
    }
    let mut rings = client.house.bell.listen();
    let why = loop {
        let silent = idle.map(|idle| wire.heard + idle);
        tokio::select! {
            // What is rare comes first, and can drown nothing.
            biased;
            more = closing.changed() => match more {
                Ok(()) => client.close(),
                Err(_gone) => break Some(CloseCode::Away),
            },
            () = over_at(silent), if silent.is_some() => {
                // What is under way is no idling; who waits for it need say nothing.
                if client.is_busy() {
                    wire.heard = Instant::now();
                } else if silent.is_some_and(|silent| silent <= Instant::now()) {
                    tracing::debug!("a client said nothing for too long");
                    break Some(CloseCode::Normal);
                }
            }
            Ok(()) = brains.changed(), if client.has_room() => {
                let known = brains.borrow_and_update().clone();
                if let Some(known) = known {
                    client.brains_changed(known);
                }
            }
            Ok(()) = tools.changed(), if client.has_room() => client.tools_changed(),
            ring = rings.recv(), if client.has_room() => match ring {
                Ok(ring) => ring_at(&mut client, &ring),
                Err(broadcast::error::RecvError::Lagged(missed)) => {
                    tracing::warn!("a client that does not read missed {missed} timers");
                }
                // The house outlives its clients.
                Err(broadcast::error::RecvError::Closed) => break Some(CloseCode::Away),
            },
            news = poll_fn(|context| wire.poll(&mut client, context)) => match news {
                News::Text(text) => router::route(&mut client, &text, began.elapsed()),
                News::Binary(bytes) => router::sound(&mut client, &bytes),
                News::Over(why) => break why,
            },
        }
    };
    // Whatever was being answered is over now, not when the goodbyes are said.
    drop(client);
    if let Some(code) = why {
        // A client that does not say goodbye is hung up on all the same.
        let _ = timeout(GOODBYE, wire.goodbye(code)).await;
    }
}

/// Comes back at that moment; without one it is never asked.
pub(super) async fn over_at(moment: Option<Instant>) {
    if let Some(moment) = moment {
        sleep_until(moment).await;
    }
}

fn ring_at(client: &mut Client, ring: &Ring) {
    client.reply(ServerFrame::Ring {
        label: ring.tell(client.lang),
        timestamp: client.house.timestamp(),
    });
}

/// The socket, and whether something written still waits to leave.
struct Wire<S> {
    socket: WebSocketStream<S>,
    unflushed: bool,
    /// When the client was last heard, be it with a ping.
    heard: Instant,
}

enum News {
    Text(Utf8Bytes),
    Binary(Bytes),
    /// The connection is over; with a code if we are the one to say so.
    Over(Option<CloseCode>),
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// Waits for news, and moves frames to the client meanwhile. Cancel-safe: what is half read or
    /// half written stays in the socket.
    fn poll(&mut self, client: &mut Client, context: &mut Context<'_>) -> Poll<News> {
        loop {
            if self.unflushed {
                match Pin::new(&mut self.socket).poll_flush(context) {
                    Poll::Ready(Ok(())) => self.unflushed = false,
                    Poll::Ready(Err(error)) => return Poll::Ready(over(&error)),
                    Poll::Pending => {}
                }
            }
            // Reading comes before writing: a message that stops an answer is heard first.
            if client.has_room()
                && let Poll::Ready(news) = self.poll_read(context)
            {
                return Poll::Ready(news);
            }
            if self.unflushed {
                client.poll_work(context);
                return Poll::Pending;
            }
            let Poll::Ready(out) = client.poll_frame(context) else {
                return if client.may_go() {
                    Poll::Ready(News::Over(Some(CloseCode::Restart)))
                } else {
                    Poll::Pending
                };
            };
            let message = match out {
                Out::Frame(frame) => Message::text(
                    serde_json::to_string(&frame).expect("our frames hold text and numbers"),
                ),
                Out::Sound(bytes) => Message::binary(bytes),
            };
            if let Err(error) = Pin::new(&mut self.socket).start_send(message) {
                return Poll::Ready(over(&error));
            }
            self.unflushed = true;
        }
    }

    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<News> {
        loop {
            let Poll::Ready(message) = Pin::new(&mut self.socket).poll_next(context) else {
                return Poll::Pending;
            };
            self.heard = Instant::now();
            return Poll::Ready(match message {
                Some(Ok(Message::Text(text))) => News::Text(text),
                Some(Ok(Message::Binary(bytes))) => News::Binary(bytes),
                // The answer to a goodbye leaves with the next read, which also tells the end.
                Some(Ok(
                    Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_),
                )) => continue,
                Some(Err(error)) => over(&error),
                None => News::Over(None),
            });
        }
    }

    /// Says goodbye and waits for the answer.
    async fn goodbye(&mut self, code: CloseCode) {
        let frame = CloseFrame {
            code,
            reason: "".into(),
        };
        if self.socket.close(Some(frame)).await.is_ok() {
            let gone = |context: &mut Context<'_>| loop {
                match Pin::new(&mut self.socket).poll_next(context) {
                    Poll::Ready(Some(Ok(_unheard))) => {}
                    Poll::Ready(Some(Err(_)) | None) => return Poll::Ready(()),
                    Poll::Pending => return Poll::Pending,
                }
            };
            poll_fn(gone).await;
        }
    }
}

/// What the end of a connection asks us to say, if anybody still hears it.
fn over(error: &Error) -> News {
    News::Over(match error {
        Error::Capacity(_) => Some(CloseCode::Size),
        Error::Utf8(_) => Some(CloseCode::Invalid),
        Error::Protocol(_) | Error::AttackAttempt => Some(CloseCode::Protocol),
        Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Io(_)
        | Error::Tls(_)
        | Error::WriteBufferFull(_)
        | Error::Url(_)
        | Error::Http(_)
        | Error::HttpFormat(_) => None,
    })
}
