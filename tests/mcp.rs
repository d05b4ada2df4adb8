//! Servers of tools as they really are: programs of their own that hang, die, flood and talk
//! nonsense, and one behind an address.
#![expect(clippy::unwrap_used, reason = "what the tests share may fail a test")]

mod support;

use hearsay::mind::Secret;
use hearsay::mind::mcp::{Limits, Line, McpError, Place, Servers, Shown, Spec, State};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use support::tool_server;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

#[test]
fn a_tool_server_when_asked_to_be_one() {
    tool_server::serve();
}

/// Everything that takes its time is over quickly here, but for what is to be waited for.
fn limits() -> Limits {
    Limits {
        pause: Duration::from_millis(10),
        ..Limits::default()
    }
}

fn servers(line: Line, limits: Limits) -> Servers {
    let servers = Servers::new([Spec {
        name: "s".to_owned(),
        place: Place::Program(line),
        limits,
    }]);
    servers.start();
    servers
}

/// Waits until what is known of the only server is as wanted.
async fn until(servers: &Servers, mut wanted: impl FnMut(&Arc<Shown>) -> bool) -> Arc<Shown> {
    let mut news = servers.watch();
    loop {
        let (_, shown) = servers.list().remove(0);
        if wanted(&shown) {
            return shown;
        }
        news.changed().await.unwrap();
    }
}

async fn ready(servers: &Servers) -> Arc<Shown> {
    until(servers, |shown| shown.state == State::Ready).await
}

/// Waits until it failed, whatever becomes of it then; says why.
async fn failed(servers: &Servers) -> McpError {
    let failed =
        |shown: &Arc<Shown>| matches!(shown.state, State::Waiting { .. } | State::Off { .. });
    match &until(servers, failed).await.state {
        State::Waiting { why, .. } | State::Off { why } => why.clone(),
        other => panic!("{other:?}"),
    }
}

async fn call(servers: &Servers, tool: &str, text: &str) -> Result<String, McpError> {
    let offers = ready(servers).await.offers.clone();
    let offer = offers.iter().find(|offer| offer.tool == tool).unwrap();
    servers
        .call(offer, &json!({ "text": text }).to_string())
        .await
}

#[tokio::test]
async fn tools_are_listed_under_the_name_of_their_server_and_used() {
    let servers = servers(tool_server::line("good"), limits());
    let shown = ready(&servers).await;
    let names: Vec<_> = shown
        .offers
        .iter()
        .map(|offer| offer.spec.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "s__echo",
            "s__hang",
            "s__huge",
            "s__die",
            "s__fail",
            "s__surroundings"
        ]
    );
    assert_eq!(call(&servers, "echo", "你好").await.unwrap(), "你好");
    let why = "it could not be done".to_owned();
    assert_eq!(
        call(&servers, "fail", "").await,
        Err(McpError::Refused { why })
    );
    // Several at once, each with its own answer.
    let (one, two) = tokio::join!(call(&servers, "echo", "1"), call(&servers, "echo", "2"));
    assert_eq!(
        (one.unwrap(), two.unwrap()),
        ("1".to_owned(), "2".to_owned())
    );
}

#[tokio::test]
async fn a_server_is_told_of_no_variable_it_does_not_need() {
    let line = Line {
        passed: vec!["CARGO_MANIFEST_DIR".to_owned()],
        ..tool_server::line("good")
    };
    let servers = servers(line, limits());
    let told = call(&servers, "surroundings", "").await.unwrap();
    let told: Vec<_> = told.split(' ').collect();
    assert!(
        told.contains(&"PATH") && told.contains(&"CARGO_MANIFEST_DIR"),
        "{told:?}"
    );
    let others = told
        .iter()
        .filter(|name| name.starts_with("CARGO_"))
        .count();
    assert_eq!(others, 1, "{told:?}");
}

#[tokio::test]
async fn a_tool_that_hangs_is_called_off_and_the_server_goes_on() {
    let limits = Limits {
        call: Duration::from_millis(300),
        ..limits()
    };
    let servers = servers(tool_server::line("good"), limits);
    let hung = call(&servers, "hang", "").await.unwrap_err();
    assert!(matches!(hung, McpError::Silent { .. }), "{hung}");
    assert!(
        hung.to_string().ends_with("the use was called off"),
        "{hung}"
    );
    assert!(call(&servers, "echo", "still here").await.is_ok());
}

#[tokio::test]
async fn a_server_that_dies_is_started_again_and_says_why() {
    let servers = servers(tool_server::line("good"), limits());
    ready(&servers).await;
    let (died, why) = tokio::join!(call(&servers, "die", ""), failed(&servers));
    assert!(matches!(died, Err(McpError::Died { .. })), "{died:?}");
    assert_eq!(
        why.to_string(),
        "the tool server `s` has ended: asked to die"
    );
    assert_eq!(call(&servers, "echo", "again").await.unwrap(), "again");
}

#[tokio::test]
async fn a_server_that_never_starts_is_given_up_until_somebody_asks() {
    let servers = servers(tool_server::line("dead"), limits());
    let off = until(&servers, |shown| matches!(shown.state, State::Off { .. })).await;
    let State::Off { why } = &off.state else {
        panic!("{off:?}")
    };
    assert_eq!(
        why.to_string(),
        "the tool server `s` has ended: no token given"
    );
    servers.again();
    until(&servers, |shown| shown.state == State::Starting).await;
    let nobody = Line {
        program: "/no/such/program".to_owned(),
        ..Line::default()
    };
    let servers = self::servers(nobody, limits());
    let why = failed(&servers).await;
    assert!(matches!(why, McpError::NoStart { .. }), "{why}");
    assert!(why.to_string().contains("/no/such/program"), "{why}");
}

#[tokio::test]
async fn a_server_that_does_not_greet_is_not_waited_for_for_ever() {
    let limits = Limits {
        start: Duration::from_millis(300),
        ..limits()
    };
    let servers = servers(tool_server::line("mute"), limits);
    let why = failed(&servers).await;
    assert!(matches!(why, McpError::Silent { .. }), "{why}");
}

#[tokio::test]
async fn a_server_that_floods_is_hung_up_on_with_a_reason() {
    for (mode, expected) in [
        ("flood", "more than 2000 messages in 10 s"),
        ("garbage", "more than 64 MiB in 10 s"),
        ("line", "a message of more than 4 MiB"),
    ] {
        let servers = servers(tool_server::line(mode), limits());
        let why = failed(&servers).await;
        let server = "s".to_owned();
        assert_eq!(
            why,
            McpError::Floods {
                server,
                why: expected
            },
            "{mode}"
        );
    }
}

#[tokio::test]
async fn thousands_of_tools_and_huge_results_are_bounded() {
    let many = servers(tool_server::line("many"), limits());
    let shown = ready(&many).await;
    assert_eq!(shown.offers.len(), 128);
    assert_eq!(
        shown.left_out,
        20 * 500 - 128,
        "twenty pages are read, and no more"
    );
    let servers = servers(tool_server::line("good"), limits());
    let huge = call(&servers, "huge", "500000").await.unwrap();
    assert_eq!(huge.len(), 64 << 10);
    let endless = call(&servers, "huge", "1000000").await.unwrap_err();
    assert!(matches!(endless, McpError::Died { .. }), "{endless}");
    let why = failed(&servers).await;
    assert!(matches!(why, McpError::Floods { .. }), "{why}");
}

/// Is there such a process?
#[cfg(target_os = "linux")]
fn lives(id: &str) -> bool {
    std::fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| {
        let state = stat.rsplit(')').next().unwrap_or_default().trim_start();
        !state.starts_with('Z')
    })
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn dropping_the_servers_ends_their_programs_and_what_those_started() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ids");
    let script = format!(
        "trap '' TERM; sleep 600 & echo $! $$ > {0}.new; mv {0}.new {0}; wait",
        file.display()
    );
    let line = Line {
        program: "/bin/sh".to_owned(),
        arguments: vec!["-c".to_owned(), script],
        ..Line::default()
    };
    let servers = servers(line, limits());
    let ids = loop {
        match std::fs::read_to_string(&file) {
            Ok(ids) => break ids,
            Err(_not_yet) => tokio::task::yield_now().await,
        }
    };
    assert!(ids.split_whitespace().all(lives), "{ids}");
    drop(servers);
    while ids.split_whitespace().any(lives) {
        tokio::task::yield_now().await;
    }
}

/// A server of tools behind an address, which wants a token.
async fn over_http(listener: TcpListener) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        tokio::spawn(async move {
            let mut stream = BufReader::new(stream);
            while let Some((head, message)) = request(&mut stream).await {
                let answer = answered(&head, &message);
                stream.get_mut().write_all(answer.as_bytes()).await.unwrap();
            }
        });
    }
}

async fn request(stream: &mut BufReader<TcpStream>) -> Option<(String, Value)> {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let before = head.len();
        if stream.read_line(&mut head).await.ok()? == 0 {
            return None;
        }
        let line = head.get(before..)?.trim().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some((head, serde_json::from_slice(&body).unwrap_or_default()))
}

fn answered(head: &str, message: &Value) -> String {
    let of = |status: &str, kind: &str, body: &str| {
        let length = body.len();
        format!(
            "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\
             mcp-session-id: one\r\n\r\n{body}"
        )
    };
    if !head
        .to_ascii_lowercase()
        .contains("authorization: bearer s3cret")
    {
        return of("401 Unauthorized", "text/plain", "no");
    }
    if head.starts_with("GET") || head.starts_with("DELETE") {
        return of("405 Method Not Allowed", "text/plain", "");
    }
    let result = match message["method"].as_str().unwrap_or_default() {
        "initialize" => json!({
            "protocolVersion": message["params"]["protocolVersion"],
            "capabilities": { "tools": {} },
            "serverInfo": { "name": "far", "version": "1" },
        }),
        "tools/list" => json!({ "tools": [{ "name": "where", "inputSchema": {} }] }),
        "tools/call" => json!({ "content": [{ "type": "text", "text": "far away" }] }),
        _ => return of("202 Accepted", "text/plain", ""),
    };
    let answer = json!({ "jsonrpc": "2.0", "id": message["id"], "result": result });
    // One kind of answer as one piece, the other as a stream.
    if message["method"] == "tools/call" {
        return of(
            "200 OK",
            "text/event-stream",
            &format!("data: {answer}\n\n"),
        );
    }
    of("200 OK", "application/json", &answer.to_string())
}

#[tokio::test]
async fn a_server_behind_an_address_is_used_with_its_token_and_refused_without() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    let serving = tokio::spawn(over_http(listener));
    let at = |token: Option<&'static str>| {
        let servers = Servers::new([Spec {
            name: "far".to_owned(),
            place: Place::Address {
                url: url.clone(),
                token: Arc::new(move || Ok(token.map(Secret::new))),
            },
            limits: limits(),
        }]);
        servers.start();
        servers
    };
    let servers = at(Some("s3cret"));
    let offers = ready(&servers).await.offers.clone();
    assert_eq!(offers[0].spec.name, "far__where");
    assert_eq!(servers.call(&offers[0], "{}").await.unwrap(), "far away");
    let why = failed(&at(None)).await.to_string();
    assert!(why.contains("401"), "{why}");
    // A server that is gone shows when it is used, and is started again.
    serving.abort();
    let _ = serving.await;
    let gone = servers.call(&offers[0], "{}").await;
    assert!(
        gone.is_ok() || matches!(gone, Err(McpError::Died { .. })),
        "{gone:?}"
    );
}
