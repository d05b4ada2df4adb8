//! How the server is: for people, for balancers, for Prometheus. And the WebSocket itself.

use super::message::{Refusal, Reply, Request};
use super::routes::{Routes, Socket};
use crate::serve::router::BEFORE;
use crate::wire::yychat::frames::ClientFrame;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The figures of a backend as Prometheus knows them: what `status_response` calls them, their
/// name, their kind, and what they are.
const FIGURES: [(&str, &str, &str, &str); 6] = [
    (
        "total_connections",
        "hearsay_connections_total",
        "counter",
        "WebSockets since the start.",
    ),
    (
        "active_connections",
        "hearsay_connections",
        "gauge",
        "WebSockets that are connected.",
    ),
    (
        "total_messages",
        "hearsay_messages_total",
        "counter",
        "Messages that came by them.",
    ),
    (
        "answering",
        "hearsay_answering",
        "gauge",
        "Answers that are under way.",
    ),
    (
        "conversations",
        "hearsay_conversations",
        "gauge",
        "Conversations in memory.",
    ),
    (
        "uptime",
        "hearsay_uptime_seconds",
        "gauge",
        "Seconds since the start.",
    ),
];

pub(super) fn routes(routes: &mut Routes) {
    routes.open("/health", || Reply::json(&json!({"status": "ok"})));
    routes.get("/", |_request| async {
        Ok(Reply::json(&json!({
            "message": "hearsay",
            "version": env!("CARGO_PKG_VERSION"),
        })))
    });
    routes.socket("/ws/chat", |request: Request, socket: Socket| async move {
        let attended = request.backend.attend(socket);
        // Nothing of the request is needed as long as the conversation lasts.
        drop(request);
        attended.await;
    });
    routes.socket(
        "/v1/realtime",
        |request: Request, socket: Socket| async move {
            let model = request.query("model").map(ToOwned::to_owned);
            let attended = request.backend.attend_realtime(socket, model);
            drop(request);
            attended.await;
        },
    );
    routes.get("/ws/status", status);
    routes.get("/ws/handlers", |_request| async { Ok(handlers()) });
    routes.get("/metrics", metrics);
}

async fn status(request: Request) -> Result<Reply, Refusal> {
    Ok(Reply::json(&json!({
        "status": "success",
        "data": data(&request),
    })))
}

fn data(request: &Request) -> Value {
    let house = &request.backend.house;
    Value::Object(house.figures.data(house.memory().count()))
}

/// What is understood, and what every message passes before that.
fn handlers() -> Reply {
    let types = ClientFrame::TYPES;
    let middleware: Vec<&str> = BEFORE.iter().map(|(name, _)| *name).collect();
    Reply::json(&json!({
        "status": "success",
        "data": {
            "message_types": types,
            "total_handlers": types.len(),
            "middleware": middleware,
        },
    }))
}

/// The figures of the backend of whoever asks, as Prometheus reads them.
async fn metrics(request: Request) -> Result<Reply, Refusal> {
    let data = data(&request);
    let mut text = String::new();
    for (field, name, kind, about) in FIGURES {
        // Writing into a string cannot fail.
        let _ = write!(
            text,
            "# HELP {name} {about}\n# TYPE {name} {kind}\n{name} {}\n",
            data[field]
        );
    }
    let [requests, refused, turned_away] = request.port.all();
    for (name, about, count) in [
        ("hearsay_requests_total", "Requests to this port.", requests),
        (
            "hearsay_requests_refused_total",
            "Those that were refused.",
            refused,
        ),
        (
            "hearsay_turned_away_total",
            "Connections for which there was no room.",
            turned_away,
        ),
    ] {
        let _ = write!(
            text,
            "# HELP {name} {about}\n# TYPE {name} counter\n{name} {count}\n"
        );
    }
    Ok(Reply::bytes(
        "text/plain; version=0.0.4; charset=utf-8",
        text,
    ))
}
