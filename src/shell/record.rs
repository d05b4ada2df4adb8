//! Writes down every message of a run, so that the run can be played again.
//!
//! The first line says how the model began, every further line is one message with its moment.
//! What the user typed and what the backend answered is in there; secrets are not, because
//! secrets never enter the model.

use crate::core::msg::Msg;
use crate::core::time::Now;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// How a recorded run began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opening {
    /// The version that recorded.
    pub version: String,
    pub seed: u64,
    pub lang: crate::core::words::Lang,
    pub size: (u16, u16),
    pub backend: String,
    pub choice: crate::core::model::Choice,
    #[serde(default)]
    pub personas: Vec<(String, String)>,
    #[serde(default)]
    pub voice: crate::core::voice::Wishes,
}

/// One recorded message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    pub now: Now,
    pub msg: Msg,
}

/// The file a run is written to.
pub struct Recorder(BufWriter<File>);

impl Recorder {
    /// Starts a recording; the file is readable by its owner only.
    pub fn create(path: &Path, opening: &Opening) -> io::Result<Self> {
        let mut recorder = Self(BufWriter::new(private(path)?));
        recorder.line(opening)?;
        Ok(recorder)
    }

    /// Writes one message. Each line is complete on disk before the next begins, so that even a
    /// run that crashes leaves a recording of what led there.
    pub fn write(&mut self, now: Now, msg: &Msg) -> io::Result<()> {
        self.line(&Recorded {
            now,
            msg: msg.clone(),
        })
    }

    fn line(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, value)?;
        self.0.write_all(b"\n")?;
        self.0.flush()
    }
}

/// Creates a file that only its owner can read, whatever the umask.
pub(super) fn private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.create(true).write(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
