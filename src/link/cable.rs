//! What there is of a socket: nothing, an attempt, or an open one. Nothing in here waits, except
//! for news, and waiting for news can be broken off at any time.

use super::connect::{Connecting, Failure, Opened, Socket};
use super::count::Moved;
use futures_util::{Sink, Stream};
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use tokio_tungstenite::tungstenite::{Error, Message};

/// What there is of a socket.
pub(super) enum Cable {
    None,
    Connecting(Connecting),
    Open {
        socket: Socket,
        /// So many bytes were written since nothing waited to leave.
        waiting: usize,
    },
}

/// What the wire has to tell.
pub(super) enum News {
    Connected(Result<Opened, Failure>),
    Message(Message),
    /// Everything that was written has left.
    Flushed,
    Broken(Error),
    /// The peer let go of the connection.
    End,
}

impl Cable {
    /// Waits for news. Cancel-safe: whatever is half read or half written stays in the socket.
    pub(super) async fn news(&mut self, read: bool) -> News {
        poll_fn(|context| self.poll(context, read)).await
    }

    /// News that can be had without waiting.
    pub(super) async fn news_now(&mut self) -> Option<News> {
        poll_fn(|context| {
            Poll::Ready(match self.poll(context, true) {
                Poll::Ready(news) => Some(news),
                Poll::Pending => None,
            })
        })
        .await
    }

    fn poll(&mut self, context: &mut Context<'_>, read: bool) -> Poll<News> {
        match self {
            Self::None => Poll::Pending,
            Self::Connecting(connecting) => connecting.as_mut().poll(context).map(News::Connected),
            Self::Open { socket, waiting } => {
                if *waiting > 0 {
                    match Pin::new(&mut **socket).poll_flush(context) {
                        Poll::Ready(Ok(())) => {
                            *waiting = 0;
                            return Poll::Ready(News::Flushed);
                        }
                        Poll::Ready(Err(error)) => return Poll::Ready(News::Broken(error)),
                        Poll::Pending => {}
                    }
                }
                if !read {
                    return Poll::Pending;
                }
                Poll::Ready(match ready!(Pin::new(&mut **socket).poll_next(context)) {
                    Some(Ok(message)) => News::Message(message),
                    Some(Err(error)) => News::Broken(error),
                    None => News::End,
                })
            }
        }
    }

    /// Hands a message to the socket without waiting; `false` if it will never arrive, because
    /// nobody listens or it and what waits to leave are more than `most` bytes. What does not fit
    /// into the network's buffers at once is flushed while we listen.
    pub(super) fn send(&mut self, message: Message, most: usize) -> bool {
        let Self::Open { socket, waiting } = self else {
            return false;
        };
        // The head of a message counts, too: what is written is never nothing.
        let more = waiting.saturating_add(message.len()).saturating_add(1);
        let taken = more <= most && Pin::new(&mut **socket).start_send(message).is_ok();
        if taken {
            *waiting = more;
        }
        taken
    }

    /// Nothing waits to leave: what is sent now takes no memory for longer than the peer needs.
    pub(super) fn is_flushed(&self) -> bool {
        !matches!(self, Self::Open { waiting: 1.., .. })
    }

    /// How many bytes have moved since this was asked last.
    pub(super) fn moved(&mut self) -> Moved {
        match self {
            Self::Open { socket, .. } => socket.get_mut().take(),
            Self::None | Self::Connecting(_) => Moved::default(),
        }
    }

    /// Drops the socket after a last attempt to write what is left: the answer to a goodbye.
    pub(super) fn let_go(&mut self) {
        if let Self::Open { socket, .. } = self {
            let mut context = Context::from_waker(Waker::noop());
            // If the peer no longer reads there is nobody to miss it.
            let _ = Pin::new(&mut **socket).poll_flush(&mut context);
        }
        *self = Self::None;
    }
}
