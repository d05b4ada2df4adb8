//! What happens before a backend has greeted us.

use super::fault::{fault, play};
use super::frames::{answer, close};
use super::peer::{Act, Then};

fn instead(head: &str) -> Act {
    Act::Instead(answer(head), Then::Hold)
}

fn bytes(bytes: &[u8], then: Then) -> Act {
    Act::Instead(bytes.to_vec(), then)
}

fn ungreeted(bytes: Vec<u8>) -> Act {
    Act::Ungreeted(bytes, Then::Hold)
}

#[tokio::test]
async fn an_upgrade_without_an_answer_is_overcome() {
    let _others_may_run = super::TURN.read().await;
    let endless = b"X-Y: z\r\n".repeat(64);
    play(vec![
        fault("upgrade never answered", bytes(b"", Then::Hold), "waiting"),
        fault(
            "upgrade answered byte by byte",
            Act::Instead(b"HTTP/1.1 101 x\r\n".to_vec(), Then::Drip(endless.clone())),
            "waiting",
        ),
        fault(
            "half a head, then silence",
            bytes(b"HTTP/1.1 101 Sw", Then::Freeze),
            "waiting",
        ),
        fault(
            "endless head",
            Act::Instead(b"HTTP/1.1 101 x\r\n".to_vec(), Then::Repeat(endless)),
            "refused",
        ),
        fault(
            "hung up instead of answering",
            bytes(b"", Then::Fin),
            "waiting",
        ),
        fault(
            "reset instead of answering",
            bytes(b"", Then::Reset),
            "waiting",
        ),
        fault("no greeting", ungreeted(vec![]), "waiting"),
    ])
    .await;
}

#[tokio::test]
async fn an_upgrade_that_is_refused_is_told_and_only_asked_again_where_time_helps() {
    let _others_may_run = super::TURN.read().await;
    play(vec![
        fault("401", instead("401 Unauthorized"), "refused"),
        fault("403", instead("403 Forbidden"), "refused"),
        fault("404", instead("404 Not Found"), "refused"),
        fault(
            "429, retry after 1 s",
            instead("429 Too Many Requests\r\nRetry-After: 1"),
            "waiting",
        ),
        fault("500", instead("500 Internal Server Error"), "waiting"),
        fault("502", instead("502 Bad Gateway"), "waiting"),
        fault(
            "503, retry after 1 s",
            instead("503 Service Unavailable\r\nRetry-After: 1"),
            "waiting",
        ),
        fault(
            "302 to another host",
            instead("302 Found\r\nLocation: http://127.0.0.1:1/"),
            "refused",
        ),
        fault(
            "1000 before the greeting",
            ungreeted(close(1000, b"no")),
            "refused",
        ),
        fault(
            "1008 before the greeting",
            ungreeted(close(1008, b"no")),
            "refused",
        ),
        fault(
            "4401 before the greeting",
            ungreeted(close(4401, b"token")),
            "refused",
        ),
        fault(
            "1013 before the greeting",
            ungreeted(close(1013, b"busy")),
            "waiting",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_program_that_is_no_backend_is_told_from_one_that_is_away() {
    let _others_may_run = super::TURN.read().await;
    let html = "200 OK\r\nContent-Type: text/html\r\nContent-Length: 20\r\n\r\n<html>hello</html>";
    let switched = |key: &str, more: &str| {
        answer(&format!(
            "101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {key}{more}"
        ))
    };
    let fitting = |more: &'static str| Act::Agreed(more, Then::Hold);
    play(vec![
        fault(
            "HTML instead of an upgrade",
            Act::Instead(answer(html), Then::Fin),
            "refused",
        ),
        fault(
            "wrong accept key",
            Act::Instead(switched("AAAAAAAAAAAAAAAAAAAAAAAAAAA=", ""), Then::Hold),
            "refused",
        ),
        fault(
            "an extension never offered",
            fitting("Sec-WebSocket-Extensions: permessage-deflate"),
            "refused",
        ),
        fault(
            "a subprotocol never offered",
            fitting("Sec-WebSocket-Protocol: chat"),
            "refused",
        ),
        fault(
            "another program: SSH",
            bytes(b"SSH-2.0-OpenSSH_9.7\r\n", Then::Hold),
            "refused",
        ),
        fault(
            "another program: bytes",
            bytes(&[0xff; 64], Then::Hold),
            "refused",
        ),
    ])
    .await;
}
