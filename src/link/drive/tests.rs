//! Plays the line against a real WebSocket server at the other end of an in-memory stream, in
//! paused time: what takes half a minute here takes no time at all.

use super::*;
use crate::core::backend::{Greeting, Say};
use crate::core::ids::Epoch;
use crate::core::ids::{ConversationId, TurnId};
use crate::core::line::{Distrust, Health, Line};
use crate::core::time::{Moment, Wall};
use crate::link::backlog::BACKLOG;
use crate::link::connect::Remote;
use futures_util::{SinkExt, StreamExt};
use std::future::poll_fn;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::{WebSocketStream, accept_async};

const GREETING: &str = r#"{"type":"connection_established","client_id":"c1","timestamp":1.5}"#;

/// The program's side of a line under test, and the streams that it opens.
struct Bench {
    orders: mpsc::Sender<LinkOrder>,
    events: mpsc::Receiver<LinkEvent>,
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
        let start = Instant::now();
        let task = spawn(target, settings, taken, told, clock);
        Self {
            orders,
            events,
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

#[tokio::test(start_paused = true)]
async fn a_peer_that_connects_and_never_greets_is_left_after_ten_seconds() {
    let mut bench = Bench::new(patient());
    bench.order(LinkOrder::Dial).await;
    let _silent = bench.accept().await;
    let after = Duration::from_secs(10);
    let line = bench.end().await;
    assert!(
        matches!(&line, Line::Waiting { attempt: 2, cause, .. } if *cause == Cause::NoGreeting { after }),
        "{line:?}"
    );
    assert_eq!(bench.passed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_that_is_never_answered_is_left_after_eight_seconds() {
    let mut bench = Bench::new(patient());
    bench.order(LinkOrder::Dial).await;
    let _silent = bench.stream().await;
    let line = bench.end().await;
    let why = "no answer within 8 s".to_owned();
    assert!(
        matches!(&line, Line::Waiting { cause, .. } if *cause == Cause::Unreachable { why }),
        "{line:?}"
    );
    assert_eq!(bench.passed().as_secs(), 8);
}

#[tokio::test(start_paused = true)]
async fn a_frozen_peer_is_noticed_after_fifteen_seconds_and_left() {
    // The peer holds its end of the stream open and never touches it again.
    let (mut bench, _frozen) = Bench::up(patient()).await;
    let line = bench.end().await;
    let Line::Waiting { until, cause, .. } = line else {
        panic!("{line:?}")
    };
    // The first ping, sent with the greeting, is the one that stays unanswered.
    let after = Duration::from_secs(5);
    assert_eq!(cause, Cause::Silent { after });
    assert_eq!(until, Moment(bench.passed()));

    let (mut bench, mut peer) = Bench::up(patient()).await;
    // This one answers the first ping and freezes then.
    peer.next().await.unwrap().unwrap();
    peer.flush().await.unwrap();
    let line = bench.end().await;
    let after = Duration::from_secs(15);
    assert!(
        matches!(&line, Line::Waiting { cause, .. } if *cause == Cause::Silent { after }),
        "{line:?}"
    );
    assert_eq!(bench.passed().as_secs(), 15);
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_answered_one_byte_a_second_is_left_after_eight_seconds() {
    let mut bench = Bench::new(patient());
    bench.order(LinkOrder::Dial).await;
    let mut stream = bench.stream().await;
    let trickle = tokio::spawn(async move {
        let mut second = tokio::time::interval(Duration::from_secs(1));
        for byte in b"HTTP/1.1 101 Switching Protocols\r\n" {
            second.tick().await;
            if stream.write_all(&[*byte]).await.is_err() {
                return;
            }
        }
        panic!("nobody hung up");
    });
    assert!(matches!(bench.end().await, Line::Waiting { .. }));
    assert_eq!(bench.passed().as_secs(), 8);
    trickle.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn after_a_long_stop_what_lies_unread_is_life() {
    let (mut bench, mut peer) = Bench::up(patient()).await;
    text_free(&mut peer).await;
    tokio::time::advance(Duration::from_secs(10)).await;
    let asked = peer.next().await.unwrap().unwrap();
    assert!(matches!(asked, Message::Ping(_)), "{asked:?}");
    // The answer is written, and an hour passes before anybody gets to read it.
    peer.send(Message::text(r#"{"type":"ring","label":"x"}"#))
        .await
        .unwrap();
    tokio::time::advance(Duration::from_hours(1)).await;
    loop {
        match bench.event().await {
            LinkEvent::Heard {
                down: Down::Ring { .. },
                ..
            } => break,
            LinkEvent::Line {
                line: Line::Up(_), ..
            } => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(bench.streams.try_recv().is_err(), "dialed again");
}

#[tokio::test(start_paused = true)]
async fn after_the_machine_slept_a_dead_line_is_replaced_within_a_second() {
    static START: OnceLock<Instant> = OnceLock::new();
    static SLEPT_MS: AtomicI64 = AtomicI64::new(0);
    let start = *START.get_or_init(Instant::now);
    let clock = Clock::paused(start, || {
        let passed = START.get().unwrap().elapsed().as_millis() as i64;
        Wall(passed + SLEPT_MS.load(Ordering::Relaxed))
    });
    let mut bench = Bench::at(clock);
    bench.order(LinkOrder::Dial).await;
    let mut peer = bench.greet().await;
    text_free(&mut peer).await;
    assert!(
        matches!(bench.line().await.1, Line::Up(_)),
        "the pong is heard"
    );
    // Long enough to count as steady.
    tokio::time::advance(Duration::from_secs(3)).await;
    // Ninety seconds on the calendar, of which the other clock knows nothing.
    SLEPT_MS.store(90_000, Ordering::Relaxed);
    bench.order(LinkOrder::Say(say("good morning"))).await;
    let line = bench.end().await;
    let after = Duration::from_secs(3 + 1);
    assert!(
        matches!(&line, Line::Waiting { cause, .. } if *cause == Cause::Silent { after }),
        "{line:?}"
    );
    bench.greet().await;
    assert_eq!(bench.passed().as_secs(), 3 + 1);

    // A line that still lives only has to answer.
    let mut bench = Bench::at(clock);
    bench.order(LinkOrder::Dial).await;
    let mut peer = bench.greet().await;
    text_free(&mut peer).await;
    assert!(
        matches!(bench.line().await.1, Line::Up(_)),
        "the pong is heard"
    );
    SLEPT_MS.store(-3_600_000, Ordering::Relaxed);
    bench.order(LinkOrder::Say(say("good evening"))).await;
    assert!(text(&mut peer).await.contains("good evening"));
    text_free(&mut peer).await;
    let minute = Duration::from_mins(1);
    let serve = async {
        loop {
            peer.next().await.unwrap().unwrap();
        }
    };
    assert!(timeout(minute, serve).await.is_err());
    assert!(bench.streams.try_recv().is_err(), "dialed again");
}

#[tokio::test(start_paused = true)]
async fn any_traffic_keeps_the_line_up() {
    let (mut bench, mut peer) = Bench::up(patient()).await;
    // It never reads, so it answers neither pings nor beats; but it speaks.
    for _ in 0..40 {
        tokio::time::advance(Duration::from_secs(4)).await;
        peer.feed(Message::text(r#"{"type":"ring","label":"x"}"#))
            .await
            .unwrap();
        peer.flush().await.unwrap();
        match bench.event().await {
            LinkEvent::Heard {
                down: Down::Ring { .. },
                ..
            } => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(bench.passed().as_secs(), 160);
}

#[tokio::test(start_paused = true)]
async fn a_large_message_on_a_slow_line_arrives_whole_in_either_direction() {
    // 100 kB at 2 kB a second, with no other sign of life.
    let (mut bench, mut peer) = Bench::up(patient()).await;
    text_free(&mut peer).await;
    let label = "x".repeat(100_000);
    let ring = format!(r#"{{"type":"ring","label":"{label}"}}"#);
    let mut bytes = vec![0x81, 127];
    bytes.extend((ring.len() as u64).to_be_bytes());
    bytes.extend(ring.as_bytes());
    let send = tokio::spawn(async move {
        let mut second = tokio::time::interval(Duration::from_secs(1));
        for piece in bytes.chunks(2_000) {
            second.tick().await;
            peer.get_mut().write_all(piece).await.unwrap();
        }
        peer
    });
    let down = loop {
        match bench.event().await {
            LinkEvent::Heard { down, .. } => break down,
            LinkEvent::Line {
                line: Line::Up(_), ..
            } => {}
            other => panic!("{other:?}"),
        }
    };
    assert!(down == Down::Ring { label });
    assert_eq!(bench.passed().as_secs(), 50);

    // 1 MB at 20 kB a second, and the answer to our ping behind it.
    let mut peer = send.await.unwrap();
    bench.order(LinkOrder::Say(say(&"x".repeat(1 << 20)))).await;
    let mut read = 0;
    while read < 1 << 20 {
        tokio::time::advance(Duration::from_millis(100)).await;
        read += peer.get_mut().read(&mut [0; 2_000]).await.unwrap();
    }
    let ring = Message::text(r#"{"type":"ring","label":"x"}"#);
    peer.send(ring).await.unwrap();
    let next = bench.event().await;
    assert!(matches!(next, LinkEvent::Heard { .. }), "{next:?}");
    assert_eq!(bench.passed().as_secs(), 50 + 52);
}

#[tokio::test(start_paused = true)]
async fn hanging_up_says_goodbye_and_never_dials_again() {
    let (mut bench, mut peer) = Bench::up(patient()).await;
    bench.order(LinkOrder::HangUp).await;
    assert_eq!(bench.change().await, Line::Closed);
    loop {
        match peer.next().await {
            Some(Ok(Message::Ping(_))) => {}
            Some(Ok(Message::Close(Some(said)))) => {
                assert_eq!(u16::from(said.code), 1000);
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    while let Some(Ok(_)) = peer.next().await {}
    let hour = Duration::from_hours(1);
    assert!(timeout(hour, bench.streams.recv()).await.is_err(), "dialed");
    let quiet = async {
        while let Some(event) = bench.events.recv().await {
            let LinkEvent::Line {
                line: Line::Up(_), ..
            } = event
            else {
                panic!("{event:?}")
            };
        }
    };
    assert!(timeout(hour, quiet).await.is_err(), "the task goes on");
}

#[tokio::test(start_paused = true)]
async fn dropping_the_orders_ends_the_task_even_if_the_peer_is_frozen() {
    let (bench, _frozen) = Bench::up(patient()).await;
    let Bench {
        orders,
        task,
        start,
        events: _events,
        ..
    } = bench;
    drop(orders);
    task.await.unwrap();
    assert_eq!(start.elapsed(), Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn dropping_the_events_ends_the_task() {
    let (bench, mut peer) = Bench::up(patient()).await;
    let Bench {
        orders: _orders,
        task,
        events,
        ..
    } = bench;
    drop(events);
    peer.send(Message::text(r#"{"type":"ring","label":"x"}"#))
        .await
        .unwrap();
    while let Some(Ok(_)) = peer.next().await {}
    task.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_the_peer_says_when_closing_decides_what_we_do() {
    for (code, state) in [
        (1000, "resting"),
        (1001, "resting"),
        (1008, "refused"),
        (1011, "waiting"),
        (1012, "waiting"),
        (1013, "waiting"),
        (4000, "refused"),
        (4401, "refused"),
    ] {
        let (mut bench, mut peer) = Bench::up(patient()).await;
        text_free(&mut peer).await;
        tokio::time::advance(Duration::from_secs(3)).await;
        let said = CloseFrame {
            code: code.into(),
            reason: "because".into(),
        };
        peer.send(Message::Close(Some(said))).await.unwrap();
        let expected = Cause::ClosedByPeer {
            code: Some(code),
            reason: "because".into(),
        };
        let (found, cause) = match bench.end().await {
            Line::Waiting { cause, .. } => ("waiting", cause),
            Line::Refused { cause } => ("refused", cause),
            Line::Resting { cause } => ("resting", cause),
            line => panic!("{code}: {line:?}"),
        };
        assert_eq!((found, cause), (state, expected), "{code}");
        // Our half of the goodbye arrives.
        while let Some(Ok(message)) = peer.next().await {
            assert!(!matches!(message, Message::Text(_)), "{message:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn minutes_of_silence_on_a_server_that_puts_idle_lines_away_lose_nothing() {
    for idle in [60, 600] {
        let (mut bench, mut peer) = Bench::up(patient()).await;
        bench.order(LinkOrder::Say(say("first"))).await;
        text(&mut peer).await;
        let end = Message::text(r#"{"type":"stream_end","full_content":"done"}"#);
        peer.send(end.clone()).await.unwrap();
        // It counts neither pings nor heartbeats as life, but answers them.
        let goodbye = async {
            let limit = Instant::now() + Duration::from_secs(idle);
            while let Ok(message) = tokio::time::timeout_at(limit, peer.next()).await {
                message.unwrap().unwrap();
            }
            peer.close(None).await.unwrap();
            while let Some(Ok(_)) = peer.next().await {}
        };
        goodbye.await;
        let line = bench.end().await;
        assert!(matches!(&line, Line::Resting { .. }), "{line:?}");
        assert_eq!(bench.passed().as_secs(), idle);
        let hour = Duration::from_hours(1);
        assert!(timeout(hour, bench.streams.recv()).await.is_err(), "dialed");

        let began = bench.passed();
        bench.order(LinkOrder::Dial).await;
        let mut peer = bench.greet().await;
        assert_eq!(bench.passed(), began, "at once");
        bench.order(LinkOrder::Say(say("second"))).await;
        assert!(text(&mut peer).await.contains("second"));
    }
}

/// Answers the first ping, so that the line is known to be alive.
async fn text_free(peer: &mut Peer) {
    let ping = peer.next().await.unwrap().unwrap();
    assert!(matches!(ping, Message::Ping(_)), "{ping:?}");
    peer.flush().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_lost_line_comes_back_by_itself_in_a_new_epoch() {
    let (mut bench, mut peer) = Bench::up(patient()).await;
    text_free(&mut peer).await;
    for life in 2..=100 {
        tokio::time::advance(Duration::from_secs(3)).await;
        drop(peer);
        let lost = Cause::Lost {
            why: "it ended without a word".into(),
        };
        let (epoch, line) = loop {
            match bench.line().await {
                (_, Line::Up(Health { rtt: Some(_), .. })) => {}
                told => break told,
            }
        };
        assert_eq!(epoch, life - 1, "the end is told about the life that ended");
        assert!(
            matches!(&line, Line::Waiting { attempt: 1, cause, .. } if *cause == lost),
            "{line:?}"
        );
        assert_eq!(bench.line().await, (life, Line::Dialing { attempt: 1 }));
        peer = bench.greet().await;
        text_free(&mut peer).await;
    }
    assert_eq!(bench.passed().as_secs(), 3 * 99);
    assert!(
        bench.streams.try_recv().is_err(),
        "one stream for each life"
    );
}

#[tokio::test(start_paused = true)]
async fn a_day_with_a_drop_every_hour_is_twenty_four_returns_and_nothing_lost() {
    let (mut bench, mut peer) = Bench::up(patient()).await;
    let hour = Duration::from_hours(1);
    let day = bench.passed() + 24 * hour;
    let (mut answered, mut lives) = (0, 1);
    while bench.passed() < day {
        let end = Instant::now() + hour;
        let mut next_question = Instant::now() + Duration::from_mins(5);
        loop {
            tokio::select! {
                message = peer.next() => match message.unwrap().unwrap() {
                    Message::Text(text) if text.contains("text_message") => {
                        let answer = r#"{"type":"stream_end","full_content":"done"}"#;
                        peer.send(Message::text(answer)).await.unwrap();
                    }
                    Message::Text(_) | Message::Ping(_) => {}
                    other => panic!("{other:?}"),
                },
                event = bench.event() => match event {
                    LinkEvent::Heard { down: Down::Done { .. }, .. } => answered += 1,
                    LinkEvent::Line { line: Line::Up(_), .. } => {}
                    other => panic!("{other:?}"),
                },
                () = sleep_until(next_question) => {
                    bench.order(LinkOrder::Say(say("what is the time?"))).await;
                    next_question += Duration::from_mins(10);
                }
                () = sleep_until(end) => break,
            }
        }
        drop(peer);
        let dropped = bench.passed();
        peer = bench.greet().await;
        lives += 1;
        let gone = bench.passed().saturating_sub(dropped);
        assert!(gone < Duration::from_millis(250), "{gone:?}");
    }
    assert_eq!((lives, answered), (25, 24 * 6));
    assert!(bench.streams.try_recv().is_err(), "a stream too many");
}

#[tokio::test(start_paused = true)]
async fn a_line_that_flaps_every_second_for_a_minute_is_dialed_no_oftener_and_is_up_in_the_end() {
    let mut bench = Bench::new(patient());
    bench.order(LinkOrder::Dial).await;
    let minute = bench.passed() + Duration::from_mins(1);
    let mut lives = 0;
    while bench.passed() < minute {
        let mut peer = bench.greet().await;
        lives += 1;
        let second = Instant::now() + Duration::from_secs(1);
        while let Ok(message) = tokio::time::timeout_at(second, peer.next()).await {
            message.unwrap().unwrap();
        }
    }
    assert!((20..=31).contains(&lives), "{lives} lives");
    let mut peer = bench.greet().await;
    bench.order(LinkOrder::Say(say("still there?"))).await;
    assert!(text(&mut peer).await.contains("still there?"));
}

#[tokio::test(start_paused = true)]
async fn garbage_instead_of_an_upgrade_is_no_backend() {
    for (answer, expected) in [
        (
            "SSH-2.0-OpenSSH_9.7\r\n",
            Err("httparse error: invalid HTTP version"),
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            Err("HTTP error: 200 OK"),
        ),
        (
            "HTTP/1.1 401 Unauthorized\r\n\r\n",
            Ok((401, "Unauthorized")),
        ),
        (
            "HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\n\r\n",
            Ok((302, "Found")),
        ),
    ] {
        let mut bench = Bench::new(patient());
        bench.order(LinkOrder::Dial).await;
        let mut stream = bench.stream().await;
        let mut request = [0; 1024];
        let length = stream.read(&mut request).await.unwrap();
        assert!(request[..length].starts_with(b"GET /ws/chat HTTP/1.1\r\n"));
        stream.write_all(answer.as_bytes()).await.unwrap();
        let cause = match expected {
            Ok((status, reason)) => Cause::Denied {
                status: Some(status),
                reason: reason.into(),
            },
            Err(why) => Cause::NotABackend { why: why.into() },
        };
        let line = bench.end().await;
        if let Line::Refused { cause: found } = &line {
            assert_eq!(*found, cause);
        } else {
            panic!("{answer}: {line:?}")
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_busy_server_gets_the_time_it_asks_for() {
    let mut bench = Bench::new(patient());
    bench.order(LinkOrder::Dial).await;
    let mut stream = bench.stream().await;
    let busy = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 17\r\n\r\n";
    stream.write_all(busy.as_bytes()).await.unwrap();
    bench.greet().await;
    assert_eq!(bench.passed().as_secs(), 17);
}

#[tokio::test(start_paused = true)]
async fn a_broken_frame_is_answered_with_the_right_code() {
    for (bytes, code) in [
        (&b"\x81\x02\xff\xfe"[..], 1007),
        (&b"\xf1\x01x"[..], 1002),
        (&b"\x83\x01x"[..], 1002),
        (&b"\x80\x01x"[..], 1002),
        (&b"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"[..], 1009),
        (&b"\x82\x7f\x00\x00\x00\x00\x01\x10\x00\x00"[..], 1009),
    ] {
        let (mut bench, mut peer) = Bench::up(patient()).await;
        text_free(&mut peer).await;
        tokio::time::advance(Duration::from_secs(3)).await;
        peer.get_mut().write_all(bytes).await.unwrap();
        let line = bench.end().await;
        assert!(
            matches!(
                &line,
                Line::Waiting {
                    cause: Cause::Garbled { .. },
                    ..
                }
            ),
            "{bytes:?}: {line:?}"
        );
        let said = peer.next().await;
        assert!(
            matches!(&said, Some(Ok(Message::Close(Some(said)))) if u16::from(said.code) == code),
            "{bytes:?}: {said:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn nonsense_is_told_and_the_line_stays_up() {
    let (mut bench, mut peer) = Bench::up(patient()).await;
    for nonsense in [
        Message::text("not json"),
        Message::binary(vec![0, 255]),
        Message::text("{}"),
        Message::Pong(vec![1, 2, 3].into()),
        Message::Ping(vec![0; 125].into()),
    ] {
        peer.send(nonsense).await.unwrap();
    }
    peer.send(Message::text(r#"{"type":"ring","label":"x"}"#))
        .await
        .unwrap();
    let mut unreadable = 0;
    loop {
        match bench.event().await {
            LinkEvent::Heard {
                down: Down::Unreadable { .. },
                ..
            } => unreadable += 1,
            LinkEvent::Heard {
                down: Down::Ring { .. },
                ..
            } => break,
            LinkEvent::Line {
                line: Line::Up(_), ..
            } => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(unreadable, 3);
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_text_becomes_few_events_and_loses_nothing() {
    let (mut bench, mut peer) = Bench::up(patient()).await;
    bench.order(LinkOrder::Say(say("count"))).await;
    let flood = tokio::spawn(async move {
        text(&mut peer).await;
        for n in 0..5_000 {
            let chunk = format!(r#"{{"type":"stream_chunk","content":"{n} "}}"#);
            peer.feed(Message::text(chunk)).await.unwrap();
        }
        peer.feed(Message::text(r#"{"type":"stream_end"}"#))
            .await
            .unwrap();
        peer.flush().await.unwrap();
        peer
    });
    let (mut all, mut events) = (String::new(), 0);
    loop {
        match bench.event().await {
            LinkEvent::Heard {
                down: Down::Text { more, .. },
                ..
            } => {
                all.push_str(&more);
                events += 1;
            }
            LinkEvent::Heard {
                down: Down::Done { .. },
                ..
            } => break,
            LinkEvent::Line { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    flood.await.unwrap();
    let sent: Vec<String> = (0..5_000).map(|n| n.to_string()).collect();
    let heard: Vec<&str> = all.split_whitespace().collect();
    assert_eq!(sent.iter().zip(&heard).find(|(a, b)| a != b), None);
    assert_eq!(heard.len(), sent.len());
    assert!(events < 100, "{events} events for 5000 chunks");
}

#[tokio::test(start_paused = true)]
async fn orders_are_served_while_nobody_reads_the_events() {
    let mut bench = Bench::with_queue(patient(), 1);
    bench.order(LinkOrder::Dial).await;
    let mut peer = bench.greet().await;
    bench.order(LinkOrder::Say(say("flood me"))).await;
    text(&mut peer).await;
    // More than socket, backlog and queue can hold, and nobody takes an event.
    let ring = format!(r#"{{"type":"ring","label":"{}"}}"#, "x".repeat(1000));
    let flood = async {
        loop {
            peer.feed(Message::text(ring.clone())).await.unwrap();
            peer.flush().await.unwrap();
        }
    };
    assert!(
        timeout(Duration::from_secs(1), flood).await.is_err(),
        "the peer notices that we do not read"
    );
    // Silence of our own making kills nothing, however long it lasts.
    tokio::time::advance(Duration::from_mins(10)).await;
    for _ in 0..100 {
        let order = LinkOrder::Say(Up::AskStatus);
        timeout(Duration::from_secs(1), bench.order(order))
            .await
            .expect("orders are taken");
    }
    bench.order(LinkOrder::HangUp).await;
    let mut rings = 0;
    loop {
        match bench.event().await {
            LinkEvent::Line {
                line: Line::Closed, ..
            } => break,
            LinkEvent::Heard {
                down: Down::Ring { .. },
                ..
            } => rings += 1,
            LinkEvent::Line {
                line: Line::Up(_), ..
            } => {}
            other => panic!("{other:?}"),
        }
    }
    assert!((1..=BACKLOG + 1).contains(&rings), "{rings}");
}

#[tokio::test(start_paused = true)]
async fn a_message_larger_than_the_line_carries_comes_back() {
    let small = LinkSettings {
        max_message: 1 << 20,
        ..patient()
    };
    let (mut bench, _peer) = Bench::up(small).await;
    let up = say(&"x".repeat(2 << 20));
    bench.order(LinkOrder::Say(up.clone())).await;
    let epoch = Epoch(1);
    loop {
        let event = bench.event().await;
        if !matches!(event, LinkEvent::Line { .. }) {
            assert!(event == LinkEvent::Unsent { epoch, up });
            break;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_embedded_line_wakes_the_program_never_and_itself_twice_per_beat() {
    let (ours, theirs) = duplex(64 * 1024);
    let stream = std::sync::Mutex::new(Some(ours));
    let target = Target::Embedded(Box::new(move || stream.lock().unwrap().take().unwrap()));
    let clock = Clock::new(Instant::now(), Wall(0));
    let (orders, taken) = mpsc::channel(8);
    let (told, mut events) = mpsc::channel(8);
    let mut task = Box::pin(Drive::new(target, patient().embedded(), clock).run(taken, told));
    let polls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&polls);
    let counted = poll_fn(move |context| {
        counter.fetch_add(1, Ordering::Relaxed);
        task.as_mut().poll(context)
    });
    tokio::spawn(counted);
    orders.send(LinkOrder::Dial).await.unwrap();
    let mut peer = accept_async(theirs).await.unwrap();
    peer.send(Message::text(GREETING)).await.unwrap();
    text_free(&mut peer).await;
    while !matches!(
        events.recv().await,
        Some(LinkEvent::Line {
            line: Line::Up(Health { rtt: Some(_), .. }),
            ..
        })
    ) {}
    let (before, start) = (polls.load(Ordering::Relaxed), Instant::now());
    let serve = async {
        for _ in 0..100 {
            let beat = text(&mut peer).await;
            assert!(beat.contains(r#""type":"heartbeat""#), "{beat}");
            let answer = r#"{"type":"heartbeat_response","timestamp":1.5,"client_id":"c1"}"#;
            peer.send(Message::text(answer)).await.unwrap();
        }
    };
    tokio::select! {
        () = serve => {}
        event = events.recv() => panic!("{event:?}"),
    }
    assert_eq!(start.elapsed().as_secs(), 3_000);
    let woken = polls.load(Ordering::Relaxed) - before;
    assert!(woken <= 200, "{woken} wake-ups for 100 beats");
}

#[tokio::test(start_paused = true)]
async fn a_message_in_fragments_is_one_message_wherever_it_is_cut() {
    let (mut bench, mut peer) = Bench::up(patient()).await;
    let whole = r#"{"type":"ring","label":"é🙂"}"#.as_bytes();
    for cut in 1..whole.len() {
        let (head, tail) = whole.split_at(cut);
        let mut bytes = vec![0x01, head.len() as u8];
        bytes.extend(head);
        // A ping may come between the fragments.
        bytes.extend([0x89, 0x00, 0x80, tail.len() as u8]);
        bytes.extend(tail);
        peer.get_mut().write_all(&bytes).await.unwrap();
    }
    for _ in 1..whole.len() {
        let down = loop {
            if let LinkEvent::Heard { down, .. } = bench.event().await {
                break down;
            }
        };
        let label = "é🙂".into();
        assert_eq!(down, Down::Ring { label });
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_answer_in_one_message_arrives_whole() {
    let (mut bench, mut peer) = Bench::up(patient()).await;
    let full = "x".repeat(1 << 20);
    let end = format!(r#"{{"type":"stream_end","full_content":"{full}"}}"#);
    let send = tokio::spawn(async move { peer.send(Message::text(end)).await });
    loop {
        match bench.event().await {
            LinkEvent::Line { .. } => {}
            LinkEvent::Heard {
                down: Down::Done { full: heard, .. },
                ..
            } => {
                assert!(heard == Some(full));
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    send.await.unwrap().unwrap();
}

#[tokio::test]
async fn addresses_that_cannot_work_are_refused_with_the_reason() {
    for (url, token, why) in [
        (
            "ws://example.invalid",
            Some("secret"),
            "the token would travel to `example.invalid` unencrypted; use `wss://`",
        ),
        (
            "gopher://x",
            None,
            "`gopher://` is none of `ws`, `wss`, `http`, `https`",
        ),
        (
            "ws://127.0.0.1:1",
            Some("line\nbreak"),
            "the token holds characters that no header may hold",
        ),
    ] {
        // Only the last case opens a connection, and to a listener of ours.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let target = Target::Url(Remote {
            url: url.replace(":1", &format!(":{port}")),
            token: token.map(str::to_owned),
            ..Remote::default()
        });
        let (_open, streams) = mpsc::unbounded_channel();
        let mut bench = Bench::start(target, patient(), 64, streams);
        bench.order(LinkOrder::Dial).await;
        let cause = Cause::Unusable { why: why.into() };
        assert_eq!(bench.end().await, Line::Refused { cause });
    }
}

#[tokio::test]
async fn the_token_is_shown_over_tcp_and_a_closed_port_is_told_from_a_silent_one() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let target = || {
        Target::Url(Remote {
            url: format!("http://127.0.0.1:{port}"),
            token: Some("secret".into()),
            ..Remote::default()
        })
    };
    let (_open, streams) = mpsc::unbounded_channel();
    let mut bench = Bench::start(target(), patient(), 64, streams);
    bench.order(LinkOrder::Dial).await;
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut head = String::new();
    while !head.contains("\r\n\r\n") {
        let mut bytes = [0; 1024];
        let length = stream.read(&mut bytes).await.unwrap();
        head.push_str(std::str::from_utf8(&bytes[..length]).unwrap());
    }
    assert!(head.starts_with("GET /ws/chat HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("authorization: Bearer secret\r\n"), "{head}");
    assert!(!head.to_lowercase().contains("extensions"), "{head}");
    drop((stream, listener));
    let line = bench.end().await;
    assert!(
        matches!(
            &line,
            Line::Waiting {
                cause: Cause::Unreachable { .. },
                ..
            }
        ),
        "{line:?}"
    );
}

#[tokio::test]
async fn a_plain_server_behind_wss_is_refused_with_the_reason() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let target = Target::Url(Remote {
        url: format!("wss://127.0.0.1:{port}"),
        token: Some("secret".into()),
        ..Remote::default()
    });
    let (_open, streams) = mpsc::unbounded_channel();
    let mut bench = Bench::start(target, patient(), 64, streams);
    bench.order(LinkOrder::Dial).await;
    let (mut stream, _) = listener.accept().await.unwrap();
    stream
        .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        .await
        .unwrap();
    let line = bench.end().await;
    assert!(
        matches!(
            &line,
            Line::Refused {
                cause: Cause::Untrusted {
                    why: Distrust::NoTls,
                    ..
                }
            }
        ),
        "{line:?}"
    );
}
