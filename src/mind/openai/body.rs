//! Finds out in which form an answer arrives, and takes it in that form: a stream of events, one
//! JSON text from a server that does not stream, or a web page from somebody else altogether.
//!
//! The first visible byte decides, because servers set their content type carelessly and the
//! three forms cannot begin alike.

use super::answer::{Answer, End, Spoiled};
use crate::codec::sse::Decoder;

/// The longest answer in one piece that is read.
const LONGEST: usize = 8 << 20;

#[derive(Debug)]
enum Form {
    /// Nothing but white space so far.
    Unknown,
    Events,
    Whole(Vec<u8>),
}

/// Why a body cannot be read on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It is a page for a browser.
    Page,
    Spoiled(Spoiled),
}

impl From<Spoiled> for Unfit {
    fn from(spoiled: Spoiled) -> Self {
        Self::Spoiled(spoiled)
    }
}

/// The body of one answer.
#[derive(Debug)]
pub(super) struct Body {
    form: Form,
    decoder: Decoder,
    empty: bool,
}

impl Body {
    pub(super) fn new() -> Self {
        Self {
            form: Form::Unknown,
            decoder: Decoder::default(),
            empty: true,
        }
    }

    /// Takes more bytes.
    pub(super) fn feed(&mut self, bytes: &[u8], answer: &mut Answer<'_>) -> Result<(), Unfit> {
        let mut fresh = bytes;
        if matches!(self.form, Form::Unknown) {
            let dull = |byte: &u8| byte.is_ascii_whitespace() || b"\xef\xbb\xbf".contains(byte);
            let start = bytes
                .iter()
                .position(|byte| !dull(byte))
                .unwrap_or(bytes.len());
            let Some(first) = bytes.get(start) else {
                return Ok(());
            };
            self.empty = false;
            fresh = bytes.get(start..).unwrap_or_default();
            self.form = match first {
                b'<' => return Err(Unfit::Page),
                b'{' | b'[' => Form::Whole(Vec::new()),
                _ => Form::Events,
            };
        }
        if let Form::Whole(whole) = &mut self.form {
            if whole.len() + fresh.len() > LONGEST {
                let why = format!("it is longer than {} MiB", LONGEST >> 20);
                return Err(Spoiled::Senseless(why).into());
            }
            whole.extend_from_slice(fresh);
            return Ok(());
        }
        Ok(self.decoder.feed(fresh, |event| answer.event(event))?)
    }

    /// The body is over.
    pub(super) fn finish(&mut self, answer: &mut Answer<'_>) -> Result<End, Unfit> {
        if let Form::Whole(whole) = &self.form {
            answer.data(&String::from_utf8_lossy(whole))?;
        } else {
            self.decoder.finish(|event| answer.event(event))?;
        }
        Ok(match answer.end() {
            End::Cut if !self.empty && answer.saw_nothing() => {
                End::Senseless("it is neither a stream of events nor JSON".to_owned())
            }
            end => end,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mind::{Endpoint, Finish, Thought};

    fn read(pieces: &[&[u8]]) -> (Vec<Thought>, Result<End, Unfit>) {
        let endpoint = Endpoint::new("http://h/v1");
        let mut answer = Answer::new(&endpoint, 0);
        let mut body = Body::new();
        let fed = pieces
            .iter()
            .try_for_each(|piece| body.feed(piece, &mut answer));
        let end = fed.and_then(|()| body.finish(&mut answer));
        (answer.ready().collect(), end)
    }

    #[test]
    fn the_first_visible_byte_decides_the_form() {
        let hi = || vec![Thought::Text("hi".to_owned())];
        let events = "\u{feff}\r\n: hello\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\n\ndata: [DONE]";
        let whole = " \n{\"choices\":[{\"message\":{\"content\":\"hi\"}}]}";
        let complete = || Ok(End::Complete(Finish::Stop));
        for stream in [events, whole] {
            assert_eq!(read(&[stream.as_bytes()]), (hi(), complete()));
            let bytes: Vec<_> = stream.as_bytes().chunks(1).collect();
            assert_eq!(read(&bytes), (hi(), complete()), "byte by byte");
        }
        assert_eq!(read(&[b"\n <!doctype html><p>sign in"]).1, Err(Unfit::Page));
        assert_eq!(read(&[b"", b" "]).1, Ok(End::Cut));
        assert!(matches!(read(&[b"good day"]).1, Ok(End::Senseless(_))));
        assert_eq!(read(&[b"{\"choices\":[{\"mess"]).1, Ok(End::Cut));
        let endless = vec![b'['; LONGEST];
        assert!(matches!(
            read(&[&endless, b"["]).1,
            Err(Unfit::Spoiled(Spoiled::Senseless(_)))
        ));
    }
}
