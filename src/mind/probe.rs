//! Looks for model servers on this machine, and asks a configured one what it offers.
//!
//! Looking costs next to nothing where nothing listens: a refused connection each, and no HTTP
//! client. Which brain is used in the end is for the caller to say; the reasons are told here.

use super::endpoint::{Address, Secret};
use super::window::Windows;
use super::{BrainError, http};
use crate::core::backend::BrainInfo;
use crate::core::words::{Lang, Word, fill};
use futures_util::future::join_all;
use reqwest::header::AUTHORIZATION;
use serde_json::Value;
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long each server on this machine may take to say what it offers.
const LIMIT: Duration = Duration::from_millis(300);

/// How long a configured server may take: it may be on the other side of the world.
const FAR_LIMIT: Duration = Duration::from_millis(1500);

/// The longest list of models that is read.
const LONGEST: usize = 1 << 20;

/// Where a model server may be found on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// Whose usual port this is.
    pub name: &'static str,
    pub port: u16,
    /// The path that lists its models.
    pub list: &'static str,
}

/// The usual places, in the order of preference.
pub const TARGETS: [Target; 4] = [
    Target {
        name: "Ollama",
        port: 11434,
        list: "/api/tags",
    },
    Target {
        name: "llama.cpp",
        port: 8080,
        list: "/v1/models",
    },
    Target {
        name: "LM Studio",
        port: 1234,
        list: "/v1/models",
    },
    Target {
        name: "vLLM",
        port: 8000,
        list: "/v1/models",
    },
];

/// Words in the names of models that do something else than chat.
const NO_CHAT: [&str; 18] = [
    "embed",
    "bge-",
    "e5-",
    "gte-",
    "minilm",
    "rerank",
    "whisper",
    "tts",
    "transcribe",
    "speech",
    "kokoro",
    "piper",
    "moderation",
    "dall-e",
    "diffusion",
    "flux",
    "clip",
    "ocr",
];

/// A model server that answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub info: BrainInfo,
    pub windows: Windows,
    /// It is there, but still loads its model.
    pub loading: bool,
}

impl Found {
    /// Why one would take it, as a sentence.
    pub fn why(&self, lang: Lang) -> String {
        let root = self.info.id.trim_end_matches("/v1");
        let count = self.info.models.len();
        let word = match count {
            _ if self.loading => Word::BrainTookLoading,
            1 => Word::BrainTookOne,
            _ => Word::BrainTook,
        };
        fill(
            word.text(lang),
            &[&self.info.name, root, &count.to_string()],
        )
    }
}

/// Asks all targets at once; who answers is listed in the order of the targets.
pub async fn probe(targets: &[Target]) -> Vec<Found> {
    let asked = targets.iter().map(|target| async {
        // Too slow is as good as not there.
        timeout(LIMIT, look(*target)).await.ok().flatten()
    });
    join_all(asked).await.into_iter().flatten().collect()
}

/// The first of the found ones that can chat, or at least may once it has loaded.
pub fn pick(found: &[Found]) -> Option<&Found> {
    let ready = found.iter().find(|found| found.info.model.is_some());
    ready.or_else(|| found.iter().find(|found| found.loading))
}

/// The first model in a list that can chat.
pub fn chat_model(models: &[String]) -> Option<&str> {
    let can_chat = |model: &&String| {
        let name = model.to_lowercase();
        !NO_CHAT.iter().any(|word| name.contains(word))
    };
    models.iter().find(can_chat).map(String::as_str)
}

async fn look(target: Target) -> Option<Found> {
    // Most of the time nobody is there, and a refused connection tells so without a client.
    drop(
        TcpStream::connect((Ipv4Addr::LOCALHOST, target.port))
            .await
            .ok()?,
    );
    let root = Address::parse(&format!("http://127.0.0.1:{}", target.port)).ok()?;
    let (status, list) = get(&root, target.list.trim_start_matches('/'), None)
        .await
        .ok()?;
    let base = root.versioned()?.shown();
    let said_loading = || {
        String::from_utf8_lossy(&list)
            .to_lowercase()
            .contains("loading")
    };
    if status == 503 && said_loading() {
        let info = BrainInfo {
            id: base,
            name: target.name.to_owned(),
            ..BrainInfo::default()
        };
        return Some(Found {
            info,
            windows: Windows::default(),
            loading: true,
        });
    }
    let (models, owner) = read_list(&list).filter(|_| status == 200)?;
    let info = BrainInfo {
        id: base,
        name: owner.unwrap_or(target.name).to_owned(),
        model: chat_model(&models).map(str::to_owned),
        models,
    };
    Some(Found {
        windows: Windows::read(&list, &info.name),
        info,
        loading: false,
    })
}

/// What a configured server turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// Its address (with `/v1` added where only that answers) and what it offers.
    pub info: BrainInfo,
    pub windows: Windows,
    /// Why it could not say what it offers. It may still chat: not every server has a list.
    pub trouble: Option<BrainError>,
}

/// Asks a configured server for its models.
///
/// Fails only where asking the server anything would: a base that is no address, or a key that
/// must not travel there.
pub async fn describe(base: &str, key: Option<&Secret>) -> Result<Described, BrainError> {
    let address = Address::parse(base)?;
    address.bearer(key)?;
    let late = BrainError::Silent {
        base: address.shown(),
        waited: FAR_LIMIT,
    };
    let asked = timeout(FAR_LIMIT, list_models(&address, key)).await;
    let (address, listed) = asked.unwrap_or((address, Err(late)));
    let (models, owner, windows, trouble) = match listed {
        Ok(((models, owner), list)) => {
            let windows = Windows::read(&list, owner.unwrap_or_default());
            (models, owner, windows, None)
        }
        Err(trouble) => (Vec::new(), None, Windows::default(), Some(trouble)),
    };
    let info = BrainInfo {
        id: address.shown(),
        name: owner.map_or_else(|| address.host(), str::to_owned),
        model: chat_model(&models).map(str::to_owned),
        models,
    };
    Ok(Described {
        info,
        windows,
        trouble,
    })
}

type Listed = (Vec<String>, Option<&'static str>);

/// The models of a server, and the address that listed them.
async fn list_models(
    address: &Address,
    key: Option<&Secret>,
) -> (Address, Result<(Listed, Vec<u8>), BrainError>) {
    let first = list_at(address, key).await;
    if let (Err(BrainError::NotFound { .. } | BrainError::Page { .. }), Some(deeper)) =
        (&first, address.versioned())
        && let Ok(listed) = list_at(&deeper, key).await
    {
        return (deeper, Ok(listed));
    }
    (address.clone(), first)
}

/// The list, and the body it was read from.
async fn list_at(address: &Address, key: Option<&Secret>) -> Result<(Listed, Vec<u8>), BrainError> {
    let (status, list) = get(address, "models", key).await?;
    let base = address.shown();
    let said = String::new();
    match status {
        200 => {}
        300..=399 => {
            let to = "another address".to_owned();
            return Err(BrainError::Redirected { base, to });
        }
        401 | 403 if key.is_none() => return Err(BrainError::KeyWanted { base, said }),
        401 | 403 => return Err(BrainError::KeyRefused { base, said }),
        404 | 405 => return Err(BrainError::NotFound { base, said }),
        _ => {
            return Err(BrainError::Faulty {
                base,
                status,
                said,
                retry_after: None,
            });
        }
    }
    if list.trim_ascii_start().starts_with(b"<") {
        return Err(BrainError::Page { base });
    }
    let listed = read_list(&list).ok_or(BrainError::Unreadable {
        base,
        why: "it is not a list of models".to_owned(),
    })?;
    Ok((listed, list))
}

async fn get(
    address: &Address,
    path: &str,
    key: Option<&Secret>,
) -> Result<(u16, Vec<u8>), BrainError> {
    let url = address.at(path);
    let mut request = http::client(&url)?.get(url);
    if let Some(key) = address.bearer(key)? {
        request = request.header(AUTHORIZATION, key);
    }
    let explain = |error| http::explain(&error, address);
    let mut response = request.send().await.map_err(explain)?;
    let status = response.status().as_u16();
    let body = http::body(&mut response, LONGEST).await.map_err(explain)?;
    Ok((status, body))
}

/// Reads a list of models, Ollama's or the common one, and who made the server, where it says.
fn read_list(body: &[u8]) -> Option<Listed> {
    let list: Value = serde_json::from_slice(body).ok()?;
    if let Some(models) = list.get("models").and_then(Value::as_array)
        && list.get("data").is_none()
    {
        let names = models.iter().filter(|model| !only_embeds(model));
        let names = names.filter_map(|model| model.get("name")?.as_str());
        return Some((names.map(str::to_owned).collect(), Some("Ollama")));
    }
    let models = list.get("data")?.as_array()?;
    let owner = models
        .first()
        .and_then(|model| model.get("owned_by")?.as_str());
    let maker = match owner {
        Some("llamacpp") => Some("llama.cpp"),
        Some("vllm") => Some("vLLM"),
        Some("library") => Some("Ollama"),
        _ => None,
    };
    let names = models.iter().filter_map(|model| model.get("id")?.as_str());
    Some((names.map(str::to_owned).collect(), maker))
}

/// Ollama names the family of a model; these only make vectors.
fn only_embeds(model: &Value) -> bool {
    let family = model
        .get("details")
        .and_then(|details| details.get("family")?.as_str());
    family.is_some_and(|family| family.contains("bert"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_model_that_cannot_chat_is_not_chosen() {
        let table: &[(&[&str], Option<&str>)] = &[
            (
                &["nomic-embed-text:latest", "bge-m3", "llama3:latest"],
                Some("llama3:latest"),
            ),
            (
                &["whisper-1", "tts-1", "text-embedding-3-small", "gpt-x"],
                Some("gpt-x"),
            ),
            (
                &["Qwen/Qwen3-Embedding-8B", "Qwen/Qwen3-8B"],
                Some("Qwen/Qwen3-8B"),
            ),
            (&["bge-reranker"], None),
            (&[], None),
        ];
        for (models, chosen) in table {
            assert_eq!(chat_model(&names(models)), *chosen, "{models:?}");
        }
    }

    #[test]
    fn both_kinds_of_list_are_read() {
        let ollama = br#"{"models":[{"name":"all-minilm","details":{"family":"bert"}},{"name":"llama3:latest","size":7}]}"#;
        assert_eq!(
            read_list(ollama),
            Some((names(&["llama3:latest"]), Some("Ollama")))
        );
        let common =
            br#"{"object":"list","data":[{"id":"a","owned_by":"llamacpp"},{"id":7},{"id":"b"}]}"#;
        assert_eq!(
            read_list(common),
            Some((names(&["a", "b"]), Some("llama.cpp")))
        );
        // llama.cpp sends both.
        let both = br#"{"models":[{"name":"a"}],"data":[{"id":"a","owned_by":"llamacpp"}]}"#;
        assert_eq!(read_list(both), Some((names(&["a"]), Some("llama.cpp"))));
        assert_eq!(read_list(br#"{"data":[]}"#), Some((vec![], None)));
        for odd in [
            "",
            "[]",
            "{}",
            "<html>",
            r#"{"data":{}}"#,
            r#"{"models":7}"#,
        ] {
            assert_eq!(read_list(odd.as_bytes()), None, "{odd}");
        }
    }

    fn found(name: &str, models: &[&str], loading: bool) -> Found {
        let models = names(models);
        let info = BrainInfo {
            id: "http://127.0.0.1:9/v1".to_owned(),
            name: name.to_owned(),
            model: chat_model(&models).map(str::to_owned),
            models,
        };
        Found {
            info,
            windows: Windows::default(),
            loading,
        }
    }

    #[test]
    fn the_first_that_can_chat_is_picked_and_one_that_loads_only_if_none_can() {
        let empty = found("a", &[], false);
        let loads = found("b", &[], true);
        let chats = found("c", &["m"], false);
        let picked = |found: &[&Found]| {
            let found: Vec<_> = found.iter().map(|found| (*found).clone()).collect();
            pick(&found).map(|found| found.info.name.clone())
        };
        assert_eq!(picked(&[&empty, &loads, &chats]).as_deref(), Some("c"));
        assert_eq!(picked(&[&empty, &loads]).as_deref(), Some("b"));
        assert_eq!(picked(&[&empty]), None);
    }

    #[test]
    fn the_reason_is_a_sentence() {
        assert_eq!(
            found("Ollama", &["a", "b", "c"], false).why(Lang::En),
            "took Ollama at http://127.0.0.1:9: it answered with 3 models"
        );
        assert_eq!(
            found("vLLM", &["a"], false).why(Lang::En),
            "took vLLM at http://127.0.0.1:9: it answered with 1 model"
        );
        assert_eq!(
            found("llama.cpp", &[], true).why(Lang::Zh),
            "已选用 http://127.0.0.1:9 的 llama.cpp：它正在加载模型"
        );
    }
}
