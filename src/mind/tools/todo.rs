//! Things to do: added, listed, ticked off, removed.

use super::error::Kind;
use super::pick::pick;
use super::tell::either;
use super::{Ability, Arguments, Told, ToolError, Toolbox, wall};
use crate::core::desk::Todo as Item;
use crate::core::words::Lang;
use serde_json::json;

pub(super) const ABILITY: Ability = Ability {
    name: "todos",
    description: "Keeps the user's to-do list: adds an item, lists all, ticks one off, or \
                  removes one.",
    parameters: || {
        json!({
            "type": "object",
            "properties": {
                "action": { "type": "string", "enum": ["add", "list", "finish", "remove"] },
                "text": {
                    "type": ["string", "null"],
                    "description": "To add: the item. To finish or remove: words of it, its \
                                    number on the list, or `all`."
                }
            },
            "required": ["action"],
            "additionalProperties": false
        })
    },
    read: |arguments, _now| Ok(Todo::from_arguments(arguments)?.into()),
};

/// Something to be done with the to-do list.
#[derive(Debug)]
pub(in crate::mind) enum Todo {
    Add { text: String },
    List,
    Finish { which: Option<String> },
    Remove { which: Option<String> },
}

impl Todo {
    fn from_arguments(arguments: &Arguments) -> Result<Self, ToolError> {
        let text = arguments.text("text")?;
        let absent = if text.is_some() { "add" } else { "list" };
        match arguments.text("action")?.as_deref().unwrap_or(absent) {
            "add" | "create" => {
                let needs = "must say what there is to do";
                let text = text.ok_or(ToolError::Argument {
                    name: "text",
                    needs,
                })?;
                Ok(Self::Add { text })
            }
            "list" | "show" => Ok(Self::List),
            "finish" | "done" | "complete" | "check" => Ok(Self::Finish { which: text }),
            "remove" | "delete" => Ok(Self::Remove { which: text }),
            _ => {
                let needs = "must be `add`, `list`, `finish` or `remove`";
                Err(ToolError::Argument {
                    name: "action",
                    needs,
                })
            }
        }
    }

    pub(super) async fn run(self, toolbox: &Toolbox, lang: Lang) -> Told {
        if let Self::Add { text } = self {
            let todo = toolbox.desk.add_todo(text, wall(&toolbox.now())).await?;
            return Ok(match lang {
                Lang::En => format!("Added to the to-do list: {}", todo.text),
                Lang::Zh => format!("已加入待办：{}", todo.text),
            });
        }
        let todos = toolbox.desk.todos().await?;
        if todos.is_empty() {
            let none = either(lang, "The to-do list is empty.", "待办清单是空的。");
            return Ok(none.to_owned());
        }
        let pick =
            |which: Option<String>| pick(&todos, |todo| &todo.text, which.as_deref(), Kind::Todo);
        match self {
            Self::Finish { which } => {
                let found = pick(which)?;
                for todo in &found {
                    toolbox.desk.finish_todo(todo.id).await?;
                }
                Ok(told(&found, ("Done", "已完成"), lang))
            }
            Self::Remove { which } => {
                let found = pick(which)?;
                for todo in &found {
                    toolbox.desk.remove_todo(todo.id).await?;
                }
                Ok(told(&found, ("Removed", "已删除"), lang))
            }
            Self::Add { .. } | Self::List => {
                let lines = todos.iter().zip(1..).map(|(todo, at)| {
                    let mark = if todo.done { "☑" } else { "☐" };
                    format!("{at}. {mark} {}", todo.text)
                });
                Ok(lines.collect::<Vec<_>>().join("\n"))
            }
        }
    }
}

fn told(found: &[&Item], (en, zh): (&str, &str), lang: Lang) -> String {
    match (lang, found) {
        (Lang::En, [todo]) => format!("{en}: {}", todo.text),
        (Lang::En, all) => format!("{en}: {} items.", all.len()),
        (Lang::Zh, [todo]) => format!("{zh}：{}", todo.text),
        (Lang::Zh, all) => format!("{zh} {} 项。", all.len()),
    }
}
