//! A brain behind any OpenAI-compatible address: asks, follows the answer as it comes, and says
//! in words what went wrong.
//!
//! This file holds the talk with the server: connect, ask, fall back, read, end. What the bytes
//! mean is told by the files beside it: the form of the body (`body`), the events (`answer`,
//! `chunk`, `calls`, `think_tags`), the refusals (`refusal`).

mod answer;
mod body;
mod calls;
mod chunk;
mod patience;
mod question;
pub(super) mod refusal;
mod think_tags;

use super::endpoint::{self, Address};
use super::window::Windows;
use super::{Ask, Brain, BrainError, Endpoint, Finish, Thinking, Thought, http};
use crate::core::backend::BrainInfo;
use answer::{Answer, End, Spoiled};
use body::{Body, Unfit};
use patience::{Gone, Patience};
use question::Without;
use refusal::Said;
use reqwest::Response;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc::Sender;

/// How long to wait before asking a server again that says it is loading its model.
const LOADING_AGAIN: Duration = Duration::from_millis(500);

/// How much of a refusal is read.
const REFUSAL: usize = 64 << 10;

/// How long to wait for the end of a stream that is already `[DONE]`: a connection read to its
/// end serves the next question too, one that is dropped does not.
const LAST_BYTES: Duration = Duration::from_millis(50);

/// A model server that speaks the OpenAI protocol.
#[derive(Debug)]
pub struct OpenAi {
    endpoint: Endpoint,
    name: String,
    models: Vec<String>,
    windows: Windows,
    /// This server stumbled over `stream_options` once; it is not asked for them again.
    no_stream_options: AtomicBool,
}

impl OpenAi {
    /// A brain at an endpoint; nothing is sent before it is asked.
    pub fn new(endpoint: Endpoint, name: impl Into<String>) -> Self {
        Self {
            endpoint,
            name: name.into(),
            models: Vec::new(),
            windows: Windows::default(),
            no_stream_options: AtomicBool::new(false),
        }
    }

    /// The same, with the models it is known to offer.
    #[must_use]
    pub fn offering(mut self, models: Vec<String>) -> Self {
        self.models = models;
        self
    }

    /// The same, with what is known of how much its models can take.
    #[must_use]
    pub fn holding(mut self, windows: Windows) -> Self {
        self.windows = windows;
        self
    }

    async fn answer(&self, ask: &Ask, out: &Sender<Thought>) -> Result<Finish, Gone> {
        let address = Address::parse(&self.endpoint.base)?;
        let mut patience = Patience::new(&self.endpoint, address.shown(), out);
        let mut response = self.ask(ask, &address, &mut patience).await?;
        let mut answer = Answer::new(&self.endpoint, question::calls_before(ask));
        let mut body = Body::new();
        let end = loop {
            // A broken end is no worse than a missing one: what came before decides.
            let Ok(Some(bytes)) = patience.wait(response.chunk()).await? else {
                break body.finish(&mut answer);
            };
            patience.heard();
            let before = answer.progress();
            let fed = body.feed(&bytes, &mut answer);
            let moved_on = answer.progress() > before;
            for thought in answer.ready() {
                patience.hand_out(thought).await?;
            }
            if moved_on {
                patience.moved_on();
            }
            if let Err(unfit) = fed {
                break Err(unfit);
            }
            if answer.is_done() {
                // Whether the end comes in time or not, the answer is complete.
                let _ = tokio::time::timeout(LAST_BYTES, response.chunk()).await;
                break body.finish(&mut answer);
            }
        };
        for thought in answer.ready() {
            patience.hand_out(thought).await?;
        }
        Ok(self.conclude(end, ask, &address)?)
    }

    /// Sends the question, again without what the server stumbles over.
    async fn ask(
        &self,
        ask: &Ask,
        address: &Address,
        patience: &mut Patience<'_>,
    ) -> Result<Response, Gone> {
        let url = address.at("chat/completions");
        let key = address.bearer(self.endpoint.key.as_ref())?;
        let client = http::client(&url)?;
        let mut without = Without {
            stream_options: self.no_stream_options.load(Ordering::Relaxed),
            tools: ask.tools.is_empty(),
        };
        loop {
            let body = question::body(ask, self.model(ask), without);
            let mut request = client
                .post(url.clone())
                .header(CONTENT_TYPE, "application/json")
                .header(ACCEPT, "text/event-stream, application/json")
                .body(body.to_string());
            if let Some(key) = &key {
                request = request.header(AUTHORIZATION, key);
            }
            let sent = patience.wait(request.send()).await?;
            let mut response = sent.map_err(|error| http::explain(&error, address))?;
            if response.status().is_success() {
                return Ok(response);
            }
            let status = response.status().as_u16();
            // A refusal whose words are lost is still a refusal.
            let words = patience.wait(http::body(&mut response, REFUSAL)).await?;
            let said = Said::from_body(&words.unwrap_or_default(), &self.endpoint);
            let about_this_question = !matches!(status, 300..=399 | 401 | 403 | 429);
            if about_this_question && !without.stream_options && said.is_about_stream_options() {
                without.stream_options = true;
                self.no_stream_options.store(true, Ordering::Relaxed);
            } else if about_this_question && !without.tools && said.is_about_tools() {
                without.tools = true;
            } else {
                let refused = self.refused(ask, address, status, response.headers(), said);
                let loading = matches!(refused, BrainError::Loading { .. });
                if !(loading && patience.pause(LOADING_AGAIN).await?) {
                    return Err(refused.into());
                }
            }
        }
    }

    /// What the end of an answer means to the caller.
    fn conclude(
        &self,
        end: Result<End, Unfit>,
        ask: &Ask,
        address: &Address,
    ) -> Result<Finish, BrainError> {
        let base = address.shown();
        match end {
            Ok(End::Complete(finish)) => Ok(finish),
            Ok(End::Cut) => Err(BrainError::Cut { base }),
            Ok(End::Senseless(why)) | Err(Unfit::Spoiled(Spoiled::Senseless(why))) => {
                Err(BrainError::Unreadable { base, why })
            }
            Err(Unfit::Page) => Err(BrainError::Page { base }),
            Err(Unfit::Spoiled(Spoiled::Said(said))) => Err(match said.status {
                Some(status) => self.refused(ask, address, status, &HeaderMap::new(), said),
                None => BrainError::Stopped {
                    base,
                    said: said.words,
                },
            }),
        }
    }

    fn refused(
        &self,
        ask: &Ask,
        address: &Address,
        status: u16,
        headers: &HeaderMap<HeaderValue>,
        said: Said,
    ) -> BrainError {
        let key = self.endpoint.key.is_some();
        refusal::refused(address.shown(), status, headers, said, self.model(ask), key)
    }

    /// The model to ask for: the turn's, the configured one, or the first that can chat.
    fn model<'a>(&'a self, ask: &'a Ask) -> Option<&'a str> {
        let wanted = ask.model.as_deref().or(self.endpoint.model.as_deref());
        wanted.or_else(|| super::probe::chat_model(&self.models))
    }
}

impl Brain for OpenAi {
    fn info(&self) -> BrainInfo {
        BrainInfo {
            id: endpoint::shown(&self.endpoint.base),
            name: self.name.clone(),
            models: self.models.clone(),
            model: self.model(&Ask::default()).map(str::to_owned),
        }
    }

    fn window(&self, model: Option<&str>) -> Option<usize> {
        let wanted = model.or(self.endpoint.model.as_deref());
        let model = wanted.or_else(|| super::probe::chat_model(&self.models));
        Some(self.windows.of(model.unwrap_or_default()))
    }

    fn think(&self, ask: Ask, out: Sender<Thought>) -> Thinking<'_> {
        Box::pin(async move {
            match self.answer(&ask, &out).await {
                Ok(finish) => Ok(finish),
                Err(Gone::Listener) => Ok(Finish::Stop),
                Err(Gone::Brain(error)) => Err(error),
            }
        })
    }
}
