//! Serves the backend to others: from settled settings to a port that listens, and to its end.

use super::run::Signal;
use super::{embedded, logs, signals, speech, systemd, tokens};
use crate::config::Loaded;
use crate::config::settings::Serve;
use crate::serve::port::{self, Limits, Logs, Port, Routes, TlsError, Welcome};
use crate::serve::{Personas, Served, Terms};
use crate::store::{self, Archive};
use anyhow::Context as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// How much longer a body may take than a head.
const BODY: u32 = 12;

/// How long the end may wait for the stores.
const LAST_WRITES: Duration = Duration::from_secs(5);

/// Why nobody is served.
#[derive(Debug, thiserror::Error)]
pub enum ServedError {
    #[error("`{0}` is no address to listen at")]
    Address(String),
    #[error("`{given}` is set, and `{missing}` is not")]
    Half {
        given: &'static str,
        missing: &'static str,
    },
    #[error(transparent)]
    Database(#[from] store::SharedError),
    #[error("nobody can listen at {address}: {why}")]
    Taken { address: SocketAddr, why: String },
    #[error("the socket that systemd handed over cannot be used: {why}")]
    Handed { why: String },
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("the tokens in `{}` cannot be used: {why}", .file.display())]
    Tokens { file: PathBuf, why: String },
}

impl ServedError {
    /// Is it about what was asked for, and not about what the system refuses?
    pub fn is_of_user(&self) -> bool {
        match self {
            Self::Database(error) => error.is_of_user(),
            Self::Taken { .. } => false,
            _ => true,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Address(_) => "write `127.0.0.1:9800`, or a port alone".to_owned(),
            Self::Database(error) => error.hint(),
            Self::Half { missing, .. } => format!("set `{missing}` as well, or none of both"),
            Self::Taken { address, .. } => {
                format!(
                    "stop what listens at port {}, or choose another with `--listen`",
                    address.port()
                )
            }
            Self::Handed { .. } => {
                "its unit names one `ListenStream=` with a port, and no `Accept=`".to_owned()
            }
            Self::Tls(_) => {
                "`serve.certificate` and `serve.certificate_key` are files in PEM".to_owned()
            }
            Self::Tokens { .. } => {
                "write one token in a line, or remove the file to have a new one made".to_owned()
            }
        }
    }
}

/// What is told once it listens.
pub struct Listening {
    /// Where clients connect.
    pub url: String,
    /// Where the token is that they need.
    pub token_file: Option<PathBuf>,
    /// What its owner should know.
    pub doubts: Vec<String>,
}

/// Serves until it is told to end; `tell` is told once it listens.
pub fn run(loaded: &Loaded, tell: impl FnOnce(&Listening)) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(serve(loaded, tell));
    // A name lookup may still hang in a thread of the runtime; nobody waits for it.
    runtime.shutdown_background();
    outcome
}

async fn serve(loaded: &Loaded, tell: impl FnOnce(&Listening)) -> anyhow::Result<()> {
    let settings = &loaded.settings.serve;
    let listener = listen(&settings.listen).await?;
    let address = listener.local_addr()?;
    let loopback = address.ip().is_loopback();
    let mut doubts = vec![];
    make_room(settings.connections);
    let token_file = settings.token_file.clone().or_else(|| {
        // Whoever reaches this machine from elsewhere needs one in any case.
        (!loopback).then(|| loaded.settings.data_dir.join("serve.token"))
    });
    let tokens = match &token_file {
        None => None,
        Some(file) => {
            let (tokens, _made, doubt) = tokens::load(file)?;
            doubts.extend(doubt);
            Some(tokens)
        }
    };
    let tls = tls(settings)?;
    if !loopback && tls.is_none() {
        doubts.push("nothing is encrypted: whoever is on the way can read everything, the token too; `serve.certificate` mends that".to_owned());
    }
    let (personas, strange) = embedded::all_personas(loaded);
    doubts.extend(strange);
    let encrypted = tls.is_some();
    let (keeping, doubt) = Keeping::open(loaded).await?;
    doubts.extend(doubt);
    let parts = port::Parts {
        routes: Routes::new().with_logs(Logs::new(
            loaded.settings.data_dir.clone(),
            loaded.settings.data_dir.join(logs::SERVED),
            logs::KEPT_FILES,
        )),
        limits: Limits {
            connections: settings.connections,
            rate: settings.rate,
            head: settings.request,
            body: settings.request * BODY,
            stall: settings.stall,
            drain: settings.drain,
        },
        welcome: Welcome {
            loopback,
            hosts: settings.hosts.clone(),
            origins: settings.origins.clone(),
        },
        tokens,
        open: open(loaded, personas, keeping.clone()),
        tls,
    };
    let port = Port::new(listener, parts);
    let mut signals = signals::listen().context("signals cannot be listened to")?;
    let kind = if encrypted { "wss" } else { "ws" };
    tell(&Listening {
        url: format!("{kind}://{address}/ws/chat"),
        token_file,
        doubts,
    });
    tracing::info!("listening at {address}");
    systemd::tell("READY=1", surroundings);
    let (told, stop) = tokio::sync::oneshot::channel::<()>();
    let running = port.run(async move {
        // The other end tells by being dropped.
        let _ = stop.await;
    });
    tokio::pin!(running);
    let mut told = Some(told);
    loop {
        tokio::select! {
            () = &mut running => break,
            signal = signals.recv() => match signal {
                Some(Signal::Terminate | Signal::Interrupt) if told.is_some() => {
                    tracing::info!("told to end: finishing what is under way");
                    systemd::tell("STOPPING=1", surroundings);
                    told = None;
                }
                // Whoever says it twice means at once.
                Some(Signal::Terminate | Signal::Interrupt) | None => break,
                Some(_) => {}
            },
        }
    }
    keeping.close().await;
    Ok(())
}

/// Files that are open besides connections: stores, models, programs.
#[cfg(unix)]
const FILES: u64 = 512;

/// As many connections as are wanted are as many open files, where the system allows that.
#[cfg(unix)]
fn make_room(connections: usize) {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    // Each may be there twice: as it is taken, and as a WebSocket.
    let wanted = 2 * connections as u64 + FILES;
    let wanted = limit.maximum.map_or(wanted, |most| most.min(wanted));
    if limit.current.is_some_and(|now| now < wanted) {
        limit.current = Some(wanted);
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!("the system allows no more open files: {error}");
        }
    }
}

#[cfg(not(unix))]
fn make_room(_connections: usize) {}

/// Where what is said with the owners of tokens is kept.
#[derive(Clone)]
enum Keeping {
    /// A file for each, in this folder; those that are open.
    Files(PathBuf, Arc<Mutex<Vec<store::Handle>>>),
    /// A database that several servers share.
    Database(store::Shared),
}

impl Keeping {
    /// Opens the database, where one is named. Also tells what its owner should know.
    async fn open(loaded: &Loaded) -> anyhow::Result<(Self, Option<String>)> {
        let settings = &loaded.settings;
        let Some(url) = settings.serve.database_url.read()? else {
            let folder = settings.data_dir.join("serve");
            return Ok((Self::Files(folder, Arc::default()), None));
        };
        let serve = &settings.serve;
        let pool = store::SharedSettings {
            size: serve.pool_size,
            patience: serve.pool_timeout,
            life: serve.pool_recycle,
        };
        let trust = crate::link::Trust {
            ca_file: settings.link.ca_file.clone(),
            anybody: false,
        };
        let tls = trust.config().map_err(anyhow::Error::msg)?;
        let server = format!("{:016x}", super::boot::seed());
        let opened = store::Shared::open(&url, &pool, tls, &server).await;
        let (shared, doubt) = opened.map_err(ServedError::Database)?;
        tracing::info!("what is said is kept in the database");
        Ok((Self::Database(shared), doubt))
    }

    /// Where that of this owner is kept.
    fn of(&self, owner: &str) -> Archive {
        match self {
            Self::Files(folder, open) => {
                let store = store::spawn(folder.join(format!("{owner}.db")), |_answer| {});
                let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
                open.push(store.clone());
                store.into()
            }
            Self::Database(shared) => Archive::Shared(shared.of(owner)),
        }
    }

    /// Waits until everything is written, for a while.
    async fn close(&self) {
        match self {
            Self::Files(_, open) => {
                for store in &*open.lock().unwrap_or_else(PoisonError::into_inner) {
                    if !store.close(LAST_WRITES) {
                        tracing::warn!("a store had no time to finish");
                    }
                }
            }
            Self::Database(shared) => match shared.close(LAST_WRITES).await {
                Some(0) => {}
                Some(left) => tracing::warn!("{left} messages are lost: the database is away"),
                None => tracing::warn!("the database had no time to take everything"),
            },
        }
    }
}

/// Opens the backend of an owner of a token, with an archive of their own.
fn open(loaded: &Loaded, personas: Personas, keeping: Keeping) -> port::Open {
    let loaded = loaded.clone();
    let settings = &loaded.settings;
    let served = Served {
        terms: Terms {
            longest: settings.serve.message_bytes,
            rate: settings.serve.rate,
            idle: Some(settings.serve.idle),
        },
        places: Arc::new(Semaphore::new(settings.serve.turns)),
        elsewhere: true,
    };
    // Models are loaded once for all of them.
    let senses = embedded::Senses {
        ears: speech::listen(settings),
        voice: speech::talk(settings),
        choices: speech::choices(settings),
    };
    Box::new(move |owner| {
        embedded::backend_for(
            &loaded,
            keeping.of(owner),
            personas.clone(),
            senses.clone(),
            served.clone(),
        )
    })
}

fn tls(settings: &Serve) -> Result<Option<tokio_rustls::TlsAcceptor>, ServedError> {
    match (&settings.certificate, &settings.certificate_key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => Ok(Some(port::acceptor(certificate, key)?)),
        (Some(_), None) => Err(ServedError::Half {
            given: "serve.certificate",
            missing: "serve.certificate_key",
        }),
        (None, Some(_)) => Err(ServedError::Half {
            given: "serve.certificate_key",
            missing: "serve.certificate",
        }),
    }
}

fn surroundings(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The socket that systemd hands over, or else one of our own.
async fn listen(wanted: &str) -> Result<TcpListener, ServedError> {
    let handed = systemd::socket(surroundings).map_err(|error| ServedError::Handed {
        why: error.to_string(),
    })?;
    if let Some(listener) = handed {
        return TcpListener::from_std(listener).map_err(|error| ServedError::Handed {
            why: error.to_string(),
        });
    }
    let address = address(wanted)?;
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| ServedError::Taken {
        address,
        why: error.to_string(),
    })
}

/// Where to listen: a port alone is on this machine.
fn address(text: &str) -> Result<SocketAddr, ServedError> {
    let wrong = || ServedError::Address(text.to_owned());
    if let Ok(port) = text.trim_start_matches(':').parse::<u16>() {
        return Ok((IpAddr::V4(Ipv4Addr::LOCALHOST), port).into());
    }
    let mut found = text.to_socket_addrs().map_err(|_error| wrong())?;
    found.next().ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_port_on_this_machine_or_both() {
        for (text, wanted) in [
            ("9800", Some("127.0.0.1:9800")),
            (":9800", Some("127.0.0.1:9800")),
            ("0.0.0.0:80", Some("0.0.0.0:80")),
            ("[::1]:0", Some("[::1]:0")),
            ("127.0.0.1", None),
            ("99999", None),
            ("", None),
        ] {
            let found = address(text).ok().map(|address| address.to_string());
            assert_eq!(found.as_deref(), wanted, "{text}");
        }
    }
}
