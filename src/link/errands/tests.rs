//! Asks a real server on loopback.

use super::super::clock::Clock;
use super::super::connect::{Connector, Remote, Target};
use super::super::settings::LinkSettings;
use super::*;
use crate::core::time::Wall;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::Instant;

/// A server that answers one request with these bytes, and what it was asked.
async fn server(answer: &'static str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        let (mut stream, _from) = listener.accept().await.unwrap();
        let mut asked = vec![];
        while !asked.ends_with(b"\r\n\r\n") && !asked.ends_with(b"}") {
            let mut byte = [0];
            if stream.read(&mut byte).await.unwrap() == 0 {
                break;
            }
            asked.extend(byte);
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8(asked).unwrap()
    });
    (url, task)
}

fn errands(backend: &str) -> Errands {
    let remote = Remote {
        url: backend.to_owned(),
        token: Some("secret".into()),
        ..Remote::default()
    };
    let clock = Clock::new(Instant::now(), Wall(0));
    let connector = Connector::new(Target::Url(remote), &LinkSettings::default(), clock);
    Errands::new(connector.way())
}

fn request(number: u64, url: String) -> Errand {
    Errand::Ask(Request {
        number,
        method: "POST",
        url,
        headers: vec![("Accept", "text/event-stream".into())],
        body: Some("{}".into()),
    })
}

async fn all(errands: &mut Errands) -> Vec<Piece> {
    let mut pieces = vec![];
    loop {
        let Answer { piece, .. } = errands.next().await;
        match (&piece, pieces.last_mut()) {
            (Piece::End | Piece::Failed { .. }, _) => {
                pieces.push(piece);
                return pieces;
            }
            (Piece::Body(more), Some(Piece::Body(bytes))) => {
                *bytes = [&bytes[..], &more[..]].concat().into();
            }
            _ => pieces.push(piece),
        }
    }
}

#[tokio::test]
async fn an_answer_arrives_in_pieces_and_ends() {
    let (url, asked) = server(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n\
         5\r\ndata:\r\n3\r\n x\n\r\n0\r\n\r\n",
    )
    .await;
    let mut errands = errands(&url);
    errands.run(request(1, format!("{url}/v1/x?y=1")));
    assert_eq!(
        all(&mut errands).await,
        [
            Piece::Head {
                status: 200,
                kind: "text/event-stream".into(),
                retry_after_s: None
            },
            Piece::Body("data: x\n".into()),
            Piece::End
        ]
    );
    let asked = asked.await.unwrap().to_ascii_lowercase();
    assert!(asked.starts_with("post /v1/x?y=1 http/1.1\r\n"), "{asked}");
    for line in [
        "authorization: bearer secret",
        "accept: text/event-stream",
        "content-type: application/json",
    ] {
        assert!(asked.contains(line), "{line} is not in {asked}");
    }
}

#[tokio::test]
async fn the_token_is_for_the_backend_alone() {
    let (url, asked) =
        server("HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n").await;
    let mut errands = errands("wss://backend.example/ws");
    errands.run(request(1, url));
    assert_eq!(
        all(&mut errands).await,
        [
            Piece::Head {
                status: 503,
                kind: String::new(),
                retry_after_s: Some(7)
            },
            Piece::End
        ]
    );
    assert!(!asked.await.unwrap().contains("secret"));
}

#[tokio::test]
async fn an_answer_that_breaks_off_says_so() {
    let (url, _asked) = server("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").await;
    let mut errands = errands(&url);
    errands.run(request(1, url.clone()));
    let pieces = all(&mut errands).await;
    assert!(
        matches!(pieces.last(), Some(Piece::Failed { .. })),
        "{pieces:?}"
    );
    let nobody = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    errands.run(request(2, format!("http://{nobody}/")));
    let pieces = all(&mut errands).await;
    let [Piece::Failed { why }] = &pieces[..] else {
        panic!("{pieces:?}");
    };
    assert!(
        why.contains("no program listens") || why.contains(&nobody.to_string()),
        "{why}"
    );
}

#[tokio::test]
async fn what_is_dropped_is_never_heard_of_again() {
    let (url, _asked) = server("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx").await;
    let (other, _) = server("HTTP/1.1 204 No Content\r\n\r\n").await;
    let mut errands = errands(&url);
    errands.run(request(1, url.clone()));
    errands.run(Errand::Drop(1));
    errands.run(request(2, other));
    assert_eq!(errands.next().await.number, 2);
    errands.forget();
    let nothing = timeout(Duration::ZERO, errands.next()).await;
    assert!(nothing.is_err());
}
