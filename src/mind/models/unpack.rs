//! Unpacks an archive of `tar` that is compressed, with the program that packed it: into a file
//! beside the models, which is gone when it is no longer needed.

use super::error::ModelsError;
use super::shelf::make_folder;
use super::space;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Room that is left to everybody else on the disk.
const SPARE: u64 = 64 << 20;

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packed {
    Gzip,
    Bzip2,
    Xz,
    Zstd,
    Zip,
}

impl Packed {
    /// Told by how the file begins.
    pub(super) fn of(begins: &[u8]) -> Option<Self> {
        let kinds: [(&[u8], Self); 5] = [
            (b"\x1f\x8b", Self::Gzip),
            (b"BZh", Self::Bzip2),
            (b"\xfd7zXZ", Self::Xz),
            (b"\x28\xb5\x2f\xfd", Self::Zstd),
            (b"PK\x03\x04", Self::Zip),
        ];
        let kind = kinds.iter().find(|(magic, _)| begins.starts_with(magic));
        kind.map(|(_, kind)| *kind)
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Zstd => "zstd",
            Self::Zip => "zip",
        }
    }

    /// The program that unpacks its input to its output; nothing where that needs more than one
    /// look at the file.
    const fn program(self) -> Option<&'static str> {
        match self {
            Self::Zip => None,
            Self::Gzip | Self::Bzip2 | Self::Xz | Self::Zstd => Some(self.name()),
        }
    }
}

/// What was unpacked.
#[derive(Debug)]
pub(super) struct Unpacked(PathBuf);

impl Unpacked {
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Unpacked {
    fn drop(&mut self) {
        // Where it cannot be removed now, nothing can be done about it.
        let _ = fs::remove_file(&self.0);
    }
}

/// Unpacks a file into a folder.
pub(super) fn unpack(from: &Path, kind: Packed, folder: &Path) -> Result<Unpacked, ModelsError> {
    let packed = |why: String| ModelsError::Archive {
        path: from.to_owned(),
        why,
    };
    let name = kind.name();
    let program = kind.program().ok_or_else(|| packed(name.to_owned()))?;
    let source = fs::File::open(from).map_err(ModelsError::disk(from))?;
    let started = Command::new(program)
        .arg("-dc")
        .stdin(source)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let child = started.map_err(|error| packed(format!("{name} ({error})")))?;
    make_folder(folder).map_err(ModelsError::disk(folder))?;
    let unpacked = Unpacked(folder.join(format!(".import-{}.tar", std::process::id())));
    let most = space::free(folder).map_or(u64::MAX, |free| free.saturating_sub(SPARE));
    let written = copy(child, unpacked.path(), most).map_err(ModelsError::disk(folder))?;
    // Most begin what they say with their name.
    let said = |why: String| {
        if why.starts_with(name) {
            why
        } else {
            format!("{name}: {why}")
        }
    };
    written.map_err(|why| packed(said(why)))?;
    Ok(unpacked)
}

/// Takes what a program gives, up to so many bytes; `Ok(Err)` is what it says went wrong.
fn copy(mut child: Child, to: &Path, most: u64) -> io::Result<Result<(), String>> {
    let mut output = child
        .stdout
        .take()
        .expect("its output is a pipe")
        .take(most);
    let mut file = fs::File::create(to)?;
    let copied = io::copy(&mut output, &mut file).and_then(|_bytes| file.flush());
    let full = output.limit() == 0;
    // Who has more to say than there is room for hears that nobody listens.
    drop(output);
    let told = child.wait_with_output()?;
    copied?;
    if full {
        return Err(io::Error::from(io::ErrorKind::StorageFull));
    }
    if told.status.success() {
        return Ok(Ok(()));
    }
    let said = String::from_utf8_lossy(&told.stderr);
    let line = said.lines().find(|line| !line.trim().is_empty());
    Ok(Err(line.map_or_else(
        || told.status.to_string(),
        |line| line.trim().to_owned(),
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_a_file_is_packed_is_told_by_its_beginning() {
        let table: [(&[u8], Option<Packed>); 6] = [
            (b"\x1f\x8b\x08", Some(Packed::Gzip)),
            (b"BZh91AY", Some(Packed::Bzip2)),
            (b"\xfd7zXZ\0", Some(Packed::Xz)),
            (b"\x28\xb5\x2f\xfd", Some(Packed::Zstd)),
            (b"PK\x03\x04", Some(Packed::Zip)),
            (b"\x08\x07\x12", None),
        ];
        for (begins, kind) in table {
            assert_eq!(Packed::of(begins), kind);
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_does_not_fit_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("out");
        let run = |line: &str| {
            let mut command = Command::new("/bin/sh");
            command
                .args(["-c", line])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            command.spawn().unwrap()
        };
        assert_eq!(copy(run("printf abc"), &to, 100).unwrap(), Ok(()));
        assert_eq!(fs::read(&to).unwrap(), b"abc");
        let endless = copy(run("while printf abc; do :; done"), &to, 100).unwrap_err();
        assert_eq!(endless.kind(), io::ErrorKind::StorageFull);
        let torn = copy(run("printf a; echo 'unexpected end' >&2; exit 1"), &to, 100);
        assert_eq!(torn.unwrap(), Err("unexpected end".to_owned()));
    }
}
