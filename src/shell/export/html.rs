//! Writes a conversation as a page for a browser: one file without scripts, pictures or anything
//! that is fetched. What was said is shown as it was written, and none of it is markup.

use super::{Manner, document};
use crate::core::defuse::defuse;
use crate::core::record::Summary;
use crate::core::transcript::{Message, Role};
use std::io::{self, Write};

/// How the page looks, in the colours that the reader prefers.
const STYLE: &str = "\
:root { color-scheme: light dark; }
body { font-family: system-ui, sans-serif; line-height: 1.5; max-width: 46rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.4rem; }
article { margin: 1.5rem 0; padding-left: 1rem; border-left: 3px solid gray; }
article.user { border-color: royalblue; }
article.assistant { border-color: seagreen; }
header, aside, footer, time { color: gray; font-size: 0.85rem; }
p { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0.3rem 0; }
";

/// Writes the page; `times` is what stands below it.
pub(super) fn write(
    conversation: &Summary,
    messages: &[Message],
    times: &str,
    around: &Manner,
    out: &mut dyn Write,
) -> io::Result<()> {
    let title = escaped(&around.title(conversation));
    let lang = around.lang.code();
    writeln!(out, "<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head>")?;
    writeln!(out, "<meta charset=\"utf-8\">")?;
    // Even a reader that ran scripts would run none of these.
    writeln!(
        out,
        "<meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    )?;
    writeln!(
        out,
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
    )?;
    writeln!(out, "<title>{title}</title>\n<style>\n{STYLE}</style>")?;
    writeln!(out, "</head>\n<body>\n<h1>{title}</h1>")?;
    writeln!(
        out,
        "<time>{}</time>",
        escaped(&around.date(conversation.started))
    )?;
    for message in messages {
        let who = match message.role {
            Role::User => "user",
            Role::Assistant => "assistant",
            Role::Note => "note",
        };
        let heading = escaped(&document::heading(message, around));
        writeln!(out, "<article class=\"{who}\">\n<header>{heading}</header>")?;
        for tool in &message.tools {
            let tool = escaped(&document::tool_line(tool, around));
            writeln!(out, "<aside>{tool}</aside>")?;
        }
        if !message.text.is_empty() {
            let text = escaped(&defuse(message.text.trim_end()));
            writeln!(out, "<p dir=\"auto\">{text}</p>")?;
        }
        if let Some(why) = document::cut(message, around) {
            writeln!(out, "<footer>{}</footer>", escaped(&why))?;
        }
        writeln!(out, "</article>")?;
    }
    if !times.is_empty() {
        writeln!(out, "<pre>{}</pre>", escaped(times.trim()))?;
    }
    writeln!(out, "</body>\n</html>")
}

/// Text that means itself in a page.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 16);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
