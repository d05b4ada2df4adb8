//! What a conversation has said so far, for servers that have to be told each time: over HTTP
//! every question stands alone.

use crate::core::backend::Say;
use crate::core::ids::ConversationId;
use crate::core::transcript::Role;
use serde_json::{Value, json};
use std::collections::VecDeque;

/// So many bytes go with a question.
const MOST: usize = 32 * 1024;

/// The last conversation, as far back as it is told.
#[derive(Debug, Default)]
pub(super) struct Memory {
    conversation: Option<ConversationId>,
    /// Who said what, oldest first.
    said: VecDeque<(&'static str, String)>,
}

impl Memory {
    /// The conversation of the last question.
    pub(super) fn conversation(&self) -> Option<ConversationId> {
        self.conversation
    }

    /// What goes along with a question, the question last.
    pub(super) fn with(&mut self, say: &Say) -> Vec<Value> {
        if self.conversation != Some(say.conversation) || !say.history.is_empty() {
            self.conversation = Some(say.conversation);
            self.said.clear();
            for said in &say.history {
                match said.role {
                    Role::User => self.add("user", said.text.clone()),
                    Role::Assistant => self.add("assistant", said.text.clone()),
                    Role::Note => {}
                }
            }
        }
        let told = self.said.iter().map(|(role, text)| (*role, text.as_str()));
        told.chain([("user", say.text.as_str())])
            .map(|(role, text)| json!({ "role": role, "content": text }))
            .collect()
    }

    /// A question was answered, as far as the answer came.
    pub(super) fn keep(&mut self, say: &Say, answer: String) {
        if self.conversation == Some(say.conversation) && !answer.is_empty() {
            self.add("user", say.text.clone());
            self.add("assistant", answer);
        }
    }

    /// The conversation begins anew.
    pub(super) fn forget(&mut self, conversation: ConversationId) {
        if self.conversation == Some(conversation) {
            self.said.clear();
        }
    }

    fn add(&mut self, role: &'static str, text: String) {
        self.said.push_back((role, text));
        let mut size: usize = self.said.iter().map(|(_, text)| text.len()).sum();
        while size > MOST
            && let Some((_, oldest)) = self.said.pop_front()
        {
            size -= oldest.len();
        }
    }
}
