//! The one task that owns the socket: does what the machine says, and tells it what happens.
//!
//! Orders come in through one bounded queue, events leave through another. While nobody reads the
//! events the socket is not read either, so that memory stays bounded and the peer notices; orders
//! are served all the same, so that neither side ever waits for the other.

use super::clock::Clock;
use super::connect::{Connecting, Connector, Failure, Socket, Target, broken};
use super::machine::{Arrived, Command, Event, Machine};
use super::settings::LinkSettings;
use crate::core::backend::{Down, Up};
use crate::core::ids::Epoch;
use crate::core::line::{Cause, LinkEvent, LinkOrder};
use crate::wire::yychat::Yychat;
use crate::wire::{Dialect, Frame};
use futures_util::{Sink, Stream};
use std::collections::VecDeque;
use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::sleep_until;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};

/// So many events may stand in line before the socket is no longer read.
const BACKLOG: usize = 64;
/// So many bytes of text may stand in line before the socket is no longer read.
const BACKLOG_BYTES: usize = 256 * 1024;
/// So many frames are read in one go, so that a flood cannot keep orders and beats waiting.
const GULP: usize = 256;

/// Starts the line to a backend. It stays closed until [`LinkOrder::Dial`]. The task ends, with
/// the line properly closed, when the orders' sender or the events' receiver is dropped.
pub fn spawn(
    target: Target,
    settings: LinkSettings,
    orders: mpsc::Receiver<LinkOrder>,
    events: mpsc::Sender<LinkEvent>,
    clock: Clock,
) -> JoinHandle<()> {
    let drive = Drive {
        connector: Connector::new(target, settings.max_message, clock),
        machine: Machine::new(settings),
        dialect: Box::new(Yychat::default()),
        clock,
        line: Wire::None,
        backlog: Backlog::default(),
        leaving: false,
    };
    tokio::spawn(drive.run(orders, events))
}

struct Drive {
    connector: Connector,
    machine: Machine,
    dialect: Box<dyn Dialect>,
    clock: Clock,
    line: Wire,
    backlog: Backlog,
    /// Nobody orders or listens any more: end as soon as the line is down.
    leaving: bool,
}

/// What there is of a socket.
enum Wire {
    None,
    Connecting(Connecting),
    Open {
        socket: Box<Socket>,
        /// Something written is still waiting to leave.
        unflushed: bool,
    },
}

/// What the wire has to tell.
enum News {
    Connected(Result<Socket, Failure>),
    Message(Message),
    Broken(Error),
    /// The peer let go of the connection.
    End,
}

impl Drive {
    async fn run(mut self, mut orders: mpsc::Receiver<LinkOrder>, events: mpsc::Sender<LinkEvent>) {
        while !(self.leaving && self.machine.is_down()) {
            let deadline = self.machine.deadline().map(|at| self.clock.instant(at));
            // Whoever leaves reads on without passing on, to see the peer's goodbye.
            let full = self.backlog.is_full() && !self.leaving;
            tokio::select! {
                // Orders first: hanging up must work in any flood. The socket before the timer:
                // after a long sleep the answer to our ping may lie there, unread. The timer is
                // left out while we do not read, for then the silence is our own.
                biased;
                order = orders.recv(), if !self.leaving => self.order(order),
                slot = events.reserve(), if self.backlog.waits() && !self.leaving => match slot {
                    Ok(slot) => self.backlog.hand_over(slot),
                    Err(_nobody_listens) => self.order(None),
                },
                news = self.line.news(!full) => self.heard(news).await,
                () = until(deadline), if !full => self.tell(Event::Tick),
            }
        }
        while let Some(event) = self.backlog.events.pop_front() {
            // Whoever still listens gets the last words; nobody is waited for.
            if events.try_send(event).is_err() {
                break;
            }
        }
    }

    fn order(&mut self, order: Option<LinkOrder>) {
        match order {
            Some(LinkOrder::Dial) => self.tell(Event::Dial),
            Some(LinkOrder::HangUp) => self.tell(Event::HangUp),
            Some(LinkOrder::Say(up)) => self.say(up),
            None => {
                self.leaving = true;
                self.tell(Event::HangUp);
            }
        }
    }

    fn say(&mut self, up: Up) {
        let sent = self.machine.is_up() && {
            let frames = self.dialect.encode(&up, self.clock.wall());
            !frames.is_empty() && frames.into_iter().all(|frame| self.send(frame))
        };
        if !sent {
            let epoch = self.machine.epoch();
            self.backlog.push(LinkEvent::Unsent { epoch, up });
        }
    }

    /// Tells the machine and does what it says.
    fn tell(&mut self, event: Event) {
        for command in self.machine.on(self.clock.now(), event) {
            let epoch = self.machine.epoch();
            match command {
                Command::Report(line) => self.backlog.push(LinkEvent::Line { epoch, line }),
                Command::Connect => self.line = Wire::Connecting(self.connector.connect()),
                Command::Ping(number) => {
                    let number = number.to_be_bytes().to_vec();
                    self.line.send(Message::Ping(number.into()));
                }
                Command::Beat => {
                    if let Some(frame) = self.dialect.beat(self.clock.wall()) {
                        self.send(frame);
                    }
                }
                Command::Close => {
                    self.line.send(goodbye(1000));
                }
                Command::Drop => self.line = Wire::None,
            }
        }
    }

    fn send(&mut self, frame: Frame) -> bool {
        self.line.send(match frame {
            Frame::Text(text) => Message::Text(text.into()),
            Frame::Binary(bytes) => Message::Binary(bytes.into()),
        })
    }

    /// Takes what the wire tells, and everything that can be read behind it without waiting.
    async fn heard(&mut self, mut news: News) {
        for _ in 0..GULP {
            self.take(news);
            if self.backlog.is_full() {
                break;
            }
            match self.line.news_now().await {
                Some(more) => news = more,
                None => break,
            }
        }
        // A peer that never pauses must not keep us from giving signs of life.
        self.tell(Event::Tick);
    }

    fn take(&mut self, news: News) {
        match news {
            News::Connected(Ok(socket)) => {
                self.line = Wire::Open {
                    socket: Box::new(socket),
                    unflushed: false,
                };
                self.tell(Event::Connected);
                for frame in self.dialect.hello() {
                    self.send(frame);
                }
            }
            News::Connected(Err(Failure { cause, wait })) => {
                self.line = Wire::None;
                self.tell(Event::ConnectFailed { cause, wait });
            }
            News::Message(Message::Text(text)) => self.frame(Frame::Text(text.as_str().to_owned())),
            News::Message(Message::Binary(bytes)) => self.frame(Frame::Binary(bytes.to_vec())),
            News::Message(Message::Pong(payload)) => {
                let number = payload.as_ref().try_into().map(u64::from_be_bytes);
                self.tell(Event::Frame(number.map_or(Arrived::Other, Arrived::Pong)));
            }
            News::Message(Message::Ping(_) | Message::Frame(_)) => {
                self.tell(Event::Frame(Arrived::Other));
            }
            News::Message(Message::Close(said)) => self.ended(Cause::ClosedByPeer {
                code: said.as_ref().map(|said| said.code.into()),
                reason: said.map_or_else(String::new, |said| said.reason.as_str().to_owned()),
            }),
            News::Broken(error) => {
                let (cause, code) = broken(&error);
                if let Some(code) = code {
                    self.line.send(goodbye(code));
                }
                self.ended(cause);
            }
            News::End => {
                let (cause, _no_goodbye) = broken(&Error::ConnectionClosed);
                self.ended(cause);
            }
        }
    }

    fn ended(&mut self, cause: Cause) {
        self.line.let_go();
        self.tell(Event::Closed { cause });
    }

    fn frame(&mut self, frame: Frame) {
        if !self.machine.is_listening() {
            return;
        }
        let epoch = self.machine.epoch();
        let downs = self.dialect.decode(&frame);
        if downs.is_empty() {
            self.tell(Event::Frame(Arrived::Other));
        }
        for down in downs {
            let arrived = match down {
                Down::Greeting(_) => Arrived::Greeting,
                _ => Arrived::Other,
            };
            self.tell(Event::Frame(arrived));
            // An answered beat is the link's own affair, and would wake the whole program.
            if down != Down::Beat {
                self.backlog.push(LinkEvent::Heard { epoch, down });
            }
        }
    }
}

/// Waits for a deadline; for ever if there is none.
async fn until(deadline: Option<tokio::time::Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}

fn goodbye(code: u16) -> Message {
    Message::Close(Some(CloseFrame {
        code: code.into(),
        reason: "".into(),
    }))
}

impl Wire {
    /// Waits for news. Cancel-safe: whatever is half read or half written stays in the socket.
    async fn news(&mut self, read: bool) -> News {
        poll_fn(|context| self.poll(context, read)).await
    }

    /// News that can be had without waiting.
    async fn news_now(&mut self) -> Option<News> {
        poll_fn(|context| {
            Poll::Ready(match self.poll(context, true) {
                Poll::Ready(news) => Some(news),
                Poll::Pending => None,
            })
        })
        .await
    }

    fn poll(&mut self, context: &mut Context<'_>, read: bool) -> Poll<News> {
        match self {
            Self::None => Poll::Pending,
            Self::Connecting(connecting) => connecting.as_mut().poll(context).map(News::Connected),
            Self::Open { socket, unflushed } => {
                if *unflushed {
                    match Pin::new(&mut **socket).poll_flush(context) {
                        Poll::Ready(Ok(())) => *unflushed = false,
                        Poll::Ready(Err(error)) => return Poll::Ready(News::Broken(error)),
                        Poll::Pending => {}
                    }
                }
                if !read {
                    return Poll::Pending;
                }
                Poll::Ready(match ready!(Pin::new(&mut **socket).poll_next(context)) {
                    Some(Ok(message)) => News::Message(message),
                    Some(Err(error)) => News::Broken(error),
                    None => News::End,
                })
            }
        }
    }

    /// Hands a message to the socket without waiting; `false` if it will never arrive. What does
    /// not fit into the network's buffers at once is flushed while we listen.
    fn send(&mut self, message: Message) -> bool {
        let Self::Open { socket, unflushed } = self else {
            return false;
        };
        let taken = Pin::new(&mut **socket).start_send(message).is_ok();
        *unflushed |= taken;
        taken
    }

    /// Drops the socket after a last attempt to write what is left: the answer to a goodbye.
    fn let_go(&mut self) {
        if let Self::Open { socket, .. } = self {
            let mut context = Context::from_waker(std::task::Waker::noop());
            // If the peer no longer reads there is nobody to miss it.
            let _ = Pin::new(&mut **socket).poll_flush(&mut context);
        }
        *self = Self::None;
    }
}

/// Events that wait for a place in the queue, oldest first.
#[derive(Default)]
struct Backlog {
    events: VecDeque<LinkEvent>,
    bytes: usize,
}

impl Backlog {
    fn waits(&self) -> bool {
        !self.events.is_empty()
    }

    fn is_full(&self) -> bool {
        self.events.len() >= BACKLOG || self.bytes >= BACKLOG_BYTES
    }

    /// Adds an event. More text of the same turn joins the text before it: five thousand tokens
    /// that arrive at once are one event, not five thousand.
    fn push(&mut self, event: LinkEvent) {
        self.bytes += weight(&event);
        if let Some((epoch, down)) = self.events.back_mut().and_then(heard)
            && let LinkEvent::Heard {
                epoch: its,
                down: more,
            } = &event
            && epoch == *its
            && join(down, more)
        {
            return;
        }
        self.events.push_back(event);
    }

    fn hand_over(&mut self, slot: mpsc::Permit<'_, LinkEvent>) {
        if let Some(event) = self.events.pop_front() {
            self.bytes = self.bytes.saturating_sub(weight(&event));
            slot.send(event);
        }
    }
}

fn heard(event: &mut LinkEvent) -> Option<(Epoch, &mut Down)> {
    match event {
        LinkEvent::Heard { epoch, down } => Some((*epoch, down)),
        LinkEvent::Line { .. } | LinkEvent::Unsent { .. } => None,
    }
}

/// Joins more text to the text before it, if both are of one turn and one kind.
fn join(down: &mut Down, next: &Down) -> bool {
    match (down, next) {
        (
            Down::Text { turn, more },
            Down::Text {
                turn: its,
                more: next,
            },
        )
        | (
            Down::Reasoning { turn, more },
            Down::Reasoning {
                turn: its,
                more: next,
            },
        ) if turn == its => {
            more.push_str(next);
            true
        }
        _ => false,
    }
}

/// How many bytes of text an event holds, roughly.
fn weight(event: &LinkEvent) -> usize {
    match event {
        LinkEvent::Heard { down, .. } => match down {
            Down::Text { more, .. } | Down::Reasoning { more, .. } => more.len(),
            Down::Done { full, .. } => full.as_ref().map_or(0, String::len),
            Down::Ring { label } => label.len(),
            Down::Unreadable { why } => why.len(),
            Down::Tool { tool, .. } => {
                let outcome = tool.outcome.as_ref();
                tool.arguments.len() + outcome.map_or(0, |o| o.as_ref().unwrap_or_else(|e| e).len())
            }
            Down::Greeting(_)
            | Down::Beat
            | Down::Thinking { .. }
            | Down::Loading { .. }
            | Down::Interrupted { .. }
            | Down::Trouble { .. }
            | Down::Brains(_)
            | Down::Status(_) => 0,
        },
        LinkEvent::Line { .. } | LinkEvent::Unsent { .. } => 0,
    }
}

#[cfg(test)]
mod tests;
