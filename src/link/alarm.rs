//! Wakes the line at a moment.
//!
//! The timers of the runtime wake the process up to three times for a moment that is seconds away,
//! because they sort moments by coarseness. An idle line should cost as little as possible, so on
//! Linux the kernel is asked to wake us, once.

use super::clock::Clock;
use crate::core::time::Moment;
use std::future::pending;
use tokio::time::sleep_until;

/// So near, the timers of the runtime do no worse.
#[cfg(target_os = "linux")]
const NEAR: std::time::Duration = std::time::Duration::from_millis(64);

/// Waits for moments, one at a time.
pub(super) struct Alarm {
    clock: Clock,
    #[cfg(target_os = "linux")]
    kernel: Option<linux::Timer>,
}

impl Alarm {
    /// For a clock that is real, the kernel's timer; where it has none left, and for the paused
    /// time of tests, the runtime's.
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            #[cfg(target_os = "linux")]
            kernel: clock.is_real().then(linux::Timer::new).flatten(),
        }
    }

    /// Waits for a moment; for ever if there is none. Cancel-safe.
    pub(super) async fn at(&self, moment: Option<Moment>) {
        let Some(moment) = moment else {
            return pending().await;
        };
        #[cfg(target_os = "linux")]
        if let Some(kernel) = &self.kernel
            && let wait = moment.since(self.clock.now())
            && wait > NEAR
            && kernel.after(wait).await.is_ok()
        {
            return;
        }
        sleep_until(self.clock.instant(moment)).await;
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use rustix::fd::{AsFd, OwnedFd};
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use std::io;
    use std::time::Duration;
    use tokio::net::unix::pipe::Receiver;

    /// A timer of the kernel. It is no pipe, but it is read like one.
    pub(super) struct Timer(Receiver);

    impl Timer {
        pub(super) fn new() -> Option<Self> {
            let flags = TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK;
            let timer: OwnedFd = timerfd_create(TimerfdClockId::Monotonic, flags).ok()?;
            Receiver::from_owned_fd_unchecked(timer).ok().map(Self)
        }

        /// Waits so long. Setting the time anew forgets the time before.
        pub(super) async fn after(&self, wait: Duration) -> io::Result<()> {
            let moment = |time: Duration| Timespec {
                tv_sec: time.as_secs().try_into().unwrap_or(i64::MAX),
                tv_nsec: time.subsec_nanos().into(),
            };
            let once = Itimerspec {
                it_interval: moment(Duration::ZERO),
                it_value: moment(wait),
            };
            timerfd_settime(self.0.as_fd(), TimerfdTimerFlags::empty(), &once)?;
            loop {
                self.0.readable().await?;
                match self.0.try_read(&mut [0; 8]) {
                    Ok(_) => return Ok(()),
                    Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                    Err(e) => return Err(e),
                }
            }
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::core::time::Wall;
    use tokio::time::Instant;

    #[tokio::test]
    async fn a_real_clock_is_waited_for_and_a_moment_that_has_passed_is_not() {
        let clock = Clock::real(Instant::now(), || Wall(0));
        let alarm = Alarm::new(clock);
        for ms in [100, 0, 5, 200] {
            alarm.at(Some(Moment::from_ms(ms))).await;
            assert!(clock.now() >= Moment::from_ms(ms));
        }
        // One that was given up says nothing to the next.
        let soon = alarm.at(Some(Moment::from_ms(300)));
        tokio::select! {
            biased;
            () = soon => panic!("too soon"),
            () = tokio::task::yield_now() => {}
        }
        alarm.at(Some(Moment::from_ms(400))).await;
        assert!(clock.now() >= Moment::from_ms(400));
    }
}
