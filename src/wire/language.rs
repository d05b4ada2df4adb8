//! Which language a backend speaks, and who speaks it.

use super::Dialect;
use super::guess::Guess;
use super::realtime::Realtime;
use super::xiaozhi::{Identity, Xiaozhi};
use super::yychat::Yychat;
use crate::core::backend::Offer;
use std::collections::BTreeMap;

/// The languages we know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    Yychat,
    Realtime,
    Xiaozhi,
    /// Nobody says what: its first frame does.
    Unknown,
}

/// What is known of a backend before anything is said to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// What the user calls it.
    pub name: String,
    /// Its address; nothing for the one in this process.
    pub url: String,
    /// What it wants to see, for languages that say it elsewhere than in the upgrade request.
    pub token: Option<String>,
    /// What else the user said about it, by the names of the configuration.
    pub more: BTreeMap<&'static str, String>,
    /// Who we are to backends that know their clients as devices.
    pub identity: Identity,
    /// Our tools, for backends that may use some.
    pub offers: Vec<Offer>,
}

impl Language {
    /// What a backend at this place most likely speaks.
    pub fn of(place: &Place) -> Self {
        match place.more.get("language").map(String::as_str) {
            Some("yychat") => Self::Yychat,
            Some("realtime" | "realtime-beta") => Self::Realtime,
            Some("xiaozhi") => Self::Xiaozhi,
            _ => Self::by_address(&place.url),
        }
    }

    fn by_address(url: &str) -> Self {
        let place = url.split(['?', '#']).next().unwrap_or_default();
        let path = place.split_once("://").map_or("", |(_, rest)| rest);
        let path = path.find('/').and_then(|at| path.get(at..)).unwrap_or("/");
        let whole = format!("{}/", path.trim_end_matches('/').to_ascii_lowercase());
        let asks = place.to_ascii_lowercase().starts_with("http");
        if whole.contains("/xiaozhi/") || asks && whole.ends_with("/ota/") {
            return Self::Xiaozhi;
        }
        let host = place.split_once("://").map_or(place, |(_, rest)| rest);
        let host = host.split(['/', ':']).next().unwrap_or_default();
        if whole.contains("/realtime/") || host == "api.openai.com" {
            return Self::Realtime;
        }
        if url.is_empty() || whole.ends_with("/ws/chat/") {
            return Self::Yychat;
        }
        Self::Unknown
    }

    /// How settings and people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yychat => "yychat",
            Self::Realtime => "realtime",
            Self::Xiaozhi => "xiaozhi",
            Self::Unknown => "auto",
        }
    }

    /// Somebody who speaks it to the backend at this place.
    pub fn speaker(self, place: &Place) -> Box<dyn Dialect> {
        match self {
            Self::Unknown => Box::new(Guess::new(place)),
            Self::Yychat => Box::new(Yychat::new(place)),
            Self::Realtime => Box::new(Realtime::new(place)),
            // Each connection begins with a seed of its own.
            Self::Xiaozhi => Box::new(Xiaozhi::new(place.clone(), 0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_tells_the_language_unless_the_user_does() {
        use Language::{Realtime, Unknown, Xiaozhi, Yychat};
        for (url, said, expected) in [
            ("", "", Yychat),
            ("ws://h:9800/ws/chat", "", Yychat),
            ("ws://h:8000/xiaozhi/v1/", "", Xiaozhi),
            ("wss://h/XiaoZhi/v1", "auto", Xiaozhi),
            ("ws://h/xiaozhi", "", Xiaozhi),
            ("http://h:8003/xiaozhi/ota/", "", Xiaozhi),
            ("https://h/api/ota", "", Xiaozhi),
            ("ws://h/api/ota/", "", Unknown),
            ("ws://h/ws?next=/xiaozhi/", "", Unknown),
            ("ws://xiaozhi/ws", "", Unknown),
            ("ws://h/", "auto", Unknown),
            ("ws://h/deep/ws/chat/", "", Yychat),
            ("ws://h/", "yychat", Yychat),
            ("wss://api.openai.com", "", Realtime),
            ("ws://h:1/v1/realtime?model=x", "auto", Realtime),
            ("ws://h/ws", "realtime-beta", Realtime),
            ("ws://h/ws", "xiaozhi", Xiaozhi),
            ("ws://h/xiaozhi/v1/", "yychat", Yychat),
        ] {
            let place = Place {
                url: url.to_owned(),
                more: BTreeMap::from([("language", said.to_owned())]),
                ..Place::default()
            };
            assert_eq!(Language::of(&place), expected, "{url} {said}");
        }
    }
}
