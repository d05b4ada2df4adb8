//! What a client is told of what others say in the conversation it has open.

use super::super::rooms::{self, Listening};
use super::Client;
use crate::wire::yychat::frames::ServerFrame;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Whether a client listens to others.
#[derive(Default)]
pub(super) enum Share {
    #[default]
    Not,
    /// What was said before is being looked up.
    Joins(Pin<Box<dyn Future<Output = Listening> + Send>>),
    Listens(Listening),
}

impl Client {
    /// Listens to this conversation from here on, and to no other; or to none.
    pub(in super::super) fn join(&mut self, conversation: Option<String>) {
        self.share = match conversation.filter(|_| self.house.served.elsewhere) {
            Some(conversation) => self.joins(conversation),
            None => Share::Not,
        };
    }

    fn joins(&self, conversation: String) -> Share {
        let house = Arc::clone(&self.house);
        Share::Joins(Box::pin(rooms::listen(
            house,
            conversation,
            self.id.clone(),
        )))
    }

    /// What others said.
    pub(super) fn poll_shared(&mut self, context: &mut Context<'_>) -> Poll<ServerFrame> {
        loop {
            match &mut self.share {
                Share::Not => return Poll::Pending,
                Share::Joins(joins) => match joins.as_mut().poll(context) {
                    Poll::Ready(listening) => self.share = Share::Listens(listening),
                    Poll::Pending => return Poll::Pending,
                },
                Share::Listens(listening) => match listening.poll_news(context) {
                    Poll::Ready(Some(frame)) => return Poll::Ready(frame),
                    Poll::Ready(None) => {
                        let conversation = listening.conversation().to_owned();
                        self.share = self.joins(conversation);
                    }
                    Poll::Pending => return Poll::Pending,
                },
            }
        }
    }
}
