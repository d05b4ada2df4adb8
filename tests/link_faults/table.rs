//! The table of `docs/faults.md`: what was done, what the user saw, after how long, when the line
//! was back, and how many questions were lost without anybody saying so.

use super::client::{Client, cause, kind};
use super::support::page;
use hearsay::core::line::Line;
use hearsay::core::words::Lang;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// One part of the table.
pub(crate) struct Table(Vec<Row>);

/// One fault.
pub(crate) struct Row {
    pub(crate) fault: &'static str,
    pub(crate) saw: String,
    pub(crate) detected: Option<Duration>,
    pub(crate) recovered: Recovered,
    pub(crate) lost: usize,
}

/// How the line came back.
pub(crate) enum Recovered {
    /// By itself, so long after the fault.
    After(Duration),
    /// When the user dialed: the fault would only have repeated itself.
    ByHand,
    /// The line stayed up, and the next answer took so long.
    StayedUp(Duration),
}

impl Row {
    /// What the user saw of a line, and what became of the questions.
    pub(crate) fn new(
        fault: &'static str,
        line: &Line,
        client: &Client,
        detected: Option<Duration>,
        recovered: Recovered,
    ) -> Self {
        let saw = match cause(line) {
            Some(cause) => format!("{}: {}", kind(line), cause.tell(Lang::En)),
            None => kind(line).to_owned(),
        };
        Self {
            fault,
            saw,
            detected,
            recovered,
            lost: client.open.len(),
        }
    }

    /// What stands behind its name.
    fn cells(&self) -> [String; 4] {
        let recovered = match self.recovered {
            Recovered::After(time) => ms(time),
            Recovered::ByHand => "by hand".into(),
            Recovered::StayedUp(time) => format!("stayed up, {}", ms(time)),
        };
        let detected = self.detected.map_or_else(|| "-".into(), ms);
        let lost = self.lost.to_string();
        [self.saw.replace('|', "/"), detected, recovered, lost]
    }
}

impl Table {
    pub(crate) fn of(rows: Vec<Row>) -> Self {
        Self(rows)
    }

    /// Prints this part, and sees that nothing was lost and that the page tells of every fault.
    #[expect(clippy::print_stdout, reason = "the table is what it is for")]
    pub(crate) fn print(self) {
        // The name of the test stands before it.
        println!();
        for row in &self.0 {
            assert_eq!(row.lost, 0, "{}", row.fault);
            page::row("| fault | the user saw |", row.fault, &row.cells());
        }
    }
}

fn ms(time: Duration) -> String {
    if time < Duration::from_millis(1) {
        "<1".to_owned()
    } else {
        time.as_millis().to_string()
    }
}

#[test]
fn every_fault_of_the_page_names_tests_that_there_are() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(home.join("docs/faults.md")).unwrap();
    let mut sources = String::new();
    for folder in ["src", "tests"] {
        read(&home.join(folder), &mut sources);
    }
    let begin = page.find("| fault | tests |").unwrap();
    let rows = page.split_at(begin).1.lines().skip(2);
    let rows: Vec<&str> = rows.take_while(|row| row.starts_with('|')).collect();
    assert!(rows.len() > 25, "{}", rows.len());
    for row in rows {
        let tests: Vec<&str> = row.split('`').skip(1).step_by(2).collect();
        assert!(!tests.is_empty(), "nobody tries: {row}");
        for test in tests {
            assert!(sources.contains(&format!("fn {test}(")), "no test `{test}`");
        }
    }
}

/// Everything that is written in Rust in a folder.
fn read(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}
