//! Keeps the line up: dials, waits for the greeting, beats, notices silence, dials again.
//!
//! [`machine`] decides, with [`policy`], [`backoff`], `pulse` and `quality`; these are pure and know
//! neither sockets nor clocks. [`drive`] is the one task that owns the socket and does what the machine
//! says: `connect` opens it (over `dial`, `proxy` and `tls`), [`address`] understands where to,
//! `cable` moves messages, `backlog` holds what the program has not taken yet, `clips` knows which
//! recording can still arrive, `errands` asks the backend beside the socket, and [`Ends`] is what the program holds on to. The language spoken
//! over it is `wire`'s. Where several backends may answer, [`choice`] decides which one does, and
//! `standby` holds a line to each. One that only reads and writes is lent ears and a voice by `lend`. A host of logs is followed by [`logs`]. What passed
//! of late is on a [`Tape`].

pub mod address;
mod alarm;
mod backlog;
pub mod backoff;
mod cable;
pub mod choice;
mod clips;
mod clock;
mod connect;
mod count;
mod dial;
pub mod drive;
mod ends;
mod errands;
mod lend;
pub mod logs;
pub mod machine;
pub mod policy;
mod proxy;
mod pulse;
mod quality;
mod settings;
pub mod standby;
mod tape;
mod tls;
mod watch;

pub use clock::Clock;
pub use connect::{Remote, Target};
pub use drive::spawn;
pub use ends::{CLIPS, Ends, Play, silent};
pub use lend::{Helper, between};
pub use proxy::Proxies;
pub use settings::LinkSettings;
pub use standby::{Candidate, Standby};
pub use tape::Tape;
pub use tls::Trust;
