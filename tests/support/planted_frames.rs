//! Models that hear frames of sound, of which it is known what they hear: the words that `tones` says.
#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test and bench needs other parts of it"
)]

use super::onnx::{Graph, Kind, Set};
use super::planted::{KNOWN, write};
use super::tones;
use std::path::Path;

/// The list of pieces, each with its number.
fn list(folder: &Path, pieces: impl Iterator<Item = String>) {
    let lines = pieces.enumerate();
    let lines: Vec<String> = lines
        .map(|(nth, piece)| format!("{piece} {nth}\n"))
        .collect();
    write(folder, "tokens.txt", lines.concat().as_bytes());
}

/// The band of 80 on the scale of Kaldi, up to so many Hz, that a tone is in.
fn kaldi_band(word: &str, high: f64) -> usize {
    let hertz = tones::hertz(tones::place(word));
    let mel = |hertz: f64| 1_127.0 * (1.0 + hertz / 700.0).ln();
    ((mel(hertz) - mel(20.0)) / ((mel(high) - mel(20.0)) / 81.0) - 1.0).round() as usize
}

/// SenseVoice: of stacked frames, in one go.
pub(crate) fn sense_voice(folder: &Path) {
    let pieces = [
        "<unk>",
        "<|zh|>",
        "<|NEUTRAL|>",
        "<|Speech|>",
        "<|withitn|>",
    ];
    let count = pieces.len() + KNOWN.len();
    let mut graph = Graph::default();
    graph.input("x", Kind::F32, &[-1, -1, 560]);
    for name in ["x_length", "language", "text_norm"] {
        graph.input(name, Kind::I32, &[-1]);
    }
    let mut weights = vec![0.0; 560 * count];
    for (nth, word) in KNOWN.iter().enumerate() {
        for frame in 0..7 {
            for band in 0..80 {
                weights[(frame * 80 + band) * count + pieces.len() + nth] -= 1.0 / 80.0 / 7.0;
            }
            weights[(frame * 80 + kaldi_band(word, 8_000.0)) * count + pieces.len() + nth] +=
                1.0 / 7.0;
        }
    }
    let mut bias = vec![-50.0; count];
    bias[0] = 0.0;
    for word in &mut bias[pieces.len()..] {
        *word = -4.0;
    }
    graph.floats("weights", &[560, count], &weights);
    graph.floats("bias", &[count], &bias);
    graph.node("MatMul", &["x", "weights"], &["found"], &[]);
    graph.node("Add", &["found", "bias"], &["words"], &[]);
    let mut before = vec![0.0; 4 * count];
    for nth in 0..4 {
        before[nth * count + nth + 1] = 10.0;
    }
    graph.floats("before", &[1, 4, count], &before);
    graph.node(
        "Concat",
        &["before", "words"],
        &["logits"],
        &[("axis", Set::Int(1))],
    );
    graph.output("logits", Kind::F32, &[-1, -1, count as i64]);
    let row = |value: &str| vec![value; 560].join(",");
    let says = [
        ("model_type", "sense_voice_ctc"),
        ("lfr_window_size", "7"),
        ("lfr_window_shift", "6"),
        ("normalize_samples", "0"),
        ("lang_auto", "0"),
        ("with_itn", "14"),
        ("neg_mean", &row("-8.0")),
        ("inv_stddev", &row("1.0")),
    ];
    write(folder, "model.int8.onnx", &graph.model(&says));
    let words = KNOWN.iter().map(|word| format!("▁{word}"));
    let all = pieces.iter().map(|piece| (*piece).to_owned()).chain(words);
    list(folder, all);
}

/// A streaming zipformer: of frames as they come, a word for each chunk of 18.
pub(crate) fn zipformer(folder: &Path) {
    let (wide, looks) = (KNOWN.len(), 24);
    let mut graph = Graph::default();
    graph.input("x", Kind::F32, &[-1, looks, 80]);
    graph.input("cached_len_0", Kind::I64, &[2, -1]);
    graph.input("cached_avg_0", Kind::F32, &[2, -1, 3]);
    let mut weights = vec![0.0; looks as usize * 80 * wide];
    for (nth, word) in KNOWN.iter().enumerate() {
        for frame in 9..16 {
            for band in 0..80 {
                weights[(frame * 80 + band) * wide + nth] -= 1.0 / 80.0 / 7.0;
            }
            weights[(frame * 80 + kaldi_band(word, 7_600.0)) * wide + nth] += 1.0 / 7.0;
        }
    }
    graph.floats("weights", &[looks as usize * 80, wide], &weights);
    graph.ints("row", &[3], &[1, 1, looks * 80]);
    graph.node("Reshape", &["x", "row"], &["flat"], &[]);
    graph.node("MatMul", &["flat", "weights"], &["encoder_out"], &[]);
    graph.output("encoder_out", Kind::F32, &[-1, -1, wide as i64]);
    graph.ints("one", &[1], &[1]);
    graph.node("Add", &["cached_len_0", "one"], &["new_cached_len_0"], &[]);
    graph.output("new_cached_len_0", Kind::I64, &[2, -1]);
    graph.node("Identity", &["cached_avg_0"], &["new_cached_avg_0"], &[]);
    graph.output("new_cached_avg_0", Kind::F32, &[2, -1, 3]);
    let says = [
        ("model_type", "zipformer"),
        ("T", "24"),
        ("decode_chunk_len", "18"),
    ];
    write(
        folder,
        "encoder-epoch-99-avg-1.int8.onnx",
        &graph.model(&says),
    );

    let mut graph = Graph::default();
    graph.input("y", Kind::I64, &[-1, 2]);
    graph.node("Cast", &["y"], &["decoder_out"], &[("to", Set::Int(1))]);
    graph.output("decoder_out", Kind::F32, &[-1, 2]);
    let says = [("context_size", "2"), ("vocab_size", "9")];
    write(folder, "decoder-epoch-99-avg-1.onnx", &graph.model(&says));

    let mut graph = Graph::default();
    graph.input("encoder_out", Kind::F32, &[-1, wide as i64]);
    graph.input("decoder_out", Kind::F32, &[-1, 2]);
    // What was said last changes nothing here.
    graph.floats("nothing", &[2, wide], &vec![0.0; 2 * wide]);
    graph.floats("blank", &[1, 1], &[4.0]);
    graph.node("MatMul", &["decoder_out", "nothing"], &["zero"], &[]);
    graph.node("Add", &["encoder_out", "zero"], &["words"], &[]);
    graph.node(
        "Concat",
        &["blank", "words"],
        &["logit"],
        &[("axis", Set::Int(1))],
    );
    graph.output("logit", Kind::F32, &[-1, wide as i64 + 1]);
    write(folder, "joiner-epoch-99-avg-1.int8.onnx", &graph.model(&[]));
    let words = KNOWN.iter().map(|word| format!("▁{}", word.to_uppercase()));
    let all = std::iter::once("<blk>".to_owned()).chain(words);
    list(folder, all);
}
