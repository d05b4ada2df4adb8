//! The yychat language: JSON text frames, each an object with a `type`.
//!
//! [`frames`] is the contract both sides share, [`Yychat`] the client's side of it. Plain servers
//! leave out which turn a frame is about; `asked` finds that out for them.

mod asked;
mod client;
pub mod frames;
mod read;

pub use client::Yychat;
