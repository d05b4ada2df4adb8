//! Logs for who runs this server: the last lines of one in a listing, and those to come over a
//! WebSocket, as hosts of logs tell them.
//!
//! A log is a file of one folder, and its id never becomes more than a name there.

use super::message::{Refusal, Reply, Request};
use super::routes::{Routes, Socket};
use super::stream::{UNKNOWN, goodbye};
use crate::core::log::filter::{Clock, Filter};
use crate::core::log::{Level, Wants};
use crate::core::time::Wall;
use crate::serve::House;
use crate::serve::terms::Phase;
use crate::tail::watched::{Taken, Watched};
use crate::tail::{TailError, aside};
use crate::wire::logs::{Entry, PING, append, initial, is_id, listed_as};
use futures_util::{SinkExt, StreamExt};
use hyper::StatusCode;
use serde_json::json;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// The server's own log.
const OWN: &str = "_server";
/// So many lines are listed where nobody says how many, and never more than that.
const LISTED: usize = 100;
const MOST: usize = 10_000;
/// About so many bytes of lines are told at a time.
const BATCH: usize = 256 << 10;
/// A client that says nothing for so long is told that somebody is here.
const QUIET: Duration = Duration::from_secs(30);
/// No such log is here.
const NO_LOG: u16 = 4004;

/// The logs there are.
pub struct Logs {
    folder: PathBuf,
    own: PathBuf,
    /// How many files that were put aside belong to a log.
    before: usize,
    known: Mutex<HashMap<String, Arc<Watched>>>,
}

impl Logs {
    /// Every `ID.log` of a folder, and the server's own.
    pub fn new(folder: PathBuf, own: PathBuf, before: usize) -> Self {
        Self {
            folder,
            own,
            before,
            known: Mutex::default(),
        }
    }

    /// The log of that name.
    fn find(&self, id: &str, offset_s: i32) -> Result<Arc<Watched>, Refusal> {
        let none = || {
            let id: String = id.chars().take(100).collect();
            let what = format!("there is no log `{id}`");
            Refusal::new(StatusCode::NOT_FOUND, "log_unknown", what)
                .hint("`_server` is the log of this server")
        };
        let path = match id {
            OWN => self.own.clone(),
            id if is_id(id) => self.folder.join(format!("{id}.log")),
            _ => return Err(none()),
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(log) = known.get(id) {
            return Ok(Arc::clone(log));
        }
        // The server's own begins with its first line.
        if id != OWN && !path.is_file() {
            return Err(none());
        }
        let log =
            Watched::open(&path, self.before, offset_s).map_err(|error| unreadable(&error))?;
        let log = Arc::new(log);
        known.insert(id.to_owned(), Arc::clone(&log));
        Ok(log)
    }
}

impl Routes {
    /// And those of logs.
    #[must_use]
    pub fn with_logs(mut self, logs: Logs) -> Self {
        let logs = Arc::new(logs);
        let (listed, files) = (Arc::clone(&logs), Arc::clone(&logs));
        self.get("/plugin/{id}/logs", move |request| {
            list(request, Arc::clone(&listed))
        });
        self.get("/plugin/{id}/logs/files", move |request| {
            list_files(request, Arc::clone(&files))
        });
        self.coded_socket("/ws/logs/{id}", move |request, socket| {
            follow(request, socket, Arc::clone(&logs))
        });
        self
    }
}

fn unreadable(error: &TailError) -> Refusal {
    // Why is for the log: it may name folders.
    tracing::warn!("{error}");
    let what = "the log cannot be read";
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "log_unreadable", what)
}

fn clock(house: &House) -> Clock {
    let now = (house.clock)();
    Clock {
        now: Wall(now.timestamp().as_millisecond()),
        offset_s: now.offset().seconds(),
    }
}

/// The log that is asked for, if whoever asks may read it.
fn wanted(request: &Request, logs: &Logs) -> Result<(Arc<Watched>, Clock), Refusal> {
    if !request.runs {
        let what = "logs are for who runs this server";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "logs_refused", what)
            .hint("use a token without a name"));
    }
    let clock = clock(&request.backend.house);
    Ok((logs.find(request.parameter("id"), clock.offset_s)?, clock))
}

/// What of a log is asked for, and how many lines of it.
fn asked<'a>(
    query: impl Fn(&str) -> Option<&'a str>,
    clock: Clock,
) -> Result<(usize, Option<Filter>), Refusal> {
    let bad = |what: String| Refusal::new(StatusCode::BAD_REQUEST, "invalid_query", what);
    let given = |name: &str| query(name).filter(|value| !value.is_empty());
    let lines = match given("lines") {
        None => LISTED,
        Some(lines) => lines
            .parse()
            .ok()
            .filter(|lines| (1..=MOST).contains(lines))
            .ok_or_else(|| bad(format!("`lines` is a number from 1 to {MOST}")))?,
    };
    let level = given("level").map(|level| {
        let wrong = || bad("`level` is trace, debug, info, warn or error".to_owned());
        Level::of(level).ok_or_else(wrong)
    });
    let span = match (given("start_time"), given("end_time")) {
        (None, None) => String::new(),
        (start, end) => format!("{}..{}", start.unwrap_or_default(), end.unwrap_or_default()),
    };
    let wants = Wants {
        level: level.transpose()?,
        text: given("search").unwrap_or_default().to_owned(),
        span,
    };
    let filter = wants.read(clock).map_err(|error| bad(error.to_string()))?;
    Ok((lines, (!wants.all()).then_some(filter)))
}

/// Reads beside the runtime: whoever answers does not wait for a disk.
async fn read(
    log: &Arc<Watched>,
    read: impl FnOnce(&Watched) -> Result<Taken, TailError> + Send + 'static,
) -> Result<Taken, Refusal> {
    let log = Arc::clone(log);
    match spawn_blocking(move || read(&log)).await {
        Ok(Ok(taken)) => Ok(taken),
        Ok(Err(error)) => Err(unreadable(&error)),
        Err(error) => {
            tracing::warn!("a log was not read: {error}");
            let what = "the log could not be read";
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            Err(Refusal::new(status, "log_unreadable", what))
        }
    }
}

fn entries(taken: &Taken, offset_s: i32) -> Vec<Entry> {
    let lines = taken.lines.iter();
    lines.map(|line| Entry::of(line, offset_s)).collect()
}

fn name(log: &Watched) -> String {
    let name = log.path().file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

async fn list(request: Request, logs: Arc<Logs>) -> Result<Reply, Refusal> {
    let (log, clock) = wanted(&request, &logs)?;
    let (most, filter) = asked(|name| request.query(name), clock)?;
    let taken = read(&log, move |log| log.last(most, filter.as_ref())).await?;
    let (entries, name) = (entries(&taken, clock.offset_s), name(&log));
    let file = match taken.next {
        0 if !log.path().exists() => Err("there is no file yet"),
        _ => Ok(name.as_str()),
    };
    let id = request.parameter("id");
    Ok(Reply::json(&listed_as(id, &entries, file, taken.next)))
}

/// The files a log goes on over, the newest first.
async fn list_files(request: Request, logs: Arc<Logs>) -> Result<Reply, Refusal> {
    let (log, _clock) = wanted(&request, &logs)?;
    let files = spawn_blocking(move || {
        let path = log.path();
        let paths = std::iter::once(path.to_owned());
        let paths = paths.chain((1..=logs.before).map(|nth| aside(path, nth)));
        let files = paths.filter_map(|path: PathBuf| {
            let size = path.metadata().ok()?.len();
            let name = Path::file_name(&path)?.to_string_lossy().into_owned();
            Some(json!({"name": name, "size": size}))
        });
        files.collect::<Vec<_>>()
    });
    let files = files.await.unwrap_or_default();
    Ok(Reply::json(&json!({
        "plugin_id": request.parameter("id"),
        "files": files,
    })))
}

async fn follow(request: Request, mut socket: Socket, logs: Arc<Logs>) {
    let found = wanted(&request, &logs);
    let mut closing = request.backend.open.subscribe();
    // Nothing of the request is needed as long as the log is followed.
    drop(request);
    let over = match found {
        Ok((log, clock)) => tell(&log, clock.offset_s, &mut socket, &mut closing).await,
        Err(refusal) if refusal.status == StatusCode::FORBIDDEN => {
            Over::Said(CloseCode::Policy, UNKNOWN)
        }
        Err(refusal) if refusal.status == StatusCode::NOT_FOUND => {
            Over::Said(CloseCode::Library(NO_LOG), "there is no such log")
        }
        Err(_told) => Over::Said(CloseCode::Error, "the log cannot be read"),
    };
    if let Over::Said(code, why) = over {
        goodbye(socket, code, why).await;
    }
}

/// Why a log is not followed any more.
enum Over {
    /// The client left.
    Left,
    Said(CloseCode, &'static str),
}

/// Tells what there is, and then what comes.
async fn tell(
    log: &Arc<Watched>,
    offset_s: i32,
    socket: &mut Socket,
    closing: &mut watch::Receiver<Phase>,
) -> Over {
    const UNREADABLE: Over = Over::Said(CloseCode::Error, "the log cannot be read");
    let mut news = log.listen();
    let Ok(taken) = read(log, |log| log.last(LISTED, None)).await else {
        return UNREADABLE;
    };
    let mut next = taken.next;
    let first = initial(&entries(&taken, offset_s), &name(log), next);
    if socket.send(Message::text(first)).await.is_err() {
        return Over::Left;
    }
    let mut heard = Instant::now();
    let restart = Over::Said(CloseCode::Restart, "this server ends");
    if *closing.borrow_and_update() == Phase::Closing {
        return restart;
    }
    loop {
        tokio::select! {
            biased;
            _ended = closing.changed() => return restart,
            message = socket.next() => match message {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Over::Left,
                // Whatever it says, it is there.
                Some(Ok(_)) => heard = Instant::now(),
            },
            Ok(()) = news.changed() => {
                let end = *news.borrow_and_update();
                while next < end {
                    let Ok(taken) = read(log, move |log| log.after(next, BATCH)).await else {
                        return UNREADABLE;
                    };
                    next = taken.next;
                    let entries = entries(&taken, offset_s);
                    // Whoever was too slow begins anew, and can see that by the count.
                    let frame = if taken.gap {
                        initial(&entries, &name(log), next)
                    } else {
                        append(&entries)
                    };
                    if !entries.is_empty() && socket.send(Message::text(frame)).await.is_err() {
                        return Over::Left;
                    }
                }
            }
            () = sleep_until(heard + QUIET) => {
                if socket.send(Message::text(PING)).await.is_err() {
                    return Over::Left;
                }
                heard = Instant::now();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_id_leads_out_of_the_folder_and_only_files_are_logs() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("data");
        std::fs::create_dir_all(inside.join("folder.log")).unwrap();
        std::fs::write(folder.path().join("secret.log"), "x\n").unwrap();
        std::fs::write(inside.join("a.log"), "x\n").unwrap();
        std::fs::write(inside.join("other"), "x\n").unwrap();
        let logs = Logs::new(inside.clone(), inside.join("serve.log"), 2);
        for (id, found) in [
            ("a", true),
            ("_server", true),
            ("b", false),
            ("folder", false),
            ("other", false),
            ("../secret", false),
            ("..", false),
            (".", false),
            ("", false),
            ("a.log", false),
            ("a\0", false),
            ("日志", false),
        ] {
            assert_eq!(logs.find(id, 0).is_ok(), found, "{id}");
        }
    }

    #[test]
    fn what_is_asked_for_makes_sense_or_is_refused_with_a_reason() {
        let clock = Clock {
            now: Wall(1_704_106_800_000),
            offset_s: 0,
        };
        let ask = |query: &str| {
            let pairs = super::super::routes::query(query);
            let value = |name: &str| {
                let mut pairs = pairs.iter();
                let found = pairs.find(|(key, _)| key == name);
                found.map(|(_, value)| value.as_str())
            };
            asked(value, clock).map(|(lines, filter)| (lines, filter.is_some()))
        };
        for (query, wanted) in [
            ("", Some((100, false))),
            ("lines=10000", Some((10_000, false))),
            ("lines=0", None),
            ("lines=10001", None),
            ("lines=-1", None),
            ("lines=many", None),
            ("level=WARNING", Some((100, true))),
            ("level=loud", None),
            ("level=&search=&lines=", Some((100, false))),
            ("search=boom", Some((100, true))),
            ("search=(", None),
            ("start_time=2024-01-01T00:00:00&lines=5", Some((5, true))),
            ("start_time=2024-01-01&end_time=14:30", Some((100, true))),
            ("end_time=yesterday", None),
        ] {
            assert_eq!(ask(query).ok(), wanted, "{query}");
        }
    }
}
