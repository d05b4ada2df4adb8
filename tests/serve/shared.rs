//! Several servers on one PostgreSQL: a client may go from one to another, servers may be killed,
//! and the database may go away and come back.

use crate::cluster::Cluster;
use crate::folder;
use crate::house::{Client, Server, hearsay};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A busy machine is no database that is away.
const PATIENT: (&str, &str) = ("DATABASE_POOL_TIMEOUT", "60");

const MEMORY: &str = "GET /v1/conversations/c/memory";

/// A server that keeps what is said in that database.
fn server(folder: &std::path::Path, url: &str) -> Server {
    let settings = [
        ("DATABASE_URL", url),
        ("DATABASE_POOL_SIZE", "4"),
        PATIENT,
        ("HEARSAY_LOG_LEVEL", "trace"),
        ("HEARSAY_SERVE_RATE", "0"),
    ];
    Server::start(folder, &[], &settings)
}

async fn greeted(server: &Server) -> Client {
    let mut client = server.connect().await;
    client.hear("connection_established").await;
    client
}

/// Asks, and hears the end of the answer.
async fn ask(client: &mut Client, message: &str, content: &str) -> Value {
    client
        .say(json!({
            "type": "text_message", "content": content,
            "conversation_id": "c", "message_id": message,
        }))
        .await;
    client.hear("stream_end").await
}

/// What a server remembers: who said what.
async fn remembered(server: &Server) -> Vec<(String, String)> {
    let (status, told) = server.json(MEMORY, &[], &Value::Null).await;
    assert_eq!(status, 200, "{told}");
    let word = |one: &Value, what: &str| one[what].as_str().unwrap().to_owned();
    let said = told["data"].as_array().unwrap().iter();
    said.map(|one| (word(one, "message_id"), word(one, "content")))
        .collect()
}

async fn tool(server: &Server, name: &str, params: Value) -> String {
    let wanted = json!({"tool_name": name, "params": params});
    let (status, told) = server.json("POST /v1/tools/call", &[], &wanted).await;
    assert_eq!((status, &told["success"]), (200, &json!(true)), "{told}");
    told["result"].as_str().unwrap().to_owned()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(one, other): &(&str, &str)| ((*one).to_owned(), (*other).to_owned());
    expected.iter().map(owned).collect()
}

#[tokio::test]
async fn a_client_goes_from_one_server_to_another_in_mid_conversation() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let (here, there) = (folder(), folder());
    let url = cluster.url("postgres");
    // Both find no tables, and one of them makes them.
    let (one, other) = (server(here.path(), &url), server(there.path(), &url));
    let (mut at_one, mut at_other) = (greeted(&one).await, greeted(&other).await);
    let first = ask(&mut at_one, "m1", "what is 2 + 3?").await;
    assert_eq!(first["full_content"], "2 + 3 = 5");
    assert_eq!(first.get("stored"), None);
    let said = pairs(&[("m1", "what is 2 + 3?"), ("m1", "2 + 3 = 5")]);
    assert_eq!(remembered(&other).await, said);
    // Asked again elsewhere, as after a lost line: the same answer, and no other one.
    let again = ask(&mut at_other, "m1", "what is 2 + 3?").await;
    assert_eq!(again["full_content"], "2 + 3 = 5");
    ask(&mut at_other, "m2", "what is 4 + 4?").await;
    // The first server has heard nothing of that, and knows it.
    ask(&mut at_one, "m3", "what is 1 + 1?").await;
    let all = pairs(&[
        ("m1", "what is 2 + 3?"),
        ("m1", "2 + 3 = 5"),
        ("m2", "what is 4 + 4?"),
        ("m2", "4 + 4 = 8"),
        ("m3", "what is 1 + 1?"),
        ("m3", "1 + 1 = 2"),
    ]);
    assert_eq!(remembered(&one).await, all);
    assert_eq!(remembered(&other).await, all);
    let count = "SELECT count(*) FROM hearsay_messages";
    assert_eq!(cluster.ask(count), ["6"]);
    // No more is remembered of an answer than was heard, wherever it is asked for.
    at_one
        .say(json!({"type": "interrupt", "message_id": "m3", "session_id": "c", "heard": "1 + 1"}))
        .await;
    at_one.hear("interrupt_confirmed").await;
    for server in [&one, &other] {
        assert_eq!(remembered(server).await.last().unwrap().1, "1 + 1");
    }

    // What is on the desk, and what was said, is found from either.
    tool(&one, "notes", json!({"text": "milk and 茶"})).await;
    assert!(
        tool(&other, "notes", json!({}))
            .await
            .contains("milk and 茶")
    );
    tool(&other, "todos", json!({"text": "call mum"})).await;
    assert!(tool(&one, "todos", json!({})).await.contains("call mum"));
    tool(&one, "timers", json!({"in": "2 hours", "label": "cake"})).await;
    assert!(tool(&other, "timers", json!({})).await.contains("cake"));
    tool(
        &other,
        "timers",
        json!({"action": "cancel", "label": "cake"}),
    )
    .await;
    assert!(!tool(&one, "timers", json!({})).await.contains("cake"));
    let found = tool(&other, "search_history", json!({"words": "what 4"})).await;
    assert!(found.contains("4 + 4"), "{found}");
    tool(&other, "notes", json!({"action": "remove", "text": "milk"})).await;
    assert!(!tool(&one, "notes", json!({})).await.contains("milk"));

    // Forgotten here is forgotten there.
    let forgotten = one.json("DELETE /v1/conversations/c/memory", &[], &Value::Null);
    assert_eq!(forgotten.await.0, 200);
    assert!(remembered(&other).await.is_empty());
    for folder in [&here, &there] {
        let log = std::fs::read_to_string(folder.path().join("data/serve.log")).unwrap();
        assert!(log.contains("kept in the database"), "{log}");
        assert!(!log.contains("canary"), "{log}");
        assert!(!folder.path().join("data/serve").exists());
    }
}

#[tokio::test]
async fn owners_of_tokens_have_nothing_in_common() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let folder = folder();
    let file = folder.path().join("tokens");
    std::fs::write(&file, "ann token-of-ann-0123\nbob token-of-bob-0123\n").unwrap();
    let url = cluster.url("postgres");
    let settings = [("DATABASE_URL", url.as_str()), PATIENT];
    let tokens = ["--token-file", file.to_str().unwrap()];
    let server = Server::start(folder.path(), &tokens, &settings);
    let says = |name: &str| format!("authorization: Bearer token-of-{name}-0123");
    let question = json!({
        "messages": [{"role": "user", "content": "what is 2 + 3?"}],
        "conversation_id": "c", "message_id": "m",
    });
    let chat = "POST /v1/chat/completions";
    let (status, told) = server.json(chat, &[&says("ann")], &question).await;
    assert_eq!(status, 200, "{told}");
    let note = json!({"tool_name": "notes", "params": {"text": "milk"}});
    let (status, told) = server
        .json("POST /v1/tools/call", &[&says("ann")], &note)
        .await;
    assert_eq!(status, 200, "{told}");
    for (name, count) in [("ann", 2), ("bob", 0)] {
        let (_, told) = server.json(MEMORY, &[&says(name)], &Value::Null).await;
        assert_eq!(told["total"], count, "{told}");
        let list = json!({"tool_name": "notes"});
        let (_, told) = server
            .json("POST /v1/tools/call", &[&says(name)], &list)
            .await;
        assert_eq!(told.to_string().contains("milk"), count > 0, "{told}");
    }
}

#[tokio::test]
async fn nothing_told_is_lost_and_nothing_is_there_twice_when_servers_are_killed() {
    /// Questions under way at the same time.
    const WIDTH: usize = 4;
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let folders = [folder(), folder()];
    let url = cluster.url("postgres");
    let mut servers = [
        server(folders[0].path(), &url),
        server(folders[1].path(), &url),
    ];
    let mut told: BTreeSet<String> = BTreeSet::new();
    // What was asked of a server that died, and not told by it.
    let mut open: Vec<String> = vec![];
    let mut asked = 0;
    for life in 0..6 {
        let at = life % 2;
        let mut client = greeted(&servers[at]).await;
        for round in 0..4 {
            // The same words under the same names, where somebody else did not tell the end.
            let mut batch: Vec<String> = std::mem::take(&mut open);
            while batch.len() < WIDTH {
                batch.push(format!("m{asked}"));
                asked += 1;
            }
            for name in &batch {
                client
                    .say(json!({
                        "type": "text_message", "content": "what is 17 * 3?",
                        "conversation_id": "c", "message_id": name,
                    }))
                    .await;
            }
            // In its last round it dies when one of them is told.
            let last = round == 3;
            for _ in 0..if last { 1 } else { WIDTH } {
                let end = client.hear("stream_end").await;
                assert_eq!(end["full_content"], "17 × 3 = 51");
                assert_eq!(end.get("stored"), None, "{end}");
                let name = end["message_id"].as_str().unwrap().to_owned();
                batch.retain(|open| *open != name);
                assert!(told.insert(name), "{end}");
            }
            open = batch;
        }
        servers[at].kill();
        servers[at] = server(folders[at].path(), &url);
    }
    let mut client = greeted(&servers[0]).await;
    for name in &open {
        let end = ask(&mut client, name, "what is 17 * 3?").await;
        assert!(told.insert(end["message_id"].as_str().unwrap().to_owned()));
    }
    let rows = cluster.ask(
        "SELECT turn || ' ' || count(*) FILTER (WHERE role = 'user') || ' '
             || count(*) FILTER (WHERE role = 'assistant' AND NOT cut)
         FROM hearsay_messages GROUP BY turn",
    );
    let stored: BTreeSet<String> = rows
        .iter()
        .map(|row| {
            row.strip_suffix(" 1 1")
                .unwrap_or_else(|| panic!("{row}"))
                .to_owned()
        })
        .collect();
    assert_eq!(stored, told);
    assert_eq!(told.len(), asked);
}

#[tokio::test]
async fn a_database_that_goes_away_stops_no_answer_and_is_told_everything_when_it_is_back() {
    let Some(mut cluster) = Cluster::start() else {
        return;
    };
    let folder = folder();
    let server = server(folder.path(), &cluster.url("postgres"));
    let mut client = greeted(&server).await;
    // Not even what no database takes is in its way.
    let end = ask(&mut client, "m0", "nothing\0 at all").await;
    assert_eq!(end.get("stored"), None);
    cluster.stop();
    for name in ["m1", "m2", "m3"] {
        let end = ask(&mut client, name, "what is 2 + 3?").await;
        assert_eq!(end["full_content"], "2 + 3 = 5");
        assert_eq!(end["stored"], false, "{end}");
    }
    // It goes on with what it knows itself.
    assert_eq!(remembered(&server).await.len(), 8);
    let (_, metrics) = server.http("GET /health", &[], "").await;
    assert!(metrics.contains("ok"), "{metrics}");
    cluster.resume();
    let mut more = 0;
    loop {
        more += 1;
        let end = ask(&mut client, &format!("n{more}"), "what is 2 + 3?").await;
        if end.get("stored").is_none() {
            break;
        }
    }
    let count = "SELECT count(*) FROM hearsay_messages WHERE NOT cut";
    assert_eq!(cluster.ask(count), [(2 * (4 + more)).to_string()]);
    // Only read, it is as good as away.
    cluster.ask("ALTER SYSTEM SET default_transaction_read_only = on");
    cluster.stop();
    cluster.resume();
    let end = ask(&mut client, "o1", "what is 2 + 3?").await;
    assert_eq!(end["stored"], false, "{end}");
    let log = std::fs::read_to_string(folder.path().join("data/serve.log")).unwrap();
    for told in [
        "cannot be reached",
        "the database is back",
        "can only be read",
    ] {
        assert!(log.contains(told), "{told}: {log}");
    }
    assert!(!log.contains("canary"), "{log}");
}

#[tokio::test]
async fn what_is_wrong_with_the_database_is_told_at_the_start_with_a_hint() {
    let Some(mut cluster) = Cluster::start() else {
        return;
    };
    let folder = folder();
    let good = cluster.url("postgres");
    let tell = |url: &str, code: i32, what: &str, hint: &str| {
        let mut command = hearsay(folder.path());
        command.arg("serve").env("HEARSAY_SERVE_LISTEN", "0");
        let ran = command.env("DATABASE_URL", url).output().unwrap();
        let told = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!(ran.status.code(), Some(code), "{url}: {told}");
        assert!(told.contains(what), "{url}: {told}");
        assert!(
            told.contains("hint: ") && told.contains(hint),
            "{url}: {told}"
        );
        assert!(!told.contains("canary"), "{told}");
    };
    tell(
        "mysql://ann:canary@h/x",
        2,
        "must be a path or",
        "unset `DATABASE_URL`",
    );
    tell("postgres://h/x", 2, "no user is in it", "postgres://USER");
    tell(
        &good.replace("canary", "canary-wrong"),
        2,
        "refused the user or the password",
        "correct user",
    );
    tell(&cluster.url("nothing"), 2, "no such database", "createdb");
    tell(
        &format!("{good}?sslmode=require"),
        2,
        "encryption",
        "link.ca_file",
    );
    cluster.ask("CREATE ROLE guest LOGIN PASSWORD 'canary'");
    cluster.ask("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    let address = good.split_once('@').unwrap().1.to_owned();
    let guest = format!("postgres://guest:canary@{address}");
    tell(&guest, 2, "does not allow this", "own the database");
    cluster.ask("CREATE TABLE hearsay_format (format bigint)");
    cluster.ask("INSERT INTO hearsay_format VALUES (99)");
    tell(&good, 2, "newer version (format 99", "another database");
    cluster.ask("SET password_encryption = 'md5'; CREATE ROLE old LOGIN PASSWORD 'canary'");
    cluster.add_before("pg_hba.conf", "host all old 127.0.0.1/32 md5\n");
    cluster.stop();
    tell(&good, 1, "cannot be reached", "start it");
    cluster.resume();
    let old = format!("postgres://old:canary@{address}");
    tell(&old, 2, "asks for the password as MD5", "`scram-sha-256`");
}

#[tokio::test]
async fn the_way_to_the_database_is_encrypted_for_who_trusts_its_certificate() {
    let Some(mut cluster) = Cluster::start() else {
        return;
    };
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    cluster.add("server.crt", &made.cert.pem());
    cluster.add("server.key", &made.signing_key.serialize_pem());
    cluster.add("postgresql.conf", "ssl = on\n");
    cluster.stop();
    cluster.resume();
    let folder = folder();
    let trusted = folder.path().join("trusted.pem");
    std::fs::write(&trusted, made.cert.pem()).unwrap();
    let url = cluster.url("postgres").replace("127.0.0.1", "localhost");
    let url = format!("{url}?sslmode=verify-full");
    let settings = [
        ("DATABASE_URL", url.as_str()),
        ("HEARSAY_LINK_CA_FILE", trusted.to_str().unwrap()),
        PATIENT,
    ];
    let server = Server::start(folder.path(), &[], &settings);
    let mut client = greeted(&server).await;
    assert_eq!(
        ask(&mut client, "m", "what is 2 + 3?").await.get("stored"),
        None
    );
    let encrypted = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
        WHERE ssl AND application_name = 'hearsay'";
    assert_ne!(cluster.ask(encrypted), ["0"]);
    let ran = hearsay(folder.path())
        .arg("serve")
        .envs([settings[0]])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&ran.stderr);
    assert!(
        ran.status.code() == Some(2) && told.contains("link.ca_file"),
        "{told}"
    );
}
