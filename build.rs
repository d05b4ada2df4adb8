//! Packs the list of places that are corrected when the program is loaded. It would be a twentieth
//! of the whole program, and takes a thirtieth of its room when packed.
//!
//! The C library that loads the program must know how to unpack it. So this is done only where the
//! program is built for the system it is built on, and where that system's library is new enough.

use std::process::Command;

/// The first release of the GNU C library that unpacks.
const SINCE: (u32, u32) = (2, 36);

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let [host, target] = ["HOST", "TARGET"].map(|name| std::env::var(name).unwrap_or_default());
    if host == target && target.ends_with("-linux-gnu") && library().is_some_and(|it| it >= SINCE) {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// The version of this system's C library.
fn library() -> Option<(u32, u32)> {
    let output = Command::new("getconf").arg("GNU_LIBC_VERSION").output();
    let text = String::from_utf8(output.ok()?.stdout).ok()?;
    let (major, minor) = text.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
