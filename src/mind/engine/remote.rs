//! A model in a process of its own: starts it when something is to be heard or said, asks it one
//! thing at a time, and ends it when nobody has asked for a while, so that a model that is not in
//! use takes no memory.
//!
//! Dropping a job stops it: the process is told, and if it does not say within [`GRACE`] that it
//! stopped, it is ended; the next job starts another.

use super::error::ModelError;
use super::files::Files;
use super::process::{last_words, listen, own};
use super::talk::{Frame, Line, Order, Reply, sound, words};
use crate::mind::SpeechError;
use crate::mind::speech::Limits;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::process::Command;
use tokio::sync::{Mutex, OwnedMutexGuard, mpsc, oneshot};
use tokio::time::timeout;

/// How long a job that nobody waits for may go on.
const GRACE: Duration = Duration::from_millis(100);
/// How long a process waits for another job.
pub(in crate::mind) const IDLE: Duration = Duration::from_mins(3);
/// Replies that may wait to be read; a process with more to say waits, too.
const REPLIES: usize = 32;
/// How many threads compute: half of the processors, and no more than models of speech can use.
const THREADS: usize = 4;

/// A model that can be asked.
#[derive(Clone, Debug)]
pub(in crate::mind) struct Engine {
    files: Files,
    /// Our own program, which is the engine, too.
    program: PathBuf,
    /// The onnxruntime that it uses in the place of its own engine; empty: none.
    library: String,
    limits: Limits,
    idle: Duration,
    seat: Arc<Mutex<Seat>>,
}

/// Where a process is kept between two jobs.
#[derive(Debug, Default)]
struct Seat {
    running: Option<Running>,
    /// How many jobs there were.
    jobs: u64,
}

/// A process at work.
#[derive(Debug)]
struct Running {
    orders: mpsc::UnboundedSender<Vec<u8>>,
    replies: mpsc::Receiver<Frame<Reply>>,
    /// Its last words, when it has ended.
    end: oneshot::Receiver<String>,
}

impl Engine {
    pub(in crate::mind) fn new(
        files: Files,
        program: PathBuf,
        library: String,
        limits: Limits,
        idle: Duration,
    ) -> Self {
        Self {
            files,
            program,
            library,
            limits,
            idle,
            seat: Arc::default(),
        }
    }

    pub(in crate::mind) fn name(&self) -> String {
        self.files.name()
    }

    pub(in crate::mind) const fn files(&self) -> &Files {
        &self.files
    }

    pub(in crate::mind) const fn limits(&self) -> Limits {
        self.limits
    }

    /// Waits until nobody else asks, and begins a job. What is to be done for it is told by its
    /// number.
    async fn begin(&self, order: impl FnOnce(u64) -> Order) -> Result<Job, SpeechError> {
        let mut seat = Arc::clone(&self.seat).lock_owned().await;
        let ended = |running: &mut Running| running.orders.is_closed();
        let first = seat.running.as_mut().is_none_or(ended);
        if first {
            seat.running = Some(self.start()?);
        }
        seat.jobs += 1;
        let number = seat.jobs;
        let job = Job {
            engine: self.clone(),
            seat: Some(seat),
            number,
            first,
        };
        job.send(words(&order(number)));
        Ok(job)
    }

    /// Begins to hear a recording.
    pub(in crate::mind) async fn hear(
        &self,
        language: Option<String>,
        live: bool,
    ) -> Result<Job, SpeechError> {
        self.begin(|job| Order::Hear {
            job,
            language,
            live,
        })
        .await
    }

    /// Begins to say a sentence.
    pub(in crate::mind) async fn say(
        &self,
        text: String,
        lang: crate::core::words::Lang,
        voice: Option<String>,
        speed: f32,
    ) -> Result<Job, SpeechError> {
        self.begin(|job| Order::Say {
            job,
            text,
            lang,
            voice,
            speed,
        })
        .await
    }

    /// Begins to answer a conversation.
    pub(in crate::mind) async fn think(&self, said: Vec<Line>) -> Result<Job, SpeechError> {
        self.begin(|job| Order::Think { job, said }).await
    }

    fn start(&self) -> Result<Running, SpeechError> {
        let threads = std::thread::available_parallelism().map_or(1, |all| all.get() / 2);
        let mut command = Command::new(&self.program);
        command.arg("engine").arg(&self.files.folder);
        if !self.library.is_empty() {
            command.arg(format!("--onnxruntime={}", self.library));
        }
        let mut child = command
            .env("RTEN_NUM_THREADS", threads.clamp(1, THREADS).to_string())
            .env_remove("RTEN_TIMING")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| self.failed(error.to_string()))?;
        let input = child.stdin.take().expect("its input is a pipe");
        let output = child.stdout.take().expect("its output is a pipe");
        let (orders, to_write) = mpsc::unbounded_channel();
        let (to_read, replies) = mpsc::channel(REPLIES);
        let (tell_end, end) = oneshot::channel();
        tokio::spawn(own(child, input, to_write, tell_end));
        tokio::spawn(listen(output, to_read));
        Ok(Running {
            orders,
            replies,
            end,
        })
    }

    fn failed(&self, why: String) -> SpeechError {
        SpeechError::Failed {
            engine: self.name(),
            why,
        }
    }
}

/// Something that a process does for somebody.
#[derive(Debug)]
pub(in crate::mind) struct Job {
    engine: Engine,
    /// Nothing once it is over.
    seat: Option<OwnedMutexGuard<Seat>>,
    number: u64,
    /// Its process has just been started.
    first: bool,
}

impl Job {
    /// Whether its model has to be loaded first.
    pub(in crate::mind) const fn is_first(&self) -> bool {
        self.first
    }

    /// More of the recording.
    pub(in crate::mind) fn sound(&self, samples: &[i16]) {
        self.send(sound(crate::core::sound::RATE, samples));
    }

    /// The recording is over.
    pub(in crate::mind) fn end(&self) {
        self.send(words(&Order::End));
    }

    fn send(&self, frame: Vec<u8>) {
        let running = self.seat.as_ref().and_then(|seat| seat.running.as_ref());
        if let Some(running) = running {
            // A process that has ended says so where its reply is waited for.
            let _ = running.orders.send(frame);
        }
    }

    /// The next guess, however long nothing is said. To be waited for as long as the recording
    /// goes on; may be dropped.
    pub(in crate::mind) async fn guess(&mut self) -> Result<(String, usize), SpeechError> {
        let running = self.seat.as_mut().and_then(|seat| seat.running.as_mut());
        if let Some(running) = running {
            match running.replies.recv().await {
                Some(Frame::Words(Reply::Guess { text, stable })) => return Ok((text, stable)),
                Some(Frame::Words(Reply::Wrong(error))) => return Err(self.wrong(error)),
                _ => {}
            }
        }
        // It has ended, which `reply` tells with its last words.
        match self.reply().await {
            Err(error) => Err(error),
            Ok(_) => Err(self
                .engine
                .failed("it ended before the recording".to_owned())),
        }
    }

    /// What it says next. After the last reply the job is over.
    pub(in crate::mind) async fn reply(&mut self) -> Result<Frame<Reply>, SpeechError> {
        let patience = self.engine.limits.patience;
        let engine = self.engine.clone();
        let Some(running) = self.seat.as_mut().and_then(|seat| seat.running.as_mut()) else {
            return Err(engine.failed("it has ended".to_owned()));
        };
        match timeout(patience, running.replies.recv()).await {
            Err(_late) => {
                self.give_up();
                Err(SpeechError::Silent {
                    engine: engine.name(),
                    waited: patience,
                })
            }
            Ok(None) => {
                let end = (&mut running.end).await.unwrap_or_default();
                self.give_up();
                Err(engine.failed(last_words(&end)))
            }
            Ok(Some(Frame::Words(Reply::Wrong(error)))) => Err(self.wrong(error)),
            Ok(Some(frame)) => {
                if matches!(
                    frame,
                    Frame::Words(
                        Reply::Answered(_) | Reply::Heard(_) | Reply::Spoken | Reply::Stopped
                    )
                ) {
                    self.leave();
                }
                Ok(frame)
            }
        }
    }

    /// The model cannot. Its files may be mended, so the next job loads it anew.
    fn wrong(&mut self, error: ModelError) -> SpeechError {
        match error {
            ModelError::Dumb { .. } | ModelError::Part { .. } => self.leave(),
            ModelError::Alone
            | ModelError::Damaged { .. }
            | ModelError::Lacks { .. }
            | ModelError::Library { .. }
            | ModelError::Nothing { .. }
            | ModelError::Other { .. }
            | ModelError::Refused { .. } => self.give_up(),
        }
        SpeechError::Model(error)
    }

    /// The process is good for nothing more.
    fn give_up(&mut self) {
        if let Some(mut seat) = self.seat.take() {
            seat.running = None;
        }
    }

    /// The job is over, and the process waits for another.
    fn leave(&mut self) {
        self.seat = None;
        tokio::spawn(dismiss(
            Arc::downgrade(&self.engine.seat),
            self.number,
            self.engine.idle,
        ));
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        let Some(mut seat) = self.seat.take() else {
            return;
        };
        let Some(mut running) = seat.running.take() else {
            return;
        };
        let job = self.number;
        // Where there is no runtime any more, the process ends with its handle.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let (weak, idle) = (Arc::downgrade(&self.engine.seat), self.engine.idle);
        runtime.spawn(async move {
            let _ = running.orders.send(words(&Order::Stop { job }));
            let stopped = timeout(GRACE, async {
                while let Some(frame) = running.replies.recv().await {
                    let last = Reply::is_last;
                    if matches!(&frame, Frame::Words(reply) if last(reply)) {
                        return true;
                    }
                }
                false
            });
            if stopped.await == Ok(true) {
                seat.running = Some(running);
                drop(seat);
                dismiss(weak, job, idle).await;
            }
        });
    }
}

impl Reply {
    /// Whether nothing of its job follows.
    const fn is_last(&self) -> bool {
        match self {
            Self::Answered(_) | Self::Heard(_) | Self::Spoken | Self::Stopped | Self::Wrong(_) => {
                true
            }
            Self::Guess { .. } | Self::More { .. } => false,
        }
    }
}

/// Ends a process that was given no other job for a while.
async fn dismiss(seat: Weak<Mutex<Seat>>, job: u64, idle: Duration) {
    let _ = timeout(idle, std::future::pending::<()>()).await;
    if let Some(seat) = seat.upgrade() {
        let mut seat = seat.lock().await;
        if seat.jobs == job {
            seat.running = None;
        }
    }
}
