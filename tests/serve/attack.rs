//! Those who want too much, too long, or what is not theirs.

use crate::folder;
use crate::house::Server;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn pages_of_others_and_bent_names_get_nowhere() {
    let folder = folder();
    let server = Server::start(
        folder.path(),
        &[],
        &[("HEARSAY_SERVE_ORIGINS", "https://chat.example.org")],
    );
    for (origin, status) in [
        ("https://evil.example.org", Some(403)),
        ("null", Some(403)),
        ("http://127.0.0.1.evil.example.org", Some(403)),
        ("https://chat.example.org", None),
        ("http://localhost:8050", None),
    ] {
        let refused = server.connect_with(&[("origin", origin)]).await.err();
        assert_eq!(refused, status, "{origin}");
        let header = format!("origin: {origin}");
        let (told, _) = server.http("POST /v1/tools/call", &[&header], "{}").await;
        assert_eq!(told == 403, status.is_some(), "{origin}: {told}");
    }
    for host in ["evil.example.org", "evil.example.org:9800", ""] {
        let request =
            format!("GET /v1/models HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        let told = server.raw(request).await;
        assert!(
            told.starts_with("HTTP/1.1 421") || told.starts_with("HTTP/1.1 400"),
            "{host}: {told}"
        );
        assert!(!told.to_lowercase().contains("access-control"), "{told}");
    }
    assert_eq!(
        server
            .connect_with(&[("host", "evil.example.org")])
            .await
            .err(),
        Some(421)
    );
}

#[tokio::test]
async fn who_finds_no_place_is_told_so_and_may_come_back() {
    let folder = folder();
    let settings = [
        ("HEARSAY_SERVE_CONNECTIONS", "1"),
        ("HEARSAY_SERVE_RATE", "0"),
    ];
    let server = Server::start(folder.path(), &[], &settings);
    let mut first = server.connect().await;
    first.hear("connection_established").await;
    let mut second = server.connect().await;
    assert_eq!(second.closed().await, Some(1013));
    drop(first);
    // The server learns of it in its time.
    loop {
        let mut third = server.connect().await;
        if third.next().await.is_ok() {
            break;
        }
    }
}

#[tokio::test]
async fn limits_are_told_and_the_line_stays() {
    let folder = folder();
    let settings = [
        ("HEARSAY_SERVE_MESSAGE_BYTES", "2000"),
        ("HEARSAY_SERVE_RATE", "1"),
    ];
    let server = Server::start(folder.path(), &[], &settings);
    let mut client = server.connect().await;
    client.hear("connection_established").await;
    client
        .say(json!({"type": "text_message", "content": "x".repeat(2_000)}))
        .await;
    assert_eq!(
        client.hear("error").await["error"]["code"],
        "message_too_large"
    );
    for _ in 0..40 {
        client.say(json!({"type": "ping"})).await;
    }
    let heard = client.hear("error").await;
    assert_eq!(heard["error"]["code"], "too_many_messages", "{heard}");
    assert!(heard["error"]["retry_after"].is_u64(), "{heard}");
    let mut codes = vec![];
    for _ in 0..40 {
        codes.push(server.http("GET /health", &[], "").await.0);
    }
    assert!(codes.contains(&200) && codes.contains(&429), "{codes:?}");
}

#[tokio::test]
async fn who_says_nothing_and_who_says_half_are_hung_up_on() {
    let folder = folder();
    let settings = [
        ("HEARSAY_SERVE_IDLE_S", "1"),
        ("HEARSAY_SERVE_REQUEST_S", "1"),
    ];
    let server = Server::start(folder.path(), &[], &settings);
    let mut client = server.connect().await;
    assert_eq!(client.closed().await, Some(1000));
    for half in [
        "",
        "GET / HT",
        "GET /health HTTP/1.1\r\nhost: localhost\r\nx: ",
    ] {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        stream.write_all(half.as_bytes()).await.unwrap();
        let mut told = vec![];
        let _ = stream.read_to_end(&mut told).await;
        let told = String::from_utf8_lossy(&told);
        assert!(
            told.is_empty() || told.starts_with("HTTP/1.1 4"),
            "{half}: {told}"
        );
    }
}

#[tokio::test]
async fn whatever_comes_is_answered_with_an_error_of_its_own() {
    let folder = folder();
    let server = Server::start(folder.path(), &[], &[]);
    let long = format!(
        "GET /{} HTTP/1.1\r\nhost: localhost\r\n\r\n",
        "x".repeat(40_000)
    );
    assert!(server.raw(long).await.starts_with("HTTP/1.1 4"));
    assert!(
        server
            .raw("nonsense\r\n\r\n")
            .await
            .starts_with("HTTP/1.1 400")
    );
    let chat = "POST /v1/chat/completions";
    for (what, body, status, code) in [
        (chat, "not JSON", 400, "invalid_body"),
        (chat, "[]", 400, "invalid_body"),
        (chat, "{}", 400, "empty_message"),
        (
            chat,
            r#"{"messages":[{"role":"user","content":" "}],"conversation_id":"c"}"#,
            400,
            "empty_message",
        ),
        (
            chat,
            r#"{"messages":[{"role":"user","content":"x"}],"model":"gpt-4o"}"#,
            404,
            "model_not_found",
        ),
        (
            chat,
            r#"{"messages":[{"role":"user","content":"x"}],"personality_id":"no"}"#,
            502,
            "not_answered",
        ),
        (
            "POST /v1/tools/call",
            r#"{"tool_name":"rm"}"#,
            404,
            "tool_unknown",
        ),
        ("POST /v1/audio/transcriptions", "x", 400, "invalid_form"),
        (
            "POST /v1/audio/speech",
            r#"{"input":"x","response_format":"mp3"}"#,
            400,
            "unsupported",
        ),
        (
            "POST /v1/audio/speech",
            r#"{"input":" "}"#,
            400,
            "empty_message",
        ),
        (
            "POST /v1/audio/speech",
            r#"{"input":"x","speed":9}"#,
            400,
            "invalid_speed",
        ),
        (
            "GET /v1/conversations/c/memory?limit=x",
            "",
            400,
            "invalid_query",
        ),
        (
            "GET /v1/conversations/..%2f..%2fetc/memory",
            "",
            404,
            "not_found",
        ),
        ("PUT /v1/models", "", 405, "method_not_allowed"),
        ("GET /ws/chat", "", 426, "upgrade_required"),
    ] {
        let (told, body) = server.http(what, &[], body).await;
        let body: Value = serde_json::from_str(&body).unwrap_or_default();
        assert_eq!(
            (told, body["error"]["code"].as_str()),
            (status, Some(code)),
            "{what}: {body}"
        );
        assert!(body["error"]["message"].is_string(), "{body}");
    }
    // A body of a length that nobody would wait for.
    let request = "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n\
        content-length: 1073741824\r\n\r\n{";
    assert!(server.raw(request).await.starts_with("HTTP/1.1 413"));
    assert_eq!(server.http("GET /health", &[], "").await.0, 200);
}
