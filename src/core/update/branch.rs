//! Asks something else, or the same once more, from an earlier place on. Nothing is overwritten:
//! what was said before that place is copied into a conversation of its own, a version of this one.

use super::super::effect::{Effect, Effects};
use super::super::ids::MessageId;
use super::super::model::{Model, Tone};
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
    let versions = &model.conversation.versions;
    let count = versions.len();
    let here = versions
        .iter()
        .position(|version| *version == model.conversation.id);
    let Some(here) = here.filter(|_| count > 1) else {
        notice::say(model, Word::NoVersions, &[], Tone::Plain);
        return vec![];
    };
    let there = if forth { here + 1 } else { here + count - 1 } % count;
    match versions.get(there).copied() {
        Some(version) => act::open(model, version),
        None => vec![],
    }
}
