//! Reads keys: the topmost layer says in which context, the keymap says which action, and what
//! is no action is text.

use super::super::action::{Action, Plain};
use super::super::chord::{Chord, Code};
use super::super::composer::Composer;
use super::super::effect::{Effect, Effects};
use super::super::keys::Context;
use super::super::model::{Answer, Layer, Model, Tone};
use super::super::msg::Phase;
use super::super::record::Keep;
use super::super::words::Word;
use super::{DRAFT_DELAY, act, notice, recover};

/// A key went down.
pub(super) fn key(model: &mut Model, chord: Chord, phase: Phase) -> Effects {
    if phase == Phase::Release {
        return vec![];
    }
    match model.layers.last() {
        Some(Layer::Question(_)) => question(model, chord),
        Some(Layer::Picker(_)) => picker(model, chord),
        Some(Layer::Page(_)) => page(model, chord),
        Some(Layer::Card(_)) | None => chat(model, chord),
    }
}

/// A whole text was pasted: it goes where typing goes.
pub(super) fn paste(model: &mut Model, text: &str) -> Effects {
    let dropped = match model.layers.last_mut() {
        Some(Layer::Picker(picker)) => {
            // A query is one line; the rest of a pasted text would be invisible.
            picker.query.paste(text.lines().next().unwrap_or_default());
            picker.filter();
            return vec![];
        }
        Some(Layer::Question(_) | Layer::Page(_)) => return vec![],
        Some(Layer::Card(_)) | None => {
            recover(model, "paste");
            model.composer.paste(text).dropped_bytes
        }
    };
    if dropped > 0 {
        notice::say(model, Word::PasteCut, &[&dropped.to_string()], Tone::Warning);
    }
    touched(model);
    vec![]
}

/// The composer's text changed: it will be kept soon.
fn touched(model: &mut Model) {
    model.draft_due.get_or_insert(model.now.mono + DRAFT_DELAY);
}

/// What a plain key types, if it types anything.
fn typed(chord: Chord) -> Option<char> {
    match chord.code {
        Code::Char(c) if !chord.ctrl && !chord.alt && !c.is_control() => Some(c),
        _ => None,
    }
}

fn chat(model: &mut Model, chord: Chord) -> Effects {
    if let Some(action) = model.keymap.action(Context::Chat, chord).cloned() {
        return match action {
            Action::Plain(plain) => chat_action(model, plain),
            other => act::act(model, &other),
        };
    }
    if let Some(c) = typed(chord) {
        recover(model, "typing");
        model.quit_armed = None;
        model.composer.insert(c.encode_utf8(&mut [0; 4]));
        touched(model);
    }
    vec![]
}

fn chat_action(model: &mut Model, plain: Plain) -> Effects {
    match plain {
        // On the first and last line the arrows walk through earlier input, as in a shell.
        Plain::Up | Plain::Down => {
            if !edit(&mut model.composer, plain) {
                let walk = if plain == Plain::Up { Plain::OlderInput } else { Plain::NewerInput };
                if edit(&mut model.composer, walk) {
                    touched(model);
                }
            }
            vec![]
        }
        // The end of input: with nothing written it means that there will be none.
        Plain::DeleteRight if model.composer.is_empty() => act::act(model, &Plain::Quit.into()),
        _ => {
            if edit(&mut model.composer, plain) {
                touched(model);
                return vec![];
            }
            act::act(model, &plain.into())
        }
    }
}

/// Whether the action was an edit and did something.
fn edit(composer: &mut Composer, plain: Plain) -> bool {
    composer.apply(plain)
}

fn picker(model: &mut Model, chord: Chord) -> Effects {
    let action = model.keymap.action(Context::Picker, chord).cloned();
    let page = isize::from(i16::try_from(model.size.1 / 2).unwrap_or(10)).max(1);
    let Some(Layer::Picker(picker)) = model.layers.last_mut() else {
        return vec![];
    };
    match action {
        Some(Action::Plain(Plain::Send)) => {
            let chosen = picker.chosen().map(|item| item.action.clone());
            let kind = picker.kind;
            let query = picker.query.text().trim().to_owned();
            return act::chose(model, kind, chosen, &query);
        }
        Some(Action::Plain(Plain::Cancel)) => {
            model.layers.pop();
        }
        Some(Action::Plain(Plain::Up)) => picker.step(-1),
        Some(Action::Plain(Plain::Down)) => picker.step(1),
        Some(Action::Plain(Plain::PageUp)) => picker.step(-page),
        Some(Action::Plain(Plain::PageDown)) => picker.step(page),
        Some(Action::Plain(plain)) => {
            if edit(&mut picker.query, plain) {
                picker.filter();
            }
        }
        Some(other) => return act::act(model, &other),
        None => {
            if let Some(c) = typed(chord) {
                picker.query.insert(c.encode_utf8(&mut [0; 4]));
                picker.filter();
            }
        }
    }
    vec![]
}

fn page(model: &mut Model, chord: Chord) -> Effects {
    let Some(action) = model.keymap.action(Context::Page, chord).cloned() else {
        return vec![];
    };
    let rows = u32::from(model.size.1.saturating_sub(4)).max(1);
    let Some((kind, scroll)) = super::page_on_top(model) else {
        return vec![];
    };
    // The log grows at its end and is read from there; the others are read from the top.
    let from_end = matches!(kind, super::PageKind::Log);
    let (back, forth): (fn(u32, u32) -> u32, fn(u32, u32) -> u32) =
        if from_end { (u32::saturating_add, u32::saturating_sub) } else { (u32::saturating_sub, u32::saturating_add) };
    match action {
        Action::Plain(Plain::Cancel) => {
            model.layers.pop();
        }
        Action::Plain(Plain::Up | Plain::ScrollUp) => *scroll = back(*scroll, 1),
        Action::Plain(Plain::Down | Plain::ScrollDown) => *scroll = forth(*scroll, 1),
        Action::Plain(Plain::PageUp) => *scroll = back(*scroll, rows),
        Action::Plain(Plain::PageDown) => *scroll = forth(*scroll, rows),
        Action::Plain(Plain::Top) => *scroll = back(0, if from_end { u32::MAX } else { 0 }),
        Action::Plain(Plain::Bottom) => *scroll = if from_end { 0 } else { u32::MAX },
        other => return act::act(model, &other),
    }
    vec![]
}

fn question(model: &mut Model, chord: Chord) -> Effects {
    let Some(Layer::Question(question)) = model.layers.last() else {
        return vec![];
    };
    let answer = question.yes.clone();
    match chord.code {
        Code::Char('y' | 'Y' | '是') => {
            model.layers.pop();
            match answer {
                Answer::DeleteConversation(conversation) => {
                    model.modes.lock("deleting", model.now.mono);
                    vec![Effect::Keep(Keep::Delete { conversation })]
                }
            }
        }
        Code::Char('n' | 'N' | '否') | Code::Esc => {
            model.layers.pop();
            vec![]
        }
        Code::Char('c') if chord.ctrl => {
            model.layers.pop();
            vec![]
        }
        _ => vec![],
    }
}
