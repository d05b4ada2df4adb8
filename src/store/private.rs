//! Keeps the store's file and folder to their owner, and asks the system why it refuses.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Makes the folders that are missing on the way to `path`, for the owner only. Folders that
/// exist stay as they are: they may be shared on purpose.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    else {
        return Ok(());
    };
    if folder.is_dir() {
        return Ok(());
    }
    make_folder(folder)?;
    match fs::create_dir(folder) {
        Ok(()) => keep_to_owner(folder, 0o700),
        // Another program was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// Makes an empty file for the owner only, or leaves the one that is there.
pub(super) fn make_file(path: &Path) -> io::Result<()> {
    match create(path) {
        // What the umask took away is given back.
        Ok(_) => keep_to_owner(path, 0o600),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// Takes rights that others have on a file of ours away. A file we may not change stays as it
/// is: somebody else decided that.
#[cfg(unix)]
pub(super) fn tighten(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    if let Ok(found) = fs::metadata(path)
        && found.permissions().mode() & 0o077 != 0
    {
        // It was opened already, so the worst case is the state before.
        let _: io::Result<()> = keep_to_owner(path, 0o600);
    }
}

#[cfg(not(unix))]
pub(super) fn tighten(_path: &Path) {}

/// What the system says when something is written beside the store's file; `None` when it takes
/// it. This tells a full disk from a forbidden folder where SQLite names neither.
pub(super) fn refusal(path: &Path) -> Option<io::Error> {
    if path.is_dir() {
        return Some(io::ErrorKind::IsADirectory.into());
    }
    let mut probe = path.as_os_str().to_owned();
    probe.push(format!(".{}.probe", std::process::id()));
    let probe = Path::new(&probe);
    let written = create(probe).and_then(|mut file| {
        file.write_all(&[0; 4096])?;
        file.sync_all()
    });
    // A probe that was never created cannot be removed either.
    let _: io::Result<()> = fs::remove_file(probe);
    let opened = || OpenOptions::new().append(true).open(path).map(drop);
    written
        .and_then(|()| if path.exists() { opened() } else { Ok(()) })
        .err()
}

#[cfg(unix)]
fn create(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

#[cfg(not(unix))]
fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

#[cfg(unix)]
fn keep_to_owner(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn keep_to_owner(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}
