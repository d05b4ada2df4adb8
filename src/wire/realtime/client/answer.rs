//! The answers of a server: their words, their sound, the tools they use, and how they end.

use super::super::answers::{Answer, How, State};
use super::super::event::{Event, Sound};
use super::super::tools::{self, failure};
use super::{Realtime, cancelled, unreadable, written};
use crate::codec::base64;
use crate::core::backend::{By, Down, ToolCall, Trouble};
use crate::core::sound::{Sound as Heard, Speech};
use crate::wire::Out;
use bytes::Bytes;

impl Realtime {
    /// A piece of the sound of an answer.
    pub(super) fn sound(&mut self, sound: &Sound<'_>, out: &mut Out) {
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

    /// What concerns an answer. Anything else is of no interest.
    pub(super) fn of_answer(&mut self, kind: &str, event: &Event<'_>, out: &mut Out) {
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
        let goes_on = |one: &&mut Answer| {
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
            self.habits.uses += 1;
            out.downs.push(Down::Call(ToolCall {
                id: call.to_owned(),
                name: offer.name.clone(),
                arguments: event.text("arguments").unwrap_or("{}").to_owned(),
            }));
        }
    }

    /// Goes on with the answers whose tools have all been used, and with what waits.
    pub(super) fn go_on(&mut self, out: &mut Out) {
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
