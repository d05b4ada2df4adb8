//! The engine's process: loads the model of one folder and does what it is asked, one thing at a
//! time, until its input ends.
//!
//! It gives way to everything else on the machine, and may not have more memory than such a model
//! can need: one that asks for more ends this process, and nothing else.

use super::agree::Agreement;
use super::error::ModelError;
use super::files;
use super::graph;
use super::hear::{self, Halt, Hearer, Run};
use super::speak::{self, Speaker, Wish};
use super::talk::{Frame, HEAD, Line, Order, Reply, length, read, sound, words};
use super::think::{self, Answered, Thinker};
use crate::core::shelf::Task;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

/// What any model may need, whatever its size.
const MEMORY: u64 = 2 << 30;
/// The most samples that are handed to a model at once: ten seconds.
const AT_ONCE: usize = 160_000;
/// A guess that is longer by less than this part of it is passed over.
const RARER: usize = 64;
/// How many times its own size a model may need on top.
const TIMES: u64 = 6;

/// The model, by what it is for.
enum Model {
    Hears(Box<dyn Hearer>),
    Speaks(Box<dyn Speaker>),
    Answers(Box<Thinker>),
}

impl Model {
    const fn task(&self) -> Task {
        match self {
            Self::Hears(_) => Task::Ears,
            Self::Speaks(_) => Task::Voice,
            Self::Answers(_) => Task::Brain,
        }
    }
}

/// Does what is asked until nobody asks any more.
///
/// `library`: the onnxruntime it runs them with, in the place of our own engine.
pub fn run(
    folder: &Path,
    library: Option<&str>,
    input: impl Read + Send + 'static,
    output: impl Write,
) -> std::io::Result<()> {
    let stopped = Arc::new(AtomicU64::new(0));
    let (send, orders) = channel();
    let mark = Arc::clone(&stopped);
    thread::spawn(move || {
        let mut input = input;
        while let Some(frame) = next(&mut input) {
            if let Frame::Words(Order::Stop { job }) = frame {
                mark.fetch_max(job, Ordering::Relaxed);
            }
            if send.send(frame).is_err() {
                return;
            }
        }
        // Whoever started it is gone: nothing is worth finishing.
        mark.store(u64::MAX, Ordering::Relaxed);
    });
    let name = folder.file_name().unwrap_or_default();
    let mut desk = Desk {
        name: name.to_string_lossy().into_owned(),
        stopped,
        orders,
        output,
        agreement: Agreement::default(),
    };
    let model = match load(folder, library) {
        Ok(model) => model,
        Err(error) => {
            // It is said to whoever asked first, and the next one starts another process.
            return desk.reply(&Reply::Wrong(error));
        }
    };
    desk.work(model)
}

fn load(folder: &Path, library: Option<&str>) -> Result<Model, ModelError> {
    let files = files::open(folder)?;
    behave(files.bytes());
    if let Some(place) = library {
        graph::borrow(place)?;
    }
    match files.kind.task() {
        Task::Ears => hear::open(&files).map(Model::Hears),
        Task::Voice => speak::open(&files).map(Model::Speaks),
        Task::Brain => think::open(&files).map(|one| Model::Answers(Box::new(one))),
    }
}

/// Steps back behind everything else.
fn behave(bytes: u64) {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, nice, setrlimit};
        // Where the system refuses, it is no worse than before.
        let _ = nice(5);
        let most = Some(MEMORY.saturating_add(bytes.saturating_mul(TIMES)));
        let limit = Rlimit {
            current: most,
            maximum: most,
        };
        let _ = setrlimit(Resource::As, limit);
    }
    #[cfg(not(unix))]
    let _ = (bytes, MEMORY, TIMES);
}

fn next(input: &mut impl Read) -> Option<Frame<Order>> {
    let mut head = [0; HEAD];
    input.read_exact(&mut head).ok()?;
    let mut body = vec![0; length(head)?];
    input.read_exact(&mut body).ok()?;
    read(head, &body)
}

/// Where orders come in and replies go out.
struct Desk<W> {
    /// What people call the model.
    name: String,
    stopped: Arc<AtomicU64>,
    orders: Receiver<Frame<Order>>,
    output: W,
    agreement: Agreement,
}

impl<W: Write> Desk<W> {
    fn work(&mut self, mut model: Model) -> std::io::Result<()> {
        while let Ok(frame) = self.orders.recv() {
            let reply = match (frame, &mut model) {
                (
                    Frame::Words(Order::Hear {
                        job,
                        language,
                        live,
                    }),
                    Model::Hears(hearer),
                ) => {
                    hearer.begin(language.as_deref(), live);
                    self.agreement = Agreement::default();
                    match self.hear(hearer.as_mut(), job)? {
                        Ok(reply) => reply,
                        Err(halt) => halted(halt),
                    }
                }
                (
                    Frame::Words(Order::Say {
                        job,
                        text,
                        lang,
                        voice,
                        speed,
                    }),
                    Model::Speaks(speaker),
                ) => {
                    let wish = Wish {
                        text,
                        lang,
                        voice,
                        speed,
                    };
                    match self.speak(speaker.as_mut(), job, &wish)? {
                        Ok(()) => Reply::Spoken,
                        Err(halt) => halted(halt),
                    }
                }
                (Frame::Words(Order::Think { job, said }), Model::Answers(thinker)) => {
                    match self.think(thinker, job, &said)? {
                        Ok(answered) => Reply::Answered(answered),
                        Err(halt) => halted(halt),
                    }
                }
                // It is the wrong kind of model, or an order that came too late.
                (
                    Frame::Words(Order::Hear { .. } | Order::Say { .. } | Order::Think { .. }),
                    model,
                ) => self.other(model.task()),
                (Frame::Words(Order::End | Order::Stop { .. }) | Frame::Sound { .. }, _) => {
                    continue;
                }
            };
            self.reply(&reply)?;
        }
        Ok(())
    }

    /// Hears one recording.
    fn hear(&mut self, hearer: &mut dyn Hearer, job: u64) -> std::io::Result<Result<Reply, Halt>> {
        let (mut ahead, mut told) = (None, 0);
        loop {
            let mut frame = match ahead.take() {
                Some(frame) => frame,
                None => self.orders.recv().map_err(std::io::Error::other)?,
            };
            // All the sound that has come is heard at once.
            if let Frame::Sound { samples, .. } = &mut frame {
                while ahead.is_none()
                    && let Ok(next) = self.orders.try_recv()
                {
                    match next {
                        Frame::Sound { samples: more, .. } if samples.len() < AT_ONCE => {
                            samples.extend(more);
                        }
                        other => ahead = Some(other),
                    }
                }
            }
            let stopped = Arc::clone(&self.stopped);
            let stop = || stopped.load(Ordering::Relaxed) >= job;
            let mut trouble = Ok(());
            let mut tell = |text: &str| {
                // Each guess is all of it so far: of a long text, not every word is one.
                if told >= RARER && (told..=told + told / RARER).contains(&text.len()) {
                    return;
                }
                told = text.len();
                let stable = self.agreement.with(text);
                let text = text.to_owned();
                let sent = send(&mut self.output, &words(&Reply::Guess { text, stable }));
                if let Err(error) = sent {
                    trouble = Err(error);
                }
            };
            let mut run = Run {
                tell: &mut tell,
                stop: &stop,
                caught_up: ahead.is_none(),
            };
            let outcome = match frame {
                Frame::Sound { samples, .. } => {
                    let samples: Vec<f32> = samples
                        .iter()
                        .map(|sample| f32::from(*sample) / 32_768.0)
                        .collect();
                    hearer.push(&samples, &mut run).map(|()| None)
                }
                Frame::Words(Order::End) => hearer.finish(&mut run).map(Some),
                Frame::Words(Order::Stop { job: its }) if its >= job => Err(Halt::Stopped),
                Frame::Words(_) => Ok(None),
            };
            trouble?;
            match outcome {
                Ok(Some(heard)) => return Ok(Ok(Reply::Heard(heard))),
                Ok(None) => {}
                Err(halt) => return Ok(Err(halt)),
            }
        }
    }

    /// Speaks one sentence.
    fn speak(
        &mut self,
        speaker: &mut dyn Speaker,
        job: u64,
        wish: &Wish,
    ) -> std::io::Result<Result<(), Halt>> {
        let stopped = Arc::clone(&self.stopped);
        let stop = || stopped.load(Ordering::Relaxed) >= job;
        let mut trouble = Ok(());
        let output = &mut self.output;
        let mut give = |rate: u32, samples: &[i16]| {
            let told = send(output, &sound(rate, samples));
            if let Err(error) = told {
                trouble = Err(error);
            }
        };
        let spoken = speaker.speak(wish, &mut give, &stop);
        trouble?;
        Ok(spoken)
    }

    /// Answers one question.
    fn think(
        &mut self,
        thinker: &mut Thinker,
        job: u64,
        said: &[Line],
    ) -> std::io::Result<Result<Answered, Halt>> {
        let stopped = Arc::clone(&self.stopped);
        let stop = || stopped.load(Ordering::Relaxed) >= job;
        let mut trouble = Ok(());
        let output = &mut self.output;
        let mut give = |text: &str, thought: bool| {
            let text = text.to_owned();
            if let Err(error) = send(output, &words(&Reply::More { text, thought })) {
                trouble = Err(error);
            }
        };
        let answered = thinker.answer(said, &mut give, &stop);
        trouble?;
        Ok(answered)
    }

    /// It is asked for what it cannot do.
    fn other(&self, does: Task) -> Reply {
        let model = self.name.clone();
        Reply::Wrong(ModelError::Part { model, does })
    }

    fn reply(&mut self, reply: &Reply) -> std::io::Result<()> {
        send(&mut self.output, &words(reply))
    }
}

fn send(output: &mut impl Write, frame: &[u8]) -> std::io::Result<()> {
    output.write_all(frame)?;
    output.flush()
}

fn halted(halt: Halt) -> Reply {
    match halt {
        Halt::Stopped => Reply::Stopped,
        Halt::Wrong(error) => Reply::Wrong(error),
    }
}
