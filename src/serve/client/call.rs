//! A client that calls: what it says is cut into turns here, each is heard and answered aloud, and
//! words that were understood stop the answer before them. A sound that was none stops nothing.

use super::{Client, RECORDINGS};
use crate::core::backend::VoiceWish;
use crate::core::words::Word;
use crate::serve::call::{Call, Heard, samples};
use crate::serve::error::ServeError;
use crate::serve::hear::Recording;
use crate::serve::job::Job;
use crate::serve::question::Question;
use crate::serve::speak::{Form, How};
use crate::wire::yychat::frames::{Ids, ServerFrame};

/// What a voice command says besides its name.
#[derive(Default)]
pub(in crate::serve) struct Asked {
    /// What is said is only told, and somebody else has it answered.
    pub(in crate::serve) unanswered: bool,
    pub(in crate::serve) conversation: Option<String>,
    pub(in crate::serve) voice: Option<String>,
    pub(in crate::serve) persona: Option<String>,
}

impl Client {
    /// Begins a call. Who begins one again is in it already, and is told nothing.
    pub(in crate::serve) fn start_call(&mut self, asked: Asked) {
        if self.call.is_some() {
            return;
        }
        let ears = (self.house.ears)(None, self.lang).map_err(ServeError::Ears);
        let voice = || (self.house.voice)(None, self.lang).map_err(ServeError::Voice);
        let able = if self.closing {
            Err(ServeError::Closing)
        } else {
            let spoken = !asked.unanswered;
            ears.and_then(|_ears| if spoken { voice().map(drop) } else { Ok(()) })
        };
        if let Err(error) = able {
            let frame = error.of_call(self.lang, self.house.timestamp());
            return self.reply(frame);
        }
        let conversation = asked.conversation.unwrap_or_else(|| self.id.clone());
        let voice = asked.voice.or_else(|| self.voice.clone());
        let mut call = Call::new(conversation, voice, asked.persona);
        call.unanswered = asked.unanswered;
        self.call = Some(call);
        self.reply(ServerFrame::VoiceCallStarted {
            message: Word::BackendCallStarted.text(self.lang).to_owned(),
            client_id: self.id.clone(),
            timestamp: self.house.timestamp(),
        });
    }

    /// Ends it, and what is under way in it.
    pub(in crate::serve) fn stop_call(&mut self) {
        if self.call.take().is_some() {
            self.jobs.retain(|job| !job.of_call());
        }
        self.reply(ServerFrame::StopPlayback {
            ids: Ids {
                client_id: Some(self.id.clone()),
                ..Ids::default()
            },
            timestamp: self.house.timestamp(),
        });
        self.reply(ServerFrame::VoiceCallStopped {
            message: Word::BackendCallStopped.text(self.lang).to_owned(),
            client_id: self.id.clone(),
            timestamp: self.house.timestamp(),
        });
    }

    /// Who speaks from here on.
    pub(in crate::serve) fn change_voice(&mut self, asked: Asked) {
        if let Some(call) = &mut self.call {
            call.voice.clone_from(&asked.voice);
            call.persona = asked.persona.or(call.persona.take());
        }
        self.voice.clone_from(&asked.voice);
        self.reply(ServerFrame::VoiceChanged {
            voice: asked.voice,
            client_id: self.id.clone(),
            timestamp: self.house.timestamp(),
        });
    }

    /// More of what is heard in it. Without a call it is passed over, as by every server.
    pub(in crate::serve) fn hear_call(
        &mut self,
        audio: Option<&str>,
        rate: Option<u32>,
    ) -> Result<(), ServeError> {
        if self.call.is_none() {
            return Ok(());
        }
        self.hear_samples(&samples(audio, rate)?)
    }

    /// The same, as samples.
    pub(in crate::serve) fn hear_samples(&mut self, samples: &[f32]) -> Result<(), ServeError> {
        let played = self.jobs.iter().any(Job::is_said_in_call);
        let Some(call) = &mut self.call else {
            return Ok(());
        };
        for heard in call.add(samples, played) {
            match heard {
                Heard::Began => self.began(),
                Heard::Turn(samples) => self.ended(samples)?,
            }
        }
        Ok(())
    }

    /// Whoever speaks is done, the client says.
    pub(in crate::serve) fn cut_call(&mut self) -> Result<(), ServeError> {
        match self.call.as_mut().and_then(Call::cut) {
            Some(samples) => self.ended(samples),
            None => Ok(()),
        }
    }

    /// Is it in a call?
    pub(in crate::serve) fn is_in_call(&self) -> bool {
        self.call.is_some()
    }

    /// Does somebody speak in it?
    pub(in crate::serve) fn is_speaking(&self) -> bool {
        self.call.as_ref().is_some_and(|call| call.said.is_some())
    }

    /// Ends the call without a word; what is under way goes on.
    pub(in crate::serve) fn stop_hearing(&mut self) {
        self.call = None;
    }

    fn began(&mut self) {
        let name = self.name_message();
        let Some(call) = &mut self.call else {
            return;
        };
        call.said = Some(name.clone());
        let conversation = call.conversation.clone();
        let ids = self.ids(name, conversation);
        let timestamp = self.house.timestamp();
        self.reply(ServerFrame::SpeechStarted { ids, timestamp });
    }

    fn ended(&mut self, samples: Vec<i16>) -> Result<(), ServeError> {
        let said = self.call.as_mut();
        let Some((name, conversation)) =
            said.and_then(|call| Some((call.said.take()?, call.conversation.clone())))
        else {
            return Ok(());
        };
        self.reply(ServerFrame::SpeechStopped {
            ids: self.ids(name.clone(), conversation.clone()),
            timestamp: self.house.timestamp(),
        });
        self.hear_turn(name, conversation, samples)
    }

    /// Makes words of something that was said, under this name.
    pub(in crate::serve) fn hear_turn(
        &mut self,
        name: String,
        conversation: String,
        samples: Vec<i16>,
    ) -> Result<(), ServeError> {
        if self.recordings() == RECORDINGS {
            return Err(ServeError::Recordings { most: RECORDINGS });
        }
        let ids = self.ids(name, conversation);
        let recording = Recording::of_call(&self.house, samples, ids, self.lang);
        self.jobs.push(Job::Recording(Box::new(recording)));
        Ok(())
    }

    /// Answers what was understood in the call.
    pub(super) fn answer_call(&mut self) {
        let mut recordings = self.jobs.iter_mut().filter_map(Job::recording);
        let Some((ids, text)) = recordings.find_map(Recording::understood) else {
            return;
        };
        let call = self.call.as_ref().filter(|call| !call.unanswered);
        let (Some(call), Some(turn)) = (call, ids.message_id) else {
            return;
        };
        let (conversation, persona) = (call.conversation.clone(), call.persona.clone());
        let wish = VoiceWish {
            voice: call.voice.clone(),
            speed: 1.0,
            engine: None,
        };
        // Whoever says something does not want the answer before it any more.
        let before = self.jobs.iter().filter(|job| job.is_said_in_call());
        let before: Vec<_> = before.map(|job| job.ids().message_id.clone()).collect();
        for message in before {
            self.interrupt(message, Some(conversation.clone()), None);
        }
        let (lang, form) = (self.lang, Form::Call);
        self.ask(Question {
            turn,
            conversation,
            text,
            persona,
            tools: true,
            lang,
            voice: Some(How { wish, form, lang }),
            ..Question::default()
        });
    }
}
