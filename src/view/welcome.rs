//! Sets what works here in short: one line for each part that matters to somebody new, and the key
//! or command that would add what is missing.

use super::text::{Row, Run, clip, width};
use super::theme::Role;
use super::words::say;
use crate::core::action::Action;
use crate::core::checkup::{Check, Part, Remedy, State, checks};
use crate::core::keys::Context;
use crate::core::model::Model;
use crate::core::words::Word;

/// What is told, in this order.
const PARTS: [Part; 5] = [
    Part::Brain,
    Part::Ears,
    Part::Voice,
    Part::Microphone,
    Part::Terminal,
];

/// How keys are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    /// There is no room for them.
    Untold,
    /// Where people may type: a key that types nothing, or else a command.
    Chat,
    /// The letters of a page.
    Page,
}

/// One or two lines for each part, so many columns wide.
pub(super) fn rows(model: &Model, room: usize, keys: Keys) -> Vec<Row> {
    let known = checks(model);
    let marks =
        [State::Good, State::Limited, State::Broken].map(|state| width(say(model, state.mark())));
    let mark = marks.into_iter().max().unwrap_or(0);
    let names = PARTS.iter().map(|part| width(part.tell(model.lang)));
    let name = names.max().unwrap_or(0).min(room / 3);
    let mut rows = vec![];
    for part in &PARTS {
        let check = known.iter().find(|check| check.part == *part);
        rows.extend(one(model, part, check, (mark, name), room, keys));
    }
    rows
}

fn one(
    model: &Model,
    part: &Part,
    check: Option<&Check>,
    (mark, name): (usize, usize),
    room: usize,
    keys: Keys,
) -> Vec<Row> {
    let pad = |text: &str, columns: usize| {
        let text = clip(text, columns);
        format!("{text}{} ", " ".repeat(columns - width(&text).min(columns)))
    };
    let (sign, role, found) = match check {
        Some(check) => {
            let role = match check.state {
                State::Good => Role::Ok,
                State::Limited => Role::Warning,
                State::Broken => Role::Error,
            };
            let found = check.found.lines().next().unwrap_or_default();
            (say(model, check.state.mark()), role, found)
        }
        None => ("…", Role::Dim, say(model, Word::DoctorLooking)),
    };
    let indent = mark + name + 3;
    let found = Run::role(found, Role::Text).text;
    let mut rows = vec![vec![
        Run::role(&pad(sign, mark), role),
        Run::role(&pad(part.tell(model.lang), name), Role::Heading),
        Run::role(" ", Role::Text),
        Run::role(&clip(&found, room.saturating_sub(indent)), Role::Text),
    ]];
    let remedy = check
        .and_then(Check::remedy)
        .filter(|_remedy| keys != Keys::Untold);
    if let Some(remedy) = remedy {
        let key = match keys {
            Keys::Page => remedy.key.to_string(),
            Keys::Chat | Keys::Untold => in_chat(model, remedy),
        };
        let does = format!("  {}", say(model, remedy.plain.word()));
        let left = room.saturating_sub(indent + 2 + width(&key));
        rows.push(vec![
            Run::role(&" ".repeat(indent), Role::Text),
            Run::role(&format!("→ {key}"), Role::Accent),
            Run::role(&clip(&does, left), Role::Dim),
        ]);
    }
    rows
}

/// What does it where people may type.
fn in_chat(model: &Model, remedy: Remedy) -> String {
    let action = Action::Plain(remedy.plain);
    let chords = model.keymap.chords(Context::Chat, &action);
    let chord = chords.first().map(|chord| chord.label());
    chord.unwrap_or_else(|| format!("/{action}"))
}
