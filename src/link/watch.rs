//! Notices what changes around the program: the machine slept, somebody set the clock, the network
//! came or went.
//!
//! Linux says so by itself, through two descriptors that cost nothing while nothing happens.
//! Everywhere the two clocks are compared whenever the line is awake for another reason.

use crate::core::time::{Moment, Wall};

/// Clocks that differ by so much more than before have not merely been adjusted.
const JUMP_MS: i64 = 3_000;

/// Compares the clocks. The monotonic one stands still while the machine sleeps.
#[derive(Debug, Default)]
pub(super) struct Drift {
    apart_ms: Option<i64>,
}

impl Drift {
    /// Whether one of the clocks has jumped since the last look.
    pub(super) fn jumped(&mut self, now: Moment, wall: Wall) -> bool {
        let passed = i64::try_from(now.0.as_millis()).unwrap_or(i64::MAX);
        let apart = wall.0.saturating_sub(passed);
        let before = self.apart_ms.replace(apart);
        before.is_some_and(|before| before.abs_diff(apart) > JUMP_MS.unsigned_abs())
    }
}

#[cfg(target_os = "linux")]
pub(super) use linux::Watch;

#[cfg(target_os = "linux")]
mod linux {
    use rustix::fd::OwnedFd;
    use rustix::io::Errno;
    use rustix::net::netlink::SocketAddrNetlink;
    use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, socket_with};
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use std::future::pending;
    use std::io;
    use tokio::net::unix::pipe::Receiver;

    /// Addresses and routes of both families: `RTMGRP_IPV4_IFADDR`, `RTMGRP_IPV4_ROUTE`,
    /// `RTMGRP_IPV6_IFADDR`, `RTMGRP_IPV6_ROUTE` of `linux/rtnetlink.h`.
    const CHANGES: u32 = 0x10 | 0x40 | 0x100 | 0x400;
    /// An alarm that nobody will live to hear, in seconds since 1970.
    const NEVER: i64 = 1 << 33;

    /// What the kernel tells of. A descriptor that it refuses is done without. Both are no pipes,
    /// but they are read like one.
    pub(in crate::link) struct Watch {
        /// Readable when an address or a route comes or goes.
        network: Option<Receiver>,
        /// Readable when the calendar jumps: it was set, or the machine has slept.
        clock: Option<Receiver>,
    }

    impl Watch {
        pub(in crate::link) fn new() -> Self {
            let listen = |fd| Receiver::from_owned_fd_unchecked(fd).ok();
            Self {
                network: network().ok().and_then(listen),
                clock: clock().ok().and_then(listen),
            }
        }

        /// Waits until something changes. Cancel-safe.
        pub(in crate::link) async fn changed(&self) {
            tokio::select! {
                () = told(self.network.as_ref()) => {}
                () = told(self.clock.as_ref()) => {}
            }
        }
    }

    fn network() -> Result<OwnedFd, Errno> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        // Its default protocol is the one that tells of routes.
        let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, None)?;
        bind(&socket, &SocketAddrNetlink::new(0, CHANGES))?;
        Ok(socket)
    }

    fn clock() -> Result<OwnedFd, Errno> {
        let flags = TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK;
        let timer = timerfd_create(TimerfdClockId::Realtime, flags)?;
        let moment = |tv_sec| Timespec { tv_sec, tv_nsec: 0 };
        let alarm = Itimerspec {
            it_interval: moment(0),
            it_value: moment(NEVER),
        };
        // The alarm is not what is waited for, but that the kernel cancels it.
        let flags = TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET;
        timerfd_settime(&timer, flags, &alarm)?;
        Ok(timer)
    }

    /// Waits until the kernel tells something, and takes all that it has told.
    async fn told(teller: Option<&Receiver>) {
        let Some(teller) = teller else {
            return pending().await;
        };
        let mut found = false;
        while !found {
            if teller.readable().await.is_err() {
                return pending().await;
            }
            loop {
                match teller.try_read(&mut [0; 4096]) {
                    Ok(1..) => found = true,
                    // More was told than there was room for, or the alarm is cancelled.
                    Err(e) if is(&e, Errno::NOBUFS) || is(&e, Errno::CANCELED) => found = true,
                    Err(e) if e.kind() == io::ErrorKind::WouldBlock => break,
                    // It will tell nothing any more.
                    Ok(0) | Err(_) => return pending().await,
                }
            }
        }
    }

    fn is(error: &io::Error, errno: Errno) -> bool {
        error.raw_os_error() == Some(errno.raw_os_error())
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) struct Watch;

#[cfg(not(target_os = "linux"))]
impl Watch {
    pub(super) fn new() -> Self {
        Self
    }

    /// Nobody tells: see [`Drift`].
    pub(super) async fn changed(&self) {
        std::future::pending().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_that_slept_and_a_clock_that_was_set_are_noticed_once() {
        let mut drift = Drift::default();
        for (passed_ms, wall_ms, expected) in [
            (0, 1_000_000, false),
            (10_000, 1_010_000, false),
            // A clock that is adjusted bit by bit.
            (20_000, 1_022_500, false),
            (30_000, 1_035_000, false),
            // Ninety seconds of sleep.
            (31_000, 1_126_000, true),
            (32_000, 1_127_000, false),
            // An hour back, and an hour on.
            (33_000, -2_472_000, true),
            (34_000, 1_129_000, true),
            (35_000, 1_130_000, false),
        ] {
            let found = drift.jumped(Moment::from_ms(passed_ms), Wall(wall_ms));
            assert_eq!(found, expected, "{passed_ms}");
        }
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_quiet_machine_tells_nothing() {
        let watch = Watch::new();
        tokio::select! {
            biased;
            () = watch.changed() => panic!("what changed?"),
            () = tokio::task::yield_now() => {}
        }
    }
}
