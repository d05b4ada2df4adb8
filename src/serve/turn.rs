//! One turn at work for one client: what is thought, told in frames.
//!
//! A turn is a part of its connection's task and ends with it. It works whenever it can, and is
//! held up by its full queue when the client does not read. What the client was sent is what is
//! remembered of it, however it ends.

use super::House;
use super::call::CALL;
use super::errand::Errands;
use super::job::Out;
use super::memory::Answer;
use super::question::{Question, answer};
use super::rooms::Telling;
use super::speak::{Form, Speaker};
use super::think::{self, Piece};
use crate::core::backend::{Errand, Task};
use crate::core::words::{Lang, Word, fill};
use crate::wire::yychat::frames::{self, Answered, Ids, ServerFrame};
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

/// Pieces that may wait to be sent; the brain waits beyond them.
const PIECES: usize = 64;

/// How much text goes into one frame, where that is known beforehand.
const CHUNK: usize = 16 * 1024;

/// How often text that came may wait for more that is about to come.
const WAITS: u8 = 32;

/// How an answer is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// As it is written.
    Stream,
    /// When it is complete.
    Whole,
    /// Aloud, and its words when it is complete.
    Call,
}

/// A turn at work.
pub(super) struct Turn {
    house: Arc<House>,
    pub(super) ids: Ids,
    message: String,
    conversation: String,
    /// `None`: the answer is only written.
    speaker: Option<Speaker>,
    way: Way,
    lang: Lang,
    /// `None` once the work is done.
    work: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    pieces: mpsc::Receiver<Piece>,
    gathered: Option<Gathered>,
    /// A piece that was taken out to see whether it goes on with the one before.
    held: Option<Piece>,
    /// Frames that are due.
    ready: VecDeque<ServerFrame>,
    /// `stream_start` has been said.
    begun: bool,
    /// The text the client was sent so far.
    sent: String,
    /// The answer is complete and remembered.
    over: bool,
    /// Those who listen are told; nobody does within the program.
    telling: Option<Telling>,
    _place: OwnedSemaphorePermit,
}

/// Text, or thinking aloud, that is about to be sent.
struct Gathered {
    content: String,
    text: bool,
    waits: u8,
}

impl Turn {
    pub(super) fn begin(
        house: &Arc<House>,
        ids: Ids,
        mut question: Question,
        errands: &Arc<Errands>,
        place: OwnedSemaphorePermit,
    ) -> Self {
        house.figures.begins();
        let (out, pieces) = mpsc::channel(PIECES);
        let (message, conversation) = (question.turn.clone(), question.conversation.clone());
        let lang = question.lang;
        let how = question.voice.take();
        let way = match &how {
            Some(how) if how.form == Form::Call => Way::Call,
            _ if question.stream => Way::Stream,
            _ => Way::Whole,
        };
        let processing = ServerFrame::ProcessingStart {
            ids: ids.clone(),
            timestamp: house.timestamp(),
        };
        let ready = (way != Way::Call).then_some(processing);
        let telling = house.served.elsewhere.then(|| {
            let client = ids.client_id.as_deref();
            Telling::begin(house, &conversation, &message, client, &question.text)
        });
        Self {
            work: Some(Box::pin(answer(
                Arc::clone(house),
                question,
                Arc::clone(errands),
                out,
            ))),
            house: Arc::clone(house),
            speaker: how.map(|how| Speaker::new(house, ids.clone(), how)),
            ids,
            message,
            conversation,
            way,
            lang,
            pieces,
            gathered: None,
            held: None,
            ready: ready.into_iter().collect(),
            begun: false,
            sent: String::new(),
            over: false,
            telling,
            _place: place,
        }
    }

    /// Is it said in a call?
    pub(super) fn is_in_call(&self) -> bool {
        self.way == Way::Call
    }

    /// Goes on thinking as far as the queue has room.
    pub(super) fn poll_work(&mut self, context: &mut Context<'_>) {
        if let Some(work) = &mut self.work
            && work.as_mut().poll(context).is_ready()
        {
            self.work = None;
        }
        if let Some(speaker) = &mut self.speaker {
            speaker.poll_work(context);
        }
    }

    /// The next frame; `None` when there are no more. What is written comes before what is spoken.
    pub(super) fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<Out>> {
        let written = self.poll_written(context);
        if let Poll::Ready(Some(frame)) = written {
            return Poll::Ready(Some(frame.into()));
        }
        let Some(speaker) = &mut self.speaker else {
            return written.map(|_over| None);
        };
        if written.is_ready() {
            speaker.finish();
        }
        match speaker.poll_frame(context) {
            // It could not speak on, and the answer is still being written.
            Poll::Ready(None) if written.is_pending() => Poll::Pending,
            out => out,
        }
    }

    fn poll_written(&mut self, context: &mut Context<'_>) -> Poll<Option<ServerFrame>> {
        loop {
            if let Some(frame) = self.ready.pop_front() {
                return Poll::Ready(Some(frame));
            }
            self.poll_work(context);
            if let Some(gathered) = self.gathered.take() {
                ready!(self.poll_gather(gathered, context));
                continue;
            }
            match self.held.take() {
                Some(piece) => self.tell(piece),
                None => match ready!(self.pieces.poll_recv(context)) {
                    Some(piece) => self.tell(piece),
                    None => return Poll::Ready(None),
                },
            }
        }
    }

    /// Puts what arrives together into one frame. No clock is waited for: the other tasks get
    /// their turn, and as long as that brings more text, a frame can wait for it. The first
    /// text waits for nothing.
    fn poll_gather(&mut self, mut gathered: Gathered, context: &mut Context<'_>) -> Poll<()> {
        let before = gathered.content.len();
        while let Some(more) = self.more(&gathered) {
            gathered.content.push_str(&more);
        }
        let grew = gathered.waits == 0 || gathered.content.len() > before;
        let may_grow = self.begun && self.held.is_none() && self.work.is_some();
        if grew && may_grow && gathered.waits < WAITS && gathered.content.len() < CHUNK {
            gathered.waits += 1;
            self.gathered = Some(gathered);
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.begin_stream();
        let (ids, timestamp) = (self.ids.clone(), self.house.timestamp());
        let content = gathered.content;
        if gathered.text {
            self.send(&content);
        }
        self.ready.push_back(if gathered.text {
            ServerFrame::StreamChunk {
                content,
                ids,
                timestamp,
            }
        } else {
            ServerFrame::StreamReasoning {
                content,
                ids,
                timestamp,
            }
        });
        Poll::Ready(())
    }

    /// What waits and goes on with what was gathered; a piece of another kind is held.
    fn more(&mut self, gathered: &Gathered) -> Option<String> {
        if gathered.content.len() >= CHUNK || self.held.is_some() {
            return None;
        }
        match self.pieces.try_recv().ok()? {
            Piece::Text(more) if gathered.text => {
                self.speak(&more);
                Some(more)
            }
            Piece::Reasoning(more) if !gathered.text => Some(more),
            other => {
                self.held = Some(other);
                None
            }
        }
    }

    /// More of the answer is told.
    fn send(&mut self, more: &str) {
        self.sent.push_str(more);
        if let Some(telling) = &self.telling {
            telling.more(more);
        }
    }

    fn speak(&mut self, more: &str) {
        if let Some(speaker) = &mut self.speaker {
            speaker.push(more);
        }
    }

    fn tell(&mut self, piece: Piece) {
        match &piece {
            Piece::Text(more) => {
                if self.way == Way::Call {
                    self.send(more);
                }
                self.speak(more);
            }
            // Whoever does not look at the screen is asked as well.
            Piece::Errand(Errand {
                task: Task::Permit { tool, .. },
                ..
            }) => {
                let name = tool.replace('_', " ");
                let asked = fill(Word::AskPermitAloud.text(self.lang), &[&name]);
                self.speak(&format!("\n\n{asked}\n\n"));
            }
            _ => {}
        }
        let (ids, timestamp) = (self.ids.clone(), self.house.timestamp());
        let gather = |content, text| {
            Some(Gathered {
                content,
                text,
                waits: 0,
            })
        };
        match piece {
            Piece::Loading => self
                .ready
                .push_back(ServerFrame::ModelLoading { ids, timestamp }),
            Piece::Trouble(error) => {
                let frame = error.frame(self.lang, ids, timestamp);
                self.ready.push_back(frame);
            }
            Piece::End(answer) => self.end(answer),
            // It is asked for whether text is streamed or not: the answer waits for it.
            Piece::Errand(errand) => self.ready.push_back(ServerFrame::Errand {
                errand_id: errand.id,
                task: errand.task,
                ids,
                timestamp,
            }),
            Piece::Reasoning(_) | Piece::Text(_) | Piece::Tool(_) if self.way != Way::Stream => {}
            Piece::Reasoning(content) => self.gathered = gather(content, false),
            Piece::Text(content) => self.gathered = gather(content, true),
            Piece::Tool(tool) => {
                self.begin_stream();
                let (result, error) = match tool.outcome {
                    None => (None, None),
                    Some(Ok(text)) => (Some(text), None),
                    Some(Err(text)) => (None, Some(text)),
                };
                self.ready.push_back(ServerFrame::ToolUse {
                    name: tool.name,
                    arguments: tool.arguments,
                    result,
                    error,
                    ids,
                    timestamp,
                });
            }
        }
    }

    fn begin_stream(&mut self) {
        if !std::mem::replace(&mut self.begun, true) {
            self.ready.push_back(ServerFrame::StreamStart {
                ids: self.ids.clone(),
                timestamp: self.house.timestamp(),
            });
        }
    }

    fn end(&mut self, answer: think::Answer) {
        let (ids, timestamp) = (self.ids.clone(), self.house.timestamp());
        let told = Answer::of(&answer);
        let by = Answered {
            brain: Some(answer.brain),
            model: answer.model,
            usage: answer.usage,
            stored: answer.unkept.then_some(false),
        };
        let content = answer.text;
        self.over = true;
        self.house
            .memory()
            .answer(&self.conversation, &self.message, told.clone());
        if let Some(telling) = &mut self.telling {
            telling.end(&told);
        }
        if self.way == Way::Stream {
            self.begin_stream();
            self.ready.push_back(ServerFrame::StreamEnd {
                full_content: content,
                ids,
                timestamp,
                by,
            });
        } else if self.way == Way::Call {
            self.ready.push_back(ServerFrame::TranscriptionResult {
                text: content.clone(),
                scenario: CALL.to_owned(),
                role: Some(frames::Speaker::Assistant),
                assistant_text: Some(content),
                ids,
                timestamp,
            });
        } else {
            self.ready.push_back(ServerFrame::TextResponse {
                content,
                conversation_id: Some(self.conversation.clone()),
                ids,
                timestamp,
                by,
            });
        }
    }
}

impl Drop for Turn {
    /// An answer that did not come to its end is remembered as far as it was sent.
    fn drop(&mut self) {
        self.house.figures.ends();
        if !self.over && !self.sent.trim().is_empty() {
            let told = Answer {
                text: std::mem::take(&mut self.sent),
                cut: true,
                by: None,
            };
            self.house
                .keep_cut(&self.conversation, &self.message, &told);
            self.house
                .memory()
                .answer(&self.conversation, &self.message, told);
        }
    }
}
