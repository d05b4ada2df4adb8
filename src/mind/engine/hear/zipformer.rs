//! A streaming zipformer: hears sound as it comes, so that its guesses are nothing but the
//! beginning of its words.
//!
//! Three graphs: the encoder goes through the sound chunk by chunk and hands on what it remembers;
//! the decoder knows the last pieces; the joiner says for each step of sound whether a piece
//! follows, and which.

use super::{Halt, Heard, Hearer, Run, largest, likely};
use crate::mind::engine::error::ModelError;
use crate::mind::engine::features::{Bank, Style};
use crate::mind::engine::files::Files;
use crate::mind::engine::graph::{Graph, Port, floats, wholes};
use crate::mind::engine::tokens::Tokens;
use rten::{Value, ValueOrView};

/// The piece that stands for nothing.
const BLANK: usize = 0;
/// No memory is larger, in numbers; those of known models are a hundredth of it.
const MEMORY: usize = 16 << 20;
/// Samples from one frame to the next.
const HOP: usize = 160;

/// The model, and the recording it hears.
pub(super) struct Zipformer {
    encoder: Graph,
    decoder: Graph,
    joiner: Graph,
    tokens: Tokens,
    bank: Bank,
    /// Frames it looks at in one step, and frames it goes on by.
    looks: usize,
    goes: usize,
    /// Pieces the decoder wants to know.
    context: usize,

    frames: Vec<f32>,
    memory: Vec<Value>,
    pieces: Vec<usize>,
    sure: f32,
    /// What the decoder made of the last pieces.
    known: Option<Value>,
}

impl Zipformer {
    pub(super) fn open(files: &Files) -> Result<Self, ModelError> {
        let tokens = Tokens::read(&files.folder)?;
        let encoder = Graph::open(files.graph("encoder")?)?;
        encoder.needs(&["x"], &["encoder_out"])?;
        let decoder = Graph::open(files.graph("decoder")?)?;
        decoder.needs(&["y"], &["decoder_out"])?;
        let joiner = Graph::open(files.graph("joiner")?)?;
        joiner.needs(&["encoder_out", "decoder_out"], &["logit"])?;
        let (looks, goes) = (encoder.number("T")?, encoder.number("decode_chunk_len")?);
        // One that hears recordings as a whole keeps no memory, and is another model.
        if encoder.inputs.len() < 2 || encoder.inputs.len() != encoder.outputs.len() {
            return Err(encoder.other("cached_key_0"));
        }
        if goes == 0 || looks < goes || looks > 10_000 {
            return Err(encoder.other("decode_chunk_len"));
        }
        let context = decoder.number("context_size").unwrap_or(2).clamp(1, 16);
        let mut model = Self {
            bank: Bank::new(Style::Zipformer),
            encoder,
            decoder,
            joiner,
            tokens,
            looks,
            goes,
            context,
            frames: vec![],
            memory: vec![],
            pieces: vec![],
            sure: 0.0,
            known: None,
        };
        model.memory = model.nothing()?;
        Ok(model)
    }

    /// What it remembers before anything was heard.
    fn nothing(&self) -> Result<Vec<Value>, ModelError> {
        let memories = self.encoder.inputs.iter().filter(|port| port.name != "x");
        let empty = |port: &Port| {
            let shape: Option<Vec<usize>> = (port.shape.as_ref())
                .map(|shape| shape.iter().map(|size| size.unwrap_or(1)).collect());
            let size = shape.as_ref().and_then(|shape| {
                let product = shape
                    .iter()
                    .try_fold(1_usize, |all, one| all.checked_mul(*one));
                product.filter(|size| *size <= MEMORY)
            });
            match (shape, size) {
                (Some(shape), Some(size)) if port.whole => Ok(wholes(&shape, vec![0; size])),
                (Some(shape), Some(size)) => Ok(floats(&shape, vec![0.0; size])),
                _ => Err(self.encoder.other(&format!("the sizes of {}", port.name))),
            }
        };
        memories.map(empty).collect()
    }

    /// Goes through all the frames that are there.
    fn go_on(&mut self, run: &mut Run<'_>) -> Result<(), Halt> {
        let (width, before) = (Bank::BANDS, self.pieces.len());
        while self.frames.len() >= self.looks * width {
            run.go_on()?;
            let chunk = self.frames.get(..self.looks * width).unwrap_or_default();
            let x = floats(&[1, self.looks, width], chunk.to_vec());
            self.frames.drain(..self.goes * width);
            // Memories come out in the order in which they go in.
            let ports = &self.encoder.inputs;
            let mut memory = std::mem::take(&mut self.memory).into_iter();
            let inputs: Vec<(&str, ValueOrView<'_>)> = ports
                .iter()
                .filter_map(|port| match port.name.as_str() {
                    "x" => Some(("x", x.as_view().into())),
                    name => Some((name, memory.next()?.into())),
                })
                .collect();
            let names: Vec<&str> = (self.encoder.outputs.iter())
                .map(|port| port.name.as_str())
                .collect();
            let mut answers = self.encoder.run(inputs, &names)?;
            let nth = names.iter().position(|name| *name == "encoder_out");
            let heard = answers.remove(nth.unwrap_or(0));
            self.memory = answers;
            let (shape, heard) = self.encoder.floats(heard)?;
            let size = shape.last().copied().unwrap_or(0);
            if size == 0 {
                return Err(self.encoder.other("encoder_out").into());
            }
            for step in heard.chunks_exact(size) {
                self.join(step)?;
            }
        }
        if self.pieces.len() != before {
            (run.tell)(&self.text());
        }
        Ok(())
    }

    /// One step of sound: whether a piece follows.
    fn join(&mut self, heard: &[f32]) -> Result<(), ModelError> {
        let known = match self.known.take() {
            Some(known) => known,
            None => self.know()?,
        };
        let inputs: Vec<(&str, ValueOrView<'_>)> = vec![
            (
                "encoder_out",
                floats(&[1, heard.len()], heard.to_vec()).into(),
            ),
            ("decoder_out", known.as_view().into()),
        ];
        let mut answers = self.joiner.run(inputs, &["logit"])?;
        let logit = answers.pop().ok_or_else(|| self.joiner.other("logit"))?;
        let (_, scores) = self.joiner.floats(logit)?;
        let (piece, score) = largest(scores.iter().copied());
        if piece == BLANK {
            self.known = Some(known);
        } else {
            self.pieces.push(piece);
            self.sure += likely(score, &scores);
        }
        Ok(())
    }

    /// What the decoder makes of the last pieces.
    fn know(&self) -> Result<Value, ModelError> {
        // Before the first piece there is nothing, and then the blank.
        let mut last = vec![-1; self.context - 1];
        last.push(BLANK as i32);
        last.extend(self.pieces.iter().map(|piece| *piece as i32));
        let last = last.split_off(last.len() - self.context);
        let y = wholes(&[1, self.context], last);
        let mut answers = self.decoder.run(vec![("y", y.into())], &["decoder_out"])?;
        let value = answers
            .pop()
            .ok_or_else(|| self.decoder.other("decoder_out"))?;
        let (_, data) = self.decoder.floats(value)?;
        Ok(floats(&[1, data.len()], data))
    }

    /// The words so far. Many lists are in capitals, which nobody wants to be shouted at with.
    fn text(&self) -> String {
        let text = self.tokens.text(&self.pieces);
        if text.chars().any(char::is_lowercase) {
            text
        } else {
            text.to_lowercase()
        }
    }
}

impl Hearer for Zipformer {
    fn begin(&mut self, _language: Option<&str>, _live: bool) {
        self.bank.reset();
        self.frames.clear();
        self.pieces.clear();
        self.sure = 0.0;
        self.known = None;
        // It could be made when the model was loaded.
        self.memory = self.nothing().unwrap_or_default();
    }

    fn push(&mut self, samples: &[f32], run: &mut Run<'_>) -> Result<(), Halt> {
        // A second at a time, so that no recording becomes a mountain of frames.
        for piece in samples.chunks(16_000) {
            self.bank.push(piece, &mut self.frames);
            self.go_on(run)?;
        }
        Ok(())
    }

    fn finish(&mut self, run: &mut Run<'_>) -> Result<Heard, Halt> {
        // Silence, until it has looked at the last of the sound.
        let silence = vec![0.0; (self.looks + self.goes) * HOP];
        self.bank.push(&silence, &mut self.frames);
        self.go_on(run)?;
        let count = self.pieces.len();
        Ok(Heard {
            text: self.text(),
            language: None,
            confidence: (count > 0).then(|| self.sure / count as f32),
        })
    }
}
