//! What the backend tells, as events of the realtime API.

use super::asks::BAD;
use super::{Realtime, Response, item};
use crate::serve::call::CALL_RATE;
use crate::serve::job::Out;
use crate::wire::yychat::frames::{ErrorBody, Ids, ServerFrame, Speaker};
use serde_json::{Value, json};

/// Somebody has spoken for so long when it is told.
const CERTAIN_MS: u64 = 200;

/// How many samples are in this base64.
fn samples(audio: &str) -> u64 {
    let padding = audio.bytes().rev().take_while(|byte| *byte == b'=').count();
    (audio.len() / 4 * 3).saturating_sub(padding) as u64 / 2
}

impl Realtime {
    /// Takes what the backend tells. What the API has no word for is left out.
    pub(super) fn told(&mut self, out: Out) {
        let Out::Frame(frame) = out else {
            return;
        };
        match *frame {
            ServerFrame::ConnectionEstablished { .. } => {
                let session = self.settings.told(&self.client.id);
                self.tell("session.created", json!({ "session": session }));
            }
            ServerFrame::SpeechStarted { ids, .. } => self.began(&ids),
            ServerFrame::SpeechStopped { ids, .. } => {
                let message = ids.message_id.unwrap_or_default();
                let told = json!({"item_id": item(&message), "audio_end_ms": self.ms()});
                self.tell("input_audio_buffer.speech_stopped", told);
                self.committed(&message);
            }
            ServerFrame::TranscriptionResult {
                role: Some(Speaker::Assistant),
                text,
                ids,
                ..
            } => self.worded(&ids, text),
            ServerFrame::TranscriptionResult { text, ids, .. } => self.understood(ids, text),
            ServerFrame::AudioStream { audio, ids, .. } => self.sound(&ids, &audio),
            ServerFrame::StreamChunk { content, ids, .. } => {
                self.with(&ids, |realtime, response| {
                    realtime.open(response);
                    response.words.push_str(&content);
                    let told = response.part(json!({"delta": content}));
                    realtime.tell("response.output_text.delta", told);
                });
            }
            ServerFrame::StreamEnd {
                full_content, ids, ..
            } => {
                self.with(&ids, |realtime, response| {
                    realtime.open(response);
                    response.words = full_content;
                });
                self.end(&ids, "completed", None);
            }
            ServerFrame::SynthesisComplete { ids, .. } => self.end(&ids, "completed", None),
            ServerFrame::InterruptConfirmed { ids, .. } => self.end(&ids, "cancelled", None),
            ServerFrame::Error { error, ids, .. } => self.failed(&ids, &error),
            _ => {}
        }
    }

    /// How much was heard so far.
    fn ms(&self) -> u64 {
        self.came * 1000 / u64::from(CALL_RATE)
    }

    fn began(&mut self, ids: &Ids) {
        let message = ids.message_id.clone().unwrap_or_default();
        let at = self.ms().saturating_sub(CERTAIN_MS);
        let told = json!({"item_id": item(&message), "audio_start_ms": at});
        self.tell("input_audio_buffer.speech_started", told);
        let interrupts = self.settings.detection.is_some_and(|one| one.interrupt);
        if let Some(active) = self.active.as_mut().filter(|_| interrupts) {
            active.reason = "turn_detected";
            let (message, conversation) = (active.message.clone(), self.client.id.clone());
            self.client
                .interrupt(Some(message), Some(conversation), None);
        }
    }

    /// The words of what somebody said.
    fn understood(&mut self, ids: Ids, text: String) {
        let Some(message) = ids.message_id else {
            return;
        };
        self.unheard.retain(|one| *one != message);
        let told = json!({"item_id": item(&message), "content_index": 0, "transcript": text});
        self.tell(
            "conversation.item.input_audio_transcription.completed",
            told,
        );
        if !text.is_empty() {
            self.said.push(text);
        }
        let answers = self.settings.detection.is_some_and(|one| one.answer);
        let wanted = self.wanted.take().filter(|_| self.unheard.is_empty());
        match wanted {
            Some(_) if self.said.is_empty() => {
                let what = "nothing was understood that could be answered";
                self.wrong(BAD, "conversation_empty", what, None);
            }
            Some(wanted) => self.answer(wanted, Some(message)),
            None if answers && !self.said.is_empty() && self.active.is_none() => {
                self.answer(super::Wanted::default(), Some(message));
            }
            None => {}
        }
    }

    /// Does something with the answer that this is about, if it is the one that is being given.
    fn with(&mut self, ids: &Ids, act: impl FnOnce(&mut Self, &mut Response)) {
        let message = ids.message_id.as_deref();
        let Some(mut response) = self
            .active
            .take_if(|active| message == Some(active.message.as_str()))
        else {
            return;
        };
        act(self, &mut response);
        self.active = Some(response);
    }

    /// Tells the item and the part of an answer, once.
    fn open(&mut self, response: &mut Response) {
        if std::mem::replace(&mut response.open, true) {
            return;
        }
        let item = response.message_item("in_progress");
        let previous = self.last.replace(response.item());
        let id = response.id();
        self.tell(
            "response.output_item.added",
            json!({"response_id": id, "output_index": 0, "item": item}),
        );
        self.tell(
            "conversation.item.added",
            json!({"item": item, "previous_item_id": previous}),
        );
        let part = response.shape("");
        self.tell(
            "response.content_part.added",
            response.part(json!({ "part": part })),
        );
    }

    fn sound(&mut self, ids: &Ids, audio: &str) {
        self.with(ids, |realtime, response| {
            realtime.open(response);
            response.sent += samples(audio);
            let told = response.part(json!({ "delta": audio }));
            realtime.tell("response.output_audio.delta", told);
        });
    }

    /// The words of an answer that is spoken.
    fn worded(&mut self, ids: &Ids, text: String) {
        self.with(ids, |realtime, response| {
            realtime.open(response);
            let told = response.part(json!({ "delta": text }));
            realtime.tell("response.output_audio_transcript.delta", told);
            response.words = text;
        });
    }

    /// An answer is over.
    fn end(&mut self, ids: &Ids, status: &str, why: Option<&ErrorBody>) {
        let message = ids.message_id.as_deref();
        let Some(response) = self
            .active
            .take_if(|active| message == Some(active.message.as_str()))
        else {
            return;
        };
        let item = response.message_item(if status == "completed" {
            status
        } else {
            "incomplete"
        });
        if response.open {
            if response.text {
                let told = response.part(json!({"text": response.words}));
                self.tell("response.output_text.done", told);
            } else {
                self.tell("response.output_audio.done", response.part(json!({})));
                let told = response.part(json!({"transcript": response.words}));
                self.tell("response.output_audio_transcript.done", told);
            }
            let part = response.shape(&response.words);
            self.tell(
                "response.content_part.done",
                response.part(json!({ "part": part })),
            );
            self.tell(
                "response.output_item.done",
                json!({"response_id": response.id(), "output_index": 0, "item": item}),
            );
            self.tell("conversation.item.done", json!({"item": item}));
        }
        let details = match (status, why) {
            ("cancelled", _) => json!({"type": "cancelled", "reason": response.reason}),
            (_, Some(why)) => json!({"type": "failed",
                "error": {"type": "server_error", "code": why.code, "message": why.message}}),
            _ => Value::Null,
        };
        let output: Vec<Value> = response.open.then_some(item).into_iter().collect();
        let told = json!({"id": response.id(), "object": "realtime.response", "status": status,
            "status_details": details, "output": output});
        self.tell("response.done", json!({ "response": told }));
        self.before = Some(response);
        // What was said meanwhile is answered now.
        let answers = self.settings.detection.is_some_and(|one| one.answer);
        if answers && !self.said.is_empty() && self.unheard.is_empty() {
            self.answer(super::Wanted::default(), None);
        }
    }

    fn failed(&mut self, ids: &Ids, error: &ErrorBody) {
        let message = ids.message_id.as_deref();
        let active = self.active.as_ref().map(|active| active.message.as_str());
        if message.is_some() && message == active && error.kind != "speech_error" {
            return self.end(ids, "failed", Some(error));
        }
        if let Some(unheard) = self
            .unheard
            .iter()
            .position(|one| message == Some(one.as_str()))
        {
            let message = self.unheard.remove(unheard).unwrap_or_default();
            let told = json!({"item_id": item(&message), "content_index": 0,
                "error": {"type": "server_error", "code": error.code, "message": error.message}});
            self.tell("conversation.item.input_audio_transcription.failed", told);
            self.wanted = None;
            return;
        }
        self.wrong("server_error", &error.code, &error.message, None);
    }
}

impl Response {
    /// An event about its only part.
    fn part(&self, mut event: Value) -> Value {
        event["response_id"] = self.id().into();
        event["item_id"] = self.item().into();
        event["output_index"] = 0.into();
        event["content_index"] = 0.into();
        event
    }

    /// Its only part, as events tell it.
    fn shape(&self, words: &str) -> Value {
        if self.text {
            json!({"type": "text", "text": words})
        } else {
            json!({"type": "audio", "transcript": words})
        }
    }

    /// The same, as an item holds it.
    fn content(&self, words: &str) -> Value {
        if self.text {
            json!({"type": "output_text", "text": words})
        } else {
            json!({"type": "output_audio", "transcript": words})
        }
    }

    fn message_item(&self, status: &str) -> Value {
        let content = (!self.words.is_empty()).then(|| self.content(&self.words));
        let content: Vec<Value> = content.into_iter().collect();
        json!({"id": self.item(), "object": "realtime.item", "type": "message", "status": status,
            "role": "assistant", "content": content})
    }
}
