//! Plays the line against a real WebSocket server at the other end of an in-memory stream, in
//! paused time: what takes half a minute here takes no time at all.

mod clips;
mod ends;
mod flow;
mod life;
mod wrong;

use super::*;
use crate::core::backend::{Greeting, Say};
use crate::core::ids::Epoch;
use crate::core::ids::{ConversationId, TurnId};
use crate::core::line::{Distrust, Health, Line};
use crate::core::sound::Speech;
use crate::core::time::{Moment, Wall};
use crate::link::CLIPS;
use crate::link::backlog::BACKLOG;
use crate::link::connect::Remote;
use crate::wire::yychat::Yychat;
use futures_util::{SinkExt, StreamExt};
use std::future::poll_fn;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::{WebSocketStream, accept_async};

const GREETING: &str = r#"{"type":"connection_established","client_id":"c1","timestamp":1.5}"#;

/// The program's side of a line under test, and the streams that it opens.
struct Bench {
    orders: mpsc::Sender<LinkOrder>,
    events: mpsc::Receiver<LinkEvent>,
    clips: mpsc::Sender<ClipPart>,
    /// What went to the loudspeaker.
    played: mpsc::UnboundedReceiver<Speech>,
    streams: mpsc::UnboundedReceiver<DuplexStream>,
    task: JoinHandle<()>,
    start: Instant,
}

type Peer = WebSocketStream<DuplexStream>;

impl Bench {
    fn new(settings: LinkSettings) -> Self {
        Self::with_queue(settings, 64)
    }

    fn with_queue(settings: LinkSettings, length: usize) -> Self {
        let (target, streams) = in_memory();
        Self::start(target, settings, length, streams)
    }

    fn start(
        target: Target,
        settings: LinkSettings,
        length: usize,
        streams: mpsc::UnboundedReceiver<DuplexStream>,
    ) -> Self {
        let clock = Clock::new(Instant::now(), Wall(1_795_173_705_000));
        Self::start_at(clock, target, settings, length, streams)
    }

    /// With a clock of the test's own.
    fn at(clock: Clock) -> Self {
        let (target, streams) = in_memory();
        Self::start_at(clock, target, patient(), 64, streams)
    }

    fn start_at(
        clock: Clock,
        target: Target,
        settings: LinkSettings,
        length: usize,
        streams: mpsc::UnboundedReceiver<DuplexStream>,
    ) -> Self {
        let (orders, taken) = mpsc::channel(8);
        let (told, events) = mpsc::channel(length);
        let (clips, pieces) = mpsc::channel(CLIPS);
        let (play, played) = mpsc::unbounded_channel();
        let start = Instant::now();
        let ends = Ends {
            orders: taken,
            events: told,
            clips: pieces,
            speech: Arc::new(move |speech| play.send(speech).unwrap()),
        };
        let task = spawn(target, Box::<Yychat>::default(), settings, ends, clock);
        Self {
            orders,
            events,
            clips,
            played,
            streams,
            task,
            start,
        }
    }

    /// A line that is up, and the peer at its other end.
    async fn up(settings: LinkSettings) -> (Self, Peer) {
        let mut bench = Self::new(settings);
        bench.order(LinkOrder::Dial).await;
        let peer = bench.greet().await;
        (bench, peer)
    }

    /// Serves the next dial up to the greeting, and checks that the line comes up.
    async fn greet(&mut self) -> Peer {
        let mut peer = self.accept().await;
        peer.send(Message::text(GREETING)).await.unwrap();
        loop {
            match self.event().await {
                LinkEvent::Line {
                    line: Line::Up(Health { rtt: None, .. }),
                    ..
                } => break,
                LinkEvent::Line {
                    line: Line::Dialing { .. } | Line::Waiting { .. } | Line::Up(_),
                    ..
                } => {}
                other => panic!("{other:?}"),
            }
        }
        let greeting = self.event().await;
        assert!(
            matches!(
                &greeting,
                LinkEvent::Heard { down: Down::Greeting(Greeting { client, .. }), .. }
                if client == "c1"
            ),
            "{greeting:?}"
        );
        peer
    }

    async fn accept(&mut self) -> Peer {
        accept_async(self.stream().await).await.unwrap()
    }

    async fn stream(&mut self) -> DuplexStream {
        let day = Duration::from_hours(24);
        timeout(day, self.streams.recv()).await.unwrap().unwrap()
    }

    async fn order(&self, order: LinkOrder) {
        self.orders.send(order).await.unwrap();
    }

    async fn event(&mut self) -> LinkEvent {
        let day = Duration::from_hours(24);
        timeout(day, self.events.recv()).await.unwrap().unwrap()
    }

    /// The next change of the line, with its epoch; whatever else is told before is passed over.
    async fn line(&mut self) -> (u64, Line) {
        loop {
            if let LinkEvent::Line { epoch, line } = self.event().await {
                return (epoch.0, line);
            }
        }
    }

    /// The next change of the line that is not a round trip.
    async fn change(&mut self) -> Line {
        loop {
            match self.line().await.1 {
                Line::Up(Health { rtt: Some(_), .. }) => {}
                line => return line,
            }
        }
    }

    /// What is told next about the end of the line: the reason to wait, or the final state.
    async fn end(&mut self) -> Line {
        match self.change().await {
            Line::Dialing { .. } => Box::pin(self.end()).await,
            line => line,
        }
    }

    fn passed(&self) -> Duration {
        self.start.elapsed()
    }
}

/// A target, and the other ends of the streams that are opened to it.
fn in_memory() -> (Target, mpsc::UnboundedReceiver<DuplexStream>) {
    let (open, streams) = mpsc::unbounded_channel();
    let target = Target::Embedded(Box::new(move || {
        let (ours, theirs) = duplex(64 * 1024);
        open.send(theirs).unwrap();
        ours
    }));
    (target, streams)
}

fn patient() -> LinkSettings {
    LinkSettings::default()
}

fn say(text: &str) -> Up {
    Up::Say(Say {
        turn: TurnId(1),
        conversation: ConversationId(2),
        text: text.into(),
        persona: None,
        brain: None,
        model: None,
        tools: false,
        errands: false,
        lang: crate::core::words::Lang::En,
        voice: None,
        clip: None,
        history: vec![],
    })
}

/// Reads and answers pings until a text frame comes.
async fn text(peer: &mut Peer) -> String {
    loop {
        match peer.next().await.unwrap().unwrap() {
            Message::Text(text) => return text.as_str().to_owned(),
            Message::Ping(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_said_arrives_and_what_is_answered_is_told() {
    let (mut bench, mut peer) = Bench::up(patient()).await;
    bench.order(LinkOrder::Say(say("hello 你好"))).await;
    let frame = text(&mut peer).await;
    assert!(frame.contains("hello 你好"), "{frame}");
    peer.send(Message::text(r#"{"type":"stream_chunk","content":"hi"}"#))
        .await
        .unwrap();
    let turn = Some(TurnId(1));
    loop {
        match bench.event().await {
            LinkEvent::Line {
                line: Line::Up(Health { rtt: Some(_), .. }),
                ..
            } => {}
            heard => {
                let more = "hi".into();
                let (epoch, down) = (Epoch(1), Down::Text { turn, more });
                assert_eq!(heard, LinkEvent::Heard { epoch, down });
                break;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn words_for_a_line_that_is_not_up_come_back() {
    let mut bench = Bench::new(patient());
    bench.order(LinkOrder::Say(say("too early"))).await;
    let (epoch, up) = (Epoch(0), say("too early"));
    assert_eq!(bench.event().await, LinkEvent::Unsent { epoch, up });
}

#[tokio::test(start_paused = true)]
async fn what_this_backend_has_no_words_for_comes_back() {
    let (mut bench, _peer) = Bench::up(patient()).await;
    let up = Up::AskBrains { again: false };
    bench.order(LinkOrder::Say(up.clone())).await;
    let epoch = Epoch(1);
    loop {
        let event = bench.event().await;
        if !matches!(event, LinkEvent::Line { .. }) {
            assert_eq!(event, LinkEvent::Unsent { epoch, up });
            break;
        }
    }
}

/// Takes the ping that comes with the greeting.
async fn text_free(peer: &mut Peer) {
    let ping = peer.next().await.unwrap().unwrap();
    assert!(matches!(ping, Message::Ping(_)), "{ping:?}");
    peer.flush().await.unwrap();
}
