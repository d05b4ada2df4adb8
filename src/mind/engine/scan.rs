//! Looks through a model file before the engine reads it, without keeping any of it: every length
//! lies within the file, nothing is nested without end, and every tensor holds as many numbers as
//! it says. What passes cannot make a reader ask for more memory than a few times the file.
//!
//! ONNX is a protocol buffer; the numbers of its fields are those of `onnx.proto`.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::Path;

/// How deep graphs, types and lists may be nested; models of speech need 5.
const DEEPEST: usize = 16;
/// How many nodes all graphs may have; the largest known has 10,000.
const NODES: usize = 200_000;
/// The largest file that is taken: what is larger would not run on the machines this is for.
const LARGEST: u64 = 6 << 30;

/// A kind of message, as far as it says what its fields are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Message {
    Model,
    Graph,
    Node,
    Attribute,
    Tensor,
    Value,
    Type,
    Sequence,
}

impl Message {
    /// What a field holds, where that is looked into.
    fn field(self, number: u64) -> Option<Self> {
        Some(match (self, number) {
            (Self::Model, 7) | (Self::Attribute, 6 | 11) => Self::Graph,
            (Self::Graph, 1) => Self::Node,
            (Self::Graph, 5) | (Self::Attribute, 5 | 10) => Self::Tensor,
            (Self::Graph, 11..=13) => Self::Value,
            (Self::Node, 5) => Self::Attribute,
            (Self::Value, 2) | (Self::Sequence, 1) => Self::Type,
            (Self::Type, 4) => Self::Sequence,
            _ => return None,
        })
    }
}

/// Checks a file; the error says what is wrong with it.
pub(super) fn scan(path: &Path) -> Result<(), String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let length = file.metadata().map_err(|error| error.to_string())?.len();
    if length > LARGEST {
        return Err(format!("it has {} GB", length >> 30));
    }
    check(BufReader::new(file), length)
}

/// Checks a file that is so long; the error says what is wrong with it.
pub fn check(mut file: impl BufRead + Seek, length: u64) -> Result<(), String> {
    let begin = file.fill_buf().map_err(|error| error.to_string())?;
    // What ends up in place of a model most often.
    if begin.starts_with(b"version https://git-lfs") {
        return Err("it is a pointer of Git LFS, and not the file itself".to_owned());
    }
    if begin.trim_ascii_start().starts_with(b"<") {
        return Err("it is a web page".to_owned());
    }
    let mut scan = Scan {
        file,
        at: 0,
        nodes: 0,
        graphs: 0,
    };
    scan.message(Message::Model, length, 0)?;
    if scan.graphs == 0 || scan.nodes == 0 {
        return Err("it holds no graph".to_owned());
    }
    Ok(())
}

/// A walk through a file.
struct Scan<R> {
    file: R,
    at: u64,
    nodes: usize,
    graphs: usize,
}

impl<R: Read + Seek> Scan<R> {
    fn message(&mut self, kind: Message, end: u64, depth: usize) -> Result<(), String> {
        if depth > DEEPEST {
            return Err(format!("it is nested more than {DEEPEST} deep"));
        }
        match kind {
            Message::Tensor => return self.tensor(end),
            Message::Graph => self.graphs += 1,
            Message::Node => {
                self.nodes += 1;
                if self.nodes > NODES {
                    return Err(format!("it has more than {NODES} nodes"));
                }
            }
            _ => {}
        }
        while self.at < end {
            let (number, held) = self.field(end)?;
            let Held::Bytes(until) = held else { continue };
            match kind.field(number) {
                Some(inner) => self.message(inner, until, depth + 1)?,
                None => self.skip(until)?,
            }
        }
        Ok(())
    }

    /// Holds what a tensor has against what it says to have.
    fn tensor(&mut self, end: u64) -> Result<(), String> {
        let begin = self.at;
        let (mut numbers, mut kind, mut given, mut far) = (Some(1_u64), 0, 0_u64, false);
        while self.at < end {
            let (number, held) = self.field(end)?;
            let until = match held {
                Held::Number(value) => {
                    match number {
                        1 => numbers = times(numbers, value),
                        2 => kind = value,
                        14 => far = value == 1,
                        4 | 5 | 7 | 10 | 11 => given += 8,
                        _ => {}
                    }
                    continue;
                }
                Held::Fixed(bytes) => {
                    given += bytes;
                    continue;
                }
                Held::Bytes(until) => until,
            };
            match number {
                1 => {
                    while self.at < until {
                        let value = self.varint(until)?;
                        numbers = times(numbers, value);
                    }
                }
                // A number of these may be one byte long where it is written, and four in memory.
                5 | 7 | 11 => given += (until - self.at) * 8,
                4 | 6 | 9 | 10 => given += until - self.at,
                _ => {}
            }
            self.skip(until)?;
        }
        if far {
            return Err("it keeps its weights in another file, which is not read".to_owned());
        }
        // Of half a byte to eight bytes, by its kind.
        let least = match kind {
            1 | 6 | 12 => 8,
            4 | 5 | 10 | 16 => 4,
            7 | 11 | 13 | 14 => 16,
            21..=23 => 1,
            _ => 2,
        };
        let wants = numbers.and_then(|numbers| numbers.checked_mul(least));
        match wants {
            Some(wants) if wants / 2 <= given => Ok(()),
            _ => Err(format!(
                "the tensor at byte {begin} holds less than it says"
            )),
        }
    }

    /// The number of the next field, and what it holds.
    fn field(&mut self, end: u64) -> Result<(u64, Held), String> {
        let key = self.varint(end)?;
        let held = match key & 7 {
            0 => Held::Number(self.varint(end)?),
            1 => Held::Fixed(8),
            2 => {
                let length = self.varint(end)?;
                let until = self.at.checked_add(length).filter(|until| *until <= end);
                Held::Bytes(until.ok_or_else(|| {
                    format!("what begins at byte {} goes on beyond its end", self.at)
                })?)
            }
            5 => Held::Fixed(4),
            _ => return Err(self.nonsense()),
        };
        if let Held::Fixed(bytes) = held {
            let until = self.at + bytes;
            if until > end {
                return Err(self.nonsense());
            }
            self.skip(until)?;
        }
        Ok((key >> 3, held))
    }

    fn varint(&mut self, end: u64) -> Result<u64, String> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let mut byte = [0];
            if self.at >= end || self.file.read_exact(&mut byte).is_err() {
                return Err(format!("it ends at byte {} in the middle", self.at));
            }
            self.at += 1;
            value |= u64::from(byte[0] & 0x7f) << shift;
            if byte[0] < 0x80 {
                return Ok(value);
            }
        }
        Err(self.nonsense())
    }

    fn skip(&mut self, until: u64) -> Result<(), String> {
        let by = i64::try_from(until - self.at).map_err(|error| error.to_string())?;
        self.at = until;
        self.file
            .seek_relative(by)
            .map_err(|error: io::Error| error.to_string())
    }

    fn nonsense(&self) -> String {
        format!("it makes no sense at byte {}", self.at)
    }
}

/// What a field holds.
#[derive(Clone, Copy, Debug)]
enum Held {
    Number(u64),
    /// So many bytes, which are read already.
    Fixed(u64),
    /// Everything up to here.
    Bytes(u64),
}

/// A product of sizes, none of which is negative.
fn times(product: Option<u64>, size: u64) -> Option<u64> {
    product?.checked_mul(u64::try_from(i64::try_from(size).ok()?).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mind::engine::onnx::{Graph, Kind, field, number};
    use proptest::prelude::*;
    use std::io::Cursor;

    fn checked(bytes: &[u8]) -> Result<(), String> {
        check(Cursor::new(bytes), bytes.len() as u64)
    }

    fn model() -> Vec<u8> {
        let mut graph = Graph::default();
        graph.input("x", Kind::F32, &[-1, 4]);
        graph.floats("w", &[4, 2], &[0.5; 8]);
        graph.node("MatMul", &["x", "w"], &["y"], &[]);
        graph.output("y", Kind::F32, &[-1, 2]);
        graph.model(&[])
    }

    #[test]
    fn a_whole_model_passes_and_every_shorter_one_does_not() {
        let model = model();
        assert_eq!(checked(&model), Ok(()));
        // The last field is the version of the operators: without it the rest is whole.
        let version = field(8, &number(2, 17)).len();
        for length in (0..model.len()).filter(|length| *length != model.len() - version) {
            assert!(checked(&model[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn what_is_no_model_is_called_what_it_is() {
        let table = [
            (b"".as_slice(), "it holds no graph"),
            (
                b"version https://git-lfs.github.com/spec/v1\n",
                "it is a pointer of Git LFS, and not the file itself",
            ),
            (b" <!DOCTYPE html>", "it is a web page"),
            (b"\x07\x00", "it makes no sense at byte 1"),
            (
                b"\x3a\xff\x01\x00",
                "what begins at byte 3 goes on beyond its end",
            ),
        ];
        for (bytes, why) in table {
            assert_eq!(checked(bytes).unwrap_err(), why);
        }
    }

    /// A model of one node and one tensor.
    fn with(tensor: &[u8]) -> Vec<u8> {
        let graph = [field(1, &field(4, b"Relu")), field(5, tensor)].concat();
        field(7, &graph)
    }

    #[test]
    fn a_tensor_that_says_more_than_it_holds_is_refused() {
        let tensor = |sizes: &[u64], kind: u64, raw: usize| {
            let sizes = sizes.iter().flat_map(|size| number(1, *size));
            let kind = number(2, kind);
            let sizes: Vec<u8> = sizes.chain(kind).collect();
            [sizes, field(9, &vec![0; raw])].concat()
        };
        let short = Err("the tensor at byte".to_owned());
        let table = [
            (tensor(&[2, 3], 1, 24), Ok(())),
            (tensor(&[2, 3], 7, 48), Ok(())),
            (tensor(&[], 1, 4), Ok(())),
            (tensor(&[0, 1 << 40], 1, 0), Ok(())),
            (tensor(&[2, 3], 1, 20), short.clone()),
            (tensor(&[1 << 40], 1, 24), short.clone()),
            (tensor(&[1 << 40, 1 << 40], 1, 24), short.clone()),
            (tensor(&[u64::MAX], 1, 24), short),
        ];
        for (tensor, expected) in table {
            let found = checked(&with(&tensor));
            match expected {
                Ok(()) => assert_eq!(found, Ok(())),
                Err(begin) => assert!(found.unwrap_err().starts_with(&begin)),
            }
        }
        let far = [number(1, 2), number(2, 1), number(14, 1)].concat();
        assert!(checked(&with(&far)).unwrap_err().contains("another file"));
    }

    #[test]
    fn what_is_nested_without_end_is_refused() {
        let mut graph = field(1, &field(4, b"Relu"));
        for _ in 0..1_000 {
            graph = field(1, &field(5, &field(6, &graph)));
        }
        let error = checked(&field(7, &graph)).unwrap_err();
        assert_eq!(error, "it is nested more than 16 deep");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = checked(&bytes);
        }

        #[test]
        fn no_change_of_a_model_makes_it_panic(at in 0_usize..120, byte in any::<u8>()) {
            let mut model = model();
            let at = at % model.len();
            model[at] = byte;
            let _ = checked(&model);
        }
    }
}
