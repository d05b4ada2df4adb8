//! What several integration tests share.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "every test takes the part it needs, and a helper may fail a test or
              say that it is skipped"
)]

pub mod fault_proxy;
pub mod model_server;
pub mod pty;
pub mod tones;
