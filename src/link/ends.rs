//! What lies between a line and the program: four lanes, of which these are the line's ends.

use crate::core::line::{LinkEvent, LinkOrder};
use crate::core::sound::{ClipPart, Speech};
use std::sync::Arc;
use tokio::sync::mpsc;

/// So many pieces of recordings may stand in line before whoever records has to wait. At 20 ms
/// each that is more than a second, and a line that is well takes them at once.
pub const CLIPS: usize = 64;

/// Where speech goes: to the loudspeaker, past the model. It is called within the line's task, so
/// it must not wait.
pub type Play = Arc<dyn Fn(Speech) + Send + Sync>;

/// The line's ends of the lanes.
pub struct Ends {
    /// When the other end is dropped the line closes.
    pub orders: mpsc::Receiver<LinkOrder>,
    /// The same.
    pub events: mpsc::Sender<LinkEvent>,
    /// Recordings, piece by piece. They are taken no faster than the socket takes them, so this
    /// should hold [`CLIPS`] of them; when the other end is dropped there are no more.
    pub clips: mpsc::Receiver<ClipPart>,
    pub speech: Play,
}

/// For a program that plays nothing.
pub fn silent() -> Play {
    Arc::new(|_unheard| {})
}

/// The next piece of a recording. Cancel-safe.
pub(super) async fn next_clip(lane: &mut Option<mpsc::Receiver<ClipPart>>) -> ClipPart {
    if let Some(open) = lane {
        if let Some(part) = open.recv().await {
            return part;
        }
        *lane = None;
    }
    std::future::pending().await
}
