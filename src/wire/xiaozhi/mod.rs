//! The xiaozhi language: what voice toys and self-hosted assistants of that family speak, as their
//! servers really behave.
//!
//! [`Xiaozhi`] is the client's side: a hello each way, then sound as packets of Opus and
//! everything else as JSON. `ota` finds out where to connect, `exchange` keeps one question and
//! its answer together, `microphone` packs recordings in the frames of [`binary`], and `mcp`
//! offers our tools to the server.

pub mod binary;
mod client;
mod exchange;
mod frames;
mod habits;
mod identity;
mod mcp;
mod microphone;
mod ota;
mod read;
#[cfg(test)]
mod tests;

pub use client::Xiaozhi;
pub use identity::Identity;
