//! The HTTP side of a yychat server: where it is, and how it is asked.

use crate::wire::{Piece, Place, Request};
use serde_json::Value;

/// So much is read of a document.
const MOST: usize = 16 << 20;

/// The paths of the socket, which the HTTP side does not have.
const SOCKET: [&str; 2] = ["/ws/chat", "/ws"];

/// The HTTP side of one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Api {
    /// The address before `/v1`.
    base: String,
    /// Numbers the requests.
    next: u64,
}

impl Api {
    /// The HTTP side of the server at this place, if it is behind a URL.
    pub(super) fn of(place: &Place) -> Option<Self> {
        let named = place.more.get("api").filter(|url| !url.is_empty());
        let base = match named {
            Some(url) => {
                let url = url.trim_end_matches('/');
                Some(url.strip_suffix("/v1").unwrap_or(url).to_owned())
            }
            None => beside(&place.url),
        };
        base.map(|base| Self { base, next: 1 })
    }

    /// The server's name, for people.
    pub(super) fn host(&self) -> &str {
        let rest = self.base.split_once("://");
        rest.map_or(&self.base, |(_, rest)| rest)
    }

    pub(super) fn get(&mut self, path: &str) -> Request {
        self.request("GET", path, None)
    }

    pub(super) fn delete(&mut self, path: &str) -> Request {
        self.request("DELETE", path, None)
    }

    pub(super) fn post(&mut self, path: &str, body: Option<&Value>) -> Request {
        self.request("POST", path, body.map(Value::to_string))
    }

    fn request(&mut self, method: &'static str, path: &str, body: Option<String>) -> Request {
        let number = self.next;
        self.next += 1;
        Request {
            number,
            method,
            url: format!("{}{path}", self.base),
            headers: vec![],
            body,
        }
    }
}

/// The HTTP address beside that of a socket.
fn beside(url: &str) -> Option<String> {
    let (scheme, rest) = url.trim().split_once("://")?;
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "ws" | "http" => "http",
        "wss" | "https" => "https",
        _ => return None,
    };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let split = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(split)?;
    let path = path.trim_end_matches('/');
    let before = SOCKET.iter().find_map(|socket| path.strip_suffix(socket));
    (!authority.is_empty()).then(|| format!("{scheme}://{authority}{}", before.unwrap_or_default()))
}

/// Text as a part of an address.
pub(super) fn escaped(text: &str) -> String {
    let bytes = text.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    });
    bytes.collect()
}

/// A document on its way.
#[derive(Debug, Default)]
pub(super) struct Document {
    status: u16,
    bytes: Vec<u8>,
    too_long: bool,
}

/// The server was not willing, or had more to say than is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoDocument;

impl Document {
    /// Takes in a piece; tells what there is when nothing more comes.
    pub(super) fn take(&mut self, piece: Piece) -> Option<Result<Vec<u8>, NoDocument>> {
        match piece {
            Piece::Head { status, .. } => self.status = status,
            Piece::Body(bytes) if self.bytes.len() + bytes.len() <= MOST => {
                self.bytes.extend_from_slice(&bytes);
            }
            Piece::Body(_) => self.too_long = true,
            Piece::End => {
                let good = (200..300).contains(&self.status) && !self.too_long;
                let whole = std::mem::take(&mut self.bytes);
                return Some(if good { Ok(whole) } else { Err(NoDocument) });
            }
            Piece::Failed { .. } => return Some(Err(NoDocument)),
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_http_side_is_beside_the_socket() {
        for (url, base) in [
            ("ws://h:9800/ws/chat", Some("http://h:9800")),
            ("wss://h/ws/chat?x=1", Some("https://h")),
            ("WSS://h/yy/ws/chat/", Some("https://h/yy")),
            ("http://h:9800", Some("http://h:9800")),
            ("https://h/ws", Some("https://h")),
            ("ws://[::1]:9800/ws/chat", Some("http://[::1]:9800")),
            ("ws://h/elsewhere", Some("http://h")),
            ("ws:///ws/chat", None),
            ("ftp://h", None),
            ("", None),
        ] {
            let place = Place {
                url: url.to_owned(),
                ..Place::default()
            };
            let api = Api::of(&place);
            assert_eq!(api.map(|api| api.base).as_deref(), base, "{url}");
        }
        let mut place = Place {
            url: "ws://h:9800/ws/chat".to_owned(),
            ..Place::default()
        };
        place.more.insert("api", "https://g/x/v1/".to_owned());
        let mut api = Api::of(&place).unwrap();
        assert_eq!(api.get("/v1/models").url, "https://g/x/v1/models");
        assert_eq!(api.host(), "g/x");
    }

    #[test]
    fn what_is_no_letter_is_escaped() {
        assert_eq!(escaped("mem0 & 记"), "mem0%20%26%20%E8%AE%B0");
    }
}
