//! Tools whose work is done at the client's end: its clipboard, its loudspeaker. Pure.

use crate::core::backend::Task;
use crate::mind::ToolSpec;
use serde_json::{Value, json};

/// Their names.
pub(super) const CLIPBOARD: &str = "clipboard";
pub(super) const VOLUME: &str = "volume";

/// What a model is told of them.
pub(super) fn specs() -> [ToolSpec; 2] {
    let spec = |name: &str, description: &str, parameters| ToolSpec {
        name: name.to_owned(),
        description: description.to_owned(),
        parameters,
    };
    [
        spec(
            CLIPBOARD,
            "Reads the user's clipboard, or puts a text on it.",
            json!({
                "type": "object",
                "properties": {
                    "action": { "type": "string", "enum": ["read", "write"] },
                    "text": { "type": ["string", "null"], "description": "To write: the text." }
                },
                "required": ["action"],
                "additionalProperties": false
            }),
        ),
        spec(
            VOLUME,
            "Tells how loud the assistant speaks, or sets it.",
            json!({
                "type": "object",
                "properties": {
                    "percent": {
                        "type": ["integer", "null"], "minimum": 0, "maximum": 200,
                        "description": "The new volume; 100 is as usual. Absent: only tell it."
                    }
                },
                "additionalProperties": false
            }),
        ),
    ]
}

/// What is to be done; `Err` is told to the model.
pub(super) fn task(name: &str, arguments: &str) -> Result<Task, String> {
    let arguments = match arguments.trim() {
        "" => json!({}),
        text => serde_json::from_str(text)
            .map_err(|error| format!("the arguments are no JSON: {error}"))?,
    };
    let text = |key: &str| arguments.get(key).and_then(Value::as_str);
    if name == VOLUME {
        let percent = match arguments.get("percent") {
            None | Some(Value::Null) => None,
            Some(Value::Number(number)) => number.as_f64(),
            Some(Value::String(text)) => {
                let number = text.trim().trim_end_matches('%').trim_end();
                Some(
                    number
                        .parse()
                        .map_err(|_none| "`percent` must be a number")?,
                )
            }
            Some(_) => return Err("`percent` must be a number".to_owned()),
        };
        return match percent {
            Some(percent) if !(0.0..=200.0).contains(&percent) => {
                Err("`percent` must be between 0 and 200".to_owned())
            }
            percent => Ok(Task::Volume {
                percent: percent.map(|percent| percent as u32),
            }),
        };
    }
    match (text("action"), text("text")) {
        (Some("read"), _) | (None, None) => Ok(Task::ReadClipboard),
        (Some("write") | None, Some(text)) => Ok(Task::WriteClipboard {
            text: text.to_owned(),
        }),
        (Some("write"), None) => Err("`text` must say what to put on the clipboard".to_owned()),
        (Some(_), _) => Err("`action` must be `read` or `write`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read_as_models_write_them() {
        let volume = |percent| Ok(Task::Volume { percent });
        let write = |text: &str| {
            Ok(Task::WriteClipboard {
                text: text.to_owned(),
            })
        };
        let table = [
            (VOLUME, "", volume(None)),
            (VOLUME, r#"{"percent":null}"#, volume(None)),
            (VOLUME, r#"{"percent":70}"#, volume(Some(70))),
            (VOLUME, r#"{"percent":"30 %"}"#, volume(Some(30))),
            (VOLUME, r#"{"percent":900}"#, Err("between 0 and 200")),
            (VOLUME, r#"{"percent":[]}"#, Err("a number")),
            (VOLUME, "loud", Err("no JSON")),
            (CLIPBOARD, r#"{"action":"read"}"#, Ok(Task::ReadClipboard)),
            (CLIPBOARD, r#"{"action":"write","text":"a"}"#, write("a")),
            (CLIPBOARD, r#"{"text":"a"}"#, write("a")),
            (CLIPBOARD, r#"{"action":"write"}"#, Err("what to put")),
            (CLIPBOARD, r#"{"action":"wipe"}"#, Err("`read` or `write`")),
        ];
        for (name, arguments, expected) in table {
            match (task(name, arguments), expected) {
                (Err(told), Err(part)) => assert!(told.contains(part), "{told}"),
                (read, expected) => {
                    let expected = expected.map_err(str::to_owned);
                    assert_eq!(read, expected, "{arguments}");
                }
            }
        }
    }
}
