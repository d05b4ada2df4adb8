//! The frames of the yychat language, both directions, as the client writes and the server reads
//! them and the other way round. Fields beyond the common protocol are optional everywhere, so
//! that plain servers and plain clients still understand us.

mod sound;

pub use sound::{AudioInput, Payload, Spoken};

use crate::core::backend::{self, BrainInfo, Engine, Task, ToolServer, Usage};
use crate::core::transcript::Role;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The scenario of what is recorded in one go. A frame that names none is about such a recording.
pub const RECORDING: &str = "voice_recording";

/// Ours: what a client says in `audio` that wants speech in binary frames.
pub const BINARY: &str = "binary";

/// From the client to the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    /// The only frame that keeps every server from closing an idle connection.
    Heartbeat {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        timestamp: Option<f64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<String>,
    },
    Ping {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        timestamp: Option<f64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<String>,
    },
    GetStatus {},
    TextMessage {
        content: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message_id: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        personality_id: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        use_tools: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stream: Option<bool>,
        /// Ours: `auto`, `builtin`, `local`, `model:NAME` or a base URL.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        brain: Option<String>,
        /// Ours: the model's name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        model: Option<String>,
        /// Ours: the language of whatever the server itself says about it, `en` or `zh`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lang: Option<String>,
        /// Ours: what was said before, oldest first.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        history: Vec<Earlier>,
        /// Ours: errands are run at this end.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        errands: bool,
        /// Speak the answer as well.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        enable_voice: Option<bool>,
        /// Ours: how.
        #[serde(flatten)]
        spoken: Spoken,
    },
    /// Ours: these words are to be spoken.
    Speak {
        content: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message_id: Option<String>,
        #[serde(flatten)]
        spoken: Spoken,
    },
    /// A recording: the whole of it, or that its pieces follow.
    AudioInput(AudioInput),
    /// Sound of a call.
    AudioStream {
        #[serde(
            default,
            alias = "audio_b64",
            alias = "audio",
            alias = "data",
            skip_serializing_if = "Option::is_none"
        )]
        audio_base64: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sample_rate: Option<u32>,
    },
    /// The pieces of a recording have come.
    AudioComplete {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message_id: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scenario: Option<String>,
    },
    Interrupt {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session_id: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message_id: Option<String>,
        /// Ours: so much of the answer was heard, as it was spoken.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        heard: Option<String>,
    },
    VoiceCommand {
        command: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<String>,
        /// Who speaks from here on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        voice: Option<String>,
        /// As whom.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        personality_id: Option<String>,
    },
    StatusQuery {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        query_type: Option<String>,
    },
    /// Ours: what became of an errand. `error`: it could not be done.
    ErrandReport {
        message_id: String,
        errand_id: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// Ours: which tools are there? Answered by `tools`.
    ListTools {
        /// Start those servers anew first that have failed.
        #[serde(default)]
        again: bool,
    },
    /// Ours: what was sent to a brain for this message? Answered by `prompt`.
    GetPrompt {
        message_id: String,
    },
    /// Ours: tell what is said in this conversation with others; without one, nothing any more.
    /// Answered by `shared`, again and again.
    JoinConversation {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<String>,
    },
    /// Ours: which brains are there? Answered by `brains`.
    ListBrains {
        /// Look for them anew first.
        #[serde(default)]
        again: bool,
    },
}

impl ClientFrame {
    /// The types a server of ours understands, as `/ws/handlers` lists them.
    pub const TYPES: &[&str] = &[
        "heartbeat",
        "ping",
        "get_status",
        "text_message",
        "speak",
        "audio_input",
        "audio_stream",
        "audio_complete",
        "interrupt",
        "voice_command",
        "status_query",
        "list_brains",
        "list_tools",
        "errand_report",
        "get_prompt",
        "join_conversation",
    ];
}

/// Ours: a part of what a brain was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptPart {
    pub role: String,
    pub text: String,
}

/// Ours: one thing that was said earlier in a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// The message it belongs to; question and answer share it.
    pub message_id: String,
    pub role: Speaker,
    pub content: String,
    /// An answer that ended early.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
}

impl Earlier {
    /// What was said, as it travels; a note of our own does not.
    pub fn of(said: &backend::Earlier) -> Option<Self> {
        Some(Self {
            message_id: said.turn.to_string(),
            role: match said.role {
                Role::User => Speaker::User,
                Role::Assistant => Speaker::Assistant,
                Role::Note => return None,
            },
            content: said.text.clone(),
            cut: said.cut,
        })
    }
}

/// Who said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    User,
    Assistant,
}

/// From the server to the client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    ConnectionEstablished {
        client_id: String,
        timestamp: f64,
        message: String,
        /// Ours: what this server can do beyond the common protocol.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        capabilities: Vec<String>,
        /// Ours: the personas it offers.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        personalities: Vec<Personality>,
        /// Ours: what it hears with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ears: Option<Engine>,
        /// Ours: what it speaks with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        voice: Option<Engine>,
    },
    HeartbeatResponse {
        timestamp: f64,
        client_id: String,
    },
    Pong {
        timestamp: f64,
        client_id: String,
    },
    StatusResponse {
        data: Map<String, Value>,
        timestamp: f64,
        client_id: String,
    },
    ProcessingStart {
        #[serde(flatten)]
        ids: Ids,
        timestamp: f64,
    },
    StreamStart {
        #[serde(flatten)]
        ids: Ids,
        timestamp: f64,
    },
    StreamChunk {
        content: String,
        #[serde(flatten)]
        ids: Ids,
        timestamp: f64,
    },
    /// Ours: more of the model's thinking aloud.
    StreamReasoning {
        content: String,
        #[serde(flatten)]
        ids: Ids,
        timestamp: f64,
    },
    /// Ours: the model server is loading its model.
    ModelLoading {
        #[serde(flatten)]
        ids: Ids,
        timestamp: f64,
    },
    /// Ours: a tool is used. `result` and `error` are absent while it runs.
    ToolUse {
        name: String,
        arguments: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
        #[serde(flatten)]
        ids: Ids,
        timestamp: f64,
    },
    /// Ours: something to be done at the client's end before the answer goes on.
    Errand {
        errand_id: String,
        #[serde(flatten)]
        task: Task,
        #[serde(flatten)]
        ids: Ids,
        timestamp: f64,
    },
    StreamEnd {
        full_content: String,
        #[serde(flatten)]
        ids: Ids,
        timestamp: f64,
        #[serde(flatten)]
        by: Answered,
    },
    /// The whole answer at once, for `stream: false`.
    TextResponse {
        content: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<String>,
        #[serde(flatten)]
        ids: Ids,
        timestamp: f64,
        #[serde(flatten)]
        by: Answered,
    },
    /// Words are being made of a recording.
    AudioProcessingStart {
        #[serde(flatten)]
        ids: Ids,
        timestamp: f64,
    },
    /// Ours: what its words seem to be, so far.
    TranscriptionPartial {
        text: String,
        #[serde(flatten)]
        ids: Ids,
        timestamp: f64,
    },
    /// The words of a recording; none if nobody spoke.
    TranscriptionResult {
        text: String,
        scenario: String,
        /// Who said it, in a call; and what the assistant said once more, where plain clients
        /// look for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<Speaker>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assistant_text: Option<String>,
        #[serde(flatten)]
        ids: Ids,
        timestamp: f64,
    },
    /// A call has begun.
    VoiceCallStarted {
        message: String,
        client_id: String,
        timestamp: f64,
    },
    VoiceCallStopped {
        message: String,
        client_id: String,
        timestamp: f64,
    },
    /// Ours: somebody speaks in a call.
    SpeechStarted {
        #[serde(flatten)]
        ids: Ids,
        timestamp: f64,
    },
    /// Ours: they have finished, and their words are on their way.
    SpeechStopped {
        #[serde(flatten)]
        ids: Ids,
        timestamp: f64,
    },
    VoiceChanged {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        voice: Option<String>,
        client_id: String,
        timestamp: f64,
    },
    RecordingStarted {
        client_id: String,
        timestamp: f64,
    },
    RecordingStopped {
        client_id: String,
        timestamp: f64,
    },
    /// Ours: the words that the sound behind this says.
    SpeechWords {
        content: String,
        #[serde(flatten)]
        ids: Ids,
        timestamp: f64,
    },
    /// A piece of what is spoken: a whole file.
    AudioStream {
        codec: String,
        /// Counts the pieces of one message, from 0.
        seq: u64,
        /// Base64.
        audio: String,
        /// Which answer of a call it belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item_id: Option<String>,
        #[serde(flatten)]
        ids: Ids,
        timestamp: f64,
    },
    /// Nothing more is spoken about this message.
    SynthesisComplete {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item_id: Option<String>,
        #[serde(flatten)]
        ids: Ids,
        timestamp: f64,
    },
    InterruptConfirmed {
        #[serde(flatten)]
        ids: Ids,
        timestamp: f64,
    },
    StopPlayback {
        #[serde(flatten)]
        ids: Ids,
        timestamp: f64,
    },
    ConversationCleared {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<String>,
        timestamp: f64,
    },
    /// Ours: the brains there are.
    Brains {
        all: Vec<BrainInfo>,
        current: String,
        why: String,
        timestamp: f64,
    },
    /// Ours: the servers of tools there are.
    Tools {
        servers: Vec<ToolServer>,
        timestamp: f64,
    },
    /// Ours: what was sent to a brain for a message; nothing if that is not known any more.
    Prompt {
        message_id: String,
        said: Vec<PromptPart>,
        tools: Vec<String>,
        timestamp: f64,
    },
    /// Ours: a timer or an alarm is due.
    Ring {
        label: String,
        timestamp: f64,
    },
    /// Ours: something was said in the conversation that is joined, with another client.
    Shared {
        role: Speaker,
        content: String,
        state: Shared,
        #[serde(flatten)]
        ids: Ids,
        timestamp: f64,
        #[serde(flatten)]
        by: Answered,
    },
    /// Ours: somebody else had what was said in it forgotten.
    SharedCleared {
        #[serde(flatten)]
        ids: Ids,
        timestamp: f64,
    },
    Error {
        error: ErrorBody,
        /// The same once more, where plain clients look for it when a recording is concerned.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
        #[serde(flatten)]
        ids: Ids,
        timestamp: f64,
    },
}

/// Ours: how much of what was said to another client a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shared {
    /// More of an answer.
    More,
    /// All of it so far, and more will come.
    Open,
    /// All of it.
    Complete,
    /// All of it; it ended early.
    Cut,
}

/// Which turn a frame is about. Plain servers leave both out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ids {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// The conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
}

/// Ours: who answered, and what it cost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brain: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// `false`: it is complete, but not safe yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored: Option<bool>,
}

/// One persona on offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Personality {
    pub id: String,
    pub name: String,
}

/// What went wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    pub message: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub code: String,
    /// Ours: what to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Ours: seconds to wait before trying again makes sense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}
