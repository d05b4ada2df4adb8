//! The text being written: any number of lines with a caret, edited by grapheme, with undo,
//! a kill slot and the inputs sent before.
//!
//! Pure text. Which key means which edit is `core::keys`; what sending means is `core::update`;
//! wrapping and drawing is `view`. Two things always hold, whatever is done: the caret stands
//! between two graphemes, and the text holds no character that steers a terminal.
//!
//! Costs: typing at the end is constant (amortised), inside the text one move of the bytes behind
//! the caret; motion reads what is near the caret, up and down the lines they cross; a paste is
//! linear in its length.

mod clean;
mod recall;
mod undo;
mod walk;

use super::action::Plain;
use clean::{clean, cut};
use recall::Recall;
use std::ops::Range;
use undo::{Edit, Run, Undo};

/// How many bytes a composer holds at most. More than a model reads in one turn, little enough
/// that every operation stays below the time of a frame.
pub const LIMIT: usize = 1 << 20;

/// A text with a caret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Composer {
    text: String,
    caret: usize,
    /// The column that moving up and down aims at, kept while lines in between are shorter.
    wanted: Option<usize>,
    /// What was killed last, for yank.
    killed: String,
    /// The last edit was a kill: the next one joins it.
    killing: bool,
    undo: Undo,
    recall: Recall,
}

/// What became of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Applied {
    /// The text is another one.
    Changed,
    /// Only the caret moved.
    Moved,
    /// It is an edit, but there was nothing to do: no text on that side, nothing to undo.
    Nothing,
    /// Not for the composer: no edit at all, or up from the first and down from the last line,
    /// with which the caller may walk through earlier inputs.
    Unhandled,
}

/// What became of a paste.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Pasted {
    /// Bytes at its end that found no room; control characters left out are not counted.
    pub dropped_bytes: usize,
}

impl Composer {
    /// An empty one that remembers earlier inputs, oldest first.
    pub fn with_history(inputs: Vec<String>) -> Self {
        let mut composer = Self::default();
        for input in inputs {
            composer.history_push(&input);
        }
        composer
    }

    /// What is written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the caret stands: a byte offset on a grapheme boundary.
    pub const fn caret(&self) -> usize {
        self.caret
    }

    /// Whether nothing is written.
    pub const fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Writes another text instead, caret at its end. Undo brings the former back; a walk
    /// through earlier inputs is over.
    pub fn set(&mut self, text: &str) {
        self.settle();
        self.recall.finish();
        let mut text = clean(text);
        cut(&mut text, LIMIT);
        let _ = self.replace_all(text);
    }

    /// Hands the text out and starts afresh. The text is remembered as an input.
    pub fn take(&mut self) -> String {
        self.settle();
        let text = std::mem::take(&mut self.text);
        self.caret = 0;
        self.undo = Undo::default();
        self.recall.finish();
        self.recall.push(text.clone());
        text
    }

    /// Types text at the caret. What does not fit is left out.
    pub fn insert(&mut self, text: &str) {
        self.settle();
        let _ = self.put(text, Run::Typing);
    }

    /// Puts pasted text at the caret, as one step: line breaks become `\n`, characters that
    /// steer a terminal are left out, and what exceeds [`LIMIT`] is dropped.
    pub fn paste(&mut self, text: &str) -> Pasted {
        self.settle();
        self.put(text, Run::Alone)
    }

    /// Remembers an input that was sent without being written here.
    pub fn history_push(&mut self, input: &str) {
        let mut input = clean(input);
        cut(&mut input, LIMIT);
        self.recall.push(input);
    }

    /// What should survive a restart: the text, or, while an earlier input is merely looked at,
    /// the unfinished text behind it.
    pub fn draft(&self) -> &str {
        self.recall.draft(&self.text)
    }

    /// Starts with a text kept from an earlier run; there is nothing to undo yet.
    pub fn restore_draft(&mut self, text: &str) {
        self.set(text);
        self.undo = Undo::default();
    }

    /// Carries out an action on the text: a line break, or anything from `Left` to `NewerInput`.
    pub fn apply(&mut self, edit: Plain) -> Applied {
        let wanted = self.wanted.take();
        let killing = std::mem::take(&mut self.killing);
        let (text, caret) = (self.text.as_str(), self.caret);
        match edit {
            Plain::Newline => {
                let length = text.len();
                let _ = self.put("\n", Run::Typing);
                if self.text.len() > length {
                    Applied::Changed
                } else {
                    Applied::Nothing
                }
            }
            Plain::Left => self.go(walk::previous(text, caret)),
            Plain::Right => self.go(walk::next(text, caret)),
            Plain::Up => self.line_up(wanted),
            Plain::Down => self.line_down(wanted),
            Plain::WordLeft => self.go(walk::word_left(text, caret)),
            Plain::WordRight => self.go(walk::word_right(text, caret)),
            Plain::LineStart => self.go(walk::line_start(text, caret)),
            Plain::LineEnd => self.go(walk::line_end(text, caret)),
            Plain::TextStart => self.go(0),
            Plain::TextEnd => self.go(text.len()),
            Plain::Backspace => self.delete(walk::previous(text, caret)..caret, Run::Backspace),
            Plain::DeleteRight => self.delete(caret..walk::next(text, caret), Run::Delete),
            Plain::DeleteWordLeft => self.kill(walk::word_left(text, caret)..caret, killing),
            Plain::DeleteWordRight => self.kill(caret..walk::word_right(text, caret), killing),
            // At the edge of a line a kill takes the line break, so that repeating it goes on.
            Plain::KillToStart => {
                let start = walk::line_start(text, caret);
                let edge = walk::previous(text, caret);
                self.kill(start.min(edge)..caret, killing)
            }
            Plain::KillToEnd => {
                let end = walk::line_end(text, caret);
                let edge = walk::next(text, caret);
                self.kill(caret..end.max(edge), killing)
            }
            Plain::Yank => {
                let mut killed = self.killed.clone();
                cut(&mut killed, LIMIT - text.len());
                let behind = caret + killed.len();
                self.replace(caret..caret, killed, behind, Run::Alone)
            }
            Plain::Transpose => self.transpose(),
            Plain::Undo => self.undo(),
            Plain::Redo => self.redo(),
            Plain::OlderInput => {
                let older = self.recall.older(&self.text);
                self.show(older)
            }
            Plain::NewerInput => {
                let newer = self.recall.newer();
                self.show(newer)
            }
            // Some thirty actions are no edits; a test applies all, so none is forgotten here.
            _ => {
                self.wanted = wanted;
                self.killing = killing;
                Applied::Unhandled
            }
        }
    }

    /// Forgets what only a series of the same action keeps.
    fn settle(&mut self) {
        self.wanted = None;
        self.killing = false;
    }

    fn go(&mut self, to: usize) -> Applied {
        self.undo.close();
        if to == self.caret {
            return Applied::Nothing;
        }
        self.caret = to;
        Applied::Moved
    }

    fn line_up(&mut self, wanted: Option<usize>) -> Applied {
        let Some(end) = walk::line_start(&self.text, self.caret).checked_sub(1) else {
            return Applied::Unhandled;
        };
        self.go_to_column(walk::line_start(&self.text, end), wanted)
    }

    fn line_down(&mut self, wanted: Option<usize>) -> Applied {
        let end = walk::line_end(&self.text, self.caret);
        if end == self.text.len() {
            return Applied::Unhandled;
        }
        self.go_to_column(end + 1, wanted)
    }

    fn go_to_column(&mut self, line: usize, wanted: Option<usize>) -> Applied {
        let wanted = wanted.unwrap_or_else(|| walk::column(&self.text, self.caret));
        self.wanted = Some(wanted);
        self.go(walk::at_column(&self.text, line, wanted))
    }

    /// Every change of the text goes through here.
    fn replace(&mut self, range: Range<usize>, with: String, caret: usize, run: Run) -> Applied {
        let removed = self.text.get(range.clone()).unwrap_or_default();
        if *removed == with {
            return self.go(walk::snap(&self.text, caret));
        }
        let removed = removed.to_owned();
        let (at, caret_before) = (range.start, self.caret);
        self.text.replace_range(range, &with);
        self.caret = walk::snap(&self.text, caret);
        self.undo.push(Edit {
            at,
            removed,
            inserted: with,
            caret_before,
            caret_after: self.caret,
            run,
        });
        Applied::Changed
    }

    fn replace_all(&mut self, text: String) -> Applied {
        let end = text.len();
        self.replace(0..self.text.len(), text, end, Run::Alone)
    }

    fn put(&mut self, text: &str, run: Run) -> Pasted {
        let mut text = clean(text);
        let dropped_bytes = cut(&mut text, LIMIT - self.text.len());
        let (at, behind) = (self.caret, self.caret + text.len());
        let _ = self.replace(at..at, text, behind, run);
        Pasted { dropped_bytes }
    }

    fn delete(&mut self, range: Range<usize>, run: Run) -> Applied {
        let caret = range.start;
        self.replace(range, String::new(), caret, run)
    }

    /// Deletes into the kill slot. A kill right after another joins it on the side it came from.
    fn kill(&mut self, range: Range<usize>, killing: bool) -> Applied {
        let gone = self.text.get(range.clone()).unwrap_or_default();
        if gone.is_empty() {
            self.killing = killing;
            return Applied::Nothing;
        }
        if !killing {
            self.killed.clear();
        }
        if range.end == self.caret {
            self.killed.insert_str(0, gone);
        } else {
            self.killed.push_str(gone);
        }
        cut(&mut self.killed, LIMIT);
        self.killing = true;
        self.delete(range, Run::Alone)
    }

    /// Swaps the graphemes around the caret, or the last two of a line at its end.
    fn transpose(&mut self) -> Applied {
        let (text, line) = (&self.text, walk::line_start(&self.text, self.caret));
        let middle = if self.caret == walk::line_end(text, self.caret) {
            walk::previous(text, self.caret)
        } else {
            self.caret
        };
        if middle <= line {
            return Applied::Nothing;
        }
        let (start, end) = (walk::previous(text, middle), walk::next(text, middle));
        let first = text.get(start..middle).unwrap_or_default();
        let second = text.get(middle..end).unwrap_or_default();
        let swapped = format!("{second}{first}");
        self.replace(start..end, swapped, end, Run::Alone)
    }

    fn undo(&mut self) -> Applied {
        let (text, caret) = (&mut self.text, &mut self.caret);
        let undone = self.undo.undo(|edit| {
            text.replace_range(edit.at..edit.at + edit.inserted.len(), &edit.removed);
            *caret = edit.caret_before;
        });
        if undone {
            Applied::Changed
        } else {
            Applied::Nothing
        }
    }

    fn redo(&mut self) -> Applied {
        let (text, caret) = (&mut self.text, &mut self.caret);
        let redone = self.undo.redo(|edit| {
            text.replace_range(edit.at..edit.at + edit.removed.len(), &edit.inserted);
            *caret = edit.caret_after;
        });
        if redone {
            Applied::Changed
        } else {
            Applied::Nothing
        }
    }

    /// Shows an input of the walk. As one edit, so that undo returns what was changed before.
    fn show(&mut self, input: Option<String>) -> Applied {
        input.map_or(Applied::Nothing, |input| self.replace_all(input))
    }
}

#[cfg(test)]
mod nasty;
#[cfg(test)]
mod tests;
