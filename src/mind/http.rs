//! The HTTP clients: built when first needed, shared by everything that asks a model server.
//!
//! Two questions decide which client an address gets. Is it this machine? Then no proxy stands
//! between. Is it TLS? Then the roots of trust are read, which a talk with a local server must
//! not pay for. What the failures mean to people is told here too, since only here is it known
//! which library speaks.

use super::BrainError;
use super::endpoint::{Address, is_loopback};
use crate::core::line::Distrust;
use reqwest::{Client, ClientBuilder, Response, Url};
use rustls::{CertificateError, ClientConfig, RootCertStore};
use std::error::Error;
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// How long a connection may take to come up.
const CONNECT: Duration = Duration::from_secs(10);

/// One client for each pair of (this machine, TLS). A client belongs to the runtime that it works
/// in, so whoever has a runtime of its own has clients of its own.
#[derive(Debug)]
pub(super) struct Clients([OnceLock<Client>; 4]);

/// Those of the program's own runtime.
static SHARED: Clients = Clients::new();

/// The client for an address.
pub(super) fn client(url: &Url) -> Result<Client, BrainError> {
    SHARED.client(url)
}

impl Clients {
    pub(super) const fn new() -> Self {
        Self([const { OnceLock::new() }; 4])
    }

    /// The client for an address.
    pub(super) fn client(&self, url: &Url) -> Result<Client, BrainError> {
        let local = is_loopback(url);
        // A proxy may itself be reached through TLS, so only plain talk with this machine never
        // needs roots.
        let secure = url.scheme() == "https" || (!local && proxy_uses_tls());
        let slot = &self.0[usize::from(local) * 2 + usize::from(secure)];
        if let Some(client) = slot.get() {
            return Ok(client.clone());
        }
        let built = build(local, secure).map_err(|why| BrainError::Tls {
            base: url.origin().ascii_serialization(),
            why: Distrust::Other(why),
        })?;
        Ok(slot.get_or_init(|| built).clone())
    }
}

fn build(local: bool, secure: bool) -> Result<Client, String> {
    let mut builder = builder(secure)?;
    if local {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| deepest(&error))
}

/// What every client of ours is made of. `secure`: it will speak TLS.
pub(super) fn builder(secure: bool) -> Result<ClientBuilder, String> {
    let mut roots = RootCertStore::empty();
    if secure {
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
        if roots.is_empty() {
            // A bare machine trusts nobody; the usual authorities are the next best.
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(concat!("hearsay/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT)
        // A redirect could carry the conversation, and on the same host the key, to somewhere
        // nobody configured.
        .redirect(reqwest::redirect::Policy::none()))
}

/// Whether the environment names a proxy that is itself reached through TLS.
fn proxy_uses_tls() -> bool {
    ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]
        .iter()
        .filter_map(std::env::var_os)
        .any(|proxy| proxy.to_string_lossy().starts_with("https://"))
}

/// What a failure to send a question means.
pub(super) fn explain(error: &reqwest::Error, address: &Address) -> BrainError {
    let base = address.shown();
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    let answered = !error.is_connect();
    let mut hung_up = false;
    while let Some(this) = cause {
        if let Some(why) = tls_trouble(this) {
            return BrainError::Tls { base, why };
        }
        if this.to_string() == "dns error" {
            return BrainError::HostUnknown {
                host: address.host(),
            };
        }
        hung_up |= this.to_string() == "connection closed before message completed";
        if let Some(trouble) = this.downcast_ref::<io::Error>() {
            match trouble.kind() {
                io::ErrorKind::ConnectionRefused => return BrainError::NobodyThere { base },
                io::ErrorKind::ConnectionReset
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::UnexpectedEof => hung_up = true,
                _ => {}
            }
        }
        cause = beneath(this);
    }
    if error.is_timeout() {
        BrainError::Unreachable {
            base,
            why: format!("no connection within {} s", CONNECT.as_secs()),
        }
    } else if hung_up {
        BrainError::HungUp { base }
    } else if answered {
        BrainError::Unreadable {
            base,
            why: deepest(error),
        }
    } else {
        BrainError::Unreachable {
            base,
            why: deepest(error),
        }
    }
}

/// The innermost cause, which says what happened; the outer ones only say where.
fn deepest(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(cause) = beneath(innermost) {
        innermost = cause;
    }
    innermost.to_string()
}

/// The cause one level down. An `io::Error` passes over the error it wraps when asked for its
/// source, and the wrapped one is the one that tells.
fn beneath<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let wrapped = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    match wrapped {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

/// What is wrong with the TLS side of a connection, if that is what is wrong.
fn tls_trouble(error: &(dyn Error + 'static)) -> Option<Distrust> {
    Some(match error.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                Distrust::Expired
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                Distrust::NotYetValid
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Distrust::WrongName
            }
            CertificateError::UnknownIssuer => Distrust::UnknownIssuer,
            other => Distrust::Other(format!("the certificate is refused ({other})")),
        },
        rustls::Error::InvalidMessage(_) => Distrust::NoTls,
        rustls::Error::AlertReceived(alert) => Distrust::Alert(format!("{alert:?}")),
        other => Distrust::Other(other.to_string()),
    })
}

/// The body of an answer, up to a limit; longer bodies are cut there.
pub(super) async fn body(response: &mut Response, limit: usize) -> reqwest::Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(bytes) = response.chunk().await? {
        let room = limit - body.len();
        if bytes.len() >= room {
            body.extend(bytes.iter().take(room));
            break;
        }
        body.extend_from_slice(&bytes);
    }
    Ok(body)
}
