//! A few connections to the database, which whoever needs one borrows.

use super::address::Address;
use super::line::Line;
use super::wire::{Row, Value};
use super::{Settings, SharedError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout, timeout_at};

/// The connections.
pub(super) struct Pool {
    address: Address,
    tls: Arc<rustls::ClientConfig>,
    place: Arc<str>,
    places: Semaphore,
    /// Those that nobody uses; the last one that was used is used next. Never held across a wait.
    idle: Mutex<Vec<Idle>>,
    /// How long somebody may wait for a connection, and for what is asked through it.
    patience: Duration,
    /// How long a connection is used.
    life: Duration,
}

struct Idle {
    line: Line,
    born: Instant,
}

/// A borrowed connection. It goes back when it is dropped, unless something went wrong with it.
pub(super) struct Lease<'a> {
    /// `None` once it has gone back.
    idle: Option<Idle>,
    pool: &'a Pool,
    /// Nobody used it before.
    fresh: bool,
    /// It came to the end of what it was borrowed for.
    pub(super) sound: bool,
    _place: SemaphorePermit<'a>,
}

impl Pool {
    pub(super) fn new(
        address: Address,
        settings: &Settings,
        tls: Arc<rustls::ClientConfig>,
    ) -> Self {
        Self {
            place: address.to_string().into(),
            address,
            tls,
            places: Semaphore::new(settings.size.max(1)),
            idle: Mutex::default(),
            patience: settings.patience,
            life: settings.life,
        }
    }

    pub(super) fn patience(&self) -> Duration {
        self.patience
    }

    /// Borrows a connection, and makes one if none is idle.
    pub(super) async fn borrow(&self) -> Result<Lease<'_>, SharedError> {
        let end = Instant::now() + self.patience;
        let seconds = self.patience.as_secs();
        let Ok(Ok(place)) = timeout_at(end, self.places.acquire()).await else {
            return Err(SharedError::Busy { seconds });
        };
        let (idle, fresh) = match self.idle() {
            Some(idle) => (idle, false),
            None => (self.connect(end).await?, true),
        };
        Ok(Lease {
            idle: Some(idle),
            pool: self,
            fresh,
            sound: false,
            _place: place,
        })
    }

    fn idle(&self) -> Option<Idle> {
        let mut all = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        all.retain_mut(|one| now.duration_since(one.born) < self.life && one.line.is_quiet());
        all.pop()
    }

    async fn connect(&self, end: Instant) -> Result<Idle, SharedError> {
        let now = Instant::now();
        let end = (self.address.patience).map_or(end, |patience| end.min(now + patience));
        let line = timeout_at(end, Line::open(&self.address, &self.tls, &self.place));
        let line = line.await.unwrap_or_else(|_late| Err(self.late()))?;
        Ok(Idle { line, born: now })
    }

    fn late(&self) -> SharedError {
        SharedError::Unreachable {
            place: self.place.to_string(),
            why: format!("no answer within {} s", self.patience.as_secs()),
        }
    }

    /// One statement, and what it answers.
    pub(super) async fn rows(
        &self,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, SharedError> {
        let mut lease = self.borrow().await?;
        let rows = lease.rows(sql, values).await;
        lease.sound = !matches!(&rows, Err(error) if error.is_of_line());
        rows
    }

    /// The same, for what may be asked twice: a connection that lay idle may be dead.
    pub(super) async fn read(
        &self,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, SharedError> {
        loop {
            let mut lease = self.borrow().await?;
            let rows = lease.rows(sql, values).await;
            lease.sound = !matches!(&rows, Err(error) if error.is_of_line());
            if lease.sound || lease.fresh {
                return rows;
            }
        }
    }
}

impl Lease<'_> {
    pub(super) fn line(&mut self) -> &mut Line {
        let idle = self.idle.as_mut();
        &mut idle.expect("it goes back when it is dropped").line
    }

    async fn rows(&mut self, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>, SharedError> {
        let pool = self.pool;
        match timeout(pool.patience, self.line().ask(sql, values)).await {
            Ok(rows) => rows,
            Err(_late) => Err(pool.late()),
        }
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(idle) = self.idle.take().filter(|_idle| self.sound) {
            let all = &self.pool.idle;
            let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
            all.push(idle);
        }
    }
}
