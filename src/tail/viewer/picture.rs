//! The lines on the screen of a log, read and taken apart.

use super::super::roll::Lines;
use super::Viewer;
use crate::core::ids::TurnId;
use crate::core::log::head::head;
use crate::core::log::{Feed, Shown, Window};
use crate::core::time::Wall;
use std::fmt::Write as _;

/// Of a line only so many bytes are shown.
const LONGEST: usize = 4 << 10;
/// In a line no more places are shown than these.
const HITS: usize = 64;

impl Viewer {
    /// The numbers of the lines on the screen, with the chosen one among them.
    pub(super) fn numbers(&self) -> Vec<u64> {
        let (sieve, reel) = (&self.sieve, &self.reel);
        if !sieve.wants(reel, self.chosen) {
            return vec![];
        }
        let mut above = vec![];
        let mut at = self.chosen;
        while above.len() + 1 < self.rows
            && at > self.top
            && let Some(before) = sieve.before(reel, at).filter(|before| *before >= self.top)
        {
            above.push(before);
            at = before;
        }
        above.reverse();
        let mut numbers = above;
        numbers.push(self.chosen);
        while numbers.len() < self.rows
            && let Some(after) = numbers.last().and_then(|last| sieve.after(reel, *last))
        {
            numbers.push(after);
        }
        // Where there is room below the end, more is shown above.
        let mut more = vec![];
        let mut at = numbers.first().copied().unwrap_or(self.chosen);
        while numbers.len() + more.len() < self.rows
            && let Some(before) = sieve.before(reel, at)
        {
            more.push(before);
            at = before;
        }
        more.reverse();
        more.extend(numbers);
        more
    }

    /// What is on the screen.
    pub fn window(&self) -> Window {
        let numbers = self.numbers();
        let all = self.reel.lines();
        let (wanted, hits) = self.sieve.counts();
        let feed = match &self.feed {
            Feed::File if self.reel.is_missing() => Feed::Missing,
            feed => feed.clone(),
        };
        let mut lines = Lines::default();
        let mut block = None;
        let shown = numbers.iter().map(|number| {
            let holding = self.reel.block_of(*number);
            if block != holding {
                block = holding;
                // What cannot be read any more is shown as nothing.
                let _ = self.reel.read(holding.unwrap_or(0), &mut lines);
            }
            let first = holding.and_then(|block| self.reel.first_of(block));
            self.shown(
                *number,
                (number - first.unwrap_or(*number)) as usize,
                &lines,
            )
        });
        Window {
            name: self.name.clone(),
            feed,
            lines: shown.collect(),
            chosen: numbers
                .iter()
                .position(|number| *number == self.chosen)
                .unwrap_or(0),
            number: if numbers.is_empty() {
                0
            } else {
                self.chosen - all.start + 1
            },
            total: all.end - all.start,
            wanted,
            hits,
            following: self.following,
            done: self.reel.done().min(self.sieve.done(&self.reel)),
        }
    }

    fn shown(&self, number: u64, nth: usize, lines: &Lines) -> Shown {
        let line = lines.get(nth).unwrap_or_default();
        let head = head(line, self.clock.offset_s);
        let said = line.get(head.text..).unwrap_or_default();
        let kept = said.get(..said.len().min(LONGEST)).unwrap_or_default();
        let mut text = String::from_utf8_lossy(kept).into_owned();
        let left_out = lines.left_out(nth) + (said.len() - kept.len()) as u64;
        let hits = self.sieve.pattern();
        let hits = hits.map_or_else(Vec::new, |pattern| pattern.places(&text, HITS));
        let turn = turn(&text);
        if left_out > 0 {
            // Writing into a string cannot fail.
            let _ = write!(text, " … +{left_out}");
        }
        let (day, at) = head
            .at
            .map(|at| told(at, self.clock.offset_s))
            .unwrap_or_default();
        Shown {
            day,
            at,
            level: head.level,
            text,
            hits,
            marked: self.marks.contains(&number),
            turn,
        }
    }
}

/// A day and a time of day.
fn told(at: Wall, offset_s: i32) -> (String, String) {
    let local = at.0.saturating_add(i64::from(offset_s) * 1000);
    let Ok(local) = jiff::Timestamp::from_millisecond(local) else {
        return (String::new(), String::new());
    };
    let told = |form| local.strftime(form).to_string();
    (told("%Y-%m-%d"), told("%H:%M:%S"))
}

/// The turn that a line of ours belongs to.
fn turn(text: &str) -> Option<TurnId> {
    let (_, rest) = text.split_once("turn=")?;
    rest.get(..36)?.parse().ok()
}
