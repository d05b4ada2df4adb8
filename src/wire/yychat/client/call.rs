//! What the client says and hears in a call whose turns the server cuts.

use super::super::called::{Call, News, Told};
use super::super::frames::ClientFrame;
use super::super::read::{Fields, Hot, Odd};
use super::super::spoken::sound;
use super::{CALLS, Yychat, written};
use crate::codec::base64;
use crate::core::backend::{Down, Say, Trouble};
use crate::core::ids::{ConversationId, Seed, TurnId};
use crate::core::sound::ClipPart;
use crate::core::time::Now;
use crate::wire::{Frame, Out};
use serde_json::json;

/// The scenario of a call.
const CALL: &str = "voice_call";

impl Yychat {
    /// Whether turns of a call can be left to the server: to one of ours if it says so, to a plain
    /// one until it was tried.
    pub(super) fn cuts(&self) -> bool {
        self.theirs && (self.is_plain() || self.can(CALLS))
    }

    /// What is heard in a call; `false` if this is of none.
    pub(super) fn heard_in_call(&mut self, part: &ClipPart, now: Now, out: &mut Out) -> bool {
        let mut news = News::default();
        let mine = match (part, &mut self.call) {
            (ClipPart::Open(hear), call) => {
                if let Some(call) = call {
                    call.open(hear.turn);
                } else {
                    let seed = Seed::new(now.wall.0.unsigned_abs());
                    *call = Some(Call::new(hear.turn, seed, now.mono, &mut news));
                }
                self.conversation = Some(hear.conversation);
                true
            }
            (ClipPart::More { turn, samples }, Some(call)) if call.is(*turn) => {
                call.hear(samples, &mut news);
                true
            }
            (ClipPart::End { turn } | ClipPart::Broken { turn }, Some(call)) if call.is(*turn) => {
                call.close(now.mono, &mut news);
                true
            }
            _ => false,
        };
        self.tell(news, out);
        mine
    }

    /// What is said next in a call has this name.
    pub(super) fn attend(&mut self, turn: TurnId, out: &mut Out) {
        let now = self.now;
        self.in_call(out, |call, news| call.attend(turn, now, news));
    }

    /// The program wants the answer to what was said in a call; `false` if none comes.
    pub(super) fn claim(&mut self, say: &Say, out: &mut Out) -> bool {
        let now = self.now;
        say.clip.is_some()
            && self
                .in_call(out, |call, news| call.claim(say, now, news))
                .unwrap_or(false)
    }

    /// The program wants what the server said unasked in a call.
    pub(super) fn follow(&mut self, turn: TurnId, aloud: bool, out: &mut Out) -> bool {
        let now = self.now;
        self.in_call(out, |call, news| call.follow(turn, aloud, now, news))
            .unwrap_or(false)
    }

    /// Nobody wants an answer of a call any more; `false` if it is none. Plain servers go on with
    /// it, and are not heard.
    pub(super) fn leave_off(&mut self, turn: TurnId, heard: Option<&str>, out: &mut Out) -> bool {
        let now = self.now;
        let left = self.in_call(out, |call, news| call.leave_off(turn, heard, now, news));
        let Some((session_id, message_id)) = left.flatten() else {
            return false;
        };
        out.frames.push(written(&ClientFrame::Interrupt {
            session_id,
            message_id,
            heard: heard.map(str::to_owned),
        }));
        true
    }

    /// Time has passed.
    pub(super) fn due_in_call(&mut self, out: &mut Out) {
        let now = self.now;
        self.in_call(out, |call, news| call.due(now, news));
    }

    fn in_call<T>(
        &mut self,
        out: &mut Out,
        act: impl FnOnce(&mut Call, &mut News) -> T,
    ) -> Option<T> {
        let mut news = News::default();
        let done = self.call.as_mut().map(|call| act(call, &mut news));
        self.tell(news, out);
        done
    }

    fn tell(&mut self, news: News, out: &mut Out) {
        for told in news.told {
            let frame = match told {
                Told::Start => command("start_voice_call", self.conversation),
                Told::Stop => command("stop_voice_call", self.conversation),
                Told::Sound(samples) => {
                    let bytes: Vec<u8> = samples.iter().flat_map(|one| one.to_le_bytes()).collect();
                    let frame = json!({ "type": "audio_stream", "scenario": CALL,
                        "audio_base64": base64::encode(&bytes) });
                    Frame::Text(frame.to_string())
                }
            };
            out.frames.push(frame);
        }
        for (say, answer) in news.kept {
            self.beside.memory.keep(&say, answer);
        }
        out.downs.extend(news.downs);
        let now = self.now;
        self.call.take_if(|call| call.is_over(now));
    }

    /// A piece of sound that a call is about; `None` if it is about none.
    pub(super) fn sound_of_call(
        &mut self,
        hot: &Hot<'_>,
        out: &mut Out,
    ) -> Option<Result<(), Odd>> {
        let item = hot.item_id.as_ref().map(|text| &*text.0);
        let message = hot.message_id.as_ref().map(|text| &*text.0);
        let session = hot.session_id.as_ref().map(|text| &*text.0);
        let theirs = message.is_some_and(|name| name.starts_with(CALL));
        if self.call.is_none() || item.is_none() && !theirs {
            return None;
        }
        let bytes = hot
            .audio
            .as_ref()
            .and_then(|audio| base64::decode(&audio.0));
        let Some(bytes) = bytes else {
            return Some(Err(hot.odd("audio")));
        };
        let codec = hot.codec.as_ref().map_or("audio/pcm", |codec| &*codec.0);
        let (sound, now) = (sound(codec, bytes), self.now);
        self.in_call(out, |call, news| {
            call.sound(item, (message, session), sound, now, news);
        });
        Some(Ok(()))
    }

    /// What a frame says about a call; `false` if it is about none.
    pub(super) fn about_call(&mut self, fields: &Fields<'_>, out: &mut Out) -> bool {
        let now = self.now;
        let item = fields.maybe("item_id");
        let of_call = fields.maybe("scenario") == Some(CALL);
        let message = fields.maybe("message_id");
        let stops = message.map_or(!self.asked.is_stopping(), |id| id.starts_with(CALL));
        // One of ours gives what was said and all that comes of it the same name.
        let name = message.filter(|id| self.can(CALLS) && !id.starts_with(CALL));
        let (kind, mut known) = (fields.kind, true);
        self.in_call(out, |call, news| match kind {
            "voice_call_started" => call.started(news),
            "voice_call_stopped" => {
                let why = fields.maybe("message").unwrap_or("it has ended the call");
                call.stopped(why, now, news);
            }
            // The server has stopped one by itself, or because we wished it.
            "stop_playback" | "interrupt_confirmed" if name.is_some_and(|id| call.knows(id)) => {
                call.complete(name, now);
            }
            // We have stopped already.
            "stop_playback" | "interrupt_confirmed" | "interrupt_notification" if stops => {}
            "speech_started" => call.begins(name, news),
            "speech_stopped" => call.silence(news),
            "transcription_result" if of_call => {
                let answer = fields.maybe("assistant_text");
                let text = answer.or_else(|| fields.maybe("text")).unwrap_or_default();
                if answer.is_some() || fields.maybe("role") == Some("assistant") {
                    call.reply(item.or(name), text, now, news);
                } else {
                    call.words(text, name, now, news);
                }
            }
            "synthesis_complete" if item.is_some() => call.complete(item, now),
            _ => known = false,
        })
        .is_some()
            && known
    }

    /// Whether an error that names this is about something in a call.
    pub(super) fn breaks_in_call(&mut self, name: &str, trouble: &Trouble, out: &mut Out) -> bool {
        self.in_call(out, |call, news| call.breaks(name, trouble, news))
            .unwrap_or(false)
    }

    /// Whether an error that names no message is about a call.
    pub(super) fn fails_call(&mut self, why: &str, kind: &str, out: &mut Out) -> bool {
        let now = self.now;
        if self.call.is_some() && (kind.starts_with(CALL) || kind.starts_with("realtime")) {
            out.downs.push(Down::Unreadable {
                why: format!("{kind}: {why}"),
            });
        }
        self.in_call(out, |call, news| call.fails(why, now, news))
            .unwrap_or(false)
    }
}

fn command(command: &str, conversation: Option<ConversationId>) -> Frame {
    written(&ClientFrame::VoiceCommand {
        command: command.to_owned(),
        conversation_id: conversation.map(|id| id.to_string()),
        voice: None,
        personality_id: None,
    })
}

#[cfg(test)]
mod tests;
