//! The line against everything that networks and servers do to it, on real sockets.
//!
//! Prints the table of `docs/faults.md`, which says how. Times are measured, not judged: how soon
//! a dead line is found is asserted in paused time, where the line itself is tested.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where it finds something wrong"
)]

#[path = "link_faults/client.rs"]
mod client;
#[path = "link_faults/elsewhere.rs"]
mod elsewhere;
#[path = "link_faults/fault.rs"]
mod fault;
#[path = "link_faults/frames.rs"]
mod frames;
#[path = "link_faults/greeting.rs"]
mod greeting;
#[path = "link_faults/network.rs"]
mod network;
#[path = "link_faults/open.rs"]
mod open;
#[path = "link_faults/peer.rs"]
#[expect(dead_code, reason = "others need what nobody needs here")]
mod peer;
#[cfg(target_os = "linux")]
#[path = "link_faults/process.rs"]
mod process;
#[path = "link_faults/recording.rs"]
mod recording;
#[path = "link_faults/restarts.rs"]
mod restarts;
#[path = "link_faults/table.rs"]
mod table;

mod support;

/// Written by the test that counts what the whole process holds, read by all others.
static TURN: tokio::sync::RwLock<()> = tokio::sync::RwLock::const_new(());
