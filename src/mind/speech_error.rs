//! What can go wrong with ears and voices, sorted by what helps against it.

/// Why something was not heard or not spoken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpeechError {
    /// Nothing here can do it.
    #[error("{what}")]
    Missing { what: String, hint: String },
    /// It is there and could not.
    #[error("`{engine}` failed: {why}")]
    Failed { engine: String, why: String },
}

impl SpeechError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Missing { hint, .. } => Some(hint.clone()),
            Self::Failed { .. } => None,
        }
    }
}
