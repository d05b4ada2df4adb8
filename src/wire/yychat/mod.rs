//! The yychat language: JSON text frames, each an object with a `type`.
//!
//! [`frames`] is the contract both sides share, [`Yychat`] the client's side of it. Plain servers
//! leave out which turn a frame is about; `asked` finds that out for them. Recordings leave by
//! `recorded`, speech arrives by `spoken`; [`binary`] is what both are in frames without text.

mod api;
mod asked;
mod beside;
pub mod binary;
mod called;
mod catalog;
mod client;
pub mod frames;
mod habits;
mod memory;
mod read;
mod recorded;
mod reply;
mod spoken;

pub use client::Yychat;
