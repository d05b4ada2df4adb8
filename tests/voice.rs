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

use std::path::Path;
use std::process::{Command, Stdio};

/// The program, with an empty environment and everything it keeps below `home`.
fn hearsay(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hearsay"));
    command
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("TMPDIR", home)
        .env("LANG", "C.UTF-8")
        .env("TZ", "UTC")
        .env("HEARSAY_DATA_DIR", home.join("data"))
        .env("HEARSAY_BRAIN", "builtin")
        .env("PULSE_SERVER", "unix:/none")
        .env("ALSA_CONFIG_PATH", "/dev/null")
        .current_dir(home)
        .stdin(Stdio::null());
    let config = home.join("config.toml");
    if config.exists() {
        command.env("HEARSAY_CONFIG", config);
    }
    if let Some(profile) = std::env::var_os("LLVM_PROFILE_FILE") {
        command.env("LLVM_PROFILE_FILE", profile);
    }
    command
}
