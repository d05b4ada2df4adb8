//! Which chord means which action, where.

use super::action::Action;
use super::chord::Chord;
use serde::{Deserialize, Serialize};

/// Where a key is pressed. The topmost layer decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Context {
    /// The chat with its composer.
    Chat,
    /// A picker.
    Picker,
    /// A page to read.
    Page,
}

/// The bindings in force.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Keymap {
    bindings: Vec<(Context, Chord, Action)>,
}

impl Keymap {
    /// What this chord means here.
    pub fn action(&self, context: Context, chord: Chord) -> Option<&Action> {
        self.bindings
            .iter()
            .find(|(c, k, _)| *c == context && *k == chord)
            .map(|(_, _, a)| a)
    }

    /// The chords bound to an action here, the one to show first.
    pub fn chords(&self, context: Context, action: &Action) -> Vec<Chord> {
        self.bindings
            .iter()
            .filter(|(c, _, a)| *c == context && a == action)
            .map(|b| b.1)
            .collect()
    }
}
