//! One exchange: what the user said, what comes back, and when each stage was reached.

use super::ids::{MessageId, TurnId};
use super::time::Moment;
use serde::{Deserialize, Serialize};

/// A stage of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The user let go: the clock starts here.
    Sent,
    /// The backend confirmed that it thinks.
    Thinking,
    /// The first piece of text arrived.
    FirstText,
    /// The last piece of text arrived.
    TextDone,
}

/// The exchange that is going on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    pub id: TurnId,
    pub question: MessageId,
    pub reply: MessageId,
    pub started: Moment,
    pub stages: Vec<(Stage, Moment)>,
    /// The model server is loading its model.
    pub loading: bool,
    /// 80 % of the allowed time is over.
    pub late: bool,
}
