//! Joins the pieces in which a log comes here, so that no line is missing and none is there twice.
//!
//! Pure. A listing holds the last lines of a log, of which some are known; what is new begins where
//! the end of what is known ends in it. Lines may repeat each other exactly; then the count of all
//! lines says how many are new, if the host tells one, and else as few as possible are.

use crate::wire::logs::{Entry, Listing};
use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};

/// So many of the last lines are known again; a listing holds no more.
const KNOWN: usize = 10_000;

/// What is known of a log's end.
#[derive(Debug, Default)]
pub(super) struct Seam {
    known: VecDeque<u64>,
    total: Option<u64>,
    /// An `append` may repeat what the listing before it held.
    fresh: bool,
}

/// What a piece brought.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Joined {
    pub(super) new: Vec<Entry>,
    /// Lines before the new ones may be missing: a longer listing is needed to know.
    pub(super) gap: bool,
}

fn mark(entry: &Entry) -> u64 {
    let mut hasher = DefaultHasher::new();
    entry.hash(&mut hasher);
    hasher.finish()
}

impl Seam {
    /// Takes a listing.
    pub(super) fn listing(&mut self, listing: Listing) -> Joined {
        let marks: Vec<u64> = listing.entries.iter().map(mark).collect();
        // With fewer lines than before, the log began anew.
        let anew = matches!((self.total, listing.total), (Some(before), Some(now)) if now < before);
        let grown = match (self.total, listing.total) {
            (Some(before), Some(now)) => now.checked_sub(before),
            _ => None,
        };
        let mut overlap = self.overlap(&marks, grown);
        // A host that was started again may count anew what it told before; only lines with their
        // time are known to be the same.
        let timed = |entry: &Entry| !entry.timestamp.is_empty();
        if anew && !listing.entries.iter().take(overlap).any(timed) {
            overlap = 0;
        }
        let gap = !anew && overlap == 0 && !self.known.is_empty() && !marks.is_empty();
        self.total = listing.total.or(self.total);
        self.fresh = true;
        let new: Vec<Entry> = listing.entries.into_iter().skip(overlap).collect();
        if !gap {
            self.know(&new);
        }
        Joined { new, gap }
    }

    /// Takes a listing for what it is, after a gap that nothing could close.
    pub(super) fn jump(&mut self, new: &[Entry]) {
        self.know(new);
    }

    /// Takes what a host says is new.
    pub(super) fn append(&mut self, entries: Vec<Entry>) -> Vec<Entry> {
        let marks: Vec<u64> = entries.iter().map(mark).collect();
        let overlap = if self.fresh {
            self.overlap(&marks, None)
        } else {
            0
        };
        self.fresh = false;
        let new: Vec<Entry> = entries.into_iter().skip(overlap).collect();
        self.total = self.total.map(|total| total + new.len() as u64);
        self.know(&new);
        new
    }

    /// How many of these are the end of what is known.
    fn overlap(&self, marks: &[u64], grown: Option<u64>) -> usize {
        let most = marks.len().min(self.known.len());
        let fits = |long: &usize| {
            let from = self.known.len() - long;
            self.known.range(from..).eq(marks.iter().take(*long))
        };
        let told = grown.and_then(|grown| marks.len().checked_sub(usize::try_from(grown).ok()?));
        if let Some(told) = told.filter(|told| *told > 0 && *told <= most && fits(told)) {
            return told;
        }
        (1..=most).rev().find(fits).unwrap_or(0)
    }

    fn know(&mut self, new: &[Entry]) {
        self.known.extend(new.iter().map(mark));
        let over = self.known.len().saturating_sub(KNOWN);
        self.known.drain(..over);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entries(text: &str) -> Vec<Entry> {
        let entry = |c: char| Entry {
            message: c.to_string(),
            ..Entry::default()
        };
        text.chars().map(entry).collect()
    }

    fn listing(text: &str, total: Option<u64>) -> Listing {
        Listing {
            entries: entries(text),
            total,
            error: None,
        }
    }

    fn told(new: &[Entry]) -> String {
        new.iter().map(|entry| entry.message.as_str()).collect()
    }

    #[test]
    fn edge_44_what_is_new_begins_where_what_is_known_ends() {
        for (first, second, new, gap) in [
            (("abc", Some(3)), ("bcd", Some(4)), "d", false),
            (("abc", None), ("abc", None), "", false),
            (("abc", None), ("xyz", None), "xyz", true),
            // They repeat each other: only the count tells.
            (("aaa", Some(3)), ("aaa", Some(5)), "aa", false),
            (("aaa", None), ("aaa", None), "", false),
            // The file began anew.
            (("abc", Some(90)), ("c", Some(1)), "c", false),
            (("", Some(0)), ("ab", Some(2)), "ab", false),
        ] {
            let mut seam = Seam::default();
            seam.listing(listing(first.0, first.1));
            let joined = seam.listing(listing(second.0, second.1));
            assert_eq!(
                (told(&joined.new).as_str(), joined.gap),
                (new, gap),
                "{first:?} {second:?}"
            );
        }
    }

    #[test]
    fn a_host_that_counts_anew_tells_no_line_twice() {
        let mut seam = Seam::default();
        let timed = |text: &str, total| {
            let mut listing = listing(text, Some(total));
            for (nth, entry) in listing.entries.iter_mut().enumerate() {
                entry.timestamp = format!("2024-01-01 00:00:0{nth}");
            }
            listing
        };
        seam.listing(timed("abc", 90));
        let joined = seam.listing(timed("abcd", 4));
        assert_eq!((told(&joined.new).as_str(), joined.gap), ("d", false));
    }

    #[test]
    fn edge_44_only_the_first_append_after_a_listing_may_repeat_it() {
        let mut seam = Seam::default();
        seam.listing(listing("ab", None));
        assert_eq!(told(&seam.append(entries("bc"))), "c");
        assert_eq!(told(&seam.append(entries("cd"))), "cd");
    }

    proptest! {
        /// However the log is cut into listings, all of it arrives, once.
        #[test]
        fn nothing_is_lost_or_doubled(log in "[abc]{1,60}", cuts in prop::collection::vec((1_usize..9, any::<bool>()), 1..30)) {
            let (mut seam, mut seen) = (Seam::default(), String::new());
            let mut at = 0;
            for (more, appended) in cuts {
                let next = (at + more).min(log.len());
                let new = if appended && at > 0 && !seam.fresh {
                    seam.append(entries(log.get(at..next).unwrap()))
                } else {
                    // Twelve lines, of which fewer than nine are new.
                    let joined = seam.listing(listing(log.get(next.saturating_sub(12)..next).unwrap(), Some(next as u64)));
                    prop_assert!(!joined.gap);
                    seam.fresh = false;
                    joined.new
                };
                seen.push_str(&told(&new));
                at = next;
                prop_assert_eq!(seen.as_str(), log.get(..at).unwrap());
            }
        }
    }
}
