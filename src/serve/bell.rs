//! Rings the timers of the store when they are due.
//!
//! The store is asked when something may have changed, and sleeps are as long as the next timer
//! allows: nothing wakes up to look around. Other programs may ring timers of the same store;
//! whoever takes a timer off it rings it.

use crate::core::desk::Timer;
use crate::core::time::Wall;
use crate::core::words::{Lang, Word, fill};
use crate::mind::tools::Clock;
use crate::store::{Handle, StoreError};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, broadcast, watch};
use tokio::time::{Instant, sleep_until};

/// Rings that may wait for a client that does not read; the oldest are lost beyond them.
const RINGS: usize = 64;

/// A timer that rings later than this says when it was due.
const LATE: Duration = Duration::from_secs(30);

/// What the rest of the backend holds of the bell.
pub(super) struct Bell {
    /// Something happened after which the timers are worth a look.
    pub(super) look: Arc<Notify>,
    rings: broadcast::Sender<Arc<str>>,
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
    pub(super) fn listen(&self) -> broadcast::Receiver<Arc<str>> {
        let rings = self.rings.subscribe();
        self.look.notify_one();
        rings
    }

    /// The task that rings; it ends when the other end of `closing` is dropped.
    pub(super) fn ringing(
        &self,
        store: Handle,
        clock: Clock,
        lang: Lang,
        mut closing: watch::Receiver<()>,
    ) -> impl Future<Output = ()> + use<> {
        let (look, rings, on) = (Arc::clone(&self.look), self.rings.clone(), self.on);
        async move {
            loop {
                // Nobody is told anything while nobody listens; the timers wait in the store.
                let next = if on && rings.receiver_count() > 0 {
                    ring_due(&store, &clock, lang, &rings).await
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
    store: &Handle,
    clock: &Clock,
    lang: Lang,
    rings: &broadcast::Sender<Arc<str>>,
) -> Option<Wall> {
    let now = Wall(clock().timestamp().as_millisecond());
    let outcome = store.run(move |store| {
        let mut taken = vec![];
        for timer in store.timers_due(now)? {
            // Of two programs that see it due, one takes it away.
            if store.remove_timer(timer.id)? {
                taken.push(timer);
            }
        }
        let next = store.timers()?.first().map(|timer| timer.due);
        Ok((taken, next))
    });
    match outcome.await.unwrap_or(Err(StoreError::Closed)) {
        Ok((taken, next)) => {
            for timer in taken {
                let label = label(timer, now, clock, lang);
                // The last listener may have just gone.
                let _ = rings.send(label.into());
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

/// What the timer is called, and when it was due if that is a while ago.
fn label(timer: Timer, now: Wall, clock: &Clock, lang: Lang) -> String {
    let late = now.0.saturating_sub(timer.due.0);
    if u128::try_from(late).unwrap_or(0) <= LATE.as_millis() {
        return timer.label;
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
    let due = due.strftime(form).to_string();
    fill(Word::TimerMissed.text(lang), &[&timer.label, &due])
}

async fn until(due: Option<Wall>, clock: &Clock) {
    let Some(due) = due else {
        return std::future::pending().await;
    };
    let left = due.0.saturating_sub(clock().timestamp().as_millisecond());
    sleep_until(Instant::now() + Duration::from_millis(u64::try_from(left).unwrap_or(0))).await;
}
