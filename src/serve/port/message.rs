//! Requests and replies as the routes see them, and what is said when something is not done.

use super::Figures;
use crate::core::words::Lang;
use crate::serve::{Backend, ServeError};
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// What is asked, by somebody who may ask.
pub struct Request {
    /// The backend of whoever asks.
    pub backend: Backend,
    /// Whether it is who runs this server: nobody needs a token, or theirs has no name.
    pub(super) runs: bool,
    /// What this port counts.
    pub(super) port: Arc<Figures>,
    pub(super) parameters: Vec<(String, String)>,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) body: Incoming,
    /// How long its body may take.
    pub(super) patience: Duration,
}

impl Request {
    /// A part of the path, by its name in the route; never with a slash in it.
    pub fn parameter(&self, name: &str) -> &str {
        value(&self.parameters, name).unwrap_or_default()
    }

    /// What the query says.
    pub fn query(&self, name: &str) -> Option<&str> {
        value(&self.query, name)
    }

    pub(super) fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The language for people.
    pub fn lang(&self) -> Lang {
        let wanted = self.header(header::ACCEPT_LANGUAGE);
        let wanted = wanted.and_then(|wanted| Lang::of(wanted.get(..2)?));
        wanted.unwrap_or(self.backend.house.lang)
    }

    /// The whole body, of so many bytes at most.
    pub async fn body(&mut self, most: usize) -> Result<Bytes, Refusal> {
        let too_large = || {
            let what = format!("a body of more than {most} bytes");
            Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", what)
        };
        // Where it says so beforehand, nothing of it has to come.
        if self.body.size_hint().lower() > most as u64 {
            return Err(too_large());
        }
        let whole = Limited::new(&mut self.body, most).collect();
        match timeout(self.patience, whole).await {
            Ok(Ok(whole)) => Ok(whole.to_bytes()),
            Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(too_large()),
            Ok(Err(_)) => {
                let what = "the body ended before its end";
                Err(Refusal::new(StatusCode::BAD_REQUEST, "body_cut", what))
            }
            Err(_late) => {
                let what = "the body took too long";
                Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, "body_late", what))
            }
        }
    }

    /// The body as JSON.
    pub async fn json<T: DeserializeOwned>(&mut self, most: usize) -> Result<T, Refusal> {
        let body = self.body(most).await?;
        serde_json::from_slice(&body).map_err(|error| {
            let why: String = error.to_string().chars().take(200).collect();
            let what = format!("a body that cannot be read: {why}");
            Refusal::new(StatusCode::BAD_REQUEST, "invalid_body", what)
        })
    }
}

fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = pairs.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value.as_str())
}

/// What is answered.
pub struct Reply(pub(in crate::serve) Response<Contents>);

impl Reply {
    /// These bytes, of this kind.
    pub fn bytes(kind: &'static str, bytes: impl Into<Bytes>) -> Self {
        Self::of(kind, Contents::Whole(Some(bytes.into())))
    }

    pub fn json(value: &Value) -> Self {
        Self::bytes("application/json", value.to_string())
    }

    /// What comes out of this, until its other end is dropped.
    pub fn stream(kind: &'static str, pieces: mpsc::Receiver<Bytes>) -> Self {
        Self::of(kind, Contents::Stream(pieces))
            .with(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
    }

    fn of(kind: &'static str, contents: Contents) -> Self {
        Self(Response::new(contents)).with(header::CONTENT_TYPE, HeaderValue::from_static(kind))
    }

    pub(super) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers_mut().insert(name, value);
        self
    }

    pub(super) fn status(mut self, status: StatusCode) -> Self {
        *self.0.status_mut() = status;
        self
    }
}

/// Why something is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub(super) status: StatusCode,
    code: &'static str,
    what: String,
    hint: Option<String>,
    retry_after: Option<u64>,
}

impl Refusal {
    /// `code` is for programs, `what` for people.
    pub fn new(status: StatusCode, code: &'static str, what: impl Into<String>) -> Self {
        Self {
            status,
            code,
            what: what.into(),
            hint: None,
            retry_after: None,
        }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// It may be asked again after so many seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Why the backend did not do it.
    pub(super) fn of(error: &ServeError, lang: Lang) -> Self {
        let status = match error {
            ServeError::BrainUnknown { .. }
            | ServeError::NoLocalBrain { .. }
            | ServeError::PersonaUnknown { .. } => StatusCode::NOT_FOUND,
            ServeError::Closing | ServeError::Full => StatusCode::SERVICE_UNAVAILABLE,
            ServeError::Busy { .. } | ServeError::Rate { .. } | ServeError::Recordings { .. } => {
                StatusCode::TOO_MANY_REQUESTS
            }
            ServeError::TooLarge { .. } | ServeError::TooLong { .. } => {
                StatusCode::PAYLOAD_TOO_LARGE
            }
            ServeError::Ears(_) | ServeError::Voice(_) if error.code().starts_with("no_") => {
                StatusCode::NOT_IMPLEMENTED
            }
            ServeError::Brain(_)
            | ServeError::Ears(_)
            | ServeError::Endless { .. }
            | ServeError::Filtered { .. }
            | ServeError::Key { .. }
            | ServeError::NothingSaid { .. }
            | ServeError::ToolRounds { .. }
            | ServeError::Voice(_) => match error.code() {
                "rate_limited" => StatusCode::TOO_MANY_REQUESTS,
                _ => StatusCode::BAD_GATEWAY,
            },
            _ => StatusCode::BAD_REQUEST,
        };
        Self {
            status,
            code: error.code(),
            what: error.tell(lang),
            hint: error.hint(lang),
            retry_after: error.retry_after(),
        }
    }

    /// The error as clients of OpenAI know it, and ours beside it.
    pub(super) fn told(&self) -> Value {
        let kind = match self.status.as_u16() {
            401 => "authentication_error",
            429 => "rate_limit_error",
            500.. => "server_error",
            _ => "invalid_request_error",
        };
        let mut error =
            json!({"message": self.what, "type": kind, "param": null, "code": self.code});
        if let Some(hint) = &self.hint {
            error["hint"] = json!(hint);
        }
        if let Some(seconds) = self.retry_after {
            error["retry_after"] = json!(seconds);
        }
        json!({ "error": error })
    }

    pub(super) fn reply(&self) -> Reply {
        let mut reply = Reply::json(&self.told()).status(self.status);
        if let Some(seconds) = self.retry_after {
            reply = reply.with(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            reply = reply.with(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        reply
    }
}

/// The bytes of a reply.
pub(in crate::serve) enum Contents {
    Whole(Option<Bytes>),
    Stream(mpsc::Receiver<Bytes>),
}

impl Body for Contents {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let bytes = match &mut *self {
            Self::Whole(bytes) => Poll::Ready(bytes.take()),
            Self::Stream(pieces) => pieces.poll_recv(context),
        };
        bytes.map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            Self::Stream(_) => SizeHint::default(),
        }
    }
}
