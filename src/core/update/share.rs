//! Shows what others say in the open conversation with the same backend, as it comes.
//!
//! Their turns are theirs: they move no state here, nothing of them is spoken, and nothing of them can be
//! stopped. A message is called after its turn, so that it is one message wherever it is written.

use super::super::backend::{By, News, State, Up};
use super::super::effect::{Effect, Effects};
use super::super::ids::{ConversationId, TurnId};
use super::super::line::{Line, LinkOrder};
use super::super::model::{Model, Sharing};
use super::super::record::Keep;
use super::super::transcript::{Ending, Message, Role};
use super::super::words::Word;
use super::ask;

/// Asks to be told, once in each life of the line for each conversation that is open in it.
pub(super) fn next(model: &mut Model) -> Effects {
    let conversation = model.conversation.id;
    let life = Some((model.epoch, conversation));
    let ready = model.sharing.can
        && matches!(model.line, Line::Up(_))
        // What the store knows of it has its place above what is said now.
        && !model.conversation.loading;
    if !ready || model.sharing.joined == life {
        return vec![];
    }
    model.sharing.joined = life;
    vec![Effect::Link(LinkOrder::Say(Up::Join { conversation }))]
}

/// Another conversation is opened.
pub(super) fn left(model: &mut Model) {
    model.sharing.open.clear();
}

/// What others are answered is not told any further. The next life of the line tells how it went on.
pub(super) fn line_lost(model: &mut Model) {
    let why = Word::CutByLine.text(model.lang).to_owned();
    let open: Vec<TurnId> = model.sharing.open.clone();
    for turn in open {
        end(model, turn, Ending::Cut(why.clone()));
    }
    model.sharing.can = false;
}

fn end(model: &mut Model, turn: TurnId, ending: Ending) {
    let transcript = &mut model.conversation.transcript;
    let answer = transcript.said(turn, Role::Assistant);
    if let Some(id) = answer
        .filter(|answer| answer.ending == Ending::Open)
        .map(|answer| answer.id)
    {
        transcript.change(id, |answer| answer.ending = ending);
    }
}

/// Something was said there, or is known of it.
pub(super) fn heard(model: &mut Model, conversation: ConversationId, news: News) -> Effects {
    if conversation != model.conversation.id {
        return vec![];
    }
    match news {
        News::Question { turn, text } => question(model, turn, text),
        News::Answer {
            turn,
            text,
            state,
            by,
        } => answer(model, turn, text, state, by),
        News::More { turn, more } => {
            if model.sharing.open.contains(&turn) {
                let transcript = &mut model.conversation.transcript;
                let id = transcript.said(turn, Role::Assistant).map(|known| known.id);
                if let Some(id) = id {
                    transcript.change(id, |answer| answer.text.push_str(&more));
                }
            }
            vec![]
        }
        News::Forgotten => {
            model.conversation.forgotten = model.conversation.transcript.count();
            vec![Effect::Keep(Keep::Forget { conversation })]
        }
    }
}

fn question(model: &mut Model, turn: TurnId, text: String) -> Effects {
    if is_ours(model, turn)
        || model
            .conversation
            .transcript
            .said(turn, Role::User)
            .is_some()
    {
        return vec![];
    }
    let mut question = Message::new(turn.question(), turn, Role::User, model.now.wall);
    ask::entitle(model, &text);
    question.text = text;
    question.ending = Ending::Complete;
    model.welcome = false;
    let keep = keep(model, &question);
    model.conversation.transcript.push(question);
    vec![keep]
}

/// All of an answer. One that we know to its end is not told anew.
fn answer(model: &mut Model, turn: TurnId, text: String, state: State, by: Option<By>) -> Effects {
    let transcript = &mut model.conversation.transcript;
    let known = transcript.said(turn, Role::Assistant).map(|known| known.id);
    let follows = model.sharing.open.contains(&turn);
    if is_ours(model, turn) || known.is_some() && !follows {
        return vec![];
    }
    let transcript = &mut model.conversation.transcript;
    let id = known.unwrap_or_else(|| {
        let answer = Message::new(turn.answer(), turn, Role::Assistant, model.now.wall);
        transcript.push(answer);
        turn.answer()
    });
    let ending = match state {
        State::Open => Ending::Open,
        State::Complete => Ending::Complete,
        State::Cut => Ending::Cut(Word::CutElsewhere.text(model.lang).to_owned()),
    };
    transcript.change(id, |answer| {
        answer.text = text;
        answer.by = by;
        answer.ending = ending;
    });
    model.sharing.open.retain(|open| *open != turn);
    if state == State::Open {
        model.sharing.open.push(turn);
        return vec![];
    }
    let answer = model.conversation.transcript.get(id);
    answer
        .map(|answer| keep(model, answer))
        .into_iter()
        .collect()
}

/// Is it a turn that we lead, or are about to?
fn is_ours(model: &Model, turn: TurnId) -> bool {
    model
        .turn
        .as_ref()
        .is_some_and(|running| running.id == turn)
        || (model.waiting.iter()).any(|waiting| waiting.say.turn == turn)
}

fn keep(model: &Model, message: &Message) -> Effect {
    Effect::Keep(Keep::Shared {
        conversation: model.conversation.id,
        persona: model.choice.persona.clone(),
        message: message.clone(),
    })
}

impl Sharing {
    /// An answer was not complete when it was written: somebody else may still be given it.
    pub(super) fn may_go_on(&mut self, turn: TurnId) {
        if !self.open.contains(&turn) {
            self.open.push(turn);
        }
    }
}
