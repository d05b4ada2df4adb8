//! Makes words of one recording: gathers its pieces, hands the whole to the ears, tells what they
//! hear.

use super::House;
use super::error::ServeError;
use super::job::Out;
use super::unpack::unpack;
use crate::codec::base64;
use crate::core::ids::TurnId;
use crate::core::sound::{Pcm, RATE};
use crate::core::words::Lang;
use crate::mind::ears;
use crate::wire::yychat::frames::{AudioInput, Ids, RECORDING, ServerFrame};
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// The longest recording, in minutes.
const MINUTES: usize = 10;

/// The same in samples.
pub(super) const MOST: usize = MINUTES * 60 * RATE as usize;

/// Guesses at the words that may wait to be told.
const PARTIALS: usize = 8;

/// A recording.
pub(super) struct Recording {
    house: Arc<House>,
    /// Nothing, where the client has not named it.
    pub(super) ids: Ids,
    lang: Lang,
    /// The language that is spoken.
    language: Option<String>,
    /// Which ears are wished for.
    ears: Option<String>,
    state: State,
    ready: VecDeque<Out>,
}

enum State {
    /// Pieces are still coming; they bear this name.
    Coming {
        name: TurnId,
        samples: Vec<i16>,
    },
    /// It is complete and waits for those before it.
    Waiting {
        samples: Vec<i16>,
    },
    Heard {
        work: ears::Hearing<'static>,
        partials: mpsc::Receiver<ears::Partial>,
    },
    Over,
}

impl Recording {
    /// Takes a recording, or the news that its pieces follow.
    pub(super) fn begin(
        house: &Arc<House>,
        input: AudioInput,
        ids: Ids,
        lang: Lang,
    ) -> Result<Self, ServeError> {
        let format = input.audio_format.as_deref().unwrap_or("wav");
        let pure = format.eq_ignore_ascii_case("pcm");
        let rate = input.sample_rate.unwrap_or(RATE);
        if pure && rate != RATE {
            let why = format!("it is of {rate} Hz, and not of {RATE}");
            return Err(ServeError::Audio { why });
        }
        let state = if input.chunked {
            let name = ids.message_id.as_deref().and_then(|id| id.parse().ok());
            let name = name.filter(|_name| pure).ok_or_else(|| ServeError::Field {
                kind: "audio_input".to_owned(),
                why: "pieces need `audio_format` `pcm` and a `message_id` of 32 hexadecimal digits"
                    .to_owned(),
            })?;
            let samples = vec![];
            State::Coming { name, samples }
        } else {
            let text = input
                .audio_base64
                .or_else(|| input.payload.and_then(|payload| payload.audio_base64))
                .filter(|text| !text.trim().is_empty())
                .ok_or(ServeError::NoAudio)?;
            let bytes = base64::decode(&text).ok_or_else(|| ServeError::Audio {
                why: "it is no base64".to_owned(),
            })?;
            let samples = unpack(&bytes, pure)?;
            if samples.len() > MOST {
                return Err(ServeError::TooLong { minutes: MINUTES });
            }
            State::Waiting { samples }
        };
        Ok(Self {
            house: Arc::clone(house),
            ids,
            lang,
            language: input.language,
            ears: input.ears,
            state,
            ready: VecDeque::new(),
        })
    }

    /// Are these the pieces of this one?
    pub(super) fn wants(&self, name: TurnId) -> bool {
        matches!(self.state, State::Coming { name: its, .. } if its == name)
    }

    /// More of it has come. One that is too long is over.
    pub(super) fn more(&mut self, more: &Pcm) {
        if let State::Coming { samples, .. } = &mut self.state {
            if samples.len() + more.len() > MOST {
                self.fail(&ServeError::TooLong { minutes: MINUTES });
            } else {
                samples.extend(more.iter());
            }
        }
    }

    /// All of it has come.
    pub(super) fn complete(&mut self) {
        if let State::Coming { samples, .. } = &mut self.state {
            let samples = std::mem::take(samples);
            self.state = State::Waiting { samples };
        }
    }

    /// Does it wait for its turn?
    pub(super) fn waits(&self) -> bool {
        matches!(self.state, State::Waiting { .. })
    }

    /// Are words being made of it?
    pub(super) fn is_heard(&self) -> bool {
        matches!(self.state, State::Heard { .. })
    }

    /// It is its turn.
    pub(super) fn hear(&mut self) {
        let State::Waiting { samples } = &mut self.state else {
            return;
        };
        if samples.is_empty() {
            return self.tell("");
        }
        let recording = ears::Recording {
            samples: std::mem::take(samples),
            rest: None,
            language: self.language.clone(),
        };
        match (self.house.ears)(self.ears.as_deref(), self.lang) {
            Ok(ears) => {
                let (out, partials) = mpsc::channel(PARTIALS);
                let work = Box::pin(async move { ears.hear(recording, out).await });
                self.state = State::Heard { work, partials };
                let (ids, timestamp) = self.mark();
                let start = ServerFrame::AudioProcessingStart { ids, timestamp };
                self.ready.push_back(start.into());
            }
            Err(error) => self.fail(&ServeError::Ears(error)),
        }
    }

    /// Goes on hearing.
    pub(super) fn poll_work(&mut self, context: &mut Context<'_>) {
        let State::Heard { work, partials } = &mut self.state else {
            return;
        };
        let outcome = work.as_mut().poll(context);
        // Of several guesses the last one counts.
        let mut guess = None;
        while let Poll::Ready(Some(partial)) = partials.poll_recv(context) {
            guess = Some(partial.text);
        }
        let (ids, timestamp) = self.mark();
        if let Some(text) = guess.filter(|_| outcome.is_pending()) {
            // Whoever does not read is told of the last one only.
            self.ready.retain(|out| !out.is_partial());
            let partial = ServerFrame::TranscriptionPartial {
                text,
                ids,
                timestamp,
            };
            self.ready.push_back(partial.into());
            return;
        }
        match outcome {
            Poll::Ready(Ok(words)) => self.tell(&words.text),
            Poll::Ready(Err(error)) => self.fail(&ServeError::Ears(error)),
            Poll::Pending => {}
        }
    }

    /// The next frame; `None` when there are no more.
    pub(super) fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<Out>> {
        if self.ready.is_empty() {
            self.poll_work(context);
        }
        match (self.ready.pop_front(), &self.state) {
            (Some(out), _) => Poll::Ready(Some(out)),
            (None, State::Over) => Poll::Ready(None),
            (None, State::Coming { .. } | State::Waiting { .. } | State::Heard { .. }) => {
                Poll::Pending
            }
        }
    }

    /// The words, if there are any.
    fn tell(&mut self, text: &str) {
        let (ids, timestamp) = self.mark();
        let result = ServerFrame::TranscriptionResult {
            text: text.trim().to_owned(),
            scenario: RECORDING.to_owned(),
            ids,
            timestamp,
        };
        self.ready.push_back(result.into());
        self.state = State::Over;
    }

    fn fail(&mut self, error: &ServeError) {
        let (ids, timestamp) = self.mark();
        let frame = error.frame(self.lang, ids, timestamp);
        self.ready.push_back(frame.into());
        self.state = State::Over;
    }

    fn mark(&self) -> (Ids, f64) {
        (self.ids.clone(), self.house.timestamp())
    }
}
