//! Goes through a proxy where the environment names one: a tunnel asked for with `CONNECT`, or
//! with SOCKS5. The proxy looks the backend's name up; what passes through is the same as ever.
//!
//! The environment itself is read by whoever builds [`Proxies`]. A password in a proxy's URL is
//! sent to that proxy and shown to nobody.

use super::address::{Address, split_port};
use super::dial::{dial, unreachable};
use crate::core::line::Cause;
use std::fmt;
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The longest answer to `CONNECT` that is read.
const LONGEST_HEAD: usize = 8 * 1024;

/// The proxies that the environment names.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    plain: Option<String>,
    secure: Option<String>,
    /// Hosts that are reached directly.
    never: Vec<String>,
}

impl fmt::Debug for Proxies {
    /// Without the URLs: a password may be in them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxies")
            .field("plain", &self.plain.is_some())
            .field("secure", &self.secure.is_some())
            .field("never", &self.never)
            .finish()
    }
}

/// One proxy.
#[derive(PartialEq, Eq)]
pub(super) struct Proxy {
    speaks: Speaks,
    host: String,
    port: u16,
    login: Option<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speaks {
    Http,
    Socks5,
}

impl Proxies {
    /// Reads `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`; in lower case they count
    /// more, as in most programs.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let named = |name: &str| {
            let value = variable(&name.to_lowercase()).or_else(|| variable(name))?;
            Some(value.trim().to_owned()).filter(|value| !value.is_empty())
        };
        let any = named("ALL_PROXY");
        Self {
            plain: named("HTTP_PROXY").or_else(|| any.clone()),
            secure: named("HTTPS_PROXY").or(any),
            never: named("NO_PROXY")
                .unwrap_or_default()
                .split(',')
                .map(|host| host.trim().to_ascii_lowercase())
                .filter(|host| !host.is_empty())
                .collect(),
        }
    }

    /// The proxy on the way to an address, if there is one. This machine is never reached
    /// through another.
    pub(super) fn toward(&self, address: &Address) -> Result<Option<Proxy>, Cause> {
        let url = if address.secure {
            &self.secure
        } else {
            &self.plain
        };
        match url {
            Some(url) if !address.is_loopback() && !self.spares(address) => {
                Proxy::read(url).map(Some).map_err(|why| Cause::Unusable {
                    why: why.to_owned(),
                })
            }
            _ => Ok(None),
        }
    }

    /// A name in the list means itself and everything under it.
    fn spares(&self, address: &Address) -> bool {
        let host = address.host.to_ascii_lowercase();
        self.never.iter().any(|never| {
            if never == "*" {
                return true;
            }
            let (never, port) = match never.matches(':').count() {
                1 => split_port(never).unwrap_or((never, None)),
                _ => (never.trim_matches(['[', ']']), None),
            };
            let never = never.trim_start_matches("*.").trim_start_matches('.');
            let under = host.strip_suffix(never);
            port.is_none_or(|port| port == address.port)
                && under.is_some_and(|under| under.is_empty() || under.ends_with('.'))
        })
    }
}

impl Proxy {
    /// Reads a proxy's URL. The reason why it is none never quotes it: it may hold a password.
    fn read(url: &str) -> Result<Self, &'static str> {
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        let (speaks, usual) = match scheme.to_ascii_lowercase().as_str() {
            "http" => (Speaks::Http, 80),
            "socks5" | "socks5h" | "socks" => (Speaks::Socks5, 1080),
            _ => return Err("the proxy in the environment is neither `http://` nor `socks5://`"),
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (login, place) = match authority.rsplit_once('@') {
            Some((login, place)) => {
                let (name, password) = login.split_once(':').unwrap_or((login, ""));
                (Some((unescape(name), unescape(password))), place)
            }
            None => (None, authority),
        };
        match split_port(place) {
            Some((host, port)) if !host.is_empty() => Ok(Self {
                speaks,
                host: host.to_owned(),
                port: port.unwrap_or(usual),
                login,
            }),
            _ => Err("the proxy in the environment has no readable host and port"),
        }
    }

    /// A stream to the address through the proxy, and what the proxy says if it gives none.
    pub(super) async fn tunnel(&self, address: &Address) -> Result<TcpStream, Cause> {
        let mut stream = dial(&self.host, self.port).await?;
        let asked = match self.speaks {
            Speaks::Http => self.connect(&mut stream, address).await,
            Speaks::Socks5 => self.socks(&mut stream, address).await,
        };
        match asked {
            Ok(None) => Ok(stream),
            Ok(Some(cause)) => Err(cause),
            Err(error) => Err(unreachable(&io::Error::new(
                error.kind(),
                format!("the proxy `{}:{}`: {error}", self.host, self.port),
            ))),
        }
    }

    fn says_no(&self, status: Option<u16>, reason: &str) -> Cause {
        let reason = format!("{reason} (says the proxy `{}:{}`)", self.host, self.port);
        Cause::Denied { status, reason }
    }

    async fn connect(
        &self,
        stream: &mut TcpStream,
        address: &Address,
    ) -> io::Result<Option<Cause>> {
        let place = address.place();
        let mut request = format!("CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n");
        if let Some((name, password)) = &self.login {
            let login = base64(format!("{name}:{password}").as_bytes());
            request.push_str("Proxy-Authorization: Basic ");
            request.push_str(&login);
            request.push_str("\r\n");
        }
        request.push_str("\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut head = vec![];
        // Byte by byte: what follows the head belongs to the backend.
        while !head.ends_with(b"\r\n\r\n") {
            if head.len() >= LONGEST_HEAD {
                return Err(io::Error::other("its answer has no end"));
            }
            head.push(stream.read_u8().await?);
        }
        let head = String::from_utf8_lossy(&head);
        let mut words = head.lines().next().unwrap_or_default().splitn(3, ' ');
        let speaks_http = words.next().is_some_and(|word| word.starts_with("HTTP/1."));
        let status = words.next().and_then(|status| status.parse().ok());
        Ok(match status {
            Some(200..=299) if speaks_http => None,
            Some(status) if speaks_http => {
                let reason: String = words
                    .next()
                    .unwrap_or_default()
                    .chars()
                    .filter(|c| !c.is_control())
                    .take(80)
                    .collect();
                Some(self.says_no(Some(status), &reason))
            }
            _ => Some(self.says_no(None, "no answer in HTTP")),
        })
    }

    /// [RFC 1928](https://www.rfc-editor.org/rfc/rfc1928), with the name and password of
    /// [RFC 1929](https://www.rfc-editor.org/rfc/rfc1929).
    async fn socks(&self, stream: &mut TcpStream, address: &Address) -> io::Result<Option<Cause>> {
        let short = |text: &str| u8::try_from(text.len()).map_err(io::Error::other);
        let methods: &[u8] = match self.login {
            Some(_) => &[5, 2, 0, 2],
            None => &[5, 1, 0],
        };
        stream.write_all(methods).await?;
        let mut chosen = [0; 2];
        stream.read_exact(&mut chosen).await?;
        match (chosen, &self.login) {
            ([5, 0], _) => {}
            ([5, 2], Some((name, password))) => {
                let mut login = vec![1, short(name)?];
                login.extend(name.as_bytes());
                login.push(short(password)?);
                login.extend(password.as_bytes());
                stream.write_all(&login).await?;
                let mut answer = [0; 2];
                stream.read_exact(&mut answer).await?;
                if answer[1] != 0 {
                    return Ok(Some(self.says_no(None, "wrong name or password")));
                }
            }
            ([5, _], _) => return Ok(Some(self.says_no(None, "name and password are wanted"))),
            _ => return Err(io::Error::other("it does not speak SOCKS5")),
        }
        let mut request = vec![5, 1, 0, 3, short(&address.host)?];
        request.extend(address.host.as_bytes());
        request.extend(address.port.to_be_bytes());
        stream.write_all(&request).await?;
        let mut answer = [0; 4];
        stream.read_exact(&mut answer).await?;
        let length = match answer[3] {
            1 => 4,
            4 => 16,
            3 => usize::from(stream.read_u8().await?),
            _ => return Err(io::Error::other("it does not speak SOCKS5")),
        };
        // The address it uses, which is nothing to us.
        stream.read_exact(&mut vec![0; length + 2]).await?;
        let why = match answer[1] {
            0 => return Ok(None),
            2 => return Ok(Some(self.says_no(None, "not allowed"))),
            5 => {
                let at = address.place();
                return Ok(Some(Cause::NobodyListens { at }));
            }
            3 => "it has no way to that network",
            4 => "it has no way to that host",
            6 => "it waited too long",
            _ => "it could not connect",
        };
        Err(io::Error::other(why))
    }
}

/// Turns `%41` into `A`.
fn unescape(text: &str) -> String {
    let mut bytes = text.as_bytes().iter();
    let mut plain = vec![];
    while let Some(byte) = bytes.next().copied() {
        let digits = (byte == b'%').then(|| bytes.as_slice().get(..2)).flatten();
        let read = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if read.is_some() {
            bytes.nth(1);
        }
        plain.push(read.unwrap_or(byte));
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// [RFC 4648, 4](https://www.rfc-editor.org/rfc/rfc4648#section-4).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |n: usize| u32::from(chunk.get(n).copied().unwrap_or(0));
        let three = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4_usize {
            let value = three >> (18 - 6 * digit) & 63;
            let is_there = digit <= chunk.len();
            text.push(if is_there {
                DIGITS[value as usize] as char
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests;
