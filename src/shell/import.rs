//! Brings in conversations that other clients hold, on a thread with a store of its own, so that
//! nobody who writes or reads a message waits for it.

use crate::core::import::{ImportEvent, Progress};
use crate::store::Store;
use crate::store::import::{ImportError, import};
use std::path::{Path, PathBuf};

/// Reads a file and tells how far it is, and what came of it. The thread ends with it; what it has
/// written when the program ends is there, and a second try goes on from it.
pub(super) fn begin(file: PathBuf, store: PathBuf, tell: impl Fn(ImportEvent) + Send + 'static) {
    let begun = std::thread::Builder::new()
        .name("import".to_owned())
        .spawn(move || tell(work(&file, &store, &tell)));
    if let Err(error) = begun {
        tracing::error!("no thread to import with: {error}");
    }
}

fn work(file: &Path, store: &Path, tell: &dyn Fn(ImportEvent)) -> ImportEvent {
    let mut last = None;
    let mut going = |progress: Progress| {
        // A hundred steps are enough to see it move.
        if last != Some(progress.percent) {
            last = Some(progress.percent);
            tell(ImportEvent::Going(progress));
        }
    };
    let done = Store::open(store)
        .map_err(ImportError::Store)
        .and_then(|mut store| import(file, &mut store, &mut going));
    match done {
        Ok(report) => ImportEvent::Done(report),
        Err(error) => ImportEvent::Failed {
            what: error.to_string(),
            hint: error.hint(),
        },
    }
}
