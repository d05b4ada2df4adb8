//! The door for remote control: a private socket of a running program, one order for each
//! connection.
//!
//! An order is a line of JSON ([`Request`]), and so is the answer ([`Answer`]); who follows gets a
//! line ([`Status`]) for each change after it. The socket lies in a folder that only its owner can
//! enter. What an order means is `core::remote`'s.

use crate::config::{Settings, runtime_folder};
use crate::core::model::Model;
use crate::core::msg::Msg;
use crate::core::remote::{Order, Status};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use tokio::sync::{mpsc, oneshot, watch};

/// Orders that may wait for the loop; who gives more waits.
const INBOX: usize = 8;

/// What is sent through the door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub order: Order,
    /// Tell every change from here on.
    #[serde(default)]
    pub follow: bool,
}

/// What comes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Why the order was not carried out; nothing: it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    pub status: Status,
}

/// An order, and who waits for its answer.
struct Asked {
    order: Order,
    answer: oneshot::Sender<Answer>,
}

/// The program's end. Whoever drops it closes the door.
pub struct Remote {
    orders: mpsc::Receiver<Asked>,
    /// Who waits for the order that is being carried out.
    waits: Option<oneshot::Sender<Answer>>,
    status: watch::Sender<Status>,
    /// The socket, to be removed.
    socket: Option<PathBuf>,
}

impl Default for Remote {
    /// No door.
    fn default() -> Self {
        Self {
            orders: mpsc::channel(1).1,
            waits: None,
            status: watch::Sender::default(),
            socket: None,
        }
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        if let Some(socket) = &self.socket {
            // Who finds it later sees that nobody answers.
            let _ = std::fs::remove_file(socket);
        }
    }
}

impl Remote {
    /// The next order, as a message.
    pub(super) async fn next(&mut self) -> Msg {
        match self.orders.recv().await {
            Some(asked) => {
                self.waits = Some(asked.answer);
                Msg::Order(asked.order)
            }
            None => std::future::pending().await,
        }
    }

    /// Tells how things stand, to who gave an order and to who follows.
    pub(super) fn tell(&mut self, model: &Model, refused: Option<String>) {
        if self.waits.is_none() && self.status.receiver_count() == 0 {
            return;
        }
        let status = Status::of(model);
        if let Some(waits) = self.waits.take() {
            let status = status.clone();
            // Who does not wait any more has hung up.
            let _ = waits.send(Answer { refused, status });
        }
        self.status.send_if_modified(|told| {
            let news = *told != status;
            *told = status;
            news
        });
    }
}

/// Lets who gave the last order, to leave perhaps, hear what came of it.
pub(super) async fn farewell() {
    // Their task has its answer, and needs its turn to write it.
    tokio::task::yield_now().await;
}

/// The door of this program, where there can be one.
#[cfg(unix)]
pub(super) fn door(settings: &Settings) -> Remote {
    let folder = runtime_folder(&settings.data_dir);
    door::open(&folder).unwrap_or_else(|error| {
        let folder = folder.display();
        tracing::warn!("no remote control through `{folder}`: {error}");
        Remote::default()
    })
}

/// Elsewhere there is none.
#[cfg(not(unix))]
pub(super) fn door(_settings: &Settings) -> Remote {
    Remote::default()
}

#[cfg(unix)]
mod door {
    use super::{Answer, Asked, INBOX, Remote, Request, Status};
    use std::fs::{self, DirBuilder, Permissions};
    use std::io;
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
    use std::path::{Path, PathBuf};
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
    use tokio::net::{UnixListener, UnixStream};
    use tokio::sync::{Semaphore, mpsc, oneshot, watch};
    use tokio::time::timeout;

    /// No order is longer, in bytes.
    const LONGEST: u64 = 1 << 20;
    /// How long an order may take to come through the door.
    const PATIENCE: Duration = Duration::from_secs(5);
    /// So many may stand in the door; others wait outside.
    const GUESTS: usize = 32;

    /// Makes sure that there is a folder that only we can enter.
    fn private(folder: &Path) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700).create(folder)?;
        let about = fs::symlink_metadata(folder)?;
        if !about.is_dir() || about.uid() != rustix::process::geteuid().as_raw() {
            let why = format!("`{}` is not a folder of yours", folder.display());
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        }
        fs::set_permissions(folder, Permissions::from_mode(0o700))
    }

    /// Opens the door of this program in that folder. Must be called within the program's runtime.
    pub(super) fn open(folder: &Path) -> io::Result<Remote> {
        private(folder)?;
        let socket = folder.join(format!("{}.sock", std::process::id()));
        // Whoever had this number before is gone.
        let _ = fs::remove_file(&socket);
        let listener = UnixListener::bind(&socket)?;
        fs::set_permissions(&socket, Permissions::from_mode(0o600))?;
        let (sender, orders) = mpsc::channel(INBOX);
        let status = watch::Sender::<Status>::default();
        tokio::spawn(listen(listener, sender, status.clone()));
        Ok(Remote {
            orders,
            waits: None,
            status,
            socket: Some(PathBuf::from(&socket)),
        })
    }

    /// Lets guests in, until the program ends.
    async fn listen(
        listener: UnixListener,
        orders: mpsc::Sender<Asked>,
        status: watch::Sender<Status>,
    ) {
        let room = Arc::new(Semaphore::new(GUESTS));
        while let Ok(place) = Arc::clone(&room).acquire_owned().await {
            let Ok((guest, _)) = listener.accept().await else {
                // No descriptor is left for it: perhaps later.
                let _never = timeout(PATIENCE, std::future::pending::<()>()).await;
                continue;
            };
            let (orders, status) = (orders.clone(), status.clone());
            tokio::spawn(async move {
                if let Err(error) = serve(guest, orders, &status).await {
                    tracing::debug!("remote control: {error}");
                }
                drop(place);
            });
        }
    }

    /// Takes one order, answers it, and tells what changes if that is wanted.
    async fn serve(
        guest: UnixStream,
        orders: mpsc::Sender<Asked>,
        status: &watch::Sender<Status>,
    ) -> io::Result<()> {
        let (read, mut write) = guest.into_split();
        let mut read = BufReader::new(read.take(LONGEST));
        let mut line = String::new();
        timeout(PATIENCE, read.read_line(&mut line)).await??;
        let request: Request = serde_json::from_str(&line)?;
        // From here on every change is noticed.
        let mut changes = status.subscribe();
        let (sender, answer) = oneshot::channel();
        let order = request.order;
        let asked = Asked {
            order,
            answer: sender,
        };
        let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
        orders.send(asked).await.map_err(|_closed| gone())?;
        let answer: Answer = answer.await.map_err(|_closed| gone())?;
        drop(orders);
        send(&mut write, &answer).await?;
        if !request.follow {
            return Ok(());
        }
        let mut told = answer.status;
        let mut rest = [0; 64];
        loop {
            let now = changes.borrow_and_update().clone();
            if now != told {
                told = now;
                send(&mut write, &told).await?;
            }
            tokio::select! {
                changed = changes.changed() => changed.map_err(|_closed| gone())?,
                // Who hangs up follows no more.
                more = read.read(&mut rest) => if more? == 0 { return Ok(()) },
            }
        }
    }

    async fn send(
        write: &mut (impl AsyncWriteExt + Unpin),
        value: &impl serde::Serialize,
    ) -> io::Result<()> {
        let mut line = serde_json::to_string(value)?;
        line.push('\n');
        write.write_all(line.as_bytes()).await
    }
}
