//! What somebody points at: the wheel scrolls what is on top, a click presses what a hint says,
//! chooses, and takes what is chosen already.

use super::super::action::{Action, Plain};
use super::super::chord::{Chord, Code};
use super::super::effect::{Effect, Effects};
use super::super::keys::Context;
use super::super::model::{Layer, Model, PageKind, Tone};
use super::super::msg::Phase;
use super::super::point::{Spot, is_link};
use super::super::words::Word;
use super::{act, input, log, notice};

/// Lines that one step of a wheel scrolls.
const LINES: u32 = 3;

/// The wheel was turned by one step.
pub(super) fn wheel(model: &mut Model, up: bool) -> Effects {
    let plain = if up {
        Plain::ScrollUp
    } else {
        Plain::ScrollDown
    };
    let is_log = |kind: &PageKind| matches!(kind, PageKind::Log(_));
    match model.layers.last_mut() {
        Some(Layer::Picker(picker)) => picker.choose_page(if up { -1 } else { 1 }),
        Some(Layer::Browser(browser)) => browser.choose(if up { -1 } else { 1 }),
        Some(Layer::Page(page)) if !is_log(&page.kind) => {
            page.scroll = if up {
                page.scroll.saturating_sub(LINES)
            } else {
                page.scroll.saturating_add(LINES)
            };
        }
        Some(Layer::Page(_)) => {
            return (0..LINES)
                .flat_map(|_line| log::act(model, plain))
                .collect();
        }
        Some(Layer::Question(_) | Layer::Form(_)) => {}
        Some(Layer::Finder(_) | Layer::Card(_)) | None => {
            return (0..LINES)
                .flat_map(|_line| act::act(model, &plain.into()))
                .collect();
        }
    }
    vec![]
}

/// Somebody clicked on this.
pub(super) fn at(model: &mut Model, spot: &Spot) -> Effects {
    match spot {
        Spot::Do(action) => press(model, action),
        Spot::Entry(nth) => entry(model, *nth),
        Spot::Answer(key) => match model.layers.last() {
            // Whoever clicks before it can be read means something else.
            Some(Layer::Question(question)) if model.now.mono >= question.ready => {
                input::key(model, Chord::plain(Code::Char(*key)), Phase::Press)
            }
            _ => vec![],
        },
        Spot::Link(address) if is_link(address) => {
            notice::say(model, Word::LinkCopied, &[address], Tone::Good);
            vec![Effect::Copy(address.clone())]
        }
        Spot::Link(_) => vec![],
    }
}

/// Does what the key for an action does where the user is.
fn press(model: &mut Model, action: &Action) -> Effects {
    let context = match model.layers.last() {
        Some(Layer::Picker(_) | Layer::Form(_) | Layer::Finder(_)) => Context::Picker,
        Some(Layer::Browser(_)) => Context::Browser,
        Some(Layer::Page(page)) if matches!(page.kind, PageKind::Log(_)) => Context::Log,
        Some(Layer::Page(_) | Layer::Question(_)) => Context::Page,
        // Letters are text there, unless nothing is written.
        Some(Layer::Card(_)) | None => {
            return match action {
                Action::Plain(plain) => input::chat_action(model, *plain),
                other => act::act(model, other),
            };
        }
    };
    match model.keymap.chords(context, action).first() {
        Some(chord) => input::key(model, *chord, Phase::Press),
        None => vec![],
    }
}

/// Chooses an entry of the list on top, or takes it if it is chosen.
fn entry(model: &mut Model, nth: usize) -> Effects {
    let chosen = match model.layers.last_mut() {
        Some(Layer::Picker(picker)) if nth < picker.matches.len() => {
            std::mem::replace(&mut picker.chosen, nth)
        }
        Some(Layer::Browser(browser)) if nth < browser.entries.len() && browser.title.is_none() => {
            let before = browser.chosen;
            browser.choose(nth as isize - before as isize);
            before
        }
        _ => return vec![],
    };
    if chosen != nth {
        return vec![];
    }
    press(model, &Plain::Send.into())
}
