//! Hands a recording to the backend while it is made: what is said leaves as it is said, its end
//! when somebody asks for its words. What leaves is, sample for sample, what the file would give.

use super::{Lane, PART, Sending};
use crate::core::ids::TurnId;
use crate::core::sound::{ClipPart, Hear};
use crate::sound::desk::Hand;
use crate::sound::level::to_i16;
use crate::sound::vad::{RATE, Span};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, mpsc};

/// So much is held of what was before the first word: noise that is taken for the beginning of
/// speech is seldom longer, and what is older is no loss.
const HELD: usize = 10 * RATE as usize;

/// What whoever sends is told.
enum Piece {
    Sound(Vec<f32>),
    /// What was said so far was nothing.
    Nothing,
    /// All of it was recorded, and its words are wanted.
    Complete,
}

/// A recording that is sent while it is made, as the desk knows it.
pub(in crate::sound::desk) struct Live {
    pieces: mpsc::Sender<Piece>,
    sending: Sending,
    /// Some of it has left, and its end has not.
    begun: Arc<AtomicBool>,
    /// It is made, and all of it was given to be sent.
    pub(in crate::sound::desk) whole: bool,
}

impl Live {
    /// Waits for the first sound of the recording that `hear` names.
    pub(in crate::sound::desk) fn start(
        hear: Hear,
        hand: Hand,
        lane: Lane,
    ) -> Option<(Self, Feed)> {
        let (pieces, inbox) = mpsc::channel();
        let begun = Arc::new(AtomicBool::new(false));
        let turn = hear.turn;
        let feed = Feed {
            turn,
            pieces: pieces.clone(),
            held: VecDeque::new(),
            passed: 0,
            begun: false,
        };
        let told = Arc::clone(&begun);
        let sending = Sending::spawn(turn, move |stop| {
            send(&hear, &inbox, &*hand, &lane, stop, &told);
        })?;
        let live = Self {
            pieces,
            sending,
            begun,
            whole: false,
        };
        Some((live, feed))
    }

    pub(in crate::sound::desk) fn turn(&self) -> TurnId {
        self.sending.turn
    }

    /// Some of it has left, and its end has not.
    pub(in crate::sound::desk) fn begun(&self) -> bool {
        self.begun.load(Ordering::Relaxed)
    }

    /// Its words are wanted: its end may leave.
    pub(in crate::sound::desk) fn complete(self) -> Sending {
        // One that broke is missed by whoever waits for its words.
        let _ = self.pieces.send(Piece::Complete);
        self.sending
    }

    /// What has left of it counts for nothing.
    pub(in crate::sound::desk) fn stop(self) {
        self.sending.stop();
        let _ = self.pieces.send(Piece::Nothing);
    }
}

/// The way from a recording that is made to whoever sends it.
pub(in crate::sound::desk) struct Feed {
    turn: TurnId,
    pieces: mpsc::Sender<Piece>,
    /// What may yet turn out to be part of what is said, and how much was before it.
    held: VecDeque<f32>,
    passed: u64,
    begun: bool,
}

impl Feed {
    pub(in crate::sound::desk) fn turn(&self) -> TurnId {
        self.turn
    }

    /// Takes what was recorded; `span`: where somebody speaks so far.
    pub(in crate::sound::desk) fn add(&mut self, samples: &[f32], span: Option<Span>) {
        self.held.extend(samples);
        let Some(Span { from, to }) = span else {
            let surplus = self.held.len().saturating_sub(HELD);
            self.drop_first(surplus);
            return;
        };
        if !self.begun {
            self.begun = true;
            self.drop_first(
                usize::try_from(from.saturating_sub(self.passed)).unwrap_or(usize::MAX),
            );
        }
        // Silence behind what is said belongs to it only if more is said.
        let said = usize::try_from(to.saturating_sub(self.passed)).unwrap_or(usize::MAX);
        let said: Vec<f32> = self.held.drain(..said.min(self.held.len())).collect();
        if !said.is_empty() {
            self.passed += said.len() as u64;
            let _ = self.pieces.send(Piece::Sound(said));
        }
    }

    fn drop_first(&mut self, count: usize) {
        let count = count.min(self.held.len());
        self.held.drain(..count);
        self.passed += count as u64;
    }

    /// The recording is made. Tells whether all of what is said in it was sent.
    pub(in crate::sound::desk) fn end(self) -> bool {
        self.begun
    }

    /// The recording is forgotten: the next one under its name begins anew.
    pub(in crate::sound::desk) fn nothing(self) -> Self {
        if self.begun {
            let _ = self.pieces.send(Piece::Nothing);
        }
        Self {
            held: VecDeque::new(),
            passed: 0,
            begun: false,
            ..self
        }
    }
}

fn send(
    hear: &Hear,
    inbox: &mpsc::Receiver<Piece>,
    hand: &dyn Fn(ClipPart) -> bool,
    lane: &Lane,
    stop: &AtomicBool,
    begun: &AtomicBool,
) {
    let turn = hear.turn;
    let more = |samples| hand(ClipPart::More { turn, samples });
    let mut part = Vec::with_capacity(PART);
    let mut alone = None;
    while let Ok(piece) = inbox.recv() {
        match piece {
            Piece::Sound(_) if stop.load(Ordering::Relaxed) => {}
            Piece::Sound(samples) => {
                if alone.is_none() {
                    alone = Some(lane.lock().unwrap_or_else(PoisonError::into_inner));
                    begun.store(true, Ordering::Relaxed);
                    if !hand(ClipPart::Begin(hear.clone())) {
                        return;
                    }
                }
                for sample in &samples {
                    part.push(to_i16(*sample));
                    if part.len() == PART {
                        let full = std::mem::replace(&mut part, Vec::with_capacity(PART));
                        if !more(full) {
                            return;
                        }
                    }
                }
            }
            Piece::Nothing => {
                part.clear();
                begun.store(false, Ordering::Relaxed);
                if alone.take().is_some() && !hand(ClipPart::Broken { turn }) {
                    return;
                }
                if stop.load(Ordering::Relaxed) {
                    return;
                }
            }
            Piece::Complete => {
                if (part.is_empty() || more(part)) && alone.is_some() {
                    hand(ClipPart::End { turn });
                }
                return;
            }
        }
    }
    if alone.is_some() {
        hand(ClipPart::Broken { turn });
    }
}
