//! Counts what happens at the backend, for whoever asks how it is.

use crate::core::words::{Lang, Word, fill};
use crate::mind::tools::Clock;
use serde_json::{Map, Value, json};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The figures of one backend. Each is right by itself; together they are a moment apart at most.
pub(super) struct Figures {
    clock: Clock,
    started_ms: i64,
    connections: AtomicU64,
    active: AtomicU64,
    messages: AtomicU64,
    answering: AtomicU64,
}

impl Figures {
    pub(super) fn new(clock: Clock) -> Self {
        let started_ms = clock().timestamp().as_millisecond();
        Self {
            clock,
            started_ms,
            connections: AtomicU64::new(0),
            active: AtomicU64::new(0),
            messages: AtomicU64::new(0),
            answering: AtomicU64::new(0),
        }
    }

    /// A client has come.
    pub(super) fn came(&self) {
        self.connections.fetch_add(1, Relaxed);
        self.active.fetch_add(1, Relaxed);
    }

    /// A client has gone.
    pub(super) fn went(&self) {
        self.active.fetch_sub(1, Relaxed);
    }

    /// A frame was read.
    pub(super) fn read(&self) {
        self.messages.fetch_add(1, Relaxed);
    }

    /// A turn begins.
    pub(super) fn begins(&self) {
        self.answering.fetch_add(1, Relaxed);
    }

    /// A turn is over.
    pub(super) fn ends(&self) {
        self.answering.fetch_sub(1, Relaxed);
    }

    fn uptime_ms(&self) -> i64 {
        let now = (self.clock)().timestamp().as_millisecond();
        // The clock may have been set back meanwhile.
        now.saturating_sub(self.started_ms).max(0)
    }

    /// The figures as `status_response` carries them.
    pub(super) fn data(&self, conversations: usize) -> Map<String, Value> {
        let data = json!({
            "total_connections": self.connections.load(Relaxed),
            "active_connections": self.active.load(Relaxed),
            "total_messages": self.messages.load(Relaxed),
            "answering": self.answering.load(Relaxed),
            "conversations": conversations,
            "uptime": self.uptime_ms() as f64 / 1000.0,
        });
        match data {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }

    /// The figures as a sentence.
    pub(super) fn tell(&self, lang: Lang) -> String {
        let seconds = self.uptime_ms() / 1000;
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        let uptime = if hours > 0 {
            format!("{hours} h {minutes} min")
        } else if minutes > 0 {
            format!("{minutes} min")
        } else {
            format!("{seconds} s")
        };
        let active = self.active.load(Relaxed).to_string();
        let messages = self.messages.load(Relaxed).to_string();
        fill(
            Word::BackendFigures.text(lang),
            &[&uptime, &active, &messages],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::{Timestamp, tz::TimeZone};
    use std::sync::Arc;
    use std::sync::atomic::AtomicI64;

    #[test]
    fn a_clock_that_is_set_back_makes_no_time_negative() {
        let now = Arc::new(AtomicI64::new(1_000_000));
        let told = Arc::clone(&now);
        let clock: Clock = Arc::new(move || {
            let now = Timestamp::from_millisecond(told.load(Relaxed)).unwrap();
            now.to_zoned(TimeZone::UTC)
        });
        let figures = Figures::new(clock);
        for (moment, uptime) in [(400_000, 0.0), (1_090_000, 90.0)] {
            now.store(moment, Relaxed);
            assert_eq!(figures.data(0)["uptime"], uptime);
        }
    }
}
