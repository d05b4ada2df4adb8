//! Which language a backend speaks, and who speaks it.

use super::Dialect;
use super::realtime::Realtime;
use super::yychat::Yychat;
use std::collections::BTreeMap;

/// The languages we know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    Yychat,
    Realtime,
}

/// What is known of a backend before anything is said to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Its address; nothing for the one in this process.
    pub url: String,
    /// What it wants to see, for languages that say it elsewhere than in the upgrade request.
    pub token: Option<String>,
    /// What else the user said about it, by the names of the configuration.
    pub more: BTreeMap<&'static str, String>,
}

impl Language {
    /// What a backend at this place most likely speaks.
    pub fn of(place: &Place) -> Self {
        match place.more.get("language").map(String::as_str) {
            Some("yychat") => Self::Yychat,
            Some("realtime" | "realtime-beta") => Self::Realtime,
            _ => Self::by_address(&place.url),
        }
    }

    fn by_address(url: &str) -> Self {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let host = rest.split(['/', '?', ':']).next().unwrap_or_default();
        let path = rest.split('?').next().unwrap_or_default();
        if path.contains("/realtime") || host == "api.openai.com" {
            return Self::Realtime;
        }
        Self::Yychat
    }

    /// Somebody who speaks it to the backend at this place.
    pub fn speaker(self, place: &Place) -> Box<dyn Dialect> {
        match self {
            Self::Yychat => Box::new(Yychat::new(place)),
            Self::Realtime => Box::new(Realtime::new(place)),
        }
    }
}
