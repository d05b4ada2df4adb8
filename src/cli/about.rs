//! Which program this is: what `hearsay --version` says, so that a report can name it.
//!
//! All of it is known when the program is compiled; nothing is run to find it out.

use std::env::consts::{ARCH, OS};
use std::sync::LazyLock;

/// The commit, as the archive of a source says it: `git archive` writes it here, and only there.
const ARCHIVED: &str = include_str!("commit.txt");

/// Version, commit, target and profile, a line each.
pub(super) fn facts() -> &'static str {
    static FACTS: LazyLock<String> = LazyLock::new(|| {
        let commit = commit(option_env!("HEARSAY_COMMIT"), ARCHIVED).unwrap_or("not known");
        let version = env!("CARGO_PKG_VERSION");
        let (target, profile) = (target(), profile());
        format!("{version}\ncommit: {commit}\ntarget: {target}\nprofile: {profile}")
    });
    &FACTS
}

/// What whoever builds it says, or else the archive it is built from.
fn commit<'a>(told: Option<&'a str>, archived: &'a str) -> Option<&'a str> {
    let is_commit = |text: &&str| text.len() >= 7 && text.chars().all(|c| c.is_ascii_hexdigit());
    let told = told.map(str::trim).filter(is_commit);
    told.or_else(|| Some(archived.trim()).filter(is_commit))
}

fn target() -> String {
    let environment = [
        (cfg!(target_env = "gnu"), "gnu"),
        (cfg!(target_env = "musl"), "musl"),
        (cfg!(target_env = "msvc"), "msvc"),
    ];
    let environment = environment.into_iter().find(|(here, _)| *here);
    let environment = environment.map_or(String::new(), |(_, name)| format!("-{name}"));
    format!("{ARCH}-{OS}{environment}")
}

fn profile() -> &'static str {
    if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_what_looks_like_one_and_the_builder_knows_best() {
        let (one, other) = ("2927cdb1aa", "003349c0000\n");
        for (told, archived, expected) in [
            (None, "$Format:%H$\n", None),
            (None, other, Some("003349c0000")),
            (Some(one), other, Some(one)),
            (Some(""), other, Some("003349c0000")),
            (Some("main"), "", None),
        ] {
            assert_eq!(commit(told, archived), expected, "{told:?} {archived:?}");
        }
    }
}
