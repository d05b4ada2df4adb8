//! The client's side of the Realtime language: what we say, and what has to be done in time. What
//! the server says is `heard`'s, and its answers are `answer`'s.
//!
//! We cut what is said into recordings ourselves, and an answer is asked for when the program
//! says the words of one: so the guards against echo and murmurs hold with every backend.

mod answer;
mod call;
mod heard;

use super::answers::{Answers, Cancel, How};
use super::event::{Event, Sound};
use super::habits::Habits;
use super::place::Wishes;
use super::recorded::Recorded;
use super::session::Session;
use crate::core::backend::{Down, Say, UNTOLD, Up};
use crate::core::ids::{ConversationId, TurnId};
use crate::core::line::Cause;
use crate::core::sound::ClipPart;
use crate::core::time::{Moment, Now};
use crate::core::transcript::Role;
use crate::wire::{Answer, Dialect, Frame, Out, Place};
use serde_json::{Value, json};
use std::time::Duration;

/// How often we look for a pause then.
const LOOK: Duration = Duration::from_secs(1);
/// So many messages of the conversation are remembered by their names.
const MOST_ITEMS: usize = 1000;

/// Speaks Realtime to one server.
pub struct Realtime {
    wishes: Wishes,
    session: Session,
    greeted: bool,
    /// The conversation that the session holds, and its messages.
    conversation: Option<ConversationId>,
    items: Vec<String>,
    /// The language that was announced for recordings.
    language: Option<String>,
    answers: Answers,
    recorded: Recorded,
    habits: Habits,
    /// How many requests have gone out.
    requests: u64,
    /// Tokens in and out, in this session.
    spent: (u64, u64),
    /// What is left of the server's patience, by its own names.
    limits: Vec<(String, String)>,
    /// When to look whether the session should be renewed.
    renew: Option<Moment>,
}

impl Realtime {
    /// Somebody who speaks to the server at this place.
    pub fn new(place: &Place) -> Self {
        Self::wishing(Wishes::of(place))
    }

    fn wishing(wishes: Wishes) -> Self {
        let mut session = Session::new(wishes.shape);
        session.rates = wishes.rates;
        Self {
            session,
            wishes,
            greeted: false,
            conversation: None,
            items: vec![],
            language: None,
            answers: Answers::default(),
            recorded: Recorded::default(),
            habits: Habits::default(),
            requests: 0,
            spent: (0, 0),
            limits: vec![],
            renew: None,
        }
    }
}

impl Dialect for Realtime {
    fn dial(&mut self, _now: Now, out: &mut Out) {
        *self = Self::wishing(std::mem::take(&mut self.wishes));
        out.dial = Some(self.wishes.upgrade.clone());
    }

    /// The server speaks first.
    fn hello(&mut self, _now: Now, _out: &mut Out) {}

    fn encode(&mut self, up: &Up, now: Now, out: &mut Out) -> bool {
        match up {
            Up::Say(say) => self.say(say, out),
            Up::Interrupt { turn, heard, .. } => self.stop(*turn, heard.as_deref(), out),
            Up::Forget { conversation } => {
                if self.conversation == Some(*conversation) {
                    self.forget(out);
                }
            }
            Up::Result { id, outcome } => {
                if self.answers.used(id, outcome) {
                    self.go_on(out);
                }
            }
            Up::Attend { turn } => {
                if self.recorded.attend(*turn, now.mono) {
                    self.taken(*turn, out);
                }
            }
            Up::AskStatus => out.downs.push(Down::Status(self.status())),
            Up::AskHabits { lang } => {
                let habits = self.habits.tell(&self.session, &self.limits, *lang);
                out.downs.push(Down::Habits(habits));
            }
            Up::Beat => self.beat(now, out),
            // It would answer a text instead of reading it, it does not know of others, and begins
            // nothing by itself.
            Up::Read { .. }
            | Up::AskBrains { .. }
            | Up::AskPrompt { .. }
            | Up::AskTools { .. }
            | Up::Follow { .. }
            | Up::Join { .. }
            | Up::Report { .. } => return false,
        }
        true
    }

    fn clip(&mut self, part: &ClipPart, now: Now, out: &mut Out) -> bool {
        if self.heard_in_call(part, out) {
            return true;
        }
        if let ClipPart::Begin(hear) = part {
            self.unsaid(None, out);
            let language = hear
                .language
                .as_deref()
                .and_then(|tag| tag.split('-').next());
            if self.language.as_deref() != language {
                self.language = language.map(str::to_owned);
                self.wish(out);
            }
        }
        let (frames, wordless) = self.recorded.part(part, self.session.rates.0, now.mono);
        out.frames.extend(frames.iter().map(written));
        if let ClipPart::End { turn } = part {
            if self.session.listens && !wordless {
                out.frames
                    .extend(self.session.silence().iter().map(written));
            }
            let turn = Some(*turn);
            out.downs.push(Down::Hearing { turn });
            if wordless {
                let text = String::new();
                out.downs.push(Down::Transcript { turn, text });
            } else if !self.session.transcribes {
                self.untold(None, out);
            }
        }
        true
    }

    fn decode(&mut self, frame: &Frame, now: Now, out: &mut Out) {
        let Frame::Text(text) = frame else {
            return unreadable(out, "a binary frame, which this language does not have");
        };
        if let Ok(sound) = serde_json::from_str::<Sound<'_>>(text)
            && sound.is()
        {
            return self.sound(&sound, out);
        }
        match serde_json::from_str(text) {
            Ok(Value::Object(map)) => self.event(&Event(&map), now, out),
            Ok(_other) => unreadable(out, "a JSON value that is not an object"),
            Err(error) => {
                if !self.greeted {
                    let why = format!("its first word was no JSON: {error}");
                    out.over = Some(Cause::NotABackend { why });
                }
                unreadable(out, &format!("a text frame that is not JSON: {error}"));
            }
        }
    }

    /// Nothing is asked beside the socket.
    fn answered(&mut self, _answer: Answer, _now: Now, _out: &mut Out) {}

    /// The language has none; the socket's own are enough.
    fn beat(&mut self, _now: Now, _out: &mut Out) {}

    fn deadline(&self) -> Option<Moment> {
        self.recorded.deadline().into_iter().chain(self.renew).min()
    }

    fn due(&mut self, now: Now, out: &mut Out) {
        self.untold(Some(now.mono), out);
        if self.renew.is_some_and(|renew| renew <= now.mono) {
            self.renew = Some(now.mono + LOOK);
            if self.answers.is_idle() && self.recorded.is_idle() {
                let why = "the session had reached its longest time, and begins anew".to_owned();
                out.over = Some(Cause::Lost { why });
            }
        }
    }
}

impl Realtime {
    fn say(&mut self, say: &Say, out: &mut Out) {
        if self.conversation != Some(say.conversation) {
            if self.conversation.is_some() {
                self.forget(out);
            }
            self.conversation = Some(say.conversation);
        }
        for earlier in &say.history {
            let ours = earlier.role == Role::User;
            let item = self.session.written(ours, &earlier.text);
            out.frames.push(written(&item));
        }
        if !self.recorded.say(say.turn, say.text.trim()) {
            self.unsaid(Some(say.turn), out);
            let item = self.session.written(true, &say.text);
            out.frames.push(written(&item));
        }
        let how = How {
            spoken: say.voice.is_some(),
            tools: say.tools,
            round: 0,
        };
        self.answers.ask(say.turn, how);
        self.request(out);
    }

    /// Sends the request for an answer that is due, if one is.
    fn request(&mut self, out: &mut Out) {
        let number = self.requests + 1;
        if let Some(how) = self.answers.due(number) {
            self.requests = number;
            let request = self.session.response(how, &number.to_string());
            out.frames.push(written(&request));
        }
    }

    fn stop(&mut self, turn: TurnId, heard: Option<&str>, out: &mut Out) {
        let stop = self.answers.stop(turn, heard);
        match stop.cancel {
            Cancel::Nothing => {}
            Cancel::Next => out
                .frames
                .push(written(&json!({ "type": "response.cancel" }))),
            Cancel::This(id) => out.frames.push(cancelled(&id)),
        }
        if let Some((item, ms)) = stop.truncate {
            self.habits.cuts += 1;
            out.frames.push(written(&json!({
                "type": "conversation.item.truncate",
                "item_id": item,
                "content_index": 0,
                "audio_end_ms": ms,
            })));
        }
        if !stop.known {
            self.unsaid(Some(turn), out);
        }
        out.downs.push(Down::Interrupted { turn: Some(turn) });
    }

    /// Takes recordings out of the conversation that are no part of it.
    fn unsaid(&mut self, turn: Option<TurnId>, out: &mut Out) {
        for item in self.recorded.unsaid(turn) {
            self.items.retain(|known| *known != item);
            out.frames.push(deleted(&item));
        }
    }

    /// The session is to know nothing of what was said so far.
    fn forget(&mut self, out: &mut Out) {
        out.frames
            .extend(self.items.drain(..).map(|item| deleted(&item)));
    }

    fn wish(&mut self, out: &mut Out) {
        let detection = self.wishes.detection;
        let detection = detection.filter(|_| self.recorded.call().is_some());
        let language = self.language.as_deref();
        let tools = !self.habits.toolless;
        let wish = self.session.wish(&self.wishes, language, detection, tools);
        out.frames.push(written(&wish));
    }

    /// Tells of recordings whose words nobody tells, all of them or those that are late.
    fn untold(&mut self, late: Option<Moment>, out: &mut Out) {
        let next = |recorded: &mut Recorded| match late {
            Some(now) => recorded.late(now),
            None => recorded.untold(),
        };
        while let Some(turn) = next(&mut self.recorded) {
            self.recorded.settle(turn, UNTOLD);
            self.habits.untold += 1;
            let (turn, text) = (Some(turn), UNTOLD.to_owned());
            out.downs.push(Down::Transcript { turn, text });
        }
    }

    fn status(&self) -> Vec<(String, String)> {
        let mut status = vec![("session".to_owned(), self.session.id.clone())];
        status.extend(
            self.session
                .model
                .clone()
                .map(|model| ("model".to_owned(), model)),
        );
        status.push(("tokens in".to_owned(), self.spent.0.to_string()));
        status.push(("tokens out".to_owned(), self.spent.1.to_string()));
        status.extend(self.limits.iter().cloned());
        status
    }

    /// The session holds this message.
    fn known(&mut self, item: &str) {
        if self.items.len() < MOST_ITEMS && !self.items.iter().any(|known| known == item) {
            self.items.push(item.to_owned());
        }
    }
}

fn unreadable(out: &mut Out, why: &str) {
    out.downs.push(Down::Unreadable {
        why: why.to_owned(),
    });
}

fn cancelled(id: &str) -> Frame {
    written(&json!({ "type": "response.cancel", "response_id": id }))
}

fn deleted(item: &str) -> Frame {
    written(&json!({ "type": "conversation.item.delete", "item_id": item }))
}

fn written(event: &Value) -> Frame {
    Frame::Text(event.to_string())
}

#[cfg(test)]
mod tests;
