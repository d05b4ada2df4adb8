use super::*;
use crate::core::model::Drawn;
use proptest::prelude::*;
use ratatui::layout::{Position, Rect};
use std::num::NonZeroU16;

fn buffer(rows: &[&str], columns: u16) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows.len() as u16));
    for (y, row) in rows.iter().enumerate() {
        buffer.set_stringn(0, y as u16, row, columns.into(), Color::Reset);
    }
    buffer
}

fn strip(told: &[&str], shown: &[&str], columns: u16) -> Strip {
    let last = shown.len() as u16 - 1;
    Strip {
        told: buffer(told, columns),
        shown: buffer(shown, columns),
        caret: Position::new(2, last.saturating_sub(1)),
        drawn: Drawn::default(),
        more: false,
    }
}

fn cells(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).unwrap()
}

/// A terminal, and what was scrolled out of it.
struct Tty {
    parser: vt100::Parser,
    inline: Inline,
    size: (u16, u16),
}

impl Tty {
    fn new(columns: u16, rows: u16) -> Self {
        Self {
            parser: vt100::Parser::new(cells(rows), cells(columns), 1000),
            inline: Inline::default(),
            size: (columns, rows),
        }
    }

    fn write(&mut self, told: &[&str], shown: &[&str]) -> usize {
        let bytes = self
            .inline
            .write(&strip(told, shown, self.size.0), self.size);
        self.parser.process(bytes.as_bytes());
        bytes.len()
    }

    /// Everything the terminal has, from what was scrolled away to the last row.
    fn all(&mut self) -> Vec<String> {
        let mut rows = vec![];
        self.parser.screen_mut().set_scrollback(usize::MAX);
        let away = self.parser.screen().scrollback();
        for back in (1..=away).rev() {
            self.parser.screen_mut().set_scrollback(back);
            rows.extend(self.parser.screen().rows(0, self.size.0).next());
        }
        self.parser.screen_mut().set_scrollback(0);
        rows.extend(self.parser.screen().rows(0, self.size.0));
        while rows.last().is_some_and(|row| row.trim().is_empty()) {
            rows.pop();
        }
        rows.iter().map(|row| row.trim_end().to_owned()).collect()
    }
}

#[test]
fn what_is_told_stays_above_and_the_strip_below() {
    let mut tty = Tty::new(20, 6);
    tty.parser.process(b"$ hearsay\r\n");
    tty.write(&[], &["----", "> ", "idle"]);
    assert_eq!(tty.all(), ["$ hearsay", "----", ">", "idle"]);
    tty.write(
        &["› 你好", "", "hi \u{1f44d} there", ""],
        &["----", "> x", "idle"],
    );
    assert_eq!(
        tty.all(),
        [
            "$ hearsay",
            "› 你好",
            "",
            "hi \u{1f44d} there",
            "",
            "----",
            "> x",
            "idle"
        ]
    );
    // Nothing new is nothing sent, and a new character is little.
    assert_eq!(tty.write(&[], &["----", "> x", "idle"]), 0);
    assert!(tty.write(&[], &["----", "> xy", "idle"]) < 80);
}

#[test]
fn the_foot_keeps_its_place_while_what_grows_is_told() {
    let mut tty = Tty::new(20, 10);
    tty.write(&[], &["one", "two", "", "----", "> ", "idle"]);
    let foot = |tty: &mut Tty| tty.all().len();
    let before = foot(&mut tty);
    tty.write(&["one", "two", ""], &["----", "> ", "idle"]);
    assert_eq!(foot(&mut tty), before);
    // What goes without being told leaves its room, until something takes it.
    tty.write(&[], &["notice", "----", "> ", "idle"]);
    tty.write(&[], &["----", "> ", "idle"]);
    assert_eq!(tty.all()[3..], ["", "----", ">", "idle"]);
    tty.write(&["next"], &["----", "> ", "idle"]);
    assert_eq!(tty.all(), ["one", "two", "", "next", "----", ">", "idle"]);
}

#[test]
fn leaving_takes_the_strip_away_and_nothing_else() {
    let mut tty = Tty::new(20, 6);
    tty.write(&["said", ""], &["----", "> ", "idle"]);
    let end = wiped(tty.inline.above());
    tty.parser.process(end.as_bytes());
    assert_eq!(tty.all(), ["said"]);
    assert_eq!(tty.parser.screen().cursor_position(), (2, 0));
}

#[test]
fn a_narrower_terminal_that_reflows_is_drawn_over_in_the_right_place() {
    let wide = "=".repeat(20);
    let mut tty = Tty::new(20, 10);
    tty.write(&["said"], &[&wide, "> ", "idle"]);
    // As such a terminal does it: the rule becomes two rows, and the cursor goes down with it.
    let half = "=".repeat(10);
    let mut narrow = Tty::new(10, 10);
    let now = format!("said\r\n{half}\r\n{half}\r\n>\r\nidle\x1b[A\r\x1b[2C");
    narrow.parser.process(now.as_bytes());
    narrow.inline = std::mem::take(&mut tty.inline);
    narrow.inline.resized(10, true);
    narrow.write(&[], &[&half, "> ", "idle"]);
    assert_eq!(narrow.all(), ["said", &half, ">", "idle"]);
}

#[test]
fn terminals_that_only_cut_are_known() {
    let table: &[(&[(&str, &str)], bool)] = &[
        (&[("TERM", "xterm-256color")], true),
        (&[("TERM", "xterm"), ("XTERM_VERSION", "XTerm(390)")], false),
        (&[("TERM", "screen-256color"), ("TMUX", "/tmp/a")], true),
        (&[("TERM", "screen")], false),
        (&[("TERM", "linux")], false),
    ];
    for (variables, wanted) in table {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        assert_eq!(reflows(&variable), *wanted, "{variables:?}");
    }
}

proptest! {
    /// Whatever is told is there once, in order, and the strip is whole below it.
    #[test]
    fn nothing_told_is_lost_or_told_twice(
        steps in prop::collection::vec((0..4_usize, 1..8_usize), 1..30),
        rows in 8..14_u16,
    ) {
        let mut tty = Tty::new(12, rows);
        let mut told: Vec<String> = vec![];
        for (count, high) in steps {
            let new: Vec<String> = (0..count).map(|n| format!("t{}", told.len() + n)).collect();
            let shown: Vec<String> = (0..high).map(|n| format!("s{n}")).collect();
            let as_str = |rows: &[String]| rows.to_vec();
            let (new_rows, shown_rows) = (as_str(&new), as_str(&shown));
            let new_rows: Vec<&str> = new_rows.iter().map(String::as_str).collect();
            let shown_rows: Vec<&str> = shown_rows.iter().map(String::as_str).collect();
            tty.write(&new_rows, &shown_rows);
            told.extend(new);
            let all = tty.all();
            let rest: Vec<&String> = all.iter().filter(|row| !row.is_empty()).collect();
            let wanted: Vec<&String> = told.iter().chain(&shown).collect();
            prop_assert_eq!(rest, wanted);
        }
    }
}
