//! Sets the tools there are, server by server: how each is doing, and what may be used.

use super::super::text::wrap::wrap;
use super::super::text::{Row, Run, clip, row_width, width};
use super::super::theme::Role;
use super::super::words::say;
use crate::core::backend::{Rule, ToolServer, ToolState};
use crate::core::model::Model;
use crate::core::words::{Word, fill};

/// All of it, for a page of this width.
pub(super) fn rows(model: &Model, servers: &[ToolServer], room: usize) -> Vec<Row> {
    if servers.is_empty() {
        let nothing = Run::role(say(model, Word::ToolsUnknown), Role::Dim);
        return wrap(&[nothing], room);
    }
    let mut rows: Vec<Row> = vec![];
    // Those of others first: they are what one looks here for.
    let ours = |server: &&ToolServer| server.name.is_empty();
    let (own, others): (Vec<_>, Vec<_>) = servers.iter().partition(ours);
    if others.is_empty() {
        let none = Run::role(say(model, Word::ToolsNone), Role::Dim);
        rows.extend(wrap(&[none], room));
        rows.push(vec![]);
    }
    for server in others.into_iter().chain(own) {
        rows.extend(one(model, server, room));
        rows.push(vec![]);
    }
    rows.pop();
    rows
}

fn one(model: &Model, server: &ToolServer, room: usize) -> Vec<Row> {
    let (state, role) = match server.state {
        ToolState::Idle => (Word::ToolsIdle, Role::Dim),
        ToolState::Starting => (Word::ToolsStarting, Role::Dim),
        ToolState::Ready => (Word::ToolsReady, Role::Ok),
        ToolState::Waiting => (Word::ToolsWaiting, Role::Warning),
        ToolState::Off => (Word::ToolsStopped, Role::Error),
    };
    let head = if server.name.is_empty() {
        vec![Run::role(say(model, Word::ToolsOurs), Role::Heading)]
    } else {
        vec![
            Run::role(&server.name, Role::Heading),
            Run::role(" · ", Role::Dim),
            Run::role(say(model, state), role),
        ]
    };
    let mut rows = wrap(&head, room);
    if !server.why.is_empty() {
        rows.extend(indented(&server.why, Role::Warning, room));
    }
    let rules = [Rule::Ask, Rule::Allowed, Rule::Never].map(|rule| width(say(model, word(rule))));
    let column = rules.into_iter().max().unwrap_or(0);
    for tool in &server.tools {
        let role = match tool.rule {
            Rule::Ask => Role::Dim,
            Rule::Allowed => Role::Ok,
            Rule::Never => Role::Warning,
        };
        let rule = say(model, word(tool.rule));
        let pad = " ".repeat(column.saturating_sub(width(rule)));
        let mut row = vec![
            Run::role(&format!("  {rule}{pad} "), role),
            Run::role(&tool.name, Role::Text),
        ];
        let about = tool.about.split_whitespace().collect::<Vec<_>>().join(" ");
        let left = room.saturating_sub(row_width(&row) + 2);
        if left > 8 && !about.is_empty() {
            let about = clip(&about, left);
            row.push(Run::role(&format!("  {about}"), Role::Dim));
        }
        rows.push(row);
    }
    if server.left_out > 0 {
        let more = fill(
            say(model, Word::ToolsLeftOut),
            &[&server.left_out.to_string()],
        );
        rows.extend(indented(&more, Role::Dim, room));
    }
    rows
}

fn indented(text: &str, role: Role, room: usize) -> Vec<Row> {
    let lines = wrap(&[Run::role(text, role)], room.saturating_sub(2).max(1));
    let indent = |mut line: Row| {
        line.insert(0, Run::role("  ", role));
        line
    };
    lines.into_iter().map(indent).collect()
}

const fn word(rule: Rule) -> Word {
    match rule {
        Rule::Ask => Word::RuleAsk,
        Rule::Allowed => Word::RuleAllowed,
        Rule::Never => Word::RuleNever,
    }
}
