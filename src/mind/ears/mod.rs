//! Ears: make words of a recording.

use super::SpeechError;
use std::future::Future;
use std::pin::Pin;
use tokio::sync::mpsc;

/// What was recorded: mono, [`crate::core::sound::RATE`] samples to the second.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recording {
    pub samples: Vec<i16>,
    /// The language that is spoken, such as `zh-CN`, where it is known.
    pub language: Option<String>,
}

/// Words on their way. Dropping it stops the listening.
pub type Hearing<'a> = Pin<Box<dyn Future<Output = Result<String, SpeechError>> + Send + 'a>>;

/// Something that hears.
pub trait Ears: Send + Sync {
    /// What people call it.
    fn name(&self) -> String;

    /// Answers with the words, empty if nobody spoke. What they seem to be on the way goes into
    /// `partials`, whole each time; when nobody reads those it makes no difference.
    fn hear(&self, recording: Recording, partials: mpsc::Sender<String>) -> Hearing<'_>;
}
