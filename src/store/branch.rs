//! Copies conversations up to some message, and knows which are versions of each other.

use super::messages::id;
use super::{Store, StoreError, segment};
use crate::core::compare::Difference;
use crate::core::ids::{ConversationId, MessageId};
use crate::core::time::Wall;
use rusqlite::{OptionalExtension, TransactionBehavior, params};

impl Store {
    /// Copies what was said before a message, or everything, into a new conversation. Recordings
    /// stay where they were made.
    pub fn branch(
        &mut self,
        from: ConversationId,
        before: Option<MessageId>,
        into: ConversationId,
        at: Wall,
    ) -> Result<(), StoreError> {
        let end = match before {
            Some(message) => {
                let number = self.number_of(from, message);
                Some(self.told(number)?.ok_or(StoreError::Unknown)?)
            }
            None => None,
        };
        let made = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|transaction| {
                // Where nothing is left of it, its next words name it.
                let made = transaction
                    .prepare_cached(
                        "INSERT INTO conversations
                             (id, title, persona, started, used, forgotten, origin)
                         SELECT ?2, iif(?3 = 1, '', title), persona, ?4, ?4,
                             min(forgotten, coalesce(?3 - 1, forgotten)), coalesce(origin, id)
                         FROM conversations WHERE id = ?1",
                    )?
                    .execute(params![from.to_string(), into.to_string(), end, at.0])?;
                let copied = transaction
                    .prepare_cached(
                        "SELECT position, id FROM messages
                         WHERE conversation = ?1 AND number < coalesce(?2, number + 1)
                         ORDER BY number",
                    )?
                    .query_map(params![from.to_string(), end], |row| {
                        Ok((row.get("position")?, id(row, "id")?))
                    })?
                    .collect::<rusqlite::Result<Vec<(i64, MessageId)>>>()?;
                for (position, message) in copied {
                    // Any name will do that no other message has.
                    let name = MessageId(message.0 ^ into.0);
                    let (place, text): (i64, String) = transaction
                        .prepare_cached(
                            "INSERT INTO messages (conversation, id, number, turn, role, text,
                                 reasoning, tools, by, at, ending, why, revision, heard)
                             SELECT ?2, ?3, number, turn, role, text, reasoning, tools, by, at,
                                 ending, why, revision, heard
                             FROM messages WHERE position = ?1
                             RETURNING position, text",
                        )?
                        .query_row(
                            params![position, into.to_string(), name.to_string()],
                            |row| Ok((row.get(0)?, row.get(1)?)),
                        )?;
                    transaction
                        .prepare_cached("INSERT INTO messages_fts (rowid, text) VALUES (?1, ?2)")?
                        .execute(params![place, segment::segmented(&text)])?;
                }
                transaction.commit()?;
                Ok(made)
            });
        match self.told(made)? {
            0 => Err(StoreError::Unknown),
            _ => Ok(()),
        }
    }

    /// Where two conversations part, and what each says from there on.
    pub fn compare(
        &self,
        one: ConversationId,
        other: ConversationId,
    ) -> Result<Difference, StoreError> {
        let (ours, _) = self.load(one, None, usize::MAX)?;
        let (theirs, _) = self.load(other, None, usize::MAX)?;
        Ok(Difference::of(ours, theirs))
    }

    /// The conversations that begin like this one, itself among them, the oldest first.
    pub fn versions(
        &self,
        conversation: ConversationId,
    ) -> Result<Vec<ConversationId>, StoreError> {
        let read = || {
            let origin: Option<String> = self
                .connection
                .prepare_cached("SELECT coalesce(origin, id) FROM conversations WHERE id = ?1")?
                .query_row([conversation.to_string()], |row| row.get(0))
                .optional()?;
            self.connection
                .prepare_cached(
                    "SELECT id FROM conversations
                     WHERE (id = ?1 OR origin = ?1) AND deleted IS NULL
                     ORDER BY origin IS NOT NULL, started, id",
                )?
                .query_map([origin], |row| id(row, "id"))?
                .collect()
        };
        self.told(read())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::backend::Clip;
    use crate::core::ids::TurnId;
    use crate::core::transcript::{Ending, Message, Role};

    fn said(n: u128, role: Role, text: &str) -> Message {
        Message {
            text: text.into(),
            ending: Ending::Complete,
            clip: (role == Role::User).then_some(Clip { length_ms: 9 }),
            ..Message::new(MessageId(n), TurnId(n / 2), role, Wall(n as i64))
        }
    }

    #[test]
    fn a_branch_is_a_copy_and_nothing_of_the_first_changes() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut store = Store::open(&folder.path().join("x.db")).unwrap();
        let [first, second, third, fourth] = [1, 2, 3, 4].map(|n| ConversationId(n << 64));
        for (n, role, text) in [
            (2, Role::User, "tea?"),
            (3, Role::Assistant, "yes"),
            (4, Role::User, "which?"),
            (5, Role::Assistant, "green"),
        ] {
            let message = said(n, role, text);
            store.write_message(first, Some("zen"), &message).unwrap();
        }
        let before = store.load(first, None, 9).unwrap();
        store
            .branch(first, Some(MessageId(4)), second, Wall(50))
            .unwrap();
        let white = said(40, Role::User, "which white one?");
        store.write_message(second, None, &white).unwrap();
        store.branch(second, None, third, Wall(60)).unwrap();
        store
            .branch(first, Some(MessageId(2)), fourth, Wall(70))
            .unwrap();
        assert_eq!(store.load(first, None, 9).unwrap(), before);
        let texts = |id| -> Vec<String> {
            let messages = store.load(id, None, 9).unwrap().0.into_iter();
            messages
                .map(|message| format!("{} {}", message.text, message.clip.is_some()))
                .collect()
        };
        let branched = ["tea? false", "yes false", "which white one? true"];
        assert_eq!(texts(second), branched);
        assert_eq!(texts(third).len(), 3);
        assert_eq!(texts(fourth), [""; 0]);
        let summary = store.summary(second).unwrap();
        assert_eq!(
            (summary.title.as_str(), summary.persona),
            ("tea?", Some("zen".into()))
        );
        assert_eq!(store.summary(fourth).unwrap().title, "");
        for id in [first, second, third, fourth] {
            assert_eq!(store.versions(id).unwrap(), [first, second, third, fourth]);
        }
        let found = store.compare(first, second).unwrap();
        let says = |messages: &[Message]| {
            messages
                .iter()
                .map(|one| one.text.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(found.same, 2);
        assert_eq!(says(&found.ours), ["which?", "green"]);
        assert_eq!(says(&found.theirs), ["which white one?"]);
        // What was copied is found, and goes with its copy.
        assert_eq!(store.search("which", 9).unwrap().len(), 3);
        store.delete(first).unwrap();
        assert_eq!(store.versions(third).unwrap(), [second, third, fourth]);
        assert_eq!(store.search("which", 9).unwrap().len(), 2);
    }

    #[test]
    fn what_is_not_there_cannot_be_copied() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut store = Store::open(&folder.path().join("x.db")).unwrap();
        let [one, two] = [1, 2].map(ConversationId);
        for before in [None, Some(MessageId(1))] {
            let branched = store.branch(one, before, two, Wall(1));
            assert!(matches!(branched, Err(StoreError::Unknown)));
        }
        assert_eq!(store.versions(one).unwrap(), []);
        assert_eq!(store.list(9).unwrap(), []);
    }
}
