//! `docs/faults.md`, written by the tests that it tells of: rows of its tables, and screens.
//!
//! Every run sees that the page tells of each fault. Where [`WRITE`] is set, a run puts what it saw
//! in the place of what was seen before.

use std::sync::{Mutex, PoisonError};

/// Where this variable is set, the page is written.
const WRITE: &str = "HEARSAY_WRITE_FAULTS";

/// One test at a time has the page.
static PAGE: Mutex<()> = Mutex::new(());

/// Prints a row of the table that begins with this heading, and puts it there.
pub fn row(heading: &str, name: &str, cells: &[String]) {
    let row = format!("| {name} | {} |", cells.join(" | "));
    println!("{row}");
    let known = format!("\n| {name} | ");
    change(&known, |page| with_row(page, heading, name, &row));
}

/// Prints what a terminal showed, and puts it behind the mark of this name.
pub fn screen(name: &str, picture: &str) {
    println!("{name}:\n{picture}");
    let mark = format!("\n<!-- {name} -->\n```text\n");
    change(&mark, |page| {
        let (before, behind) = page.split_once(&mark)?;
        let (_earlier, after) = behind.split_once("```\n")?;
        Some(format!("{before}{mark}{picture}```\n{after}"))
    });
}

fn change(known: &str, change: impl FnOnce(&str) -> Option<String>) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/faults.md");
    let _alone = PAGE.lock().unwrap_or_else(PoisonError::into_inner);
    let page = std::fs::read_to_string(path).unwrap();
    if std::env::var_os(WRITE).is_none() {
        let told = page.contains(known);
        assert!(
            told,
            "docs/faults.md has no `{}`; it says how it is written",
            known.trim()
        );
        return;
    }
    let changed = change(&page);
    let changed = changed.unwrap_or_else(|| panic!("docs/faults.md has no place for {known}"));
    std::fs::write(path, changed).unwrap();
}

/// The page with this row in its table: where the one of its name was, else at the end.
fn with_row(page: &str, heading: &str, name: &str, row: &str) -> Option<String> {
    let mut lines: Vec<&str> = page.lines().collect();
    let begin = lines.iter().position(|line| line.starts_with(heading))?;
    let rows = lines.iter().skip(begin);
    let end = begin + rows.take_while(|line| line.starts_with('|')).count();
    let named = format!("| {name} | ");
    match (begin..end).find(|at| lines[*at].starts_with(&named)) {
        Some(at) => lines[at] = row,
        None => lines.insert(end, row),
    }
    Some(lines.join("\n") + "\n")
}
