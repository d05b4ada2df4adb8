//! What is known of a server before it has said anything, from its address and its settings.

use super::session::{Detection, Shape, USUAL_RATE};
use crate::core::backend::Offer;
use crate::wire::{Place, Upgrade};

/// The model where nobody names one, and the only server of which we know it.
const USUAL: (&str, &str) = ("api.openai.com", "gpt-realtime");
/// Servers that kept the older shape, by the ends of their names.
const OLDER: &[&str] = &[QWEN, "stepfun.com"];
/// Servers that hear at a rate of their own without telling it, and read tools as a chat does.
const QWEN: &str = "aliyuncs.com";
const QWEN_HEARS: u32 = 16_000;
/// Servers that want to see the key in a header of their own.
const OWN_HEADER: &[&str] = &["openai.azure.com"];
/// The path where an address names none.
const PATH: &str = "/v1/realtime";
/// What makes words of recordings, where nobody names one.
const EARS: (&str, &str) = ("gpt-4o-mini-transcribe", "whisper-1");

/// What the user said about a server, and what its address tells.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    pub(super) upgrade: Upgrade,
    /// The shape of what we say, until the server shows its own.
    pub(super) shape: Shape,
    /// Samples in a second, of what we send and of what comes, until the server tells its own.
    pub(super) rates: (u32, u32),
    /// Tools are described as in a chat.
    pub(super) chat_tools: bool,
    pub(super) voice: Option<String>,
    pub(super) instructions: Option<String>,
    /// What makes words of recordings.
    pub(super) ears: String,
    /// What the user calls the server.
    pub(super) name: String,
    /// The tools of ours that it may use.
    pub(super) tools: Vec<Offer>,
    /// It says where turns of a call end, and how it finds out.
    pub(super) detection: Option<Detection>,
}

impl Wishes {
    pub(super) fn of(place: &Place) -> Self {
        let said = |name: &str| {
            place
                .more
                .get(name)
                .filter(|text| !text.is_empty())
                .cloned()
        };
        let (host, rest) = split(&place.url);
        let is = |names: &[&str]| names.iter().any(|name| host.ends_with(name));
        let older = said("language").is_some_and(|language| language == "realtime-beta");
        let usual = (host == USUAL.0).then(|| USUAL.1.to_owned());
        let mut headers = vec![];
        if older {
            headers.push(("OpenAI-Beta", "realtime=v1".to_owned()));
        }
        if let Some(key) = place.token.clone().filter(|_key| is(OWN_HEADER)) {
            headers.push(("api-key", key));
        }
        let ears = if host == USUAL.0 { EARS.0 } else { EARS.1 };
        Self {
            upgrade: Upgrade {
                url: Some(address(&place.url, rest, said("model").or(usual))),
                headers,
                protocols: vec!["realtime".to_owned()],
            },
            shape: if older || is(OLDER) {
                Shape::Flat
            } else {
                Shape::Nested
            },
            rates: (
                if is(&[QWEN]) { QWEN_HEARS } else { USUAL_RATE },
                USUAL_RATE,
            ),
            chat_tools: is(&[QWEN]),
            voice: said("voice"),
            instructions: said("instructions"),
            ears: said("transcriber").unwrap_or_else(|| ears.to_owned()),
            name: if place.name.is_empty() {
                place.url.clone()
            } else {
                place.name.clone()
            },
            tools: place.offers.clone(),
            detection: match said("turn_detection").as_deref() {
                Some("server") => Some(Detection::Server),
                Some("semantic") => Some(Detection::Semantic),
                _ => None,
            },
        }
    }
}

/// The host of an address, without its port, and what stands behind both.
fn split(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let host = authority
        .rsplit_once(':')
        .map_or(authority, |(host, _port)| host);
    (host, path)
}

/// The address with its path and the model in it.
fn address(url: &str, path: &str, model: Option<String>) -> String {
    let mut url = url.to_owned();
    if matches!(path, "" | "/") {
        url = format!("{}{PATH}", url.trim_end_matches('/'));
    }
    match model {
        Some(model) if !names_model(path) => {
            let joint = if path.contains('?') { '&' } else { '?' };
            format!("{url}{joint}model={model}")
        }
        _ => url,
    }
}

fn names_model(path: &str) -> bool {
    let query = path.split_once('?').map_or("", |(_, query)| query);
    query.split('&').any(|one| one.starts_with("model="))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(url: &str, more: &[(&'static str, &str)]) -> Place {
        Place {
            url: url.to_owned(),
            token: Some("k".into()),
            more: more
                .iter()
                .map(|(name, text)| (*name, (*text).to_owned()))
                .collect(),
            ..Place::default()
        }
    }

    #[test]
    fn an_address_gets_the_path_and_the_model_that_it_lacks() {
        for (url, model, expected) in [
            (
                "wss://api.openai.com",
                None,
                "wss://api.openai.com/v1/realtime?model=gpt-realtime",
            ),
            (
                "wss://api.openai.com/v1/realtime",
                Some("x"),
                "wss://api.openai.com/v1/realtime?model=x",
            ),
            (
                "wss://h/v1/realtime?model=a",
                Some("x"),
                "wss://h/v1/realtime?model=a",
            ),
            (
                "wss://h:1/openai/v1/realtime?a=b",
                Some("x"),
                "wss://h:1/openai/v1/realtime?a=b&model=x",
            ),
            (
                "ws://127.0.0.1:8765/",
                None,
                "ws://127.0.0.1:8765/v1/realtime",
            ),
            ("ws://h/v1/realtime", None, "ws://h/v1/realtime"),
        ] {
            let more: Vec<_> = model.map(|model| ("model", model)).into_iter().collect();
            let wishes = Wishes::of(&place(url, &more));
            assert_eq!(wishes.upgrade.url.as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_host_tells_what_it_hears_and_how_it_reads_tools() {
        for (url, rates, chat_tools) in [
            ("wss://api.openai.com", (24_000, 24_000), false),
            (
                "wss://dashscope-intl.aliyuncs.com/api-ws/v1/realtime",
                (16_000, 24_000),
                true,
            ),
            ("wss://api.stepfun.com/v1/realtime", (24_000, 24_000), false),
        ] {
            let wishes = Wishes::of(&place(url, &[]));
            assert_eq!((wishes.rates, wishes.chat_tools), (rates, chat_tools));
        }
    }

    #[test]
    fn a_host_tells_the_shape_and_the_headers() {
        let beta = ("OpenAI-Beta", "realtime=v1".to_owned());
        let key = ("api-key", "k".to_owned());
        for (url, language, shape, headers) in [
            ("wss://api.openai.com", "auto", Shape::Nested, vec![]),
            (
                "wss://x.openai.azure.com/openai/v1/realtime",
                "auto",
                Shape::Nested,
                vec![key],
            ),
            (
                "wss://dashscope.aliyuncs.com/api-ws/v1/realtime",
                "auto",
                Shape::Flat,
                vec![],
            ),
            (
                "ws://h:1/v1/realtime",
                "realtime-beta",
                Shape::Flat,
                vec![beta],
            ),
        ] {
            let wishes = Wishes::of(&place(url, &[("language", language)]));
            assert_eq!(
                (wishes.shape, wishes.upgrade.headers),
                (shape, headers),
                "{url}"
            );
        }
    }
}
