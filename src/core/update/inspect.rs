//! Shows one turn on one timeline, leads from it to the log, the message and the turns beside it,
//! and back. What is on the timeline is `core::inspect`'s.

use super::super::action::{Action, Plain};
use super::super::backend::{PromptTold, Up};
use super::super::chord::Chord;
use super::super::effect::{Effect, Effects};
use super::super::ids::TurnId;
use super::super::inspect::{Entry, Findings, Inspector, Kind, Prompt, clock, entries, inquiry};
use super::super::keys::Context;
use super::super::line::{Line, LinkOrder};
use super::super::model::{Anchor, Layer, Model, Page, PageKind, Scroll, Tone};
use super::super::words::Word;
use super::{act, bundle, log, notice};

fn page(model: &mut Model) -> Option<&mut Inspector> {
    match model.layers.last_mut() {
        Some(Layer::Page(Page {
            kind: PageKind::Inspect(inspector),
            ..
        })) => Some(inspector),
        _ => None,
    }
}

/// The turn on the screen: the topmost if one scrolled up, else the last.
pub(super) fn on_screen(model: &Model) -> Option<TurnId> {
    let transcript = &model.conversation.transcript;
    let anchored = model
        .scroll
        .anchor
        .and_then(|anchor| transcript.get(anchor.message));
    let message = anchored.or_else(|| transcript.messages().last());
    message.map(|message| message.turn)
}

/// Opens the turn on the screen, or that of the log's chosen line; closes the page if it is open.
pub(super) fn open(model: &mut Model) -> Effects {
    if page(model).is_some() {
        model.layers.pop();
        return vec![];
    }
    let (turn, none) = if log::is_open(model) {
        (log::chosen_turn(model), Word::LogNoTurn)
    } else {
        (on_screen(model), Word::LogTurnNone)
    };
    let Some(turn) = turn else {
        notice::say(model, none, &[], Tone::Plain);
        return vec![];
    };
    show(model, turn)
}

fn show(model: &mut Model, turn: TurnId) -> Effects {
    let is_inspector = |layer: &Layer| matches!(layer, Layer::Page(page) if matches!(page.kind, PageKind::Inspect(_)));
    model.layers.retain(|layer| !is_inspector(layer));
    model.layers.push(Layer::Page(Page {
        kind: PageKind::Inspect(Box::new(Inspector::new(turn))),
        scroll: 0,
    }));
    look(model)
}

/// Looks everything up, or again.
fn look(model: &mut Model) -> Effects {
    let running = model.turn.as_ref().map(|turn| turn.id);
    let tells = model.tells_prompts && matches!(model.line, Line::Up(_));
    let Some(inspector) = page(model) else {
        return vec![];
    };
    inspector.live = running == Some(inspector.turn);
    let turn = inspector.turn;
    let mut effects = vec![];
    if tells {
        if !matches!(inspector.prompt, Prompt::Known(_)) {
            inspector.prompt = Prompt::Asked;
        }
        let up = Up::AskPrompt { turn };
        effects.push(Effect::Link(LinkOrder::Say(up)));
    }
    let inspector = inspector.clone();
    effects.push(Effect::Inspect(inquiry(model, &inspector)));
    effects
}

/// A turn that was looked at while it went on is over: there is more to be found.
pub(super) fn next(model: &mut Model) -> Effects {
    let running = model.turn.as_ref().map(|turn| turn.id);
    match page(model) {
        Some(inspector) if inspector.live && running != Some(inspector.turn) => look(model),
        _ => vec![],
    }
}

/// Something was found.
pub(super) fn found(model: &mut Model, found: Findings) {
    for layer in &mut model.layers {
        if let Layer::Page(Page {
            kind: PageKind::Inspect(inspector),
            ..
        }) = layer
            && inspector.turn == found.turn
        {
            inspector.found = Some(Box::new(found));
            return;
        }
    }
}

/// The backend told a prompt.
pub(super) fn prompted(model: &mut Model, told: PromptTold) {
    for layer in &mut model.layers {
        if let Layer::Page(Page {
            kind: PageKind::Inspect(inspector),
            ..
        }) = layer
            && inspector.turn == told.turn
        {
            inspector.prompt = Prompt::Known(told);
            return;
        }
    }
}

/// A key on the page.
pub(super) fn key(model: &mut Model, chord: Chord) -> Effects {
    match model.keymap.action(Context::Inspector, chord).cloned() {
        Some(Action::Plain(plain)) => act(model, plain),
        Some(other) => act::act(model, &other),
        None => vec![],
    }
}

fn act(model: &mut Model, plain: Plain) -> Effects {
    let rows = isize::try_from(model.size.1 / 2).unwrap_or(10).max(1);
    match plain {
        Plain::Up | Plain::ScrollUp => choose(model, -1),
        Plain::Down | Plain::ScrollDown => choose(model, 1),
        Plain::PageUp => choose(model, -rows),
        Plain::PageDown => choose(model, rows),
        Plain::Top => choose(model, isize::MIN),
        Plain::Bottom => choose(model, isize::MAX),
        Plain::Left => return beside(model, false),
        Plain::Right => return beside(model, true),
        Plain::Send => {
            if let Some(inspector) = page(model) {
                inspector.unfolded = !inspector.unfolded;
            }
        }
        Plain::Status => {
            if let Some(inspector) = page(model) {
                inspector.states = !inspector.states;
                (inspector.chosen, inspector.unfolded) = (0, false);
            }
        }
        Plain::Again => return look(model),
        Plain::TurnLog | Plain::Log => return to_log(model),
        Plain::Insert => return to_message(model),
        Plain::CopyReply => return copy(model),
        Plain::Bundle => return bundle::open(model),
        other => return act::act(model, &other.into()),
    }
    vec![]
}

/// Chooses another line.
fn choose(model: &mut Model, by: isize) {
    let Some(inspector) = page(model).cloned() else {
        return;
    };
    let last = entries(model, &inspector).len().saturating_sub(1);
    let here = inspector.chosen.min(last);
    if let Some(inspector) = page(model) {
        inspector.chosen = here.saturating_add_signed(by).min(last);
    }
}

/// Shows the turn before, or the next one, of the conversation.
fn beside(model: &mut Model, forth: bool) -> Effects {
    let Some(turn) = page(model).map(|inspector| inspector.turn) else {
        return vec![];
    };
    let mut turns: Vec<TurnId> = vec![];
    for message in model.conversation.transcript.messages() {
        if turns.last() != Some(&message.turn) {
            turns.push(message.turn);
        }
    }
    let here = turns.iter().position(|one| *one == turn);
    let there = match (here, forth) {
        (Some(here), true) => turns.get(here + 1),
        (Some(here), false) => here.checked_sub(1).and_then(|there| turns.get(there)),
        (None, _) => turns.last(),
    };
    if let Some(turn) = there.copied() {
        return show(model, turn);
    }
    let word = if forth {
        Word::InspectLast
    } else {
        Word::InspectFirst
    };
    notice::say(model, word, &[], Tone::Plain);
    vec![]
}

fn chosen(model: &mut Model) -> Option<(TurnId, Entry)> {
    let inspector = page(model)?.clone();
    let entries = entries(model, &inspector);
    let last = entries.len().checked_sub(1)?;
    let entry = entries.into_iter().nth(inspector.chosen.min(last))?;
    Some((inspector.turn, entry))
}

/// Shows the chosen line in the log, or else the first line of the turn there.
fn to_log(model: &mut Model) -> Effects {
    let Some((turn, entry)) = chosen(model) else {
        return vec![];
    };
    log::show(model, None, Some((turn, entry.nth.unwrap_or(0))))
}

/// Leaves for the message that the turn is.
fn to_message(model: &mut Model) -> Effects {
    let Some(turn) = page(model).map(|inspector| inspector.turn) else {
        return vec![];
    };
    let mut messages = model.conversation.transcript.messages().iter();
    let Some(message) = messages.find(|message| message.turn == turn) else {
        notice::say(model, Word::LogTurnElsewhere, &[], Tone::Plain);
        return vec![];
    };
    let anchor = Some(Anchor {
        message: message.id,
        line: 0,
    });
    model.scroll = Scroll { anchor, wish: 0 };
    model.layers.pop();
    vec![]
}

fn copy(model: &mut Model) -> Effects {
    let Some((_, entry)) = chosen(model) else {
        notice::say(model, Word::NothingToCopy, &[], Tone::Plain);
        return vec![];
    };
    let mut text = format!(
        "{} {} {}",
        clock(entry.at),
        entry.kind.word().text(model.lang),
        entry.label
    );
    if !entry.said.is_empty() {
        let apart = if entry.kind == Kind::Prompt {
            "\n"
        } else {
            " "
        };
        text.push_str(apart);
        text.push_str(&entry.said);
    }
    notice::say(model, Word::Copied, &[], Tone::Good);
    vec![Effect::Copy(text)]
}
