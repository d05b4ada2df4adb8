//! A model of language of which it is known what it answers: it greets, by name whoever has said
//! that they are Ada, and goes on without end when it is told to sing. It has the inputs, outputs and
//! files of the models it stands for. What it says next depends on the last piece and on the
//! highest one of all before, which it has from its memory.
#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test and bench needs other parts of it"
)]

use super::onnx::{Graph, Kind, Set};
use super::planted::write;
use std::path::Path;

/// Its pieces; the highest two change what it says.
const PIECES: [&str; 23] = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "system",
    "user",
    "assistant",
    "Ċ",
    "I",
    "Ġam",
    "who",
    "?",
    "<think>",
    "</think>",
    "Hello",
    "Ġyou",
    ",",
    // Two halves of one character.
    "ä½",
    "ł",
    "la",
    "Ġla",
    "be",
    "ĠAda",
    "sing",
];
const STEERING: [usize; 5] = [0, 1, 2, 11, 12];

fn number(piece: &str) -> usize {
    PIECES.iter().position(|known| *known == piece).unwrap()
}

/// What follows on a piece when this is the highest one so far.
fn next(highest: &str, last: &str) -> &'static str {
    match (highest, last) {
        ("sing", "Ċ") => "la",
        ("sing", _) => "Ġla",
        (_, "Ċ") => "<think>",
        (_, "<think>") => "who",
        (_, "who") => "</think>",
        (_, "</think>") => "Hello",
        ("ĠAda", "Hello") => "ĠAda",
        (_, "Hello") => "Ġyou",
        (_, "Ġyou" | "ĠAda") => ",",
        (_, ",") => "ä½",
        (_, "ä½") => "ł",
        _ => "<|im_end|>",
    }
}

/// The files of a model that takes conversations of so many pieces.
pub(crate) fn language(folder: &Path, window: usize) {
    let count = PIECES.len();
    let vocabulary: serde_json::Map<String, serde_json::Value> = PIECES
        .iter()
        .enumerate()
        .map(|(number, piece)| ((*piece).to_owned(), number.into()))
        .collect();
    let added: Vec<_> = STEERING
        .iter()
        .map(|number| serde_json::json!({"id": number, "content": PIECES[*number]}))
        .collect();
    let tokenizer = serde_json::json!({
        "model": {"type": "BPE", "vocab": vocabulary, "merges": []},
        "added_tokens": added,
        "decoder": {"type": "ByteLevel"},
        "pre_tokenizer": {"type": "ByteLevel", "use_regex": true},
    });
    let config = serde_json::json!({
        "architectures": ["Qwen2ForCausalLM"],
        "max_position_embeddings": window,
    });
    write(folder, "tokenizer.json", tokenizer.to_string().as_bytes());
    write(folder, "config.json", config.to_string().as_bytes());

    let mut graph = Graph::default();
    graph.input("input_ids", Kind::I64, &[-1, -1]);
    graph.input("attention_mask", Kind::I64, &[-1, -1]);
    graph.input("position_ids", Kind::I64, &[-1, -1]);
    graph.ints("memory_shape", &[4], &[1, 1, -1, 1]);
    graph.node("Cast", &["input_ids"], &["ids"], &[("to", Set::Int(1))]);
    graph.node("Reshape", &["ids", "memory_shape"], &["new"], &[]);
    for what in ["key", "value"] {
        let past = format!("past_key_values.0.{what}");
        let present = format!("present.0.{what}");
        graph.input(&past, Kind::F32, &[-1, 1, -1, 1]);
        let axis = [("axis", Set::Int(2))];
        graph.node("Concat", &[&past, "new"], &[&present], &axis);
        graph.output(&present, Kind::F32, &[-1, 1, -1, 1]);
    }
    // The row of scores: that of the highest piece so far and of the last one.
    let flat = [("keepdims", Set::Int(0))];
    graph.node("ReduceMax", &["present.0.key"], &["highest"], &flat);
    graph.floats("rows", &[1], &[count as f32]);
    graph.node("Mul", &["highest", "rows"], &["begin"], &[]);
    graph.node("Add", &["ids", "begin"], &["place"], &[]);
    graph.node("Cast", &["place"], &["row"], &[("to", Set::Int(7))]);
    let mut table = vec![0.0; count * count * count];
    for (high, highest) in PIECES.iter().enumerate() {
        for (at, last) in PIECES.iter().enumerate() {
            table[(high * count + at) * count + number(next(highest, last))] = 30.0;
        }
    }
    graph.floats("table", &[count * count, count], &table);
    graph.node(
        "Gather",
        &["table", "row"],
        &["logits"],
        &[("axis", Set::Int(0))],
    );
    graph.output("logits", Kind::F32, &[-1, -1, count as i64]);
    let graphs = folder.join("onnx");
    write(&graphs, "model_quantized.onnx", &graph.model(&[]));
}
