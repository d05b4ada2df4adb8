//! Models of which it is known what they answer: each hears the words that `tones` says, or says
//! letters as tones, with the inputs, outputs and files of the models it stands for. Nothing of it
//! was taught; the weights are worked out from the pitch of each word.
#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test and bench needs other parts of it"
)]

use super::onnx::{Graph, Kind, Set};
use super::tones;
use std::f64::consts::TAU;
use std::fs;
use std::path::Path;

/// The words these models know; their tones lie apart.
pub(crate) const KNOWN: [&str; 8] = ["what", "now", "can", "one", "six", "times", "no", "点"];

/// A word and the pauses that belong to it, in samples: 180 ms.
const PERIOD: usize = 2_880;
/// Where the sound of a word begins in its period, and how long it is.
const FROM: usize = 960;
const LONG: usize = 1_920;

/// How loud a tone is in the samples of `tones`.
const LOUD: f64 = 8_000.0 / 32_768.0;

fn write(folder: &Path, name: &str, bytes: &[u8]) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join(name), bytes).unwrap();
}

/// The list of pieces, with those that steer.
fn tokenizer(folder: &Path, pieces: &[&str], steering: &[usize], bytes: bool) {
    let vocabulary = pieces.iter().enumerate();
    let vocabulary: Vec<String> = vocabulary
        .map(|(number, piece)| format!("{}: {number}", serde_json::to_string(piece).unwrap()))
        .collect();
    let added: Vec<String> = steering
        .iter()
        .map(|number| {
            let content = serde_json::to_string(pieces[*number]).unwrap();
            format!("{{\"id\": {number}, \"content\": {content}, \"special\": true}}")
        })
        .collect();
    let decoder = if bytes { "ByteLevel" } else { "Sequence" };
    let json = format!(
        "{{\"model\": {{\"vocab\": {{{}}}}}, \"added_tokens\": [{}], \"decoder\": {{\"type\": \"{decoder}\"}}}}",
        vocabulary.join(", "),
        added.join(", ")
    );
    write(folder, "tokenizer.json", json.as_bytes());
}

/// Waves that find each word in a period of samples: two for each, a quarter of a turn apart.
fn waves() -> Vec<f32> {
    let mut weights = vec![];
    for word in KNOWN {
        for turn in [0.0, 0.25] {
            let hertz = tones::hertz(tones::place(word));
            weights.extend((0..PERIOD).map(|at| {
                let inside = (FROM..FROM + LONG).contains(&at);
                let wave = (TAU * (hertz * at as f64 / 16_000.0 + turn)).sin();
                // A tone of the usual loudness becomes about 1.
                (if inside {
                    wave * 2.0 / (LONG as f64 * LOUD)
                } else {
                    0.0
                }) as f32
            }));
        }
    }
    weights
}

/// The decoder of both: the row of the sound that comes next, as scores of pieces. What it
/// remembers of the sound it takes from its memory from the second step on.
///
/// `before`: how many pieces stand before the first word; `pieces`: the piece of each word.
fn decoder(
    before: i64,
    end: usize,
    count: usize,
    words: &[usize],
    first: Option<usize>,
) -> Vec<u8> {
    let mut graph = Graph::default();
    let wide = KNOWN.len();
    graph.input("input_ids", Kind::I64, &[-1, -1]);
    graph.input("encoder_hidden_states", Kind::F32, &[-1, -1, wide as i64]);
    for part in ["decoder", "encoder"] {
        for what in ["key", "value"] {
            let width = if (part, what) == ("encoder", "key") {
                wide
            } else {
                1
            };
            let name = format!("past_key_values.0.{part}.{what}");
            graph.input(&name, Kind::F32, &[-1, 1, -1, width as i64]);
        }
    }
    graph.input("use_cache_branch", Kind::Bool, &[1]);
    graph.ints("zero", &[1], &[0]);
    graph.ints("one", &[1], &[1]);
    graph.ints("two", &[1], &[2]);
    graph.ints("before", &[1], &[before]);
    graph.ints("lead", &[4], &[1, 1, -1, 1]);

    // The memory of what was said: a number for each piece.
    graph.node("Cast", &["input_ids"], &["ids"], &[("to", Set::Int(1))]);
    graph.node("Reshape", &["ids", "lead"], &["new"], &[]);
    for what in ["key", "value"] {
        let (past, present) = (
            format!("past_key_values.0.decoder.{what}"),
            format!("present.0.decoder.{what}"),
        );
        graph.node(
            "Concat",
            &[&past, "new"],
            &[&present],
            &[("axis", Set::Int(2))],
        );
        graph.output(&present, Kind::F32, &[-1, 1, -1, 1]);
    }
    // The memory of the sound: its rows, and one of silence behind them.
    let mut now = Graph::default();
    now.floats("silence", &[1, 1, wide], &vec![0.0; wide]);
    now.ints("at_one", &[1], &[1]);
    now.node(
        "Concat",
        &["encoder_hidden_states", "silence"],
        &["rows"],
        &[("axis", Set::Int(1))],
    );
    now.node("Unsqueeze", &["rows", "at_one"], &["now"], &[]);
    now.output("now", Kind::F32, &[1, 1, -1, wide as i64]);
    let mut then = Graph::default();
    then.node(
        "Identity",
        &["past_key_values.0.encoder.key"],
        &["then"],
        &[],
    );
    then.output("then", Kind::F32, &[1, 1, -1, wide as i64]);
    let branches = [
        ("then_branch", Set::Graph(then)),
        ("else_branch", Set::Graph(now)),
    ];
    graph.node("If", &["use_cache_branch"], &["heard"], &branches);
    // What the second step gives back of it is worth nothing, as in real exports.
    let mut keep = Graph::default();
    keep.node("Identity", &["heard"], &["kept"], &[]);
    keep.output("kept", Kind::F32, &[1, 1, -1, wide as i64]);
    let mut empty = Graph::default();
    empty.floats("nothing", &[1, 1, 0, wide], &[]);
    empty.node("Identity", &["nothing"], &["emptied"], &[]);
    empty.output("emptied", Kind::F32, &[1, 1, -1, wide as i64]);
    let branches = [
        ("then_branch", Set::Graph(empty)),
        ("else_branch", Set::Graph(keep)),
    ];
    graph.node(
        "If",
        &["use_cache_branch"],
        &["present.0.encoder.key"],
        &branches,
    );
    graph.output(
        "present.0.encoder.key",
        Kind::F32,
        &[-1, 1, -1, wide as i64],
    );
    graph.node(
        "Identity",
        &["past_key_values.0.encoder.value"],
        &["present.0.encoder.value"],
        &[],
    );
    graph.output("present.0.encoder.value", Kind::F32, &[-1, 1, -1, 1]);

    // Which row is next.
    graph.node("Shape", &["present.0.decoder.key"], &["said"], &[]);
    graph.node("Gather", &["said", "two"], &["long"], &[]);
    graph.node("Sub", &["long", "before"], &["next"], &[]);
    graph.node("Max", &["next", "zero"], &["from_zero"], &[]);
    graph.node("Shape", &["heard"], &["all"], &[]);
    graph.node("Gather", &["all", "two"], &["many"], &[]);
    graph.node("Sub", &["many", "one"], &["last"], &[]);
    graph.node("Min", &["from_zero", "last"], &["row"], &[]);
    graph.node(
        "Gather",
        &["heard", "row"],
        &["of_row"],
        &[("axis", Set::Int(2))],
    );
    graph.ints("flat", &[2], &[1, wide as i64]);
    graph.node("Reshape", &["of_row", "flat"], &["scores"], &[]);
    let mut weights = vec![0.0; wide * count];
    let mut bias = vec![-20.0; count];
    for (nth, piece) in words.iter().enumerate() {
        weights[nth * count + piece] = 40.0;
        bias[*piece] = -10.0;
    }
    bias[end] = 0.0;
    graph.floats("weights", &[wide, count], &weights);
    graph.floats("bias", &[count], &bias);
    graph.node("MatMul", &["scores", "weights"], &["weighed"], &[]);
    graph.node("Add", &["weighed", "bias"], &["flat_logits"], &[]);
    let mut logits = "flat_logits";
    if let Some(first) = first {
        // Before the words it says which language they are in.
        let mut tell = vec![0.0; count];
        tell[first] = 200.0;
        graph.floats("tell", &[1, count], &tell);
        graph.node("Less", &["next", "zero"], &["early"], &[]);
        graph.node("Cast", &["early"], &["earliness"], &[("to", Set::Int(1))]);
        graph.node("Mul", &["tell", "earliness"], &["telling"], &[]);
        graph.node("Add", &["flat_logits", "telling"], &["told"], &[]);
        logits = "told";
    }
    graph.ints("cube", &[3], &[1, 1, count as i64]);
    graph.node("Reshape", &[logits, "cube"], &["logits"], &[]);
    graph.output("logits", Kind::F32, &[-1, -1, count as i64]);
    graph.model(&[])
}

/// Moonshine: English, of samples.
pub(crate) fn moonshine(folder: &Path) {
    let wide = KNOWN.len();
    let mut graph = Graph::default();
    graph.input("input_values", Kind::F32, &[-1, -1]);
    graph.ints("at", &[1], &[1]);
    graph.floats("waves", &[2 * wide, 1, PERIOD], &waves());
    graph.node("Unsqueeze", &["input_values", "at"], &["row"], &[]);
    let strides = [
        ("strides", Set::Ints(vec![PERIOD as i64])),
        ("kernel_shape", Set::Ints(vec![PERIOD as i64])),
    ];
    graph.node("Conv", &["row", "waves"], &["found"], &strides);
    graph.node("Mul", &["found", "found"], &["power"], &[]);
    // Both waves of a word count together.
    let mut both = vec![0.0; 2 * wide * wide];
    for nth in 0..wide {
        both[2 * nth * wide + nth] = 1.0;
        both[(2 * nth + 1) * wide + nth] = 1.0;
    }
    graph.floats("both", &[2 * wide, wide], &both);
    graph.node(
        "Transpose",
        &["power"],
        &["turned"],
        &[("perm", Set::Ints(vec![0, 2, 1]))],
    );
    graph.node("MatMul", &["turned", "both"], &["last_hidden_state"], &[]);
    graph.output("last_hidden_state", Kind::F32, &[-1, -1, wide as i64]);
    write(folder, "encoder_model.onnx", &graph.model(&[]));
    let mut pieces = vec!["<unk>".to_owned(), "<s>".to_owned(), "</s>".to_owned()];
    pieces.extend(KNOWN.map(|word| format!("▁{word}")));
    let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
    let words: Vec<usize> = (3..pieces.len()).collect();
    write(
        folder,
        "decoder_model_merged.onnx",
        &decoder(1, 2, pieces.len(), &words, None),
    );
    tokenizer(folder, &pieces, &[0, 1, 2], false);
    write(
        folder,
        "config.json",
        br#"{"model_type": "moonshine", "eos_token_id": 2}"#,
    );
}

/// The band of 80 on the Slaney scale that a tone is in.
fn band(word: &str) -> usize {
    let hertz = tones::hertz(tones::place(word));
    let step = 6.4_f64.ln() / 27.0;
    let mel = |hertz: f64| {
        if hertz < 1_000.0 {
            hertz * 3.0 / 200.0
        } else {
            15.0 + (hertz / 1_000.0).ln() / step
        }
    };
    (mel(hertz) / (mel(8_000.0) / 81.0) - 1.0).round() as usize
}

/// The same on the scale of Kaldi, up to so many Hz.
fn kaldi_band(word: &str, high: f64) -> usize {
    let hertz = tones::hertz(tones::place(word));
    let mel = |hertz: f64| 1_127.0 * (1.0 + hertz / 700.0).ln();
    ((mel(hertz) - mel(20.0)) / ((mel(high) - mel(20.0)) / 81.0) - 1.0).round() as usize
}

/// Whisper: of pictures of half a minute, in a language that it tells.
pub(crate) fn whisper(folder: &Path) {
    let wide = KNOWN.len();
    let mut graph = Graph::default();
    graph.input("input_features", Kind::F32, &[-1, 80, 3000]);
    // What a band has more than all have, in the middle of each word.
    let mut weights = vec![0.0; wide * 80 * 18];
    for (nth, word) in KNOWN.iter().enumerate() {
        for frame in 9..16 {
            for band in 0..80 {
                weights[(nth * 80 + band) * 18 + frame] -= 1.0 / 80.0 / 7.0;
            }
            weights[(nth * 80 + band(word)) * 18 + frame] += 1.0 / 7.0;
        }
    }
    graph.floats("weights", &[wide, 80, 18], &weights);
    let strides = [
        ("strides", Set::Ints(vec![18])),
        ("kernel_shape", Set::Ints(vec![18])),
    ];
    graph.node("Conv", &["input_features", "weights"], &["found"], &strides);
    graph.node(
        "Transpose",
        &["found"],
        &["last_hidden_state"],
        &[("perm", Set::Ints(vec![0, 2, 1]))],
    );
    graph.output("last_hidden_state", Kind::F32, &[-1, -1, wide as i64]);
    write(folder, "encoder_model_quantized.onnx", &graph.model(&[]));
    let mut pieces: Vec<String> = KNOWN
        .iter()
        .map(|word| bytes(&format!(" {word}")))
        .collect();
    let words: Vec<usize> = (0..wide).collect();
    let end = pieces.len();
    let steering = [
        "<|endoftext|>",
        "<|startoftranscript|>",
        "<|en|>",
        "<|zh|>",
        "<|transcribe|>",
        "<|nospeech|>",
        "<|notimestamps|>",
    ];
    pieces.extend(steering.map(str::to_owned));
    let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
    let numbers: Vec<usize> = (end..pieces.len()).collect();
    let decoder = decoder(4, end, pieces.len(), &words, Some(end + 3));
    write(folder, "decoder_model_merged_quantized.onnx", &decoder);
    tokenizer(folder, &pieces, &numbers, true);
    write(folder, "config.json", br#"{"model_type": "whisper"}"#);
}

/// A text as pieces are written in which each byte is a character.
fn bytes(text: &str) -> String {
    let seen = |byte: &u32| matches!(byte, 33..=126 | 161..=172 | 174..=255);
    let hidden: Vec<u32> = (0..256).filter(|byte| !seen(byte)).collect();
    let of = |byte: u8| {
        let byte = u32::from(byte);
        let place = hidden.iter().position(|one| *one == byte);
        char::from_u32(place.map_or(byte, |place| 256 + place as u32)).unwrap()
    };
    text.bytes().map(of).collect()
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
    let lines: String = all
        .enumerate()
        .map(|(nth, piece)| format!("{piece} {nth}\n"))
        .collect();
    write(folder, "tokens.txt", lines.as_bytes());
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
    let lines: String = all
        .enumerate()
        .map(|(nth, piece)| format!("{piece} {nth}\n"))
        .collect();
    write(folder, "tokens.txt", lines.as_bytes());
}

/// The letters that the voice knows.
pub(crate) const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz ";
/// Samples of a letter at the usual speed.
pub(crate) const LETTER: usize = 800;

/// A voice of the VITS kind that says each letter as a tone; it reads letters.
pub(crate) fn vits(folder: &Path, name: &str) {
    let count = LETTERS.len() + 3;
    let mut graph = Graph::default();
    graph.input("input", Kind::I64, &[-1, -1]);
    graph.input("input_lengths", Kind::I64, &[-1]);
    graph.input("scales", Kind::F32, &[3]);
    // Filling, beginning and end have no sound at all: of those the row is of silence.
    let mut table = vec![0.0; count * LETTER];
    for (nth, row) in table.chunks_mut(LETTER).enumerate().skip(3) {
        for (at, sample) in row.iter_mut().enumerate() {
            let hertz = 200.0 + 40.0 * nth as f64;
            *sample = (0.3 * (TAU * hertz * at as f64 / 16_000.0).sin()) as f32;
        }
    }
    graph.floats("table", &[count, LETTER], &table);
    graph.node("Gather", &["table", "input"], &["rows"], &[]);
    // Faster is shorter.
    graph.ints("one", &[1], &[1]);
    graph.ints("zero", &[1], &[0]);
    graph.ints("two", &[1], &[2]);
    graph.floats("letter", &[1], &[LETTER as f32]);
    graph.node("Gather", &["scales", "one"], &["length"], &[]);
    graph.node("Mul", &["length", "letter"], &["samples"], &[]);
    graph.node("Cast", &["samples"], &["until"], &[("to", Set::Int(7))]);
    graph.node("Slice", &["rows", "zero", "until", "two"], &["cut"], &[]);
    // Real ones draw lots.
    graph.node("RandomNormalLike", &["cut"], &["chance"], &[]);
    graph.floats("never", &[1], &[0.0]);
    graph.node("Mul", &["chance", "never"], &["nothing"], &[]);
    graph.node("Add", &["cut", "nothing"], &["whole"], &[]);
    graph.ints("shape", &[3], &[1, 1, -1]);
    graph.node("Reshape", &["whole", "shape"], &["output"], &[]);
    graph.output("output", Kind::F32, &[-1, -1, -1]);
    write(folder, &format!("{name}.onnx"), &graph.model(&[]));
    let letters = LETTERS.chars().enumerate();
    let mut map: Vec<String> = letters
        .map(|(nth, letter)| format!("\"{letter}\": [{}]", nth + 3))
        .collect();
    map.extend(["\"_\": [0]", "\"^\": [1]", "\"$\": [2]"].map(str::to_owned));
    let json = format!(
        "{{\"audio\": {{\"sample_rate\": 16000}}, \"phoneme_type\": \"text\", \
         \"espeak\": {{\"voice\": \"en-us\"}}, \"phoneme_id_map\": {{{}}}}}",
        map.join(", ")
    );
    write(folder, &format!("{name}.onnx.json"), json.as_bytes());
}
