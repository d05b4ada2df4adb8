//! A bad network on loopback: stands between a client and a server and does to their bytes what
//! networks do. What it does may change at any time, by hand or by a schedule.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

/// So many pieces may be under way in one direction; beyond them the sender has to wait.
const UNDER_WAY: usize = 64;

/// What happens to the bytes of one direction.
#[derive(Clone, Copy, Debug, Default)]
pub struct Way {
    /// Nothing gets through. What was sent meanwhile arrives when this ends, as TCP does it.
    pub black_hole: bool,
    pub delay: Duration,
    /// Up to this much more, differently for each piece; the order stays.
    pub jitter: Duration,
    /// Bytes in a second. One of them is a slow loris.
    pub rate: Option<u32>,
    /// Everything arrives in pieces of this size.
    pub split: Option<usize>,
    /// Pieces are held back until this much has gathered, or nothing more comes for 20 ms.
    pub merge: Option<usize>,
    /// Every so many bytes, one is changed.
    pub corrupt: Option<usize>,
    /// The connection ends after so many bytes.
    pub ends_after: Option<(usize, End)>,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// In order, as far as TCP knows.
    Fin,
    Reset,
}

/// What the network does now.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    /// To the server.
    pub up: Way,
    /// To the client.
    pub down: Way,
    /// New connections are reset at once.
    pub closed: bool,
    /// How every connection that was open at the time has ended, and the how-manieth end it was.
    pub cut: Option<(u64, End)>,
}

/// The network. Ends, with all its connections, when it is dropped.
pub struct FaultProxy {
    pub address: SocketAddr,
    faults: Arc<watch::Sender<Faults>>,
    accepted: Arc<AtomicUsize>,
    tasks: Vec<JoinHandle<()>>,
}

impl FaultProxy {
    /// A network without faults on the way to `server`.
    pub async fn start(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let faults = Arc::new(watch::channel(Faults::default()).0);
        let accepted = Arc::new(AtomicUsize::new(0));
        let (control, count) = (Arc::clone(&faults), Arc::clone(&accepted));
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            loop {
                let (client, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::Relaxed);
                connections.spawn(carry(client, server, control.subscribe()));
                while connections.try_join_next().is_some() {}
            }
        });
        Self {
            address,
            faults,
            accepted,
            tasks: vec![task],
        }
    }

    /// Changes what the network does from now on.
    pub fn set(&self, change: impl FnOnce(&mut Faults)) {
        self.faults.send_modify(change);
    }

    /// Ends every connection.
    pub fn cut(&self, end: End) {
        cut(&self.faults, end);
    }

    /// Lets things happen by a schedule: each step so long after the one before.
    pub fn schedule(&mut self, steps: Vec<(Duration, Step)>) {
        let faults = Arc::clone(&self.faults);
        self.tasks.push(tokio::spawn(async move {
            let mut next = Instant::now();
            for (after, step) in steps {
                next += after;
                sleep_until(next).await;
                match step {
                    Step::Become(new) => faults.send_modify(|faults| {
                        *faults = Faults {
                            cut: faults.cut,
                            ..new
                        };
                    }),
                    Step::Cut(end) => cut(&faults, end),
                }
            }
        }));
    }

    /// How many connections there have been.
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// A step of a schedule.
#[expect(clippy::large_enum_variant, reason = "a schedule has few steps")]
#[derive(Clone, Copy, Debug)]
pub enum Step {
    Become(Faults),
    Cut(End),
}

fn cut(faults: &watch::Sender<Faults>, end: End) {
    faults.send_modify(|faults| {
        let count = faults.cut.map_or(0, |(count, _)| count);
        faults.cut = Some((count + 1, end));
    });
}

async fn carry(mut client: TcpStream, server: SocketAddr, mut faults: watch::Receiver<Faults>) {
    if faults.borrow().closed {
        client.set_zero_linger().unwrap();
        return;
    }
    let Ok(mut server) = TcpStream::connect(server).await else {
        client.set_zero_linger().unwrap();
        return;
    };
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let before = faults.borrow().cut.map(|(count, _)| count);
    let end = {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let (up, down) = (faults.clone(), faults.clone());
        let cut = async {
            let has_ended = |now: &Faults| now.cut.map(|(count, _)| count) != before;
            let now = *faults.wait_for(has_ended).await.unwrap();
            now.cut.unwrap().1
        };
        tokio::select! {
            end = pump(from_client, to_server, up, |faults| faults.up) => end,
            end = pump(from_server, to_client, down, |faults| faults.down) => end,
            end = cut => end,
        }
    };
    if end == End::Reset {
        client.set_zero_linger().unwrap();
        server.set_zero_linger().unwrap();
    }
}

/// Carries bytes until one side ends or the network does. Says how.
async fn pump(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    mut faults: watch::Receiver<Faults>,
    way: impl Fn(&Faults) -> Way,
) -> End {
    let mut under_way: VecDeque<(Instant, Vec<u8>)> = VecDeque::new();
    let mut buffer = vec![0; 16 * 1024];
    let (mut read, mut written, mut ended) = (0_usize, 0_usize, false);
    loop {
        let now = way(&faults.borrow_and_update());
        let due = under_way.front().map(|(due, _)| *due);
        if ended && due.is_none() {
            return End::Fin;
        }
        tokio::select! {
            _ = faults.changed() => {}
            length = from.read(&mut buffer), if !ended && under_way.len() < UNDER_WAY => {
                let Ok(length) = length else { return End::Reset };
                ended = length == 0;
                let mut piece = buffer[..length].to_vec();
                for byte in &mut piece {
                    read += 1;
                    if now.corrupt.is_some_and(|every| read % every == 0) {
                        *byte ^= 0x20;
                    }
                }
                // Different for each piece, and the same in each run.
                let share = (read as u32).wrapping_mul(2_654_435_761) >> 22;
                let mut due = Instant::now() + now.delay + now.jitter * share / 1024;
                if let Some((last, piece_before)) = under_way.back_mut() {
                    due = due.max(*last);
                    if now.merge.is_some_and(|size| piece_before.len() < size) && !ended {
                        piece_before.append(&mut piece);
                        *last = Instant::now() + Duration::from_millis(20);
                    }
                } else if now.merge.is_some_and(|size| length < size) {
                    due += Duration::from_millis(20);
                }
                if !piece.is_empty() {
                    under_way.push_back((due, piece));
                }
            }
            () = wait(due), if due.is_some() && !now.black_hole => {
                let (_, mut piece) = under_way.pop_front().unwrap();
                let most = match now.rate {
                    Some(rate) => (rate as usize / 20).max(1),
                    None => piece.len(),
                };
                let mut most = most.min(now.split.unwrap_or(usize::MAX));
                if let Some((limit, _)) = now.ends_after {
                    most = most.min(limit - written);
                }
                let rest = piece.split_off(most.min(piece.len()));
                if to.write_all(&piece).await.is_err() {
                    return End::Reset;
                }
                written += piece.len();
                if let Some((limit, end)) = now.ends_after && written >= limit {
                    return end;
                }
                let pause = now.rate.map_or(Duration::ZERO, |rate| {
                    Duration::from_secs(1) * piece.len() as u32 / rate
                });
                let next = Instant::now() + pause;
                if let Some((due, _)) = under_way.front_mut() {
                    *due = (*due).max(next);
                }
                if !rest.is_empty() {
                    under_way.push_front((next, rest));
                }
                if now.split.is_some() {
                    // Lets the other side see each piece.
                    tokio::task::yield_now().await;
                }
            }
        }
    }
}

async fn wait(due: Option<Instant>) {
    match due {
        // A timer takes a millisecond at least, which a byte by itself would feel.
        Some(due) if due <= Instant::now() => {}
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}
