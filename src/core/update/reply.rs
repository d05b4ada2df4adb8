//! Takes the pieces of an answer as they come, and keeps them as far as they are.

use super::super::backend::ToolUse;
use super::super::effect::Effects;
use super::super::ids::TurnId;
use super::super::model::Model;
use super::super::transcript::{Message, Role};
use super::super::turn::Stage;
use super::CHECKPOINT;
use super::talk::{current, keep};

/// The backend has the words.
pub(super) fn thinking(model: &mut Model, turn: Option<TurnId>, loading: bool) {
    let now = model.now.mono;
    if let Some(turn) = current(model, turn) {
        turn.reach(Stage::Thinking, now);
        turn.loading = loading;
    }
}

/// More of the answer's text. Text of a turn we no longer wait for is dropped: the user has
/// already moved on, and showing it would answer the wrong question.
pub(super) fn text(model: &mut Model, turn: Option<TurnId>, more: &str) {
    let now = model.now.mono;
    if more.is_empty() {
        thinking(model, turn, false);
        return;
    }
    if piece(model, turn, |reply| reply.text.push_str(more))
        && let Some(turn) = &mut model.turn
    {
        turn.reach(Stage::FirstText, now);
    }
}

/// More of the model's thinking aloud.
pub(super) fn reasoning(model: &mut Model, turn: Option<TurnId>, more: &str) {
    piece(model, turn, |reply| reply.reasoning.push_str(more));
}

/// So many uses of tools are remembered of one answer, the last ones. Ours has 256 at most; others may
/// have any number.
const TOOLS: usize = 512;

/// So many bytes are remembered of what a tool was given, and as many of what came of it.
const TOLD: usize = 64 * 1024;

/// What is remembered of the use of a tool.
fn bounded(mut tool: ToolUse) -> ToolUse {
    let cut = |text: &mut String| text.truncate(text.floor_char_boundary(TOLD));
    cut(&mut tool.arguments);
    if let Some(Ok(text) | Err(text)) = &mut tool.outcome {
        cut(text);
    }
    tool
}

/// A tool is used, or its use ended.
pub(super) fn tool(model: &mut Model, turn: Option<TurnId>, tool: ToolUse) {
    let tool = bounded(tool);
    piece(model, turn, |reply| {
        let running = reply.tools.iter_mut().rev().find(|known| {
            known.outcome.is_none() && known.name == tool.name && known.arguments == tool.arguments
        });
        match running {
            Some(running) if tool.outcome.is_some() => running.outcome = tool.outcome,
            _ => {
                if reply.tools.len() == TOOLS {
                    reply.tools.remove(0);
                }
                reply.tools.push(tool);
            }
        }
    });
}

/// A piece of the answer, of whatever kind: `change` puts it into the reply.
pub(super) fn piece(
    model: &mut Model,
    turn: Option<TurnId>,
    change: impl FnOnce(&mut Message),
) -> bool {
    let wall = model.now.wall;
    let Some(running) = current(model, turn) else {
        return false;
    };
    running.loading = false;
    let (id, turn) = (running.reply, running.id);
    let transcript = &mut model.conversation.transcript;
    if transcript.get(id).is_none() {
        transcript.push(Message::new(id, turn, Role::Assistant, wall));
    }
    transcript.change(id, change);
    model
        .checkpoint_due
        .get_or_insert(model.now.mono + CHECKPOINT);
    true
}

/// Keeps the growing reply as far as it is.
pub(super) fn checkpoint(model: &mut Model) -> Effects {
    model.checkpoint_due = None;
    let reply = model
        .turn
        .as_ref()
        .and_then(|turn| model.conversation.transcript.get(turn.reply));
    reply
        .map(|reply| vec![keep(model, reply)])
        .unwrap_or_default()
}
