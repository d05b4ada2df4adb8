//! Draws a code that has to be entered elsewhere, large enough to be read across a room.

use super::super::text::wrap::wrap;
use super::super::text::{Row, Run, width};
use super::super::theme::Role;
use super::super::words::say;
use crate::core::backend::Activation;
use crate::core::model::Model;
use crate::core::words::{Word, fill};

/// Rows of a large character, and its columns with the gap behind it.
const ROWS: usize = 5;
const COLUMNS: usize = 4;

/// The digits, each row three bits.
const DIGITS: [[u8; ROWS]; 10] = [
    [7, 5, 5, 5, 7],
    [2, 6, 2, 2, 7],
    [7, 1, 7, 4, 7],
    [7, 1, 3, 1, 7],
    [5, 5, 7, 1, 1],
    [7, 4, 7, 1, 7],
    [7, 4, 7, 5, 7],
    [7, 1, 1, 2, 2],
    [7, 5, 7, 5, 7],
    [7, 5, 7, 1, 7],
];

/// What is shown of a code, so many columns wide.
pub(super) fn rows(model: &Model, activation: &Activation, room: usize) -> Vec<Row> {
    let left = activation.until.since(model.now.mono).as_secs();
    let clock = format!("{}:{:02}", left / 60, left % 60);
    let mut text = wrap(&[Run::role(say(model, Word::CodeEnter), Role::Text)], room);
    text.push(vec![]);
    text.extend(large(&activation.code, room));
    // The server repeats the code behind the place where it is to be entered.
    let said = activation.message.replace(&activation.code, "");
    for line in said.lines().map(str::trim).filter(|line| !line.is_empty()) {
        text.extend(wrap(&[Run::role(line, Role::Accent)], room));
    }
    let waits = fill(say(model, Word::CodeWaits), &[&clock]);
    text.extend(wrap(&[Run::role(&waits, Role::Dim)], room));
    text
}

/// The code itself: large if it is made of digits and fits, else as it is.
fn large(code: &str, room: usize) -> Vec<Row> {
    let digits: Option<Vec<usize>> = code
        .chars()
        .map(|c| c.to_digit(10).map(|digit| digit as usize))
        .collect();
    let centred = |row: String| {
        let pad = room.saturating_sub(width(&row)) / 2;
        let row = format!("{}{row}", " ".repeat(pad));
        vec![Run::role(&row, Role::Title)]
    };
    match digits {
        Some(digits) if digits.len() * COLUMNS <= room + 1 => (0..ROWS)
            .map(|at| {
                let row: Vec<String> = (digits.iter().filter_map(|digit| DIGITS.get(*digit)))
                    .map(|rows| {
                        let lit = |bit| if rows[at] & bit == 0 { ' ' } else { '█' };
                        [4, 2, 1].map(lit).iter().collect()
                    })
                    .collect();
                centred(row.join(" "))
            })
            .collect(),
        _ => wrap(&[Run::role(code, Role::Title)], room),
    }
}
