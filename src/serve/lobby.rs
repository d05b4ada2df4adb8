//! Who is connected by a socket, for answers that are asked for beside it: what of them is spoken
//! goes out by the socket, and what the socket stops is stopped.

use super::job::Out;
use crate::wire::yychat::frames::Ids;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{mpsc, oneshot};

/// So many pieces of speech may wait for a socket. Speech is sent no more than seconds ahead, so
/// whoever lets more wait does not listen.
const PIECES: usize = 64;

/// Everybody who is connected, by the name they were greeted with.
#[derive(Clone, Default)]
pub(super) struct Lobby(Arc<Mutex<HashMap<String, Seat>>>);

struct Seat {
    speech: mpsc::Sender<Out>,
    /// What is asked beside the socket.
    beside: Vec<Beside>,
}

struct Beside {
    ids: Ids,
    /// Dropped: it is to stop. A word through it: nobody is left who could stop it.
    goes_on: oneshot::Sender<()>,
}

/// A client's place; it is free again when this is dropped.
pub(super) struct Sat {
    lobby: Lobby,
    id: String,
    /// What is to be sent to the client.
    pub(super) speech: mpsc::Receiver<Out>,
}

/// One answer beside a socket.
pub(super) struct Place {
    pub(super) speech: mpsc::Sender<Out>,
    /// Ends without a word when the client has stopped the answer.
    pub(super) stopped: oneshot::Receiver<()>,
}

impl Lobby {
    fn seats(&self) -> MutexGuard<'_, HashMap<String, Seat>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn sit(&self, id: &str) -> Sat {
        let (speech, inbox) = mpsc::channel(PIECES);
        let seat = Seat {
            speech,
            beside: vec![],
        };
        self.seats().insert(id.to_owned(), seat);
        Sat {
            lobby: self.clone(),
            id: id.to_owned(),
            speech: inbox,
        }
    }

    /// An answer begins beside the socket of this client, if that is connected.
    pub(super) fn join(&self, id: &str, ids: Ids) -> Option<Place> {
        let mut seats = self.seats();
        let seat = seats.get_mut(id)?;
        seat.beside.retain(|one| !one.goes_on.is_closed());
        let (goes_on, stopped) = oneshot::channel();
        seat.beside.push(Beside { ids, goes_on });
        Some(Place {
            speech: seat.speech.clone(),
            stopped,
        })
    }
}

impl Sat {
    /// Stops what is meant and under way beside the socket.
    pub(super) fn stop(&self, meant: impl Fn(&Ids) -> bool) -> Vec<Ids> {
        let mut seats = self.lobby.seats();
        let Some(seat) = seats.get_mut(&self.id) else {
            return vec![];
        };
        let stopped = seat.beside.extract_if(.., |one| meant(&one.ids));
        let under_way = stopped.filter(|one| !one.goes_on.is_closed());
        under_way.map(|one| one.ids).collect()
    }
}

impl Drop for Sat {
    fn drop(&mut self) {
        // Those beside it lose their speech, and go on.
        if let Some(seat) = self.lobby.seats().remove(&self.id) {
            for one in seat.beside {
                // It may be over.
                let _: Result<(), ()> = one.goes_on.send(());
            }
        }
    }
}
