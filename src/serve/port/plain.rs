//! Answers as OpenAI does: the conversation is what the request says and no more, nothing is
//! remembered, nobody is played, and tools are those of whoever asks, who also runs them.

use super::chat::{Asked, DONE, EVENT_STREAM, event};
use super::message::{Refusal, Reply};
use crate::core::backend::Usage;
use crate::core::words::Lang;
use crate::mind::{Ask, Brain, Call, Finish, Said, Thought, ToolSpec};
use crate::serve::House;
use crate::serve::ServeError;
use crate::serve::think::LONGEST;
use crate::serve::wanted::BUILTIN;
use bytes::Bytes;
use hyper::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::task::JoinSet;

/// The model that stands for whatever the server itself would take.
pub(super) const USUAL: &str = "hearsay";

/// Thoughts, and events, that may wait.
const QUEUE: usize = 32;

/// A tool of whoever asks.
#[derive(Deserialize)]
pub(super) struct Tool {
    function: Function,
}

#[derive(Deserialize)]
struct Function {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    parameters: Option<Value>,
}

/// A call that a brain asked for before.
#[derive(Deserialize)]
pub(super) struct ToolCall {
    #[serde(default)]
    id: String,
    function: Called,
}

#[derive(Deserialize)]
struct Called {
    name: String,
    #[serde(default)]
    arguments: String,
}

/// The names of all models, as `model` takes them.
pub(super) async fn models(house: &House) -> Vec<(String, String)> {
    let mut models = vec![(USUAL.to_owned(), "hearsay".to_owned())];
    for brain in &house.shelf.list(false).await.all {
        if brain.models.is_empty() {
            models.push((brain.id.clone(), brain.name.clone()));
        }
        models.extend(
            brain
                .models
                .iter()
                .map(|model| (model.clone(), brain.name.clone())),
        );
    }
    models.dedup_by(|one, other| one.0 == other.0);
    models
}

/// Which brain and which of its models are meant by that name; `None`: nobody has such a model.
pub(super) async fn brain(
    house: &House,
    model: Option<&str>,
) -> Option<(Option<String>, Option<String>)> {
    let Some(model) = model.filter(|model| ![USUAL, "auto", ""].contains(model)) else {
        return Some((None, None));
    };
    let brains = house.shelf.list(false).await;
    let has = brains
        .all
        .iter()
        .find(|brain| brain.models.iter().any(|one| one == model));
    if let Some(brain) = has {
        return Some((Some(brain.id.clone()), Some(model.to_owned())));
    }
    let named = brains.all.iter().find(|brain| brain.id == model)?;
    Some((Some(named.id.clone()), None))
}

pub(super) async fn answer(house: &Arc<House>, asked: Asked, lang: Lang) -> Result<Reply, Refusal> {
    let told = |error: ServeError| Refusal::of(&error, lang);
    let Some((brain, model)) = brain(house, asked.model.as_deref()).await else {
        let model: String = asked.model.unwrap_or_default().chars().take(100).collect();
        let names: Vec<_> = models(house)
            .await
            .into_iter()
            .take(20)
            .map(|(id, _)| id)
            .collect();
        let what = format!("there is no model `{model}`");
        return Err(Refusal::new(StatusCode::NOT_FOUND, "model_not_found", what)
            .hint(format!("there are {}", names.join(", "))));
    };
    let said: Vec<Said> = asked.messages.iter().filter_map(said).collect();
    if !said.iter().any(|said| !matches!(said, Said::System(_))) {
        return Err(told(ServeError::NoWords));
    }
    let place = house.place().map_err(told)?;
    let brain = house.shelf.pick(brain.as_deref()).await.map_err(told)?;
    let info = brain.info();
    let name = match &model {
        Some(model) => model.clone(),
        None if info.id == BUILTIN => BUILTIN.to_owned(),
        None => info.model.unwrap_or(info.id),
    };
    let tools = asked
        .tools
        .unwrap_or_default()
        .into_iter()
        .map(|tool| ToolSpec {
            name: tool.function.name,
            description: tool.function.description,
            parameters: tool
                .function
                .parameters
                .unwrap_or_else(|| json!({"type": "object"})),
        });
    let ask = Ask {
        said,
        model,
        lang,
        tools: tools.collect(),
    };
    let job = Job {
        head: Head {
            id: format!("chatcmpl-{}", house.seed().turn()),
            model: name,
            created: house.timestamp() as u64,
        },
        brain,
        ask,
        _place: place,
    };
    if asked.stream.unwrap_or(false) {
        let usage = asked
            .stream_options
            .is_some_and(|options| options.include_usage);
        let (events, pieces) = mpsc::channel(QUEUE);
        tokio::spawn(job.stream(usage, events));
        Ok(Reply::stream(EVENT_STREAM, pieces))
    } else {
        job.whole().await
    }
}

/// What a line of the request is to a brain. What nobody says is left out.
fn said(line: &super::chat::Line) -> Option<Said> {
    let text = line.text();
    Some(match line.role.as_str() {
        _ if line.instructs() => Said::System(text),
        "user" => Said::User(text),
        "assistant" => Said::Assistant {
            text,
            calls: line.tool_calls.iter().map(call).collect(),
        },
        "tool" => Said::Tool {
            call: line.tool_call_id.clone().unwrap_or_default(),
            text,
        },
        _ => return None,
    })
}

fn call(call: &ToolCall) -> Call {
    Call {
        id: call.id.clone(),
        name: call.function.name.clone(),
        arguments: call.function.arguments.clone(),
    }
}

/// An answer that is under way.
struct Job {
    head: Head,
    brain: Arc<dyn Brain>,
    ask: Ask,
    _place: OwnedSemaphorePermit,
}

impl Job {
    /// Tells the answer as it comes.
    async fn stream(self, with_usage: bool, events: mpsc::Sender<Bytes>) {
        let chunk = |delta: &Value, finish| event(&chunk(&self.head, delta, finish));
        let (mut usage, mut calls) = (None, 0_usize);
        let mut text = chunk(&json!({"role": "assistant", "content": ""}), None);
        let mut thinking = Thinking::begin(&self);
        let outcome = loop {
            if events.send(text.into()).await.is_err() {
                return;
            }
            let thought = tokio::select! {
                () = events.closed() => return,
                thought = thinking.next() => thought,
            };
            text = match thought {
                Ok(Thought::Loading) => ": the model is being loaded\n\n".to_owned(),
                Ok(Thought::Reasoning(more)) => chunk(&json!({"reasoning_content": more}), None),
                Ok(Thought::Text(more)) => chunk(&json!({"content": more}), None),
                Ok(Thought::Call(call)) => {
                    let mut told = told_call(&call);
                    told["index"] = json!(calls);
                    calls += 1;
                    chunk(&json!({"tool_calls": [told]}), None)
                }
                Ok(Thought::Usage(more)) => {
                    usage = Some(more);
                    String::new()
                }
                Err(outcome) => break outcome,
            };
        };
        let mut last = match outcome {
            Ok(finish) => chunk(&json!({}), Some(reason(finish))),
            Err(error) => {
                let refusal = Refusal::of(&error, self.ask.lang);
                // Whoever goes on reading does not take it for the end of an answer.
                let _ = events.send(event(&refusal.told()).into()).await;
                return;
            }
        };
        if with_usage {
            let mut end = self::chunk(&self.head, &json!({}), None);
            end["choices"] = json!([]);
            end["usage"] = self::usage(usage.as_ref());
            last += &event(&end);
        }
        let _ = events.send((last + DONE).into()).await;
    }

    /// Gathers the answer.
    async fn whole(self) -> Result<Reply, Refusal> {
        let (mut text, mut reasoning) = (String::new(), String::new());
        let (mut calls, mut spent) = (vec![], None);
        let mut thinking = Thinking::begin(&self);
        let outcome = loop {
            match thinking.next().await {
                Ok(Thought::Loading) => {}
                Ok(Thought::Reasoning(more)) => reasoning.push_str(&more),
                Ok(Thought::Text(more)) => text.push_str(&more),
                Ok(Thought::Call(call)) => calls.push(told_call(&call)),
                Ok(Thought::Usage(more)) => spent = Some(more),
                Err(outcome) => break outcome,
            }
            if text.len() + reasoning.len() > LONGEST {
                break Ok(Finish::Length);
            }
        };
        let finish = outcome.map_err(|error| Refusal::of(&error, self.ask.lang))?;
        let mut message = json!({"role": "assistant", "content": text});
        if !reasoning.is_empty() {
            message["reasoning_content"] = json!(reasoning);
        }
        if !calls.is_empty() {
            message["tool_calls"] = json!(calls);
        }
        let mut told = completion(&self.head);
        let finish = reason(finish);
        told["choices"] = json!([{"index": 0, "message": message, "finish_reason": finish}]);
        told["usage"] = usage(spent.as_ref());
        Ok(Reply::json(&told))
    }
}

/// A brain at work, in a task that ends with this.
struct Thinking {
    thoughts: mpsc::Receiver<Thought>,
    task: JoinSet<Result<Finish, ServeError>>,
}

impl Thinking {
    fn begin(job: &Job) -> Self {
        let (out, thoughts) = mpsc::channel(QUEUE);
        let (brain, ask) = (Arc::clone(&job.brain), job.ask.clone());
        let mut task = JoinSet::new();
        task.spawn(async move { Ok(brain.think(ask, out).await?) });
        Self { thoughts, task }
    }

    /// The next thought; `Err`: there are no more, and how it ended.
    async fn next(&mut self) -> Result<Thought, Result<Finish, ServeError>> {
        if let Some(thought) = self.thoughts.recv().await {
            return Ok(thought);
        }
        let ended = self.task.join_next().await;
        let lost = || {
            Err(ServeError::NothingSaid {
                brain: "hearsay".to_owned(),
            })
        };
        Err(ended.and_then(Result::ok).unwrap_or_else(lost))
    }
}

fn told_call(call: &Call) -> Value {
    json!({
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": call.arguments},
    })
}

const fn reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "stop",
        Finish::Length => "length",
        Finish::Calls => "tool_calls",
        Finish::Filtered => "content_filter",
    }
}

/// What is the same in all that is told of an answer.
pub(super) struct Head {
    pub(super) id: String,
    pub(super) model: String,
    /// Seconds since 1970.
    pub(super) created: u64,
}

pub(super) fn chunk(head: &Head, delta: &Value, finish: Option<&str>) -> Value {
    json!({
        "id": head.id,
        "object": "chat.completion.chunk",
        "created": head.created,
        "model": head.model,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    })
}

/// An answer as a whole, without what it says.
pub(super) fn completion(head: &Head) -> Value {
    json!({
        "id": head.id,
        "object": "chat.completion",
        "created": head.created,
        "model": head.model,
    })
}

pub(super) fn usage(usage: Option<&Usage>) -> Value {
    let (prompt, completion) = usage.map_or((0, 0), |usage| (usage.prompt, usage.completion));
    json!({
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt.saturating_add(completion),
    })
}
