//! Rows of a text that grows: finished blocks are kept, only the last one is set again.
//!
//! What is finished and what is not is decided at line starts of top-level blocks. A block counts
//! only once its first line is complete, because `x` and then `***` is a rule below a paragraph,
//! while `***y***` goes on with the paragraph. A definition such as `[a]: url` that arrives late
//! changes text above it; therefore a text is set once more as a whole when it is complete.
//!
//! The last block is never longer than `LIMIT`: a longer one is cut, so that each new piece
//! costs the same however long the reply is. Such a cut may show (an emphasis that spans it, the
//! numbers of columns of a table) until the text is complete.

use super::markdown::{Block, blocks};
use super::wrap::wrap;
use super::{Row, Run};
use crate::core::defuse::defuse;
use crate::view::theme::Ink;

/// How long the last block may grow, in bytes, before its beginning counts as finished.
const LIMIT: usize = 4096;

/// How a text is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Markdown,
    /// As it stands, in one ink.
    Plain(Ink),
}

/// A text being set.
#[derive(Debug)]
pub struct Stream {
    kind: Kind,
    room: usize,
    /// Bytes of the text seen so far, and the last few of them, to notice when it is another.
    seen: usize,
    ending: Vec<u8>,
    complete: bool,
    /// What is not finished yet, made harmless.
    open: String,
    /// The opening line of a code block that was cut.
    fence: String,
    /// The open part goes on with a block that was cut.
    cut: bool,
    done: Vec<Row>,
    tail: Vec<Row>,
}

impl Stream {
    /// Nothing yet, to be set in `room` columns.
    pub const fn new(kind: Kind, room: usize) -> Self {
        Self {
            kind,
            room,
            seen: 0,
            ending: vec![],
            complete: false,
            open: String::new(),
            fence: String::new(),
            cut: false,
            done: vec![],
            tail: vec![],
        }
    }

    /// The rows so far.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.done.iter().chain(&self.tail)
    }

    /// One of the rows.
    pub fn row(&self, at: usize) -> Option<&Row> {
        match at.checked_sub(self.done.len()) {
            None => self.done.get(at),
            Some(at) => self.tail.get(at),
        }
    }

    /// How many rows there are.
    pub fn height(&self) -> usize {
        self.done.len() + self.tail.len()
    }

    /// How many of them stay as they are, whatever comes.
    pub const fn finished(&self) -> usize {
        self.done.len()
    }

    /// Takes the text as it is now: what was seen before with more at its end, or another one.
    /// `complete`: no more will come.
    pub fn feed(&mut self, text: &str, complete: bool) {
        if complete == self.complete && self.seen == text.len() && self.continues(text) {
            return;
        }
        if complete || self.complete || !self.continues(text) {
            *self = Self::new(self.kind, self.room);
        }
        let more = text.get(self.seen..).unwrap_or_default();
        let more = if more.contains('\r') {
            defuse(&more.replace("\r\n", "\n")).into_owned()
        } else {
            defuse(more).into_owned()
        };
        self.seen = text.len();
        self.ending = text.as_bytes().iter().rev().take(16).copied().collect();
        self.complete = complete;
        if complete {
            let all = self.set(&more);
            self.done = self.join(false, all);
            self.done.shrink_to_fit();
        } else {
            self.open.push_str(&more);
            self.advance();
        }
    }

    fn continues(&self, text: &str) -> bool {
        let seen = text.as_bytes().get(..self.seen);
        seen.is_some_and(|seen| seen.iter().rev().take(16).eq(&self.ending))
    }

    fn set(&self, text: &str) -> Vec<Block> {
        match self.kind {
            Kind::Markdown => blocks(text, self.room),
            Kind::Plain(ink) => plain(text, self.room, ink),
        }
    }

    /// The blocks of the open part. Offsets count from its start.
    fn set_open(&self, upto: usize) -> Vec<Block> {
        let open = self.open.get(..upto).unwrap_or(&self.open);
        if self.fence.is_empty() {
            return self.set(open);
        }
        let mut blocks = self.set(&format!("{}{open}", self.fence));
        for (index, block) in blocks.iter_mut().enumerate() {
            block.range.start = block.range.start.saturating_sub(self.fence.len());
            let labelled = |row: &Row| row.iter().any(|run| run.text.starts_with("┌ "));
            if index == 0 && block.rows.first().is_some_and(labelled) {
                block.rows.remove(0);
            }
        }
        blocks
    }

    /// The rows of blocks, with blank rows between.
    fn join(&self, goes_on: bool, blocks: Vec<Block>) -> Vec<Row> {
        let mut rows: Vec<Row> = vec![];
        let mut apart = !self.done.is_empty() && !goes_on;
        for block in blocks {
            if block.rows.is_empty() {
                continue;
            }
            if apart && self.kind == Kind::Markdown {
                rows.push(vec![]);
            }
            apart = true;
            rows.extend(block.rows);
        }
        rows
    }

    fn advance(&mut self) {
        let mut found = self.set_open(self.open.len());
        let line_start = |block: &Block| {
            let before = self.open.get(..block.range.start).unwrap_or_default();
            before.rfind('\n').map_or(0, |at| at + 1)
        };
        let whole_line = |start: usize| {
            let line = self.open.get(start..);
            line.is_some_and(|line| line.contains('\n'))
        };
        let last = found
            .iter()
            .enumerate()
            .map(|(index, block)| (index, line_start(block)))
            .rfind(|(_, start)| whole_line(*start));
        if let Some((index, start)) = last
            && index > 0
        {
            let open = found.split_off(index);
            let rows = self.join(self.cut, found);
            self.done.extend(rows);
            self.open.drain(..start);
            self.fence.clear();
            self.cut = false;
            found = open;
        }
        let fenced = found.first().is_some_and(|block| block.fenced);
        self.tail = self.join(self.cut, found);
        if self.open.len() > LIMIT {
            self.cut_open(fenced);
        }
    }

    /// Counts the beginning of the open part as finished.
    fn cut_open(&mut self, fenced: bool) {
        while self.open.len() > LIMIT {
            let at = self.cut_place();
            let finished = self.set_open(at);
            let rows = self.join(self.cut, finished);
            self.done.extend(rows);
            if fenced && self.fence.is_empty() {
                let first_line = self.open.split_inclusive('\n').next();
                self.fence = first_line.unwrap_or_default().to_owned();
            }
            self.open.drain(..at);
            self.cut = true;
        }
        let rest = self.set_open(self.open.len());
        self.tail = self.join(true, rest);
    }

    /// Where to cut: before a line that is not indented, else at a line, else at a space. The
    /// end stays open, so that a closing fence is still seen as one.
    fn cut_place(&self) -> usize {
        let mut limit = self.open.len() * 3 / 4;
        while !self.open.is_char_boundary(limit) {
            limit -= 1;
        }
        let head = self.open.get(..limit).unwrap_or_default();
        let lines = || head.rmatch_indices('\n').map(|(at, _)| at + 1);
        let plain = |at: &usize| {
            let next = self.open.get(*at..).and_then(|rest| rest.chars().next());
            next.is_some_and(|c| !c.is_whitespace())
        };
        let space = || head.rfind(' ').map(|at| at + 1);
        lines()
            .find(plain)
            .or_else(|| lines().next())
            .or_else(space)
            .unwrap_or(limit)
            .max(1)
    }
}

/// Each line as a block of its own.
fn plain(text: &str, room: usize, ink: Ink) -> Vec<Block> {
    let mut start = 0;
    text.split('\n')
        .map(|line| {
            let range = start..start + line.len();
            start = range.end + 1;
            Block {
                range,
                rows: wrap(&[Run::new(line, ink)], room),
                fenced: false,
            }
        })
        .collect()
}

#[cfg(test)]
pub(in crate::view) mod tests {
    use super::*;
    use crate::view::theme::Role;
    use proptest::prelude::*;

    /// Random documents out of the pieces that interact.
    pub(in crate::view) fn markdown() -> impl Strategy<Value = String> {
        let pieces = prop_oneof![
            Just("\n".to_owned()),
            Just("\n\n".to_owned()),
            Just("    ".to_owned()),
            Just("  ".to_owned()),
            Just("- ".to_owned()),
            Just("-".to_owned()),
            Just("* ".to_owned()),
            Just("***".to_owned()),
            Just("1. ".to_owned()),
            Just("# ".to_owned()),
            Just("> ".to_owned()),
            Just("```".to_owned()),
            Just("~~~rust".to_owned()),
            Just("`".to_owned()),
            Just("**".to_owned()),
            Just("~~".to_owned()),
            Just("---".to_owned()),
            Just("===".to_owned()),
            Just("| a | b |".to_owned()),
            Just("|---|---|".to_owned()),
            Just("<div>".to_owned()),
            Just("<!-- ".to_owned()),
            Just("-->".to_owned()),
            Just("[x](y)".to_owned()),
            Just("[ ] ".to_owned()),
            Just("\\".to_owned()),
            Just("\t".to_owned()),
            Just("&#27;".to_owned()),
            Just("你好，世界".to_owned()),
            Just("👩‍👩‍👧".to_owned()),
            "[a-z]{1,12} ",
        ];
        prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
    }

    fn whole(text: &str, room: usize) -> Vec<Row> {
        let mut stream = Stream::new(Kind::Markdown, room);
        stream.feed(text, true);
        stream.rows().cloned().collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn a_text_in_pieces_looks_like_the_whole_at_every_step(
            text in markdown(),
            step in 1..9_usize,
        ) {
            let mut stream = Stream::new(Kind::Markdown, 24);
            let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).step_by(step).collect();
            for end in ends.into_iter().chain([text.len()]) {
                let (sofar, _) = text.split_at(end);
                stream.feed(sofar, false);
                let rows: Vec<Row> = stream.rows().cloned().collect();
                prop_assert_eq!(rows, whole(sofar, 24), "after {:?}", sofar);
            }
            stream.feed(&text, true);
            let rows: Vec<Row> = stream.rows().cloned().collect();
            prop_assert_eq!(rows, whole(&text, 24));
        }
    }

    #[test]
    fn a_block_of_any_length_keeps_the_open_part_short() {
        let list: Vec<String> = (1..3000)
            .map(|n| format!("{n}. entry number {n}\n"))
            .collect();
        let list = list.concat();
        let code = format!("```rust\n{}", "let x = \"好\";\n".repeat(3000));
        let paragraph = "word ".repeat(10_000);
        let unbroken = "好".repeat(20_000);
        for text in [list, code, paragraph, unbroken] {
            let mut stream = Stream::new(Kind::Markdown, 60);
            let mut end = 0;
            while end < text.len() {
                end = (end + 997).min(text.len());
                while !text.is_char_boundary(end) {
                    end += 1;
                }
                stream.feed(text.get(..end).unwrap(), false);
                assert!(stream.open.len() <= LIMIT);
            }
            stream.feed(&text, true);
            assert_eq!(stream.rows().cloned().collect::<Vec<_>>(), whole(&text, 60));
        }
    }

    #[test]
    fn a_long_code_block_in_pieces_looks_like_the_whole() {
        let text = format!("```rust\n{}", "let x = \"好\";\n".repeat(3000));
        let mut stream = Stream::new(Kind::Markdown, 60);
        for (at, _) in text.char_indices().step_by(701) {
            stream.feed(text.get(..at).unwrap(), false);
        }
        stream.feed(&text, false);
        assert_eq!(stream.rows().cloned().collect::<Vec<_>>(), whole(&text, 60));
    }

    #[test]
    fn another_text_starts_anew() {
        let mut stream = Stream::new(Kind::Plain(Ink::of(Role::Text)), 20);
        stream.feed("hello", false);
        stream.feed("good morning", false);
        let rows: Vec<_> = stream.rows().map(|row| row[0].text.clone()).collect();
        assert_eq!(rows, ["good morning"]);
    }

    #[test]
    fn a_late_definition_takes_effect_when_the_text_is_complete() {
        let text = "see [here]\n\nmore\n\n[here]: http://x\n";
        let mut stream = Stream::new(Kind::Markdown, 40);
        for (at, _) in text.char_indices() {
            stream.feed(text.get(..at).unwrap(), false);
        }
        stream.feed(text, true);
        assert_eq!(stream.rows().cloned().collect::<Vec<_>>(), whole(text, 40));
    }
}
