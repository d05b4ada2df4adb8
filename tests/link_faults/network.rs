//! A bad network between a good client and a good backend.

use super::client::{Client, at, hasty};
use super::peer::Server;
use super::support::fault_proxy::{End, FaultProxy, Faults, Step, Way};
use super::table::{Recovered, Row, Table};
use futures_util::future::join_all;
use hearsay::link::LinkSettings;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// A line through a network to a good backend, up and used already.
async fn through(settings: LinkSettings) -> (Server, FaultProxy, Client) {
    let server = Server::start(vec![]).await;
    let proxy = FaultProxy::start(server.address).await;
    let mut client = Client::dial(at(proxy.address), settings).await;
    client.up().await;
    client.ask("hello").await;
    (server, proxy, client)
}

#[tokio::test]
async fn on_a_bad_network_a_question_still_gets_its_answer() {
    let _others_may_run = super::TURN.read().await;
    let ms = Duration::from_millis;
    let way = Way::default();
    let slow = Way {
        delay: ms(80),
        ..way
    };
    let uneven = Way {
        delay: ms(30),
        jitter: ms(60),
        ..way
    };
    let narrow = Way {
        rate: Some(4000),
        ..way
    };
    let split = Way {
        split: Some(1),
        ..way
    };
    let merged = Way {
        merge: Some(4096),
        ..way
    };
    let rows = [
        ("160 ms round trip", slow, slow),
        ("30 ms, and up to 60 more", uneven, way),
        ("4 kB in a second", way, narrow),
        ("every byte by itself", split, split),
        ("everything in one go", merged, merged),
    ]
    .map(|(name, up, down)| async move {
        let (_server, proxy, mut client) = through(LinkSettings::default()).await;
        proxy.set(|faults| (faults.up, faults.down) = (up, down));
        let began = Instant::now();
        for _ in 0..3 {
            client.ask(&"word ".repeat(50)).await;
        }
        assert_eq!(proxy.accepted(), 1, "{name}: the line broke");
        let line = client.line.0.clone();
        let took = Recovered::StayedUp(began.elapsed() / 3);
        Row::new(name, &line, &client, None, took)
    });
    Table::of(join_all(rows).await).print();
}

#[tokio::test]
async fn a_large_answer_on_a_narrow_line_is_life_long_before_it_is_complete() {
    let _others_may_run = super::TURN.read().await;
    // Three times as long as the silence that this client believes to be death.
    let (_server, proxy, mut client) = through(hasty()).await;
    proxy.set(|faults| faults.down.rate = Some(600_000));
    let began = Instant::now();
    client.ask(&"x".repeat(1 << 20)).await;
    let took = Recovered::StayedUp(began.elapsed());
    assert_eq!(proxy.accepted(), 1, "the line broke");
    let line = client.line.0.clone();
    let name = "1 MB in one message, 600 kB in a second";
    let row = Row::new(name, &line, &client, None, took);
    Table::of(vec![row]).print();
}

#[tokio::test]
async fn edge_42_packets_that_vanish_are_noticed_and_the_line_heals() {
    let _others_may_run = super::TURN.read().await;
    let dead = Way {
        black_hole: true,
        ..Way::default()
    };
    let rows = [
        ("packets vanish both ways", dead, dead),
        ("packets to the server vanish", dead, Way::default()),
        ("packets to the client vanish", Way::default(), dead),
    ]
    .map(|(name, up, down)| async move {
        let (_server, proxy, mut client) = through(hasty()).await;
        let struck = Instant::now();
        proxy.set(|faults| (faults.up, faults.down) = (up, down));
        client.say("does anybody hear me?").await;
        let (line, found) = client.down().await;
        proxy.set(|faults| (faults.up, faults.down) = (Way::default(), Way::default()));
        let healed = Instant::now();
        let back = client.up().await;
        client.ask("and now?").await;
        let recovered = Recovered::After(back.saturating_duration_since(healed));
        Row::new(name, &line, &client, Some(found - struck), recovered)
    });
    Table::of(join_all(rows).await).print();
}

#[tokio::test]
async fn a_connection_that_the_network_ends_is_dialed_again_at_once() {
    let _others_may_run = super::TURN.read().await;
    let after = |end| Way {
        ends_after: Some((20_000, end)),
        ..Way::default()
    };
    let rows = [
        ("RST by the network", None, End::Reset),
        ("FIN by the network", None, End::Fin),
        (
            "RST within a long answer",
            Some(after(End::Reset)),
            End::Reset,
        ),
        ("FIN within a long answer", Some(after(End::Fin)), End::Fin),
    ]
    .map(|(name, within, end)| async move {
        let (_server, proxy, mut client) = through(hasty()).await;
        let struck = Instant::now();
        if let Some(down) = within {
            proxy.set(|faults| faults.down = down);
            client.say(&"word ".repeat(10_000)).await;
        } else {
            proxy.cut(end);
        }
        let (line, found) = client.down().await;
        proxy.set(|faults| faults.down = Way::default());
        let back = client.up().await;
        client.ask("and now?").await;
        let recovered = Recovered::After(back - struck);
        Row::new(name, &line, &client, Some(found - struck), recovered)
    });
    Table::of(join_all(rows).await).print();
}

#[tokio::test]
async fn a_network_that_comes_and_goes_is_not_hammered_and_the_line_is_up_in_the_end() {
    let _others_may_run = super::TURN.read().await;
    let (_server, mut proxy, mut client) = through(hasty()).await;
    let beat = Duration::from_millis(50);
    let gone = Faults {
        closed: true,
        ..Faults::default()
    };
    let began = Instant::now();
    let changes = 30;
    let flap = [
        (beat, Step::Cut(End::Reset)),
        (beat, Step::Become(gone)),
        (beat, Step::Become(Faults::default())),
    ];
    proxy.schedule(flap.repeat(changes / 3));
    let end = began + beat * changes as u32;
    while timeout_at(end, client.event()).await.is_ok() {}
    let dials = proxy.accepted();
    assert!(dials <= 2 * changes, "{dials} dials");
    while !client.is_up() {
        client.event().await;
    }
    let line = client.line.0.clone();
    client.ask("still there?").await;
    let recovered = Recovered::After(client.line.1.saturating_duration_since(end));
    let mut row = Row::new(
        "30 changes of the network in 1.5 s",
        &line,
        &client,
        None,
        recovered,
    );
    row.saw = format!("{}, after {dials} dials", row.saw);
    Table::of(vec![row]).print();
}
