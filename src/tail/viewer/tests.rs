//! Somebody reads a log.

use super::*;
use crate::core::log::{Level, Window};
use crate::core::time::Wall;
use crate::tail::Spool;
use proptest::prelude::*;
use std::fmt::Write as _;

struct Reader {
    viewer: Viewer,
    spool: Spool,
    _folder: tempfile::TempDir,
}

impl Reader {
    fn of(lines: &str, rows: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (spool, reel) = Spool::create(folder.path(), 0).unwrap();
        let clock = Clock {
            now: Wall(0),
            offset_s: 0,
        };
        let mut reader = Self {
            viewer: Viewer::new("a".into(), reel, clock),
            spool,
            _folder: folder,
        };
        reader.viewer.rows(rows);
        reader.add(lines);
        reader
    }

    fn add(&mut self, lines: &str) {
        self.spool.write(lines, self.viewer.reel()).unwrap();
        self.work();
    }

    fn work(&mut self) {
        while self.viewer.work().unwrap().1 {}
    }

    fn go(&mut self, go: Go) {
        self.viewer.go(go);
        self.work();
    }

    fn want(&mut self, level: Option<Level>, text: &str) {
        let wants = Wants {
            level,
            text: text.into(),
            span: String::new(),
        };
        self.viewer.want(&wants, Wall(0)).unwrap();
        self.work();
    }

    /// The texts on the screen, the chosen one in brackets.
    fn sees(&self) -> String {
        let Window { lines, chosen, .. } = self.viewer.window();
        let texts = lines.iter().enumerate().map(|(nth, line)| {
            let text = &line.text;
            if nth == chosen {
                format!("[{text}]")
            } else {
                text.clone()
            }
        });
        texts.collect::<Vec<_>>().join(" ")
    }
}

fn counted(to: usize) -> String {
    let lines: Vec<_> = (1..=to).map(|n| format!("{n}\n")).collect();
    lines.concat()
}

#[test]
fn one_follows_until_one_goes_up_and_again_from_the_end() {
    let mut reader = Reader::of(&counted(9), 3);
    assert_eq!(reader.sees(), "7 8 [9]");
    reader.add("10\n");
    assert_eq!(reader.sees(), "8 9 [10]");
    reader.go(Go::Up);
    reader.add("11\n");
    assert_eq!(reader.sees(), "8 [9] 10");
    assert!(!reader.viewer.window().following);
    for (go, seen) in [
        (Go::Down, "8 9 [10]"),
        (Go::Down, "9 10 [11]"),
        (Go::PageUp, "[9] 10 11"),
        (Go::PageUp, "[7] 8 9"),
        (Go::Top, "[1] 2 3"),
        (Go::Up, "[1] 2 3"),
        (Go::PageDown, "1 2 [3]"),
        (Go::Bottom, "9 10 [11]"),
    ] {
        reader.go(go);
        assert_eq!(reader.sees(), seen, "{go:?}");
    }
    reader.add("12\n");
    assert_eq!(reader.sees(), "10 11 [12]");
    reader.go(Go::Up);
    reader.go(Go::Down);
    assert!(!reader.viewer.window().following);
    reader.go(Go::Down);
    assert!(reader.viewer.window().following);
}

#[test]
fn a_filter_hides_lines_and_a_search_finds_them() {
    let mut lines = String::new();
    for n in 0..1000 {
        let level = if n % 100 == 7 { "ERROR" } else { "INFO" };
        writeln!(lines, "2024-01-01 00:00:00 {level} n{n}").unwrap();
    }
    let mut reader = Reader::of(&lines, 3);
    reader.want(Some(Level::Error), "");
    assert_eq!(reader.sees(), "n707 n807 [n907]");
    assert_eq!(reader.viewer.window().wanted, Some(10));
    reader.add("2024-01-01 00:00:00 INFO n1000\n2024-01-01 00:00:00 ERROR n1001\n  at x\n");
    assert_eq!(reader.sees(), "n907 n1001 [  at x]");
    reader.go(Go::Top);
    assert_eq!(reader.sees(), "[n7] n107 n207");
    // Back to all: one stays where one is.
    reader.want(None, "");
    assert_eq!(reader.sees(), "[n7] n8 n9");
    reader.viewer.search("n5.0$").unwrap();
    reader.work();
    let window = reader.viewer.window();
    assert_eq!((window.hits, window.done), (Some(10), 100));
    assert_eq!(window.lines[window.chosen].text, "n500");
    assert_eq!(window.lines[window.chosen].hits, [(0, 4)]);
    reader.go(Go::NextHit);
    reader.go(Go::NextHit);
    assert!(reader.sees().contains("[n520]"), "{}", reader.sees());
    reader.go(Go::PreviousHit);
    assert!(reader.sees().contains("[n510]"), "{}", reader.sees());
    reader.want(None, "!n");
    assert_eq!(reader.sees(), "[  at x]");
    reader.want(None, "nothing like it");
    assert_eq!(
        (reader.sees().as_str(), reader.viewer.window().number),
        ("", 0)
    );
}

#[test]
fn marks_stay_with_their_lines_and_are_gone_to() {
    let mut reader = Reader::of(&counted(9), 3);
    reader.viewer.mark();
    reader.go(Go::Top);
    reader.viewer.mark();
    reader.go(Go::NextMark);
    assert_eq!(reader.sees(), "7 8 [9]");
    assert!(reader.viewer.window().lines[2].marked);
    reader.viewer.mark();
    reader.go(Go::PreviousMark);
    assert_eq!(reader.sees(), "[1] 2 3");
    reader.go(Go::NextMark);
    assert_eq!(reader.sees(), "[1] 2 3");
}

#[test]
fn a_turn_is_found_at_its_first_line() {
    let turn = "018f0000-0000-7000-8000-00000000000a";
    let mut reader = Reader::of("", 2);
    reader.viewer.find(turn, 0);
    reader.add(&format!("x\ny turn={turn}\nz turn={turn}\nw\n"));
    let window = reader.viewer.window();
    assert_eq!(window.lines[window.chosen].turn, turn.parse().ok());
    assert!(window.lines[window.chosen].text.starts_with('y'));
}

proptest! {
    /// However lines come and whatever is done, the screen shows the lines that are wanted, in
    /// order, with the chosen one among them.
    #[test]
    fn the_screen_always_holds_what_is_wanted(
        steps in prop::collection::vec((0_usize..14, "[ab]{0,2}"), 1..30),
        rows in 1_u16..6,
    ) {
        let mut reader = Reader::of("", rows);
        let mut lines: Vec<String> = vec![];
        let mut wanted = String::new();
        for (step, text) in steps {
            let go = [
                Go::Up, Go::Down, Go::PageUp, Go::PageDown, Go::Top, Go::Bottom, Go::NextHit,
                Go::PreviousHit, Go::NextMark, Go::PreviousMark,
            ];
            match step {
                0..10 => reader.go(go[step]),
                10 => {
                    for nth in 0..70 {
                        let line = format!("{text}{}", nth % 7);
                        reader.add(&format!("{line}\n"));
                        lines.push(line);
                    }
                }
                11 => {
                    reader.want(None, &text);
                    wanted = text;
                }
                12 => {
                    reader.viewer.search(&text).unwrap();
                    reader.work();
                }
                _ => reader.viewer.mark(),
            }
            let window = reader.viewer.window();
            let all: Vec<&String> =
                lines.iter().filter(|line| line.contains(&wanted)).collect();
            let shown: Vec<&String> = window.lines.iter().map(|line| &line.text).collect();
            prop_assert_eq!(shown.len(), all.len().min(usize::from(rows)));
            prop_assert!(all.is_empty() || window.chosen < shown.len());
            prop_assert!(all.windows(shown.len().max(1)).any(|part| part == shown) || all.is_empty());
            prop_assert_eq!(window.total, lines.len() as u64);
        }
    }
}
