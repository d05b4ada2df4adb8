//! Reads a session as aichat saves it: one YAML file with its messages.

use super::foreign::{Foreign, Said};
use super::yaml;
use crate::core::transcript::Role;
use serde_json::Value;

/// Whether this may be one.
pub(super) fn is_one(beginning: &str) -> bool {
    let mut lines = beginning.lines();
    lines.any(|line| line.trim_end() == "messages:" || line.trim_end() == "compressed_messages:")
}

/// The session in a file of this name; the place and the reason of what cannot be read.
pub(super) fn read(text: &str, name: &str) -> Result<Foreign, (usize, String)> {
    let session = yaml::read(text).map_err(|no| (no.line, no.why.to_owned()))?;
    let model = session.get("model").and_then(Value::as_str);
    // What was summarised for the model came before what it still has.
    let lists = ["compressed_messages", "messages"].map(|list| session.get(list));
    let lists = lists.into_iter().flatten().filter_map(Value::as_array);
    let mut all: Vec<Said> = lists
        .flatten()
        .filter_map(|message| said(message, model))
        .collect();
    for (nth, said) in all.iter_mut().enumerate() {
        // They have no names of their own; the same text at the same place is the same message.
        said.id = format!("{nth} {}", said.text);
    }
    let first = all.first().map_or("", |said| said.text.as_str());
    Ok(Foreign {
        id: format!("{name} {first}"),
        title: if matches!(name, "temp" | "session") {
            ""
        } else {
            name
        }
        .to_owned(),
        started: None,
        said: all,
    })
}

fn said(message: &Value, model: Option<&str>) -> Option<Said> {
    let role = match message.get("role")?.as_str()? {
        "user" => Role::User,
        "assistant" => Role::Assistant,
        _ => return None,
    };
    let text = match message.get("content")? {
        Value::String(text) => text.clone(),
        // Beside pictures, text is a part among others.
        Value::Array(parts) => {
            let texts = parts.iter().filter_map(|part| part.get("text")?.as_str());
            texts.collect::<Vec<_>>().join("\n\n")
        }
        Value::Number(number) => number.to_string(),
        Value::Bool(said) => said.to_string(),
        Value::Null | Value::Object(_) => return None,
    };
    if text.trim().is_empty() {
        return None;
    }
    Some(Said {
        id: String::new(),
        role,
        text,
        at: None,
        model: model.filter(|_| role == Role::Assistant).map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_read_with_what_was_summarised() {
        let text = "model: ollama:qwen3\ntemperature: 0.7\ncompressed_messages:\n- role: user\n  content: 你好\n\
            messages:\n- role: system\n  content: be brief\n- role: assistant\n  content: |-\n    Hello.\n\n    And you?\n\
            - role: user\n  content:\n  - type: text\n    text: look\n  - type: image_url\n    image_url:\n      url: data\n\
            - role: user\n  content: 42\n";
        assert!(is_one(text));
        let session = read(text, "greetings").unwrap();
        let texts: Vec<_> = session.said.iter().map(|said| said.text.as_str()).collect();
        assert_eq!(texts, ["你好", "Hello.\n\nAnd you?", "look", "42"]);
        assert_eq!(session.said[1].model.as_deref(), Some("ollama:qwen3"));
        assert_eq!(session.title, "greetings");
        assert_eq!(read("messages:\n- *x\n", "x").unwrap_err().0, 2);
    }
}
