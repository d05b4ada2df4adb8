//! One connection: reads requests, has them answered, and turns one into a WebSocket where that is
//! asked for.

use super::Shared;
use super::message::{Contents, Refusal, Reply, Request};
use super::patient::Patient;
use super::routes::{Answer, Socket, query};
use crate::serve::session;
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::uri::Authority;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper::{Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::protocol::frame::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// The longest head of a request.
const HEAD: usize = 16 * 1024;
const HEADERS: usize = 64;

/// What is said to who shows no token, or a wrong one, at a WebSocket of that kind.
pub(super) const UNKNOWN: &str = "Authentication required";

/// How long who is hung up on may take to confirm that.
const GOODBYE: Duration = Duration::from_secs(2);

/// Serves a connection until it ends; in the last phase, until what is under way has ended.
pub(super) async fn serve<S>(
    shared: Arc<Shared>,
    stream: S,
    peer: SocketAddr,
    mut closing: watch::Receiver<()>,
) where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let limits = &shared.limits;
    let stream = TokioIo::new(Patient::new(stream, limits.stall));
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(HEAD)
        .max_headers(HEADERS);
    let asked = Arc::clone(&shared);
    let service = service_fn(move |request| answer(Arc::clone(&asked), peer, request));
    let connection = builder.serve_connection(stream, service).with_upgrades();
    tokio::pin!(connection);
    let outcome = tokio::select! {
        outcome = &mut connection => outcome,
        _ = closing.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        tracing::debug!("{peer}: {error}");
    }
}

async fn answer(
    shared: Arc<Shared>,
    peer: SocketAddr,
    request: hyper::Request<Incoming>,
) -> Result<Response<Contents>, Infallible> {
    shared.figures.request();
    // No query: somebody may have written a token there.
    let what = format!("{peer} {} {}", request.method(), request.uri().path());
    let reply = match admit(&shared, peer, request).await {
        Ok(reply) => reply,
        Err(refusal) => {
            shared.figures.refused();
            refusal.reply()
        }
    };
    tracing::debug!("{what} {}", reply.0.status().as_u16());
    Ok(reply.0)
}

async fn admit(
    shared: &Arc<Shared>,
    peer: SocketAddr,
    request: hyper::Request<Incoming>,
) -> Result<Reply, Refusal> {
    shared.door.knock(peer.ip())?;
    let headers = request.headers();
    let host = request.uri().authority().map(Authority::as_str);
    let host = host.or_else(|| text(headers, header::HOST));
    // What is no text is the origin of nobody.
    let origin = headers
        .get(header::ORIGIN)
        .map(|origin| origin.to_str().unwrap_or("null"));
    shared.door.welcome.check(host, origin)?;
    let path = request.uri().path().to_owned();
    let found = shared.routes.find(request.method(), &path);
    if let Ok((Answer::Open(answer), _)) = &found {
        return Ok(answer());
    }
    let query = query(request.uri().query().unwrap_or_default());
    let coded = matches!(&found, Ok((Answer::Coded(_), _)));
    let code = query.iter().find(|(name, _)| coded && name == "code");
    let code = code.map(|(_, code)| format!("Bearer {code}"));
    let shown = text(headers, header::AUTHORIZATION).or(code.as_deref());
    let guest = shared.guests.backend(shown);
    let mut request = request;
    let (backend, runs) = match guest {
        Ok(guest) => guest,
        Err(_) if coded => {
            shared.figures.refused();
            let key = accept_key(request.headers())?;
            let upgrade = hyper::upgrade::on(&mut request);
            return Ok(switch(shared, upgrade, &key, |socket| {
                goodbye(socket, CloseCode::Policy, UNKNOWN)
            }));
        }
        Err(refusal) => return Err(refusal),
    };
    let (answer, parameters) = found?;
    let asked = |request: hyper::Request<Incoming>| {
        let (head, body) = request.into_parts();
        Request {
            backend,
            runs,
            port: Arc::clone(&shared.figures),
            parameters,
            query,
            headers: head.headers,
            body,
            patience: shared.limits.body,
        }
    };
    match answer {
        Answer::Open(answer) => Ok(answer()),
        Answer::Http(answer) => answer(asked(request)).await,
        Answer::Socket(attend) | Answer::Coded(attend) => {
            let key = accept_key(request.headers())?;
            let upgrade = hyper::upgrade::on(&mut request);
            let (attend, request) = (Arc::clone(attend), asked(request));
            Ok(switch(shared, upgrade, &key, move |socket| {
                attend(request, socket)
            }))
        }
    }
}

/// Answers that from here on it is a WebSocket, and goes on with it in a task of its own.
fn switch<R>(
    shared: &Arc<Shared>,
    upgrade: OnUpgrade,
    key: &str,
    go_on: impl FnOnce(Socket) -> R + Send + 'static,
) -> Reply
where
    R: Future<Output = ()> + Send + 'static,
{
    let key = HeaderValue::from_str(key).expect("the key is base64");
    tokio::spawn(attend(Arc::clone(shared), upgrade, go_on));
    Reply::bytes("text/plain", Bytes::new())
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .with(header::CONNECTION, HeaderValue::from_static("Upgrade"))
        .with(header::UPGRADE, HeaderValue::from_static("websocket"))
        .with(header::SEC_WEBSOCKET_ACCEPT, key)
}

/// The task of a WebSocket, once its upgrade has been answered.
async fn attend<R: Future<Output = ()>>(
    shared: Arc<Shared>,
    upgrade: OnUpgrade,
    go_on: impl FnOnce(Socket) -> R,
) {
    let Ok(upgraded) = upgrade.await else {
        return;
    };
    let (stream, config) = (TokioIo::new(upgraded), Some(session::config()));
    let socket = WebSocketStream::from_raw_socket(stream, Role::Server, config).await;
    match Arc::clone(&shared.sockets).try_acquire_owned() {
        Ok(_place) => go_on(socket).await,
        Err(_none) => {
            shared.figures.turned_away();
            let why = "as many are connected as may be";
            goodbye(socket, CloseCode::Again, why).await;
        }
    }
}

/// Hangs up, and says why.
pub(super) async fn goodbye(mut socket: Socket, code: CloseCode, why: &'static str) {
    let reason = why.into();
    let _ = timeout(GOODBYE, socket.close(Some(CloseFrame { code, reason }))).await;
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// What proves that we understood that a WebSocket is wanted.
fn accept_key(headers: &HeaderMap) -> Result<String, Refusal> {
    let says = |name, word: &str| {
        let said = text(headers, name).unwrap_or_default();
        said.split(',')
            .any(|one| one.trim().eq_ignore_ascii_case(word))
    };
    let wanted = says(header::UPGRADE, "websocket") && says(header::CONNECTION, "upgrade");
    let known = says(header::SEC_WEBSOCKET_VERSION, "13");
    let key = headers.get(header::SEC_WEBSOCKET_KEY);
    match key.filter(|_| wanted && known) {
        Some(key) => Ok(derive_accept_key(key.as_bytes())),
        None => Err(Refusal::new(
            StatusCode::UPGRADE_REQUIRED,
            "upgrade_required",
            "here is a WebSocket, of version 13",
        )
        .hint("connect with `ws://` or `wss://`")),
    }
}
