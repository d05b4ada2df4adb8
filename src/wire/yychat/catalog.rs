//! What a plain server lists over HTTP: its personas, models, voices, engines and tools.

use crate::core::backend::{BrainInfo, Brains, VoiceWish};
use serde_json::Value;

/// What can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Personas,
    Models,
    Engines,
    Voices,
    Tools,
    /// Tools that the server itself has from others.
    BorrowedTools,
}

impl List {
    pub(super) const ALL: [Self; 6] = [
        Self::Personas,
        Self::Models,
        Self::Engines,
        Self::Voices,
        Self::Tools,
        Self::BorrowedTools,
    ];

    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Personas => "/v1/personalities",
            Self::Models => "/v1/models",
            Self::Engines => "/v1/engines/list",
            Self::Voices => "/v1/audio/voices",
            Self::Tools => "/v1/tools",
            Self::BorrowedTools => "/v1/mcp/tools",
        }
    }

    /// The fields that hold the list, in the forms that servers use.
    const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Personas => &["data", "personalities"],
            Self::Models => &["data", "models"],
            Self::Engines => &["engines", "data"],
            Self::Voices => &["voices", "data"],
            Self::Tools | Self::BorrowedTools => &["tools", "data"],
        }
    }
}

/// The lists of one server, as far as they have come.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    /// Id and name of each.
    pub(super) personas: Vec<(String, String)>,
    pub(super) models: Vec<String>,
    engines: Vec<(String, String)>,
    /// The engine that answers.
    engine: Option<String>,
    pub(super) voices: Vec<(String, String)>,
    tools: Vec<String>,
}

impl Catalog {
    /// Takes in one list; `false` if it is none.
    pub(super) fn take(&mut self, list: List, document: &[u8]) -> bool {
        let Ok(document) = serde_json::from_slice::<Value>(document) else {
            return false;
        };
        let found = list.fields().iter().find_map(|name| document.get(*name));
        let Some(items) = found.unwrap_or(&document).as_array() else {
            return false;
        };
        let items: Vec<(String, String)> = items.iter().filter_map(item).collect();
        let ids = || items.iter().map(|(id, _)| id.clone());
        match list {
            List::Personas => self.personas = items,
            List::Models => self.models = ids().collect(),
            List::Voices => self.voices = items,
            List::Tools | List::BorrowedTools => {
                self.tools.extend(ids());
                self.tools.sort_unstable();
                self.tools.dedup();
            }
            List::Engines => {
                let current = document.get("current_engine").and_then(Value::as_str);
                self.engine = current.map(str::to_owned);
                self.engines = items;
            }
        }
        true
    }

    /// Whether this is an engine of the server that does not answer at the moment.
    pub(super) fn is_other_engine(&self, id: &str) -> bool {
        self.engine.as_deref() != Some(id) && self.engines.iter().any(|(engine, _)| engine == id)
    }

    /// The voice that is wished for, if the server has it.
    pub(super) fn voice(&self, wish: &VoiceWish) -> Option<String> {
        let mut wished = [&wish.engine, &wish.voice].into_iter().flatten();
        let known = |wished: &&String| self.voices.iter().any(|(id, _)| id == *wished);
        wished.find(known).cloned()
    }

    /// From here on this engine answers.
    pub(super) fn switched(&mut self, id: String) {
        self.engine = Some(id);
    }

    /// What answers, as the rest of the program knows it; `host` stands for a server that names
    /// no engines.
    pub(super) fn brains(&self, host: &str, why: &str) -> Option<Brains> {
        let brain = |(id, name): &(String, String)| BrainInfo {
            id: id.clone(),
            name: name.clone(),
            models: self.models.clone(),
            model: self.models.first().cloned(),
        };
        let mut all: Vec<BrainInfo> = self.engines.iter().map(brain).collect();
        if all.is_empty() {
            if self.models.is_empty() {
                return None;
            }
            all.push(brain(&(host.to_owned(), host.to_owned())));
        }
        let first = all.first().map(|brain| brain.id.clone());
        Some(Brains {
            current: self.engine.clone().or(first).unwrap_or_default(),
            all,
            why: why.to_owned(),
        })
    }

    /// How much of each there is, in the server's own names for them.
    pub(super) fn counts(&self) -> String {
        let lists = [
            ("personalities", self.personas.len()),
            ("models", self.models.len()),
            ("engines", self.engines.len()),
            ("voices", self.voices.len()),
            ("tools", self.tools.len()),
        ];
        let some = lists.iter().filter(|(_, count)| *count > 0);
        let some: Vec<String> = some
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        some.join(", ")
    }

    /// What else there is, as figures of the status.
    pub(super) fn figures(&self) -> Vec<(String, String)> {
        let named = |name: &str, list: Vec<&str>| {
            (!list.is_empty()).then(|| (name.to_owned(), list.join(", ")))
        };
        let firsts = |list: &'static str, items: &[(String, String)]| {
            named(list, items.iter().map(|(id, _)| id.as_str()).collect())
        };
        let tools = self.tools.iter().map(String::as_str).collect();
        let lists = [
            named("tools", tools),
            firsts("engines", &self.engines),
            firsts("voices", &self.voices),
        ];
        lists.into_iter().flatten().collect()
    }
}

/// Id and name of an entry, which may be a bare name.
fn item(value: &Value) -> Option<(String, String)> {
    if let Some(name) = value.as_str() {
        return Some((name.to_owned(), name.to_owned()));
    }
    let text = |field: &str| value.get(field).and_then(Value::as_str);
    let id = ["id", "voice_id", "voice", "name"]
        .into_iter()
        .find_map(text)?;
    let name = text("name").unwrap_or(id);
    Some((id.to_owned(), name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_list_is_read() {
        let pairs = |list: &[(&str, &str)]| -> Vec<(String, String)> {
            let owned = list.iter().map(|(id, name)| ((*id).into(), (*name).into()));
            owned.collect()
        };
        for (document, expected) in [
            (
                r#"{"object":"list","data":[{"id":"nova","name":"Nova"},{"x":1}]}"#,
                pairs(&[("nova", "Nova")]),
            ),
            (
                r#"{"voices":["alloy","echo"]}"#,
                pairs(&[("alloy", "alloy"), ("echo", "echo")]),
            ),
            (
                r#"{"voices":[{"voice_id":"a"}],"data":7}"#,
                pairs(&[("a", "a")]),
            ),
            (r#"["a",null]"#, pairs(&[("a", "a")])),
        ] {
            let mut catalog = Catalog::default();
            assert!(
                catalog.take(List::Voices, document.as_bytes()),
                "{document}"
            );
            assert_eq!(catalog.voices, expected, "{document}");
        }
        for document in ["", "{}", "7", r#"{"voices":null}"#, "<html>"] {
            let mut catalog = Catalog::default();
            assert!(
                !catalog.take(List::Voices, document.as_bytes()),
                "{document}"
            );
        }
    }

    #[test]
    fn engines_are_brains_and_a_server_without_them_is_one() {
        let mut catalog = Catalog::default();
        assert_eq!(catalog.brains("h", ""), None);
        catalog.take(List::Models, br#"{"data":[{"id":"gpt-4o"}]}"#);
        let brains = catalog.brains("h:9800", "").unwrap();
        assert_eq!((brains.current.as_str(), brains.all.len()), ("h:9800", 1));
        let engines = br#"{"success":true,"current_engine":"mem0_proxy","engines":[{"name":"chat_engine"},{"name":"mem0_proxy","is_current":true}]}"#;
        catalog.take(List::Engines, engines);
        let brains = catalog.brains("h:9800", "").unwrap();
        assert_eq!(
            (brains.current.as_str(), brains.all.len()),
            ("mem0_proxy", 2)
        );
        assert!(catalog.is_other_engine("chat_engine"));
        assert!(!catalog.is_other_engine("mem0_proxy"));
        assert!(!catalog.is_other_engine("auto"));
    }
}
