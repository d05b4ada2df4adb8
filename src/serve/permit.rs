//! Which tools may be used: what the settings say, and what the user has said since.

use crate::core::backend::{Permission, Rule};
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

/// What a list says about all tools of a server.
const ALL: &str = "*";

/// So many permissions for conversations are remembered.
const CONVERSATIONS: usize = 1_000;

/// The tools of one server that need no asking, and those that may not be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    pub allow: Vec<String>,
    pub never: Vec<String>,
}

/// Writes down what the user wants from now on: the server (empty: ours) and its lists. It may
/// wait for a disk.
pub type Remember = Arc<dyn Fn(&str, &Lists) + Send + Sync>;

/// What may be used.
pub struct Permits {
    said: Mutex<Said>,
    remember: Remember,
}

#[derive(Default)]
struct Said {
    /// By the name of the server; ours have none.
    lists: BTreeMap<String, Lists>,
    /// Conversation, server and tool.
    conversations: HashSet<(String, String, String)>,
}

impl Default for Permits {
    /// Everything is asked for, and nothing written down.
    fn default() -> Self {
        Self::new(BTreeMap::new(), Arc::new(|_server, _lists| {}))
    }
}

impl Permits {
    /// What the settings say, and where to write down what the user says.
    pub fn new(lists: BTreeMap<String, Lists>, remember: Remember) -> Self {
        let said = Said {
            lists,
            ..Said::default()
        };
        Self {
            said: Mutex::new(said),
            remember,
        }
    }

    /// May this tool be used in this conversation?
    pub(super) fn rule(&self, server: &str, tool: &str, conversation: &str) -> Rule {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let named = |list: &[String]| list.iter().any(|one| one == tool || one == ALL);
        let key = || (conversation.to_owned(), server.to_owned(), tool.to_owned());
        match said.lists.get(server) {
            Some(lists) if named(&lists.never) => Rule::Never,
            Some(lists) if named(&lists.allow) => Rule::Allowed,
            _ if said.conversations.contains(&key()) => Rule::Allowed,
            _ => Rule::Ask,
        }
    }

    /// The user has decided.
    pub(super) fn decide(
        &self,
        server: &str,
        tool: &str,
        conversation: &str,
        decision: Permission,
    ) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let allow = match decision {
            Permission::Once | Permission::No => return,
            Permission::Conversation => {
                if said.conversations.len() == CONVERSATIONS {
                    said.conversations.clear();
                }
                let key = (conversation.to_owned(), server.to_owned(), tool.to_owned());
                said.conversations.insert(key);
                return;
            }
            Permission::Always => true,
            Permission::Never => false,
        };
        let lists = said.lists.entry(server.to_owned()).or_default();
        lists.allow.retain(|one| one != tool);
        lists.never.retain(|one| one != tool);
        let list = if allow {
            &mut lists.allow
        } else {
            &mut lists.never
        };
        list.push(tool.to_owned());
        let lists = lists.clone();
        drop(said);
        let (remember, server) = (Arc::clone(&self.remember), server.to_owned());
        // It is done in its time; what is decided holds from now on all the same.
        drop(tokio::task::spawn_blocking(move || {
            remember(&server, &lists);
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(allow: &[&str], never: &[&str]) -> Lists {
        let owned = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect();
        Lists {
            allow: owned(allow),
            never: owned(never),
        }
    }

    #[tokio::test]
    async fn what_is_said_holds_as_long_as_was_said() {
        let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
        let settings = [
            ("files".to_owned(), lists(&["read"], &["wipe"])),
            ("open".to_owned(), lists(&["*"], &["close"])),
        ];
        let remember: Remember = Arc::new(move |server, lists| {
            told.send((server.to_owned(), lists.clone())).unwrap();
        });
        let permits = Permits::new(BTreeMap::from(settings), remember);
        let table = [
            ("files", "read", Rule::Allowed),
            ("files", "write", Rule::Ask),
            ("files", "wipe", Rule::Never),
            ("open", "anything", Rule::Allowed),
            ("open", "close", Rule::Never),
            ("other", "read", Rule::Ask),
            ("", "clipboard", Rule::Ask),
        ];
        for (server, tool, rule) in table {
            assert_eq!(permits.rule(server, tool, "c"), rule, "{server} {tool}");
        }
        for (decision, here, elsewhere) in [
            (Permission::Once, Rule::Ask, Rule::Ask),
            (Permission::No, Rule::Ask, Rule::Ask),
            (Permission::Conversation, Rule::Allowed, Rule::Ask),
            (Permission::Never, Rule::Never, Rule::Never),
            (Permission::Always, Rule::Allowed, Rule::Allowed),
        ] {
            permits.decide("files", "write", "c", decision);
            assert_eq!(permits.rule("files", "write", "c"), here, "{decision:?}");
            assert_eq!(permits.rule("files", "write", "d"), elsewhere);
        }
        let files = "files".to_owned();
        let written = [heard.recv().await.unwrap(), heard.recv().await.unwrap()];
        let never = (files.clone(), lists(&["read"], &["wipe", "write"]));
        let always = (files, lists(&["read", "write"], &["wipe"]));
        assert!(
            written.contains(&never) && written.contains(&always),
            "{written:?}"
        );
    }
}
