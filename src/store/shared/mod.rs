//! Keeps what is said in a PostgreSQL database that several servers share: conversations, and the
//! desk of each owner.
//!
//! [`Shared`] is the way to it: a `pool` of connections, each a `line` that speaks the `wire` protocol
//! of the database and proves by `scram` who asks, and a `writer` that keeps the order; [`Owned`] is what belongs to one owner there. Nothing here is remembered in
//! between: the database is what is true.

mod address;
mod desk;
mod error;
mod line;
mod migrate;
mod pool;
mod said;
mod scram;
mod wire;
mod writer;

pub use error::SharedError;

use address::Address;
use pool::Pool;
use rustls::ClientConfig;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use wire::Value;
use writer::Writer;

/// How the database is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How many connections there may be.
    pub size: usize,
    /// How long somebody waits for a connection, and for an answer through it.
    pub patience: Duration,
    /// How long a connection is used before a new one takes its place.
    pub life: Duration,
}

/// The database. Belongs to a runtime.
#[derive(Clone)]
pub struct Shared {
    pool: Arc<Pool>,
    writer: Writer,
}

impl Shared {
    /// Opens the database at this address, and makes the tables where there are none. `server` is
    /// a name that no other server has. Also tells what its owner should know.
    pub async fn open(
        url: &str,
        settings: &Settings,
        tls: Arc<ClientConfig>,
        server: &str,
    ) -> Result<(Self, Option<String>), SharedError> {
        let address = Address::read(url)?;
        let doubt = address.is_open().then(|| {
            "what is said may go to the database unencrypted; `sslmode=require` in `DATABASE_URL` mends that".to_owned()
        });
        let pool = Arc::new(Pool::new(address, settings, tls));
        migrate::migrate(&pool).await?;
        let writer = Writer::start(Arc::clone(&pool), server.into());
        Ok((Self { pool, writer }, doubt))
    }

    /// What belongs to this owner.
    pub fn of(&self, owner: &str) -> Owned {
        Owned {
            pool: Arc::clone(&self.pool),
            writer: self.writer.clone(),
            owner: owner.to_owned(),
        }
    }

    /// Writes what waits, within this time. Tells how many messages were not written; `None`: it
    /// took too long.
    pub async fn close(&self, limit: Duration) -> Option<usize> {
        self.writer.close(limit).await
    }
}

/// What belongs to one owner.
#[derive(Clone)]
pub struct Owned {
    pool: Arc<Pool>,
    writer: Writer,
    owner: String,
}

impl fmt::Debug for Owned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Owned").field(&self.owner).finish()
    }
}

impl Owned {
    fn name(&self) -> Value<'_> {
        Value::Text(&self.owner)
    }
}
