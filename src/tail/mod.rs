//! Follows logs: files that grow, are cut short, renamed and made anew, a million lines long.
//!
//! [`reel`] is a log that goes on over several files, made of [`roll`]s, the lines of one file;
//! [`viewer`] is where somebody is in it, and what is on the screen of it; [`spool`] is where lines
//! go that come from elsewhere, so that they are a file like any other; `identity` knows one file
//! from another; [`alert`] wakes who waits for a file to change; [`watched`] is a log that several
//! follow at the same time.
//!
//! Only the places of every 64th line are kept in memory, and only the lines that are looked at are
//! read. Whoever owns one of these may wait for the disk: see to it that it is not who draws.

pub mod alert;
mod identity;
pub mod reel;
pub mod roll;
pub mod spool;
pub mod viewer;
pub mod watched;

pub use identity::{Identity, aside};
pub use reel::Reel;
pub use spool::Spool;
pub use viewer::Viewer;
pub use watched::Watched;

/// A log could not be read.
#[derive(Debug, thiserror::Error)]
pub enum TailError {
    #[error("`{}` is a folder", path.display())]
    Folder { path: std::path::PathBuf },
    #[error("`{}` cannot be read", path.display())]
    Read {
        path: std::path::PathBuf,
        #[source]
        source: std::io::Error,
    },
}
