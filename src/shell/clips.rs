//! Finds recordings that a run which was killed has left behind.

use crate::core::ids::TurnId;
use crate::core::sound::RATE;
use std::fs::{self, File};
use std::path::Path;

/// The head of a recording, in bytes.
const HEAD: u64 = 44;

/// Recordings in a folder that nobody is making, and how long they are.
pub(super) fn left(folder: &Path) -> Vec<(TurnId, u32)> {
    // A folder that is not there holds none.
    let Ok(files) = fs::read_dir(folder) else {
        return vec![];
    };
    files
        .flatten()
        .map(|file| file.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "wav"))
        .filter_map(|path| {
            let turn = path.file_stem()?.to_str()?.parse().ok()?;
            let file = File::open(&path).ok()?;
            // Whoever makes one holds a lock on it, and it is free when the file is closed.
            file.try_lock_shared().ok()?;
            let bytes = file.metadata().ok()?.len().checked_sub(HEAD)?;
            let length = bytes * 1000 / (2 * u64::from(RATE));
            Some((turn, u32::try_from(length).unwrap_or(u32::MAX)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_recordings_that_nobody_makes_are_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let turn = TurnId(7);
        let path = folder.path().join(format!("{turn}.wav"));
        fs::write(&path, vec![0; 44 + 32_000]).unwrap();
        fs::write(folder.path().join("mine.wav"), "?").unwrap();
        fs::write(folder.path().join(format!("{turn}.txt")), "?").unwrap();
        let made = File::open(&path).unwrap();
        made.lock().unwrap();
        assert_eq!(left(folder.path()), []);
        // A process that is being started meanwhile would still hold it after a mere `drop`.
        made.unlock().unwrap();
        assert_eq!(left(folder.path()), [(turn, 1_000)]);
        assert_eq!(left(Path::new("/nowhere")), []);
    }
}
