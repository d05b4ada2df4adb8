//! The client's side of the xiaozhi language: what we say, and what has to be done in time. What
//! the server says is `heard`'s.

mod call;
mod heard;

use super::binary::{Content, Version};
use super::exchange::{Exchange, Stage};
use super::frames::{ClientFrame, Listen};
use super::habits::{self, Habits};
use super::mcp;
use super::microphone::Microphone;
use super::ota::{Found, Ota};
use super::read::Odd;
use crate::codec::opus::Decoder;
use crate::core::backend::{Down, Say, Up};
use crate::core::ids::{Seed, TurnId};
use crate::core::line::Cause;
use crate::core::sound::ClipPart;
use crate::core::time::{Moment, Now};
use crate::wire::{Answer, Dialect, Errand, Frame, Out, Place, Upgrade};
use call::{Call, Mode};
use serde_json::Value;
use std::time::Duration;

/// After words that were typed the server throws away what the microphone hears for so long.
const DEAF: Duration = Duration::from_secs(2);
/// A recording in which the server hears nothing is never answered; after so long it was one.
const NO_REPLY: Duration = Duration::from_secs(12);
/// The answer to what was taken back may still begin for so long.
const UNWANTED: Duration = Duration::from_secs(3);
/// What speech is unpacked to, whatever it was packed from: as much as servers make it of.
const RATE: u32 = 24_000;

/// Speaks xiaozhi to one server.
#[derive(Debug)]
pub struct Xiaozhi {
    place: Place,
    version: Version,
    frame_ms: u32,
    seed: Seed,
    /// For servers that are asked where to connect.
    ota: Option<Ota>,
    /// What the server calls this connection, from its hello on.
    session: Option<String>,
    /// It has called it so again since.
    names: bool,
    /// How the server says that it packs sound. It often does otherwise.
    announced: String,
    /// Nothing has come on this connection yet.
    fresh: bool,
    exchange: Option<Exchange>,
    /// What was heard while nothing was asked.
    heard: Option<String>,
    /// The server begins to say something that was not asked.
    opening: bool,
    ignore: Ignore,
    aborted: Option<Moment>,
    /// How the server listens in a call whose turns it cuts; nothing: we cut them.
    mode: Option<Mode>,
    call: Option<Call>,
    microphone: Microphone,
    decoder: Decoder,
    habits: Habits,
}

/// What of the server's answers nobody wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Ignore {
    #[default]
    Nothing,
    /// The rest of the one that was broken off.
    Rest,
    /// The one that may still begin, until then.
    Next(Moment),
}

impl Dialect for Xiaozhi {
    fn dial(&mut self, now: Now, out: &mut Out) {
        let place = std::mem::take(&mut self.place);
        *self = Self::new(place, now.wall.0.unsigned_abs());
        match &mut self.ota {
            Some(ota) => out.errands.push(Errand::Ask(ota.begin(now.mono))),
            None => out.dial = Some(self.upgrade(None, None)),
        }
    }

    fn hello(&mut self, _now: Now, out: &mut Out) {
        let hello = ClientFrame::hello(self.version, self.frame_ms);
        out.frames.push(Frame::Text(hello.written()));
    }

    fn encode(&mut self, up: &Up, now: Now, out: &mut Out) -> bool {
        match up {
            Up::Say(say) => self.say(say, now.mono, out),
            Up::Interrupt { turn, .. } => {
                if self.exchange.as_ref().is_some_and(|of| of.turn == *turn) {
                    self.take_back(now.mono, out);
                }
            }
            Up::Follow { turn, voice } => {
                self.claim(*turn, voice.is_some(), out);
            }
            Up::Result { id, outcome } => {
                let payload = mcp::outcome(id, outcome);
                out.frames.push(self.mcp(payload));
            }
            Up::Attend { turn } => self.attend(*turn, now.mono, out),
            Up::AskStatus => out.downs.push(Down::Status(self.figures())),
            // The socket's own pings keep the line; servers that do not know a beat may end it.
            Up::Beat => {}
            Up::AskHabits { lang } => {
                let line = habits::Line {
                    session: self.session(),
                    announced: &self.announced,
                    damaged: self.decoder.damaged(),
                    asked: self.ota.is_some(),
                };
                let habits = self.habits.tell(&line, *lang);
                out.downs.push(Down::Habits(habits));
            }
            Up::Read { .. }
            | Up::AskBrains { .. }
            | Up::AskPrompt { .. }
            | Up::AskTools { .. }
            | Up::Report { .. }
            | Up::Join { .. }
            | Up::Forget { .. } => {
                return false;
            }
        }
        true
    }

    fn clip(&mut self, part: &ClipPart, now: Now, out: &mut Out) -> bool {
        let now = now.mono;
        if self.heard_in_call(part, now, out) {
            return true;
        }
        let mine = |turn| {
            let exchange = self.exchange.as_ref();
            exchange.is_some_and(|of| of.turn == turn && of.stage == Stage::Recording)
        };
        match part {
            ClipPart::Open(_) => return false,
            ClipPart::Begin(hear) => {
                self.break_off(now, out);
                self.exchange = Some(Exchange::recording(hear.turn));
                self.microphone.clear();
                let start = self.listen(Listen::Start { mode: "manual" });
                self.microphone.say(start, now, &mut out.frames);
            }
            ClipPart::More { turn, samples } if mine(*turn) => {
                self.microphone.add(samples, now, &mut out.frames);
            }
            ClipPart::End { turn } if mine(*turn) => {
                self.microphone.end(now, &mut out.frames);
                let stop = self.listen(Listen::Stop);
                self.microphone.say(stop, now, &mut out.frames);
                let until = self.microphone.hears_from(now) + NO_REPLY;
                if let Some(exchange) = &mut self.exchange {
                    exchange.stage = Stage::Unheard(until);
                }
            }
            // The server forgets it when the next one begins.
            ClipPart::Broken { turn } if mine(*turn) => {
                self.microphone.clear();
                self.exchange = None;
            }
            // It was taken back meanwhile.
            ClipPart::More { .. } | ClipPart::End { .. } | ClipPart::Broken { .. } => {}
        }
        true
    }

    fn decode(&mut self, frame: &Frame, now: Now, out: &mut Out) {
        let first = std::mem::replace(&mut self.fresh, false);
        let read = match frame {
            Frame::Text(text) => self.read(text, now, out),
            Frame::Binary(bytes) => match self.version.unwrap(bytes) {
                Ok(Content::Sound(packet)) => {
                    self.sound(packet, now.mono, out);
                    Ok(())
                }
                Ok(Content::Json(text)) => self.read(&String::from_utf8_lossy(text), now, out),
                Err(bad) => Err(bad.into()),
            },
        };
        match (read, frame) {
            (Ok(()), _) => {}
            // Servers say so why they refuse us, and hang up as if all were well.
            (Err(Odd::NotJson { start }), Frame::Text(_)) if first && self.session.is_none() => {
                out.over = Some(Cause::Denied {
                    status: None,
                    reason: start,
                });
            }
            (Err(odd), _) => out.downs.push(Down::Unreadable {
                why: odd.to_string(),
            }),
        }
    }

    fn answered(&mut self, answer: Answer, now: Now, out: &mut Out) {
        let Some(ota) = &mut self.ota else {
            return;
        };
        let waited = ota.waits().is_some();
        let found = ota.answered(answer, now.mono);
        if waited && ota.waits().is_none() {
            self.habits.activated = true;
            out.downs.push(Down::Activation(None));
        }
        match found {
            None => {}
            Some(Found::Socket { url, token }) => out.dial = Some(self.upgrade(Some(url), token)),
            Some(Found::Code(shown)) => {
                out.patience = Some(shown.until);
                out.downs.push(Down::Activation(Some(shown)));
            }
            Some(Found::Failed(cause)) => out.over = Some(cause),
        }
    }

    fn beat(&mut self, _now: Now, _out: &mut Out) {}

    fn deadline(&self) -> Option<Moment> {
        [
            self.microphone.deadline(),
            self.exchange.as_ref().and_then(Exchange::deadline),
            self.ota.as_ref().and_then(Ota::deadline),
            self.call.as_ref().and_then(Call::deadline),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn due(&mut self, now: Now, out: &mut Out) {
        let now = now.mono;
        self.microphone.due(now, &mut out.frames);
        self.due_in_call(now, out);
        match self.ota.as_mut().and_then(|ota| ota.due(now)) {
            None => {}
            Some(Ok(request)) => out.errands.push(Errand::Ask(request)),
            Some(Err(cause)) => {
                out.downs.push(Down::Activation(None));
                out.over = Some(cause);
            }
        }
        let late = |exchange: &Exchange| exchange.deadline().is_some_and(|until| until <= now);
        if !self.exchange.as_ref().is_some_and(late) {
            return;
        }
        let Some(exchange) = self.exchange.take() else {
            return;
        };
        match exchange.stage {
            Stage::Unheard(_) => {
                self.habits.unanswered += 1;
                let (turn, text) = (Some(exchange.turn), String::new());
                out.downs.push(Down::Transcript { turn, text });
            }
            // Nobody wanted it.
            Stage::Answering => self.abort(Ignore::Rest, now, out),
            Stage::Over | Stage::Recording | Stage::Asked => {}
        }
    }
}

impl Xiaozhi {
    /// For a server at this place; `seed` tells its own turns from those of another time.
    pub fn new(place: Place, seed: u64) -> Self {
        let number = |name: &str| place.more.get(name).and_then(|text| text.parse().ok());
        let version = number("version").and_then(Version::of).unwrap_or_default();
        // Opus knows no other lengths that servers understand.
        let frame_ms = match number("frame_ms") {
            Some(..=20) => 20,
            Some(21..=40) => 40,
            Some(41..) | None => 60,
        };
        let asks = ["http://", "https://"];
        let url = place.url.to_ascii_lowercase();
        let ota = (asks.iter().any(|scheme| url.starts_with(scheme)))
            .then(|| Ota::new(&place.url, place.identity.clone()));
        Self {
            version,
            frame_ms,
            seed: Seed::new(seed),
            ota,
            session: None,
            names: false,
            announced: String::new(),
            fresh: true,
            exchange: None,
            heard: None,
            opening: false,
            ignore: Ignore::Nothing,
            aborted: None,
            mode: Mode::of(&place),
            call: None,
            microphone: Microphone::new(version, frame_ms),
            decoder: decoder(),
            habits: Habits::default(),
            place,
        }
    }

    /// What the upgrade request says, to the place and with the token that the server named.
    fn upgrade(&self, url: Option<String>, token: Option<String>) -> Upgrade {
        let identity = &self.place.identity;
        let mut headers = vec![
            ("Protocol-Version", self.version.number().to_string()),
            ("Device-Id", identity.device.clone()),
            ("Client-Id", identity.client.clone()),
        ];
        if let Some(token) = token {
            let bearer = if token.contains(' ') { "" } else { "Bearer " };
            headers.push(("Authorization", format!("{bearer}{token}")));
        }
        Upgrade {
            url,
            headers,
            protocols: vec![],
        }
    }

    fn session(&self) -> &str {
        self.session.as_deref().unwrap_or_default()
    }

    fn listen(&self, listen: Listen<'_>) -> Frame {
        let session_id = self.session();
        Frame::Text(ClientFrame::Listen { session_id, listen }.written())
    }

    fn mcp(&self, payload: Value) -> Frame {
        let session_id = self.session();
        Frame::Text(
            ClientFrame::Mcp {
                session_id,
                payload,
            }
            .written(),
        )
    }

    /// What can be said of the line.
    fn figures(&self) -> Vec<(String, String)> {
        let identity = &self.place.identity;
        let rows = [
            ("language", "xiaozhi"),
            ("session", self.session()),
            ("device", &identity.device),
            ("client", &identity.client),
            ("sound as announced", &self.announced),
        ];
        let shown = rows.into_iter().filter(|(_, value)| !value.is_empty());
        let mut rows: Vec<_> = shown
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let damaged = self.decoder.damaged().to_string();
        rows.push(("damaged packets".to_owned(), damaged));
        rows
    }

    /// Says the user's words, or takes note that the answer to a recording is wanted.
    fn say(&mut self, say: &Say, now: Moment, out: &mut Out) {
        if say.clip.is_some() && self.claim(say.turn, say.voice.is_some(), out) {
            return;
        }
        self.break_off(now, out);
        self.exchange = Some(Exchange::asked(say.turn, say.voice.is_some()));
        let text = &say.text;
        out.frames.push(self.listen(Listen::Detect { text }));
        self.microphone.deafen(now + DEAF);
    }

    /// The answer of this turn is wanted; `false` if none is coming.
    fn claim(&mut self, turn: TurnId, aloud: bool, out: &mut Out) -> bool {
        let Some(exchange) = self.exchange.as_mut().filter(|of| of.turn == turn) else {
            return false;
        };
        exchange.claim(aloud, &mut out.downs);
        if exchange.stage == Stage::Over {
            self.exchange = None;
        }
        true
    }

    /// Something else begins: what the server still says is not for us any more, and what it has
    /// said was its answer.
    fn break_off(&mut self, now: Moment, out: &mut Out) {
        let answers = |of: &&mut Exchange| of.stage == Stage::Answering && of.is_claimed();
        if let Some(exchange) = self.exchange.as_mut().filter(answers) {
            exchange.end(&mut out.downs);
        }
        self.take_back(now, out);
    }

    /// Nobody wants an answer any more.
    fn take_back(&mut self, now: Moment, out: &mut Out) {
        let Some(exchange) = self.exchange.take() else {
            return;
        };
        // What was held back of a recording does not leave any more.
        self.microphone.clear();
        match exchange.stage {
            Stage::Answering => self.abort(Ignore::Rest, now, out),
            Stage::Asked | Stage::Unheard(_) => {
                self.abort(Ignore::Next(now + UNWANTED), now, out);
            }
            Stage::Recording | Stage::Over => {}
        }
    }

    fn abort(&mut self, ignore: Ignore, now: Moment, out: &mut Out) {
        self.ignore = ignore;
        self.aborted = Some(now);
        self.opening = false;
        if let Some(call) = &mut self.call {
            call.aborted(now);
        }
        let session_id = self.session();
        let abort = ClientFrame::Abort { session_id };
        out.frames.push(Frame::Text(abort.written()));
    }
}

fn decoder() -> Decoder {
    Decoder::new(RATE).expect("it is one of the rates of Opus")
}
