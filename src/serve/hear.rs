//! Makes words of one recording: hands it to the ears, piece by piece while it is still spoken,
//! and tells what they hear.

use super::House;
use super::call::CALL;
use super::error::ServeError;
use super::job::Out;
use super::unpack::unpack;
use crate::codec::base64;
use crate::core::ids::TurnId;
use crate::core::sound::{Pcm, RATE};
use crate::core::words::Lang;
use crate::mind::{SpeechError, ears};
use crate::wire::yychat::frames::{AudioInput, Ids, RECORDING, ServerFrame, Speaker};
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// The longest recording, in minutes.
pub(super) const MINUTES: usize = 10;

/// The same in samples.
pub(super) const MOST: usize = MINUTES * 60 * RATE as usize;

/// What comes in pieces is heard from so much on, and handed on so much at a time: a tenth of a
/// second.
const PIECE: usize = RATE as usize / 10;

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
    /// Pieces are still coming; they bear this name.
    coming: Option<TurnId>,
    /// So many samples have come.
    length: usize,
    state: State,
    ready: VecDeque<Out>,
    /// It is what was said in a call.
    pub(super) of_call: bool,
    /// What was understood of it and nobody has answered.
    words: Option<String>,
}

enum State {
    /// It waits for those before it.
    Waiting {
        samples: Vec<i16>,
    },
    Heard {
        work: ears::Hearing<'static>,
        partials: mpsc::Receiver<ears::Partial>,
        rest: Option<Rest>,
    },
    /// The ears are done before all of it has come.
    Known(Result<String, SpeechError>),
    Over,
}

/// The way of what is still being spoken to the ears.
struct Rest {
    to: mpsc::Sender<Vec<i16>>,
    /// What is too little to be handed on.
    piece: Vec<i16>,
}

impl Rest {
    fn add(&mut self, samples: impl Iterator<Item = i16>) {
        self.piece.extend(samples);
        if self.piece.len() >= PIECE {
            self.flush();
        }
    }

    fn flush(&mut self) {
        // There is room for the longest recording; ears that are done want no more.
        let _ = self.to.try_send(std::mem::take(&mut self.piece));
    }
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
        let (coming, samples) = if input.chunked {
            let name = ids.message_id.as_deref().and_then(|id| id.parse().ok());
            let name = name.filter(|_name| pure).ok_or_else(|| ServeError::Field {
                kind: "audio_input".to_owned(),
                why: "pieces need `audio_format` `pcm` and a `message_id` of 32 hexadecimal digits"
                    .to_owned(),
            })?;
            (Some(name), vec![])
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
            (None, samples)
        };
        Ok(Self {
            house: Arc::clone(house),
            ids,
            lang,
            language: input.language,
            ears: input.ears,
            coming,
            length: samples.len(),
            state: State::Waiting { samples },
            ready: VecDeque::new(),
            of_call: false,
            words: None,
        })
    }

    /// What was said in a call.
    pub(super) fn of_call(house: &Arc<House>, samples: Vec<i16>, ids: Ids, lang: Lang) -> Self {
        Self {
            house: Arc::clone(house),
            ids,
            lang,
            language: None,
            ears: None,
            coming: None,
            length: samples.len(),
            state: State::Waiting { samples },
            ready: VecDeque::new(),
            of_call: true,
            words: None,
        }
    }

    /// What was understood of something that was said in a call, once.
    pub(super) fn understood(&mut self) -> Option<(Ids, String)> {
        Some((self.ids.clone(), self.words.take()?))
    }

    /// Are these the pieces of this one?
    pub(super) fn wants(&self, name: TurnId) -> bool {
        self.coming == Some(name)
    }

    /// More of it has come. One that is too long is over.
    pub(super) fn more(&mut self, more: &Pcm) {
        self.length += more.len();
        if self.length > MOST {
            return self.fail(&ServeError::TooLong { minutes: MINUTES });
        }
        match &mut self.state {
            State::Waiting { samples } => samples.extend(more.iter()),
            State::Heard {
                rest: Some(rest), ..
            } => rest.add(more.iter()),
            State::Heard { rest: None, .. } | State::Known(_) | State::Over => {}
        }
    }

    /// All of it has come.
    pub(super) fn complete(&mut self) {
        self.coming = None;
        match &mut self.state {
            State::Heard { rest, .. } => {
                if let Some(mut rest) = rest.take() {
                    rest.flush();
                }
                self.start();
            }
            State::Known(words) => {
                let words = std::mem::replace(words, Ok(String::new()));
                self.settle(words);
            }
            State::Waiting { .. } | State::Over => {}
        }
    }

    /// Does it wait for its turn? While it is spoken, only once there is something to hear.
    pub(super) fn waits(&self) -> bool {
        let State::Waiting { samples } = &self.state else {
            return false;
        };
        self.coming.is_none() || samples.len() >= PIECE
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
        let samples = std::mem::take(samples);
        let (to, rest) = mpsc::channel(MOST / PIECE + 1);
        let live = self.coming.is_some();
        let recording = ears::Recording {
            samples,
            rest: live.then_some(rest),
            language: self.language.clone(),
        };
        match (self.house.ears)(self.ears.as_deref(), self.lang) {
            Ok(ears) => {
                let (out, partials) = mpsc::channel(PARTIALS);
                let work = Box::pin(async move { ears.hear(recording, out).await });
                let piece = vec![];
                let rest = live.then_some(Rest { to, piece });
                self.state = State::Heard {
                    work,
                    partials,
                    rest,
                };
                if !live {
                    self.start();
                }
            }
            Err(error) if live => self.state = State::Known(Err(error)),
            Err(error) => self.fail(&ServeError::Ears(error)),
        }
    }

    /// Tells that words are made of all of it.
    fn start(&mut self) {
        if self.of_call {
            return;
        }
        let (ids, timestamp) = self.mark();
        let start = ServerFrame::AudioProcessingStart { ids, timestamp };
        self.ready.push_back(start.into());
    }

    /// Goes on hearing.
    pub(super) fn poll_work(&mut self, context: &mut Context<'_>) {
        let State::Heard { work, partials, .. } = &mut self.state else {
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
        let Poll::Ready(words) = outcome else {
            return;
        };
        let words = words.map(|words| words.text);
        if self.coming.is_some() {
            self.state = State::Known(words);
        } else {
            self.settle(words);
        }
    }

    fn settle(&mut self, words: Result<String, SpeechError>) {
        match words {
            Ok(text) => self.tell(&text),
            Err(error) => self.fail(&ServeError::Ears(error)),
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
            (None, State::Waiting { .. } | State::Heard { .. } | State::Known(_)) => Poll::Pending,
        }
    }

    /// The words, if there are any.
    fn tell(&mut self, text: &str) {
        let (ids, timestamp) = self.mark();
        let text = text.trim().to_owned();
        let scenario = if self.of_call { CALL } else { RECORDING };
        self.words = (self.of_call && !text.is_empty()).then(|| text.clone());
        let result = ServerFrame::TranscriptionResult {
            text,
            scenario: scenario.to_owned(),
            role: self.of_call.then_some(Speaker::User),
            assistant_text: None,
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
