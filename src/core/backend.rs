//! What we may say to a backend and what we may hear from it, whatever language it speaks.
//!
//! `wire` translates both ways; nothing else in the program knows a protocol.

use super::ids::{ConversationId, TurnId};
use super::sound::Speech;
use super::transcript::Role;
use super::words::Lang;
use serde::{Deserialize, Serialize};

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
    /// Forget what was said in this conversation.
    Forget { conversation: ConversationId },
    /// Sign of life in the backend's own language.
    Beat,
}

/// One thing said by the user, with everything its answer depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Say {
    pub turn: TurnId,
    pub conversation: ConversationId,
    pub text: String,
    /// Who should answer (a persona's id); `None` leaves it to the backend.
    pub persona: Option<String>,
    /// Which brain should answer: `auto`, `builtin` or a base URL. `None`: the backend's choice.
    pub brain: Option<String>,
    /// Which model of that brain.
    pub model: Option<String>,
    /// May the brain use tools?
    pub tools: bool,
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

/// From the backend to us. What cannot be read arrives as `Unreadable`, never as a dead line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Down {
    /// The backend's first word; the line is up from here on.
    Greeting(Greeting),
    /// A beat or a ping was answered.
    Beat,
    /// The backend has a recording and makes words of it.
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
    /// A timer or an alarm is due.
    Ring { label: String },
    /// How the backend is, as its own words for each figure.
    Status(Vec<(String, String)>),
    /// Where the backend keeps to its language, and where not. Our side of the language tells.
    Habits(Vec<Habit>),
    /// A message of a kind we do not know, or that made no sense. Logged, never fatal.
    Unreadable { why: String },
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

/// One use of a tool by the brain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolUse {
    pub name: String,
    /// The exact arguments, as JSON text.
    pub arguments: String,
    /// `None` while it runs.
    pub outcome: Option<Result<String, String>>,
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
