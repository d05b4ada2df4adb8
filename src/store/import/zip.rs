//! Finds the files with conversations in a zip, and unpacks them as they are read: nothing is
//! written to the disk, and memory is bounded whatever the archive promises.

use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Take};
use std::path::Path;

/// How a zip begins.
pub(super) const MAGIC: &[u8] = b"PK\x03\x04";
/// The end of the list of files is within this distance from the end: itself and a comment.
const END: u64 = 22 + 65_535;
/// The list of files of a sensible archive is shorter.
const LONGEST_LIST: u64 = 64 << 20;

/// A file within the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub name: String,
    /// Unpacked, as the archive says.
    pub size: u64,
    packed: u64,
    method: u16,
    at: u64,
}

fn no(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.to_owned())
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> io::Result<u64> {
    let bytes = bytes.get(at..at + N).ok_or_else(|| no("the zip is cut"))?;
    Ok(bytes
        .iter()
        .rev()
        .fold(0, |all, byte| (all << 8) | u64::from(*byte)))
}

/// The files in an archive that hold conversations, by their names.
pub(super) fn entries(file: &mut File) -> io::Result<Vec<Entry>> {
    let length = file.seek(SeekFrom::End(0))?;
    let tail = END.min(length);
    file.seek(SeekFrom::Start(length - tail))?;
    let mut end = vec![];
    file.by_ref().take(tail).read_to_end(&mut end)?;
    let found = (0..end.len().saturating_sub(21)).rev();
    let mut found = found.filter(|at| end.get(*at..*at + 4) == Some(b"PK\x05\x06".as_slice()));
    let at = found
        .next()
        .ok_or_else(|| no("the list of files at its end is missing"))?;
    let (size, begin) = (number::<4>(&end, at + 12)?, number::<4>(&end, at + 16)?);
    if begin == 0xffff_ffff || size > LONGEST_LIST {
        return Err(no(
            "the zip is too large; unpack it and import `conversations.json`",
        ));
    }
    file.seek(SeekFrom::Start(begin))?;
    let mut list = vec![];
    file.by_ref().take(size).read_to_end(&mut list)?;
    let (mut entries, mut at) = (vec![], 0);
    while list.get(at..at + 4) == Some(b"PK\x01\x02".as_slice()) {
        let lengths = [28, 30, 32].map(|field| number::<2>(&list, at + field));
        let [name, extra, comment] = lengths;
        let (name, extra, comment) = (name? as usize, extra? as usize, comment? as usize);
        let text = list.get(at + 46..at + 46 + name).unwrap_or_default();
        let text = String::from_utf8_lossy(text).into_owned();
        if holds_conversations(&text) {
            if number::<2>(&list, at + 8)? & 1 == 1 {
                return Err(no(
                    "the zip is encrypted; unpack it and import `conversations.json`",
                ));
            }
            entries.push(Entry {
                name: text,
                method: number::<2>(&list, at + 10)? as u16,
                packed: number::<4>(&list, at + 20)?,
                size: number::<4>(&list, at + 24)?,
                at: number::<4>(&list, at + 42)?,
            });
        }
        at += 46 + name + extra + comment;
    }
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(entries)
}

/// Large exports are cut into `conversations-000.json` and so on.
fn holds_conversations(name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap_or(name);
    let is_json = Path::new(name).extension();
    let is_json = is_json.is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
    is_json && name.to_ascii_lowercase().starts_with("conversations")
}

/// What is in a file of the archive.
pub(super) fn open(mut file: File, entry: &Entry) -> io::Result<Box<dyn BufRead>> {
    file.seek(SeekFrom::Start(entry.at))?;
    let mut head = [0; 30];
    file.read_exact(&mut head)?;
    if !head.starts_with(MAGIC) {
        return Err(no("a file of the zip is not where its list says"));
    }
    let skip = number::<2>(&head, 26)? + number::<2>(&head, 28)?;
    file.seek(SeekFrom::Current(skip as i64))?;
    let packed = BufReader::new(file.take(entry.packed));
    match entry.method {
        0 => Ok(Box::new(packed)),
        8 => Ok(Box::new(BufReader::with_capacity(
            1 << 16,
            Unpacked::new(packed),
        ))),
        _ => Err(no(
            "the zip is packed in an unusual way; unpack it and import `conversations.json`",
        )),
    }
}

/// Unpacks as it is read.
struct Unpacked {
    packed: BufReader<Take<File>>,
    state: Box<InflateState>,
    over: bool,
}

impl Unpacked {
    fn new(packed: BufReader<Take<File>>) -> Self {
        Self {
            packed,
            state: InflateState::new_boxed(DataFormat::Raw),
            over: false,
        }
    }
}

impl Read for Unpacked {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        while !self.over && !to.is_empty() {
            let from = self.packed.fill_buf()?;
            let ended = from.is_empty();
            let done = inflate(&mut self.state, from, to, MZFlush::None);
            self.packed.consume(done.bytes_consumed);
            match done.status {
                Ok(MZStatus::StreamEnd) => self.over = true,
                Ok(_) => {}
                // Nothing to do with what there is; more comes, or nothing does.
                Err(MZError::Buf) if !ended || done.bytes_written > 0 => {}
                Err(_) => return Err(no("the zip is damaged")),
            }
            if done.bytes_written > 0 {
                return Ok(done.bytes_written);
            }
            if ended && done.bytes_consumed == 0 && !self.over {
                return Err(no("the zip is cut"));
            }
        }
        Ok(0)
    }
}
