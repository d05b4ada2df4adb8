//! Remembers edits so that they can be taken back: each as what it replaced, never as a copy of
//! the text, so a key typed into a megabyte costs a few bytes.

use super::LIMIT;
use std::collections::VecDeque;

/// How many steps can be taken back.
const STEPS: usize = 200;
/// How many bytes the steps may hold together. Four full texts: enough to kill and yank a large
/// paste, little enough that doing so again and again does not fill the memory.
const BYTES: usize = 4 * LIMIT;
/// A run of deletions becomes a step of its own after so many bytes: about a line.
const DELETED_AT_ONCE: usize = 64;

/// What may be joined with its like into one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Run {
    /// Characters typed one after the other: a word and the blanks behind it are one step.
    Typing,
    /// Graphemes deleted leftwards.
    Backspace,
    /// Graphemes deleted rightwards.
    Delete,
    /// Anything else stands alone.
    Alone,
}

/// One replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) at: usize,
    pub(super) removed: String,
    pub(super) inserted: String,
    pub(super) caret_before: usize,
    pub(super) caret_after: usize,
    pub(super) run: Run,
}

impl Edit {
    fn bytes(&self) -> usize {
        self.removed.len() + self.inserted.len()
    }

    /// Whether the edit made right after this one belongs to the same step.
    fn goes_on_with(&self, later: &Self) -> bool {
        if self.run != later.run {
            return false;
        }
        match self.run {
            Run::Typing => {
                let word_began = self.inserted.ends_with(char::is_whitespace)
                    && !later.inserted.starts_with(char::is_whitespace);
                later.at == self.at + self.inserted.len() && !word_began
            }
            Run::Backspace => {
                later.at + later.removed.len() == self.at && self.removed.len() < DELETED_AT_ONCE
            }
            Run::Delete => later.at == self.at && self.removed.len() < DELETED_AT_ONCE,
            Run::Alone => false,
        }
    }

    fn join(&mut self, later: &Self) {
        self.inserted.push_str(&later.inserted);
        if self.run == Run::Backspace {
            self.removed.insert_str(0, &later.removed);
            self.at = later.at;
        } else {
            self.removed.push_str(&later.removed);
        }
        self.caret_after = later.caret_after;
    }
}

/// The steps that can be taken back, and those that were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Undo {
    done: VecDeque<Edit>,
    undone: Vec<Edit>,
    /// What `done` holds.
    bytes: usize,
    /// The last step may still grow.
    open: bool,
}

impl Undo {
    /// Ends the step that is growing: the caret went elsewhere.
    pub(super) fn close(&mut self) {
        self.open = false;
    }

    /// Remembers an edit. What was taken back before is gone for good.
    pub(super) fn push(&mut self, edit: Edit) {
        self.undone.clear();
        self.bytes += edit.bytes();
        match self.done.back_mut() {
            Some(last) if self.open && last.goes_on_with(&edit) => last.join(&edit),
            _ => {
                self.open = edit.run != Run::Alone;
                self.done.push_back(edit);
            }
        }
        // The newest step stays, whatever its size: an edit that cannot be taken back surprises.
        while self.done.len() > STEPS || (self.bytes > BYTES && self.done.len() > 1) {
            let oldest = self.done.pop_front();
            self.bytes -= oldest.map_or(0, |edit| edit.bytes());
        }
    }

    /// Takes the last step back: `apply` gets it and undoes it.
    pub(super) fn undo(&mut self, apply: impl FnOnce(&Edit)) -> bool {
        self.open = false;
        let Some(edit) = self.done.pop_back() else {
            return false;
        };
        self.bytes -= edit.bytes();
        apply(&edit);
        self.undone.push(edit);
        true
    }

    /// Does the step taken back last once more.
    pub(super) fn redo(&mut self, apply: impl FnOnce(&Edit)) -> bool {
        let Some(edit) = self.undone.pop() else {
            return false;
        };
        self.bytes += edit.bytes();
        apply(&edit);
        self.done.push_back(edit);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_edits_push_old_ones_out_and_the_newest_always_stays() {
        let edit = |bytes: usize| Edit {
            at: 0,
            removed: String::new(),
            inserted: "x".repeat(bytes),
            caret_before: 0,
            caret_after: bytes,
            run: Run::Alone,
        };
        let mut undo = Undo::default();
        for _ in 0..10 {
            undo.push(edit(LIMIT));
        }
        assert_eq!((undo.done.len(), undo.bytes), (4, BYTES));
        undo.push(edit(BYTES + 1));
        assert_eq!((undo.done.len(), undo.bytes), (1, BYTES + 1));
        assert!(undo.undo(|_| {}));
        assert_eq!(undo.bytes, 0);
    }
}
