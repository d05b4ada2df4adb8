//! The answers of one session: which are asked for, which are coming, and whose they are.

use super::tools::Uses;
use crate::core::ids::TurnId;
use serde_json::Value;
use std::collections::VecDeque;

/// So many past answers are remembered: what comes late for an older one is nobody's.
const REMEMBERED: usize = 16;

/// How an answer is wished for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct How {
    pub(super) spoken: bool,
    /// It may use tools.
    pub(super) tools: bool,
    /// So many answers of this turn have used tools before.
    pub(super) round: u8,
}

/// The answers of one session.
#[derive(Debug, Default)]
pub(super) struct Answers {
    asks: VecDeque<Ask>,
    all: VecDeque<Answer>,
}

/// An answer that is wished for and has not begun.
#[derive(Debug)]
struct Ask {
    turn: TurnId,
    how: How,
    /// The number of the request, once it has gone out.
    sent: Option<u64>,
    /// Nobody wants it any more.
    hushed: bool,
}

/// What there is of one answer.
#[derive(Debug)]
pub(super) struct Answer {
    id: String,
    /// `None`: we did not ask for it.
    pub(super) turn: Option<TurnId>,
    pub(super) how: How,
    /// What it wants to use before it goes on.
    pub(super) uses: Uses,
    /// The message that it becomes.
    pub(super) item: Option<String>,
    /// So many characters of it have come.
    pub(super) characters: usize,
    /// So much of its sound has come, in samples and how many of them are a second.
    pub(super) sound: (u64, u32),
    pub(super) state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Coming,
    /// It still comes, and nobody wants it.
    Hushed,
    Over,
}

/// What is to be done about an answer that nobody wants any more.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Stop {
    /// It was known here.
    pub(super) known: bool,
    /// What to tell the server to stop.
    pub(super) cancel: Cancel,
    /// The message of which no more was heard than so many milliseconds.
    pub(super) truncate: Option<(String, u64)>,
}

/// Which answer is to stop.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Cancel {
    #[default]
    Nothing,
    /// The one that was asked for and has no name yet.
    Next,
    /// The one of this name.
    This(String),
}

impl Answer {
    /// How long its sound is so far.
    pub(super) fn ms(&self) -> u64 {
        let (samples, rate) = self.sound;
        samples * 1000 / u64::from(rate.max(1))
    }
}

impl How {
    /// As nobody wished for it.
    const NONE: Self = Self {
        spoken: false,
        tools: false,
        round: 0,
    };
}

impl Answers {
    /// An answer is wished for.
    pub(super) fn ask(&mut self, turn: TurnId, how: How) {
        self.asks.push_back(Ask {
            turn,
            how,
            sent: None,
            hushed: false,
        });
    }

    /// The request that is due: one at a time, and none while an answer is coming.
    pub(super) fn due(&mut self, number: u64) -> Option<How> {
        let coming = self.all.iter().any(|answer| answer.state != State::Over);
        let ask = self
            .asks
            .front_mut()
            .filter(|ask| !coming && ask.sent.is_none())?;
        ask.sent = Some(number);
        Some(ask.how)
    }

    /// Nothing is coming, and nothing wished for.
    pub(super) fn is_idle(&self) -> bool {
        self.asks.is_empty()
            && self
                .all
                .iter()
                .all(|answer| answer.state == State::Over && answer.uses.is_empty())
    }

    /// An answer begins. `true`: it was asked for, and nobody wants it any more.
    pub(super) fn begin(&mut self, id: &str) -> bool {
        if self.all.iter().any(|answer| answer.id == id) {
            return false;
        }
        let ask = self.asks.pop_front_if(|ask| ask.sent.is_some());
        let hushed = ask.as_ref().is_some_and(|ask| ask.hushed);
        if self.all.len() == REMEMBERED {
            self.all.pop_front();
        }
        self.all.push_back(Answer {
            id: id.to_owned(),
            how: ask.as_ref().map_or(How::NONE, |ask| ask.how),
            uses: Uses::default(),
            turn: ask.map(|ask| ask.turn),
            item: None,
            characters: 0,
            sound: (0, 0),
            state: if hushed { State::Hushed } else { State::Coming },
        });
        hushed
    }

    /// The answer that an event is about: the one it names, else the one that is coming. Servers
    /// that never say that an answer begins begin it here.
    pub(super) fn about(&mut self, id: Option<&str>, item: Option<&str>) -> Option<&mut Answer> {
        let named = id.filter(|id| !id.is_empty());
        if let Some(id) = named {
            let known = self.all.iter().any(|answer| answer.id == id);
            if !known && self.asks.front().is_some_and(|ask| ask.sent.is_some()) {
                self.begin(id);
            }
        }
        let mut all = self.all.iter_mut().rev();
        let answer = all.find(|answer| match (named, item) {
            (Some(id), _) => answer.id == id,
            (None, Some(item)) if answer.item.is_some() => answer.item.as_deref() == Some(item),
            (None, _) => answer.state != State::Over,
        })?;
        if answer.item.is_none() {
            answer.item = item.map(str::to_owned);
        }
        Some(answer)
    }

    /// Something came of a tool: `true` if an answer waits for it.
    pub(super) fn used(&mut self, id: &str, outcome: &Result<String, String>) -> bool {
        let mut all = self.all.iter_mut().rev();
        all.any(|answer| answer.uses.settle(id, outcome))
    }

    /// An answer that has ended and whose tools have all been used: what to tell, and how it was
    /// wished for.
    pub(super) fn done_using(&mut self) -> Option<(TurnId, How, Vec<Value>)> {
        let mut over = self
            .all
            .iter_mut()
            .filter(|answer| answer.state == State::Over);
        over.find_map(|answer| Some((answer.turn?, answer.how, answer.uses.take()?)))
    }

    /// A request was refused: whose answer will not come. `later`: it can be asked again.
    pub(super) fn refused(&mut self, number: u64, later: bool) -> Option<TurnId> {
        let at = self.asks.iter().position(|ask| ask.sent == Some(number))?;
        if later {
            self.asks.get_mut(at)?.sent = None;
            return None;
        }
        self.asks.remove(at).map(|ask| ask.turn)
    }

    /// Nobody wants this answer any more; so much of it was heard, as it was spoken.
    pub(super) fn stop(&mut self, turn: TurnId, heard: Option<&str>) -> Stop {
        if let Some(at) = self.asks.iter().position(|ask| ask.turn == turn) {
            let sent = self.asks.get_mut(at).is_some_and(|ask| {
                ask.hushed = true;
                ask.sent.is_some()
            });
            if !sent {
                self.asks.remove(at);
            }
            return Stop {
                known: true,
                cancel: if sent { Cancel::Next } else { Cancel::Nothing },
                truncate: None,
            };
        }
        let mut all = self.all.iter_mut().rev();
        let Some(answer) = all.find(|answer| answer.turn == Some(turn)) else {
            return Stop::default();
        };
        answer.uses.forget();
        let coming = answer.state == State::Coming;
        if coming {
            answer.state = State::Hushed;
        }
        let played = answer.played(heard);
        Stop {
            known: true,
            cancel: if coming {
                Cancel::This(answer.id.clone())
            } else {
                Cancel::Nothing
            },
            truncate: (answer.item.clone())
                .filter(|_item| answer.sound.0 > 0)
                .map(|item| (item, played)),
        }
    }
}

impl Answer {
    /// How long the words take that were heard, by their share in all of them: never longer than
    /// what came, which servers refuse.
    fn played(&self, heard: Option<&str>) -> u64 {
        let heard = heard.map_or(0, |heard| heard.chars().count()) as u64;
        let all = self.characters.max(1) as u64;
        self.ms() * heard.min(all) / all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TURN: TurnId = TurnId(1);
    const ALOUD: How = How {
        spoken: true,
        ..How::NONE
    };

    #[test]
    fn one_answer_at_a_time_is_asked_for() {
        let mut answers = Answers::default();
        answers.ask(TURN, ALOUD);
        answers.ask(TurnId(2), How::NONE);
        assert_eq!(answers.due(1), Some(ALOUD));
        assert_eq!(answers.due(2), None);
        assert!(!answers.begin("a"));
        assert_eq!(answers.due(3), None);
        answers.about(Some("a"), None).unwrap().state = State::Over;
        assert_eq!(answers.due(4), Some(How::NONE));
    }

    #[test]
    fn what_was_heard_of_an_answer_is_never_longer_than_what_came_of_it() {
        let mut answers = Answers::default();
        answers.ask(TURN, ALOUD);
        answers.due(1);
        let answer = answers.about(Some("a"), Some("i")).unwrap();
        answer.characters = 20;
        answer.sound = (48_000, 24_000);
        for (heard, ms) in [
            (None, 0),
            (Some("half of it"), 1000),
            (Some("more than there is of it"), 2000),
        ] {
            let stop = answers.stop(TURN, heard);
            assert_eq!(stop.truncate, Some(("i".to_owned(), ms)));
        }
    }

    #[test]
    fn an_answer_nobody_wants_is_stopped_wherever_it_is() {
        let mut answers = Answers::default();
        let stop = |cancel| Stop {
            known: true,
            cancel,
            truncate: None,
        };
        assert_eq!(answers.stop(TURN, None), Stop::default());
        answers.ask(TURN, ALOUD);
        assert_eq!(answers.stop(TURN, None), stop(Cancel::Nothing));
        answers.ask(TURN, ALOUD);
        answers.due(1);
        assert_eq!(answers.stop(TURN, None), stop(Cancel::Next));
        assert!(answers.begin("a"));
        answers.about(Some("a"), None).unwrap().state = State::Over;
        answers.ask(TURN, ALOUD);
        answers.due(2);
        answers.begin("b");
        assert_eq!(answers.stop(TURN, None), stop(Cancel::This("b".to_owned())));
        assert!(!answers.is_idle());
    }
}
