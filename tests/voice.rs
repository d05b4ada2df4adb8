//! Hearing and speaking with the whole program: what is said into its microphone, what its engines
//! make of it, and what comes out of its loudspeaker.
//!
//! Most of it is said and heard in tones ([`support::tones`]), each of which is a word, so that
//! words can be compared from one end to the other.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail, and a finger rests on a key for a while"
)]

#[path = "voice/call.rs"]
mod call;
#[path = "voice/fault.rs"]
mod fault;
#[path = "voice/house.rs"]
#[expect(dead_code, reason = "every test takes the part it needs")]
mod house;
#[path = "voice/line.rs"]
mod line;
#[path = "voice/on_the_rig.rs"]
mod on_the_rig;
#[path = "voice/plain.rs"]
mod plain;
#[path = "sound/rig.rs"]
#[expect(dead_code, reason = "every test takes the part it needs")]
mod rig;
#[path = "voice/screen.rs"]
mod screen;
mod support;
#[path = "voice/turn.rs"]
mod turn;

use house::hearsay;
