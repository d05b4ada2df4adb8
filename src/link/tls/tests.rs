//! Meets real TLS servers with good and bad certificates on loopback.

use super::super::clock::Clock;
use super::super::connect::{Connector, Remote, Target};
use super::*;
use crate::core::time::Wall;
use crate::link::LinkSettings;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use rustls::pki_types::PrivateKeyDer;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::accept_async;

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// The certificate of a server called `name`.
fn params(name: &str) -> CertificateParams {
    CertificateParams::new(vec![name.to_owned()]).unwrap()
}

/// Serves WebSockets over TLS with a certificate, signed by itself if by nobody else, and gives
/// its port. One connection is served.
async fn server(params: CertificateParams, by: Option<&Authority>) -> u16 {
    let key = KeyPair::generate().unwrap();
    let certificate = match by {
        Some(authority) => params.signed_by(&key, authority),
        None => params.self_signed(&key),
    };
    let chain = vec![certificate.unwrap().der().clone()];
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_no_client_auth()
    .with_single_cert(chain, key)
    .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        // A client that does not believe us ends the handshake.
        if let Ok(stream) = acceptor.accept(stream).await {
            accept_async(stream).await.unwrap();
        }
    });
    port
}

/// Dials with that trust; `Ok` when the WebSocket is open.
async fn dial(host: &str, port: u16, trust: &Trust) -> Result<(), Cause> {
    let remote = Remote {
        url: format!("wss://{host}:{port}"),
        trust: trust.clone(),
        ..Remote::default()
    };
    let clock = Clock::new(tokio::time::Instant::now(), Wall(0));
    let connector = Connector::new(Target::Url(remote), &LinkSettings::default(), clock);
    assert_eq!(connector.is_unverified(), trust.anybody);
    let opened = connector.connect(crate::wire::Upgrade::default()).await;
    opened.map(|_socket| ()).map_err(|failure| failure.cause)
}

/// A folder with the authority's certificate in it, and the trust that names the file.
fn trusting(authority: &Authority) -> (tempfile::TempDir, Trust) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, authority.pem()).unwrap();
    let trust = Trust {
        ca_file: Some(file),
        anybody: false,
    };
    (folder, trust)
}

fn untrusted(why: Distrust) -> Result<(), Cause> {
    let host = "localhost".to_owned();
    Err(Cause::Untrusted { host, why })
}

#[tokio::test]
async fn every_bad_certificate_is_refused_for_its_own_reason() {
    let (ours, stranger) = (authority("ours"), authority("stranger"));
    let (_folder, trust) = trusting(&ours);
    let dated = |from: i32, to: i32| {
        let mut params = params("localhost");
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(to, 1, 1);
        params
    };
    let mut posing = params("localhost");
    posing.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    for (what, params, by, expected) in [
        ("good", params("localhost"), Some(&ours), Ok(())),
        (
            "other name",
            params("elsewhere.example"),
            Some(&ours),
            untrusted(Distrust::WrongName),
        ),
        (
            "expired",
            dated(2001, 2002),
            Some(&ours),
            untrusted(Distrust::Expired),
        ),
        (
            "too early",
            dated(2101, 2102),
            Some(&ours),
            untrusted(Distrust::NotYetValid),
        ),
        (
            "self-signed",
            params("localhost"),
            None,
            untrusted(Distrust::UnknownIssuer),
        ),
        (
            "own authority",
            posing,
            None,
            untrusted(Distrust::UnknownIssuer),
        ),
        (
            "stranger",
            params("localhost"),
            Some(&stranger),
            untrusted(Distrust::UnknownIssuer),
        ),
    ] {
        let port = server(params.clone(), by).await;
        assert_eq!(dial("localhost", port, &trust).await, expected, "{what}");
        // With the check switched off any of them will do.
        let anybody = Trust {
            ca_file: None,
            anybody: true,
        };
        let port = server(params, by).await;
        assert_eq!(dial("localhost", port, &anybody).await, Ok(()), "{what}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_encrypt_and_one_that_breaks_off_are_told_apart() {
    for (answer, why) in [
        (&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], Distrust::NoTls),
        (
            b"\x15\x03\x03\0\x02\x02\x28",
            Distrust::Alert("HandshakeFailure".into()),
        ),
        (
            b"\x15\x03\x03\0\x02\x02\x70",
            Distrust::Alert("UnrecognisedName".into()),
        ),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let served = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(answer).await.unwrap();
            stream
        });
        let (_folder, trust) = trusting(&authority("ours"));
        assert_eq!(dial("localhost", port, &trust).await, untrusted(why));
        drop(served.await.unwrap());
    }
}

#[tokio::test]
async fn a_file_of_authorities_that_is_none_is_told_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "nothing here\n").unwrap();
    let broken = folder.path().join("broken.pem");
    let text = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    std::fs::write(&broken, text).unwrap();
    for (file, why) in [
        (empty, "no certificate in it"),
        (broken, "invalid peer certificate"),
        (folder.path().join("missing.pem"), "No such file"),
    ] {
        let name = file.display().to_string();
        let found = roots(Some(&file)).unwrap_err();
        let start = format!("`link.ca_file` (`{name}`): ");
        assert!(found.starts_with(&start), "{found}");
        assert!(found.contains(why), "{found}");
    }
}
