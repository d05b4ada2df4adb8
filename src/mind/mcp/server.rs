//! One server of tools: a task that starts it when it is first wanted, keeps it running, and
//! starts it again when it dies, each time after a longer pause.

use super::McpError;
use super::child::Process;
use super::gate::{Gate, Meter, Verdict};
use super::spec::{Place, Spec};
use super::tool::{self, Offer, TOOLS};
use crate::mind::endpoint::Address;
use crate::mind::http;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, ClientCapabilities, ClientConfig, Implementation,
    PaginatedRequestParams, Tool,
};
use rmcp::service::{NotificationContext, RunningService, ServiceError};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{ClientHandler, Peer, RoleClient, ServiceExt};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until, timeout};

/// How long it may take to list its tools.
const LIST: Duration = Duration::from_secs(20);
/// More pages of tools than this are not asked for.
const PAGES: usize = 20;
/// The longest pause before a server is started again.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// Who failed so often in a row is left alone until somebody asks for it.
const TRIES: u32 = 5;
/// How long the end of a program may take after the end of what it says.
const END: Duration = Duration::from_secs(1);
/// Who ran for so long has not failed.
const LASTED: Duration = Duration::from_mins(1);
/// A list that changes is read again after this pause, however often it changes meanwhile.
const RELIST: Duration = Duration::from_secs(1);

/// How a server is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nobody has wanted it yet.
    #[default]
    Idle,
    Starting,
    Ready,
    /// It failed and will be started again.
    Waiting {
        why: McpError,
        pause: Duration,
    },
    /// It failed too often, and is started again when somebody asks for it.
    Off {
        why: McpError,
    },
}

/// What is known of a server.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    pub state: State,
    pub offers: Vec<Offer>,
    /// So many of its tools are not offered: they are too many, or too long.
    pub left_out: usize,
    peer: Option<Peer<RoleClient>>,
}

/// A server, as those see it who use it.
pub(super) struct Server {
    pub(super) spec: Spec,
    pub(super) shown: watch::Sender<Arc<Shown>>,
    news: Arc<watch::Sender<u64>>,
    /// It is wanted now, whatever the pause.
    wanted: Notify,
    /// A use showed that nobody is there any more.
    broken: Notify,
}

impl Server {
    pub(super) fn new(spec: Spec, news: Arc<watch::Sender<u64>>) -> Self {
        Self {
            spec,
            news,
            shown: watch::Sender::new(Arc::default()),
            wanted: Notify::new(),
            broken: Notify::new(),
        }
    }

    /// Ends its pause, if it makes one.
    pub(super) fn want(&self) {
        let pauses = matches!(
            self.shown.borrow().state,
            State::Waiting { .. } | State::Off { .. }
        );
        if pauses {
            self.wanted.notify_one();
        }
    }

    /// Uses a tool. Dropping this calls the use off.
    pub(super) async fn call(&self, tool: &str, arguments: &str) -> Result<String, McpError> {
        let arguments = tool::arguments(arguments)?;
        let limit = Instant::now() + self.spec.limits.call;
        let silent = |_elapsed| McpError::Silent {
            server: self.spec.name.clone(),
            waited: self.spec.limits.call,
        };
        let peer = tokio::time::timeout_at(limit, self.peer())
            .await
            .map_err(silent)??;
        let asked = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
        // Dropped when it is late, which tells the server that nobody waits any more.
        let answer = tokio::time::timeout_at(limit, peer.call_tool_once(asked))
            .await
            .map_err(silent)?;
        match answer {
            Ok(CallToolResponse::Complete(result)) => tool::outcome(&result),
            Ok(_) => Err(McpError::Refused {
                why: "the tool wants to ask back or to work in the background, which is not \
                      possible here"
                    .to_owned(),
            }),
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// The line to the server, once it is up.
    async fn peer(&self) -> Result<Peer<RoleClient>, McpError> {
        self.want();
        let mut shown = self.shown.subscribe();
        loop {
            let now = Arc::clone(&shown.borrow_and_update());
            match (&now.state, &now.peer) {
                (_, Some(peer)) => return Ok(peer.clone()),
                (State::Off { why }, None) => return Err(why.clone()),
                (State::Idle | State::Starting | State::Ready | State::Waiting { .. }, None) => {}
            }
            if shown.changed().await.is_err() {
                return Err(self.died(""));
            }
        }
    }

    fn failed(&self, error: &ServiceError) -> McpError {
        match error {
            ServiceError::McpError(error) => McpError::Refused {
                why: error.message.chars().take(2_000).collect(),
            },
            ServiceError::TransportClosed => self.died(""),
            ServiceError::TransportSend(error) => {
                self.broken.notify_one();
                self.died(&error.to_string())
            }
            other => self.died(&other.to_string()),
        }
    }

    fn died(&self, why: &str) -> McpError {
        McpError::Died {
            server: self.spec.name.clone(),
            why: why.chars().take(300).collect(),
        }
    }

    fn show(&self, shown: Shown) {
        self.shown.send_replace(Arc::new(shown));
        self.news.send_modify(|changes| *changes += 1);
    }

    /// Keeps the server running; never ends by itself. Dropping it ends the server.
    pub(super) async fn keep(&self) {
        let mut failures = 0;
        loop {
            self.show(Shown {
                state: State::Starting,
                ..Shown::default()
            });
            let began = Instant::now();
            let why = match self.open().await {
                Ok(mut open) => self.run(&mut open).await,
                Err(why) => why,
            };
            tracing::warn!("{why}");
            failures = if began.elapsed() >= LASTED {
                1
            } else {
                failures + 1
            };
            let pause = self.spec.limits.pause;
            let pause = pause
                .saturating_mul(1 << (failures - 1).min(8))
                .min(LONGEST_PAUSE);
            let given_up = failures >= TRIES;
            self.show(Shown {
                state: if given_up {
                    State::Off { why }
                } else {
                    State::Waiting { why, pause }
                },
                ..Shown::default()
            });
            let again = Instant::now() + pause;
            tokio::select! {
                () = self.wanted.notified() => failures = 0,
                () = sleep_until(again), if !given_up => {}
            }
        }
    }

    /// Starts it and shakes hands.
    async fn open(&self) -> Result<Open, McpError> {
        let (verdict, limit) = (Verdict::default(), self.spec.limits.start);
        let changed = Arc::new(Notify::new());
        let handler = Handler {
            changed: Arc::clone(&changed),
        };
        let (process, started) = match &self.spec.place {
            Place::Program(line) => {
                let (process, output, input) = Process::start(line, &self.spec.name)
                    .map_err(|error| self.no_start(format!("`{}`: {error}", line.program)))?;
                let output = Meter::new(output, Arc::clone(&verdict));
                let lines = AsyncRwTransport::new_client(output, input);
                let gate = Gate::new(lines, Arc::clone(&verdict));
                (Some(process), timeout(limit, handler.serve(gate)).await)
            }
            Place::Address { url, .. } => {
                let config = self.address(url).await?;
                let address =
                    reqwest::Url::parse(url).map_err(|error| self.no_start(error.to_string()))?;
                let client =
                    http::client(&address).map_err(|error| self.no_start(error.to_string()))?;
                let lines = StreamableHttpClientTransport::with_client(client, config);
                let gate = Gate::new(lines, Arc::clone(&verdict));
                (None, timeout(limit, handler.serve(gate)).await)
            }
        };
        let mut open = Open {
            running: None,
            process,
            verdict,
            changed,
        };
        match started {
            Ok(Ok(running)) => {
                open.running = Some(running);
                Ok(open)
            }
            Ok(Err(error)) => Err(self.ended(&mut open, &error.to_string()).await),
            Err(_elapsed) => Err(McpError::Silent {
                server: self.spec.name.clone(),
                waited: limit,
            }),
        }
    }

    async fn address(&self, url: &str) -> Result<StreamableHttpClientTransportConfig, McpError> {
        let Place::Address { token, .. } = &self.spec.place else {
            return Ok(StreamableHttpClientTransportConfig::with_uri(url));
        };
        let read = Arc::clone(token);
        let token = tokio::task::spawn_blocking(move || read()).await;
        let token = match token {
            Ok(token) => token.map_err(|(why, _hint)| self.no_start(why))?,
            Err(error) => return Err(self.no_start(error.to_string())),
        };
        let address = Address::parse(url).map_err(|error| self.no_start(error.to_string()))?;
        let header = address
            .bearer(token.as_ref())
            .map_err(|error| self.no_start(error.to_string()))?;
        let headers = header.map(|header| (reqwest::header::AUTHORIZATION, header));
        Ok(StreamableHttpClientTransportConfig::with_uri(url)
            .max_sse_event_size(super::gate::MESSAGE)
            .custom_headers(HashMap::from_iter(headers)))
    }

    /// Serves until it ends; answers why.
    async fn run(&self, open: &mut Open) -> McpError {
        let Some(running) = open.running.take() else {
            return self.died("");
        };
        let peer = running.peer().clone();
        let mut over = std::pin::pin!(running.waiting());
        loop {
            let listed = tokio::select! {
                _why = &mut over => return self.ended(open, "").await,
                listed = timeout(LIST, list(&peer)) => listed,
            };
            match listed {
                Ok(Ok((tools, more))) => {
                    let (offers, left_out) = tool::offers(&self.spec.name, tools);
                    self.show(Shown {
                        state: State::Ready,
                        offers,
                        left_out: left_out + more,
                        peer: Some(peer.clone()),
                    });
                }
                Ok(Err(ServiceError::TransportClosed)) => {
                    return self.ended(open, "").await;
                }
                Ok(Err(error)) => return self.failed(&error),
                Err(_elapsed) => {
                    return McpError::Silent {
                        server: self.spec.name.clone(),
                        waited: LIST,
                    };
                }
            }
            tokio::select! {
                _why = &mut over => return self.ended(open, "").await,
                () = self.broken.notified() => return self.died(""),
                () = open.changed.notified() => {}
            }
            let again = Instant::now() + RELIST;
            tokio::select! {
                _why = &mut over => return self.ended(open, "").await,
                () = sleep_until(again) => {}
            }
        }
    }

    /// Why it ended: it flooded us, or what its program said last.
    async fn ended(&self, open: &mut Open, otherwise: &str) -> McpError {
        if let Some(why) = open.verdict.get() {
            return McpError::Floods {
                server: self.spec.name.clone(),
                why,
            };
        }
        let Some(process) = &mut open.process else {
            return self.died(otherwise);
        };
        // Its output ends a moment before it does.
        let said = timeout(END, process.end()).await;
        match said {
            Ok(why) if !why.is_empty() => self.died(&why),
            _ => self.died(otherwise),
        }
    }

    fn no_start(&self, why: String) -> McpError {
        McpError::NoStart {
            server: self.spec.name.clone(),
            why,
        }
    }
}

/// A server that runs. Dropping it ends it.
struct Open {
    /// Nothing, once it is waited for.
    running: Option<RunningService<RoleClient, Handler>>,
    process: Option<Process>,
    verdict: Verdict,
    changed: Arc<Notify>,
}

/// All tools, page by page, and how many are beyond what is read.
async fn list(peer: &Peer<RoleClient>) -> Result<(Vec<Tool>, usize), ServiceError> {
    let (mut tools, mut cursor, mut more) = (vec![], None, 0);
    // A server may name a next page for ever.
    for _page in 0..PAGES {
        let asked = PaginatedRequestParams::default().with_cursor(cursor);
        let page = peer.list_tools(Some(asked)).await?;
        for tool in page.tools {
            // Twice as many as are offered, for some of them may not do.
            if tools.len() < 2 * TOOLS {
                tools.push(tool);
            } else {
                more += 1;
            }
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    Ok((tools, more))
}

/// What a server may ask of us: next to nothing. It cannot use our brain, see our files or ask
/// the user.
#[derive(Clone)]
struct Handler {
    changed: Arc<Notify>,
}

impl ClientHandler for Handler {
    fn get_info(&self) -> ClientConfig {
        let ours = Implementation::new("hearsay", env!("CARGO_PKG_VERSION"));
        ClientConfig::new(ClientCapabilities::default(), ours)
    }

    async fn on_tool_list_changed(&self, _context: NotificationContext<RoleClient>) {
        self.changed.notify_one();
    }
}
