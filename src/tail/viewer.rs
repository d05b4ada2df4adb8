//! Where somebody is in a log, and what is on the screen of it.
//!
//! Lines are known by their numbers. Without a filter nothing but the lines on the screen is looked
//! at. With one, or with a search, blocks of lines are looked through from where one is outwards, a
//! few at a time, so that what is near is there at once and keys are heard meanwhile; what is farther
//! away than was looked through does not exist yet, and who wants to go there gets there when it
//! does.

mod picture;
mod sieve;

use super::TailError;
use super::reel::Reel;
use crate::core::log::filter::{Clock, NotAFilter};
use crate::core::log::pattern::{NotAPattern, Pattern};
use crate::core::log::{Feed, Go, Wants};
use crate::core::time::Wall;
use sieve::Sieve;
use std::collections::BTreeSet;

/// So many bytes are read in one go, and so many blocks looked through.
const BYTES: usize = 16 << 20;
const BLOCKS: usize = 128;

/// Somebody's place in a log.
#[derive(Debug)]
pub struct Viewer {
    name: String,
    reel: Reel,
    sieve: Sieve,
    feed: Feed,
    clock: Clock,
    rows: usize,
    /// The chosen line, and the first on the screen.
    chosen: u64,
    top: u64,
    following: bool,
    marks: BTreeSet<u64>,
    /// Where to go as soon as it is known where that is.
    wish: Option<Wish>,
}

/// Where somebody wants to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Go(Go),
    /// At what is searched for: here, or next, or else before.
    Nearest,
    /// At the nth line that holds it.
    Hit(usize),
}

impl Viewer {
    /// At the end of a log, and on with it.
    pub fn new(name: String, reel: Reel, clock: Clock) -> Self {
        Self {
            name,
            reel,
            sieve: Sieve::default(),
            feed: Feed::File,
            clock,
            rows: 1,
            chosen: 0,
            top: 0,
            following: true,
            marks: BTreeSet::new(),
            wish: None,
        }
    }

    /// The log itself, for who adds to it.
    pub const fn reel(&mut self) -> &mut Reel {
        &mut self.reel
    }

    /// How its lines come, where that is not from a file.
    pub fn feed(&mut self, feed: Feed) {
        self.feed = feed;
    }

    /// There is room for so many lines.
    pub fn rows(&mut self, rows: u16) {
        self.rows = usize::from(rows).max(1);
        self.settle();
    }

    /// Shows these lines only.
    pub fn want(&mut self, wants: &Wants, now: Wall) -> Result<(), NotAFilter> {
        self.clock.now = now;
        let filter = wants.read(self.clock)?;
        self.sieve.want((!wants.all()).then_some(filter));
        self.begin();
        Ok(())
    }

    /// Searches, and goes to what is nearest. Nothing ends the search.
    pub fn search(&mut self, text: &str) -> Result<(), NotAPattern> {
        let pattern = Pattern::read(text)?;
        self.wish = pattern.is_some().then_some(Wish::Nearest);
        self.sieve.search(pattern);
        self.begin();
        Ok(())
    }

    /// Searches for what is no expression, and goes to the nth line that holds it, counted from 0, or
    /// to the last.
    pub fn find(&mut self, word: &str, nth: usize) {
        self.sieve.search(Pattern::read(word).ok().flatten());
        self.wish = Some(Wish::Hit(nth));
        self.begin();
    }

    fn begin(&mut self) {
        let at = self.reel.block_of(self.chosen);
        self.sieve
            .begin(&self.reel, at.filter(|_block| !self.following));
        self.settle();
    }

    /// Stops following, or goes to the end and on with it.
    pub fn follow(&mut self) {
        self.following = !self.following;
        self.settle();
    }

    /// Marks the chosen line, or unmarks it.
    pub fn mark(&mut self) {
        if !self.marks.remove(&self.chosen) {
            self.marks.insert(self.chosen);
        }
    }

    /// Goes somewhere.
    pub fn go(&mut self, go: Go) {
        self.wish = Some(Wish::Go(go));
        self.settle();
    }

    /// Reads what is new and looks through some of it. Answers whether anything is different, and
    /// whether there is more to do.
    pub fn work(&mut self) -> Result<(bool, bool), TailError> {
        let change = self.reel.advance(BYTES)?;
        if change.read > 0 {
            self.sieve.grown(&self.reel);
        }
        if change.lost {
            let first = self.reel.lines().start;
            self.marks = self.marks.split_off(&first);
            self.begin();
        }
        let sifted = self.sieve.sift(&mut self.reel, BLOCKS);
        if change.any() || sifted {
            self.settle();
        }
        let more = change.read >= BYTES || !self.sieve.is_done(&self.reel);
        Ok((change.any() || sifted, more))
    }

    /// Lets the place fit to what there is.
    fn settle(&mut self) {
        let lines = self.reel.lines();
        self.chosen = self
            .chosen
            .clamp(lines.start, lines.end.saturating_sub(1).max(lines.start));
        if let Some(wish) = self.wish.take()
            && !self.fulfil(wish)
        {
            self.wish = Some(wish);
        }
        let sieve = &self.sieve;
        let reel = &self.reel;
        if self.following {
            if let Some(last) = sieve.before(reel, lines.end) {
                self.chosen = last;
            }
        } else if !sieve.wants(reel, self.chosen) {
            let near = sieve.after(reel, self.chosen);
            let near = near.or_else(|| sieve.before(reel, self.chosen));
            self.chosen = near.unwrap_or(self.chosen);
        }
        self.top = self.top.min(self.chosen);
        self.top = self.numbers().first().copied().unwrap_or(self.chosen);
    }

    /// Goes where somebody wants to be; says whether that is done with.
    fn fulfil(&mut self, wish: Wish) -> bool {
        let (sieve, reel) = (&self.sieve, &self.reel);
        let (first, end) = (reel.lines().start, reel.lines().end);
        let done = sieve.is_done(reel);
        let step = |from: u64, go: Go| match go {
            Go::Up | Go::PageUp => sieve.before(reel, from),
            _ => sieve.after(reel, from),
        };
        let mut follow = false;
        let to = match wish {
            Wish::Go(Go::Bottom) => {
                follow = true;
                None
            }
            Wish::Go(Go::Top) if !sieve.reaches(reel, first) => return false,
            Wish::Go(Go::Top) => sieve.from(reel, first),
            Wish::Go(go @ (Go::Up | Go::Down)) => {
                let to = step(self.chosen, go);
                // Whoever goes on at the end wants what comes.
                follow = to.is_none() && go == Go::Down && done;
                to
            }
            Wish::Go(go @ (Go::PageUp | Go::PageDown)) => {
                let mut to = None;
                for _row in 1..self.rows.max(2) {
                    let Some(next) = step(to.unwrap_or(self.chosen), go) else {
                        break;
                    };
                    to = Some(next);
                }
                follow = to.is_none() && go == Go::PageDown && done;
                to
            }
            Wish::Go(Go::NextMark) => {
                let mut after = self.marks.range(self.chosen + 1..);
                after.find(|line| sieve.wants(reel, **line)).copied()
            }
            Wish::Go(Go::PreviousMark) => {
                let before = self.marks.range(..self.chosen);
                before.rev().find(|line| sieve.wants(reel, **line)).copied()
            }
            Wish::Go(Go::NextHit) => match sieve.hit_from(reel, self.chosen + 1) {
                None if !done => return false,
                found => found,
            },
            Wish::Go(Go::PreviousHit) => match sieve.hit_before(reel, self.chosen) {
                None if !done => return false,
                found => found,
            },
            Wish::Nearest => {
                let found = sieve.hit_from(reel, self.chosen);
                match found.or_else(|| sieve.hit_before(reel, self.chosen)) {
                    None if !done => return false,
                    found => found,
                }
            }
            Wish::Hit(_) if !done || end == first => return false,
            Wish::Hit(nth) => {
                let hits = std::iter::successors(sieve.hit_from(reel, first), |hit| {
                    sieve.hit_from(reel, hit + 1)
                });
                hits.take(nth.saturating_add(1)).last()
            }
        };
        if let Some(to) = to {
            self.chosen = to;
            self.following = false;
        }
        if let Wish::Go(Go::Up | Go::PageUp | Go::Top) = wish {
            self.following = false;
        }
        self.following |= follow;
        true
    }
}

#[cfg(test)]
mod tests;
