//! A server that is started as systemd starts one.

use crate::folder;
use crate::house::{Server, hearsay};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};

/// A command in the surroundings of a service: what is handed over as its input becomes its first
/// descriptor after the usual three.
fn service(folder: &std::path::Path, handed: impl Into<OwnedFd>) -> Command {
    let ours = hearsay(folder);
    let mut command = Command::new("/bin/sh");
    command
        .args([
            "-c",
            "exec 3<&0 </dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" serve",
        ])
        .arg(ours.get_program())
        .env_clear()
        .envs(
            ours.get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .env("HEARSAY_SERVE_LISTEN", "nowhere at all")
        .stdin(Stdio::from(handed.into()));
    command
}

#[tokio::test]
async fn the_socket_that_is_handed_over_is_served_and_both_ends_of_it_are_told() {
    let folder = folder();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let told = folder.path().join("told");
    let notes = UnixDatagram::bind(&told).unwrap();
    let heard = || {
        let mut heard = [0; 64];
        let count = notes.recv(&mut heard).unwrap();
        String::from_utf8_lossy(&heard[..count]).into_owned()
    };
    let mut command = service(folder.path(), listener);
    let mut server = Server::started(command.env("NOTIFY_SOCKET", &told));
    assert_eq!(server.address(), address);
    assert_eq!(heard(), "READY=1");
    assert_eq!(server.http("GET /health", &[], "").await.0, 200);
    let mut client = server.connect().await;
    client.hear("connection_established").await;
    server.terminate();
    assert_eq!(heard(), "STOPPING=1");
    assert_eq!(client.closed().await, Some(1012));
    assert!(server.end().success());
}

/// A port that is free at this moment.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

#[test]
fn systemd_itself_hands_its_socket_over_with_the_first_connection() {
    let has = Command::new("systemd-socket-activate")
        .arg("--version")
        .output();
    if has.is_err() {
        crate::support::skip("there is no `systemd-socket-activate`");
        return;
    }
    let folder = folder();
    let ours = hearsay(folder.path());
    let address = free_address();
    let mut command = Command::new("systemd-socket-activate");
    command.args(["--listen", &address]).env_clear();
    for (name, value) in ours
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)))
    {
        command.env(name, value).arg("-E").arg(name);
    }
    command.arg(ours.get_program()).arg("serve");
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut waits = command.spawn().unwrap();
    // It says so when it listens, and starts nothing before somebody comes.
    let mut said = BufReader::new(waits.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert!(line.contains("Listening on"), "{line}");
    let mut stream = std::net::TcpStream::connect(&address).unwrap();
    let request = b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(request).unwrap();
    let mut told = String::new();
    stream.read_to_string(&mut told).unwrap();
    // It has become the server by now.
    let id = rustix::process::Pid::from_child(&waits);
    rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    let ended = waits.wait().unwrap();
    assert!(told.starts_with("HTTP/1.1 200"), "{told}");
    assert!(ended.success(), "{ended:?}");
}

#[test]
fn what_is_no_socket_to_listen_at_is_refused_with_a_hint() {
    let folder = folder();
    let file = std::fs::File::open(folder.path().join("config.toml")).unwrap();
    let ran = service(folder.path(), file).output().unwrap();
    let told = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(2), "{told}");
    assert!(
        told.contains("systemd handed over") && told.contains("ListenStream="),
        "{told}"
    );
}
