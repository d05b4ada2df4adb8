//! Those who come in masses, never end, or never listen.

use crate::folder;
use crate::house::Server;
use std::collections::VecDeque;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// By so much a server may grow while it is attacked.
const GROWTH_KB: u64 = 32 << 10;

/// One request of a client at another address of this machine.
async fn ask_from(address: &str, server: &Server) -> String {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(address.parse().unwrap()).unwrap();
    let mut stream = socket
        .connect(server.address().parse().unwrap())
        .await
        .unwrap();
    let request = b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut told = String::new();
    stream.read_to_string(&mut told).await.unwrap();
    told
}

#[tokio::test]
async fn ten_thousand_who_say_half_a_head_take_neither_memory_nor_the_place_of_others() {
    /// So many are held open here; what is older has hung up.
    const HELD: usize = 400;
    let folder = folder();
    let server = Server::start(folder.path(), &[], &[]);
    assert!(
        ask_from("127.0.0.2:0", &server)
            .await
            .starts_with("HTTP/1.1 200")
    );
    let before = server.memory_kb();
    let mut held = VecDeque::new();
    for nth in 0..10_000 {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        // It may have been turned away by now.
        let _ = stream.write_all(b"GET /health HTTP/1.1\r\nhost: loc").await;
        held.push_back(stream);
        if held.len() > HELD {
            held.pop_front();
        }
        if nth % 1_000 == 0 {
            let told = ask_from("127.0.0.2:0", &server).await;
            assert!(told.starts_with("HTTP/1.1 200"), "{nth}: {told}");
        }
    }
    let grown = server.memory_kb().saturating_sub(before);
    assert!(grown < GROWTH_KB, "{grown} KiB more than before");
}

#[tokio::test]
async fn an_upload_without_end_is_refused_before_it_is_read() {
    const GIBIBYTE: usize = 1 << 30;
    let folder = folder();
    let settings = [("HEARSAY_SERVE_REQUEST_S", "1")];
    let server = Server::start(folder.path(), &[], &settings);
    assert_eq!(server.http("GET /health", &[], "").await.0, 200);
    let before = server.memory_kb();
    for path in [
        "/v1/chat/completions",
        "/v1/audio/transcriptions",
        "/v1/tools/call",
    ] {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\n\
             content-type: multipart/form-data; boundary=x\r\ntransfer-encoding: chunked\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let piece = [&b"10000\r\n"[..], &vec![b'x'; 0x1_0000], b"\r\n"].concat();
        let mut sent = 0;
        while sent < GIBIBYTE && stream.write_all(&piece).await.is_ok() {
            sent += piece.len();
        }
        assert!(sent < GIBIBYTE / 4, "{path}: {sent} bytes were taken");
        assert_eq!(server.http("GET /health", &[], "").await.0, 200);
    }
    let grown = server.memory_kb().saturating_sub(before);
    // A recording may be held as a whole before it is too long.
    assert!(grown < 3 * GROWTH_KB, "{grown} KiB more than before");
}

#[tokio::test]
async fn who_never_reads_is_hung_up_on_and_takes_no_memory() {
    let folder = folder();
    let settings = [("HEARSAY_SERVE_STALL_S", "1"), ("HEARSAY_SERVE_RATE", "0")];
    let server = Server::start(folder.path(), &[], &settings);
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let before = server.memory_kb();
    let upgrade = "GET /ws/chat HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\n\
        upgrade: websocket\r\nsec-websocket-version: 13\r\n\
        sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(upgrade.as_bytes()).await.unwrap();
    // A text frame, masked with zeros.
    let text = br#"{"type":"get_status"}"#;
    let frame = [&[0x81, 0x80 | text.len() as u8, 0, 0, 0, 0][..], text].concat();
    let many = frame.repeat(1_000);
    while stream.write_all(&many).await.is_ok() {}
    let grown = server.memory_kb().saturating_sub(before);
    assert!(grown < GROWTH_KB, "{grown} KiB more than before");
    assert_eq!(server.http("GET /health", &[], "").await.0, 200);
}
