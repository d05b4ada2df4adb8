//! Decodes server-sent events from bytes as they come off the network, whatever way they are cut.
//!
//! Ignorant of what the events mean: that is `mind` and `wire`. Follows the event stream
//! format of the HTML standard, and forgives what real servers get wrong: no space after `data:`,
//! no blank line after the last event, bytes that are no UTF-8.

/// The longest line, and the longest event, that is still believed. Longer ones are a fault of
/// the server, and waiting for their end would cost memory without limit.
const LONGEST: usize = 1 << 20;

/// One event of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// What `event:` said; empty when nothing did.
    pub name: &'a str,
    /// The `data:` lines, joined by line feeds.
    pub data: &'a str,
}

/// A line or an event is longer than any honest server sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event is longer than 1 MiB")]
pub struct TooLong;

/// Turns bytes into events; the same events however the bytes are split.
#[derive(Debug, Default)]
pub struct Decoder {
    /// The start of a line whose end has not arrived.
    line: Vec<u8>,
    data: String,
    name: String,
    /// A `data:` line came, even if it was empty.
    has_data: bool,
    /// The last byte was a carriage return: a line feed after it belongs to the same line end.
    after_return: bool,
    /// The first line is over; only there may a byte order mark stand.
    past_first_line: bool,
}

impl Decoder {
    /// Takes more bytes and hands every event that they complete to `each`.
    pub fn feed<E: From<TooLong>>(
        &mut self,
        mut bytes: &[u8],
        mut each: impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        loop {
            if self.after_return && !bytes.is_empty() {
                self.after_return = false;
                bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
            }
            let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let Some((piece, rest)) = end.and_then(|end| bytes.split_at_checked(end)) else {
                return Ok(self.keep(bytes)?);
            };
            if self.line.is_empty() {
                self.line_ended(piece, &mut each)?;
            } else {
                self.keep(piece)?;
                let mut line = std::mem::take(&mut self.line);
                self.line_ended(&line, &mut each)?;
                line.clear();
                self.line = line;
            }
            self.after_return = rest.first() == Some(&b'\r');
            bytes = rest.get(1..).unwrap_or_default();
        }
    }

    /// The stream is over: hands out what still waits for its blank line.
    pub fn finish<E: From<TooLong>>(
        &mut self,
        mut each: impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() {
            self.line_ended(&line, &mut each)?;
        }
        self.dispatch(&mut each)
    }

    fn keep(&mut self, piece: &[u8]) -> Result<(), TooLong> {
        if self.line.len() + piece.len() > LONGEST {
            return Err(TooLong);
        }
        self.line.extend_from_slice(piece);
        Ok(())
    }

    fn line_ended<E: From<TooLong>>(
        &mut self,
        line: &[u8],
        each: &mut impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let line = if self.past_first_line {
            line
        } else {
            self.past_first_line = true;
            line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)
        };
        if line.is_empty() {
            return self.dispatch(each);
        }
        let mut halves = line.splitn(2, |byte| *byte == b':');
        let field = halves.next().unwrap_or_default();
        let value = halves.next().unwrap_or_default();
        let value = String::from_utf8_lossy(value.strip_prefix(b" ").unwrap_or(value));
        match field {
            b"data" => self.more_data(&value)?,
            b"event" => {
                self.name.clear();
                self.name.push_str(&value);
            }
            // Comments (an empty field name), `id`, `retry`, and whatever comes one day.
            _ => {}
        }
        Ok(())
    }

    fn more_data(&mut self, value: &str) -> Result<(), TooLong> {
        if self.data.len() + value.len() > LONGEST {
            return Err(TooLong);
        }
        if self.has_data {
            self.data.push('\n');
        }
        self.data.push_str(value);
        self.has_data = true;
        Ok(())
    }

    fn dispatch<E>(&mut self, each: &mut impl FnMut(Event<'_>) -> Result<(), E>) -> Result<(), E> {
        if self.has_data {
            each(Event {
                name: &self.name,
                data: &self.data,
            })?;
        }
        self.has_data = false;
        self.data.clear();
        self.name.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode<'a>(
        pieces: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Vec<(String, String)>, TooLong> {
        let mut events = Vec::new();
        let mut decoder = Decoder::default();
        let mut each = |event: Event<'_>| {
            events.push((event.name.to_owned(), event.data.to_owned()));
            Ok::<_, TooLong>(())
        };
        for piece in pieces {
            decoder.feed(piece, &mut each)?;
        }
        decoder.finish(&mut each)?;
        Ok(events)
    }

    fn whole(stream: &str) -> Vec<(String, String)> {
        decode([stream.as_bytes()]).unwrap()
    }

    fn event(name: &str, data: &str) -> (String, String) {
        (name.to_owned(), data.to_owned())
    }

    #[test]
    fn every_way_of_writing_a_stream_is_read() {
        let table: &[(&str, &[(&str, &str)])] = &[
            ("data: a\n\ndata: b\n\n", &[("", "a"), ("", "b")]),
            ("data: a\r\n\r\ndata: b\r\n\r\n", &[("", "a"), ("", "b")]),
            ("data: a\r\rdata: b\r\r", &[("", "a"), ("", "b")]),
            ("data:a\n\n", &[("", "a")]),
            ("data:  a\n\n", &[("", " a")]),
            ("data: a\ndata: b\n\n", &[("", "a\nb")]),
            ("data\n\n", &[("", "")]),
            ("data: a", &[("", "a")]),
            ("data: a\n", &[("", "a")]),
            (": working\n\ndata: a\n\n", &[("", "a")]),
            (":\ndata: a\n\n", &[("", "a")]),
            (
                "event: error\ndata: a\n\ndata: b\n\n",
                &[("error", "a"), ("", "b")],
            ),
            ("event: ping\n\ndata: a\n\n", &[("", "a")]),
            ("id: 7\nretry: 10\nunknown: x\ndata: a\n\n", &[("", "a")]),
            ("\u{feff}data: a\n\n", &[("", "a")]),
            ("data: a\n\n\u{feff}data: b\n\n", &[("", "a")]),
            ("database: a\n\n", &[]),
            ("\n\n\n", &[]),
            ("", &[]),
        ];
        for (stream, events) in table {
            let events: Vec<_> = events
                .iter()
                .map(|(name, data)| event(name, data))
                .collect();
            assert_eq!(whole(stream), events, "{stream:?}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced_and_not_fatal() {
        assert_eq!(
            decode([b"data: a\xff\xfeb\n\n".as_slice()]),
            Ok(vec![event("", "a\u{fffd}\u{fffd}b")])
        );
    }

    #[test]
    fn a_line_or_an_event_without_end_is_refused_before_it_fills_the_memory() {
        let endless = vec![b'x'; LONGEST];
        assert_eq!(decode([endless.as_slice()]), Ok(vec![]));
        assert_eq!(decode([endless.as_slice(), b"x"]), Err(TooLong));
        let line = format!("data: {}\n", "x".repeat(LONGEST / 2));
        assert_eq!(decode(vec![line.as_bytes(); 3]), Err(TooLong));
    }

    #[test]
    fn one_cut_anywhere_changes_nothing() {
        let stream = "\u{feff}: hi\r\ndata: 你好\r\n\r\nevent: e\rdata:👩‍👩‍👧\rdata: b\n\ndata: é";
        let unsplit = whole(stream);
        for at in 0..=stream.len() {
            let (before, after) = stream.as_bytes().split_at(at);
            assert_eq!(decode([before, after]).unwrap(), unsplit, "cut at {at}");
        }
        assert_eq!(decode(stream.as_bytes().chunks(1)).unwrap(), unsplit);
    }

    proptest! {
        #[test]
        fn any_split_of_any_stream_gives_the_same_events(
            lines in proptest::collection::vec("(data: ?|event: |:|)[a-z你é👍]{0,6}(\n|\r\n|\r|\n\n)", 0..20),
            size in 1usize..9,
        ) {
            let stream = lines.concat();
            let unsplit = decode([stream.as_bytes()]);
            prop_assert_eq!(decode(stream.as_bytes().chunks(size)), unsplit);
        }

        #[test]
        fn any_bytes_are_survived_and_decode_alike_when_split(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            size in 1usize..9,
        ) {
            prop_assert_eq!(decode(bytes.chunks(size)), decode([bytes.as_slice()]));
        }
    }
}
