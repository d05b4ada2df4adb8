//! Notes: written down, read back, thrown away.

use super::error::Kind;
use super::pick::pick;
use super::tell::either;
use super::{Ability, Arguments, Told, ToolError, Toolbox, wall};
use crate::core::words::Lang;
use serde_json::json;

pub(super) const ABILITY: Ability = Ability {
    name: "notes",
    description: "Writes a note down for the user, lists all notes, or removes one.",
    parameters: || {
        json!({
            "type": "object",
            "properties": {
                "action": { "type": "string", "enum": ["add", "list", "remove"] },
                "text": {
                    "type": ["string", "null"],
                    "description": "To add: the note. To remove: words of it, its number on \
                                    the list, or `all`."
                }
            },
            "required": ["action"],
            "additionalProperties": false
        })
    },
    read: |arguments, _now| Ok(Note::from_arguments(arguments)?.into()),
};

/// Something to be done with notes.
#[derive(Debug)]
pub(in crate::mind) enum Note {
    Add { text: String },
    List,
    Remove { which: Option<String> },
}

impl Note {
    fn from_arguments(arguments: &Arguments) -> Result<Self, ToolError> {
        let text = arguments.text("text")?;
        let absent = if text.is_some() { "add" } else { "list" };
        match arguments.text("action")?.as_deref().unwrap_or(absent) {
            "add" | "create" | "write" => {
                let needs = "must say what to note";
                let text = text.ok_or(ToolError::Argument {
                    name: "text",
                    needs,
                })?;
                Ok(Self::Add { text })
            }
            "list" | "show" | "read" => Ok(Self::List),
            "remove" | "delete" => Ok(Self::Remove { which: text }),
            _ => {
                let needs = "must be `add`, `list` or `remove`";
                Err(ToolError::Argument {
                    name: "action",
                    needs,
                })
            }
        }
    }

    pub(super) async fn run(self, toolbox: &Toolbox, lang: Lang) -> Told {
        let notes = || toolbox.desk.notes();
        let none = either(lang, "There are no notes.", "没有笔记。");
        match self {
            Self::Add { text } => {
                let note = toolbox.desk.add_note(text, wall(&toolbox.now())).await?;
                Ok(match lang {
                    Lang::En => format!("Noted: {}", note.text),
                    Lang::Zh => format!("已记下：{}", note.text),
                })
            }
            Self::List => {
                let notes = notes().await?;
                if notes.is_empty() {
                    return Ok(none.to_owned());
                }
                let lines = notes
                    .iter()
                    .zip(1..)
                    .map(|(note, at)| format!("{at}. {}", note.text));
                Ok(lines.collect::<Vec<_>>().join("\n"))
            }
            Self::Remove { which } => {
                let notes = notes().await?;
                if notes.is_empty() {
                    return Ok(none.to_owned());
                }
                let found = pick(&notes, |note| &note.text, which.as_deref(), Kind::Note)?;
                for note in &found {
                    toolbox.desk.remove_note(note.id).await?;
                }
                Ok(match (lang, found.as_slice()) {
                    (Lang::En, [note]) => format!("Removed the note: {}", note.text),
                    (Lang::En, all) => format!("Removed {} notes.", all.len()),
                    (Lang::Zh, [note]) => format!("已删除笔记：{}", note.text),
                    (Lang::Zh, all) => format!("已删除 {} 条笔记。", all.len()),
                })
            }
        }
    }
}
