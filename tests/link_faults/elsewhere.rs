//! Addresses behind which there is nobody, somebody else, or somebody who cannot show who it is.

use super::client::{Client, at, hasty};
use super::frames::answer;
use super::peer::{Act, Server, Then};
use super::support::fault_proxy::{FaultProxy, Way};
#[cfg(target_os = "linux")]
use super::support::silent_names::SilentNames;
use super::table::{Recovered, Row, Table};
use futures_util::future::join_all;
use hearsay::core::line::{Cause, Line, LinkOrder};
use hearsay::link::{LinkSettings, Remote, Target, Trust};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

type Authority = CertifiedIssuer<'static, KeyPair>;

fn certificate(name: &str) -> CertificateParams {
    CertificateParams::new(vec![name.to_owned()]).unwrap()
}

fn shown(params: &CertificateParams, by: Option<&Authority>) -> Meets {
    let key = KeyPair::generate().unwrap();
    let certificate = match by {
        Some(authority) => params.signed_by(&key, authority),
        None => params.self_signed(&key),
    };
    let chain = vec![certificate.unwrap().der().clone()];
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key);
    Meets::Certificate(Arc::new(config.unwrap()))
}

/// What a client meets that wants an encrypted line.
#[derive(Clone)]
enum Meets {
    Certificate(Arc<ServerConfig>),
    /// A server that wanted something else.
    Http,
    /// Somebody who hangs up.
    Nobody,
}

/// Stands before a backend: the first connection meets the first of these, and so on.
async fn encrypted(to: SocketAddr, meets: Vec<Meets>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut meets = meets.into_iter();
        let mut last = Meets::Nobody;
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            last = meets.next().unwrap_or(last);
            let meets = last.clone();
            // Whatever a client does that does not believe us is its affair.
            tokio::spawn(async move {
                let Meets::Certificate(config) = meets else {
                    let _hello = stream.read(&mut [0; 4096]).await;
                    if let Meets::Http = meets {
                        let answer = answer("400 Bad Request");
                        stream.write_all(&answer).await.unwrap();
                    }
                    return;
                };
                if let Ok(mut stream) = TlsAcceptor::from(config).accept(stream).await {
                    let mut server = TcpStream::connect(to).await.unwrap();
                    let _whose_end = copy_bidirectional(&mut stream, &mut server).await;
                }
            });
        }
    });
    address
}

/// A file that the client believes, and the authority in it.
fn believed() -> (tempfile::TempDir, Trust, Authority) {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, authority.pem()).unwrap();
    let trust = Trust {
        ca_file: Some(file),
        anybody: false,
    };
    (folder, trust, authority)
}

fn secure(address: SocketAddr, trust: &Trust) -> Target {
    Target::Url(Remote {
        url: format!("wss://localhost:{}", address.port()),
        trust: trust.clone(),
        ..Remote::default()
    })
}

/// As hasty as others but until it is greeted: a busy machine takes its time to agree on encryption.
fn unhurried() -> LinkSettings {
    let usual = LinkSettings::default();
    LinkSettings {
        connect_timeout: usual.connect_timeout,
        greeting_timeout: usual.greeting_timeout,
        ..hasty()
    }
}

/// A line that fails at its first attempt, and comes up at the next.
async fn fails_first(name: &'static str, target: Target) -> Row {
    let began = Instant::now();
    let mut client = Client::dial(target, unhurried()).await;
    let (line, found) = client.down().await;
    let by_hand = matches!(line, Line::Refused { .. });
    if by_hand {
        client.order(LinkOrder::Dial).await;
    }
    let back = client.up().await;
    client.ask("and now?").await;
    let recovered = if by_hand {
        Recovered::ByHand
    } else {
        Recovered::After(back - began)
    };
    Row::new(name, &line, &client, Some(found - began), recovered)
}

#[tokio::test]
async fn who_cannot_show_who_it_is_is_refused_with_the_reason() {
    let _others_may_run = super::TURN.read().await;
    let server = Server::start(vec![]).await;
    let (_folder, trust, authority) = believed();
    let mut expired = certificate("localhost");
    expired.not_after = date_time_ymd(2001, 1, 1);
    let mut early = certificate("localhost");
    early.not_before = date_time_ymd(2999, 1, 1);
    let (other, right) = (certificate("example.org"), certificate("localhost"));
    let good = shown(&right, Some(&authority));
    let rows = [
        ("TLS: another name", shown(&other, Some(&authority))),
        ("TLS: expired", shown(&expired, Some(&authority))),
        ("TLS: not yet valid", shown(&early, Some(&authority))),
        ("TLS: signed by itself", shown(&right, None)),
        ("TLS: a server that does not encrypt", Meets::Http),
        ("TLS: hung up instead of encrypting", Meets::Nobody),
    ]
    .map(|(name, bad)| {
        let (trust, good) = (&trust, good.clone());
        async move {
            let address = encrypted(server.address, vec![bad, good]).await;
            fails_first(name, secure(address, trust)).await
        }
    });
    Table::of(join_all(rows).await).print();
}

#[tokio::test]
async fn bytes_changed_on_the_way_end_an_encrypted_line() {
    let _others_may_run = super::TURN.read().await;
    let server = Server::start(vec![]).await;
    let (_folder, trust, authority) = believed();
    let good = shown(&certificate("localhost"), Some(&authority));
    let proxy = FaultProxy::start(encrypted(server.address, vec![good]).await).await;
    let mut client = Client::dial(secure(proxy.address, &trust), unhurried()).await;
    client.up().await;
    client.ask("hello").await;
    let struck = Instant::now();
    proxy.set(|faults| faults.down.corrupt = Some(301));
    client.say(&"word ".repeat(1000)).await;
    let (line, found) = client.down().await;
    proxy.set(|faults| faults.down = Way::default());
    let back = client.up().await;
    client.ask("and now?").await;
    let recovered = Recovered::After(back - struck);
    let name = "TLS: every 301st byte changed";
    let row = Row::new(name, &line, &client, Some(found - struck), recovered);
    Table::of(vec![row]).print();
}

#[tokio::test]
async fn nobody_and_somebody_else_are_told_apart() {
    let _others_may_run = super::TURN.read().await;
    // Longer than a label may be, so no server for names is asked.
    let name = format!("{}.invalid", "x".repeat(64));
    let target = Target::Url(Remote {
        url: format!("ws://{name}"),
        ..Remote::default()
    });
    let few = LinkSettings {
        attempts: 2,
        ..hasty()
    };
    let began = Instant::now();
    let mut client = Client::dial(target, few.clone()).await;
    let (_, found) = client.down().await;
    let (mut line, _) = client.until(given_up).await;
    if let Line::GivenUp { cause, .. } = &mut line {
        assert!(matches!(cause, Cause::Nameless { .. }), "{cause:?}");
        let (host, why) = ("nowhere.invalid".to_owned(), "no such name".to_owned());
        *cause = Cause::Nameless { host, why };
    }
    let nameless = Row::new(
        "a name that leads nowhere, twice",
        &line,
        &client,
        Some(found - began),
        Recovered::ByHand,
    );

    let server = Server::start(vec![]).await;
    let place = server.kill().await;
    let began = Instant::now();
    let mut client = Client::dial(at(place), few).await;
    let (_, found) = client.down().await;
    let (line, _) = client.until(given_up).await;
    let server = Server::on(TcpListener::bind(place).await.unwrap(), vec![]);
    client.order(LinkOrder::Dial).await;
    client.up().await;
    client.ask("and now?").await;
    let nobody = Row::new(
        "nobody listens, twice",
        &line,
        &client,
        Some(found - began),
        Recovered::ByHand,
    );

    // The backend goes away, and another program gets its port.
    let place = server.kill().await;
    let ssh = Act::Instead(b"SSH-2.0-OpenSSH_9.7\r\n".to_vec(), Then::Hold);
    let _server = Server::on(TcpListener::bind(place).await.unwrap(), vec![ssh]);
    let began = Instant::now();
    let (line, found) = client
        .until(|line| matches!(line, Line::Refused { .. }))
        .await;
    client.order(LinkOrder::Dial).await;
    client.up().await;
    client.ask("and now?").await;
    let somebody_else = Row::new(
        "another program has got the port",
        &line,
        &client,
        Some(found.saturating_duration_since(began)),
        Recovered::ByHand,
    );
    Table::of(vec![nameless, nobody, somebody_else]).print();
}

fn given_up(line: &Line) -> bool {
    matches!(line, Line::GivenUp { .. })
}

#[test]
#[cfg(target_os = "linux")]
fn a_server_for_names_that_never_answers_holds_nobody_up() {
    let test = "elsewhere::a_server_for_names_that_never_answers_holds_nobody_up";
    let Some(names) = SilentNames::within(test) else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let server = Server::start(vec![]).await;
        let name = "backend.example";
        let target = Target::Url(Remote {
            url: format!("ws://{name}:{}", server.address.port()),
            ..Remote::default()
        });
        let began = Instant::now();
        let mut client = Client::dial(target, hasty()).await;
        let (line, found) = client.down().await;
        // Orders are taken meanwhile, and the next attempt hangs like the first.
        client.order(LinkOrder::Dial).await;
        client.down().await;
        names.learn(name);
        let healed = Instant::now();
        let back = client.up().await;
        client.ask("and now?").await;
        let recovered = Recovered::After(back.saturating_duration_since(healed));
        let name = "a server for names that never answers";
        let row = Row::new(name, &line, &client, Some(found - began), recovered);
        Table::of(vec![row]).print();
    });
    // As the program does it: the thread that looks the name up is left behind.
    runtime.shutdown_background();
}
