//! What we ask the store to remember and find, and what it answers. The store itself is `store`.

use super::backend::{Say, Usage};
use super::browser::{Entry, Glimpse, Peek, Sought};
use super::compare::Difference;
use super::ids::{ConversationId, MessageId, TurnId};
use super::past::Count;
use super::talk::Grip;
use super::time::Wall;
use super::transcript::{Above, Message};
use serde::{Deserialize, Serialize};

/// A wish to the store. Wishes are carried out one after another, in the order they were made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Keep {
    /// Write this message, or what became of it; the conversation is created with the first one.
    Message {
        conversation: ConversationId,
        persona: Option<String>,
        message: Message,
    },
    /// Write this message of another program, unless that has done so.
    Shared {
        conversation: ConversationId,
        persona: Option<String>,
        message: Message,
    },
    /// Write the user's words, which wait to be said: they are kept until they are confirmed.
    Question {
        persona: Option<String>,
        message: Message,
        say: Box<Say>,
    },
    /// The backend has these words. The answer that begins takes their place, so that whoever ends
    /// now is told later that it was cut.
    Confirmed {
        turn: TurnId,
        reply: Option<Box<Message>>,
    },
    /// The user takes back words that were never said.
    TakeBack {
        conversation: ConversationId,
        message: MessageId,
        turn: TurnId,
    },
    /// Hand out those of these recordings that belong to no message.
    Unclaimed { clips: Vec<(TurnId, u32)> },
    /// Hand out what waits to be said since an earlier run.
    LoadOutbox,
    /// Write when each stage of a turn was reached.
    Turn {
        conversation: ConversationId,
        turn: TurnTimes,
    },
    /// Keep what stands in the composer, so that a restart finds it again.
    Draft { text: String },
    /// Give a conversation a name.
    Rename {
        conversation: ConversationId,
        title: String,
    },
    /// Count what became of the line to a backend.
    Line {
        backend: String,
        count: Count,
        at: Wall,
    },
    /// Keep how a terminal tells of a held key.
    Grip { terminal: String, grip: Grip },
    /// Tell no brain any more what was said in a conversation so far.
    Forget { conversation: ConversationId },
    /// Take a conversation out of sight; it can be brought back until it is purged.
    Delete {
        conversation: ConversationId,
        at: Wall,
    },
    /// Bring back what was deleted last, if that was not before this moment.
    Undelete { since: Wall },
    /// Forget for good what was deleted before this moment.
    Purge { before: Wall },
    /// Put a conversation at the top of the list, or back to its place.
    Pin { conversation: ConversationId },
    /// Hand out the newest messages, or those before a position.
    Load {
        conversation: ConversationId,
        before: Option<i64>,
        limit: usize,
        /// As many more as it takes to reach back to this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        back_to: Option<MessageId>,
    },
    /// Copy what was said before a message, or everything, into a new conversation.
    Branch {
        from: ConversationId,
        before: Option<MessageId>,
        into: ConversationId,
        at: Wall,
    },
    /// Tell which conversations are versions of this one.
    Versions { conversation: ConversationId },
    /// Say where two conversations part, and what each says from there on.
    Compare {
        one: ConversationId,
        other: ConversationId,
    },
    /// List conversations, those that hold certain words.
    Browse(Sought),
    /// Hand out a little of what was said in a conversation.
    Peek { peek: Peek, limit: usize },
    /// Hand out the kept draft.
    LoadDraft,
    /// Hand out what is known of a terminal.
    LoadGrip { terminal: String },
}

/// The store's answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Kept {
    /// This revision of the message is written and safe.
    Message {
        message: MessageId,
        revision: u32,
    },
    Loaded {
        conversation: Summary,
        /// Oldest first.
        messages: Vec<Message>,
        above: Option<Above>,
        /// The `before` of the question: `None` for the newest messages.
        before: Option<i64>,
    },
    Browsed {
        sought: Sought,
        entries: Vec<Entry>,
        /// There are more than were asked for.
        more: bool,
    },
    Peeked(Glimpse),
    Versions {
        conversation: ConversationId,
        /// Itself among them, the oldest first.
        versions: Vec<ConversationId>,
    },
    Compared {
        one: ConversationId,
        other: ConversationId,
        difference: Box<Difference>,
    },
    Pinned {
        conversation: ConversationId,
        pinned: bool,
    },
    Renamed {
        conversation: ConversationId,
        title: String,
    },
    Deleted {
        conversation: ConversationId,
    },
    /// It is back, if there was one.
    Undeleted(Option<Summary>),
    /// Conversations are gone for good; these recordings of theirs are not needed any more.
    Purged(Vec<TurnId>),
    Draft(String),
    /// What is known of a terminal: nothing of a new one.
    Grip {
        terminal: String,
        grip: Grip,
    },
    Outbox(Vec<Waiting>),
    /// These recordings, and their milliseconds, belong to no message.
    Unclaimed(Vec<(TurnId, u32)>),
    /// It could not be done; nothing that was stored before is harmed.
    Trouble {
        keep: Box<Keep>,
        trouble: StoreTrouble,
    },
}

/// Words that wait to be said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    pub say: Say,
    /// The message that shows them.
    pub question: MessageId,
    /// How often the line was lost just after they were sent.
    pub losses: u8,
    /// What is heard in the recording goes into the composer.
    #[serde(default)]
    pub dictated: bool,
}

/// One conversation in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub id: ConversationId,
    pub title: String,
    pub persona: Option<String>,
    pub started: Wall,
    pub used: Wall,
    pub messages: usize,
    /// So many of them, the first ones, no brain is told of any more.
    #[serde(default)]
    pub forgotten: usize,
}

/// One message that matched a search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub conversation: ConversationId,
    pub title: String,
    pub message: MessageId,
    pub at: Wall,
    pub role: super::transcript::Role,
    /// A piece of the message around the match.
    pub excerpt: String,
    /// Byte ranges of `excerpt` that matched, for emphasis.
    pub marks: Vec<(usize, usize)>,
}

/// When each stage of a turn was reached, in milliseconds since the user sent it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnTimes {
    pub turn: Option<TurnId>,
    pub stages: Vec<(String, u64)>,
    /// `done`, `cut` or `failed`.
    pub outcome: String,
    pub at: Wall,
    /// What was spoken of the answer, and when each of it began, counted like the stages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub said: Vec<(u64, String)>,
    /// What the backend counts for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}

/// Why the store could not do something, told apart by what helps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StoreTrouble {
    /// No space, or over the quota.
    Full,
    /// The file or its folder cannot be written.
    ReadOnly,
    /// Another program holds it for too long.
    Busy,
    /// No such conversation.
    Unknown,
    /// The file is not a database of ours or is damaged.
    Damaged {
        why: String,
    },
    /// The file was written by a newer version of the program.
    TooNew {
        found: i64,
        known: i64,
    },
    Other {
        why: String,
    },
}
