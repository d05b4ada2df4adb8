//! Hands all that is heard in a call to a backend that says itself where turns end.

use super::{Lane, Sending};
use crate::core::ids::TurnId;
use crate::core::sound::{ClipPart, Hear};
use crate::sound::desk::Hand;
use crate::sound::level::to_i16;
use crate::sound::vad::{FRAME, RATE};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, mpsc};
use std::time::Duration;

/// A part has 40 ms: what is heard is to arrive soon.
const PIECE: usize = RATE as usize / 25;
/// So many frames may wait for a line that is slow: four seconds. What is more is lost, as on any
/// telephone; it is in the recording all the same.
const WAITING: usize = 4 * RATE as usize / FRAME;
/// A microphone that gives nothing is waited for so long at a time.
const LOOK: Duration = Duration::from_millis(100);

/// The ear's end: takes all that is heard.
pub(in crate::sound::desk) struct Tap(mpsc::SyncSender<Vec<f32>>);

impl Tap {
    /// Takes what was heard; `false`: nobody wants it any more.
    pub(in crate::sound::desk) fn add(&self, heard: &[f32]) -> bool {
        let sent = self.0.try_send(heard.to_vec());
        !matches!(sent, Err(mpsc::TrySendError::Disconnected(_)))
    }
}

/// Begins to hand on what the tap takes, when nothing else is being sent.
pub(in crate::sound::desk) fn stream(hear: Hear, hand: Hand, lane: Lane) -> Option<(Sending, Tap)> {
    let (frames, inbox) = mpsc::sync_channel(WAITING);
    let sending = Sending::spawn(hear.turn, move |stop| {
        let Ok(first) = inbox.recv() else {
            return;
        };
        let _alone = lane.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = hear.turn;
        if !stop.load(Ordering::Relaxed) && hand(ClipPart::Open(hear)) {
            pass(turn, first, &inbox, &*hand, stop);
        }
    })?;
    Some((sending, Tap(frames)))
}

fn pass(
    turn: TurnId,
    first: Vec<f32>,
    inbox: &mpsc::Receiver<Vec<f32>>,
    hand: &dyn Fn(ClipPart) -> bool,
    stop: &AtomicBool,
) {
    let mut part = Vec::with_capacity(PIECE + FRAME);
    let mut heard = Ok(first);
    while !stop.load(Ordering::Relaxed) {
        match heard {
            Ok(samples) => part.extend(samples.iter().map(|sample| to_i16(*sample))),
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
        if part.len() >= PIECE {
            let samples = std::mem::replace(&mut part, Vec::with_capacity(PIECE + FRAME));
            if !hand(ClipPart::More { turn, samples }) {
                return;
            }
        }
        heard = inbox.recv_timeout(LOOK);
    }
    hand(ClipPart::Broken { turn });
}
