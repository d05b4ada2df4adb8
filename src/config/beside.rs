//! The TOML files that a user puts into a folder beside the configuration: themes, personas, words.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// None of them is longer, in bytes. A film named by mistake is not read to its end.
const LONGEST: u64 = 1024 * 1024;
/// More files than this in one folder are not what it is for.
const MOST: usize = 100;

/// One of those files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    pub path: PathBuf,
    /// Its name without the ending.
    pub name: String,
    /// What it says, or why it cannot be read.
    pub text: Result<String, String>,
}

/// The files of a folder, by name. A folder that is not there holds none.
pub fn files(folder: &Path) -> Vec<Beside> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .take(MOST)
        .collect();
    paths.sort();
    paths.into_iter().filter_map(read).collect()
}

/// Reads one of them. A name that is no text calls nothing.
pub fn read(path: PathBuf) -> Option<Beside> {
    let name = path.file_stem()?.to_str()?.to_owned();
    let text = text_of(&path).map_err(|error| error.to_string());
    Some(Beside { path, name, text })
}

fn text_of(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?
        .take(LONGEST + 1)
        .read_to_string(&mut text)?;
    if text.len() as u64 > LONGEST {
        let why = format!("it is longer than {LONGEST} bytes");
        return Err(io::Error::other(why));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_come_by_name_each_with_its_text_or_a_reason() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &[u8]| fs::write(folder.path().join(name), text).unwrap();
        write("b.toml", b"good");
        write("a.toml", b"\xff\xfe");
        write("long.toml", &vec![b'#'; LONGEST as usize + 1]);
        write("note.txt", b"something else");
        fs::create_dir(folder.path().join("dir.toml")).unwrap();
        let found = files(folder.path());
        let names: Vec<_> = found.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "dir", "long"]);
        let good: Vec<_> = found.iter().map(|file| file.text.is_ok()).collect();
        assert_eq!(good, [false, true, false, false]);
        assert_eq!(files(&folder.path().join("none")), []);
    }
}
