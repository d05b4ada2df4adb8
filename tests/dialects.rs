//! Each language against a server of ours that behaves as the real ones do, faults included: over
//! real sockets, through the real link, and once with the whole program.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where it finds something wrong"
)]

#[path = "cli/house.rs"]
#[expect(dead_code, reason = "every test takes the part it needs")]
mod house;

#[path = "dialects/client.rs"]
#[expect(dead_code, reason = "every test takes the part it needs")]
mod client;
#[path = "dialects/realtime/mod.rs"]
mod realtime;
mod support;
#[path = "dialects/yychat/mod.rs"]
mod yychat;
