//! The cookie of PulseAudio: 256 bytes of a user's own that each client shows. Whoever comes first
//! makes it. PipeWire in PulseAudio's place does not look at it, but hangs up on whoever has none.

use std::fs::OpenOptions;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

/// As long as it must be.
const LENGTH: u64 = 256;

/// Makes the cookie if there is none. Where that fails a server without authentication is reached
/// as before, and any other says what is wrong.
pub(super) fn ensure() {
    let home = std::env::home_dir();
    let named = std::env::var_os("PULSE_COOKIE").is_some_and(|path| Path::new(&path).exists());
    if let (Some(home), false) = (home, named) {
        let _ = ensure_in(&home);
    }
}

fn ensure_in(home: &Path) -> io::Result<()> {
    let folder = home.join(".config/pulse");
    let cookie = folder.join("cookie");
    if cookie.exists() || home.join(".pulse-cookie").exists() {
        return Ok(());
    }
    let mut bytes = vec![];
    let chance = std::fs::File::open("/dev/urandom")?;
    chance.take(LENGTH).read_to_end(&mut bytes)?;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    // Never over one that somebody else made meanwhile.
    let mut options = OpenOptions::new();
    let options = options.write(true).create_new(true).mode(0o600);
    options.open(cookie)?.write_all(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn who_has_no_cookie_gets_one_of_their_own_and_keeps_it() {
        let home = tempfile::tempdir().unwrap();
        let cookie = home.path().join(".config/pulse/cookie");
        ensure_in(home.path()).unwrap();
        let made = std::fs::read(&cookie).unwrap();
        let mode = cookie.metadata().unwrap().permissions().mode();
        assert_eq!((made.len(), mode & 0o777), (256, 0o600));
        ensure_in(home.path()).unwrap();
        assert_eq!(std::fs::read(&cookie).unwrap(), made);
    }

    #[test]
    fn an_old_cookie_is_enough() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join(".pulse-cookie"), [7; 256]).unwrap();
        ensure_in(home.path()).unwrap();
        assert!(!home.path().join(".config").exists());
    }

    #[test]
    fn a_home_that_cannot_be_written_gets_none() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join(".config"), "a file").unwrap();
        assert!(ensure_in(home.path()).is_err());
    }
}
