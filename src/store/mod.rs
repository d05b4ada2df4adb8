//! Remembers.
mod error;
mod excerpt;
mod open;
mod place;
mod private;
mod segment;
pub use error::StoreError;
pub use place::path_of;
