//! Asks real sockets for tunnels, and tables for everything that needs none.

use super::*;
use tokio::net::TcpListener;

fn address(url: &str) -> Address {
    Address::read(url).unwrap()
}

fn proxies(variables: &[(&str, &str)]) -> Proxies {
    Proxies::read(|name| {
        let (_, value) = variables.iter().find(|(its, _)| *its == name)?;
        Some((*value).to_owned())
    })
}

/// Host and port of the proxy on the way to `url`, if there is one.
fn way(proxies: &Proxies, url: &str) -> Option<(String, u16)> {
    let proxy = proxies.toward(&address(url)).unwrap()?;
    Some((proxy.host, proxy.port))
}

#[test]
fn the_environment_says_which_proxy_if_any() {
    let both = [("HTTP_PROXY", "http://plain:1"), ("HTTPS_PROXY", "safe:2")];
    let all = [("ALL_PROXY", "socks5://any"), ("http_proxy", "low")];
    let never = |list: &'static str| [("ALL_PROXY", "http://any:3"), ("NO_PROXY", list)];
    for (variables, url, expected) in [
        (&both[..], "ws://a.example", Some(("plain", 1))),
        (&both[..], "wss://a.example", Some(("safe", 2))),
        (&all[..], "ws://a.example", Some(("low", 80))),
        (&all[..], "wss://a.example", Some(("any", 1080))),
        (&[][..], "wss://a.example", None),
        (&[("HTTP_PROXY", "  ")][..], "ws://a.example", None),
        // This machine is never reached through another.
        (&both[..], "ws://localhost:1", None),
        (&both[..], "wss://127.0.0.1", None),
        (&both[..], "ws://[::1]", None),
        (&never("*")[..], "ws://a.example", None),
        (&never("x, A.Example")[..], "ws://a.example", None),
        (&never("example")[..], "ws://a.example", None),
        (&never(".example")[..], "ws://a.example", None),
        (&never("*.example")[..], "ws://a.example", None),
        (&never("ample")[..], "ws://a.example", Some(("any", 3))),
        (&never("a.example:80")[..], "ws://a.example", None),
        (
            &never("a.example:81")[..],
            "ws://a.example",
            Some(("any", 3)),
        ),
        (&never("fd00::1")[..], "ws://[fd00::1]:9", None),
        (&never("10.0.0.1")[..], "ws://10.0.0.1", None),
    ] {
        let expected = expected.map(|(host, port)| (host.to_owned(), port));
        assert_eq!(
            way(&proxies(variables), url),
            expected,
            "{variables:?} {url}"
        );
    }
}

#[test]
fn what_is_no_proxy_is_told_without_its_password() {
    for url in [
        "https://u:secret@h",
        "ftp://u:secret@h",
        "u:secret@h:port",
        "http://u:secret@",
    ] {
        let proxies = proxies(&[("HTTP_PROXY", url)]);
        let Err(cause) = proxies.toward(&address("ws://a.example")) else {
            panic!("{url} is no proxy")
        };
        assert!(
            !format!("{cause:?} {proxies:?}").contains("secret"),
            "{cause:?}"
        );
    }
}

#[test]
fn logins_are_unescaped_and_encoded() {
    for (url, name, password) in [
        ("u:p@h", "u", "p"),
        ("http://a%40b:%3a%C3%A9%@h:1", "a@b", ":é%"),
        ("u@h", "u", ""),
    ] {
        let login = Proxy::read(url).ok().and_then(|proxy| proxy.login).unwrap();
        assert_eq!(login, (name.to_owned(), password.to_owned()), "{url}");
    }
    // The examples of the standard.
    for (plain, text) in [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ] {
        assert_eq!(base64(plain.as_bytes()), text);
    }
}

/// Asks a proxy that plays `script`: what it must be told, and what it says then. Whatever the
/// tunnel gives is read to its end.
async fn ask(url: &str, script: Vec<(Vec<u8>, Vec<u8>)>) -> Result<String, Cause> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let played = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        for (wanted, answer) in script {
            let mut found = vec![0; wanted.len()];
            stream.read_exact(&mut found).await.unwrap();
            let (found, wanted) = (found.escape_ascii(), wanted.escape_ascii());
            assert_eq!(found.to_string(), wanted.to_string());
            stream.write_all(&answer).await.unwrap();
        }
    });
    let proxy = Proxy::read(&url.replace("PORT", &port.to_string()))
        .ok()
        .unwrap();
    let tunnel = proxy.tunnel(&address("ws://a.example:9/x")).await;
    played.await.unwrap();
    let mut text = String::new();
    tunnel?.read_to_string(&mut text).await.unwrap();
    Ok(text)
}

const CONNECT: &[u8] = b"CONNECT a.example:9 HTTP/1.1\r\nHost: a.example:9\r\n";

#[tokio::test]
async fn a_tunnel_is_asked_for_with_connect() {
    let plain = [CONNECT, b"\r\n"].concat();
    let login = [CONNECT, b"Proxy-Authorization: Basic dTpw\r\n\r\n"].concat();
    let yes = b"HTTP/1.1 200 fine\r\nX: y\r\n\r\nhello".to_vec();
    for (url, request) in [
        ("127.0.0.1:PORT", plain.clone()),
        ("u:p@127.0.0.1:PORT", login),
    ] {
        let script = vec![(request, yes.clone())];
        assert_eq!(ask(url, script).await, Ok("hello".to_owned()));
    }
    for (answer, status, reason) in [
        (
            "HTTP/1.1 407 Who\x1b[31m are you\r\n\r\n",
            Some(407),
            "Who[31m are you",
        ),
        ("HTTP/1.0 502 Bad Gateway\r\n\r\n", Some(502), "Bad Gateway"),
        ("SSH-2.0-OpenSSH\r\n\r\n", None, "no answer in HTTP"),
    ] {
        let script = vec![(plain.clone(), answer.as_bytes().to_vec())];
        let Err(Cause::Denied {
            status: found,
            reason: why,
        }) = ask("http://127.0.0.1:PORT", script).await
        else {
            panic!("{answer}")
        };
        assert_eq!(found, status);
        assert!(
            why.starts_with(&format!("{reason} (says the proxy `127.0.0.1:")),
            "{why}"
        );
    }
    for answer in [vec![], b"HTTP/1.1 200".to_vec(), vec![b'x'; LONGEST_HEAD]] {
        let end = ask("127.0.0.1:PORT", vec![(plain.clone(), answer)]).await;
        assert!(matches!(&end, Err(Cause::Unreachable { .. })), "{end:?}");
    }
}

#[tokio::test]
async fn a_tunnel_is_asked_for_with_socks() {
    let request = [&b"\x05\x01\x00\x03\x09a.example"[..], &[0, 9]].concat();
    let v4 = b"\x05\x00\x00\x01\x7f\0\0\x01\0\x09hello".to_vec();
    let named = b"\x05\x00\x00\x03\x01x\0\x09hello".to_vec();
    for granted in [v4.clone(), named] {
        let script = vec![
            (b"\x05\x01\x00".to_vec(), b"\x05\x00".to_vec()),
            (request.clone(), granted),
        ];
        assert_eq!(
            ask("socks5h://127.0.0.1:PORT", script).await,
            Ok("hello".to_owned())
        );
    }
    let login = |answer: &[u8]| {
        vec![
            (b"\x05\x02\x00\x02".to_vec(), b"\x05\x02".to_vec()),
            (b"\x01\x01u\x01p".to_vec(), answer.to_vec()),
        ]
    };
    let mut script = login(b"\x01\x00");
    script.push((request.clone(), v4));
    assert_eq!(
        ask("socks5://u:p@127.0.0.1:PORT", script).await,
        Ok("hello".to_owned())
    );
    let end = ask("socks5://u:p@127.0.0.1:PORT", login(b"\x01\x01")).await;
    assert!(
        matches!(&end, Err(Cause::Denied { status: None, .. })),
        "{end:?}"
    );

    let refused = b"\x05\x05\x00\x01\0\0\0\0\0\0".to_vec();
    let script = vec![
        (b"\x05\x01\x00".to_vec(), b"\x05\x00".to_vec()),
        (request, refused),
    ];
    let at = "a.example:9".to_owned();
    let end = ask("socks5://127.0.0.1:PORT", script).await;
    assert_eq!(end, Err(Cause::NobodyListens { at }));
}
