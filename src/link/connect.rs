//! Opens the socket: TCP, encryption, WebSocket upgrade; or the in-memory stream of the embedded
//! backend with the very same upgrade. Every failure becomes a `Cause` told apart by what helps.
//!
//! Limits in time are not kept here: `drive` drops the attempt when the machine says so.

use super::address::Address;
use super::clock::Clock;
use super::count::Counted;
use super::dial::{self, unreachable};
use super::errands::Way;
use super::proxy::Proxies;
use super::settings::LinkSettings;
use super::tls::{self, Trust};
use crate::core::line::Cause;
use crate::core::time::Wall;
use crate::wire::Upgrade;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::sync::OnceCell;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::http::{HeaderMap, HeaderValue, header};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// The upgrade request of an in-memory stream needs a URL like any other.
const EMBEDDED: &str = "ws://localhost/ws/chat";

/// Where the backend is.
pub enum Target {
    /// In this process: every call gives the client's end of a fresh stream whose other end the
    /// backend serves.
    Embedded(Box<dyn Fn() -> DuplexStream + Send>),
    /// Behind a URL.
    Url(Remote),
}

/// A backend behind a URL.
#[derive(Default)]
pub struct Remote {
    pub url: String,
    /// What it wants to see.
    pub token: Option<String>,
    pub proxies: Proxies,
    pub trust: Trust,
}

/// Any stream of bytes under a WebSocket.
pub(super) trait Pipe: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Pipe for T {}

/// An open socket.
pub(super) type Socket = Box<WebSocketStream<Counted<Box<dyn Pipe>>>>;

/// An open socket, and the subprotocol that the backend has picked.
pub(super) struct Opened {
    pub(super) socket: Socket,
    pub(super) protocol: Option<String>,
}

/// An attempt to open one. Dropping it ends the attempt.
pub(super) type Connecting = Pin<Box<dyn Future<Output = Result<Opened, Failure>> + Send>>;

/// Why a socket could not be opened, and how long the backend asks us to wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) cause: Cause,
    pub(super) wait: Option<Duration>,
}

impl Failure {
    /// Whether the backend may only miss a subprotocol: it finds fault with the request itself.
    fn may_miss_protocol(&self) -> bool {
        matches!(
            self.cause,
            Cause::Denied {
                status: Some(400 | 426),
                ..
            }
        )
    }
}

impl From<Cause> for Failure {
    fn from(cause: Cause) -> Self {
        Self { cause, wait: None }
    }
}

/// How the backend of a URL is reached.
pub(super) struct Route {
    proxies: Proxies,
    trust: Trust,
    /// Loading the system's certificates takes a while, so it is done once and only if needed.
    tls: OnceCell<TlsConnector>,
}

enum Place {
    Embedded(Box<dyn Fn() -> DuplexStream + Send>),
    Url {
        url: String,
        token: Option<String>,
        route: Arc<Route>,
    },
}

/// Opens sockets to one target.
pub(super) struct Connector {
    target: Place,
    config: WebSocketConfig,
    clock: Clock,
    patience: Duration,
}

impl Connector {
    pub(super) fn new(target: Target, settings: &LinkSettings, clock: Clock) -> Self {
        let max_message = settings.max_message;
        let largest = max_message.max(settings.max_recording);
        // Small buffers: frames are small, and a line should not cost 256 KiB.
        let config = WebSocketConfig::default()
            .read_buffer_size(8 * 1024)
            .write_buffer_size(0)
            // Room for the largest message and the pings that may stand in line behind it.
            .max_write_buffer_size(largest.saturating_add(64 * 1024))
            .max_message_size(Some(max_message))
            .max_frame_size(Some(max_message));
        let target = match target {
            Target::Embedded(open) => Place::Embedded(open),
            Target::Url(remote) => Place::Url {
                url: remote.url,
                token: remote.token,
                route: Arc::new(Route {
                    proxies: remote.proxies,
                    trust: remote.trust,
                    tls: OnceCell::new(),
                }),
            },
        };
        Self {
            target,
            config,
            clock,
            patience: settings.connect_timeout,
        }
    }

    /// How to ask the backend beside the socket, if it is behind a URL.
    pub(super) fn way(&self) -> Option<Way> {
        match &self.target {
            Place::Embedded(_) => None,
            Place::Url { url, token, route } => Some(Way {
                route: Arc::clone(route),
                url: url.clone(),
                token: token.clone(),
                patience: self.patience,
            }),
        }
    }

    /// Whether nobody checks who is at the other end of an encrypted socket.
    pub(super) fn is_unverified(&self) -> bool {
        match &self.target {
            Place::Embedded(_) => false,
            Place::Url { url, route, .. } => {
                route.trust.anybody && Address::read(url).is_ok_and(|address| address.secure)
            }
        }
    }

    /// Begins to open a socket.
    pub(super) fn connect(&self, upgrade: Upgrade) -> Connecting {
        let (config, wall) = (self.config, self.clock.wall());
        match &self.target {
            Place::Embedded(open) => {
                let stream: Box<dyn Pipe> = Box::new(open());
                let asked = Asked {
                    url: EMBEDDED.to_owned(),
                    token: None,
                    headers: upgrade.headers,
                    protocols: vec![],
                };
                Box::pin(shake(asked, stream, config, wall))
            }
            Place::Url { url, token, route } => {
                let home = url.clone();
                let url = upgrade.url.clone().unwrap_or_else(|| url.clone());
                let (token, route) = (token.clone(), Arc::clone(route));
                Box::pin(async move {
                    let address = Address::read(&url).map_err(unusable)?;
                    // Where else we were sent to does not get to see it.
                    let at_home = |home: Address| home.host == address.host;
                    let token = token.filter(|_| Address::read(&home).is_ok_and(at_home));
                    if token.is_some() {
                        address.check_token().map_err(unusable)?;
                    }
                    let mut asked = Asked {
                        url: address.url.clone(),
                        token,
                        headers: upgrade.headers,
                        protocols: vec![],
                    };
                    let stream = open(&address, &route).await?;
                    let plain = shake(asked.clone(), stream, config, wall).await;
                    let offers = !upgrade.protocols.is_empty();
                    match plain {
                        // Most servers name no subprotocol, and ours is closed if one is offered to
                        // them; so they are offered only to those that seem to want one.
                        Err(refused) if offers && refused.may_miss_protocol() => {
                            asked.protocols = upgrade.protocols;
                            let stream = open(&address, &route).await?;
                            let second = shake(asked, stream, config, wall).await;
                            second.map_err(|_refused_again| refused)
                        }
                        outcome => outcome,
                    }
                })
            }
        }
    }
}

fn unusable(error: impl std::fmt::Display) -> Failure {
    let why = error.to_string();
    Cause::Unusable { why }.into()
}

pub(super) async fn open(address: &Address, route: &Route) -> Result<Box<dyn Pipe>, Failure> {
    let stream = match route.proxies.toward(address)? {
        Some(proxy) => proxy.tunnel(address).await?,
        None => dial::dial(&address.host, address.port).await?,
    };
    if !address.secure {
        return Ok(Box::new(stream));
    }
    let load = || tls::load(route.trust.clone());
    let tls = route.tls.get_or_try_init(load).await?;
    Ok(Box::new(tls::encrypt(tls, &address.host, stream).await?))
}

/// What the upgrade request says.
#[derive(Clone)]
struct Asked {
    url: String,
    token: Option<String>,
    headers: Vec<(&'static str, String)>,
    protocols: Vec<String>,
}

async fn shake(
    asked: Asked,
    stream: Box<dyn Pipe>,
    config: WebSocketConfig,
    wall: Wall,
) -> Result<Opened, Failure> {
    let mut request = asked.url.into_client_request().map_err(unusable)?;
    if let Some(token) = asked.token {
        let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|_its_text| unusable("the token holds characters that no header may hold"))?;
        value.set_sensitive(true);
        request.headers_mut().insert(header::AUTHORIZATION, value);
    }
    for (name, value) in asked.headers {
        let mut value = HeaderValue::from_str(&value).map_err(|_error| {
            unusable(format!("`{name}` holds characters that no header may hold"))
        })?;
        value.set_sensitive(name.eq_ignore_ascii_case("authorization"));
        request.headers_mut().insert(name, value);
    }
    if !asked.protocols.is_empty() {
        let offered = HeaderValue::from_str(&asked.protocols.join(", ")).map_err(unusable)?;
        request
            .headers_mut()
            .insert(header::SEC_WEBSOCKET_PROTOCOL, offered);
    }
    let (socket, response) = client_async_with_config(request, Counted::new(stream), Some(config))
        .await
        .map_err(|error| refused(&error, wall))?;
    if response
        .headers()
        .contains_key(header::SEC_WEBSOCKET_EXTENSIONS)
    {
        let why = "it switched on an extension that was not offered".to_owned();
        return Err(Cause::NotABackend { why }.into());
    }
    let picked = response.headers().get(header::SEC_WEBSOCKET_PROTOCOL);
    let protocol = picked
        .and_then(|name| name.to_str().ok())
        .map(str::to_owned);
    let socket = Box::new(socket);
    Ok(Opened { socket, protocol })
}

/// What an upgrade that failed means.
fn refused(error: &Error, wall: Wall) -> Failure {
    let not_a_backend = |why: String| Cause::NotABackend { why }.into();
    match error {
        Error::Http(response) if response.status().is_success() => {
            let status = response.status();
            not_a_backend(format!("it answered {status} and opened no socket"))
        }
        Error::Http(response) => Failure {
            cause: Cause::Denied {
                status: Some(response.status().as_u16()),
                reason: response
                    .status()
                    .canonical_reason()
                    .unwrap_or_default()
                    .to_owned(),
            },
            wait: retry_after(response.headers(), wall),
        },
        Error::Io(error) => unreachable(error).into(),
        Error::Protocol(ProtocolError::HandshakeIncomplete)
        | Error::ConnectionClosed
        | Error::AlreadyClosed => {
            let why = "it hung up instead of answering".to_owned();
            Cause::Unreachable { why }.into()
        }
        Error::Tls(_) | Error::Url(_) => unusable(error),
        Error::Protocol(ProtocolError::HttparseError(_)) => {
            not_a_backend("it does not speak HTTP".to_owned())
        }
        Error::Protocol(ProtocolError::SecWebSocketAcceptKeyMismatch) => {
            not_a_backend("its consent is to another request".to_owned())
        }
        Error::Protocol(_)
        | Error::Capacity(_)
        | Error::Utf8(_)
        | Error::AttackAttempt
        | Error::WriteBufferFull(_)
        | Error::HttpFormat(_) => not_a_backend(reason(error)),
    }
}

/// How long the backend asks us to wait: seconds, or a date.
fn retry_after(headers: &HeaderMap, wall: Wall) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?;
    let ms = date.timestamp().as_millisecond().saturating_sub(wall.0);
    Some(Duration::from_millis(u64::try_from(ms).unwrap_or(0)))
}

/// What the end of an open socket means, and the code to say goodbye with, if the peer broke the
/// rules.
pub(super) fn broken(error: &Error) -> (Cause, Option<u16>) {
    let wrong = || Cause::Garbled { why: reason(error) };
    match error {
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)
        | Error::ConnectionClosed
        | Error::AlreadyClosed => {
            let why = "it ended without a word".to_owned();
            (Cause::Lost { why }, None)
        }
        Error::Capacity(_) => (wrong(), Some(1009)),
        Error::Utf8(_) => (wrong(), Some(1007)),
        Error::Protocol(_) | Error::AttackAttempt => (wrong(), Some(1002)),
        Error::Io(_)
        | Error::Tls(_)
        | Error::WriteBufferFull(_)
        | Error::Url(_)
        | Error::Http(_)
        | Error::HttpFormat(_) => {
            let why = reason(error);
            (Cause::Lost { why }, None)
        }
    }
}

/// What went wrong, without the family that the library sorts it into.
fn reason(error: &Error) -> String {
    match error {
        Error::Io(error) => error.to_string(),
        Error::Capacity(error) => error.to_string(),
        Error::Protocol(error) => error.to_string(),
        error => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, HeaderValue::from_str(text).unwrap());
        headers
    }

    #[test]
    fn the_backend_may_say_how_long_to_wait() {
        // Wed, 21 Oct 2015 07:28:00 GMT
        let wall = Wall(1_445_412_480_000 - 90_000);
        for (text, seconds) in [
            ("7", Some(7)),
            (" 0 ", Some(0)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(90)),
            ("Wed, 21 Oct 2015 07:00:00 GMT", Some(0)),
            ("soon", None),
            ("-3", None),
        ] {
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(retry_after(&header(text), wall), expected, "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), wall), None);
    }
}
