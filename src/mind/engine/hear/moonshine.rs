//! Moonshine: hears samples as they are, and takes as long as they are. Each of its models knows
//! one language.

use super::greedy::{Rules, say};
use super::seq2seq::Decoder;
use super::windows::Window;
use super::{Halt, Heard, Run};
use crate::mind::engine::error::ModelError;
use crate::mind::engine::files::Files;
use crate::mind::engine::graph::{Graph, floats, wholes};
use crate::mind::engine::tokens::Tokens;

/// The longest it was taught with is a minute; half of that is safe.
const LONGEST: usize = 30 * 16_000;
/// Sound shorter than this is less than it can take.
const SHORTEST: usize = 16_000 / 2;
/// Pieces that may be said in a second: more is a circle that was not seen. Scripts without
/// spaces need twice as many.
const RATE: f32 = 6.5;
/// Words it is so unsure of were guessed from noise.
const UNSURE: f32 = -1.5;

/// The model.
pub(super) struct Moonshine {
    encoder: Graph,
    decoder: Decoder,
    tokens: Tokens,
    language: String,
    start: i32,
    end: usize,
}

impl Moonshine {
    pub(super) fn open(files: &Files) -> Result<Self, ModelError> {
        let tokens = Tokens::read(&files.folder)?;
        let encoder = Graph::open(files.graph("encoder_model")?)?;
        encoder.needs(&["input_values"], &["last_hidden_state"])?;
        let decoder = Graph::open(files.graph("decoder_model_merged")?)?;
        Ok(Self {
            encoder,
            decoder: Decoder::new(decoder)?,
            tokens,
            language: files.languages().into_iter().next().unwrap_or_default(),
            start: files.config("decoder_start_token_id").unwrap_or(1) as i32,
            end: files.config("eos_token_id").unwrap_or(2) as usize,
        })
    }
}

impl Window for Moonshine {
    fn longest(&self) -> usize {
        LONGEST
    }

    fn pace(&self) -> usize {
        16_000 / 2
    }

    fn hear(
        &mut self,
        samples: &[f32],
        _language: Option<&str>,
        run: &mut Run<'_>,
    ) -> Result<Heard, Halt> {
        run.go_on()?;
        let mut sound = samples.to_vec();
        sound.resize(sound.len().max(SHORTEST), 0.0);
        let count = sound.len();
        let mut inputs = vec![("input_values", floats(&[1, count], sound).into())];
        if self.encoder.input("attention_mask").is_some() {
            let all = wholes(&[1, count], vec![1; count]);
            inputs.push(("attention_mask", all.into()));
        }
        let mut states = self.encoder.run(inputs, &["last_hidden_state"])?;
        let states = states
            .pop()
            .ok_or_else(|| self.encoder.other("last_hidden_state"))?;
        let rate = if self.language == "en" {
            RATE
        } else {
            2.0 * RATE
        };
        let rules = Rules {
            end: self.end,
            most: (count as f32 / 16_000.0 * rate).ceil() as usize + 1,
            barred: &|_, _| false,
        };
        let tokens = &self.tokens;
        let text = |pieces: &[usize]| tokens.text(pieces);
        let mut steps = self.decoder.start(&states, count);
        let said = say(&mut steps, vec![self.start], &rules, run, &text)?;
        if said.score < UNSURE {
            return Ok(Heard::default());
        }
        Ok(Heard {
            text: text(&said.pieces),
            language: Some(self.language.clone()),
            confidence: Some(said.score.exp()),
        })
    }
}
