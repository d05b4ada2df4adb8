//! Every sentence of the table is said somewhere: one that nobody says is a translation for nothing,
//! and often the trace of something that was taken out. That each has both languages is the
//! table's own form.

#![expect(clippy::unwrap_used, reason = "a helper may fail a test")]

use hearsay::core::words::Word;
use std::collections::HashSet;
use std::fs;
use std::path::Path;

/// Collects the names behind `Word::` in all sources below a folder, and those that a macro takes
/// as names of words.
fn collect(folder: &Path, said: &mut HashSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, said);
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("words.rs") {
            note(&fs::read_to_string(&path).unwrap(), said);
        }
    }
}

fn note(source: &str, said: &mut HashSet<String>) {
    let mut name = String::new();
    for c in source.chars().chain([' ']) {
        if c.is_ascii_alphanumeric() || c == '_' {
            name.push(c);
        } else if !name.is_empty() {
            said.insert(std::mem::take(&mut name));
        }
    }
}

#[test]
fn every_sentence_is_said_somewhere() {
    let mut said = HashSet::new();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    collect(&sources, &mut said);
    // The view has a file of that name, too.
    note(
        &fs::read_to_string(sources.join("view/words.rs")).unwrap(),
        &mut said,
    );
    let silent: Vec<String> = Word::ALL
        .iter()
        .map(|word| format!("{word:?}"))
        .filter(|name| !said.contains(name))
        .collect();
    assert!(silent.is_empty(), "nobody says: {}", silent.join(", "));
}
