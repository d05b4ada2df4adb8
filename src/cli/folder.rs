//! A folder that lasts as long as a script or the demo, and that only its owner can look into.

use crate::shell::boot;
use anyhow::Context as _;
use std::fs::{self, DirBuilder};
use std::path::{Path, PathBuf};

/// It goes, with all that is in it, when this is dropped.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// A new one, with what it is for in its name.
    pub(super) fn new(what: &str) -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("hearsay-{what}-{:016x}", boot::seed()));
        #[cfg_attr(not(unix), expect(unused_mut, reason = "there are no rights to set"))]
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        // One that is there already is somebody else's.
        (builder.create(&path))
            .with_context(|| format!("cannot make the folder `{}`", path.display()))?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn text(&self) -> anyhow::Result<String> {
        let text = self.0.to_str().map(str::to_owned);
        text.with_context(|| format!("`{}` is no UTF-8 text", self.0.display()))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left to whoever tidies the system's folder.
        let _ = fs::remove_dir_all(&self.0);
    }
}
