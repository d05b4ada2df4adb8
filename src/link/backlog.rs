//! Events that wait for a place in the program's queue. More text joins the text before it, so a
//! flood of tokens becomes few events, and what waits is bounded.

use crate::core::backend::{Down, News};
use crate::core::ids::Epoch;
use crate::core::line::LinkEvent;
use std::collections::VecDeque;
use tokio::sync::mpsc;

/// So many events may stand in line before the socket is no longer read.
pub(super) const BACKLOG: usize = 64;
/// So many bytes of text may stand in line before the socket is no longer read.
const BACKLOG_BYTES: usize = 256 * 1024;
/// Events that wait for a place in the queue, oldest first.
#[derive(Default)]
pub(super) struct Backlog {
    events: VecDeque<LinkEvent>,
    bytes: usize,
}

impl Backlog {
    pub(super) fn waits(&self) -> bool {
        !self.events.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.events.len() >= BACKLOG || self.bytes >= BACKLOG_BYTES
    }

    /// Adds an event. More text of the same turn joins the text before it: five thousand tokens
    /// that arrive at once are one event, not five thousand.
    pub(super) fn push(&mut self, event: LinkEvent) {
        self.bytes += weight(&event);
        if let Some((epoch, down)) = self.events.back_mut().and_then(heard)
            && let LinkEvent::Heard {
                epoch: its,
                down: more,
            } = &event
            && epoch == *its
            && join(down, more)
        {
            return;
        }
        self.events.push_back(event);
    }

    /// Passes the oldest event on.
    pub(super) fn hand_over(&mut self, slot: mpsc::Permit<'_, LinkEvent>) {
        if let Some(event) = self.pop() {
            slot.send(event);
        }
    }

    /// Takes the oldest event.
    pub(super) fn pop(&mut self) -> Option<LinkEvent> {
        let event = self.events.pop_front()?;
        self.bytes = self.bytes.saturating_sub(weight(&event));
        Some(event)
    }
}

fn heard(event: &mut LinkEvent) -> Option<(Epoch, &mut Down)> {
    match event {
        LinkEvent::Heard { epoch, down } => Some((*epoch, down)),
        LinkEvent::Line { .. }
        | LinkEvent::Elsewhere { .. }
        | LinkEvent::Unsent { .. }
        | LinkEvent::Unheard { .. } => None,
    }
}

/// Joins more text to the text before it, if both are of one turn and one kind.
fn join(down: &mut Down, next: &Down) -> bool {
    match (down, next) {
        (
            Down::Text { turn, more },
            Down::Text {
                turn: its,
                more: next,
            },
        )
        | (
            Down::Reasoning { turn, more },
            Down::Reasoning {
                turn: its,
                more: next,
            },
        ) if turn == its => {
            more.push_str(next);
            true
        }
        (
            Down::Shared {
                news: News::More { turn, more },
                ..
            },
            Down::Shared {
                news:
                    News::More {
                        turn: its,
                        more: next,
                    },
                ..
            },
        ) if turn == its => {
            more.push_str(next);
            true
        }
        _ => false,
    }
}

/// How many bytes of text an event holds, roughly.
fn weight(event: &LinkEvent) -> usize {
    match event {
        LinkEvent::Heard { down, .. } => match down {
            Down::Text { more, .. } | Down::Reasoning { more, .. } => more.len(),
            Down::Done { full, .. } => full.as_ref().map_or(0, String::len),
            Down::Ring { label } => label.len(),
            Down::Unreadable { why } => why.len(),
            Down::Tool { tool, .. } => {
                let outcome = tool.outcome.as_ref();
                tool.arguments.len() + outcome.map_or(0, |o| o.as_ref().unwrap_or_else(|e| e).len())
            }
            Down::Partial { text, .. } | Down::Transcript { text, .. } => text.len(),
            Down::Opens { heard, .. } => heard.as_ref().map_or(0, String::len),
            Down::Call(call) => call.arguments.len(),
            Down::Shared { news, .. } => match news {
                News::Question { text, .. }
                | News::Answer { text, .. }
                | News::More { more: text, .. } => text.len(),
                News::Forgotten => 0,
            },
            Down::Activation(activation) => activation.as_ref().map_or(0, |one| one.message.len()),
            Down::Greeting(_)
            | Down::Beat
            | Down::Began
            | Down::Hearing { .. }
            | Down::Speech(_)
            | Down::Thinking { .. }
            | Down::Loading { .. }
            | Down::Interrupted { .. }
            | Down::Trouble { .. }
            | Down::Errand { .. }
            | Down::Prompt(_)
            | Down::Tools(_)
            | Down::Brains(_)
            | Down::Offers { .. }
            | Down::Mood { .. }
            | Down::Status(_)
            | Down::Habits(_) => 0,
        },
        LinkEvent::Line { .. }
        | LinkEvent::Elsewhere { .. }
        | LinkEvent::Unsent { .. }
        | LinkEvent::Unheard { .. } => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::ids::TurnId;

    fn text(epoch: u64, turn: u128, more: &str) -> LinkEvent {
        LinkEvent::Heard {
            epoch: Epoch(epoch),
            down: Down::Text {
                turn: Some(TurnId(turn)),
                more: more.into(),
            },
        }
    }

    #[test]
    fn only_text_of_the_same_turn_and_life_is_joined() {
        let mut backlog = Backlog::default();
        let thinking = LinkEvent::Heard {
            epoch: Epoch(1),
            down: Down::Reasoning {
                turn: Some(TurnId(1)),
                more: "hm".into(),
            },
        };
        backlog.push(text(1, 1, "a"));
        backlog.push(text(1, 1, "b"));
        backlog.push(text(1, 2, "c"));
        backlog.push(text(2, 2, "d"));
        backlog.push(thinking.clone());
        backlog.push(text(1, 1, "e"));
        let mut left = vec![];
        while let Some(event) = backlog.pop() {
            left.push(event);
        }
        let expected = [
            text(1, 1, "ab"),
            text(1, 2, "c"),
            text(2, 2, "d"),
            thinking,
            text(1, 1, "e"),
        ];
        assert_eq!(left, expected);
        assert_eq!(backlog.bytes, 0);
    }

    #[test]
    fn many_events_or_much_text_fill_it() {
        let mut backlog = Backlog::default();
        for n in 0..BACKLOG {
            assert!(!backlog.is_full());
            backlog.push(text(1, n as u128, "x"));
        }
        assert!(backlog.is_full());

        let mut backlog = Backlog::default();
        while !backlog.is_full() {
            backlog.push(text(1, 1, &"x".repeat(1024)));
        }
        assert_eq!(backlog.events.len(), 1);
        assert_eq!(backlog.bytes, BACKLOG_BYTES);
        assert!(backlog.pop().is_some() && !backlog.is_full());
    }
}
