//! `POST /v1/chat/completions`: the answer of the backend, with its memory, personas, tools and
//! voice, as clients of yychat ask for it beside their WebSocket. Who asks as one asks OpenAI is
//! answered by `plain`.

use super::message::{Refusal, Reply, Request};
use super::plain;
use super::routes::Routes;
use crate::core::backend::{self, VoiceWish};
use crate::core::ids::TurnId;
use crate::core::transcript::Role;
use crate::core::words::Lang;
use crate::serve::House;
use crate::serve::errand::Errands;
use crate::serve::job::Out;
use crate::serve::ledger;
use crate::serve::lobby::Place;
use crate::serve::question::{Question, recall};
use crate::serve::speak::{Form, How};
use crate::serve::turn::Turn;
use crate::wire::yychat::frames::{BINARY, Ids, ServerFrame, Spoken};
use bytes::Bytes;
use hyper::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use std::future::poll_fn;
use std::sync::Arc;
use tokio::sync::mpsc;

/// The longest body: a long conversation.
const BODY: usize = 8 << 20;

/// Events that may wait for who reads them; the answer waits beyond them.
const EVENTS: usize = 16;

pub(super) const EVENT_STREAM: &str = "text/event-stream";

pub(super) fn routes(routes: &mut Routes) {
    routes.http(Method::POST, "/v1/chat/completions", completions);
}

/// What is asked: what OpenAI knows, and what yychat adds.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    pub(super) messages: Vec<Line>,
    #[serde(default)]
    pub(super) model: Option<String>,
    #[serde(default)]
    pub(super) stream: Option<bool>,
    #[serde(default)]
    pub(super) stream_options: Option<StreamOptions>,
    #[serde(default)]
    pub(super) tools: Option<Vec<plain::Tool>>,
    #[serde(default)]
    conversation_id: Option<String>,
    #[serde(default)]
    personality_id: Option<String>,
    #[serde(default)]
    message_id: Option<String>,
    #[serde(default)]
    client_id: Option<String>,
    #[serde(default)]
    use_tools: Option<bool>,
    #[serde(default)]
    enable_voice: Option<bool>,
    #[serde(default)]
    lang: Option<String>,
    #[serde(flatten)]
    spoken: Spoken,
}

#[derive(Deserialize)]
pub(super) struct StreamOptions {
    #[serde(default)]
    pub(super) include_usage: bool,
}

/// One message.
#[derive(Deserialize)]
pub(super) struct Line {
    pub(super) role: String,
    #[serde(default)]
    content: Option<Content>,
    #[serde(default)]
    pub(super) tool_calls: Vec<plain::ToolCall>,
    #[serde(default)]
    pub(super) tool_call_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    text: String,
}

impl Line {
    /// Its words. What is no words is left out.
    pub(super) fn text(&self) -> String {
        match &self.content {
            None => String::new(),
            Some(Content::Text(text)) => text.clone(),
            Some(Content::Parts(parts)) => {
                let parts: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
                parts.join("\n").trim().to_owned()
            }
        }
    }

    /// Is it about how to answer?
    pub(super) fn instructs(&self) -> bool {
        matches!(self.role.as_str(), "system" | "developer")
    }
}

impl Asked {
    /// Nothing in it is known to yychat alone.
    fn is_plain(&self) -> bool {
        self.conversation_id.is_none()
            && self.personality_id.is_none()
            && self.message_id.is_none()
            && self.client_id.is_none()
            && self.use_tools.is_none()
            && self.enable_voice.is_none()
    }
}

async fn completions(mut request: Request) -> Result<Reply, Refusal> {
    let asked: Asked = request.json(BODY).await?;
    let lang = asked
        .lang
        .as_deref()
        .and_then(Lang::of)
        .unwrap_or(request.lang());
    let house = &request.backend.house;
    if asked.is_plain() {
        return plain::answer(house, asked, lang).await;
    }
    let stream = asked.stream.unwrap_or(false);
    let (question, ids) = question(house, asked, lang).await?;
    let told = |error| Refusal::of(&error, lang);
    if question.text.trim().is_empty() {
        return Err(told(crate::serve::ServeError::NoWords));
    }
    let place = house.place().map_err(told)?;
    let client = ids.client_id.as_deref();
    let beside = client.and_then(|client| house.lobby.join(client, ids.clone()));
    let mut question = question;
    if beside.is_none() {
        // Nobody is there to hear it.
        question.voice = None;
    }
    let model = question.model.clone();
    let turn = Turn::begin(
        house,
        ids.clone(),
        question,
        &Arc::<Errands>::default(),
        place,
    );
    let created = house.timestamp() as u64;
    let teller = Teller {
        ids,
        model,
        created,
    };
    if stream {
        let (events, pieces) = mpsc::channel(EVENTS);
        tokio::spawn(tell(turn, beside, teller, events));
        Ok(Reply::stream(EVENT_STREAM, pieces))
    } else {
        whole(turn, beside, &teller).await
    }
}

/// The question in it, and which names it goes by.
async fn question(
    house: &Arc<House>,
    asked: Asked,
    lang: Lang,
) -> Result<(Question, Ids), Refusal> {
    let last = asked.messages.iter().rposition(|line| line.role == "user");
    let Some(last) = last else {
        let what = "no message of the `user` is among them";
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "empty_message", what));
    };
    let mut seed = house.seed();
    let turn = asked.message_id.unwrap_or_else(|| seed.turn().to_string());
    let conversation = asked.conversation_id.or_else(|| asked.client_id.clone());
    // One that has no name is nobody else's.
    let conversation = conversation.unwrap_or_else(|| seed.message().to_string());
    recall(house, &conversation).await;
    let known = !house.memory().exchanges(&conversation).is_empty();
    // What is remembered here needs no telling.
    let before = asked
        .messages
        .get(..last)
        .filter(|_| !known)
        .unwrap_or_default();
    let instructions = asked.messages.iter().filter(|line| line.instructs());
    let instructions: Vec<String> = instructions.map(Line::text).collect();
    let (brain, model) = plain::brain(house, asked.model.as_deref())
        .await
        .unwrap_or_default();
    let spoken = asked.spoken;
    let voice = asked.enable_voice.unwrap_or(false).then(|| How {
        form: match turn.parse() {
            Ok(name) if spoken.audio.as_deref() == Some(BINARY) => Form::Binary(name),
            _ => Form::Files,
        },
        wish: VoiceWish {
            voice: spoken.voice,
            speed: spoken.speed.unwrap_or(1.0),
            engine: spoken.engine,
        },
        lang,
    });
    let ids = Ids {
        message_id: Some(turn.clone()),
        session_id: Some(conversation.clone()),
        client_id: asked.client_id,
    };
    let question = Question {
        history: history(&conversation, before),
        turn,
        conversation,
        text: asked.messages.get(last).map(Line::text).unwrap_or_default(),
        persona: asked.personality_id,
        instructions: Some(instructions.join("\n\n")).filter(|text| !text.is_empty()),
        tools: asked.use_tools.unwrap_or(true),
        errands: false,
        stream: asked.stream.unwrap_or(false),
        brain,
        model,
        lang,
        voice,
    };
    Ok((question, ids))
}

/// What was said before, as far as user and assistant said it.
fn history(conversation: &str, lines: &[Line]) -> Vec<backend::Earlier> {
    let mut turn = TurnId(0);
    let told = lines.iter().enumerate().filter_map(|(at, line)| {
        let role = match line.role.as_str() {
            "user" => Role::User,
            "assistant" => Role::Assistant,
            _ => return None,
        };
        if role == Role::User {
            turn = TurnId(ledger::name("before", &format!("{conversation}\0{at}")));
        }
        Some(backend::Earlier {
            turn,
            role,
            text: line.text(),
            cut: false,
            by: None,
        })
    });
    told.collect()
}

/// Tells an answer as events, and hands its speech to the socket.
async fn tell(mut turn: Turn, beside: Option<Place>, teller: Teller, events: mpsc::Sender<Bytes>) {
    let (mut stopped, mut speech) = split(beside);
    loop {
        let out = tokio::select! {
            biased;
            () = events.closed() => return,
            () = stop(&mut stopped) => None,
            out = poll_fn(|context| turn.poll_frame(context)) => match out {
                Some(out) => Some(out),
                None => return,
            },
        };
        let Some(out) = out else {
            // Its end comes at once, and nothing of it comes after.
            drop(turn);
            let _ = events.send(teller.stopped()).await;
            return;
        };
        match written(out) {
            Ok(frame) => {
                if let Some(event) = teller.event(frame)
                    && events.send(event).await.is_err()
                {
                    return;
                }
            }
            Err(out) => hand_over(&mut speech, out),
        }
    }
}

type Stopped = Option<tokio::sync::oneshot::Receiver<()>>;
type Speech = Option<mpsc::Sender<Out>>;

fn split(beside: Option<Place>) -> (Stopped, Speech) {
    match beside {
        Some(place) => (Some(place.stopped), Some(place.speech)),
        None => (None, None),
    }
}

/// Comes back when the client has stopped the answer.
async fn stop(stopped: &mut Stopped) {
    if let Some(receiver) = stopped
        && receiver.await.is_err()
    {
        return;
    }
    // Nobody is left who could.
    *stopped = None;
    std::future::pending::<()>().await;
}

/// Speech for a socket that does not read is lost; what is written is not held up by it.
fn hand_over(speech: &mut Speech, out: Out) {
    if let Some(sender) = speech
        && sender.try_send(out).is_err()
    {
        tracing::debug!("a socket does not take its speech");
        *speech = None;
    }
}

/// The answer as a whole.
async fn whole(mut turn: Turn, beside: Option<Place>, teller: &Teller) -> Result<Reply, Refusal> {
    let (mut stopped, mut speech) = split(beside);
    let mut reply = None;
    loop {
        let out = tokio::select! {
            biased;
            () = stop(&mut stopped) => break,
            out = poll_fn(|context| turn.poll_frame(context)) => out,
        };
        match out.map(written) {
            None => break,
            Some(Err(out)) => hand_over(&mut speech, out),
            Some(Ok(ServerFrame::TextResponse { content, by, .. })) => {
                let mut told = plain::completion(&teller.head(by.model.as_deref()));
                told["choices"] = json!([{
                    "index": 0,
                    "message": {"role": "assistant", "content": content},
                    "finish_reason": "stop",
                }]);
                told["usage"] = plain::usage(by.usage.as_ref());
                told["meta"] = teller.meta();
                if let Some(stored) = by.stored {
                    told["meta"]["stored"] = json!(stored);
                }
                reply = Some(told);
            }
            Some(Ok(ServerFrame::Error { error, .. })) => {
                let what = Refusal::new(StatusCode::BAD_GATEWAY, "not_answered", error.message);
                return Err(match error.hint {
                    Some(hint) => what.hint(hint),
                    None => what,
                });
            }
            Some(Ok(_)) => {}
        }
    }
    reply.map(|told| Reply::json(&told)).ok_or_else(|| {
        let what = "the answer was stopped";
        Refusal::new(StatusCode::CONFLICT, "interrupted", what)
    })
}

/// What is for the request itself; `Err`: what is spoken.
fn written(out: Out) -> Result<ServerFrame, Out> {
    match out {
        Out::Frame(frame) => match *frame {
            ServerFrame::SpeechWords { .. }
            | ServerFrame::AudioStream { .. }
            | ServerFrame::SynthesisComplete { .. } => Err(Out::Frame(frame)),
            ServerFrame::Error { ref error, .. } if error.kind == "speech_error" => {
                Err(Out::Frame(frame))
            }
            frame => Ok(frame),
        },
        Out::Sound(_) => Err(out),
    }
}

/// Writes events about one answer.
struct Teller {
    ids: Ids,
    model: Option<String>,
    /// Seconds since 1970.
    created: u64,
}

impl Teller {
    fn meta(&self) -> Value {
        json!({"message_id": self.ids.message_id, "session_id": self.ids.session_id})
    }

    fn head(&self, told: Option<&str>) -> plain::Head {
        let session = self.ids.session_id.as_deref().unwrap_or_default();
        let model = told.or(self.model.as_deref()).unwrap_or(plain::USUAL);
        plain::Head {
            id: format!("chatcmpl-{session}"),
            model: model.to_owned(),
            created: self.created,
        }
    }

    /// The event of a frame, where it has one.
    fn event(&self, frame: ServerFrame) -> Option<Bytes> {
        let text = match frame {
            ServerFrame::StreamStart { .. } => event(&self.mark("stream_start")),
            ServerFrame::StreamChunk { content, .. } => {
                event(&self.chunk(&json!({"content": content}), None))
            }
            ServerFrame::StreamReasoning { content, .. } => {
                event(&self.chunk(&json!({"reasoning_content": content}), None))
            }
            // It keeps whoever waits from believing that nothing happens.
            ServerFrame::ModelLoading { .. } => ": the model is being loaded\n\n".to_owned(),
            ServerFrame::StreamEnd {
                full_content, by, ..
            } => {
                let mut end = self.mark("stream_end");
                end["full_length"] = json!(full_content.chars().count());
                if let Some(stored) = by.stored {
                    end["stored"] = json!(stored);
                }
                event(&self.chunk(&json!({}), Some("stop"))) + &event(&end)
            }
            ServerFrame::Error { error, .. } => {
                // Clients of yychat read errors as words.
                let mut chunk = self.chunk(&json!({"content": error.message}), Some("error"));
                chunk["error"] = serde_json::to_value(&error).unwrap_or_default();
                event(&chunk) + DONE
            }
            _ => return None,
        };
        Some(text.into())
    }

    fn stopped(&self) -> Bytes {
        let mut end = self.mark("stream_end");
        end["interrupted"] = json!(true);
        (event(&self.chunk(&json!({}), Some("stop"))) + &event(&end)).into()
    }

    fn mark(&self, kind: &str) -> Value {
        let mut mark = self.meta();
        mark["type"] = json!(kind);
        mark
    }

    fn chunk(&self, delta: &Value, finish: Option<&str>) -> Value {
        let mut chunk = plain::chunk(&self.head(None), delta, finish);
        chunk["meta"] = self.meta();
        chunk
    }
}

pub(super) const DONE: &str = "data: [DONE]\n\n";

/// An event.
pub(super) fn event(value: &Value) -> String {
    format!("data: {value}\n\n")
}
