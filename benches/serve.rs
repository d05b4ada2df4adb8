//! Measures `hearsay serve` under many clients that speak: each sends 20 ms of sound fifty times a
//! second and asks now and then for a sign of life, whose way there and back is what is measured.
//!
//! `cargo bench --bench serve` prints the figures for 100 and for 1,000 of them; other numbers may
//! follow `--`.
#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench measures, prints, and may fail"
)]

use futures_util::{SinkExt, StreamExt};
use hearsay::core::ids::TurnId;
use hearsay::wire::yychat::binary;
use rustix::process::{Resource, getrlimit, setrlimit};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// How long each number of clients speaks.
const LONG: Duration = Duration::from_secs(10);
/// Sound in a frame, and how many frames lie between two signs of life.
const FRAME: Duration = Duration::from_millis(20);
const BEAT: u32 = 25;

type Socket = WebSocketStream<TcpStream>;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).unwrap();
    let numbers: Vec<u32> = std::env::args()
        .filter_map(|one| one.parse().ok())
        .collect();
    let numbers = if numbers.is_empty() {
        vec![100, 1_000]
    } else {
        numbers
    };
    for number in numbers {
        measure(number).await;
    }
}

async fn measure(number: u32) {
    let folder = tempfile::tempdir().unwrap();
    let (server, address) = start(folder.path());
    let empty = memory(server.id());
    let mut sockets = vec![];
    for _ in 0..number {
        sockets.push(connect(&address).await);
    }
    let connected = memory(server.id());
    let (began, spent) = (Instant::now(), cpu(server.id()));
    let clients: Vec<_> = (0_u32..)
        .zip(sockets)
        .map(|(at, socket)| tokio::spawn(speak(at, number, socket)))
        .collect();
    let (mut ways, mut frames) = (vec![], 0);
    for client in clients {
        let (more, sent) = client.await.unwrap();
        ways.extend(more);
        frames += sent;
    }
    let long = began.elapsed();
    let busy = cpu(server.id()).saturating_sub(spent).as_secs_f64() / long.as_secs_f64();
    ways.sort_unstable();
    let at = |part: usize| ways[(ways.len() * part / 1000).min(ways.len() - 1)].as_secs_f64() * 1e3;
    println!(
        "{number} clients: {:.0} frames/s, there and back p50 {:.2} ms, p99 {:.2} ms, p99.9 {:.2} ms; \
         {:.1} % of a processor; {empty} KiB empty, {:.1} KiB each connected, {:.1} KiB each speaking",
        f64::from(frames) / long.as_secs_f64(),
        at(500),
        at(990),
        at(999),
        busy * 100.0,
        (connected.saturating_sub(empty)) as f64 / f64::from(number),
        (memory(server.id()).saturating_sub(empty)) as f64 / f64::from(number),
    );
    end(server);
}

fn start(folder: &std::path::Path) -> (Child, String) {
    // One that is named has to be there.
    std::fs::write(folder.join("config.toml"), "").unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_hearsay"))
        .args(["serve", "--listen", "0"])
        .env("HOME", folder)
        .env("HEARSAY_CONFIG", folder.join("config.toml"))
        .env("HEARSAY_DATA_DIR", folder.join("data"))
        .env("HEARSAY_BRAIN", "builtin")
        .env("HEARSAY_EARS", "none")
        .env("HEARSAY_VOICE", "none")
        .env("HEARSAY_SERVE_CONNECTIONS", "100000")
        .env("HEARSAY_SERVE_RATE", "0")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let address = line
        .trim()
        .strip_prefix("ws://")
        .unwrap()
        .split('/')
        .next()
        .unwrap()
        .to_owned();
    (child, address)
}

fn end(mut server: Child) {
    server.kill().unwrap();
    server.wait().unwrap();
}

async fn connect(address: &str) -> Socket {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let config = WebSocketConfig::default()
        .read_buffer_size(4096)
        .write_buffer_size(0);
    let url = format!("ws://{address}/ws/chat");
    let (mut socket, _) = client_async_with_config(url, stream, Some(config))
        .await
        .unwrap();
    socket.next().await.unwrap().unwrap();
    socket
}

/// One client: how long its signs of life took, and how many frames it sent.
async fn speak(at: u32, of: u32, mut socket: Socket) -> (Vec<Duration>, u32) {
    // Nobody begins at the same moment as everybody.
    sleep(FRAME * at / of).await;
    let turn = TurnId(u128::from(at) + 1);
    let begin = serde_json::json!({
        "type": "audio_input", "message_id": turn.to_string(), "audio_format": "pcm",
        "sample_rate": 16_000, "chunked": true,
    });
    socket.send(Message::text(begin.to_string())).await.unwrap();
    let frame = binary::recording(turn, &[1000; 320]);
    let ping = r#"{"type":"ping"}"#;
    let mut clock = interval(FRAME);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut ways, mut sent, mut asked) = (vec![], 0, None);
    let began = Instant::now();
    while began.elapsed() < LONG {
        tokio::select! {
            _ = clock.tick() => {
                socket.send(Message::binary(frame.clone())).await.unwrap();
                sent += 1;
                if asked.is_none() && (sent + at).is_multiple_of(BEAT) {
                    asked = Some(Instant::now());
                    socket.send(Message::text(ping)).await.unwrap();
                }
            }
            heard = socket.next() => {
                heard.unwrap().unwrap();
                ways.extend(asked.take().map(|asked: Instant| asked.elapsed()));
            }
        }
    }
    (ways, sent)
}

/// The memory that is resident, in KiB.
fn memory(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// The time of a processor that was used.
fn cpu(id: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    // A tick is a hundredth of a second wherever Linux runs.
    Duration::from_millis(ticks * 10)
}
