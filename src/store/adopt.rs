//! Takes in conversations that were held elsewhere. What is here already is left as it is, so that
//! the same file may be read twice.

use super::{Store, StoreError, conversations, messages, titles};
use crate::core::ids::{ConversationId, MessageId};
use crate::core::transcript::Message;
use rusqlite::{Transaction, TransactionBehavior, params};

/// A conversation from elsewhere, under ids that follow from those it had there.
#[derive(Clone, Debug, PartialEq)]
pub struct Adopted {
    pub conversation: ConversationId,
    /// Blank: its first words name it.
    pub title: String,
    pub messages: Vec<Message>,
}

impl Store {
    /// Writes what is new of these, all or nothing. Answers how many conversations and messages
    /// that were.
    pub fn adopt(&mut self, all: &[Adopted]) -> Result<(usize, usize), StoreError> {
        let written = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|transaction| {
                let (mut begun, mut added) = (0, 0);
                for one in all {
                    let new = write(&transaction, one)?;
                    begun += usize::from(new.0);
                    added += new.1;
                }
                transaction.commit()?;
                Ok((begun, added))
            });
        self.told(written)
    }
}

/// Whether the conversation is new, and how many of its messages are.
fn write(transaction: &Transaction<'_>, one: &Adopted) -> rusqlite::Result<(bool, usize)> {
    let id = one.conversation.to_string();
    let known = transaction
        .prepare_cached("SELECT 1 FROM conversations WHERE id = ?1")?
        .exists([&id])?;
    let mut added = 0;
    for message in &one.messages {
        if is_known(transaction, message.id)? {
            continue;
        }
        conversations::touch(transaction, one.conversation, None, message)?;
        messages::write(transaction, one.conversation, message)?;
        added += 1;
    }
    let title = one.title.trim();
    if !known && added > 0 && !title.is_empty() {
        transaction
            .prepare_cached("UPDATE conversations SET title = ?2 WHERE id = ?1")?
            .execute(params![id, title])?;
        titles::write(transaction, &id, title)?;
    }
    Ok((!known && added > 0, added))
}

fn is_known(transaction: &Transaction<'_>, id: MessageId) -> rusqlite::Result<bool> {
    transaction
        .prepare_cached("SELECT 1 FROM messages WHERE id = ?1")?
        .exists([id.to_string()])
}
