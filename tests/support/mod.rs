//! What several integration tests share.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "every test takes the part it needs, and a helper may fail a test or
              say that it is skipped"
)]

use hearsay::mind::SpeechError;
use hearsay::serve::{Listen, Talk};
use std::sync::Arc;

pub mod disk;
pub mod fault_proxy;
pub mod model_server;
pub mod pty;
pub mod tones;

/// For a backend that hears nothing.
pub fn no_ears() -> Listen {
    Arc::new(|_wish, _lang| Err(missing()))
}

/// For a backend that does not speak.
pub fn no_voice() -> Talk {
    Arc::new(|_wish, _lang| Err(missing()))
}

fn missing() -> SpeechError {
    SpeechError::Missing {
        what: "there is none".to_owned(),
        hint: "write".to_owned(),
    }
}
