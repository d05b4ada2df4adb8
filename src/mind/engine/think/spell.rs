//! Spells a text with the pieces of a model: bytes are joined pair by pair, in the order in which
//! the file lists the pairs, as long as there is one.

use super::cut::Cut;
use crate::mind::engine::error::ModelError;
use crate::mind::engine::tokens::{Tokens, character_of};
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;

/// A part longer than this is spelled piece by piece: the work grows with its square.
const LONGEST: usize = 512;

/// What spells.
#[derive(Debug)]
pub(super) struct Speller {
    numbers: HashMap<String, usize>,
    /// Two pieces that become one: how early, and which.
    joins: HashMap<(usize, usize), (usize, usize)>,
    cut: Cut,
}

impl Speller {
    pub(super) fn open(folder: &Path, tokens: &Tokens) -> Result<Self, ModelError> {
        let path = folder.join("tokenizer.json");
        let damaged = |why: String| ModelError::Damaged {
            file: path.display().to_string(),
            why,
        };
        let text = crate::mind::engine::tokens::text(&path)?;
        let json = serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
        Self::of(&json, tokens).map_err(damaged)
    }

    fn of(json: &Value, tokens: &Tokens) -> Result<Self, String> {
        let pieces = tokens.pieces().iter().enumerate();
        let numbers: HashMap<String, usize> = pieces
            .filter(|(_, piece)| !piece.is_empty())
            .map(|(number, piece)| (piece.clone(), number))
            .collect();
        let merges = json.pointer("/model/merges").and_then(Value::as_array);
        let merges = merges.ok_or("it lists no pairs of pieces that are joined")?;
        let mut joins = HashMap::new();
        for (order, pair) in merges.iter().enumerate() {
            let (one, other) = match pair {
                Value::String(pair) => pair.split_once(' ').unwrap_or_default(),
                Value::Array(pair) => match pair.as_slice() {
                    [Value::String(one), Value::String(other)] => (one.as_str(), other.as_str()),
                    _ => Default::default(),
                },
                _ => Default::default(),
            };
            let number = |piece: &str| numbers.get(piece).copied();
            let joined = number(&format!("{one}{other}"));
            if let (Some(one), Some(other), Some(joined)) = (number(one), number(other), joined) {
                joins.entry((one, other)).or_insert((order, joined));
            }
        }
        let cut = json.get("pre_tokenizer").map(Value::to_string);
        Ok(Self {
            numbers,
            joins,
            cut: Cut::of(&cut.unwrap_or_default()),
        })
    }

    /// The pieces of a text. Bytes that the model has no piece for are left out.
    pub(super) fn spell(&self, text: &str) -> Vec<usize> {
        let mut pieces = vec![];
        for part in self.cut.parts(text) {
            pieces.extend(self.part(part.as_bytes()));
        }
        pieces
    }

    fn part(&self, bytes: &[u8]) -> Vec<usize> {
        let whole: String = bytes.iter().map(|byte| character_of(*byte)).collect();
        if let Some(number) = self.numbers.get(&whole) {
            return vec![*number];
        }
        let mut pieces: Vec<usize> = whole
            .chars()
            .filter_map(|c| self.numbers.get(c.encode_utf8(&mut [0; 4])).copied())
            .collect();
        if pieces.len() > LONGEST {
            return pieces;
        }
        loop {
            let pairs = pieces.windows(2).enumerate();
            let best = pairs.filter_map(|(at, pair)| {
                let (order, joined) = self.joins.get(&(*pair.first()?, *pair.last()?))?;
                Some((*order, at, *joined))
            });
            let Some((_, at, joined)) = best.min() else {
                return pieces;
            };
            pieces.splice(at..at + 2, [joined]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn speller() -> (Speller, Tokens) {
        let mut vocabulary: Vec<String> = (0..=255).map(|b| character_of(b).to_string()).collect();
        for piece in ["he", "ll", "hell", "hello", "Ġw", "Ġwo", "rld", "ld"] {
            vocabulary.push(piece.to_owned());
        }
        let vocabulary: serde_json::Map<String, Value> = vocabulary
            .into_iter()
            .enumerate()
            .map(|(number, piece)| (piece, number.into()))
            .collect();
        let json = serde_json::json!({
            "model": {
                "vocab": vocabulary,
                "merges": ["h e", "l l", ["he", "ll"], "hell o", "Ġ w", ["Ġw", "o"], "l d", "r ld"],
            },
            "added_tokens": [{"id": 300, "content": "<|im_start|>"}],
            "decoder": {"type": "ByteLevel"},
        });
        let tokens = Tokens::of_json(&json.to_string()).unwrap();
        (Speller::of(&json, &tokens).unwrap(), tokens)
    }

    #[test]
    fn pairs_are_joined_in_their_order() {
        let (speller, tokens) = speller();
        let spelled = |text| {
            let pieces = speller.spell(text);
            let pieces = pieces.iter().map(|number| tokens.piece(*number));
            pieces.collect::<Vec<_>>().join("|")
        };
        assert_eq!(spelled("hello world"), "hello|Ġwo|rld");
        assert_eq!(spelled("hehe"), "he|he");
        // What steers a model is no such thing in what a person writes.
        assert_eq!(spelled("<|"), "<||");
    }

    #[test]
    fn a_list_without_pairs_is_refused() {
        let (_, tokens) = speller();
        let error = Speller::of(&serde_json::json!({"model": {}}), &tokens).unwrap_err();
        assert_eq!(error, "it lists no pairs of pieces that are joined");
    }

    proptest! {
        #[test]
        fn whatever_is_spelled_reads_as_it_was(text in ".{0,60}") {
            let (speller, tokens) = speller();
            let bytes: Vec<u8> = speller.spell(&text).iter().flat_map(|n| tokens.bytes(*n)).collect();
            prop_assert_eq!(String::from_utf8(bytes).unwrap(), text);
        }
    }
}
