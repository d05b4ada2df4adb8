//! store
mod excerpt;
mod segment;
