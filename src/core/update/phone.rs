//! Leads a call: hands-free, both ways at once, until somebody hangs up.
//!
//! What is said is recorded and recognised like any recording, one after another, while the
//! assistant may still be speaking. Whoever speaks into its words pauses them; what was said then
//! decides whether they go on.

use super::super::backend::Clip;
use super::super::call::{Call, Control, Heard, control, is_echo, is_murmur};
use super::super::effect::{Effect, Effects};
use super::super::events::EventName;
use super::super::ids::TurnId;
use super::super::line::{Line, LinkOrder};
use super::super::mode::Mode;
use super::super::model::{Model, Tone};
use super::super::sound::{Hear, Recorded, SoundError, SoundOrder};
use super::super::time::Moment;
use super::super::transcript::Role;
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

/// Ends the call; what is being said is not lost.
pub(super) fn hang_up(model: &mut Model) -> Effects {
    let Some(call) = model.call.take() else {
        return vec![];
    };
    let mut effects = vec![Effect::Sound(SoundOrder::HangUp)];
    effects.extend(keep_heard(model, call.hearing.as_ref()));
    model.voice.level = None;
    effects.extend(talk::interrupt(model));
    effects.push(Effect::Link(LinkOrder::Hurry(false)));
    raise(model, EventName::VoiceCallEnd, "hung up");
    let lasted = call.lasted(model.now.mono).as_secs();
    let lasted = format!("{}:{:02}", lasted / 60, lasted % 60);
    let turns = call.turns.to_string();
    notice::say(model, Word::CallEnded, &[&lasted, &turns], Tone::Good);
    effects
}

/// What was said and not understood yet waits like any recording.
fn keep_heard(model: &mut Model, heard: Option<&Heard>) -> Effects {
    let Some(heard) = heard else {
        return vec![];
    };
    let clip = Some(Clip {
        length_ms: heard.length_ms,
    });
    talk::pose(model, heard.clip, String::new(), clip, true)
}

/// Closes the microphone, really, or opens it again.
pub(super) fn mute(model: &mut Model, muted: bool) -> Effects {
    let Some(call) = &mut model.call else {
        notice::say(model, Word::NoCall, &[], Tone::Plain);
        return vec![];
    };
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
    if !listens {
        (call.device, call.talking, call.patience) = (None, None, None);
        model.voice.level = None;
    }
    let mut effects = vec![Effect::Sound(SoundOrder::Mute(!listens))];
    if !listens {
        effects.extend(resume(model));
    }
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
    if let Some(call) = &mut model.call {
        call.device = Some(device);
    }
}

/// Somebody began to speak: whoever is being read out is silent until it is known what they say.
pub(super) fn begun(model: &mut Model, clip: TurnId) -> Effects {
    let now = model.now.mono;
    let Some(call) = model.call.as_mut().filter(|call| call.attending == clip) else {
        return vec![];
    };
    call.talking = Some(now);
    call.patience = None;
    let Some(speaking) = &mut model.voice.speaking else {
        return vec![];
    };
    if speaking.paused {
        return vec![];
    }
    speaking.paused = true;
    call.cut_in = true;
    vec![Effect::Sound(SoundOrder::Pause)]
}

/// Somebody pauses, or goes on after all.
pub(super) fn patience(model: &mut Model, left_ms: Option<u32>) {
    let now = model.now.mono;
    if let Some(call) = &mut model.call {
        call.patience = left_ms.map(|ms| now + Duration::from_millis(ms.into()));
    }
}

/// Somebody has finished. Whatever it was, the microphone listens on.
pub(super) fn recorded(model: &mut Model, clip: TurnId, recorded: Recorded) -> Effects {
    let now = model.now.mono;
    let next = model.seed.turn();
    let language = model.voice.wishes.language.clone();
    let ears = model.voice.wishes.ears.clone();
    let conversation = model.conversation.id;
    let limit = now + model.budgets.stt.allowed(0);
    let Some(call) = model.call.as_mut().filter(|call| call.attending == clip) else {
        return vec![];
    };
    call.attending = next;
    (call.talking, call.patience) = (None, None);
    let mut effects = vec![];
    if call.listens() {
        effects.push(Effect::Sound(SoundOrder::Attend { clip: next }));
    }
    if !recorded.speech {
        effects.push(Effect::Sound(SoundOrder::Discard { clip }));
        effects.extend(resume(model));
        return effects;
    }
    let heard = Heard {
        clip,
        ended: now,
        length_ms: recorded.length_ms,
        partial: String::new(),
        limit,
    };
    let busy = call.hearing.is_some();
    if busy || !matches!(model.line, Line::Up(_)) {
        // One after another, and nothing is lost while the line is down.
        effects.extend(keep_heard(model, Some(&heard)));
        return effects;
    }
    call.hearing = Some(heard);
    effects.push(Effect::Sound(SoundOrder::Send(Hear {
        turn: clip,
        conversation,
        language,
        ears,
    })));
    effects
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

/// The words of a call's recording are known; `None` if it is none of a call.
pub(super) fn understood(model: &mut Model, turn: Option<TurnId>, text: &str) -> Option<Effects> {
    hearing(model, turn)?;
    let call = model.call.as_mut()?;
    let heard = call.hearing.take()?;
    let discard = Effect::Sound(SoundOrder::Discard { clip: heard.clip });
    let text = text.trim();
    if call.cut_in && is_murmur(text) || text.is_empty() || is_echo(text, &call.said) {
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

/// The recording of a call could not be recognised: it waits, and the call goes on.
pub(super) fn misheard(model: &mut Model, turn: Option<TurnId>, why: &str) -> Option<Effects> {
    hearing(model, turn)?;
    let heard = model.call.as_mut()?.hearing.take()?;
    notice::warn(model, why.to_owned());
    let mut effects = resume(model);
    effects.push(Effect::Sound(SoundOrder::Discard { clip: heard.clip }));
    Some(effects)
}

/// What was paused because somebody spoke into it goes on.
fn resume(model: &mut Model) -> Effects {
    let Some(call) = &mut model.call else {
        return vec![];
    };
    if !std::mem::take(&mut call.cut_in) || call.held {
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
    match control {
        Control::Stop => {
            if let Some(call) = &mut model.call {
                call.cut_in = false;
            }
            talk::interrupt(model)
        }
        Control::Wait => {
            let mut effects = resume(model);
            effects.extend(hold(model));
            effects
        }
        Control::Louder | Control::Softer => {
            let mut effects = speak::volume(model, control == Control::Louder);
            effects.extend(resume(model));
            effects
        }
        Control::Slower | Control::Faster => {
            speak::speed(model, control == Control::Faster);
            resume(model)
        }
        Control::Repeat => {
            let last = model.conversation.transcript.last(Role::Assistant);
            let last = last.map(|message| message.id);
            speak::read(model, last)
        }
        Control::HangUp => hang_up(model),
    }
}

/// How well the loudspeaker is taken out of the microphone.
pub(super) fn echo(model: &mut Model, cancelled_db: f32, open: bool) {
    if let Some(call) = &mut model.call {
        call.echo = Some((cancelled_db, open));
    }
}

/// These words begin to be heard.
pub(super) fn saying(model: &mut Model, words: String) {
    if let Some(call) = &mut model.call {
        call.said.push_str(&words);
        call.said.push(' ');
        let too_long = call.said.chars().count().saturating_sub(SAID);
        if too_long > 0 {
            call.said = call.said.chars().skip(too_long).collect();
        }
        call.saying = Some(words);
    }
}

/// The microphone of the call is of no use: the call goes on without it.
pub(super) fn broken(model: &mut Model, error: &SoundError) -> Effects {
    let Some(call) = &mut model.call else {
        return vec![];
    };
    call.muted = true;
    call.device = None;
    call.talking = None;
    listen::trouble(model, super::super::sound::Way::In, error);
    vec![Effect::Sound(SoundOrder::Mute(true))]
}

/// Looks at the clock: words that never come are not waited for.
pub(super) fn watch(model: &mut Model) -> Effects {
    let now = model.now.mono;
    let late = |heard: &Heard| heard.limit <= now;
    if !hearing(model, None).is_some_and(|heard| late(heard)) {
        return vec![];
    }
    let heard = model.call.as_mut().and_then(|call| call.hearing.take());
    let mut effects = keep_heard(model, heard.as_ref());
    notice::say(model, Word::NoWords, &[], Tone::Warning);
    effects.extend(resume(model));
    effects
}

/// When the call is to be looked at.
pub(super) fn deadline(model: &Model) -> Option<Moment> {
    let call = model.call.as_ref()?;
    call.hearing.as_ref().map(|heard| heard.limit)
}

/// The line is lost in the middle of a call: what was said waits.
pub(super) fn line_lost(model: &mut Model) -> Effects {
    let heard = model.call.as_mut().and_then(|call| call.hearing.take());
    keep_heard(model, heard.as_ref())
}

/// Whether a call goes on, in whose state everything happens.
pub(super) fn is_on(model: &Model) -> bool {
    model.call.is_some() && model.modes.current() == Mode::VoiceCall
}
