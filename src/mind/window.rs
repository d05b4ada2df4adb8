//! How much a model can take at once: what its server says, else what is known of its name, else
//! what every model of these years can take. Pure.

use serde_json::Value;
use std::collections::BTreeMap;

/// What a model takes of which nothing is known.
const USUAL: usize = 8_192;

/// What Ollama gives every model unless its owner says otherwise.
const OLLAMA: usize = 4_096;

/// What a window may be: below, nothing could be said; above is a typing error of a server.
const SENSIBLE: std::ops::RangeInclusive<u64> = 512..=100_000_000;

/// What lists of models call it.
const NAMES: [&str; 7] = [
    // LM Studio says both; what is loaded counts.
    "loaded_context_length",
    "max_model_len",
    "context_length",
    "context_window",
    "max_context_length",
    "max_input_tokens",
    "n_ctx",
];

/// Parts of the names of models, the more special first.
const KNOWN: [(&str, usize); 26] = [
    ("gpt-3.5", 16_385),
    ("gpt-4.1", 1_000_000),
    ("gpt-4o", 128_000),
    ("gpt-4-turbo", 128_000),
    ("gpt-4-32k", 32_768),
    ("gpt-4", 8_192),
    ("gpt-5", 272_000),
    ("gpt-oss", 131_072),
    ("o1", 200_000),
    ("o3", 200_000),
    ("o4", 200_000),
    ("claude", 200_000),
    ("gemini", 1_000_000),
    ("deepseek", 64_000),
    ("qwen3", 32_768),
    ("qwen2.5", 32_768),
    ("qwen", 8_192),
    ("llama-3.1", 131_072),
    ("llama-3.2", 131_072),
    ("llama-3.3", 131_072),
    ("llama-4", 131_072),
    ("mistral", 32_768),
    ("mixtral", 32_768),
    ("gemma-3", 32_768),
    ("kimi", 131_072),
    ("glm-4", 131_072),
];

/// How much the models of one server can take.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Windows {
    told: BTreeMap<String, usize>,
    /// What all others take, where that is known.
    others: Option<usize>,
}

impl Windows {
    /// All of them take as much.
    pub fn all(window: usize) -> Self {
        Self {
            told: BTreeMap::new(),
            others: Some(window),
        }
    }

    /// What a list of models says, from a server of this name.
    pub(super) fn read(list: &[u8], server: &str) -> Self {
        let list: Value = serde_json::from_slice(list).unwrap_or_default();
        let models = list.get("data").and_then(Value::as_array);
        let told = models.into_iter().flatten().filter_map(|model| {
            let name = model.get("id")?.as_str()?.to_owned();
            let places = [Some(model), model.get("meta"), model.get("top_provider")];
            let mut said = places.into_iter().flatten().flat_map(|place| {
                let found = NAMES.iter().filter_map(|name| place.get(name)?.as_u64());
                found.collect::<Vec<_>>()
            });
            let window = said.find(|window| SENSIBLE.contains(window))?;
            Some((name, window as usize))
        });
        Self {
            told: told.collect(),
            others: (server == "Ollama").then_some(OLLAMA),
        }
    }

    /// How much this model takes.
    pub(super) fn of(&self, model: &str) -> usize {
        let told = self.told.get(model).copied();
        told.or(self.others).unwrap_or_else(|| named(model))
    }
}

/// What is known of a model by its name.
fn named(model: &str) -> usize {
    let name = model.to_ascii_lowercase();
    // `o1` is part of many a word: a name has to begin with it, behind its maker at most.
    let bare = name.rsplit('/').next().unwrap_or_default();
    let fits = |part: &str| match part.len() {
        2 => bare.starts_with(part),
        _ => name.contains(part),
    };
    let known = KNOWN.iter().find(|(part, _)| fits(part));
    known.map_or(USUAL, |(_, window)| *window)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_says_counts_and_then_the_name() {
        let list = br#"{"data":[
            {"id":"a","max_model_len":40960},
            {"id":"b","meta":{"n_ctx_train":9,"n_ctx":2048}},
            {"id":"c","context_length":12,"top_provider":{"context_length":65536}},
            {"id":"gpt-4o","context_length":"many"},
            {"id":7}, null]}"#;
        let windows = Windows::read(list, "vLLM");
        for (model, window) in [
            ("a", 40_960),
            ("b", 2_048),
            ("c", 65_536),
            ("gpt-4o", 128_000),
            ("openai/gpt-4o-mini", 128_000),
            ("o3-mini", 200_000),
            ("foo1", USUAL),
            ("Qwen/Qwen3-8B", 32_768),
            ("something", USUAL),
        ] {
            assert_eq!(windows.of(model), window, "{model}");
        }
        let ollama = Windows::read(br#"{"models":[{"name":"qwen3:8b"}]}"#, "Ollama");
        assert_eq!(ollama.of("qwen3:8b"), OLLAMA);
        assert_eq!(Windows::all(999).of("gpt-4o"), 999);
        assert_eq!(Windows::read(b"nonsense", ""), Windows::default());
    }
}
