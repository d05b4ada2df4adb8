//! SenseVoice: hears a piece in one go, without saying it word by word, in Mandarin, Cantonese,
//! English, Japanese and Korean, and tells which.

use super::windows::Window;
use super::{Halt, Heard, Run, largest, likely};
use crate::mind::engine::error::ModelError;
use crate::mind::engine::features::{Bank, Style, stack};
use crate::mind::engine::files::Files;
use crate::mind::engine::graph::{Graph, floats, wholes};
use crate::mind::engine::tokens::Tokens;

/// Longer pieces would take more memory than they are worth.
const LONGEST: usize = 30 * 16_000;
/// Before the words it tells the language, the mood, what kind of sound it is, and whether it
/// wrote numbers as figures.
const BEFORE: usize = 4;
/// The piece that stands for nothing.
const BLANK: usize = 0;

/// The model.
pub(super) struct SenseVoice {
    graph: Graph,
    tokens: Tokens,
    bank: Bank,
    together: usize,
    step: usize,
    shift: Vec<f32>,
    scale: Vec<f32>,
    any_language: i32,
    /// With punctuation, and figures for numbers.
    written: i32,
}

impl SenseVoice {
    pub(super) fn open(files: &Files) -> Result<Self, ModelError> {
        let tokens = Tokens::read(&files.folder)?;
        let graph = Graph::open(files.graph("model")?)?;
        graph.needs(&["x", "x_length", "language", "text_norm"], &["logits"])?;
        let row = |key: &str| -> Result<Vec<f32>, ModelError> {
            let text = graph.says(key).ok_or_else(|| graph.other(key))?;
            let row: Result<Vec<f32>, _> = text.split(',').map(|one| one.trim().parse()).collect();
            row.map_err(|_none| graph.other(key))
        };
        let (together, step) = (
            graph.number("lfr_window_size")?,
            graph.number("lfr_window_shift")?,
        );
        let (shift, scale) = (row("neg_mean")?, row("inv_stddev")?);
        let width = Bank::BANDS.saturating_mul(together);
        if step == 0 || width == 0 || shift.len() != width || scale.len() != width {
            return Err(graph.other("neg_mean"));
        }
        Ok(Self {
            any_language: graph.number("lang_auto")? as i32,
            written: graph.number("with_itn")? as i32,
            bank: Bank::new(Style::SenseVoice),
            graph,
            tokens,
            together,
            step,
            shift,
            scale,
        })
    }
}

impl Window for SenseVoice {
    fn longest(&self) -> usize {
        LONGEST
    }

    fn pace(&self) -> usize {
        16_000
    }

    fn hear(
        &mut self,
        samples: &[f32],
        _language: Option<&str>,
        run: &mut Run<'_>,
    ) -> Result<Heard, Halt> {
        run.go_on()?;
        let mut frames = vec![];
        self.bank.reset();
        self.bank.push(samples, &mut frames);
        let width = Bank::BANDS;
        let stacked = stack(
            &frames,
            width,
            self.together,
            self.step,
            &self.shift,
            &self.scale,
        );
        let count = stacked.len() / (width * self.together);
        if count == 0 {
            return Ok(Heard::default());
        }
        let one = |value: i32| wholes(&[1], vec![value]);
        let inputs = vec![
            (
                "x",
                floats(&[1, count, width * self.together], stacked).into(),
            ),
            ("x_length", one(count as i32).into()),
            // It finds out by itself, also where languages are mixed.
            ("language", one(self.any_language).into()),
            ("text_norm", one(self.written).into()),
        ];
        let mut answers = self.graph.run(inputs, &["logits"])?;
        let logits = answers.pop().ok_or_else(|| self.graph.other("logits"))?;
        let (shape, logits) = self.graph.floats(logits)?;
        let classes = shape.last().copied().unwrap_or(0);
        if classes == 0 {
            return Err(self.graph.other("logits").into());
        }
        let mut rows = logits.chunks_exact(classes);
        let (language, _) = largest(rows.next().unwrap_or_default().iter().copied());
        let language = self.tokens.piece(language);
        let language = language
            .trim_start_matches("<|")
            .trim_end_matches("|>")
            .to_owned();
        let (mut pieces, mut last, mut sure) = (vec![], BLANK, 0.0);
        for row in rows.skip(BEFORE - 1) {
            let (piece, score) = largest(row.iter().copied());
            if piece != last && piece != BLANK {
                pieces.push(piece);
                sure += likely(score, row);
            }
            last = piece;
        }
        if pieces.is_empty() || language == "nospeech" {
            return Ok(Heard::default());
        }
        Ok(Heard {
            text: self.tokens.text(&pieces),
            language: Some(language),
            confidence: Some(sure / pieces.len() as f32),
        })
    }
}
