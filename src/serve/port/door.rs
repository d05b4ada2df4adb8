//! Lets requests in, or says why not: how often somebody may knock, and to whose backend they are
//! led.

use super::Figures;
use super::guard::{NAMELESS, Tokens, Welcome};
use super::message::Refusal;
use crate::serve::Backend;
use crate::serve::terms::Bucket;
use hyper::StatusCode;
use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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

/// Counts whose connections there are that are no WebSockets yet, so that one who floods holds no
/// others off.
#[derive(Clone, Default)]
pub(super) struct Crowd(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// A connection that is counted, until it is dropped.
pub(super) struct Counted(Crowd, IpAddr);

impl Crowd {
    fn counts(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more connection from there, unless so many are there already.
    pub(super) fn enter(&self, peer: IpAddr, most: usize) -> Option<Counted> {
        let peer = neighbourhood(peer);
        let mut counts = self.counts();
        let count = counts.entry(peer).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Counted(self.clone(), peer))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut counts = self.0.counts();
        if let Some(count) = counts.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.1);
            }
        }
    }
}

/// Whoever has one address of IPv6 has a whole network of them.
fn neighbourhood(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V4(peer) => peer.into(),
        IpAddr::V6(peer) => Ipv6Addr::from_bits(peer.to_bits() & !u128::from(u64::MAX)).into(),
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

    /// The backend of whoever shows this, and whether it is who runs this server. It is opened when
    /// they first come.
    pub(super) fn backend(&self, header: Option<&str>) -> Result<(Backend, bool), Refusal> {
        let owner = match &self.tokens {
            Some(tokens) => tokens.owner(header)?,
            None => EVERYBODY,
        };
        let mut known = self.known();
        let backend = known.entry(owner.to_owned());
        let backend = backend.or_insert_with(|| (self.open)(owner)).clone();
        Ok((backend, self.tokens.is_none() || owner == NAMELESS))
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

    #[test]
    fn one_who_floods_holds_no_others_off() {
        let crowd = Crowd::default();
        let peer = |text: &str| -> IpAddr { text.parse().unwrap() };
        let mut held: Vec<_> = (0..9)
            .filter_map(|_| crowd.enter(peer("10.0.0.1"), 4))
            .collect();
        assert_eq!(held.len(), 4);
        assert!(crowd.enter(peer("::ffff:10.0.0.1"), 4).is_none());
        assert!(crowd.enter(peer("10.0.0.2"), 4).is_some());
        held.extend((1..9).filter_map(|n| crowd.enter(peer(&format!("2001:db8::{n}")), 4)));
        assert_eq!(held.len(), 8);
        assert!(crowd.enter(peer("2001:db8:0:1::1"), 4).is_some());
        held.pop();
        assert!(crowd.enter(peer("2001:db8::1"), 4).is_some());
        drop(held);
        assert!(crowd.counts().is_empty());
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
