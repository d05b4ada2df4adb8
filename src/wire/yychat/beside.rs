//! What a client knows of the HTTP side of its server: whether words go that way, what is asked
//! there, and what it lists.
//!
//! Two kinds of servers are about. Those of the first stage answer words on the socket; later ones
//! say there that they begin, and nothing more, and answer over HTTP. Which kind this is shows by
//! trying, and is remembered for as long as the program runs.

use super::api::{Api, Document};
use super::catalog::{Catalog, List};
use super::memory::Memory;
use super::reply::Reply;
use crate::core::backend::{Down, Say};
use crate::core::ids::TurnId;
use crate::core::time::Moment;
use crate::wire::Place;
use std::collections::BTreeMap;
use std::time::Duration;

/// A server that answers on the socket begins to within this time.
const TRIAL: Duration = Duration::from_secs(1);

/// So many questions may be on trial.
const FEW: usize = 8;

/// So long the figures of the status wait for what is asked over HTTP.
const FIGURES: Duration = Duration::from_secs(2);

/// How words reach the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Way {
    #[default]
    Unknown,
    Socket,
    Http,
}

/// The HTTP side of one server.
#[derive(Debug, Default)]
pub(super) struct Beside {
    pub(super) api: Option<Api>,
    pub(super) way: Way,
    /// The user said which way it is.
    pub(super) fixed: bool,
    pub(super) catalog: Catalog,
    pub(super) memory: Memory,
    /// What was said on the socket and may have to be said over HTTP, oldest first.
    pub(super) trials: Vec<Trial>,
    pub(super) tasks: BTreeMap<u64, Task>,
    /// Requests that nobody waits for any more.
    pub(super) dropped: Vec<u64>,
    /// The voice that the server was told to use.
    pub(super) voice: Option<String>,
    held: Option<Held>,
}

/// A question on the socket.
#[derive(Debug)]
pub(super) struct Trial {
    pub(super) say: Say,
    /// When we give up; nothing as long as the server has not said that it begins.
    due: Option<Moment>,
}

/// What is being asked.
#[derive(Debug)]
pub(super) enum Task {
    Chat(Box<Chat>),
    List(List, Document),
    /// Another engine is to answer this.
    Switch {
        engine: String,
        say: Box<Say>,
        document: Document,
    },
    /// How much the server remembers of this conversation.
    Memory(Document),
    /// These words as sound.
    Aloud {
        turn: TurnId,
        document: Document,
    },
    /// Nobody waits for its answer.
    Passing,
}

/// A question that was asked over HTTP.
#[derive(Debug)]
pub(super) struct Chat {
    pub(super) say: Say,
    pub(super) reply: Reply,
    /// The answer so far.
    pub(super) answer: String,
    /// It was said on the socket before, and may still be answered there.
    pub(super) on_socket: bool,
}

/// Figures of the status, until all of them are here.
#[derive(Debug)]
struct Held {
    figures: Option<Vec<(String, String)>>,
    memories: bool,
    until: Moment,
}

impl Beside {
    pub(super) fn new(place: &Place) -> Self {
        let api = Api::of(place);
        let way = match place.more.get("text").map(String::as_str) {
            Some("socket") => Way::Socket,
            Some("http") if api.is_some() => Way::Http,
            _ => Way::Unknown,
        };
        Self {
            fixed: way != Way::Unknown,
            api,
            way,
            ..Self::default()
        }
    }

    /// A new life of the line begins: what was found out stays.
    pub(super) fn again(self) -> Self {
        Self {
            api: self.api,
            way: self.way,
            fixed: self.fixed,
            memory: self.memory,
            ..Self::default()
        }
    }

    /// It was found out how words travel.
    pub(super) fn found(&mut self, way: Way) {
        if self.way == Way::Unknown || way == Way::Socket && !self.fixed {
            self.way = way;
        }
    }

    /// Whether it is known that words are answered over HTTP.
    pub(super) fn answers(&self) -> bool {
        self.way == Way::Http
    }

    /// A question goes out on the socket.
    pub(super) fn try_socket(&mut self, say: &Say) {
        if self.way == Way::Unknown && self.api.is_some() {
            // A server that says nothing at all must not fill the memory.
            if self.trials.len() == FEW {
                self.trials.remove(0);
            }
            self.trials.push(Trial {
                say: say.clone(),
                due: None,
            });
        }
    }

    /// The server says that it begins with the oldest question.
    pub(super) fn begun(&mut self, now: Moment) {
        let mut waiting = self.trials.iter_mut().filter(|trial| trial.due.is_none());
        if let Some(trial) = waiting.next() {
            trial.due = Some(now + TRIAL);
        }
    }

    /// The questions that were answered by silence.
    pub(super) fn silent(&mut self, now: Moment) -> Vec<Say> {
        let is_due = |trial: &mut Trial| trial.due.is_some_and(|due| due <= now);
        let silent = self.trials.extract_if(.., is_due);
        silent.map(|trial| trial.say).collect()
    }

    /// The persona to ask for, if this server has it.
    pub(super) fn persona(&self, say: &Say) -> Option<String> {
        let known = &self.catalog.personas;
        let fits = |id: &&String| known.is_empty() || known.iter().any(|(known, _)| known == *id);
        say.persona.as_ref().filter(fits).cloned()
    }

    /// The request that answers this turn.
    pub(super) fn chat_of(&self, turn: TurnId) -> Option<u64> {
        let mut tasks = self.tasks.iter();
        let found = tasks.find(|(_, task)| match task {
            Task::Chat(chat) => chat.say.turn == turn,
            Task::Switch { say, .. } => say.turn == turn,
            Task::Aloud { turn: aloud, .. } => *aloud == turn,
            _ => false,
        });
        found.map(|(number, _)| *number)
    }

    /// Figures of the status have come: they are told when all are here.
    pub(super) fn status(&mut self, mut figures: Vec<(String, String)>) -> Option<Down> {
        match &mut self.held {
            Some(held) if held.memories => {
                held.figures = Some(figures);
                None
            }
            _ => {
                self.held = None;
                figures.extend(self.catalog.figures());
                Some(Down::Status(figures))
            }
        }
    }

    /// The status is asked for, and the memory beside it.
    pub(super) fn hold_status(&mut self, now: Moment) {
        self.held = Some(Held {
            figures: None,
            memories: true,
            until: now + FIGURES,
        });
    }

    /// The server remembers so much, or does not say.
    pub(super) fn memories(&mut self, count: Option<u64>) -> Option<Down> {
        let held = self.held.as_mut()?;
        held.memories = false;
        let mut figures = held.figures.take()?;
        figures.extend(count.map(|count| ("memories".to_owned(), count.to_string())));
        self.status(figures)
    }

    pub(super) fn deadline(&self) -> Option<Moment> {
        let held = self.held.as_ref().filter(|held| held.figures.is_some());
        let trials = self.trials.iter().filter_map(|trial| trial.due);
        trials.chain(held.map(|held| held.until)).min()
    }

    /// The figures that have waited long enough.
    pub(super) fn overdue(&mut self, now: Moment) -> Option<Down> {
        let late = self.held.as_ref().is_some_and(|held| held.until <= now);
        late.then(|| self.memories(None)).flatten()
    }
}
