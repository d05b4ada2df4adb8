//! A conversation from elsewhere, before it is one of ours.

use crate::core::backend::By;
use crate::core::ids::{ConversationId, MessageId, TurnId};
use crate::core::time::Wall;
use crate::core::transcript::{Ending, Message, Role, Stored};
use crate::store::adopt::Adopted;
use sha2::{Digest, Sha256};

/// A conversation as its file tells it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Foreign {
    /// What it is called there.
    pub id: String,
    pub title: String,
    pub started: Option<Wall>,
    pub said: Vec<Said>,
}

/// One message of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Said {
    pub id: String,
    pub role: Role,
    pub text: String,
    pub at: Option<Wall>,
    pub model: Option<String>,
}

/// The conversation under ids that follow from those it had: the same file gives the same ones.
/// `client` wrote the file; `otherwise` is when, for what has no moment of its own.
pub(super) fn adopted(foreign: &Foreign, client: &str, otherwise: Wall) -> Adopted {
    let id = |kind: &str, name: &str| ours(&[client, &foreign.id, kind, name]);
    let conversation = ConversationId(id("conversation", ""));
    let mut turn = TurnId(id("turn", ""));
    let mut at = foreign.started.unwrap_or(otherwise);
    let mut messages = vec![];
    for said in &foreign.said {
        if said.role == Role::User {
            turn = TurnId(id("turn", &said.id));
        }
        at = said.at.unwrap_or(at);
        messages.push(Message {
            text: said.text.clone(),
            by: said.model.as_ref().map(|model| By {
                brain: client.to_owned(),
                model: Some(model.clone()),
            }),
            ending: Ending::Complete,
            stored: Stored::Yes,
            ..Message::new(MessageId(id("message", &said.id)), turn, said.role, at)
        });
    }
    Adopted {
        conversation,
        title: one_line(&foreign.title),
        messages,
    }
}

/// A title is one line.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn ours(parts: &[&str]) -> u128 {
    let mut hash = Sha256::new();
    for part in parts {
        // With their lengths, so that no two lists of parts are the same text.
        hash.update(part.len().to_le_bytes());
        hash.update(part.as_bytes());
    }
    let hash = hash.finalize();
    hash.iter()
        .take(16)
        .fold(0, |id, byte| (id << 8) | u128::from(*byte))
}
