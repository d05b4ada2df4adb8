//! The client's side of the Realtime language.
//!
//! We cut what is said into recordings ourselves, and an answer is asked for when the program
//! says the words of one: so the guards against echo and murmurs hold with every backend.

mod call;

use super::answers::{Answer as Coming, Answers, Cancel, How, State};
use super::event::{Event, Sound};
use super::habits::Habits;
use super::place::Wishes;
use super::recorded::Recorded;
use super::session::Session;
use super::tools::{self, failure};
use crate::codec::base64;
use crate::core::backend::{By, Down, Engine, Greeting, Say, ToolCall, Trouble, Up};
use crate::core::ids::{ConversationId, TurnId};
use crate::core::line::Cause;
use crate::core::sound::{ClipPart, Sound as Heard, Speech};
use crate::core::time::{Moment, Now};
use crate::core::transcript::Role;
use crate::wire::{Answer, Dialect, Frame, Out, Place, UNTOLD};
use bytes::Bytes;
use serde_json::{Value, json};
use std::time::Duration;

/// So long before the end of a session we begin the next one, in a pause.
const RENEW: Duration = Duration::from_mins(1);
/// How often we look for a pause then.
const LOOK: Duration = Duration::from_secs(1);
/// So many messages of the conversation are remembered by their names.
const MOST_ITEMS: usize = 1000;

/// Errors that say only that there was nothing to do.
const HARMLESS: &[&str] = &[
    "response_cancel_not_active",
    "input_audio_buffer_commit_empty",
];
/// The session answers somebody already: the request can wait.
const BUSY: &str = "conversation_already_has_active_response";

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
        Self {
            session: Session::new(wishes.shape),
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
                let habits = self.habits.tell(&self.session, *lang);
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
            out.frames.push(written(&json!({
                "type": "conversation.item.truncate",
                "item_id": item,
                "content_index": 0,
                "audio_end_ms": ms,
            })));
        }
        if !stop.known {
            self.recorded.told(None);
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
        let wish = self.session.wish(&self.wishes, language, detection);
        out.frames.push(written(&wish));
    }

    /// Tells of recordings whose words nobody tells, all of them or those that are late.
    fn untold(&mut self, late: Option<Moment>, out: &mut Out) {
        let next = |recorded: &mut Recorded| match late {
            Some(now) => recorded.late(now),
            None => recorded.told(None),
        };
        while let Some(turn) = next(&mut self.recorded) {
            self.recorded.settle(turn, UNTOLD);
            self.habits.untold += 1;
            let (turn, text) = (Some(turn), UNTOLD.to_owned());
            out.downs.push(Down::Transcript { turn, text });
        }
    }

    /// A piece of the sound of an answer.
    fn sound(&mut self, sound: &Sound<'_>, out: &mut Out) {
        let id = sound.response_id.as_ref().map(|id| &*id.0);
        let item = sound.item_id.as_ref().map(|id| &*id.0);
        let usual = self.session.rates.1;
        let Some(answer) = self
            .answers
            .about(id, item)
            .filter(|one| one.state == State::Coming)
        else {
            return;
        };
        let Some(turn) = answer.turn else {
            return;
        };
        let Some(bytes) = sound
            .delta
            .as_ref()
            .and_then(|delta| base64::decode(&delta.0))
        else {
            return unreadable(out, "a piece of sound that is no base64");
        };
        self.habits.pieces = self.habits.pieces.saturating_add(1);
        self.habits.older_names |= &*sound.kind == "response.audio.delta";
        let rate = sound.sample_rate.filter(|rate| *rate > 0).unwrap_or(usual);
        answer.sound = (answer.sound.0 + bytes.len() as u64 / 2, rate);
        let samples = Bytes::from(bytes).into();
        let sound = Heard::Samples { rate, samples };
        out.downs.push(Down::Speech(Speech::More { turn, sound }));
    }

    fn event(&mut self, event: &Event<'_>, now: Now, out: &mut Out) {
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

    /// What concerns an answer. Anything else is of no interest.
    fn of_answer(&mut self, kind: &str, event: &Event<'_>, out: &mut Out) {
        let response = event.inner("response");
        let id = event
            .text("response_id")
            .or(response.as_ref().and_then(|one| one.text("id")));
        match kind {
            "response.created" => self.begins(id.unwrap_or_default(), out),
            "response.output_item.added" => {
                let item = event.inner("item");
                let message =
                    item.filter(|item| item.text("type").is_none_or(|kind| kind == "message"));
                let _answer = self
                    .answers
                    .about(id, message.and_then(|item| item.text("id")));
            }
            "response.output_audio_transcript.delta" | "response.output_text.delta" => {
                let more = event.text("delta").unwrap_or_default();
                self.words(id, event, more, kind.contains("audio"), out);
            }
            "response.output_audio_transcript.done" | "response.output_text.done" => {
                let whole = event.text("transcript").or_else(|| event.text("text"));
                let none_yet = self
                    .answers
                    .about(id, event.text("item_id"))
                    .is_some_and(|answer| answer.characters == 0);
                if none_yet {
                    self.words(
                        id,
                        event,
                        whole.unwrap_or_default(),
                        kind.contains("audio"),
                        out,
                    );
                }
            }
            "response.function_call_arguments.done" => self.call(id, event, out),
            "response.done" => {
                let nothing = Event(event.0);
                self.ends(id, response.as_ref().unwrap_or(&nothing), out);
            }
            _ => {}
        }
    }

    fn begins(&mut self, id: &str, out: &mut Out) {
        if self.answers.begin(id) {
            // The one who asked has left before it had a name.
            out.frames.push(cancelled(id));
            return;
        }
        let answer = self.answers.about(Some(id), None);
        let turn = answer.and_then(|answer| answer.turn);
        if turn.is_none() && self.recorded.call().is_some() {
            // Whoever cuts turns likes to answer them, too: that is asked for when the words are
            // known.
            out.frames.push(cancelled(id));
        }
        out.downs
            .extend(turn.map(|turn| Down::Thinking { turn: Some(turn) }));
    }

    /// More words of an answer. `spoken`: its sound says them.
    fn words(
        &mut self,
        id: Option<&str>,
        event: &Event<'_>,
        more: &str,
        spoken: bool,
        out: &mut Out,
    ) {
        let answer = self.answers.about(id, event.text("item_id"));
        let Some(answer) = answer.filter(|one| one.state == State::Coming && !more.is_empty())
        else {
            return;
        };
        answer.characters += more.chars().count();
        let Some(turn) = answer.turn else {
            return;
        };
        out.downs.push(Down::Text {
            turn: Some(turn),
            more: more.to_owned(),
        });
        if spoken {
            let words = more.to_owned();
            out.downs.push(Down::Speech(Speech::Words { turn, words }));
        }
    }

    fn ends(&mut self, id: Option<&str>, response: &Event<'_>, out: &mut Out) {
        let by = By {
            brain: self.wishes.name.clone(),
            model: self.session.model.clone(),
        };
        let usage = response.usage();
        if let Some(usage) = usage {
            self.spent.0 += u64::from(usage.prompt);
            self.spent.1 += u64::from(usage.completion);
        }
        self.habits.stops |= response.text("status") == Some("cancelled");
        for item in response.list("output") {
            if item.text("type") == Some("function_call") {
                self.call(id, &item, out);
            }
        }
        if let Some(answer) = self.answers.about(id, None) {
            let wanted = answer.state == State::Coming;
            answer.state = State::Over;
            // It goes on when what it wanted to use was used.
            let all = answer.uses.is_empty();
            if let Some(turn) = answer.turn.filter(|_turn| wanted && all) {
                let whole = response.words();
                let silent = answer.characters == 0;
                if silent && !whole.is_empty() {
                    answer.characters = whole.chars().count();
                    let turn = Some(turn);
                    out.downs.push(Down::Text { turn, more: whole });
                }
                let empty = answer.characters == 0 && answer.sound.0 == 0;
                if answer.how.spoken {
                    out.downs.push(Down::Speech(Speech::End { turn }));
                }
                let turn = Some(turn);
                out.downs.push(match response.text("status") {
                    Some("cancelled") => Down::Interrupted { turn },
                    Some(status @ ("failed" | "incomplete")) if empty || status == "failed" => {
                        let trouble = failed(response);
                        Down::Trouble { turn, trouble }
                    }
                    _ => Down::Done {
                        turn,
                        full: None,
                        by: Some(by),
                        usage,
                    },
                });
            }
        }
        self.go_on(out);
    }

    /// The answer wants to use a tool. Some servers tell its name only at the end.
    fn call(&mut self, id: Option<&str>, event: &Event<'_>, out: &mut Out) {
        let (Some(call), Some(name)) = (event.text("call_id"), event.text("name")) else {
            return;
        };
        let answer = self.answers.about(id, None);
        let goes_on = |one: &&mut Coming| {
            one.state == State::Coming && one.turn.is_some() && one.uses.len() < tools::TOLD
        };
        let Some(answer) = answer.filter(goes_on) else {
            return;
        };
        let offer = tools::meant(&self.wishes.tools, name);
        let refused = match offer {
            None => Some(failure(&format!("there is no tool `{name}`"))),
            Some(_) if answer.uses.len() >= tools::MOST => Some(failure("too many uses at once")),
            Some(_) => None,
        };
        let asked = refused.is_none();
        if answer.uses.add(call, refused)
            && let Some(offer) = offer.filter(|_offer| asked)
        {
            out.downs.push(Down::Call(ToolCall {
                id: call.to_owned(),
                name: offer.name.clone(),
                arguments: event.text("arguments").unwrap_or("{}").to_owned(),
            }));
        }
    }

    /// Goes on with the answers whose tools have all been used, and with what waits.
    fn go_on(&mut self, out: &mut Out) {
        while let Some((turn, how, told)) = self.answers.done_using() {
            out.frames.extend(told.iter().map(written));
            let round = how.round + 1;
            let tools = how.tools && round < tools::ROUNDS;
            self.answers.ask(
                turn,
                How {
                    tools,
                    round,
                    ..how
                },
            );
        }
        self.request(out);
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
        match failed {
            Some(turn) => {
                let turn = Some(turn);
                out.downs.push(Down::Trouble { turn, trouble });
                self.request(out);
            }
            None if HARMLESS.contains(&&*trouble.code) => {}
            None if error
                .text("param")
                .unwrap_or(&why)
                .contains("turn_detection") =>
            {
                self.undetected(&why, out);
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

/// Why an answer failed.
fn failed(response: &Event<'_>) -> Trouble {
    let details = response.inner("status_details");
    let error = details.as_ref().and_then(|details| details.inner("error"));
    let reason = details.as_ref().and_then(|details| details.text("reason"));
    match (error, reason) {
        (Some(error), _) => error.trouble(),
        (None, reason) => {
            let code = reason
                .or(response.text("status"))
                .unwrap_or("failed")
                .to_owned();
            Trouble {
                what: code.replace('_', " "),
                code,
                ..Trouble::default()
            }
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
