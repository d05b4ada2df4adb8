//! Runs models on this machine: whatever hears, speaks or answers with files in a folder of its own.
//!
//! A model is a program that somebody else wrote. So it runs in a process of its own, which has
//! little to say: `child` is that process, `remote` starts it, asks it, ends it when nobody waits
//! any more, and lets it go when nobody has asked for a while. Whatever a model does, it does it
//! there: it may ask for more memory than there is, or never come back.
//!
//! `files` tells which model a folder holds, `scan` looks a file through before it is loaded,
//! `graph` runs it, `tokens` and `features` are what lies between words, numbers and sound, `hear`
//! makes words, `speak` makes sound and `think` makes answers.

mod agree;
pub mod child;
mod error;
mod features;
mod files;
mod graph;
pub(super) mod hear;
mod process;
pub(super) mod remote;
mod scan;
pub(super) mod speak;
pub(super) mod talk;
pub(super) mod think;
mod tokens;

pub use error::ModelError;
pub(super) use files::named;
pub use files::{Files, Kind, installed, open};
pub use scan::check;
pub use tokens::Tokens;

#[cfg(test)]
#[path = "../../../tests/support/onnx.rs"]
mod onnx;
