//! Bounds what a server of tools may say: how long a message is, how much comes in a while.
//!
//! A server that exceeds this is hung up on, with a reason. What it says within these bounds is
//! read by the library, which keeps at most one message at a time.

use rmcp::RoleClient;
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::Instant;

/// The longest message.
pub(super) const MESSAGE: usize = 4 << 20;
/// What may come within a [`WHILE`]: bytes, and messages.
const BYTES: usize = 64 << 20;
const MESSAGES: usize = 2_000;
const WHILE: Duration = Duration::from_secs(10);

/// Why a server was hung up on, once it was.
pub(super) type Verdict = Arc<OnceLock<&'static str>>;

/// So much in a while, and no more.
#[derive(Debug)]
struct Allowance {
    most: usize,
    used: usize,
    until: Instant,
}

impl Allowance {
    fn new(most: usize, now: Instant) -> Self {
        Self {
            most,
            used: 0,
            until: now + WHILE,
        }
    }

    /// Uses so much of it; `false` once it is used up.
    fn take(&mut self, count: usize, now: Instant) -> bool {
        if now >= self.until {
            *self = Self::new(self.most, now);
        }
        self.used = self.used.saturating_add(count);
        self.used <= self.most
    }
}

/// Reads no more than is allowed, and then nothing.
pub(super) struct Meter<R> {
    inner: R,
    bytes: Allowance,
    /// How long the line is that is being read.
    line: usize,
    verdict: Verdict,
}

impl<R> Meter<R> {
    pub(super) fn new(inner: R, verdict: Verdict) -> Self {
        Self {
            inner,
            bytes: Allowance::new(BYTES, Instant::now()),
            line: 0,
            verdict,
        }
    }

    fn judge(&mut self, new: &[u8]) -> Result<(), &'static str> {
        let mut parts = new.split(|byte| *byte == b'\n');
        let first = parts.next().map_or(0, <[u8]>::len);
        let mut longest = self.line + first;
        self.line = longest;
        for part in parts {
            self.line = part.len();
            longest = longest.max(self.line);
        }
        if longest > MESSAGE {
            return Err("a message of more than 4 MiB");
        }
        if !self.bytes.take(new.len(), Instant::now()) {
            return Err("more than 64 MiB in 10 s");
        }
        Ok(())
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Meter<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(context, buffer))?;
        let new = buffer.filled().get(before..).unwrap_or_default();
        let Err(why) = self.judge(new) else {
            return Poll::Ready(Ok(()));
        };
        // A reading that fails has read nothing.
        buffer.set_filled(before);
        let _first_reason_counts = self.verdict.set(why);
        Poll::Ready(Err(io::Error::other(why)))
    }
}

/// Hands on no more messages than are allowed, and then none.
pub(super) struct Gate<T> {
    inner: T,
    messages: Allowance,
    verdict: Verdict,
}

impl<T> Gate<T> {
    pub(super) fn new(inner: T, verdict: Verdict) -> Self {
        Self {
            inner,
            messages: Allowance::new(MESSAGES, Instant::now()),
            verdict,
        }
    }
}

impl<T: Transport<RoleClient>> Transport<RoleClient> for Gate<T> {
    type Error = T::Error;

    fn send(
        &mut self,
        message: TxJsonRpcMessage<RoleClient>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        self.inner.send(message)
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleClient>> {
        // Cancel-safe as the inner one is: nothing is held here across the wait.
        let message = self.inner.receive().await?;
        if self.messages.take(1, Instant::now()) {
            return Some(message);
        }
        let _first_reason_counts = self.verdict.set("more than 2000 messages in 10 s");
        None
    }

    fn close(&mut self) -> impl Future<Output = Result<(), Self::Error>> + Send {
        self.inner.close()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;

    #[tokio::test(start_paused = true)]
    async fn an_allowance_is_for_a_while_and_comes_back() {
        let now = Instant::now();
        let mut allowance = Allowance::new(3, now);
        assert!(allowance.take(3, now));
        assert!(!allowance.take(1, now + WHILE / 2));
        assert!(allowance.take(3, now + WHILE));
        assert!(!allowance.take(usize::MAX, now + WHILE));
    }

    #[tokio::test(start_paused = true)]
    async fn long_lines_and_too_many_bytes_end_the_reading_with_a_reason() {
        let line = |length: usize| [vec![b'x'; length], vec![b'\n']].concat();
        for (said, why) in [
            (line(MESSAGE), None),
            ([line(9), line(MESSAGE)].concat(), None),
            (line(MESSAGE + 1), Some("a message of more than 4 MiB")),
            (line(1 << 20).repeat(65), Some("more than 64 MiB in 10 s")),
        ] {
            let verdict = Verdict::default();
            let mut meter = Meter::new(said.as_slice(), Arc::clone(&verdict));
            let read = meter.read_to_end(&mut vec![]).await;
            assert_eq!(verdict.get().copied(), why);
            assert_eq!(read.is_err(), why.is_some());
        }
    }
}
