//! Remembers conversations while the program runs: so many of them, the last used, and of each as
//! much as a brain can be shown. Pure; what was said before the program started, or to another
//! server, comes from the store as [`Line`]s.

use super::budget;
use super::summary::Summary;
use super::think;
use crate::core::backend::{By, Earlier};
use crate::core::heard;
use crate::core::transcript::Role;
use crate::store::{Line, Recalled};
use std::collections::VecDeque;

/// More conversations than this are not kept in memory; they come back from the store.
const CONVERSATIONS: usize = 64;

/// So many times as much as a brain can be shown is kept until it is summarised.
pub(super) const SPARE: usize = 4;

/// A question and what was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exchange {
    pub(super) turn: String,
    pub(super) question: String,
    pub(super) answer: Option<Answer>,
}

/// What was answered, as far as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) text: String,
    /// It ended early.
    pub(super) cut: bool,
    /// Who answered, where that is known.
    pub(super) by: Option<By>,
}

impl Answer {
    /// A complete one.
    pub(super) fn of(answer: &think::Answer) -> Self {
        Self {
            text: answer.text.clone(),
            cut: answer.cut,
            by: Some(By {
                brain: answer.brain.clone(),
                model: answer.model.clone(),
            }),
        }
    }
}

/// What was said in the conversations of late.
#[derive(Debug)]
pub(super) struct Memory {
    /// How many tokens of a conversation are worth keeping.
    budget: usize,
    /// The last used one last.
    conversations: VecDeque<Conversation>,
}

#[derive(Debug)]
struct Conversation {
    id: String,
    /// What was said before the exchanges, in short, where that is known.
    summary: Option<Summary>,
    /// The last turn that it covers.
    covered: Option<String>,
    exchanges: Vec<Exchange>,
    /// What the store said of it when it was last asked.
    forgotten: i64,
}

impl Memory {
    pub(super) fn new(budget: usize) -> Self {
        Self {
            budget,
            conversations: VecDeque::new(),
        }
    }

    /// Is anything known of this conversation, be it that it is empty?
    pub(super) fn knows(&self, conversation: &str) -> bool {
        self.conversations
            .iter()
            .any(|known| known.id == conversation)
    }

    /// How many conversations are remembered.
    pub(super) fn count(&self) -> usize {
        self.conversations.len()
    }

    /// What the store knows of a conversation. Somebody else may have been quicker.
    pub(super) fn learn(
        &mut self,
        conversation: &str,
        recalled: Vec<Line>,
        summary: Option<Summary>,
    ) {
        if !self.knows(conversation) {
            let known = self.used(conversation);
            known.exchanges = exchanges(recalled);
            known.summary = summary;
        }
    }

    /// What a store knows that others write as well: it is right, whatever was known here.
    pub(super) fn learn_anew(&mut self, conversation: &str, recalled: Recalled) {
        let known = self.used(conversation);
        if known.forgotten != recalled.forgotten {
            (known.summary, known.covered) = (None, None);
        }
        known.forgotten = recalled.forgotten;
        known.exchanges = exchanges(recalled.lines);
        let covered = known.covered.as_ref();
        let place =
            covered.and_then(|turn| known.exchanges.iter().position(|one| one.turn == *turn));
        if let Some(place) = place {
            known.exchanges.drain(..=place);
        }
    }

    /// What is remembered of a conversation word by word.
    pub(super) fn exchanges(&mut self, conversation: &str) -> Vec<Exchange> {
        self.used(conversation).exchanges.clone()
    }

    /// The same, and it is no use of the conversation. `None`: nothing is known of it.
    pub(super) fn peek(&self, conversation: &str) -> Option<Vec<Exchange>> {
        let mut known = self.conversations.iter();
        let known = known.find(|known| known.id == conversation)?;
        Some(known.exchanges.clone())
    }

    /// What was said before what is remembered word by word.
    pub(super) fn summary(&mut self, conversation: &str) -> Option<Summary> {
        self.used(conversation).summary.clone()
    }

    /// The oldest exchanges, up to this one, are remembered no more; in their place there is a
    /// summary, or that of before.
    pub(super) fn shorten(&mut self, conversation: &str, last: &str, summary: Option<Summary>) {
        let known = self.used(conversation);
        if let Some(at) = known.exchanges.iter().position(|one| one.turn == last) {
            known.exchanges.drain(..=at);
            known.covered = Some(last.to_owned());
            if summary.is_some() {
                known.summary = summary;
            }
        }
    }

    /// What the client says was said, oldest first: it may have talked to somebody else meanwhile.
    /// What is answered here already stays as it is.
    pub(super) fn hear(&mut self, conversation: &str, told: Vec<Earlier>) {
        let known = &mut self.used(conversation).exchanges;
        let told: Vec<Exchange> = exchanges(told.into_iter().map(Line::from).collect())
            .into_iter()
            .map(|told| {
                let place = known.iter().position(|known| known.turn == told.turn);
                let known = place.map(|place| known.remove(place));
                known.filter(|known| known.answer.is_some()).unwrap_or(told)
            })
            .collect();
        known.extend(told);
    }

    /// A question is asked. What was said before it comes back, also more of it than a brain can be
    /// shown: what is too much is to be summarised. A turn that is asked again begins anew.
    pub(super) fn ask(&mut self, conversation: &str, turn: &str, question: &str) -> Vec<Exchange> {
        let budget = self.budget;
        let exchanges = &mut self.used(conversation).exchanges;
        exchanges.retain(|known| known.turn != turn);
        let first = exchanges.len() - budget::fitting(exchanges, SPARE * budget);
        exchanges.drain(..first);
        let earlier = exchanges.clone();
        exchanges.push(Exchange {
            turn: turn.to_owned(),
            question: question.to_owned(),
            answer: None,
        });
        earlier
    }

    /// What a turn was answered, if it came to its end: a client that lost its line in the wrong
    /// moment asks again what it asked before.
    pub(super) fn answered(&self, conversation: &str, turn: &str) -> Option<Answer> {
        let known = self
            .conversations
            .iter()
            .find(|known| known.id == conversation)?;
        let asked = known
            .exchanges
            .iter()
            .rev()
            .find(|asked| asked.turn == turn)?;
        asked.answer.clone().filter(|answer| !answer.cut)
    }

    /// A turn was answered, or not to its end.
    pub(super) fn answer(&mut self, conversation: &str, turn: &str, answer: Answer) {
        // Forgotten meanwhile: then it stays forgotten.
        if let Some(asked) = self.asked(conversation, turn) {
            asked.answer = Some(answer);
        }
    }

    /// No more of an answer was heard than this, as it was spoken.
    /// Answers with what is left of it.
    pub(super) fn heard(&mut self, conversation: &str, turn: &str, heard: &str) -> Option<&Answer> {
        let asked = self.asked(conversation, turn)?;
        let answer = asked.answer.as_mut()?;
        let length = heard::part(&answer.text, heard).len();
        answer.text.truncate(length);
        answer.cut = true;
        Some(answer)
    }

    fn asked(&mut self, conversation: &str, turn: &str) -> Option<&mut Exchange> {
        let mut known = self.conversations.iter_mut();
        let known = known.find(|known| known.id == conversation)?;
        let mut asked = known.exchanges.iter_mut().rev();
        asked.find(|asked| asked.turn == turn)
    }

    /// Nothing was ever said in this conversation. It stays known as such, or the store would
    /// bring it all back.
    pub(super) fn forget(&mut self, conversation: &str) {
        let known = self.used(conversation);
        known.exchanges.clear();
        known.summary = None;
    }

    fn used(&mut self, id: &str) -> &mut Conversation {
        let at = self.conversations.iter().position(|known| known.id == id);
        let found = at.and_then(|at| self.conversations.remove(at));
        if found.is_none() && self.conversations.len() == CONVERSATIONS {
            self.conversations.pop_front();
        }
        self.conversations
            .push_back(found.unwrap_or_else(|| Conversation {
                id: id.to_owned(),
                summary: None,
                covered: None,
                exchanges: vec![],
                forgotten: 0,
            }));
        self.conversations.back_mut().expect("one was pushed above")
    }
}

/// Puts questions and answers together by their turns.
pub(super) fn exchanges(recalled: Vec<Line>) -> Vec<Exchange> {
    let mut exchanges: Vec<Exchange> = vec![];
    for said in recalled {
        let turn = said.turn;
        let asked = exchanges.iter_mut().rev().find(|asked| asked.turn == turn);
        match (said.role, asked) {
            (Role::User, None) => exchanges.push(Exchange {
                turn,
                question: said.text,
                answer: None,
            }),
            (Role::Assistant, Some(asked)) => {
                asked.answer = Some(Answer {
                    text: said.text,
                    cut: said.cut,
                    by: said.by,
                });
            }
            // An answer whose question did not fit says nothing without it.
            (Role::Assistant, None) | (Role::User, Some(_)) | (Role::Note, _) => {}
        }
    }
    exchanges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::ids::TurnId;

    fn recalled(turn: u128, role: Role, text: &str, cut: bool) -> Earlier {
        Earlier {
            turn: TurnId(turn),
            role,
            text: text.to_owned(),
            cut,
            by: None,
        }
    }

    fn lines(recalled: Vec<Earlier>) -> Vec<Line> {
        recalled.into_iter().map(Line::from).collect()
    }

    fn exchange(turn: &str, question: &str, answer: Option<(&str, bool)>) -> Exchange {
        Exchange {
            turn: turn.to_owned(),
            question: question.to_owned(),
            answer: answer.map(|(text, cut)| Answer {
                text: text.to_owned(),
                cut,
                by: None,
            }),
        }
    }

    #[test]
    fn what_the_store_knows_is_put_together_by_turns_and_the_newest_question_is_not_doubled() {
        let mut memory = Memory::new(1000);
        let turn = |n| TurnId(n).to_string();
        memory.learn(
            "c",
            lines(vec![
                recalled(1, Role::Assistant, "lost its question", false),
                recalled(2, Role::User, "one", false),
                recalled(3, Role::User, "two", false),
                recalled(2, Role::Assistant, "1", true),
                recalled(4, Role::User, "now", false),
            ]),
            None,
        );
        assert_eq!(
            memory.ask("c", &turn(4), "now"),
            [
                exchange(&turn(2), "one", Some(("1", true))),
                exchange(&turn(3), "two", None),
            ]
        );
        memory.learn("c", vec![], None);
        assert_eq!(memory.ask("c", "next", "x").len(), 3);
    }

    #[test]
    fn an_answer_finds_its_question_even_when_another_was_asked_meanwhile() {
        let mut memory = Memory::new(1000);
        memory.ask("c", "a", "A?");
        memory.ask("c", "b", "B?");
        let answer = Answer {
            text: "A!".into(),
            cut: false,
            by: None,
        };
        memory.answer("c", "a", answer);
        assert_eq!(
            memory.ask("c", "c", "C?"),
            [
                exchange("a", "A?", Some(("A!", false))),
                exchange("b", "B?", None)
            ]
        );
    }

    #[test]
    fn what_was_said_elsewhere_takes_its_place() {
        let mut memory = Memory::new(1_000);
        for turn in [1, 2, 4] {
            let turn = TurnId(turn).to_string();
            memory.ask("c", &turn, &format!("{turn}?"));
            let answer = Answer {
                text: "here".into(),
                cut: false,
                by: None,
            };
            memory.answer("c", &turn, answer);
        }
        memory.ask("c", &TurnId(5).to_string(), "lost");
        memory.hear(
            "c",
            [2, 3, 4, 5]
                .into_iter()
                .flat_map(|turn| {
                    [
                        recalled(turn, Role::User, "told?", false),
                        recalled(turn, Role::Assistant, "there", true),
                    ]
                })
                .collect(),
        );
        let answers: Vec<_> = memory
            .ask("c", &TurnId(6).to_string(), "now")
            .into_iter()
            .map(|known| (known.turn, known.answer.unwrap().text))
            .collect();
        let expected = [
            (1, "here"),
            (2, "here"),
            (3, "there"),
            (4, "here"),
            (5, "there"),
        ];
        assert_eq!(
            answers,
            expected.map(|(turn, text)| (TurnId(turn).to_string(), text.to_owned()))
        );
    }

    #[test]
    fn no_more_of_an_answer_is_kept_than_was_heard() {
        for (heard, expected) in [
            ("Green tea is", Some(("**Green tea** is", true))),
            ("green", Some(("**Green", true))),
            ("", Some(("", true))),
        ] {
            let mut memory = Memory::new(1000);
            memory.ask("c", "a", "tea?");
            let answer = Answer {
                text: "**Green tea** is a drink.".into(),
                cut: false,
                by: None,
            };
            memory.heard("c", "a", "nothing is known of it yet");
            memory.answer("c", "a", answer);
            memory.heard("x", "a", "another conversation");
            memory.heard("c", "a", heard);
            assert_eq!(memory.answered("c", "a"), None);
            let known = memory.ask("c", "b", "and?");
            assert_eq!(known, [exchange("a", "tea?", expected)], "{heard}");
        }
    }

    #[test]
    fn what_is_forgotten_stays_forgotten() {
        let mut memory = Memory::new(1000);
        memory.ask("c", "a", "secret");
        memory.forget("c");
        memory.answer(
            "c",
            "a",
            Answer {
                text: "!".into(),
                cut: false,
                by: None,
            },
        );
        memory.learn(
            "c",
            lines(vec![recalled(1, Role::User, "secret", false)]),
            None,
        );
        assert_eq!(memory.ask("c", "b", "what did I say?"), []);
    }

    #[test]
    fn a_summary_takes_the_place_of_what_it_sums_up_until_all_is_forgotten() {
        let mut memory = Memory::new(1000);
        for turn in ["a", "b", "c"] {
            memory.ask("c", turn, "q");
        }
        let summary = Some(Summary {
            text: "they talked".to_owned(),
            messages: 2,
        });
        memory.shorten("c", "b", summary.clone());
        memory.shorten("c", "gone", None);
        assert_eq!(memory.summary("c"), summary);
        assert_eq!(memory.ask("c", "d", "q"), [exchange("c", "q", None)]);
        // What could not be summarised is gone, and the summary of before stays.
        memory.shorten("c", "c", None);
        assert_eq!(memory.summary("c"), summary);
        memory.forget("c");
        assert_eq!(memory.summary("c"), None);
    }

    #[test]
    fn what_others_wrote_is_right_and_what_was_summarised_stays_so_until_it_is_forgotten() {
        let told = |turns: &[u128], forgotten| Recalled {
            lines: lines(
                turns
                    .iter()
                    .map(|turn| recalled(*turn, Role::User, "q", false))
                    .collect(),
            ),
            gist: None,
            forgotten,
        };
        let known = |memory: &mut Memory| -> Vec<String> {
            memory
                .exchanges("c")
                .into_iter()
                .map(|one| one.turn)
                .collect()
        };
        let names = |turns: &[u128]| -> Vec<String> {
            turns.iter().map(|turn| TurnId(*turn).to_string()).collect()
        };
        let mut memory = Memory::new(1000);
        memory.learn_anew("c", told(&[1, 2, 3], 0));
        let summary = Some(Summary {
            text: "they talked".to_owned(),
            messages: 2,
        });
        memory.shorten("c", &TurnId(2).to_string(), summary.clone());
        // Another server was told one more.
        memory.learn_anew("c", told(&[1, 2, 3, 4], 0));
        assert_eq!(known(&mut memory), names(&[3, 4]));
        // What the summary covers is so long ago that it is not told again.
        memory.learn_anew("c", told(&[4, 5], 0));
        assert_eq!(known(&mut memory), names(&[4, 5]));
        assert_eq!(memory.summary("c"), summary);
        // Another server was told to forget it.
        memory.learn_anew("c", told(&[6], 5));
        assert_eq!(known(&mut memory), names(&[6]));
        assert_eq!(memory.summary("c"), None);
    }

    #[test]
    fn memory_is_bounded_in_conversations_and_in_length() {
        let mut memory = Memory::new(100 / SPARE);
        for n in 0..1000 {
            memory.ask(&n.to_string(), "t", "q");
            memory.ask("mine", &n.to_string(), &"long ".repeat(20));
        }
        assert_eq!(memory.count(), CONVERSATIONS);
        assert!(memory.knows("mine") && memory.knows("999") && !memory.knows("1"));
        assert_eq!(memory.ask("mine", "now", "q").len(), 3);
    }
}
