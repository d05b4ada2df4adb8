//! What a brain can do besides talking: the same abilities serve a real model as tools and the
//! built-in brain as its whole mind.

mod desk;

pub use desk::{Desk, DeskError, Later};

use super::{Call, ToolSpec};
use std::sync::Arc;

/// Tells the time where the user is.
pub type Clock = Arc<dyn Fn() -> jiff::Zoned + Send + Sync>;

/// All tools, and what they work with.
pub struct Toolbox {
    desk: Arc<dyn Desk>,
    clock: Clock,
}

impl Toolbox {
    pub fn new(desk: Arc<dyn Desk>, clock: Clock, _seed: u64) -> Self {
        Self { desk, clock }
    }

    /// The tools a model may call.
    pub fn specs(&self) -> Vec<ToolSpec> {
        vec![]
    }

    /// Runs one call. Both outcomes are told to the model.
    pub async fn call(&self, call: &Call) -> Result<String, String> {
        let _ = (&self.desk, &self.clock);
        Err(format!("there is no tool `{}`", call.name))
    }
}
