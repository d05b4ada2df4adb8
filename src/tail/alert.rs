//! Wakes who waits for a file to change: as soon as the system says so, and else after a while.
//!
//! The folder is watched and not the file, so that a file that is renamed, made anew or not there
//! yet is noticed as well. Where the system has no such watch, or has run out of them, the time is
//! all there is; and it always runs, because a folder on another machine's disk says nothing.

use std::path::Path;
use std::time::Duration;

/// Looked at this often where nothing tells.
pub const POLL: Duration = Duration::from_millis(250);
/// Looked at this often although the system would tell.
const DOUBT: Duration = Duration::from_secs(5);

/// A watch over a folder. Dropping it ends it.
#[derive(Debug)]
pub struct Alert {
    #[cfg(target_os = "linux")]
    watch: Option<tokio::io::unix::AsyncFd<rustix::fd::OwnedFd>>,
    poll: Duration,
}

impl Alert {
    /// Watches the folder of a file. Must be called within a runtime.
    pub fn new(path: &Path) -> Self {
        #[cfg(target_os = "linux")]
        {
            let folder = path
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty());
            let watch = watch(folder.unwrap_or_else(|| Path::new("."))).ok();
            let poll = if watch.is_some() { DOUBT } else { POLL };
            Self { watch, poll }
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = path;
            Self { poll: POLL }
        }
    }

    /// A watch that looks by the clock only.
    pub const fn by_clock(poll: Duration) -> Self {
        Self {
            #[cfg(target_os = "linux")]
            watch: None,
            poll,
        }
    }

    /// Whether the system tells.
    pub const fn is_told(&self) -> bool {
        #[cfg(target_os = "linux")]
        {
            self.watch.is_some()
        }
        #[cfg(not(target_os = "linux"))]
        false
    }

    /// Waits until something may have changed. Cancel-safe.
    pub async fn wait(&self) {
        #[cfg(target_os = "linux")]
        if let Some(watch) = &self.watch {
            // It is over when the time is, and what broke is looked at by the clock.
            let _ = tokio::time::timeout(self.poll, told(watch)).await;
            return;
        }
        tokio::time::sleep_until(tokio::time::Instant::now() + self.poll).await;
    }
}

#[cfg(target_os = "linux")]
#[expect(
    deprecated,
    reason = "it is sound for a descriptor that is owned, and what came after it is unsafe"
)]
fn watch(folder: &Path) -> std::io::Result<tokio::io::unix::AsyncFd<rustix::fd::OwnedFd>> {
    use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
    let watch = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
    let what = WatchFlags::MODIFY
        | WatchFlags::CREATE
        | WatchFlags::DELETE
        | WatchFlags::MOVED_FROM
        | WatchFlags::MOVED_TO;
    inotify::add_watch(&watch, folder, what)?;
    tokio::io::unix::AsyncFd::new(watch)
}

/// Waits for a word of the system, and takes all there are.
#[cfg(target_os = "linux")]
async fn told(watch: &tokio::io::unix::AsyncFd<rustix::fd::OwnedFd>) -> std::io::Result<()> {
    let mut words = [0; 4096];
    loop {
        let mut ready = watch.readable().await?;
        let mut heard = false;
        while let Ok(taken) = rustix::io::read(watch.get_ref(), &mut words)
            && taken > 0
        {
            heard = true;
        }
        ready.clear_ready();
        if heard {
            return Ok(());
        }
    }
}
