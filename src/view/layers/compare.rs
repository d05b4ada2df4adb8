//! Draws two versions of a conversation: side by side where there is room, else one below the other.

use super::super::text::wrap::wrap;
use super::super::text::{Row, Run, clip, row_width};
use super::super::theme::Role;
use super::super::words::say;
use crate::core::compare::Comparison;
use crate::core::ids::ConversationId;
use crate::core::model::Model;
use crate::core::transcript::{Message, Role as Speaker};
use crate::core::words::{Word, fill};

/// With less room than this for both there is none for two columns.
const WIDE: usize = 76;
/// What stands between two columns.
const BETWEEN: &str = " │ ";

/// The page for so many columns.
pub(super) fn rows(model: &Model, comparison: &Comparison, room: usize) -> Vec<Row> {
    let Some(found) = &comparison.found else {
        return vec![vec![Run::role(say(model, Word::InspectLooking), Role::Dim)]];
    };
    let same = fill(say(model, Word::CompareSame), &[&found.same.to_string()]);
    let mut out = wrap(&[Run::role(&same, Role::Dim)], room.max(1));
    out.push(vec![]);
    let here = side(model, model.conversation.id, &found.ours);
    let there = side(model, comparison.other, &found.theirs);
    if !(WIDE..=10_000).contains(&room) {
        out.extend(here.rows(room));
        out.push(vec![]);
        out.extend(there.rows(room));
        return out;
    }
    let column = (room - BETWEEN.chars().count()) / 2;
    let (left, right) = (here.rows(column), there.rows(column));
    let mut right = right.into_iter();
    let mut left = left.into_iter();
    loop {
        let (one, other) = match (left.next(), right.next()) {
            (None, None) => return out,
            (one, other) => (one.unwrap_or_default(), other.unwrap_or_default()),
        };
        let pad = " ".repeat(column.saturating_sub(row_width(&one)));
        let mut row = one;
        row.push(Run::role(&pad, Role::Text));
        row.push(Run::role(BETWEEN, Role::Dim));
        row.extend(other);
        out.push(row);
    }
}

/// One version.
struct Side {
    title: String,
    said: Vec<(String, Role, String)>,
    nothing: String,
}

fn side(model: &Model, version: ConversationId, messages: &[Message]) -> Side {
    let versions = &model.conversation.versions;
    let nth = versions.iter().position(|one| *one == version).unwrap_or(0) + 1;
    let title = fill(
        say(model, Word::CompareVersion),
        &[&nth.to_string(), &versions.len().to_string()],
    );
    let said = messages.iter().map(|message| {
        let (word, role) = match message.role {
            Speaker::User => (Word::RoleUser, Role::User),
            Speaker::Assistant => (Word::RoleAssistant, Role::Assistant),
            Speaker::Note => (Word::RoleNote, Role::Dim),
        };
        (say(model, word).to_owned(), role, message.text.clone())
    });
    Side {
        title,
        said: said.collect(),
        nothing: say(model, Word::CompareNothing).to_owned(),
    }
}

impl Side {
    fn rows(&self, room: usize) -> Vec<Row> {
        let room = room.max(1);
        let mut out = vec![vec![Run::role(&clip(&self.title, room), Role::Heading)]];
        for (who, role, text) in &self.said {
            out.push(vec![Run::role(&clip(who, room), *role)]);
            for line in text.lines() {
                out.extend(wrap(&[Run::role(line, Role::Text)], room));
            }
        }
        if self.said.is_empty() {
            out.extend(wrap(&[Run::role(&self.nothing, Role::Dim)], room));
        }
        out
    }
}
