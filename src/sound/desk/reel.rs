//! What waits to be heard of one turn, at the rate of the mouth, and a little of what was heard
//! already, so that it can be wound back. Pure.

use super::MOUTH_RATE;
use super::word;
use crate::codec::resample::Resampler;
use crate::core::sound::Pcm;
use crate::sound::level::from_i16;
use crate::sound::unpacked::{UnpackError, Unpacked};
use std::collections::VecDeque;
use std::io::Read;

/// What is kept of what was taken: two seconds to find a word in, and what is on its way to a
/// slow loudspeaker.
const KEPT: usize = 4 * MOUTH_RATE as usize;
/// How far back the beginning of a word is looked for.
const BACK: u64 = 2 * MOUTH_RATE as u64;
/// The most bytes that wait: eleven minutes at 48 kHz, half an hour as voices speak.
pub(super) const MOST: usize = 64 << 20;
/// Where words begin is known so well, in samples: 2 ms.
const ROUNDED: u64 = 96;
/// The samples that are read of a file at once.
const STEP: usize = 4096;

/// Where sound comes from.
type Source = Box<dyn Read + Send>;

/// A piece of it, as it came.
enum Piece {
    Samples {
        rate: u32,
        samples: Pcm,
        next: usize,
    },
    File {
        file: Box<Unpacked<Source>>,
        bytes: usize,
    },
    /// What follows says these words.
    Mark(String),
}

impl Piece {
    fn rate(&self) -> Option<u32> {
        match self {
            Self::Samples { rate, .. } => Some(*rate),
            Self::File { file, .. } => Some(file.rate()),
            Self::Mark(_) => None,
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Samples { samples, .. } => samples.len() * 2,
            Self::File { bytes, .. } => *bytes,
            Self::Mark(words) => words.len(),
        }
    }

    /// Appends some samples; none at its end.
    fn read(&mut self, into: &mut Vec<f32>) {
        match self {
            Self::Samples { samples, next, .. } => {
                into.extend(samples.part(*next, STEP).map(from_i16));
                *next += STEP;
            }
            // A file that breaks off ends there.
            Self::File { file, .. } => drop(file.read(STEP, into)),
            Self::Mark(_) => {}
        }
    }
}

/// A sound that is fed piece by piece and taken as the loudspeaker needs it. Places in it are
/// counted in samples of [`MOUTH_RATE`] since its start.
#[derive(Default)]
pub(super) struct Reel {
    pieces: VecDeque<Piece>,
    /// The bytes of the pieces.
    waiting: usize,
    filter: Option<(u32, Resampler)>,
    /// At the rate of the mouth: what was taken lately and what is ready.
    kept: VecDeque<f32>,
    /// The place of the first of these.
    from: u64,
    /// The place of the next one that is taken.
    next: u64,
    /// The place of what is read next of the pieces: some of what was read is still in the filter.
    made: u64,
    /// Which words begin at which place; those that were asked for are gone.
    marks: VecDeque<(u64, String)>,
    /// All of it has come.
    ended: bool,
    raw: Vec<f32>,
    changed: Vec<f32>,
}

/// There is no room for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

impl Reel {
    /// Adds samples.
    pub(super) fn add(&mut self, rate: u32, samples: Pcm) -> Result<(), Full> {
        let rate = rate.clamp(1000, 768_000);
        self.push(Piece::Samples {
            rate,
            samples,
            next: 0,
        })
    }

    /// Adds a file that takes so many bytes of memory.
    pub(super) fn add_file(&mut self, file: Unpacked<Source>, bytes: usize) -> Result<(), Full> {
        let file = Box::new(file);
        self.push(Piece::File { file, bytes })
    }

    /// Opens a file for [`add_file`](Self::add_file).
    pub(super) fn file(
        source: impl Read + Send + 'static,
    ) -> Result<Unpacked<Source>, UnpackError> {
        Unpacked::open(Box::new(source) as Source)
    }

    /// What is added from here on says these words. Without room for them they are lost, as is
    /// the sound that they are about.
    pub(super) fn mark(&mut self, words: String) {
        let _full = self.push(Piece::Mark(words));
    }

    /// The next words that began before this place.
    pub(super) fn words(&mut self, place: u64) -> Option<String> {
        let (_, words) = (self.marks).pop_front_if(|(start, _)| *start + ROUNDED < place)?;
        Some(words)
    }

    fn push(&mut self, piece: Piece) -> Result<(), Full> {
        if self.waiting + piece.bytes() > MOST {
            return Err(Full);
        }
        self.waiting += piece.bytes();
        self.pieces.push_back(piece);
        Ok(())
    }

    /// No more will come.
    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    /// Everything was taken that has come, and more is to come.
    pub(super) fn is_waiting(&mut self) -> bool {
        !self.ended && self.fill(1) == 0
    }

    /// Everything has come, and all of it was taken.
    pub(super) fn is_over(&mut self) -> bool {
        self.ended && self.fill(1) == 0
    }

    /// The place of the next sample.
    pub(super) fn place(&self) -> u64 {
        self.next
    }

    /// Takes up to so many samples, and appends them.
    pub(super) fn take(&mut self, most: usize, into: &mut Vec<f32>) {
        let there = self.fill(most);
        let start = self.index();
        into.extend(self.kept.iter().skip(start).take(there.min(most)));
        self.next += there.min(most) as u64;
        let surplus = self.index().saturating_sub(KEPT);
        self.kept.drain(..surplus);
        self.from += surplus as u64;
    }

    /// Goes back to a place, as far as it is kept.
    pub(super) fn back_to(&mut self, place: u64) {
        self.next = place.clamp(self.from, self.next);
    }

    /// Goes back to the beginning of the word that is at a place.
    pub(super) fn back_to_word(&mut self, place: u64) {
        let place = place.clamp(self.from, self.next);
        let from = place.saturating_sub(BACK).max(self.from);
        let skip = (from - self.from) as usize;
        let before: Vec<f32> = (self.kept.iter().copied())
            .skip(skip)
            .take((place - from) as usize)
            .collect();
        self.next = from + word::start(&before, MOUTH_RATE) as u64;
    }

    fn index(&self) -> usize {
        (self.next - self.from) as usize
    }

    /// Makes so many samples ready, if there are. Tells how many are.
    fn fill(&mut self, wanted: usize) -> usize {
        let start = self.index();
        while self.kept.len() - start < wanted {
            self.raw.clear();
            let next = self
                .pieces
                .pop_front_if(|piece| matches!(piece, Piece::Mark(_)));
            if let Some(Piece::Mark(words)) = next {
                self.waiting -= words.len();
                self.marks.push_back((self.made, words));
                continue;
            }
            let rate = self.pieces.front().and_then(Piece::rate);
            let changes = match (&self.filter, rate) {
                (Some((old, _)), Some(rate)) => *old != rate,
                (Some(_), None) => self.ended,
                (None, _) => false,
            };
            if changes && let Some((_, mut filter)) = self.filter.take() {
                filter.finish(&mut self.changed);
                self.kept.extend(self.changed.drain(..));
                continue;
            }
            let Some(piece) = self.pieces.front_mut() else {
                break;
            };
            piece.read(&mut self.raw);
            if self.raw.is_empty() {
                self.waiting -= piece.bytes();
                let was_file = matches!(piece, Piece::File { .. });
                self.pieces.pop_front();
                // A file is whole; what follows samples may continue them.
                if was_file && let Some((_, mut filter)) = self.filter.take() {
                    filter.finish(&mut self.changed);
                    self.kept.extend(self.changed.drain(..));
                }
                continue;
            }
            let Some(rate) = piece.rate() else {
                continue;
            };
            // Only files that were put together of others change in their middle.
            if let Some((_, mut filter)) = self.filter.take_if(|(old, _)| *old != rate) {
                filter.finish(&mut self.changed);
                self.kept.extend(self.changed.drain(..));
            }
            let (_, filter) = self
                .filter
                .get_or_insert_with(|| (rate, Resampler::new(rate, MOUTH_RATE)));
            self.made += self.raw.len() as u64 * u64::from(MOUTH_RATE) / u64::from(rate);
            filter.add(&self.raw, &mut self.changed);
            self.kept.extend(self.changed.drain(..));
        }
        self.kept.len() - start
    }
}

#[cfg(test)]
mod tests;
