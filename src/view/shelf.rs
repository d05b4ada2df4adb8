//! Draws how far a model or an import is that is on its way to this machine.

use super::words::say;
use crate::core::model::Model;
use crate::core::shelf::{Pause, megabytes};
use crate::core::words::{Word, fill};

/// How far an import is.
pub(super) fn importing(model: &Model) -> Option<String> {
    Some(model.importing.as_ref()?.tell(model.lang))
}

/// What is being fetched, as one short line: what stands first matters most on a narrow screen.
pub(super) fn fetching(model: &Model) -> Option<String> {
    let pull = model.shelf.pull.as_ref()?;
    let mut told = fill(say(model, Word::Fetching), &[&pull.model]);
    match pull.pause {
        Some(Pause::Elsewhere) => {
            told.push_str(": ");
            told.push_str(say(model, Word::FetchingElsewhere));
        }
        Some(Pause::Again { seconds }) => {
            let again = fill(say(model, Word::FetchingAgain), &[&seconds.to_string()]);
            told.push_str(": ");
            told.push_str(&again);
        }
        None if pull.nth > 0 => {
            let so_far = match pull.total.filter(|total| *total > 0) {
                Some(total) => {
                    let percent = pull.done.min(total) * 100 / total;
                    format!(" {}/{} {percent} %", pull.nth, pull.of)
                }
                None => format!(" {}/{} {}", pull.nth, pull.of, megabytes(pull.done)),
            };
            told.push_str(&so_far);
        }
        None => {}
    }
    Some(told)
}
