//! What may be under way for a client: an answer, words that are read aloud, a recording that is
//! heard. Each is a part of its connection's task, works whenever it can, and ends with it.

use super::hear::Recording;
use super::speak::Speaker;
use super::turn::Turn;
use crate::wire::yychat::frames::{Ids, ServerFrame};
use std::task::{Context, Poll};

/// What leaves for a client.
pub(super) enum Out {
    Frame(Box<ServerFrame>),
    /// A frame without text.
    Sound(Vec<u8>),
}

impl From<ServerFrame> for Out {
    fn from(frame: ServerFrame) -> Self {
        Self::Frame(Box::new(frame))
    }
}

impl Out {
    /// Is it a guess at words?
    pub(super) fn is_partial(&self) -> bool {
        matches!(self, Self::Frame(frame)
            if matches!(**frame, ServerFrame::TranscriptionPartial { .. }))
    }
}

/// Something that is under way.
pub(super) enum Job {
    Turn(Box<Turn>),
    Reading(Box<Speaker>),
    Recording(Box<Recording>),
}

impl Job {
    pub(super) fn ids(&self) -> &Ids {
        match self {
            Self::Turn(turn) => &turn.ids,
            Self::Reading(speaker) => &speaker.ids,
            Self::Recording(recording) => &recording.ids,
        }
    }

    /// Is it about the message of that name?
    pub(super) fn is(&self, message_id: &str) -> bool {
        self.ids().message_id.as_deref() == Some(message_id)
    }

    /// Does it belong to that conversation?
    pub(super) fn is_in(&self, conversation: &str) -> bool {
        self.ids().session_id.as_deref() == Some(conversation)
    }

    /// Is it the answer to something that was said in a call?
    pub(super) fn is_said_in_call(&self) -> bool {
        matches!(self, Self::Turn(turn) if turn.is_in_call())
    }

    /// Does it belong to a call?
    pub(super) fn of_call(&self) -> bool {
        self.is_said_in_call() || matches!(self, Self::Recording(recording) if recording.of_call)
    }

    pub(super) fn recording(&mut self) -> Option<&mut Recording> {
        match self {
            Self::Recording(recording) => Some(recording),
            Self::Turn(_) | Self::Reading(_) => None,
        }
    }

    /// Goes on, whether anybody reads or not.
    pub(super) fn poll_work(&mut self, context: &mut Context<'_>) {
        match self {
            Self::Turn(turn) => turn.poll_work(context),
            Self::Reading(speaker) => speaker.poll_work(context),
            Self::Recording(recording) => recording.poll_work(context),
        }
    }

    /// The next frame; `None` when there are no more.
    pub(super) fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<Out>> {
        match self {
            Self::Turn(turn) => turn.poll_frame(context),
            Self::Reading(speaker) => speaker.poll_frame(context),
            Self::Recording(recording) => recording.poll_frame(context),
        }
    }
}
