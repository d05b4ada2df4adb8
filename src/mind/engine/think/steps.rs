//! A model that goes on with a text, piece by piece, and what it remembers of the pieces before.

use crate::mind::engine::error::ModelError;
use crate::mind::engine::graph::{Graph, floats, wholes};
use rten::{Value, ValueOrView};

/// What one layer remembers.
#[derive(Debug)]
struct Memory {
    past: String,
    present: String,
    heads: usize,
    width: usize,
}

/// A model and the pieces it has read.
#[derive(Debug)]
pub(super) struct Steps {
    graph: Graph,
    layers: Vec<Memory>,
    read: Vec<usize>,
    /// What each layer remembers of those; nothing at the beginning.
    memory: Vec<Value>,
}

impl Steps {
    pub(super) fn new(graph: Graph) -> Result<Self, ModelError> {
        graph.needs(&["input_ids", "attention_mask"], &["logits"])?;
        let mut layers = vec![];
        for port in &graph.inputs {
            let Some(rest) = port.name.strip_prefix("past_key_values.") else {
                continue;
            };
            let Some(&[_, Some(heads), _, Some(width)]) = port.shape.as_deref() else {
                return Err(graph.other(&format!("the sizes of {}", port.name)));
            };
            let present = format!("present.{rest}");
            graph.needs(&[], &[&present])?;
            layers.push(Memory {
                past: port.name.clone(),
                present,
                heads,
                width,
            });
        }
        if layers.is_empty() {
            return Err(graph.other("past_key_values"));
        }
        Ok(Self {
            graph,
            layers,
            read: vec![],
            memory: vec![],
        })
    }

    /// How many of the pieces of a text it need not read again. What does not go on with what it
    /// has read makes it forget.
    pub(super) fn known(&mut self, text: &[usize]) -> usize {
        // The last piece is read in any case, for what follows it is asked.
        if self.read.len() >= text.len() || !text.starts_with(&self.read) {
            self.forget();
        }
        self.read.len()
    }

    pub(super) fn forget(&mut self) {
        self.read.clear();
        self.memory.clear();
    }

    /// Reads pieces, and answers with the scores of what may follow.
    pub(super) fn read(&mut self, pieces: &[usize]) -> Result<Vec<f32>, ModelError> {
        let (before, count) = (self.read.len(), pieces.len());
        let graph = &self.graph;
        let ids = pieces.iter().map(|piece| *piece as i32).collect();
        let mut inputs: Vec<(&str, ValueOrView<'_>)> = vec![
            ("input_ids", wholes(&[1, count], ids).into()),
            (
                "attention_mask",
                wholes(&[1, before + count], vec![1; before + count]).into(),
            ),
        ];
        if graph.input("position_ids").is_some() {
            let places = (before..before + count).map(|at| at as i32).collect();
            inputs.push(("position_ids", wholes(&[1, count], places).into()));
        }
        if graph.input("use_cache_branch").is_some() {
            let later = wholes(&[1], vec![i32::from(before > 0)]);
            inputs.push(("use_cache_branch", later.into()));
        }
        let mut memory = std::mem::take(&mut self.memory).into_iter();
        for layer in &self.layers {
            let nothing = || floats(&[1, layer.heads, 0, layer.width], vec![]);
            let past = memory.next().unwrap_or_else(nothing);
            inputs.push((&layer.past, past.into()));
        }
        let mut outputs = vec!["logits"];
        outputs.extend(self.layers.iter().map(|layer| layer.present.as_str()));
        let answers = graph.run(inputs, &outputs);
        // What was remembered went into the step: after one that failed nothing is known.
        let mut answers = answers.inspect_err(|_error| self.read.clear())?.into_iter();
        let logits = answers.next().ok_or_else(|| graph.other("logits"))?;
        let (shape, mut logits) = graph.floats(logits)?;
        let words = shape.last().copied().unwrap_or(0);
        if words == 0 || logits.len() < words {
            self.read.clear();
            return Err(graph.other("logits"));
        }
        self.memory = answers.collect();
        self.read.extend(pieces);
        // Only the last place says what follows.
        Ok(logits.split_off(logits.len() - words))
    }

    /// What it answers are no numbers.
    pub(super) fn nonsense(&self) -> ModelError {
        self.graph.refused("its answers are no numbers")
    }
}
