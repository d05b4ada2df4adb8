//! Reads a conversation as ChatGPT exports it: a tree of messages, of which the branch that was
//! shown last is taken.

use super::foreign::{Foreign, Said};
use crate::core::time::Wall;
use crate::core::transcript::Role;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

#[derive(Deserialize)]
struct Conversation {
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    create_time: Option<f64>,
    mapping: HashMap<String, Node>,
    #[serde(default)]
    current_node: Option<String>,
    #[serde(default, rename = "conversation_id")]
    name: Option<String>,
    #[serde(default)]
    id: Option<String>,
}

#[derive(Deserialize)]
struct Node {
    #[serde(default)]
    message: Option<Message>,
    #[serde(default)]
    parent: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    id: String,
    author: Author,
    #[serde(default)]
    create_time: Option<f64>,
    #[serde(default)]
    content: Content,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Author {
    role: String,
}

#[derive(Default, Deserialize)]
struct Content {
    #[serde(default, rename = "content_type")]
    kind: String,
    #[serde(default)]
    parts: Vec<Value>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    language: Option<String>,
}

#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    model_slug: Option<String>,
    #[serde(default)]
    is_visually_hidden_from_conversation: Option<bool>,
}

/// The conversation in an element of the list, or why there is none.
pub(super) fn read(element: &[u8]) -> Result<Foreign, String> {
    let conversation: Conversation =
        serde_json::from_slice(element).map_err(|error| error.to_string())?;
    let id = conversation.name.as_ref().or(conversation.id.as_ref());
    let id = id.cloned().ok_or("it has no id")?;
    let mut branch = vec![];
    let mut seen = HashSet::new();
    let mut at = conversation
        .current_node
        .clone()
        .or_else(|| leaf(&conversation.mapping));
    while let Some(node) = at.as_ref().and_then(|name| conversation.mapping.get(name)) {
        // A tree that bites its own tail ends here.
        if !seen.insert(at.clone()) {
            break;
        }
        branch.extend(node.message.as_ref().and_then(said));
        at.clone_from(&node.parent);
    }
    branch.reverse();
    Ok(Foreign {
        id,
        title: conversation.title.unwrap_or_default(),
        started: wall(conversation.create_time),
        said: branch,
    })
}

/// The last message, where the export does not say which one was shown.
fn leaf(mapping: &HashMap<String, Node>) -> Option<String> {
    let moment = |node: &Node| {
        let message = node.message.as_ref();
        wall(message.and_then(|message| message.create_time)).map_or(0, |at| at.0)
    };
    let last = mapping
        .iter()
        .max_by_key(|(name, node)| (moment(node), name.as_str()));
    last.map(|(name, _)| name.clone())
}

fn said(message: &Message) -> Option<Said> {
    let role = match message.author.role.as_str() {
        "user" => Role::User,
        "assistant" => Role::Assistant,
        _ => return None,
    };
    if message.metadata.is_visually_hidden_from_conversation == Some(true) {
        return None;
    }
    let content = &message.content;
    let text = match content.kind.as_str() {
        "text" | "multimodal_text" => {
            let parts = content.parts.iter().filter_map(part);
            parts.collect::<Vec<_>>().join("\n\n")
        }
        "code" => {
            let language = content.language.as_deref().unwrap_or_default();
            let language = Some(language).filter(|language| *language != "unknown");
            let text = content
                .text
                .as_deref()
                .filter(|text| !text.trim().is_empty())?;
            format!("```{}\n{text}\n```", language.unwrap_or_default())
        }
        // What it thought, looked up or was told about the user.
        _ => return None,
    };
    if text.trim().is_empty() {
        return None;
    }
    Some(Said {
        id: message.id.clone(),
        role,
        text,
        at: wall(message.create_time),
        model: message
            .metadata
            .model_slug
            .clone()
            .filter(|_| role == Role::Assistant),
    })
}

/// The words of a part: written, or heard where it was spoken.
fn part(part: &Value) -> Option<String> {
    let text = part.as_str().or_else(|| part.get("text")?.as_str())?;
    (!text.trim().is_empty()).then(|| text.to_owned())
}

fn wall(seconds: Option<f64>) -> Option<Wall> {
    let seconds = seconds.filter(|seconds| seconds.is_finite() && *seconds > 0.0)?;
    Some(Wall((seconds * 1000.0) as i64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_branch_that_was_shown_is_read_without_what_nobody_saw() {
        let message = |id: &str, role: &str, content: Value| {
            json!({"id": id, "author": {"role": role}, "create_time": 1_700_000_000.25,
                   "content": content, "metadata": {"model_slug": "gpt-4o"}})
        };
        let text = |text: &str| json!({"content_type": "text", "parts": [text]});
        let hidden = json!({"id": "h", "author": {"role": "user"}, "content": text("secret"),
            "metadata": {"is_visually_hidden_from_conversation": true}});
        let conversation = json!({
            "title": "东京 trip", "create_time": 1_699_999_999.0, "conversation_id": "c-1",
            "current_node": "n6",
            "mapping": {
                "root": {"message": null, "parent": null},
                "n0": {"message": message("m0", "system", text("be nice")), "parent": "root"},
                "n1": {"message": hidden, "parent": "n0"},
                "n2": {"message": message("m2", "user", text("where to?")), "parent": "n1"},
                "n3": {"message": message("m3", "assistant", text("the old answer")), "parent": "n2"},
                "n4": {"message": message("m4", "assistant",
                    json!({"content_type": "code", "language": "python", "text": "go()"})), "parent": "n2"},
                "n5": {"message": message("m5", "assistant",
                    json!({"content_type": "thoughts", "thoughts": []})), "parent": "n4"},
                "n6": {"message": message("m6", "assistant", json!({"content_type": "multimodal_text",
                    "parts": [{"content_type": "image"}, {"text": "heard"}, "Tokyo"]})), "parent": "n5"},
            },
        });
        let read = read(conversation.to_string().as_bytes()).unwrap();
        let said = |id: &str, role, text: &str, model: Option<&str>| Said {
            id: id.into(),
            role,
            text: text.into(),
            at: Some(Wall(1_700_000_000_250)),
            model: model.map(str::to_owned),
        };
        let expected = Foreign {
            id: "c-1".into(),
            title: "东京 trip".into(),
            started: Some(Wall(1_699_999_999_000)),
            said: vec![
                said("m2", Role::User, "where to?", None),
                said(
                    "m4",
                    Role::Assistant,
                    "```python\ngo()\n```",
                    Some("gpt-4o"),
                ),
                said("m6", Role::Assistant, "heard\n\nTokyo", Some("gpt-4o")),
            ],
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn a_tree_without_an_end_ends() {
        let conversation = json!({"id": "c", "current_node": "a", "mapping": {
            "a": {"message": null, "parent": "b"}, "b": {"message": null, "parent": "a"}}});
        assert_eq!(read(conversation.to_string().as_bytes()).unwrap().said, []);
        for bad in [
            "{}",
            "[]",
            "3",
            "{\"mapping\": {}}",
            "{\"id\": 3, \"mapping\": 3}",
            "{",
        ] {
            assert!(read(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
