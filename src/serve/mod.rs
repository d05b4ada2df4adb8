//! Answers: the backend itself. It runs inside the program and is talked to like any other, in
//! real frames of its language over a stream; what the stream is made of does not matter to it.
//!
//! [`Backend`] is the house that all clients share: brains (`shelf`, told by the
//! configuration in `wanted`), personas, tools and their desk (`desk`), tools of other programs,
//! which of them may be used (`permit`), what was said (`memory`, with `budget` for how much of it
//! a brain is shown and `summary` for the rest), what a brain was sent of late (`prompts`), the timers (`bell`), and figures. `session` owns
//! one connection, `client` what is known of whoever is at its other end, `router` what may be
//! asked. What is under way for a client is a `job`: `turn` tells the answer to a `question`, which
//! `think` has with the help of a `kit` of tools, some of which only the client has in its `hands`
//! and is sent for on an `errand`; `speak` says aloud what is written, `hear` makes words of a
//! recording, or of a turn of a `call`. [`Workshop`] is its tools alone. [`port`] is the backend for clients elsewhere: a
//! listener, HTTP, and who may come in; `realtime` is another language for the same client; `ledger` keeps what is said there, `lobby` knows who is
//! connected, for what is asked beside the socket, and `rooms` who listens to which conversation.

mod bell;
mod budget;
mod call;
mod client;
mod desk;
mod errand;
mod error;
mod figures;
mod hands;
mod hear;
mod job;
mod kit;
mod ledger;
mod lobby;
mod memory;
mod permit;
mod persona;
pub mod port;
mod prompts;
mod question;
mod realtime;
mod rooms;
mod router;
mod session;
mod shelf;
mod speak;
mod summary;
mod terms;
mod think;
mod turn;
mod unpack;
mod wanted;
mod workshop;

pub use error::ServeError;
pub use permit::{Lists, Permits, Remember};
pub use persona::{Persona, Personas, Told};
pub use terms::{Phase, Served, Terms};
pub use wanted::{Brains, Choice, ReadKey, Wanted};
pub use workshop::Workshop;

use crate::core::ids::Seed;
use crate::core::words::Lang;
use crate::mind::SpeechError;
use crate::mind::builtin::Builtin;
use crate::mind::ears::Ears;
use crate::mind::mcp::Servers;
use crate::mind::speech::Part;
use crate::mind::tools::{Clock, Toolbox};
use crate::mind::voice::Voice;
use crate::store::Archive;
use bell::Bell;
use desk::StoreDesk;
use figures::Figures;
use lobby::Lobby;
use memory::Memory;
use prompts::Prompts;
use rooms::Rooms;
use shelf::Shelf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio_tungstenite::WebSocketStream;

/// How much may be under way in an in-memory stream, each way.
const STREAM: usize = 64 * 1024;

/// Finds the ears a client wants, or those that are the usual ones here. A wish is the word of a
/// stranger: it may be a name, and never a command line or an address. `Err` is told in this
/// language.
pub type Listen =
    Arc<dyn Fn(Option<&str>, Lang) -> Result<Arc<dyn Ears>, SpeechError> + Send + Sync>;

/// Finds the voice a client wants, in the same way.
pub type Talk =
    Arc<dyn Fn(Option<&str>, Lang) -> Result<Arc<dyn Voice>, SpeechError> + Send + Sync>;

/// What a client may choose, each as what is written to choose it and what people call it.
pub type Choices = Arc<dyn Fn(Part, Lang) -> Vec<(String, String)> + Send + Sync>;

/// What a backend is made of.
pub struct Parts {
    pub brains: Brains,
    pub personas: Personas,
    pub ears: Listen,
    pub voice: Talk,
    pub choices: Choices,
    pub tools: Tools,
    /// Where earlier messages come from, and where notes and timers are kept.
    pub store: Archive,
    /// How much of a conversation a brain is shown.
    pub memory_tokens: usize,
    pub lang: Lang,
    pub clock: Clock,
    /// Timers ring here. Where nobody stays to hear them they are left to others.
    pub rings: bool,
    /// Where names of clients and messages come from.
    pub seed: Seed,
}

/// The tools that are not harmless in themselves.
#[derive(Default)]
pub struct Tools {
    /// Tools of other programs. None is started before somebody is there.
    pub servers: Servers,
    /// Which tools may be used.
    pub permits: Permits,
    /// May pages of this machine and the local network be read?
    pub fetch_private: bool,
}

/// The backend. When the last copy of it is dropped, its clients are told goodbye.
#[derive(Clone)]
pub struct Backend {
    house: Arc<House>,
    open: Arc<watch::Sender<Phase>>,
}

/// What all clients share.
struct House {
    shelf: Shelf,
    personas: Personas,
    ears: Listen,
    voice: Talk,
    choices: Choices,
    toolbox: Arc<Toolbox>,
    servers: Servers,
    permits: Permits,
    fetch_private: bool,
    store: Archive,
    memory_tokens: usize,
    lang: Lang,
    clock: Clock,
    bell: Bell,
    figures: Arc<Figures>,
    lobby: Lobby,
    rooms: Rooms,
    served: Served,
    /// Things that sessions change for a moment, never across a wait.
    memory: Mutex<Memory>,
    prompts: Mutex<Prompts>,
    seed: Mutex<Seed>,
}

impl House {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn prompts(&self) -> MutexGuard<'_, Prompts> {
        self.prompts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A seed for one client.
    fn seed(&self) -> Seed {
        let mut seed = self.seed.lock().unwrap_or_else(PoisonError::into_inner);
        Seed::new(seed.draw())
    }

    /// A place for one more answer, among all that are under way.
    fn place(&self) -> Result<OwnedSemaphorePermit, ServeError> {
        let places = Arc::clone(&self.served.places);
        places.try_acquire_owned().map_err(|_none| ServeError::Full)
    }

    /// The time as frames carry it: seconds since 1970.
    fn timestamp(&self) -> f64 {
        (self.clock)().timestamp().as_millisecond() as f64 / 1000.0
    }
}

impl Backend {
    /// Starts a backend within a runtime. Next to nothing happens before the first client comes.
    pub fn start(parts: Parts) -> Self {
        Self::start_for(parts, Served::default())
    }

    /// The same, for clients that come on these terms.
    pub fn start_for(mut parts: Parts, served: Served) -> Self {
        let bell = Bell::new(parts.rings);
        let desk = StoreDesk {
            store: parts.store.clone(),
            timers: Arc::clone(&bell.look),
        };
        let clock = parts.clock;
        let toolbox = Toolbox::new(Arc::new(desk), Arc::clone(&clock), parts.seed.draw());
        let toolbox = Arc::new(toolbox);
        let figures = Arc::new(Figures::new(Arc::clone(&clock)));
        let builtin = || {
            let (toolbox, figures) = (Arc::clone(&toolbox), Arc::clone(&figures));
            let status = Arc::new(move |lang| figures.tell(lang));
            Arc::new(Builtin::new(toolbox, status)) as Arc<dyn crate::mind::Brain>
        };
        let shelf = Shelf::new(parts.brains, builtin, parts.lang);
        let (open, closing) = watch::channel(Phase::Open);
        let store = parts.store.clone();
        tokio::spawn(bell.ringing(store, Arc::clone(&clock), closing));
        let house = House {
            shelf,
            personas: parts.personas,
            ears: parts.ears,
            voice: parts.voice,
            choices: parts.choices,
            toolbox,
            servers: parts.tools.servers,
            permits: parts.tools.permits,
            fetch_private: parts.tools.fetch_private,
            store: parts.store,
            memory_tokens: parts.memory_tokens,
            lang: parts.lang,
            clock,
            bell,
            figures,
            lobby: Lobby::default(),
            rooms: Rooms::default(),
            served,
            memory: Mutex::new(Memory::new(parts.memory_tokens)),
            prompts: Mutex::default(),
            seed: Mutex::new(parts.seed),
        };
        Self {
            house: Arc::new(house),
            open: Arc::new(open),
        }
    }

    /// The client's end of a fresh stream; its other end is served until the client goes.
    pub fn connect(&self) -> DuplexStream {
        let (ours, theirs) = tokio::io::duplex(STREAM);
        tokio::spawn(self.serve(ours));
        theirs
    }

    /// Serves a client at the other end of any stream, from the upgrade to the goodbye.
    pub fn serve<S>(&self, stream: S) -> impl Future<Output = ()> + Send + use<S>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        session::serve(Arc::clone(&self.house), stream, self.open.subscribe())
    }

    /// Serves a client whose upgrade was answered already.
    fn attend<S>(&self, socket: WebSocketStream<S>) -> impl Future<Output = ()> + Send + use<S>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        session::attend(Arc::clone(&self.house), socket, self.open.subscribe())
    }

    /// The same, for a client of OpenAI's realtime API that names this model.
    fn attend_realtime<S>(
        &self,
        socket: WebSocketStream<S>,
        model: Option<String>,
    ) -> impl Future<Output = ()> + Send + use<S>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        realtime::attend(
            Arc::clone(&self.house),
            socket,
            self.open.subscribe(),
            model,
        )
    }

    /// From now on nothing new is begun, and each client is told goodbye when what is under way for
    /// it is over.
    pub fn close(&self) {
        self.open.send_replace(Phase::Closing);
    }
}

#[cfg(test)]
mod tests;
