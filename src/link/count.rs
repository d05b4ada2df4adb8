//! Counts the bytes that move through a stream. A large message on a slow line is life long before
//! it is complete.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// So many bytes have moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// To us.
    pub read: usize,
    /// From us into the system's buffers, whether or not they ever leave them.
    pub written: usize,
    /// From us into buffers that had been full: the peer has taken what was there before.
    pub drained: usize,
}

/// A stream that counts.
pub(super) struct Counted<S> {
    stream: S,
    moved: Moved,
    full: bool,
}

impl<S> Counted<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            moved: Moved::default(),
            full: false,
        }
    }

    /// What has moved since this was asked last.
    pub(super) fn take(&mut self) -> Moved {
        std::mem::take(&mut self.moved)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        self.moved.read += buffer.filled().len() - before;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        let was_full = std::mem::replace(&mut self.full, polled.is_pending());
        let written = ready!(polled)?;
        self.moved.written += written;
        if was_full {
            self.moved.drained += written;
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
