//! Looks for words in what was said before, in any conversation.

use super::tell::{self, either};
use super::{Ability, Arguments, Told, ToolError, Toolbox};
use crate::core::transcript::Role;
use crate::core::words::Lang;
use jiff::Timestamp;
use serde_json::json;

/// So many messages are told of.
const FOUND: usize = 8;

pub(super) const ABILITY: Ability = Ability {
    name: "search_history",
    description: "Finds earlier messages of all conversations with the user that hold all the \
                  given words, the newest first.",
    parameters: || {
        json!({
            "type": "object",
            "properties": { "words": { "type": "string", "description": "Such as `umbrella red`." } },
            "required": ["words"],
            "additionalProperties": false
        })
    },
    read: |arguments, _now| Ok(History::from_arguments(arguments)?.into()),
};

/// A search.
#[derive(Debug)]
pub(in crate::mind) struct History {
    pub(in crate::mind) words: String,
}

impl History {
    fn from_arguments(arguments: &Arguments) -> Result<Self, ToolError> {
        let words = arguments.text("words")?.ok_or(ToolError::Argument {
            name: "words",
            needs: "must say what to look for",
        })?;
        Ok(Self { words })
    }

    pub(super) async fn run(self, toolbox: &Toolbox, lang: Lang) -> Told {
        let found = toolbox.desk.search(self.words.clone(), FOUND).await?;
        if found.is_empty() {
            let none = either(lang, "Nothing was said about", "没有说过");
            return Ok(format!("{none} {}.", tell::quoted(&self.words)));
        }
        let zone = toolbox.now().time_zone().clone();
        let lines = found.iter().map(|one| {
            let at = Timestamp::from_millisecond(one.at.0).unwrap_or_default();
            let at = at
                .to_zoned(zone.clone())
                .strftime("%Y-%m-%d %H:%M")
                .to_string();
            let who = match one.role {
                Role::User => either(lang, "user", "用户"),
                Role::Assistant => either(lang, "assistant", "助手"),
                Role::Note => either(lang, "note", "提示"),
            };
            let excerpt = one.excerpt.split_whitespace().collect::<Vec<_>>().join(" ");
            format!("- {at}, {}, {who}: {excerpt}", tell::quoted(&one.title))
        });
        Ok(lines.collect::<Vec<_>>().join("\n"))
    }
}
