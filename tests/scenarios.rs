//! The eight acceptance scenarios: what somebody does who has never seen the program, in whatever
//! terminal and with whatever goes wrong, from the key that is pressed to the sound that is heard.
//!
//! Each drives the real program in a real terminal, with real sockets and files or a sound server
//! in the place of devices, and compares what it shows with `docs/scenarios.md`
//! ([`page`]).
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail, and a finger rests on a key for a while"
)]

#[path = "scenarios/blind.rs"]
mod blind;
#[path = "scenarios/cable.rs"]
mod cable;
#[path = "scenarios/chinese.rs"]
mod chinese;
#[path = "scenarios/cold.rs"]
mod cold;
#[path = "scenarios/headset.rs"]
mod headset;
#[path = "voice/house.rs"]
#[expect(dead_code, reason = "every test takes the part it needs")]
mod house;
#[path = "scenarios/interrupt.rs"]
mod interrupt;
#[path = "scenarios/keys.rs"]
mod keys;
#[path = "scenarios/page.rs"]
mod page;
#[path = "sound/rig.rs"]
#[expect(dead_code, reason = "every test takes the part it needs")]
mod rig;
#[path = "scenarios/room.rs"]
mod room;
#[path = "scenarios/slow.rs"]
mod slow;
mod support;

use house::hearsay;
use support::pty::Pty;

const CTRL_Q: &str = "\x11";
const ESC: &str = "\x1b";
const F10: &str = "\x1b[21~";
const F11: &str = "\x1b[23~";

/// Waits until this has gone on for so many seconds, as the screen counts them behind these words.
fn lasted(pty: &Pty, words: &str, seconds: u32) {
    pty.wait_for(&format!("{words} {seconds} s"), |screen| {
        let text = screen.contents();
        (seconds..60).any(|long| text.contains(&format!("{words} {long}.")))
    });
}

/// Leaves in order, and the terminal is as it was.
fn leave(mut pty: Pty) {
    pty.keys(CTRL_Q);
    let status = pty.end();
    assert!(status.success(), "{status:?}");
    pty.assert_restored();
}
