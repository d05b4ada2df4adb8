//! Decides which piece of a recording may still be sent. Pure.
//!
//! A recording belongs to the life of the line in which it began. If that ends, or never was, the
//! recording cannot arrive: this is told once, and what is left of it is swallowed. Whoever
//! recorded it has kept it, and may send it again from the beginning.

use crate::core::ids::{Epoch, TurnId};
use crate::core::sound::ClipPart;

/// The recording that is being sent, or can no longer be.
#[derive(Debug, Default)]
pub(super) struct Clips(Option<Clip>);

#[derive(Debug)]
struct Clip {
    turn: TurnId,
    /// `None`: it cannot arrive, and that was told.
    life: Option<Epoch>,
}

/// What to do with a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Send,
    Swallow,
    /// Swallow it, and tell that the recording is not heard.
    Unheard,
}

impl Clips {
    /// What to do with a piece; `up` is the life of the line, if it is up.
    pub(super) fn take(&mut self, part: &ClipPart, up: Option<Epoch>) -> Fate {
        let turn = turn(part);
        let life = match (&self.0, part) {
            (_, ClipPart::Begin(_) | ClipPart::Open(_)) => up,
            (Some(clip), _) if clip.turn == turn => match clip.life {
                Some(life) if up == Some(life) => up,
                Some(_past) => None,
                None => return Fate::Swallow,
            },
            // Its beginning was not for us.
            _ => None,
        };
        match (part, life) {
            (ClipPart::End { .. } | ClipPart::Broken { .. }, Some(_)) => {
                self.0 = None;
                Fate::Send
            }
            (ClipPart::Begin(_) | ClipPart::Open(_) | ClipPart::More { .. }, Some(_)) => {
                self.0 = Some(Clip { turn, life });
                Fate::Send
            }
            (ClipPart::Broken { .. }, None) => {
                self.0 = None;
                Fate::Swallow
            }
            (_, None) => {
                self.lost(turn);
                Fate::Unheard
            }
        }
    }

    /// This recording cannot arrive, and that was told.
    pub(super) fn lost(&mut self, turn: TurnId) {
        self.0 = Some(Clip { turn, life: None });
    }
}

/// The recording that a piece is of.
pub(super) fn turn(part: &ClipPart) -> TurnId {
    match part {
        ClipPart::Begin(hear) | ClipPart::Open(hear) => hear.turn,
        ClipPart::More { turn, .. } | ClipPart::End { turn } | ClipPart::Broken { turn } => *turn,
    }
}

#[cfg(test)]
mod tests {
    use super::Fate::{Send, Swallow, Unheard};
    use super::*;
    use crate::core::ids::ConversationId;
    use crate::core::sound::Hear;

    fn piece(kind: char, turn: u128) -> ClipPart {
        let turn = TurnId(turn);
        let samples = vec![];
        match kind {
            'b' => ClipPart::Begin(Hear {
                turn,
                conversation: ConversationId(9),
                language: None,
                ears: None,
            }),
            'o' => ClipPart::Open(Hear {
                turn,
                conversation: ConversationId(9),
                language: None,
                ears: None,
            }),
            'm' => ClipPart::More { turn, samples },
            'e' => ClipPart::End { turn },
            'x' => ClipPart::Broken { turn },
            other => panic!("{other}"),
        }
    }

    #[test]
    fn a_recording_arrives_in_the_life_of_the_line_in_which_it_began_or_not_at_all() {
        for (story, expected) in [
            ("b1 m1 e1", vec![Send, Send, Send]),
            ("b1 m1 x1 b1", vec![Send, Send, Send, Send]),
            ("b0 m0 m1 e1", vec![Unheard, Swallow, Swallow, Swallow]),
            ("b1 m0 m2 e2", vec![Send, Unheard, Swallow, Swallow]),
            ("b1 m2 b2 e2", vec![Send, Unheard, Send, Send]),
            ("b1 e0", vec![Send, Unheard]),
            ("m1 m1 e1", vec![Unheard, Swallow, Swallow]),
            ("b0 x0 b1 x0", vec![Unheard, Swallow, Send, Swallow]),
            ("x1", vec![Swallow]),
            (
                "o1 m1 m2 m2 x2",
                vec![Send, Send, Unheard, Swallow, Swallow],
            ),
        ] {
            let mut clips = Clips::default();
            // A letter for the piece, a digit for the life of the line, where 0 is none.
            let fates = story.split(' ').map(|step| {
                let mut step = step.chars();
                let kind = step.next().unwrap();
                let life = u64::from(step.next().unwrap().to_digit(10).unwrap());
                clips.take(&piece(kind, 1), (life > 0).then_some(Epoch(life)))
            });
            assert_eq!(fates.collect::<Vec<_>>(), expected, "{story}");
        }
    }

    #[test]
    fn what_is_left_of_one_recording_is_told_apart_from_the_next() {
        let up = Some(Epoch(1));
        let mut clips = Clips::default();
        assert_eq!(clips.take(&piece('b', 1), None), Unheard);
        assert_eq!(clips.take(&piece('b', 2), up), Send);
        assert_eq!(clips.take(&piece('m', 1), up), Unheard);
        assert_eq!(clips.take(&piece('m', 2), up), Unheard);
    }
}
