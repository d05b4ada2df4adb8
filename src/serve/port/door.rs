//! Lets requests in, or says why not: how often somebody may knock, and to whose backend they are
//! led.

use super::Figures;
use super::guard::{Tokens, Welcome};
use super::message::Refusal;
use crate::serve::Backend;
use crate::serve::terms::Bucket;
use hyper::StatusCode;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Addresses whose requests are counted. Beyond them, those that were quiet are forgotten.
const PEERS: usize = 4096;

/// Whose backend it is where nobody needs a token.
const EVERYBODY: &str = "everybody";

/// Counts who knocks.
pub(super) struct Door {
    pub(super) welcome: Welcome,
    rate: Option<u32>,
    began: Instant,
    peers: Mutex<HashMap<IpAddr, Bucket>>,
}

impl Door {
    pub(super) fn new(welcome: Welcome, rate: Option<u32>) -> Self {
        Self {
            welcome,
            rate,
            began: Instant::now(),
            peers: Mutex::default(),
        }
    }

    /// One more request from there.
    pub(super) fn knock(&self, peer: IpAddr) -> Result<(), Refusal> {
        let Some(rate) = self.rate else {
            return Ok(());
        };
        let now = self.began.elapsed();
        let mut peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        if peers.len() >= PEERS && !peers.contains_key(&peer) {
            make_room(&mut peers, rate, now);
        }
        let bucket = peers.entry(peer).or_insert_with(|| Bucket::new(rate, now));
        bucket.take(rate, now).map_err(|wait| {
            let what = format!("more than {rate} requests in a second");
            Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", what)
                .hint("ask again later")
                .retry_after(wait.as_millis().div_ceil(1000) as u64)
        })
    }
}

/// Those that nothing is held against are forgotten; if there are none, all of them.
fn make_room(peers: &mut HashMap<IpAddr, Bucket>, rate: u32, now: Duration) {
    peers.retain(|_, bucket| !bucket.is_full(rate, now));
    if peers.len() >= PEERS {
        peers.clear();
    }
}

/// Those who may come in, and their backends: what is said to one is told to no other.
pub(super) struct Guests {
    tokens: Option<Tokens>,
    open: super::Open,
    known: Mutex<BTreeMap<String, Backend>>,
}

impl Guests {
    pub(super) fn new(tokens: Option<Tokens>, open: super::Open) -> Self {
        Self {
            tokens,
            open,
            known: Mutex::default(),
        }
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, Backend>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The backend of whoever shows this. It is opened when they first come.
    pub(super) fn backend(&self, header: Option<&str>) -> Result<Backend, Refusal> {
        let owner = match &self.tokens {
            Some(tokens) => tokens.owner(header)?,
            None => EVERYBODY,
        };
        let mut known = self.known();
        let backend = known.entry(owner.to_owned());
        Ok(backend.or_insert_with(|| (self.open)(owner)).clone())
    }

    /// No backend begins anything new.
    pub(super) fn close(&self) {
        for backend in self.known().values() {
            backend.close();
        }
    }
}

impl Figures {
    pub(super) fn request(&self) {
        self.requests.fetch_add(1, Relaxed);
    }

    pub(super) fn refused(&self) {
        self.refused.fetch_add(1, Relaxed);
    }

    pub(super) fn turned_away(&self) {
        self.turned_away.fetch_add(1, Relaxed);
    }

    /// Requests, those that were refused, and connections for which there was no room.
    pub(super) fn all(&self) -> [u64; 3] {
        [&self.requests, &self.refused, &self.turned_away].map(|one| one.load(Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[tokio::test(start_paused = true)]
    async fn who_knocks_too_often_is_told_when_to_come_back_and_others_are_not_held_up() {
        let door = Door::new(Welcome::default(), Some(2));
        let (one, other) = (
            Ipv4Addr::LOCALHOST.into(),
            Ipv4Addr::new(10, 0, 0, 1).into(),
        );
        for _ in 0..4 {
            assert_eq!(door.knock(one), Ok(()));
        }
        let told = door.knock(one).unwrap_err().told();
        assert_eq!(told["error"]["retry_after"], 1, "{told}");
        assert_eq!(door.knock(other), Ok(()));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(door.knock(one), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn no_crowd_of_addresses_takes_more_room_than_there_is() {
        let door = Door::new(Welcome::default(), Some(1));
        for number in 0..3 * PEERS as u32 {
            let _ = door.knock(Ipv4Addr::from(number).into());
        }
        assert!(door.peers.lock().unwrap().len() <= PEERS);
    }
}
