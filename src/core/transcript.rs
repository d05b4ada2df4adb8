//! The messages of the open conversation: what was said, by whom, and how it ended.

use super::backend::{By, Clip, Earlier, ToolUse};
use super::ids::{MessageId, TurnId};
use super::time::Wall;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    User,
    Assistant,
    /// The program itself, about the conversation ("timer: tea").
    Note,
}

/// How a message stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// More of it may come.
    Open,
    Complete,
    /// It ended early; why, as a sentence.
    Cut(String),
}

/// Whether the store has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stored {
    /// On its way to the store.
    Pending,
    /// Written and safe.
    Yes,
    /// The store could not take it.
    No,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    pub id: MessageId,
    pub turn: TurnId,
    pub role: Role,
    pub text: String,
    /// The model's thinking aloud, shown dim.
    pub reasoning: String,
    pub tools: Vec<ToolUse>,
    pub by: Option<By>,
    /// The recording in which it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip: Option<Clip>,
    pub at: Wall,
    pub ending: Ending,
    /// It was cut while it was spoken: so many bytes of its text were heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<usize>,
    pub stored: Stored,
    /// Grows with every change, so that whoever keeps a drawing of it knows when it is stale.
    pub revision: u32,
}

impl Message {
    /// A message that begins empty.
    pub fn new(id: MessageId, turn: TurnId, role: Role, at: Wall) -> Self {
        Self {
            id,
            turn,
            role,
            text: String::new(),
            reasoning: String::new(),
            tools: vec![],
            by: None,
            clip: None,
            at,
            ending: Ending::Open,
            heard: None,
            stored: Stored::Pending,
            revision: 0,
        }
    }
}

/// The loaded tail of a conversation, oldest first. Older messages stay in the store until the
/// reader scrolls up to them, so a conversation of 10,000 messages opens like an empty one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Transcript {
    messages: Vec<Message>,
    /// Where the store continues above the first loaded message; `None`: nothing is above.
    pub above: Option<Above>,
}

/// What is left in the store above the loaded messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Above {
    /// The store's position of the first loaded message.
    pub before: i64,
    /// How many messages are above it.
    pub count: usize,
}

impl Transcript {
    /// The loaded messages, oldest first.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// How many messages there are, with those above the loaded ones.
    pub fn count(&self) -> usize {
        self.above.map_or(0, |above| above.count) + self.messages.len()
    }

    /// What was said, and answered as far as it was heard, oldest first, for a backend that may not have heard it: as much
    /// from the end as fits into so many bytes, and nothing of the first `forgotten` messages.
    pub fn earlier(&self, forgotten: usize, most_bytes: usize) -> Vec<Earlier> {
        let above = self.above.map_or(0, |above| above.count);
        let known = self
            .messages
            .get(forgotten.saturating_sub(above)..)
            .unwrap_or_default();
        let answered: HashSet<TurnId> = known
            .iter()
            .filter(|message| message.role == Role::Assistant && !message.text.is_empty())
            .map(|message| message.turn)
            .collect();
        let mut left = most_bytes;
        let mut said: Vec<_> = known
            .iter()
            .rev()
            .filter(|message| message.role != Role::Note && answered.contains(&message.turn))
            .map_while(|message| {
                let heard = message.heard.and_then(|heard| message.text.get(..heard));
                let text = heard.unwrap_or(&message.text);
                left = left.checked_sub(text.len())?;
                Some(Earlier {
                    turn: message.turn,
                    role: message.role,
                    text: text.to_owned(),
                    cut: message.ending != Ending::Complete,
                    by: message.by.clone(),
                })
            })
            .collect();
        said.reverse();
        said
    }

    /// Adds a message where it belongs.
    pub fn push(&mut self, message: Message) {
        let place = self.place(message.turn);
        self.messages.insert(place, message);
    }

    /// Where the next message of a turn belongs: behind what there is of the turn, so that an
    /// answer follows its question although others wait behind it; else at the end.
    pub fn place(&self, turn: TurnId) -> usize {
        let of_turn = |message: &Message| message.turn == turn;
        self.messages
            .iter()
            .rposition(of_turn)
            .map_or(self.messages.len(), |last| last + 1)
    }

    /// Puts older messages, oldest first, above what is loaded, or above what was said while they
    /// were on their way. What is there already is not put there twice.
    pub fn extend_above(&mut self, mut older: Vec<Message>, above: Option<Above>) {
        let there: HashSet<MessageId> = self.messages.iter().map(|message| message.id).collect();
        older.retain(|message| !there.contains(&message.id));
        self.messages.splice(0..0, older);
        self.above = above;
    }

    /// The message with this id. Recent ones are found first: they are the ones that change.
    pub fn get(&self, id: MessageId) -> Option<&Message> {
        self.messages.iter().rev().find(|message| message.id == id)
    }

    /// What this role says in this turn, whatever it is called.
    pub fn said(&self, turn: TurnId, role: Role) -> Option<&Message> {
        let is = |message: &&Message| message.turn == turn && message.role == role;
        self.messages.iter().rev().find(is)
    }

    /// Changes the message with this id and marks it as changed.
    pub fn change(&mut self, id: MessageId, change: impl FnOnce(&mut Message)) -> bool {
        let Some(message) = self
            .messages
            .iter_mut()
            .rev()
            .find(|message| message.id == id)
        else {
            return false;
        };
        change(message);
        message.revision = message.revision.wrapping_add(1);
        true
    }

    /// Notes whether the store has a message. Not a change of the message itself.
    pub fn mark(&mut self, id: MessageId, mark: impl FnOnce(&mut Message)) {
        if let Some(message) = self
            .messages
            .iter_mut()
            .rev()
            .find(|message| message.id == id)
        {
            mark(message);
        }
    }

    /// Takes a message out that was never said.
    pub fn remove(&mut self, id: MessageId) {
        self.messages.retain(|message| message.id != id);
    }

    /// The last message by this role, if any.
    pub fn last(&self, role: Role) -> Option<&Message> {
        self.messages
            .iter()
            .rev()
            .find(|message| message.role == role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backend_is_told_no_more_of_an_answer_than_was_heard() {
        let message = |id, role, text: &str, heard| Message {
            text: text.to_owned(),
            ending: Ending::Complete,
            heard,
            ..Message::new(MessageId(id), TurnId(1), role, Wall(0))
        };
        let mut transcript = Transcript::default();
        transcript.push(message(1, Role::User, "what is tea", None));
        transcript.push(message(2, Role::Assistant, "Tea is a drink.", Some(6)));
        let earlier = transcript.earlier(0, 100);
        let told: Vec<_> = earlier.iter().map(|said| said.text.as_str()).collect();
        assert_eq!(told, ["what is tea", "Tea is"]);
    }
}
