//! What clients of the realtime API ask for, event by event.

use super::settings::{is_text, modalities};
use super::{Realtime, Response, Wanted, item};
use crate::codec::resample::Resampler;
use crate::core::backend::{Earlier, VoiceWish};
use crate::core::ids::TurnId;
use crate::core::sound::RATE;
use crate::core::transcript::Role;
use crate::serve::call::{CALL_RATE, samples};
use crate::serve::client::Asked;
use crate::serve::hear;
use crate::serve::question::Question;
use crate::serve::speak::{Form, How};
use serde_json::{Value, json};
use std::time::Duration;

/// Less than this is nothing that was said: a tenth of a second.
const LEAST: usize = CALL_RATE as usize / 10;
/// The longest that may be said in one turn.
const MOST: usize = hear::MINUTES * 60 * CALL_RATE as usize;
/// So many things may have been said before an answer is asked for.
const ITEMS: usize = 256;

/// Why something is not done: a word for programs, and what for people.
type No = (&'static str, String);

fn invalid(what: impl Into<String>) -> No {
    ("invalid_value", what.into())
}

impl Realtime {
    /// Does what an event asks for, which came after so long a life of the connection.
    pub(super) fn read(&mut self, text: &str, now: Duration) {
        let event: Value = match serde_json::from_str(text) {
            Ok(event @ Value::Object(_)) => event,
            Ok(_) => return self.wrong(BAD, "invalid_event", "an event is an object", None),
            Err(error) => {
                let what = format!("an event that is not JSON: {error}");
                return self.wrong(BAD, "invalid_json", &what, None);
            }
        };
        let about = event.get("event_id").and_then(Value::as_str);
        let kind = event
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let longest = self.client.house.served.terms.longest;
        self.client.house.figures.read();
        // Sound comes as often as the client likes; how much of it there is has limits of its own.
        let sound = kind == "input_audio_buffer.append";
        let counted = if sound {
            Ok(())
        } else {
            self.client.count(now)
        };
        let outcome = match counted {
            Err(error) => Err((error.code(), error.tell(self.client.lang))),
            Ok(()) if text.len() > longest && !sound => Err((
                "message_too_large",
                format!("an event of more than {longest} bytes"),
            )),
            Ok(()) => self.carry_out(kind, &event),
        };
        if let Err((code, what)) = outcome {
            self.wrong(BAD, code, &what, about);
        }
    }

    /// The table.
    fn carry_out(&mut self, kind: &str, event: &Value) -> Result<(), No> {
        match kind {
            "session.update" => self.update(event.get("session").unwrap_or(&Value::Null)),
            "input_audio_buffer.append" => self.append(event.get("audio").and_then(Value::as_str)),
            "input_audio_buffer.commit" => self.commit(),
            "input_audio_buffer.clear" => {
                self.buffer.clear();
                self.client.stop_hearing();
                self.tell("input_audio_buffer.cleared", json!({}));
                Ok(())
            }
            "conversation.item.create" => self.create(event),
            "conversation.item.truncate" => self.truncate(event),
            "response.create" => self.wish(event.get("response").unwrap_or(&Value::Null)),
            "response.cancel" => self.cancel(event.get("response_id").and_then(Value::as_str)),
            "" => Err(("invalid_event", "an event without a `type`".to_owned())),
            other => {
                let other: String = other.chars().take(60).collect();
                Err(("unknown_event", format!("`{other}` is not understood here")))
            }
        }
    }

    fn update(&mut self, wished: &Value) -> Result<(), No> {
        self.settings = self.settings.with(wished).map_err(invalid)?;
        self.deaf = false;
        if self.settings.detection.is_none() {
            self.client.stop_hearing();
        }
        let session = self.settings.told(&self.client.id);
        self.tell("session.updated", json!({ "session": session }));
        Ok(())
    }

    fn append(&mut self, audio: Option<&str>) -> Result<(), No> {
        let refused = |error: crate::serve::ServeError| (error.code(), error.to_string());
        let more = samples(audio, None).map_err(refused)?;
        self.came += more.len() as u64;
        if self.settings.detection.is_some() {
            if !self.deaf {
                self.client.start_call(Asked {
                    unanswered: true,
                    ..Asked::default()
                });
                self.deaf = !self.client.is_in_call();
            }
            return self.client.hear_samples(&more).map_err(refused);
        }
        if self.buffer.len() + more.len() > MOST {
            self.buffer.clear();
            let what = format!("more than {} minutes in one turn", hear::MINUTES);
            return Err(("recording_too_long", what));
        }
        self.buffer.extend(more);
        Ok(())
    }

    fn commit(&mut self) -> Result<(), No> {
        let empty = || {
            let what = "the buffer holds less than 100 ms of sound";
            ("input_audio_buffer_commit_empty", what.to_owned())
        };
        let refused = |error: crate::serve::ServeError| (error.code(), error.to_string());
        if self.settings.detection.is_some() {
            if !self.client.is_speaking() {
                return Err(empty());
            }
            return self.client.cut_call().map_err(refused);
        }
        if self.buffer.len() < LEAST {
            return Err(empty());
        }
        let (mut resampler, mut out) = (Resampler::new(CALL_RATE, RATE), vec![]);
        resampler.add(&std::mem::take(&mut self.buffer), &mut out);
        resampler.finish(&mut out);
        let whole = |sample: f32| (sample * 32_768.0).clamp(-32_768.0, 32_767.0) as i16;
        let turn = out.into_iter().map(whole).collect();
        let name = self.client.name_message();
        let conversation = self.client.id.clone();
        let heard = self.client.hear_turn(name.clone(), conversation, turn);
        heard.map_err(refused)?;
        self.committed(&name);
        Ok(())
    }

    /// Somebody said something, whose words are on their way.
    pub(super) fn committed(&mut self, message: &str) {
        let (id, previous) = (item(message), self.last.take());
        let said = json!({"id": id, "object": "realtime.item", "type": "message", "status": "completed",
            "role": "user", "content": [{"type": "input_audio", "transcript": null}]});
        self.tell(
            "input_audio_buffer.committed",
            json!({"item_id": id, "previous_item_id": previous}),
        );
        self.added(&said, previous.as_deref());
        self.last = Some(id);
        self.unheard.push_back(message.to_owned());
    }

    pub(super) fn added(&mut self, item: &Value, previous: Option<&str>) {
        for kind in ["conversation.item.added", "conversation.item.done"] {
            self.tell(kind, json!({"item": item, "previous_item_id": previous}));
        }
    }

    fn create(&mut self, event: &Value) -> Result<(), No> {
        let given = event.get("item").unwrap_or(&Value::Null);
        if given.get("type").and_then(Value::as_str) != Some("message") {
            return Err(invalid("an item here is of the type `message`"));
        }
        let parts = given.get("content").and_then(Value::as_array);
        let mut text = String::new();
        for part in parts.into_iter().flatten() {
            match part.get("type").and_then(Value::as_str) {
                Some("input_text" | "output_text" | "text") => {
                    text.push_str(part.get("text").and_then(Value::as_str).unwrap_or_default());
                }
                _ => return Err(invalid("an item here holds text; sound goes to the buffer")),
            }
        }
        if text.trim().is_empty() {
            return Err(invalid("there are no words in it"));
        }
        if self.said.len() + self.history.len() >= ITEMS {
            return Err(invalid(format!("more than {ITEMS} items before an answer")));
        }
        let role = given.get("role").and_then(Value::as_str).unwrap_or("user");
        match role {
            "user" => self.said.push(text),
            "system" | "developer" => {
                let known = self.settings.instructions.take();
                let all = known.into_iter().chain([text]).collect::<Vec<_>>();
                self.settings.instructions = Some(all.join("\n\n"));
            }
            "assistant" => {
                // What was said before it is history now.
                let said = std::mem::take(&mut self.said);
                let turn = self.client.name_message().parse().unwrap_or(TurnId(0));
                let asked = (!said.is_empty()).then(|| (Role::User, said.join("\n\n")));
                for (role, text) in asked.into_iter().chain([(Role::Assistant, text)]) {
                    self.history.push(Earlier {
                        turn,
                        role,
                        text,
                        cut: false,
                        by: None,
                    });
                }
            }
            _ => return Err(invalid("`role` is user, assistant or system")),
        }
        let name = self.client.name_message();
        let id = given.get("id").and_then(Value::as_str);
        let id = id.map_or_else(|| item(&name), ToOwned::to_owned);
        let mut told = given.clone();
        told["id"] = id.as_str().into();
        told["object"] = "realtime.item".into();
        told["status"] = "completed".into();
        let previous = self.last.replace(id);
        self.added(&told, previous.as_deref());
        Ok(())
    }

    fn truncate(&mut self, event: &Value) -> Result<(), No> {
        let id = event
            .get("item_id")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let heard_ms = event.get("audio_end_ms").and_then(Value::as_u64);
        let heard_ms = heard_ms.ok_or_else(|| invalid("`audio_end_ms` is a number"))?;
        let mut known = self.active.iter().chain(&self.before);
        let Some(response) = known.find(|response| response.item() == id).cloned() else {
            return Err((
                "item_not_found",
                "there is no such answer, or no longer".to_owned(),
            ));
        };
        let sent_ms = response.sent * 1000 / u64::from(CALL_RATE);
        if heard_ms > sent_ms {
            return Err(invalid(format!("only {sent_ms} ms of it were sent")));
        }
        // Nobody says which word is where: they are taken to be as long as each other.
        let words: Vec<&str> = response
            .words
            .split_inclusive(char::is_whitespace)
            .collect();
        let count = words.len() as u64 * heard_ms / sent_ms.max(1);
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let heard: String = words.into_iter().take(count).collect();
        let (message, conversation) = (response.message, self.client.id.clone());
        if self
            .active
            .as_ref()
            .is_some_and(|active| active.message == message)
        {
            let named = (Some(message), Some(conversation));
            self.client.interrupt(named.0, named.1, Some(&heard));
        } else {
            self.client.house.heard(&conversation, &message, &heard);
        }
        let told = json!({"item_id": id, "content_index": 0, "audio_end_ms": heard_ms});
        self.tell("conversation.item.truncated", told);
        Ok(())
    }

    fn wish(&mut self, wished: &Value) -> Result<(), No> {
        if self.active.is_some() || self.wanted.is_some() {
            let what = "an answer is being given already";
            return Err(("conversation_already_has_active_response", what.to_owned()));
        }
        let wanted = Wanted {
            instructions: wished
                .get("instructions")
                .and_then(Value::as_str)
                .map(ToOwned::to_owned),
            text: modalities(wished)
                .map(is_text)
                .transpose()
                .map_err(invalid)?,
        };
        if !self.unheard.is_empty() {
            self.wanted = Some(wanted);
            return Ok(());
        }
        if self.said.is_empty() {
            let what = "nothing was said that could be answered";
            return Err(("conversation_empty", what.to_owned()));
        }
        self.answer(wanted, None);
        Ok(())
    }

    /// Begins to answer all that was said; the name is that of its message, where it has one.
    pub(super) fn answer(&mut self, wanted: Wanted, name: Option<String>) {
        let message = name.unwrap_or_else(|| self.client.name_message());
        let text = wanted.text.unwrap_or(self.settings.text);
        let lang = self.client.lang;
        let wish = VoiceWish {
            voice: self.settings.voice.clone(),
            speed: 1.0,
            engine: None,
        };
        let form = Form::Call;
        let response = Response::new(message.clone(), text);
        let told = json!({"id": response.id(), "object": "realtime.response",
            "status": "in_progress", "output": []});
        self.tell("response.created", json!({ "response": told }));
        self.active = Some(response);
        self.client.ask(Question {
            turn: message,
            conversation: self.client.id.clone(),
            text: std::mem::take(&mut self.said).join("\n\n"),
            instructions: wanted
                .instructions
                .or_else(|| self.settings.instructions.clone()),
            tools: true,
            stream: text,
            lang,
            history: std::mem::take(&mut self.history),
            voice: (!text).then_some(How { wish, form, lang }),
            ..Question::default()
        });
    }

    fn cancel(&mut self, id: Option<&str>) -> Result<(), No> {
        let meant = self.active.as_ref();
        let meant = meant.filter(|active| id.is_none_or(|id| id == active.id()));
        let Some(message) = meant.map(|active| active.message.clone()) else {
            let what = "no answer is being given that could be stopped";
            return Err(("response_cancel_not_active", what.to_owned()));
        };
        let conversation = self.client.id.clone();
        self.client
            .interrupt(Some(message), Some(conversation), None);
        Ok(())
    }
}

/// What errors of clients are called.
pub(super) const BAD: &str = "invalid_request_error";
