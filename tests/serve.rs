//! `hearsay serve` as its user starts it, with real clients: our own, plain ones, and whatever
//! speaks HTTP.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a helper may fail a test, or say that it is skipped"
)]

#[path = "serve/attack.rs"]
mod attack;
#[path = "serve/cluster.rs"]
#[expect(unreachable_pub, reason = "it is shared by the parts of this test")]
mod cluster;
#[cfg(target_os = "linux")]
#[path = "serve/floods.rs"]
mod floods;
#[path = "serve/house.rs"]
#[expect(unreachable_pub, reason = "it is shared by the parts of this test")]
mod house;
#[path = "serve/logs.rs"]
mod logs;
#[path = "serve/malformed.rs"]
mod malformed;
#[path = "serve/others.rs"]
mod others;
#[path = "serve/shared.rs"]
mod shared;
mod support;
#[cfg(target_os = "linux")]
#[path = "serve/systemd.rs"]
mod systemd;
#[path = "serve/together.rs"]
mod together;

use house::{Server, hearsay};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use support::model_server::{ModelServer, Reply};

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.toml"), "").unwrap();
    folder
}

fn kinds(frames: &[Value]) -> Vec<&str> {
    frames
        .iter()
        .filter_map(|frame| frame["type"].as_str())
        .collect()
}

#[tokio::test]
async fn our_own_client_asks_and_is_answered() {
    let folder = folder();
    let server = Server::start(folder.path(), &[], &[]);
    let asked = hearsay(folder.path())
        .args(["ask", "--backend", &server.url, "what is 17 * 3?"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&asked.stdout);
    assert!(asked.status.success() && told.contains("51"), "{asked:?}");
}

#[tokio::test]
async fn a_plain_client_hears_what_it_knows_and_nothing_ends_the_line() {
    let folder = folder();
    let server = Server::start(folder.path(), &[], &[]);
    let mut client = server.connect().await;
    let greeting = client.next().await.unwrap();
    assert_eq!(greeting["type"], "connection_established");
    let id = greeting["client_id"].clone();
    for (kind, answer) in [
        ("heartbeat", "heartbeat_response"),
        ("ping", "pong"),
        ("get_status", "status_response"),
    ] {
        client.say(json!({"type": kind})).await;
        let heard = client.hear(answer).await;
        assert_eq!(heard["client_id"], id, "{heard}");
        assert!(heard["timestamp"].is_f64(), "{heard}");
    }
    for bad in [
        "",
        "not JSON",
        "[]",
        "null",
        "{}",
        r#"{"type":"other"}"#,
        r#"{"type":"text_message"}"#,
    ] {
        client.send(bad).await;
        let heard = client.hear("error").await;
        assert_eq!(heard["error"]["code"], "invalid_message", "{bad}: {heard}");
    }
    client
        .say(json!({"type": "text_message", "content": "what is 2 + 3?"}))
        .await;
    let heard = client.until("stream_end").await;
    assert_eq!(
        kinds(&heard),
        [
            "processing_start",
            "stream_start",
            "stream_chunk",
            "stream_end"
        ]
    );
    client
        .say(json!({"type": "text_message", "content": "what is 2 + 3?", "stream": false}))
        .await;
    let heard = client.until("text_response").await;
    assert_eq!(kinds(&heard), ["processing_start", "text_response"]);
    client.say(json!({"type": "interrupt"})).await;
    client.hear("interrupt_confirmed").await;
    client.hear("stop_playback").await;
    client.say(json!({"type": "audio_input"})).await;
    let heard = client.hear("error").await;
    assert!(
        heard["message"]
            .as_str()
            .unwrap()
            .starts_with("Audio processing failed"),
        "{heard}"
    );
    // What somebody else is called is no name for this one.
    client
        .say(json!({"type": "heartbeat", "client_id": "other"}))
        .await;
    assert_eq!(
        client.hear("error").await["error"]["code"],
        "client_id_mismatch"
    );
}

#[tokio::test]
async fn what_is_asked_beside_the_socket_is_spoken_through_it() {
    let folder = folder();
    let server = Server::start(folder.path(), &[], &[]);
    let mut client = server.connect().await;
    let id = client.hear("connection_established").await["client_id"].clone();
    let question = json!({
        "messages": [{"role": "user", "content": "what is 2 + 3?"}],
        "stream": true, "enable_voice": true, "client_id": id,
        "conversation_id": "c1", "message_id": "m1",
    });
    let (status, told) = server
        .json("POST /v1/chat/completions", &[], &question)
        .await;
    let told = told.as_str().unwrap().to_owned();
    assert_eq!(status, 200);
    let places: Vec<_> = [
        r#""type":"stream_start""#,
        "2 + 3 = 5",
        r#""finish_reason":"stop""#,
        r#""type":"stream_end""#,
    ]
    .iter()
    .map(|what| told.find(what))
    .collect();
    assert!(
        places.is_sorted() && places.iter().all(Option::is_some),
        "{told}"
    );
    assert!(!told.contains("[DONE]"), "{told}");
    let heard = client.until("synthesis_complete").await;
    assert!(kinds(&heard).contains(&"audio_stream"), "{heard:?}");
    for frame in &heard {
        assert_eq!(
            (&frame["message_id"], &frame["session_id"]),
            (&json!("m1"), &json!("c1"))
        );
        assert_eq!(frame["client_id"], id);
    }
    let wav = heard
        .iter()
        .find(|frame| frame["type"] == "audio_stream")
        .unwrap();
    assert_eq!(wav["codec"], "audio/wav");
    assert!(wav["audio"].as_str().unwrap().starts_with("UklGR"));
}

#[tokio::test]
async fn an_interrupt_at_the_socket_stops_what_was_asked_beside_it() {
    let models = json!({"data": [{"id": "slow"}]});
    let words = support::model_server::sse(&[support::model_server::text("tea is")]);
    let brain = ModelServer::start([Reply::stream(words).then_hang()])
        .await
        .with("/v1/models", Reply::json(200, &models));
    let folder = folder();
    let server = Server::start(folder.path(), &[], &[("HEARSAY_BRAIN", &brain.base())]);
    let mut client = server.connect().await;
    let id = client.hear("connection_established").await["client_id"].clone();
    let question = json!({
        "messages": [{"role": "user", "content": "what is tea?"}],
        "stream": true, "client_id": id, "conversation_id": "c1", "message_id": "m1",
    });
    let mut answer = server
        .open("POST /v1/chat/completions", &question.to_string())
        .await;
    let begun = house::read_to(&mut answer, "tea is").await;
    assert!(begun.contains("stream_start"), "{begun}");
    client
        .say(json!({"type": "interrupt", "message_id": "m1"}))
        .await;
    let stopped = client.hear("interrupt_confirmed").await;
    assert_eq!(stopped["message_id"], "m1");
    let rest = house::read_to(&mut answer, "\r\n0\r\n\r\n").await;
    assert!(rest.contains(r#""interrupted":true"#), "{rest}");
    // What was sent of it is remembered, and that it was cut.
    let memory = server
        .json("GET /v1/conversations/c1/memory", &[], &Value::Null)
        .await
        .1;
    let last = &memory["data"][1];
    assert_eq!(
        (&last["content"], &last["cut"]),
        (&json!("tea is"), &json!(true)),
        "{memory}"
    );
}

#[tokio::test]
async fn what_is_encrypted_is_for_who_trusts_the_certificate() {
    let folder = folder();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let write = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let certificate = write("certificate.pem", made.cert.pem());
    let key = write("key.pem", made.signing_key.serialize_pem());
    let settings = [
        ("HEARSAY_SERVE_CERTIFICATE", certificate.as_str()),
        ("HEARSAY_SERVE_CERTIFICATE_KEY", key.as_str()),
    ];
    let server = Server::start(folder.path(), &[], &settings);
    let url = server.url.replace("127.0.0.1", "localhost");
    assert!(url.starts_with("wss://"), "{url}");
    let ask = |trusted: &str| {
        let asked = hearsay(folder.path())
            .args(["ask", "--backend", &url, "what is 17 * 3?"])
            .env("HEARSAY_LINK_CA_FILE", trusted)
            .output()
            .unwrap();
        (
            asked.status.code(),
            String::from_utf8_lossy(&asked.stdout).into_owned(),
        )
    };
    let (code, told) = ask(&certificate);
    assert!(code == Some(0) && told.contains("51"), "{code:?} {told}");
    assert_eq!(ask("").0, Some(3));
    // Half of it encrypts nothing, and is not passed over.
    let ran = hearsay(folder.path())
        .arg("serve")
        .envs([settings[0]])
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(2), "{ran:?}");
}

#[tokio::test]
async fn a_token_lets_in_and_keeps_conversations_apart() {
    let folder = folder();
    let (ann, bob) = ("canary-of-ann-0123", "canary-of-bob-0123");
    std::fs::write(
        folder.path().join("tokens"),
        format!("ann {ann}\nbob {bob}\n"),
    )
    .unwrap();
    let file = folder.path().join("tokens");
    let server = Server::start(
        folder.path(),
        &[
            "--token-file",
            file.to_str().unwrap(),
            "--log-level",
            "trace",
        ],
        &[],
    );
    let bearer = |token: &str| format!("authorization: Bearer {token}");
    let (ann_says, bob_says) = (bearer(ann), bearer(bob));
    let memory = "GET /v1/conversations/c1/memory";
    for headers in [
        vec![],
        vec!["authorization: Bearer wrong-wrong-wrong"],
        vec!["authorization: Basic x"],
    ] {
        for what in [memory, "GET /ws/status", "GET /metrics", "GET /nothing"] {
            let (status, told) = server.json(what, &headers, &Value::Null).await;
            assert_eq!(status, 401, "{what} {headers:?} {told}");
        }
        assert_eq!(server.http("GET /health", &headers, "").await.0, 200);
    }
    assert_eq!(server.connect_with(&[]).await.err(), Some(401));
    let ask = json!({"messages": [{"role": "user", "content": "what is 2 + 3?"}], "conversation_id": "c1"});
    let (status, told) = server
        .json("POST /v1/chat/completions", &[&ann_says], &ask)
        .await;
    assert_eq!(
        (status, &told["choices"][0]["message"]["content"]),
        (200, &json!("2 + 3 = 5")),
        "{told}"
    );
    let of = |headers: &str| headers.to_owned();
    let total =
        async |says: String| server.json(memory, &[&says], &Value::Null).await.1["total"].clone();
    assert_eq!(total(of(&ann_says)).await, 2);
    assert_eq!(total(of(&bob_says)).await, 0);
    let mut client = server
        .connect_with(&[("authorization", &format!("Bearer {bob}"))])
        .await
        .unwrap();
    client.hear("connection_established").await;
    let log = std::fs::read_to_string(folder.path().join("data/serve.log")).unwrap();
    assert!(log.contains("POST /v1/chat/completions 200"), "{log}");
    assert!(!log.contains("canary"), "{log}");
}

#[tokio::test]
async fn elsewhere_than_on_this_machine_a_token_is_made_and_wanted() {
    let folder = folder();
    let server = Server::start(folder.path(), &["--listen", "0.0.0.0:0"], &[]);
    let file = folder.path().join("data/serve.token");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let token = std::fs::read_to_string(&file).unwrap();
    assert_eq!(server.http("GET /v1/models", &[], "").await.0, 401);
    let says = format!("authorization: Bearer {}", token.trim());
    assert_eq!(server.http("GET /v1/models", &[&says], "").await.0, 200);
}

#[tokio::test]
async fn nothing_that_was_told_is_lost_when_it_is_killed() {
    let folder = folder();
    let mut told: Vec<String> = vec![];
    for life in 0..5 {
        let mut server = Server::start(folder.path(), &[], &[]);
        let mut client = server.connect().await;
        client.hear("connection_established").await;
        let before = server
            .json("GET /v1/conversations/c/memory", &[], &Value::Null)
            .await
            .1;
        let said = before["data"].as_array().unwrap().iter();
        let said = said.filter(|one| one["role"] == "assistant" && one["cut"] != true);
        let known: Vec<&str> = said
            .map(|one| one["message_id"].as_str().unwrap())
            .collect();
        // An answer that was not told may be known, or not.
        let lost = told.iter().filter(|one| !known.contains(&one.as_str()));
        assert_eq!(
            lost.collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "{life}: {known:?}"
        );
        // It dies while four are being answered.
        for number in 0..8 + life {
            for part in 0..4 {
                client
                    .say(json!({
                        "type": "text_message", "content": format!("what is {number} + {part}?"),
                        "conversation_id": "c", "message_id": format!("00000000-0000-0000-{life:04x}-{number:06x}{part:06x}"),
                    }))
                    .await;
            }
            for _ in 0..if number == 7 + life { 1 } else { 4 } {
                let end = client.hear("stream_end").await;
                told.push(end["message_id"].as_str().unwrap().to_owned());
            }
        }
        server.kill();
    }
}

#[tokio::test]
async fn a_hundred_turns_are_under_way_when_it_is_killed_and_what_was_told_is_stored() {
    const CLIENTS: usize = 13;
    let folder = folder();
    let mut server = Server::start(folder.path(), &[], &[]);
    let name =
        |client: usize, turn: usize| format!("00000000-0000-4000-8000-{client:06x}{turn:06x}");
    let mut clients = vec![];
    for _client in 0..CLIENTS {
        let mut client = server.connect().await;
        client.hear("connection_established").await;
        clients.push(client);
    }
    // Each has eight answers under way at the same time: more than a hundred.
    for (nth, client) in clients.iter_mut().enumerate() {
        for turn in 0..8 {
            client
                .say(json!({
                    "type": "text_message", "content": format!("what is {nth} + {turn}?"),
                    "conversation_id": format!("c{nth}"), "message_id": name(nth, turn),
                }))
                .await;
        }
    }
    let first = clients[0].hear("stream_end").await;
    assert_eq!(first.get("stored"), None, "{first}");
    server.kill();
    let mut told = vec![first["message_id"].as_str().unwrap().to_owned()];
    for client in &mut clients {
        while let Ok(frame) = client.next().await {
            if frame["type"] == "stream_end" {
                told.push(frame["message_id"].as_str().unwrap().to_owned());
            }
        }
    }
    let server = Server::start(folder.path(), &[], &[]);
    let mut stored = vec![];
    for nth in 0..CLIENTS {
        let memory = format!("GET /v1/conversations/c{nth}/memory");
        let known = server.json(&memory, &[], &Value::Null).await.1;
        let answers = known["data"].as_array().unwrap().iter();
        let answers = answers.filter(|one| one["role"] == "assistant" && one["cut"] != true);
        stored.extend(answers.map(|one| one["message_id"].as_str().unwrap().to_owned()));
    }
    let lost: Vec<_> = told.iter().filter(|one| !stored.contains(one)).collect();
    assert_eq!(
        lost,
        Vec::<&String>::new(),
        "{} told, {} stored",
        told.len(),
        stored.len()
    );
    // None of them is there twice.
    stored.sort_unstable();
    let count = stored.len();
    stored.dedup();
    assert_eq!(stored.len(), count);
}

#[tokio::test]
async fn told_to_end_it_finishes_what_is_under_way_and_says_that_it_comes_back() {
    let folder = folder();
    let mut server = Server::start(folder.path(), &[], &[]);
    let (mut busy, mut idle) = (server.connect().await, server.connect().await);
    for client in [&mut busy, &mut idle] {
        client.hear("connection_established").await;
    }
    busy.say(json!({"type": "text_message", "content": "what is 2 + 3?", "enable_voice": true}))
        .await;
    busy.hear("processing_start").await;
    server.terminate();
    assert_eq!(idle.closed().await, Some(1012));
    busy.hear("stream_end").await;
    busy.hear("synthesis_complete").await;
    assert_eq!(busy.closed().await, Some(1012));
    assert!(server.end().success());
}

#[tokio::test]
async fn every_way_of_telling_it_to_end_is_understood() {
    use rustix::process::Signal;
    for signal in [Signal::INT, Signal::HUP, Signal::QUIT] {
        let folder = folder();
        let mut server = Server::start(folder.path(), &[], &[]);
        let mut client = server.connect().await;
        client.hear("connection_established").await;
        server.signal(signal);
        assert_eq!(client.closed().await, Some(1012), "{signal:?}");
        assert!(server.end().success());
    }
}

#[test]
fn what_makes_no_sense_is_told_with_a_hint() {
    let folder = folder();
    std::fs::write(folder.path().join("short"), "abc\n").unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (arguments, code, what, hint) in [
        (
            vec!["--listen", "nowhere at all"],
            2,
            "no address to listen at",
            "a port alone",
        ),
        (
            vec!["--listen", &taken],
            1,
            "nobody can listen at",
            "--listen",
        ),
        (
            vec!["--token-file", "short"],
            2,
            "line 1: a token shorter than 16",
            "one token in a line",
        ),
    ] {
        let ran = hearsay(folder.path())
            .current_dir(folder.path())
            .arg("serve")
            .args(&arguments)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(code), "{arguments:?}: {told}");
        assert!(
            told.contains(what) && told.contains("hint: ") && told.contains(hint),
            "{told}"
        );
    }
}
