//! The built-in brain: deterministic, instant, honest about what it is.

use super::tools::Toolbox;
use super::{Ask, Brain, Finish, Thinking, Thought};
use crate::core::backend::BrainInfo;
use crate::core::words::Lang;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Tells how the backend is, in the language of the question.
pub type Status = Arc<dyn Fn(Lang) -> String + Send + Sync>;

/// The built-in brain.
pub struct Builtin {
    toolbox: Arc<Toolbox>,
    status: Status,
}

impl Builtin {
    pub fn new(toolbox: Arc<Toolbox>, status: Status) -> Self {
        Self { toolbox, status }
    }
}

impl Brain for Builtin {
    fn info(&self) -> BrainInfo {
        BrainInfo {
            id: "builtin".to_owned(),
            name: "built-in".to_owned(),
            ..BrainInfo::default()
        }
    }

    fn think(&self, _ask: Ask, out: mpsc::Sender<Thought>) -> Thinking<'_> {
        Box::pin(async move {
            let _ = &self.toolbox;
            let _ = out.send(Thought::Text((self.status)(Lang::En))).await;
            Ok(Finish::Stop)
        })
    }
}
