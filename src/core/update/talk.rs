//! Leads a turn: from the user's words through the pieces of the answer to its end.
//!
//! The screen obeys the user at once: an interrupted answer ends here and now, whatever the
//! backend still sends for it.

use super::super::backend::{By, Say, Up, Usage};
use super::super::budget::{Expiry, Verdict, Wait, Watch, on_expiry};
use super::super::effect::{Effect, Effects};
use super::super::events::EventName;
use super::super::fault::{Fault, FaultKind};
use super::super::heard;
use super::super::ids::{MessageId, TurnId};
use super::super::line::{Line, LinkOrder};
use super::super::mode::Mode;
use super::super::model::Model;
use super::super::record::{Keep, Waiting};
use super::super::sound::SoundOrder;
use super::super::transcript::{Ending, Message, Role, Stored};
use super::super::turn::{Outcome, Stage, Turn};
use super::super::words::Word;
use super::{errand, listen, notice, phone, raise, reply, speak};

/// So often words are said again by themselves after the line was lost before they were
/// confirmed: perhaps it is they that bring the backend down.
pub(super) const LOSSES: u8 = 3;

/// So many bytes of what was said before go with the first words on a new line.
const HISTORY: usize = 32 * 1024;

/// Starts the next turn when its words wait, the line is up and nothing else is going on.
pub(super) fn next(model: &mut Model) -> Effects {
    let mode = model.modes.current();
    let ready = model.turn.is_none()
        && model.voice.recording.is_none()
        && matches!(model.line, Line::Up(_))
        // A recording that was made just now is heard without a pause.
        && matches!(mode, Mode::Idle | Mode::VoiceStt | Mode::VoiceCall)
        && model.modes.locked(model.now.mono).is_none();
    // What waits for another conversation waits until that one is open again.
    let open = model.conversation.id;
    let here = |waiting: &Waiting| waiting.say.conversation == open;
    let free = |place: &usize| {
        let recording = |waiting: &Waiting| waiting.say.text.is_empty();
        phone::is_free(model, model.waiting.get(*place).is_some_and(recording))
    };
    let Some(waiting) = model
        .waiting
        .iter()
        .position(here)
        .filter(|place| ready && free(place))
        .and_then(|place| model.waiting.remove(place))
    else {
        return vec![];
    };
    let hearing = waiting.say.text.is_empty();
    let say = waiting.say.clone();
    let reply = say.turn.answer();
    let now = model.now.mono;
    let watch = if hearing {
        Watch::start(model.budgets.stt, listen::likely_length(say.clip), now)
    } else {
        Watch::start(model.budgets.sse, say.text.chars().count(), now)
    };
    let mut turn = Turn::start(say.turn, waiting.question, reply, watch, now);
    if let Some((released, at)) = model.voice.released.take()
        && released == turn.id
    {
        turn.begin_at(at);
        if !hearing {
            // In a call its words are known before it is a turn.
            turn.reach(Stage::Heard, now);
        }
    }
    turn.hearing = hearing;
    turn.unconfirmed = Some(waiting);
    model.turn = Some(turn);
    if hearing {
        if mode == Mode::Idle {
            raise(model, EventName::VoiceRecordStart, "recorded before");
        }
        if let Some(call) = &mut model.call {
            call.stream = None;
        }
        return vec![Effect::Sound(SoundOrder::Send(listen::hear(model, &say)))];
    }
    raise(model, EventName::TextStart, "sent");
    utter(model, say)
}

/// Says these words to the backend.
pub(super) fn utter(model: &mut Model, mut say: Say) -> Effects {
    model.mood = None;
    let open = model.conversation.id;
    let life = Some((model.epoch, open));
    if model.briefed != life {
        model.briefed = life;
        let conversation = &model.conversation;
        say.history = conversation
            .transcript
            .earlier(conversation.forgotten, HISTORY);
    }
    let mut effects = speak::expect(model, &mut say);
    effects.push(Effect::Link(LinkOrder::Say(Up::Say(say))));
    effects
}

/// The backend reacted to these words, so it has them: they need not be said again.
pub(super) fn confirmed(model: &mut Model, turn: Option<TurnId>) -> Effects {
    let at = model.now.wall;
    let Some(turn) = current(model, turn) else {
        return vec![];
    };
    let Some(waiting) = turn.unconfirmed.take() else {
        return vec![];
    };
    // What is still being heard may turn out to be no words, which nobody answers.
    let begins = !turn.hearing;
    let reply = begins.then(|| Message::new(turn.reply, turn.id, Role::Assistant, at));
    vec![Effect::Keep(Keep::Confirmed {
        turn: waiting.say.turn,
        reply: reply.map(Box::new),
    })]
}

/// The running turn, if `turn` means it. An answer without a name belongs to it as well.
pub(super) fn current(model: &mut Model, turn: Option<TurnId>) -> Option<&mut Turn> {
    let now = model.now.mono;
    let running = model.turn.as_mut()?;
    if turn.is_some_and(|turn| turn != running.id) {
        return None;
    }
    // A reply that is still arriving is not late.
    running.progress(now);
    Some(running)
}

/// The answer is complete.
pub(super) fn done(
    model: &mut Model,
    turn: Option<TurnId>,
    full: Option<String>,
    by: Option<By>,
    usage: Option<Usage>,
) -> Effects {
    let Some(running) = current(model, turn) else {
        return vec![];
    };
    running.usage = usage;
    let reply = running.reply;
    let said_nothing = model
        .conversation
        .transcript
        .get(reply)
        .is_none_or(|message| message.text.is_empty());
    let full = full.unwrap_or_default();
    if said_nothing && full.is_empty() {
        let why = Word::CutEmpty.text(model.lang).to_owned();
        let mut effects = speak::stop(model);
        effects.extend(finish(
            model,
            Ending::Cut(why),
            Outcome::Done,
            complete(model),
        ));
        return effects;
    }
    reply::piece(model, turn, |message| {
        if said_nothing {
            message.text = full;
        }
        message.by = by;
    });
    speak::written(model, reply);
    finish(model, Ending::Complete, Outcome::Done, complete(model))
}

/// The event that ends a written answer.
const fn complete(model: &Model) -> EventName {
    match model.modes.current() {
        Mode::VoiceSse => EventName::VoiceSseComplete,
        _ => EventName::TextSseComplete,
    }
}

/// Ends the running turn: the reply gets its ending, the store its last state, the state machine
/// its event.
fn finish(model: &mut Model, ending: Ending, outcome: Outcome, event: EventName) -> Effects {
    let Some(mut turn) = model.turn.take() else {
        return vec![];
    };
    model.checkpoint_due = None;
    errand::over(model, turn.id);
    turn.reach(Stage::TextDone, model.now.mono);
    let mut effects = vec![];
    if let Some(waiting) = turn.unconfirmed.take() {
        // The turn is over all the same: nobody waits for its answer any more.
        let (turn, reply) = (waiting.say.turn, None);
        effects.push(Effect::Keep(Keep::Confirmed { turn, reply }));
    }
    if !matches!(ending, Ending::Complete)
        && model.conversation.transcript.get(turn.reply).is_none()
    {
        let empty = Message::new(turn.reply, turn.id, Role::Assistant, model.now.wall);
        model.conversation.transcript.push(empty);
    }
    model
        .conversation
        .transcript
        .change(turn.reply, |reply| reply.ending = ending);
    if let Some(reply) = model.conversation.transcript.get(turn.reply) {
        effects.push(keep(model, reply));
    }
    let times = turn.times(outcome, model.now.wall);
    effects.push(Effect::Keep(Keep::Turn {
        conversation: model.conversation.id,
        turn: times.clone(),
    }));
    model.timed(times.clone());
    speak::timed(model, &turn, times);
    effects.extend(listen::used(model, turn.question));
    raise(model, event, outcome.name());
    effects
}

/// The user stops the answer. What came so far stays, marked as cut.
pub(super) fn interrupt(model: &mut Model) -> Effects {
    if model.voice.recording.is_some() {
        return listen::discard(model);
    }
    cut(model, Word::CutByUser)
}

/// The call ends, and what is being said in it with it.
pub(super) fn hang_up(model: &mut Model) -> Effects {
    cut(model, Word::CutByHangUp)
}

/// What is being said ends, if anything is.
pub(super) fn hush(model: &mut Model) -> Effects {
    if model.voice.speaking.is_some() {
        cut(model, Word::CutByUser)
    } else {
        vec![]
    }
}

/// The program ends, or another conversation is opened, in the middle of an answer.
pub(super) fn abandon(model: &mut Model) -> Effects {
    let mut effects = listen::put_away(model);
    effects.extend(phone::leave(model));
    effects.extend(cut(model, Word::CutByLeaving));
    effects
}

/// How the same is told where it is known after which word it was.
const fn after(why: Word) -> Option<Word> {
    match why {
        Word::CutByUser => Some(Word::CutIn),
        Word::CutByHangUp => Some(Word::CutByHangUpAfter),
        _ => None,
    }
}

fn cut(model: &mut Model, why: Word) -> Effects {
    let running = model.turn.as_ref().map(|turn| turn.id);
    let heard = running.and_then(|turn| speak::heard_of(model, turn));
    let after = after(why);
    let mut effects = match after {
        Some(after) => speak::cut(model, after),
        None => speak::stop(model),
    };
    let Some(turn) = running else {
        return effects;
    };
    let ending = match (&heard, after) {
        (Some(heard), Some(after)) => speak::cut_after(model, after, heard),
        _ => Ending::Cut(why.text(model.lang).to_owned()),
    };
    if let (Some(heard), Some(reply)) = (&heard, model.turn.as_ref().map(|turn| turn.reply)) {
        let transcript = &mut model.conversation.transcript;
        transcript.change(reply, |reply| {
            reply.heard = Some(heard::part(&reply.text, heard).len());
        });
    }
    effects.push(stop(model, turn, heard));
    effects.extend(finish(model, ending, Outcome::Cut, EventName::ResetState));
    effects
}

/// The wish that a turn ends at the backend, which is to remember no more of it than was heard.
pub(super) fn stop(model: &Model, turn: TurnId, heard: Option<String>) -> Effect {
    Effect::Link(LinkOrder::Say(Up::Interrupt {
        turn,
        conversation: model.conversation.id,
        heard,
    }))
}

/// The backend says that it stopped. Usually we stopped waiting before.
pub(super) fn interrupted(model: &mut Model, turn: Option<TurnId>) -> Effects {
    if turn.is_none() || model.turn.as_ref().map(|running| running.id) != turn {
        return vec![];
    }
    let why = Word::CutByBackend.text(model.lang).to_owned();
    finish(model, Ending::Cut(why), Outcome::Cut, EventName::ResetState)
}

/// The turn failed: what came stays, and a card says what happened and what to do.
pub(super) fn failed(model: &mut Model, fault: Fault) -> Effects {
    let mut effects = speak::stop(model);
    let open = model.conversation.id;
    let here = |waiting: &Waiting| waiting.say.conversation == open;
    let goes_on = model.waiting.iter().any(here);
    // What waits behind it is asked all the same: an error that is to be seen first would hold
    // it up.
    let event = if goes_on {
        EventName::ResetState
    } else {
        EventName::ErrorOccurred
    };
    let ending = Ending::Cut(fault.what.clone());
    effects.extend(finish(model, ending, Outcome::Failed, event));
    if goes_on {
        notice::warn(model, fault.what.clone());
        model.faults.note(fault);
    } else {
        notice::fault(model, fault);
    }
    effects
}

/// The line went down in the middle of an answer, or before it: then the words are said again
/// when it is up.
pub(super) fn line_lost(model: &mut Model) -> Effects {
    let unconfirmed = model.turn.as_mut().and_then(|turn| turn.unconfirmed.take());
    if let Some(mut waiting) = unconfirmed {
        waiting.losses = waiting.losses.saturating_add(1);
        if waiting.losses < LOSSES {
            model.turn = None;
            model.waiting.push_front(waiting);
            raise(model, EventName::ResetState, "not confirmed");
            return speak::stop(model);
        }
        if let Some(turn) = &mut model.turn {
            turn.unconfirmed = Some(waiting);
        }
    }
    let why = Word::CutByLine.text(model.lang).to_owned();
    let effects = finish(
        model,
        Ending::Cut(why),
        Outcome::Cut,
        EventName::ErrorOccurred,
    );
    if !effects.is_empty() {
        // The status bar tells about the line; the turn itself is over and the user goes on.
        raise(
            model,
            EventName::ResetState,
            "the line is told by the status bar",
        );
    }
    effects
}

/// The words could not be sent after all: they wait again, in front of all others.
pub(super) fn unsent(model: &mut Model, say: &Say) -> Effects {
    let turn = model.turn.take_if(|turn| turn.id == say.turn);
    let effects = speak::stop(model);
    let Some(waiting) = turn.and_then(|turn| turn.unconfirmed) else {
        return effects;
    };
    model.waiting.push_front(waiting);
    model.briefed = None;
    raise(model, EventName::ResetState, "not sent");
    effects
}

/// Looks at the clock of the running turn.
pub(super) fn watch(model: &mut Model) -> Effects {
    let now = model.now.mono;
    let held_up = errand::holds_up(model);
    let Some(turn) = &mut model.turn else {
        return vec![];
    };
    if held_up {
        turn.progress(now);
    }
    match turn.check(now) {
        Verdict::InTime | Verdict::Warn => vec![],
        Verdict::Expired => {
            let (id, waited) = (turn.id, now.since(turn.started).as_secs());
            let wait = if turn.hearing { Wait::Stt } else { Wait::Sse };
            match on_expiry(wait, 0) {
                Expiry::KeepGoing => vec![],
                Expiry::Stop => {
                    let what = super::super::words::fill(
                        Word::NoAnswer.text(model.lang),
                        &[&waited.to_string()],
                    );
                    let mut effects = vec![stop(model, id, None)];
                    effects.extend(failed(
                        model,
                        Fault::new(FaultKind::Timeout, what, model.now)
                            .because(Word::NoAnswerWhy.text(model.lang))
                            .advise(Word::NoAnswerHint.text(model.lang)),
                    ));
                    effects
                }
            }
        }
    }
}

/// The wish to write this message.
pub(super) fn keep(model: &Model, message: &Message) -> Effect {
    Effect::Keep(Keep::Message {
        conversation: model.conversation.id,
        persona: model.choice.persona.clone(),
        message: message.clone(),
    })
}

/// Puts a note of the program itself into the conversation.
pub(super) fn note(model: &mut Model, text: String) -> Effects {
    let turn = model.seed.turn();
    let mut note = Message::new(model.seed.message(), turn, Role::Note, model.now.wall);
    note.text = text;
    note.ending = Ending::Complete;
    let effects = vec![keep(model, &note)];
    model.conversation.transcript.push(note);
    effects
}

/// The store has, or has not, written this state of a message.
pub(super) fn stored(model: &mut Model, id: MessageId, revision: Option<u32>) {
    model
        .conversation
        .transcript
        .mark(id, |message| match revision {
            Some(revision) if message.revision == revision => message.stored = Stored::Yes,
            Some(_) => {}
            None => message.stored = Stored::No,
        });
}
