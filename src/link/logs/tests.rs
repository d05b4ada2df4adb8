//! Follows a log against a real host on real sockets, which lists, tells, hangs up and says no.

use super::*;
use crate::core::time::Wall;
use crate::link::{Proxies, Trust};
use crate::wire::logs::{append, initial};
use serde_json::json;
use std::collections::VecDeque;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{WebSocketStream, accept_async};

/// What a host does with the next connection.
enum Does {
    /// Lists these lines of so many.
    List(&'static str, u64),
    /// Answers with this status.
    Status(u16),
    /// Accepts the socket, says these frames, and hangs up: with a code, or without a word.
    Talk(Vec<String>, Option<u16>),
    /// Accepts the socket, says these frames, and stays.
    Stay(Vec<String>),
}

fn entries(text: &str) -> Vec<Entry> {
    let entry = |c: char| Entry {
        timestamp: "2024-01-01 00:00:00".into(),
        level: "INFO".into(),
        file: "a.py".into(),
        line: 1,
        message: c.to_string(),
    };
    text.chars().map(entry).collect()
}

fn first(text: &str, total: u64) -> String {
    initial(&entries(text), "a.log", total)
}

fn more(text: &str) -> String {
    append(&entries(text))
}

/// Reads the head of a request without taking it.
async fn head(stream: &TcpStream) -> String {
    let mut seen = vec![0; 4096];
    loop {
        let got = stream.peek(&mut seen).await.unwrap();
        let text = String::from_utf8_lossy(&seen[..got]).into_owned();
        if text.contains("\r\n\r\n") || got == 0 {
            return text;
        }
        tokio::task::yield_now().await;
    }
}

/// A host that does one thing after another: each connection in its kind's order.
async fn host(
    listed: Vec<Does>,
    talked: Vec<Does>,
) -> (SocketAddr, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, heads) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let (mut listed, mut talked) = (VecDeque::from(listed), VecDeque::from(talked));
        let mut held: Vec<WebSocketStream<TcpStream>> = vec![];
        while let Ok((mut stream, _from)) = listener.accept().await {
            let request = head(&stream).await;
            let socket = request.to_lowercase().contains("upgrade: websocket");
            let _ = tell.send(request);
            let next = if socket { &mut talked } else { &mut listed };
            match next.pop_front() {
                Some(Does::List(lines, total)) => {
                    let body = json!({"plugin_id": "p", "logs": entries(lines),
                        "total_lines": total, "returned_lines": lines.len()})
                    .to_string();
                    let mut taken = vec![0; 4096];
                    let _ = stream.read(&mut taken).await;
                    let answer = format!(
                        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                        body.len()
                    );
                    stream.write_all(answer.as_bytes()).await.unwrap();
                }
                Some(Does::Status(status)) => {
                    let mut taken = vec![0; 4096];
                    let _ = stream.read(&mut taken).await;
                    let answer = format!(
                        "HTTP/1.1 {status} No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                    );
                    stream.write_all(answer.as_bytes()).await.unwrap();
                }
                Some(Does::Talk(frames, code)) => {
                    let mut socket = accept_async(stream).await.unwrap();
                    for frame in frames {
                        socket.send(Message::text(frame)).await.unwrap();
                    }
                    if let Some(code) = code {
                        let reason = "Authentication required".into();
                        let code = code.into();
                        let _ = socket.close(Some(CloseFrame { code, reason })).await;
                        // Until the other side has heard it.
                        while let Some(Ok(_)) = socket.next().await {}
                    }
                }
                Some(Does::Stay(frames)) => {
                    let mut socket = accept_async(stream).await.unwrap();
                    for frame in frames {
                        socket.send(Message::text(frame)).await.unwrap();
                    }
                    held.push(socket);
                }
                // It hangs up.
                None => {}
            }
        }
    });
    (address, heads)
}

fn following(address: SocketAddr, code: Option<&str>) -> mpsc::Receiver<News> {
    let soon = Duration::from_millis(1);
    let place = Place {
        remote: Remote {
            url: format!("ws://{address}/ws/logs/p"),
            token: code.map(ToOwned::to_owned),
            proxies: Proxies::default(),
            trust: Trust::default(),
        },
        id: "p".into(),
        lines: 100,
        pace: Pace {
            poll: soon,
            retry: soon * 20,
        },
    };
    follow(place, Clock::new(Instant::now(), Wall(0)))
}

/// What is told until these lines have come, and the host is live; each line once.
async fn until(news: &mut mpsc::Receiver<News>, wanted: &str, live: bool) -> Vec<News> {
    let (mut lines, mut other, mut is_live) = (String::new(), vec![], false);
    while lines != wanted || is_live != live {
        match news.recv().await.expect("the host is followed") {
            News::Lines(new) => lines.extend(new.iter().map(|entry| entry.message.as_str())),
            News::Feed(feed) => {
                is_live = feed == Feed::Live;
                other.push(News::Feed(feed));
            }
            News::Gap => lines.push('-'),
        }
        assert!(wanted.starts_with(&lines), "{lines} is not {wanted}");
    }
    other
}

#[tokio::test]
async fn the_listing_comes_first_then_lines_as_they_happen_each_once() {
    // The first append repeats what the first frame held, and a repeated line is none twice told.
    let frames = vec![
        first("bcd", 4),
        r#"{"type":"ping"}"#.into(),
        more("de"),
        more("e"),
    ];
    let (address, mut heads) = host(vec![Does::List("abc", 3)], vec![Does::Stay(frames)]).await;
    let mut news = following(address, Some("s e/c"));
    let other = until(&mut news, "abcdee", true).await;
    assert_eq!(other, [News::Feed(Feed::Calling), News::Feed(Feed::Live)]);
    let listed = heads.recv().await.unwrap();
    assert!(
        listed.starts_with("GET /plugin/p/logs?lines=100 "),
        "{listed}"
    );
    assert!(
        listed.contains("Bearer s e/c") || listed.contains("bearer s e/c"),
        "{listed}"
    );
    let opened = heads.recv().await.unwrap();
    assert!(
        opened.starts_with("GET /ws/logs/p?code=s%20e%2Fc "),
        "{opened}"
    );
}

#[tokio::test]
async fn while_the_socket_is_down_it_is_asked_and_nothing_is_lost_or_doubled() {
    let (address, _heads) = host(
        vec![
            Does::List("ab", 2),
            Does::List("abcd", 4),
            Does::List("bcde", 5),
        ],
        vec![
            Does::Talk(vec![first("ab", 2), more("c")], None),
            Does::Status(503),
            Does::Stay(vec![first("defg", 7), more("gh")]),
        ],
    )
    .await;
    let mut news = following(address, None);
    let other = until(&mut news, "abcdefgh", true).await;
    let polled = |news: &News| matches!(news, News::Feed(Feed::Polled { .. }));
    assert!(other.iter().any(polled), "{other:?}");
}

#[tokio::test]
async fn more_than_a_listing_holds_is_asked_for_and_else_told_as_missing() {
    let (address, mut heads) = host(
        vec![
            Does::List("ab", 2),
            Does::List("bcdefg", 7),
            Does::List("xyz", 99),
            Does::List("xyz", 99),
        ],
        vec![
            Does::Talk(vec![first("fg", 7)], None),
            Does::Stay(vec![first("yz", 99)]),
        ],
    )
    .await;
    let mut news = following(address, None);
    until(&mut news, "abcdefg-xyz", true).await;
    let mut seen = vec![];
    while let Ok(head) = heads.try_recv() {
        seen.push(head);
    }
    assert!(
        seen.iter().any(|head| head.contains("lines=10000")),
        "{seen:?}"
    );
}

#[tokio::test]
async fn who_has_no_code_is_told_so_and_not_tried_again() {
    for (listed, talked) in [
        (vec![Does::Status(401)], vec![]),
        (
            vec![Does::List("a", 1)],
            vec![Does::Talk(vec![], Some(1008))],
        ),
        (vec![Does::List("a", 1)], vec![Does::Status(403)]),
    ] {
        let (address, _heads) = host(listed, talked).await;
        let mut news = following(address, Some("wrong"));
        let mut last = None;
        while let Some(next) = news.recv().await {
            last = Some(next);
        }
        let Some(News::Feed(Feed::Refused { why, hint })) = last else {
            panic!("{last:?}");
        };
        assert!(why.contains("wants a code") && !why.contains("wrong") && !hint.is_empty());
    }
}

#[tokio::test]
async fn a_code_is_not_sent_where_anybody_could_read_it() {
    let place = Place {
        remote: Remote {
            url: "ws://logs.example/ws/logs/p".into(),
            token: Some("secret".into()),
            ..Remote::default()
        },
        id: "p".into(),
        lines: 100,
        pace: Pace::default(),
    };
    let mut news = follow(place, Clock::new(Instant::now(), Wall(0)));
    let told = news.recv().await;
    assert!(
        matches!(told, Some(News::Feed(Feed::Refused { .. }))),
        "{told:?}"
    );
}

#[test]
fn a_url_says_which_log_is_meant() {
    for (url, socket) in [
        ("http://h:1", Some(("ws://h:1/ws/logs/_server", "_server"))),
        ("wss://h/", Some(("wss://h/ws/logs/_server", "_server"))),
        (
            "https://h/plugin/a-b/logs",
            Some(("wss://h/ws/logs/a-b", "a-b")),
        ),
        ("ws://h/ws/logs/x?code=1", Some(("ws://h/ws/logs/x", "x"))),
        ("ws://h/ws/logs/../x", None),
        ("ws://h/ws/logs/", None),
        ("ws://h/ws/chat", None),
        ("ftp://h", None),
    ] {
        let read = place(url).ok();
        let expected = socket.map(|(url, id)| (url.to_owned(), id.to_owned()));
        assert_eq!(read, expected, "{url}");
    }
}
