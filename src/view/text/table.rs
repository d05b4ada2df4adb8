//! Sets a table in columns: as wide as its text where there is room, shrunk and wrapped where
//! there is not, and as a list of records where columns would be too narrow to read.

use super::wrap::wrap;
use super::{Row, Run, row_width};
use crate::view::theme::Role;
use pulldown_cmark::Alignment;
use ratatui::style::Modifier;

/// Columns narrower than this on average cannot be read.
const NARROWEST: usize = 4;

/// What parts two columns, and its width.
const BAR: &str = " │ ";
const BAR_WIDTH: usize = 3;

/// A table as read from markdown: the first row is the head.
#[derive(Default)]
pub struct Table {
    pub alignments: Vec<Alignment>,
    pub rows: Vec<Vec<Row>>,
}

/// The rows of the screen for a table.
pub fn set(table: &Table, room: usize) -> Vec<Row> {
    let columns = table.rows.iter().map(Vec::len).max().unwrap_or(0);
    if columns == 0 {
        return vec![];
    }
    let text_room = room.saturating_sub(BAR_WIDTH * (columns - 1));
    if text_room < columns * NARROWEST {
        return records(table, room);
    }
    let widths = fit(&natural(table, columns), text_room);
    let mut out = vec![];
    for (index, cells) in table.rows.iter().enumerate() {
        out.extend(one_row(table, cells, &widths, index == 0));
        if index == 0 {
            let rule = widths.iter().map(|width| "─".repeat(*width));
            let rule = rule.collect::<Vec<_>>().join("─┼─");
            out.push(vec![Run::role(&rule, Role::Dim)]);
        }
    }
    out
}

/// How wide each column is when nothing wraps.
fn natural(table: &Table, columns: usize) -> Vec<usize> {
    (0..columns)
        .map(|column| {
            let cells = table.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| row_width(cell)).max().unwrap_or(0).max(1)
        })
        .collect()
}

/// Widths that fit into the room: wide columns give way first, down to the same width.
fn fit(natural: &[usize], room: usize) -> Vec<usize> {
    let total = |limit: usize| {
        natural
            .iter()
            .map(|width| (*width).min(limit))
            .sum::<usize>()
    };
    let widest = natural.iter().copied().max().unwrap_or(1);
    let limit = (1..=widest)
        .rev()
        .find(|limit| total(*limit) <= room)
        .unwrap_or(1);
    let mut spare = room.saturating_sub(total(limit));
    natural
        .iter()
        .map(|width| {
            let more = usize::from(*width > limit && spare > 0);
            spare -= more;
            (*width).min(limit) + more
        })
        .collect()
}

fn one_row(table: &Table, cells: &[Row], widths: &[usize], head: bool) -> Vec<Row> {
    let empty = vec![];
    let wrapped: Vec<Vec<Row>> = widths
        .iter()
        .enumerate()
        .map(|(column, width)| {
            let mut cell = cells.get(column).unwrap_or(&empty).clone();
            if head {
                for run in &mut cell {
                    run.ink = run.ink.with(Modifier::BOLD);
                }
            }
            wrap(&cell, *width)
        })
        .collect();
    let height = wrapped.iter().map(Vec::len).max().unwrap_or(0);
    (0..height)
        .map(|line| {
            let mut row = vec![];
            for (column, width) in widths.iter().enumerate() {
                if column > 0 {
                    row.push(Run::role(BAR, Role::Dim));
                }
                let text = wrapped[column].get(line).cloned().unwrap_or_default();
                let spare = width.saturating_sub(row_width(&text));
                let before = match table.alignments.get(column) {
                    Some(Alignment::Right) => spare,
                    Some(Alignment::Center) => spare / 2,
                    Some(Alignment::Left | Alignment::None) | None => 0,
                };
                pad(&mut row, before);
                row.extend(text);
                if column + 1 < widths.len() {
                    pad(&mut row, spare - before);
                }
            }
            row
        })
        .collect()
}

fn pad(row: &mut Row, columns: usize) {
    if columns > 0 {
        row.push(Run::role(&" ".repeat(columns), Role::Text));
    }
}

/// Each row as `head: cell` lines, for a screen too narrow for columns.
fn records(table: &Table, room: usize) -> Vec<Row> {
    let Some((head, body)) = table.rows.split_first() else {
        return vec![];
    };
    if body.is_empty() {
        return head.iter().flat_map(|cell| wrap(cell, room)).collect();
    }
    let mut out = vec![];
    for (index, cells) in body.iter().enumerate() {
        if index > 0 {
            out.push(vec![]);
        }
        for (column, cell) in cells.iter().enumerate() {
            let mut line = head.get(column).cloned().unwrap_or_default();
            for run in &mut line {
                run.ink = run.ink.with(Modifier::BOLD);
            }
            line.push(Run::role(": ", Role::Dim));
            line.extend(cell.iter().cloned());
            out.extend(wrap(&line, room));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[&[&str]]) -> Table {
        Table {
            alignments: vec![Alignment::None, Alignment::Right],
            rows: rows
                .iter()
                .map(|row| {
                    let cell = |text: &&str| vec![Run::role(text, Role::Text)];
                    row.iter().map(cell).collect()
                })
                .collect(),
        }
    }

    fn drawn(table: &Table, room: usize) -> Vec<String> {
        set(table, room)
            .iter()
            .map(|row| row.iter().map(|run| run.text.as_str()).collect::<String>())
            .map(|row| row.trim_end().to_owned())
            .collect()
    }

    #[test]
    fn columns_line_up_by_display_width() {
        let table = table(&[&["city", "°C"], &["东京", "21"], &["Oslo", "4"]]);
        assert_eq!(
            drawn(&table, 40),
            ["city │ °C", "─────┼───", "东京 │ 21", "Oslo │  4"]
        );
    }

    #[test]
    fn a_wide_column_gives_way_and_wraps() {
        let table = table(&[&["a", "b"], &["one two three four", "x"]]);
        assert_eq!(
            drawn(&table, 14),
            [
                "a          │ b",
                "───────────┼──",
                "one two    │ x",
                "three four │",
            ]
        );
    }

    #[test]
    fn where_columns_cannot_be_read_rows_become_records() {
        let table = table(&[&["city", "°C"], &["东京", "21"], &["Oslo", "4"]]);
        assert_eq!(
            drawn(&table, 10),
            ["city: 东京", "°C: 21", "", "city: Oslo", "°C: 4"]
        );
    }
}
