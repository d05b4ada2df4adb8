//! Two versions of a conversation beside each other, from where they part.

use super::ids::ConversationId;
use super::transcript::Message;
use serde::{Deserialize, Serialize};

/// So many messages of each are compared.
pub const MOST: usize = 100;

/// Where two conversations part, and what each says from there on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// So many messages, the first ones, are the same in both.
    pub same: usize,
    pub ours: Vec<Message>,
    pub theirs: Vec<Message>,
}

impl Difference {
    /// Compares two conversations, the oldest message first.
    pub fn of(ours: Vec<Message>, theirs: Vec<Message>) -> Self {
        let alike =
            |(one, other): &(&Message, &Message)| one.role == other.role && one.text == other.text;
        let same = ours.iter().zip(&theirs).take_while(alike).count();
        let rest = |all: Vec<Message>| all.into_iter().skip(same).take(MOST).collect();
        Self {
            same,
            ours: rest(ours),
            theirs: rest(theirs),
        }
    }
}

/// The page on which they are compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The version that is not open.
    pub other: ConversationId,
    /// `None` while it is read.
    pub found: Option<Difference>,
}

#[cfg(test)]
mod tests {
    use super::super::ids::{MessageId, TurnId};
    use super::super::time::Wall;
    use super::super::transcript::Role;
    use super::*;

    fn said(texts: &[&str]) -> Vec<Message> {
        let messages = (0..).zip(texts).map(|(n, text)| Message {
            text: (*text).to_owned(),
            ..Message::new(MessageId(n), TurnId(n), Role::User, Wall(0))
        });
        messages.collect()
    }

    #[test]
    fn versions_part_at_the_first_message_that_differs() {
        for (ours, theirs, same, left) in [
            (&["a", "b", "c"][..], &["a", "x"][..], 1, (2, 1)),
            (&["a"], &["a", "b"], 1, (0, 1)),
            (&["a"], &["a"], 1, (0, 0)),
            (&[], &["a"], 0, (0, 1)),
        ] {
            let found = Difference::of(said(ours), said(theirs));
            assert_eq!(
                (found.same, (found.ours.len(), found.theirs.len())),
                (same, left)
            );
        }
        let long = vec!["x"; 500];
        assert_eq!(Difference::of(said(&long), said(&["a"])).ours.len(), MOST);
    }
}
