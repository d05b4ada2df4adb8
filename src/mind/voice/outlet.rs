//! Hands on the sound of a voice while its bytes come.

use super::Pcm;
use crate::codec::{CodecError, Decoder, to_i16};
use crate::core::sound::NotWav;
use crate::mind::SpeechError;
use crate::mind::speech::{BEGINS, begins};
use tokio::sync::mpsc::Sender;

/// Makes samples of bytes.
pub(super) struct Outlet<'a> {
    /// Whose bytes they are.
    engine: String,
    decoder: Decoder,
    out: &'a Sender<Pcm>,
    made: Vec<f32>,
    /// How the bytes begin.
    start: Vec<u8>,
    /// So many samples are still taken: a small file may unfold into hours.
    left: usize,
    spoke: bool,
}

impl<'a> Outlet<'a> {
    /// `most`: how many bytes the samples may take.
    pub(super) fn new(engine: &str, decoder: Decoder, most: usize, out: &'a Sender<Pcm>) -> Self {
        Self {
            engine: engine.to_owned(),
            decoder,
            out,
            made: vec![],
            start: vec![],
            left: most / 2,
            spoke: false,
        }
    }

    /// Hands on what is in these bytes; `false` if nobody listens any more.
    pub(super) async fn push(&mut self, bytes: &[u8]) -> Result<bool, SpeechError> {
        let room = BEGINS - self.start.len();
        self.start.extend(bytes.iter().take(room));
        let taken = self.decoder.push(bytes);
        taken.map_err(|error| self.odd(&error))?;
        self.hand_on().await
    }

    /// Nothing more comes.
    pub(super) async fn finish(&mut self) -> Result<(), SpeechError> {
        let ended = self.decoder.finish();
        let engine = self.engine.clone();
        match ended {
            Ok(()) if self.hand_on().await? && !self.spoke => Err(SpeechError::Mute { engine }),
            Err(CodecError::NotWav(NotWav::Empty)) => Err(SpeechError::Mute { engine }),
            Err(error) => Err(self.odd(&error)),
            Ok(()) => Ok(()),
        }
    }

    async fn hand_on(&mut self) -> Result<bool, SpeechError> {
        loop {
            self.made.clear();
            if !self.decoder.pull(&mut self.made) {
                return Ok(true);
            }
            self.spoke = true;
            let Some(left) = self.left.checked_sub(self.made.len()) else {
                let engine = self.engine.clone();
                return Err(SpeechError::Endless { engine });
            };
            self.left = left;
            let pcm = Pcm {
                rate: self.decoder.rate(),
                samples: self.made.iter().map(|sample| to_i16(*sample)).collect(),
            };
            if self.out.send(pcm).await.is_err() {
                return Ok(false);
            }
        }
    }

    fn odd(&self, error: &CodecError) -> SpeechError {
        let why = match error {
            // It is words, more likely than not: why there is no sound.
            CodecError::NotWav(NotWav::Other(_)) => begins(&self.start),
            other => other.to_string(),
        };
        let engine = self.engine.clone();
        SpeechError::Odd { engine, why }
    }
}
