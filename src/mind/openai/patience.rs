//! Waits for a model server, for as long as makes sense and as long as anybody listens.
//!
//! Two limits: one for the first token, because a cold model is loaded first, and a shorter one
//! for each pause afterwards. Only what moves the answer on resets the second: a server that
//! sends nothing but comments, or a byte a second, would hold us for ever otherwise.

use crate::mind::{BrainError, Endpoint, Thought};
use std::future::Future;
use std::pin::pin;
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::time::{Instant, sleep_until};

/// Silence after which the listener is told that the server is loading its model.
const LOADING_AFTER: Duration = Duration::from_secs(2);

/// So often it is told again while it lasts: whoever listens may take silence for a fault of ours.
const STILL_LOADING: Duration = Duration::from_secs(10);

/// Why waiting ended without what was waited for.
#[derive(Debug)]
pub(super) enum Gone {
    /// Nobody listens any longer.
    Listener,
    Brain(BrainError),
}

impl From<BrainError> for Gone {
    fn from(error: BrainError) -> Self {
        Self::Brain(error)
    }
}

/// The patience with one answer.
#[derive(Debug)]
pub(super) struct Patience<'a> {
    endpoint: &'a Endpoint,
    base: String,
    out: &'a Sender<Thought>,
    deadline: Instant,
    /// When to say next that the model is loading; `None` once a byte came.
    loading_at: Option<Instant>,
    told_loading: bool,
    answering: bool,
}

impl<'a> Patience<'a> {
    pub(super) fn new(endpoint: &'a Endpoint, base: String, out: &'a Sender<Thought>) -> Self {
        let now = Instant::now();
        Self {
            endpoint,
            base,
            out,
            deadline: now + endpoint.first_token,
            loading_at: Some(now + LOADING_AFTER.min(endpoint.first_token / 2)),
            told_loading: false,
            answering: false,
        }
    }

    /// A byte of the answer came: nothing is being loaded.
    pub(super) fn heard(&mut self) {
        self.loading_at = None;
    }

    /// The answer moved on.
    pub(super) fn moved_on(&mut self) {
        self.answering = true;
        self.deadline = Instant::now() + self.endpoint.between_tokens;
    }

    /// Waits for `wanted` within the limits.
    pub(super) async fn wait<F: Future>(&mut self, wanted: F) -> Result<F::Output, Gone> {
        let mut wanted = pin!(wanted);
        loop {
            let wake = self
                .loading_at
                .map_or(self.deadline, |at| at.min(self.deadline));
            tokio::select! {
                // In this order, an answer that is there beats a limit that ran out meanwhile.
                biased;
                answer = &mut wanted => return Ok(answer),
                () = self.out.closed() => return Err(Gone::Listener),
                () = sleep_until(wake) => {}
            }
            if self.loading_at.is_some_and(|at| at < self.deadline) {
                self.tell_loading(wake).await?;
            } else {
                return Err(self.too_late().into());
            }
        }
    }

    /// The server says itself that it is loading: tells the listener, and waits before the next
    /// try. False if the limit would be over by then.
    pub(super) async fn pause(&mut self, pause: Duration) -> Result<bool, Gone> {
        let until = Instant::now() + pause;
        if until >= self.deadline {
            return Ok(false);
        }
        if self.loading_at.is_some_and(|at| at <= until) || !self.told_loading {
            self.tell_loading(until).await?;
        }
        self.wait(sleep_until(until)).await?;
        Ok(true)
    }

    async fn tell_loading(&mut self, now: Instant) -> Result<(), Gone> {
        self.told_loading = true;
        self.loading_at = Some(now + STILL_LOADING);
        self.hand_out(Thought::Loading).await
    }

    /// Hands out a thought. A full channel is waited for: the listener sets the pace.
    pub(super) async fn hand_out(&self, thought: Thought) -> Result<(), Gone> {
        self.out
            .send(thought)
            .await
            .map_err(|_unread| Gone::Listener)
    }

    fn too_late(&self) -> BrainError {
        let base = self.base.clone();
        if self.answering {
            BrainError::Stalled {
                base,
                waited: self.endpoint.between_tokens,
            }
        } else {
            BrainError::Silent {
                base,
                waited: self.endpoint.first_token,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;
    use tokio::sync::mpsc;

    fn endpoint() -> Endpoint {
        Endpoint::new("http://h/v1")
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_server_is_said_to_be_loading_again_and_again_and_given_up_in_the_end() {
        let (out, mut thoughts) = mpsc::channel(64);
        let (endpoint, start) = (endpoint(), Instant::now());
        let mut patience = Patience::new(&endpoint, "b".to_owned(), &out);
        let gone = patience.wait(pending::<()>()).await.unwrap_err();
        let Gone::Brain(error) = gone else {
            panic!("{gone:?}")
        };
        let waited = endpoint.first_token;
        assert_eq!(
            error,
            BrainError::Silent {
                base: "b".to_owned(),
                waited
            }
        );
        assert_eq!(start.elapsed(), waited);
        // After 2 s, and every 10 s from then on.
        assert_eq!(thoughts.len() as u64, 1 + (waited.as_secs() - 3) / 10);
        assert_eq!(thoughts.try_recv(), Ok(Thought::Loading));
    }

    #[tokio::test(start_paused = true)]
    async fn once_the_answer_runs_the_shorter_limit_holds_and_nothing_is_loading() {
        let (out, mut thoughts) = mpsc::channel(4);
        let endpoint = endpoint();
        let mut patience = Patience::new(&endpoint, "b".to_owned(), &out);
        patience.heard();
        patience.moved_on();
        let start = Instant::now();
        let gone = patience.wait(pending::<()>()).await.unwrap_err();
        let Gone::Brain(error) = gone else {
            panic!("{gone:?}")
        };
        let waited = endpoint.between_tokens;
        assert_eq!(
            error,
            BrainError::Stalled {
                base: "b".to_owned(),
                waited
            }
        );
        assert_eq!(start.elapsed(), waited);
        assert!(thoughts.try_recv().is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_that_do_not_move_the_answer_on_do_not_stretch_the_limit() {
        let (out, _thoughts) = mpsc::channel(4);
        let (endpoint, start) = (endpoint(), Instant::now());
        let mut patience = Patience::new(&endpoint, "b".to_owned(), &out);
        let mut late = None;
        while late.is_none() {
            let byte = sleep_until(Instant::now() + Duration::from_secs(7));
            patience.heard();
            late = patience.wait(byte).await.err();
        }
        assert_eq!(start.elapsed(), endpoint.first_token);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_says_it_is_loading_is_asked_again_until_the_limit() {
        let (out, mut thoughts) = mpsc::channel(64);
        let (endpoint, start) = (endpoint(), Instant::now());
        let mut patience = Patience::new(&endpoint, "b".to_owned(), &out);
        let pause = Duration::from_secs(1);
        let mut tries = 0;
        while patience.pause(pause).await.unwrap() {
            tries += 1;
        }
        assert_eq!(pause * (tries + 1), endpoint.first_token);
        assert_eq!(start.elapsed(), pause * tries);
        assert_eq!(thoughts.try_recv(), Ok(Thought::Loading));
        assert!(thoughts.len() as u64 >= (endpoint.first_token.as_secs() - 1) / 12);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_listening_ends_the_wait_at_once() {
        let (out, thoughts) = mpsc::channel(4);
        drop(thoughts);
        let (endpoint, start) = (endpoint(), Instant::now());
        let mut patience = Patience::new(&endpoint, "b".to_owned(), &out);
        assert!(matches!(
            patience.wait(pending::<()>()).await,
            Err(Gone::Listener)
        ));
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}
