//! Finds the log that somebody means: the program's own, a file, or one on another host, which is
//! reached as backends are, with the token of the backend that is there.

use super::clock;
use super::logs;
use crate::config::settings::{Backend, Named};
use crate::config::{ConfigError, Loaded};
use crate::link::address::Address;
use crate::link::logs::{News, NotALog, Pace, Place, follow, place};
use crate::link::{Clock, Proxies, Remote, Trust};
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;

/// A log, found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file, with so many before it that were put aside.
    File { path: PathBuf, before: usize },
    /// The URL of the socket, and the log's id there.
    Host { url: String, id: String },
}

/// There is no such log.
#[derive(Debug, thiserror::Error)]
pub enum NoLog {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(
        "there is no file `{name}`, and no backend elsewhere that could have a log of that name"
    )]
    Missing { name: String },
    #[error(transparent)]
    Url(#[from] NotALog),
}

impl NoLog {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            // It has one of its own, or its sentence says all.
            Self::Config(_) | Self::Url(_) => None,
            Self::Missing { .. } => Some(
                "name a file, or `ws://HOST/ws/logs/ID`; `hearsay log` alone is the log of this program",
            ),
        }
    }
}

/// What somebody calls a log by: a URL, a file, or an id at the backend in use.
pub fn find(name: Option<&str>, loaded: &Loaded) -> Result<Source, NoLog> {
    let own = loaded.settings.data_dir.join(logs::NAME);
    let Some(name) = name else {
        let before = logs::KEPT_FILES;
        return Ok(Source::File { path: own, before });
    };
    if name.contains("://") {
        let (url, id) = place(name)?;
        return Ok(Source::Host { url, id });
    }
    let path = PathBuf::from(name);
    if path.exists() {
        let before = if path == own { logs::KEPT_FILES } else { 0 };
        return Ok(Source::File { path, before });
    }
    if let Backend::Remote(backend) = &loaded.settings.backend
        && crate::wire::logs::is_id(name)
        && let Ok(address) = Address::read(&backend.url)
    {
        let base = address
            .url
            .splitn(4, '/')
            .take(3)
            .collect::<Vec<_>>()
            .join("/");
        let url = format!("{base}/ws/logs/{name}");
        return Ok(Source::Host {
            url,
            id: name.to_owned(),
        });
    }
    Err(NoLog::Missing {
        name: name.to_owned(),
    })
}

/// What a log is called on the screen.
pub fn title(source: &Source) -> String {
    match source {
        Source::File { path, .. } => {
            let name = path.file_name().unwrap_or(path.as_os_str());
            name.to_string_lossy().into_owned()
        }
        Source::Host { url, id } => {
            let host = Address::read(url).map(|address| address.host);
            format!("{id} @ {}", host.unwrap_or_default())
        }
    }
}

/// Follows a log on another host, from so many lines before its end. Must be called within a
/// runtime.
pub fn listen(
    url: &str,
    id: &str,
    lines: usize,
    loaded: &Loaded,
) -> Result<mpsc::Receiver<News>, NoLog> {
    let settings = &loaded.settings;
    let same = |named: &&Named| match (Address::read(&named.url), Address::read(url)) {
        (Ok(one), Ok(other)) => (one.host, one.port) == (other.host, other.port),
        _ => false,
    };
    let in_use = match &settings.backend {
        Backend::Remote(named) => Some(named),
        Backend::Embedded => None,
    };
    let mut known = in_use.into_iter().chain(&settings.backends);
    let token = match known.find(same) {
        Some(named) => named.token.read()?,
        None => None,
    };
    let place = Place {
        remote: Remote {
            url: url.to_owned(),
            token,
            proxies: Proxies::read(|name| std::env::var(name).ok()),
            trust: Trust {
                ca_file: settings.link.ca_file.clone(),
                anybody: settings.link.accept_invalid_certs,
            },
        },
        id: id.to_owned(),
        lines,
        pace: Pace::default(),
    };
    let origin = clock::Clock::start().origin();
    Ok(follow(place, Clock::real(origin.into(), clock::wall)))
}

/// Where lines of other hosts are put while somebody looks at them.
pub fn spool(loaded: &Loaded) -> PathBuf {
    Path::new(&loaded.settings.data_dir).join("spool")
}
