//! Keeps who we are to backends that know their clients as devices.

use super::boot::seed;
use crate::wire::xiaozhi::Identity;
use anyhow::{Context as _, bail};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

/// The file in the data directory.
const FILE: &str = "device";

/// The identity that is kept in this folder; one is made up the first time.
pub(super) fn identity(folder: &Path) -> anyhow::Result<Identity> {
    let path = folder.join(FILE);
    let shown = path.display();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // The store makes the folder, too, and may not have come to it yet.
    let _ = std::fs::create_dir_all(folder);
    match options.open(&path) {
        Ok(mut file) => {
            let made = Identity::made_of([seed(), seed(), seed()]);
            let written = writeln!(file, "{made}").and_then(|()| file.sync_all());
            if let Err(error) = written {
                // Half of one would be in the way of the next attempt.
                let _ = std::fs::remove_file(&path);
                return Err(error).with_context(|| format!("`{shown}` cannot be written"));
            }
            Ok(made)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("`{shown}` cannot be read"))?;
            match Identity::read(&text) {
                Some(identity) => Ok(identity),
                None => bail!(
                    "`{shown}` does not say which device this is; hint: remove it to become a \
                     new one, which backends have to be told of anew"
                ),
            }
        }
        Err(error) => Err(error).with_context(|| format!("`{shown}` cannot be written")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_made_once_and_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let made = identity(&folder.path().join("new")).unwrap();
        assert_eq!(identity(&folder.path().join("new")).unwrap(), made);
        std::fs::write(folder.path().join(FILE), "nonsense").unwrap();
        let told = identity(folder.path()).unwrap_err().to_string();
        assert!(told.contains("remove it"), "{told}");
        let kept = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert_eq!(kept, "nonsense");
    }
}
