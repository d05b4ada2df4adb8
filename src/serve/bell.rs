//! Rings the timers of the store when they are due.
//!
//! The store is asked when something may have changed, and sleeps are as long as the next timer
//! allows: nothing wakes up to look around. Other programs may ring timers of the same store;
//! whoever takes a timer off it rings it.

use crate::core::desk::Timer;
use crate::core::time::Wall;
use crate::core::words::{Lang, Word, fill};
use crate::mind::tools::Clock;
use crate::store::{Archive, StoreError};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, broadcast, watch};
use tokio::time::{Instant, sleep_until};

/// Rings that may wait for a client that does not read; the oldest are lost beyond them.
const RINGS: usize = 64;

/// A timer that rings later than this says when it was due.
const LATE: Duration = Duration::from_secs(30);

/// A timer that rings.
#[derive(Debug)]
pub(super) struct Ring {
    label: String,
    /// When it was due, if that is a while ago.
    missed: Option<String>,
}

impl Ring {
    /// What it is called, and that it was missed.
    pub(super) fn tell(&self, lang: Lang) -> String {
        match &self.missed {
            Some(due) => fill(Word::TimerMissed.text(lang), &[&self.label, due]),
            None => self.label.clone(),
        }
    }
}

/// What the rest of the backend holds of the bell.
pub(super) struct Bell {
    /// Something happened after which the timers are worth a look.
    pub(super) look: Arc<Notify>,
    rings: broadcast::Sender<Arc<Ring>>,
    pub(super) on: bool,
}

impl Bell {
    pub(super) fn new(on: bool) -> Self {
        Self {
            on,
            look: Arc::default(),
            rings: broadcast::Sender::new(RINGS),
        }
    }

    /// Hears every ring from now on. Timers that are overdue ring for the first who listens.
    pub(super) fn listen(&self) -> broadcast::Receiver<Arc<Ring>> {
        let rings = self.rings.subscribe();
        self.look.notify_one();
        rings
    }

    /// The task that rings; it ends when the other end of `closing` says anything or is dropped.
    pub(super) fn ringing<T>(
        &self,
        store: Archive,
        clock: Clock,
        mut closing: watch::Receiver<T>,
    ) -> impl Future<Output = ()> + use<T> {
        let (look, rings, on) = (Arc::clone(&self.look), self.rings.clone(), self.on);
        async move {
            loop {
                // Nobody is told anything while nobody listens; the timers wait in the store.
                let next = if on && rings.receiver_count() > 0 {
                    ring_due(&store, &clock, &rings).await
                } else {
                    None
                };
                tokio::select! {
                    _ = closing.changed() => return,
                    () = look.notified() => {}
                    () = until(next, &clock) => {}
                }
            }
        }
    }
}

/// Rings what is due, and says when the next one will be.
async fn ring_due(
    store: &Archive,
    clock: &Clock,
    rings: &broadcast::Sender<Arc<Ring>>,
) -> Option<Wall> {
    let now = Wall(clock().timestamp().as_millisecond());
    match store.take_due(now).await {
        Ok((taken, next)) => {
            for timer in taken {
                let missed = missed(&timer, now, clock);
                let label = timer.label.clone();
                let ring = Ring { label, missed };
                if rings.send(Arc::new(ring)).is_err() {
                    // The last listener has just gone: it waits for the next one.
                    put_back(store, timer);
                }
            }
            next
        }
        Err(StoreError::Closed) => None,
        Err(error) => {
            tracing::warn!("timers cannot ring: {error}");
            None
        }
    }
}

/// Keeps a timer that nobody heard.
fn put_back(store: &Archive, timer: Timer) {
    let Timer {
        label,
        due,
        created,
        ..
    } = timer;
    // It is done in its time, and before the next look.
    drop(store.add_timer(label, due, created));
}

/// When a timer was due, if that is a while ago.
fn missed(timer: &Timer, now: Wall, clock: &Clock) -> Option<String> {
    let late = now.0.saturating_sub(timer.due.0);
    if u128::try_from(late).unwrap_or(0) <= LATE.as_millis() {
        return None;
    }
    let here = clock();
    let due = Timestamp::from_millisecond(timer.due.0)
        .unwrap_or_default()
        .to_zoned(here.time_zone().clone());
    let form = if due.date() == here.date() {
        "%H:%M"
    } else {
        "%Y-%m-%d %H:%M"
    };
    Some(due.strftime(form).to_string())
}

async fn until(due: Option<Wall>, clock: &Clock) {
    let Some(due) = due else {
        return std::future::pending().await;
    };
    let left = due.0.saturating_sub(clock().timestamp().as_millisecond());
    sleep_until(Instant::now() + Duration::from_millis(u64::try_from(left).unwrap_or(0))).await;
}

#[cfg(test)]
mod tests {
    use super::super::tests::rig::{self, START, clock};
    use super::*;

    #[tokio::test]
    async fn a_timer_that_nobody_hears_waits_for_whoever_comes_next() {
        let store = Archive::from(rig::store().0);
        let due = Wall(START - 1);
        let set = store.add_timer("tea".to_owned(), due, Wall(0));
        set.await.unwrap();
        let rings = broadcast::Sender::new(RINGS);
        assert_eq!(ring_due(&store, &clock(), &rings).await, None);
        let mut listener = rings.subscribe();
        assert_eq!(ring_due(&store, &clock(), &rings).await, None);
        assert_eq!(listener.recv().await.unwrap().tell(Lang::En), "tea");
    }
}
