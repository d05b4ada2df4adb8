//! A backend in a process of its own, which is stopped and killed; and a client and a backend
//! in a network of their own, in which packets really vanish.

use super::client::{Client, at, hasty};
use super::peer::Server;
use super::table::{Recovered, Row, Table};
use futures_util::future::join;
use hearsay::link::LinkSettings;
use rustix::process::{Pid, Signal, kill_process};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::Child;
use tokio::time::Instant;

/// Tells a child of ours that it is one, and where to listen.
const PLACE: &str = "HEARSAY_FAULTS_PLACE";
/// Tells a child of ours that it is in a network of its own.
const NETWORK: &str = "HEARSAY_FAULTS_NETWORK";
/// A child says so, and then its address.
const LISTENS: &str = "listens on ";

#[tokio::test]
#[ignore = "the other tests of this file start it in a process of its own"]
async fn backend() {
    let Ok(place) = std::env::var(PLACE) else {
        return;
    };
    let server = Server::on(TcpListener::bind(place).await.unwrap(), vec![]);
    eprintln!("{LISTENS}{}", server.address);
    // Our parent ends us.
    std::future::pending::<()>().await;
}

/// A backend in a process of its own. Dies when it is dropped.
async fn start(place: &str) -> (Child, SocketAddr) {
    let mut child = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["process::backend", "--exact", "--ignored", "--nocapture"])
        .env(PLACE, place)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    loop {
        let line = lines.next_line().await.unwrap().unwrap();
        if let Some(address) = line.strip_prefix(LISTENS) {
            return (child, address.parse().unwrap());
        }
    }
}

fn signal(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(child.id().unwrap().cast_signed()).unwrap();
    kill_process(pid, signal).unwrap();
}

#[tokio::test]
async fn a_backend_that_is_stopped_or_killed_is_noticed_and_found_again() {
    let _others_may_run = super::TURN.read().await;
    let stopped = async {
        let (child, address) = start("127.0.0.1:0").await;
        let mut client = Client::dial(at(address), hasty()).await;
        client.up().await;
        client.ask("hello").await;
        signal(&child, Signal::STOP);
        let struck = Instant::now();
        client.say("do you hear me?").await;
        let (line, found) = client.down().await;
        signal(&child, Signal::CONT);
        let woken = Instant::now();
        let back = client.up().await;
        client.ask("and now?").await;
        let recovered = Recovered::After(back.saturating_duration_since(woken));
        let name = "the backend's process is stopped (SIGSTOP)";
        Row::new(name, &line, &client, Some(found - struck), recovered)
    };
    let killed = async {
        let (mut child, address) = start("127.0.0.1:0").await;
        let mut client = Client::dial(at(address), hasty()).await;
        client.up().await;
        client.ask("hello").await;
        let struck = Instant::now();
        child.kill().await.unwrap();
        let (line, found) = client.down().await;
        let (_child, _) = start(&address.to_string()).await;
        let returned = Instant::now();
        let back = client.up().await;
        client.ask("and now?").await;
        let recovered = Recovered::After(back.saturating_duration_since(returned));
        let name = "the backend's process is killed (SIGKILL)";
        let detected = found.saturating_duration_since(struck);
        Row::new(name, &line, &client, Some(detected), recovered)
    };
    let (stopped, killed) = join(stopped, killed).await;
    Table::of(vec![stopped, killed]).print();
}

#[test]
fn in_a_network_that_drops_packets_the_line_heals() {
    let mut unshare = Command::new("unshare");
    unshare.args(["--user", "--map-root-user", "--net"]);
    let may = Command::new("unshare")
        .args(unshare.get_args())
        .args(["sh", "-c", "ip link set lo up && tc qdisc show dev lo"])
        .output();
    match may {
        Ok(output) if output.status.success() => {}
        reason => {
            println!("skipped: no network of our own can be made here: {reason:?}");
            return;
        }
    }
    let inside = unshare
        .arg(std::env::current_exe().unwrap())
        .args(["process::inside", "--exact", "--ignored", "--nocapture"])
        .env(NETWORK, "ours")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&inside.stdout);
    for row in said.lines().filter(|line| line.starts_with("| ")) {
        println!("\n{row}");
    }
    let wrong = String::from_utf8_lossy(&inside.stderr);
    assert!(inside.status.success(), "{said}\n{wrong}");
}

/// Runs a command that changes our own network.
fn run(command: &str) {
    let mut words = command.split(' ');
    let status = Command::new(words.next().unwrap()).args(words).status();
    assert!(status.unwrap().success(), "{command}");
}

#[tokio::test]
#[ignore = "the test before starts it in a network of its own"]
async fn inside() {
    if std::env::var_os(NETWORK).is_none() {
        return;
    }
    run("ip link set lo up");
    let mut rows = vec![];
    for (name, fault, healing) in [
        (
            "the kernel drops every packet",
            "tc qdisc add dev lo root tbf rate 8bit burst 10b limit 10b",
            "tc qdisc del dev lo root",
        ),
        (
            "the network's device is gone",
            "ip link set lo down",
            "ip link set lo up",
        ),
    ] {
        let server = Server::start(vec![]).await;
        let mut client = Client::dial(at(server.address), hasty()).await;
        client.up().await;
        client.ask("hello").await;
        run(fault);
        let struck = Instant::now();
        client.say("do you hear me?").await;
        let (line, found) = client.down().await;
        // Long enough for attempts that cannot succeed.
        let until = found + Duration::from_millis(700);
        while tokio::time::timeout_at(until, client.event()).await.is_ok() {}
        run(healing);
        let healed = Instant::now();
        while !client.is_up() {
            client.event().await;
        }
        let recovered = client.line.1.saturating_duration_since(healed);
        client.ask("and now?").await;
        let recovered = Recovered::After(recovered);
        rows.push(Row::new(
            name,
            &line,
            &client,
            Some(found - struck),
            recovered,
        ));
    }
    rows.push(network_comes_up().await);
    Table::of(rows).print();
}

/// With half a minute to go until the next attempt: only the kernel's word can make it sooner.
async fn network_comes_up() -> Row {
    let server = Server::start(vec![]).await;
    run("ip link set lo down");
    let patient = LinkSettings {
        backoff: Duration::from_secs(30),
        connect_timeout: Duration::from_millis(300),
        ..LinkSettings::default()
    };
    let mut client = Client::dial(at(server.address), patient).await;
    let began = Instant::now();
    client.down().await;
    let (line, found) = client.down().await;
    run("ip link set lo up");
    let healed = Instant::now();
    let back = client.up().await;
    client.ask("and now?").await;
    let detected = Some(found.saturating_duration_since(began));
    let recovered = Recovered::After(back.saturating_duration_since(healed));
    let name = "the network comes up 30 s before the next attempt";
    Row::new(name, &line, &client, detected, recovered)
}
