//! Takes the elements of a long JSON list apart, one at a time, so that a list of any length needs
//! no more memory than its longest element. A list without brackets, one element to a line, is read
//! as well. Elements are found by their brackets alone; whether one makes sense is for its reader.

use std::io::{self, BufRead};

/// An element that is longer is passed over: no conversation is.
pub(super) const LONGEST: usize = 32 << 20;

/// How a conversation begins that ChatGPT exported, and what follows soon.
const BEGINS: &[u8] = b"{\"title\"";
const FOLLOWS: &[u8] = b"\"mapping\"";
const SOON: usize = 1000;

/// Where an element begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Counted from 1, as is its line.
    pub nth: usize,
    pub line: usize,
}

/// What was found there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Element {
    Whole(Vec<u8>),
    /// Its end is missing.
    Cut,
    TooLong,
}

/// The elements of a list.
pub(super) struct Elements<R> {
    from: R,
    longest: usize,
    /// What is read again, before more is read: its next byte is at this place.
    again: Vec<u8>,
    at: usize,
    line: usize,
    nth: usize,
    /// How many bytes were read.
    pub read: u64,
    begun: bool,
}

impl<R: BufRead> Elements<R> {
    pub(super) fn new(from: R, longest: usize) -> Self {
        Self {
            from,
            longest,
            again: vec![],
            at: 0,
            line: 1,
            nth: 0,
            read: 0,
            begun: false,
        }
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        if let Some(byte) = self.again.get(self.at) {
            return Ok(Some(*byte));
        }
        Ok(self.from.fill_buf()?.first().copied())
    }

    fn pass(&mut self, byte: u8) {
        if self.at < self.again.len() {
            self.at += 1;
        } else {
            self.from.consume(1);
        }
        self.read += 1;
        self.line += usize::from(byte == b'\n');
    }

    /// Reads these bytes again.
    fn back(&mut self, bytes: &[u8]) {
        self.read -= bytes.len() as u64;
        self.line -= memchr::memchr_iter(b'\n', bytes).count();
        let rest = self.again.split_off(self.at.min(self.again.len()));
        self.again = [bytes, &rest].concat();
        self.at = 0;
    }

    /// The next element, and where it begins.
    pub(super) fn next(&mut self) -> io::Result<Option<(Place, Element)>> {
        while let Some(byte) = self.byte()? {
            match byte {
                // A list may seem to end early where something is wrong in it.
                b' ' | b'\t' | b'\r' | b'\n' | b',' | b']' => {}
                // A mark that some editors put at the beginning.
                0xef | 0xbb | 0xbf if !self.begun => {}
                b'[' if !self.begun => self.begun = true,
                _ => {
                    self.begun = true;
                    self.nth += 1;
                    let (nth, line) = (self.nth, self.line);
                    let place = Place { nth, line };
                    return Ok(Some((place, self.element()?)));
                }
            }
            self.pass(byte);
        }
        Ok(None)
    }

    fn element(&mut self) -> io::Result<Element> {
        let mut text = vec![];
        let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
        let mut too_long = false;
        loop {
            let Some(byte) = self.byte()? else {
                if !too_long && depth == 0 && !quoted {
                    return Ok(Element::Whole(text));
                }
                // It took in others that follow it.
                if let Some(next) = beginning(&text) {
                    self.back(text.get(next..).unwrap_or_default());
                }
                return Ok(Element::Cut);
            };
            if depth == 0 && !quoted && matches!(byte, b',' | b']') {
                break;
            }
            self.pass(byte);
            text.push(byte);
            if text.len() > self.longest {
                if let Some(next) = beginning(&text) {
                    self.back(text.get(next..).unwrap_or_default());
                    return Ok(Element::Cut);
                }
                too_long = true;
                text.drain(..text.len().saturating_sub(SOON));
            }
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                // No text of JSON goes over the end of a line: a quote is missing.
                b'\n' if quoted => quoted = false,
                b'{' | b'[' if !quoted => depth += 1,
                b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 && !quoted && matches!(byte, b'}' | b']' | b'\n') {
                break;
            }
        }
        Ok(if too_long {
            Element::TooLong
        } else {
            Element::Whole(text)
        })
    }
}

/// Where in an element that has no end the next one may begin.
fn beginning(text: &[u8]) -> Option<usize> {
    let mut begins = memchr::memmem::find_iter(text, BEGINS).filter(|at| *at > 0);
    begins.find(|at| {
        let soon = text.get(*at..text.len().min(at + SOON)).unwrap_or_default();
        memchr::memmem::find(soon, FOLLOWS).is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn all(text: &[u8], longest: usize) -> Vec<(usize, usize, Element)> {
        let mut elements = Elements::new(text, longest);
        let mut all = vec![];
        while let Some((place, element)) = elements.next().unwrap() {
            all.push((place.nth, place.line, element));
        }
        assert!(elements.next().unwrap().is_none());
        all
    }

    fn whole(text: &str) -> Element {
        Element::Whole(text.as_bytes().to_vec())
    }

    #[test]
    fn elements_are_found_with_their_places() {
        let list = b"\xef\xbb\xbf[\n{\"a\": \"}],\\\"\"},\n {\"b\": [1, {}]} ,3]\n";
        let expected = [
            (1, 2, whole("{\"a\": \"}],\\\"\"}")),
            (2, 3, whole("{\"b\": [1, {}]}")),
            (3, 3, whole("3")),
        ];
        assert_eq!(all(list, LONGEST), expected);
        let lines = b"{\"a\":1}\n{\"b\":2}\n";
        let expected = [(1, 1, whole("{\"a\":1}")), (2, 2, whole("{\"b\":2}"))];
        assert_eq!(all(lines, LONGEST), expected);
        assert_eq!(all(b"", LONGEST), []);
        assert_eq!(all(b"[]", LONGEST), []);
    }

    #[test]
    fn what_is_cut_or_too_long_is_told_and_the_rest_is_read() {
        let cut = all(b"[{\"a\":1},{\"b\":", LONGEST);
        assert_eq!(cut, [(1, 1, whole("{\"a\":1}")), (2, 1, Element::Cut)]);
        let long = all(b"[{\"a\":\"xxxxxxxxxxxx\"},{\"b\":2}]", 10);
        assert_eq!(long, [(1, 1, Element::TooLong), (2, 1, whole("{\"b\":2}"))]);
        // One that is cut in the middle takes none of the others along.
        let one = |nth: usize| format!("{{\"title\":\"{nth}\",\"mapping\":{{}}}}");
        let list = format!(
            "[{{\"title\":\"0\",\"mapping\":{{\"x\":[,\n{},{}]",
            one(1),
            one(2)
        );
        for longest in [40, LONGEST] {
            let expected = [
                (1, 1, Element::Cut),
                (2, 2, whole(&one(1))),
                (3, 2, whole(&one(2))),
            ];
            assert_eq!(all(list.as_bytes(), longest), expected, "{longest}");
        }
        // A missing quote spoils one line, not the rest of the file.
        let broken = all(b"{\"a\":\"x}\n{\"b\":2}\n", LONGEST);
        assert_eq!(broken.last().unwrap().1, 1, "it swallows the next");
        let healed = all(b"[{\"a\":\"x},\n\"c\":1},\n{\"b\":2}]", LONGEST);
        assert_eq!(healed.last(), Some(&(2, 3, whole("{\"b\":2}"))));
    }

    proptest! {
        #[test]
        fn no_bytes_confuse_it(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let found = all(&bytes, 50);
            prop_assert!(found.len() <= bytes.len());
        }

        #[test]
        fn whatever_was_written_is_found(texts in proptest::collection::vec(".{0,20}", 0..6)) {
            let list: Vec<Value> = texts.iter().map(|text| serde_json::json!({ "t": [text] })).collect();
            let written = serde_json::to_vec(&list).unwrap();
            let found: Vec<Value> = all(&written, LONGEST)
                .into_iter()
                .map(|(_, _, element)| match element {
                    Element::Whole(text) => serde_json::from_slice(&text).unwrap(),
                    other => panic!("{other:?}"),
                })
                .collect();
            prop_assert_eq!(found, list);
        }
    }
}
