//! Where a model server is, and what may be sent there.
//!
//! The one place that turns a key into a header, so the one place that decides whether a key may
//! travel. Asking the server is `mind::openai` and `mind::probe`.

use super::BrainError;
use reqwest::Url;
use reqwest::header::HeaderValue;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

/// How long the first token may take. A cold model is read from disk first, which takes minutes.
const FIRST_TOKEN: Duration = Duration::from_mins(5);

/// How long a running answer may pause.
const BETWEEN_TOKENS: Duration = Duration::from_secs(30);

/// A model server as configured or found.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The base URL, usually ending in `/v1`.
    pub base: String,
    pub key: Option<Secret>,
    /// The model used when a turn does not name one.
    pub model: Option<String>,
    /// How long the first token may take.
    pub first_token: Duration,
    /// How long the answer may pause once it runs.
    pub between_tokens: Duration,
}

impl Endpoint {
    /// A server that needs no key, with patience enough for a cold model.
    pub fn new(base: impl Into<String>) -> Self {
        Self {
            base: base.into(),
            key: None,
            model: None,
            first_token: FIRST_TOKEN,
            between_tokens: BETWEEN_TOKENS,
        }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Endpoint")
            .field("base", &shown(&self.base))
            .field("key", &self.key)
            .field("model", &self.model)
            .field("first_token", &self.first_token)
            .field("between_tokens", &self.between_tokens)
            .finish()
    }
}

/// A base URL as it may be shown: people paste addresses with passwords in them.
pub(super) fn shown(base: &str) -> String {
    match Address::parse(base) {
        Ok(address) => address.shown(),
        Err(BrainError::Address { base, .. }) => base,
        Err(_) => String::new(),
    }
}

/// Text that must never be shown: its `Debug` form hides it, and it has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the text into custody; white space around it, as files leave it, is dropped.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(text.as_ref().trim().to_owned())
    }

    /// The same text with every copy of the secret in it covered: servers like to repeat a key
    /// when they refuse it.
    pub fn cover(&self, text: &str) -> String {
        if self.0.is_empty() {
            return text.to_owned();
        }
        text.replace(&self.0, "[key]")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(hidden)")
    }
}

/// A checked base URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::mind) struct Address {
    base: Url,
}

impl Address {
    /// Reads a base URL as people write it.
    pub(super) fn parse(text: &str) -> Result<Self, BrainError> {
        let wrong = |base: String, why: &str| BrainError::Address {
            base,
            why: why.to_owned(),
        };
        let text = text.trim();
        let mut base = Url::parse(text).map_err(|error| {
            // What cannot be parsed may still hold a password: show nothing of it then.
            let shown = if text.contains('@') { "[hidden]" } else { text };
            wrong(shown.to_owned(), &error.to_string())
        })?;
        let named = !base.username().is_empty() || base.password().is_some();
        // The user part is a secret; it must not appear in the sentence either. Both calls only
        // fail for addresses without a host, which cannot hold a user part.
        let _ = base.set_username("");
        let _ = base.set_password(None);
        base.set_query(None);
        base.set_fragment(None);
        let shown = base.as_str().trim_end_matches('/').to_owned();
        if !matches!(base.scheme(), "http" | "https") {
            return Err(wrong(
                shown,
                "it begins with neither `http://` nor `https://`",
            ));
        }
        if named {
            return Err(wrong(shown, "it holds a user name or a password"));
        }
        let path = base.path().trim_end_matches('/').to_owned();
        base.set_path(&path);
        Ok(Self { base })
    }

    /// The address as people read it, without a slash at the end.
    pub(super) fn shown(&self) -> String {
        self.base.as_str().trim_end_matches('/').to_owned()
    }

    /// The address of something under the base.
    pub(super) fn at(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!(
            "{}/{path}",
            self.base.path().trim_end_matches('/')
        ));
        url
    }

    /// The same server with `/v1` after its path, unless it is there already.
    pub(super) fn versioned(&self) -> Option<Self> {
        let path = self.base.path().trim_end_matches('/');
        if path.ends_with("/v1") {
            return None;
        }
        Some(Self {
            base: self.at("v1"),
        })
    }

    /// Whether it is this machine.
    pub(super) fn is_loopback(&self) -> bool {
        is_loopback(&self.base)
    }

    /// The host with its port, where that is not the usual one.
    pub(super) fn host(&self) -> String {
        let host = self.base.host_str().unwrap_or_default();
        match self.base.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// The header that carries the key. A key crosses a network only inside TLS: anybody on the
    /// way could read it otherwise.
    pub(super) fn bearer(&self, key: Option<&Secret>) -> Result<Option<HeaderValue>, BrainError> {
        let Some(key) = key.filter(|key| !key.0.is_empty()) else {
            return Ok(None);
        };
        if self.base.scheme() != "https" && !self.is_loopback() {
            return Err(BrainError::KeyOverPlainHttp { base: self.shown() });
        }
        let Ok(mut header) = HeaderValue::from_str(&format!("Bearer {}", key.0)) else {
            return Err(BrainError::KeyUnusable { base: self.shown() });
        };
        header.set_sensitive(true);
        Ok(Some(header))
    }
}

/// Whether an address names this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match host.parse() {
        Ok(IpAddr::V4(address)) => address.is_loopback(),
        Ok(IpAddr::V6(address)) => address.to_canonical().is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        Address::parse(text).unwrap()
    }

    #[test]
    fn a_base_is_read_as_people_write_it() {
        let table = [
            (
                "http://127.0.0.1:11434/v1",
                "http://127.0.0.1:11434/v1/chat/completions",
            ),
            (
                " https://api.example.com/v1/ ",
                "https://api.example.com/v1/chat/completions",
            ),
            (
                "http://localhost:8080",
                "http://localhost:8080/chat/completions",
            ),
            (
                "http://localhost:8080//",
                "http://localhost:8080/chat/completions",
            ),
            ("https://h/a/b?x=1#y", "https://h/a/b/chat/completions"),
        ];
        for (text, url) in table {
            assert_eq!(address(text).at("chat/completions").as_str(), url);
        }
        assert_eq!(
            address("http://localhost:8080/").shown(),
            "http://localhost:8080"
        );
    }

    #[test]
    fn what_is_no_address_is_refused_and_a_password_in_it_never_repeated() {
        for text in [
            "",
            "localhost:8080",
            "ftp://h/v1",
            "http://",
            "http://u:canary@h/v1",
            "//u:canary@h",
        ] {
            let error = Address::parse(text).unwrap_err();
            assert!(
                matches!(error, BrainError::Address { .. }),
                "{text}: {error:?}"
            );
            let told = format!("{error} {error:?} {:?}", Endpoint::new(text));
            assert!(!told.contains("canary"), "{told}");
        }
    }

    #[test]
    fn v1_is_added_once() {
        assert_eq!(
            address("http://h").versioned(),
            Some(address("http://h/v1"))
        );
        assert_eq!(
            address("http://h/api/").versioned(),
            Some(address("http://h/api/v1"))
        );
        assert_eq!(address("http://h/v1/").versioned(), None);
    }

    #[test]
    fn a_key_crosses_a_network_only_inside_tls() {
        let key = Secret::new("canary\n");
        let table = [
            ("https://api.example.com/v1", true),
            ("http://127.0.0.1:1/v1", true),
            ("http://127.8.8.8/v1", true),
            ("http://[::1]:1/v1", true),
            ("http://[::ffff:127.0.0.1]/v1", true),
            ("http://localhost/v1", true),
            ("http://a.localhost/v1", true),
            ("http://192.168.1.5/v1", false),
            ("http://api.example.com/v1", false),
            ("http://localhost.example.com/v1", false),
            ("http://127.0.0.1.example.com/v1", false),
            ("http://0.0.0.0/v1", false),
        ];
        for (base, may) in table {
            let header = address(base).bearer(Some(&key));
            assert!(!format!("{header:?} {key:?}").contains("canary"));
            if may {
                assert_eq!(header.unwrap().unwrap(), "Bearer canary", "{base}");
            } else {
                let base = address(base).shown();
                assert_eq!(header, Err(BrainError::KeyOverPlainHttp { base }));
            }
        }
        assert_eq!(address("http://h").bearer(None), Ok(None));
        assert_eq!(
            address("http://h").bearer(Some(&Secret::new(" "))),
            Ok(None)
        );
    }

    #[test]
    fn a_key_no_header_can_carry_is_told() {
        assert_eq!(
            address("https://h").bearer(Some(&Secret::new("a\nb"))),
            Err(BrainError::KeyUnusable {
                base: "https://h".to_owned()
            })
        );
    }

    #[test]
    fn a_key_repeated_by_the_server_is_covered() {
        let key = Secret::new("sk-canary");
        assert_eq!(key.cover("wrong key: sk-canary."), "wrong key: [key].");
        assert_eq!(Secret::new("").cover("ab"), "ab");
    }
}
