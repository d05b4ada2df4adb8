//! The yychat language: JSON text frames, each an object with a `type`.

pub mod frames;
