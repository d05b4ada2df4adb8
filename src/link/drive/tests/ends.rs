//! How a line ends, and how it comes back.

use super::*;

#[tokio::test(start_paused = true)]
async fn hanging_up_says_goodbye_and_never_dials_again() {
    let (mut bench, mut peer) = Bench::up(patient()).await;
    bench.order(LinkOrder::HangUp).await;
    assert_eq!(bench.change().await, Line::Closed);
    loop {
        match peer.next().await {
            Some(Ok(Message::Ping(_))) => {}
            Some(Ok(Message::Close(Some(said)))) => {
                assert_eq!(u16::from(said.code), 1000);
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    while let Some(Ok(_)) = peer.next().await {}
    let hour = Duration::from_hours(1);
    assert!(timeout(hour, bench.streams.recv()).await.is_err(), "dialed");
    let quiet = async {
        while let Some(event) = bench.events.recv().await {
            let LinkEvent::Line {
                line: Line::Up(_), ..
            } = event
            else {
                panic!("{event:?}")
            };
        }
    };
    assert!(timeout(hour, quiet).await.is_err(), "the task goes on");
}

#[tokio::test(start_paused = true)]
async fn dropping_the_orders_ends_the_task_even_if_the_peer_is_frozen() {
    let (bench, _frozen) = Bench::up(patient()).await;
    let Bench {
        orders,
        task,
        start,
        events: _events,
        ..
    } = bench;
    drop(orders);
    task.await.unwrap();
    assert_eq!(start.elapsed(), Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn dropping_the_events_ends_the_task() {
    let (bench, mut peer) = Bench::up(patient()).await;
    let Bench {
        orders: _orders,
        task,
        events,
        ..
    } = bench;
    drop(events);
    peer.send(Message::text(r#"{"type":"ring","label":"x"}"#))
        .await
        .unwrap();
    while let Some(Ok(_)) = peer.next().await {}
    task.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_the_peer_says_when_closing_decides_what_we_do() {
    for (code, state) in [
        (1000, "resting"),
        (1001, "resting"),
        (1008, "refused"),
        (1011, "waiting"),
        (1012, "waiting"),
        (1013, "waiting"),
        (4000, "refused"),
        (4401, "refused"),
    ] {
        let (mut bench, mut peer) = Bench::up(patient()).await;
        text_free(&mut peer).await;
        tokio::time::advance(Duration::from_secs(3)).await;
        let said = CloseFrame {
            code: code.into(),
            reason: "because".into(),
        };
        peer.send(Message::Close(Some(said))).await.unwrap();
        let expected = Cause::ClosedByPeer {
            code: Some(code),
            reason: "because".into(),
        };
        let (found, cause) = match bench.end().await {
            Line::Waiting { cause, .. } => ("waiting", cause),
            Line::Refused { cause } => ("refused", cause),
            Line::Resting { cause } => ("resting", cause),
            line => panic!("{code}: {line:?}"),
        };
        assert_eq!((found, cause), (state, expected), "{code}");
        // Our half of the goodbye arrives.
        while let Some(Ok(message)) = peer.next().await {
            assert!(!matches!(message, Message::Text(_)), "{message:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn minutes_of_silence_on_a_server_that_puts_idle_lines_away_lose_nothing() {
    for idle in [60, 600] {
        let (mut bench, mut peer) = Bench::up(patient()).await;
        bench.order(LinkOrder::Say(say("first"))).await;
        text(&mut peer).await;
        let end = Message::text(r#"{"type":"stream_end","full_content":"done"}"#);
        peer.send(end.clone()).await.unwrap();
        // It counts neither pings nor heartbeats as life, but answers them.
        let goodbye = async {
            let limit = Instant::now() + Duration::from_secs(idle);
            while let Ok(message) = tokio::time::timeout_at(limit, peer.next()).await {
                message.unwrap().unwrap();
            }
            peer.close(None).await.unwrap();
            while let Some(Ok(_)) = peer.next().await {}
        };
        goodbye.await;
        let line = bench.end().await;
        assert!(matches!(&line, Line::Resting { .. }), "{line:?}");
        assert_eq!(bench.passed().as_secs(), idle);
        let hour = Duration::from_hours(1);
        assert!(timeout(hour, bench.streams.recv()).await.is_err(), "dialed");

        let began = bench.passed();
        bench.order(LinkOrder::Dial).await;
        let mut peer = bench.greet().await;
        assert_eq!(bench.passed(), began, "at once");
        bench.order(LinkOrder::Say(say("second"))).await;
        assert!(text(&mut peer).await.contains("second"));
    }
}

/// Answers the first ping, so that the line is known to be alive.
#[tokio::test(start_paused = true)]
async fn a_lost_line_comes_back_by_itself_in_a_new_epoch() {
    let (mut bench, mut peer) = Bench::up(patient()).await;
    text_free(&mut peer).await;
    for life in 2..=100 {
        tokio::time::advance(Duration::from_secs(3)).await;
        drop(peer);
        let lost = Cause::Lost {
            why: "it ended without a word".into(),
        };
        let (epoch, line) = loop {
            match bench.line().await {
                (_, Line::Up(Health { rtt: Some(_), .. })) => {}
                told => break told,
            }
        };
        assert_eq!(epoch, life - 1, "the end is told about the life that ended");
        assert!(
            matches!(&line, Line::Waiting { attempt: 1, cause, .. } if *cause == lost),
            "{line:?}"
        );
        assert_eq!(bench.line().await, (life, Line::Dialing { attempt: 1 }));
        peer = bench.greet().await;
        text_free(&mut peer).await;
    }
    assert_eq!(bench.passed().as_secs(), 3 * 99);
    assert!(
        bench.streams.try_recv().is_err(),
        "one stream for each life"
    );
}

fn tasks() -> usize {
    tokio::runtime::Handle::current()
        .metrics()
        .num_alive_tasks()
}

#[tokio::test(start_paused = true)]
async fn a_day_with_a_drop_every_hour_is_twenty_four_returns_and_nothing_lost() {
    let (mut bench, mut peer) = Bench::up(patient()).await;
    let hour = Duration::from_hours(1);
    let day = bench.passed() + 24 * hour;
    let (mut answered, mut lives) = (0, 1);
    let before = tasks();
    while bench.passed() < day {
        let end = Instant::now() + hour;
        let mut next_question = Instant::now() + Duration::from_mins(5);
        loop {
            tokio::select! {
                message = peer.next() => match message.unwrap().unwrap() {
                    Message::Text(text) if text.contains("text_message") => {
                        let answer = r#"{"type":"stream_end","full_content":"done"}"#;
                        peer.send(Message::text(answer)).await.unwrap();
                    }
                    Message::Text(_) | Message::Ping(_) => {}
                    other => panic!("{other:?}"),
                },
                event = bench.event() => match event {
                    LinkEvent::Heard { down: Down::Done { .. }, .. } => answered += 1,
                    LinkEvent::Line { line: Line::Up(_), .. } => {}
                    other => panic!("{other:?}"),
                },
                () = sleep_until(next_question) => {
                    bench.order(LinkOrder::Say(say("what is the time?"))).await;
                    next_question += Duration::from_mins(10);
                }
                () = sleep_until(end) => break,
            }
        }
        drop(peer);
        let dropped = bench.passed();
        peer = bench.greet().await;
        lives += 1;
        let gone = bench.passed().saturating_sub(dropped);
        assert!(gone < Duration::from_millis(250), "{gone:?}");
    }
    assert_eq!((lives, answered), (25, 24 * 6));
    assert_eq!(tasks(), before, "nothing is left of any life");
    assert!(bench.streams.try_recv().is_err(), "a stream too many");
}

#[tokio::test(start_paused = true)]
async fn a_line_that_flaps_every_second_for_a_minute_is_dialed_no_oftener_and_is_up_in_the_end() {
    let mut bench = Bench::new(patient());
    bench.order(LinkOrder::Dial).await;
    let minute = bench.passed() + Duration::from_mins(1);
    let mut lives = 0;
    let before = tasks();
    while bench.passed() < minute {
        let mut peer = bench.greet().await;
        lives += 1;
        let second = Instant::now() + Duration::from_secs(1);
        while let Ok(message) = tokio::time::timeout_at(second, peer.next()).await {
            message.unwrap().unwrap();
        }
    }
    assert!((20..=31).contains(&lives), "{lives} lives");
    assert_eq!(tasks(), before, "nothing is left of any life");
    let mut peer = bench.greet().await;
    bench.order(LinkOrder::Say(say("still there?"))).await;
    assert!(text(&mut peer).await.contains("still there?"));
}
