//! The reader of logs: a thread that holds the log somebody looks at, and tells what is on the
//! screen of it. It begins with the first order; between logs it holds nothing.

use super::clerk::{Clerk, alone};
use super::clock;
use super::log_source::{self, NoLog, Source};
use crate::config::Loaded;
use crate::core::log::filter::Clock;
use crate::core::log::{Feed, LogEvent, LogOrder, Window};
use crate::link::logs::News;
use crate::tail::alert::Alert;
use crate::tail::{Reel, Spool, TailError, Viewer};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// A log that grows is told this often at most: more than anybody reads.
const GAP: Duration = Duration::from_millis(50);

/// What is heard of it.
type Tell = Box<dyn Fn(LogEvent) + Send>;

/// A handle to the reader.
pub type Reader = Clerk<LogOrder>;

/// The reader of these logs.
pub fn reader(loaded: &Loaded, tell: impl Fn(LogEvent) + Send + 'static) -> Reader {
    let (loaded, tell): (_, Tell) = (loaded.clone(), Box::new(tell));
    Clerk::new("logs", move |inbox| {
        if let Err(error) = alone(serve(&loaded, &tell, inbox)) {
            tell(LogEvent::Wrong(error.to_string()));
        }
    })
}

/// A log that somebody looks at.
struct Open {
    viewer: Viewer,
    rows: u16,
    from: Origin,
}

/// Where its lines come from.
enum Origin {
    File(Alert),
    Host {
        spool: Spool,
        news: mpsc::Receiver<News>,
    },
}

/// So many lines of another host are shown at first.
const LISTED: usize = 1000;

impl Origin {
    /// Waits until there may be more. Cancel-safe.
    async fn wait(&mut self) -> Option<News> {
        match self {
            Self::File(alert) => {
                alert.wait().await;
                None
            }
            Self::Host { news, .. } => match news.recv().await {
                // It said why before it went.
                None => std::future::pending().await,
                news => news,
            },
        }
    }
}

impl Open {
    /// Takes what another host told; says whether the screen may be another now.
    fn take(&mut self, news: Option<News>) -> std::io::Result<bool> {
        let Origin::Host { spool, .. } = &mut self.from else {
            return Ok(false);
        };
        match news {
            Some(News::Lines(entries)) => {
                let text: String = entries
                    .iter()
                    .map(crate::wire::logs::Entry::written)
                    .collect();
                spool.write(&text, self.viewer.reel())?;
            }
            Some(News::Gap) => spool.write("  … …\n", self.viewer.reel())?,
            Some(News::Feed(feed)) => self.viewer.feed(feed),
            None => return Ok(false),
        }
        Ok(true)
    }
}

/// What time it is, and how far the user's clock is ahead of UTC.
pub fn clock() -> Clock {
    let now = clock::wall();
    let at = jiff::Timestamp::from_millisecond(now.0).unwrap_or_default();
    Clock {
        now,
        offset_s: jiff::tz::TimeZone::system().to_offset(at).seconds(),
    }
}

/// Why a log cannot be looked at.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error(transparent)]
    No(#[from] NoLog),
    #[error(transparent)]
    Spool(#[from] std::io::Error),
    #[error("{}", sentence(.0))]
    Tail(#[from] TailError),
}

/// Opens the log that somebody means.
fn open(name: Option<&str>, loaded: &Loaded, rows: u16) -> Result<Open, Unreadable> {
    let source = log_source::find(name, loaded)?;
    let (title, clock) = (log_source::title(&source), clock());
    let (mut viewer, from) = match source {
        Source::File { path, before } => {
            let reel = Reel::open(&path, before, clock.offset_s)?;
            let viewer = Viewer::new(title, reel, clock);
            (viewer, Origin::File(Alert::new(&path)))
        }
        Source::Host { url, id } => {
            let news = log_source::listen(&url, &id, LISTED, loaded)?;
            let (spool, reel) = Spool::create(&log_source::spool(loaded), clock.offset_s)?;
            let mut viewer = Viewer::new(title, reel, clock);
            viewer.feed(Feed::Calling);
            (viewer, Origin::Host { spool, news })
        }
    };
    viewer.rows(rows);
    Ok(Open { viewer, rows, from })
}

async fn serve(loaded: &Loaded, tell: &Tell, mut inbox: mpsc::UnboundedReceiver<LogOrder>) {
    let mut log: Option<Open> = None;
    let mut told = Instant::now();
    let mut news = false;
    loop {
        let order = match &mut log {
            None => inbox.recv().await,
            Some(open) => {
                let more = match open.viewer.work() {
                    Ok((changed, more)) => {
                        news |= changed;
                        more
                    }
                    Err(error) => {
                        tell(LogEvent::Wrong(sentence(&error)));
                        false
                    }
                };
                if news && (told.elapsed() >= GAP || !more) {
                    tell(LogEvent::Window(Box::new(open.viewer.window())));
                    (told, news) = (Instant::now(), false);
                }
                let from = &mut open.from;
                let wait = async {
                    if more {
                        return None;
                    }
                    // So that a flood is a few frames a second; what comes meanwhile waits.
                    sleep_until(told + GAP).await;
                    from.wait().await
                };
                tokio::select! {
                    biased;
                    order = inbox.recv() => order,
                    heard = wait => {
                        match open.take(heard) {
                            Ok(other) => news |= other,
                            Err(error) => tell(LogEvent::Wrong(error.to_string())),
                        }
                        continue;
                    }
                }
            }
        };
        let Some(order) = order else {
            return;
        };
        news |= obey(order, &mut log, loaded, tell);
    }
}

/// Carries an order out; says whether the screen may be another now.
fn obey(order: LogOrder, log: &mut Option<Open>, loaded: &Loaded, tell: &Tell) -> bool {
    let wrong = |why: String| {
        tell(LogEvent::Wrong(why));
        false
    };
    match (order, log) {
        (LogOrder::Open { source, turn, rows }, log) => {
            // What was open goes first: its host need not be told twice.
            *log = None;
            match open(source.as_deref(), loaded, rows) {
                Ok(mut open) => {
                    if let Some((turn, nth)) = turn {
                        open.viewer.find(&turn.to_string(), nth);
                    }
                    *log = Some(open);
                    true
                }
                Err(error) => {
                    tell(LogEvent::Window(Box::new(Window {
                        name: source.unwrap_or_default(),
                        feed: Feed::Refused {
                            why: error.to_string(),
                            hint: String::new(),
                        },
                        done: 100,
                        ..Window::default()
                    })));
                    false
                }
            }
        }
        (LogOrder::Close, log) => {
            *log = None;
            false
        }
        (_, None) => false,
        (LogOrder::Rows(rows), Some(open)) => {
            let other = rows != open.rows;
            open.rows = rows;
            open.viewer.rows(rows);
            other
        }
        (LogOrder::Go(go), Some(open)) => {
            open.viewer.go(go);
            true
        }
        (LogOrder::Follow, Some(open)) => {
            open.viewer.follow();
            true
        }
        (LogOrder::Mark, Some(open)) => {
            open.viewer.mark();
            true
        }
        (LogOrder::Want(wants), Some(open)) => match open.viewer.want(&wants, clock().now) {
            Ok(()) => true,
            Err(error) => wrong(error.to_string()),
        },
        (LogOrder::Search(text), Some(open)) => match open.viewer.search(&text) {
            Ok(()) => true,
            Err(error) => wrong(error.to_string()),
        },
    }
}

/// What went wrong, and why.
fn sentence(error: &TailError) -> String {
    match error {
        TailError::Read { source, .. } => format!("{error}: {source}"),
        TailError::Folder { .. } => error.to_string(),
    }
}
