//! What the frames of a server mean.

use super::super::asked::About;
use super::super::frames::{PromptPart, RECORDING, Shared, Speaker};
use super::super::read::{Fields, Hot, Odd, Text, brief, figure, items, tool, trouble};
use super::{STREAM_IDS, Yychat, about};
use crate::core::backend::{Brains, By, Down, Errand, Greeting, News, PromptTold, State, Task};
use crate::core::sound::Speech;
use crate::wire::Out;
use serde::Deserialize;
use serde_json::{Map, Value};

/// A server's first word.
const GREETING: &str = "connection_established";

/// Troubles with speaking. What was said in writing is as good as without them.
const SPEECH_TROUBLE: [&str; 2] = ["no_voice", "speech_failed"];

impl Yychat {
    pub(super) fn read(&mut self, text: &str, out: &mut Out) -> Result<Vec<Down>, Odd> {
        if let Ok(hot) = serde_json::from_str::<Hot<'_>>(text) {
            match &*hot.kind {
                "stream_chunk" | "stream_reasoning" => return self.more(hot),
                "audio_stream" if hot.is_ours(self.client_id.as_deref()) => {
                    if let Some(heard) = self.sound_of_call(&hot, out) {
                        return heard.map(|()| vec![]);
                    }
                    let mut say = |speech| out.downs.push(Down::Speech(speech));
                    self.spoken.piece(&hot, self.now, &mut say)?;
                    return Ok(vec![]);
                }
                _ => {}
            }
        }
        let value: Value = serde_json::from_str(text).map_err(|error| Odd::NotJson {
            why: error.to_string(),
        })?;
        let Value::Object(map) = &value else {
            return Err(Odd::NotAnObject);
        };
        match map.get("type").and_then(Value::as_str) {
            Some(kind) => {
                let fields = Fields { kind, map };
                if self.about_call(&fields, out) {
                    return Ok(vec![]);
                }
                self.meaning(&fields, out)
            }
            // Some servers answer trouble with the body of their HTTP errors.
            None if map.contains_key("error") || map.contains_key("detail") => {
                Ok(self.wrong(map, out))
            }
            None => Err(Odd::NoType),
        }
    }

    /// More text or more thinking aloud.
    fn more(&mut self, hot: Hot<'_>) -> Result<Vec<Down>, Odd> {
        let kind = &*hot.kind;
        let about = self.asked.about(hot.message_id.as_ref().map(|id| &*id.0));
        if self.is_second_answer(about) {
            return Ok(vec![]);
        }
        self.socket_answers(about);
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
        self.habits.answers_here = true;
        self.habits.names |= hot.message_id.is_some();
        let (turn, more) = (about.turn(), more.into_owned());
        Ok(vec![if kind == "stream_chunk" {
            Down::Text { turn, more }
        } else {
            Down::Reasoning { turn, more }
        }])
    }

    fn meaning(&mut self, fields: &Fields<'_>, out: &mut Out) -> Result<Vec<Down>, Odd> {
        let message_id = fields.maybe("message_id");
        let named = fields.maybe("client_id");
        if named.is_some_and(|named| self.is_somebody_else(named)) && fields.kind != GREETING {
            return Err(fields.stranger());
        }
        let about = self.asked.about(message_id);
        let of_text = matches!(fields.kind, "stream_start" | "stream_end" | "text_response");
        if of_text {
            if self.is_second_answer(about) {
                return Ok(vec![]);
            }
            self.socket_answers(about);
        }
        let about_us = || match about {
            About::Stranger => Err(fields.stranger()),
            About::Open(_) | About::Over(_) | About::Nobody => Ok(about.turn()),
        };
        let down = match fields.kind {
            GREETING => Down::Greeting(self.greeted(fields)),
            "heartbeat_response" | "pong" => {
                self.habits.beaten += 1;
                Down::Beat
            }
            "processing_start" | "stream_start" => {
                about_us()?;
                let (about, news) = self.asked.begins(message_id);
                if fields.kind == "processing_start" {
                    self.beside.begun(self.now);
                }
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
            "stream_end" | "text_response" => {
                let turn = about_us()?;
                let full = if fields.kind == "stream_end" {
                    fields.maybe("full_content")
                } else {
                    Some(fields.text("content")?)
                };
                self.asked.end(about);
                if let Some(turn) = turn.filter(|_| self.is_plain()) {
                    self.spoken.written(turn, self.now);
                }
                Down::Done {
                    turn,
                    full: full.map(str::to_owned),
                    by: by(fields),
                    usage: fields.fits("usage"),
                }
            }
            "interrupt_confirmed" | "stop_playback" => {
                self.habits.confirms = true;
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
            "interrupt_notification" => {
                self.habits.notifies = true;
                let about = about::notified(&self.asked, &self.recorded.asked, message_id);
                Down::Interrupted { turn: about.turn() }
            }
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
            // Only those that `Hot` could not read come here.
            "audio_stream" => return Err(fields.odd("audio")),
            "synthesis_complete" => return Ok(told(self.spoken.complete(fields)?)),
            // The user was told when asking; nothing waits for the answer.
            "conversation_cleared"
            | "recording_started"
            | "recording_stopped"
            | "voice_changed" => {
                return Ok(vec![]);
            }
            "brains" => Down::Brains(Brains {
                all: fields.fits("all").ok_or_else(|| fields.odd("all"))?,
                current: fields.text("current")?.to_owned(),
                why: fields.maybe("why").unwrap_or_default().to_owned(),
            }),
            "errand" => Down::Errand {
                turn: about_us()?.ok_or_else(|| fields.stranger())?,
                errand: Errand {
                    id: fields.text("errand_id")?.to_owned(),
                    task: Task::deserialize(Value::Object(fields.map.clone()))
                        .map_err(|_unknown| fields.odd("task"))?,
                },
            },
            "tools" => Down::Tools(
                fields
                    .fits("servers")
                    .ok_or_else(|| fields.odd("servers"))?,
            ),
            "prompt" => {
                let said: Vec<PromptPart> =
                    fields.fits("said").ok_or_else(|| fields.odd("said"))?;
                Down::Prompt(PromptTold {
                    turn: (fields.text("message_id")?.parse())
                        .map_err(|_not_ours| fields.stranger())?,
                    said: said
                        .into_iter()
                        .map(|part| (part.role, part.text))
                        .collect(),
                    tools: fields.fits("tools").unwrap_or_default(),
                })
            }
            "shared" | "shared_cleared" => shared(fields)?,
            "ring" => Down::Ring {
                label: fields.text("label")?.to_owned(),
            },
            "status_response" => {
                let data = fields.map.get("data").and_then(Value::as_object);
                let data = data.ok_or_else(|| fields.odd("data"))?;
                let figures = data.iter();
                let figures = figures.map(|(name, value)| (name.clone(), figure(value)));
                let figures = figures.collect();
                return Ok(self.beside.status(figures).into_iter().collect());
            }
            "error" => return Ok(self.wrong(fields.map, out)),
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
            capabilities: (self.capabilities.iter().cloned())
                .chain(self.cuts().then(|| "turns".to_owned()))
                .collect(),
            personas: personas.collect(),
            ears: fields.fits("ears"),
            voice: fields.fits("voice"),
        }
    }

    /// The server reports an error. One that names no turn ends the oldest open one, unless the
    /// server is known to name them. Trouble with speaking ends nothing, for the answer goes on.
    fn wrong(&mut self, map: &Map<String, Value>, out: &mut Out) -> Vec<Down> {
        let trouble = trouble(map);
        if map.get("error").is_some_and(Value::is_object) {
            self.habits.nested = true;
        } else {
            self.habits.flat = true;
        }
        let named = map.get("message_id").and_then(Value::as_str);
        let kind = map.get("error").and_then(|error| error.get("type"));
        let kind = kind.and_then(Value::as_str).unwrap_or_default();
        if named.is_none() && self.fails_call(&trouble.what, kind, out) {
            return vec![];
        }
        let of_speech = SPEECH_TROUBLE.contains(&&*trouble.code);
        if let Some(named) = named.filter(|_| !of_speech)
            && self.breaks_in_call(named, &trouble, out)
        {
            return vec![];
        }
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
        if matches!(about, About::Open(_)) {
            self.socket_answers(about);
        }
        self.asked.end(about);
        self.recorded.asked.end(about);
        vec![Down::Trouble {
            turn: about.turn(),
            trouble,
        }]
    }
}

/// Who answered, where that is said.
fn by(fields: &Fields<'_>) -> Option<By> {
    fields.maybe("brain").map(|brain| By {
        brain: brain.to_owned(),
        model: fields.maybe("model").map(str::to_owned),
    })
}

/// What was said with another client. One whose names are not like ours cannot be told from others.
fn shared(fields: &Fields<'_>) -> Result<Down, Odd> {
    let stranger = |_not_ours| fields.stranger();
    let conversation = fields.text("session_id")?.parse().map_err(stranger)?;
    if fields.kind == "shared_cleared" {
        let news = News::Forgotten;
        return Ok(Down::Shared { conversation, news });
    }
    let turn = fields.text("message_id")?.parse().map_err(stranger)?;
    let text = fields.text("content")?.to_owned();
    let role = fields.fits("role").ok_or_else(|| fields.odd("role"))?;
    let state = fields.fits("state").ok_or_else(|| fields.odd("state"))?;
    let state = match (role, state) {
        (Speaker::User, _) => {
            let news = News::Question { turn, text };
            return Ok(Down::Shared { conversation, news });
        }
        (Speaker::Assistant, Shared::More) => {
            let news = News::More { turn, more: text };
            return Ok(Down::Shared { conversation, news });
        }
        (Speaker::Assistant, Shared::Open) => State::Open,
        (Speaker::Assistant, Shared::Complete) => State::Complete,
        (Speaker::Assistant, Shared::Cut) => State::Cut,
    };
    let news = News::Answer {
        turn,
        text,
        state,
        by: by(fields),
    };
    Ok(Down::Shared { conversation, news })
}

fn told(speech: Vec<Speech>) -> Vec<Down> {
    speech.into_iter().map(Down::Speech).collect()
}
