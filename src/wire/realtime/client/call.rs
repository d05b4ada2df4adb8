//! A call whose turns the server cuts: all that is heard goes there, and what was said last has
//! the name that the program gave to it.

use super::super::recorded::cleared;
use super::{Realtime, written};
use crate::core::backend::{Down, NO_TURNS, Trouble};
use crate::core::ids::TurnId;
use crate::core::sound::ClipPart;
use crate::wire::Out;

impl Realtime {
    /// What is heard in a call whose turns the server cuts; `false` if it is of none.
    pub(super) fn heard_in_call(&mut self, part: &ClipPart, out: &mut Out) -> bool {
        match part {
            ClipPart::Open(hear) => {
                self.unsaid(None, out);
                let language = hear.language.as_deref();
                self.language = language
                    .and_then(|tag| tag.split('-').next())
                    .map(str::to_owned);
                self.session.detects = None;
                let frames = self.recorded.open(hear.turn, self.session.rates.0);
                out.frames.extend(frames.iter().map(written));
                self.wish(out);
                true
            }
            ClipPart::End { turn } | ClipPart::Broken { turn } => {
                let closed = self.recorded.close(*turn);
                if closed {
                    self.wish(out);
                    out.frames.push(written(&cleared()));
                }
                closed
            }
            ClipPart::Begin(_) | ClipPart::More { .. } => {
                let frames = self.recorded.heard(part);
                let frames = frames.as_ref().map(|frames| frames.iter().map(written));
                let heard = frames.is_some();
                out.frames.extend(frames.into_iter().flatten());
                heard
            }
        }
    }

    /// The server has what somebody said in a call, to its end.
    pub(super) fn taken(&mut self, turn: TurnId, out: &mut Out) {
        out.downs.push(Down::Hearing { turn: Some(turn) });
        if !self.session.transcribes {
            self.untold(None, out);
        }
    }

    /// The server does not say where turns end: we do.
    pub(super) fn undetected(&mut self, why: &str, out: &mut Out) {
        if let Some(turn) = self.recorded.call() {
            let trouble = Trouble {
                code: NO_TURNS.to_owned(),
                what: why.to_owned(),
                ..Trouble::default()
            };
            out.downs.push(Down::Trouble {
                turn: Some(turn),
                trouble,
            });
        }
    }
}
