//! Models of which it is known what they hear: the words that `tones` says, with the inputs, outputs and files of the models it stands for. Nothing of it
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

pub(super) fn write(folder: &Path, name: &str, bytes: &[u8]) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join(name), bytes).unwrap();
}

/// The list of pieces, with those that steer.
pub(super) fn tokenizer(folder: &Path, pieces: &[&str], steering: &[usize], bytes: bool) {
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
/// `before`: how many pieces stand before the first word; `pieces`: the piece of each word; `first`:
/// the piece of the language, which it tells before them.
fn decoder(
    before: i64,
    end: usize,
    count: usize,
    words: &[usize],
    first: Option<usize>,
    made_up: Option<MadeUp>,
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
        weights[nth * count + piece] = if made_up.is_some() { 0.0 } else { 40.0 };
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
        if let Some(silence) = made_up.and_then(|made_up| made_up.silence) {
            tell[silence] = 203.0;
        }
        graph.floats("tell", &[1, count], &tell);
        graph.node("Less", &["next", "zero"], &["early"], &[]);
        graph.node("Cast", &["early"], &["earliness"], &[("to", Set::Int(1))]);
        graph.node("Mul", &["tell", "earliness"], &["telling"], &[]);
        graph.node("Add", &["flat_logits", "telling"], &["told"], &[]);
        logits = "told";
    }
    if let Some(made_up) = made_up {
        // The first word for certain, or any of them.
        let mut said = vec![0.0; count];
        for (nth, piece) in words.iter().enumerate() {
            said[*piece] = match (made_up.sure, nth) {
                (true, 0) => 40.0,
                (true, _) => 0.0,
                (false, _) => 12.0,
            };
        }
        graph.floats("said_of_nothing", &[1, count], &said);
        graph.ints("until", &[1], &[made_up.words]);
        graph.node("Less", &["next", "until"], &["on"], &[]);
        graph.node("Not", &["on"], &["off"], &[]);
        graph.node("Cast", &["on"], &["still"], &[("to", Set::Int(1))]);
        graph.node("Cast", &["off"], &["over"], &[("to", Set::Int(1))]);
        graph.node("Mul", &["said_of_nothing", "still"], &["invented"], &[]);
        let mut stop = vec![0.0; count];
        stop[end] = 200.0;
        graph.floats("stop", &[1, count], &stop);
        graph.node("Mul", &["stop", "over"], &["stopping"], &[]);
        graph.node("Add", &["invented", "stopping"], &["moved"], &[]);
        graph.node("Add", &[logits, "moved"], &["made_up"], &[]);
        logits = "made_up";
    }
    graph.ints("cube", &[3], &[1, 1, count as i64]);
    graph.node("Reshape", &[logits, "cube"], &["logits"], &[]);
    graph.output("logits", Kind::F32, &[-1, -1, count as i64]);
    graph.model(&[])
}

/// Words that a model says whatever it hears.
#[derive(Clone, Copy)]
pub(crate) struct MadeUp {
    /// So many.
    pub(crate) words: i64,
    /// Always the first that it knows, and for certain; else any of them.
    pub(crate) sure: bool,
    /// The piece with which it says that nobody speaks, if it does; whisper knows which.
    pub(crate) silence: Option<usize>,
}

/// Moonshine: English, of samples.
pub(crate) fn moonshine(folder: &Path) {
    moonshine_that(folder, None);
}

pub(crate) fn moonshine_that(folder: &Path, made_up: Option<MadeUp>) {
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
        &decoder(1, 2, pieces.len(), &words, None, made_up),
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

/// Whisper: of pictures of half a minute, in a language that it tells.
pub(crate) fn whisper(folder: &Path) {
    whisper_that(folder, None);
}

pub(crate) fn whisper_that(folder: &Path, made_up: Option<MadeUp>) {
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
    let made_up = made_up.map(|made_up| MadeUp {
        silence: made_up.silence.map(|_any| end + 5),
        ..made_up
    });
    let first = Some(end + 3);
    let decoder = decoder(4, end, pieces.len(), &words, first, made_up);
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
