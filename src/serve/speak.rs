//! Speaks an answer while it is written, sentence by sentence and in order.
//!
//! Two voices at most are at work for one answer: of the sentence that is being sent and of the
//! one behind it. Sound is sent no more than [`AHEAD`] before it can be heard, so that whoever
//! stops listening has not been sent minutes of it, and the writing waits for none of this.

use super::House;
use super::call::CALL_RATE;
use super::error::ServeError;
use super::job::Out;
use crate::codec::resample::Resampler;
use crate::codec::{base64, wav};
use crate::core::backend::VoiceWish;
use crate::core::ids::TurnId;
use crate::core::words::Lang;
use crate::mind::SpeechError;
use crate::mind::speakable::{self, Cutter};
use crate::mind::voice::{Pcm, Speaking, Utterance, Voice};
use crate::wire::yychat::binary;
use crate::wire::yychat::frames::{Ids, ServerFrame};
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, Sleep, sleep_until};

/// How much sound may be sent before it can be heard.
const AHEAD: Duration = Duration::from_secs(10);

/// The same in a call, where somebody may interrupt at any moment.
const AHEAD_IN_CALL: Duration = Duration::from_secs(1);

/// So many sentences are made at the same time.
const SENTENCES: usize = 2;

/// Pieces of sound that may wait to be sent; the voice waits beyond them.
const PIECES: usize = 8;

/// How many samples a frame without text holds: at the usual rates less than half a second, so
/// that text and other answers get their turn.
const FRAME: usize = 8000;

/// How many samples a file holds at most. It has to fit into a message, and somebody keeps it.
const FILE: usize = 4 << 20;

/// What sound is sent as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Frames without text, with this name on them.
    Binary(TurnId),
    /// A file for each sentence, in frames with text.
    Files,
    /// Samples at [`CALL_RATE`], in frames with text, as they come.
    Call,
}

/// How something is to be spoken.
#[derive(Clone, Debug)]
pub(super) struct How {
    pub(super) wish: VoiceWish,
    pub(super) form: Form,
    /// The language of words that do not show theirs, and of what is said about troubles.
    pub(super) lang: Lang,
}

/// Speaks about one message.
pub(super) struct Speaker {
    house: Arc<House>,
    pub(super) ids: Ids,
    how: How,
    voice: Option<Arc<dyn Voice>>,
    cutter: Cutter,
    /// Sentences that nobody has begun to speak.
    waiting: VecDeque<String>,
    /// There will be no more text.
    complete: bool,
    /// Those that are being spoken, in order.
    spoken: VecDeque<Sentence>,
    pace: Pace,
    /// How many frames with text were sent.
    seq: u64,
    /// From that rate to the one of a call.
    resampler: Option<(u32, Resampler)>,
    ready: VecDeque<Out>,
    over: bool,
}

impl Speaker {
    pub(super) fn new(house: &Arc<House>, ids: Ids, how: How) -> Self {
        Self {
            house: Arc::clone(house),
            ids,
            voice: None,
            cutter: Cutter::default(),
            waiting: VecDeque::new(),
            complete: false,
            spoken: VecDeque::new(),
            pace: Pace {
                ahead: match how.form {
                    Form::Call => AHEAD_IN_CALL,
                    Form::Binary(_) | Form::Files => AHEAD,
                },
                until: None,
                sleep: None,
            },
            how,
            seq: 0,
            resampler: None,
            ready: VecDeque::new(),
            over: false,
        }
    }

    /// More of the text.
    pub(super) fn push(&mut self, more: &str) {
        if !self.over {
            self.waiting.extend(self.cutter.push(more));
        }
    }

    /// The text is over.
    pub(super) fn finish(&mut self) {
        if !std::mem::replace(&mut self.complete, true) && !self.over {
            self.waiting.extend(self.cutter.finish());
        }
    }

    /// Goes on speaking as far as the queues have room.
    pub(super) fn poll_work(&mut self, context: &mut Context<'_>) {
        while self.spoken.len() < SENTENCES
            && let Some(text) = self.waiting.pop_front()
        {
            match self.begin(text) {
                Ok(sentence) => self.spoken.push_back(sentence),
                Err(error) => return self.fail(error),
            }
        }
        for sentence in &mut self.spoken {
            sentence.poll_work(context);
        }
    }

    /// The next frame; `None` when there are no more.
    pub(super) fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<Out>> {
        loop {
            if let Some(out) = self.ready.pop_front() {
                return Poll::Ready(Some(out));
            }
            if self.over {
                return Poll::Ready(None);
            }
            self.poll_work(context);
            let Some(first) = self.spoken.front_mut() else {
                if self.ready.is_empty() && !self.complete {
                    return Poll::Pending;
                }
                if self.ready.is_empty() {
                    self.end();
                }
                continue;
            };
            ready!(self.pace.poll(context));
            let small = self.how.form != Form::Files;
            if let Some(sound) = ready!(first.poll_sound(small, context)) {
                let words = first.words.take();
                self.tell(words, &sound);
            } else if let Some(error) = self.spoken.pop_front().and_then(|first| first.failed) {
                self.fail(error);
            }
        }
    }

    fn begin(&mut self, text: String) -> Result<Sentence, SpeechError> {
        let voice = match &self.voice {
            Some(voice) => Arc::clone(voice),
            None => (self.house.voice)(self.how.wish.engine.as_deref(), self.how.lang)?,
        };
        self.voice = Some(Arc::clone(&voice));
        let (out, sound) = mpsc::channel(PIECES);
        let words = Some(text.clone());
        let utterance = Utterance {
            lang: speakable::language(&text, self.how.lang),
            text,
            wish: self.how.wish.clone(),
        };
        Ok(Sentence {
            words,
            work: Some(Box::pin(async move { voice.speak(utterance, out).await })),
            failed: None,
            sound,
            rest: Pcm::default(),
        })
    }

    fn tell(&mut self, words: Option<String>, sound: &Pcm) {
        self.pace.sent(sound);
        let (codec, audio) = match self.how.form {
            Form::Binary(turn) => {
                if let Some(content) = words {
                    self.ready.push_back(Out::from(ServerFrame::SpeechWords {
                        content,
                        ids: self.ids.clone(),
                        timestamp: self.house.timestamp(),
                    }));
                }
                let frame = binary::speech(turn, sound.rate, &sound.samples);
                self.ready.push_back(Out::Sound(frame));
                return;
            }
            Form::Files => (
                "audio/wav".to_owned(),
                wav::write(&sound.samples, sound.rate),
            ),
            Form::Call => {
                let bytes = self.at_rate_of_call(sound);
                (format!("audio/pcm;rate={CALL_RATE}"), bytes)
            }
        };
        let seq = self.seq;
        self.seq += 1;
        self.ready.push_back(Out::from(ServerFrame::AudioStream {
            codec,
            seq,
            audio: base64::encode(&audio),
            item_id: self.item(),
            ids: self.ids.clone(),
            timestamp: self.house.timestamp(),
        }));
    }

    /// What an answer is called in a call.
    fn item(&self) -> Option<String> {
        let item = self.ids.message_id.clone();
        item.filter(|_| self.how.form == Form::Call)
    }

    fn at_rate_of_call(&mut self, sound: &Pcm) -> Vec<u8> {
        let bytes = |samples: &[i16]| samples.iter().flat_map(|one| one.to_le_bytes()).collect();
        if sound.rate == CALL_RATE {
            return bytes(&sound.samples);
        }
        let known = self.resampler.take();
        let (rate, mut resampler) = known
            .filter(|(rate, _)| *rate == sound.rate)
            .unwrap_or_else(|| (sound.rate, Resampler::new(sound.rate, CALL_RATE)));
        let floats: Vec<f32> = sound
            .samples
            .iter()
            .map(|one| f32::from(*one) / 32_768.0)
            .collect();
        let mut out = vec![];
        resampler.add(&floats, &mut out);
        self.resampler = Some((rate, resampler));
        let whole = |sample: f32| (sample * 32_768.0).clamp(-32_768.0, 32_767.0) as i16;
        bytes(&out.into_iter().map(whole).collect::<Vec<_>>())
    }

    /// It is told once, and whatever cannot be spoken can still be read.
    fn fail(&mut self, error: SpeechError) {
        let error = ServeError::Voice(error);
        let (ids, timestamp) = (self.ids.clone(), self.house.timestamp());
        let frame = error.frame(self.how.lang, ids, timestamp);
        self.ready.push_back(frame.into());
        self.end();
    }

    fn end(&mut self) {
        self.waiting.clear();
        self.spoken.clear();
        self.over = true;
        self.ready
            .push_back(Out::from(ServerFrame::SynthesisComplete {
                item_id: self.item(),
                ids: self.ids.clone(),
                timestamp: self.house.timestamp(),
            }));
    }
}

/// A sentence that is being spoken.
struct Sentence {
    /// What it says, until that is told.
    words: Option<String>,
    /// `None` once it is spoken. Dropping it ends the voice.
    work: Option<Speaking<'static>>,
    failed: Option<SpeechError>,
    sound: mpsc::Receiver<Pcm>,
    /// What came and was not sent.
    rest: Pcm,
}

impl Sentence {
    fn poll_work(&mut self, context: &mut Context<'_>) {
        if let Some(work) = &mut self.work
            && let Poll::Ready(outcome) = work.as_mut().poll(context)
        {
            self.failed = outcome.err();
            self.work = None;
        }
    }

    /// The next sound to be sent, small or as a whole; `None` when there is no more.
    fn poll_sound(&mut self, small: bool, context: &mut Context<'_>) -> Poll<Option<Pcm>> {
        let most = if small { FRAME } else { FILE };
        loop {
            if self.rest.samples.len() >= most || small && !self.rest.samples.is_empty() {
                return Poll::Ready(Some(self.cut(most)));
            }
            let next = match self.sound.poll_recv(context) {
                // What was said last is read before the end is believed. It is looked at and not
                // polled, for whoever has had its turn is told to wait, whatever there is.
                Poll::Pending if self.work.is_none() => {
                    self.sound.close();
                    Poll::Ready(self.sound.try_recv().ok())
                }
                next => next,
            };
            match next {
                Poll::Ready(Some(more)) if more.rate == 0 || more.samples.is_empty() => {}
                Poll::Ready(Some(more)) if self.rest.samples.is_empty() => self.rest = more,
                Poll::Ready(Some(more)) if more.rate == self.rest.rate => {
                    self.rest.samples.extend(more.samples);
                }
                Poll::Ready(Some(more)) => {
                    return Poll::Ready(Some(std::mem::replace(&mut self.rest, more)));
                }
                Poll::Ready(None) if self.rest.samples.is_empty() => return Poll::Ready(None),
                Poll::Ready(None) => return Poll::Ready(Some(self.cut(most))),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// The beginning of what is left.
    fn cut(&mut self, most: usize) -> Pcm {
        let behind = self
            .rest
            .samples
            .split_off(most.min(self.rest.samples.len()));
        Pcm {
            rate: self.rest.rate,
            samples: std::mem::replace(&mut self.rest.samples, behind),
        }
    }
}

/// Keeps sound from being sent long before it can be heard.
struct Pace {
    ahead: Duration,
    /// When what was sent is heard to its end.
    until: Option<Instant>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Pace {
    /// Ready when more may be sent.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(due) = self.until.and_then(|until| until.checked_sub(self.ahead)) else {
            return Poll::Ready(());
        };
        if due <= Instant::now() {
            return Poll::Ready(());
        }
        let sleep = match &mut self.sleep {
            Some(sleep) => {
                if sleep.deadline() != due {
                    sleep.as_mut().reset(due);
                }
                sleep
            }
            none => none.insert(Box::pin(sleep_until(due))),
        };
        sleep.as_mut().poll(context)
    }

    fn sent(&mut self, sound: &Pcm) {
        let now = Instant::now();
        let long = sound.samples.len() as f64 / f64::from(sound.rate);
        let from = self.until.map_or(now, |until| until.max(now));
        self.until = Some(from + Duration::from_secs_f64(long));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;

    #[tokio::test]
    async fn the_end_of_a_sentence_is_found_by_a_task_that_has_had_its_turn() {
        let (out, sound) = mpsc::channel(1);
        out.try_send(Pcm {
            rate: 8_000,
            samples: vec![1],
        })
        .unwrap();
        drop(out);
        let mut sentence = Sentence {
            words: None,
            work: None,
            failed: None,
            sound,
            rest: Pcm::default(),
        };
        let (sender, mut others) = mpsc::unbounded_channel();
        for _ in 0..10_000 {
            sender.send(()).unwrap();
        }
        let mut heard = vec![];
        poll_fn(|context| {
            // From here on every channel says that nothing is there.
            while others.poll_recv(context).is_ready() {}
            while let Poll::Ready(Some(pcm)) = sentence.poll_sound(true, context) {
                heard.push(pcm.samples);
            }
            sentence.poll_sound(true, context)
        })
        .await;
        assert_eq!(heard, [[1]]);
    }
}
