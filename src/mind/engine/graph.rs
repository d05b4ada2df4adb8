//! A loaded model: what goes in and what comes out, by name.
//!
//! Our own engine runs it, or onnxruntime where the program was built for it and told to use it; both
//! take and give the same values. How many threads compute is settled by whoever starts the process.
//! What an engine says it cannot do becomes an error, and so does a fault of its own.

#[cfg(feature = "onnxruntime")]
mod onnxruntime;
mod ours;

use super::error::ModelError;
use super::scan::scan;
use ours::Ours;
use rten::{Value, ValueOrView};
use rten_tensor::Layout;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// One input or output.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Port {
    pub(super) name: String,
    /// Its sizes, those that may be any as `None`; nothing where the file does not say.
    pub(super) shape: Option<Vec<Option<usize>>>,
    /// Whether its numbers are whole.
    pub(super) whole: bool,
}

/// What runs a graph.
trait Runner: Debug + Send {
    /// What goes in, and what comes out.
    fn ports(&self) -> (Vec<Port>, Vec<Port>);

    /// What the file says about itself.
    fn says(&self, key: &str) -> Option<String>;

    /// Values by the names of the inputs, answers in the order of the outputs' names. All names are
    /// those of its ports.
    fn run(
        &self,
        inputs: Vec<(&str, ValueOrView<'_>)>,
        outputs: &[&str],
    ) -> Result<Vec<Value>, String>;
}

/// A graph that can be run.
#[derive(Debug)]
pub(super) struct Graph {
    runner: Box<dyn Runner>,
    file: String,
    pub(super) inputs: Vec<Port>,
    pub(super) outputs: Vec<Port>,
}

/// Runs every graph that is opened from now on with an onnxruntime of this machine: `auto`, or where
/// it is.
#[cfg(feature = "onnxruntime")]
pub(super) fn borrow(place: &str) -> Result<(), ModelError> {
    onnxruntime::load(place).map_err(|why| ModelError::Library { why })
}

/// This build knows no engine but its own.
#[cfg(not(feature = "onnxruntime"))]
pub(super) fn borrow(_place: &str) -> Result<(), ModelError> {
    Err(ModelError::Alone)
}

fn runner(path: &Path) -> Result<Box<dyn Runner>, String> {
    #[cfg(feature = "onnxruntime")]
    if onnxruntime::is_loaded() {
        return Ok(Box::new(onnxruntime::Borrowed::open(path)?));
    }
    Ok(Box::new(Ours::open(path)?))
}

impl Graph {
    pub(super) fn open(path: &Path) -> Result<Self, ModelError> {
        let file = path.display().to_string();
        scan(path).map_err(|why| ModelError::Damaged {
            file: file.clone(),
            why,
        })?;
        let refused = |why: String| ModelError::Refused {
            file: file.clone(),
            why,
        };
        let runner = guarded(|| runner(path)).and_then(|runner| runner);
        let runner = runner.map_err(refused)?;
        let (inputs, outputs) = runner.ports();
        Ok(Self {
            runner,
            file,
            inputs,
            outputs,
        })
    }

    pub(super) fn input(&self, name: &str) -> Option<&Port> {
        self.inputs.iter().find(|port| port.name == name)
    }

    /// Whether it has these inputs and outputs; an error that names what it lacks.
    pub(super) fn needs(&self, inputs: &[&str], outputs: &[&str]) -> Result<(), ModelError> {
        let has = |ports: &[Port], name: &str| ports.iter().any(|port| port.name == name);
        let lacks = (inputs.iter().find(|name| !has(&self.inputs, name)))
            .or_else(|| outputs.iter().find(|name| !has(&self.outputs, name)));
        lacks.map_or(Ok(()), |name| Err(self.other(name)))
    }

    /// It is not what its files say.
    pub(super) fn other(&self, lacks: &str) -> ModelError {
        ModelError::Other {
            file: self.file.clone(),
            lacks: lacks.to_owned(),
        }
    }

    pub(super) fn refused(&self, why: impl std::fmt::Display) -> ModelError {
        ModelError::Refused {
            file: self.file.clone(),
            why: why.to_string(),
        }
    }

    /// What the file says about itself.
    pub(super) fn says(&self, key: &str) -> Option<String> {
        self.runner.says(key)
    }

    /// The same, as a number.
    pub(super) fn number(&self, key: &str) -> Result<usize, ModelError> {
        let number = self.says(key).and_then(|text| text.trim().parse().ok());
        number.ok_or_else(|| self.other(key))
    }

    /// Runs it: values by the names of the inputs, answers in the order of the outputs' names.
    pub(super) fn run(
        &self,
        inputs: Vec<(&str, ValueOrView<'_>)>,
        outputs: &[&str],
    ) -> Result<Vec<Value>, ModelError> {
        let names: Vec<&str> = inputs.iter().map(|(name, _)| *name).collect();
        self.needs(&names, outputs)?;
        guarded(|| self.runner.run(inputs, outputs))
            .and_then(|answers| answers)
            .map_err(|why| self.refused(why))
    }

    /// An answer of fractions: its sizes and its numbers.
    pub(super) fn floats(&self, value: Value) -> Result<(Vec<usize>, Vec<f32>), ModelError> {
        match value {
            Value::FloatTensor(tensor) => Ok((tensor.shape().to_vec(), tensor.into_data())),
            other => Err(self.refused(format!("it answers with {}", other.dtype()))),
        }
    }
}

/// A tensor of fractions.
pub(super) fn floats(shape: &[usize], data: Vec<f32>) -> Value {
    Value::from_shape(shape, data).expect("there are as many numbers as the shape says")
}

/// A tensor of whole numbers.
pub(super) fn wholes(shape: &[usize], data: Vec<i32>) -> Value {
    Value::from_shape(shape, data).expect("there are as many numbers as the shape says")
}

/// An engine is somebody else's code, and so is the model.
fn guarded<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|payload| {
        let said = (payload.downcast_ref::<String>().map(String::as_str))
            .or_else(|| payload.downcast_ref::<&str>().copied());
        said.unwrap_or("it broke down").to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mind::engine::onnx::{self, Kind, Set};

    fn opened(graph: &onnx::Graph) -> Result<Graph, ModelError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.onnx");
        std::fs::write(&path, graph.model(&[("vocab_size", "7")])).unwrap();
        Graph::open(&path)
    }

    fn twice() -> onnx::Graph {
        let mut graph = onnx::Graph::default();
        graph.input("x", Kind::F32, &[-1, 2]);
        graph.node("Add", &["x", "x"], &["y"], &[]);
        graph.output("y", Kind::F32, &[-1, 2]);
        graph
    }

    #[test]
    fn a_model_is_run_by_the_names_of_what_goes_in_and_out() {
        let graph = opened(&twice()).unwrap();
        assert_eq!(graph.inputs[0].shape, Some(vec![None, Some(2)]));
        assert!(!graph.inputs[0].whole);
        assert_eq!(graph.number("vocab_size"), Ok(7));
        let x = floats(&[1, 2], vec![1.0, 2.0]);
        let mut y = graph.run(vec![("x", x.into())], &["y"]).unwrap();
        let y = graph.floats(y.remove(0)).unwrap();
        assert_eq!(y, (vec![1, 2], vec![2.0, 4.0]));
        assert!(graph.needs(&["x"], &["y"]).is_ok());
        let lacks = graph.needs(&["x", "tokens"], &["y"]).unwrap_err();
        assert!(matches!(lacks, ModelError::Other { lacks, .. } if lacks == "tokens"));
    }

    #[test]
    fn what_does_not_fit_is_an_error_and_no_panic() {
        let graph = opened(&twice()).unwrap();
        let x = floats(&[1, 3], vec![0.0; 3]);
        let error = graph.run(vec![("x", x.into())], &["y"]).unwrap_err();
        assert!(matches!(error, ModelError::Refused { .. }), "{error}");
        let x = wholes(&[1, 2], vec![0; 2]);
        assert!(graph.run(vec![("x", x.into())], &["y"]).is_err());
        assert!(graph.run(vec![], &["y"]).is_err());

        let mut strange = onnx::Graph::default();
        strange.input("x", Kind::F32, &[2]);
        strange.node("NoSuchThing", &["x"], &["y"], &[("a", Set::Int(1))]);
        strange.output("y", Kind::F32, &[2]);
        let error = opened(&strange).unwrap_err();
        assert!(matches!(error, ModelError::Refused { .. }), "{error}");
    }

    #[test]
    fn no_shortened_or_changed_file_makes_it_panic() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.onnx");
        let model = twice().model(&[]);
        for at in 0..model.len() {
            std::fs::write(&path, &model[..at]).unwrap();
            let _ = Graph::open(&path);
            let mut changed = model.clone();
            changed[at] ^= 0xff;
            std::fs::write(&path, &changed).unwrap();
            let _ = Graph::open(&path);
        }
    }
}
