//! Asks where to connect, and waits until somebody has entered the code that the server wants to
//! see first.
//!
//! The address of such a server is not its socket's: a request tells that, with a token for it. A
//! server that does not know this device answers with a code, which a person enters on its page;
//! meanwhile it is asked again and again.

use super::Identity;
use super::read::brief;
use crate::core::backend::Activation;
use crate::core::line::Cause;
use crate::core::time::Moment;
use crate::wire::{Answer, Piece, Request};
use serde_json::{Value, json};
use std::time::Duration;

/// How often it is asked whether the code was entered.
const EVERY: Duration = Duration::from_secs(5);
/// How long a code is waited for.
const LONGEST: Duration = Duration::from_mins(5);
/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// No answer is longer, in bytes.
const MOST: usize = 64 * 1024;

/// One connection's way to its socket.
#[derive(Debug)]
pub(super) struct Ota {
    url: String,
    identity: Identity,
    /// The request that is under way, and until when.
    asked: Option<(u64, Question, Moment)>,
    number: u64,
    status: u16,
    body: Vec<u8>,
    code: Option<Code>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Question {
    /// Where to connect.
    Where,
    /// Whether the code was entered.
    Activated,
}

/// The code that is waited for.
#[derive(Debug)]
struct Code {
    shown: Activation,
    challenged: bool,
    next: Moment,
}

/// What came of it.
#[derive(Debug, PartialEq)]
pub(super) enum Found {
    /// Connect here, with this token.
    Socket { url: String, token: Option<String> },
    /// Show this to the user, and wait.
    Code(Activation),
    /// There is none.
    Failed(Cause),
}

impl Ota {
    pub(super) fn new(url: &str, identity: Identity) -> Self {
        Self {
            url: url.to_owned(),
            identity,
            asked: None,
            number: 0,
            status: 0,
            body: vec![],
            code: None,
        }
    }

    /// Begins anew.
    pub(super) fn begin(&mut self, now: Moment) -> Request {
        self.code = None;
        self.ask(Question::Where, now)
    }

    /// Whether a person is waited for.
    pub(super) fn waits(&self) -> Option<Moment> {
        self.code.as_ref().map(|code| code.shown.until)
    }

    pub(super) fn deadline(&self) -> Option<Moment> {
        match (&self.asked, &self.code) {
            (Some((_, _, until)), Some(_)) => Some(*until),
            // Without a code the line itself is as patient as it is with any connection.
            (Some(_) | None, None) => None,
            (None, Some(code)) => Some(code.next.min(code.shown.until)),
        }
    }

    /// Time has passed: asks again, or gives up.
    pub(super) fn due(&mut self, now: Moment) -> Option<Result<Request, Cause>> {
        let code = self.code.as_ref()?;
        if now >= code.shown.until {
            self.code = None;
            let why = "nobody entered the code in time".to_owned();
            return Some(Err(Cause::Denied {
                status: None,
                reason: why,
            }));
        }
        if self.asked.take_if(|(_, _, until)| *until <= now).is_some() {
            self.later(now);
            return None;
        }
        if self.asked.is_some() || now < code.next {
            return None;
        }
        let question = if code.challenged {
            Question::Activated
        } else {
            Question::Where
        };
        Some(Ok(self.ask(question, now)))
    }

    fn later(&mut self, now: Moment) {
        if let Some(code) = &mut self.code {
            code.next = now + EVERY;
        }
    }

    fn ask(&mut self, question: Question, now: Moment) -> Request {
        self.number += 1;
        self.status = 0;
        self.body.clear();
        self.asked = Some((self.number, question, now + PATIENCE));
        let Identity { device, client } = &self.identity;
        let (url, body) = match question {
            Question::Where => (self.url.clone(), described(&self.identity)),
            Question::Activated => {
                let slash = if self.url.ends_with('/') { "" } else { "/" };
                (format!("{}{slash}activate", self.url), json!({}))
            }
        };
        Request {
            number: self.number,
            method: "POST",
            url,
            headers: vec![
                ("Device-Id", device.clone()),
                ("Client-Id", client.clone()),
                // We are no device with a serial number in its hardware.
                ("Activation-Version", "1".to_owned()),
            ],
            body: Some(body.to_string()),
        }
    }

    /// Something came of a request.
    pub(super) fn answered(&mut self, answer: Answer, now: Moment) -> Option<Found> {
        let question = match &self.asked {
            Some((number, question, _)) if *number == answer.number => *question,
            _ => return None,
        };
        match answer.piece {
            Piece::Head { status, .. } => self.status = status,
            Piece::Body(bytes) => {
                let room = MOST.saturating_sub(self.body.len());
                self.body.extend(bytes.iter().take(room));
            }
            Piece::End => {
                self.asked = None;
                return match question {
                    Question::Where => self.told(now),
                    Question::Activated => {
                        self.activated(now);
                        None
                    }
                };
            }
            Piece::Failed { why } => {
                self.asked = None;
                if self.code.is_none() {
                    return Some(Found::Failed(Cause::Unreachable { why }));
                }
                self.later(now);
            }
        }
        None
    }

    fn activated(&mut self, now: Moment) {
        let status = self.status;
        self.later(now);
        if let Some(code) = &mut self.code {
            match status {
                200 => {
                    // Where to connect may be another place from now on.
                    (code.challenged, code.next) = (false, now);
                }
                // A server that does not know this question is asked the first one.
                400..500 => code.challenged = false,
                // Not yet (202), or something passing.
                _ => {}
            }
        }
    }

    /// The server said where to connect, or that it wants to see a code first.
    fn told(&mut self, now: Moment) -> Option<Found> {
        let waiting = self.code.is_some();
        match self.read() {
            Ok(Reply {
                code: Some((code, message, challenged)),
                ..
            }) => {
                let known = self.code.take();
                let until = known
                    .as_ref()
                    .map_or(now + LONGEST, |code| code.shown.until);
                let shown = Activation {
                    code,
                    message,
                    until,
                };
                let news = known.is_none_or(|known| known.shown != shown);
                self.code = Some(Code {
                    shown: shown.clone(),
                    challenged,
                    next: now + EVERY,
                });
                news.then_some(Found::Code(shown))
            }
            Ok(Reply {
                socket: Some((url, token)),
                ..
            }) => {
                self.code = None;
                Some(Found::Socket { url, token })
            }
            Ok(Reply { socket: None, .. }) => {
                self.code = None;
                let why = "it names no WebSocket to connect to".to_owned();
                Some(Found::Failed(Cause::NotABackend { why }))
            }
            Err(_) if waiting => {
                self.later(now);
                None
            }
            Err(cause) => Some(Found::Failed(cause)),
        }
    }

    /// What the answer says.
    fn read(&self) -> Result<Reply, Cause> {
        let text = String::from_utf8_lossy(&self.body);
        if !(200..300).contains(&self.status) {
            return Err(Cause::Denied {
                status: Some(self.status),
                reason: brief(&text),
            });
        }
        let Ok(value) = serde_json::from_str::<Value>(&text) else {
            let why = "what it answers is no JSON".to_owned();
            return Err(Cause::NotABackend { why });
        };
        let words = |value: &Value, field: &str| {
            let text = value.get(field).and_then(Value::as_str).unwrap_or_default();
            Some(text.trim().to_owned()).filter(|text| !text.is_empty())
        };
        let said = words(&value, "error").or(words(&value, "message"));
        if let Some(reason) = said.filter(|_| value.get("websocket").is_none()) {
            let status = None;
            return Err(Cause::Denied { status, reason });
        }
        let socket = value.get("websocket").and_then(|socket| {
            let url = words(socket, "url")?;
            Some((url, words(socket, "token")))
        });
        let code = value.get("activation").and_then(|activation| {
            let code = words(activation, "code")?;
            let message = words(activation, "message").unwrap_or_default();
            Some((code, message, words(activation, "challenge").is_some()))
        });
        Ok(Reply { socket, code })
    }
}

/// What the server answered.
struct Reply {
    /// Where to connect, and the token for it.
    socket: Option<(String, Option<String>)>,
    /// A code, what is said about it, and whether the server can be asked for it.
    code: Option<(String, String, bool)>,
}

/// What a device says of itself.
fn described(identity: &Identity) -> Value {
    json!({
        "mac_address": identity.device,
        "uuid": identity.client,
        "application": {
            "name": "hearsay",
            "version": env!("CARGO_PKG_VERSION"),
            "elf_sha256": "0".repeat(64),
        },
        "board": { "type": "hearsay", "name": "hearsay", "mac": identity.device },
    })
}
