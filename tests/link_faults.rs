//! The line against everything that networks and servers do to it, on real sockets.
//!
//! Prints a table: what was done, what the user saw, after how long, when the line was back, and
//! how many words were lost without anybody saying so. Times are measured, not judged: limits in
//! here are generous, and how soon a dead line is found is asserted in paused time, where the
//! machine is tested.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where it finds something wrong"
)]

#[path = "link_faults/peer.rs"]
mod peer;
mod support;

use hearsay::core::backend::{Down, Say, Up};
use hearsay::core::ids::{ConversationId, TurnId};
use hearsay::core::line::{Cause, Line, LinkEvent, LinkOrder};
use hearsay::core::time::Wall;
use hearsay::core::words::Lang;
use hearsay::link::{self, Clock, LinkSettings, Remote, Target};
use peer::{Act, Server, Then, Told};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;
use support::fault_proxy::{End, FaultProxy, Faults, Step, Way};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout, timeout_at};

/// Far more than anything here takes.
const LONG: Duration = Duration::from_secs(30);

/// These tests count the descriptors of the whole process, so they take turns.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Less patient than the program is, so that nobody has to wait for the table.
fn hasty() -> LinkSettings {
    LinkSettings {
        connect_timeout: Duration::from_millis(800),
        greeting_timeout: Duration::from_millis(800),
        ping_after: Duration::from_millis(300),
        pong_timeout: Duration::from_millis(300),
        backoff: Duration::from_millis(50),
        ..LinkSettings::default()
    }
}

/// The program's side of a line.
struct Client {
    orders: mpsc::Sender<LinkOrder>,
    events: mpsc::Receiver<LinkEvent>,
    /// What the line was said to be last, and when.
    line: (Line, Instant),
    turns: u128,
    /// Questions without an answer and without a word about their fate.
    open: BTreeSet<TurnId>,
}

impl Client {
    async fn dial(to: SocketAddr, settings: LinkSettings) -> Self {
        let target = Target::Url(Remote {
            url: format!("ws://{to}"),
            ..Remote::default()
        });
        let (orders, taken) = mpsc::channel(8);
        let (told, events) = mpsc::channel(64);
        let start = Instant::now();
        let clock = Clock::new(start, Wall(1_795_173_705_000));
        link::spawn(target, settings, taken, told, clock);
        let client = Self {
            orders,
            events,
            line: (Line::Closed, start),
            turns: 0,
            open: BTreeSet::new(),
        };
        client.order(LinkOrder::Dial).await;
        client
    }

    async fn order(&self, order: LinkOrder) {
        self.orders.send(order).await.unwrap();
    }

    /// The next event, with what it says about the line and the questions already noted.
    async fn event(&mut self) -> LinkEvent {
        let event = timeout(LONG, self.events.recv())
            .await
            .unwrap_or_else(|_| panic!("nothing happens; the line is {:?}", self.line.0))
            .unwrap();
        match &event {
            LinkEvent::Line { line, .. } => {
                if !matches!(line, Line::Up(_) | Line::Dialing { .. }) {
                    // The screen marks the running answer as cut.
                    self.open.clear();
                }
                self.line = (line.clone(), Instant::now());
            }
            LinkEvent::Heard {
                down: Down::Done {
                    turn: Some(turn), ..
                },
                ..
            } => {
                self.open.remove(turn);
            }
            LinkEvent::Unsent {
                up: Up::Say(say), ..
            } => {
                self.open.remove(&say.turn);
            }
            _ => {}
        }
        event
    }

    /// Waits until the line is told to be what `is` wants, from what is told next on.
    async fn until(&mut self, is: impl Fn(&Line) -> bool) -> (Line, Instant) {
        loop {
            if let LinkEvent::Line { line, .. } = self.event().await
                && is(&line)
            {
                return self.line.clone();
            }
        }
    }

    async fn up(&mut self) -> Instant {
        self.until(|line| matches!(line, Line::Up(_))).await.1
    }

    async fn say(&mut self, text: &str) -> TurnId {
        self.turns += 1;
        let turn = TurnId(self.turns);
        let say = Say {
            turn,
            conversation: ConversationId(2),
            text: text.into(),
            persona: None,
            brain: None,
            model: None,
            tools: false,
        };
        self.open.insert(turn);
        self.order(LinkOrder::Say(Up::Say(say))).await;
        turn
    }

    /// Says something and waits for the answer.
    async fn ask(&mut self, text: &str) {
        let turn = self.say(text).await;
        while self.open.contains(&turn) {
            self.event().await;
        }
        assert!(matches!(self.line.0, Line::Up(_)), "{:?}", self.line.0);
    }
}

fn kind(line: &Line) -> &'static str {
    match line {
        Line::Closed => "closed",
        Line::Dialing { .. } => "dialing",
        Line::Up(_) => "up",
        Line::Waiting { .. } => "waiting",
        Line::Resting { .. } => "resting",
        Line::Refused { .. } => "refused",
        Line::GivenUp { .. } => "given up",
    }
}

fn cause(line: &Line) -> Option<&Cause> {
    match line {
        Line::Waiting { cause, .. }
        | Line::Resting { cause }
        | Line::Refused { cause }
        | Line::GivenUp { cause, .. } => Some(cause),
        Line::Closed | Line::Dialing { .. } | Line::Up(_) => None,
    }
}

fn head() {
    println!(
        "| {:44} | {:68} | {:>11} | {:>12} | lost |\n|{}|",
        "fault",
        "what the user saw",
        "detected ms",
        "recovered ms",
        "-".repeat(152)
    );
}

fn row(fault: &str, line: &Line, detected: Option<Duration>, recovered: &str, lost: usize) {
    let told = cause(line).map_or_else(String::new, |cause| cause.tell(Lang::En));
    let saw: String = format!("{}: {told}", kind(line)).chars().take(68).collect();
    let detected = detected.map_or_else(|| "-".into(), |ms| ms.as_millis().to_string());
    println!("| {fault:44} | {saw:68} | {detected:>11} | {recovered:>12} | {lost:>4} |");
}

/// A frame of a server. `first` holds FIN, RSV and opcode.
fn frame(first: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match body.len() {
        length @ 0..=125 => bytes.push(length as u8),
        length @ 126..=0xffff => {
            bytes.push(126);
            bytes.extend((length as u16).to_be_bytes());
        }
        length => {
            bytes.push(127);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    bytes.extend(body);
    bytes
}

fn close(code: u16, reason: &[u8]) -> Vec<u8> {
    frame(0x88, &[&code.to_be_bytes()[..], reason].concat())
}

fn answer(head: &str) -> Vec<u8> {
    format!("HTTP/1.1 {head}\r\n\r\n").into_bytes()
}

/// Plays one act, sees what becomes of the line, and that a good backend is found again after it.
async fn fault(name: &str, act: Act, expected: &str, code: Option<u16>) {
    let mut server = Server::start(vec![act]).await;
    let mut client = Client::dial(server.address, hasty()).await;
    let down = |line: &Line| !matches!(line, Line::Dialing { .. } | Line::Up(_));
    let (line, at) = loop {
        client.event().await;
        if down(&client.line.0) {
            break client.line.clone();
        }
        if matches!(client.line.0, Line::Up(_)) && client.turns == 0 {
            client.say("how are you?").await;
        }
    };
    assert_eq!(kind(&line), expected, "{name}: {line:?}");
    let struck = match server.told.recv().await.unwrap() {
        Told::Struck(at) => at,
        told @ Told::Goodbye(_) => panic!("{name}: {told:?}"),
    };
    if let Some(code) = code {
        let told = timeout(LONG, server.told.recv()).await.unwrap();
        assert!(
            matches!(told, Some(Told::Goodbye(Some(found))) if found == code),
            "{name}: {told:?}"
        );
    }
    let by_hand = !matches!(line, Line::Waiting { .. });
    if by_hand {
        let quiet = timeout(Duration::from_millis(300), client.events.recv()).await;
        assert!(quiet.is_err(), "{name}: goes on by itself: {quiet:?}");
        client.order(LinkOrder::Dial).await;
    }
    let back = client.up().await;
    client.ask("and now?").await;
    let recovered = if by_hand {
        "by hand".to_owned()
    } else {
        back.duration_since(struck).as_millis().to_string()
    };
    let detected = at.saturating_duration_since(struck);
    row(name, &line, Some(detected), &recovered, client.open.len());
    assert!(client.open.is_empty());
}

/// Plays an act that the line has to survive.
async fn nuisance(name: &str, bytes: Vec<u8>) {
    let server = Server::start(vec![Act::Amid(bytes, Then::Serve)]).await;
    let mut client = Client::dial(server.address, hasty()).await;
    client.up().await;
    client.ask("first").await;
    let began = Instant::now();
    client.ask("second").await;
    let line = client.line.0.clone();
    let took = began.elapsed().as_millis().to_string();
    row(name, &line, None, &format!("({took})"), client.open.len());
}

#[tokio::test]
async fn whatever_happens_before_the_greeting_is_told_and_overcome() {
    let _turn = TURN.lock().await;
    head();
    let html = "200 OK\r\nContent-Type: text/html\r\nContent-Length: 20\r\n\r\n<html>hello</html>";
    let key = "101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
               Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let whole = answer("101 Switching Protocols");
    let instead = |text: &str, then| Act::Instead(answer(text), then);
    for (name, act, expected) in [
        (
            "upgrade never answered",
            Act::Instead(vec![], Then::Hold),
            "waiting",
        ),
        (
            "upgrade answered byte by byte",
            Act::Instead(vec![], Then::Drip(whole.repeat(9))),
            "waiting",
        ),
        (
            "half a head, then silence",
            Act::Instead(b"HTTP/1.1 101 Sw".to_vec(), Then::Freeze),
            "waiting",
        ),
        (
            "endless head",
            Act::Instead(
                b"HTTP/1.1 101 x\r\n".to_vec(),
                Then::Repeat(b"X-Y: z\r\n".repeat(64)),
            ),
            "refused",
        ),
        (
            "hung up instead of answering",
            Act::Instead(vec![], Then::Fin),
            "waiting",
        ),
        (
            "reset instead of answering",
            Act::Instead(vec![], Then::Reset),
            "waiting",
        ),
        ("401", instead("401 Unauthorized", Then::Hold), "refused"),
        ("403", instead("403 Forbidden", Then::Hold), "refused"),
        ("404", instead("404 Not Found", Then::Hold), "refused"),
        (
            "429, retry after 1 s",
            instead("429 Too Many Requests\r\nRetry-After: 1", Then::Hold),
            "waiting",
        ),
        (
            "500",
            instead("500 Internal Server Error", Then::Hold),
            "waiting",
        ),
        ("502", instead("502 Bad Gateway", Then::Hold), "waiting"),
        (
            "503, retry after 1 s",
            instead("503 Service Unavailable\r\nRetry-After: 1", Then::Hold),
            "waiting",
        ),
        (
            "302 to another host",
            instead("302 Found\r\nLocation: http://127.0.0.1:1/", Then::Hold),
            "refused",
        ),
        (
            "HTML instead of an upgrade",
            instead(html, Then::Fin),
            "refused",
        ),
        ("wrong accept key", instead(key, Then::Hold), "refused"),
        (
            "no WebSocket server: SSH",
            Act::Instead(b"SSH-2.0-OpenSSH_9.7\r\n".to_vec(), Then::Hold),
            "refused",
        ),
        (
            "no WebSocket server: bytes",
            Act::Instead(vec![0xff; 64], Then::Hold),
            "refused",
        ),
        ("no greeting", Act::Ungreeted(vec![], Then::Hold), "waiting"),
        (
            "1000 before the greeting",
            Act::Ungreeted(close(1000, b"no"), Then::Hold),
            "refused",
        ),
        (
            "1008 before the greeting",
            Act::Ungreeted(close(1008, b"no"), Then::Hold),
            "refused",
        ),
        (
            "4401 before the greeting",
            Act::Ungreeted(close(4401, b"token"), Then::Hold),
            "refused",
        ),
        (
            "1013 before the greeting",
            Act::Ungreeted(close(1013, b"busy"), Then::Hold),
            "waiting",
        ),
    ] {
        fault(name, act, expected, None).await;
    }
}

#[tokio::test]
async fn whatever_happens_to_an_open_line_is_told_and_overcome() {
    let _turn = TURN.lock().await;
    head();
    let half = || frame(0x81, br#"{"type":"stream_chunk","content":"ab"}"#)[..9].to_vec();
    let amid = |bytes: &[u8], then| Act::Amid(bytes.to_vec(), then);
    let fragment = [frame(0x01, b"x"), frame(0x00, &vec![b'x'; 1 << 20])];
    for (name, act, expected, code) in [
        (
            "frozen: neither reads nor writes",
            amid(b"", Then::Freeze),
            "waiting",
            None,
        ),
        (
            "half a frame, then silence",
            amid(&half(), Then::Freeze),
            "waiting",
            None,
        ),
        (
            "one byte every 10 ms, never a frame",
            Act::Amid(
                frame(0x82, &[0; 900])[..3].to_vec(),
                Then::Drip(vec![0; 4000]),
            ),
            "waiting",
            None,
        ),
        (
            "FIN without a close frame",
            amid(b"", Then::Fin),
            "waiting",
            None,
        ),
        ("RST", amid(b"", Then::Reset), "waiting", None),
        (
            "FIN in mid-frame",
            amid(&half(), Then::Fin),
            "waiting",
            None,
        ),
        (
            "RST in mid-frame",
            amid(&half(), Then::Reset),
            "waiting",
            None,
        ),
        (
            "close 1000 at once",
            Act::Amid(close(1000, b""), Then::Hold),
            "refused",
            Some(1000),
        ),
        (
            "close 1001",
            Act::Amid(close(1001, b"away"), Then::Hold),
            "waiting",
            Some(1001),
        ),
        (
            "close 1008",
            Act::Amid(close(1008, b"policy"), Then::Hold),
            "refused",
            Some(1008),
        ),
        (
            "close 1011",
            Act::Amid(close(1011, b"fault"), Then::Hold),
            "waiting",
            Some(1011),
        ),
        (
            "close 1012",
            Act::Amid(close(1012, b"restart"), Then::Hold),
            "waiting",
            Some(1012),
        ),
        (
            "close 1013",
            Act::Amid(close(1013, b"later"), Then::Hold),
            "waiting",
            Some(1013),
        ),
        (
            "close 4000",
            Act::Amid(close(4000, b"no"), Then::Hold),
            "refused",
            Some(4000),
        ),
        (
            "close 1006, which nobody may send",
            Act::Amid(close(1006, b""), Then::Hold),
            "waiting",
            None,
        ),
        (
            "close 999",
            Act::Amid(close(999, b""), Then::Hold),
            "waiting",
            None,
        ),
        (
            "close of one byte",
            Act::Amid(frame(0x88, b"x"), Then::Hold),
            "waiting",
            Some(1002),
        ),
        (
            "bad UTF-8 in the reason",
            Act::Amid(close(1000, b"\xff\xfe"), Then::Hold),
            "waiting",
            None,
        ),
        (
            "bad UTF-8",
            Act::Amid(frame(0x81, b"\xff\xfe"), Then::Hold),
            "waiting",
            Some(1007),
        ),
        (
            "17 MB frame",
            Act::Amid(frame(0x82, &vec![0; 17 << 20]), Then::Hold),
            "waiting",
            Some(1009),
        ),
        (
            "length of 2^63",
            amid(b"\x82\x7f\x80\0\0\0\0\0\0\0", Then::Hold),
            "waiting",
            Some(1009),
        ),
        (
            "endless fragments",
            Act::Amid(fragment[0].clone(), Then::Repeat(fragment[1].clone())),
            "waiting",
            None,
        ),
        (
            "masked frame",
            amid(b"\x81\x81abcdx", Then::Hold),
            "waiting",
            Some(1002),
        ),
        (
            "RSV bits",
            Act::Amid(frame(0xf1, b"x"), Then::Hold),
            "waiting",
            Some(1002),
        ),
        (
            "reserved opcode 3",
            Act::Amid(frame(0x83, b"x"), Then::Hold),
            "waiting",
            Some(1002),
        ),
        (
            "reserved opcode 11",
            Act::Amid(frame(0x8b, b"x"), Then::Hold),
            "waiting",
            Some(1002),
        ),
        (
            "ping of 126 bytes",
            Act::Amid(frame(0x89, &[0; 126]), Then::Hold),
            "waiting",
            Some(1002),
        ),
        (
            "ping in fragments",
            Act::Amid(frame(0x09, b"x"), Then::Hold),
            "waiting",
            Some(1002),
        ),
        (
            "continuation of nothing",
            Act::Amid(frame(0x80, b"x"), Then::Hold),
            "waiting",
            Some(1002),
        ),
    ] {
        fault(name, act, expected, code).await;
    }
    let chunk = frame(0x81, br#"{"type":"stream_chunk","content":"x"}"#);
    let letter = frame(
        0x81,
        format!(r#"{{"type":"ring","label":"{}"}}"#, "x".repeat(1 << 20)).as_bytes(),
    );
    for (name, bytes) in [
        ("100,000 pings", frame(0x89, b"ping").repeat(100_000)),
        ("200,000 tiny chunks", chunk.repeat(200_000)),
        ("a message of 1 MB", letter),
        (
            "no JSON, null, array, unknown type",
            [
                frame(0x81, b"not json"),
                frame(0x81, b"null"),
                frame(0x81, b"[1e999]"),
                frame(0x81, br#"{"type":"who knows"}"#),
                frame(0x82, &[0, 255]),
            ]
            .concat(),
        ),
        ("pongs nobody asked for", frame(0x8a, b"hello").repeat(1000)),
    ] {
        nuisance(name, bytes).await;
    }
}

/// A line through a bad network to a good backend, steady already.
async fn through(settings: LinkSettings) -> (Server, FaultProxy, Client) {
    let server = Server::start(vec![]).await;
    let proxy = FaultProxy::start(server.address).await;
    let mut client = Client::dial(proxy.address, settings).await;
    client.up().await;
    client.ask("hello").await;
    (server, proxy, client)
}

#[tokio::test]
async fn a_network_may_be_bad_in_every_way_and_a_question_still_gets_its_answer() {
    let _turn = TURN.lock().await;
    head();
    let ms = Duration::from_millis;
    let way = Way::default();
    let slow = Way {
        delay: ms(80),
        ..way
    };
    for (name, up, down) in [
        ("160 ms round trip", slow, slow),
        (
            "30 ms, and up to 60 more",
            Way {
                delay: ms(30),
                jitter: ms(60),
                ..way
            },
            way,
        ),
        (
            "4 kB in a second",
            way,
            Way {
                rate: Some(4000),
                ..way
            },
        ),
        (
            "every byte by itself",
            Way {
                split: Some(1),
                ..way
            },
            Way {
                split: Some(1),
                ..way
            },
        ),
        (
            "everything in one go",
            Way {
                merge: Some(4096),
                ..way
            },
            Way {
                merge: Some(4096),
                ..way
            },
        ),
    ] {
        let (_server, proxy, mut client) = through(hasty()).await;
        proxy.set(|faults| (faults.up, faults.down) = (up, down));
        let began = Instant::now();
        for _ in 0..3 {
            client.ask(&"word ".repeat(50)).await;
        }
        assert_eq!(proxy.accepted(), 1, "{name}: the line broke");
        let took = format!("({})", began.elapsed().as_millis());
        row(name, &client.line.0.clone(), None, &took, client.open.len());
    }
}

#[tokio::test]
async fn a_network_that_fails_is_noticed_and_the_line_heals() {
    let _turn = TURN.lock().await;
    head();
    let dead = Way {
        black_hole: true,
        ..Way::default()
    };
    type Change = fn(&mut Faults, Way);
    let cases: [(&str, Change); 3] = [
        ("packets vanish both ways", |faults, dead| {
            (faults.up, faults.down) = (dead, dead)
        }),
        ("packets to the server vanish", |faults, dead| {
            faults.up = dead
        }),
        ("packets to the client vanish", |faults, dead| {
            faults.down = dead
        }),
    ];
    for (name, change) in cases {
        let (_server, proxy, mut client) = through(hasty()).await;
        let struck = Instant::now();
        proxy.set(|faults| change(faults, dead));
        client.say("does anybody hear me?").await;
        let (line, at) = client
            .until(|line| matches!(line, Line::Waiting { .. }))
            .await;
        assert!(
            matches!(cause(&line), Some(Cause::Silent { .. })),
            "{name}: {line:?}"
        );
        // The network is back.
        proxy.set(|faults| (faults.up, faults.down) = (Way::default(), Way::default()));
        let healed = Instant::now();
        let back = client.up().await;
        client.ask("and now?").await;
        let recovered = back.duration_since(healed).as_millis().to_string();
        row(
            name,
            &line,
            Some(at - struck),
            &recovered,
            client.open.len(),
        );
    }
    for (name, end) in [
        ("RST by the network", End::Reset),
        ("FIN by the network", End::Fin),
    ] {
        let (_server, proxy, mut client) = through(hasty()).await;
        let struck = Instant::now();
        proxy.cut(end);
        let (line, at) = client
            .until(|line| matches!(line, Line::Waiting { .. }))
            .await;
        let back = client.up().await;
        client.ask("and now?").await;
        let recovered = back.duration_since(struck).as_millis().to_string();
        row(
            name,
            &line,
            Some(at - struck),
            &recovered,
            client.open.len(),
        );
    }
    for (name, down) in [
        (
            "FIN within a long answer",
            Way {
                ends_after: Some((20_000, End::Fin)),
                ..Way::default()
            },
        ),
        (
            "RST within a long answer",
            Way {
                ends_after: Some((20_000, End::Reset)),
                ..Way::default()
            },
        ),
        (
            "every 301st byte changed",
            Way {
                corrupt: Some(301),
                ..Way::default()
            },
        ),
    ] {
        let (_server, proxy, mut client) = through(hasty()).await;
        proxy.set(|faults| faults.down = down);
        let struck = Instant::now();
        client.say(&"word ".repeat(10_000)).await;
        while !client.open.is_empty() {
            client.event().await;
        }
        let (line, at) = client.line.clone();
        proxy.set(|faults| faults.down = Way::default());
        if !matches!(line, Line::Up(_)) {
            client.up().await;
        }
        client.ask("and now?").await;
        let recovered = struck.elapsed().as_millis().to_string();
        row(
            name,
            &line,
            Some(at.saturating_duration_since(struck)),
            &recovered,
            client.open.len(),
        );
    }
}

#[tokio::test]
async fn a_line_that_flaps_by_a_schedule_never_hammers_and_is_up_in_the_end() {
    let _turn = TURN.lock().await;
    let (_server, mut proxy, mut client) = through(LinkSettings {
        backoff: Duration::from_millis(50),
        ..hasty()
    })
    .await;
    let beat = Duration::from_millis(100);
    let gone = Faults {
        closed: true,
        ..Faults::default()
    };
    let flap = [
        (beat, Step::Cut(End::Reset)),
        (beat, Step::Become(gone)),
        (beat, Step::Become(Faults::default())),
    ];
    proxy.schedule(flap.repeat(10));
    let end = Instant::now() + beat * 30;
    while timeout_at(end, client.event()).await.is_ok() {}
    let dials = proxy.accepted();
    assert!(dials <= 60, "{dials} dials in three seconds");
    client.order(LinkOrder::Dial).await;
    while !matches!(client.line.0, Line::Up(_)) {
        client.event().await;
    }
    client.ask("still there?").await;
    println!("30 changes of the network in 3 s: {dials} dials, and up in the end");
}

/// Descriptors of this process, tasks of this runtime, and resident memory in KiB.
fn held() -> (usize, usize, usize) {
    let descriptors = std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    let tasks = tokio::runtime::Handle::current()
        .metrics()
        .num_alive_tasks();
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let resident = pages.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    (descriptors, tasks, resident.unwrap_or(0) * 4)
}

#[tokio::test]
async fn a_hundred_restarts_are_a_hundred_reconnects_and_leave_nothing_behind() {
    let _turn = TURN.lock().await;
    let mut server = Server::start(vec![]).await;
    let mut client = Client::dial(server.address, hasty()).await;
    client.up().await;
    let mut at_ten = (0, 0, 0);
    let began = Instant::now();
    for life in 1..=100 {
        client.ask(&format!("question {life}")).await;
        let place = server.kill().await;
        server = Server::on(TcpListener::bind(place).await.unwrap(), vec![]);
        client.up().await;
        if life == 10 {
            at_ten = held();
        }
    }
    client.ask("the last one").await;
    let at_end = held();
    println!(
        "100 restarts in {} ms; descriptors, tasks, KiB: {at_ten:?} after 10, {at_end:?} after 100",
        began.elapsed().as_millis()
    );
    assert_eq!((at_end.0, at_end.1), (at_ten.0, at_ten.1));
    assert!(at_end.2 <= at_ten.2 + 2048, "memory grows");
    assert!(client.open.is_empty());
}

#[tokio::test]
async fn a_backend_that_was_gone_for_a_moment_is_found_at_once() {
    let _turn = TURN.lock().await;
    let mut server = Server::start(vec![]).await;
    let mut client = Client::dial(server.address, LinkSettings::default()).await;
    client.up().await;
    let mut waits = vec![];
    for gone in [0, 300, 700, 1100, 1500, 1900] {
        // Long enough for a life that counts as steady.
        let until = Instant::now() + Duration::from_millis(2_100);
        while timeout_at(until, client.event()).await.is_ok() {}
        client.ask("are you there?").await;
        let place = server.kill().await;
        let back = Instant::now() + Duration::from_millis(gone);
        tokio::time::sleep_until(back).await;
        server = Server::on(TcpListener::bind(place).await.unwrap(), vec![]);
        let up = client.up().await;
        client.ask("and now?").await;
        waits.push((gone, up.saturating_duration_since(back).as_millis()));
    }
    println!("gone for so many ms -> up again after the return, in ms: {waits:?}");
    assert!(waits.iter().all(|(_, ms)| *ms < 5_000), "{waits:?}");
}
