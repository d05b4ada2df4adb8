//! Names for what the screen shows: brains, keys, times. Sentences are in `core::words`.

use crate::core::action::{Action, Plain};
use crate::core::backend::By;
use crate::core::keys::Context;
use crate::core::model::Model;
use crate::core::words::Word;
use std::time::Duration;

/// A sentence in the user's language.
pub(super) fn say(model: &Model, word: Word) -> &'static str {
    word.text(model.lang)
}

/// The key to press for an action, the one to show first; `None`: no key does it here.
pub(super) fn key(model: &Model, context: Context, action: Plain) -> Option<String> {
    let chords = model.keymap.chords(context, &Action::Plain(action));
    chords.first().map(|chord| chord.label())
}

/// The badge of who answered: the built-in brain by name, others by their model.
pub(super) fn badge(model: &Model, by: &By) -> String {
    match &by.model {
        _ if by.brain == "builtin" => say(model, Word::BuiltIn).to_owned(),
        Some(name) => name.clone(),
        None => brain_name(model, &by.brain),
    }
}

/// The id of the brain that answers the turns to come, if it is known.
fn current_id(model: &Model) -> Option<&str> {
    let chosen = model.choice.brain.as_deref().filter(|id| *id != "auto");
    let brains = model.brains.as_ref();
    chosen.or_else(|| brains.map(|brains| brains.current.as_str()))
}

/// What the brain that answers the turns to come is called.
pub(super) fn current_brain(model: &Model) -> Option<String> {
    current_id(model).map(|id| brain_name(model, id))
}

/// The badge of who answers the turns to come.
pub(super) fn current_badge(model: &Model) -> String {
    let Some(id) = current_id(model) else {
        return say(model, Word::Assistant).to_owned();
    };
    let default = model
        .brains
        .as_ref()
        .and_then(|brains| brains.all.iter().find(|brain| brain.id == id))
        .and_then(|brain| brain.model.clone());
    let by = By {
        brain: id.to_owned(),
        model: model.choice.model.clone().or(default),
    };
    badge(model, &by)
}

/// What people call a brain: its name, or the host in its address.
fn brain_name(model: &Model, id: &str) -> String {
    if id == "builtin" {
        return say(model, Word::BuiltIn).to_owned();
    }
    let known = model
        .brains
        .as_ref()
        .and_then(|brains| brains.all.iter().find(|brain| brain.id == id));
    if let Some(brain) = known.filter(|brain| !brain.name.is_empty()) {
        return brain.name.clone();
    }
    let host = id.split_once("://").map_or(id, |(_, rest)| rest);
    host.split('/').next().unwrap_or(host).to_owned()
}

/// A span of time as the status bar tells it.
pub(super) fn seconds(span: Duration) -> String {
    match span.as_secs() {
        whole @ 0..10 => format!("{whole}.{} s", span.subsec_millis() / 100),
        whole @ 10..60 => format!("{whole} s"),
        whole => format!("{}:{:02}", whole / 60, whole % 60),
    }
}

/// The same for what may be over sooner than a tenth of a second.
pub(super) fn brief(span: Duration) -> String {
    match span.as_millis() {
        ms @ 0..100 => format!("{ms} ms"),
        _ => seconds(span),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_as_exact_as_people_need() {
        let table = [
            (0, "0.0 s"),
            (3240, "3.2 s"),
            (59_999, "59 s"),
            (61_000, "1:01"),
        ];
        for (ms, told) in table {
            assert_eq!(seconds(Duration::from_millis(ms)), told);
        }
    }
}
