//! Who listens to which conversation: what is said there with one client is told to the others, as it comes.
//!
//! Nobody who is answered waits for those who listen: who does not read falls behind, and is told anew
//! what was said when they read again.

use super::House;
use super::memory::{Answer, Exchange, exchanges};
use crate::core::backend::By;
use crate::wire::yychat::frames::{Answered, Ids, ServerFrame, Shared, Speaker};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// So much may wait for one who listens.
const NEWS: usize = 64;

/// Of what was said of late, so many questions and answers are told, and so many bytes.
const LATE: usize = 32;
const LATE_BYTES: usize = 32 * 1024;

/// The conversations in which something is being said, or to which somebody listens.
#[derive(Clone, Default)]
pub(super) struct Rooms(Arc<Mutex<HashMap<String, Room>>>);

#[derive(Default)]
struct Room {
    listeners: Vec<Listener>,
    /// Answers that are being given.
    growing: Vec<Growing>,
}

struct Listener {
    client: String,
    news: mpsc::Sender<ServerFrame>,
}

struct Growing {
    /// This very one: the same may be asked twice at the same time.
    turn: Arc<str>,
    /// Who is being answered.
    client: Option<String>,
    question: String,
    answer: String,
}

/// One answer, as those are told who listen. It is cut short if this is dropped before its end.
pub(super) struct Telling {
    rooms: Rooms,
    house: Arc<House>,
    conversation: String,
    turn: Arc<str>,
    over: bool,
}

/// Somebody who listens, until this is dropped.
pub(super) struct Listening {
    rooms: Rooms,
    conversation: String,
    client: String,
    /// What was said before, then what is being said.
    late: VecDeque<ServerFrame>,
    /// Ends when too much waited.
    news: mpsc::Receiver<ServerFrame>,
}

impl Rooms {
    fn rooms(&self) -> MutexGuard<'_, HashMap<String, Room>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes a room; one that is left empty goes.
    fn change(&self, conversation: &str, change: impl FnOnce(&mut Room)) {
        let mut rooms = self.rooms();
        if let Some(room) = rooms.get_mut(conversation) {
            change(room);
            if room.listeners.is_empty() && room.growing.is_empty() {
                rooms.remove(conversation);
            }
        }
    }

    /// What was said in a conversation is forgotten; who wanted that knows it.
    pub(super) fn clear(&self, conversation: &str, client: Option<&str>, timestamp: f64) {
        let ids = ids(None, conversation);
        let frame = ServerFrame::SharedCleared { ids, timestamp };
        self.change(conversation, |room| room.tell(client, &frame));
    }
}

impl Room {
    /// Tells everybody but the one who knows. Who does not read is left behind.
    fn tell(&mut self, but: Option<&str>, frame: &ServerFrame) {
        self.listeners.retain(|listener| {
            but == Some(listener.client.as_str()) || listener.news.try_send(frame.clone()).is_ok()
        });
    }
}

impl Telling {
    /// A question is asked by a client, if it has a socket.
    pub(super) fn begin(
        house: &Arc<House>,
        conversation: &str,
        turn: &str,
        client: Option<&str>,
        question: &str,
    ) -> Self {
        let rooms = house.rooms.clone();
        let turn: Arc<str> = turn.into();
        let growing = Growing {
            turn: Arc::clone(&turn),
            client: client.map(str::to_owned),
            question: question.to_owned(),
            answer: String::new(),
        };
        {
            let mut open = rooms.rooms();
            let room = open.entry(conversation.to_owned()).or_default();
            for frame in growing.told(conversation, house.timestamp()) {
                room.tell(client, &frame);
            }
            room.growing.push(growing);
        }
        Self {
            rooms,
            house: Arc::clone(house),
            conversation: conversation.to_owned(),
            turn,
            over: false,
        }
    }

    /// More of the answer.
    pub(super) fn more(&self, more: &str) {
        let frame = self.frame(Shared::More, more.to_owned(), None);
        self.rooms.change(&self.conversation, |room| {
            let growing = room.growing.iter_mut().find(|one| one.is(&self.turn));
            if let Some(growing) = growing {
                growing.answer.push_str(more);
                let client = growing.client.clone();
                room.tell(client.as_deref(), &frame);
            }
        });
    }

    /// The answer is complete.
    pub(super) fn end(&mut self, answer: &Answer) {
        let frame = self.frame(Shared::Complete, answer.text.clone(), answer.by.clone());
        self.close(|_growing| frame);
    }

    fn close(&mut self, frame: impl FnOnce(&Growing) -> ServerFrame) {
        self.over = true;
        self.rooms.change(&self.conversation, |room| {
            let at = room.growing.iter().position(|one| one.is(&self.turn));
            if let Some(growing) = at.map(|at| room.growing.remove(at)) {
                room.tell(growing.client.as_deref(), &frame(&growing));
            }
        });
    }

    fn frame(&self, state: Shared, content: String, by: Option<By>) -> ServerFrame {
        let ids = ids(Some(&self.turn), &self.conversation);
        said(
            Speaker::Assistant,
            content,
            state,
            ids,
            by,
            self.house.timestamp(),
        )
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        if !self.over {
            let ids = ids(Some(&self.turn), &self.conversation);
            let timestamp = self.house.timestamp();
            self.close(|growing| {
                let content = growing.answer.clone();
                said(
                    Speaker::Assistant,
                    content,
                    Shared::Cut,
                    ids,
                    None,
                    timestamp,
                )
            });
        }
    }
}

impl Growing {
    fn is(&self, turn: &Arc<str>) -> bool {
        Arc::ptr_eq(&self.turn, turn)
    }

    /// The question, and the answer so far.
    fn told(&self, conversation: &str, timestamp: f64) -> [ServerFrame; 2] {
        let ids = || ids(Some(&self.turn), conversation);
        let (question, answer) = (self.question.clone(), self.answer.clone());
        [
            said(
                Speaker::User,
                question,
                Shared::Complete,
                ids(),
                None,
                timestamp,
            ),
            said(
                Speaker::Assistant,
                answer,
                Shared::Open,
                ids(),
                None,
                timestamp,
            ),
        ]
    }
}

/// A client listens from here on, and is told what was said of late. What is said in between is told
/// twice rather than not at all.
pub(super) async fn listen(house: Arc<House>, conversation: String, client: String) -> Listening {
    let (listener, news) = mpsc::channel(NEWS);
    let (mut growing, mut turns) = (vec![], vec![]);
    {
        let mut rooms = house.rooms.rooms();
        let room = rooms.entry(conversation.clone()).or_default();
        room.listeners.push(Listener {
            client: client.clone(),
            news: listener,
        });
        for one in &room.growing {
            turns.push(Arc::clone(&one.turn));
            // Who is answered is told elsewhere.
            if one.client.as_ref() != Some(&client) {
                growing.extend(one.told(&conversation, house.timestamp()));
            }
        }
    }
    let mut listening = Listening {
        rooms: house.rooms.clone(),
        late: VecDeque::new(),
        conversation,
        client,
        news,
    };
    let known = late(&house, &listening.conversation).await;
    let known = known
        .into_iter()
        .filter(|one| turns.iter().all(|turn| **turn != *one.turn));
    let told = known.flat_map(|one| told(one, &listening.conversation, house.timestamp()));
    listening.late = told.chain(growing).collect();
    listening
}

/// What was said of late.
async fn late(house: &House, conversation: &str) -> Vec<Exchange> {
    let shared = house.store.is_shared();
    let known = house.memory().peek(conversation).filter(|_| !shared);
    let mut known = match (known, house.kept_as(conversation)) {
        (Some(known), _) => known,
        (None, None) => vec![],
        (None, Some(id)) => match house.store.recall(id, LATE_BYTES).await {
            Ok(recalled) => exchanges(recalled.lines),
            Err(error) => {
                tracing::warn!("what was said before is not known: {error}");
                vec![]
            }
        },
    };
    let mut left = LATE_BYTES;
    let fits = |one: &&Exchange| {
        let answer = one.answer.as_ref().map_or(0, |answer| answer.text.len());
        let rest = left.checked_sub(one.question.len() + answer);
        left = rest.unwrap_or(0);
        rest.is_some()
    };
    let count = known.iter().rev().take(LATE).take_while(fits).count();
    known.drain(..known.len() - count);
    known
}

/// A question that was asked before, and its answer if it has one.
fn told(one: Exchange, conversation: &str, timestamp: f64) -> Vec<ServerFrame> {
    let Exchange {
        turn,
        question,
        answer,
    } = one;
    let ids = || ids(Some(&turn), conversation);
    let question = said(
        Speaker::User,
        question,
        Shared::Complete,
        ids(),
        None,
        timestamp,
    );
    let answer = answer.map(|answer| {
        let state = if answer.cut {
            Shared::Cut
        } else {
            Shared::Complete
        };
        let (text, by) = (answer.text, answer.by);
        said(Speaker::Assistant, text, state, ids(), by, timestamp)
    });
    [question].into_iter().chain(answer).collect()
}

fn said(
    role: Speaker,
    content: String,
    state: Shared,
    ids: Ids,
    by: Option<By>,
    timestamp: f64,
) -> ServerFrame {
    let by = by.map_or_else(Answered::default, |by| Answered {
        brain: Some(by.brain),
        model: by.model,
        ..Answered::default()
    });
    ServerFrame::Shared {
        role,
        content,
        state,
        ids,
        timestamp,
        by,
    }
}

fn ids(turn: Option<&str>, conversation: &str) -> Ids {
    Ids {
        message_id: turn.map(str::to_owned),
        session_id: Some(conversation.to_owned()),
        client_id: None,
    }
}

impl Listening {
    pub(super) fn conversation(&self) -> &str {
        &self.conversation
    }

    /// What comes next; `None` once too much waited.
    pub(super) fn poll_news(
        &mut self,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<ServerFrame>> {
        match self.late.pop_front() {
            Some(frame) => std::task::Poll::Ready(Some(frame)),
            None => self.news.poll_recv(context),
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.news.close();
        self.rooms.change(&self.conversation, |room| {
            // Its own place: the next one of this client may have been taken already.
            room.listeners
                .retain(|one| one.client != self.client || !one.news.is_closed());
        });
    }
}
