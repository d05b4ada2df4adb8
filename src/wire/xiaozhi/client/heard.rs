//! What the server says, and what that means for the question that is being answered.

use super::super::exchange::{Exchange, Stage};
use super::super::mcp::{self, Meaning};
use super::super::read::{Fields, Odd, alert, brief};
use super::{Ignore, RATE, Xiaozhi};
use crate::codec::to_i16;
use crate::core::backend::{Down, Greeting, ToolUse};
use crate::core::line::Cause;
use crate::core::time::{Moment, Now};
use crate::wire::Out;
use serde_json::Value;
use std::time::Duration;

/// Servers say twice that they stopped, the second time within this.
const TWICE: Duration = Duration::from_secs(1);
/// What words that are none of the user's begin with: the name of a tool follows.
const TOOL: &str = "% ";

impl Xiaozhi {
    pub(super) fn read(&mut self, text: &str, now: Now, out: &mut Out) -> Result<(), Odd> {
        let fields = Fields::read(text)?;
        let now = now.mono;
        if self.is_of_another(&fields) {
            return Err(fields.stranger());
        }
        match fields.kind.as_str() {
            "hello" => self.greeted(&fields, out),
            "stt" => self.transcribed(fields.text("text"), now, out),
            "tts" => return self.speaks(&fields, now, out),
            "llm" => {
                let name = fields
                    .maybe("emotion")
                    .ok_or_else(|| fields.odd("emotion"))?;
                self.habits.moods += 1;
                if self.ignore == Ignore::Nothing {
                    let name = brief(name).to_lowercase();
                    out.downs.push(Down::Mood { name });
                }
            }
            "mcp" => {
                let payload = fields
                    .map
                    .get("payload")
                    .ok_or_else(|| fields.odd("payload"))?;
                self.habits.tools += 1;
                match mcp::read(payload, &self.place.offers) {
                    Meaning::Answer(answer) => out.frames.push(self.mcp(answer)),
                    Meaning::Use(call) => out.downs.push(Down::Call(call)),
                    Meaning::Nothing => {}
                }
            }
            "alert" => {
                let trouble = alert("alert", [fields.text("status"), fields.text("message")]);
                out.downs.push(Down::Trouble {
                    turn: None,
                    trouble,
                });
            }
            // We are no device that could be started anew; people may want to know.
            "system" => {
                let what = ["the backend tells this device", fields.text("command")];
                let trouble = alert("system", what);
                out.downs.push(Down::Trouble {
                    turn: None,
                    trouble,
                });
            }
            "server" if fields.text("status") == "error" => {
                let trouble = alert("server", [fields.text("message"), ""]);
                out.downs.push(Down::Trouble {
                    turn: None,
                    trouble,
                });
            }
            "server" | "ping" => {}
            "pong" => {
                self.habits.beaten = true;
                out.downs.push(Down::Beat);
            }
            "goodbye" => {
                let other = fields
                    .maybe("session_id")
                    .is_some_and(|id| id != self.session());
                if !other || self.session().is_empty() {
                    out.over = Some(Cause::ClosedByPeer {
                        code: None,
                        reason: "goodbye".to_owned(),
                    });
                }
            }
            _ => return Err(fields.unknown()),
        }
        Ok(())
    }

    /// Whether it is about another session than ours. Servers may leave its name out, and some call
    /// it otherwise than in their hello: only who has used the name once is held to it.
    fn is_of_another(&mut self, fields: &Fields) -> bool {
        let named = fields.maybe("session_id").filter(|id| !id.is_empty());
        let said = matches!(&*fields.kind, "stt" | "tts" | "llm" | "mcp");
        let Some(named) = named.filter(|_named| said) else {
            return false;
        };
        let ours = named == self.session();
        self.names |= ours;
        !ours && self.names
    }

    fn greeted(&mut self, fields: &Fields, out: &mut Out) {
        let transport = fields.maybe("transport").unwrap_or("websocket");
        if transport != "websocket" {
            let why = format!("it wants to talk over `{}`", brief(transport));
            out.over = Some(Cause::NotABackend { why });
            return;
        }
        let again = self.session.is_some();
        self.session = Some(fields.text("session_id").to_owned());
        self.names = false;
        self.announced = fields
            .map
            .get("audio_params")
            .map_or_else(String::new, described);
        if !again {
            let turns = self.mode.map(|_cuts| "turns".to_owned());
            out.downs.push(Down::Greeting(Greeting {
                client: self.session().to_owned(),
                capabilities: turns.into_iter().collect(),
                ..Greeting::default()
            }));
        }
    }

    /// The server has words: of a recording, of what it heard by itself, or our own.
    fn transcribed(&mut self, text: &str, now: Moment, out: &mut Out) {
        if let Some(name) = text.trim_start().strip_prefix(TOOL) {
            self.uses(name.trim(), out);
            return;
        }
        self.habits.words += u32::from(!text.trim().is_empty());
        let ours = match &self.exchange {
            Some(exchange) if matches!(exchange.stage, Stage::Unheard(_)) => true,
            Some(exchange) => exchange.stage == Stage::Asked,
            None => false,
        };
        match self.ignore {
            Ignore::Next(until) if now < until && !ours => return,
            Ignore::Nothing | Ignore::Rest | Ignore::Next(_) => self.ignore = Ignore::Nothing,
        }
        if self.is_said_in_call(text.trim()) {
            return self.told(text.trim().to_owned(), now, out);
        }
        let Some(exchange) = &mut self.exchange else {
            self.heard = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
            return;
        };
        match exchange.stage {
            Stage::Unheard(_) => {
                let turn = Some(exchange.turn);
                let text = text.trim().to_owned();
                if text.is_empty() {
                    self.exchange = None;
                } else {
                    exchange.answers(now);
                }
                out.downs.push(Down::Transcript { turn, text });
            }
            // Our own words come back.
            Stage::Asked => exchange.thinking(&mut out.downs),
            // Once more, or of somebody else.
            Stage::Recording | Stage::Answering | Stage::Over => {}
        }
    }

    /// The server tells of a tool as if the user had said its name.
    fn uses(&mut self, name: &str, out: &mut Out) {
        // The use of our own is told with all that belongs to it.
        let ours = self
            .place
            .offers
            .iter()
            .any(|offer| mcp::is_called(offer, name));
        if let Some(exchange) = self.exchange.as_mut().filter(|_exchange| !ours) {
            let tool = ToolUse {
                name: brief(name),
                arguments: String::new(),
                outcome: Some(Ok(String::new())),
            };
            let turn = Some(exchange.turn);
            exchange.tell(Down::Tool { turn, tool }, &mut out.downs);
        }
    }

    /// How far the server is with speaking.
    fn speaks(&mut self, fields: &Fields, now: Moment, out: &mut Out) -> Result<(), Odd> {
        match fields.maybe("state").ok_or_else(|| fields.odd("state"))? {
            "start" => self.begins(now, out),
            "sentence_start" if self.ignore == Ignore::Nothing => {
                let text = fields.text("text");
                self.answering(now, out);
                if let Some(exchange) = &mut self.exchange {
                    exchange.sentence(text, &mut out.downs);
                }
            }
            "stop" => self.stops(now, out),
            // Where a sentence ends shows by where the next one begins.
            "sentence_start" | "sentence_end" => {}
            _ => return Err(fields.odd("state")),
        }
        Ok(())
    }

    fn begins(&mut self, now: Moment, out: &mut Out) {
        if let Some(call) = &mut self.call {
            call.answers();
        }
        if let Ignore::Next(until) = self.ignore
            && now < until
        {
            // It answers what was taken back, and is told once more.
            self.abort(Ignore::Rest, now, out);
            return;
        }
        self.ignore = Ignore::Nothing;
        self.opening = true;
        match &mut self.exchange {
            Some(exchange) if exchange.stage == Stage::Asked => {
                exchange.thinking(&mut out.downs);
                exchange.answers(now);
            }
            Some(exchange) if exchange.stage == Stage::Answering => {
                exchange.thinking(&mut out.downs);
            }
            Some(_) | None => {}
        }
    }

    /// Some of an answer comes: of the one that is awaited, or of one that nobody asked for.
    fn answering(&mut self, now: Moment, out: &mut Out) {
        match &mut self.exchange {
            Some(exchange) if matches!(exchange.stage, Stage::Asked | Stage::Answering) => {
                exchange.answers(now);
                return;
            }
            // Words of which the server tells nothing, such as its own name.
            Some(exchange) if matches!(exchange.stage, Stage::Unheard(_)) => {
                let turn = Some(exchange.turn);
                let text = String::new();
                out.downs.push(Down::Transcript { turn, text });
            }
            // What is recorded now is the next question.
            Some(exchange) if exchange.stage == Stage::Recording => return,
            Some(_) | None => {}
        }
        let turn = self.seed.turn();
        let heard = self.heard.take();
        self.exchange = Some(Exchange::opened(turn, now));
        out.downs.push(Down::Opens { turn, heard });
    }

    fn stops(&mut self, now: Moment, out: &mut Out) {
        self.listens_again(now, out);
        let second = self.aborted.is_some_and(|at| now.since(at) < TWICE);
        self.habits.stops(second);
        self.opening = false;
        self.heard = None;
        // That it has stopped says nothing about what may still begin.
        if self.ignore != Ignore::Nothing {
            return;
        }
        let Some(exchange) = self.exchange.as_mut() else {
            return;
        };
        if exchange.stage != Stage::Answering || second && !exchange.began {
            return;
        }
        exchange.end(&mut out.downs);
        if exchange.is_claimed() {
            self.exchange = None;
        } else {
            exchange.stage = Stage::Over;
        }
    }

    /// A packet of speech.
    pub(super) fn sound(&mut self, packet: &[u8], now: Moment, out: &mut Out) {
        if self.session.is_none() || self.ignore != Ignore::Nothing {
            return;
        }
        if self.opening {
            self.answering(now, out);
        }
        let Some(exchange) = self.exchange.as_mut().filter(|exchange| exchange.listens()) else {
            return;
        };
        let samples = self.decoder.decode(packet).iter();
        let samples: Vec<i16> = samples.map(|sample| to_i16(*sample)).collect();
        self.habits.packet(samples.len());
        exchange.sound(RATE, samples, &mut out.downs);
    }
}

/// What the server says about sound, in a line.
fn described(value: &Value) -> String {
    let Some(map) = value.as_object() else {
        return brief(&value.to_string());
    };
    let parts = map.iter().map(|(name, value)| match value.as_str() {
        Some(text) => format!("{name} {text}"),
        None => format!("{name} {value}"),
    });
    brief(&parts.collect::<Vec<_>>().join(", "))
}
