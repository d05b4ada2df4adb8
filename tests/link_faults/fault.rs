//! Plays one fault on a real socket: what the user sees, and that a good backend is found again.

use super::client::{Client, LONG, at, hasty, is_down, kind};
use super::peer::{Act, Server, Then, Told};
use super::table::{Recovered, Row, Table};
use futures_util::future::join_all;
use hearsay::core::line::{Line, LinkOrder};
use hearsay::link::LinkSettings;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// A fault, and what has to come of it.
pub(crate) struct Fault {
    name: &'static str,
    act: Act,
    /// What the line has to be told to be.
    told: &'static str,
    /// What we have to say goodbye with.
    goodbye: Option<u16>,
    settings: LinkSettings,
}

/// A fault after which the line is told to be `told`.
pub(crate) fn fault(name: &'static str, act: Act, told: &'static str) -> Fault {
    Fault {
        name,
        act,
        told,
        goodbye: None,
        settings: hasty(),
    }
}

impl Fault {
    /// The client says goodbye with this code.
    pub(crate) fn goodbye(mut self, code: u16) -> Self {
        self.goodbye = Some(code);
        self
    }

    /// It happens to a line that is too young to count as steady.
    pub(crate) fn while_young(mut self) -> Self {
        self.settings.steady = Duration::from_secs(2);
        self
    }

    async fn play(self) -> Row {
        let name = self.name;
        let mut server = Server::start(vec![self.act]).await;
        let mut client = Client::dial(at(server.address), self.settings).await;
        let (line, at) = loop {
            client.event().await;
            if is_down(&client.line.0) {
                break client.line.clone();
            }
            if client.is_up() && client.turns == 0 {
                client.say("how are you?").await;
            }
        };
        assert_eq!(kind(&line), self.told, "{name}: {line:?}");
        let struck = match server.told.recv().await.unwrap() {
            Told::Struck(at) => at,
            told @ Told::Goodbye(_) => panic!("{name}: {told:?}"),
        };
        if let Some(code) = self.goodbye {
            let told = timeout(LONG, server.told.recv()).await.unwrap();
            assert!(
                matches!(told, Some(Told::Goodbye(Some(found))) if found == code),
                "{name}: {told:?}"
            );
        }
        let by_hand = !matches!(line, Line::Waiting { .. });
        if by_hand {
            let quiet = timeout(Duration::from_millis(200), client.events.recv()).await;
            assert!(quiet.is_err(), "{name}: goes on by itself: {quiet:?}");
            client.order(LinkOrder::Dial).await;
        }
        let back = client.up().await;
        client.ask("and now?").await;
        let recovered = if by_hand {
            Recovered::ByHand
        } else {
            Recovered::After(back.duration_since(struck))
        };
        let detected = at.saturating_duration_since(struck);
        Row::new(name, &line, &client, Some(detected), recovered)
    }
}

/// Plays faults side by side.
pub(crate) async fn play(faults: Vec<Fault>) {
    Table::of(join_all(faults.into_iter().map(Fault::play)).await).print();
}

/// Plays bytes that the line has to survive, one after another: they are many.
pub(crate) async fn survive(nuisances: Vec<(&'static str, Vec<u8>)>) {
    let mut rows = vec![];
    for (name, bytes) in nuisances {
        let server = Server::start(vec![Act::Amid(bytes, Then::Serve)]).await;
        let mut client = Client::dial(at(server.address), LinkSettings::default()).await;
        client.up().await;
        client.ask("first").await;
        let began = Instant::now();
        client.ask("second").await;
        assert_eq!(client.ups, 1, "{name}: the line broke");
        let line = client.line.0.clone();
        let took = Recovered::StayedUp(began.elapsed());
        rows.push(Row::new(name, &line, &client, None, took));
    }
    Table::of(rows).print();
}
