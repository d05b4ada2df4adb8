//! The decoder of models that answer piece by piece, with what it remembers between two pieces.
//!
//! Exports hold two graphs in one: the first step computes what all later ones need of the sound,
//! and `use_cache_branch` tells the later ones. What those give back of it is empty.

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

/// A decoder.
#[derive(Debug)]
pub(super) struct Decoder {
    graph: Graph,
    /// Of the pieces said so far: it grows.
    said: Vec<Memory>,
    /// Of the sound: it stays.
    heard: Vec<Memory>,
}

impl Decoder {
    pub(super) fn new(graph: Graph) -> Result<Self, ModelError> {
        graph.needs(&["input_ids", "encoder_hidden_states"], &["logits"])?;
        let (mut said, mut heard) = (vec![], vec![]);
        for port in &graph.inputs {
            let Some(rest) = port.name.strip_prefix("past_key_values.") else {
                continue;
            };
            let Some(&[_, Some(heads), _, Some(width)]) = port.shape.as_deref() else {
                return Err(graph.other(&format!("the sizes of {}", port.name)));
            };
            let memory = Memory {
                past: port.name.clone(),
                present: format!("present.{rest}"),
                heads,
                width,
            };
            graph.needs(&[], &[&memory.present])?;
            if rest.contains(".encoder.") {
                heard.push(memory);
            } else {
                said.push(memory);
            }
        }
        if said.is_empty() {
            return Err(graph.other("past_key_values"));
        }
        Ok(Self { graph, said, heard })
    }

    /// Begins to answer what the encoder made of so many samples.
    pub(super) fn start<'a>(&'a self, states: &'a Value, samples: usize) -> Steps<'a> {
        Steps {
            decoder: self,
            states,
            samples,
            said: vec![],
            heard: vec![],
        }
    }
}

/// An answer on its way.
pub(super) struct Steps<'a> {
    decoder: &'a Decoder,
    states: &'a Value,
    samples: usize,
    said: Vec<Value>,
    heard: Vec<Value>,
}

impl Steps<'_> {
    /// Gives it pieces and takes the scores of what may follow.
    pub(super) fn step(&mut self, pieces: Vec<i32>) -> Result<Vec<f32>, ModelError> {
        let decoder = self.decoder;
        let graph = &decoder.graph;
        let first = self.said.is_empty();
        let count = pieces.len();
        let mut inputs: Vec<(&str, ValueOrView<'_>)> = vec![
            ("input_ids", wholes(&[1, count], pieces).into()),
            ("encoder_hidden_states", self.states.into()),
        ];
        if graph.input("use_cache_branch").is_some() {
            let later = wholes(&[1], vec![i32::from(!first)]);
            inputs.push(("use_cache_branch", later.into()));
        }
        if graph.input("encoder_attention_mask").is_some() {
            let all = wholes(&[1, self.samples], vec![1; self.samples]);
            inputs.push(("encoder_attention_mask", all.into()));
        }
        let nothing = |memory: &Memory| floats(&[1, memory.heads, 0, memory.width], vec![]);
        if first {
            for memory in decoder.said.iter().chain(&decoder.heard) {
                inputs.push((&memory.past, nothing(memory).into()));
            }
        } else {
            for (memory, value) in decoder.said.iter().zip(std::mem::take(&mut self.said)) {
                inputs.push((&memory.past, value.into()));
            }
            for (memory, value) in decoder.heard.iter().zip(&self.heard) {
                inputs.push((&memory.past, value.into()));
            }
        }
        let mut outputs = vec!["logits"];
        outputs.extend(decoder.said.iter().map(|memory| memory.present.as_str()));
        if first {
            outputs.extend(decoder.heard.iter().map(|memory| memory.present.as_str()));
        }
        let mut answers = graph.run(inputs, &outputs)?.into_iter();
        let logits = answers.next().ok_or_else(|| graph.other("logits"))?;
        self.said = answers.by_ref().take(decoder.said.len()).collect();
        if first {
            self.heard = answers.collect();
        }
        let (shape, mut logits) = graph.floats(logits)?;
        let words = shape.last().copied().unwrap_or(0);
        if words == 0 || logits.len() < words {
            return Err(graph.other("logits"));
        }
        // Only the last place says what follows.
        Ok(logits.split_off(logits.len() - words))
    }

    /// What it answers are no numbers.
    pub(super) fn nonsense(&self) -> ModelError {
        self.decoder.graph.refused("its answers are no numbers")
    }
}
