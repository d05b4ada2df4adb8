//! Voices: make sound of words.

use super::SpeechError;
use crate::core::backend::VoiceWish;
use crate::core::words::Lang;
use std::future::Future;
use std::pin::Pin;
use tokio::sync::mpsc;

/// A sentence to be spoken.
#[derive(Clone, Debug, PartialEq)]
pub struct Utterance {
    /// Words only: no markup, nothing that cannot be said.
    pub text: String,
    /// The language the words are in.
    pub lang: Lang,
    pub wish: VoiceWish,
}

/// Samples of 16 bit, mono.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pcm {
    pub rate: u32,
    pub samples: Vec<i16>,
}

/// Speech on its way. Dropping it stops the speaking, and ends every process behind it.
pub type Speaking<'a> = Pin<Box<dyn Future<Output = Result<(), SpeechError>> + Send + 'a>>;

/// Something that speaks.
pub trait Voice: Send + Sync {
    /// What people call it.
    fn name(&self) -> String;

    /// Speaks a sentence, piece by piece, into `out`.
    fn speak(&self, utterance: Utterance, out: mpsc::Sender<Pcm>) -> Speaking<'_>;
}
