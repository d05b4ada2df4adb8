//! A backend that dies and returns, once and a hundred times.

use super::client::{Client, at, hasty};
use super::peer::Server;
use super::table::{Recovered, Row, Table};
use futures_util::future::join_all;
use hearsay::link::LinkSettings;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep_until};

/// Descriptors of this process, tasks of this runtime, and resident memory in KiB.
pub(crate) fn held() -> (usize, usize, usize) {
    let descriptors = std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    let tasks = tokio::runtime::Handle::current()
        .metrics()
        .num_alive_tasks();
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let resident = pages.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    (descriptors, tasks, resident.unwrap_or(0) * 4)
}

#[tokio::test]
async fn a_hundred_restarts_are_a_hundred_reconnects_and_leave_nothing_behind() {
    let _alone = super::TURN.write().await;
    let mut server = Server::start(vec![]).await;
    let mut client = Client::dial(at(server.address), hasty()).await;
    client.up().await;
    let mut at_ten = (0, 0, 0);
    let began = Instant::now();
    let mut down = client.line.clone();
    for life in 1..=100 {
        client.ask(&format!("question {life}")).await;
        let place = server.kill().await;
        server = Server::on(TcpListener::bind(place).await.unwrap(), vec![]);
        down = client.down().await;
        client.up().await;
        if life == 10 {
            at_ten = held();
        }
    }
    client.ask("the last one").await;
    let at_end = held();
    assert_eq!(client.ups, 101);
    // What others left behind at first may be gone by now.
    assert!(at_end.0 <= at_ten.0, "descriptors: {at_ten:?} {at_end:?}");
    assert!(at_end.1 <= at_ten.1, "tasks: {at_ten:?} {at_end:?}");
    assert!(at_end.2 <= at_ten.2 + 2048, "memory grows");
    let recovered = Recovered::After(began.elapsed() / 100);
    let mut row = Row::new(
        "100 restarts of the backend",
        &down.0,
        &client,
        None,
        recovered,
    );
    let ((fds, tasks, kib), (_, _, more)) = (at_ten, at_end);
    row.saw = format!(
        "100 reconnects; {fds} descriptors and {tasks} tasks after 10 and after 100, \
         {kib} KiB after 10, {more} KiB after 100"
    );
    Table::of(vec![row]).print();
}

#[tokio::test]
async fn a_backend_that_was_gone_for_a_moment_is_found_at_once() {
    let _others_may_run = super::TURN.read().await;
    let rows = [
        ("backend gone for 0 ms", 0),
        ("backend gone for 300 ms", 300),
        ("backend gone for 700 ms", 700),
        ("backend gone for 1,900 ms", 1_900),
    ]
    .map(|(name, gone)| async move {
        let patient = LinkSettings {
            steady: Duration::ZERO,
            ..LinkSettings::default()
        };
        let server = Server::start(vec![]).await;
        let mut client = Client::dial(at(server.address), patient).await;
        client.up().await;
        client.ask("are you there?").await;
        let place = server.kill().await;
        let died = Instant::now();
        let (line, found) = client.down().await;
        // The absence is the fault, so it takes its time.
        sleep_until(died + Duration::from_millis(gone)).await;
        let back = Instant::now();
        let _server = Server::on(TcpListener::bind(place).await.unwrap(), vec![]);
        let up = client.up().await;
        client.ask("and now?").await;
        let recovered = Recovered::After(up.saturating_duration_since(back));
        let detected = found.saturating_duration_since(died);
        Row::new(name, &line, &client, Some(detected), recovered)
    });
    Table::of(join_all(rows).await).print();
}
