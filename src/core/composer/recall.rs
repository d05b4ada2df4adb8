//! The inputs sent before, and the walk through them.

use super::LIMIT;
use std::collections::VecDeque;

/// How many inputs are remembered.
const ENTRIES: usize = 200;
/// How many bytes they may hold together: a few large pastes must not stay in memory for good.
const BYTES: usize = 4 * LIMIT;

/// The inputs sent before, oldest first, and where in them the user is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Recall {
    entries: VecDeque<String>,
    /// The entry on show; `None`: the user writes something new.
    walking: Option<usize>,
    /// What was being written when the walk began.
    unfinished: String,
}

impl Recall {
    /// Remembers an input. Blank ones and repetitions of the newest are not worth a step.
    pub(super) fn push(&mut self, text: String) {
        if text.trim().is_empty() || self.entries.back() == Some(&text) {
            return;
        }
        self.entries.push_back(text);
        let mut bytes: usize = self.entries.iter().map(String::len).sum();
        while self.entries.len() > ENTRIES || (bytes > BYTES && self.entries.len() > 1) {
            bytes -= self.entries.pop_front().map_or(0, |oldest| oldest.len());
            // The walk stays on its entry while the entries move up.
            self.walking = self.walking.map(|at| at.saturating_sub(1));
        }
    }

    /// Ends the walk. The unfinished text becomes an entry: nothing the user wrote is lost.
    pub(super) fn finish(&mut self) {
        if self.walking.take().is_some() {
            let unfinished = std::mem::take(&mut self.unfinished);
            self.push(unfinished);
        }
    }

    /// The entry before the one on show; `text` is what is written now.
    pub(super) fn older(&mut self, text: &str) -> Option<String> {
        let at = self.walking.unwrap_or(self.entries.len()).checked_sub(1)?;
        let entry = self.entries.get(at)?.clone();
        if self.walking.replace(at).is_none() {
            text.clone_into(&mut self.unfinished);
        }
        Some(entry)
    }

    /// The entry after the one on show; after the newest comes the unfinished text.
    pub(super) fn newer(&mut self) -> Option<String> {
        let at = self.walking? + 1;
        if let Some(entry) = self.entries.get(at) {
            self.walking = Some(at);
            return Some(entry.clone());
        }
        self.walking = None;
        Some(std::mem::take(&mut self.unfinished))
    }

    /// What is worth keeping over a restart when `text` is on show: an entry merely looked at
    /// is not, the text left unfinished for it is.
    pub(super) fn draft<'a>(&'a self, text: &'a str) -> &'a str {
        match self.walking.and_then(|at| self.entries.get(at)) {
            Some(entry) if entry == text => &self.unfinished,
            _ => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_inputs_push_old_ones_out_and_the_newest_always_stays() {
        let mut recall = Recall::default();
        for letter in ["a", "b", "c", "d", "e", "f"] {
            recall.push(letter.repeat(LIMIT));
        }
        assert_eq!(recall.entries.len(), 4);
        recall.push("g".repeat(BYTES + 1));
        assert_eq!(recall.entries.len(), 1);
    }

    #[test]
    fn the_walk_stays_on_its_entry_while_old_ones_leave() {
        let mut recall = Recall::default();
        for number in 0..ENTRIES {
            recall.push(number.to_string());
        }
        let shown = recall.older("").unwrap();
        recall.push("sent elsewhere".into());
        assert_eq!(recall.draft(&shown), "");
        assert_eq!(recall.newer().as_deref(), Some("sent elsewhere"));
    }
}
