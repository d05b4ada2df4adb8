//! Writes what was said, in the order in which it was said, and keeps what cannot be written yet.
//!
//! One task, whose inbox is the queue behind [`Writer`]; whatever waits there is written in one
//! transaction, so that many who wait for a commit wait for the same one. What cannot be written
//! because of the database stays in the queue and is tried again; what the database will never
//! take is let go, and whoever waits for it is told. It ends when it is closed.

use super::pool::{Lease, Pool};
use super::{SharedError, said};
use crate::core::ids::ConversationId;
use crate::store::archive::Said;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout};

/// So much goes into one transaction.
const BATCH: usize = 256;

/// So many bytes of what was said may wait for the database; what comes then is not kept, and who
/// said it is told. There is at least as much of everything that is under way.
const MOST_WAITING: usize = 64 << 20;

/// What a message takes besides its text.
const FRAME: usize = 256;

/// How long it waits before it tries again: at first, and at most.
const SOON: Duration = Duration::from_millis(250);
const LATE: Duration = Duration::from_secs(10);

type Done = oneshot::Sender<Result<(), SharedError>>;

enum Order {
    Write(Box<Words>, Done),
    /// Tells when everything before it is written.
    Flush(Done),
    /// Writes what waits, if it can, and ends; tells how many messages were not written.
    Close(oneshot::Sender<usize>),
}

/// What is to be written, and for whom.
pub(super) struct Words {
    pub(super) owner: String,
    pub(super) wish: Wish,
}

pub(super) enum Wish {
    Say(Box<Said>),
    /// Nothing that was said before is to be recalled.
    Forget(ConversationId),
}

impl Words {
    /// How many bytes it takes while it waits.
    fn size(&self) -> usize {
        FRAME
            + match &self.wish {
                Wish::Say(said) => said.message.text.len(),
                Wish::Forget(_) => 0,
            }
    }
}

/// The way to the task.
#[derive(Clone)]
pub(super) struct Writer {
    orders: mpsc::UnboundedSender<Order>,
    state: Arc<State>,
    patience: Duration,
}

#[derive(Default)]
struct State {
    /// The last attempt came to nothing, and what waits waits for the next one.
    down: AtomicBool,
    /// How many bytes wait.
    waiting: AtomicUsize,
}

impl Writer {
    pub(super) fn start(pool: Arc<Pool>, server: Arc<str>) -> Self {
        let (orders, inbox) = mpsc::unbounded_channel();
        let state = Arc::<State>::default();
        let patience = pool.patience();
        let task = Task {
            pool,
            server,
            inbox,
            state: Arc::clone(&state),
            queue: VecDeque::new(),
            closing: None,
        };
        tokio::spawn(task.live());
        Self {
            orders,
            state,
            patience,
        }
    }

    /// Writes a message in its turn. It waits no longer for that than is decent, and not at all
    /// while the database is known to be away; the message is written all the same.
    pub(super) fn write(
        &self,
        words: Words,
    ) -> impl Future<Output = Result<(), SharedError>> + Send + use<> {
        let size = words.size();
        let (done, outcome) = oneshot::channel();
        let room = self.state.waiting.load(Ordering::Relaxed) + size <= MOST_WAITING;
        if room {
            self.state.waiting.fetch_add(size, Ordering::Relaxed);
            // Who has closed it waits for nothing.
            let _: Result<(), _> = self.orders.send(Order::Write(Box::new(words), done));
        } else {
            tracing::warn!("too much waits for the database: a message is not kept");
        }
        self.wait(outcome)
    }

    /// Comes back when all that was said before is written, or known not to be.
    pub(super) async fn flush(&self) -> Result<(), SharedError> {
        let (done, outcome) = oneshot::channel();
        let _: Result<(), _> = self.orders.send(Order::Flush(done));
        self.wait(outcome).await
    }

    fn wait(
        &self,
        outcome: oneshot::Receiver<Result<(), SharedError>>,
    ) -> impl Future<Output = Result<(), SharedError>> + Send + use<> {
        let down = self.state.down.load(Ordering::Relaxed);
        let patience = self.patience;
        async move {
            if down {
                return Err(SharedError::Waiting);
            }
            match timeout(patience, outcome).await {
                Ok(Ok(outcome)) => outcome,
                Ok(Err(_)) | Err(_) => Err(SharedError::Waiting),
            }
        }
    }

    /// Writes what waits, within this time, and ends. Tells how many messages were not written.
    pub(super) async fn close(&self, limit: Duration) -> Option<usize> {
        let (done, left) = oneshot::channel();
        let _: Result<(), _> = self.orders.send(Order::Close(done));
        timeout(limit, left).await.ok()?.ok()
    }
}

struct Task {
    pool: Arc<Pool>,
    /// The name of this server in the database.
    server: Arc<str>,
    inbox: mpsc::UnboundedReceiver<Order>,
    state: Arc<State>,
    queue: VecDeque<Order>,
    closing: Option<oneshot::Sender<usize>>,
}

impl Task {
    async fn live(mut self) {
        let mut pause = SOON;
        // One at a time, to find the one that the database does not take.
        let mut singly = false;
        loop {
            if self.queue.is_empty() && self.closing.is_none() {
                match self.inbox.recv().await {
                    Some(order) => self.take(order),
                    None => return,
                }
            }
            while let Ok(order) = self.inbox.try_recv() {
                self.take(order);
            }
            let most = if singly { 1 } else { BATCH };
            match self.write(most).await {
                Ok(count) => {
                    if self.state.down.swap(false, Ordering::Relaxed) {
                        tracing::info!("the database is back");
                    }
                    (pause, singly) = (SOON, false);
                    self.done(count, &Ok(()));
                }
                Err(error) if error.is_of_data() && singly => {
                    tracing::warn!("a message is not kept: {error}");
                    self.done(1, &Err(error));
                }
                Err(error) if error.is_of_data() => {
                    self.state.down.store(false, Ordering::Relaxed);
                    singly = true;
                }
                Err(error) => {
                    if !self.state.down.swap(true, Ordering::Relaxed) {
                        let hint = error.hint();
                        tracing::warn!("what is said waits to be written: {error}; {hint}");
                    }
                    self.let_go();
                    if self.closing.is_some() {
                        break;
                    }
                    self.rest(pause).await;
                    pause = (pause * 2).min(LATE);
                }
            }
            if self.queue.is_empty() && self.closing.is_some() {
                break;
            }
        }
        if let Some(closing) = self.closing {
            // Who closes may have stopped waiting.
            let _: Result<(), _> = closing.send(self.queue.len());
        }
    }

    fn take(&mut self, order: Order) {
        match order {
            Order::Close(done) => self.closing = Some(done),
            order => self.queue.push_back(order),
        }
    }

    /// Waits a while, or until it is to end.
    async fn rest(&mut self, pause: Duration) {
        let end = Instant::now() + pause;
        loop {
            tokio::select! {
                () = sleep_until(end) => return,
                order = self.inbox.recv() => match order {
                    Some(order) => {
                        self.take(order);
                        self.let_go();
                        if self.closing.is_some() {
                            return;
                        }
                    }
                    None => return sleep_until(end).await,
                }
            }
        }
    }

    /// Nobody waits for a database that is away: who asks for it is told, and the messages stay.
    fn let_go(&mut self) {
        let all = std::mem::take(&mut self.queue);
        for order in all {
            match order {
                Order::Flush(done) => drop(done.send(Err(SharedError::Waiting))),
                Order::Write(words, done) => {
                    drop(done.send(Err(SharedError::Waiting)));
                    let (nobody, _) = oneshot::channel();
                    self.queue.push_back(Order::Write(words, nobody));
                }
                Order::Close(_) => {}
            }
        }
    }

    /// Writes the first of what waits, all or nothing, and says how many that were.
    async fn write(&mut self, most: usize) -> Result<usize, SharedError> {
        let count = self.queue.len().min(most);
        let words: Vec<&Words> = (self.queue.iter().take(count))
            .filter_map(|order| match order {
                Order::Write(words, _) => Some(&**words),
                Order::Flush(_) | Order::Close(_) => None,
            })
            .collect();
        if words.is_empty() {
            return Ok(count);
        }
        let patience = self.pool.patience();
        let mut lease = self.pool.borrow().await?;
        let written = timeout(patience, transact(&mut lease, &self.server, &words));
        let written = written.await.unwrap_or(Err(SharedError::Busy {
            seconds: patience.as_secs(),
        }));
        // What was begun and not finished ends with its connection.
        lease.sound = written.is_ok();
        written.map(|()| count)
    }

    /// The first of what waits are over, and whoever waits for them is told.
    fn done(&mut self, count: usize, outcome: &Result<(), SharedError>) {
        for order in self.queue.drain(..count) {
            match order {
                Order::Write(words, done) => {
                    let size = words.size();
                    self.state.waiting.fetch_sub(size, Ordering::Relaxed);
                    drop(done.send(outcome.clone()));
                }
                Order::Flush(done) => drop(done.send(Ok(()))),
                Order::Close(_) => {}
            }
        }
    }
}

async fn transact(lease: &mut Lease<'_>, server: &str, all: &[&Words]) -> Result<(), SharedError> {
    let line = lease.line();
    line.order("BEGIN").await?;
    for words in all {
        said::write(line, server, words).await?;
    }
    line.order("COMMIT").await
}
