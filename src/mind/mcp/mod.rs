//! Tools of other programs: servers that speak the Model Context Protocol, as child processes or
//! over HTTP.
//!
//! Nothing is started before it is wanted, and nobody waits long for a server to start. What a
//! server says is bounded (`gate`), what it is told of us is little (`child`), and it ends with us.
//! `server` keeps one of them running; `tool` turns its tools into what models take.

mod child;
mod error;
mod gate;
mod server;
mod spec;
mod tool;

pub use error::McpError;
pub use server::{Shown, State};
pub use spec::{Limits, Line, Place, ReadToken, Spec};
pub use tool::Offer;

use server::Server;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

/// All servers of tools. Dropping them ends them.
pub struct Servers {
    all: Vec<Arc<Server>>,
    /// Counts the changes to what is known of any of them.
    news: Arc<watch::Sender<u64>>,
    /// The tasks that keep them running, once they are wanted.
    kept: Mutex<JoinSet<()>>,
}

impl Default for Servers {
    fn default() -> Self {
        Self::new([])
    }
}

impl Servers {
    /// Nothing is started yet.
    pub fn new(specs: impl IntoIterator<Item = Spec>) -> Self {
        let news = Arc::new(watch::Sender::new(0));
        let one = |spec| Arc::new(Server::new(spec, Arc::clone(&news)));
        let all = specs.into_iter().map(one).collect();
        Self {
            all,
            news,
            kept: Mutex::default(),
        }
    }

    /// Starts them all in the background, unless that was done before. Must be called within a
    /// runtime.
    pub fn start(&self) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.is_empty() {
            for server in &self.all {
                let server = Arc::clone(server);
                kept.spawn(async move { server.keep().await });
            }
        }
    }

    /// Starts those again that were given up on or make a pause.
    pub fn again(&self) {
        self.all.iter().for_each(|server| server.want());
    }

    /// Waits until none of them is just starting, at most so long.
    pub async fn settle(&self, limit: Duration) {
        let until = Instant::now() + limit;
        for server in &self.all {
            let mut shown = server.shown.subscribe();
            let settled =
                shown.wait_for(|shown| !matches!(shown.state, State::Idle | State::Starting));
            // Who is not there in time is not there for this question.
            let _ = timeout_at(until, settled).await;
        }
    }

    /// The name of each and what is known of it.
    pub fn list(&self) -> Vec<(String, Arc<Shown>)> {
        let one = |server: &Arc<Server>| {
            let shown = Arc::clone(&server.shown.borrow());
            (server.spec.name.clone(), shown)
        };
        self.all.iter().map(one).collect()
    }

    /// Changes whenever anything changes with any of them.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    /// Everything that is offered now.
    pub fn offers(&self) -> Vec<Offer> {
        let shown = self.list().into_iter();
        shown.flat_map(|(_, shown)| shown.offers.clone()).collect()
    }

    /// Uses a tool. Dropping this calls the use off.
    pub async fn call(&self, offer: &Offer, arguments: &str) -> Result<String, McpError> {
        let server = self.all.iter().find(|one| one.spec.name == offer.server);
        let Some(server) = server else {
            return Err(McpError::Unknown {
                tool: offer.spec.name.clone(),
            });
        };
        server.call(&offer.tool, arguments).await
    }
}
