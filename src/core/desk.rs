//! The assistant's desk: notes, things to do, and what rings later.

use super::time::Wall;

/// Something to remember.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub id: i64,
    pub text: String,
    pub at: Wall,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Todo {
    pub id: i64,
    pub text: String,
    pub done: bool,
    pub at: Wall,
}

/// Something that rings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timer {
    pub id: i64,
    pub label: String,
    pub due: Wall,
    pub created: Wall,
}
