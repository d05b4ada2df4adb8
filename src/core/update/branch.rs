//! Asks something else, or the same once more, from an earlier place on. Nothing is overwritten:
//! what was said before that place is copied into a conversation of its own, a version of this one.

use super::super::compare::{Comparison, Difference};
use super::super::effect::{Effect, Effects};
use super::super::ids::{ConversationId, MessageId};
use super::super::model::{Layer, Model, Page, PageKind, Tone};
use super::super::record::Keep;
use super::super::transcript::Role;
use super::super::words::Word;
use super::{act, ask, notice, talk};

/// Goes on in a copy of what was said before a message, or of everything.
pub(super) fn branch(model: &mut Model, before: Option<MessageId>) -> Effects {
    if model.conversation.transcript.is_empty() {
        notice::say(model, Word::NothingToBranch, &[], Tone::Plain);
        return vec![];
    }
    // What came of a running answer so far is part of the copy.
    let mut effects = talk::abandon(model);
    let (from, into) = (model.conversation.id, model.seed.conversation());
    let at = model.now.wall;
    effects.push(Effect::Keep(Keep::Branch {
        from,
        before,
        into,
        at,
    }));
    effects.extend(act::open(model, into));
    effects
}

/// Asks the last question in a copy of what was said before it, for another answer.
pub(super) fn regenerate(model: &mut Model) -> Effects {
    let Some(question) = model.conversation.transcript.last(Role::User) else {
        notice::say(model, Word::NothingToRepeat, &[], Tone::Plain);
        return vec![];
    };
    // Words that nobody has understood yet are tried again where they are.
    if question.text.is_empty() {
        return ask::again(model);
    }
    let (id, text, spoken) = (question.id, question.text.clone(), question.clip.is_some());
    let mut effects = branch(model, Some(id));
    let aloud = model.voice.wishes.speak.to(spoken);
    effects.extend(ask::ask(model, text, aloud));
    effects
}

/// Puts a question into the composer, to be asked otherwise.
pub(super) fn edit(model: &mut Model, message: Option<MessageId>) -> Effects {
    let transcript = &model.conversation.transcript;
    let question = match message {
        Some(id) => transcript.get(id),
        None => transcript.last(Role::User),
    };
    let question =
        question.filter(|message| message.role == Role::User && !message.text.is_empty());
    let Some((id, text)) = question.map(|message| (message.id, message.text.clone())) else {
        notice::say(model, Word::NothingToEdit, &[], Tone::Plain);
        return vec![];
    };
    model.composer.set(&text);
    model.conversation.editing = Some(id);
    model.draft_due = Some(model.now.mono);
    vec![]
}

/// The question that is being edited is not asked after all. `false`: none was.
pub(super) fn leave(model: &mut Model) -> bool {
    if model.conversation.editing.take().is_none() {
        return false;
    }
    model.composer.set("");
    model.draft_due = Some(model.now.mono);
    true
}

/// Before words are asked: if they are another form of an earlier question, they are asked in its
/// place, in a copy.
pub(super) fn place(model: &mut Model) -> Effects {
    match model.conversation.editing.take() {
        Some(id) if model.conversation.transcript.get(id).is_some() => branch(model, Some(id)),
        _ => vec![],
    }
}

/// Opens the next version of the conversation, or the one before.
pub(super) fn step(model: &mut Model, forth: bool) -> Effects {
    match beside(model, model.conversation.id, forth) {
        Some(version) => act::open(model, version),
        None => none(model),
    }
}

fn none(model: &mut Model) -> Effects {
    notice::say(model, Word::NoVersions, &[], Tone::Plain);
    vec![]
}

/// The version after one of them, or before it, in a ring.
fn beside(model: &Model, version: ConversationId, forth: bool) -> Option<ConversationId> {
    let versions = &model.conversation.versions;
    let count = versions.len();
    let here = versions.iter().position(|one| *one == version);
    let here = here.filter(|_| count > 1)?;
    let there = if forth { here + 1 } else { here + count - 1 } % count;
    versions.get(there).copied()
}

/// Shows another version beside the open one: the one before, since it is what one comes from; asked
/// again, the one before that.
pub(super) fn compare(model: &mut Model) -> Effects {
    let here = model.conversation.id;
    let shown = match model.layers.last() {
        Some(Layer::Page(Page {
            kind: PageKind::Compare(comparison),
            ..
        })) => Some(comparison.other),
        _ => None,
    };
    let mut other = beside(model, shown.unwrap_or(here), false);
    if other == Some(here) {
        other = beside(model, here, false);
    }
    let Some(other) = other else {
        return none(model);
    };
    if shown.is_some() {
        model.layers.pop();
    }
    let comparison = Comparison { other, found: None };
    model.layers.push(Layer::Page(Page {
        kind: PageKind::Compare(Box::new(comparison)),
        scroll: 0,
    }));
    vec![Effect::Keep(Keep::Compare { one: here, other })]
}

/// The store has compared them.
pub(super) fn compared(
    model: &mut Model,
    one: ConversationId,
    other: ConversationId,
    difference: Difference,
) {
    let here = model.conversation.id == one;
    if let Some(Layer::Page(Page {
        kind: PageKind::Compare(comparison),
        ..
    })) = model.layers.last_mut()
        && comparison.other == other
        && here
    {
        comparison.found = Some(difference);
    }
}
