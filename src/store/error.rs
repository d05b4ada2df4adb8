//! What can go wrong in the store, sorted by what helps against it.

use super::private;
use crate::core::record::StoreTrouble;
use rusqlite::ErrorCode;
use rusqlite::ffi;
use std::io;
use std::path::{Path, PathBuf};

/// Why the store could not do something. What was stored before is never harmed by it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another program holds the file for too long.
    #[error("another program holds `{}` for too long", path.display())]
    Busy { path: PathBuf },
    /// The store was closed, or its thread is gone.
    #[error("the store is closed")]
    Closed,
    /// The file is not a database of ours or is damaged. It is left as it is.
    #[error("`{}` is not a readable store: {why}", path.display())]
    Damaged { path: PathBuf, why: String },
    /// No space, or over the quota.
    #[error("there is no space left for `{}`", path.display())]
    Full { path: PathBuf },
    /// Something else, in the words of the system or of SQLite.
    #[error("`{}` could not be used: {why}", path.display())]
    Other { path: PathBuf, why: String },
    /// The file or its folder cannot be written.
    #[error("`{}` cannot be written", path.display())]
    ReadOnly { path: PathBuf },
    /// The database that several servers share.
    #[error(transparent)]
    Shared(#[from] super::SharedError),
    /// The file was written by a newer version of the program.
    #[error("`{}` was written by a newer version (format {found}, known up to {known})", path.display())]
    TooNew {
        path: PathBuf,
        found: i64,
        known: i64,
    },
    /// No such conversation.
    #[error("there is no such conversation")]
    Unknown,
}

impl StoreError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Busy { .. } => Some("close the other program, or try again".into()),
            Self::Closed | Self::Other { .. } => None,
            Self::Damaged { path, .. } => Some(format!(
                "chat goes on without being saved; move `{}` away to begin a new store",
                path.display()
            )),
            Self::Full { .. } => Some("free some space; what was stored is safe".into()),
            Self::ReadOnly { path } => Some(format!(
                "make `{}` and its folder writable, or choose another one",
                path.display()
            )),
            Self::Shared(error) => Some(error.hint()),
            Self::TooNew { .. } => Some("use the newer version, or another data folder".into()),
            Self::Unknown => Some("`hearsay history list` shows the conversations".into()),
        }
    }

    /// The same as a value that the core can tell the user about.
    pub fn trouble(&self) -> StoreTrouble {
        match self {
            Self::Busy { .. } => StoreTrouble::Busy,
            Self::Damaged { path, why } => StoreTrouble::Damaged {
                why: format!("`{}`: {why}", path.display()),
            },
            Self::Full { .. } => StoreTrouble::Full,
            Self::ReadOnly { .. } => StoreTrouble::ReadOnly,
            Self::TooNew { found, known, .. } => StoreTrouble::TooNew {
                found: *found,
                known: *known,
            },
            Self::Unknown => StoreTrouble::Unknown,
            Self::Closed | Self::Other { .. } | Self::Shared(_) => StoreTrouble::Other {
                why: self.to_string(),
            },
        }
    }

    /// Sorts an error of the file system. `path` is the store's file.
    pub(super) fn of_system(error: &io::Error, path: &Path) -> Self {
        let path = path.to_path_buf();
        match error.kind() {
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => Self::Full { path },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::ReadOnly { path }
            }
            _ => Self::Other {
                path,
                why: error.to_string(),
            },
        }
    }

    /// Sorts an error of SQLite. `path` is the store's file.
    pub(super) fn of_sqlite(error: &rusqlite::Error, path: &Path) -> Self {
        let file = path.to_path_buf();
        let why = error.to_string();
        let failure = match error {
            rusqlite::Error::SqliteFailure(failure, _) => failure,
            // A value in the file is not what we write there.
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..) => {
                return Self::Damaged { path: file, why };
            }
            _ => return Self::Other { path: file, why },
        };
        match failure.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy { path: file },
            ErrorCode::DiskFull => Self::Full { path: file },
            ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt => {
                Self::Damaged { path: file, why }
            }
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied
                if failure.extended_code != ffi::SQLITE_READONLY_DBMOVED =>
            {
                // A full disk can show as a file that could not be made writable.
                private::refusal(path)
                    .map(|error| Self::of_system(&error, path))
                    .filter(|error| matches!(error, Self::Full { .. }))
                    .unwrap_or(Self::ReadOnly { path: file })
            }
            // SQLite does not say what the system said; the system is asked again.
            ErrorCode::CannotOpen | ErrorCode::SystemIoFailure => match private::refusal(path) {
                Some(error) => Self::of_system(&error, path),
                None => Self::Other { path: file, why },
            },
            _ => Self::Other { path: file, why },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(code: i32) -> StoreTrouble {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("x.db");
        let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        StoreError::of_sqlite(&error, &path).trouble()
    }

    #[test]
    fn errors_of_sqlite_are_sorted_by_what_helps() {
        for (code, expected) in [
            (ffi::SQLITE_FULL, StoreTrouble::Full),
            (ffi::SQLITE_BUSY, StoreTrouble::Busy),
            (ffi::SQLITE_LOCKED, StoreTrouble::Busy),
            (ffi::SQLITE_READONLY, StoreTrouble::ReadOnly),
            (ffi::SQLITE_PERM, StoreTrouble::ReadOnly),
        ] {
            assert_eq!(sorted(code), expected, "{code}");
        }
        for code in [ffi::SQLITE_NOTADB, ffi::SQLITE_CORRUPT] {
            assert!(
                matches!(sorted(code), StoreTrouble::Damaged { .. }),
                "{code}"
            );
        }
        for code in [ffi::SQLITE_IOERR_READ, ffi::SQLITE_MISUSE] {
            assert!(matches!(sorted(code), StoreTrouble::Other { .. }), "{code}");
        }
    }

    #[test]
    fn errors_of_the_system_are_sorted_by_what_helps() {
        for (kind, expected) in [
            (io::ErrorKind::StorageFull, StoreTrouble::Full),
            (io::ErrorKind::QuotaExceeded, StoreTrouble::Full),
            (io::ErrorKind::PermissionDenied, StoreTrouble::ReadOnly),
            (io::ErrorKind::ReadOnlyFilesystem, StoreTrouble::ReadOnly),
        ] {
            let error = StoreError::of_system(&kind.into(), Path::new("x.db"));
            assert_eq!(error.trouble(), expected);
        }
    }

    #[test]
    fn a_damaged_file_is_named() {
        let error = StoreError::Damaged {
            path: "/data/x.db".into(),
            why: "file is not a database".into(),
        };
        assert_eq!(
            error.to_string(),
            "`/data/x.db` is not a readable store: file is not a database"
        );
        assert_eq!(
            error.hint().as_deref(),
            Some("chat goes on without being saved; move `/data/x.db` away to begin a new store")
        );
    }
}
