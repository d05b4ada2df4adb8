//! Who may import whom, and what the pure parts may not touch: the house rules of
//! `docs/design.md`, checked on the source itself.
//!
//! The source is read as tokens, so comments and strings count for nothing, and every form of an
//! import counts: `use` trees, `super::super::`, and paths in the middle of an expression.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where it finds something wrong"
)]

#[path = "layers/source.rs"]
mod source;

use source::{Scan, scan};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each folder and the other folders it may import.
const RULES: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("codec", &["core"]),
    ("wire", &["codec", "core"]),
    ("store", &["codec", "core"]),
    ("tail", &["core"]),
    ("config", &["core"]),
    ("view", &["core"]),
    ("link", &["core", "wire"]),
    ("mind", &["codec", "core"]),
    ("sound", &["codec", "core"]),
    (
        "serve",
        &["codec", "core", "mind", "sound", "store", "tail", "wire"],
    ),
    (
        "shell",
        &[
            "codec", "config", "core", "link", "mind", "serve", "sound", "store", "tail", "view",
            "wire",
        ],
    ),
    (
        "cli",
        &[
            "codec", "config", "core", "link", "mind", "serve", "shell", "sound", "store", "tail",
            "view", "wire",
        ],
    ),
];

/// What is pure, always. A file elsewhere that calls itself `Pure` is held to it as well.
const PURE: &[&str] = &[
    "core/",
    "codec/",
    "wire/",
    "view/",
    "link/backoff.rs",
    "link/machine.rs",
    "link/policy.rs",
    "link/pulse.rs",
];

/// Crates that do things to the world.
const DOING: &[&str] = &[
    "cpal",
    "crossterm",
    "directories",
    "fastrand",
    "getrandom",
    "rand",
    "reqwest",
    "rusqlite",
    "rustix",
    "signal_hook",
    "tokio",
    "tokio_rustls",
    "tokio_tungstenite",
    "tokio_util",
    "tracing_subscriber",
];
/// Parts of the standard library that do, or that answer differently each time.
const DOING_STD: &[&str] = &["env", "fs", "net", "os", "process", "thread"];
/// What `std::net` has of plain values.
const ADDRESSES: &[&str] = &["IpAddr", "Ipv4Addr", "Ipv6Addr", "SocketAddr"];
const PRINTING: &[&str] = &["dbg", "eprint", "eprintln", "print", "println"];

#[test]
fn every_folder_imports_only_what_it_may_and_the_pure_parts_touch_nothing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![];
    gather(&root, &root, &mut files);
    let violations = check(&files);
    assert!(
        violations.is_empty(),
        "\n{}\nthe rules are in `docs/design.md`",
        violations.join("\n")
    );
}

#[test]
fn the_map_in_lib_rs_names_every_folder() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let map = fs::read_to_string(root.join("lib.rs")).unwrap();
    let folders: BTreeSet<String> = fs::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    let ruled: BTreeSet<String> = RULES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(
        folders, ruled,
        "each folder has a rule, and each rule a folder"
    );
    for folder in folders {
        assert!(
            map.contains(&format!("//! - [`{folder}`] ")),
            "`lib.rs` says no sentence about `{folder}`"
        );
    }
}

fn gather(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            gather(root, &path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap();
            files.push((name.replace('\\', "/"), fs::read_to_string(&path).unwrap()));
        }
    }
}

/// All violations, as sentences. Files are named from `src`.
fn check(files: &[(String, String)]) -> Vec<String> {
    let scanned: Vec<(&str, &str, Scan)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str(), scan(name, text)))
        .collect();
    let for_tests: BTreeSet<&str> = (scanned.iter())
        .flat_map(|(_, _, scan)| scan.test_files.iter().map(String::as_str))
        .collect();
    let mut violations = vec![];
    for (name, text, scan) in &scanned {
        violations.extend(imports(name, scan));
        let inside = |path: &str| for_tests.iter().any(|test| path.starts_with(test));
        let stem = name.trim_end_matches(".rs").trim_end_matches("/mod");
        if is_pure(name, text) && !inside(&format!("{stem}/")) {
            violations.extend(impurities(name, scan));
        }
    }
    violations
}

fn folder_of(name: &str) -> Option<&str> {
    name.split_once('/').map(|(folder, _)| folder)
}

fn imports(name: &str, scan: &Scan) -> Vec<String> {
    // `lib.rs` declares all folders, and `main.rs` hands over to the command line.
    let Some(folder) = folder_of(name) else {
        return vec![];
    };
    let allowed = RULES
        .iter()
        .find(|(known, _)| *known == folder)
        .map_or(&[][..], |(_, allowed)| allowed);
    let may = if allowed.is_empty() {
        "nothing of ours".to_owned()
    } else {
        let names: Vec<String> = allowed.iter().map(|name| format!("`{name}`")).collect();
        names.join(", ")
    };
    let mut violations = vec![];
    for path in &scan.paths {
        let Some(parts) = path.within(name) else {
            continue;
        };
        let line = path.line;
        match parts.first().map(String::as_str) {
            Some("*") => violations.push(format!(
                "`{name}:{line}` imports every folder at once; `{folder}` may import {may}"
            )),
            Some(other)
                if other != folder
                    && RULES.iter().any(|(known, _)| *known == other)
                    && !allowed.contains(&other) =>
            {
                violations.push(format!(
                    "`{name}:{line}` imports `{other}`; `{folder}` may import {may}"
                ));
            }
            _ => {}
        }
    }
    violations
}

fn is_pure(name: &str, text: &str) -> bool {
    PURE.iter().any(|pure| match pure.strip_suffix(".rs") {
        // The parts of a pure file are pure, too.
        Some(stem) => name == *pure || name.starts_with(&format!("{stem}/")),
        None => name.starts_with(pure),
    }) || text
        .lines()
        .take_while(|line| line.starts_with("//!"))
        .flat_map(|line| line.split(|c: char| !c.is_alphanumeric()))
        .any(|word| word == "Pure" && folder_of(name).is_some())
}

fn impurities(name: &str, scan: &Scan) -> Vec<String> {
    let mut violations = vec![];
    for path in scan.paths.iter().filter(|path| !path.in_test) {
        let parts: Vec<&str> = path.parts.iter().map(String::as_str).collect();
        let does = match parts.as_slice() {
            ["std" | "core", "net", address, ..] if ADDRESSES.contains(address) => false,
            ["std", part, ..] if DOING_STD.contains(part) => true,
            ["std", "io", "stdin" | "stdout" | "stderr", ..] => true,
            ["*"] => false,
            [printing] if path.is_macro => PRINTING.contains(printing),
            [first, ..] if parts.len() > 1 && DOING.contains(first) => true,
            // Clocks of every library, and the standard library's dice.
            [.., _, "now"] => true,
            _ => parts.contains(&"crossterm") || parts.contains(&"RandomState"),
        };
        if does {
            let found = parts.join("::") + if path.is_macro { "!" } else { "" };
            violations.push(format!(
                "`{name}:{}` uses `{found}`; `{name}` is pure: no file, socket, task, terminal, \
                 clock, chance or printing",
                path.line
            ));
        }
    }
    violations
}

// The checker itself.

fn told(files: &[(&str, &str)]) -> Vec<String> {
    let files: Vec<(String, String)> = files
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    check(&files)
}

#[test]
fn every_form_of_an_import_is_seen_and_told_with_its_line() {
    let told_of = |text: &str| told(&[("view/chat/row.rs", text)]);
    let sentence = |line: usize, what: &str| {
        vec![format!(
            "`view/chat/row.rs:{line}` imports `{what}`; `view` may import `core`"
        )]
    };
    for (text, line, what) in [
        ("use crate::shell;", 1, "shell"),
        ("use crate::shell as core;", 1, "shell"),
        ("pub use crate::cli::ask::*;", 1, "cli"),
        ("use crate::{core::mode, link::Clock};", 1, "link"),
        (
            "use crate::{\n core::{mode, ids::TurnId},\n store::{self, Store},\n};",
            3,
            "store",
        ),
        ("use super::super::super::wire;", 1, "wire"),
        ("use super::super::super::{core, wire::yychat};", 1, "wire"),
        (
            "mod inner {\n use super::super::super::super::mind;\n}",
            2,
            "mind",
        ),
        ("fn f() {\n let x = crate::config::load();\n}", 2, "config"),
        ("fn f(x: Vec<crate::serve::Session>) {}", 1, "serve"),
        (
            "#[cfg(test)]\nmod tests {\n use crate::store::Store;\n}",
            3,
            "store",
        ),
        ("macro_rules! m { () => { $crate::link::f() } }", 1, "link"),
        ("const Q: char = '\"'; use crate::shell; // \"", 1, "shell"),
    ] {
        let expected = sentence(line, what);
        let found = told_of(text);
        // A `use` of a folder and a name in it is one violation for each name.
        assert!(
            !found.is_empty() && found.iter().all(|one| expected.contains(one)),
            "{text}: {found:?}"
        );
    }
    assert_eq!(
        told_of("use crate::*;"),
        ["`view/chat/row.rs:1` imports every folder at once; `view` may import `core`"]
    );
}

#[test]
fn what_is_no_import_is_not_taken_for_one() {
    for text in [
        "// use crate::shell;\n/* use crate::shell; /* crate::cli */ crate::link */",
        "const T: &str = \"use crate::shell; \\\" crate::cli\";",
        "const T: &str = r#\"use \"crate::shell\";\"#;",
        "/// See [`crate::shell`].\nstruct A<'a>(&'a str);",
        "use crate::core::{mode::Mode, ids::*};\nuse crate::view::theme;",
        "use super::shell;\nuse super::super::theme;\nmod shell {}\nuse self::shell::x;",
        "pub(in crate::view) fn f(shell: u8) -> u8 { shell.cli + model.link }",
        "use std::fmt;\nfn f() { other::shell::go(); }",
    ] {
        assert_eq!(told(&[("view/chat/row.rs", text)]), [""; 0], "{text}");
    }
}

#[test]
fn each_folder_has_its_own_rule() {
    let all: Vec<&str> = RULES.iter().map(|(name, _)| *name).collect();
    for (folder, allowed) in RULES {
        for other in &all {
            let text = format!("fn f() {{ crate::{other}::f() }}");
            let violations = told(&[(&format!("{folder}/x.rs"), &text)]);
            let fine = other == folder || allowed.contains(other);
            assert_eq!(violations.is_empty(), fine, "{folder} imports {other}");
        }
    }
    assert_eq!(
        told(&[("core/msg.rs", "\nuse crate::view::Cache;")]),
        ["`core/msg.rs:2` imports `view`; `core` may import nothing of ours"]
    );
    assert_eq!(
        told(&[("shell/run.rs", "use crate::cli;")]).len(),
        1,
        "nobody imports the command line"
    );
    assert_eq!(
        told(&[("main.rs", "fn main() { hearsay::cli::main() }")]),
        [""; 0]
    );
}

#[test]
fn the_pure_parts_may_not_touch_the_world_but_their_tests_may() {
    for (text, found) in [
        ("use std::{fmt, fs::File};", "std::fs::File"),
        (
            "fn f() { std::thread::yield_now() }",
            "std::thread::yield_now",
        ),
        ("use std::net::{IpAddr, TcpStream};", "std::net::TcpStream"),
        ("use tokio::sync::mpsc;", "tokio::sync::mpsc"),
        (
            "use ratatui::crossterm::event::Event;",
            "ratatui::crossterm::event::Event",
        ),
        ("fn f() { let a = Instant::now(); }", "Instant::now"),
        ("fn f() { jiff::Zoned::now() }", "jiff::Zoned::now"),
        ("use std::hash::RandomState;", "std::hash::RandomState"),
        ("fn f() { println!(\"x\") }", "println!"),
        ("fn f() { std::io::stdout() }", "std::io::stdout"),
    ] {
        let sentence = |name: &str| {
            format!(
                "`{name}:1` uses `{found}`; `{name}` is pure: no file, socket, task, terminal, \
                 clock, chance or printing"
            )
        };
        for name in ["core/a.rs", "wire/a/b.rs", "view/mod.rs", "link/machine.rs"] {
            assert_eq!(told(&[(name, text)]), [sentence(name)]);
        }
        assert_eq!(told(&[("shell/run.rs", text)]), [""; 0]);
        let promised = format!("//! Reads. Pure.\n{text}");
        assert_eq!(told(&[("mind/sse.rs", &promised)]).len(), 1, "{promised}");
        let tested = format!("#[cfg(test)]\nmod tests {{ {text} }}\nfn after() {{}}");
        assert_eq!(told(&[("core/a.rs", &tested)]), [""; 0], "{tested}");
        let after = format!("#[cfg(test)]\nmod tests {{ mod a {{}} }}\n{text}");
        assert_eq!(told(&[("core/a.rs", &after)]).len(), 1, "{after}");
        let apart = "fn a() {}\n#[cfg(test)]\nmod tests;";
        for (home, tests) in [
            ("core/a.rs", "core/a/tests.rs"),
            ("core/a/mod.rs", "core/a/tests.rs"),
            ("core/a.rs", "core/a/tests/more.rs"),
        ] {
            assert_eq!(told(&[(home, apart), (tests, text)]), [""; 0]);
            assert_eq!(told(&[(home, "mod tests;"), (tests, text)]).len(), 1);
        }
    }
    for text in [
        "use std::net::{IpAddr, SocketAddr};\nuse std::time::Duration;",
        "fn f(now: Now) { now.mono; budget.now(); let fs = 1; }",
        "//! Nothing here touches `std::fs` or `Instant::now`.",
    ] {
        assert_eq!(told(&[("core/a.rs", text)]), [""; 0], "{text}");
    }
}
