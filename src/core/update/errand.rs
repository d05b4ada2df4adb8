//! Runs the errands on which the backend sends us in the middle of an answer: asks the user whether
//! a tool may be used, looks at the clipboard, turns the volume.
//!
//! One question is asked at a time, the others wait behind it. A question that is not answered is
//! answered with no, and one whose answer nobody waits for any more goes away. The backend inside
//! this program asks before it wants the clipboard; one elsewhere may say that it did, so it is
//! asked here.

use super::super::backend::{Errand, Permission, Task, ToolServer, ToolState, Up};
use super::super::call::consent;
use super::super::connect::EMBEDDED;
use super::super::effect::{Effect, Effects};
use super::super::ids::TurnId;
use super::super::line::LinkOrder;
use super::super::model::{Answer, Consent, Layer, Model, PageKind, Question, Tone};
use super::super::time::Moment;
use super::super::words::{Word, fill};
use super::{notice, speak};
use serde_json::Value;
use std::time::Duration;

/// Whoever is typing when a question comes up has not read it: keys count as an answer only after
/// such a pause.
pub(super) const READING: Duration = Duration::from_millis(600);

/// So often the user is asked for one answer: a model that gets a no may go on asking for ever.
const QUESTIONS: u32 = 32;

/// What the tool is called that reads and writes the clipboard.
const CLIPBOARD: &str = "clipboard";

/// The backend sends us.
pub(super) fn sent(model: &mut Model, turn: TurnId, errand: Errand) -> Effects {
    let Some(running) = model.turn.as_mut().filter(|running| running.id == turn) else {
        // The user has moved on: nothing is to be done for that answer any more.
        return vec![report(turn, errand.id, Err("called off".to_owned()))];
    };
    let is_allowed = match (&errand.task, model.consent) {
        (Task::Volume { .. }, _) => true,
        (Task::ReadClipboard | Task::WriteClipboard { .. }, _) if model.backend == EMBEDDED => true,
        (Task::Permit { .. }, _) | (_, Consent::Ask) => false,
        (_, Consent::Conversation(of)) => of == model.conversation.id,
        (task, Consent::Once { of, writes }) => {
            let fits = of == turn && writes == matches!(task, Task::WriteClipboard { .. });
            if fits {
                model.consent = Consent::Ask;
            }
            fits
        }
    };
    if is_allowed {
        return run(model, turn, errand);
    }
    if running.questions == QUESTIONS {
        let why =
            format!("the user was asked {QUESTIONS} times for this answer, and is not asked again");
        return vec![report(turn, errand.id, Err(why))];
    }
    running.questions += 1;
    model.errands.push_back((turn, errand));
    ask(model);
    vec![]
}

/// Does what needs no question, or no more.
fn run(model: &mut Model, turn: TurnId, errand: Errand) -> Effects {
    match errand.task {
        // It is nothing but a question.
        Task::Permit { .. } => vec![],
        Task::ReadClipboard => vec![Effect::ReadClipboard {
            turn,
            errand: errand.id,
        }],
        Task::WriteClipboard { text } => vec![
            Effect::Copy(text),
            report(turn, errand.id, Ok("it is on the clipboard".to_owned())),
        ],
        Task::Volume { percent } => {
            let mut effects = vec![];
            if let Some(percent) = percent {
                effects = speak::set_volume(model, percent.min(200) as f32 / 100.0);
            }
            let now = format!("{:.0} %", model.voice.wishes.volume * 100.0);
            let told = fill(Word::VolumeIs.text(model.lang), &[&now]);
            effects.push(report(turn, errand.id, Ok(told)));
            effects
        }
    }
}

/// What is on the clipboard is known, or why not.
pub(super) fn clipboard(turn: TurnId, errand: String, found: Result<String, String>) -> Effects {
    vec![report(turn, errand, found)]
}

fn report(turn: TurnId, errand: String, outcome: Result<String, String>) -> Effect {
    Effect::Link(LinkOrder::Say(Up::Report {
        turn,
        errand,
        outcome,
    }))
}

/// Asks the next question, unless one is open.
fn ask(model: &mut Model) {
    if is_asking(model) {
        return;
    }
    let Some((_, errand)) = model.errands.front() else {
        return;
    };
    let lang = model.lang;
    let clipboard = |word: Word| fill(word.text(lang), &[&model.backend]);
    let (text, detail, yes) = match &errand.task {
        Task::Permit { tool, arguments } => {
            let text = fill(Word::AskPermit.text(lang), &[tool]);
            let detail = Some(arguments.trim()).filter(|text| *text != "{}");
            (text, detail.unwrap_or_default(), Answer::Permit)
        }
        Task::ReadClipboard => (clipboard(Word::AskClipboard), "", Answer::Clipboard),
        Task::WriteClipboard { text } => {
            (clipboard(Word::AskToCopy), text.trim(), Answer::Clipboard)
        }
        Task::Volume { .. } => return,
    };
    let question = Question {
        text,
        detail: (!detail.is_empty()).then(|| detail.to_owned()),
        ready: model.now.mono + READING,
        yes,
    };
    model.layers.push(Layer::Question(question));
}

/// Is a question about a tool open, or hidden under something else?
pub(super) fn is_asking(model: &Model) -> bool {
    model.layers.iter().any(is_ours)
}

fn is_ours(layer: &Layer) -> bool {
    let ours = |yes: &Answer| matches!(yes, Answer::Permit | Answer::Clipboard);
    matches!(layer, Layer::Question(question) if ours(&question.yes))
}

/// The user has decided about the question that is open.
pub(super) fn decide(model: &mut Model, decision: Permission) -> Effects {
    model.layers.retain(|layer| !is_ours(layer));
    let Some((turn, errand)) = model.errands.pop_front() else {
        return vec![];
    };
    if let Some(running) = &mut model.turn {
        running.progress(model.now.mono);
    }
    let word = match decision {
        Permission::Always => Some(Word::PermitAlways),
        Permission::Never => Some(Word::PermitNever),
        Permission::Once | Permission::Conversation | Permission::No => None,
    };
    if let (Some(word), Task::Permit { tool, .. }) = (word, &errand.task) {
        notice::say(model, word, &[tool], Tone::Good);
    }
    let asked_first = match &errand.task {
        Task::Permit { tool, arguments } if tool == CLIPBOARD => Some(Consent::Once {
            of: turn,
            writes: writes(arguments),
        }),
        Task::Permit { .. } | Task::Volume { .. } => None,
        Task::ReadClipboard | Task::WriteClipboard { .. } => Some(Consent::Ask),
    };
    if let Some(once) = asked_first {
        model.consent = match decision {
            Permission::Once => once,
            // What it may for good is known to the backend; nobody elsewhere has it for good here.
            Permission::Conversation | Permission::Always => {
                Consent::Conversation(model.conversation.id)
            }
            Permission::No | Permission::Never => Consent::Ask,
        };
    }
    let effects = match (&errand.task, decision) {
        (Task::Permit { .. }, _) => {
            vec![report(turn, errand.id, Ok(decision.code().to_owned()))]
        }
        (_, Permission::No | Permission::Never) => {
            vec![report(turn, errand.id, Err("the user said no".to_owned()))]
        }
        (_, Permission::Once | Permission::Conversation | Permission::Always) => {
            run(model, turn, errand)
        }
    };
    ask(model);
    effects
}

/// Whether the clipboard is to be written, and not read, with these arguments of its tool.
fn writes(arguments: &str) -> bool {
    let read: Option<Value> = serde_json::from_str(arguments).ok();
    read.is_some_and(|read| read.get("text").is_some_and(Value::is_string))
}

/// What was said may be the answer to an open question; `None` if it is none.
pub(super) fn heard(model: &mut Model, text: &str) -> Option<Effects> {
    if !is_asking(model) {
        return None;
    }
    consent(text).map(|decision| decide(model, decision))
}

/// The turn is over: nobody waits for its errands.
pub(super) fn over(model: &mut Model, turn: TurnId) {
    model.errands.retain(|(of, _)| *of != turn);
    model.layers.retain(|layer| !is_ours(layer));
    ask(model);
}

/// Whether the running turn waits for the user, or for a tool that works: it is not late then.
pub(super) fn holds_up(model: &Model) -> bool {
    let Some(turn) = &model.turn else {
        return false;
    };
    let reply = model.conversation.transcript.get(turn.reply);
    let works = reply.is_some_and(|reply| reply.tools.iter().any(|tool| tool.outcome.is_none()));
    works || model.errands.iter().any(|(of, _)| *of == turn.id)
}

/// When the keys of a question begin to count, and are to be shown.
pub(super) fn deadline(model: &Model) -> Option<Moment> {
    let ready = model.layers.iter().find_map(|layer| match layer {
        Layer::Question(question) => Some(question.ready),
        Layer::Picker(_)
        | Layer::Browser(_)
        | Layer::Finder(_)
        | Layer::Page(_)
        | Layer::Form(_)
        | Layer::Card(_) => None,
    });
    ready.filter(|ready| model.now.mono < *ready)
}

/// The tools there are. What became worse since is told.
pub(super) fn tools(model: &mut Model, servers: Vec<ToolServer>) {
    for server in &servers {
        let known = model.tools.iter().find(|known| known.name == server.name);
        let before = known.map(|known| known.state);
        if before == Some(server.state) || server.why.is_empty() {
            continue;
        }
        let word = match server.state {
            ToolState::Waiting => Word::ToolsRestart,
            ToolState::Off => Word::ToolsGivenUp,
            ToolState::Idle | ToolState::Starting | ToolState::Ready => continue,
        };
        notice::say(model, word, &[&server.why], Tone::Warning);
    }
    model.tools = servers;
    let tools = &model.tools;
    for layer in &mut model.layers {
        if let Layer::Page(page) = layer
            && let PageKind::Tools(shown) = &mut page.kind
        {
            shown.clone_from(tools);
        }
    }
}
