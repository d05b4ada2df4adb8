//! Leads a recording: from the open microphone to the words in it.

use super::super::backend::{Clip, Say, UNTOLD};
use super::super::budget::Watch;
use super::super::checkup::{Check, Part, State};
use super::super::effect::{Effect, Effects};
use super::super::events::EventName;
use super::super::fault::{Fault, FaultKind, Recovery};
use super::super::ids::{ConversationId, MessageId, TurnId};
use super::super::line::{Line, LinkOrder};
use super::super::model::{Model, Tone};
use super::super::record::{Keep, Waiting};
use super::super::sound::{Chime, Hear, Recorded, SoundError, SoundOrder, Way};
use super::super::transcript::{Message, Role};
use super::super::turn::{Stage, Turn};
use super::super::voice::Recording;
use super::super::words::{Word, fill};
use super::{ask, keep_draft, notice, phone, raise, recover, talk};

/// People speak about so many characters in a second.
const CHARACTERS_A_SECOND: u32 = 15;
/// Speech whose loudest sample is below this is told to be too quiet.
const QUIET_DB: f32 = -30.0;
/// So many samples that are too loud are heard as a crackle.
const CLIPPED: u32 = 50;

/// Opens the microphone. What is going on ends for it: whoever talks wants to be heard.
pub(super) fn begin(model: &mut Model) -> Effects {
    if model.voice.recording.is_some() || model.call.is_some() {
        return vec![];
    }
    if let Some(ears) = model.voice.deaf() {
        let why = ears.missing.clone().unwrap_or_default();
        let what = fill(Word::NoEars.text(model.lang), &[&why]);
        notice::warn(model, what);
        return vec![];
    }
    recover(model, "talk");
    let mut effects = talk::interrupt(model);
    if model.modes.locked(model.now.mono).is_some() {
        return effects;
    }
    let clip = model.seed.turn();
    model.voice.level = None;
    model.voice.recording = Some(Recording {
        clip,
        started: model.now.mono,
        hearing: None,
        lost: false,
        ended: None,
        dictated: model.voice.wishes.review || !model.composer.is_empty(),
        partial: String::new(),
    });
    raise(model, EventName::VoiceRecordStart, "talk");
    effects.extend(live(model, clip));
    effects.push(Effect::Sound(SoundOrder::Record { clip }));
    // By the time something is said the line will be there.
    if matches!(model.line, Line::Resting { .. } | Line::Closed) {
        effects.push(Effect::Link(LinkOrder::Dial));
    }
    effects
}

/// Has the next recording heard while it is spoken, by a backend that does.
pub(super) fn live(model: &Model, clip: TurnId) -> Option<Effect> {
    let hears = model.voice.live && matches!(model.line, Line::Up(_));
    hears.then(|| {
        Effect::Sound(SoundOrder::Live(hear_as(
            model,
            clip,
            model.conversation.id,
        )))
    })
}

/// What is being recorded is not heard while it is spoken after all: it is sent when it is made.
/// `turn`: only if it is this one.
pub(super) fn withdraw(model: &mut Model, turn: Option<TurnId>) -> Option<Effect> {
    let wanted = |clip: TurnId| turn.is_none_or(|turn| turn == clip);
    let voice = &mut model.voice;
    let (recording, call) = (&mut voice.recording, &mut model.call);
    let recording = recording.as_mut().filter(|one| wanted(one.clip));
    let call = call.as_mut().filter(|call| wanted(call.attending));
    let made = match (recording, call) {
        (Some(recording), _) => &mut recording.partial,
        (None, Some(call)) => &mut call.partial,
        (None, None) => return None,
    };
    made.clear();
    voice.live.then_some(Effect::Sound(SoundOrder::Withdraw))
}

/// The user is done talking.
pub(super) fn end(model: &mut Model) -> Effects {
    let now = model.now.mono;
    match &mut model.voice.recording {
        Some(recording) if recording.ended.is_none() => {
            recording.ended = Some(now);
            let clip = recording.clip;
            vec![Effect::Sound(SoundOrder::Stop { clip })]
        }
        _ => vec![],
    }
}

/// The user wants nothing of what is being recorded.
pub(super) fn discard(model: &mut Model) -> Effects {
    let effects = forget(model);
    notice::say(model, Word::RecordingDiscarded, &[], Tone::Plain);
    effects
}

fn forget(model: &mut Model) -> Effects {
    model.voice.level = None;
    let Some(recording) = model.voice.recording.take() else {
        return vec![];
    };
    raise(model, EventName::ResetState, "nothing to hear");
    let clip = recording.clip;
    vec![Effect::Sound(SoundOrder::Discard { clip })]
}

/// The user leaves in mid-recording: what was said so far waits to be heard.
pub(super) fn put_away(model: &mut Model) -> Effects {
    model.voice.level = None;
    let Some(recording) = model.voice.recording.take() else {
        return vec![];
    };
    raise(model, EventName::ResetState, "left");
    let clip = recording.clip;
    let Some((since, _)) = recording.hearing else {
        return vec![Effect::Sound(SoundOrder::Discard { clip })];
    };
    let length = model.now.mono.since(since).as_millis();
    let length_ms = u32::try_from(length).unwrap_or(u32::MAX);
    let aloud = model.voice.wishes.speak.to(true);
    let mut effects = vec![Effect::Sound(SoundOrder::Stop { clip })];
    let kept = Some(Clip { length_ms });
    effects.extend(ask::pose(model, clip, String::new(), kept, aloud));
    effects
}

/// The microphone gives sound.
pub(super) fn hearing(model: &mut Model, clip: TurnId, device: String) -> Effects {
    let now = model.now.mono;
    // Whatever was found when somebody looked: there is a microphone.
    let mut checks = model.checkup.checks.iter_mut();
    let looked = checks.find(|check| check.part == Part::Microphone);
    if let Some(check) = looked.filter(|check| check.state != State::Good) {
        let found = fill(Word::GlanceHears.text(model.lang), &[&device]);
        *check = Check::good(Part::Microphone, found);
    }
    if let Some(recording) = of(model, clip) {
        recording.hearing = Some((now, device));
        model.voice.warm = true;
        return chime(model, Chime::Open);
    }
    phone::open(model, device);
    vec![]
}

/// Tells by a sound what happened, for people who do not look.
fn chime(model: &Model, chime: Chime) -> Effects {
    let order = Effect::Sound(SoundOrder::Chime(chime));
    Some(order)
        .filter(|_order| model.voice.wishes.chimes)
        .into_iter()
        .collect()
}

/// The recording that is being made, if it is this one.
fn of(model: &mut Model, clip: TurnId) -> Option<&mut Recording> {
    let recording = model.voice.recording.as_mut();
    recording.filter(|recording| recording.clip == clip)
}

/// The recording is made.
pub(super) fn recorded(model: &mut Model, clip: TurnId, recorded: Recorded) -> Effects {
    if of(model, clip).is_none() {
        return phone::recorded(model, clip, recorded);
    }
    if !recorded.speech {
        let peak = format!("{:.0}", recorded.loudness.peak_db);
        notice::say(model, Word::HeardNothing, &[&peak], Tone::Warning);
        return forget(model);
    }
    model.voice.level = None;
    let Some(recording) = model.voice.recording.take() else {
        return vec![];
    };
    if recorded.clipped >= CLIPPED {
        notice::say(model, Word::TooLoud, &[], Tone::Warning);
    } else if recorded.loudness.peak_db < QUIET_DB {
        let peak = format!("{:.0}", recorded.loudness.peak_db);
        notice::say(model, Word::TooQuiet, &[&peak], Tone::Warning);
    }
    model.voice.released = recording.ended.map(|at| (clip, at));
    let kept = Some(Clip {
        length_ms: recorded.length_ms,
    });
    let aloud = model.voice.wishes.speak.to(true);
    let open = model.conversation.id;
    let waits = |waiting: &Waiting| waiting.say.conversation == open;
    let later = !matches!(model.line, Line::Up(_)) || model.waiting.iter().any(waits);
    let mut effects = chime(model, Chime::Closed);
    effects.extend(ask::pose(model, clip, String::new(), kept, aloud));
    if recording.dictated
        && let Some(waiting) = model.waiting.back_mut()
    {
        waiting.dictated = true;
    }
    if !later
        && !recording.partial.is_empty()
        && let Some(waiting) = model.waiting.back()
    {
        // They stay on the screen until better ones come.
        let question = waiting.question;
        let show = |message: &mut Message| message.text = recording.partial;
        model.conversation.transcript.change(question, show);
    }
    if later {
        raise(model, EventName::ResetState, "to be heard later");
    }
    effects
}

/// Words that may be missing are told where they are missing, so that nobody wonders later.
pub(super) fn gap(model: &mut Model, recorded: Recorded) -> Effects {
    if !recorded.speech || recorded.gap_ms == 0 {
        return vec![];
    }
    let seconds = format!("{:.1}", f64::from(recorded.gap_ms) / 1000.0);
    let text = fill(Word::GapInRecording.text(model.lang), &[&seconds]);
    notice::tell(model, text.clone());
    talk::note(model, text)
}

/// Something is wrong with a recording: what there is of it is kept by now.
pub(super) fn failed(model: &mut Model, clip: TurnId, error: &SoundError) -> Effects {
    let lang = model.lang;
    let fault = Fault::new(FaultKind::System, error.tell(lang), model.now)
        .about(Word::FaultSound)
        .advise(error.hint(lang))
        .mended_by(Recovery::Retry);
    if of(model, clip).is_some() {
        model.voice.level = None;
        model.voice.recording = None;
        notice::fault(model, fault);
        return chime(model, Chime::Failed);
    }
    if let Some(effects) = phone::failed(model, clip, error) {
        return effects;
    }
    let mine = |turn: &Turn| turn.hearing && turn.id == clip;
    // What there is of it is being heard all the same; only what cannot be read cannot be sent.
    let unsendable = matches!(
        error,
        SoundError::Unreadable { .. } | SoundError::NotWav { .. }
    );
    if unsendable && model.turn.as_ref().is_some_and(mine) {
        return talk::failed(model, fault);
    }
    trouble(model, Way::In, error);
    vec![]
}

/// Something is wrong with a device, and nothing ends by it.
pub(super) fn trouble(model: &mut Model, way: Way, error: &SoundError) {
    let (what, hint) = (error.tell(model.lang), error.hint(model.lang));
    let fault = Fault::new(FaultKind::System, what.clone(), model.now).advise(hint.clone());
    model.faults.note(fault);
    let word = match way {
        Way::In => Word::MicrophoneTrouble,
        Way::Out => Word::LoudspeakerTrouble,
    };
    let text = fill(word.text(model.lang), &[&what, &hint]);
    notice::warn(model, text);
    if way == Way::In {
        model.voice.level = None;
        if let Some(recording) = &mut model.voice.recording {
            recording.lost = recording.hearing.is_some();
        }
    }
}

/// A microphone gives sound, again or for the first time: what is recorded goes on. Tells which
/// one, if it is another.
pub(super) fn returned(model: &mut Model, device: Option<&str>) {
    if let Some(call) = &mut model.call {
        if let Some(device) = device.filter(|_device| call.gone || call.device.is_some()) {
            call.device = Some(device.to_owned());
        }
        call.gone = false;
    }
    let Some(recording) = &mut model.voice.recording else {
        return;
    };
    recording.lost = false;
    if let (Some((_, name)), Some(device)) = (&mut recording.hearing, device) {
        device.clone_into(name);
    }
}

/// What the backend needs to know to hear the recording of a turn.
pub(super) fn hear(model: &Model, say: &Say) -> Hear {
    hear_as(model, say.turn, say.conversation)
}

/// The same, of any recording.
pub(super) fn hear_as(model: &Model, turn: TurnId, conversation: ConversationId) -> Hear {
    Hear {
        turn,
        conversation,
        language: model.voice.wishes.language.clone(),
        ears: model.voice.wishes.ears.clone(),
    }
}

/// How many characters a recording is likely to hold.
pub(super) fn likely_length(clip: Option<Clip>) -> usize {
    let seconds = clip.map_or(0, |clip| clip.length_ms / 1000);
    (seconds * CHARACTERS_A_SECOND) as usize
}

/// What the words seem to be.
pub(super) fn partial(model: &mut Model, turn: Option<TurnId>, text: String) {
    if phone::partial(model, turn, &text) {
        return;
    }
    if let Some(recording) = turn.and_then(|turn| of(model, turn)) {
        recording.partial = text;
        return;
    }
    if let Some(running) = talk::current(model, turn).filter(|running| running.hearing) {
        let question = running.question;
        model
            .conversation
            .transcript
            .change(question, |message| message.text = text);
    }
}

/// The words of a recording are known.
pub(super) fn transcript(model: &mut Model, turn: Option<TurnId>, text: &str) -> Effects {
    if let Some(effects) = phone::understood(model, turn, text) {
        return effects;
    }
    let (now, budget) = (model.now.mono, model.budgets.sse);
    let Some(running) = talk::current(model, turn).filter(|running| running.hearing) else {
        return late(model, turn, text.trim());
    };
    let text = text.trim().to_owned();
    let question = running.question;
    running.reach(Stage::Heard, now);
    let dictated = (running.unconfirmed.as_ref()).is_some_and(|waiting| waiting.dictated);
    if text.is_empty() {
        return no_words(model);
    }
    if dictated {
        return dictate(model, &text);
    }
    running.hearing = false;
    let Some(waiting) = &mut running.unconfirmed else {
        return vec![];
    };
    waiting.say.text.clone_from(&text);
    let say = waiting.say.clone();
    running.watch = Watch::start(budget, text.chars().count(), now);
    ask::entitle(model, &text);
    model
        .conversation
        .transcript
        .change(question, |message| message.text = text);
    let mut effects = vec![];
    // From here on the words are what is not to be lost.
    if let Some(message) = model.conversation.transcript.get(question) {
        effects.push(Effect::Keep(Keep::Question {
            persona: model.choice.persona.clone(),
            message: message.clone(),
            say: Box::new(say.clone()),
        }));
    }
    raise(model, EventName::VoiceSttComplete, "heard");
    effects.extend(talk::utter(model, say));
    effects
}

/// The words of a recording that was answered without them take the place of the sign for them.
fn late(model: &mut Model, turn: Option<TurnId>, text: &str) -> Effects {
    let transcript = &mut model.conversation.transcript;
    let untold = |message: &&Message| {
        let its = message.role == Role::User && Some(message.turn) == turn;
        its && message.text == UNTOLD && !text.is_empty()
    };
    let Some(question) = transcript.messages().iter().rfind(untold).map(|one| one.id) else {
        return vec![];
    };
    transcript.change(question, |message| text.clone_into(&mut message.text));
    let known = transcript.get(question).cloned();
    if model.conversation.title == UNTOLD {
        model.conversation.title.clear();
        ask::entitle(model, text);
    }
    known
        .map(|message| talk::keep(model, &message))
        .into_iter()
        .collect()
}

/// Nobody could make words of it. The recording stays, so that it can be tried again.
fn no_words(model: &mut Model) -> Effects {
    let Some(turn) = model.turn.take() else {
        return vec![];
    };
    notice::say(model, Word::NoWords, &[], Tone::Warning);
    raise(model, EventName::ResetState, "no words");
    model
        .conversation
        .transcript
        .change(turn.question, |message| message.text.clear());
    vec![Effect::Keep(Keep::Confirmed {
        turn: turn.id,
        reply: None,
    })]
}

/// What was said goes into the composer.
fn dictate(model: &mut Model, text: &str) -> Effects {
    let Some(turn) = model.turn.take() else {
        return vec![];
    };
    raise(model, EventName::ResetState, "dictated");
    model.conversation.transcript.remove(turn.question);
    let apart = model.composer.text().chars().next_back();
    if apart.is_some_and(|last| last.is_alphanumeric() || last.is_ascii_punctuation()) {
        model.composer.insert(" ");
    }
    model.composer.insert(text);
    let mut effects = keep_draft(model);
    effects.push(Effect::Keep(Keep::TakeBack {
        conversation: model.conversation.id,
        message: turn.question,
        turn: turn.id,
    }));
    effects.push(Effect::Sound(SoundOrder::Discard { clip: turn.id }));
    effects
}

/// A turn is over: a recording whose words are known is not needed any more.
pub(super) fn used(model: &mut Model, question: MessageId) -> Effects {
    let needed = |message: &&Message| message.clip.is_none() || message.text.is_empty();
    if model.voice.wishes.keep {
        return vec![];
    }
    let Some(clip) = (model.conversation.transcript.get(question))
        .filter(|message| !needed(message))
        .map(|message| message.turn)
    else {
        return vec![];
    };
    model
        .conversation
        .transcript
        .change(question, |message| message.clip = None);
    let mut effects = vec![Effect::Sound(SoundOrder::Discard { clip })];
    if let Some(message) = model.conversation.transcript.get(question) {
        effects.push(talk::keep(model, message));
    }
    effects
}

/// The backend has not got the recording of a turn: it waits to be sent again.
pub(super) fn unheard(model: &mut Model, turn: TurnId) -> Effects {
    if let Some(effects) = phone::take_over(model, Some(turn)) {
        // Until the next life of the line.
        model.voice.turns = false;
        return effects;
    }
    if let Some(effect) = withdraw(model, Some(turn)) {
        return vec![effect];
    }
    if let Some(effects) = phone::unheard(model, turn) {
        return effects;
    }
    let hearing = |running: &mut Turn| running.hearing && running.id == turn;
    let Some(mut running) = model.turn.take_if(hearing) else {
        return vec![];
    };
    if let Some(mut waiting) = running.unconfirmed.take() {
        waiting.losses = waiting.losses.saturating_add(1);
        if waiting.losses >= talk::LOSSES {
            running.unconfirmed = Some(waiting);
            model.turn = Some(running);
            let what = Word::RecordingUnsent.text(model.lang);
            let fault = Fault::new(FaultKind::WebsocketMessage, what, model.now)
                .advise(Word::RecordingUnsentHint.text(model.lang));
            return talk::failed(model, fault);
        }
        model.waiting.push_front(waiting);
    }
    raise(model, EventName::ResetState, "not sent");
    vec![]
}

/// Recordings of a run that was killed: they wait like any other.
pub(super) fn found(model: &mut Model, clips: &[(TurnId, u32)]) -> Effects {
    let known = |turn: &TurnId| {
        model
            .waiting
            .iter()
            .any(|waiting| waiting.say.turn == *turn)
    };
    let fresh: Vec<_> = clips.iter().filter(|(turn, _)| !known(turn)).collect();
    if fresh.is_empty() {
        return vec![];
    }
    let count = fresh.len().to_string();
    notice::say(model, Word::RecordingsFound, &[&count], Tone::Plain);
    let aloud = model.voice.wishes.speak.to(true);
    let mut effects = vec![];
    for (turn, length_ms) in fresh {
        let clip = Some(Clip {
            length_ms: *length_ms,
        });
        effects.extend(ask::pose(model, *turn, String::new(), clip, aloud));
    }
    effects
}

/// Has a recording heard once more whose words are not known.
pub(super) fn again(
    model: &mut Model,
    turn: TurnId,
    question: MessageId,
    clip: Option<Clip>,
) -> Effects {
    let Some(clip) = clip else {
        return vec![];
    };
    if model.waiting.iter().any(|waiting| waiting.say.turn == turn) {
        return vec![];
    }
    let conversation = model.conversation.id;
    let aloud = model.voice.wishes.speak.to(true);
    // What is left of the attempt before goes with the question, which is asked anew.
    let of_turn: Vec<MessageId> = (model.conversation.transcript.messages().iter())
        .filter(|message| message.id == question || message.turn == turn && message.text.is_empty())
        .map(|message| message.id)
        .collect();
    let mut effects = vec![];
    for message in of_turn {
        model.conversation.transcript.remove(message);
        effects.push(Effect::Keep(Keep::TakeBack {
            conversation,
            message,
            turn,
        }));
    }
    effects.extend(ask::pose(model, turn, String::new(), Some(clip), aloud));
    effects
}
