//! Thinks: turns a conversation into an answer, with any OpenAI-compatible model server, with a
//! model on this machine or with the built-in brain, and gives the first and the last the same tools.

pub mod builtin;
pub mod ears;
mod endpoint;
pub mod engine;
mod error;
pub mod fetch;
mod http;
pub mod local;
pub mod mcp;
pub mod models;
pub mod openai;
pub mod probe;
pub mod speakable;
pub mod speech;
pub mod tools;
pub mod voice;
pub mod window;

pub use endpoint::{Endpoint, Secret};
pub use error::BrainError;
pub use speech::SpeechError;

use crate::core::backend::{BrainInfo, Usage};
use crate::core::words::Lang;
use std::future::Future;
use std::pin::Pin;
use tokio::sync::mpsc;

/// What a brain is asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ask {
    /// The conversation so far, the persona's instructions first, the user's words last.
    pub said: Vec<Said>,
    /// The model to use, when the brain has several.
    pub model: Option<String>,
    /// The language of who asks: where their words do not show one.
    pub lang: Lang,
    /// The tools it may call; empty forbids tools.
    pub tools: Vec<ToolSpec>,
}

/// One line of the conversation as a brain sees it.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    System(String),
    User(String),
    Assistant { text: String, calls: Vec<Call> },
    Tool { call: String, text: String },
}

/// A tool the brain may call.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolSpec {
    pub name: String,
    pub description: String,
    /// JSON Schema of the arguments.
    pub parameters: serde_json::Value,
}

/// A call the brain asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    pub id: String,
    pub name: String,
    /// JSON text, exactly as the model wrote it.
    pub arguments: String,
}

/// A piece of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Thought {
    /// The server is loading its model; the wait is normal.
    Loading,
    Reasoning(String),
    Text(String),
    /// A complete call; the caller runs it and asks again with the outcome.
    Call(Call),
    Usage(Usage),
}

/// How an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    Stop,
    /// The model ran into its length limit.
    Length,
    /// Calls wait to be run.
    Calls,
    /// The server withheld the rest.
    Filtered,
}

/// A brain's answer on its way. Dropping it stops the thinking.
pub type Thinking<'a> = Pin<Box<dyn Future<Output = Result<Finish, BrainError>> + Send + 'a>>;

/// Something that answers.
pub trait Brain: Send + Sync {
    /// What it is, as pickers and badges show it.
    fn info(&self) -> BrainInfo;

    /// How many tokens the model can take at once, question and answer together; `None`: as many
    /// as there are.
    fn window(&self, model: Option<&str>) -> Option<usize>;

    /// Answers, piece by piece, into `out`. Ends when the answer does; when nobody reads `out`
    /// any longer it ends early.
    fn think(&self, ask: Ask, out: mpsc::Sender<Thought>) -> Thinking<'_>;
}
