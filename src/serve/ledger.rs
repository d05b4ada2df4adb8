//! Keeps what is said with clients that are elsewhere, in the store of this backend: the next run
//! knows it, however this one ends. Clients within this program keep it themselves.

use super::House;
use super::memory::Answer;
use crate::core::ids::{ConversationId, MessageId, TurnId};
use crate::core::time::Wall;
use crate::core::transcript::{Ending, Message, Role};
use crate::store::{Later, Said};
use sha2::{Digest, Sha256};

/// Why a kept answer is not whole. Programs read it, and nobody else.
const CUT: &str = "interrupted";

impl House {
    /// Under which name the store knows a conversation. `None`: it is none of the store's.
    pub(super) fn kept_as(&self, conversation: &str) -> Option<ConversationId> {
        let parsed = conversation.parse().ok();
        parsed.or_else(|| {
            let name = || ConversationId(name("conversation", conversation));
            self.served.elsewhere.then(name)
        })
    }

    /// Keeps a question. It is written in its time, before everything that is kept after it.
    pub(super) fn keep_question(&self, conversation: &str, turn: &str, text: &str) {
        if self.served.elsewhere {
            let mut message = self.message(conversation, turn, Role::User, text);
            message.ending = Ending::Complete;
            drop(self.write(conversation, turn, message));
        }
    }

    /// Keeps an answer, and comes back when it is safe. `false`: it is not, or not yet.
    pub(super) async fn keep_answer(
        &self,
        conversation: &str,
        turn: &str,
        answer: &Answer,
    ) -> bool {
        if !self.served.elsewhere {
            return true;
        }
        let kept = self.written(conversation, turn, answer).await;
        if let Err(error) = &kept {
            tracing::warn!("an answer is not kept: {error}");
        }
        kept.is_ok()
    }

    /// Keeps what was sent of an answer that came to no end.
    pub(super) fn keep_cut(&self, conversation: &str, turn: &str, answer: &Answer) {
        if self.served.elsewhere {
            drop(self.written(conversation, turn, answer));
        }
    }

    /// No more of an answer was heard than this: no more of it is remembered, here or elsewhere.
    pub(super) fn heard(&self, conversation: &str, turn: &str, heard: &str) {
        let left = self.memory().heard(conversation, turn, heard).cloned();
        if let Some(left) = left {
            self.keep_cut(conversation, turn, &left);
        }
    }

    fn written(&self, conversation: &str, turn: &str, answer: &Answer) -> Later<()> {
        let mut message = self.message(conversation, turn, Role::Assistant, &answer.text);
        message.by.clone_from(&answer.by);
        message.ending = if answer.cut {
            Ending::Cut(CUT.to_owned())
        } else {
            Ending::Complete
        };
        message.revision = 1;
        self.write(conversation, turn, message)
    }

    fn message(&self, conversation: &str, turn: &str, role: Role, text: &str) -> Message {
        let id = message_name(role, conversation, turn);
        let full = format!("{conversation}\0{turn}");
        let turn = turn.parse().unwrap_or_else(|_| TurnId(name("turn", &full)));
        let at = Wall((self.clock)().timestamp().as_millisecond());
        let mut message = Message::new(id, turn, role, at);
        text.clone_into(&mut message.text);
        message
    }

    fn write(&self, conversation: &str, turn: &str, message: Message) -> Later<()> {
        let id = self.kept_as(conversation);
        self.store.write(Said {
            conversation: id.unwrap_or_else(|| ConversationId(name("conversation", conversation))),
            turn: turn.to_owned(),
            question: message_name(Role::User, conversation, turn),
            message,
        })
    }
}

/// Two conversations may have a message of the same name.
fn message_name(role: Role, conversation: &str, turn: &str) -> MessageId {
    MessageId(name(
        &format!("{role:?}"),
        &format!("{conversation}\0{turn}"),
    ))
}

/// A name of 128 bits for a name of any length: always the same for the same.
pub(super) fn name(kind: &str, text: &str) -> u128 {
    let digest = Sha256::new()
        .chain_update(kind)
        .chain_update([0])
        .chain_update(text)
        .finalize();
    digest
        .iter()
        .take(16)
        .fold(0, |name, byte| name << 8 | u128::from(*byte))
}
