//! Who may come in: which names this server answers to, which pages may talk to it, and whose
//! token is right. Pure.
//!
//! A page of the web runs on the user's own machine, so listening on the loopback alone keeps
//! nobody out: the page says where it comes from (`Origin`), and a name that was bent to point
//! here is the wrong name (`Host`).

use super::message::Refusal;
use hyper::StatusCode;
use sha2::{Digest, Sha256};
use std::net::IpAddr;

/// Names and pages that are welcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Welcome {
    /// Listens where only this machine can reach it.
    pub loopback: bool,
    /// Names of this server besides its addresses and `localhost`.
    pub hosts: Vec<String>,
    /// Pages that may talk to it besides those of this machine.
    pub origins: Vec<String>,
}

impl Welcome {
    /// May a request for this name come in, from a page of that origin?
    pub(super) fn check(&self, host: Option<&str>, origin: Option<&str>) -> Result<(), Refusal> {
        let name = host.and_then(named);
        if !name.is_some_and(|name| self.answers_to(&name)) {
            let host: String = host.unwrap_or_default().chars().take(100).collect();
            let what = format!("this server is not called `{host}`");
            return Err(
                Refusal::new(StatusCode::MISDIRECTED_REQUEST, "wrong_host", what)
                    .hint("its owner can add the name to `serve.hosts`"),
            );
        }
        if let Some(origin) = origin.filter(|origin| !self.takes(origin)) {
            let origin: String = origin.chars().take(100).collect();
            let what = format!("pages of `{origin}` may not talk to this server");
            return Err(Refusal::new(StatusCode::FORBIDDEN, "origin_refused", what)
                .hint("its owner can add the page to `serve.origins`"));
        }
        Ok(())
    }

    fn answers_to(&self, name: &str) -> bool {
        let address: Option<IpAddr> = name.trim_matches(['[', ']']).parse().ok();
        match address {
            // Nobody bends an address. Elsewhere than on the loopback it has several.
            Some(address) => !self.loopback || address.is_loopback(),
            None => {
                name.eq_ignore_ascii_case("localhost")
                    || self
                        .hosts
                        .iter()
                        .any(|host| host.eq_ignore_ascii_case(name))
            }
        }
    }

    fn takes(&self, origin: &str) -> bool {
        let origin = origin.trim_end_matches('/');
        let ours = self.origins.iter().map(|one| one.trim_end_matches('/'));
        if ours.into_iter().any(|one| one.eq_ignore_ascii_case(origin)) {
            return true;
        }
        let rest = origin
            .strip_prefix("http://")
            .or(origin.strip_prefix("https://"));
        rest.and_then(named).is_some_and(|name| {
            let address: Option<IpAddr> = name.trim_matches(['[', ']']).parse().ok();
            name.eq_ignore_ascii_case("localhost") || address.is_some_and(|at| at.is_loopback())
        })
    }
}

/// The name before the port. `None`: it is no name with a port.
fn named(host: &str) -> Option<String> {
    let (name, port) = match host.rfind(':') {
        Some(at) if !host.ends_with(']') => (host.get(..at)?, host.get(at + 1..)?),
        _ => (host, "0"),
    };
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    // An address with colons stands in brackets.
    let is_bare = !name.contains(':') || name.starts_with('[') && name.ends_with(']');
    let fine = |c: char| c.is_ascii_alphanumeric() || "-._[]:".contains(c);
    (is_port && is_bare && !name.is_empty() && name.chars().all(fine)).then(|| name.to_owned())
}

/// Whose tokens have no name: those of who runs this server.
pub const NAMELESS: &str = "default";

/// The tokens that are right, and whose they are. Only what they hash to is kept.
#[derive(Clone, Default)]
pub struct Tokens(Vec<(String, [u8; 32])>);

impl Tokens {
    pub fn new(tokens: impl IntoIterator<Item = (String, String)>) -> Self {
        let hashed = tokens.into_iter().map(|(name, token)| (name, hash(&token)));
        Self(hashed.collect())
    }

    /// Whose token is in this header.
    pub(super) fn owner(&self, header: Option<&str>) -> Result<&str, Refusal> {
        let refused = |code, what: &str| {
            Refusal::new(StatusCode::UNAUTHORIZED, code, what)
                .hint("send the token of this server as `Authorization: Bearer TOKEN`")
        };
        let Some(header) = header else {
            return Err(refused("token_missing", "a token is needed here"));
        };
        let token = header
            .split_once(' ')
            .filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer"));
        let given = hash(token.map_or("", |(_, token)| token.trim()));
        // All are compared to their ends, so that no answer comes sooner than another.
        let mut owner = None;
        for (name, hash) in &self.0 {
            let differs = hash.iter().zip(given).fold(0, |all, (a, b)| all | (a ^ b));
            if differs == 0 {
                owner = Some(name.as_str());
            }
        }
        owner.ok_or_else(|| {
            refused(
                "invalid_api_key",
                "this token is not the one of this server",
            )
        })
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn welcome(loopback: bool) -> Welcome {
        Welcome {
            loopback,
            hosts: vec!["box.example.org".to_owned()],
            origins: vec!["https://chat.example.org".to_owned()],
        }
    }

    #[test]
    fn only_our_own_names_are_answered_to() {
        for (host, on_loopback, elsewhere) in [
            (Some("127.0.0.1:9800"), true, true),
            (Some("localhost:9800"), true, true),
            (Some("LOCALHOST"), true, true),
            (Some("[::1]:9800"), true, true),
            (Some("[::1]"), true, true),
            (Some("box.example.org"), true, true),
            (Some("192.168.1.2:9800"), false, true),
            (Some("evil.example.org:9800"), false, false),
            (Some("localhost.evil.example.org"), false, false),
            (Some("127.0.0.1.evil.example.org"), false, false),
            (Some("127.0.0.1:9800@evil.example.org"), false, false),
            (Some("::1"), false, false),
            (Some(""), false, false),
            (Some(":9800"), false, false),
            (Some("localhost:"), false, false),
            (Some("localhost:x"), false, false),
            (None, false, false),
        ] {
            for (loopback, wanted) in [(true, on_loopback), (false, elsewhere)] {
                let checked = welcome(loopback).check(host, None).is_ok();
                assert_eq!(checked, wanted, "{host:?} {loopback}");
            }
        }
    }

    #[test]
    fn only_pages_of_this_machine_and_those_that_are_named_may_talk() {
        for (origin, wanted) in [
            ("http://localhost:8050", true),
            ("http://127.0.0.1", true),
            ("https://[::1]:3000", true),
            ("https://chat.example.org", true),
            ("https://CHAT.example.org/", true),
            ("http://chat.example.org", false),
            ("https://chat.example.org.evil.org", false),
            ("https://evil.example.org", false),
            ("http://localhost.evil.org", false),
            ("http://localhost@evil.org", false),
            ("null", false),
            ("", false),
            ("file://", false),
        ] {
            let checked = welcome(true).check(Some("localhost"), Some(origin)).is_ok();
            assert_eq!(checked, wanted, "{origin}");
        }
    }

    #[test]
    fn a_token_belongs_to_somebody_or_to_nobody() {
        let tokens = Tokens::new([
            ("ann".to_owned(), "first-token".to_owned()),
            ("bob".to_owned(), "second-token".to_owned()),
        ]);
        for (header, wanted) in [
            (Some("Bearer first-token"), Ok("ann")),
            (Some("bearer second-token"), Ok("bob")),
            (Some("Bearer second-toke"), Err("invalid_api_key")),
            (Some("Basic first-token"), Err("invalid_api_key")),
            (Some("Bearer "), Err("invalid_api_key")),
            (Some(""), Err("invalid_api_key")),
            (None, Err("token_missing")),
        ] {
            let owner = tokens.owner(header);
            let told = owner.map_err(|no| no.told()["error"]["code"].as_str().unwrap().to_owned());
            assert_eq!(told, wanted.map_err(str::to_owned), "{header:?}");
        }
    }
}
