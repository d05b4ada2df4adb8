//! Tells what happened to people who do not look: a notice where the terminal says that nobody looks
//! at it, a sound where one is wished for. What was before a message is compared with what is after
//! it, so that whatever begins or ends is told, however it came about.

use super::super::effect::{Effect, Effects};
use super::super::ids::TurnId;
use super::super::line::Line;
use super::super::mode::Mode;
use super::super::model::{Layer, Model};
use super::super::sound::{Chime, SoundOrder};
use super::super::transcript::Ending;
use super::super::words::Word;

/// What is worth telling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum News {
    /// Something went wrong, and a card explains it.
    Failed,
    /// Only the user can decide how it goes on.
    Asked,
    CallOver,
    /// The connection does not come back by itself.
    Lost,
    /// An answer is complete.
    Answered,
    /// The answer to a question is begun.
    Thinking,
}

impl News {
    /// What a notice says; not every beginning is worth one.
    const fn word(self) -> Option<Word> {
        match self {
            Self::Failed => Some(Word::NotifyFailed),
            Self::Asked => Some(Word::NotifyAsked),
            Self::CallOver => Some(Word::NotifyCallOver),
            Self::Lost => Some(Word::NotifyLost),
            Self::Answered => Some(Word::NotifyAnswered),
            Self::Thinking => None,
        }
    }

    const fn chime(self) -> Option<Chime> {
        match self {
            Self::Failed => Some(Chime::Failed),
            Self::Asked => None,
            Self::CallOver => Some(Chime::CallOver),
            Self::Lost => Some(Chime::Lost),
            Self::Answered => Some(Chime::Answered),
            Self::Thinking => Some(Chime::Thinking),
        }
    }
}

/// How things stood before a message.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and all combinations happen"
)]
pub(super) struct Before {
    turn: Option<TurnId>,
    thinks: bool,
    call: bool,
    lost: bool,
    asks: bool,
    card: bool,
}

impl Before {
    pub(super) fn of(model: &Model) -> Self {
        let has = |wanted: fn(&Layer) -> bool| model.layers.iter().any(wanted);
        Self {
            turn: model.turn.as_ref().map(|turn| turn.id),
            thinks: matches!(model.modes.current(), Mode::TextSse | Mode::VoiceSse),
            call: model.call.is_some(),
            lost: matches!(model.line, Line::Refused { .. } | Line::GivenUp { .. }),
            asks: has(|layer| matches!(layer, Layer::Question(_))),
            card: has(|layer| matches!(layer, Layer::Card(_))),
        }
    }
}

/// The most important of what is new.
fn news(model: &Model, before: &Before) -> Option<News> {
    let now = Before::of(model);
    let answered = before.turn.is_some_and(|turn| {
        let said = model.conversation.transcript.messages();
        let reply = said.iter().rev().find(|message| message.turn == turn);
        now.turn != before.turn && reply.is_some_and(|reply| reply.ending == Ending::Complete)
    });
    let new = [
        // A card says so, too, and less exactly.
        (now.lost && !before.lost, News::Lost),
        (now.card && !before.card, News::Failed),
        (now.asks && !before.asks, News::Asked),
        (before.call && !now.call, News::CallOver),
        // Who is in a call hears it.
        (answered && !now.call, News::Answered),
        (now.thinks && !before.thinks && !now.call, News::Thinking),
    ];
    let first = new.into_iter().find(|(is_new, _)| *is_new);
    first.map(|(_, news)| news)
}

/// Tells what is new, if somebody wants to be told.
pub(super) fn told(model: &Model, before: &Before) -> Effects {
    let Some(news) = news(model, before) else {
        return vec![];
    };
    let mut effects = vec![];
    if let Some(word) = news.word() {
        effects.extend(notice(model, word.text(model.lang)));
    }
    // A microphone that is open hears it, too; of a call it would be taken for speech.
    let quiet = model.call.is_none() && model.voice.recording.is_none();
    if let Some(chime) = news.chime()
        && model.voice.wishes.state_chimes
        && quiet
    {
        effects.push(Effect::Sound(SoundOrder::Chime(chime)));
    }
    effects
}

/// A notice, if nobody looks and it is wished for.
pub(super) fn notice(model: &Model, text: &str) -> Option<Effect> {
    let wanted = model.notify && !model.focused;
    wanted.then(|| Effect::Notify(text.to_owned()))
}
