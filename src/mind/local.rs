//! Brains that are models on this machine. What they are told and what they say stays here.
//!
//! They have no tools and no knowledge of this day; small as they are, they err often. So nothing
//! but the user's choice makes one of them answer.

use super::engine::remote::{Engine, IDLE};
use super::engine::talk::{Frame, Line, Reply, Speaker};
use super::engine::{Files, installed, named};
use super::speech::Limits;
use super::{Ask, Brain, BrainError, Finish, Said, SpeechError, Thinking, Thought};
use crate::core::backend::{BrainInfo, Usage};
use crate::core::shelf::Task;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Where models are, and what runs them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Here {
    /// The folder of models, each in a folder of its own.
    pub models: PathBuf,
    /// Our own program, which is the engine, too.
    pub program: PathBuf,
    /// The onnxruntime it runs them with: empty for its own engine, `auto`, or where it is.
    pub library: String,
    /// How long one may give nothing.
    pub patience: Duration,
}

impl Here {
    /// The brains there are, the largest first: it knows most.
    pub fn brains(&self) -> Vec<Arc<Local>> {
        let mut files: Vec<Files> = installed(&self.models);
        files.retain(|files| files.kind.task() == Task::Brain);
        files.sort_by_key(|files| std::cmp::Reverse(files.bytes()));
        let limits = Limits {
            patience: self.patience,
            ..Limits::default()
        };
        let engine = |files| {
            let (program, library) = (self.program.clone(), self.library.clone());
            Engine::new(files, program, library, limits, IDLE)
        };
        let brain = |files| Arc::new(Local(engine(files)));
        files.into_iter().map(brain).collect()
    }

    /// Why the model of this name does not answer, if there is one of that name.
    pub fn refusal(&self, name: &str) -> Option<BrainError> {
        let why = named(&self.models, name, Task::Brain)?.err()?;
        Some(BrainError::Here {
            why: Box::new(SpeechError::Model(why)),
        })
    }
}

/// One of them.
#[derive(Debug)]
pub struct Local(Engine);

impl Local {
    /// What is written to choose it.
    pub fn id(&self) -> String {
        format!("model:{}", self.0.name())
    }

    /// Where its files are.
    pub fn folder(&self) -> &Path {
        &self.0.files().folder
    }

    async fn answer(&self, ask: &Ask, out: &mpsc::Sender<Thought>) -> Result<Finish, SpeechError> {
        let mut job = self.0.think(lines(&ask.said)).await?;
        if job.is_first() && out.send(Thought::Loading).await.is_err() {
            return Ok(Finish::Stop);
        }
        loop {
            let thought = match job.reply().await? {
                Frame::Words(Reply::More { text, thought }) => {
                    if thought {
                        Thought::Reasoning(text)
                    } else {
                        Thought::Text(text)
                    }
                }
                Frame::Words(Reply::Answered(answered)) => {
                    let usage = Usage {
                        prompt: answered.question,
                        completion: answered.answer,
                    };
                    // Nobody listens any longer: the answer is over.
                    let _ = out.send(Thought::Usage(usage)).await;
                    return Ok(if answered.cut {
                        Finish::Length
                    } else {
                        Finish::Stop
                    });
                }
                Frame::Words(_) | Frame::Sound { .. } => continue,
            };
            // Nobody listens any longer: dropping the job stops it.
            if out.send(thought).await.is_err() {
                return Ok(Finish::Stop);
            }
        }
    }
}

/// A conversation as such a model is shown it: without tools, for it has none.
fn lines(said: &[Said]) -> Vec<Line> {
    let line = |said: &Said| {
        let (by, text) = match said {
            Said::System(text) => (Speaker::System, text),
            Said::User(text) => (Speaker::User, text),
            Said::Assistant { text, .. } => (Speaker::Assistant, text),
            Said::Tool { .. } => return None,
        };
        let text = text.clone();
        (!text.trim().is_empty()).then_some(Line { by, text })
    };
    said.iter().filter_map(line).collect()
}

impl Brain for Local {
    fn info(&self) -> BrainInfo {
        BrainInfo {
            id: self.id(),
            name: self.0.name(),
            ..BrainInfo::default()
        }
    }

    fn window(&self, _model: Option<&str>) -> Option<usize> {
        Some(self.0.files().window())
    }

    fn think(&self, ask: Ask, out: mpsc::Sender<Thought>) -> Thinking<'_> {
        Box::pin(async move {
            let answered = self.answer(&ask, &out).await;
            answered.map_err(|why| BrainError::Here { why: Box::new(why) })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_shown_what_was_said_and_no_tools() {
        let said = [
            Said::System("be kind".to_owned()),
            Said::User("hello".to_owned()),
            Said::Assistant {
                text: String::new(),
                calls: vec![],
            },
            Said::Tool {
                call: "1".to_owned(),
                text: "noon".to_owned(),
            },
            Said::Assistant {
                text: "it is noon".to_owned(),
                calls: vec![],
            },
        ];
        let line = |by, text: &str| Line {
            by,
            text: text.to_owned(),
        };
        let shown = [
            line(Speaker::System, "be kind"),
            line(Speaker::User, "hello"),
            line(Speaker::Assistant, "it is noon"),
        ];
        assert_eq!(lines(&said), shown);
    }
}
