//! Remembers which turns were asked on this connection, because plain servers do not say which
//! turn a frame is about.

use crate::core::ids::TurnId;
use std::collections::VecDeque;

/// How many turns are remembered. A frame about an older one is treated as a stranger's.
const REMEMBERED: usize = 64;

/// The turns asked on one connection, oldest first.
#[derive(Debug, Default)]
pub(super) struct Asked(VecDeque<Turn>);

#[derive(Debug)]
struct Turn {
    id: TurnId,
    /// The server has said that it works on it.
    begun: bool,
    /// We asked to stop it.
    interrupted: bool,
    /// Its last frame has arrived.
    over: bool,
}

/// Whom a frame is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// A turn of ours whose answer is awaited.
    Open(TurnId),
    /// A turn of ours that is over.
    Over(TurnId),
    /// The frame names no turn, and we await no answer.
    Nobody,
    /// The frame names a turn that was never asked here.
    Stranger,
}

impl About {
    /// The turn, where it is one of ours.
    pub(super) fn turn(self) -> Option<TurnId> {
        match self {
            Self::Open(id) | Self::Over(id) => Some(id),
            Self::Nobody | Self::Stranger => None,
        }
    }
}

impl Asked {
    /// A turn is asked.
    pub(super) fn ask(&mut self, id: TurnId) {
        self.0.retain(|turn| turn.id != id);
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(Turn {
            id,
            begun: false,
            interrupted: false,
            over: false,
        });
    }

    /// We ask to stop a turn.
    pub(super) fn interrupt(&mut self, id: TurnId) {
        if let Some(turn) = self.get(id) {
            turn.interrupted = true;
        }
    }

    /// Whom a frame with this `message_id` is about. Without one it is the oldest turn that is
    /// not answered yet: plain servers answer one after another.
    pub(super) fn about(&self, message_id: Option<&str>) -> About {
        let Some(text) = message_id else {
            let oldest = self.0.iter().find(|turn| !turn.over);
            return oldest.map_or(About::Nobody, |turn| About::Open(turn.id));
        };
        let found = text
            .parse()
            .ok()
            .and_then(|id| self.0.iter().rev().find(|turn| turn.id == id));
        match found {
            Some(turn) if turn.over => About::Over(turn.id),
            Some(turn) => About::Open(turn.id),
            None => About::Stranger,
        }
    }

    /// Whom a frame about stopping is about when it names nobody: the turn we asked to stop, else
    /// the oldest open one.
    pub(super) fn about_stopping(&self, message_id: Option<&str>) -> About {
        let stopped = self
            .0
            .iter()
            .find(|turn| turn.interrupted && !turn.over)
            .filter(|_| message_id.is_none());
        stopped.map_or_else(|| self.about(message_id), |turn| About::Open(turn.id))
    }

    /// Whether we asked to stop a turn that is not over.
    pub(super) fn is_stopping(&self) -> bool {
        self.0.iter().any(|turn| turn.interrupted && !turn.over)
    }

    /// The server begins to answer. A plain server answers an interrupted turn to its end, or
    /// falls silent about it: it is over at the latest when the next one begins.
    pub(super) fn begins(&mut self, message_id: Option<&str>) -> (About, bool) {
        if message_id.is_none() {
            let mut open = self.0.iter_mut().filter(|turn| !turn.over);
            if let (Some(first), Some(_)) = (open.next(), open.next())
                && first.begun
                && first.interrupted
            {
                first.over = true;
            }
        }
        let about = self.about(message_id);
        let news = match about.turn().and_then(|id| self.get(id)) {
            Some(turn) => !std::mem::replace(&mut turn.begun, true),
            None => true,
        };
        (about, news)
    }

    /// The last frame of a turn has arrived.
    pub(super) fn end(&mut self, about: About) {
        if let Some(turn) = about.turn().and_then(|id| self.get(id)) {
            turn.over = true;
        }
    }

    fn get(&mut self, id: TurnId) -> Option<&mut Turn> {
        self.0.iter_mut().rev().find(|turn| turn.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: TurnId = TurnId(0xa);
    const B: TurnId = TurnId(0xb);

    #[test]
    fn frames_without_a_name_belong_to_the_oldest_open_turn() {
        let mut asked = Asked::default();
        assert_eq!(asked.about(None), About::Nobody);
        asked.ask(A);
        asked.ask(B);
        assert_eq!(asked.about(None), About::Open(A));
        asked.end(About::Open(A));
        assert_eq!(asked.about(None), About::Open(B));
        assert_eq!(asked.about(Some(&A.to_string())), About::Over(A));
        assert_eq!(asked.about(Some("somebody")), About::Stranger);
        assert_eq!(asked.about(Some(&TurnId(1).to_string())), About::Stranger);
    }

    #[test]
    fn an_interrupted_turn_that_never_ends_gives_way_to_the_next() {
        let mut asked = Asked::default();
        asked.ask(A);
        assert_eq!(asked.begins(None), (About::Open(A), true));
        asked.interrupt(A);
        assert_eq!(asked.about_stopping(None), About::Open(A));
        asked.ask(B);
        assert_eq!(asked.about(None), About::Open(A), "its rest still comes");
        assert_eq!(asked.begins(None), (About::Open(B), true));
        assert_eq!(asked.begins(None), (About::Open(B), false));
    }

    #[test]
    fn only_so_many_turns_are_remembered() {
        let mut asked = Asked::default();
        for n in 0..1000 {
            asked.ask(TurnId(n));
        }
        assert_eq!(asked.0.len(), REMEMBERED);
        assert_eq!(asked.about(Some(&TurnId(1).to_string())), About::Stranger);
    }
}
