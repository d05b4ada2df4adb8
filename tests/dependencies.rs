//! What we depend on: licences that let anybody use the program, no more crates than agreed, and
//! a word in `docs/dependencies.md` about each one that was chosen.
//!
//! Works without a network: it reads what the build itself has fetched. What only other systems
//! need is not fetched here and not looked at.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where it finds something wrong"
)]

use std::path::Path;
use std::process::Command;

/// Licences that ask for no more than their text and a name.
const ALLOWED: &[&str] = &[
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Unicode-3.0",
    "Zlib",
];

/// Crates in the lock file, those of other systems included.
const MOST: usize = 450;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Everything a build or a test on this system uses: licence, name and version.
fn used() -> Vec<(String, String)> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--locked",
            "--offline",
            "--no-dedupe",
            "--prefix=none",
        ])
        .args(["--edges=normal,build,dev", "--format={l}|{p}"])
        .current_dir(root())
        .output()
        .unwrap();
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{why}");
    let mut used: Vec<(String, String)> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| line.split_once('|'))
        .map(|(licence, package)| (licence.to_owned(), package.to_owned()))
        .collect();
    used.sort();
    used.dedup();
    used
}

/// Does a licence expression leave a choice that is allowed? A slash is an old way to say `OR`.
fn is_allowed(expression: &str) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let fine = any(&mut words);
    fine && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any(words: &mut Words<'_>) -> bool {
    let mut fine = all(words);
    while words.next_if_eq(&"OR").is_some() {
        fine |= all(words);
    }
    fine
}

fn all(words: &mut Words<'_>) -> bool {
    let mut fine = one(words);
    while words.next_if_eq(&"AND").is_some() {
        fine &= one(words);
    }
    fine
}

fn one(words: &mut Words<'_>) -> bool {
    if words.next_if_eq(&"(").is_some() {
        return any(words) & words.next_if_eq(&")").is_some();
    }
    let Some(name) = words.next() else {
        return false;
    };
    if words.next_if_eq(&"WITH").is_some() {
        let exception = words.next().unwrap_or_default();
        return ALLOWED.contains(&format!("{name} WITH {exception}").as_str());
    }
    ALLOWED.contains(&name)
}

#[test]
fn every_dependency_may_be_used_by_anybody() {
    let used = used();
    assert!(used.len() > 100, "{used:?}");
    let refused: Vec<_> = used
        .iter()
        .filter(|(licence, _)| !is_allowed(licence))
        .collect();
    assert!(refused.is_empty(), "{refused:?}");
}

#[test]
fn the_lock_file_stays_within_the_agreed_number_and_the_page_tells_it() {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let crates = lock.lines().filter(|line| *line == "[[package]]").count() - 1;
    assert!(
        crates <= MOST,
        "{crates} crates in `Cargo.lock`, {MOST} are agreed"
    );
    let page = std::fs::read_to_string(root().join("docs/dependencies.md")).unwrap();
    let sentence = format!("`Cargo.lock` holds {crates} crates");
    assert!(
        page.contains(&sentence),
        "`docs/dependencies.md` does not say: {sentence}"
    );
}

#[test]
fn the_page_says_what_each_direct_dependency_is_for_and_no_other() {
    let page = std::fs::read_to_string(root().join("docs/dependencies.md")).unwrap();
    let mut told: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(name, _)| name)
        .collect();
    told.sort_unstable();
    let ours = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let ours: toml_edit::DocumentMut = ours.parse().unwrap();
    let of_systems = ours["target"].as_table().unwrap().iter();
    let mut used: Vec<&str> = of_systems
        .map(|(_, system)| &system["dependencies"])
        .chain([&ours["dependencies"], &ours["dev-dependencies"]])
        .flat_map(|table| table.as_table().unwrap().iter().map(|(name, _)| name))
        .collect();
    used.sort_unstable();
    used.dedup();
    assert_eq!(told, used);
}

#[test]
fn a_licence_expression_is_read_as_a_whole() {
    for (expression, fine) in [
        ("MIT", true),
        ("MIT OR GPL-3.0", true),
        ("GPL-3.0/MIT", true),
        ("GPL-3.0", false),
        ("MIT AND GPL-3.0", false),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("(MIT OR Apache-2.0) AND GPL-3.0", false),
        ("GPL-3.0 AND X OR MIT", true),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("GPL-3.0 WITH Classpath-exception-2.0", false),
        ("(MIT", false),
        ("MIT Apache-2.0", false),
        ("", false),
    ] {
        assert_eq!(is_allowed(expression), fine, "{expression}");
    }
}
