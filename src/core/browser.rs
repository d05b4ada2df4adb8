//! The earlier conversations: a list that is searched as one types, and a glimpse of the chosen one.
//!
//! Decides which entry is chosen and what to ask the store next. One question of each kind is
//! under way at a time, and what has changed since is asked behind it: a fast typist or a held
//! arrow leaves no queue of searches nobody waits for.

use super::action::Plain;
use super::composer::{Applied, Composer};
use super::ids::{ConversationId, MessageId};
use super::picker::one_line;
use super::record::{Keep, Summary};
use super::transcript::Role;
use serde::{Deserialize, Serialize};

/// So many are asked for at first, and twice as many whenever the choice comes near the end.
pub const FIRST: usize = 60;
const NEAR: usize = 30;
/// So many messages make a glimpse.
const GLIMPSE: usize = 12;
/// A glimpse stands beside the list on a screen of so many columns and rows.
const ROOM: (u16, u16) = (90, 14);
/// How many characters of a paste enter the query.
const LONGEST_PASTE: usize = 1000;

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sought {
    pub words: String,
    pub limit: usize,
}

/// One conversation in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub summary: Summary,
    pub pinned: bool,
    /// Where in it the words were said last, if they were.
    pub hit: Option<Hit>,
}

/// A message that holds what is looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    pub message: MessageId,
    pub role: Role,
    /// A piece of the message around the match.
    pub excerpt: String,
    /// Byte ranges of `excerpt` that matched, for emphasis.
    pub marks: Vec<(usize, usize)>,
    /// So many messages of the conversation hold it, of those that were looked at.
    pub count: usize,
}

/// What is to be glimpsed: a conversation's end, or what was said from a message on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peek {
    pub conversation: ConversationId,
    pub message: Option<MessageId>,
}

/// A little of what was said in a conversation, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Glimpse {
    pub of: Peek,
    pub said: Vec<(Role, String)>,
}

/// The list of earlier conversations.
#[derive(Clone, Debug, PartialEq)]
pub struct Browser {
    pub query: Composer,
    pub entries: Vec<Entry>,
    /// Index into `entries`.
    pub chosen: usize,
    /// There are more than these.
    pub more: bool,
    /// The new title of the chosen conversation, while it is being written.
    pub title: Option<Composer>,
    pub glimpse: Option<Glimpse>,
    /// What the entries answer; `None` until they do.
    pub shown: Option<Sought>,
    /// The conversation that is open behind the list.
    open: ConversationId,
    limit: usize,
    asked: Option<Sought>,
    /// The store has changed since.
    stale: bool,
    peeking: Option<Peek>,
}

impl Browser {
    /// A list that begins with a search for these words, or with everything.
    pub fn new(words: &str, open: ConversationId) -> Self {
        let mut query = Composer::default();
        query.insert(&one_line(words));
        Self {
            query,
            entries: vec![],
            chosen: 0,
            more: false,
            title: None,
            glimpse: None,
            shown: None,
            open,
            limit: FIRST,
            asked: None,
            stale: false,
            peeking: None,
        }
    }

    /// What to ask the store now, on a screen of this size.
    pub fn next(&mut self, size: (u16, u16)) -> Vec<Keep> {
        let mut keeps = vec![];
        let words = self.query.text().trim();
        let sought = Sought {
            words: words.to_owned(),
            limit: self.limit,
        };
        if self.asked.is_none() && (self.stale || self.shown.as_ref() != Some(&sought)) {
            self.stale = false;
            self.asked = Some(sought.clone());
            keeps.push(Keep::Browse(sought));
        }
        let wish = self.chosen().map(|entry| Peek {
            conversation: entry.summary.id,
            message: entry.hit.as_ref().map(|hit| hit.message),
        });
        let known = self.glimpse.as_ref().map(|glimpse| glimpse.of);
        if let (Some(peek), None, true) = (wish, self.peeking, glimpses(size))
            && known != wish
        {
            self.peeking = Some(peek);
            keeps.push(Keep::Peek {
                peek,
                limit: GLIMPSE,
            });
        }
        keeps
    }

    /// The store answered.
    pub fn listed(&mut self, sought: Sought, entries: Vec<Entry>, more: bool) {
        if self.asked.as_ref() != Some(&sought) {
            return;
        }
        self.asked = None;
        let before = self.chosen().map(|entry| entry.summary.id);
        let same = self.shown.as_ref().map(|shown| &shown.words) == Some(&sought.words);
        let keep = match before {
            Some(before) if same => Some(before),
            _ if sought.words.is_empty() => Some(self.open),
            _ => None,
        };
        let place = entries
            .iter()
            .position(|entry| Some(entry.summary.id) == keep);
        let last = entries.len().saturating_sub(1);
        self.chosen = place.unwrap_or(if same { self.chosen.min(last) } else { 0 });
        (self.entries, self.more, self.shown) = (entries, more, Some(sought));
    }

    /// A glimpse came.
    pub fn glimpsed(&mut self, glimpse: Glimpse) {
        if self.peeking == Some(glimpse.of) {
            self.peeking = None;
            self.glimpse = Some(glimpse);
        }
    }

    /// The store has changed: what is shown is asked for again.
    pub const fn changed(&mut self) {
        self.stale = true;
    }

    /// The entry that enter opens.
    pub fn chosen(&self) -> Option<&Entry> {
        self.entries.get(self.chosen)
    }

    /// Moves the choice by so many entries, negative for up, and stops at the ends.
    pub fn choose(&mut self, by: isize) {
        let last = self.entries.len().saturating_sub(1);
        self.chosen = self.chosen.saturating_add_signed(by).min(last);
        if self.more && self.chosen + NEAR > last {
            self.limit = self.entries.len().max(FIRST) * 2;
        }
    }

    /// Types into what is being written: the new title, or the query.
    pub fn insert(&mut self, text: &str) {
        let text: String = one_line(text).chars().take(LONGEST_PASTE).collect();
        self.written().insert(&text);
        self.edited();
    }

    /// Looks for other words.
    pub fn seek(&mut self, words: &str) {
        (self.title, self.query) = (None, Composer::default());
        self.insert(words);
    }

    /// It shows the answer to what is looked for.
    pub fn is_answered(&self) -> bool {
        let shown = self.shown.as_ref().map(|shown| shown.words.as_str());
        !self.stale && shown == Some(self.query.text().trim())
    }

    /// Edits what is being written. It has one line, so what moves between lines is left to the
    /// caller.
    pub fn edit(&mut self, edit: Plain) -> Applied {
        if matches!(
            edit,
            Plain::Newline | Plain::Up | Plain::Down | Plain::OlderInput | Plain::NewerInput
        ) {
            return Applied::Unhandled;
        }
        let applied = self.written().apply(edit);
        self.edited();
        applied
    }

    /// Begins to write another title for the chosen conversation.
    pub fn retitle(&mut self) {
        if let Some(entry) = self.chosen() {
            let mut title = Composer::default();
            title.insert(&one_line(&entry.summary.title));
            self.title = Some(title);
        }
    }

    fn written(&mut self) -> &mut Composer {
        self.title.as_mut().unwrap_or(&mut self.query)
    }

    fn edited(&mut self) {
        let shown = self.shown.as_ref().map(|shown| shown.words.as_str());
        if shown.is_some_and(|shown| shown != self.query.text().trim()) {
            self.limit = FIRST;
        }
    }
}

/// Whether a screen of this size has room for a glimpse beside the list.
pub const fn glimpses(size: (u16, u16)) -> bool {
    size.0 >= ROOM.0 && size.1 >= ROOM.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::time::Wall;

    const WIDE: (u16, u16) = (100, 30);

    fn entry(id: u128) -> Entry {
        Entry {
            summary: Summary {
                id: ConversationId(id),
                title: format!("the {id}th"),
                persona: None,
                started: Wall(0),
                used: Wall(0),
                messages: 1,
                forgotten: 0,
            },
            pinned: false,
            hit: None,
        }
    }

    fn entries(ids: impl IntoIterator<Item = u128>) -> Vec<Entry> {
        ids.into_iter().map(entry).collect()
    }

    fn sought(words: &str, limit: usize) -> Sought {
        Sought {
            words: words.into(),
            limit,
        }
    }

    #[test]
    fn a_fast_typist_leaves_one_question_and_the_last_words_are_asked_behind_it() {
        let mut browser = Browser::new("", ConversationId(1));
        assert_eq!(browser.next(WIDE), [Keep::Browse(sought("", FIRST))]);
        for letter in ["t", "e", "a"] {
            browser.insert(letter);
            assert_eq!(browser.next(WIDE), []);
        }
        browser.listed(sought("", FIRST), vec![], false);
        assert_eq!(browser.next(WIDE), [Keep::Browse(sought("tea", FIRST))]);
        browser.listed(sought("te", FIRST), entries([1]), false);
        assert!(browser.entries.is_empty(), "nobody asked that");
        browser.listed(sought("tea", FIRST), vec![], false);
        assert_eq!(browser.next(WIDE), []);
    }

    #[test]
    fn a_glimpse_is_asked_for_where_it_has_room_and_one_at_a_time() {
        let mut browser = Browser::new("", ConversationId(9));
        browser.next(WIDE);
        browser.listed(sought("", FIRST), entries([1, 2, 3]), false);
        assert_eq!(browser.next((89, 30)), []);
        let peek = |id| Peek {
            conversation: ConversationId(id),
            message: None,
        };
        let keep = |id| Keep::Peek {
            peek: peek(id),
            limit: GLIMPSE,
        };
        assert_eq!(browser.next(WIDE), [keep(1)]);
        browser.choose(1);
        browser.choose(1);
        assert_eq!(browser.next(WIDE), []);
        let of = peek(1);
        browser.glimpsed(Glimpse { of, said: vec![] });
        assert_eq!(browser.next(WIDE), [keep(3)]);
    }

    #[test]
    fn the_list_grows_as_its_end_comes_near_and_the_choice_stays() {
        let mut browser = Browser::new("", ConversationId(9));
        browser.next((40, 12));
        browser.listed(sought("", FIRST), entries(0..60), true);
        browser.choose(10);
        assert_eq!(browser.next((40, 12)), []);
        browser.choose(25);
        assert_eq!(browser.next((40, 12)), [Keep::Browse(sought("", 120))]);
        browser.listed(sought("", 120), entries((0..99).rev()), false);
        assert_eq!(browser.chosen(), Some(&entry(44)));
    }

    #[test]
    fn the_open_conversation_is_chosen_at_first_and_the_neighbour_of_one_that_went() {
        let mut browser = Browser::new("", ConversationId(2));
        browser.next((40, 12));
        browser.listed(sought("", FIRST), entries([1, 2, 3]), false);
        assert_eq!(browser.chosen, 1);
        browser.changed();
        assert_eq!(browser.next((40, 12)), [Keep::Browse(sought("", FIRST))]);
        browser.listed(sought("", FIRST), entries([1, 3]), false);
        assert_eq!(browser.chosen(), Some(&entry(3)));
    }

    #[test]
    fn a_title_is_written_in_the_place_of_the_query() {
        let mut browser = Browser::new("x", ConversationId(2));
        browser.next((40, 12));
        browser.listed(sought("x", FIRST), entries([1]), false);
        browser.retitle();
        browser.insert("\nmore");
        let title = browser.title.as_ref().map(Composer::text);
        assert_eq!(title, Some("the 1th more"));
        assert_eq!(browser.query.text(), "x");
    }
}
