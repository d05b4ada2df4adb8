//! Takes the user's words: into the conversation, into the store, and behind everything else that
//! waits to be asked. Asking them is the work of `talk`.

use super::super::action::{Action, NotAnAction};
use super::super::backend::{Clip, Say};
use super::super::effect::{Effect, Effects};
use super::super::ids::TurnId;
use super::super::line::{Line, LinkOrder};
use super::super::model::{Model, Scroll, Tone};
use super::super::record::{Keep, Waiting};
use super::super::sound::SoundOrder;
use super::super::transcript::{Ending, Message, Role};
use super::super::words::Word;
use super::{act, branch, keep_draft, listen, notice, phone, recover, speak, talk};

/// Sends what is written, or carries it out when it is a command. `aloud`: the answer is spoken,
/// or not, the other way than usual.
pub(super) fn send(model: &mut Model, otherwise: bool) -> Effects {
    let text = model.composer.text().trim();
    if text.is_empty() {
        return vec![];
    }
    match command(text) {
        Some(Ok(action)) => {
            model.composer.take();
            model.draft_due = Some(model.now.mono);
            return act::act(model, &action);
        }
        Some(Err(error)) => {
            notice::warn(model, act::explain(model, &error));
            return vec![];
        }
        None => {}
    }
    let text = model.composer.take().trim().to_owned();
    // The words are kept before their draft is forgotten: a crash between the two must not take
    // both.
    // In a call everything is heard, whether it was said or written.
    let aloud = model.voice.wishes.speak.to(phone::is_on(model)) != otherwise;
    let mut effects = branch::place(model);
    effects.extend(ask(model, text, aloud));
    effects.extend(keep_draft(model));
    effects
}

/// What a text means that begins with a slash; `None`: it is no command. Paths begin with a slash
/// too: only a line that names an action is one.
pub(super) fn command(text: &str) -> Option<Result<Action, NotAnAction>> {
    let command = text.strip_prefix('/')?;
    let action = command.parse::<Action>();
    let words = action.is_err() && command.contains(['/', '\n']);
    (!words).then_some(action)
}

/// Asks what did not come from the composer.
pub(super) fn say(model: &mut Model, text: String) -> Effects {
    let aloud = model.voice.wishes.speak.to(phone::is_on(model));
    ask(model, text, aloud)
}

/// Asks the backend; the words are on screen and on their way to the store before they are sent.
pub(super) fn ask(model: &mut Model, text: String, aloud: bool) -> Effects {
    let turn = model.seed.turn();
    pose(model, turn, text, None, aloud)
}

/// Asks what was written, or what was said into a recording.
pub(super) fn pose(
    model: &mut Model,
    turn: TurnId,
    text: String,
    clip: Option<Clip>,
    aloud: bool,
) -> Effects {
    recover(model, "asked");
    // Who asks on wants to hear no more of the last answer, unless they said otherwise.
    let mut effects = if phone::asks_ahead(model) {
        vec![]
    } else {
        speak::cut(model, Word::CutIn)
    };
    effects.extend(post(model, turn, text, clip, aloud));
    effects
}

/// Puts what was said into the conversation, and behind everything else that is to be asked.
pub(super) fn post(
    model: &mut Model,
    turn: TurnId,
    text: String,
    clip: Option<Clip>,
    aloud: bool,
) -> Effects {
    let mut question = Message::new(turn.question(), turn, Role::User, model.now.wall);
    question.text.clone_from(&text);
    question.ending = Ending::Complete;
    question.clip = clip;
    entitle(model, &text);
    let say = Say {
        turn,
        conversation: model.conversation.id,
        text,
        persona: model.choice.persona.clone(),
        brain: model.choice.brain.clone(),
        model: model.choice.model.clone(),
        tools: model.choice.tools,
        errands: true,
        lang: model.lang,
        voice: aloud.then(|| model.voice.wishes.voice()),
        clip,
        history: vec![],
    };
    model.scroll = Scroll::default();
    phone::live(model);
    let mut effects = vec![Effect::Keep(Keep::Question {
        persona: model.choice.persona.clone(),
        message: question.clone(),
        say: Box::new(say.clone()),
    })];
    model.waiting.push_back(Waiting {
        say,
        question: question.id,
        losses: 0,
        dictated: false,
    });
    model.conversation.transcript.push(question);
    effects.extend(wake(model));
    effects
}

/// Names a conversation after the first words in it.
pub(super) fn entitle(model: &mut Model, text: &str) {
    if model.conversation.title.is_empty() {
        text.lines()
            .next()
            .unwrap_or_default()
            .clone_into(&mut model.conversation.title);
    }
}

/// Brings the line up if nobody does.
fn wake(model: &Model) -> Effects {
    match model.line {
        Line::Up(_) | Line::Dialing { .. } | Line::Waiting { .. } => vec![],
        // Nobody is dialling: the user's wish to talk is the reason to.
        Line::Closed | Line::Resting { .. } | Line::Refused { .. } | Line::GivenUp { .. } => {
            vec![Effect::Link(LinkOrder::Dial)]
        }
    }
}

/// Asks the last question once more.
pub(super) fn again(model: &mut Model) -> Effects {
    let Some(question) = model.conversation.transcript.last(Role::User) else {
        notice::say(model, Word::NothingToRepeat, &[], Tone::Plain);
        return vec![];
    };
    let (text, clip, turn) = (question.text.clone(), question.clip, question.turn);
    let spoken = clip.is_some();
    let question = question.id;
    let mut effects = talk::interrupt(model);
    if text.is_empty() {
        effects.extend(listen::again(model, turn, question, clip));
    } else {
        let aloud = model.voice.wishes.speak.to(spoken);
        effects.extend(ask(model, text, aloud));
    }
    effects
}

/// Words of an earlier run wait to be said. Where nothing else is open their conversation is
/// opened, so that they can be seen, changed and said.
pub(super) fn waited(model: &mut Model, mut before: Vec<Waiting>) -> Effects {
    before.retain(|old| model.waiting.iter().all(|new| new.say.turn != old.say.turn));
    let Some(first) = before.first().map(|waiting| waiting.say.conversation) else {
        return vec![];
    };
    let count = before.len().to_string();
    for waiting in before.into_iter().rev() {
        model.waiting.push_front(waiting);
    }
    notice::say(model, Word::UnsentBefore, &[&count], Tone::Plain);
    let busy = model.voice.recording.is_some() || model.turn.is_some();
    if model.conversation.transcript.is_empty() && !model.conversation.loading && !busy {
        return act::open(model, first);
    }
    vec![]
}

/// Takes the last words back that were not sent yet, into the composer.
pub(super) fn take_back(model: &mut Model) -> Effects {
    let open = model.conversation.id;
    let last = model
        .waiting
        .iter()
        .rposition(|waiting| waiting.say.conversation == open);
    let Some(waiting) = last.and_then(|place| model.waiting.remove(place)) else {
        notice::say(model, Word::NothingUnsent, &[], Tone::Plain);
        return vec![];
    };
    model.conversation.transcript.remove(waiting.question);
    let mut effects = vec![];
    if waiting.say.clip.is_some() {
        let clip = waiting.say.turn;
        effects.push(Effect::Sound(SoundOrder::Discard { clip }));
    }
    if !model.composer.is_empty() && !waiting.say.text.is_empty() {
        model.composer.insert("\n");
    }
    model.composer.insert(&waiting.say.text);
    model.draft_due = Some(model.now.mono);
    effects.push(Effect::Keep(Keep::TakeBack {
        conversation: open,
        message: waiting.question,
        turn: waiting.say.turn,
    }));
    effects
}
