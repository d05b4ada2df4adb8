//! What a server says about its session and about what was said: everything but its answers.

use super::super::event::Event;
use super::{Realtime, unreadable, written};
use crate::core::backend::{Down, Engine, Greeting, UNTOLD};
use crate::core::line::Cause;
use crate::core::time::Now;
use crate::wire::Out;
use std::time::Duration;

/// So long before the end of a session we begin the next one, in a pause.
const RENEW: Duration = Duration::from_mins(1);

/// Errors that say only that there was nothing to do.
const HARMLESS: &[&str] = &[
    "response_cancel_not_active",
    "input_audio_buffer_commit_empty",
];
/// The session answers somebody already: the request can wait.
pub(super) const BUSY: &str = "conversation_already_has_active_response";

impl Realtime {
    pub(super) fn event(&mut self, event: &Event<'_>, now: Now, out: &mut Out) {
        self.habits.older_names |= event.is_older();
        match event.kind() {
            "session.created" | "conversation.created" => {
                if let Some(session) = event.inner("session") {
                    self.begun(&session, now);
                }
                if !self.greeted {
                    self.greeted = true;
                    out.downs.push(Down::Greeting(self.greeting()));
                }
                self.wish(out);
            }
            "session.updated" => {
                if let Some(session) = event.inner("session") {
                    self.session.read(&session, true);
                    if self.session.detects == Some(false) {
                        self.undetected("the server leaves the turns of a call to us", out);
                    }
                }
            }
            "input_audio_buffer.speech_started" if self.recorded.call().is_some() => {
                out.downs.push(Down::Began);
            }
            "error" => self.wrong(event, out),
            "input_audio_buffer.speech_started"
                if self.session.is_settled() && !self.recorded.is_idle() =>
            {
                self.listens(out);
            }
            "input_audio_buffer.committed" => {
                let Some(item) = event.text("item_id") else {
                    return;
                };
                self.known(item);
                if self.recorded.call().is_none() {
                    self.recorded.committed(item);
                } else if let Some(turn) = self.recorded.took(item, now.mono) {
                    self.taken(turn, out);
                }
            }
            "conversation.item.added" => {
                if let Some(id) = event.inner("item").and_then(|item| item.text("id")) {
                    self.known(id);
                }
            }
            "conversation.item.input_audio_transcription.delta" => {
                let delta = event.text("delta").unwrap_or_default();
                if let Some((turn, text)) = self.recorded.more(event.text("item_id"), delta) {
                    let turn = Some(turn);
                    out.downs.push(Down::Partial { turn, text });
                }
            }
            "conversation.item.input_audio_transcription.completed" => {
                if let Some(turn) = self.recorded.told(event.text("item_id")) {
                    let text = event
                        .text("transcript")
                        .unwrap_or_default()
                        .trim()
                        .to_owned();
                    self.recorded.settle(turn, &text);
                    self.habits.told += 1;
                    let turn = Some(turn);
                    out.downs.push(Down::Transcript { turn, text });
                }
            }
            "conversation.item.input_audio_transcription.failed" => {
                if let Some(turn) = self.recorded.told(event.text("item_id")) {
                    self.recorded.settle(turn, UNTOLD);
                    self.habits.untold += 1;
                    let (turn, text) = (Some(turn), UNTOLD.to_owned());
                    out.downs.push(Down::Transcript { turn, text });
                }
                let why = event.inner("error").map(|error| error.trouble().what);
                unreadable(
                    out,
                    &format!("no words of a recording: {}", why.unwrap_or_default()),
                );
            }
            "conversation.item.truncated" => self.habits.cut += 1,
            "rate_limits.updated" => {
                let limits = event.list("rate_limits").filter_map(|limit| {
                    let (name, left) = (limit.text("name")?, limit.number("remaining")?);
                    Some((format!("{name} left"), left.to_string()))
                });
                self.limits = limits.collect();
            }
            kind => self.of_answer(kind, event, out),
        }
    }

    /// The server listens for the end of what is said, although it was asked not to: for some, a
    /// commit is none. Silence is.
    fn listens(&mut self, out: &mut Out) {
        if std::mem::replace(&mut self.session.listens, true) {
            return;
        }
        self.wish(out);
        if self.recorded.is_awaited() {
            out.frames
                .extend(self.session.silence().iter().map(written));
        }
    }

    fn wrong(&mut self, event: &Event<'_>, out: &mut Out) {
        let error = event.inner("error");
        let error = error.as_ref().unwrap_or(event);
        let mut trouble = error.trouble();
        if !self.greeted {
            if trouble.code == "beta_api_shape_disabled" {
                trouble
                    .what
                    .push_str(" (set `language = \"realtime\"` for this backend)");
            }
            out.over = Some(Cause::Denied {
                status: None,
                reason: trouble.what,
            });
            return;
        }
        let request = error.text("event_id").and_then(|id| id.parse().ok());
        let later = trouble.code == BUSY;
        let failed = request.and_then(|number| self.answers.refused(number, later));
        let why = format!("{}: {}", trouble.code, trouble.what);
        let about = error.text("param").unwrap_or(&why);
        match failed {
            Some(turn) => {
                let turn = Some(turn);
                out.downs.push(Down::Trouble { turn, trouble });
                self.request(out);
            }
            None if HARMLESS.contains(&&*trouble.code) => {}
            None if about.contains("turn_detection") => self.undetected(&why, out),
            // It has refused all that was wished with them.
            None if !self.habits.toolless && about.contains("tools") => {
                self.habits.toolless = true;
                self.session.refused();
                self.wish(out);
            }
            None => unreadable(out, &why),
        }
    }

    fn begun(&mut self, session: &Event<'_>, now: Now) {
        self.session.read(session, false);
        self.renew = self.session.expires_s.map(|expires_s| {
            let left_ms = expires_s.saturating_mul(1000).saturating_sub(now.wall.0);
            let left = Duration::from_millis(u64::try_from(left_ms).unwrap_or(0));
            // A clock that is wrong must not have us dial again and again.
            now.mono + left.saturating_sub(RENEW).max(RENEW)
        });
    }

    fn greeting(&self) -> Greeting {
        let mut capabilities = vec!["live_clips".to_owned()];
        if self.wishes.detection.is_some() {
            capabilities.push("turns".to_owned());
        }
        let engine = |name: &str| Engine {
            name: name.to_owned(),
            ..Engine::default()
        };
        Greeting {
            client: self.session.id.clone(),
            capabilities,
            personas: vec![],
            ears: Some(engine(&self.wishes.ears)),
            voice: Some(engine(
                self.wishes
                    .voice
                    .as_deref()
                    .or(self.session.voice.as_deref())
                    .unwrap_or("realtime"),
            )),
        }
    }
}
