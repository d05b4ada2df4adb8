//! Asks an OpenAI-compatible server to hear or to speak, and says in words what went wrong. The
//! refusals are read by the same code as those of brains.

use super::{Limits, Part, SpeechError};
use crate::mind::endpoint::{self, Address};
use crate::mind::openai::refusal::{Said, refused};
use crate::mind::{BrainError, Endpoint, http};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::timeout;

/// How much of a refusal is read.
const REFUSAL: usize = 64 << 10;

/// A server at an address.
#[derive(Debug)]
pub(in crate::mind) struct Server {
    endpoint: Endpoint,
    part: Part,
    limits: Limits,
    /// It answers under `/v1` only, which its address leaves out.
    deeper: AtomicBool,
}

/// What is sent: its kind and its bytes.
pub(in crate::mind) type Body = (String, Vec<u8>);

/// The server said no, or could not be asked.
#[derive(Debug)]
pub(in crate::mind) struct Refusal {
    /// The status it said no with.
    pub(in crate::mind) status: Option<u16>,
    /// Its own words.
    said: String,
    error: SpeechError,
}

impl Refusal {
    /// Whether its words speak of this.
    pub(in crate::mind) fn speaks_of(&self, what: &str) -> bool {
        self.said.to_lowercase().contains(what)
    }
}

impl From<Refusal> for SpeechError {
    fn from(refusal: Refusal) -> Self {
        refusal.error
    }
}

impl Server {
    pub(in crate::mind) fn new(endpoint: Endpoint, part: Part, limits: Limits) -> Self {
        Self {
            endpoint,
            part,
            limits,
            deeper: AtomicBool::new(false),
        }
    }

    /// Its address as it may be shown.
    pub(in crate::mind) fn base(&self) -> String {
        endpoint::shown(&self.endpoint.base)
    }

    /// The model to ask for.
    pub(in crate::mind) fn model(&self) -> &str {
        self.endpoint.model.as_deref().unwrap_or_default()
    }

    pub(in crate::mind) fn limits(&self) -> Limits {
        self.limits
    }

    /// Asks, and gives the answer as far as its head has come. `body` is made anew for each try;
    /// `work` is what the answer may take on top of all patience.
    pub(in crate::mind) async fn ask(
        &self,
        path: &str,
        work: Duration,
        body: impl Fn() -> Body,
    ) -> Result<Answer<'_>, Refusal> {
        let address = Address::parse(&self.endpoint.base).map_err(|why| self.refusal(why))?;
        let deeper = address.versioned();
        if let Some(deeper) = deeper
            .as_ref()
            .filter(|_| self.deeper.load(Ordering::Relaxed))
        {
            return self.ask_at(deeper, path, work, body()).await;
        }
        let first = self.ask_at(&address, path, work, body()).await;
        match (&first, deeper) {
            (Err(refusal), Some(deeper)) if refusal.status == Some(404) => {
                let second = self.ask_at(&deeper, path, work, body()).await;
                // Who refuses there for another reason at least knows the path.
                if !matches!(&second, Err(no) if no.status == Some(404)) {
                    self.deeper.store(true, Ordering::Relaxed);
                    return second;
                }
                first
            }
            _ => first,
        }
    }

    async fn ask_at(
        &self,
        address: &Address,
        path: &str,
        work: Duration,
        (kind, body): Body,
    ) -> Result<Answer<'_>, Refusal> {
        let no = |why| self.refusal(why);
        let url = address.at(path);
        let key = address.bearer(self.endpoint.key.as_ref()).map_err(no)?;
        let client = http::client(&url).map_err(no)?;
        let mut request = client
            .post(url)
            .header(CONTENT_TYPE, kind)
            .header(ACCEPT, "*/*")
            .body(body);
        if let Some(key) = key {
            request = request.header(AUTHORIZATION, key);
        }
        let base = address.shown();
        let waited = self.limits.patience + work;
        let silent = || BrainError::Silent {
            base: base.clone(),
            waited,
        };
        let mut response = timeout(waited, request.send())
            .await
            .map_err(|_elapsed| no(silent()))?
            .map_err(|error| no(http::explain(&error, address)))?;
        if response.status().is_success() {
            let taken = 0;
            return Ok(Answer {
                server: self,
                response,
                base,
                taken,
            });
        }
        let status = response.status().as_u16();
        // A refusal whose words are lost is still a refusal.
        let words = timeout(waited, http::body(&mut response, REFUSAL)).await;
        let words = words.ok().and_then(Result::ok).unwrap_or_default();
        let said = Said::from_body(&words, &self.endpoint);
        let words = said.words.clone();
        let model = self.endpoint.model.as_deref();
        let has_key = self.endpoint.key.is_some();
        let why = refused(base, status, response.headers(), said, model, has_key);
        Err(Refusal {
            status: Some(status),
            said: words,
            ..no(why)
        })
    }

    fn refusal(&self, why: BrainError) -> Refusal {
        Refusal {
            status: None,
            said: String::new(),
            error: self.error(why),
        }
    }

    fn error(&self, why: BrainError) -> SpeechError {
        let part = self.part;
        SpeechError::Server { part, why }
    }
}

/// An answer on its way. Dropping it hangs up.
#[derive(Debug)]
pub(in crate::mind) struct Answer<'a> {
    server: &'a Server,
    response: reqwest::Response,
    base: String,
    taken: usize,
}

impl Answer<'_> {
    /// What the server says it is, in lower case; empty when it does not say.
    pub(in crate::mind) fn kind(&self) -> String {
        let kind = self.response.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        kind.to_ascii_lowercase()
    }

    /// How much of it is taken at most.
    pub(in crate::mind) fn most(&self) -> usize {
        self.server.limits.output
    }

    /// More of its body; `None` at the end.
    pub(in crate::mind) async fn next(&mut self) -> Result<Option<Vec<u8>>, SpeechError> {
        let limits = self.server.limits;
        let base = || self.base.clone();
        let read = timeout(limits.patience, self.response.chunk()).await;
        let read = read.map_err(|_elapsed| {
            self.server.error(BrainError::Stalled {
                base: base(),
                waited: limits.patience,
            })
        })?;
        // The library can say why, in words for nobody: what matters is that the rest is missing.
        let Ok(piece) = read else {
            return Err(self.cut());
        };
        if let Some(piece) = &piece {
            self.taken += piece.len();
        }
        if self.taken > limits.output {
            return Err(SpeechError::Endless { engine: base() });
        }
        Ok(piece.map(|piece| piece.to_vec()))
    }

    /// Its whole body.
    pub(in crate::mind) async fn all(&mut self) -> Result<Vec<u8>, SpeechError> {
        let mut all = vec![];
        while let Some(piece) = self.next().await? {
            all.extend(piece);
        }
        Ok(all)
    }

    /// It ended before its end.
    pub(in crate::mind) fn cut(&self) -> SpeechError {
        let base = self.base.clone();
        self.server.error(BrainError::Cut { base })
    }

    /// The body is not what was asked for, and begins like this.
    pub(in crate::mind) fn nonsense(&self, body: &[u8]) -> SpeechError {
        let base = self.base.clone();
        if body.trim_ascii_start().starts_with(b"<") {
            return self.server.error(BrainError::Page { base });
        }
        let said = Said::from_body(body, &self.server.endpoint).words;
        let said = if said.is_empty() {
            super::begins(body)
        } else {
            said
        };
        self.server
            .error(BrainError::Unreadable { base, why: said })
    }
}
