//! One of several backends as the bundle of their lines holds it.

use super::super::clock::Clock;
use super::super::drive;
use super::super::ends::{self, CLIPS, Ends, Play};
use super::{Candidate, ROOM};
use crate::core::backend::Greeting;
use crate::core::ids::Epoch;
use crate::core::line::{Line, LinkEvent, LinkOrder};
use crate::core::sound::ClipPart;
use std::future::pending;
use std::task::{Context, Poll};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// One of several backends and its line.
pub(super) struct Member {
    pub(super) name: String,
    pub(super) orders: mpsc::Sender<LinkOrder>,
    pub(super) clips: mpsc::Sender<ClipPart>,
    pub(super) events: mpsc::Receiver<LinkEvent>,
    pub(super) task: JoinHandle<()>,
    pub(super) line: Line,
    /// Which of its lives that is.
    pub(super) epoch: Epoch,
    /// What it said when this life began.
    pub(super) greeting: Option<Greeting>,
}

impl Member {
    pub(super) fn start(candidate: Candidate, speech: Play, clock: Clock) -> Self {
        let (orders, taken) = mpsc::channel(ROOM);
        let (told, events) = mpsc::channel(ROOM);
        let (clips, pieces) = mpsc::channel(CLIPS);
        let ends = Ends {
            orders: taken,
            events: told,
            clips: pieces,
            speech,
        };
        let task = drive::spawn(
            candidate.target,
            candidate.dialect,
            candidate.settings,
            ends,
            clock,
        );
        Self {
            name: candidate.name,
            orders,
            clips,
            events,
            task,
            line: Line::Closed,
            epoch: Epoch::default(),
            greeting: None,
        }
    }
}

/// The next piece of a recording, and a place for it in the lane of the backend in use: a backend
/// that takes none holds up who records, and nobody else. Cancel-safe.
pub(super) async fn next_clip(
    clips: &mut Option<mpsc::Receiver<ClipPart>>,
    lane: Option<mpsc::Sender<ClipPart>>,
) -> (ClipPart, mpsc::OwnedPermit<ClipPart>) {
    let Some(lane) = lane else {
        return pending().await;
    };
    // A line that broke takes none; its last words said so.
    let Ok(slot) = lane.reserve_owned().await else {
        return pending().await;
    };
    (ends::next_clip(clips).await, slot)
}

/// An event of any line, beginning with the one at `first`.
pub(super) fn poll_any(
    members: &mut [Member],
    first: usize,
    context: &mut Context<'_>,
) -> Poll<(usize, LinkEvent)> {
    let count = members.len();
    for at in (0..count).map(|step| (first + step) % count) {
        if let Some(member) = members.get_mut(at)
            && let Poll::Ready(Some(event)) = member.events.poll_recv(context)
        {
            return Poll::Ready((at, event));
        }
    }
    Poll::Pending
}
