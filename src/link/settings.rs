//! How patient the link is.

use std::time::Duration;

/// Limits of one line. Every one of them is a plain value, so that `config` can set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkSettings {
    /// From dialing to an open connection, encryption and upgrade included.
    pub connect_timeout: Duration,
    /// From the open connection to the backend's first word.
    pub greeting_timeout: Duration,
    /// Between two signs of life in the backend's own language. Some servers hang up on a client
    /// that only pings.
    pub heartbeat: Duration,
    /// After this much silence we ask whether anybody is there.
    pub ping_after: Duration,
    /// When nothing at all comes back for this long, the line is dead. A line that has shown to
    /// be slow is given up to four times as much.
    pub pong_timeout: Duration,
    /// How long the peer may take to confirm that we hung up.
    pub close_timeout: Duration,
    /// A line that ends sooner than this after its greeting, and without an answer, did not work.
    pub steady: Duration,
    /// Dial again by itself after a loss.
    pub reconnect: bool,
    /// How many times to dial in a row without a greeting; 0 never gives up.
    pub attempts: u32,
    /// The second retry waits this long, every later one twice as long as the one before.
    pub backoff: Duration,
    /// No retry waits longer than this, unless the backend asks for more.
    pub backoff_cap: Duration,
    /// Where the jitter of the waiting times comes from.
    pub seed: u64,
    /// The largest message that is read or sent, in bytes.
    pub max_message: usize,
    /// The same for a recording that a backend wants in one message.
    pub max_recording: usize,
}

impl Default for LinkSettings {
    /// Finds a dead line within 15 s.
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(8),
            greeting_timeout: Duration::from_secs(10),
            heartbeat: Duration::from_secs(30),
            ping_after: Duration::from_secs(10),
            pong_timeout: Duration::from_secs(5),
            close_timeout: Duration::from_secs(2),
            steady: Duration::from_secs(2),
            reconnect: true,
            attempts: 5,
            backoff: Duration::from_secs(1),
            backoff_cap: Duration::from_mins(1),
            seed: 0,
            max_message: 16 << 20,
            // 25 MB in base64.
            max_recording: 34 << 20,
        }
    }
}

impl LinkSettings {
    /// For a backend in the same process: the answered heartbeats keep the line from ever being
    /// silent long enough for a ping, so an idle line wakes us twice per heartbeat and no more.
    #[must_use]
    pub fn embedded(self) -> Self {
        Self {
            ping_after: self.heartbeat + self.heartbeat / 2,
            ..self
        }
    }
}
