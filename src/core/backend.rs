//! What we may say to a backend and what we may hear from it, whatever language it speaks.
//!
//! `wire` translates both ways; nothing else in the program knows a protocol.

use super::ids::{ConversationId, TurnId};
use super::sound::Speech;
use super::time::Moment;
use super::transcript::Role;
use super::words::Lang;
use serde::{Deserialize, Serialize};

/// The code of the trouble that a backend does not cut the turns of calls after all.
pub const NO_TURNS: &str = "turn_detection";

/// The capability of a backend that tells what is said in a conversation with others.
pub const SHARED: &str = "shared";

/// The capability of a backend that hears or speaks with what this machine lends it.
pub const LENT: &str = "lent";

/// From us to the backend.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Up {
    /// The user's words, to be answered.
    Say(Say),
    /// Read these words aloud.
    Read {
        turn: TurnId,
        conversation: ConversationId,
        text: String,
        voice: VoiceWish,
    },
    /// Stop answering this turn, or hearing its recording. `heard`: so much of the answer was
    /// heard, as it was spoken; `None` where nothing is known of that.
    Interrupt {
        turn: TurnId,
        conversation: ConversationId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        heard: Option<String>,
    },
    /// Ask which brains there are; `again` looks for them anew.
    AskBrains { again: bool },
    /// Ask how the backend is.
    AskStatus,
    /// Ask our own side of the language what it has seen of the backend's habits.
    AskHabits { lang: Lang },
    /// What became of an errand of this turn.
    Report {
        turn: TurnId,
        errand: String,
        outcome: Result<String, String>,
    },
    /// Ask which tools there are; `again` starts those servers anew that have failed.
    AskTools { again: bool },
    /// Ask what was sent to the brain for this turn.
    AskPrompt { turn: TurnId },
    /// Forget what was said in this conversation.
    Forget { conversation: ConversationId },
    /// Tell us what is said in this conversation with others, of late and from here on.
    Join { conversation: ConversationId },
    /// Sign of life in the backend's own language.
    Beat,
    /// We take what the backend began by itself, and whether it is to be spoken.
    Follow {
        turn: TurnId,
        voice: Option<VoiceWish>,
    },
    /// In a call whose turns the backend cuts: what is said next has this name.
    Attend { turn: TurnId },
    /// What came of a [`Down::Call`].
    Result {
        id: String,
        outcome: Result<String, String>,
    },
}

/// One thing said by the user, with everything its answer depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Say {
    pub turn: TurnId,
    pub conversation: ConversationId,
    pub text: String,
    /// Who should answer (a persona's id); `None` leaves it to the backend.
    pub persona: Option<String>,
    /// Which brain should answer: `auto`, `builtin`, `local`,
    /// `model:NAME` or a base URL. `None`: the backend's choice.
    pub brain: Option<String>,
    /// Which model of that brain.
    pub model: Option<String>,
    /// May the brain use tools?
    pub tools: bool,
    /// Is somebody there who can be asked, and who does what only this end can do?
    #[serde(default)]
    pub errands: bool,
    /// What the program itself and its backend are to say about it is said in this language.
    #[serde(default)]
    pub lang: Lang,
    /// Speak the answer, and how; `None`: it is only written.
    #[serde(default)]
    pub voice: Option<VoiceWish>,
    /// The recording in which it was said. As long as `text` is empty it has yet to be heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip: Option<Clip>,
    /// What was said before, oldest first, where the backend may not have heard it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Earlier>,
}

/// How an answer is to be spoken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VoiceWish {
    /// Who speaks; `None` is the backend's choice.
    pub voice: Option<String>,
    /// 1 is the usual speed.
    pub speed: f32,
    /// What speaks, where the backend has several; `None` is its choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
}

/// A recording that is kept under the name of its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clip {
    pub length_ms: u32,
}

/// One thing said earlier, as a brain needs to know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    pub turn: TurnId,
    pub role: Role,
    pub text: String,
    /// It ended early.
    pub cut: bool,
    /// Who said it, where that is known.
    pub by: Option<By>,
}

/// What stands for words of a recording that nobody has told us. They may still be told later.
pub const UNTOLD: &str = "🎤";

/// From the backend to us. What cannot be read arrives as `Unreadable`, never as a dead line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Down {
    /// The backend's first word; the line is up from here on.
    Greeting(Greeting),
    /// A beat or a ping was answered.
    Beat,
    /// In a call whose turns the backend cuts: somebody begins to speak.
    Began,
    /// The backend has a recording and makes words of it. In a call whose turns it cuts, somebody's
    /// turn is over.
    Hearing { turn: Option<TurnId> },
    /// What the words of a recording seem to be, so far.
    Partial { turn: Option<TurnId>, text: String },
    /// The words of a recording; none if nobody spoke.
    Transcript { turn: Option<TurnId>, text: String },
    /// The answer is spoken. It goes to the loudspeaker and never through the model.
    Speech(Speech),
    /// The backend has the words and thinks. Not every backend says for which turn.
    Thinking { turn: Option<TurnId> },
    /// More of the answer.
    Text { turn: Option<TurnId>, more: String },
    /// More of the model's thinking aloud: shown dim, never spoken, never part of the answer.
    Reasoning { turn: Option<TurnId>, more: String },
    /// The model is still being loaded; the wait is normal.
    Loading { turn: Option<TurnId> },
    /// A tool was used on the way.
    Tool { turn: Option<TurnId>, tool: ToolUse },
    /// Something is to be done at our end before the answer goes on.
    Errand { turn: TurnId, errand: Errand },
    /// The answer is complete. `full` is the whole text when the backend repeats it.
    Done {
        turn: Option<TurnId>,
        full: Option<String>,
        by: Option<By>,
        usage: Option<Usage>,
    },
    /// The backend stopped answering because it was asked to.
    Interrupted { turn: Option<TurnId> },
    /// Something went wrong; `turn` when it concerns one.
    Trouble {
        turn: Option<TurnId>,
        trouble: Trouble,
    },
    /// The brains the backend knows.
    Brains(Brains),
    /// What the backend has to choose from, told after its greeting: id and name of each. An empty
    /// list says nothing.
    Offers {
        personas: Vec<(String, String)>,
        voices: Vec<(String, String)>,
    },
    /// The servers of tools the backend knows.
    Tools(Vec<ToolServer>),
    /// What was sent to the brain for a turn.
    Prompt(PromptTold),
    /// A timer or an alarm is due.
    Ring { label: String },
    /// How the backend is, as its own words for each figure.
    Status(Vec<(String, String)>),
    /// Where the backend keeps to its language, and where not. Our side of the language tells.
    Habits(Vec<Habit>),
    /// A message of a kind we do not know, or that made no sense. Logged, never fatal.
    Unreadable { why: String },
    /// The backend begins to say something that was not asked, in a turn that it names. `heard`:
    /// what it takes as the reason. The rest of it follows when we take it with [`Up::Follow`].
    Opens { turn: TurnId, heard: Option<String> },
    /// How the backend feels about what it says, as it calls that.
    Mood { name: String },
    /// The backend uses one of our tools, and waits for [`Up::Result`].
    Call(ToolCall),
    /// Before the line can come up somebody has to enter a code elsewhere; `None`: not any more.
    Activation(Option<Activation>),
    /// Something was said in a conversation that is joined, not by us.
    Shared {
        conversation: ConversationId,
        news: News,
    },
}

/// What is said in a conversation with another client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum News {
    Question {
        turn: TurnId,
        text: String,
    },
    /// All of the answer, as far as it goes.
    Answer {
        turn: TurnId,
        text: String,
        state: State,
        by: Option<By>,
    },
    /// More of an answer that is being given.
    More {
        turn: TurnId,
        more: String,
    },
    /// No brain is told any more what was said so far.
    Forgotten,
}

/// How an answer to another client stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// More of it comes.
    Open,
    Complete,
    /// It ended early.
    Cut,
}

/// A code that somebody has to enter on a page of the backend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activation {
    pub code: String,
    /// What the backend says about it, in its own words.
    pub message: String,
    /// It is waited for so long.
    pub until: Moment,
}

/// One of our tools that backends may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub name: String,
    /// What it does, for a model to read.
    pub description: String,
    /// JSON Schema of its arguments.
    pub parameters: serde_json::Value,
}

/// The wish of a backend that we use a tool of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolCall {
    /// What the answer has to name, in a form of the backend's own. Two calls may have the same.
    pub id: String,
    /// The name of an [`Offer`].
    pub name: String,
    /// The exact arguments, as JSON text.
    pub arguments: String,
}

/// What was sent to the brain for a turn, each part with whose it is; nothing of one that is not
/// known any more, or for which no brain was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptTold {
    pub turn: TurnId,
    pub said: Vec<(String, String)>,
    /// The names of the tools it might use.
    pub tools: Vec<String>,
}

/// What a backend tells about itself when the line comes up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Greeting {
    /// The name the backend gave this connection.
    pub client: String,
    /// What it can do beyond the common protocol.
    pub capabilities: Vec<String>,
    /// Personas it offers: id and name.
    pub personas: Vec<(String, String)>,
    /// What it hears recordings with; `None` where it does not say.
    #[serde(default)]
    pub ears: Option<Engine>,
    /// What it speaks with.
    #[serde(default)]
    pub voice: Option<Engine>,
}

/// Ears or a voice of a backend.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engine {
    /// What people call it; empty if there is none.
    pub name: String,
    /// Why there is none, and what to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
    /// What may be wished for instead, each as what is written to wish for it and what people
    /// call it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<(String, String)>,
}

/// One point of a language, and how the backend stands to it as far as was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Habit {
    /// What it is about, in a word for people.
    pub point: String,
    pub standing: Standing,
    /// What was seen.
    pub seen: String,
}

/// How a backend stands to a point of its language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    Keeps,
    /// It does it in a way of its own, which we can live with.
    Deviates,
    Lacks,
}

/// Who answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    /// `builtin`, or the base URL of the model server.
    pub brain: String,
    /// The model's name, where there is one.
    pub model: Option<String>,
}

/// Tokens spent on one answer, as far as the model server counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    pub prompt: u32,
    pub completion: u32,
}

/// What a use of a tool is called that is none: the backend has summarised the oldest messages,
/// so many as its arguments say, because the brain cannot be shown all of them any more.
pub const SUMMARY: &str = "(summary)";

/// One use of a tool by the brain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolUse {
    pub name: String,
    /// The exact arguments, as JSON text.
    pub arguments: String,
    /// `None` while it runs.
    pub outcome: Option<Result<String, String>>,
}

/// What the backend cannot do itself in the middle of an answer, because it has to do with the
/// user or with this end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errand {
    /// Its name; the report about it carries the same.
    pub id: String,
    pub task: Task,
}

/// What an errand is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum Task {
    /// May this tool be used, with exactly these arguments? Reported is a [`Permission`].
    Permit { tool: String, arguments: String },
    /// What is on the clipboard?
    ReadClipboard,
    /// Put this on the clipboard.
    WriteClipboard { text: String },
    /// Speak so loud from now on, in per cent; `None` only asks.
    Volume { percent: Option<u32> },
}

/// What the user says about the use of a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    Once,
    /// As long as this conversation is open.
    Conversation,
    Always,
    No,
    Never,
}

impl Permission {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 5] = [
        Self::Once,
        Self::Conversation,
        Self::Always,
        Self::No,
        Self::Never,
    ];

    /// How reports write it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Conversation => "conversation",
            Self::Always => "always",
            Self::No => "no",
            Self::Never => "never",
        }
    }

    /// What is written so.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// A server of tools, as the backend knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolServer {
    /// The user's name for it; empty for the tools of the backend itself.
    pub name: String,
    pub state: ToolState,
    /// Why it is so, as a sentence; empty where there is nothing to say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    pub tools: Vec<ToolInfo>,
    /// So many more it has are not offered.
    #[serde(default)]
    pub left_out: usize,
}

/// How a server of tools is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolState {
    /// Nobody has wanted it yet.
    #[default]
    Idle,
    Starting,
    Ready,
    /// It failed and will be started again.
    Waiting,
    /// It failed too often.
    Off,
}

/// One tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolInfo {
    /// As the brain calls it.
    pub name: String,
    pub about: String,
    pub rule: Rule,
}

/// Whether a tool may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The user is asked.
    #[default]
    Ask,
    Allowed,
    Never,
}

/// What went wrong at the backend, told so that a person can act on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// A short word for programs, such as `rate_limited`.
    pub code: String,
    /// What happened and why.
    pub what: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// How long to wait before it makes sense to try again.
    pub retry_after_s: Option<u64>,
}

/// The brains a backend can think with, and the one it thinks with now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brains {
    pub all: Vec<BrainInfo>,
    /// The id of the one that answers when a turn does not ask for another.
    pub current: String,
    /// Why that one was taken, as a sentence.
    pub why: String,
}

impl Brains {
    /// The brain that answers when a turn does not ask for another.
    pub fn current(&self) -> Option<&BrainInfo> {
        self.all.iter().find(|brain| brain.id == self.current)
    }
}

/// One brain: the built-in one, or a model server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrainInfo {
    /// `builtin`, or the base URL.
    pub id: String,
    /// What people call it: `built-in`, `Ollama`, `llama.cpp`, a host name.
    pub name: String,
    /// Models it offers; empty for the built-in one.
    pub models: Vec<String>,
    /// The model used when a turn does not name one.
    pub model: Option<String>,
}
