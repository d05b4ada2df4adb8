//! Measures the line on the loopback: how soon a broken connection is told and dialed again, how
//! soon a backend that is back is talked to, how fast waiting words leave, how much memory a piece
//! of speech asks for, and what an idle line costs.
//!
//! `cargo bench --bench link` prints each figure with its target.
#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench measures, prints, and may fail"
)]

#[path = "../tests/support/counting.rs"]
mod counting;

use counting::counted;
use futures_util::{SinkExt, StreamExt};
use hearsay::codec::base64;
use hearsay::core::backend::{Up, VoiceWish};
use hearsay::core::effect::Effect;
use hearsay::core::ids::{ConversationId, TurnId};
use hearsay::core::line::{Line, LinkEvent, LinkOrder};
use hearsay::core::model::{Model, Setup};
use hearsay::core::msg::{Msg, Phase};
use hearsay::core::time::{Moment, Now, Wall};
use hearsay::core::update::update;
use hearsay::link::{self, Clock, Ends, LinkSettings, Play, Remote, Target};
use hearsay::wire::yychat::{Yychat, binary};
use hearsay::wire::{Dialect, Frame, Out};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, sleep};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, accept_async};

const ROUNDS: usize = 50;
const OUTAGES: u32 = 12;
const WORDS: usize = 200;
const PIECES: usize = 1000;
const GREETING: &str =
    r#"{"type":"connection_established","client_id":"c","capabilities":["speak"]}"#;
const ANSWER: &str = r#"{"type":"text_response","content":"yes"}"#;

type Socket = WebSocketStream<TcpStream>;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    println!("loopback; medians of {ROUNDS} connections and {OUTAGES} outages");
    broken().await;
    outages().await;
    waiting_words().await;
    speech().await;
    text_frames();
    idle().await;
}

/// The program's own, but that a line has proved itself sooner: nobody wants to wait for that.
fn settings() -> LinkSettings {
    LinkSettings {
        steady: Duration::from_millis(50),
        ..LinkSettings::default()
    }
}

/// The program's side.
struct Client {
    orders: mpsc::Sender<LinkOrder>,
    events: mpsc::Receiver<LinkEvent>,
}

impl Client {
    fn new(to: SocketAddr) -> Self {
        Self::playing(to, link::silent())
    }

    fn playing(to: SocketAddr, speech: Play) -> Self {
        let (orders, taken) = mpsc::channel(8);
        let (told, events) = mpsc::channel(64);
        let target = Target::Url(Remote {
            url: format!("ws://{to}"),
            ..Remote::default()
        });
        let clock = Clock::new(Instant::now(), Wall(0));
        let ends = Ends {
            orders: taken,
            events: told,
            clips: mpsc::channel(1).1,
            speech,
        };
        link::spawn(target, Box::<Yychat>::default(), settings(), ends, clock);
        Self { orders, events }
    }

    /// When the line was said to be like this.
    async fn line(&mut self, is: impl Fn(&Line) -> bool) -> Instant {
        loop {
            if let LinkEvent::Line { line, .. } = self.events.recv().await.unwrap()
                && is(&line)
            {
                return Instant::now();
            }
        }
    }

    async fn up(&mut self) -> Instant {
        self.line(|line| matches!(line, Line::Up(_))).await
    }
}

async fn greet(listener: &TcpListener) -> (Instant, Socket) {
    let (stream, _) = listener.accept().await.unwrap();
    let dialed = Instant::now();
    stream.set_nodelay(true).unwrap();
    let mut socket = accept_async(stream).await.unwrap();
    socket.send(Message::text(GREETING)).await.unwrap();
    (dialed, socket)
}

/// Connections that break: what the program is told, and when it dials again.
async fn broken() {
    for (name, reset) in [("reset", true), ("closed without a word", false)] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (mut told, mut dialed) = (vec![], vec![]);
        for _round in 0..ROUNDS {
            let mut client = Client::new(listener.local_addr().unwrap());
            client.orders.send(LinkOrder::Dial).await.unwrap();
            let ((_, socket), _) = tokio::join!(greet(&listener), client.up());
            // A line that has lived for a while is dialed again at once.
            sleep(settings().steady).await;
            if reset {
                socket.get_ref().set_zero_linger().unwrap();
            }
            let broke = Instant::now();
            drop(socket);
            let (at, (again, _socket)) = tokio::join!(
                client.line(|line| !matches!(line, Line::Up(_))),
                greet(&listener)
            );
            told.push(at - broke);
            dialed.push(again - broke);
        }
        println!(
            "connection {name}: told after {:.2} ms, dialed again after {:.2} ms (targets <= 50 each)",
            ms(median(&mut told)),
            ms(median(&mut dialed))
        );
    }
}

/// A backend that is away for less than two seconds: from its return to the greeting.
async fn outages() {
    let mut listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut client = Client::new(address);
    client.orders.send(LinkOrder::Dial).await.unwrap();
    let mut back = vec![];
    let ((_, mut socket), _) = tokio::join!(greet(&listener), client.up());
    for round in 1..=OUTAGES {
        sleep(settings().steady).await;
        drop(listener);
        drop(socket);
        // While nobody listens the events must be taken all the same.
        let away = Duration::from_millis(150) * round;
        let until = Instant::now() + away;
        while let Ok(event) = tokio::time::timeout_at(until, client.events.recv()).await {
            drop(event.unwrap());
        }
        listener = TcpListener::bind(address).await.unwrap();
        let returned = Instant::now();
        let ((_, greeted), up) = tokio::join!(greet(&listener), client.up());
        socket = greeted;
        back.push(up - returned);
    }
    println!(
        "backend back after 0.15 to 1.8 s: ready after {:.1} ms, at worst {:.1} ms (target <= 250)",
        ms(median(&mut back)),
        ms(back.iter().copied().max().unwrap())
    );
}

/// Words typed while the line is down, and a backend that answers each at once.
async fn waiting_words() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = Client::new(listener.local_addr().unwrap());
    let start = Instant::now();
    let now = || Now {
        mono: Moment(start.elapsed()),
        wall: Wall(0),
    };
    let mut model = model();
    update(&mut model, now(), Msg::Start { resume: None });
    for n in 0..WORDS {
        update(&mut model, now(), Msg::Paste(format!("question {n}")));
        let chord = "enter".parse().unwrap();
        let phase = Phase::Press;
        update(&mut model, now(), Msg::Key { chord, phase });
    }
    assert_eq!(model.waiting.len(), WORDS);
    client.orders.send(LinkOrder::Dial).await.unwrap();
    let (_, socket) = greet(&listener).await;
    tokio::spawn(answer(socket));
    let began = Instant::now();
    while !model.waiting.is_empty() || model.turn.is_some() {
        let event = client.events.recv().await.unwrap();
        for effect in update(&mut model, now(), Msg::Link(event)) {
            if let Effect::Link(order) = effect {
                client.orders.send(order).await.unwrap();
            }
        }
    }
    let took = began.elapsed();
    println!(
        "{WORDS} waiting messages: delivered and answered one after the other in {:.1} ms, {:.2} ms each",
        ms(took),
        ms(took) / WORDS as f64
    );
}

/// Speech on its way from the socket to whoever plays it. The client works in this thread, the
/// server in another one.
async fn speech() {
    let turn = TurnId(7);
    let (bound, at) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        bound.send(listener.local_addr().unwrap()).unwrap();
        let mut socket = tungstenite::accept(listener.accept().unwrap().0).unwrap();
        socket.send(Message::text(GREETING)).unwrap();
        while !socket.read().unwrap().is_text() {}
        let piece = binary::speech(turn, 24_000, &[3; 480]);
        for _ in 0..PIECES {
            socket.send(Message::binary(piece.clone())).unwrap();
        }
        while socket.read().is_ok() {}
    });
    let counts = Arc::new(Mutex::new(Vec::with_capacity(PIECES)));
    let all = Arc::new(Notify::new());
    let (noted, last) = (Arc::clone(&counts), Arc::clone(&all));
    let play = Arc::new(move |_piece| {
        let mut noted = noted.lock().unwrap();
        noted.push((counted().0, Instant::now()));
        if noted.len() == PIECES {
            last.notify_one();
        }
    });
    let mut client = Client::playing(at.recv().unwrap(), play);
    client.orders.send(LinkOrder::Dial).await.unwrap();
    client.up().await;
    let read = Up::Read {
        turn,
        conversation: ConversationId(1),
        text: "x".to_owned(),
        voice: VoiceWish {
            voice: None,
            speed: 1.0,
            engine: None,
        },
    };
    client.orders.send(LinkOrder::Say(read)).await.unwrap();
    all.notified().await;
    let counts = counts.lock().unwrap();
    let ((before, began), (after, ended)) = (counts[0], counts[PIECES - 1]);
    println!(
        "{PIECES} frames of speech: memory asked for {} times beyond the frames (target 0), {:.2} us each",
        after - before,
        ms(ended - began) * 1e3 / (PIECES - 1) as f64
    );
}

/// Speech in text frames, as plain servers send it: from the frame to what is played.
fn text_frames() {
    let turn = TurnId(7);
    let mut yychat = Yychat::default();
    let mut out = Out::default();
    let read = Up::Read {
        turn,
        conversation: ConversationId(1),
        text: "x".to_owned(),
        voice: VoiceWish {
            voice: None,
            speed: 1.0,
            engine: None,
        },
    };
    yychat.decode(&Frame::Text(GREETING.to_owned()), Now::default(), &mut out);
    yychat.encode(&read, Now::default(), &mut out);
    for (what, bytes) in [
        ("20 ms of samples", 960),
        ("a sentence in a file of 30 KiB", 30 << 10),
    ] {
        let audio = base64::encode(&vec![3; bytes]);
        let frame = Frame::Text(format!(
            r#"{{"type":"audio_stream","message_id":"{turn}","codec":"audio/mpeg","seq":null,"audio":"{audio}"}}"#
        ));
        let (asked, began) = (counted().0, Instant::now());
        for _ in 0..PIECES {
            out.downs.clear();
            yychat.decode(&frame, Now::default(), &mut out);
        }
        let each = ms(began.elapsed()) * 1e3 / PIECES as f64;
        let times = (counted().0 - asked) / PIECES as u64;
        println!(
            "{what} in text: {each:.2} us (target 20 for 20 ms), memory asked for {times} times"
        );
    }
}

async fn answer(mut socket: Socket) {
    while let Some(Ok(message)) = socket.next().await {
        if message
            .to_text()
            .is_ok_and(|text| text.contains("text_message"))
        {
            socket.send(Message::text(ANSWER)).await.unwrap();
        }
    }
}

fn model() -> Model {
    Model::new(Setup {
        size: (100, 30),
        backend: "bench".into(),
        ..Setup::default()
    })
}

/// The whole program on an idle line: how often it wakes, beside how often the line beats.
async fn idle() {
    const SECONDS: u64 = 61;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_hearsay"));
    let url = format!("ws://{}/ws", listener.local_addr().unwrap());
    command.args(["--backend", &url]);
    command.env("HEARSAY_DATA_DIR", folder.path());
    command.env("TERM", "xterm-256color");
    let size = PtySize {
        rows: 30,
        cols: 100,
        pixel_width: 0,
        pixel_height: 0,
    };
    let pair = native_pty_system().openpty(size).unwrap();
    let mut reader = pair.master.try_clone_reader().unwrap();
    std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
    let mut child = pair.slave.spawn_command(command).unwrap();
    let (_, mut socket) = greet(&listener).await;
    // Until it has settled, with a peer that listens.
    let settled = Instant::now() + Duration::from_secs(3);
    while tokio::time::timeout_at(settled, socket.next())
        .await
        .is_ok()
    {}
    let process = Path::new("/proc").join(child.process_id().unwrap().to_string());
    let (before, cpu_before) = (wakes(&process), cpu(&process));
    let (mut pings, mut beats) = (0, 0);
    let until = Instant::now() + Duration::from_secs(SECONDS);
    while let Ok(Some(Ok(message))) = tokio::time::timeout_at(until, socket.next()).await {
        match message {
            Message::Ping(_) => pings += 1,
            Message::Text(_) => {
                beats += 1;
                let answer = r#"{"type":"heartbeat_response"}"#;
                socket.send(Message::text(answer)).await.unwrap();
            }
            _ => {}
        }
    }
    let woke = wakes(&process) - before;
    println!(
        "idle line for {SECONDS} s: {woke} wake-ups for {beats} heartbeats and {pings} pings, {:.1} for \
         each (target <= 2); {:.2} ms of processor",
        woke as f64 / f64::from(beats + pings),
        ms(cpu(&process).saturating_sub(cpu_before))
    );
    child.kill().unwrap();
    child.wait().unwrap();
}

fn tasks(process: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let tasks = std::fs::read_dir(process.join("task")).unwrap();
    tasks.map(|task| task.unwrap().path())
}

/// How often its threads have gone to sleep by themselves: once for each time they woke.
fn wakes(process: &Path) -> u64 {
    const NAME: &str = "voluntary_ctxt_switches:";
    tasks(process)
        .filter_map(|task| std::fs::read_to_string(task.join("status")).ok())
        .filter_map(|status| {
            status
                .lines()
                .find_map(|line| line.strip_prefix(NAME)?.trim().parse::<u64>().ok())
        })
        .sum()
}

/// Processor time of all threads.
fn cpu(process: &Path) -> Duration {
    let nanos = tasks(process)
        .filter_map(|task| std::fs::read_to_string(task.join("schedstat")).ok())
        .filter_map(|stat| stat.split(' ').next()?.parse::<u64>().ok())
        .sum();
    Duration::from_nanos(nanos)
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
