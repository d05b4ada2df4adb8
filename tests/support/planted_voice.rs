//! Voices of which it is known what they say: each letter is a tone. They have the inputs, outputs and
//! files of the voices they stand for.
#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test and bench needs other parts of it"
)]

use super::onnx::{Graph, Kind, Set};
use super::planted::{tokenizer, write};
use std::f64::consts::TAU;
use std::path::Path;

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

/// Kokoro: as the voice above, in two voices of which one is half as loud, by the length of what is
/// said.
pub(crate) fn kokoro(folder: &Path) {
    let count = LETTERS.len() + 1;
    let mut graph = Graph::default();
    graph.input("input_ids", Kind::I64, &[-1, -1]);
    graph.input("style", Kind::F32, &[-1, 256]);
    graph.input("speed", Kind::F32, &[1]);
    let mut table = vec![0.0; count * LETTER];
    for (nth, row) in table.chunks_mut(LETTER).enumerate().skip(1) {
        for (at, sample) in row.iter_mut().enumerate() {
            let hertz = 320.0 + 40.0 * (nth - 1) as f64;
            *sample = (0.3 * (TAU * hertz * at as f64 / 16_000.0).sin()) as f32;
        }
    }
    graph.floats("table", &[count, LETTER], &table);
    graph.node("Gather", &["table", "input_ids"], &["rows"], &[]);
    graph.ints("zero", &[1], &[0]);
    graph.node(
        "Gather",
        &["style", "zero"],
        &["loud"],
        &[("axis", Set::Int(1))],
    );
    graph.node("Mul", &["rows", "loud"], &["styled"], &[]);
    graph.node("Div", &["styled", "speed"], &["paced"], &[]);
    graph.ints("shape", &[2], &[1, -1]);
    graph.node("Reshape", &["paced", "shape"], &["waveform"], &[]);
    graph.output("waveform", Kind::F32, &[-1, -1]);
    write(folder, "model.onnx", &graph.model(&[]));
    let pieces: Vec<String> = LETTERS.chars().map(String::from).collect();
    let pieces: Vec<&str> = std::iter::once("$")
        .chain(pieces.iter().map(String::as_str))
        .collect();
    tokenizer(folder, &pieces, &[], false);
    for (name, loud) in [("af_heart", 1.0_f32), ("am_adam", 0.5)] {
        let styles = vec![loud; 256 * 510];
        let bytes: Vec<u8> = styles.iter().flat_map(|one| one.to_le_bytes()).collect();
        write(&folder.join("voices"), &format!("{name}.bin"), &bytes);
    }
}

/// MeloTTS: as the first voice, but behind each letter its tone is told, by the tone of the letter
/// that comes so much later than `a`. It knows some words of both languages.
pub(crate) fn melo(folder: &Path) {
    let count = LETTERS.len() + 3;
    let mut graph = Graph::default();
    graph.input("x", Kind::I64, &[-1, -1]);
    graph.input("x_lengths", Kind::I64, &[-1]);
    graph.input("tones", Kind::I64, &[-1, -1]);
    graph.input("sid", Kind::I64, &[1]);
    for scale in ["noise_scale", "length_scale", "noise_scale_w"] {
        graph.input(scale, Kind::F32, &[1]);
    }
    let row = |nth: usize| {
        let hertz = 200.0 + 40.0 * nth as f64;
        (0..LETTER).map(move |at| (0.3 * (TAU * hertz * at as f64 / 16_000.0).sin()) as f32)
    };
    let silence = || std::iter::repeat_n(0.0, LETTER);
    let letters: Vec<f32> = (std::iter::repeat_with(silence).take(3).flatten())
        .chain((3..count).flat_map(row))
        .collect();
    // No tone is no sound.
    let tones: Vec<f32> = silence().chain((4..14).flat_map(row)).collect();
    graph.floats("letters", &[count, LETTER], &letters);
    graph.floats("of_tones", &[11, LETTER], &tones);
    graph.node("Gather", &["letters", "x"], &["said"], &[]);
    graph.node("Gather", &["of_tones", "tones"], &["toned"], &[]);
    let last = [("axis", Set::Int(2))];
    graph.node("Concat", &["said", "toned"], &["rows"], &last);
    // Faster is shorter.
    graph.ints("zero", &[1], &[0]);
    graph.ints("two", &[1], &[2]);
    graph.floats("both", &[1], &[2.0 * LETTER as f32]);
    graph.node("Mul", &["length_scale", "both"], &["samples"], &[]);
    graph.node("Cast", &["samples"], &["until"], &[("to", Set::Int(7))]);
    graph.node("Slice", &["rows", "zero", "until", "two"], &["cut"], &[]);
    graph.ints("shape", &[3], &[1, 1, -1]);
    graph.node("Reshape", &["cut", "shape"], &["y"], &[]);
    graph.output("y", Kind::F32, &[-1, -1, -1]);
    let says = [
        ("sample_rate", "22050"),
        ("add_blank", "1"),
        ("speaker_id", "1"),
    ];
    write(folder, "model.int8.onnx", &graph.model(&says));
    // The sounds that it knows by the letters that tell them.
    let sounds = [
        ("n", 'n'),
        ("i", 'i'),
        ("h", 'h'),
        ("ao", 'o'),
        ("s", 's'),
        ("an", 'a'),
        ("d", 'd'),
        ("ian", 'x'),
        ("b", 'b'),
        ("u", 'u'),
        ("sh", 'q'),
        ("ir", 'r'),
        ("eh", 'e'),
        ("k", 'k'),
        ("l", 'l'),
        ("ow", 'w'),
        ("v", 'y'),
        ("V", 'v'),
        (".", 'z'),
        (",", 'c'),
    ];
    let mut tokens = "_ 0\n".to_owned();
    for (sound, letter) in sounds {
        let number = LETTERS.find(letter).unwrap() + 3;
        tokens.extend([sound, " ", &number.to_string(), "\n"]);
    }
    write(folder, "tokens.txt", tokens.as_bytes());
    let words = "hello h eh l ow 7 8 7 9\n你 n i 3 3\n好 h ao 3 3\n你好 n i h ao 3 3 3 3\n\
                 三 s an 1 1\n点 d ian 3 3\n不 b u 4 4\n是 sh ir 4 4\n";
    write(folder, "lexicon.txt", words.as_bytes());
}
