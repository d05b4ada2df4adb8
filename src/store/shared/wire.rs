//! Messages of PostgreSQL's protocol, version 3, as a client writes and reads them:
//! <https://www.postgresql.org/docs/current/protocol-message-formats.html>. Pure.
//!
//! All values go over in their text form, so that nothing has to be known of how numbers are laid
//! out there.

/// The version that is asked for.
const VERSION: i32 = 196_608;

/// What asks for encryption.
pub(super) const ENCRYPT: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// A longer message is none of what we ask for.
const LONGEST: usize = 256 << 20;

/// A value of a statement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Text(&'a str),
    /// A text that may be missing.
    Maybe(Option<&'a str>),
    Int(i64),
    Truth(bool),
}

impl Value<'_> {
    /// The number of its type there.
    fn kind(self) -> i32 {
        match self {
            Self::Text(_) | Self::Maybe(_) => 25,
            Self::Int(_) => 20,
            Self::Truth(_) => 16,
        }
    }
}

/// Messages on their way out, one after the other.
#[derive(Debug, Default)]
pub(super) struct Out(pub(super) Vec<u8>);

impl Out {
    /// A message of this kind; what it holds is added by `fill`, and its length afterwards.
    fn message(&mut self, kind: Option<u8>, fill: impl FnOnce(&mut Vec<u8>)) {
        self.0.extend(kind);
        let start = self.0.len();
        self.0.extend([0; 4]);
        fill(&mut self.0);
        let length = i32::try_from(self.0.len() - start).unwrap_or(i32::MAX);
        if let Some(place) = self.0.get_mut(start..start + 4) {
            place.copy_from_slice(&length.to_be_bytes());
        }
    }

    /// The first one: who asks, and for what.
    pub(super) fn startup(&mut self, settings: &[(&str, &str)]) {
        self.message(None, |out| {
            out.extend(VERSION.to_be_bytes());
            for (name, value) in settings {
                text(out, name);
                text(out, value);
            }
            out.push(0);
        });
    }

    /// A password as it is.
    pub(super) fn password(&mut self, password: &str) {
        self.message(Some(b'p'), |out| text(out, password));
    }

    /// The first word of a proof, in this way of proving.
    pub(super) fn proof_begins(&mut self, way: &str, word: &str) {
        self.message(Some(b'p'), |out| {
            text(out, way);
            out.extend(length(word.len()));
            out.extend(word.as_bytes());
        });
    }

    pub(super) fn proof_goes_on(&mut self, word: &str) {
        self.message(Some(b'p'), |out| out.extend(word.as_bytes()));
    }

    /// Statements without values.
    pub(super) fn simple(&mut self, sql: &str) {
        self.message(Some(b'Q'), |out| text(out, sql));
    }

    /// A statement, its values, and that it is to be carried out.
    pub(super) fn statement(&mut self, sql: &str, values: &[Value<'_>]) {
        let count = u16::try_from(values.len())
            .unwrap_or(u16::MAX)
            .to_be_bytes();
        self.message(Some(b'P'), |out| {
            text(out, "");
            text(out, sql);
            out.extend(count);
            for value in values {
                out.extend(value.kind().to_be_bytes());
            }
        });
        self.message(Some(b'B'), |out| {
            // No names; all values are texts.
            out.extend([0, 0, 0, 0]);
            out.extend(count);
            for value in values {
                let int;
                let written = match value {
                    Value::Text(text) => Some(*text),
                    Value::Maybe(text) => *text,
                    Value::Int(number) => {
                        int = number.to_string();
                        Some(int.as_str())
                    }
                    Value::Truth(true) => Some("t"),
                    Value::Truth(false) => Some("f"),
                };
                match written {
                    None => out.extend((-1_i32).to_be_bytes()),
                    Some(written) => {
                        out.extend(length(written.len()));
                        out.extend(written.as_bytes());
                    }
                }
            }
            // So is what comes back.
            out.extend([0, 0]);
        });
        self.message(Some(b'E'), |out| {
            text(out, "");
            out.extend([0; 4]);
        });
        self.message(Some(b'S'), |_out| {});
    }
}

/// A text, and its end. What is behind a zero in it would be another field.
fn text(out: &mut Vec<u8>, text: &str) {
    out.extend(text.bytes().filter(|byte| *byte != 0));
    out.push(0);
}

fn length(length: usize) -> [u8; 4] {
    i32::try_from(length).unwrap_or(i32::MAX).to_be_bytes()
}

/// A message that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum In {
    /// How the user is to be proved, or that it is.
    Proof(Proof),
    /// A row that was asked for.
    Row(Row),
    /// What went wrong.
    Trouble(Trouble),
    /// Everything that was asked is answered.
    Ready,
    /// Nothing that matters here.
    Other,
}

/// How a user is proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    Done,
    Password,
    /// One of these ways, each in several words.
    Ways(Vec<String>),
    /// The next word.
    Word(String),
    /// The last word.
    Last(String),
    Unknown(i32),
}

/// What went wrong, in the words of the database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Trouble {
    /// Five letters and digits that stay the same in all languages.
    pub(super) code: String,
    pub(super) why: String,
}

/// One row, in text; `None` is nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row(Vec<Option<String>>);

impl Row {
    pub(super) fn maybe(&self, at: usize) -> Option<&str> {
        self.0.get(at)?.as_deref()
    }

    /// A column that is always there.
    pub(super) fn text(&self, at: usize) -> String {
        self.maybe(at).unwrap_or_default().to_owned()
    }

    /// `None`: there is nothing, or no number.
    pub(super) fn int(&self, at: usize) -> Option<i64> {
        self.maybe(at)?.parse().ok()
    }

    pub(super) fn truth(&self, at: usize) -> bool {
        self.maybe(at) == Some("t")
    }
}

/// How long a message is, its head included; `None`: it is none.
pub(super) fn whole(head: [u8; 5]) -> Option<usize> {
    let [_, length @ ..] = head;
    let length = usize::try_from(i32::from_be_bytes(length)).ok()?;
    (4..=LONGEST).contains(&length).then_some(length + 1)
}

impl Proof {
    /// What people call it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Password => "in plain text over a line without encryption".to_owned(),
            Self::Unknown(5) => "as MD5, which whoever listens could use as well".to_owned(),
            Self::Unknown(7..=9) => "by GSSAPI or SSPI".to_owned(),
            Self::Ways(ways) => format!("by {}", ways.join(" or ")),
            Self::Unknown(other) => format!("in a way of the number {other}"),
            Self::Done | Self::Word(_) | Self::Last(_) => "and takes none".to_owned(),
        }
    }
}

/// Reads one message; `None`: it is none.
pub(super) fn read(kind: u8, body: &[u8]) -> Option<In> {
    Some(match kind {
        b'R' => In::Proof(proof(body)?),
        b'D' => In::Row(row(body)?),
        b'E' => In::Trouble(trouble(body)),
        b'Z' => In::Ready,
        _ => In::Other,
    })
}

fn proof(body: &[u8]) -> Option<Proof> {
    let (kind, rest) = int(body)?;
    let word = || String::from_utf8_lossy(rest).into_owned();
    Some(match kind {
        0 => Proof::Done,
        3 => Proof::Password,
        10 => {
            let ways = rest.split(|byte| *byte == 0);
            let ways = ways.filter(|way| !way.is_empty());
            Proof::Ways(
                ways.map(|way| String::from_utf8_lossy(way).into_owned())
                    .collect(),
            )
        }
        11 => Proof::Word(word()),
        12 => Proof::Last(word()),
        other => Proof::Unknown(other),
    })
}

fn int(bytes: &[u8]) -> Option<(i32, &[u8])> {
    let (int, rest) = bytes.split_first_chunk()?;
    Some((i32::from_be_bytes(*int), rest))
}

fn row(body: &[u8]) -> Option<Row> {
    let (count, mut rest) = body.split_first_chunk()?;
    let mut columns = vec![];
    for _ in 0..u16::from_be_bytes(*count) {
        let (length, after) = int(rest)?;
        rest = after;
        columns.push(match usize::try_from(length) {
            Err(_nothing) => None,
            Ok(length) => {
                let (column, after) = rest.split_at_checked(length)?;
                rest = after;
                Some(String::from_utf8_lossy(column).into_owned())
            }
        });
    }
    Some(Row(columns))
}

fn trouble(body: &[u8]) -> Trouble {
    let mut trouble = Trouble::default();
    for field in body.split(|byte| *byte == 0) {
        if let Some((kind, text)) = field.split_first() {
            let text = String::from_utf8_lossy(text).into_owned();
            match kind {
                b'C' => trouble.code = text,
                b'M' => trouble.why = text,
                _ => {}
            }
        }
    }
    trouble
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_statement_goes_out_as_the_protocol_says() {
        let mut out = Out::default();
        out.statement("SELECT $1", &[Value::Int(-7), Value::Maybe(None)]);
        let expected = [
            &b"P\x00\x00\x00\x19\x00SELECT $1\x00\x00\x02\x00\x00\x00\x14\x00\x00\x00\x19"[..],
            b"B\x00\x00\x00\x16\x00\x00\x00\x00\x00\x02\x00\x00\x00\x02-7\xff\xff\xff\xff\x00\x00",
            b"E\x00\x00\x00\x09\x00\x00\x00\x00\x00",
            b"S\x00\x00\x00\x04",
        ];
        assert_eq!(out.0, expected.concat());
        let mut out = Out::default();
        out.startup(&[("user", "ann\0bob")]);
        assert_eq!(
            out.0,
            b"\x00\x00\x00\x15\x00\x03\x00\x00user\x00annbob\x00\x00"
        );
    }

    #[test]
    fn what_comes_is_read() {
        let row = In::Row(Row(vec![Some("t".into()), None, Some(String::new())]));
        let ways = vec!["SCRAM-SHA-256-PLUS".to_owned(), "SCRAM-SHA-256".to_owned()];
        let trouble = Trouble {
            code: "28P01".into(),
            why: "no".into(),
        };
        for (kind, body, expected) in [
            (
                b'D',
                &b"\x00\x03\x00\x00\x00\x01t\xff\xff\xff\xff\x00\x00\x00\x00"[..],
                Some(row),
            ),
            (b'D', b"\x00\x01\x00\x00\x00\x09t", None),
            (b'R', b"\x00\x00\x00\x00", Some(In::Proof(Proof::Done))),
            (
                b'R',
                b"\x00\x00\x00\x0aSCRAM-SHA-256-PLUS\x00SCRAM-SHA-256\x00\x00",
                Some(In::Proof(Proof::Ways(ways))),
            ),
            (b'R', b"\x00", None),
            (
                b'E',
                b"SFATAL\x00C28P01\x00Mno\x00\x00",
                Some(In::Trouble(trouble)),
            ),
            (b'Z', b"I", Some(In::Ready)),
            (b'?', b"", Some(In::Other)),
        ] {
            assert_eq!(read(kind, body), expected, "{}", char::from(kind));
        }
        assert_eq!(whole(*b"Z\x00\x00\x00\x05"), Some(6));
        assert_eq!(whole(*b"Z\x00\x00\x00\x03"), None);
        assert_eq!(whole(*b"HTTP/"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_message_or_none(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            for kind in *b"RDEZ?" {
                let _ = read(kind, &bytes);
            }
        }
    }
}
