//! Takes what the line and the store report.

use super::super::backend::{Down, Engine, LENT, NO_TURNS, SHARED, Trouble, Up};
use super::super::call::Call;
use super::super::effect::{Effect, Effects};
use super::super::fault::{Fault, FaultKind, Recovery, Severity};
use super::super::line::{Cause, Distrust, Line, LinkEvent, LinkOrder};
use super::super::model::{Layer, Model, Page, PageKind, Tone};
use super::super::mood::Mood;
use super::super::past::Past;
use super::super::record::{Keep, Kept, StoreTrouble};
use super::super::sound::{SoundEvent, SoundOrder, Way};
use super::super::transcript::{Ending, Message};
use super::super::words::{Word, fill};
use super::{
    act, ask, branch, browse, errand, find, guest, inspect, listen, notice, phone, reply, share,
    speak, talk, tidings,
};

/// The line changed, or the backend spoke.
pub(super) fn link(model: &mut Model, event: LinkEvent) -> Effects {
    match event {
        LinkEvent::Line { epoch, line } if epoch >= model.epoch => {
            model.epoch = epoch;
            changed(model, line)
        }
        LinkEvent::Heard { epoch, down } if epoch == model.epoch => heard(model, down),
        LinkEvent::Elsewhere { epoch, backend } if epoch == model.epoch => {
            let before = std::mem::replace(&mut model.backend, backend.clone());
            model.brains = None;
            model.past = Past::default();
            notice::say(model, Word::Elsewhere, &[&backend, &before], Tone::Plain);
            vec![]
        }
        // An earlier life of the line: nobody asks its questions any more.
        LinkEvent::Line { .. } | LinkEvent::Heard { .. } | LinkEvent::Elsewhere { .. } => vec![],
        LinkEvent::Unheard { turn, .. } => listen::unheard(model, turn),
        LinkEvent::Unsent { up, .. } => match up {
            Up::Say(say) => talk::unsent(model, &say),
            Up::Read { turn, .. } => speak::unread(model, turn),
            _ => vec![],
        },
    }
}

/// The line is another than before.
pub(super) fn changed(model: &mut Model, line: Line) -> Effects {
    let was_up = matches!(model.line, Line::Up(_));
    let waited = matches!(model.line, Line::Dialing { attempt } if attempt > 1);
    let is_up = matches!(line, Line::Up(_));
    let cause = match &line {
        Line::Refused { cause } | Line::GivenUp { cause, .. } => Some(cause.clone()),
        Line::Closed
        | Line::Dialing { .. }
        | Line::Up(_)
        | Line::Waiting { .. }
        | Line::Resting { .. } => None,
    };
    // Whatever the line was waiting for, it is not any more.
    guest::activation(model, None);
    if !is_up {
        guest::leaves(model);
    }
    let mut effects = count(model, &line);
    model.line = line;
    if was_up && !is_up {
        effects.extend(phone::take_over(model, None).unwrap_or_default());
        effects.extend(listen::withdraw(model, None));
        effects.extend(talk::line_lost(model));
        effects.extend(speak::line_lost(model));
        share::line_lost(model);
        // Its goodbye crossed what was said to it.
        if matches!(model.line, Line::Resting { .. }) && !model.waiting.is_empty() {
            effects.push(Effect::Link(LinkOrder::Dial));
        }
    }
    if is_up && waited {
        notice::say(model, Word::ConnectedAgain, &[], Tone::Good);
    }
    if let Some(cause) = cause {
        notice::fault(model, line_fault(model, &cause));
    }
    effects
}

/// Shows how the line does, and what the backend says of itself.
pub(super) fn status(model: &mut Model, figures: Vec<(String, String)>) {
    model.layers.push(Layer::Page(Page {
        kind: PageKind::Status(figures),
        scroll: 0,
    }));
}

/// Counts what becomes of the line, unless it does not leave the program.
pub(super) fn count(model: &mut Model, line: &Line) -> Effects {
    let count = model.past.note(model.now.mono, line);
    count
        .filter(|_count| model.backend != "embedded")
        .map(|count| {
            let (backend, at) = (model.backend.clone(), model.now.wall);
            Effect::Keep(Keep::Line { backend, count, at })
        })
        .into_iter()
        .collect()
}

/// A line that will not mend itself is a fault; one that dials again is not.
fn line_fault(model: &Model, cause: &Cause) -> Fault {
    let (word, hint) = match cause {
        Cause::Denied { .. }
        | Cause::NotABackend { .. }
        | Cause::Garbled { .. }
        | Cause::Unusable { .. } => (Word::FaultRefused, Word::FaultRefusedHint),
        Cause::Untrusted { why, .. } => {
            let hint = match why {
                Distrust::UnknownIssuer => Word::FaultUntrustedHint,
                Distrust::NoTls => Word::FaultNoTlsHint,
                _ => Word::FaultRefusedHint,
            };
            (Word::FaultGivenUp, hint)
        }
        _ => (Word::FaultGivenUp, Word::FaultGivenUpHint),
    };
    let what = fill(word.text(model.lang), &[&model.backend]);
    Fault::new(FaultKind::WebsocketConnection, what, model.now)
        .rated(Severity::High)
        .because(cause.tell(model.lang))
        .advise(hint.text(model.lang))
}

fn heard(model: &mut Model, down: Down) -> Effects {
    let running = model.turn.as_ref().map(|turn| turn.id);
    model.stories.heard(running, model.now.wall, &down);
    let mut effects = match &down {
        Down::Thinking { turn }
        | Down::Text { turn, .. }
        | Down::Reasoning { turn, .. }
        | Down::Loading { turn }
        | Down::Tool { turn, .. }
        | Down::Done { turn, .. }
        | Down::Interrupted { turn } => talk::confirmed(model, *turn),
        // One without a name may be about anything.
        Down::Trouble { turn, .. } if turn.is_some() => talk::confirmed(model, *turn),
        Down::Errand { turn, .. } => talk::confirmed(model, Some(*turn)),
        Down::Trouble { .. }
        // Its words are still to be answered.
        | Down::Began
        | Down::Hearing { .. }
        | Down::Partial { .. }
        | Down::Transcript { .. }
        | Down::Speech(_)
        | Down::Greeting(_)
        | Down::Beat
        | Down::Brains(_)
        | Down::Offers { .. }
        | Down::Tools(_)
        | Down::Prompt(_)
        | Down::Ring { .. }
        | Down::Status(_)
        | Down::Habits(_)
        | Down::Opens { .. }
        | Down::Mood { .. }
        | Down::Call(_)
        | Down::Activation(_)
        | Down::Shared { .. }
        | Down::Unreadable { .. } => vec![],
    };
    effects.extend(taken(model, down));
    effects
}

fn taken(model: &mut Model, down: Down) -> Effects {
    match down {
        Down::Greeting(greeting) => {
            model.voice.ears = greeting.ears;
            model.voice.mouth = greeting.voice;
            if !greeting.personas.is_empty() {
                model.personas = greeting.personas;
            }
            let can = |what: &str| greeting.capabilities.iter().any(|can| can == what);
            model.voice.live = can("live_clips");
            model.voice.turns = can("turns");
            model.voice.lent = can(LENT);
            model.tells_prompts = can("prompts");
            model.sharing.can = can(SHARED);
            let mut effects = vec![];
            if can("brains") {
                let up = Up::AskBrains { again: false };
                effects.push(Effect::Link(LinkOrder::Say(up)));
            }
            if can("errands") {
                let up = Up::AskTools { again: false };
                effects.push(Effect::Link(LinkOrder::Say(up)));
            }
            return effects;
        }
        // The loudspeaker has it, and tells; habits are of interest to the doctor only.
        Down::Beat | Down::Speech(_) | Down::Habits(_) => {}
        Down::Partial { turn, text } => listen::partial(model, turn, text),
        Down::Transcript { turn, text } => return listen::transcript(model, turn, &text),
        Down::Began => return phone::cut_in(model),
        Down::Hearing { turn } | Down::Thinking { turn } => {
            if let Some(effects) = phone::cut(model, turn) {
                return effects;
            }
            reply::thinking(model, turn, false);
        }
        Down::Loading { turn } => reply::thinking(model, turn, true),
        Down::Text { turn, more } => reply::text(model, turn, &more),
        Down::Reasoning { turn, more } => reply::reasoning(model, turn, &more),
        Down::Tool { turn, tool } => reply::tool(model, turn, tool),
        Down::Errand { turn, errand } => return errand::sent(model, turn, errand),
        Down::Tools(servers) => errand::tools(model, servers),
        Down::Prompt(told) => inspect::prompted(model, told),
        Down::Done {
            turn,
            full,
            by,
            usage,
        } => return talk::done(model, turn, full, by, usage),
        Down::Interrupted { turn } => return talk::interrupted(model, turn),
        Down::Trouble { turn, trouble } => {
            let mine = model
                .turn
                .as_ref()
                .is_some_and(|running| Some(running.id) == turn);
            if trouble.code == NO_TURNS {
                model.voice.turns = false;
                let fault = backend_fault(model, trouble);
                model.faults.note(fault.rated(Severity::Low));
                return phone::take_over(model, turn).unwrap_or_default();
            }
            // It will be said again of the whole.
            if let Some(turn) = turn
                && let Some(effect) = listen::withdraw(model, Some(turn))
            {
                return vec![effect];
            }
            if let Some(effects) = phone::misheard(model, turn, &trouble.what) {
                return effects;
            }
            let fault = backend_fault(model, trouble);
            if mine {
                return talk::failed(model, fault);
            }
            notice::warn(model, fault.what.clone());
            model.faults.note(fault);
        }
        Down::Brains(brains) => {
            let changed = model
                .brains
                .as_ref()
                .is_some_and(|known| known.current != brains.current);
            if changed {
                notice::tell(model, brains.why.clone());
            }
            model.brains = Some(brains);
            act::refresh(model);
        }
        Down::Offers { personas, voices } => {
            if !personas.is_empty() {
                model.personas = personas;
            }
            if !voices.is_empty() {
                // Nobody says who of them speaks unless asked for another.
                model.voice.mouth = Some(Engine {
                    name: model.backend.clone(),
                    missing: None,
                    choices: voices,
                });
            }
            act::refresh(model);
        }
        Down::Ring { label } => return ring(model, &label),
        Down::Status(figures) => status(model, figures),
        Down::Opens { turn, heard } => model.opened = Some((turn, heard)),
        Down::Mood { name } => model.mood = Some(Mood::of(&name)),
        Down::Call(call) => return guest::call(model, call),
        Down::Activation(activation) => guest::activation(model, activation),
        Down::Shared { conversation, news } => return share::heard(model, conversation, news),
        Down::Unreadable { why } => {
            let fault = Fault::new(FaultKind::WebsocketMessage, why, model.now);
            model.faults.note(fault.rated(Severity::Low));
        }
    }
    vec![]
}

/// A timer or an alarm is due.
pub(super) fn ring(model: &mut Model, label: &str) -> Effects {
    let text = if label.is_empty() {
        Word::TimerRingsPlain.text(model.lang).to_owned()
    } else {
        fill(Word::TimerRings.text(model.lang), &[label])
    };
    notice::tell(model, text.clone());
    let mut effects = talk::note(model, text.clone());
    effects.extend(tidings::notice(model, &text));
    if model.bell {
        effects.push(Effect::Bell);
    }
    effects
}

fn backend_fault(model: &Model, trouble: Trouble) -> Fault {
    let wait = trouble
        .retry_after_s
        .map(|seconds| fill(Word::HintWait.text(model.lang), &[&seconds.to_string()]));
    let fault = Fault::new(FaultKind::System, trouble.what, model.now)
        .about(Word::FaultAnswer)
        .rated(Severity::Medium)
        .mended_by(Recovery::Retry);
    match trouble.hint.or(wait) {
        Some(hint) => fault.advise(hint),
        None => fault,
    }
}

/// Microphone or loudspeaker told something.
pub(super) fn sound(model: &mut Model, event: SoundEvent) -> Effects {
    match event {
        SoundEvent::Hearing { clip, device } => return listen::hearing(model, clip, device),
        SoundEvent::Level {
            way: Way::In,
            loudness,
            speech,
        } => {
            let voice = &model.voice;
            let open = voice.recording.is_some()
                || voice.listening.is_some()
                || model.call.as_ref().is_some_and(Call::listens);
            let now = model.now.mono;
            let told = model.voice.metered.filter(|_| model.look.still);
            if !open {
                model.voice.level = None;
            } else if model.voice.level.is_none()
                || told.is_none_or(|at| now.since(at) >= super::STILL)
            {
                model.voice.level = Some((loudness, speech));
                model.voice.metered = Some(now);
            }
            listen::returned(model, None);
        }
        SoundEvent::Level {
            way: Way::Out,
            loudness,
            ..
        } => {
            if let Some(speaking) = &mut model.voice.speaking {
                speaking.loudness = Some(loudness);
            }
        }
        SoundEvent::Begun { clip } => return phone::begun(model, clip),
        SoundEvent::Nothing { clip } => return phone::nothing(model, clip),
        SoundEvent::Patience { left_ms } => phone::patience(model, left_ms),
        SoundEvent::Echo { cancelled_db, open } => phone::echo(model, cancelled_db, open),
        SoundEvent::Saying { turn, words } => speak::saying(model, turn, words),
        SoundEvent::Recorded { clip, recorded } => {
            let mut effects = listen::recorded(model, clip, recorded);
            effects.extend(listen::gap(model, recorded));
            return effects;
        }
        SoundEvent::Sounding { turn } => speak::sounding(model, turn),
        SoundEvent::Heard { turn, ms } => speak::heard(model, turn, ms),
        SoundEvent::Spoken { turn } => return speak::spoken(model, turn),
        SoundEvent::Devices(devices) => act::devices(model, &devices),
        SoundEvent::Moved { way, device } => {
            let word = match way {
                Way::In => Word::MicrophoneMoved,
                Way::Out => Word::LoudspeakerMoved,
            };
            notice::say(model, word, &[&device], Tone::Plain);
            if way == Way::In {
                listen::returned(model, Some(&device));
            }
        }
        SoundEvent::Exported { to } => {
            let to = to.display().to_string();
            notice::say(model, Word::RecordingExported, &[&to], Tone::Good);
        }
        SoundEvent::Trouble {
            clip: Some(clip),
            error,
            passing: false,
            ..
        } => return listen::failed(model, clip, &error),
        SoundEvent::Trouble { way, error, .. } => {
            listen::trouble(model, way, &error);
            if way == Way::In {
                phone::gone(model, &error);
            }
        }
    }
    vec![]
}

/// The store answered.
pub(super) fn kept(model: &mut Model, kept: Kept) -> Effects {
    match kept {
        Kept::Message { message, revision } => {
            model.store_down = false;
            talk::stored(model, message, Some(revision));
        }
        Kept::Loaded {
            conversation,
            messages,
            above,
            before,
        } => {
            if conversation.id != model.conversation.id {
                return vec![];
            }
            model.conversation.loading = false;
            let messages = messages
                .into_iter()
                .map(|message| ended(model, message))
                .collect();
            if before.is_none() {
                model.modes.unlock();
                model.conversation.title = conversation.title;
                if conversation.persona.is_some() {
                    model.choice.persona = conversation.persona;
                }
                model.conversation.forgotten = conversation.forgotten;
            }
            model.conversation.transcript.extend_above(messages, above);
            act::arrive(model);
            find::look(model);
            if before.is_none() {
                let conversation = model.conversation.id;
                return vec![Effect::Keep(Keep::Versions { conversation })];
            }
        }
        Kept::Browsed {
            sought,
            entries,
            more,
        } => {
            if let Some(browser) = browse::browser(model) {
                browser.listed(sought, entries, more);
            }
        }
        Kept::Versions {
            conversation,
            versions,
        } => {
            if conversation == model.conversation.id {
                model.conversation.versions = versions;
            }
        }
        Kept::Compared {
            one,
            other,
            difference,
        } => branch::compared(model, one, other, *difference),
        Kept::Peeked(glimpse) => {
            if let Some(browser) = browse::browser(model) {
                browser.glimpsed(glimpse);
            }
        }
        Kept::Renamed {
            conversation,
            title,
        } => browse::renamed(model, conversation, title),
        Kept::Pinned { pinned, .. } => browse::pinned(model, pinned),
        Kept::Deleted { conversation } => {
            model.modes.unlock();
            return browse::deleted(model, conversation);
        }
        Kept::Undeleted(back) => browse::undeleted(model, back.as_ref()),
        Kept::Purged(clips) => {
            let discard = |clip| Effect::Sound(SoundOrder::Discard { clip });
            return clips.into_iter().map(discard).collect();
        }
        Kept::Draft(text) => {
            // Whoever typed faster than the store keeps what was typed.
            if model.composer.is_empty() {
                model.composer.restore_draft(&text);
            }
        }
        Kept::Grip { terminal, grip } if terminal == model.terminal => {
            model.voice.grip = grip;
            model.voice.kept_grip = grip;
        }
        Kept::Grip { .. } => {}
        Kept::Outbox(before) => return ask::waited(model, before),
        Kept::Unclaimed(clips) => return listen::found(model, &clips),
        Kept::Trouble { keep, trouble } => return unkept(model, &keep, &trouble),
    }
    vec![]
}

/// A message from the store. Nobody streams into it any more: what is open was cut by the end of
/// the program that wrote it.
fn ended(model: &mut Model, mut message: Message) -> Message {
    if message.ending == Ending::Open {
        // Unless it still runs: then the backend tells.
        model.sharing.may_go_on(message.turn);
        message.ending = Ending::Cut(Word::CutByEnd.text(model.lang).to_owned());
    }
    message
}

/// The store could not: chat goes on, and the user is told once.
fn unkept(model: &mut Model, keep: &Keep, trouble: &StoreTrouble) -> Effects {
    let what = tell(model, trouble);
    match keep {
        Keep::Message { message, .. }
        | Keep::Question { message, .. }
        | Keep::Shared { message, .. } => {
            talk::stored(model, message.id, None);
            if !model.store_down {
                model.store_down = true;
                notice::warn(model, what.clone());
                let fault = Fault::new(FaultKind::System, what, model.now);
                model.faults.note(fault.mended_by(Recovery::FixInput));
            }
        }
        // Losing these costs nobody a word.
        Keep::Turn { .. }
        | Keep::LoadDraft
        | Keep::Draft { .. }
        | Keep::LoadOutbox
        | Keep::Unclaimed { .. }
        | Keep::Line { .. }
        | Keep::Purge { .. }
        | Keep::Versions { .. }
        | Keep::Grip { .. }
        | Keep::LoadGrip { .. }
        | Keep::Confirmed { .. } => {}
        Keep::Load { conversation, .. } => {
            if *conversation == model.conversation.id {
                model.conversation.loading = false;
                model.modes.unlock();
                // What was said elsewhere the backend may know.
                if model.sharing.can && *trouble == StoreTrouble::Unknown {
                    return vec![];
                }
            }
            notice::warn(model, what);
        }
        Keep::Delete { .. } => {
            model.modes.unlock();
            notice::warn(model, what);
        }
        Keep::TakeBack { .. }
        | Keep::Rename { .. }
        | Keep::Forget { .. }
        | Keep::Pin { .. }
        | Keep::Branch { .. }
        | Keep::Compare { .. }
        | Keep::Undelete { .. } => notice::warn(model, what),
        // Without its list or its glimpse it would wait for them for ever.
        Keep::Browse(_) | Keep::Peek { .. } => {
            model
                .layers
                .retain(|layer| !matches!(layer, Layer::Browser(_)));
            notice::warn(model, what);
        }
    }
    vec![]
}

fn tell(model: &Model, trouble: &StoreTrouble) -> String {
    let lang = model.lang;
    match trouble {
        StoreTrouble::Full => Word::StoreFull.text(lang).to_owned(),
        StoreTrouble::ReadOnly => Word::StoreReadOnly.text(lang).to_owned(),
        StoreTrouble::Busy => Word::StoreBusy.text(lang).to_owned(),
        StoreTrouble::Unknown => Word::StoreUnknown.text(lang).to_owned(),
        StoreTrouble::Damaged { why } => fill(Word::StoreDamaged.text(lang), &[why]),
        StoreTrouble::TooNew { found, known } => fill(
            Word::StoreTooNew.text(lang),
            &[&found.to_string(), &known.to_string()],
        ),
        StoreTrouble::Other { why } => fill(Word::StoreOther.text(lang), &[why]),
    }
}
