//! What happens to a line that is up.

use super::client::{Client, at, hasty, is_down, kind};
use super::fault::{fault, play, survive};
use super::frames::{close, frame, text};
use super::peer::{Act, Server, Then, Told};
use super::table::{Recovered, Row, Table};
use futures_util::future::join;
use hearsay::core::line::{LinkEvent, LinkOrder};
use hearsay::link::LinkSettings;
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};

/// Between an answer and the next question.
fn amid(bytes: &[u8], then: Then) -> Act {
    Act::Amid(bytes.to_vec(), then)
}

/// Instead of an answer.
fn asked(bytes: &[u8], then: Then) -> Act {
    Act::Asked(bytes.to_vec(), then)
}

fn says(code: u16) -> Act {
    asked(&close(code, b"because"), Then::Hold)
}

#[tokio::test]
async fn a_line_that_dies_is_noticed_and_dialed_again() {
    let _others_may_run = super::TURN.read().await;
    let half = text(r#"{"type":"stream_chunk","content":"ab"}"#)[..9].to_vec();
    play(vec![
        fault(
            "frozen: neither reads nor writes",
            asked(b"", Then::Freeze),
            "waiting",
        ),
        fault(
            "half a frame, then silence",
            asked(&half, Then::Freeze),
            "waiting",
        ),
        fault(
            "one byte every 10 ms, never a frame",
            asked(
                &frame(0x82, &[0; 900])[..4],
                Then::Drip(vec![0; 800].repeat(5)),
            ),
            "waiting",
        ),
        fault(
            "FIN without a close frame",
            asked(b"", Then::Fin),
            "waiting",
        ),
        fault("RST", asked(b"", Then::Reset), "waiting"),
        fault("FIN in mid-frame", asked(&half, Then::Fin), "waiting"),
        fault("RST in mid-frame", asked(&half, Then::Reset), "waiting"),
    ])
    .await;
}

#[tokio::test]
async fn every_close_code_is_told_and_confirmed() {
    let _others_may_run = super::TURN.read().await;
    let idle = |code| amid(&close(code, b""), Then::Hold);
    play(vec![
        fault("close 1000 at once, after an answer", idle(1000), "resting")
            .while_young()
            .goodbye(1000),
        fault("close 1000 at once, instead of one", says(1000), "refused")
            .while_young()
            .goodbye(1000),
        fault("close 1000 while idle", idle(1000), "resting").goodbye(1000),
        fault("close 1001 while idle", idle(1001), "resting").goodbye(1001),
        fault("close 1000 instead of an answer", says(1000), "waiting").goodbye(1000),
        fault("close 1001 instead of an answer", says(1001), "waiting").goodbye(1001),
        fault("close 1002", says(1002), "waiting").goodbye(1002),
        fault("close 1003", says(1003), "waiting").goodbye(1003),
        fault(
            "close without a code",
            asked(&frame(0x88, b""), Then::Hold),
            "waiting",
        ),
        fault("close 1007", says(1007), "waiting").goodbye(1007),
        fault("close 1008", says(1008), "refused").goodbye(1008),
        fault("close 1009", says(1009), "waiting").goodbye(1009),
        fault("close 1010", says(1010), "waiting").goodbye(1010),
        fault("close 1011", says(1011), "waiting").goodbye(1011),
        fault("close 1012", says(1012), "waiting").goodbye(1012),
        fault("close 1013", says(1013), "waiting").goodbye(1013),
        fault("close 1014", says(1014), "waiting").goodbye(1002),
        fault("close 4000", says(4000), "refused").goodbye(4000),
        fault("close 4401", says(4401), "refused").goodbye(4401),
        fault("close 1006, which nobody may send", says(1006), "waiting").goodbye(1002),
        fault("close 999", says(999), "waiting").goodbye(1002),
        fault(
            "close of one byte",
            asked(&frame(0x88, b"x"), Then::Hold),
            "waiting",
        )
        .goodbye(1002),
        fault(
            "bad UTF-8 in the reason",
            asked(&close(1000, b"\xff\xfe"), Then::Hold),
            "waiting",
        )
        .goodbye(1007),
        fault(
            "a goodbye, and the connection stays open",
            asked(&close(1012, b""), Then::Freeze),
            "waiting",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_broken_frame_ends_the_line_with_the_right_code() {
    let _others_may_run = super::TURN.read().await;
    let said = |bytes: &[u8]| asked(bytes, Then::Hold);
    play(vec![
        fault("bad UTF-8", said(&frame(0x81, b"\xff\xfe")), "waiting").goodbye(1007),
        fault(
            "length of 2^63",
            said(b"\x82\x7f\x80\0\0\0\0\0\0\0"),
            "waiting",
        )
        .goodbye(1009),
        fault("masked frame", said(b"\x81\x81abcdx"), "waiting").goodbye(1002),
        fault("RSV bits", said(&frame(0xf1, b"x")), "waiting").goodbye(1002),
        fault("reserved opcode 3", said(&frame(0x83, b"x")), "waiting").goodbye(1002),
        fault("reserved opcode 11", said(&frame(0x8b, b"x")), "waiting").goodbye(1002),
        fault(
            "ping of 126 bytes",
            said(&frame(0x89, &[0; 126])),
            "waiting",
        )
        .goodbye(1002),
        fault("ping in fragments", said(&frame(0x09, b"x")), "waiting").goodbye(1002),
        fault(
            "continuation of nothing",
            said(&frame(0x80, b"x")),
            "waiting",
        )
        .goodbye(1002),
    ])
    .await;
}

#[tokio::test]
async fn a_message_of_too_many_bytes_ends_the_line_before_it_fills_the_memory() {
    let _others_may_run = super::TURN.read().await;
    let fragments = frame(0x00, &vec![b'x'; 1 << 20]);
    play(vec![
        fault(
            "17 MB frame",
            asked(&frame(0x82, &vec![0; 17 << 20]), Then::Hold),
            "waiting",
        )
        .goodbye(1009),
        fault(
            "endless fragments",
            asked(&frame(0x01, b"x"), Then::Repeat(fragments)),
            "waiting",
        ),
    ])
    .await;
}

#[tokio::test]
async fn edge_43_nonsense_and_floods_leave_the_line_up() {
    let _others_may_run = super::TURN.read().await;
    let mut deep = r#"{"type":"ring","label":"#.to_owned();
    deep.push_str(&"[".repeat(100_000));
    let nonsense = [
        "not json",
        "",
        "null",
        "[]",
        "[1e999]",
        "\"\\ud800\"",
        "{}",
        r#"{"type":5}"#,
        r#"{"type":null}"#,
        r#"{"type":"who knows"}"#,
        r#"{"type":"ring"}"#,
        r#"{"type":"ring","label":{}}"#,
        r#"{"type":"ring","label":"a","label":7}"#,
        r#"{"type":"stream_chunk","content":["a"]}"#,
        r#"{"type":"stream_end","message_id":1e999}"#,
        r#"{"type":"brains","all":{"a":1},"current":null}"#,
        r#"{"type":"status_response","data":[]}"#,
        r#"{"type":"error","error":[[]]}"#,
        &deep,
    ];
    let pieces = |whole: &[u8]| {
        let (head, tail) = whole.split_at(whole.len() / 2);
        [
            frame(0x01, head),
            frame(0x89, b"between"),
            frame(0x00, b""),
            frame(0x80, tail),
        ]
        .concat()
    };
    let ring = r#"{"type":"ring","label":"é🙂\u0000"}"#;
    let large = format!(r#"{{"type":"ring","label":"{}"}}"#, "x".repeat(1 << 20));
    survive(vec![
        (
            "JSON of wrong types, and what is no JSON",
            nonsense.iter().flat_map(|body| text(body)).collect(),
        ),
        ("binary frames", frame(0x82, &[0, 255]).repeat(100)),
        (
            "text in fragments, a ping between them",
            pieces(ring.as_bytes()),
        ),
        ("a message of 1 MB", text(&large)),
        ("a message of 1 MB in fragments", pieces(large.as_bytes())),
        ("pongs nobody asked for", frame(0x8a, b"hello").repeat(1000)),
        ("100,000 pings", frame(0x89, b"ping").repeat(100_000)),
        (
            "200,000 tiny chunks",
            text(r#"{"type":"stream_chunk","content":"x"}"#).repeat(200_000),
        ),
    ])
    .await;
}

#[tokio::test]
async fn silence_before_a_backend_that_puts_idle_lines_away_loses_nothing() {
    let _others_may_run = super::TURN.read().await;
    let idle = Duration::from_millis(300);
    let beats = |heartbeat| LinkSettings {
        heartbeat,
        ..LinkSettings::default()
    };
    // A backend to which a heartbeat is a sign of life keeps the line through five such silences.
    let counted = async {
        let server = Server::start(vec![Act::Patient(idle)]).await;
        let settings = beats(Duration::from_millis(75));
        let mut client = Client::dial(at(server.address), settings).await;
        client.up().await;
        client.ask("hello").await;
        let until = Instant::now() + 5 * idle;
        while timeout_at(until, client.event()).await.is_ok() {}
        let began = Instant::now();
        client.ask("still there?").await;
        assert_eq!(client.ups, 1, "the line broke");
        let line = client.line.0.clone();
        let name = "a backend that puts silent lines away";
        let took = Recovered::StayedUp(began.elapsed());
        Row::new(name, &line, &client, None, took)
    };
    // The other kind puts the line away, and it rests until the user wants something.
    let not_counted = async {
        let mut server = Server::start(vec![Act::Patient(idle)]).await;
        let settings = LinkSettings {
            steady: Duration::ZERO,
            ..beats(Duration::from_secs(30))
        };
        let mut client = Client::dial(at(server.address), settings).await;
        client.up().await;
        client.ask("hello").await;
        let (line, found) = client.down().await;
        assert_eq!(kind(&line), "resting");
        let quiet = timeout(2 * idle, client.events.recv()).await;
        assert!(quiet.is_err(), "goes on by itself: {quiet:?}");
        let wanted = Instant::now();
        client.order(LinkOrder::Dial).await;
        let back = client.up().await;
        client.ask("and now?").await;
        let name = "a backend that puts lines without questions away";
        let Some(Told::Struck(struck)) = server.told.recv().await else {
            panic!("it was not put away")
        };
        let detected = found.saturating_duration_since(struck);
        let recovered = Recovered::After(back - wanted);
        Row::new(name, &line, &client, Some(detected), recovered)
    };
    let (counted, not_counted) = join(counted, not_counted).await;
    Table::of(vec![counted, not_counted]).print();
}

#[tokio::test]
async fn edge_41_a_backend_that_stops_reading_is_left_and_what_it_did_not_take_comes_back() {
    let _others_may_run = super::TURN.read().await;
    let server = Server::start(vec![Act::Asked(vec![], Then::Freeze)]).await;
    let mut client = Client::dial(at(server.address), hasty()).await;
    client.up().await;
    client.say("do you read me?").await;
    let began = Instant::now();
    let large = "x".repeat(1 << 20);
    let (mut line, mut unsent) = (client.line.0.clone(), 0);
    for _ in 0..40 {
        client.say(&large).await;
    }
    while !is_down(&line) {
        match client.event().await {
            LinkEvent::Unsent { .. } => unsent += 1,
            LinkEvent::Line { line: now, .. } => line = now,
            LinkEvent::Heard { .. } | LinkEvent::Elsewhere { .. } | LinkEvent::Unheard { .. } => {}
        }
    }
    let found = client.line.1 - began;
    assert!(
        unsent >= 8,
        "the line holds 16 MB and the kernel a little more: {unsent}"
    );
    client.up().await;
    let recovered = Recovered::After(began.elapsed());
    client.ask("and now?").await;
    let name = "the backend stops reading, 40 MB are said";
    let mut row = Row::new(name, &line, &client, Some(found), recovered);
    row.saw = format!("{}; {unsent} of 40 messages come back unsent", row.saw);
    Table::of(vec![row]).print();
}
