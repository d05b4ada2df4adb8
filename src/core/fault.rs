//! What can go wrong, told in one shape: kind, severity, recovery, and a sentence for people.

use super::time::Now;
use serde::{Deserialize, Serialize};

/// Where a fault comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    WebsocketConnection,
    WebsocketMessage,
    StateTransition,
    Timeout,
    Validation,
    System,
}

/// How much a fault matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

/// What mends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recovery {
    Reconnect,
    Retry,
    Reset,
    Stop,
    FixInput,
}

/// One fault: what happened, why, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    pub kind: FaultKind,
    pub severity: Severity,
    pub recovery: Recovery,
    pub what: String,
    pub why: Option<String>,
    pub hint: Option<String>,
    pub at: Now,
}

/// The faults so far: the latest in full, all of them counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    recent: Vec<Fault>,
}

impl Faults {
    /// The latest ones, oldest first.
    pub fn recent(&self) -> &[Fault] {
        &self.recent
    }
}
