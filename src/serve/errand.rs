//! Errands on which a client is sent in the middle of an answer: what it is asked for, and who
//! waits for its report.

use super::think::Piece;
use crate::core::backend::{Errand, Task};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// How long a client may take: a user who is asked may be away for a moment.
const PATIENCE: Duration = Duration::from_mins(10);

type Report = Result<String, String>;

/// The errands of one client that are under way.
#[derive(Default)]
pub(super) struct Errands(Mutex<Book>);

#[derive(Default)]
struct Book {
    sent: u64,
    waiting: HashMap<String, oneshot::Sender<Report>>,
}

impl Errands {
    /// Sends the client, and waits for its report. Dropping this calls it off.
    pub(super) async fn run(&self, task: Task, out: &mpsc::Sender<Piece>) -> Report {
        let (report, reported) = oneshot::channel();
        let id = self.with(|book| {
            book.sent += 1;
            let id = format!("e{}", book.sent);
            book.waiting.insert(id.clone(), report);
            id
        });
        let _struck_out = StrikeOut {
            errands: self,
            id: &id,
        };
        let errand = Errand {
            id: id.clone(),
            task,
        };
        // Whoever drops the listening end drops this with it.
        let _ = out.send(Piece::Errand(errand)).await;
        match timeout(PATIENCE, reported).await {
            Ok(Ok(report)) => report,
            Ok(Err(_)) | Err(_) => Err("nobody answered at the user's end".to_owned()),
        }
    }

    /// The client reports; a report that nobody waits for is passed over.
    pub(super) fn report(&self, id: &str, report: Report) {
        if let Some(waiting) = self.with(|book| book.waiting.remove(id)) {
            // Who waited may just have been called off.
            let _ = waiting.send(report);
        }
    }

    /// Held for a moment, never across a wait.
    fn with<T>(&self, work: impl FnOnce(&mut Book) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Nobody waits any longer.
struct StrikeOut<'a> {
    errands: &'a Errands,
    id: &'a str,
}

impl Drop for StrikeOut<'_> {
    fn drop(&mut self) {
        self.errands.with(|book| book.waiting.remove(self.id));
    }
}
