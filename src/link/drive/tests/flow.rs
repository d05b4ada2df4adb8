//! Much at once, large things, and nobody who reads.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_flood_of_text_becomes_few_events_and_loses_nothing() {
    let (mut bench, mut peer) = Bench::up(patient()).await;
    bench.order(LinkOrder::Say(say("count"))).await;
    let flood = tokio::spawn(async move {
        text(&mut peer).await;
        for n in 0..5_000 {
            let chunk = format!(r#"{{"type":"stream_chunk","content":"{n} "}}"#);
            peer.feed(Message::text(chunk)).await.unwrap();
        }
        peer.feed(Message::text(r#"{"type":"stream_end"}"#))
            .await
            .unwrap();
        peer.flush().await.unwrap();
        peer
    });
    let (mut all, mut events) = (String::new(), 0);
    loop {
        match bench.event().await {
            LinkEvent::Heard {
                down: Down::Text { more, .. },
                ..
            } => {
                all.push_str(&more);
                events += 1;
            }
            LinkEvent::Heard {
                down: Down::Done { .. },
                ..
            } => break,
            LinkEvent::Line { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    flood.await.unwrap();
    let sent: Vec<String> = (0..5_000).map(|n| n.to_string()).collect();
    let heard: Vec<&str> = all.split_whitespace().collect();
    assert_eq!(sent.iter().zip(&heard).find(|(a, b)| a != b), None);
    assert_eq!(heard.len(), sent.len());
    assert!(events < 100, "{events} events for 5000 chunks");
}

#[tokio::test(start_paused = true)]
async fn orders_are_served_while_nobody_reads_the_events() {
    let mut bench = Bench::with_queue(patient(), 1);
    bench.order(LinkOrder::Dial).await;
    let mut peer = bench.greet().await;
    bench.order(LinkOrder::Say(say("flood me"))).await;
    text(&mut peer).await;
    // More than socket, backlog and queue can hold, and nobody takes an event.
    let ring = format!(r#"{{"type":"ring","label":"{}"}}"#, "x".repeat(1000));
    let flood = async {
        loop {
            peer.feed(Message::text(ring.clone())).await.unwrap();
            peer.flush().await.unwrap();
        }
    };
    assert!(
        timeout(Duration::from_secs(1), flood).await.is_err(),
        "the peer notices that we do not read"
    );
    // Silence of our own making kills nothing, however long it lasts.
    tokio::time::advance(Duration::from_mins(10)).await;
    for _ in 0..100 {
        let order = LinkOrder::Say(Up::AskStatus);
        timeout(Duration::from_secs(1), bench.order(order))
            .await
            .expect("orders are taken");
    }
    bench.order(LinkOrder::HangUp).await;
    let mut rings = 0;
    loop {
        match bench.event().await {
            LinkEvent::Line {
                line: Line::Closed, ..
            } => break,
            LinkEvent::Heard {
                down: Down::Ring { .. },
                ..
            } => rings += 1,
            LinkEvent::Line {
                line: Line::Up(_), ..
            } => {}
            other => panic!("{other:?}"),
        }
    }
    assert!((1..=BACKLOG + 1).contains(&rings), "{rings}");
}

#[tokio::test(start_paused = true)]
async fn a_message_larger_than_the_line_carries_comes_back() {
    let small = LinkSettings {
        max_message: 1 << 20,
        ..patient()
    };
    let (mut bench, _peer) = Bench::up(small).await;
    let up = say(&"x".repeat(2 << 20));
    bench.order(LinkOrder::Say(up.clone())).await;
    let epoch = Epoch(1);
    loop {
        let event = bench.event().await;
        if !matches!(event, LinkEvent::Line { .. }) {
            assert!(event == LinkEvent::Unsent { epoch, up });
            break;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_embedded_line_wakes_the_program_never_and_itself_twice_per_beat() {
    let (ours, theirs) = duplex(64 * 1024);
    let stream = std::sync::Mutex::new(Some(ours));
    let target = Target::Embedded(Box::new(move || stream.lock().unwrap().take().unwrap()));
    let clock = Clock::new(Instant::now(), Wall(0));
    let (orders, taken) = mpsc::channel(8);
    let (told, mut events) = mpsc::channel(8);
    // Whoever has no recordings drops their lane.
    let ends = Ends {
        orders: taken,
        events: told,
        clips: mpsc::channel(1).1,
        speech: crate::link::silent(),
    };
    let drive = Drive::new(
        target,
        Box::<Yychat>::default(),
        patient().embedded(),
        crate::link::silent(),
        clock,
    );
    let mut task = Box::pin(drive.run(ends));
    let polls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&polls);
    let counted = poll_fn(move |context| {
        counter.fetch_add(1, Ordering::Relaxed);
        task.as_mut().poll(context)
    });
    tokio::spawn(counted);
    orders.send(LinkOrder::Dial).await.unwrap();
    let mut peer = accept_async(theirs).await.unwrap();
    peer.send(Message::text(GREETING)).await.unwrap();
    text_free(&mut peer).await;
    while !matches!(
        events.recv().await,
        Some(LinkEvent::Line {
            line: Line::Up(Health { rtt: Some(_), .. }),
            ..
        })
    ) {}
    let (before, start) = (polls.load(Ordering::Relaxed), Instant::now());
    let serve = async {
        for _ in 0..100 {
            let beat = text(&mut peer).await;
            assert!(beat.contains(r#""type":"heartbeat""#), "{beat}");
            let answer = r#"{"type":"heartbeat_response","timestamp":1.5,"client_id":"c1"}"#;
            peer.send(Message::text(answer)).await.unwrap();
        }
    };
    tokio::select! {
        () = serve => {}
        event = events.recv() => panic!("{event:?}"),
    }
    assert_eq!(start.elapsed().as_secs(), 3_000);
    let woken = polls.load(Ordering::Relaxed) - before;
    assert!(woken <= 200, "{woken} wake-ups for 100 beats");
}

#[tokio::test(start_paused = true)]
async fn edge_43_a_message_in_fragments_is_one_message_wherever_it_is_cut() {
    let (mut bench, mut peer) = Bench::up(patient()).await;
    let whole = r#"{"type":"ring","label":"é🙂"}"#.as_bytes();
    for cut in 1..whole.len() {
        let (head, tail) = whole.split_at(cut);
        let mut bytes = vec![0x01, head.len() as u8];
        bytes.extend(head);
        // A ping may come between the fragments.
        bytes.extend([0x89, 0x00, 0x80, tail.len() as u8]);
        bytes.extend(tail);
        peer.get_mut().write_all(&bytes).await.unwrap();
    }
    for _ in 1..whole.len() {
        let down = loop {
            if let LinkEvent::Heard { down, .. } = bench.event().await {
                break down;
            }
        };
        let label = "é🙂".into();
        assert_eq!(down, Down::Ring { label });
    }
}

#[tokio::test(start_paused = true)]
async fn edge_43_a_long_answer_in_one_message_arrives_whole() {
    let (mut bench, mut peer) = Bench::up(patient()).await;
    let full = "x".repeat(10 << 20);
    let end = format!(r#"{{"type":"stream_end","full_content":"{full}"}}"#);
    let send = tokio::spawn(async move { peer.send(Message::text(end)).await });
    loop {
        match bench.event().await {
            LinkEvent::Line { .. } => {}
            LinkEvent::Heard {
                down: Down::Done { full: heard, .. },
                ..
            } => {
                assert!(heard == Some(full));
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    send.await.unwrap().unwrap();
}
