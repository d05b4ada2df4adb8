//! The reader of logs: a thread that holds the log somebody looks at, and tells what is on the
//! screen of it. It begins with the first order; between logs it holds nothing.

use super::clock;
use super::logs;
use crate::config::Loaded;
use crate::core::log::filter::Clock;
use crate::core::log::{Feed, LogEvent, LogOrder, Wants, Window};
use crate::tail::alert::Alert;
use crate::tail::{Reel, TailError, Viewer};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// A log that grows is told this often at most: more than anybody reads.
const GAP: Duration = Duration::from_millis(50);

/// What is heard of it.
type Tell = Box<dyn Fn(LogEvent) + Send>;

/// A handle to the reader.
pub struct Reader {
    /// What it works with, until it begins.
    before: Option<(PathBuf, Tell)>,
    /// The user gives orders, so those that wait are few.
    orders: mpsc::UnboundedSender<LogOrder>,
    inbox: Option<mpsc::UnboundedReceiver<LogOrder>>,
}

impl Reader {
    /// Nothing happens before the first order.
    pub fn new(loaded: &Loaded, tell: impl Fn(LogEvent) + Send + 'static) -> Self {
        let (orders, inbox) = mpsc::unbounded_channel();
        let own = loaded.settings.data_dir.join(logs::NAME);
        Self {
            before: Some((own, Box::new(tell))),
            orders,
            inbox: Some(inbox),
        }
    }

    /// Gives it an order.
    pub fn ask(&mut self, order: LogOrder) {
        if let (Some((own, tell)), Some(inbox)) = (self.before.take(), self.inbox.take()) {
            let begun = thread::Builder::new()
                .name("logs".to_owned())
                .spawn(move || work(&own, &tell, inbox));
            if let Err(error) = begun {
                tracing::error!("no thread for logs: {error}");
            }
        }
        // Without a thread there is nobody to hear it, and the log says so.
        let _ = self.orders.send(order);
    }
}

fn work(own: &Path, tell: &Tell, inbox: mpsc::UnboundedReceiver<LogOrder>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(serve(own, tell, inbox)),
        Err(error) => tell(LogEvent::Wrong(error.to_string())),
    }
}

/// A log that somebody looks at.
struct Open {
    viewer: Viewer,
    alert: Alert,
    rows: u16,
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

/// A log as it is named by whoever wants to see it: nothing is the program's own.
pub fn open(source: Option<&str>, own: &Path) -> Result<Viewer, TailError> {
    let path = source.map_or(own, Path::new);
    // What we wrote ourselves before is part of it.
    let before = if path == own { logs::KEPT_FILES } else { 0 };
    let clock = clock();
    let reel = Reel::open(path, before, clock.offset_s)?;
    if path != own && reel.is_missing() {
        return Err(TailError::Read {
            path: path.to_owned(),
            source: std::io::ErrorKind::NotFound.into(),
        });
    }
    let name = path.file_name().unwrap_or(path.as_os_str());
    Ok(Viewer::new(
        name.to_string_lossy().into_owned(),
        reel,
        clock,
    ))
}

async fn serve(own: &Path, tell: &Tell, mut inbox: mpsc::UnboundedReceiver<LogOrder>) {
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
                let alert = async {
                    if !more {
                        open.alert.wait().await;
                        sleep_until(told + GAP).await;
                    }
                };
                tokio::select! {
                    biased;
                    order = inbox.recv() => order,
                    () = alert => continue,
                }
            }
        };
        let Some(order) = order else {
            return;
        };
        news |= obey(order, &mut log, own, tell);
    }
}

/// Carries an order out; says whether the screen may be another now.
fn obey(order: LogOrder, log: &mut Option<Open>, own: &Path, tell: &Tell) -> bool {
    let wrong = |why: String| {
        tell(LogEvent::Wrong(why));
        false
    };
    match (order, log) {
        (LogOrder::Open { source, turn, rows }, log) => {
            let path = source.as_deref().map_or(own, Path::new).to_owned();
            match open(source.as_deref(), own) {
                Ok(mut viewer) => {
                    viewer.rows(rows);
                    if let Some(turn) = turn {
                        viewer.find(&turn.to_string());
                    }
                    let alert = Alert::new(&path);
                    *log = Some(Open {
                        viewer,
                        alert,
                        rows,
                    });
                    true
                }
                Err(error) => {
                    *log = None;
                    tell(LogEvent::Window(Box::new(Window {
                        name: path.display().to_string(),
                        feed: Feed::Refused {
                            why: sentence(&error),
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
        (LogOrder::Want(wants), Some(open)) => {
            let wants: Wants = wants;
            match open.viewer.want(&wants, clock().now) {
                Ok(()) => true,
                Err(error) => wrong(error.to_string()),
            }
        }
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
