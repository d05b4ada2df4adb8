//! Models in a process of their own: the whole way from a folder of files to words and to speech,
//! with models of which it is known what they answer, and with files that are no models.

#![expect(clippy::unwrap_used, reason = "a helper may end its test")]

#[path = "engine/answering.rs"]
mod answering;
#[path = "engine/bad.rs"]
mod bad;
#[path = "engine/hearing.rs"]
mod hearing;
#[path = "engine/library.rs"]
mod library;
#[path = "engine/measuring.rs"]
mod measuring;
#[path = "engine/odd.rs"]
mod odd;
#[path = "engine/speaking.rs"]
mod speaking;
mod support;

use hearsay::core::words::Lang;
use hearsay::mind::SpeechError;
use hearsay::mind::ears::{self, Ears, Partial, Recording, Wanted, Words};
use hearsay::mind::speech::Limits;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use support::tones;
use tokio::sync::mpsc;

/// What is wanted of a folder of models, and nothing else that this machine may have.
fn wanted(models: &Path, choice: &str) -> Wanted {
    Wanted {
        choice: choice.to_owned(),
        models: models.to_owned(),
        engine: env!("CARGO_BIN_EXE_hearsay").into(),
        search: "/nowhere".into(),
        limits: Limits {
            patience: Duration::from_secs(30),
            ..Limits::default()
        },
        ..Wanted::default()
    }
}

fn listener(models: &Path, choice: &str) -> Arc<dyn Ears> {
    ears::choose(&wanted(models, choice), Lang::En).unwrap()
}

fn recording(words: &[&str]) -> Recording {
    Recording {
        samples: tones::say(words),
        ..Recording::default()
    }
}

/// What is heard, and what it seemed to be on the way.
async fn hear(ears: &dyn Ears, recording: Recording) -> (Result<Words, SpeechError>, Vec<Partial>) {
    let (partials, mut inbox) = mpsc::channel(10_000);
    let heard = ears.hear(recording, partials).await;
    let mut seemed = vec![];
    while let Ok(partial) = inbox.try_recv() {
        seemed.push(partial);
    }
    (heard, seemed)
}
