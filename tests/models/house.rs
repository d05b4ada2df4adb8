//! A shelf of its own for each test, and a model of two files on a hub.

use super::support::hub::Hub;
use hearsay::mind::models::{
    self, Catalogue, Entry, Hash, Limits, ModelsError, Order, Receipt, Shelf, Step, Trouble,
};
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;

/// Where the hub has the two files of the model.
pub(crate) const GRAPH: &str = "test/tiny/resolve/main/onnx/graph.onnx";
pub(crate) const TOKENS: &str = "test/tiny/resolve/main/tokens.txt";

/// The list that names the model.
pub(crate) const LIST: &str = r#"
[[model]]
id = "tiny"
task = "ears"
languages = ["en"]
licence = "MIT"
about_mb = 1
default_for = ["en"]
repository = "test/tiny"
files = [{ path = "onnx/graph.onnx" }, { path = "tokens.txt" }]
"#;

/// Something like a graph: long enough to be cut, and no two parts of it alike.
pub(crate) fn graph() -> Vec<u8> {
    let mut state = 1_u32;
    let mut bytes = vec![0x08, 0x07];
    bytes.extend((0..300_000).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    }));
    bytes
}

pub(crate) fn tokens() -> Vec<u8> {
    b"<blk> 0\nhello 1\n".to_vec()
}

/// A hub that has the model.
pub(crate) fn hub() -> Hub {
    Hub::start(&[(GRAPH, &graph()), (TOKENS, &tokens())])
}

pub(crate) struct House {
    pub(crate) folder: TempDir,
    pub(crate) shelf: Shelf,
    pub(crate) catalogue: Catalogue,
    pub(crate) limits: Limits,
}

impl House {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            shelf: Shelf::new(folder.path()),
            folder,
            catalogue: Catalogue::with(LIST).unwrap(),
            limits: Limits {
                pause: Duration::ZERO,
                tries: 3,
                progress: Duration::ZERO,
                ..Limits::default()
            },
        }
    }

    pub(crate) fn entry(&self) -> &Entry {
        self.catalogue.get("tiny").unwrap()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.shelf.place("tiny").join(name)
    }

    pub(crate) fn read(&self, name: &str) -> Option<Vec<u8>> {
        std::fs::read(self.path(name)).ok()
    }

    /// Fetches the model from a hub and its mirrors.
    pub(crate) fn pull(&self, bases: &[&str]) -> Result<Receipt, ModelsError> {
        let hub = models::Hub {
            base: bases[0].to_owned(),
            mirrors: bases[1..].iter().map(|base| (*base).to_owned()).collect(),
            ..models::Hub::default()
        };
        self.pull_from(&hub, &mut |_step| {})
    }

    pub(crate) fn pull_from(
        &self,
        hub: &models::Hub,
        tell: &mut dyn FnMut(Step<'_>),
    ) -> Result<Receipt, ModelsError> {
        let order = Order {
            entry: self.entry(),
            hub,
            limits: self.limits.clone(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(self.shelf.pull(&order, tell))
    }

    /// Nothing of a file is here but the file itself.
    pub(crate) fn is_clean(&self, name: &str) -> bool {
        let left = [format!("{name}.part"), format!("{name}.part.from")];
        left.iter().all(|name| self.read(name).is_none())
    }
}

/// The hash of some bytes.
pub(crate) fn hash(bytes: &[u8]) -> Hash {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bytes");
    std::fs::write(&path, bytes).unwrap();
    Hash::of_file(&path, &mut |_length| {}).unwrap().1
}

/// Why each place that was asked did not give the file.
pub(crate) fn troubles(done: Result<Receipt, ModelsError>) -> Vec<Trouble> {
    match done {
        Err(ModelsError::Fetch(unfetched)) => {
            let asked = unfetched.asked.into_iter();
            asked.map(|(_, trouble)| trouble).collect()
        }
        other => panic!("{other:?}"),
    }
}
