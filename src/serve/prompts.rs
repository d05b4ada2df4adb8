//! Remembers what was sent to a brain for the last questions, for clients that ask for it. It is
//! limited to a megabyte.

use super::budget::beginning;
use crate::mind::{Ask, Said};
use std::collections::VecDeque;

/// So many questions are remembered.
const QUESTIONS: usize = 16;
/// So many bytes of each part of a prompt, and of all of it.
const PART: usize = 16 * 1024;
const WHOLE: usize = 64 * 1024;

/// What was sent for one question.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Prompt {
    /// Each part with whose it is.
    pub(super) said: Vec<(String, String)>,
    /// The names of the tools that might be used.
    pub(super) tools: Vec<String>,
}

/// The last of them, each with the name of its question.
#[derive(Debug, Default)]
pub(super) struct Prompts(VecDeque<(String, Prompt)>);

impl Prompts {
    /// This is sent for a question.
    pub(super) fn keep(&mut self, turn: &str, ask: &Ask) {
        self.0.retain(|(known, _)| known != turn);
        if self.0.len() == QUESTIONS {
            self.0.pop_front();
        }
        let mut left = WHOLE;
        let mut part = |who: &str, text: &str| {
            let cut = beginning(text, PART.min(left));
            left -= cut.len();
            let more = if cut.len() < text.len() { "…" } else { "" };
            (who.to_owned(), format!("{cut}{more}"))
        };
        let said = ask.said.iter().map(|said| match said {
            Said::System(text) => part("system", text),
            Said::User(text) => part("user", text),
            Said::Assistant { text, .. } => part("assistant", text),
            Said::Tool { text, .. } => part("tool", text),
        });
        let prompt = Prompt {
            said: said.collect(),
            tools: ask.tools.iter().map(|tool| tool.name.clone()).collect(),
        };
        self.0.push_back((turn.to_owned(), prompt));
    }

    /// What was sent for it; nothing if that is not known, or not any more.
    pub(super) fn of(&self, turn: &str) -> Prompt {
        let known = self.0.iter().rev().find(|(known, _)| known == turn);
        known.map(|(_, prompt)| prompt.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::words::Lang;

    fn ask(texts: &[&str]) -> Ask {
        Ask {
            said: texts
                .iter()
                .map(|text| Said::User((*text).to_owned()))
                .collect(),
            model: None,
            lang: Lang::En,
            tools: vec![],
        }
    }

    #[test]
    fn the_last_prompts_are_remembered_and_never_more_than_there_is_room_for() {
        let mut prompts = Prompts::default();
        for n in 0..=QUESTIONS {
            prompts.keep(&format!("t{n}"), &ask(&["hello"]));
        }
        assert_eq!(prompts.0.len(), QUESTIONS);
        assert_eq!(prompts.of("t0"), Prompt::default());
        let hello = ("user".to_owned(), "hello".to_owned());
        assert_eq!(prompts.of("t1").said, [hello]);
        let long = "好".repeat(PART);
        prompts.keep("t1", &ask(&[long.as_str(); 9]));
        assert_eq!(prompts.0.len(), QUESTIONS);
        let said = prompts.of("t1").said;
        assert_eq!(said.len(), 9);
        let bytes: usize = said.iter().map(|(_, text)| text.len()).sum();
        assert!(bytes <= WHOLE + 9 * "…".len(), "{bytes}");
    }
}
