//! Writes small models: ONNX by hand, as far as tests and benches need it. Shared by both, and
//! independent of what reads it.
//!
//! The numbers of the fields are those of `onnx.proto`.
#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test and bench needs other parts of it"
)]

/// What the numbers of a tensor are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    F32 = 1,
    I32 = 6,
    I64 = 7,
    Bool = 9,
}

/// An attribute of a node.
#[derive(Clone, Debug)]
pub(crate) enum Set {
    Int(i64),
    Ints(Vec<i64>),
    Float(f32),
    /// The graph of a branch.
    Graph(Graph),
}

/// A graph that is being written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    nodes: Vec<u8>,
    tensors: Vec<u8>,
    inputs: Vec<u8>,
    outputs: Vec<u8>,
    count: usize,
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A field that holds a number.
pub(crate) fn number(id: u64, value: u64) -> Vec<u8> {
    let mut out = vec![];
    varint(id << 3, &mut out);
    varint(value, &mut out);
    out
}

/// A field that holds bytes, a text or another message.
pub(crate) fn field(id: u64, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![];
    varint(id << 3 | 2, &mut out);
    varint(bytes.len() as u64, &mut out);
    out.extend_from_slice(bytes);
    out
}

fn value(name: &str, kind: Kind, shape: &[i64]) -> Vec<u8> {
    let sizes: Vec<u8> = (shape.iter().enumerate())
        .flat_map(|(nth, size)| {
            let size = match u64::try_from(*size) {
                Ok(size) => number(1, size),
                Err(_any) => field(2, format!("{name}_{nth}").as_bytes()),
            };
            field(1, &size)
        })
        .collect();
    let tensor = [number(1, kind as u64), field(2, &sizes)].concat();
    [field(1, name.as_bytes()), field(2, &field(1, &tensor))].concat()
}

impl Graph {
    /// An input; a negative size may be any.
    pub(crate) fn input(&mut self, name: &str, kind: Kind, shape: &[i64]) {
        self.inputs.extend(field(11, &value(name, kind, shape)));
    }

    pub(crate) fn output(&mut self, name: &str, kind: Kind, shape: &[i64]) {
        self.outputs.extend(field(12, &value(name, kind, shape)));
    }

    fn tensor(&mut self, name: &str, kind: Kind, shape: &[usize], raw: &[u8]) {
        let mut tensor = vec![];
        for size in shape {
            tensor.extend(number(1, *size as u64));
        }
        tensor.extend(number(2, kind as u64));
        tensor.extend(field(8, name.as_bytes()));
        tensor.extend(field(9, raw));
        self.tensors.extend(field(5, &tensor));
    }

    /// Weights that are fractions.
    pub(crate) fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        assert_eq!(shape.iter().product::<usize>(), values.len(), "{name}");
        let raw: Vec<u8> = values.iter().flat_map(|one| one.to_le_bytes()).collect();
        self.tensor(name, Kind::F32, shape, &raw);
    }

    /// Weights that are whole numbers.
    pub(crate) fn ints(&mut self, name: &str, shape: &[usize], values: &[i64]) {
        assert_eq!(shape.iter().product::<usize>(), values.len(), "{name}");
        let raw: Vec<u8> = values.iter().flat_map(|one| one.to_le_bytes()).collect();
        self.tensor(name, Kind::I64, shape, &raw);
    }

    pub(crate) fn node(
        &mut self,
        op: &str,
        inputs: &[&str],
        outputs: &[&str],
        sets: &[(&str, Set)],
    ) {
        let mut node = vec![];
        for input in inputs {
            node.extend(field(1, input.as_bytes()));
        }
        for output in outputs {
            node.extend(field(2, output.as_bytes()));
        }
        node.extend(field(3, format!("{op}_{}", self.count).as_bytes()));
        self.count += 1;
        node.extend(field(4, op.as_bytes()));
        for (name, set) in sets {
            let (kind, held) = match set {
                Set::Float(value) => {
                    let mut held = vec![2 << 3 | 5];
                    held.extend(value.to_le_bytes());
                    (1, held)
                }
                Set::Int(value) => (2, number(3, *value as u64)),
                Set::Graph(graph) => (5, field(6, &graph.body())),
                Set::Ints(values) => (
                    7,
                    values
                        .iter()
                        .flat_map(|one| number(8, *one as u64))
                        .collect(),
                ),
            };
            let set = [field(1, name.as_bytes()), held, number(20, kind)].concat();
            node.extend(field(5, &set));
        }
        self.nodes.extend(field(1, &node));
    }

    fn body(&self) -> Vec<u8> {
        let name = field(2, b"g");
        let parts = [
            &self.nodes,
            &name,
            &self.tensors,
            &self.inputs,
            &self.outputs,
        ];
        parts.into_iter().flatten().copied().collect()
    }

    /// The file, with what it says about itself.
    pub(crate) fn model(&self, says: &[(&str, &str)]) -> Vec<u8> {
        let mut model = number(1, 8);
        for (key, value) in says {
            let pair = [field(1, key.as_bytes()), field(2, value.as_bytes())].concat();
            model.extend(field(14, &pair));
        }
        model.extend(field(7, &self.body()));
        model.extend(field(8, &number(2, 17)));
        model
    }
}
