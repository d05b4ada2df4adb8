//! Writes one conversation as a document: Markdown or plain text to read, HTML for
//! a browser, JSON to compute with.
//!
//! Documents are defused like everything that may meet a terminal. JSON loses nothing: there, what
//! a terminal would obey is written as an escape.

use super::{Format, Manner, figures, html, one_line, role_name, srt, stamp};
use crate::core::backend::ToolUse;
use crate::core::defuse::defuse;
use crate::core::defuse::harmless;
use crate::core::record::Summary;
use crate::core::transcript::{Ending, Message};
use crate::core::words::{Lang, Word};
use crate::store::Store;
use anyhow::bail;
use serde_json::{Value, json};
use std::io::{self, Write};

/// Writes the whole conversation.
pub fn write(
    store: &Store,
    conversation: &Summary,
    format: Format,
    around: &Manner,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let (messages, _) = store.load(conversation.id, None, usize::MAX)?;
    let turns = store.turns(conversation.id)?;
    match format {
        Format::Md => {
            write_markdown(conversation, &messages, around, out)?;
            figures::write(&turns, true, around, out)?;
        }
        Format::Txt => {
            write_text(conversation, &messages, around, out)?;
            figures::write(&turns, false, around, out)?;
        }
        Format::Html => {
            let mut times = vec![];
            figures::write(&turns, false, around, &mut times)?;
            let times = String::from_utf8_lossy(&times);
            html::write(conversation, &messages, &times, around, out)?;
        }
        Format::Json => {
            let mut whole = summary(conversation);
            whole["messages"] = messages.iter().map(message).collect();
            whole["turns"] = turns.iter().map(figures::turn).collect();
            whole["times"] = figures::usual(&turns);
            write_json(&whole, out)?;
        }
        Format::Srt | Format::SrtWords => {
            let mut cues = srt::cues(&messages, &turns);
            if cues.is_empty() {
                bail!(around.say(Word::HistoryNothingSpoken, &[]));
            }
            if format == Format::SrtWords {
                cues = srt::words(&cues);
            }
            srt::write(&cues, |role| around.role(role), out)?;
        }
    }
    Ok(())
}

fn write_markdown(
    conversation: &Summary,
    messages: &[Message],
    around: &Manner,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "# {}\n", around.title(conversation))?;
    writeln!(out, "{}", around.date(conversation.started))?;
    for message in messages {
        writeln!(out, "\n## {}\n", heading(message, around))?;
        for tool in &message.tools {
            writeln!(out, "> {}\n", tool_line(tool, around))?;
        }
        if !message.text.is_empty() {
            writeln!(out, "{}", defuse(message.text.trim_end()))?;
        }
        if let Some(why) = cut(message, around) {
            writeln!(out, "\n*{why}*")?;
        }
    }
    Ok(())
}

fn write_text(
    conversation: &Summary,
    messages: &[Message],
    around: &Manner,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "{}", around.title(conversation))?;
    writeln!(out, "{}", around.date(conversation.started))?;
    for message in messages {
        writeln!(out, "\n{}:", heading(message, around))?;
        for tool in &message.tools {
            writeln!(out, "({})", tool_line(tool, around))?;
        }
        if !message.text.is_empty() {
            writeln!(out, "{}", defuse(message.text.trim_end()))?;
        }
        if let Some(why) = cut(message, around) {
            writeln!(out, "({why})")?;
        }
    }
    Ok(())
}

/// Who said it, when, and with which model.
pub(super) fn heading(message: &Message, around: &Manner) -> String {
    let mut heading = format!(
        "{} · {}",
        around.role(message.role),
        around.date(message.at)
    );
    if let Some(by) = &message.by {
        heading.push_str(" · ");
        heading.push_str(&one_line(by.model.as_ref().unwrap_or(&by.brain)));
    }
    heading
}

pub(super) fn tool_line(tool: &ToolUse, around: &Manner) -> String {
    let line = around.say(Word::HistoryTool, &[&one_line(&tool.name)]);
    let arguments = one_line(&tool.arguments);
    match &tool.outcome {
        Some(Ok(text) | Err(text)) => format!("{line} {arguments} → {}", one_line(text)),
        None => format!("{line} {arguments}"),
    }
}

pub(super) fn cut(message: &Message, around: &Manner) -> Option<String> {
    match &message.ending {
        Ending::Cut(why) => Some(around.say(Word::HistoryCut, &[&one_line(why)])),
        Ending::Open => Some(around.say(Word::HistoryCut, &[Word::CutByEnd.text(around.lang)])),
        Ending::Complete => None,
    }
}

/// A conversation without its messages, for programs.
pub fn summary(summary: &Summary) -> Value {
    json!({
        "id": summary.id,
        "title": summary.title,
        "persona": summary.persona,
        "started": stamp(summary.started),
        "used": stamp(summary.used),
        "count": summary.messages,
    })
}

fn message(message: &Message) -> Value {
    let cut = match &message.ending {
        Ending::Cut(why) => Some(why.as_str()),
        Ending::Open => Some(Word::CutByEnd.text(Lang::En)),
        Ending::Complete => None,
    };
    let tools: Value = message.tools.iter().map(tool).collect();
    json!({
        "id": message.id,
        "turn": message.turn,
        "role": role_name(message.role),
        "at": stamp(message.at),
        "text": message.text,
        "reasoning": message.reasoning,
        "tools": tools,
        "brain": message.by.as_ref().map(|by| &by.brain),
        "model": message.by.as_ref().and_then(|by| by.model.as_ref()),
        "cut": cut,
    })
}

fn tool(tool: &ToolUse) -> Value {
    let (result, error) = match &tool.outcome {
        Some(Ok(result)) => (Some(result), None),
        Some(Err(error)) => (None, Some(error)),
        None => (None, None),
    };
    json!({
        "name": tool.name,
        "arguments": tool.arguments,
        "result": result,
        "error": error,
    })
}

/// Writes JSON that is harmless on a terminal and still means the same.
pub fn write_json(value: &Value, out: &mut dyn Write) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    writeln!(out, "{}", harmless(&text))?;
    Ok(())
}
