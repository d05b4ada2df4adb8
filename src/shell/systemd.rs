//! What systemd says to a service in its surroundings, and what it wants to hear: a socket that
//! already listens (`LISTEN_FDS`), and a word when we are ready and when we end (`NOTIFY_SOCKET`).
//!
//! Where nobody said anything, nothing happens.

use std::io;
use std::net::TcpListener;

/// The first descriptor that is handed over.
#[cfg(target_os = "linux")]
const FIRST: i32 = 3;

/// The socket that was handed over to listen at, if one was.
#[cfg(target_os = "linux")]
pub(super) fn socket(read: impl Fn(&str) -> Option<String>) -> io::Result<Option<TcpListener>> {
    use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
    let us = getpid();
    let Some(count) = handed(&read, us.as_raw_nonzero().get()) else {
        return Ok(None);
    };
    if count != 1 {
        let why = format!("{count} sockets were handed over, and one is listened at");
        return Err(io::Error::other(why));
    }
    // A number is turned into something owned by asking the system for a copy of it.
    let own = pidfd_open(us, PidfdFlags::empty())?;
    let listener = TcpListener::from(pidfd_getfd(own, FIRST, PidfdGetfdFlags::empty())?);
    // Something else than a socket of the internet has no such address.
    listener.local_addr()?;
    if !rustix::net::sockopt::socket_acceptconn(&listener)? {
        return Err(io::Error::other("what was handed over does not listen"));
    }
    listener.set_nonblocking(true)?;
    Ok(Some(listener))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn socket(_read: impl Fn(&str) -> Option<String>) -> io::Result<Option<TcpListener>> {
    Ok(None)
}

/// How many sockets were handed over to this process, and not to one that it came from.
#[cfg(target_os = "linux")]
fn handed(read: impl Fn(&str) -> Option<String>, us: i32) -> Option<u32> {
    let number = |name: &str| read(name)?.parse().ok();
    let to: u32 = number("LISTEN_PID")?;
    (i64::from(to) == i64::from(us)).then_some(())?;
    number("LISTEN_FDS").filter(|count| *count > 0)
}

/// Tells how we are: `READY=1`, `STOPPING=1`.
#[cfg(target_os = "linux")]
pub(super) fn tell(state: &str, read: impl Fn(&str) -> Option<String>) {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixDatagram};
    let Some(place) = read("NOTIFY_SOCKET").filter(|place| !place.is_empty()) else {
        return;
    };
    let address = match place.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name),
        None => SocketAddr::from_pathname(&place),
    };
    let told = address.and_then(|address| {
        let socket = UnixDatagram::unbound()?;
        // Nobody who answers waits for who does not read.
        socket.set_nonblocking(true)?;
        socket.send_to_addr(state.as_bytes(), &address)
    });
    if let Err(error) = told {
        tracing::warn!("systemd could not be told `{state}`: {error}");
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn tell(_state: &str, _read: impl Fn(&str) -> Option<String>) {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_handed_to_this_process_is_taken() {
        for (to, count, wanted) in [
            (Some("7"), Some("1"), Some(1)),
            (Some("7"), Some("2"), Some(2)),
            (Some("8"), Some("1"), None),
            (Some("7"), Some("0"), None),
            (Some("7"), Some("-1"), None),
            (Some("7"), None, None),
            (None, Some("1"), None),
            (Some(""), Some(""), None),
        ] {
            let read = |name: &str| {
                let value = if name == "LISTEN_PID" { to } else { count };
                value.map(ToOwned::to_owned)
            };
            assert_eq!(handed(read, 7), wanted, "{to:?} {count:?}");
        }
    }

    #[test]
    fn systemd_is_told_where_it_listens_and_nobody_else_is() {
        use std::os::linux::net::SocketAddrExt;
        use std::os::unix::net::{SocketAddr, UnixDatagram};
        let name = format!("hearsay-test-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        let socket = UnixDatagram::bind_addr(&address).unwrap();
        tell("READY=1", |_name| Some(format!("@{name}")));
        let mut heard = [0; 64];
        let count = socket.recv(&mut heard).unwrap();
        assert_eq!(&heard[..count], b"READY=1");
        tell("READY=1", |_name| None);
        tell("READY=1", |_name| Some("/nowhere/at/all".to_owned()));
    }
}
