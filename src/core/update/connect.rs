//! Leads the user to another model server or backend: what to connect to, one question after
//! another, a trial, and what is used from then on. Esc leaves at any step; what was answered is
//! kept, and the next `/connect` goes on with it.

use super::super::action::Action;
use super::super::connect::{
    ConnectEvent, ConnectOrder, Draft, EMBEDDED, InUse, Kind, Step, Trial,
};
use super::super::effect::{Effect, Effects};
use super::super::fault::{Fault, FaultKind, Recovery, Severity};
use super::super::form::{Form, FormKind};
use super::super::ids::Epoch;
use super::super::line::{Line, LinkOrder};
use super::super::model::{Answer, Consent, Layer, Model, Question, Tone};
use super::super::past::Past;
use super::super::picker::{Picker, PickerKind};
use super::super::words::{Word, fill};
use super::errand::READING;
use super::{act, hear, notice};

/// The user wants to connect something, and is not sure what.
pub(super) fn list(model: &mut Model) -> Effects {
    model.connecting.awaited = true;
    vec![Effect::Connect(ConnectOrder::Look)]
}

/// The user wants to connect to this: a kind, perhaps with its address, or a name of the settings.
pub(super) fn to(model: &mut Model, text: &str) -> Effects {
    let (name, address) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let kind = Kind::ASKED.into_iter().find(|kind| kind.name() == name);
    let Some(kind) = kind else {
        model.connecting.draft = Some(Draft::known(text.trim()));
        return test(model);
    };
    let begun = model.connecting.draft.take();
    let mut draft = begun
        .filter(|draft| draft.kind == kind && (address.is_empty() || draft.address == address))
        .unwrap_or_else(|| Draft::new(kind));
    if !address.is_empty() {
        draft.answer(Step::Address, address);
    }
    model.connecting.draft = Some(draft);
    ask(model, 0, &[]);
    vec![]
}

/// Something came back.
pub(super) fn heard(model: &mut Model, event: ConnectEvent) -> Effects {
    let asked = model.connecting.nth;
    let is_last = match &event {
        ConnectEvent::Looked { .. } => true,
        ConnectEvent::Found { .. } => false,
        ConnectEvent::Taken { nth, .. }
        | ConnectEvent::Refused { nth, .. }
        | ConnectEvent::Over { nth }
        | ConnectEvent::Ready { nth, .. }
        | ConnectEvent::Failed { nth, .. } => *nth == asked,
    };
    model.connecting.awaited &= !is_last;
    match event {
        ConnectEvent::Looked { servers, backends } => show(model, &servers, &backends),
        ConnectEvent::Taken {
            nth,
            step,
            draft,
            offers,
        } if nth == asked && form(model).is_some() => {
            let steps = draft.kind.steps();
            let next = steps.iter().position(|one| *one == step).map(|at| at + 1);
            model.connecting.draft = Some(draft);
            match next.filter(|next| *next < steps.len()) {
                Some(next) => ask(model, next, &offers),
                None => return test(model),
            }
        }
        ConnectEvent::Refused { nth, what, hint } if nth == asked => {
            if let Some(form) = form(model) {
                form.wrong = Some(joined(&what, &hint));
            }
        }
        ConnectEvent::Found { nth, check } if nth == asked => {
            model.connecting.checks.push(check);
            judge(model, Trial::Running);
        }
        ConnectEvent::Over { nth } if nth == asked => {
            let outcome = model.connecting.outcome();
            judge(model, outcome);
        }
        ConnectEvent::Ready { nth, now } if nth == asked => return exchange(model, now),
        ConnectEvent::Failed { nth, what, hint } if nth == asked => {
            let fault = Fault::new(FaultKind::Validation, what, model.now)
                .rated(Severity::Low)
                .mended_by(Recovery::FixInput)
                .advise(hint);
            model.faults.note(fault.clone());
            model
                .layers
                .retain(|layer| !matches!(layer, Layer::Card(_)));
            model.layers.push(Layer::Card(fault));
        }
        // The user has gone on, or away.
        ConnectEvent::Taken { .. }
        | ConnectEvent::Refused { .. }
        | ConnectEvent::Found { .. }
        | ConnectEvent::Over { .. }
        | ConnectEvent::Ready { .. }
        | ConnectEvent::Failed { .. } => {}
    }
    vec![]
}

fn joined(what: &str, hint: &str) -> String {
    if hint.is_empty() {
        what.to_owned()
    } else {
        format!("{what}; {hint}")
    }
}

/// What there is to connect to.
fn show(model: &mut Model, servers: &[(String, String)], backends: &[(String, String)]) {
    let lang = model.lang;
    let mut items = vec![];
    for (name, address) in servers {
        let to = format!("{} {address}", Kind::ModelServer.name());
        let action = Action::ConnectTo(to);
        items.push(act::item(name.clone(), address.clone(), action, false));
    }
    for kind in Kind::ASKED {
        let begun = model.connecting.draft.as_ref();
        let begun = begun.filter(|draft| draft.kind == kind && !draft.address.is_empty());
        let note = match begun {
            Some(draft) => fill(Word::ConnectBegun.text(lang), &[&draft.address]),
            None => kind.address().text(lang).to_owned(),
        };
        let label = kind.word().text(lang).to_owned();
        let action = Action::ConnectTo(kind.name().to_owned());
        items.push(act::item(label, note, action, false));
    }
    let embedded = (EMBEDDED.to_owned(), String::new());
    for (name, address) in backends.iter().chain([&embedded]) {
        let label = Draft::known(name).called(lang);
        let action = Action::ConnectTo(name.clone());
        let current = *name == model.backend;
        items.push(act::item(label, address.clone(), action, current));
    }
    model
        .layers
        .retain(|layer| !matches!(layer, Layer::Picker(_) | Layer::Form(_) | Layer::Card(_)));
    let mut picker = Picker::new(PickerKind::Connect, items);
    picker.chosen = 0;
    model.layers.push(Layer::Picker(picker));
}

/// Asks for one of the steps.
fn ask(model: &mut Model, at: usize, offers: &[String]) {
    let lang = model.lang;
    let Some(draft) = model.connecting.draft.clone() else {
        return;
    };
    let steps = draft.kind.steps();
    let Some(step) = steps.get(at).copied() else {
        return;
    };
    let say = |word: Word| word.text(lang).to_owned();
    let title = fill(
        Word::ConnectTitle.text(lang),
        &[
            draft.kind.word().text(lang),
            step.word().text(lang),
            &(at + 1).to_string(),
            &steps.len().to_string(),
        ],
    );
    let about = match step {
        Step::Address => vec![say(draft.kind.address())],
        Step::Token => vec![say(Word::ConnectToken), say(Word::ConnectTokenKept)],
        Step::Model => vec![say(Word::ConnectModel)],
        Step::Name => vec![say(Word::ConnectName)],
    };
    let mut form = Form::new(FormKind::Connect(step), title, about, &draft.text(step));
    form.offers = offers.to_vec();
    if form.text().is_empty() && !step.optional()
        || step == Step::Model && draft.model.is_empty() && draft.kind == Kind::ModelServer
    {
        form.walk(false);
    }
    form.secret = step == Step::Token;
    form.optional = step.optional();
    model
        .layers
        .retain(|layer| !matches!(layer, Layer::Form(_)));
    model.layers.push(Layer::Form(form));
}

/// The line that is asked for on the way, if it is.
fn form(model: &mut Model) -> Option<&mut Form> {
    let forms = model.layers.iter_mut().rev();
    forms.into_iter().find_map(|layer| match layer {
        Layer::Form(form) if matches!(form.kind, FormKind::Connect(_)) => Some(form),
        _ => None,
    })
}

/// The user answered a step.
pub(super) fn entered(model: &mut Model, step: Step, text: &str) -> Effects {
    if text.is_empty() && !step.optional() {
        return vec![];
    }
    if let Some(form) = form(model) {
        form.wrong = None;
    }
    let Some(draft) = &mut model.connecting.draft else {
        return vec![];
    };
    draft.answer(step, text);
    let draft = draft.clone();
    let nth = model.connecting.ask();
    vec![Effect::Connect(ConnectOrder::Take { nth, step, draft })]
}

/// The user leaves a step: what was written is kept.
pub(super) fn left(model: &mut Model, step: Step, text: &str) {
    if let Some(draft) = &mut model.connecting.draft {
        draft.answer(step, text);
    }
    model.connecting.give_up();
    notice::say(model, Word::ConnectLeft, &[], Tone::Plain);
}

/// Tries what was answered.
fn test(model: &mut Model) -> Effects {
    let Some(draft) = model.connecting.draft.clone() else {
        return vec![];
    };
    model.connecting.checks.clear();
    model
        .layers
        .retain(|layer| !matches!(layer, Layer::Form(_) | Layer::Card(_)));
    model.layers.push(Layer::Question(Question {
        text: String::new(),
        detail: None,
        ready: model.now.mono,
        yes: Answer::Connect(Trial::Running),
    }));
    judge(model, Trial::Running);
    let nth = model.connecting.ask();
    vec![Effect::Connect(ConnectOrder::Test { nth, draft })]
}

/// Says how the trial stands, and asks what is to become of it.
fn judge(model: &mut Model, trial: Trial) {
    let lang = model.lang;
    let called = model.connecting.draft.as_ref();
    let called = called.map_or_else(String::new, |draft| draft.called(lang));
    let word = match trial {
        Trial::Running => Word::ConnectTrying,
        Trial::Good => Word::ConnectWorks,
        Trial::Bad => Word::ConnectFails,
    };
    let text = fill(word.text(lang), &[&called]);
    let detail = model.connecting.told(lang);
    let now = model.now.mono;
    let questions = model.layers.iter_mut().rev();
    let question = questions.into_iter().find_map(|layer| match layer {
        Layer::Question(question) if matches!(question.yes, Answer::Connect(_)) => Some(question),
        _ => None,
    });
    if let Some(question) = question {
        if trial != Trial::Running {
            // Whoever types in this moment means something else.
            question.ready = now + READING;
        }
        (question.text, question.detail) = (text, detail);
        question.yes = Answer::Connect(trial);
    }
}

/// The user said what is to become of it. The question is closed.
pub(super) fn decided(model: &mut Model, word: Word) -> Effects {
    match word {
        Word::ConnectUse | Word::ConnectAnyway => {
            let Some(draft) = model.connecting.draft.clone() else {
                return vec![];
            };
            let nth = model.connecting.ask();
            vec![Effect::Connect(ConnectOrder::Keep { nth, draft })]
        }
        Word::ConnectAgain => test(model),
        Word::ConnectChange => {
            let draft = model.connecting.draft.as_ref();
            if draft.is_some_and(|draft| draft.kind == Kind::Known) {
                return list(model);
            }
            ask(model, 0, &[]);
            vec![]
        }
        _ => {
            model.connecting.give_up();
            notice::say(model, Word::ConnectLeft, &[], Tone::Plain);
            vec![]
        }
    }
}

/// The settings of the line changed: it is made anew.
pub(super) fn renew(model: &mut Model) -> Effects {
    let nth = model.connecting.ask();
    vec![Effect::Connect(ConnectOrder::Renew { nth })]
}

/// The new line takes the place of the old one. What was said and not confirmed is said there.
fn exchange(model: &mut Model, now: InUse) -> Effects {
    let mut effects = hear::changed(model, Line::Closed);
    model.backend = now.backend;
    model.consent = Consent::Ask;
    model.choice = now.choice;
    model.personas = now.personas;
    (model.brains, model.past) = (None, Past::default());
    model.tools.clear();
    // Its lives are counted anew, and it has heard nothing yet.
    (model.epoch, model.briefed) = (Epoch::default(), None);
    model
        .layers
        .retain(|layer| !matches!(layer, Layer::Card(_) | Layer::Picker(_)));
    if let Some(written) = &now.written {
        let draft = model.connecting.draft.take();
        let called = draft.map_or_else(|| model.backend.clone(), |draft| draft.called(model.lang));
        let (word, what, tone) = match (&written.beaten, &written.file) {
            (Some(winner), _) => (Word::ConnectBeaten, winner.as_str(), Tone::Warning),
            (None, Some(file)) => (Word::ConnectNow, file.as_str(), Tone::Good),
            (None, None) => (Word::ConnectOnlyNow, "", Tone::Good),
        };
        notice::say(model, word, &[&called, what], tone);
    }
    effects.push(Effect::Exchange);
    effects.push(Effect::Link(LinkOrder::Dial));
    effects
}
