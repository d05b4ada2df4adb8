//! Sets how every part is doing: its state, what was found, what helps, and the key that does it.

use super::super::text::wrap::wrap;
use super::super::text::{Row, Run, width};
use super::super::theme::Role;
use super::super::words::say;
use crate::core::checkup::{AGAIN, ALOUD, Check, Part, State, checks};
use crate::core::model::Model;
use crate::core::words::{Word, fill};

/// Columns of the page at most: what is wider is tiring to read.
pub(super) const WIDEST: u16 = 100;

/// Where a page is narrower, what was found stands below its part and not beside it.
const BESIDE: usize = 60;

/// One line of the list before it is set.
enum Entry {
    Known(Check),
    Looking(Part),
}

impl Entry {
    const fn part(&self) -> &Part {
        match self {
            Self::Known(check) => &check.part,
            Self::Looking(part) => part,
        }
    }
}

/// All of it, for a page of this width.
pub(super) fn rows(model: &Model, room: usize) -> Vec<Row> {
    let known = checks(model).into_iter().map(Entry::Known);
    let looking = model.checkup.missing().into_iter().map(Entry::Looking);
    let mut entries: Vec<Entry> = known.chain(looking).collect();
    entries.sort_by(|one, other| one.part().cmp(other.part()));
    let mut text = summary(model, &entries, room);
    text.push(vec![]);
    let marks =
        [State::Good, State::Limited, State::Broken].map(|state| width(say(model, state.mark())));
    let mark = marks.into_iter().max().unwrap_or(0);
    let names = entries
        .iter()
        .map(|entry| width(entry.part().tell(model.lang)));
    let name = names.max().unwrap_or(0).min(room / 3);
    for entry in &entries {
        text.extend(one(model, entry, (mark, name), room));
    }
    text
}

/// How much of it works, and the keys of this page.
fn summary(model: &Model, entries: &[Entry], room: usize) -> Vec<Row> {
    let keys = fill(
        say(model, Word::DoctorKeys),
        &[&AGAIN.to_string(), &ALOUD.to_string()],
    );
    let good = |entry: &&Entry| matches!(entry, Entry::Known(check) if check.state == State::Good);
    let works = entries.iter().filter(good).count();
    let told = if model.checkup.going {
        Run::role(say(model, Word::DoctorLooking), Role::Accent)
    } else if works == entries.len() {
        Run::role(say(model, Word::DoctorAllGood), Role::Ok)
    } else {
        let counts = [works.to_string(), entries.len().to_string()];
        let counts = fill(say(model, Word::DoctorCounts), &[&counts[0], &counts[1]]);
        Run::role(&counts, Role::Text)
    };
    let mut text = wrap(&[told], room);
    text.extend(wrap(&[Run::role(&keys, Role::Dim)], room));
    text
}

/// One part. `columns`: of the mark, and of the name.
fn one(model: &Model, entry: &Entry, (mark, name): (usize, usize), room: usize) -> Vec<Row> {
    let pad = |text: &str, columns: usize| {
        let pad = " ".repeat(columns.saturating_sub(width(text)));
        format!("{text}{pad}")
    };
    let (sign, role) = match entry {
        Entry::Looking(_) => ("…", Role::Dim),
        Entry::Known(check) => (
            say(model, check.state.mark()),
            match check.state {
                State::Good => Role::Ok,
                State::Limited => Role::Warning,
                State::Broken => Role::Error,
            },
        ),
    };
    let head = vec![
        Run::role(&pad(sign, mark), role),
        Run::role(" ", Role::Text),
        Run::role(&pad(entry.part().tell(model.lang), name), Role::Heading),
    ];
    let beside = room >= BESIDE;
    let indent = if beside { mark + name + 3 } else { 2.min(room) };
    let body = body(model, entry, room.saturating_sub(indent).max(1));
    let margin = |row: Row| {
        let mut full = vec![Run::role(&" ".repeat(indent), Role::Text)];
        full.extend(row);
        full
    };
    let mut body = body.into_iter();
    let mut text = vec![];
    let mut first = head;
    if beside {
        first.push(Run::role("  ", Role::Text));
        first.extend(body.next().unwrap_or_default());
    }
    text.push(first);
    text.extend(body.map(margin));
    text
}

/// What was found, what helps, and the key that does it.
fn body(model: &Model, entry: &Entry, room: usize) -> Vec<Row> {
    let Entry::Known(check) = entry else {
        return vec![vec![Run::role(say(model, Word::DoctorLooking), Role::Dim)]];
    };
    let mut text = vec![];
    for line in check.found.lines() {
        text.extend(wrap(&[Run::role(line, Role::Text)], room));
    }
    if let Some(hint) = &check.hint {
        text.extend(wrap(&[Run::role(hint, Role::Dim)], room));
    }
    if let Some(remedy) = check.remedy() {
        let does = say(model, remedy.plain.word());
        let key = [
            Run::role("→ ", Role::Accent),
            Run::role(&remedy.key.to_string(), Role::Accent),
            Run::role(&format!("  {does}"), Role::Text),
        ];
        text.extend(wrap(&key, room));
    }
    text
}
