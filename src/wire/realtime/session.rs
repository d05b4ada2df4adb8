//! The session: what we ask of it, and what the server made of that.

use super::answers::How;
use super::event::Event;
use super::place::Wishes;
use super::recorded::silence;
use super::tools;
use serde_json::{Map, Value, json};

/// The rate where nobody says another.
pub(super) const USUAL_RATE: u32 = 24_000;

/// A server that listens for it is to take no shorter pause for the end of what is said, in
/// milliseconds.
const PATIENCE_MS: usize = 3_000;

/// How a server wants to be told about sound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shape {
    /// As it is today.
    #[default]
    Nested,
    /// As it was before.
    Flat,
}

/// How a server finds out where a turn ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detection {
    /// By silence.
    Server,
    /// By what was said, too.
    Semantic,
}

impl Detection {
    /// As it is asked for. Whether a turn is answered, and whether one ends an answer, is our own
    /// affair: it may be an echo, a murmur, or a word to the program itself.
    fn asked(self) -> Value {
        let kind = match self {
            Self::Server => "server_vad",
            Self::Semantic => "semantic_vad",
        };
        json!({ "type": kind, "create_response": false, "interrupt_response": false })
    }
}

/// What the server said about the session.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) model: Option<String>,
    pub(super) voice: Option<String>,
    pub(super) shape: Shape,
    /// Samples in a second, of what we send and of what comes.
    pub(super) rates: (u32, u32),
    /// It tells what it has heard.
    pub(super) transcribes: bool,
    /// It listens for the ends of what is said, although it was asked not to.
    pub(super) listens: bool,
    /// It finds out where turns end; `None` where it does not say.
    pub(super) detects: Option<bool>,
    /// So many wishes have not been answered.
    wishes: u32,
    /// When it will end, in seconds since 1970.
    pub(super) expires_s: Option<i64>,
}

impl Session {
    pub(super) fn new(shape: Shape) -> Self {
        Self {
            id: String::new(),
            model: None,
            voice: None,
            shape,
            rates: (USUAL_RATE, USUAL_RATE),
            transcribes: true,
            listens: false,
            detects: None,
            wishes: 0,
            expires_s: None,
        }
    }

    /// Takes what the server says about it. `updated`: this is what it made of our wishes.
    pub(super) fn read(&mut self, session: &Event<'_>, updated: bool) {
        let own = |field: &str| session.text(field).map(str::to_owned);
        self.id = own("id").unwrap_or(std::mem::take(&mut self.id));
        self.model = own("model").or(self.model.take());
        if let Some(at) = session.number("expires_at").filter(|at| *at > 0) {
            self.expires_s = i64::try_from(at).ok();
        }
        let audio = session.inner("audio");
        if audio.is_some() {
            self.shape = Shape::Nested;
        } else if session.0.contains_key("modalities")
            || session.0.contains_key("input_audio_format")
        {
            self.shape = Shape::Flat;
        }
        let input = audio.as_ref().and_then(|audio| audio.inner("input"));
        let output = audio.as_ref().and_then(|audio| audio.inner("output"));
        let rate = |of: &Option<Event<'_>>| {
            let rate = of.as_ref()?.inner("format")?.number("rate")?;
            u32::try_from(rate)
                .ok()
                .filter(|rate| (8_000..=96_000).contains(rate))
        };
        self.rates.0 = rate(&input).unwrap_or(self.rates.0);
        self.rates.1 = rate(&output).unwrap_or(self.rates.1);
        let voice = output.as_ref().and_then(|output| output.text("voice"));
        self.voice = voice
            .map(str::to_owned)
            .or_else(|| own("voice"))
            .or(self.voice.take());
        if updated {
            let told = match self.shape {
                Shape::Nested => input
                    .as_ref()
                    .and_then(|input| input.0.get("transcription")),
                Shape::Flat => session.0.get("input_audio_transcription"),
            };
            let detects = match self.shape {
                Shape::Nested => input
                    .as_ref()
                    .and_then(|input| input.0.get("turn_detection")),
                Shape::Flat => session.0.get("turn_detection"),
            };
            self.wishes = self.wishes.saturating_sub(1);
            // What was made of an earlier wish says nothing about the last one.
            self.detects = detects
                .filter(|_| self.wishes == 0)
                .map(|detects| !detects.is_null());
            // Whoever says nothing about it may well do it.
            self.transcribes = !told.is_some_and(Value::is_null);
        }
    }

    /// It has refused what we wished.
    pub(super) fn refused(&mut self) {
        self.wishes = self.wishes.saturating_sub(1);
    }

    /// It has answered all that we wished.
    pub(super) const fn is_settled(&self) -> bool {
        self.wishes == 0
    }

    /// What we ask of it. `language`: what will be spoken; `detection`: it says where turns end, and
    /// not we; `tools`: it takes ours.
    pub(super) fn wish(
        &mut self,
        wishes: &Wishes,
        language: Option<&str>,
        detection: Option<Detection>,
        tools: bool,
    ) -> Value {
        self.wishes += 1;
        let detection = detection.map_or_else(|| self.unasked(), Detection::asked);
        let mut ears = Map::new();
        ears.insert("model".to_owned(), wishes.ears.clone().into());
        if let Some(language) = language {
            ears.insert("language".to_owned(), language.into());
        }
        let mut session = match self.shape {
            Shape::Nested => {
                let mut output = json!({ "format": format(self.rates.1) });
                if let Some(voice) = &wishes.voice {
                    output["voice"] = voice.clone().into();
                }
                json!({
                    "type": "realtime",
                    "audio": {
                        "input": {
                            "format": format(self.rates.0),
                            "transcription": ears,
                            "turn_detection": detection,
                        },
                        "output": output,
                    },
                })
            }
            Shape::Flat => {
                let mut session = json!({
                    "input_audio_format": "pcm16",
                    "output_audio_format": "pcm16",
                    "input_audio_transcription": ears,
                    "turn_detection": detection,
                });
                if let Some(voice) = &wishes.voice {
                    session["voice"] = voice.clone().into();
                }
                session
            }
        };
        if tools && !wishes.tools.is_empty() {
            session["tools"] = tools::described(&wishes.tools, wishes.chat_tools);
        }
        if let Some(instructions) = &wishes.instructions {
            session["instructions"] = instructions.clone().into();
        }
        json!({ "type": "session.update", "session": session })
    }

    /// Who speaks, and until when, is our own affair. A server that listens for it nevertheless is
    /// to be patient, and to do nothing about it.
    fn unasked(&self) -> Value {
        if !self.listens {
            return Value::Null;
        }
        json!({
            "type": "server_vad",
            "silence_duration_ms": PATIENCE_MS,
            "create_response": false,
            "interrupt_response": false,
        })
    }

    /// What ends a recording for a server that listens for its end.
    pub(super) fn silence(&self) -> Vec<Value> {
        silence(PATIENCE_MS + 1_000, self.rates.0)
    }

    /// How an answer is asked for.
    pub(super) fn response(&self, ask: How, event: &str) -> Value {
        let mut how = match (self.shape, ask.spoken) {
            (Shape::Nested, true) => json!({ "output_modalities": ["audio"] }),
            (Shape::Nested, false) => json!({ "output_modalities": ["text"] }),
            (Shape::Flat, true) => json!({ "modalities": ["audio", "text"] }),
            (Shape::Flat, false) => json!({ "modalities": ["text"] }),
        };
        if !ask.tools {
            how["tool_choice"] = "none".into();
        }
        json!({ "type": "response.create", "event_id": event, "response": how })
    }

    /// How something written is put into the conversation.
    pub(super) fn written(&self, ours: bool, text: &str) -> Value {
        let (role, kind) = match (ours, self.shape) {
            (true, _) => ("user", "input_text"),
            (false, Shape::Nested) => ("assistant", "output_text"),
            (false, Shape::Flat) => ("assistant", "text"),
        };
        json!({
            "type": "conversation.item.create",
            "item": {
                "type": "message",
                "role": role,
                "content": [{ "type": kind, "text": text }],
            },
        })
    }
}

fn format(rate: u32) -> Value {
    json!({ "type": "audio/pcm", "rate": rate })
}
