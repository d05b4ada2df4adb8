//! Reads what is in a tar archive: names, and where their bytes are. Pure: it reads whatever it is
//! handed.
//!
//! The forms that `tar` writes today: ustar, GNU long names, and the extended heads of POSIX.1-2001.
//! <https://www.gnu.org/software/tar/manual/html_node/Standard.html>

use std::io::{self, Read, Seek, SeekFrom};

/// One file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) name: String,
    /// Where its bytes begin.
    pub(super) at: u64,
    pub(super) size: u64,
}

const BLOCK: u64 = 512;
/// No archive of models holds more.
const MOST: usize = 10_000;
/// No name is longer.
const LONGEST: u64 = 64 << 10;

/// Whether a file that begins like this is an archive.
pub(super) fn is_tar(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar")
}

/// The files in an archive.
pub(super) fn list(archive: &mut (impl Read + Seek)) -> io::Result<Vec<Member>> {
    let mut members = vec![];
    let mut long: Option<String> = None;
    for _head in 0..MOST {
        let mut head = [0; BLOCK as usize];
        match archive.read_exact(&mut head) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(members),
            done => done?,
        }
        if head.iter().all(|byte| *byte == 0) {
            return Ok(members);
        }
        if !adds_up(&head) {
            return Err(broken("a head in it does not add up"));
        }
        let size = number(&head[124..136]).ok_or_else(|| broken("a size in it is no number"))?;
        let at = archive.stream_position()?;
        match head[156] {
            b'L' => long = Some(text(&read(archive, size)?)),
            b'x' => {
                let extended = read(archive, size)?;
                long = path_of(&extended).or(long);
            }
            b'0' | 0 | b'7' => members.push(Member {
                name: long.take().unwrap_or_else(|| name(&head)),
                at,
                size,
            }),
            // Folders, links, and heads for everybody.
            _ => long = None,
        }
        let next = size
            .checked_next_multiple_of(BLOCK)
            .and_then(|size| at.checked_add(size));
        let next = next.ok_or_else(|| broken("a size in it is too large"))?;
        archive.seek(SeekFrom::Start(next))?;
    }
    Err(broken("it holds too many files"))
}

fn broken(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// Whether the sum in a head is that of its bytes, its own place counted as blanks.
fn adds_up(head: &[u8; BLOCK as usize]) -> bool {
    let sum = |(at, byte): (usize, &u8)| {
        let own = (148..156).contains(&at);
        u64::from(if own { b' ' } else { *byte })
    };
    let found: u64 = head.iter().enumerate().map(sum).sum();
    number(&head[148..156]) == Some(found)
}

/// Octal digits, or for large numbers plain bytes behind a first bit.
fn number(field: &[u8]) -> Option<u64> {
    if field.first()? & 0x80 != 0 {
        let mut digits = field.iter().skip(1);
        return digits.try_fold(u64::from(field[0] & 0x7f), |sum, byte| {
            sum.checked_mul(256)?.checked_add(u64::from(*byte))
        });
    }
    let digits = text(field);
    let digits = digits.trim();
    match digits {
        "" => Some(0),
        digits => u64::from_str_radix(digits, 8).ok(),
    }
}

fn name(head: &[u8; BLOCK as usize]) -> String {
    let (name, prefix) = (text(&head[..100]), text(&head[345..500]));
    // Before the standard there was something else where the prefix is.
    if prefix.is_empty() || &head[257..263] != b"ustar\0" {
        name
    } else {
        format!("{prefix}/{name}")
    }
}

/// The path in an extended head: lines of `LENGTH KEY=VALUE`.
fn path_of(extended: &[u8]) -> Option<String> {
    let mut rest = extended;
    while !rest.is_empty() {
        let blank = rest.iter().position(|byte| *byte == b' ')?;
        let length: usize = text(&rest[..blank]).parse().ok()?;
        let line = rest.get(blank + 1..length)?;
        if let Some(path) = line.strip_prefix(b"path=") {
            return Some(text(path.strip_suffix(b"\n").unwrap_or(path)));
        }
        rest = rest.get(length..)?;
    }
    None
}

fn read(archive: &mut impl Read, size: u64) -> io::Result<Vec<u8>> {
    if size > LONGEST {
        return Err(broken("a name in it is too long"));
    }
    let mut bytes = vec![0; size as usize];
    archive.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Up to the first zero.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0);
    String::from_utf8_lossy(&bytes[..end.unwrap_or(bytes.len())]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Cursor;

    /// A head as the standard has it.
    fn head(name: &str, size: usize, kind: u8) -> Vec<u8> {
        let mut head = vec![0; 512];
        head[..name.len()].copy_from_slice(name.as_bytes());
        head[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
        head[148..156].copy_from_slice(b"        ");
        head[156] = kind;
        head[257..263].copy_from_slice(b"ustar\0");
        let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
        head[148..154].copy_from_slice(format!("{sum:06o}").as_bytes());
        head[154] = 0;
        head
    }

    fn member(name: &str, kind: u8, bytes: &[u8]) -> Vec<u8> {
        let mut all = head(name, bytes.len(), kind);
        all.extend(bytes);
        all.resize(all.len().next_multiple_of(512), 0);
        all
    }

    #[test]
    fn names_of_every_form_are_read() {
        let long = "deep/".repeat(40) + "model.onnx";
        let extended = "25 path=posix/tokens.txt\n";
        let archive = [
            member("m/", b'5', b""),
            member("m/a.onnx", b'0', &[7; 700]),
            member("././@LongLink", b'L', format!("{long}\0").as_bytes()),
            member("deep/deep", b'0', b"abc"),
            member("pax", b'x', extended.as_bytes()),
            member("short", b'0', b"de"),
            member("link", b'2', b""),
            vec![0; 1024],
        ]
        .concat();
        let found = list(&mut Cursor::new(&archive)).unwrap();
        let names: Vec<_> = found.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["m/a.onnx", &long, "posix/tokens.txt"]);
        let bytes = |one: &Member| archive[one.at as usize..(one.at + one.size) as usize].to_vec();
        assert_eq!(bytes(&found[0]), [7; 700]);
        assert_eq!(bytes(&found[1]), b"abc");
        assert_eq!(bytes(&found[2]), b"de");
        assert!(is_tar(&archive[512..]));
    }

    #[test]
    fn a_damaged_archive_is_refused() {
        let mut archive = member("a", b'0', b"abc");
        archive[5] ^= 1;
        let error = list(&mut Cursor::new(archive)).unwrap_err();
        assert_eq!(error.to_string(), "a head in it does not add up");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..2048), kind in any::<u8>(), size in any::<u64>()) {
            let _ = list(&mut Cursor::new(&bytes));
            let mut archive = head("a", 0, kind);
            archive[124] = 0x80;
            archive[128..136].copy_from_slice(&size.to_be_bytes());
            archive[148..156].copy_from_slice(b"        ");
            let sum: u32 = archive.iter().map(|byte| u32::from(*byte)).sum();
            archive[148..154].copy_from_slice(format!("{sum:06o}").as_bytes());
            archive[154] = 0;
            archive.extend(bytes);
            let _ = list(&mut Cursor::new(&archive));
        }
    }
}
