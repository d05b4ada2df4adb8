//! Leads through the earlier conversations: opens, names, pins, deletes and brings back.

use super::super::action::{Action, Plain};
use super::super::browser::{Browser, Entry};
use super::super::chord::Chord;
use super::super::composer::Applied;
use super::super::effect::{Effect, Effects};
use super::super::ids::ConversationId;
use super::super::keys::Context;
use super::super::model::{Layer, Model, Tone};
use super::super::record::{Keep, Summary};
use super::super::time::Wall;
use super::super::words::Word;
use super::{act, notice, talk};

/// What was deleted can be brought back for so long, in milliseconds; then it is purged.
const UNDO_MS: i64 = 60 * 60 * 1000;

/// Shows the conversations that hold these words, or all.
pub(super) fn show(model: &mut Model, words: &str) {
    model
        .layers
        .retain(|layer| !matches!(layer, Layer::Picker(_) | Layer::Card(_) | Layer::Browser(_)));
    let browser = Browser::new(words, model.conversation.id);
    model.layers.push(Layer::Browser(Box::new(browser)));
}

/// The open browser, also when something lies over it.
pub(super) fn browser(model: &mut Model) -> Option<&mut Browser> {
    model.layers.iter_mut().find_map(|layer| match layer {
        Layer::Browser(browser) => Some(browser.as_mut()),
        _ => None,
    })
}

/// What the browser wants to know now.
pub(super) fn next(model: &mut Model) -> Effects {
    let size = model.size;
    let keeps = browser(model).map(|browser| browser.next(size));
    keeps.into_iter().flatten().map(Effect::Keep).collect()
}

/// A key went down while the browser is on top.
pub(super) fn key(model: &mut Model, chord: Chord) -> Effects {
    let action = model.keymap.action(Context::Browser, chord).cloned();
    let page = isize::from(i16::try_from(model.size.1 / 2).unwrap_or(10)).max(1);
    let Some(Layer::Browser(browser)) = model.layers.last_mut() else {
        return vec![];
    };
    match action {
        Some(Action::Plain(Plain::Send)) => return enter(model),
        Some(Action::Plain(Plain::Cancel)) => {
            if browser.title.take().is_none() {
                model.layers.pop();
            }
        }
        Some(Action::Plain(Plain::Up)) => browser.choose(-1),
        Some(Action::Plain(Plain::Down)) => browser.choose(1),
        Some(Action::Plain(Plain::PageUp)) => browser.choose(-page),
        Some(Action::Plain(Plain::PageDown)) => browser.choose(page),
        Some(Action::Plain(Plain::Top)) => browser.choose(isize::MIN),
        Some(Action::Plain(Plain::Bottom)) => browser.choose(isize::MAX),
        Some(Action::Plain(Plain::Retitle)) => browser.retitle(),
        Some(Action::Plain(Plain::Pin)) => {
            let chosen = browser.chosen().map(|entry| entry.summary.id);
            return chosen.map(pin).into_iter().collect();
        }
        Some(Action::Plain(Plain::Delete)) => {
            let chosen = browser.chosen().map(|entry| entry.summary.id);
            return chosen.map_or_else(Vec::new, |chosen| delete(model, chosen));
        }
        Some(Action::Plain(plain)) => {
            if browser.edit(plain) == Applied::Unhandled {
                return act::act(model, &plain.into());
            }
        }
        Some(other) => return act::act(model, &other),
        None => {
            if let Some(c) = chord.typed() {
                browser.insert(c.encode_utf8(&mut [0; 4]));
            }
        }
    }
    vec![]
}

/// Opens the conversation with this number in the list, counted from 1, or looks for these words.
pub(super) fn line(model: &mut Model, text: &str) -> Effects {
    let Some(Layer::Browser(browser)) = model.layers.last_mut() else {
        return vec![];
    };
    if text.is_empty() {
        model.layers.pop();
        notice::say(model, Word::PlainLeft, &[], Tone::Plain);
        return vec![];
    }
    let number = text
        .parse()
        .ok()
        .and_then(|number: usize| number.checked_sub(1));
    if let Some(at) = number.filter(|at| *at < browser.entries.len()) {
        browser.chosen = at;
        return enter(model);
    }
    browser.seek(text);
    vec![]
}

/// Enter: keeps the title that was written, else opens the chosen conversation.
fn enter(model: &mut Model) -> Effects {
    let Some(Layer::Browser(browser)) = model.layers.last_mut() else {
        return vec![];
    };
    let Some(entry) = browser.chosen() else {
        return vec![];
    };
    let conversation = entry.summary.id;
    let message = entry.hit.as_ref().map(|hit| hit.message);
    match browser.title.take() {
        Some(title) => vec![Effect::Keep(Keep::Rename {
            conversation,
            title: title.text().trim().to_owned(),
        })],
        None => act::open_at(model, conversation, message),
    }
}

/// Puts a conversation at the top of the list, or back.
pub(super) const fn pin(conversation: ConversationId) -> Effect {
    Effect::Keep(Keep::Pin { conversation })
}

/// Deletes a conversation; it can be brought back for a while.
pub(super) fn delete(model: &mut Model, conversation: ConversationId) -> Effects {
    let mut effects = vec![];
    if conversation == model.conversation.id {
        // An answer that went on would bring it back.
        effects.extend(talk::abandon(model));
        model.modes.lock("deleting", model.now.mono);
    }
    let at = model.now.wall;
    effects.push(Effect::Keep(Keep::Delete { conversation, at }));
    effects
}

/// Brings back what was deleted last.
pub(super) fn undelete(model: &Model) -> Effect {
    let since = undoable(model);
    Effect::Keep(Keep::Undelete { since })
}

/// Forgets for good what was deleted too long ago to be brought back.
pub(super) fn purge(model: &Model) -> Effect {
    let before = undoable(model);
    Effect::Keep(Keep::Purge { before })
}

const fn undoable(model: &Model) -> Wall {
    Wall(model.now.wall.0.saturating_sub(UNDO_MS))
}

/// The store took a conversation out of sight.
pub(super) fn deleted(model: &mut Model, conversation: ConversationId) -> Effects {
    let known = browser(model).and_then(|browser| {
        browser.changed();
        let mut entries = browser.entries.iter();
        entries.find(|entry| entry.summary.id == conversation)
    });
    let title = known.map(|entry: &Entry| entry.summary.title.clone());
    let title = title.unwrap_or_else(|| model.conversation.title.clone());
    model
        .waiting
        .retain(|waiting| waiting.say.conversation != conversation);
    if conversation == model.conversation.id {
        act::fresh(model);
    }
    notice::say(model, Word::ConversationDeleted, &[&title], Tone::Good);
    vec![purge(model)]
}

/// The store brought a conversation back, or there was none.
pub(super) fn undeleted(model: &mut Model, back: Option<&Summary>) {
    if let Some(browser) = browser(model) {
        browser.changed();
    }
    match back {
        Some(back) => notice::say(model, Word::Undeleted, &[&back.title], Tone::Good),
        None => notice::say(model, Word::NothingDeleted, &[], Tone::Plain),
    }
}

/// The store has another title for a conversation.
pub(super) fn renamed(model: &mut Model, conversation: ConversationId, title: String) {
    if let Some(browser) = browser(model) {
        browser.changed();
    }
    if conversation == model.conversation.id {
        model.conversation.title = title;
    }
}

/// The store put a conversation at the top of the list, or back.
pub(super) fn pinned(model: &mut Model, pinned: bool) {
    if let Some(browser) = browser(model) {
        // The mark in the list says it.
        browser.changed();
        return;
    }
    let word = if pinned { Word::Pinned } else { Word::Unpinned };
    notice::say(model, word, &[], Tone::Good);
}
