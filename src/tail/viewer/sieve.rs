//! Which lines of a log are wanted, and which hold what is searched for: as far as it was looked
//! through, which is one stretch of blocks that grows to both sides.

use super::super::reel::Reel;
use super::super::roll::Lines;
use crate::core::log::filter::Filter;
use crate::core::log::head::Head;
use crate::core::log::pattern::Pattern;
use std::ops::Range;

/// A filter, a search, and how far they got.
#[derive(Debug, Default)]
pub(super) struct Sieve {
    filter: Option<Filter>,
    search: Option<Pattern>,
    /// The blocks that were looked through.
    seen: Range<u64>,
    wanted: u64,
    hits: u64,
    lines: Lines,
}

impl Sieve {
    pub(super) fn want(&mut self, filter: Option<Filter>) {
        self.filter = filter;
    }

    pub(super) fn search(&mut self, search: Option<Pattern>) {
        self.search = search;
    }

    pub(super) const fn pattern(&self) -> Option<&Pattern> {
        self.search.as_ref()
    }

    /// Begins anew, at a block or at the end.
    pub(super) fn begin(&mut self, reel: &Reel, at: Option<u64>) {
        let at = at.unwrap_or_else(|| reel.blocks().end);
        self.seen = at..at;
        (self.wanted, self.hits) = (0, 0);
    }

    /// The last block may hold more than when it was looked through.
    pub(super) fn grown(&mut self, reel: &Reel) {
        if !self.is_on() || self.seen.is_empty() {
            return;
        }
        let last = self.seen.end - 1;
        let (wanted, hits) = reel.marks(last);
        self.wanted -= u64::from(wanted.count_ones());
        self.hits -= u64::from(hits.count_ones());
        self.seen.end = last;
    }

    const fn is_on(&self) -> bool {
        self.filter.is_some() || self.search.is_some()
    }

    /// Whether everything was looked through.
    pub(super) fn is_done(&self, reel: &Reel) -> bool {
        let all = reel.blocks();
        !self.is_on() || all.is_empty() || self.seen.start <= all.start && self.seen.end >= all.end
    }

    /// So many of a hundred parts were looked through.
    pub(super) fn done(&self, reel: &Reel) -> u8 {
        let all = reel.blocks();
        if self.is_done(reel) {
            return 100;
        }
        let seen = self.seen.end - self.seen.start;
        (seen * 100 / (all.end - all.start)).min(99) as u8
    }

    /// How many lines are wanted, if not all are, and how many hold what is searched for.
    pub(super) fn counts(&self) -> (Option<u64>, Option<u64>) {
        let wanted = self.filter.is_some().then_some(self.wanted);
        (wanted, self.search.is_some().then_some(self.hits))
    }

    /// Looks through so many more blocks. Says whether there were any.
    pub(super) fn sift(&mut self, reel: &mut Reel, blocks: usize) -> bool {
        let all = reel.blocks();
        if !self.is_on() || all.is_empty() {
            return false;
        }
        let at = self.seen.start.clamp(all.start, all.end);
        self.seen = at..self.seen.end.clamp(at, all.end);
        let mut sifted = false;
        for turn in 0..blocks {
            let (more_before, more_after) = (self.seen.start > all.start, self.seen.end < all.end);
            let block = if more_after && (turn % 2 == 0 || !more_before) {
                self.seen.end += 1;
                self.seen.end - 1
            } else if more_before {
                self.seen.start -= 1;
                self.seen.start
            } else {
                break;
            };
            let (wanted, hits) = self.look(reel, block);
            reel.mark(block, wanted, hits);
            self.wanted += u64::from(wanted.count_ones());
            self.hits += u64::from(hits.count_ones());
            sifted = true;
        }
        sifted
    }

    fn look(&mut self, reel: &Reel, block: u64) -> (u64, u64) {
        // What cannot be read any more is gone, which the next reading notices.
        if reel.read(block, &mut self.lines).is_err() {
            return (0, 0);
        }
        let heads = match &self.filter {
            Some(filter) if filter.needs_head() => reel.heads(block, &self.lines),
            _ => vec![],
        };
        let (mut wanted, mut hits) = (0, 0);
        for nth in 0..self.lines.len() {
            let line = self.lines.get(nth).unwrap_or_default();
            let head = heads.get(nth).copied().unwrap_or_else(Head::default);
            if self
                .filter
                .as_ref()
                .is_none_or(|filter| filter.wants(&head, line))
            {
                wanted |= 1 << nth;
                if self
                    .search
                    .as_ref()
                    .is_some_and(|search| search.is_in(line))
                {
                    hits |= 1 << nth;
                }
            }
        }
        (wanted, hits)
    }

    /// Whether it is known what there is from this line on to where it was looked through.
    pub(super) fn reaches(&self, reel: &Reel, line: u64) -> bool {
        !self.is_on()
            || reel
                .block_of(line)
                .is_none_or(|block| self.seen.contains(&block))
    }

    /// Whether this line is wanted.
    pub(super) fn wants(&self, reel: &Reel, line: u64) -> bool {
        self.from(reel, line) == Some(line)
    }

    /// The wanted line after this one.
    pub(super) fn after(&self, reel: &Reel, line: u64) -> Option<u64> {
        self.from(reel, line + 1)
    }

    /// This line if it is wanted, or the next that is.
    pub(super) fn from(&self, reel: &Reel, line: u64) -> Option<u64> {
        if self.filter.is_none() {
            return reel.lines().contains(&line).then_some(line);
        }
        self.next(reel, line, |(wanted, _)| wanted)
    }

    /// The wanted line before this one.
    pub(super) fn before(&self, reel: &Reel, line: u64) -> Option<u64> {
        if self.filter.is_none() {
            let lines = reel.lines();
            let before = line.min(lines.end).checked_sub(1)?;
            return lines.contains(&before).then_some(before);
        }
        self.last(reel, line, |(wanted, _)| wanted)
    }

    /// This line if it holds what is searched for, or the next that does.
    pub(super) fn hit_from(&self, reel: &Reel, line: u64) -> Option<u64> {
        self.next(reel, line, |(_, hits)| hits)
    }

    /// The line before this one that holds it.
    pub(super) fn hit_before(&self, reel: &Reel, line: u64) -> Option<u64> {
        self.last(reel, line, |(_, hits)| hits)
    }

    fn next(&self, reel: &Reel, line: u64, bits: impl Fn((u64, u64)) -> u64) -> Option<u64> {
        let from = reel.block_of(line)?;
        for block in from.max(self.seen.start)..self.seen.end {
            let first = reel.first_of(block)?;
            let mut set = bits(reel.marks(block));
            if let Some(skip) = line.checked_sub(first) {
                set = set.checked_shr(skip as u32).map_or(0, |rest| rest << skip);
            }
            if set != 0 {
                return Some(first + u64::from(set.trailing_zeros()));
            }
        }
        None
    }

    fn last(&self, reel: &Reel, line: u64, bits: impl Fn((u64, u64)) -> u64) -> Option<u64> {
        let lines = reel.lines();
        let last = line.min(lines.end).checked_sub(1)?;
        let to = reel.block_of(last)?;
        for block in (self.seen.start..self.seen.end.min(to + 1)).rev() {
            let first = reel.first_of(block)?;
            let mut set = bits(reel.marks(block));
            let keep = (last + 1).saturating_sub(first);
            if keep < 64 {
                set &= (1 << keep) - 1;
            }
            if set != 0 {
                return Some(first + 63 - u64::from(set.leading_zeros()));
            }
        }
        None
    }
}
