//! Models of the shapes of real ones, with weights drawn by lot. What decides how many pieces they say
//! is planted.

use super::onnx::{Graph, Kind, Set};
use std::fs;
use std::path::Path;

/// The shape of a model.
struct Shape {
    width: usize,
    heads: usize,
    encoders: usize,
    decoders: usize,
    inner: usize,
    words: usize,
}

const MOONSHINE_TINY: Shape = Shape {
    width: 288,
    heads: 8,
    encoders: 6,
    decoders: 6,
    inner: 1_152,
    words: 32_768,
};

const WHISPER_TINY: Shape = Shape {
    width: 384,
    heads: 6,
    encoders: 4,
    decoders: 4,
    inner: 1_536,
    words: 51_865,
};

/// A graph whose weights are drawn by lot.
struct Draw {
    graph: Graph,
    seed: u32,
    count: usize,
}

impl Draw {
    fn new() -> Self {
        Self {
            graph: Graph::default(),
            seed: 1,
            count: 0,
        }
    }

    fn name(&mut self) -> String {
        self.count += 1;
        format!("n{}", self.count)
    }

    fn weights(&mut self, shape: &[usize]) -> String {
        let size: usize = shape.iter().product();
        let scale = 2.0 / (shape[0] as f32).sqrt();
        let values: Vec<f32> = (0..size)
            .map(|_| {
                self.seed = self
                    .seed
                    .wrapping_mul(1_664_525)
                    .wrapping_add(1_013_904_223);
                ((self.seed >> 8) as f32 / 16_777_216.0 - 0.5) * scale
            })
            .collect();
        let name = self.name();
        self.graph.floats(&name, shape, &values);
        name
    }

    fn whole(&mut self, values: &[i64]) -> String {
        let name = self.name();
        self.graph.ints(&name, &[values.len()], values);
        name
    }

    fn op(&mut self, op: &str, inputs: &[&str], sets: &[(&str, Set)]) -> String {
        let name = self.name();
        self.graph.node(op, inputs, &[&name], sets);
        name
    }

    fn times(&mut self, x: &str, from: usize, to: usize) -> String {
        let weights = self.weights(&[from, to]);
        self.op("MatMul", &[x, &weights], &[])
    }

    fn norm(&mut self, x: &str, width: usize) -> String {
        let (scale, bias) = (self.weights(&[width]), self.weights(&[width]));
        self.op(
            "LayerNormalization",
            &[x, &scale, &bias],
            &[("axis", Set::Int(-1))],
        )
    }

    fn gelu(&mut self, x: &str) -> String {
        let root = self.name();
        self.graph.floats(&root, &[1], &[std::f32::consts::SQRT_2]);
        let (one, half) = (self.name(), self.name());
        self.graph.floats(&one, &[1], &[1.0]);
        self.graph.floats(&half, &[1], &[0.5]);
        let scaled = self.op("Div", &[x, &root], &[]);
        let erf = self.op("Erf", &[&scaled], &[]);
        let more = self.op("Add", &[&erf, &one], &[]);
        let both = self.op("Mul", &[x, &more], &[]);
        self.op("Mul", &[&both, &half], &[])
    }

    /// As many rows as there are, in heads.
    fn heads(&mut self, x: &str, shape: &Shape) -> String {
        let split = self.whole(&[
            1,
            -1,
            shape.heads as i64,
            (shape.width / shape.heads) as i64,
        ]);
        let split = self.op("Reshape", &[x, &split], &[]);
        self.op(
            "Transpose",
            &[&split],
            &[("perm", Set::Ints(vec![0, 2, 1, 3]))],
        )
    }

    fn attend(&mut self, q: &str, k: &str, v: &str, shape: &Shape) -> String {
        let turned = self.op("Transpose", &[k], &[("perm", Set::Ints(vec![0, 1, 3, 2]))]);
        let scores = self.op("MatMul", &[q, &turned], &[]);
        let shares = self.op("Softmax", &[&scores], &[("axis", Set::Int(-1))]);
        let mixed = self.op("MatMul", &[&shares, v], &[]);
        let back = self.op(
            "Transpose",
            &[&mixed],
            &[("perm", Set::Ints(vec![0, 2, 1, 3]))],
        );
        let flat = self.whole(&[1, -1, shape.width as i64]);
        let flat = self.op("Reshape", &[&back, &flat], &[]);
        self.times(&flat, shape.width, shape.width)
    }

    fn inner(&mut self, x: &str, shape: &Shape) -> String {
        let normed = self.norm(x, shape.width);
        let wide = self.times(&normed, shape.width, shape.inner);
        let wide = self.gelu(&wide);
        let narrow = self.times(&wide, shape.inner, shape.width);
        self.op("Add", &[x, &narrow], &[])
    }

    fn encoder(&mut self, mut x: String, shape: &Shape) -> String {
        for _ in 0..shape.encoders {
            let normed = self.norm(&x, shape.width);
            let [q, k, v] = [0; 3].map(|_| {
                let all = self.times(&normed, shape.width, shape.width);
                self.heads(&all, shape)
            });
            let attended = self.attend(&q, &k, &v, shape);
            let sum = self.op("Add", &[&x, &attended], &[]);
            x = self.inner(&sum, shape);
        }
        self.norm(&x, shape.width)
    }

    fn conv(&mut self, x: &str, shape: &[usize], stride: i64, pad: i64) -> String {
        let weights = self.weights(shape);
        let sets = [
            ("strides", Set::Ints(vec![stride])),
            ("kernel_shape", Set::Ints(vec![shape[2] as i64])),
            ("pads", Set::Ints(vec![pad, pad])),
        ];
        self.op("Conv", &[x, &weights], &sets)
    }
}

/// The decoder of a shape: what it remembers goes in and comes out, as in real exports.
fn decoder(shape: &Shape) -> Vec<u8> {
    let mut draw = Draw::new();
    let (wide, each) = (shape.width as i64, (shape.width / shape.heads) as i64);
    let heads = shape.heads as i64;
    draw.graph.input("input_ids", Kind::I64, &[-1, -1]);
    draw.graph
        .input("encoder_hidden_states", Kind::F32, &[-1, -1, wide]);
    draw.graph.input("use_cache_branch", Kind::Bool, &[1]);
    let embedding = draw.weights(&[shape.words, shape.width]);
    let mut x = draw.op("Gather", &[&embedding, "input_ids"], &[]);
    for layer in 0..shape.decoders {
        for part in ["decoder", "encoder"] {
            for what in ["key", "value"] {
                let name = format!("past_key_values.{layer}.{part}.{what}");
                draw.graph.input(&name, Kind::F32, &[-1, heads, -1, each]);
            }
        }
        let normed = draw.norm(&x, shape.width);
        let [q, k, v] = [0; 3].map(|_| {
            let all = draw.times(&normed, shape.width, shape.width);
            draw.heads(&all, shape)
        });
        let [k, v] = [("key", k), ("value", v)].map(|(what, new)| {
            let past = format!("past_key_values.{layer}.decoder.{what}");
            let present = format!("present.{layer}.decoder.{what}");
            draw.graph.node(
                "Concat",
                &[&past, &new],
                &[&present],
                &[("axis", Set::Int(2))],
            );
            draw.graph
                .output(&present, Kind::F32, &[-1, heads, -1, each]);
            present
        });
        let attended = draw.attend(&q, &k, &v, shape);
        x = draw.op("Add", &[&x, &attended], &[]);
        // Of the sound: computed at the first step, remembered afterwards.
        let normed = draw.norm(&x, shape.width);
        let q = draw.times(&normed, shape.width, shape.width);
        let q = draw.heads(&q, shape);
        let [k, v] = ["key", "value"].map(|what| {
            let weights = draw.weights(&[shape.width, shape.width]);
            let split = draw.whole(&[1, -1, heads, each]);
            let mut now = Graph::default();
            now.node(
                "MatMul",
                &["encoder_hidden_states", &weights],
                &["all"],
                &[],
            );
            now.node("Reshape", &["all", &split], &["split"], &[]);
            let turn = [("perm", Set::Ints(vec![0, 2, 1, 3]))];
            now.node("Transpose", &["split"], &["now"], &turn);
            now.output("now", Kind::F32, &[1, heads, -1, each]);
            let mut then = Graph::default();
            let past = format!("past_key_values.{layer}.encoder.{what}");
            then.node("Identity", &[&past], &["then"], &[]);
            then.output("then", Kind::F32, &[1, heads, -1, each]);
            let present = format!("present.{layer}.encoder.{what}");
            let branches = [
                ("then_branch", Set::Graph(then)),
                ("else_branch", Set::Graph(now)),
            ];
            draw.graph
                .node("If", &["use_cache_branch"], &[&present], &branches);
            draw.graph
                .output(&present, Kind::F32, &[-1, heads, -1, each]);
            present
        });
        let attended = draw.attend(&q, &k, &v, shape);
        let sum = draw.op("Add", &[&x, &attended], &[]);
        x = draw.inner(&sum, shape);
    }
    let normed = draw.norm(&x, shape.width);
    let turned = draw.op(
        "Transpose",
        &[&embedding],
        &[("perm", Set::Ints(vec![1, 0]))],
    );
    let drawn = draw.op("MatMul", &[&normed, &turned], &[]);
    // The next piece is the one after the last, so that nothing ends early or goes in circles.
    let (two, hundred) = (draw.whole(&[2]), draw.whole(&[100]));
    let long = draw.op("Shape", &["present.0.decoder.key"], &[]);
    let long = draw.op("Gather", &[&long, &two], &[]);
    let next = draw.op("Add", &[&long, &hundred], &[]);
    let depth = draw.whole(&[shape.words as i64]);
    let levels = draw.name();
    draw.graph.floats(&levels, &[2], &[0.0, 1_000.0]);
    let chosen = draw.op("OneHot", &[&next, &depth, &levels], &[]);
    draw.graph.node("Add", &[&drawn, &chosen], &["logits"], &[]);
    draw.graph
        .output("logits", Kind::F32, &[-1, -1, shape.words as i64]);
    draw.graph.model(&[])
}

fn tokenizer(folder: &Path, shape: &Shape, end: usize, steering: &[(&str, usize)]) {
    let pieces = (0..shape.words).map(|number| format!("\"w{number} \": {number}"));
    let added = steering.iter().map(|(piece, number)| {
        format!("{{\"id\": {number}, \"content\": \"{piece}\", \"special\": true}}")
    });
    let json = format!(
        "{{\"model\": {{\"vocab\": {{{}}}}}, \"added_tokens\": [{}], \"decoder\": {{\"type\": \"x\"}}}}",
        pieces.collect::<Vec<_>>().join(","),
        added.collect::<Vec<_>>().join(",")
    );
    fs::write(folder.join("tokenizer.json"), json).unwrap();
    let kind = if steering.is_empty() {
        "moonshine"
    } else {
        "whisper"
    };
    let config = format!("{{\"model_type\": \"{kind}\", \"eos_token_id\": {end}}}");
    fs::write(folder.join("config.json"), config).unwrap();
}

pub(crate) fn moonshine(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let shape = MOONSHINE_TINY;
    let mut draw = Draw::new();
    draw.graph.input("input_values", Kind::F32, &[-1, -1]);
    let at = draw.whole(&[1]);
    let row = draw.op("Unsqueeze", &["input_values", &at], &[]);
    let first = draw.conv(&row, &[shape.width, 1, 127], 64, 0);
    let first = draw.op("Tanh", &[&first], &[]);
    let second = draw.conv(&first, &[2 * shape.width, shape.width, 7], 3, 0);
    let second = draw.gelu(&second);
    let third = draw.conv(&second, &[shape.width, 2 * shape.width, 3], 2, 0);
    let third = draw.gelu(&third);
    let x = draw.op(
        "Transpose",
        &[&third],
        &[("perm", Set::Ints(vec![0, 2, 1]))],
    );
    let x = draw.encoder(x, &shape);
    draw.graph
        .node("Identity", &[&x], &["last_hidden_state"], &[]);
    draw.graph.output(
        "last_hidden_state",
        Kind::F32,
        &[-1, -1, shape.width as i64],
    );
    fs::write(folder.join("encoder_model.onnx"), draw.graph.model(&[])).unwrap();
    fs::write(folder.join("decoder_model_merged.onnx"), decoder(&shape)).unwrap();
    tokenizer(folder, &shape, 2, &[]);
}

pub(crate) fn whisper(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let shape = WHISPER_TINY;
    let mut draw = Draw::new();
    draw.graph
        .input("input_features", Kind::F32, &[-1, 80, 3_000]);
    let first = draw.conv("input_features", &[shape.width, 80, 3], 1, 1);
    let first = draw.gelu(&first);
    let second = draw.conv(&first, &[shape.width, shape.width, 3], 2, 1);
    let second = draw.gelu(&second);
    let x = draw.op(
        "Transpose",
        &[&second],
        &[("perm", Set::Ints(vec![0, 2, 1]))],
    );
    let places = draw.weights(&[1_500, shape.width]);
    let x = draw.op("Add", &[&x, &places], &[]);
    let x = draw.encoder(x, &shape);
    draw.graph
        .node("Identity", &[&x], &["last_hidden_state"], &[]);
    draw.graph.output(
        "last_hidden_state",
        Kind::F32,
        &[-1, -1, shape.width as i64],
    );
    fs::write(folder.join("encoder_model.onnx"), draw.graph.model(&[])).unwrap();
    fs::write(folder.join("decoder_model_merged.onnx"), decoder(&shape)).unwrap();
    // It ends after forty pieces, which is what ten seconds of speech have.
    let end = 100 + 4 + 40;
    let steering = [
        ("<|endoftext|>", end),
        ("<|startoftranscript|>", 50_258),
        ("<|en|>", 50_259),
        ("<|zh|>", 50_260),
        ("<|transcribe|>", 50_359),
        ("<|notimestamps|>", 50_363),
    ];
    tokenizer(folder, &shape, end, &steering);
}
