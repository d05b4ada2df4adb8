//! One client as the backend knows it: its turns at work, what it is still to be told, and what
//! it may ask for. Knows nothing of sockets; `session` moves the frames.

use super::House;
use super::error::ServeError;
use super::turn::{Question, Turn};
use crate::core::backend::Brains;
use crate::core::ids::Seed;
use crate::core::words::{Lang, Word};
use crate::wire::yychat::frames::{Ids, Personality, ServerFrame};
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// How many messages of one client are answered at the same time.
const TURNS: usize = 8;

/// Replies that may wait for a client that does not read; it is not listened to beyond them.
const REPLIES: usize = 64;

/// What this backend does beyond the common protocol.
const CAPABILITIES: [&str; 10] = [
    "ws_text",
    "stream_ids",
    "interrupt",
    "brains",
    "history",
    "lang",
    "tools",
    "reasoning",
    "personalities",
    "rings",
];

/// One connected client.
pub(super) struct Client {
    pub(super) house: Arc<House>,
    pub(super) id: String,
    /// What it is told is told in this language: the one of its last message.
    pub(super) lang: Lang,
    seed: Seed,
    replies: VecDeque<ServerFrame>,
    turns: Vec<Turn>,
    /// Whose turn it is to be heard first, so that none drowns the others.
    first: usize,
    looking: Option<Pin<Box<dyn Future<Output = Arc<Brains>> + Send>>>,
    /// The brains it was told of last.
    told: Option<Arc<Brains>>,
}

impl Client {
    pub(super) fn greet(house: Arc<House>) -> Self {
        house.figures.came();
        let mut seed = house.seed();
        let id = seed.message().to_string();
        let names = house.personas.names(house.lang).into_iter();
        let personalities = names.map(|(id, name)| Personality { id, name });
        let greeting = ServerFrame::ConnectionEstablished {
            client_id: id.clone(),
            timestamp: house.timestamp(),
            message: Word::BackendGreeting.text(house.lang).to_owned(),
            capabilities: CAPABILITIES
                .iter()
                .filter(|can| **can != "rings" || house.bell.on)
                .map(|can| (*can).to_owned())
                .collect(),
            personalities: personalities.collect(),
            ears: None,
            voice: None,
        };
        Self {
            id,
            lang: house.lang,
            seed,
            replies: VecDeque::from([greeting]),
            turns: vec![],
            first: 0,
            looking: None,
            told: None,
            house,
        }
    }

    /// May more be asked of us before something is read?
    pub(super) fn has_room(&self) -> bool {
        self.replies.len() < REPLIES
    }

    /// Tells the client something as soon as it reads.
    pub(super) fn reply(&mut self, frame: ServerFrame) {
        self.replies.push_back(frame);
    }

    /// Tells the client why something is not done.
    pub(super) fn refuse(&mut self, error: &ServeError, ids: Ids) {
        self.reply(ServerFrame::Error {
            error: error.body(self.lang),
            message: None,
            ids,
            timestamp: self.house.timestamp(),
        });
    }

    /// Begins to answer a message.
    pub(super) fn ask(&mut self, question: Question) {
        let ids = Ids {
            message_id: Some(question.turn.clone()),
            session_id: Some(question.conversation.clone()),
            client_id: Some(self.id.clone()),
        };
        if question.text.trim().is_empty() {
            self.refuse(&ServeError::NoWords, ids);
        } else if self.turns.iter().any(|turn| turn.is(&question.turn)) {
            // An error that names the message would end the answer that is on its way.
            let message = question.turn;
            self.refuse(&ServeError::Duplicate { message }, Ids::default());
        } else if self.turns.len() == TURNS {
            self.refuse(&ServeError::Busy { most: TURNS }, ids);
        } else {
            self.turns.push(Turn::begin(&self.house, ids, question));
        }
    }

    /// A name for a message that has none.
    pub(super) fn name_message(&mut self) -> String {
        self.seed.turn().to_string()
    }

    /// Stops the turn of that name, else those of the conversation, else all.
    pub(super) fn interrupt(&mut self, message_id: Option<String>, session_id: Option<String>) {
        let meant = |turn: &Turn| match (&message_id, &session_id) {
            (Some(id), _) => turn.is(id),
            (None, Some(id)) => turn.is_in(id),
            (None, None) => true,
        };
        let stopped = self.turns.extract_if(.., |turn| meant(turn));
        let mut stopped: Vec<Ids> = stopped.map(|turn| turn.ids.clone()).collect();
        if stopped.is_empty() {
            stopped.push(Ids {
                message_id,
                session_id,
                client_id: Some(self.id.clone()),
            });
        }
        for ids in stopped {
            let timestamp = self.house.timestamp();
            self.reply(ServerFrame::InterruptConfirmed {
                ids: ids.clone(),
                timestamp,
            });
            self.reply(ServerFrame::StopPlayback { ids, timestamp });
        }
    }

    /// Forgets what was said in a conversation; what is being said there is stopped first.
    pub(super) fn forget(&mut self, conversation: Option<String>) {
        let name = conversation.clone().unwrap_or_else(|| self.id.clone());
        if self.turns.iter().any(|turn| turn.is_in(&name)) {
            self.interrupt(None, Some(name.clone()));
        }
        self.house.memory().forget(&name);
        if let Ok(id) = name.parse() {
            // It is done in its time; what was said is already out of our own memory.
            drop(self.house.store.run(move |store| store.forget(id)));
        }
        self.reply(ServerFrame::ConversationCleared {
            conversation_id: conversation,
            timestamp: self.house.timestamp(),
        });
    }

    /// Looks which brains there are. Who asks again meanwhile is served by the same look.
    pub(super) fn look(&mut self, again: bool) {
        if self.looking.is_none() {
            let house = Arc::clone(&self.house);
            self.looking = Some(Box::pin(async move { house.shelf.list(again).await }));
        }
    }

    /// Which brains there are has changed.
    pub(super) fn brains_changed(&mut self, brains: Arc<Brains>) {
        if self.told.as_ref() != Some(&brains) {
            self.tell_brains(brains);
        }
    }

    fn tell_brains(&mut self, brains: Arc<Brains>) {
        self.reply(ServerFrame::Brains {
            all: brains.all.clone(),
            current: brains.current.clone(),
            why: brains.why.clone(),
            timestamp: self.house.timestamp(),
        });
        self.told = Some(brains);
    }

    /// The next frame for the client.
    pub(super) fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<ServerFrame> {
        self.poll_work(context);
        if let Some(reply) = self.replies.pop_front() {
            return Poll::Ready(reply);
        }
        let mut at = 0;
        while at < self.turns.len() {
            let place = (self.first + at) % self.turns.len();
            match self.turns[place].poll_frame(context) {
                Poll::Ready(Some(frame)) => {
                    self.first = place + 1;
                    return Poll::Ready(frame);
                }
                Poll::Ready(None) => {
                    self.turns.remove(place);
                }
                Poll::Pending => at += 1,
            }
        }
        Poll::Pending
    }

    /// Works on, whether the client reads or not.
    pub(super) fn poll_work(&mut self, context: &mut Context<'_>) {
        if let Some(looking) = &mut self.looking
            && let Poll::Ready(brains) = looking.as_mut().poll(context)
        {
            self.looking = None;
            self.tell_brains(brains);
        }
        for turn in &mut self.turns {
            turn.poll_work(context);
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.house.figures.went();
    }
}
