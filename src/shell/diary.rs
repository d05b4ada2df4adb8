//! Writes into the log what became of line and turns, so that what went wrong can be read there
//! afterwards. What was said is in the store and in no log.

use crate::core::ids::TurnId;
use crate::core::line::Line;
use crate::core::mode::Mode;
use crate::core::model::Model;
use crate::core::words::Lang;

/// What was so before a message.
pub(super) struct Seen {
    turn: Option<TurnId>,
    mode: Mode,
    line: &'static str,
}

impl Seen {
    pub(super) fn of(model: &Model) -> Self {
        Self {
            turn: model.turn.as_ref().map(|turn| turn.id),
            mode: model.modes.current(),
            line: name(&model.line),
        }
    }

    /// Writes down what is different now.
    pub(super) fn note(&self, model: &Model) {
        let now = Self::of(model);
        if now.line != self.line {
            let backend = &model.backend;
            match &model.line {
                Line::Waiting { cause, .. }
                | Line::Resting { cause }
                | Line::Refused { cause }
                | Line::GivenUp { cause, .. } => {
                    tracing::warn!(
                        "the line to `{backend}` is {}: {}",
                        now.line,
                        cause.tell(Lang::En)
                    );
                }
                Line::Closed | Line::Dialing { .. } | Line::Up(_) => {
                    tracing::info!("the line to `{backend}` is {}", now.line);
                }
            }
        }
        if let Some(turn) = self.turn.filter(|turn| now.turn != Some(*turn)) {
            let mut times = model.times.iter().rev();
            if let Some(times) = times.find(|times| times.turn == Some(turn)) {
                let stages = times.stages.iter();
                let stages: Vec<_> = stages.map(|(name, ms)| format!("{name} {ms} ms")).collect();
                tracing::info!(%turn, "the turn is over: {}; {}", times.outcome, stages.join(", "));
            } else {
                tracing::info!(%turn, "the turn is over");
            }
        }
        if let Some(turn) = now.turn.filter(|turn| self.turn != Some(*turn)) {
            tracing::info!(%turn, "a turn begins");
        }
        if now.mode != self.mode {
            let (before, after) = (self.mode.name(), now.mode.name());
            if let Some(turn) = now.turn.or(self.turn) {
                tracing::debug!(%turn, "state {before} -> {after}");
            } else {
                tracing::debug!("state {before} -> {after}");
            }
        }
    }
}

const fn name(line: &Line) -> &'static str {
    match line {
        Line::Closed => "closed",
        Line::Dialing { .. } => "being dialled",
        Line::Up(_) => "up",
        Line::Waiting { .. } => "down, and will be dialled again",
        Line::Resting { .. } => "resting",
        Line::Refused { .. } => "refused",
        Line::GivenUp { .. } => "given up",
    }
}
