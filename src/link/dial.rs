//! Finds a host by its name and connects to the first of its addresses that answers.
//!
//! A host often has addresses of both families, and one of them may lead nowhere. So the families
//! take turns, and every [`STAGGER`] another address is tried beside those still under way:
//! [happy eyeballs](https://www.rfc-editor.org/rfc/rfc8305).

use crate::core::line::Cause;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

/// How long one address may keep us waiting before the next is tried as well.
const STAGGER: Duration = Duration::from_millis(250);
/// What the C library says before what happened.
const LOOKUP: &str = "failed to lookup address information: ";

/// Connects to a host by name or number.
pub(super) async fn dial(host: &str, port: u16) -> Result<TcpStream, Cause> {
    let addresses = if let Some(here) = here(host, port) {
        here.to_vec()
    } else {
        let found = lookup_host((host, port)).await;
        found.map_err(|e| nameless(host, &e))?.collect()
    };
    let stream = race(take_turns(addresses), TcpStream::connect)
        .await
        .map_err(|error| failed(host, port, &error))?;
    // Small frames that wait for company would make typing and talking late.
    stream
        .set_nodelay(true)
        .map_err(|error| unreachable(&error))?;
    Ok(stream)
}

/// The addresses of this machine, where the name means it: not every system was told so.
fn here(host: &str, port: u16) -> Option<[SocketAddr; 2]> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let is_here = host == "localhost" || host.ends_with(".localhost");
    is_here.then_some([
        (Ipv6Addr::LOCALHOST, port).into(),
        (Ipv4Addr::LOCALHOST, port).into(),
    ])
}

fn nameless(host: &str, error: &io::Error) -> Cause {
    let text = error.to_string();
    Cause::Nameless {
        host: host.to_owned(),
        why: text.strip_prefix(LOOKUP).unwrap_or(&text).to_owned(),
    }
}

fn failed(host: &str, port: u16, error: &io::Error) -> Cause {
    if error.kind() == io::ErrorKind::ConnectionRefused {
        let at = if host.contains(':') {
            format!("[{host}]:{port}")
        } else {
            format!("{host}:{port}")
        };
        return Cause::NobodyListens { at };
    }
    unreachable(error)
}

/// The way there is broken.
pub(super) fn unreachable(error: &io::Error) -> Cause {
    let why = error.to_string();
    Cause::Unreachable { why }
}

/// The addresses with the families alternating, each family in the order the system prefers. The
/// system's first choice stays first.
fn take_turns(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let all = addresses.len();
    let first_family = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (these, those): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == first_family);
    let (mut these, mut those) = (these.into_iter(), those.into_iter());
    let mut turns = Vec::with_capacity(all);
    while turns.len() < all {
        turns.extend(these.next());
        turns.extend(those.next());
    }
    turns
}

/// Starts an attempt for each address in turn, the next when the one before has failed or has
/// taken [`STAGGER`]; the first to succeed wins and ends the others. If none does, a refusal is
/// the best news: it means that a machine is there.
async fn race<T, F>(addresses: Vec<SocketAddr>, dial: impl Fn(SocketAddr) -> F) -> io::Result<T>
where
    F: Future<Output = io::Result<T>>,
{
    let mut next = addresses.into_iter();
    let mut running = FuturesUnordered::new();
    let mut told = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    loop {
        running.extend(next.next().map(&dial));
        let ended = if next.len() == 0 {
            running.next().await
        } else {
            match timeout(STAGGER, running.next()).await {
                Ok(ended) => ended,
                Err(_one_more_beside_it) => continue,
            }
        };
        match ended {
            Some(Ok(stream)) => return Ok(stream),
            Some(Err(error)) if told.kind() != io::ErrorKind::ConnectionRefused => told = error,
            Some(Err(_less_telling)) => {}
            None => return Err(told),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::cell::RefCell;
    use tokio::time::{Instant, sleep_until};

    fn six(last: u16) -> SocketAddr {
        SocketAddr::from(([0xfd00, 0, 0, 0, 0, 0, 0, last], 80))
    }

    fn four(last: u8) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, last], 80))
    }

    #[test]
    fn the_families_take_turns_and_the_systems_choice_goes_first() {
        for (found, turns) in [
            (vec![], vec![]),
            (vec![four(1), four(2)], vec![four(1), four(2)]),
            (
                vec![six(1), six(2), six(3), four(1)],
                vec![six(1), four(1), six(2), six(3)],
            ),
            (
                vec![four(1), four(2), six(1), six(2)],
                vec![four(1), six(1), four(2), six(2)],
            ),
        ] {
            assert_eq!(take_turns(found), turns);
        }
    }

    proptest! {
        #[test]
        fn no_address_is_lost_or_invented(sixes in prop::collection::vec(any::<bool>(), 0..20)) {
            let mut found: Vec<SocketAddr> = (0_u8..)
                .zip(sixes)
                .map(|(n, is_six)| if is_six { six(n.into()) } else { four(n) })
                .collect();
            let mut turns = take_turns(found.clone());
            prop_assert_eq!(turns.first(), found.first());
            found.sort();
            turns.sort();
            prop_assert_eq!(turns, found);
        }
    }

    /// What an address does, and when.
    type Fate = (u64, io::Result<&'static str>);

    fn error(kind: io::ErrorKind) -> io::Result<&'static str> {
        Err(kind.into())
    }

    /// Who wins, after how many milliseconds, and when each was tried.
    async fn run(fates: Vec<Fate>) -> (Result<&'static str, io::ErrorKind>, u64, Vec<u64>) {
        let start = Instant::now();
        let addresses = (0_u8..).take(fates.len()).map(four).collect();
        let tried = RefCell::new(vec![]);
        let fates = RefCell::new(fates.into_iter());
        let won = race(addresses, |_address| {
            tried.borrow_mut().push(start.elapsed().as_millis() as u64);
            let (ms, fate) = fates.borrow_mut().next().unwrap();
            let then = Instant::now() + Duration::from_millis(ms);
            async move {
                sleep_until(then).await;
                fate
            }
        })
        .await;
        let passed = start.elapsed().as_millis() as u64;
        (
            won.map_err(|error| error.kind()),
            passed,
            tried.into_inner(),
        )
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_leads_nowhere_costs_a_quarter_of_a_second() {
        use io::ErrorKind::{ConnectionRefused, HostUnreachable, TimedOut};
        let never = 1_000_000;
        for (fates, expected) in [
            (vec![(20, Ok("six"))], (Ok("six"), 20, vec![0])),
            (
                vec![(never, Ok("six")), (20, Ok("four"))],
                (Ok("four"), 270, vec![0, 250]),
            ),
            // A slow first one may still win.
            (
                vec![(300, Ok("six")), (never, Ok("four"))],
                (Ok("six"), 300, vec![0, 250]),
            ),
            // A refusal hurries the next one.
            (
                vec![(5, error(ConnectionRefused)), (20, Ok("four"))],
                (Ok("four"), 25, vec![0, 5]),
            ),
            (
                vec![
                    (1, error(HostUnreachable)),
                    (2, error(ConnectionRefused)),
                    (3, error(TimedOut)),
                ],
                (Err(ConnectionRefused), 6, vec![0, 1, 3]),
            ),
            (vec![], (Err(io::ErrorKind::NotFound), 0, vec![])),
        ] {
            assert_eq!(run(fates).await, expected);
        }
    }

    #[tokio::test]
    async fn an_unknown_name_a_closed_port_and_no_way_are_told_apart() {
        let cause = dial("no-such-host.invalid", 80).await.unwrap_err();
        assert!(
            matches!(&cause, Cause::Nameless { host, why }
                if host == "no-such-host.invalid" && !why.contains("lookup")),
            "{cause:?}"
        );
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        for host in ["127.0.0.1", "localhost", "hearsay.LOCALHOST."] {
            let at = format!("{host}:{port}");
            let cause = dial(host, port).await.unwrap_err();
            assert_eq!(cause, Cause::NobodyListens { at });
        }
        // A broadcast address is nobody's.
        let cause = dial("255.255.255.255", 80).await.unwrap_err();
        assert!(matches!(cause, Cause::Unreachable { .. }), "{cause:?}");
    }
}
