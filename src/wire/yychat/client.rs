//! The client's side of the yychat language.

mod about;

use super::asked::{About, Asked};
use super::binary::Binary;
use super::frames::{self, ClientFrame, RECORDING};
use super::read::{Fields, Hot, Odd, Text, brief, figure, items, tool, trouble};
use super::recorded::{Recorded, Sent};
use super::spoken::Spoken;
use crate::core::backend::{Brains, By, Down, Errand, Greeting, Say, Task, Up};
use crate::core::sound::{ClipPart, Speech};
use crate::core::time::Wall;
use crate::wire::{Dialect, Frame};
use serde::Deserialize;
use serde_json::{Map, Value};

/// A server with this capability says on every frame which turn it is about.
const STREAM_IDS: &str = "stream_ids";
/// A server with this capability takes what was said before from the client.
const HISTORY: &str = "history";
/// A server with this capability speaks the language that a message asks for.
const LANG: &str = "lang";
/// A server with this capability says when it has really stopped.
const INTERRUPT: &str = "interrupt";
/// A server with this capability can list its brains.
const BRAINS: &str = "brains";
/// A server with this capability takes recordings in pieces, in binary frames.
const CLIPS: &str = "clips";
/// A server with this capability reads aloud what it is given.
const SPEAK: &str = "speak";
/// A server with this capability lets us say how it speaks, and sends the sound in binary frames.
const VOICE: &str = "voice";
/// A server with this capability sends us on errands, and tells which tools it has.
const ERRANDS: &str = "errands";

/// Troubles with speaking. What was said in writing is as good as without them.
const SPEECH_TROUBLE: [&str; 2] = ["no_voice", "speech_failed"];

/// Speaks yychat to one server.
#[derive(Debug, Default)]
pub struct Yychat {
    /// What the server calls this connection. Another name in a request is an error to it, so
    /// none is sent before we know it.
    client_id: Option<String>,
    capabilities: Vec<String>,
    asked: Asked,
    recorded: Recorded,
    spoken: Spoken,
}

impl Dialect for Yychat {
    fn hello(&mut self) -> Vec<Frame> {
        *self = Self::default();
        vec![]
    }

    fn encode(&mut self, up: &Up, wall: Wall) -> Vec<Frame> {
        let frame = match up {
            Up::Say(say) => {
                self.asked.ask(say.turn);
                if say.voice.is_some() {
                    self.spoken.ask(say.turn);
                }
                self.text_message(say)
            }
            Up::Interrupt {
                turn,
                conversation,
                heard,
            } => {
                self.asked.interrupt(*turn);
                self.recorded.asked.interrupt(*turn);
                self.spoken.hush(*turn, self.can(INTERRUPT));
                ClientFrame::Interrupt {
                    session_id: Some(conversation.to_string()),
                    message_id: Some(turn.to_string()),
                    heard: heard.clone(),
                }
            }
            Up::AskBrains { again } if self.can(BRAINS) => {
                ClientFrame::ListBrains { again: *again }
            }
            Up::Read {
                turn,
                conversation,
                text,
                voice,
            } if self.can(SPEAK) => {
                self.spoken.ask(*turn);
                ClientFrame::Speak {
                    content: text.clone(),
                    conversation_id: Some(conversation.to_string()),
                    message_id: Some(turn.to_string()),
                    spoken: voice.into(),
                }
            }
            Up::Report {
                turn,
                errand,
                outcome,
            } if self.can(ERRANDS) => ClientFrame::ErrandReport {
                message_id: turn.to_string(),
                errand_id: errand.clone(),
                result: outcome.as_ref().ok().cloned(),
                error: outcome.as_ref().err().cloned(),
            },
            Up::AskTools { again } if self.can(ERRANDS) => ClientFrame::ListTools { again: *again },
            Up::AskBrains { .. } | Up::Read { .. } | Up::Report { .. } | Up::AskTools { .. } => {
                return vec![];
            }
            Up::AskStatus => ClientFrame::GetStatus {},
            Up::Forget { conversation } => ClientFrame::VoiceCommand {
                command: "clear_conversation".to_owned(),
                conversation_id: Some(conversation.to_string()),
            },
            Up::Beat => return self.beat(wall).into_iter().collect(),
        };
        vec![written(&frame)]
    }

    fn clip(&mut self, part: &ClipPart, _wall: Wall) -> Vec<Frame> {
        let pieces = self.can(CLIPS);
        match self.recorded.part(part, pieces) {
            Some(Sent::Text(frame)) => vec![written(&frame)],
            Some(Sent::Binary(bytes)) => vec![Frame::Binary(bytes)],
            None => vec![],
        }
    }

    fn decode(&mut self, frame: &Frame) -> Vec<Down> {
        let read = match frame {
            Frame::Text(text) => self.read(text),
            Frame::Binary(bytes) => match Binary::read(bytes) {
                Some(Binary::Speech {
                    turn,
                    rate,
                    samples,
                }) => {
                    let speech = self.spoken.samples(turn, rate, samples);
                    speech.map(|speech| speech.into_iter().map(Down::Speech).collect())
                }
                Some(Binary::Recording { .. }) | None => Err(Odd::Binary {
                    length: bytes.len(),
                }),
            },
        };
        read.unwrap_or_else(|odd| {
            vec![Down::Unreadable {
                why: odd.to_string(),
            }]
        })
    }

    fn beat(&mut self, wall: Wall) -> Option<Frame> {
        Some(written(&ClientFrame::Heartbeat {
            timestamp: Some(wall.0 as f64 / 1000.0),
            client_id: self.client_id.clone(),
        }))
    }
}

impl Yychat {
    fn can(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|known| known == capability)
    }

    fn text_message(&self, say: &Say) -> ClientFrame {
        let history = say.history.iter().filter(|_said| self.can(HISTORY));
        ClientFrame::TextMessage {
            content: say.text.clone(),
            conversation_id: Some(say.conversation.to_string()),
            message_id: Some(say.turn.to_string()),
            personality_id: say.persona.clone(),
            use_tools: Some(say.tools),
            stream: Some(true),
            brain: say.brain.clone(),
            model: say.model.clone(),
            lang: self.can(LANG).then(|| say.lang.code().to_owned()),
            history: history.filter_map(frames::Earlier::of).collect(),
            errands: say.errands && self.can(ERRANDS),
            enable_voice: say.voice.as_ref().map(|_wish| true),
            spoken: match &say.voice {
                Some(wish) if self.can(VOICE) => wish.into(),
                _ => frames::Spoken::default(),
            },
        }
    }

    fn read(&mut self, text: &str) -> Result<Vec<Down>, Odd> {
        if let Ok(hot) = serde_json::from_str::<Hot<'_>>(text)
            && matches!(&*hot.kind, "stream_chunk" | "stream_reasoning")
        {
            return self.more(hot);
        }
        let value: Value = serde_json::from_str(text).map_err(|error| Odd::NotJson {
            why: error.to_string(),
        })?;
        let Value::Object(map) = &value else {
            return Err(Odd::NotAnObject);
        };
        match map.get("type").and_then(Value::as_str) {
            Some(kind) => self.meaning(&Fields { kind, map }),
            // Some servers answer trouble with the body of their HTTP errors.
            None if map.contains_key("error") || map.contains_key("detail") => Ok(self.wrong(map)),
            None => Err(Odd::NoType),
        }
    }

    /// More text or more thinking aloud.
    fn more(&mut self, hot: Hot<'_>) -> Result<Vec<Down>, Odd> {
        let kind = &*hot.kind;
        let about = self.asked.about(hot.message_id.as_ref().map(|id| &*id.0));
        if about == About::Stranger {
            return Err(Odd::Stranger {
                kind: kind.to_owned(),
            });
        }
        let Some(Text(more)) = hot.content else {
            return Err(Odd::Field {
                kind: kind.to_owned(),
                field: "content",
            });
        };
        // The first chunk of plain servers is empty, and says nothing that `stream_start` did not.
        if more.is_empty() {
            return Ok(vec![]);
        }
        let (turn, more) = (about.turn(), more.into_owned());
        Ok(vec![if kind == "stream_chunk" {
            Down::Text { turn, more }
        } else {
            Down::Reasoning { turn, more }
        }])
    }

    fn meaning(&mut self, fields: &Fields<'_>) -> Result<Vec<Down>, Odd> {
        let message_id = fields.maybe("message_id");
        let about = self.asked.about(message_id);
        let about_us = || match about {
            About::Stranger => Err(fields.stranger()),
            About::Open(_) | About::Over(_) | About::Nobody => Ok(about.turn()),
        };
        let down = match fields.kind {
            "connection_established" => Down::Greeting(self.greeted(fields)),
            "heartbeat_response" | "pong" => Down::Beat,
            "processing_start" | "stream_start" => {
                about_us()?;
                let (about, news) = self.asked.begins(message_id);
                if !news {
                    return Ok(vec![]);
                }
                Down::Thinking { turn: about.turn() }
            }
            // Only those that `Hot` could not read come here.
            "stream_chunk" | "stream_reasoning" => return Err(fields.odd("content")),
            "model_loading" => Down::Loading { turn: about_us()? },
            "tool_use" => Down::Tool {
                turn: about_us()?,
                tool: tool(fields)?,
            },
            "errand" => Down::Errand {
                turn: about_us()?.ok_or_else(|| fields.stranger())?,
                errand: Errand {
                    id: fields.text("errand_id")?.to_owned(),
                    task: Task::deserialize(Value::Object(fields.map.clone()))
                        .map_err(|_unknown| fields.odd("task"))?,
                },
            },
            "stream_end" | "text_response" => {
                let turn = about_us()?;
                let full = if fields.kind == "stream_end" {
                    fields.maybe("full_content")
                } else {
                    Some(fields.text("content")?)
                };
                self.asked.end(about);
                Down::Done {
                    turn,
                    full: full.map(str::to_owned),
                    by: fields.maybe("brain").map(|brain| By {
                        brain: brain.to_owned(),
                        model: fields.maybe("model").map(str::to_owned),
                    }),
                    usage: fields.fits("usage"),
                }
            }
            "interrupt_confirmed" | "stop_playback" => {
                let last = fields.kind == "stop_playback";
                if last {
                    self.spoken.hushed(message_id);
                }
                if self.recorded.taken_back(message_id, last) {
                    return Ok(vec![]);
                }
                let stopped = about::stopped(&self.asked, &self.recorded.asked, message_id);
                match stopped {
                    // The second of the two frames that say the same, or nothing but speech.
                    About::Over(_) => return Ok(vec![]),
                    About::Stranger if self.spoken.knows(message_id) => return Ok(vec![]),
                    About::Stranger => return Err(fields.stranger()),
                    About::Open(_) | About::Nobody => {}
                }
                self.asked.end(stopped);
                self.recorded.asked.end(stopped);
                Down::Interrupted {
                    turn: stopped.turn(),
                }
            }
            // It stops nothing on a plain server: the rest of the turn still arrives.
            "interrupt_notification" => Down::Interrupted {
                turn: about::stopped(&self.asked, &self.recorded.asked, message_id).turn(),
            },
            "audio_processing_start" => {
                let (about, news) = self.recorded.asked.begins(message_id);
                if about == About::Stranger {
                    return Err(fields.stranger());
                }
                if !news {
                    return Ok(vec![]);
                }
                Down::Hearing { turn: about.turn() }
            }
            "transcription_partial" | "transcription_result" => self.heard(fields)?,
            "speech_words" => return Ok(told(self.spoken.words(fields)?)),
            "audio_stream" => return Ok(told(self.spoken.piece(fields)?)),
            "synthesis_complete" => return Ok(told(self.spoken.complete(fields)?)),
            // The user was told when asking; nothing waits for the answer.
            "conversation_cleared" | "recording_started" | "recording_stopped" => {
                return Ok(vec![]);
            }
            "brains" => Down::Brains(Brains {
                all: fields.fits("all").ok_or_else(|| fields.odd("all"))?,
                current: fields.text("current")?.to_owned(),
                why: fields.maybe("why").unwrap_or_default().to_owned(),
            }),
            "tools" => Down::Tools(
                fields
                    .fits("servers")
                    .ok_or_else(|| fields.odd("servers"))?,
            ),
            "ring" => Down::Ring {
                label: fields.text("label")?.to_owned(),
            },
            "status_response" => {
                let data = fields.map.get("data").and_then(Value::as_object);
                let data = data.ok_or_else(|| fields.odd("data"))?;
                Down::Status(
                    data.iter()
                        .map(|(name, value)| (name.clone(), figure(value)))
                        .collect(),
                )
            }
            "error" => return Ok(self.wrong(fields.map)),
            unknown => {
                return Err(Odd::Unknown {
                    kind: brief(unknown),
                });
            }
        };
        Ok(vec![down])
    }

    /// The words of a recording, or what they seem to be.
    fn heard(&mut self, fields: &Fields<'_>) -> Result<Down, Odd> {
        let about = self.recorded.asked.about(fields.maybe("message_id"));
        let scenario = fields.maybe("scenario").unwrap_or(RECORDING);
        // In a call it may be what the server itself has said.
        if about == About::Stranger || scenario != RECORDING {
            return Err(fields.stranger());
        }
        let text = fields.text("text")?.to_owned();
        let turn = about.turn();
        if fields.kind == "transcription_partial" {
            return Ok(Down::Partial { turn, text });
        }
        self.recorded.asked.end(about);
        Ok(Down::Transcript { turn, text })
    }

    fn greeted(&mut self, fields: &Fields<'_>) -> Greeting {
        self.client_id = fields.maybe("client_id").map(str::to_owned);
        self.capabilities = items(fields.map, "capabilities")
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect();
        let personas = items(fields.map, "personalities").filter_map(|persona| {
            let id = persona.get("id")?.as_str()?;
            let name = persona.get("name").and_then(Value::as_str).unwrap_or(id);
            Some((id.to_owned(), name.to_owned()))
        });
        Greeting {
            client: self.client_id.clone().unwrap_or_default(),
            capabilities: self.capabilities.clone(),
            personas: personas.collect(),
            ears: fields.fits("ears"),
            voice: fields.fits("voice"),
        }
    }

    /// The server reports an error. One that names no turn ends the oldest open one, unless the
    /// server is known to name them. Trouble with speaking ends nothing, for the answer goes on.
    fn wrong(&mut self, map: &Map<String, Value>) -> Vec<Down> {
        let trouble = trouble(map);
        let named = map.get("message_id").and_then(Value::as_str);
        let of_speech = SPEECH_TROUBLE.contains(&&*trouble.code);
        let about = if of_speech || named.is_none() && self.can(STREAM_IDS) {
            About::Nobody
        } else {
            about::failed(
                &self.asked,
                &self.recorded.asked,
                named,
                map.contains_key("error"),
            )
        };
        self.asked.end(about);
        self.recorded.asked.end(about);
        vec![Down::Trouble {
            turn: about.turn(),
            trouble,
        }]
    }
}

fn told(speech: Vec<Speech>) -> Vec<Down> {
    speech.into_iter().map(Down::Speech).collect()
}

fn written(frame: &ClientFrame) -> Frame {
    Frame::Text(serde_json::to_string(frame).expect("our frames hold text, numbers and flags"))
}

#[cfg(test)]
mod tests;
