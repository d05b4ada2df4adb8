//! Follows the log of another host: its last lines first, then those to come over a WebSocket. While
//! the socket is down the host is asked every few seconds, and the socket tried again.
//!
//! One task, which ends when nobody listens. It tells no faster than it is listened to.

mod seam;

use super::address::{Address, BadAddress};
use super::clock::Clock;
use super::connect::{Connector, Remote, Socket, Target};
use super::errands::{Errands, Way};
use super::settings::LinkSettings;
use crate::core::line::Cause;
use crate::core::log::Feed;
use crate::core::words::Lang;
use crate::wire::logs::{Entry, Listing, Told, listing, told};
use crate::wire::{Errand, Piece, Request, Upgrade};
use futures_util::{SinkExt, StreamExt};
use seam::Seam;
use std::fmt::Write as _;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// A host says something every thirty seconds; one that is silent for longer is gone.
const SILENCE: Duration = Duration::from_secs(75);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// A host lists no more lines than this.
const MOST: usize = 10_000;
/// So many lines are asked for while the socket is down; more where that leaves a gap.
const POLLED: usize = 200;
/// A longer answer is not read.
const LARGEST: usize = 64 << 20;
/// So much news may wait before the host has to.
const ROOM: usize = 8;

/// How patient one is while the socket is down.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The host is asked this often.
    pub poll: Duration,
    /// The socket is tried again this long after it was lost.
    pub retry: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            poll: Duration::from_secs(5),
            retry: Duration::from_secs(3),
        }
    }
}

/// A log on another host.
pub struct Place {
    /// The host, its code and the way to it. Its URL is that of the socket: `ws://host/ws/logs/id`.
    pub remote: Remote,
    pub id: String,
    /// So many lines are asked for at first.
    pub lines: usize,
    pub pace: Pace,
}

/// What is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// These come next.
    Lines(Vec<Entry>),
    /// Lines are missing here, and nobody has them any more.
    Gap,
    Feed(Feed),
}

/// Why a URL is no log's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotALog {
    #[error(transparent)]
    Address(#[from] BadAddress),
    #[error(
        "`{url}` names no log; one is at `ws://host/ws/logs/ID`, and an ID is letters, digits, `_` and `-`"
    )]
    Id { url: String },
}

/// The URL of a log's socket, and its id: of that URL, of the listing's, or of a host, whose own log
/// is called `_server`.
pub fn place(url: &str) -> Result<(String, String), NotALog> {
    let url = url.trim();
    let address = Address::read(url)?;
    let unknown = || NotALog::Id {
        url: url.to_owned(),
    };
    let base = address.url.split('?').next().unwrap_or_default();
    let (scheme, rest) = base.split_once("://").ok_or_else(unknown)?;
    let (host, path) = rest.split_once('/').ok_or_else(unknown)?;
    let bare = url
        .split_once("://")
        .is_some_and(|(_, rest)| !rest.trim_end_matches('/').contains('/'));
    let id = match path.trim_end_matches('/') {
        _ if bare => Some("_server"),
        path => path.strip_prefix("ws/logs/").or_else(|| {
            let id = path.strip_prefix("plugin/")?;
            id.strip_suffix("/logs")
        }),
    };
    let id = id
        .filter(|id| crate::wire::logs::is_id(id))
        .ok_or_else(unknown)?;
    Ok((format!("{scheme}://{host}/ws/logs/{id}"), id.to_owned()))
}

/// Follows a log. Must be called within a runtime.
pub fn follow(place: Place, clock: Clock) -> mpsc::Receiver<News> {
    let (tell, news) = mpsc::channel(ROOM);
    tokio::spawn(async move {
        let end = tell.clone();
        // Whoever listened left, which ends everything under way.
        tokio::select! {
            () = end.closed() => {}
            _left = run(place, clock, tell) => {}
        }
    });
    news
}

/// Nobody listens any more, or the host said no.
struct Over;

struct Line {
    connector: Connector,
    way: Way,
    /// Where the last lines are listed, without their number.
    listed: String,
    host: String,
    seam: Seam,
    tell: mpsc::Sender<News>,
    pace: Pace,
    /// When it is to be asked next while the socket is down.
    poll: Instant,
}

/// Why something did not work, and whether it might later.
enum Trouble {
    Refused { why: String, hint: String },
    Passing(String),
}

async fn run(place: Place, clock: Clock, tell: mpsc::Sender<News>) -> Result<(), Over> {
    let address = Address::read(&place.remote.url);
    let checked = address.and_then(|address| {
        if place.remote.token.is_some() {
            address.check_token()?;
        }
        Ok(address)
    });
    let address = match checked {
        Ok(address) => address,
        Err(error) => {
            return refuse(&tell, error.to_string(), String::new()).await;
        }
    };
    let base = address.url.split("/ws/logs/").next().unwrap_or_default();
    let listed = format!("{base}/plugin/{}/logs", place.id).replacen("ws", "http", 1);
    let mut remote = place.remote;
    if let Some(code) = &remote.token {
        // It is the only place in which such hosts look for it.
        remote.url = format!("{}?code={}", address.url, escaped(code));
    }
    let settings = LinkSettings {
        connect_timeout: PATIENCE,
        ..LinkSettings::default()
    };
    let connector = Connector::new(Target::Url(remote), &settings, clock);
    let way = connector.way().expect("the host is behind a URL");
    let mut line = Line {
        connector,
        way,
        listed,
        host: address.place(),
        seam: Seam::default(),
        tell,
        pace: place.pace,
        poll: Instant::now(),
    };
    line.tell(News::Feed(Feed::Calling)).await?;
    if let Err(trouble) = line.list(place.lines.clamp(1, MOST)).await? {
        line.trouble(trouble).await?;
    }
    loop {
        let trouble = match line.open().await {
            Ok(socket) => line.live(socket).await?,
            Err(trouble) => trouble,
        };
        line.trouble(trouble).await?;
        line.down().await?;
    }
}

async fn refuse(tell: &mpsc::Sender<News>, why: String, hint: String) -> Result<(), Over> {
    // Whoever left needs no reason.
    let _ = tell.send(News::Feed(Feed::Refused { why, hint })).await;
    Err(Over)
}

/// A code as a URL may hold it.
fn escaped(code: &str) -> String {
    let mut text = String::new();
    for byte in code.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(byte.into());
        } else {
            // Writing into a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

impl Line {
    async fn tell(&mut self, news: News) -> Result<(), Over> {
        self.tell.send(news).await.map_err(|_left| Over)
    }

    async fn new_lines(&mut self, new: Vec<Entry>) -> Result<(), Over> {
        if new.is_empty() {
            return Ok(());
        }
        self.tell(News::Lines(new)).await
    }

    async fn trouble(&mut self, trouble: Trouble) -> Result<(), Over> {
        match trouble {
            Trouble::Passing(why) => self.tell(News::Feed(Feed::Polled { why })).await,
            Trouble::Refused { why, hint } => refuse(&self.tell, why, hint).await,
        }
    }

    fn wants_code(&self) -> Trouble {
        Trouble::Refused {
            why: format!("`{}` wants a code, or another one", self.host),
            hint: "make it a backend of the configuration, with the code as its token".to_owned(),
        }
    }

    /// The socket is down: asks from time to time, until it is to be tried again.
    async fn down(&mut self) -> Result<(), Over> {
        let retry = Instant::now() + self.pace.retry;
        while self.poll < retry {
            sleep_until(self.poll).await;
            self.poll = Instant::now() + self.pace.poll;
            if let Err(trouble) = self.list(POLLED).await? {
                self.trouble(trouble).await?;
            }
        }
        sleep_until(retry).await;
        Ok(())
    }

    async fn open(&mut self) -> Result<Socket, Trouble> {
        let connect = self.connector.connect(Upgrade::default());
        match timeout(PATIENCE, connect).await {
            Ok(Ok(opened)) => Ok(opened.socket),
            Ok(Err(failure)) => Err(match failure.cause {
                Cause::Denied {
                    status: Some(401 | 403),
                    ..
                } => self.wants_code(),
                cause @ (Cause::Untrusted { .. } | Cause::Unusable { .. }) => Trouble::Refused {
                    why: cause.tell(Lang::En),
                    hint: String::new(),
                },
                cause => Trouble::Passing(cause.tell(Lang::En)),
            }),
            Err(_elapsed) => Err(Trouble::Passing("nobody answered in time".to_owned())),
        }
    }

    /// Listens to an open socket until it ends, and says why it did.
    async fn live(&mut self, mut socket: Socket) -> Result<Trouble, Over> {
        loop {
            let message = match timeout(SILENCE, socket.next()).await {
                Err(_elapsed) => return Ok(Trouble::Passing("it fell silent".to_owned())),
                Ok(None) => return Ok(Trouble::Passing("it hung up".to_owned())),
                Ok(Some(Err(error))) => return Ok(Trouble::Passing(error.to_string())),
                Ok(Some(Ok(message))) => message,
            };
            match message {
                Message::Text(text) => match told(&text) {
                    Told::Initial(listing) => {
                        let joined = self.seam.listing(listing);
                        if joined.gap {
                            match self.list(MOST).await? {
                                Ok(()) => {}
                                Err(trouble) => return Ok(trouble),
                            }
                        } else {
                            self.new_lines(joined.new).await?;
                        }
                        self.tell(News::Feed(Feed::Live)).await?;
                    }
                    Told::Append(entries) => {
                        let new = self.seam.append(entries);
                        self.new_lines(new).await?;
                    }
                    Told::Other => {}
                },
                Message::Close(frame) => {
                    let code = frame.as_ref().map(|frame| frame.code);
                    // What is left of the farewell nobody waits for.
                    let _ = timeout(Duration::from_secs(1), socket.close()).await;
                    return Ok(match (code, frame) {
                        (Some(CloseCode::Policy), _) => self.wants_code(),
                        (_, Some(frame)) if !frame.reason.is_empty() => {
                            Trouble::Passing(frame.reason.to_string())
                        }
                        _ => Trouble::Passing("it hung up".to_owned()),
                    });
                }
                Message::Ping(_) => {
                    // The answer leaves with the next flush.
                    if let Err(error) = socket.flush().await {
                        return Ok(Trouble::Passing(error.to_string()));
                    }
                }
                Message::Binary(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    /// Asks for the last lines, and takes what is new of them.
    async fn list(&mut self, lines: usize) -> Result<Result<(), Trouble>, Over> {
        let mut lines = lines;
        loop {
            let listing = match timeout(PATIENCE, self.ask(lines)).await {
                Ok(Ok(listing)) => listing,
                Ok(Err(trouble)) => return Ok(Err(trouble)),
                Err(_elapsed) => {
                    let why = "nobody answered in time".to_owned();
                    return Ok(Err(Trouble::Passing(why)));
                }
            };
            let joined = self.seam.listing(listing);
            if joined.gap && lines < MOST {
                lines = MOST;
                continue;
            }
            if joined.gap {
                self.seam.jump(&joined.new);
                self.tell(News::Gap).await?;
            }
            self.new_lines(joined.new).await?;
            return Ok(Ok(()));
        }
    }

    async fn ask(&mut self, lines: usize) -> Result<Listing, Trouble> {
        let mut errands = Errands::new(Some(self.way.clone()));
        errands.run(Errand::Ask(Request {
            number: 1,
            method: "GET",
            url: format!("{}?lines={lines}", self.listed),
            headers: vec![],
            body: None,
        }));
        let (mut body, mut good) = (vec![], false);
        loop {
            match errands.next().await.piece {
                Piece::Head {
                    status: 401 | 403, ..
                } => return Err(self.wants_code()),
                Piece::Head { status: 200, .. } => good = true,
                Piece::Head { status, .. } => {
                    let why = format!("it answered with {status}");
                    return Err(Trouble::Passing(why));
                }
                Piece::Body(more) if body.len() + more.len() <= LARGEST => body.extend(more),
                Piece::Body(_) => {
                    return Err(Trouble::Passing("its answer has no end".to_owned()));
                }
                Piece::Failed { why } => return Err(Trouble::Passing(why)),
                Piece::End => break,
            }
        }
        if !good {
            return Err(Trouble::Passing("it answered nothing".to_owned()));
        }
        let listing = listing(&body).map_err(Trouble::Passing)?;
        match listing.error {
            Some(why) if listing.entries.is_empty() => Err(Trouble::Passing(why)),
            _ => Ok(listing),
        }
    }
}

#[cfg(test)]
mod tests;
