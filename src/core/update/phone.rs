//! Leads a call: hands-free, both ways at once, until somebody hangs up.
//!
//! What is said is recorded and recognised like any recording, one after another, while the
//! assistant may still be speaking. Whoever speaks into its words pauses them; what was said then
//! decides whether they go on. While the line is down what was said waits with everything else
//! that is to be asked.

use super::super::backend::Clip;
use super::super::call::{Call, Control, Heard, control, is_echo, is_murmur};
use super::super::effect::{Effect, Effects};
use super::super::events::EventName;
use super::super::ids::TurnId;
use super::super::line::{Line, LinkOrder};
use super::super::mode::Mode;
use super::super::model::{Model, Tone};
use super::super::sound::{Hear, Recorded, SoundError, SoundOrder, Way};
use super::super::time::Moment;
use super::super::transcript::{Ending, Message, Role};
use super::super::words::{Word, fill};
use super::{listen, notice, raise, recover, speak, talk};
use std::time::Duration;

/// So much of what was said last is remembered, to know it when it comes back.
const SAID: usize = 2_000;

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
    effects.push(Effect::Sound(SoundOrder::Attend { clip }));
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
    effects.extend(talk::interrupt(model));
    let talking = unfinished(&mut call, model.now.mono);
    for heard in call.hearing.into_iter().chain(call.queue).chain(talking) {
        effects.extend(keep(model, &heard, false));
    }
    effects.push(Effect::Link(LinkOrder::Hurry(false)));
    raise(model, EventName::VoiceCallEnd, "hung up");
    let lasted = model.now.mono.since(call.started).as_secs();
    let lasted = format!("{}:{:02}", lasted / 60, lasted % 60);
    let turns = call.turns.to_string();
    notice::say(model, Word::CallEnded, &[&lasted, &turns], Tone::Good);
    effects
}

/// What is being said, as far as it was, when nobody will tell its end.
fn unfinished(call: &mut Call, now: Moment) -> Option<Heard> {
    let began = call.talking.take()?;
    Some(Heard {
        clip: call.attending,
        ended: now,
        length_ms: u32::try_from(now.since(began).as_millis()).unwrap_or(u32::MAX),
        partial: String::new(),
        doubtful: call.may_echo(began),
        limit: None,
    })
}

/// What was said waits like any recording, and stops nothing: it may be no words at all.
fn keep(model: &mut Model, heard: &Heard, aloud: bool) -> Effects {
    let clip = Some(Clip {
        length_ms: heard.length_ms,
    });
    talk::post(model, heard.clip, String::new(), clip, aloud)
}

/// What nobody could make words of stays in the conversation, to be tried again.
fn shelve(model: &mut Model, heard: &Heard) -> Effects {
    let id = model.seed.message();
    let mut question = Message::new(id, heard.clip, Role::User, model.now.wall);
    question.ending = Ending::Complete;
    question.clip = Some(Clip {
        length_ms: heard.length_ms,
    });
    let effects = vec![talk::keep(model, &question)];
    model.conversation.transcript.push(question);
    effects
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
    call.lifted = false;
    switch(model, before)
}

/// Tells the microphone if it is to be another than before.
fn switch(model: &mut Model, before: bool) -> Effects {
    let Some(call) = &mut model.call else {
        return vec![];
    };
    let listens = call.listens();
    if listens == before {
        return vec![];
    }
    if listens {
        let clip = call.attending;
        return vec![
            Effect::Sound(SoundOrder::Mute(false)),
            Effect::Sound(SoundOrder::Attend { clip }),
        ];
    }
    (call.device, call.talking, call.patience) = (None, None, None);
    model.voice.level = None;
    let mut effects = vec![Effect::Sound(SoundOrder::Mute(true))];
    effects.extend(resume(model));
    effects
}

/// The talk key in a call: a muted microphone is open while it is down.
pub(super) fn lift(model: &mut Model, lifted: bool) -> Effects {
    let Some(call) = &mut model.call else {
        return vec![];
    };
    let before = call.listens();
    call.lifted = lifted;
    switch(model, before)
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
        call.device = Some(device);
    }
}

/// Somebody began to speak: whoever is being read out is silent until it is known what they say.
pub(super) fn begun(model: &mut Model, clip: TurnId) -> Effects {
    let now = model.now.mono;
    let heard = |call: &&mut Call| call.attending == clip && call.listens();
    let Some(call) = model.call.as_mut().filter(heard) else {
        return vec![];
    };
    call.talking = Some(now);
    call.patience = None;
    give_way(model)
}

/// Nobody is read out while the user speaks, or is away.
pub(super) fn give_way(model: &mut Model) -> Effects {
    let (Some(call), Some(speaking)) = (&mut model.call, &mut model.voice.speaking) else {
        return vec![];
    };
    if speaking.paused || !call.held && call.talking.is_none() {
        return vec![];
    }
    speaking.paused = true;
    call.cut_in = !call.held;
    vec![Effect::Sound(SoundOrder::Pause)]
}

/// Somebody pauses, or goes on after all.
pub(super) fn patience(model: &mut Model, left_ms: Option<u32>) {
    let now = model.now.mono;
    if let Some(call) = model.call.as_mut().filter(|call| call.talking.is_some()) {
        call.patience = left_ms.map(|ms| now + Duration::from_millis(ms.into()));
    }
}

/// Somebody has finished. Whatever it was, the microphone listens on.
pub(super) fn recorded(model: &mut Model, clip: TurnId, recorded: Recorded) -> Effects {
    let now = model.now.mono;
    let next = model.seed.turn();
    let Some(call) = model.call.as_mut().filter(|call| call.attending == clip) else {
        return vec![];
    };
    call.attending = next;
    let length = Duration::from_millis(recorded.length_ms.into());
    let began = call.talking.take().unwrap_or(now - length);
    call.patience = None;
    let mut effects = vec![];
    if call.listens() {
        effects.push(Effect::Sound(SoundOrder::Attend { clip: next }));
    }
    if !recorded.speech {
        effects.push(Effect::Sound(SoundOrder::Discard { clip }));
        effects.extend(resume(model));
        return effects;
    }
    let doubtful = call.may_echo(began);
    call.queue.push_back(Heard {
        clip,
        ended: now,
        length_ms: recorded.length_ms,
        partial: String::new(),
        doubtful,
        limit: None,
    });
    effects
}

/// Has the next recording recognised, one after another. Without a line they wait in the
/// conversation.
pub(super) fn next(model: &mut Model) -> Effects {
    let up = matches!(model.line, Line::Up(_));
    let before = model.turn.as_ref().is_some_and(|turn| turn.hearing);
    let (now, budget) = (model.now.mono, model.budgets.stt);
    let Some(call) = &mut model.call else {
        return vec![];
    };
    if !up {
        let said: Vec<Heard> = call.hearing.take().into_iter().collect();
        let said: Vec<Heard> = said.into_iter().chain(call.queue.drain(..)).collect();
        let mut effects = vec![];
        for heard in &said {
            effects.extend(keep(model, heard, true));
        }
        effects.extend(resume(model));
        return effects;
    }
    if before || call.hearing.is_some() {
        return vec![];
    }
    let Some(mut heard) = call.queue.pop_front() else {
        return vec![];
    };
    let clip = Some(Clip {
        length_ms: heard.length_ms,
    });
    heard.limit = Some(now + budget.allowed(listen::likely_length(clip)));
    let turn = heard.clip;
    call.hearing = Some(heard);
    vec![Effect::Sound(SoundOrder::Send(Hear {
        turn,
        conversation: model.conversation.id,
        language: model.voice.wishes.language.clone(),
        ears: model.voice.wishes.ears.clone(),
    }))]
}

/// What was said before may be asked now: a recording after the one that is being recognised,
/// anything after what is being said.
pub(super) fn is_free(model: &Model, recording: bool) -> bool {
    model
        .call
        .as_ref()
        .is_none_or(|call| model.voice.speaking.is_none() && !(recording && call.hearing.is_some()))
}

/// What the words of a call's recording seem to be.
pub(super) fn partial(model: &mut Model, turn: Option<TurnId>, text: &str) -> bool {
    let Some(heard) = hearing(model, turn) else {
        return false;
    };
    text.clone_into(&mut heard.partial);
    true
}

fn hearing(model: &mut Model, turn: Option<TurnId>) -> Option<&mut Heard> {
    let heard = model.call.as_mut()?.hearing.as_mut()?;
    turn.is_none_or(|turn| turn == heard.clip).then_some(heard)
}

/// The recording of a call that is being recognised is not any more, if it is this one.
fn take(model: &mut Model, turn: TurnId) -> Option<Heard> {
    let call = model.call.as_mut()?;
    call.hearing.take_if(|heard| heard.clip == turn)
}

/// The words of a call's recording are known; `None` if it is none of a call.
pub(super) fn understood(model: &mut Model, turn: Option<TurnId>, text: &str) -> Option<Effects> {
    hearing(model, turn)?;
    let answers = model.turn.is_some() || model.voice.speaking.is_some();
    let call = model.call.as_mut()?;
    let heard = call.hearing.take()?;
    let discard = Effect::Sound(SoundOrder::Discard { clip: heard.clip });
    let text = text.trim();
    let ours = heard.doubtful && is_echo(text, &call.said);
    if text.is_empty() || ours || answers && is_murmur(text) {
        let mut effects = vec![discard];
        effects.extend(resume(model));
        return Some(effects);
    }
    if let Some(control) = control(text) {
        let mut effects = vec![discard];
        effects.extend(obey(model, control));
        return Some(effects);
    }
    call.cut_in = false;
    call.turns += 1;
    // What was being said ends with what was heard of it.
    let mut effects = talk::interrupt(model);
    model.voice.released = Some((heard.clip, heard.ended));
    effects.extend(talk::pose(
        model,
        heard.clip,
        text.to_owned(),
        Some(Clip {
            length_ms: heard.length_ms,
        }),
        true,
    ));
    Some(effects)
}

/// The recording of a call could not be recognised: it is kept, and the call goes on. Trouble
/// without a name is about something else.
pub(super) fn misheard(model: &mut Model, turn: Option<TurnId>, why: &str) -> Option<Effects> {
    let heard = take(model, turn?)?;
    notice::warn(model, why.to_owned());
    let mut effects = shelve(model, &heard);
    effects.extend(resume(model));
    Some(effects)
}

/// The backend has not got the recording: it waits like any other.
pub(super) fn unheard(model: &mut Model, turn: TurnId) -> Option<Effects> {
    let heard = take(model, turn)?;
    let mut effects = keep(model, &heard, true);
    effects.extend(resume(model));
    Some(effects)
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

/// Does what a whole utterance asks of the call.
fn obey(model: &mut Model, control: Control) -> Effects {
    let mut effects = match control {
        Control::Stop => talk::interrupt(model),
        // What was paused for the words stays so.
        Control::Wait if model.call.as_ref().is_some_and(|call| call.held) => vec![],
        Control::Wait => hold(model),
        Control::Louder | Control::Softer => speak::volume(model, control == Control::Louder),
        Control::Slower | Control::Faster => {
            speak::speed(model, control == Control::Faster);
            vec![]
        }
        Control::Repeat => speak::read(model, None),
        Control::HangUp => hang_up(model),
    };
    effects.extend(resume(model));
    effects
}

/// How well the loudspeaker is taken out of the microphone.
pub(super) fn echo(model: &mut Model, cancelled_db: f32, open: bool) {
    if let Some(call) = &mut model.call {
        call.echo = Some((cancelled_db, open));
    }
}

/// These words begin to be heard.
pub(super) fn said(model: &mut Model, words: &str) {
    if let Some(call) = &mut model.call {
        call.said.push_str(words);
        call.said.push(' ');
        let too_long = call.said.chars().count().saturating_sub(SAID);
        if too_long > 0 {
            call.said = call.said.chars().skip(too_long).collect();
        }
    }
}

/// Some of what is said is heard right now.
pub(super) fn sounded(model: &mut Model) {
    let now = model.now.mono;
    if let Some(call) = &mut model.call {
        call.sounded = Some(now);
    }
}

/// Something is wrong with a recording of the call; `None` if it is none of it. The call goes on,
/// if need be without its microphone.
pub(super) fn failed(model: &mut Model, clip: TurnId, error: &SoundError) -> Option<Effects> {
    let now = model.now.mono;
    if let Some(heard) = take(model, clip) {
        listen::trouble(model, Way::In, error);
        let mut effects = shelve(model, &heard);
        effects.extend(resume(model));
        return Some(effects);
    }
    let next = model.seed.turn();
    let call = model.call.as_mut().filter(|call| call.attending == clip)?;
    let said = unfinished(call, now);
    call.queue.extend(said);
    call.attending = next;
    call.muted = true;
    call.lifted = false;
    (call.device, call.patience) = (None, None);
    model.voice.level = None;
    listen::trouble(model, Way::In, error);
    let mut effects = vec![Effect::Sound(SoundOrder::Mute(true))];
    effects.extend(resume(model));
    Some(effects)
}

/// Looks at the clock: words that never come are not waited for. They are asked for once more,
/// like those of any recording.
pub(super) fn watch(model: &mut Model) -> Effects {
    let now = model.now.mono;
    let late = |heard: &mut Heard| heard.limit.is_some_and(|limit| limit <= now);
    let call = model.call.as_mut();
    let Some(heard) = call.and_then(|call| call.hearing.take_if(late)) else {
        return vec![];
    };
    let mut effects = keep(model, &heard, true);
    effects.extend(resume(model));
    effects
}

/// When the call is to be looked at.
pub(super) fn deadline(model: &Model) -> Option<Moment> {
    let call = model.call.as_ref()?;
    call.hearing.as_ref().and_then(|heard| heard.limit)
}

/// Whether a call goes on, in whose state everything happens.
pub(super) fn is_on(model: &Model) -> bool {
    model.call.is_some() && model.modes.current() == Mode::VoiceCall
}
