//! Leads the user through models that hear and speak on this machine: the list, the question before
//! anything is fetched, how far it is, and what became of it. The conversation goes on meanwhile.

use super::super::action::{Action, Plain};
use super::super::effect::{Effect, Effects};
use super::super::fault::{Fault, FaultKind, Recovery, Severity};
use super::super::model::{Answer, Layer, Model, Question, Tone};
use super::super::picker::{Item, PickerKind};
use super::super::shelf::{Offer, Pull, ShelfEvent, ShelfOrder, Standing, Task, Wanted, megabytes};
use super::super::words::{Word, fill};
use super::{act, notice};

/// The user wants to see the models.
pub(super) fn list(model: &mut Model) -> Effects {
    model.shelf.wanted = Some(Wanted::List);
    vec![Effect::Shelf(ShelfOrder::List)]
}

/// The user wants a model. What it is, is looked up first.
pub(super) fn want(model: &mut Model, name: &str) -> Effects {
    model.shelf.wanted = Some(Wanted::Model(name.to_owned()));
    vec![Effect::Shelf(ShelfOrder::List)]
}

/// The user wants no more of the one that is on its way.
pub(super) fn stop(model: &mut Model) -> Effects {
    if model.shelf.pull.is_none() {
        notice::say(model, Word::NoPull, &[], Tone::Plain);
        return vec![];
    }
    vec![Effect::Shelf(ShelfOrder::Stop)]
}

/// The user agreed to a model's size and licence.
pub(super) fn agreed(model: &mut Model, name: &str) -> Effects {
    let order = ShelfOrder::Pull {
        model: name.to_owned(),
    };
    model.shelf.pull = Some(Pull {
        model: name.to_owned(),
        ..Pull::default()
    });
    vec![Effect::Shelf(order)]
}

/// The keeper of models told something.
pub(super) fn heard(model: &mut Model, event: ShelfEvent) -> Effects {
    match event {
        ShelfEvent::Listed(offers) => {
            model.shelf.offers = offers;
            match model.shelf.wanted.take() {
                Some(Wanted::List) => {
                    let items = items(model);
                    act::show(model, PickerKind::SpeechModels, items);
                }
                Some(Wanted::Model(name)) => ask(model, &name),
                None => {}
            }
        }
        ShelfEvent::Pulling(pull) => model.shelf.pull = Some(pull),
        ShelfEvent::Pulled { model: name } => {
            model.shelf.pull = None;
            notice::say(model, Word::PullDone, &[&name], Tone::Good);
            return look_again(model);
        }
        ShelfEvent::Stopped { model: name } => {
            model.shelf.pull = None;
            notice::say(model, Word::PullStopped, &[&name], Tone::Plain);
            return look_again(model);
        }
        ShelfEvent::Failed { what, hint } => {
            model.shelf.pull = None;
            model.shelf.wanted = None;
            let fault = Fault::new(FaultKind::System, what, model.now)
                .about(Word::FaultModels)
                .rated(Severity::Low)
                .mended_by(Recovery::FixInput);
            let fault = match hint {
                Some(hint) => fault.advise(hint),
                None => fault,
            };
            // What becomes of a model is no matter of the conversation, so its state stays.
            model
                .layers
                .retain(|layer| !matches!(layer, Layer::Card(_)));
            model.layers.push(Layer::Card(fault.clone()));
            model.faults.note(fault);
        }
    }
    refresh(model);
    vec![]
}

/// Brings an open list up to date.
fn refresh(model: &mut Model) {
    let items = items(model);
    for layer in &mut model.layers {
        if let Layer::Picker(picker) = layer
            && picker.kind == PickerKind::SpeechModels
        {
            let chosen = picker.chosen;
            picker.items.clone_from(&items);
            picker.filter();
            // The user's place in it stays.
            picker.chosen = chosen.min(picker.matches.len().saturating_sub(1));
        }
    }
}

/// Looks what is here now, if somebody looks at the list.
fn look_again(model: &mut Model) -> Effects {
    refresh(model);
    let open = model.layers.iter().any(
        |layer| matches!(layer, Layer::Picker(picker) if picker.kind == PickerKind::SpeechModels),
    );
    if open {
        vec![Effect::Shelf(ShelfOrder::List)]
    } else {
        vec![]
    }
}

/// Shows what a model is, and asks whether it is to be fetched.
fn ask(model: &mut Model, name: &str) {
    let found = model.shelf.offers.iter().find(|offer| offer.model == name);
    let Some(offer) = found.cloned() else {
        notice::say(model, Word::ModelsUnknown, &[name], Tone::Warning);
        return;
    };
    if let Some(pull) = &model.shelf.pull {
        let busy = pull.model.clone();
        notice::say(model, Word::PullOneAtATime, &[&busy], Tone::Plain);
        return;
    }
    if matches!(offer.standing, Standing::Here { .. }) {
        notice::say(model, Word::PullDone, &[name], Tone::Good);
        return;
    }
    let weight = weight(model, &offer);
    let arguments = [name, &weight, &offer.licence, &offer.source];
    let text = fill(Word::AskPull.text(model.lang), &arguments);
    // Who vouches for it belongs to the decision.
    let unpinned = Word::PlanUnpinned.text(model.lang);
    let yes = Answer::PullModel(offer.model);
    model.layers.push(Layer::Question(Question {
        text,
        detail: (!offer.pinned).then(|| unpinned.to_owned()),
        ready: model.now.mono,
        yes,
    }));
}

fn weight(model: &Model, offer: &Offer) -> String {
    match offer.weight {
        Some((bytes, true)) => megabytes(bytes),
        Some((bytes, false)) => fill(Word::ModelAbout.text(model.lang), &[&megabytes(bytes)]),
        None => Word::ModelUnweighed.text(model.lang).to_owned(),
    }
}

/// The models as lines of a list: what is here of each, what it weighs, whose it is.
fn items(model: &Model) -> Vec<Item> {
    let say = |word: Word| word.text(model.lang).to_owned();
    let line = |offer: &Offer| {
        let coming = model.shelf.pull.as_ref();
        let coming = coming.is_some_and(|pull| pull.model == offer.model);
        let here = match offer.standing {
            _ if coming => say(Word::ModelComing),
            Standing::Absent => say(Word::ModelAbsent),
            Standing::Partial { bytes } => fill(&say(Word::ModelSome), &[&megabytes(bytes)]),
            Standing::Damaged => say(Word::ModelDamagedShort),
            Standing::Here { .. } => say(Word::ModelHere),
        };
        let weight = match offer.standing {
            Standing::Here { bytes } => megabytes(bytes),
            _ => weight(model, offer),
        };
        let task = match offer.task {
            Task::Ears => say(Word::PartEars),
            Task::Voice => say(Word::PartVoice),
            Task::Brain => say(Word::PartBrain),
        };
        let languages = offer.languages.join(" ");
        let note = format!("{here} · {weight} · {} · {task} {languages}", offer.licence);
        let action = if coming {
            Action::Plain(Plain::StopPull)
        } else {
            Action::PullModel(offer.model.clone())
        };
        Item {
            label: offer.model.clone(),
            note,
            action,
            current: matches!(offer.standing, Standing::Here { .. }),
        }
    };
    model.shelf.offers.iter().map(line).collect()
}
