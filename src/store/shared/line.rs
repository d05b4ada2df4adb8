//! One connection to the database: who asks is proved, and then one statement after the other is
//! asked and answered.

use super::SharedError;
use super::address::{Address, Encryption, is_folder};
use super::scram::{Scram, WAY};
use super::wire::{self, ENCRYPT, In, Out, Proof, Row, Trouble, Value};
use bytes::BytesMut;
use futures_util::FutureExt as _;
use ring::rand::SecureRandom as _;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Whatever leads there.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connection. What was asked is answered before anything else is asked: one that was left in
/// between is not to be used any more.
pub(super) struct Line {
    stream: Box<dyn Stream>,
    /// What came and was not read yet.
    held: BytesMut,
    place: Arc<str>,
}

impl Line {
    /// The first of the hosts that takes us.
    pub(super) async fn open(
        address: &Address,
        tls: &Arc<ClientConfig>,
        place: &Arc<str>,
    ) -> Result<Self, SharedError> {
        let mut why = SharedError::Address {
            why: "no host is in it".to_owned(),
        };
        for (host, port) in &address.hosts {
            match Self::open_at(address, host, *port, tls, place).await {
                Ok(line) => return Ok(line),
                Err(error) => why = error,
            }
        }
        Err(why)
    }

    async fn open_at(
        address: &Address,
        host: &str,
        port: u16,
        tls: &Arc<ClientConfig>,
        place: &Arc<str>,
    ) -> Result<Self, SharedError> {
        let lost = |error: io::Error| SharedError::lost(&error, place);
        if is_folder(host) {
            let mut line = Self::at(socket(host, port).await.map_err(lost)?, place);
            line.introduce(address, true).await?;
            return Ok(line);
        }
        let mut stream = TcpStream::connect((host, port)).await.map_err(lost)?;
        stream.set_nodelay(true).map_err(lost)?;
        let untrusted = |why: String| SharedError::Tls {
            place: place.to_string(),
            why,
        };
        let mut taken = 0;
        if address.encryption != Encryption::Never {
            stream.write_all(&ENCRYPT).await.map_err(lost)?;
            taken = stream.read_u8().await.map_err(lost)?;
        }
        let mut line = match (taken, address.encryption) {
            (b'S', _) => {
                let name = ServerName::try_from(host.to_owned())
                    .map_err(|error| untrusted(error.to_string()))?;
                let connector = TlsConnector::from(Arc::clone(tls));
                let stream = connector.connect(name, stream).await;
                Self::at(stream.map_err(|error| untrusted(error.to_string()))?, place)
            }
            (_, Encryption::Always) => return Err(untrusted("it does not encrypt".to_owned())),
            _ => Self::at(stream, place),
        };
        let private = taken == b'S' || !address.is_elsewhere();
        line.introduce(address, private).await?;
        if address.writes {
            let rows = line.ask("SHOW transaction_read_only", &[]).await?;
            if rows.first().is_some_and(|row| row.text(0) == "on") {
                return Err(SharedError::ReadOnly);
            }
        }
        Ok(line)
    }

    fn at(stream: impl Stream + 'static, place: &Arc<str>) -> Self {
        Self {
            stream: Box::new(stream),
            held: BytesMut::new(),
            place: Arc::clone(place),
        }
    }

    /// Says who asks, and proves it. `private`: nobody can listen.
    async fn introduce(&mut self, address: &Address, private: bool) -> Result<(), SharedError> {
        let mut settings = vec![
            ("user", address.user.as_str()),
            ("database", address.database.as_str()),
            ("application_name", "hearsay"),
            ("client_encoding", "UTF8"),
        ];
        settings.extend(
            address
                .options
                .as_deref()
                .map(|options| ("options", options)),
        );
        let mut out = Out::default();
        out.startup(&settings);
        self.send(&out).await?;
        let mut chance = [0; 18];
        ring::rand::SystemRandom::new()
            .fill(&mut chance)
            .map_err(|_unspecified| self.odd())?;
        let scram = Scram::new(&address.password, chance);
        let mut sent = None;
        let mut proved = true;
        loop {
            let mut out = Out::default();
            match self.next().await? {
                In::Proof(Proof::Done) if proved => {}
                In::Proof(Proof::Password) if private => out.password(&address.password),
                In::Proof(Proof::Ways(ways)) if ways.iter().any(|way| way == WAY) => {
                    proved = false;
                    out.proof_begins(WAY, &scram.first());
                }
                In::Proof(Proof::Word(word)) => {
                    let (answer, expected) = scram.answer(&word).ok_or_else(|| self.odd())?;
                    sent = Some(expected);
                    out.proof_goes_on(&answer);
                }
                In::Proof(Proof::Last(last)) => {
                    proved = sent.as_ref().is_some_and(|sent| sent.is_proved(&last));
                }
                In::Proof(other) => {
                    return Err(SharedError::Way {
                        place: self.place.to_string(),
                        way: other.name(),
                    });
                }
                In::Trouble(trouble) => return Err(self.sorted(trouble)),
                In::Ready => return Ok(()),
                In::Row(_) | In::Other => {}
            }
            if !out.0.is_empty() {
                self.send(&out).await?;
            }
        }
    }

    /// Statements without values and without rows.
    pub(super) async fn order(&mut self, sql: &str) -> Result<(), SharedError> {
        let mut out = Out::default();
        out.simple(sql);
        self.exchange(&out).await.map(drop)
    }

    /// One statement, and the rows that it answers.
    pub(super) async fn ask(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, SharedError> {
        let mut out = Out::default();
        out.statement(sql, values);
        self.exchange(&out).await
    }

    async fn exchange(&mut self, out: &Out) -> Result<Vec<Row>, SharedError> {
        self.send(out).await?;
        let mut rows = vec![];
        let mut trouble = None;
        loop {
            match self.next().await {
                Ok(In::Row(row)) => rows.push(row),
                Ok(In::Trouble(told)) => trouble = Some(told),
                Ok(In::Ready) => break,
                Ok(In::Proof(_) | In::Other) => {}
                // It says why before it hangs up.
                Err(error) => return Err(trouble.map_or(error, |trouble| self.sorted(trouble))),
            }
        }
        trouble.map_or(Ok(rows), |trouble| Err(self.sorted(trouble)))
    }

    /// Is it still there? One that has something to say although nobody asked says goodbye.
    pub(super) fn is_quiet(&mut self) -> bool {
        self.held.is_empty() && self.stream.read_u8().now_or_never().is_none()
    }

    async fn send(&mut self, out: &Out) -> Result<(), SharedError> {
        let lost = |error: io::Error| SharedError::lost(&error, &self.place);
        self.stream.write_all(&out.0).await.map_err(lost)?;
        self.stream.flush().await.map_err(lost)
    }

    async fn next(&mut self) -> Result<In, SharedError> {
        loop {
            if let Some(head) = self.held.first_chunk::<5>() {
                let [kind, ..] = *head;
                let length = wire::whole(*head).ok_or_else(|| self.odd())?;
                if self.held.len() >= length {
                    let message = self.held.split_to(length);
                    let body = message.get(5..).unwrap_or_default();
                    return wire::read(kind, body).ok_or_else(|| self.odd());
                }
            }
            let lost = |error: io::Error| SharedError::lost(&error, &self.place);
            if self.stream.read_buf(&mut self.held).await.map_err(lost)? == 0 {
                return Err(lost(io::ErrorKind::UnexpectedEof.into()));
            }
        }
    }

    fn sorted(&self, trouble: Trouble) -> SharedError {
        SharedError::told(trouble, &self.place)
    }

    fn odd(&self) -> SharedError {
        SharedError::Unreachable {
            place: self.place.to_string(),
            why: "what answers there is no PostgreSQL".to_owned(),
        }
    }
}

#[cfg(unix)]
async fn socket(folder: &str, port: u16) -> io::Result<impl Stream + use<>> {
    tokio::net::UnixStream::connect(format!("{folder}/.s.PGSQL.{port}")).await
}

#[cfg(not(unix))]
async fn socket(_folder: &str, _port: u16) -> io::Result<TcpStream> {
    Err(io::ErrorKind::Unsupported.into())
}
