//! Keeps the line up: dials, waits for the greeting, beats, notices silence, dials again.
//!
//! [`machine`] decides, with [`policy`], [`backoff`] and `pulse`; these are pure and know neither
//! sockets nor clocks. [`drive`] is the one task that owns the socket and does what the machine
//! says: `connect` opens it, [`address`] understands where to, `cable` moves messages, `backlog`
//! holds what the program has not taken yet. The language spoken over it is `wire`'s.

pub mod address;
mod backlog;
pub mod backoff;
mod cable;
mod clock;
mod connect;
pub mod drive;
pub mod machine;
pub mod policy;
mod pulse;
mod settings;

pub use clock::Clock;
pub use connect::Target;
pub use drive::spawn;
pub use settings::LinkSettings;
