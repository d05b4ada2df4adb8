//! Finds out what was said in a call, one recording after another, and what it means.

use super::super::super::backend::Clip;
use super::super::super::call::{Call, Heard, Unfinished, is_echo, is_murmur};
use super::super::super::control::Control;
use super::super::super::effect::{Effect, Effects};
use super::super::super::ids::TurnId;
use super::super::super::line::Line;
use super::super::super::model::Model;
use super::super::super::over::{ByLastWord, EndOfTurn};
use super::super::super::sound::{Recorded, SoundOrder};
use super::super::super::time::Moment;
use super::super::super::transcript::{Ending, Message, Role};
use super::super::{ask, errand, listen, notice, speak, talk};
use super::{attend, hang_up, hold, resume};
use std::time::Duration;

/// So much of what was said last is remembered, to know it when it comes back.
const SAID: usize = 2_000;
/// So long it is waited for the rest of what seems to go on, beyond the pause before.
const REST: Duration = Duration::from_millis(1200);

/// Somebody has finished. Whatever it was, the microphone listens on.
pub(in super::super) fn recorded(model: &mut Model, clip: TurnId, recorded: Recorded) -> Effects {
    let now = model.now.mono;
    if let Some(heard) = parting(model, clip) {
        let length_ms = recorded.length_ms;
        return if recorded.speech {
            keep(model, &Heard { length_ms, ..heard }, false)
        } else {
            vec![Effect::Sound(SoundOrder::Discard { clip })]
        };
    }
    if let Some(heard) = closing(model, clip) {
        let length_ms = recorded.length_ms;
        if !recorded.speech {
            let mut effects = vec![Effect::Sound(SoundOrder::Discard { clip })];
            effects.extend(resume(model));
            return effects;
        }
        if let Some(call) = &mut model.call {
            call.queue.push_back(Heard { length_ms, ..heard });
        }
        return vec![];
    }
    let next = model.seed.turn();
    let Some(call) = model.call.as_mut().filter(|call| call.attending == clip) else {
        return vec![];
    };
    call.attending = next;
    let length = Duration::from_millis(recorded.length_ms.into());
    let began = call.talking.take().unwrap_or(now - length);
    call.patience = None;
    let partial = std::mem::take(&mut call.partial);
    let doubtful = call.may_echo(began);
    if recorded.speech {
        call.queue.push_back(Heard {
            clip,
            ended: now,
            length_ms: recorded.length_ms,
            partial,
            there: false,
            doubtful,
            limit: None,
        });
    }
    let mut effects = vec![];
    if call.listens() {
        effects.extend(attend(model, next));
    }
    if !recorded.speech {
        effects.push(Effect::Sound(SoundOrder::Discard { clip }));
        effects.extend(resume(model));
    }
    effects
}

/// The backend that cuts the turns has somebody's, to its end; `None` if it is none of a call.
pub(in super::super) fn cut(model: &mut Model, turn: Option<TurnId>) -> Option<Effects> {
    let now = model.now.mono;
    let attended = |call: &&mut Call| call.stream.is_some() && Some(call.attending) == turn;
    let call = model.call.as_mut().filter(attended)?;
    let next = model.seed.turn();
    let clip = std::mem::replace(&mut call.attending, next);
    let began = call.talking.take().unwrap_or(now);
    let doubtful = call.may_echo(began);
    call.alive = now;
    call.queue.push_back(Heard {
        clip,
        ended: now,
        length_ms: u32::try_from(now.since(began).as_millis()).unwrap_or(u32::MAX),
        partial: std::mem::take(&mut call.partial),
        there: true,
        doubtful,
        limit: None,
    });
    Some(attend(model, next))
}

/// Has the next recording recognised, one after another. Without a line they wait in the
/// conversation.
pub(in super::super) fn next(model: &mut Model) -> Effects {
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
    let (clip, there) = (heard.clip, heard.there);
    call.hearing = Some(heard);
    if there {
        return vec![];
    }
    call.stream = None;
    let hear = listen::hear_as(model, clip, model.conversation.id);
    vec![Effect::Sound(SoundOrder::Send(hear))]
}

/// What was said before may be asked now: a recording after the one that is being recognised,
/// anything after what is being said.
pub(in super::super) fn is_free(model: &Model, recording: bool) -> bool {
    model
        .call
        .as_ref()
        .is_none_or(|call| model.voice.speaking.is_none() && !(recording && call.hearing.is_some()))
}

/// What was said waits like any recording, and stops nothing: it may be no words at all.
pub(super) fn keep(model: &mut Model, heard: &Heard, aloud: bool) -> Effects {
    let clip = Some(Clip {
        length_ms: heard.length_ms,
    });
    ask::post(model, heard.clip, String::new(), clip, aloud)
}

/// What nobody could make words of stays in the conversation, to be tried again.
pub(super) fn shelve(model: &mut Model, heard: &Heard) -> Effects {
    let id = heard.clip.question();
    let mut question = Message::new(id, heard.clip, Role::User, model.now.wall);
    question.ending = Ending::Complete;
    question.clip = Some(Clip {
        length_ms: heard.length_ms,
    });
    let effects = vec![talk::keep(model, &question)];
    model.conversation.transcript.push(question);
    effects
}

/// What the words of a call's recording seem to be.
pub(in super::super) fn partial(model: &mut Model, turn: Option<TurnId>, text: &str) -> bool {
    let said = |call: &&mut Call| turn == Some(call.attending) && call.listens();
    if let Some(call) = model.call.as_mut().filter(said) {
        text.clone_into(&mut call.partial);
        return true;
    }
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
pub(super) fn take(model: &mut Model, turn: TurnId) -> Option<Heard> {
    let call = model.call.as_mut()?;
    call.hearing.take_if(|heard| heard.clip == turn)
}

/// What was being said when the microphone was closed, if it is this recording.
pub(super) fn closing(model: &mut Model, clip: TurnId) -> Option<Heard> {
    let call = model.call.as_mut()?;
    call.closing.take_if(|heard| heard.clip == clip)
}

/// What was being said when a call ended, if it is this recording.
pub(super) fn parting(model: &mut Model, clip: TurnId) -> Option<Heard> {
    model.voice.parting.take_if(|heard| heard.clip == clip)
}

/// The words of a call's recording are known; `None` if it is none of a call.
pub(in super::super) fn understood(
    model: &mut Model,
    turn: Option<TurnId>,
    text: &str,
) -> Option<Effects> {
    hearing(model, turn)?;
    let over = speak::is_nearly_over(model);
    let answers = model.turn.is_some() || model.voice.speaking.is_some() && !over;
    let now = model.now.mono;
    let call = model.call.as_mut()?;
    call.alive = now;
    let heard = call.hearing.take()?;
    let discard = Effect::Sound(SoundOrder::Discard { clip: heard.clip });
    let text = text.trim();
    let ours = heard.doubtful && is_echo(text, &call.said);
    // A yes is no murmur to whoever has asked.
    let answers = answers && !errand::is_asking(model);
    if text.is_empty() || ours || answers && is_murmur(text) {
        let mut effects = vec![discard];
        effects.extend(resume(model));
        return Some(effects);
    }
    if let Some(decided) = errand::heard(model, text) {
        let mut effects = vec![discard];
        effects.extend(decided);
        effects.extend(resume(model));
        return Some(effects);
    }
    let call = model.call.as_mut()?;
    if let Some(control) = model.voice.wishes.controls.of(text) {
        let before = call.unfinished.take();
        let mut effects = vec![discard];
        effects.extend(before.map(|before| {
            let clip = before.clip;
            Effect::Sound(SoundOrder::Discard { clip })
        }));
        effects.extend(obey(model, control));
        return Some(effects);
    }
    let mut effects = vec![];
    let mut said = Unfinished {
        clip: heard.clip,
        length_ms: heard.length_ms,
        ended: heard.ended,
        text: text.to_owned(),
        until: now + REST,
    };
    if let Some(before) = call.unfinished.take() {
        said.text = format!("{} {text}", before.text);
        said.clip = before.clip;
        said.length_ms = said.length_ms.saturating_add(before.length_ms);
        effects.push(discard);
    }
    if call.listens() && ByLastWord.goes_on(text) {
        call.patience = Some(said.until);
        call.unfinished = Some(said);
        return Some(effects);
    }
    effects.extend(answer(model, said));
    Some(effects)
}

/// What was said is complete, and is asked.
fn answer(model: &mut Model, said: Unfinished) -> Effects {
    let over = speak::is_nearly_over(model);
    let ahead = super::asks_ahead(model) && !over;
    let Some(call) = &mut model.call else {
        return vec![];
    };
    call.turns += 1;
    let mut effects = vec![];
    if ahead {
        effects.extend(resume(model));
    } else {
        call.cut_in = false;
        // What was being said ends with what was heard of it.
        if over {
            effects.extend(speak::stop(model));
        }
        effects.extend(talk::interrupt(model));
        model.voice.released = Some((said.clip, said.ended));
    }
    let clip = Some(Clip {
        length_ms: said.length_ms,
    });
    effects.extend(ask::pose(model, said.clip, said.text, clip, true));
    effects
}

/// What was said and seemed to go on waits as it is: nobody waits to hear its answer any more.
pub(super) fn keep_words(model: &mut Model, said: Unfinished) -> Effects {
    let clip = Some(Clip {
        length_ms: said.length_ms,
    });
    ask::post(model, said.clip, said.text, clip, false)
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

/// The recording of a call could not be recognised: it is kept, and the call goes on. Trouble
/// without a name is about something else.
pub(in super::super) fn misheard(
    model: &mut Model,
    turn: Option<TurnId>,
    why: &str,
) -> Option<Effects> {
    let heard = take(model, turn?)?;
    notice::warn(model, why.to_owned());
    let mut effects = shelve(model, &heard);
    effects.extend(resume(model));
    Some(effects)
}

/// The backend has not got the recording: it waits like any other.
pub(in super::super) fn unheard(model: &mut Model, turn: TurnId) -> Option<Effects> {
    let heard = take(model, turn)?;
    let mut effects = keep(model, &heard, true);
    effects.extend(resume(model));
    Some(effects)
}

/// Looks at the clock: words that never come are not waited for. They are asked for once more,
/// like those of any recording. And what seemed to go on did not.
pub(super) fn watch(model: &mut Model) -> Effects {
    let now = model.now.mono;
    if waits_for_rest(model).is_some_and(|until| until <= now)
        && let Some(said) = model.call.as_mut().and_then(|call| {
            call.patience = None;
            call.unfinished.take()
        })
    {
        return answer(model, said);
    }
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
    let limit = call.hearing.as_ref().and_then(|heard| heard.limit);
    limit.or_else(|| waits_for_rest(model))
}

/// When what seemed to go on is asked as it is, unless its rest is being said or recognised.
fn waits_for_rest(model: &Model) -> Option<Moment> {
    let call = model.call.as_ref()?;
    let comes = call.talking.is_some()
        || call.closing.is_some()
        || call.hearing.is_some()
        || !call.queue.is_empty();
    let unfinished = call.unfinished.as_ref().filter(|_| !comes);
    unfinished.map(|unfinished| unfinished.until)
}

/// These words begin to be heard.
pub(in super::super) fn said(model: &mut Model, words: &str) {
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
pub(in super::super) fn sounded(model: &mut Model) {
    let now = model.now.mono;
    if let Some(call) = &mut model.call {
        (call.sounded, call.alive) = (Some(now), now);
    }
}
