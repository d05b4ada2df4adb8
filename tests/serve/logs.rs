//! Logs of a server, read as its owner reads them: in pages, live, and by `hearsay log`.

use crate::folder;
use crate::house::{Client, Server, hearsay};
use serde_json::{Value, json};
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;

fn add(path: &Path, text: &str) {
    let mut options = OpenOptions::new();
    let mut file = options.create(true).append(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn messages(frame: &Value) -> Vec<&str> {
    let logs = frame["logs"].as_array().unwrap().iter();
    logs.map(|entry| entry["message"].as_str().unwrap())
        .collect()
}

/// What is told until so many lines have come.
async fn lines(client: &mut Client, count: usize) -> Vec<String> {
    let mut told = vec![];
    while told.len() < count {
        let frame = client.hear("append").await;
        told.extend(messages(&frame).into_iter().map(ToOwned::to_owned));
    }
    told
}

#[tokio::test]
async fn a_log_is_listed_and_narrowed() {
    let folder = folder();
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    add(
        &data.join("part.log"),
        "2024-01-01 00:00:00 INFO one\n2024-01-01 00:00:01 ERROR two\n  at three\n",
    );
    add(&data.join("part.log.1"), "2023-12-31 00:00:00 INFO zero\n");
    let server = Server::start(folder.path(), &[], &[]);
    let get = async |what: &str| server.json(what, &[], &Value::Null).await;
    let (status, all) = get("GET /plugin/part/logs").await;
    assert_eq!(status, 200);
    assert_eq!(messages(&all), ["zero", "one", "two", "  at three"]);
    assert_eq!(
        (
            &all["plugin_id"],
            &all["log_file"],
            &all["total_lines"],
            &all["returned_lines"]
        ),
        (&json!("part"), &json!("part.log"), &json!(4), &json!(4))
    );
    assert_eq!(
        all["logs"][2],
        json!({"timestamp": "2024-01-01 00:00:01", "level": "ERROR", "file": "", "line": 0, "message": "two"})
    );
    for (query, wanted) in [
        ("lines=1", vec!["  at three"]),
        ("level=error", vec!["two", "  at three"]),
        ("search=^zero", vec![]),
        ("search=(zero|one)$", vec!["zero", "one"]),
        (
            "start_time=2024-01-01&end_time=2024-01-01T00:00:00",
            vec!["one"],
        ),
    ] {
        let (status, told) = get(&format!("GET /plugin/part/logs?{query}")).await;
        assert_eq!((status, messages(&told)), (200, wanted), "{query}");
    }
    let (_, files) = get("GET /plugin/part/logs/files").await;
    assert_eq!(files["files"][1], json!({"name": "part.log.1", "size": 30}));
    for (what, status) in [
        ("GET /plugin/part/logs?lines=0", 400),
        ("GET /plugin/part/logs?search=(", 400),
        ("GET /plugin/other/logs", 404),
        ("GET /plugin/..%2f..%2fetc%2fpasswd/logs", 404),
        ("GET /plugin/../logs", 404),
        ("GET /plugin/part.log/logs", 404),
        ("GET /ws/logs/part", 426),
    ] {
        assert_eq!(get(what).await.0, status, "{what}");
    }
}

#[tokio::test]
async fn a_log_is_followed_by_several_over_its_rotation() {
    let folder = folder();
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    let path = data.join("part.log");
    add(&path, "a\nb\nhalf");
    let server = Server::start(folder.path(), &[], &[]);
    let mut one = server.connect_to("/ws/logs/part", &[]).await.unwrap();
    let first = one.hear("initial").await;
    assert_eq!(messages(&first), ["a", "b"]);
    assert_eq!(
        (&first["log_file"], &first["total_lines"]),
        (&json!("part.log"), &json!(2))
    );
    add(&path, " a line\n");
    assert_eq!(lines(&mut one, 1).await, ["half a line"]);
    let mut other = server.connect_to("/ws/logs/part", &[]).await.unwrap();
    assert_eq!(messages(&other.hear("initial").await).len(), 3);
    // What it says is read and means nothing.
    other.send("hello").await;
    add(&path, "c\n");
    std::fs::rename(&path, data.join("part.log.1")).unwrap();
    add(&path, "d\n");
    for client in [&mut one, &mut other] {
        assert_eq!(lines(client, 2).await, ["c", "d"]);
    }
    drop(one);
    add(&path, "e\n");
    assert_eq!(lines(&mut other, 1).await, ["e"]);
    let mut nothing = server.connect_to("/ws/logs/nothing", &[]).await.unwrap();
    assert_eq!(nothing.closed().await, Some(4004));
    server.terminate();
    assert_eq!(other.closed().await, Some(1012));
}

#[tokio::test]
async fn logs_are_for_who_runs_the_server() {
    let folder = folder();
    let (own, ann) = ("token-of-the-owner", "token-of-somebody");
    let file = folder.path().join("tokens");
    std::fs::write(&file, format!("{own}\nann {ann}\n")).unwrap();
    let server = Server::start(
        folder.path(),
        &["--token-file", file.to_str().unwrap()],
        &[],
    );
    for (token, status, code) in [
        (Some(own), 200, None),
        (Some(ann), 403, Some(1008)),
        (Some("wrong-wrong-wrong"), 401, Some(1008)),
        (None, 401, Some(1008)),
    ] {
        let header = token.map(|token| format!("authorization: Bearer {token}"));
        let header: Vec<&str> = header.iter().map(String::as_str).collect();
        let (told, _) = server.http("GET /plugin/_server/logs", &header, "").await;
        assert_eq!(told, status, "{token:?}");
        let query = token.map_or_else(String::new, |token| format!("?code={token}"));
        let path = format!("/ws/logs/_server{query}");
        let mut client = server.connect_to(&path, &[]).await.unwrap();
        match code {
            None => assert!(client.hear("initial").await["logs"].is_array()),
            code => assert_eq!(client.closed().await, code, "{token:?}"),
        }
    }
    // Elsewhere a code in the address opens nothing.
    let (told, _) = server
        .http(&format!("GET /ws/status?code={own}"), &[], "")
        .await;
    assert_eq!(told, 401);
    let log = std::fs::read_to_string(folder.path().join("data/serve.log")).unwrap();
    assert!(!log.contains("token-of"), "{log}");
}

/// `hearsay log --follow` of that log, killed when it is dropped.
struct Reader(Child);

impl Drop for Reader {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn our_own_reader_loses_and_doubles_nothing_when_the_server_is_started_again() {
    let folder = folder();
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    let path = data.join("part.log");
    let line = |n: u32| format!("2024-01-01 00:00:{n:02} INFO line {n}");
    add(&path, &format!("{}\n{}\n", line(0), line(1)));
    let mut server = Server::start(folder.path(), &[], &[]);
    let url = format!("ws://{}/ws/logs/part", server.address());
    let mut child = hearsay(folder.path())
        .args(["log", "--follow", &url])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut why = BufReader::new(child.stderr.take().unwrap()).lines();
    let _reader = Reader(child);
    let mut next = || out.next().unwrap().unwrap();
    assert_eq!([next(), next()], [0, 1].map(line));
    add(&path, &format!("{}\n", line(2)));
    assert_eq!(next(), line(2));
    // While it is gone the file goes on, over a rotation.
    let address = server.address().to_owned();
    server.kill();
    add(&path, &format!("{}\n", line(3)));
    std::fs::rename(&path, data.join("part.log.1")).unwrap();
    add(&path, &format!("{}\n", line(4)));
    let told = thread::spawn(move || why.next().unwrap().unwrap());
    assert!(told.join().unwrap().contains("every few seconds"));
    let settings = [("HEARSAY_SERVE_LISTEN", address.as_str())];
    let _server = Server::start(folder.path(), &[], &settings);
    assert_eq!([next(), next()], [3, 4].map(line));
    add(&path, &format!("{}\n", line(5)));
    assert_eq!(next(), line(5));
}
