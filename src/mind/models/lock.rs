//! Sees to it that two programs do not change one model at the same time.
//!
//! The lock is the system's and ends with the program that holds it, however that ends. Its file
//! stays: whoever removed it could take it from somebody who has just opened it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// How often somebody who waits looks whether the other is done.
const LOOK: Duration = Duration::from_millis(200);

/// Held as long as it lives.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Drop for Lock {
    /// Not left to the closing of the file: a process that is being started holds it, too, until
    /// it has become another program.
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

impl Lock {
    /// Takes the lock, or says who has to wait.
    pub(super) fn attempt(folder: &Path, model: &str) -> io::Result<Option<Self>> {
        let path = folder.join(format!("{model}.lock"));
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Waits for the lock. `waiting` is called once if another program has it.
    pub(super) async fn wait(
        folder: &Path,
        model: &str,
        waiting: impl FnOnce(),
    ) -> io::Result<Self> {
        let mut waiting = Some(waiting);
        loop {
            if let Some(lock) = Self::attempt(folder, model)? {
                return Ok(lock);
            }
            if let Some(waiting) = waiting.take() {
                waiting();
            }
            sleep_until(Instant::now() + LOOK).await;
        }
    }
}
