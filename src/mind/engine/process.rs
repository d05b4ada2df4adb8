//! The tasks around an engine's process: one that owns it and hands it its orders, one that reads
//! what it says, one that keeps its last words.

use super::talk::{Frame, HEAD, Reply, length, read};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin};
use tokio::sync::{mpsc, oneshot};

/// How much of what a process complains about is kept: its last word is what counts.
const COMPLAINTS: usize = 4 << 10;
/// Owns a process: hands it its orders until nobody has any more, ends it, and keeps its last
/// words.
pub(super) async fn own(
    mut child: Child,
    mut input: ChildStdin,
    mut orders: mpsc::UnboundedReceiver<Vec<u8>>,
    tell_end: oneshot::Sender<String>,
) {
    let errors = child.stderr.take();
    let complaints = tokio::spawn(async move {
        match errors {
            Some(errors) => complaints(errors).await,
            None => vec![],
        }
    });
    let work = async {
        while let Some(frame) = orders.recv().await {
            if input.write_all(&frame).await.is_err() {
                break;
            }
        }
    };
    let status = tokio::select! {
        status = child.wait() => status.ok(),
        () = work => {
            // It may already be dead, which is as well.
            let _ = child.start_kill();
            child.wait().await.ok()
        }
    };
    orders.close();
    let complaints = complaints.await.unwrap_or_default();
    let mut end = String::from_utf8_lossy(&complaints).into_owned();
    if end.trim().is_empty() {
        end = status.map(|status| status.to_string()).unwrap_or_default();
    }
    // Nobody may want to know.
    let _ = tell_end.send(end);
}

/// The last of what it complains about.
async fn complaints(mut errors: impl AsyncRead + Unpin) -> Vec<u8> {
    let (mut kept, mut piece) = (vec![], vec![0; 1 << 10]);
    while let Ok(read @ 1..) = errors.read(&mut piece).await {
        kept.extend_from_slice(piece.get(..read).unwrap_or_default());
        let more = kept.len().saturating_sub(COMPLAINTS);
        kept.drain(..more);
    }
    kept
}

/// Reads what a process says, until it ends or nobody listens.
pub(super) async fn listen(
    mut output: impl AsyncRead + Unpin,
    replies: mpsc::Sender<Frame<Reply>>,
) {
    loop {
        let mut head = [0; HEAD];
        if output.read_exact(&mut head).await.is_err() {
            return;
        }
        let Some(length) = length(head) else { return };
        let mut body = vec![0; length];
        if output.read_exact(&mut body).await.is_err() {
            return;
        }
        let Some(frame) = read(head, &body) else {
            return;
        };
        if replies.send(frame).await.is_err() {
            return;
        }
    }
}

/// The line that says the most of what a process complained about.
pub(super) fn last_words(complaints: &str) -> String {
    let mut lines = complaints
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty());
    let telling = |line: &&str| line.starts_with("memory allocation");
    let last = lines.clone().find(telling).or_else(|| lines.next_back());
    last.unwrap_or("it ended").to_owned()
}
