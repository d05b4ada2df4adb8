//! Our own engine: rten, in pure Rust, which runs each graph on its own pool of threads.

use super::{Port, Runner};
use rten::{DataType, Dimension, Model, NodeId, NodeInfo, Value, ValueOrView, ValueType};
use std::fmt;
use std::path::Path;

/// A graph that it has loaded.
pub(super) struct Ours(Model);

impl fmt::Debug for Ours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ours").finish_non_exhaustive()
    }
}

impl Ours {
    pub(super) fn open(path: &Path) -> Result<Self, String> {
        let model = Model::load_file(path).map_err(|error| error.to_string())?;
        Ok(Self(model))
    }

    fn nodes(&self, names: &[&str]) -> Result<Vec<NodeId>, String> {
        let nodes = names.iter().map(|name| self.0.node_id(name));
        let nodes: Result<Vec<_>, _> = nodes.collect();
        nodes.map_err(|error| error.to_string())
    }
}

impl Runner for Ours {
    fn ports(&self) -> (Vec<Port>, Vec<Port>) {
        let ports = |ids: &[NodeId]| ids.iter().map(|id| port(&self.0, *id)).collect();
        (ports(self.0.input_ids()), ports(self.0.output_ids()))
    }

    fn says(&self, key: &str) -> Option<String> {
        self.0.metadata().get(key).map(str::to_owned)
    }

    fn run(
        &self,
        inputs: Vec<(&str, ValueOrView<'_>)>,
        outputs: &[&str],
    ) -> Result<Vec<Value>, String> {
        let (names, values): (Vec<&str>, Vec<_>) = inputs.into_iter().unzip();
        let inputs = self.nodes(&names)?.into_iter().zip(values).collect();
        let outputs = self.nodes(outputs)?;
        let answers = self.0.run(inputs, &outputs, None);
        answers.map_err(|error| error.to_string())
    }
}

fn port(model: &Model, id: NodeId) -> Port {
    let info = model.node_info(id);
    let sizes = |shape: Vec<Dimension>| {
        let size = |dimension| match dimension {
            Dimension::Fixed(size) => Some(size),
            Dimension::Symbolic(_) => None,
        };
        shape.into_iter().map(size).collect()
    };
    let kind = info.as_ref().and_then(NodeInfo::dtype);
    Port {
        name: info
            .as_ref()
            .and_then(NodeInfo::name)
            .unwrap_or_default()
            .to_owned(),
        shape: info.as_ref().and_then(NodeInfo::shape).map(sizes),
        whole: kind == Some(ValueType::Tensor(DataType::Int32)),
    }
}
