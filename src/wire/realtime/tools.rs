//! Tools of ours that a server may use: how they are described to it, and what is under way.

use crate::core::backend::Offer;
use serde_json::{Value, json};

/// So many uses in one answer, and so many answers in a row that use any: a server that wants more
/// goes in circles.
pub(super) const MOST: usize = 32;
/// So many are told that they were too many; what comes beyond them is passed over.
pub(super) const TOLD: usize = 1024;
pub(super) const ROUNDS: u8 = 8;

/// The uses that one answer wants.
#[derive(Debug, Default)]
pub(super) struct Uses(Vec<Use>);

#[derive(Debug)]
struct Use {
    id: String,
    outcome: Option<String>,
}

impl Uses {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A use is wanted, whose outcome may be known at once. `false`: it is known already.
    pub(super) fn add(&mut self, id: &str, outcome: Option<String>) -> bool {
        let news = !self.0.iter().any(|one| one.id == id);
        if news {
            let id = id.to_owned();
            self.0.push(Use { id, outcome });
        }
        news
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// What came of one; `false` if nobody waits for it.
    pub(super) fn settle(&mut self, id: &str, outcome: &Result<String, String>) -> bool {
        let mut waiting = self.0.iter_mut();
        let found = waiting.find(|one| one.id == id && one.outcome.is_none());
        let Some(one) = found else {
            return false;
        };
        let (Ok(text) | Err(text)) = outcome;
        let failed = outcome.is_err();
        one.outcome = Some(if failed { failure(text) } else { text.clone() });
        true
    }

    /// All of them are done: the messages that tell so. They are told once.
    pub(super) fn take(&mut self) -> Option<Vec<Value>> {
        let done = !self.0.is_empty() && self.0.iter().all(|one| one.outcome.is_some());
        done.then(|| self.0.drain(..).map(told).collect())
    }

    pub(super) fn forget(&mut self) {
        self.0.clear();
    }
}

fn told(one: Use) -> Value {
    json!({
        "type": "conversation.item.create",
        "item": {
            "type": "function_call_output",
            "call_id": one.id,
            "output": one.outcome.unwrap_or_default(),
        },
    })
}

/// How a model reads that something failed.
pub(super) fn failure(why: &str) -> String {
    json!({ "error": why }).to_string()
}

/// The tools as a session is told of them. `chat`: each in a field of its own, as in a chat.
pub(super) fn described(offers: &[Offer], chat: bool) -> Value {
    let tools = offers.iter().map(|offer| {
        let mut tool = json!({
            "name": called(&offer.name),
            "description": offer.description,
            "parameters": offer.parameters,
        });
        if chat {
            return json!({ "type": "function", "function": tool });
        }
        tool["type"] = "function".into();
        tool
    });
    tools.collect()
}

/// Which of them a server means.
pub(super) fn meant<'a>(offers: &'a [Offer], name: &str) -> Option<&'a Offer> {
    offers.iter().find(|offer| called(&offer.name) == name)
}

/// A name as models write it: no dots, which ours may have.
fn called(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' {
            c
        } else {
            '_'
        }
    };
    name.chars().map(plain).collect()
}
