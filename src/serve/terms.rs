//! On which terms clients are served: how much they may ask, and what is kept of it.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// The longest message that is carried out where nobody says another length: a megabyte of text,
/// with its escapes, and what was said before.
const LONGEST: usize = 2 << 20;

/// What one client may do.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    /// The longest message that is carried out, in bytes. Recordings have a limit of their own.
    pub longest: usize,
    /// Messages in a second, on average; `None`: as many as come.
    pub rate: Option<u32>,
    /// Who says nothing for so long, while nothing is under way, is hung up on.
    pub idle: Option<Duration>,
}

impl Default for Terms {
    /// Those of a client within this program.
    fn default() -> Self {
        Self {
            longest: LONGEST,
            rate: None,
            idle: None,
        }
    }
}

/// How a backend serves.
#[derive(Clone)]
pub struct Served {
    pub terms: Terms,
    /// Places for answers that are under way at the same time.
    pub places: Arc<Semaphore>,
    /// Its clients are somebody else: what they say is kept here, because nobody here keeps it
    /// otherwise, and what belongs to this machine they cannot allow themselves.
    pub elsewhere: bool,
}

impl Default for Served {
    fn default() -> Self {
        Self {
            terms: Terms::default(),
            places: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
            elsewhere: false,
        }
    }
}

/// Whether a backend begins anything new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Open,
    /// What is under way is finished.
    Closing,
}

/// Counts what comes against a rate: so many in a second, and twice as many at once. Pure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bucket {
    /// How many may come now.
    left: f64,
    at: Duration,
}

impl Bucket {
    pub(super) fn new(rate: u32, now: Duration) -> Self {
        Self {
            left: f64::from(rate) * 2.0,
            at: now,
        }
    }

    /// One more has come; `Err`: too soon by so long.
    pub(super) fn take(&mut self, rate: u32, now: Duration) -> Result<(), Duration> {
        let (rate, most) = (f64::from(rate), f64::from(rate) * 2.0);
        let since = now.saturating_sub(self.at).as_secs_f64();
        self.left = (self.left + since * rate).min(most);
        self.at = now.max(self.at);
        if self.left >= 1.0 {
            self.left -= 1.0;
            Ok(())
        } else {
            Err(Duration::from_secs_f64((1.0 - self.left) / rate))
        }
    }

    /// Is it as if nothing had ever come?
    pub(super) fn is_full(&self, rate: u32, now: Duration) -> bool {
        let since = now.saturating_sub(self.at).as_secs_f64();
        self.left + since * f64::from(rate) >= f64::from(rate) * 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_of_two_seconds_is_taken_and_then_the_rate_holds() {
        let ms = Duration::from_millis;
        let mut bucket = Bucket::new(10, ms(0));
        for _ in 0..20 {
            assert_eq!(bucket.take(10, ms(0)), Ok(()));
        }
        assert_eq!(bucket.take(10, ms(0)), Err(ms(100)));
        assert_eq!(bucket.take(10, ms(100)), Ok(()));
        assert!(bucket.take(10, ms(100)).is_err());
        // A clock that goes back gives nothing away.
        assert!(bucket.take(10, ms(50)).is_err());
        assert!(!bucket.is_full(10, ms(1_000)));
        assert!(bucket.is_full(10, ms(2_100)));
    }
}
