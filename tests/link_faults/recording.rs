//! A recording on its way to a backend that does not take it.

use super::client::{Client, at, hasty, is_down};
use super::peer::{Act, Server, Then};
use super::restarts::held;
use super::table::{Recovered, Row, Table};
use hearsay::core::backend::Down;
use hearsay::core::ids::{ConversationId, TurnId};
use hearsay::core::line::LinkEvent;
use hearsay::core::sound::{ClipPart, Hear};
use tokio::sync::mpsc;
use tokio::time::Instant;

const TURN: TurnId = TurnId(77);

/// So many pieces of a second each: 32 MB.
const PIECES: usize = 1000;

/// Hands a recording over as fast as it is taken.
async fn record(clips: mpsc::Sender<ClipPart>) {
    let turn = TURN;
    let hear = Hear {
        turn,
        conversation: ConversationId(2),
        language: None,
        ears: None,
    };
    clips.send(ClipPart::Begin(hear)).await.unwrap();
    for _ in 0..PIECES {
        let samples = vec![0; 16_000];
        clips.send(ClipPart::More { turn, samples }).await.unwrap();
    }
    clips.send(ClipPart::End { turn }).await.unwrap();
}

#[tokio::test]
async fn edge_41_a_backend_that_stops_reading_holds_up_a_recording_and_the_next_one_hears_it() {
    let _alone = super::TURN.write().await;
    let server = Server::start(vec![Act::Asked(vec![], Then::Freeze)]).await;
    let mut client = Client::dial(at(server.address), hasty()).await;
    client.up().await;
    let before = held().2;
    let began = Instant::now();
    let recorder = tokio::spawn(record(client.clips.clone()));
    let (mut most, mut unheard) = (0, 0);
    let mut down = None;
    // Told when the line is found dead; the rest of the recording is swallowed.
    while unheard == 0 {
        match client.event().await {
            LinkEvent::Unheard { turn, .. } => {
                assert_eq!(turn, TURN);
                unheard += 1;
            }
            LinkEvent::Line { line, .. } if is_down(&line) => {
                down = down.or(Some((line, Instant::now())));
            }
            _ => {}
        }
        most = most.max(held().2);
    }
    recorder.await.unwrap();
    let (line, found) = down.unwrap();
    if !client.is_up() {
        client.up().await;
    }
    let recovered = Recovered::After(began.elapsed());
    // The recording was kept, and is handed over once more.
    tokio::spawn(record(client.clips.clone()));
    loop {
        match client.event().await {
            LinkEvent::Unheard { .. } => unheard += 1,
            LinkEvent::Heard {
                down: Down::Transcript { turn, text },
                ..
            } => {
                assert_eq!((turn, &*text), (Some(TURN), "heard"));
                break;
            }
            _ => {}
        }
        most = most.max(held().2);
    }
    assert_eq!((unheard, client.ups), (1, 2));
    let grown = most.saturating_sub(before);
    assert!(grown < 8 * 1024, "{grown} KiB for a recording of 32 MB");
    client.ask("and now?").await;
    let name = "the backend stops reading while a recording streams";
    let mut row = Row::new(name, &line, &client, Some(found - began), recovered);
    row.saw = format!(
        "{}; told once, heard when handed over again; {grown} KiB more while 32 MB wait",
        row.saw
    );
    Table::of(vec![row]).print();
}
