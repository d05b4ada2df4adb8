//! Understands where a backend is. Looking up names and opening sockets is `connect`'s.

use std::net::IpAddr;

/// The path of the chat when a URL names none.
const PATH: &str = "/ws/chat";

/// Where to dial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Encrypted.
    pub secure: bool,
    /// A name or a number, without the brackets of IPv6.
    pub host: String,
    pub port: u16,
    /// The URL of the upgrade request.
    pub url: String,
}

/// The URL does not say where to dial.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    #[error("`{url}` names no host")]
    NoHost { url: String },
    #[error("the token would travel to `{host}` unencrypted; use `wss://`")]
    OpenToken { host: String },
    #[error("`{scheme}://` is none of `ws`, `wss`, `http`, `https`")]
    Scheme { scheme: String },
    #[error("`{url}` is not a URL: {why}")]
    Syntax { url: String, why: String },
    #[error("a URL with a user name or a password in it is shown in too many places; use a token")]
    Userinfo,
}

impl Address {
    /// Reads a URL. `http` means `ws`, `https` means `wss`, and a missing path the usual one.
    pub fn read(url: &str) -> Result<Self, BadAddress> {
        let url = url.trim();
        let Some((scheme, rest)) = url.split_once("://") else {
            return Err(BadAddress::Syntax {
                url: url.to_owned(),
                why: "it does not begin with `ws://` or `wss://`".to_owned(),
            });
        };
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "ws" | "http" => false,
            "wss" | "https" => true,
            _ => {
                return Err(BadAddress::Scheme {
                    scheme: scheme.to_owned(),
                });
            }
        };
        let (rest, _fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let split = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(split).unwrap_or((rest, ""));
        if authority.contains('@') {
            return Err(BadAddress::Userinfo);
        }
        let path = match path {
            "" | "/" => PATH.to_owned(),
            query if query.starts_with('?') => format!("{PATH}{query}"),
            path => path.to_owned(),
        };
        let syntax = |why: &str| BadAddress::Syntax {
            url: url.to_owned(),
            why: why.to_owned(),
        };
        let (host, port) = split_port(authority).ok_or_else(|| syntax("its port is no number"))?;
        if host.is_empty() {
            return Err(BadAddress::NoHost {
                url: url.to_owned(),
            });
        }
        let proper = |c: char| c.is_ascii_alphanumeric() || "-._:%~".contains(c);
        if !host.chars().all(proper) {
            return Err(syntax("its host holds characters that no host has"));
        }
        if path
            .chars()
            .any(|c| c.is_ascii_control() || c == ' ' || !c.is_ascii())
        {
            return Err(syntax("its path holds characters that have to be escaped"));
        }
        let scheme = if secure { "wss" } else { "ws" };
        Ok(Self {
            secure,
            host: host.to_owned(),
            port: port.unwrap_or(if secure { 443 } else { 80 }),
            url: format!("{scheme}://{authority}{path}"),
        })
    }

    /// Host and port, as a request names them.
    pub(super) fn place(&self) -> String {
        if self.host.contains(':') {
            return format!("[{}]:{}", self.host, self.port);
        }
        format!("{}:{}", self.host, self.port)
    }

    /// Whether the backend is on this machine.
    pub fn is_loopback(&self) -> bool {
        let name = self.host.to_ascii_lowercase();
        name == "localhost"
            || name.ends_with(".localhost")
            || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// Refuses to send a token where anybody on the way could read it.
    pub fn check_token(&self) -> Result<(), BadAddress> {
        if self.secure || self.is_loopback() {
            return Ok(());
        }
        Err(BadAddress::OpenToken {
            host: self.host.clone(),
        })
    }
}

/// Host and port of an authority; `None` if the port is no number.
pub(super) fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = if let Some(bracketed) = authority.strip_prefix('[') {
        let (host, rest) = bracketed.split_once(']')?;
        (
            host,
            rest.strip_prefix(':').or(rest.is_empty().then_some(""))?,
        )
    } else {
        authority.split_once(':').unwrap_or((authority, ""))
    };
    if port.is_empty() {
        return Some((host, None));
    }
    port.parse().ok().map(|port| (host, Some(port)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_url_says_where_to_dial() {
        for (url, secure, host, port, dialed) in [
            ("ws://h", false, "h", 80, "ws://h/ws/chat"),
            ("WS://h:9800/", false, "h", 9800, "ws://h:9800/ws/chat"),
            ("http://h:1/api", false, "h", 1, "ws://h:1/api"),
            (
                "https://a.example",
                true,
                "a.example",
                443,
                "wss://a.example/ws/chat",
            ),
            ("wss://h?k=v#frag", true, "h", 443, "wss://h/ws/chat?k=v"),
            ("ws://[::1]:9/x", false, "::1", 9, "ws://[::1]:9/x"),
        ] {
            let expected = Address {
                secure,
                host: host.into(),
                port,
                url: dialed.into(),
            };
            assert_eq!(Address::read(url), Ok(expected), "{url}");
        }
    }

    #[test]
    fn what_is_no_url_is_refused_with_the_reason() {
        for (url, why) in [
            (
                "localhost:9800",
                "`localhost:9800` is not a URL: it does not begin with `ws://` or `wss://`",
            ),
            (
                "ftp://h",
                "`ftp://` is none of `ws`, `wss`, `http`, `https`",
            ),
            ("ws://", "`ws://` names no host"),
            (
                "ws://h:port",
                "`ws://h:port` is not a URL: its port is no number",
            ),
            (
                "ws://h:99999",
                "`ws://h:99999` is not a URL: its port is no number",
            ),
            (
                "ws://u:p@h",
                "a URL with a user name or a password in it is shown in too many places; use a token",
            ),
            (
                "ws://h/a b",
                "`ws://h/a b` is not a URL: its path holds characters that have to be escaped",
            ),
            (
                "ws://h h/",
                "`ws://h h/` is not a URL: its host holds characters that no host has",
            ),
        ] {
            assert_eq!(Address::read(url).unwrap_err().to_string(), why, "{url}");
        }
    }

    #[test]
    fn a_token_travels_encrypted_or_stays_on_this_machine() {
        for (url, goes) in [
            ("ws://localhost:1", true),
            ("ws://127.8.0.1", true),
            ("ws://[::1]", true),
            ("wss://example.org", true),
            ("ws://example.org", false),
            ("ws://localhost.example.org", false),
            ("ws://192.168.1.2", false),
        ] {
            let address = Address::read(url).unwrap();
            assert_eq!(address.check_token().is_ok(), goes, "{url}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(url in ".*", tail in "[a-z:/@?#\\[\\]0-9]*") {
            let _ = Address::read(&url);
            let _ = Address::read(&format!("ws://{tail}"));
        }
    }
}
