//! `--trace FILE`: JSON lines with the moment of everything that matters for speed.
//!
//! Moments are seconds on the system's monotonic clock, the same one other programs read, so
//! that figures can be taken from outside. Without the flag nothing here runs.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::Instant;

/// Where moments go.
pub struct Trace {
    file: BufWriter<File>,
    /// The system's monotonic clock at `base`.
    base_seconds: f64,
    base: Instant,
}

impl Trace {
    /// Starts a trace; the file is readable by its owner only.
    #[expect(
        clippy::disallowed_methods,
        reason = "a trace is made of readings of the clock"
    )]
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = BufWriter::new(super::record::private(path)?);
        Ok(Self {
            file,
            base_seconds: monotonic_seconds(),
            base: Instant::now(),
        })
    }

    /// Notes that something happened now. A trace that cannot be written any more falls silent:
    /// measuring must not stop the conversation.
    #[expect(
        clippy::disallowed_methods,
        reason = "a trace is made of readings of the clock"
    )]
    pub fn note(&mut self, what: &str, detail: &str) {
        let at = self.base_seconds + Instant::now().duration_since(self.base).as_secs_f64();
        let line = serde_json::json!({ "at": at, "what": what, "detail": detail });
        let _ = writeln!(self.file, "{line}").and_then(|()| self.file.flush());
    }
}

#[cfg(target_os = "linux")]
fn monotonic_seconds() -> f64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}

/// Elsewhere the standard library's monotonic clock cannot be read as a number: moments count
/// from the start of the trace.
#[cfg(not(target_os = "linux"))]
fn monotonic_seconds() -> f64 {
    0.0
}
