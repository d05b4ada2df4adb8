//! The one function that changes the model: a message goes in, wishes come out.
//!
//! `input` reads keys, `point` what is pointed at, `act` carries out actions, `ask` takes words that are to be asked, `talk`
//! leads a turn from question to answer, `reply` takes the pieces of that; `listen` leads a
//! recording from the microphone to its words, `speak` what is read out, `phone` a call, `browse` the
//! list of earlier conversations, `find` a search in the open one, `branch` its other versions,
//! `engine` chooses what hears and speaks, `shelf` brings a model to
//! this machine, `export` writes a conversation down, `settings` shows and changes settings, `checkup` looks how everything is doing,
//! `log` leads through a log, `inspect` shows a turn on its timeline, `bundle` gathers what goes into
//! a report of a fault, `guest` is what a backend
//! does of its own accord, `errand` what it sends us for; `hear` takes what line, store and sound
//! report, `remote` does what somebody else on this machine wants, `written` takes whole lines
//! where there are no keys, `share` shows what others say in the open conversation, `notice` tells the user, `tidings` those who look elsewhere.

mod act;
mod ask;
mod branch;
mod browse;
mod bundle;
mod checkup;
mod connect;
mod engine;
mod errand;
mod export;
mod find;
mod guest;
mod hear;
mod import;
mod input;
mod inspect;
mod listen;
mod log;
mod notice;
mod phone;
mod point;
mod remote;
mod reply;
mod settings;
mod share;
mod shelf;
mod speak;
mod talk;
#[cfg(test)]
mod tests;
mod tidings;
mod written;

pub use guest::offers;

use super::effect::{Effect, Effects};
use super::events::{Event, EventName, Pushed, Signal, UserSignal};
use super::fault::{Fault, FaultKind};
use super::line::{Line, LinkOrder};
use super::mode::Mode;
use super::model::{Drawn, Layer, Model};
use super::msg::Msg;
use super::record::Keep;
use super::time::{Moment, Now};
use std::time::Duration;

/// The composer's text is kept this long after the last change to it.
const DRAFT_DELAY: Duration = Duration::from_millis(400);
/// A growing reply is kept this often, so that a crash costs at most its last second.
const CHECKPOINT: Duration = Duration::from_secs(1);
/// One step of the spinner.
pub const SPIN: Duration = Duration::from_millis(100);
/// What counts on the screen does so this often where nothing is to move.
const STILL: Duration = Duration::from_secs(1);
/// How many messages are fetched at a time.
pub const FETCH: usize = 200;

/// Takes in what happened and answers with what is to be done about it.
pub fn update(model: &mut Model, now: Now, msg: Msg) -> Effects {
    model.now = now;
    let before = tidings::Before::of(model);
    let by_hand = matches!(msg, Msg::Key { .. } | Msg::Paste(_));
    let mut effects = match msg {
        Msg::Start { resume } => start(model, resume),
        Msg::Key { chord, phase } => input::key(model, chord, phase),
        Msg::Paste(text) => input::paste(model, &text),
        // Where that is, only a screen knows.
        Msg::Click(..) => vec![],
        Msg::Pointed(spot) => point::at(model, &spot),
        Msg::Wheel { up } => point::wheel(model, up),
        Msg::Written(text) => written::line(model, &text),
        Msg::Resize(columns, rows) => {
            model.size = (columns, rows);
            log::resized(model)
        }
        Msg::Focus(focused) => {
            model.focused = focused;
            input::focus(model)
        }
        Msg::Act(action) => {
            push(model, Signal::User(UserSignal::Act(action)), "asked for");
            vec![]
        }
        Msg::Order(order) => remote::order(model, &order),
        Msg::Link(event) => hear::link(model, event),
        Msg::Kept(kept) => hear::kept(model, kept),
        Msg::Sound(event) => hear::sound(model, event),
        Msg::Shelf(event) => shelf::heard(model, event),
        Msg::Check(event) => checkup::heard(model, event),
        Msg::Log(event) => log::heard(model, event),
        Msg::Settings(event) => settings::heard(model, event),
        Msg::Connect(event) => connect::heard(model, event),
        Msg::Import(event) => import::heard(model, event),
        Msg::Exported(outcome) => {
            export::done(model, outcome);
            vec![]
        }
        Msg::Inspected(findings) => {
            inspect::found(model, *findings);
            vec![]
        }
        Msg::Bundled(outcome) => {
            bundle::done(model, outcome);
            vec![]
        }
        Msg::Masked(text) => input::masked(model, &text),
        Msg::Used { call, outcome } => guest::used(model, &call, outcome),
        Msg::Ring(label) => hear::ring(model, &label),
        Msg::Clipboard {
            turn,
            errand,
            found,
        } => errand::clipboard(turn, errand, found),
        Msg::Drawn(drawn) => self::drawn(model, drawn),
        Msg::Due => due(model),
        // Recordings of what is purged are not unclaimed ones: those are looked for before.
        Msg::Left(clips) if clips.is_empty() => vec![browse::purge(model)],
        Msg::Left(clips) => vec![
            Effect::Keep(Keep::Unclaimed { clips }),
            browse::purge(model),
        ],
        Msg::Warning(text) => {
            notice::warn(model, text);
            vec![]
        }
        Msg::Terminate => quit(model),
    };
    effects.extend(settle(model));
    // Whoever writes will want the line; it comes up while they do.
    if by_hand && matches!(model.line, Line::Resting { .. }) && !model.composer.is_empty() {
        effects.push(Effect::Link(LinkOrder::Dial));
    }
    effects.extend(phone::next(model));
    effects.extend(phone::hand_over(model));
    effects.extend(talk::next(model));
    effects.extend(guest::next(model));
    effects.extend(settle(model));
    effects.extend(share::next(model));
    effects.extend(browse::next(model));
    effects.extend(act::meter(model));
    effects.extend(log::left(model));
    effects.extend(inspect::next(model));
    effects.extend(input::learned(model));
    effects.extend(tidings::told(model, &before));
    effects
}

/// When the model wants to be woken although nothing happened; `None` lets it sleep.
pub fn deadline(model: &Model) -> Option<Moment> {
    let busy = model.turn.is_some() || model.voice.recording.is_some() || model.call.is_some();
    let step = if model.look.still { STILL } else { SPIN };
    let spin = (busy && model.focused).then(|| model.now.mono + step);
    let countdown = match model.line {
        Line::Waiting { until, .. } if model.now.mono < until && model.focused => {
            let left = until.since(model.now.mono);
            Some(
                model.now.mono
                    + Duration::from_nanos(u64::from(left.subsec_nanos()).max(1_000_000)),
            )
        }
        _ => None,
    };
    // A limit that a message overtook is still to be noticed.
    let watch = model
        .turn
        .as_ref()
        .map(|turn| turn.watch.next(model.now.mono).unwrap_or(model.now.mono));
    [
        watch,
        model.toasts.iter().map(|toast| toast.until).min(),
        model.modes.lock_until(model.now.mono),
        model.draft_due,
        model.checkpoint_due,
        (model.voice.speaking.as_ref()).and_then(|speaking| speaking.next(model.now.mono)),
        model.voice.talk.deadline(),
        errand::deadline(model),
        phone::deadline(model),
        guest::deadline(model),
        spin,
        countdown,
    ]
    .into_iter()
    .flatten()
    .min()
}

/// Tells the queue that something of note happened; `settle` acts on it.
fn raise(model: &mut Model, name: EventName, cause: &str) {
    // Everything that happens in a call happens in its state.
    if phone::is_on(model) && name != EventName::VoiceCallEnd {
        return;
    }
    push(model, Signal::Event(name), cause);
}

fn push(model: &mut Model, signal: Signal, cause: &str) {
    let event = Event {
        signal,
        at: model.now.mono,
        cause: cause.to_owned(),
    };
    match model.queue.push(event) {
        Pushed::Kept => {}
        Pushed::Displaced(lost) | Pushed::Refused(lost) => {
            let what = format!("too much happened at once: {:?} is lost", lost.signal);
            model
                .faults
                .note(Fault::new(FaultKind::System, what, model.now));
        }
    }
}

/// Moves through the states as the queued events ask, the urgent ones first. What the table
/// refuses is noted as a fault of low severity: it is ours, and the user cannot mend it.
fn settle(model: &mut Model) -> Effects {
    let mut effects = vec![];
    while let Some(event) = model.queue.pop() {
        let name = match event.signal {
            Signal::User(UserSignal::Interrupt) => {
                effects.extend(talk::interrupt(model));
                continue;
            }
            Signal::User(UserSignal::Act(action)) => {
                effects.extend(act::act(model, &action));
                continue;
            }
            Signal::User(UserSignal::Mute(muted)) => {
                effects.extend(phone::mute(model, muted));
                continue;
            }
            Signal::User(UserSignal::Ask(name)) | Signal::Event(name) => name,
        };
        let from = model.modes.current();
        if name == EventName::ResetState {
            model.modes.reset(model.now, &event.cause);
            continue;
        }
        let Some(to) = name.target(from, model.voice.speaking.is_some()) else {
            continue;
        };
        if let Err(refusal) = model.modes.enter(to, model.now, &event.cause) {
            notice::refused(model, &refusal);
        }
    }
    effects
}

fn start(model: &mut Model, resume: Option<super::ids::ConversationId>) -> Effects {
    let mut effects = vec![
        Effect::Link(LinkOrder::Dial),
        Effect::Keep(Keep::LoadDraft),
        Effect::Keep(Keep::LoadOutbox),
    ];
    if !model.terminal.is_empty() {
        let terminal = model.terminal.clone();
        effects.push(Effect::Keep(Keep::LoadGrip { terminal }));
    }
    if let Some(conversation) = resume {
        effects.extend(act::open(model, conversation));
    }
    effects
}

fn drawn(model: &mut Model, drawn: Drawn) -> Effects {
    model.scroll.anchor = drawn.anchor;
    model.scroll.wish = 0;
    if let Some(finder) = find::finder(model) {
        finder.seeks = false;
    }
    model.page = drawn.page;
    model.unseen = drawn.unseen;
    if let (Some(scrolled), Some(scroll)) = (drawn.scrolled, page_on_top(model)) {
        *scroll = scrolled;
    }
    match model.conversation.transcript.above {
        Some(above) if drawn.near_top && !model.conversation.loading => {
            model.conversation.loading = true;
            vec![Effect::Keep(Keep::Load {
                conversation: model.conversation.id,
                before: Some(above.before),
                limit: FETCH,
                back_to: None,
            })]
        }
        _ => vec![],
    }
}

fn due(model: &mut Model) -> Effects {
    let now = model.now.mono;
    model.toasts.retain(|toast| toast.until > now);
    if model.quit_armed.is_some_and(|until| until <= now) {
        model.quit_armed = None;
    }
    let mut effects = input::due(model);
    if model.draft_due.is_some_and(|at| at <= now) {
        effects.extend(keep_draft(model));
    }
    if model.checkpoint_due.is_some_and(|at| at <= now) {
        effects.extend(reply::checkpoint(model));
    }
    effects.extend(talk::watch(model));
    effects.extend(speak::watch(model));
    effects.extend(phone::watch(model));
    effects
}

fn keep_draft(model: &mut Model) -> Effects {
    model.draft_due = None;
    vec![Effect::Keep(Keep::Draft {
        text: model.composer.text().to_owned(),
    })]
}

/// Leaves in order: the draft is kept, a running answer is kept as far as it came.
fn quit(model: &mut Model) -> Effects {
    let mut effects = keep_draft(model);
    effects.extend(talk::abandon(model));
    effects.extend(hear::count(model, &Line::Closed));
    effects.push(Effect::Link(LinkOrder::HangUp));
    effects.push(Effect::Quit);
    effects
}

/// How far the page on top is scrolled, if one is open there.
fn page_on_top(model: &mut Model) -> Option<&mut u32> {
    match model.layers.last_mut() {
        Some(Layer::Page(page)) => Some(&mut page.scroll),
        _ => None,
    }
}

/// The error state ends when the user goes on: typing, closing the card, or asking anew.
fn recover(model: &mut Model, cause: &str) {
    if model.modes.current() == Mode::Error {
        model.modes.reset(model.now, cause);
    }
    model
        .layers
        .retain(|layer| !matches!(layer, Layer::Card(_)));
}
