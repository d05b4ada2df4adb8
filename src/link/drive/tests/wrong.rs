//! What other programs and broken backends say.

use super::*;

#[tokio::test(start_paused = true)]
async fn garbage_instead_of_an_upgrade_is_no_backend() {
    for (answer, expected) in [
        ("SSH-2.0-OpenSSH_9.7\r\n", Err("it does not speak HTTP")),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            Err("it answered 200 OK and opened no socket"),
        ),
        (
            "HTTP/1.1 401 Unauthorized\r\n\r\n",
            Ok((401, "Unauthorized")),
        ),
        (
            "HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\n\r\n",
            Ok((302, "Found")),
        ),
    ] {
        let mut bench = Bench::new(patient());
        bench.order(LinkOrder::Dial).await;
        let mut stream = bench.stream().await;
        let mut request = [0; 1024];
        let length = stream.read(&mut request).await.unwrap();
        assert!(request[..length].starts_with(b"GET /ws/chat HTTP/1.1\r\n"));
        stream.write_all(answer.as_bytes()).await.unwrap();
        let cause = match expected {
            Ok((status, reason)) => Cause::Denied {
                status: Some(status),
                reason: reason.into(),
            },
            Err(why) => Cause::NotABackend { why: why.into() },
        };
        let line = bench.end().await;
        if let Line::Refused { cause: found } = &line {
            assert_eq!(*found, cause);
        } else {
            panic!("{answer}: {line:?}")
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_busy_server_gets_the_time_it_asks_for() {
    let mut bench = Bench::new(patient());
    bench.order(LinkOrder::Dial).await;
    let mut stream = bench.stream().await;
    let busy = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 17\r\n\r\n";
    stream.write_all(busy.as_bytes()).await.unwrap();
    bench.greet().await;
    assert_eq!(bench.passed().as_secs(), 17);
}

#[tokio::test(start_paused = true)]
async fn edge_43_a_broken_frame_is_answered_with_the_right_code() {
    for (bytes, code) in [
        (&b"\x81\x02\xff\xfe"[..], 1007),
        (&b"\xf1\x01x"[..], 1002),
        (&b"\x83\x01x"[..], 1002),
        (&b"\x80\x01x"[..], 1002),
        (&b"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"[..], 1009),
        (&b"\x82\x7f\x00\x00\x00\x00\x01\x10\x00\x00"[..], 1009),
    ] {
        let (mut bench, mut peer) = Bench::up(patient()).await;
        text_free(&mut peer).await;
        tokio::time::advance(Duration::from_secs(3)).await;
        peer.get_mut().write_all(bytes).await.unwrap();
        let line = bench.end().await;
        assert!(
            matches!(
                &line,
                Line::Waiting {
                    cause: Cause::Garbled { .. },
                    ..
                }
            ),
            "{bytes:?}: {line:?}"
        );
        let said = peer.next().await;
        assert!(
            matches!(&said, Some(Ok(Message::Close(Some(said)))) if u16::from(said.code) == code),
            "{bytes:?}: {said:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn edge_43_nonsense_is_told_and_the_line_stays_up() {
    let (mut bench, mut peer) = Bench::up(patient()).await;
    for nonsense in [
        Message::text("not json"),
        Message::binary(vec![0, 255]),
        Message::text("{}"),
        Message::Pong(vec![1, 2, 3].into()),
        Message::Ping(vec![0; 125].into()),
    ] {
        peer.send(nonsense).await.unwrap();
    }
    peer.send(Message::text(r#"{"type":"ring","label":"x"}"#))
        .await
        .unwrap();
    let mut unreadable = 0;
    loop {
        match bench.event().await {
            LinkEvent::Heard {
                down: Down::Unreadable { .. },
                ..
            } => unreadable += 1,
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
    assert_eq!(unreadable, 3);
}

#[tokio::test]
async fn addresses_that_cannot_work_are_refused_with_the_reason() {
    for (url, token, why) in [
        (
            "ws://example.invalid",
            Some("secret"),
            "the token would travel to `example.invalid` unencrypted; use `wss://`",
        ),
        (
            "gopher://x",
            None,
            "`gopher://` is none of `ws`, `wss`, `http`, `https`",
        ),
        (
            "ws://127.0.0.1:1",
            Some("line\nbreak"),
            "the token holds characters that no header may hold",
        ),
    ] {
        // Only the last case opens a connection, and to a listener of ours.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let target = Target::Url(Remote {
            url: url.replace(":1", &format!(":{port}")),
            token: token.map(str::to_owned),
            ..Remote::default()
        });
        let (_open, streams) = mpsc::unbounded_channel();
        let mut bench = Bench::start(target, patient(), 64, streams);
        bench.order(LinkOrder::Dial).await;
        let cause = Cause::Unusable { why: why.into() };
        assert_eq!(bench.end().await, Line::Refused { cause });
    }
}

#[tokio::test]
async fn the_token_is_shown_over_tcp_and_a_closed_port_is_told_from_a_silent_one() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let target = || {
        Target::Url(Remote {
            url: format!("http://127.0.0.1:{port}"),
            token: Some("secret".into()),
            ..Remote::default()
        })
    };
    let (_open, streams) = mpsc::unbounded_channel();
    let mut bench = Bench::start(target(), patient(), 64, streams);
    bench.order(LinkOrder::Dial).await;
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut head = String::new();
    while !head.contains("\r\n\r\n") {
        let mut bytes = [0; 1024];
        let length = stream.read(&mut bytes).await.unwrap();
        head.push_str(std::str::from_utf8(&bytes[..length]).unwrap());
    }
    assert!(head.starts_with("GET /ws/chat HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("authorization: Bearer secret\r\n"), "{head}");
    assert!(!head.to_lowercase().contains("extensions"), "{head}");
    drop((stream, listener));
    let line = bench.end().await;
    assert!(
        matches!(
            &line,
            Line::Waiting {
                cause: Cause::Unreachable { .. },
                ..
            }
        ),
        "{line:?}"
    );
}

#[tokio::test]
async fn a_plain_server_behind_wss_is_refused_with_the_reason() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let target = Target::Url(Remote {
        url: format!("wss://127.0.0.1:{port}"),
        token: Some("secret".into()),
        ..Remote::default()
    });
    let (_open, streams) = mpsc::unbounded_channel();
    let mut bench = Bench::start(target, patient(), 64, streams);
    bench.order(LinkOrder::Dial).await;
    let (mut stream, _) = listener.accept().await.unwrap();
    stream
        .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        .await
        .unwrap();
    let line = bench.end().await;
    assert!(
        matches!(
            &line,
            Line::Refused {
                cause: Cause::Untrusted {
                    why: Distrust::NoTls,
                    ..
                }
            }
        ),
        "{line:?}"
    );
}
