//! The client's side of the yychat language.

mod about;
mod aside;
mod call;
mod hear;

use super::asked::Asked;
use super::beside::Beside;
use super::binary::Binary;
use super::called::Call;
use super::frames::{self, ClientFrame};
use super::habits::Habits;
use super::read::Odd;
use super::recorded::{Recorded, Sent};
use super::spoken::Spoken;
use crate::core::backend::{self, Down, Habit, Say, Up};
use crate::core::ids::ConversationId;
use crate::core::sound::{ClipPart, Speech};
use crate::core::time::{Moment, Now, Wall};
use crate::core::words::Lang;
use crate::wire::{Answer, Dialect, Errand, Frame, Out, Place, Upgrade};
use bytes::Bytes;

/// A server with this capability says on every frame which turn it is about.
const STREAM_IDS: &str = "stream_ids";
/// A server with this capability takes what was said before from the client.
const HISTORY: &str = "history";
/// A server with this capability speaks the language that a message asks for.
const LANG: &str = "lang";
/// A server with this capability says when it has really stopped.
const INTERRUPT: &str = "interrupt";
/// A server with this capability sends us on errands, and tells which tools it has.
const ERRANDS: &str = "errands";
/// A server with this capability can list its brains.
const BRAINS: &str = "brains";
/// A server with this capability tells what it sent to its brain.
const PROMPTS: &str = "prompts";
/// A server with this capability tells what is said in a conversation with others.
const SHARED: &str = backend::SHARED;
/// A server with this capability takes recordings in pieces, in binary frames.
const CLIPS: &str = "clips";
/// A server with this capability reads aloud what it is given.
const SPEAK: &str = "speak";
/// A server of ours with this capability leads calls, and tells when somebody speaks in them.
const CALLS: &str = "call_events";
/// A server with this capability lets us say how it speaks, and sends the sound in binary frames.
const VOICE: &str = "voice";

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
    /// What is asked over HTTP.
    beside: Beside,
    habits: Habits,
    /// The user leaves it to the server where turns of a call end.
    theirs: bool,
    call: Option<Call>,
    /// The conversation of the call.
    conversation: Option<ConversationId>,
    /// When something happened last.
    now: Moment,
}

impl Dialect for Yychat {
    fn dial(&mut self, _now: Now, out: &mut Out) {
        *self = Self {
            beside: std::mem::take(&mut self.beside).again(),
            theirs: self.theirs,
            ..Self::default()
        };
        out.dial = Some(Upgrade::default());
    }

    fn hello(&mut self, _now: Now, _out: &mut Out) {}

    fn encode(&mut self, up: &Up, now: Now, out: &mut Out) -> bool {
        self.now = now.mono;
        match up {
            Up::Say(say) => {
                if !self.claim(say, out) {
                    self.say(say, out);
                }
                return true;
            }
            Up::Interrupt { turn, heard, .. } => {
                if self.leave_off(*turn, heard.as_deref(), out) {
                    return true;
                }
                self.leave(*turn, heard.as_deref(), out);
            }
            Up::Attend { turn } => {
                self.attend(*turn, out);
                return true;
            }
            Up::Follow { turn, voice } => return self.follow(*turn, voice.is_some(), out),
            Up::Read {
                turn, text, voice, ..
            } if !self.can(SPEAK) => return self.read_out(*turn, text, voice, out),
            Up::AskBrains { .. } if !self.can(BRAINS) => return self.list(out),
            Up::AskHabits { lang } => {
                let habits = self.tell_habits(*lang);
                out.downs.push(Down::Habits(habits));
                return true;
            }
            Up::AskStatus if self.is_plain() => self.ask_memory(out),
            Up::Forget { conversation } if self.is_plain() => {
                self.forget(*conversation, out);
            }
            _ => {}
        }
        let frame = self.words(up, now.wall);
        out.frames.extend(frame.as_ref().map(written));
        frame.is_some()
    }

    fn clip(&mut self, part: &ClipPart, now: Now, out: &mut Out) -> bool {
        self.now = now.mono;
        if self.heard_in_call(part, now, out) {
            return true;
        }
        let pieces = self.can(CLIPS);
        let sent = self.recorded.part(part, pieces);
        // A plain server gets all of it in one piece, at the end.
        let done = sent.is_some() || !matches!(part, ClipPart::End { .. });
        out.frames.extend(sent.map(|sent| match sent {
            Sent::Text(frame) => written(&frame),
            Sent::Binary(bytes) => Frame::Binary(bytes.into()),
        }));
        done
    }

    fn decode(&mut self, frame: &Frame, now: Now, out: &mut Out) {
        self.now = now.mono;
        let known = self.client_id.is_some();
        let read = match frame {
            Frame::Text(text) => (self.read(text, out)).map(|read| out.downs.extend(read)),
            Frame::Binary(bytes) => {
                (self.sound(bytes)).map(|speech| out.downs.extend(speech.map(Down::Speech)))
            }
        };
        if let Err(odd) = read {
            out.downs.push(Down::Unreadable {
                why: odd.to_string(),
            });
        }
        if !known && self.client_id.is_some() && self.is_plain() {
            self.list(out);
        }
        let dropped = self.beside.dropped.drain(..);
        out.errands.extend(dropped.map(Errand::Drop));
    }

    fn answered(&mut self, answer: Answer, now: Now, out: &mut Out) {
        self.now = now.mono;
        self.heard_aside(answer, out);
    }

    fn beat(&mut self, now: Now, out: &mut Out) {
        let beat = self.heartbeat(now.wall);
        out.frames.push(written(&beat));
    }

    fn deadline(&self) -> Option<Moment> {
        let speech = self.spoken.deadline();
        let call = self.call.as_ref().and_then(Call::deadline);
        let all = [speech, self.beside.deadline(), call];
        all.into_iter().flatten().min()
    }

    fn due(&mut self, now: Now, out: &mut Out) {
        self.now = now.mono;
        let speech = self.spoken.due(now.mono);
        out.downs.extend(speech.into_iter().map(Down::Speech));
        self.due_in_call(out);
        self.due_aside(out);
    }
}

impl Yychat {
    /// Speaks to the server at this place.
    pub fn new(place: &Place) -> Self {
        Self {
            beside: Beside::new(place),
            theirs: place.more.get("turn_detection").map(String::as_str) == Some("server"),
            ..Self::default()
        }
    }

    fn can(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|known| known == capability)
    }

    /// Whether the server is none of ours.
    fn is_plain(&self) -> bool {
        !self.can(STREAM_IDS)
    }

    /// Whether this is the name of another connection.
    fn is_somebody_else(&self, named: &str) -> bool {
        self.client_id.as_deref().is_some_and(|mine| mine != named)
    }

    /// The frame that says `up`, if there is one.
    fn words(&mut self, up: &Up, wall: Wall) -> Option<ClientFrame> {
        Some(match up {
            Up::Say(say) => self.text_message(say),
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
            Up::AskBrains { again } => ClientFrame::ListBrains { again: *again },
            Up::Read {
                turn,
                conversation,
                text,
                voice,
            } => {
                self.spoken.ask(*turn, *conversation);
                ClientFrame::Speak {
                    content: text.clone(),
                    conversation_id: Some(conversation.to_string()),
                    message_id: Some(turn.to_string()),
                    spoken: voice.into(),
                }
            }
            Up::AskStatus => ClientFrame::GetStatus {},
            Up::Forget { conversation } => ClientFrame::VoiceCommand {
                command: "clear_conversation".to_owned(),
                conversation_id: Some(conversation.to_string()),
                voice: None,
                personality_id: None,
            },
            Up::Beat => self.heartbeat(wall),
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
            Up::AskPrompt { turn } if self.can(PROMPTS) => ClientFrame::GetPrompt {
                message_id: turn.to_string(),
            },
            Up::Join { conversation } if self.can(SHARED) => ClientFrame::JoinConversation {
                conversation_id: Some(conversation.to_string()),
            },
            // Its servers begin nothing by themselves, and use no tools of ours but on errands.
            Up::AskHabits { .. }
            | Up::AskPrompt { .. }
            | Up::AskTools { .. }
            | Up::Attend { .. }
            | Up::Follow { .. }
            | Up::Join { .. }
            | Up::Report { .. }
            | Up::Result { .. } => return None,
        })
    }

    fn tell_habits(&self, lang: Lang) -> Vec<Habit> {
        let over_http = self.beside.answers();
        let spoken = self.spoken.seen();
        self.habits
            .tell(over_http, &spoken, &self.beside.catalog, lang)
    }

    fn heartbeat(&mut self, wall: Wall) -> ClientFrame {
        self.habits.beats += 1;
        ClientFrame::Heartbeat {
            timestamp: Some(wall.0 as f64 / 1000.0),
            client_id: self.client_id.clone(),
        }
    }

    fn text_message(&self, say: &Say) -> ClientFrame {
        let history = say.history.iter().filter(|_said| self.can(HISTORY));
        ClientFrame::TextMessage {
            content: say.text.clone(),
            conversation_id: Some(say.conversation.to_string()),
            message_id: Some(say.turn.to_string()),
            personality_id: self.beside.persona(say),
            use_tools: Some(say.tools),
            errands: say.errands && self.can(ERRANDS),
            stream: Some(true),
            brain: say.brain.clone(),
            model: say.model.clone(),
            lang: self.can(LANG).then(|| say.lang.code().to_owned()),
            history: history.filter_map(frames::Earlier::of).collect(),
            enable_voice: say.voice.as_ref().map(|_wish| true),
            spoken: match &say.voice {
                Some(wish) if self.can(VOICE) => wish.into(),
                _ => frames::Spoken::default(),
            },
        }
    }

    /// Sound in a frame of its own.
    fn sound(&mut self, bytes: &Bytes) -> Result<Option<Speech>, Odd> {
        match Binary::read(bytes) {
            Some(Binary::Speech {
                turn,
                rate,
                samples,
            }) => self.spoken.samples(turn, rate, samples),
            Some(Binary::Recording { .. }) | None => Err(Odd::Binary {
                length: bytes.len(),
            }),
        }
    }
}

fn written(frame: &ClientFrame) -> Frame {
    Frame::Text(serde_json::to_string(frame).expect("our frames hold text, numbers and flags"))
}

#[cfg(test)]
mod tests;
