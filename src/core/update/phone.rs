//! Leads a call: hands-free, both ways at once, until somebody hangs up.
//!
//! What is said is recorded and recognised like any recording, one after another, while the
//! assistant may still be speaking. Whoever speaks into its words pauses them; what was said then
//! decides whether they go on: that is `said`. While the line is down what was said waits with
//! everything else that is to be asked.

mod said;

pub(super) use said::{
    cut, is_free, misheard, next, partial, recorded, said, sounded, understood, unheard,
};

use super::super::backend::Up;
use super::super::call::{Call, Heard};
use super::super::effect::{Effect, Effects};
use super::super::events::EventName;
use super::super::ids::TurnId;
use super::super::line::{Line, LinkOrder};
use super::super::mode::Mode;
use super::super::model::{Model, Tone};
use super::super::sound::{SoundError, SoundOrder, Way};
use super::super::time::Moment;
use super::super::times::{parts, percentile, spent, waited};
use super::super::words::{Word, fill};
use super::{listen, notice, raise, recover, talk};
use std::time::Duration;

/// Begins a call, or ends it.
pub(super) fn toggle(model: &mut Model) -> Effects {
    if model.call.is_some() {
        hang_up(model)
    } else {
        begin(model)
    }
}

fn begin(model: &mut Model) -> Effects {
    if let Some(ears) = model.voice.deaf() {
        let why = ears.missing.clone().unwrap_or_default();
        let what = fill(Word::NoEars.text(model.lang), &[&why]);
        notice::warn(model, what);
        return vec![];
    }
    recover(model, "call");
    let mut effects = talk::interrupt(model);
    if model.modes.locked(model.now.mono).is_some() {
        return effects;
    }
    let clip = model.seed.turn();
    model.voice.level = None;
    model.call = Some(Call::new(clip, model.now.mono));
    raise(model, EventName::VoiceCallStart, "call");
    effects.extend(attend(model, clip));
    effects.push(Effect::Link(LinkOrder::Hurry(true)));
    if !matches!(model.line, Line::Up(_) | Line::Dialing { .. }) {
        effects.push(Effect::Link(LinkOrder::Dial));
    }
    effects
}

/// Ends the call. What was said in it and is not understood yet is not lost, not even what is
/// being said; but nobody waits to hear the answer any more.
pub(super) fn hang_up(model: &mut Model) -> Effects {
    let Some(mut call) = model.call.take() else {
        return vec![];
    };
    let mut effects = vec![Effect::Sound(SoundOrder::HangUp)];
    model.voice.level = None;
    effects.extend(talk::hang_up(model));
    // Its recording is made when the microphone is closed.
    model.voice.parting = unfinished(&mut call, model.now.mono);
    let closing = call.closing.into_iter();
    if let Some(unfinished) = call.unfinished {
        effects.extend(said::keep_words(model, unfinished));
    }
    for heard in call.hearing.into_iter().chain(call.queue).chain(closing) {
        effects.extend(said::keep(model, &heard, false));
    }
    effects.push(Effect::Link(LinkOrder::Hurry(false)));
    raise(model, EventName::VoiceCallEnd, "hung up");
    let lasted = model.now.mono.since(call.started).as_secs();
    let lasted = format!("{}:{:02}", lasted / 60, lasted % 60);
    let summary = summary(model, &lasted, call.turns);
    notice::tell(model, summary);
    effects
}

/// What is to be said of a call that is over: its length, its turns, how long their answers took,
/// and what they cost, where the backend counts.
fn summary(model: &Model, lasted: &str, turns: u32) -> String {
    let say = |word: Word, arguments: &[&str]| fill(word.text(model.lang), arguments);
    let mut text = say(Word::CallEnded, &[lasted, &turns.to_string()]);
    let times: Vec<_> = model.times.iter().rev().take(turns as usize).collect();
    let waits: Vec<u64> = times.iter().map(|of| waited(&parts(of))).collect();
    if let Some(usual) = percentile(&waits, 50) {
        let seconds = format!("{:.1} s", usual as f64 / 1000.0);
        text.push_str(&say(Word::CallUsually, &[&seconds]));
    }
    let spent = spent(times);
    let all = u64::from(spent.prompt) + u64::from(spent.completion);
    if all > 0 {
        text.push_str(&say(Word::CallTokens, &[&all.to_string()]));
    }
    text
}

/// Ends the call because the conversation is left: nobody waits here for a recording to be made.
pub(super) fn leave(model: &mut Model) -> Effects {
    let mut effects = hang_up(model);
    if let Some(heard) = model.voice.parting.take() {
        effects.extend(said::keep(model, &heard, false));
    }
    effects
}

/// What is being said, as far as it was, when nobody will tell its end.
fn unfinished(call: &mut Call, now: Moment) -> Option<Heard> {
    let began = call.talking.take()?;
    Some(Heard {
        clip: call.attending,
        ended: now,
        length_ms: u32::try_from(now.since(began).as_millis()).unwrap_or(u32::MAX),
        partial: std::mem::take(&mut call.partial),
        there: false,
        doubtful: call.may_echo(began),
        limit: None,
    })
}

/// Closes the microphone, really, or opens it again, also out of a hold.
pub(super) fn mute(model: &mut Model, muted: bool) -> Effects {
    let Some(call) = &mut model.call else {
        notice::say(model, Word::NoCall, &[], Tone::Plain);
        return vec![];
    };
    if call.held {
        call.muted = false;
        return hold(model);
    }
    let before = call.listens();
    call.muted = muted;
    let lifted = std::mem::take(&mut call.lifted);
    let mut effects = switch(model, before);
    if lifted {
        effects.push(Effect::Sound(SoundOrder::KeepOpen(false)));
    }
    effects
}

/// Tells the microphone if it is to be another than before.
fn switch(model: &mut Model, before: bool) -> Effects {
    let (now, next) = (model.now.mono, model.seed.turn());
    let Some(call) = &mut model.call else {
        return vec![];
    };
    call.alive = now;
    let listens = call.listens();
    if listens == before {
        return vec![];
    }
    if listens {
        let clip = call.attending;
        let mut effects = vec![Effect::Sound(SoundOrder::Mute(false))];
        effects.extend(attend(model, clip));
        return effects;
    }
    // What was being said is not lost by it.
    if let Some(said) = unfinished(call, now) {
        call.attending = next;
        call.queue.extend(call.closing.replace(said));
    }
    (call.device, call.patience, call.stream) = (None, None, None);
    call.gone = false;
    model.voice.level = None;
    let mut effects = vec![Effect::Sound(SoundOrder::Mute(true))];
    effects.extend(resume(model));
    effects
}

/// Has what is said next recorded. A backend that can hears all of it and cuts the turns; one that
/// hears while somebody speaks hears it on the way.
pub(super) fn attend(model: &mut Model, clip: TurnId) -> Effects {
    let cuts = model.voice.turns && matches!(model.line, Line::Up(_)) && is_quiet(model);
    let hear = listen::hear_as(model, clip, model.conversation.id);
    let attend = Effect::Sound(SoundOrder::Attend { clip });
    let first = match &mut model.call {
        Some(call) if call.stream.is_some() => {
            Some(Effect::Link(LinkOrder::Say(Up::Attend { turn: clip })))
        }
        Some(call) if cuts => {
            call.stream = Some(clip);
            Some(Effect::Sound(SoundOrder::Stream(hear)))
        }
        _ => listen::live(model, clip),
    };
    first.into_iter().chain([attend]).collect()
}

/// No recording is on its way to the backend, or waits to be.
fn is_quiet(model: &Model) -> bool {
    let hearing = model.turn.as_ref().is_some_and(|turn| turn.hearing);
    let waits = model.waiting.iter().any(|one| one.say.text.is_empty());
    let call = model.call.as_ref();
    !hearing && !waits && call.is_some_and(|call| !call.is_undecided())
}

/// Lets the backend cut the turns again, as soon as nothing else is on its way to it.
pub(super) fn hand_over(model: &mut Model) -> Effects {
    let alone = |call: &&Call| call.stream.is_none() && call.listens() && call.device.is_some();
    match model.call.as_ref().filter(alone).map(|call| call.attending) {
        Some(clip) if model.voice.turns && matches!(model.line, Line::Up(_)) && is_quiet(model) => {
            attend(model, clip)
        }
        _ => vec![],
    }
}

/// The backend does not cut the turns of this call any more, if it is the one of this name: from
/// here on we do, and what is being said is a recording as any other.
pub(super) fn take_over(model: &mut Model, stream: Option<TurnId>) -> Option<Effects> {
    let theirs = |call: &&mut Call| {
        call.stream
            .is_some_and(|one| stream.is_none_or(|it| it == one))
    };
    let call = model.call.as_mut().filter(theirs)?;
    (call.stream, call.talking) = (None, None);
    call.partial.clear();
    let mut effects = vec![Effect::Sound(SoundOrder::Withdraw)];
    effects.extend(resume(model));
    Some(effects)
}

/// The backend that cuts the turns hears somebody begin to speak.
pub(super) fn cut_in(model: &mut Model) -> Effects {
    let call = model.call.as_ref().filter(|call| call.stream.is_some());
    match call.map(|call| call.attending) {
        Some(clip) => begun(model, clip),
        None => vec![],
    }
}

/// The talk key in a call: while it is down a muted microphone is open, and what is said is not
/// complete.
pub(super) fn lift(model: &mut Model, lifted: bool) -> Effects {
    let Some(call) = &mut model.call else {
        return vec![];
    };
    let before = call.listens();
    if std::mem::replace(&mut call.lifted, lifted) == lifted {
        return vec![];
    }
    call.patience = None;
    let mut effects = vec![Effect::Sound(SoundOrder::KeepOpen(lifted))];
    effects.extend(switch(model, before));
    effects
}

/// Somebody says or does something: the call goes on.
pub(super) fn live(model: &mut Model) {
    let now = model.now.mono;
    if let Some(call) = &mut model.call {
        call.alive = now;
    }
}

/// What is said now is asked after the answer that goes on.
pub(super) fn asks_ahead(model: &Model) -> bool {
    let answers = model.turn.is_some() || model.voice.speaking.is_some();
    model.call.is_some() && model.voice.wishes.ask_ahead && answers
}

/// Lets what is said during an answer wait for its end, or end it.
pub(super) fn toggle_ask_ahead(model: &mut Model) -> Effects {
    let ahead = !model.voice.wishes.ask_ahead;
    model.voice.wishes.ask_ahead = ahead;
    let word = if ahead {
        Word::AskAheadOn
    } else {
        Word::AskAheadOff
    };
    notice::say(model, word, &[], Tone::Good);
    vec![]
}

/// When a call in which nothing happens is over.
fn silent(model: &Model) -> Option<Moment> {
    let call = model.call.as_ref()?;
    let busy = model.turn.is_some() || model.voice.speaking.is_some() || call.is_undecided();
    let limit = model.voice.wishes.call_silence_s;
    (limit > 0 && !busy).then(|| call.alive + Duration::from_secs(limit.into()))
}

/// Looks at the clock of the call.
pub(super) fn watch(model: &mut Model) -> Effects {
    let mut effects = said::watch(model);
    if silent(model).is_some_and(|at| at <= model.now.mono) {
        let limit = model.voice.wishes.call_silence_s;
        effects.extend(hang_up(model));
        let limit = format!("{}:{:02}", limit / 60, limit % 60);
        let text = fill(Word::CallSilent.text(model.lang), &[&limit]);
        notice::tell(model, text.clone());
        // Whoever comes back later finds it there.
        effects.extend(talk::note(model, text));
    }
    effects
}

/// When the call is to be looked at.
pub(super) fn deadline(model: &Model) -> Option<Moment> {
    let moments = [said::deadline(model), silent(model)];
    moments.into_iter().flatten().min()
}

/// Parks the call: nothing is heard and nothing said, until it is taken up again.
pub(super) fn hold(model: &mut Model) -> Effects {
    let Some(call) = &mut model.call else {
        notice::say(model, Word::NoCall, &[], Tone::Plain);
        return vec![];
    };
    let before = call.listens();
    call.held = !call.held;
    let held = call.held;
    let mut effects = switch(model, before);
    if let Some(speaking) = &mut model.voice.speaking
        && speaking.paused != held
    {
        speaking.paused = held;
        effects.push(Effect::Sound(if held {
            SoundOrder::Pause
        } else {
            SoundOrder::Resume
        }));
    }
    effects
}

/// The microphone of the call is open.
pub(super) fn open(model: &mut Model, device: String) {
    if let Some(call) = model.call.as_mut().filter(|call| call.listens()) {
        (call.device, call.gone) = (Some(device), false);
    }
}

/// The microphone of the call is gone, and is looked for.
pub(super) fn gone(model: &mut Model, error: &SoundError) {
    // One that hears nothing but zeros is there, and so is the one of the call while another is
    // tried out.
    let there = matches!(error, SoundError::Mute { .. }) || model.voice.listening.is_some();
    if let Some(call) = model.call.as_mut().filter(|_call| !there) {
        (call.device, call.patience, call.gone) = (None, None, true);
        model.voice.level = None;
    }
}

/// Somebody began to speak: whoever is being read out is silent until it is known what they say.
pub(super) fn begun(model: &mut Model, clip: TurnId) -> Effects {
    let now = model.now.mono;
    let heard = |call: &&mut Call| call.attending == clip && call.listens();
    let Some(call) = model.call.as_mut().filter(heard) else {
        return vec![];
    };
    (call.talking, call.alive) = (Some(now), now);
    call.patience = None;
    give_way(model)
}

/// Nobody is read out while the user speaks, or is away.
pub(super) fn give_way(model: &mut Model) -> Effects {
    let (Some(call), Some(speaking)) = (&mut model.call, &mut model.voice.speaking) else {
        return vec![];
    };
    let ahead = model.voice.wishes.ask_ahead;
    if speaking.paused || !call.held && (call.talking.is_none() || ahead) {
        return vec![];
    }
    speaking.paused = true;
    call.cut_in = !call.held;
    vec![Effect::Sound(SoundOrder::Pause)]
}

/// Whoever began to speak said nothing: who gave way for them goes on.
pub(super) fn nothing(model: &mut Model, clip: TurnId) -> Effects {
    drop(said::parting(model, clip));
    let Some(call) = &mut model.call else {
        return vec![];
    };
    if call.attending == clip {
        call.talking = None;
        call.partial.clear();
    }
    call.closing.take_if(|heard| heard.clip == clip);
    resume(model)
}

/// Somebody pauses, or goes on after all.
pub(super) fn patience(model: &mut Model, left_ms: Option<u32>) {
    let now = model.now.mono;
    let talks = |call: &&mut Call| call.talking.is_some() && !call.lifted;
    if let Some(call) = model.call.as_mut().filter(talks) {
        call.patience = left_ms.map(|ms| now + Duration::from_millis(ms.into()));
    }
}

/// What was paused because somebody spoke into it goes on, unless they still speak, or it is not
/// known yet what they said.
fn resume(model: &mut Model) -> Effects {
    let Some(call) = &mut model.call else {
        return vec![];
    };
    if call.is_undecided() || !std::mem::take(&mut call.cut_in) || call.held {
        return vec![];
    }
    match &mut model.voice.speaking {
        Some(speaking) if speaking.paused => {
            speaking.paused = false;
            vec![Effect::Sound(SoundOrder::Resume)]
        }
        _ => vec![],
    }
}

/// How well the loudspeaker is taken out of the microphone.
pub(super) fn echo(model: &mut Model, cancelled_db: Option<f32>, open: bool) {
    if let Some(call) = &mut model.call {
        call.echo = Some((cancelled_db, open));
    }
}

/// Something is wrong with a recording of the call; `None` if it is none of it. The call goes on,
/// if need be without its microphone.
pub(super) fn failed(model: &mut Model, clip: TurnId, error: &SoundError) -> Option<Effects> {
    let now = model.now.mono;
    if let Some(heard) = said::take(model, clip).or_else(|| said::closing(model, clip)) {
        listen::trouble(model, Way::In, error);
        let mut effects = said::shelve(model, &heard);
        effects.extend(resume(model));
        return Some(effects);
    }
    if let Some(heard) = said::parting(model, clip) {
        listen::trouble(model, Way::In, error);
        return Some(said::keep(model, &heard, false));
    }
    let next = model.seed.turn();
    let call = model.call.as_mut().filter(|call| call.attending == clip)?;
    let said = unfinished(call, now);
    call.queue.extend(said);
    call.attending = next;
    call.muted = true;
    call.lifted = false;
    (call.device, call.patience, call.stream) = (None, None, None);
    model.voice.level = None;
    listen::trouble(model, Way::In, error);
    let mut effects = vec![Effect::Sound(SoundOrder::Mute(true))];
    effects.extend(resume(model));
    Some(effects)
}

/// Whether a call goes on, in whose state everything happens.
pub(super) fn is_on(model: &Model) -> bool {
    model.call.is_some() && model.modes.current() == Mode::VoiceCall
}
