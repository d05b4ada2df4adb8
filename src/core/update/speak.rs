//! Leads what is read out: what is expected, heard, paused and over.

use super::super::backend::{Say, Up};
use super::super::budget::{Budget, Expiry, Verdict, Wait, Watch, on_expiry};
use super::super::effect::{Effect, Effects};
use super::super::events::EventName;
use super::super::heard;
use super::super::ids::{MessageId, TurnId};
use super::super::line::{Line, LinkOrder};
use super::super::mode::Mode;
use super::super::model::{Model, Tone};
use super::super::record::{Keep, TurnTimes};
use super::super::sound::SoundOrder;
use super::super::transcript::{Ending, Message, Role};
use super::super::turn::{Stage, Turn};
use super::super::voice::{Speak, Speaking};
use super::super::words::{Word, fill};
use super::{notice, phone, raise, talk};
use std::time::Duration;

/// One step of loudness and of speed.
const LOUDER: f32 = 0.1;
const FASTER: f32 = 0.1;
/// How long a loudspeaker may take to begin with what has come over a line that is gone.
const LAST: Budget = Budget {
    base: Duration::from_secs(3),
    per_char: Duration::ZERO,
    max: Duration::from_secs(3),
};

/// The answer to these words is to be spoken, if it can be.
pub(super) fn expect(model: &mut Model, say: &mut Say) -> Effects {
    if say.voice.is_none() {
        return vec![];
    }
    // An earlier run, or another moment, may have wished for another voice.
    say.voice = Some(model.voice.wishes.voice());
    if model.voice.mute().is_some() {
        say.voice = None;
        tell_mute(model);
        return vec![];
    }
    let turn = say.turn;
    model.voice.speaking = Some(Speaking::of(turn));
    let mut effects = vec![Effect::Sound(SoundOrder::Expect { turn })];
    effects.extend(phone::give_way(model));
    effects
}

/// Says once why nothing is spoken.
fn tell_mute(model: &mut Model) {
    let why = (model.voice.mouth.as_mut()).and_then(|mouth| mouth.missing.take());
    if let Some(why) = why {
        notice::say(model, Word::NoVoice, &[&why], Tone::Plain);
    }
}

/// The text of the answer is complete: from here on its speech may be waited for.
pub(super) fn written(model: &mut Model, reply: MessageId) {
    let (now, budget) = (model.now.mono, model.budgets.tts);
    let text = model.conversation.transcript.get(reply);
    let length = text.map_or(0, |message| message.text.chars().count());
    if let Some(speaking) = &mut model.voice.speaking {
        speaking.length = length;
        speaking.watch = Some(Watch::start(budget, length, now));
    }
}

/// The stages of a turn so far; those of its speech will follow.
pub(super) fn timed(model: &mut Model, turn: &Turn, times: TurnTimes) {
    if let Some(speaking) = &mut model.voice.speaking
        && speaking.turn == turn.id
    {
        speaking.times = Some((turn.started, times));
    }
}

/// What is being read out, if it is this.
fn of(model: &mut Model, turn: TurnId) -> Option<&mut Speaking> {
    let speaking = model.voice.speaking.as_mut();
    speaking.filter(|speaking| speaking.turn == turn)
}

/// The first of it was heard.
pub(super) fn sounding(model: &mut Model, turn: TurnId) {
    let now = model.now.mono;
    let Some(speaking) = of(model, turn) else {
        return;
    };
    speaking.sounding.get_or_insert(now);
    speaking.progress(now);
    reached(model, turn, Stage::Sounding);
    phone::sounded(model);
}

/// These words of it begin to be heard.
pub(super) fn saying(model: &mut Model, turn: TurnId, words: String) {
    phone::sounded(model);
    phone::said(model, &words);
    caption(model, turn, &words);
    if let Some(speaking) = of(model, turn) {
        speaking.say(words);
    }
}

/// Notes when these words of a turn began to be heard.
fn caption(model: &mut Model, turn: TurnId, words: &str) {
    let now = model.now.mono;
    let words = words.trim().to_owned();
    if let Some(running) = model.turn.as_mut().filter(|running| running.id == turn) {
        let ms = now.since(running.started).as_millis() as u64;
        running.said.push((ms, words));
    } else if let Some(Speaking {
        times: Some((started, times)),
        ..
    }) = of(model, turn)
    {
        let ms = now.since(*started).as_millis() as u64;
        times.said.push((ms, words));
    }
}

/// Notes a stage of the speech with its turn.
fn reached(model: &mut Model, turn: TurnId, stage: Stage) {
    let now = model.now.mono;
    if let Some(running) = model.turn.as_mut().filter(|running| running.id == turn) {
        running.reach(stage, now);
    } else if let Some(Speaking {
        times: Some((started, times)),
        ..
    }) = of(model, turn)
    {
        let ms = now.since(*started).as_millis() as u64;
        times.stages.push((stage.name().to_owned(), ms));
    }
}

/// More of it was heard.
pub(super) fn heard(model: &mut Model, turn: TurnId, ms: u64) {
    let now = model.now.mono;
    if let Some(speaking) = of(model, turn) {
        speaking.heard_ms = ms;
        speaking.progress(now);
        phone::sounded(model);
    }
}

/// All of it was heard, or nothing of it will be.
pub(super) fn spoken(model: &mut Model, turn: TurnId) -> Effects {
    if of(model, turn).is_some() {
        phone::sounded(model);
    }
    reached(model, turn, Stage::Spoken);
    let speaking = model
        .voice
        .speaking
        .take_if(|speaking| speaking.turn == turn);
    let Some(speaking) = speaking else {
        return vec![];
    };
    over(model, "spoken");
    let conversation = model.conversation.id;
    let Some((_, turn)) = speaking.times else {
        return vec![];
    };
    model.timed(turn.clone());
    vec![Effect::Keep(Keep::Turn { conversation, turn })]
}

/// The state that says that something is read out ends.
fn over(model: &mut Model, cause: &str) {
    match model.modes.current() {
        Mode::TextTts => raise(model, EventName::TextTtsComplete, cause),
        Mode::VoiceTts => raise(model, EventName::VoiceTtsComplete, cause),
        Mode::Idle
        | Mode::TextSse
        | Mode::VoiceStt
        | Mode::VoiceSse
        | Mode::VoiceCall
        | Mode::Error => {}
    }
}

/// The words of a turn that were heard so far, where the backend says what it says.
pub(super) fn heard_of(model: &Model, turn: TurnId) -> Option<String> {
    let speaking = model.voice.speaking.as_ref();
    let speaking = speaking.filter(|speaking| speaking.turn == turn)?;
    speaking.heard(model.voice.wishes.speed)
}

/// Whether the answer that is being read out is written, and has all but come to its end.
pub(super) fn is_nearly_over(model: &Model) -> bool {
    let Some(speaking) = &model.voice.speaking else {
        return false;
    };
    let messages = model.conversation.transcript.messages().iter();
    let mut reply = messages
        .rev()
        .filter(|message| message.turn == speaking.turn && message.role == Role::Assistant);
    reply.next().is_some_and(|reply| {
        reply.ending == Ending::Complete
            && speaking.is_nearly_over(&reply.text, model.voice.wishes.speed)
    })
}

/// How an answer ends that was heard as far as this.
pub(super) fn cut_after(model: &Model, after: Word, heard: &str) -> Ending {
    let word = heard::last_word(heard);
    Ending::Cut(fill(after.text(model.lang), &[word]))
}

/// Silence, because the user wants it. What was said ends with what was heard of it, also when all
/// of it is written. `after`: how that is told.
pub(super) fn cut(model: &mut Model, after: Word) -> Effects {
    let Some(turn) = model.voice.speaking.as_ref().map(|speaking| speaking.turn) else {
        return vec![];
    };
    let heard = heard_of(model, turn);
    let mut effects = vec![];
    let transcript = &model.conversation.transcript;
    let written = |message: &&Message| {
        message.turn == turn
            && message.role == Role::Assistant
            && message.ending == Ending::Complete
    };
    let reply = transcript.messages().iter().rev().find(written);
    if let (Some(heard), Some(reply)) = (&heard, reply.map(|reply| reply.id)) {
        let ending = cut_after(model, after, heard);
        let transcript = &mut model.conversation.transcript;
        transcript.change(reply, |reply| {
            reply.ending = ending;
            reply.heard = Some(heard::part(&reply.text, heard).len());
        });
        effects.extend(
            transcript
                .get(reply)
                .cloned()
                .map(|reply| talk::keep(model, &reply)),
        );
    }
    effects.extend(end(model, heard));
    effects
}

/// Silence, now.
pub(super) fn stop(model: &mut Model) -> Effects {
    end(model, None)
}

fn end(model: &mut Model, heard: Option<String>) -> Effects {
    let Some(speaking) = model.voice.speaking.take() else {
        return vec![];
    };
    // An interrupt: it comes before whatever is begun instead.
    if matches!(model.modes.current(), Mode::TextTts | Mode::VoiceTts) {
        raise(model, EventName::ResetState, "hushed");
    }
    let mut effects = vec![Effect::Sound(SoundOrder::Hush)];
    let running = model.turn.as_ref().map(|turn| turn.id);
    if let Some((_, turn)) = speaking.times {
        model.timed(turn.clone());
        if !turn.said.is_empty() {
            let conversation = model.conversation.id;
            effects.push(Effect::Keep(Keep::Turn { conversation, turn }));
        }
    }
    if running != Some(speaking.turn) && matches!(model.line, Line::Up(_)) {
        // The words are all there; their speech need not be made any more.
        effects.push(talk::stop(model, speaking.turn, heard));
    }
    effects
}

/// The line is lost: what has come of the speech is heard, and what has not is not waited for.
pub(super) fn line_lost(model: &mut Model) -> Effects {
    let now = model.now.mono;
    match &mut model.voice.speaking {
        Some(speaking) if speaking.sounding.is_none() => {
            if speaking.watch.is_none() {
                return stop(model);
            }
            // All of its text is there, and its speech may be: who says goodbye in one go hangs
            // up before the loudspeaker has begun.
            speaking.length = 0;
            speaking.watch = Some(Watch::start(LAST, 0, now));
            vec![]
        }
        _ => vec![],
    }
}

/// Looks at the clock of what is read out.
pub(super) fn watch(model: &mut Model) -> Effects {
    let now = model.now.mono;
    let Some(speaking) = &mut model.voice.speaking else {
        return vec![];
    };
    if speaking.verdict(now) != Verdict::Expired {
        return vec![];
    }
    match on_expiry(Wait::Tts, speaking.length) {
        Expiry::KeepGoing => {
            speaking.late = true;
            notice::say(model, Word::StillSpeaking, &[], Tone::Plain);
            vec![]
        }
        Expiry::Stop => {
            let word = match speaking.sounding {
                Some(_) => Word::SpeechStopped,
                None => Word::NoSpeech,
            };
            notice::say(model, word, &[], Tone::Warning);
            stop(model)
        }
    }
}

/// Stops in mid-word, or goes on.
pub(super) fn pause(model: &mut Model) -> Effects {
    let now = model.now.mono;
    let Some(speaking) = &mut model.voice.speaking else {
        notice::say(model, Word::NothingSpoken, &[], Tone::Plain);
        return vec![];
    };
    speaking.paused = !speaking.paused;
    speaking.progress(now);
    let order = if speaking.paused {
        SoundOrder::Pause
    } else {
        SoundOrder::Resume
    };
    vec![Effect::Sound(order)]
}

/// Reads out the last answer, or the message that is asked for.
pub(super) fn read(model: &mut Model, message: Option<MessageId>) -> Effects {
    let transcript = &model.conversation.transcript;
    let has_words = |message: &&Message| !message.text.trim().is_empty();
    let message = match message {
        Some(id) => transcript.get(id),
        None => transcript.last(Role::Assistant),
    };
    let Some(text) = message.filter(has_words).map(|found| found.text.clone()) else {
        notice::say(model, Word::NothingToRead, &[], Tone::Plain);
        return vec![];
    };
    if model.voice.mute().is_some() {
        let why = (model.voice.mute()).and_then(|mouth| mouth.missing.clone());
        notice::say(
            model,
            Word::NoVoice,
            &[&why.unwrap_or_default()],
            Tone::Warning,
        );
        return vec![];
    }
    if !matches!(model.line, Line::Up(_)) {
        notice::say(model, Word::NotConnected, &[], Tone::Warning);
        return vec![];
    }
    let mut effects = talk::interrupt(model);
    let turn = model.seed.turn();
    let length = text.chars().count();
    model.voice.speaking = Some(Speaking {
        length,
        watch: Some(Watch::start(model.budgets.tts, length, model.now.mono)),
        ..Speaking::of(turn)
    });
    // Its text is there already, so the state of an answer that is written takes no time.
    raise(model, EventName::TextStart, "read aloud");
    raise(model, EventName::TextSseComplete, "read aloud");
    effects.push(Effect::Sound(SoundOrder::Expect { turn }));
    effects.extend(phone::give_way(model));
    effects.push(Effect::Link(LinkOrder::Say(Up::Read {
        turn,
        conversation: model.conversation.id,
        text,
        voice: model.voice.wishes.voice(),
    })));
    effects
}

/// The backend cannot read out.
pub(super) fn unread(model: &mut Model, turn: TurnId) -> Effects {
    if of(model, turn).is_none() {
        return vec![];
    }
    notice::say(model, Word::CannotRead, &[], Tone::Warning);
    model.voice.speaking = None;
    over(model, "not read");
    vec![Effect::Sound(SoundOrder::Hush)]
}

/// Louder, or softer.
pub(super) fn volume(model: &mut Model, louder: bool) -> Effects {
    let step = if louder { LOUDER } else { -LOUDER };
    let volume = ((model.voice.wishes.volume + step) * 10.0).round() / 10.0;
    set_volume(model, volume)
}

/// So loud.
pub(super) fn set_volume(model: &mut Model, volume: f32) -> Effects {
    let volume = volume.clamp(0.0, 2.0);
    model.voice.wishes.volume = volume;
    let shown = format!("{:.0} %", volume * 100.0);
    notice::say(model, Word::VolumeIs, &[&shown], Tone::Good);
    vec![Effect::Sound(SoundOrder::Volume(volume))]
}

/// Faster, or slower, from the next words on.
pub(super) fn speed(model: &mut Model, faster: bool) {
    let step = if faster { FASTER } else { -FASTER };
    let speed = ((model.voice.wishes.speed + step) * 10.0).round() / 10.0;
    model.voice.wishes.speed = speed.clamp(0.3, 4.0);
    let shown = format!("{:.1}", model.voice.wishes.speed);
    notice::say(model, Word::SpeedIs, &[&shown], Tone::Good);
}

/// Which answers are spoken from now on.
pub(super) fn choose(model: &mut Model) {
    let speak = match model.voice.wishes.speak {
        Speak::Never => Speak::Spoken,
        Speak::Spoken => Speak::Always,
        Speak::Always => Speak::Never,
    };
    model.voice.wishes.speak = speak;
    let word = match speak {
        Speak::Never => Word::SpeaksNever,
        Speak::Spoken => Word::SpeaksSpoken,
        Speak::Always => Word::SpeaksAlways,
    };
    notice::say(model, word, &[], Tone::Good);
}
