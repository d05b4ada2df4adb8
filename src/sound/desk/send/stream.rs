//! Hands all that is heard in a call to a backend that says itself where turns end.

use super::{Lane, Sending};
use crate::core::ids::TurnId;
use crate::core::sound::{ClipPart, Hear};
use crate::sound::desk::Hand;
use crate::sound::level::to_i16;
use crate::sound::vad::{FRAME, RATE};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, mpsc};
use std::time::Duration;

/// A part has 40 ms: what is heard is to arrive soon.
const PIECE: usize = RATE as usize / 25;
/// So many frames may wait for a line that is slow: four seconds. When more come the oldest are
/// dropped, for in a call the last words are worth most; all of them are in the recording.
const WAITING: usize = 4 * RATE as usize / FRAME;
/// So many of them are on their way to whoever sends, who has no use for more at a time.
const ON_THE_WAY: usize = 8;
/// A microphone that gives nothing is waited for so long at a time.
const LOOK: Duration = Duration::from_millis(100);

/// The ear's end: takes all that is heard.
pub(in crate::sound::desk) struct Tap {
    frames: mpsc::SyncSender<Vec<f32>>,
    /// What waits, oldest first.
    held: VecDeque<Vec<f32>>,
    /// So many frames were dropped.
    dropped: u64,
}

impl Tap {
    fn new(frames: mpsc::SyncSender<Vec<f32>>) -> Self {
        Self {
            frames,
            held: VecDeque::new(),
            dropped: 0,
        }
    }

    /// Takes what was heard; `false`: nobody wants it any more.
    pub(in crate::sound::desk) fn add(&mut self, heard: &[f32]) -> bool {
        self.held.extend(heard.chunks(FRAME).map(<[f32]>::to_vec));
        while let Some(frame) = self.held.pop_front() {
            match self.frames.try_send(frame) {
                Ok(()) => {}
                Err(mpsc::TrySendError::Full(frame)) => {
                    self.held.push_front(frame);
                    break;
                }
                Err(mpsc::TrySendError::Disconnected(_)) => return false,
            }
        }
        let surplus = self.held.len().saturating_sub(WAITING);
        self.held.drain(..surplus);
        self.dropped += surplus as u64;
        true
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        if self.dropped > 0 {
            let ms = self.dropped * 1000 * FRAME as u64 / u64::from(RATE);
            tracing::warn!("the line was too slow for a call: {ms} ms of it did not go out");
        }
    }
}

/// Begins to hand on what the tap takes, when nothing else is being sent.
pub(in crate::sound::desk) fn stream(hear: Hear, hand: Hand, lane: Lane) -> Option<(Sending, Tap)> {
    let (frames, inbox) = mpsc::sync_channel(ON_THE_WAY);
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
    Some((sending, Tap::new(frames)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edge_41_the_oldest_is_dropped_when_the_line_does_not_take_a_call() {
        let (frames, line) = mpsc::sync_channel(ON_THE_WAY);
        let mut tap = Tap::new(frames);
        let (all, most) = (2 * WAITING, WAITING + ON_THE_WAY);
        for n in 0..all {
            assert!(tap.add(&[n as f32; FRAME]));
            assert!(tap.held.len() <= WAITING);
        }
        assert_eq!(tap.dropped as usize, all - most);
        // What was on its way already, and then the newest, none missing between them.
        let mut arrived: Vec<f32> = line.try_iter().map(|frame| frame[0]).collect();
        while !tap.held.is_empty() {
            assert!(tap.add(&[]));
            arrived.extend(line.try_iter().map(|frame| frame[0]));
        }
        let expected = (0..ON_THE_WAY).chain(all - WAITING..all);
        let expected: Vec<f32> = expected.map(|n| n as f32).collect();
        assert_eq!(arrived, expected);
        drop(line);
        assert!(!tap.add(&[0.0; FRAME]), "nobody wants it any more");
    }

    #[test]
    fn a_line_that_takes_a_call_gets_all_of_it() {
        let (frames, line) = mpsc::sync_channel(ON_THE_WAY);
        let mut tap = Tap::new(frames);
        // What was heard before somebody wanted it comes in one piece.
        assert!(tap.add(&[1.0; 3 * FRAME + 7]));
        let lengths: Vec<usize> = line.try_iter().map(|frame| frame.len()).collect();
        assert_eq!(lengths, [FRAME, FRAME, FRAME, 7]);
        for n in 0..1000 {
            assert!(tap.add(&[n as f32; FRAME]));
            assert_eq!(line.recv().unwrap(), vec![n as f32; FRAME]);
        }
        assert_eq!(tap.dropped, 0);
    }
}
