//! How a line finds out whether anybody is still there.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_peer_that_connects_and_never_greets_is_left_after_ten_seconds() {
    let mut bench = Bench::new(patient());
    bench.order(LinkOrder::Dial).await;
    let _silent = bench.accept().await;
    let after = Duration::from_secs(10);
    let line = bench.end().await;
    assert!(
        matches!(&line, Line::Waiting { attempt: 2, cause, .. } if *cause == Cause::NoGreeting { after }),
        "{line:?}"
    );
    assert_eq!(bench.passed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_that_is_never_answered_is_left_after_eight_seconds() {
    let mut bench = Bench::new(patient());
    bench.order(LinkOrder::Dial).await;
    let _silent = bench.stream().await;
    let line = bench.end().await;
    let why = "no answer within 8 s".to_owned();
    assert!(
        matches!(&line, Line::Waiting { cause, .. } if *cause == Cause::Unreachable { why }),
        "{line:?}"
    );
    assert_eq!(bench.passed().as_secs(), 8);
}

#[tokio::test(start_paused = true)]
async fn edge_42_a_frozen_peer_is_noticed_after_fifteen_seconds_and_left() {
    // The peer holds its end of the stream open and never touches it again.
    let (mut bench, _frozen) = Bench::up(patient()).await;
    let line = bench.end().await;
    let Line::Waiting { until, cause, .. } = line else {
        panic!("{line:?}")
    };
    // The first ping, sent with the greeting, is the one that stays unanswered.
    let after = Duration::from_secs(5);
    assert_eq!(cause, Cause::Silent { after });
    assert_eq!(until, Moment(bench.passed()));

    let (mut bench, mut peer) = Bench::up(patient()).await;
    // This one answers the first ping and freezes then.
    peer.next().await.unwrap().unwrap();
    peer.flush().await.unwrap();
    let line = bench.end().await;
    let after = Duration::from_secs(15);
    assert!(
        matches!(&line, Line::Waiting { cause, .. } if *cause == Cause::Silent { after }),
        "{line:?}"
    );
    assert_eq!(bench.passed().as_secs(), 15);
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_answered_one_byte_a_second_is_left_after_eight_seconds() {
    let mut bench = Bench::new(patient());
    bench.order(LinkOrder::Dial).await;
    let mut stream = bench.stream().await;
    let trickle = tokio::spawn(async move {
        let mut second = tokio::time::interval(Duration::from_secs(1));
        for byte in b"HTTP/1.1 101 Switching Protocols\r\n" {
            second.tick().await;
            if stream.write_all(&[*byte]).await.is_err() {
                return;
            }
        }
        panic!("nobody hung up");
    });
    assert!(matches!(bench.end().await, Line::Waiting { .. }));
    assert_eq!(bench.passed().as_secs(), 8);
    trickle.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn after_a_long_stop_what_lies_unread_is_life() {
    let (mut bench, mut peer) = Bench::up(patient()).await;
    text_free(&mut peer).await;
    tokio::time::advance(Duration::from_secs(10)).await;
    let asked = peer.next().await.unwrap().unwrap();
    assert!(matches!(asked, Message::Ping(_)), "{asked:?}");
    // The answer is written, and an hour passes before anybody gets to read it.
    peer.send(Message::text(r#"{"type":"ring","label":"x"}"#))
        .await
        .unwrap();
    tokio::time::advance(Duration::from_hours(1)).await;
    loop {
        match bench.event().await {
            LinkEvent::Heard {
                down: Down::Ring { .. },
                ..
            } => break,
            LinkEvent::Line {
                line: Line::Up(_), ..
            } => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(bench.streams.try_recv().is_err(), "dialed again");
}

#[tokio::test(start_paused = true)]
async fn after_the_machine_slept_a_dead_line_is_replaced_within_a_second() {
    static START: OnceLock<Instant> = OnceLock::new();
    static SLEPT_MS: AtomicI64 = AtomicI64::new(0);
    let start = *START.get_or_init(Instant::now);
    let clock = Clock::paused(start, || {
        let passed = START.get().unwrap().elapsed().as_millis() as i64;
        Wall(passed + SLEPT_MS.load(Ordering::Relaxed))
    });
    let mut bench = Bench::at(clock);
    bench.order(LinkOrder::Dial).await;
    let mut peer = bench.greet().await;
    text_free(&mut peer).await;
    assert!(
        matches!(bench.line().await.1, Line::Up(_)),
        "the pong is heard"
    );
    // Long enough to count as steady.
    tokio::time::advance(Duration::from_secs(3)).await;
    // Ninety seconds on the calendar, of which the other clock knows nothing.
    SLEPT_MS.store(90_000, Ordering::Relaxed);
    bench.order(LinkOrder::Say(say("good morning"))).await;
    let line = bench.end().await;
    let after = Duration::from_secs(3 + 1);
    assert!(
        matches!(&line, Line::Waiting { cause, .. } if *cause == Cause::Silent { after }),
        "{line:?}"
    );
    bench.greet().await;
    assert_eq!(bench.passed().as_secs(), 3 + 1);

    // A line that still lives only has to answer.
    let mut bench = Bench::at(clock);
    bench.order(LinkOrder::Dial).await;
    let mut peer = bench.greet().await;
    text_free(&mut peer).await;
    assert!(
        matches!(bench.line().await.1, Line::Up(_)),
        "the pong is heard"
    );
    SLEPT_MS.store(-3_600_000, Ordering::Relaxed);
    bench.order(LinkOrder::Say(say("good evening"))).await;
    assert!(text(&mut peer).await.contains("good evening"));
    text_free(&mut peer).await;
    let minute = Duration::from_mins(1);
    let serve = async {
        loop {
            peer.next().await.unwrap().unwrap();
        }
    };
    assert!(timeout(minute, serve).await.is_err());
    assert!(bench.streams.try_recv().is_err(), "dialed again");
}

#[tokio::test(start_paused = true)]
async fn any_traffic_keeps_the_line_up() {
    let (mut bench, mut peer) = Bench::up(patient()).await;
    // It never reads, so it answers neither pings nor beats; but it speaks.
    for _ in 0..40 {
        tokio::time::advance(Duration::from_secs(4)).await;
        peer.feed(Message::text(r#"{"type":"ring","label":"x"}"#))
            .await
            .unwrap();
        peer.flush().await.unwrap();
        match bench.event().await {
            LinkEvent::Heard {
                down: Down::Ring { .. },
                ..
            } => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(bench.passed().as_secs(), 160);
}

#[tokio::test(start_paused = true)]
async fn a_large_message_on_a_slow_line_arrives_whole_in_either_direction() {
    // 100 kB at 2 kB a second, with no other sign of life.
    let (mut bench, mut peer) = Bench::up(patient()).await;
    text_free(&mut peer).await;
    let label = "x".repeat(100_000);
    let ring = format!(r#"{{"type":"ring","label":"{label}"}}"#);
    let mut bytes = vec![0x81, 127];
    bytes.extend((ring.len() as u64).to_be_bytes());
    bytes.extend(ring.as_bytes());
    let send = tokio::spawn(async move {
        let mut second = tokio::time::interval(Duration::from_secs(1));
        for piece in bytes.chunks(2_000) {
            second.tick().await;
            peer.get_mut().write_all(piece).await.unwrap();
        }
        peer
    });
    let down = loop {
        match bench.event().await {
            LinkEvent::Heard { down, .. } => break down,
            LinkEvent::Line {
                line: Line::Up(_), ..
            } => {}
            other => panic!("{other:?}"),
        }
    };
    assert!(down == Down::Ring { label });
    assert_eq!(bench.passed().as_secs(), 50);

    // 1 MB at 20 kB a second, and the answer to our ping behind it.
    let mut peer = send.await.unwrap();
    bench.order(LinkOrder::Say(say(&"x".repeat(1 << 20)))).await;
    let mut read = 0;
    while read < 1 << 20 {
        tokio::time::advance(Duration::from_millis(100)).await;
        read += peer.get_mut().read(&mut [0; 2_000]).await.unwrap();
    }
    let ring = Message::text(r#"{"type":"ring","label":"x"}"#);
    peer.send(ring).await.unwrap();
    let next = bench.event().await;
    assert!(matches!(next, LinkEvent::Heard { .. }), "{next:?}");
    assert_eq!(bench.passed().as_secs(), 50 + 52);
}
