//! The one thread that owns the store while the program runs.
//!
//! Its inbox is the queue behind [`Handle`]; its way out is the `answer` function, called on this
//! thread. It opens the file at the first wish, so that a start pays nothing for it, and ends
//! when it is closed or when the last handle is gone, after everything queued is done.
//!
//! The queue has no bound: wishes come from a person and from finished messages, never from a
//! stream, and one that was dropped would be a lost message.

use super::{Store, StoreError};
use crate::core::record::{Keep, Kept};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;
use tokio::sync::oneshot;

type Job = Box<dyn FnOnce(Result<&mut Store, StoreError>) + Send>;

enum Order {
    Keep(Box<Keep>),
    Run(Job),
    Close(Sender<()>),
}

/// The way to the store's thread.
#[derive(Clone, Debug)]
pub struct Handle {
    orders: Sender<Order>,
}

/// Starts the thread. Every wish is answered through `answer`, in order, except those that need
/// no answer (see [`Store::carry_out`]).
pub fn spawn(path: PathBuf, answer: impl Fn(Kept) + Send + 'static) -> Handle {
    let (orders, inbox) = mpsc::channel();
    // Without a thread the inbox is dropped here, and every wish finds the store closed.
    let _: std::io::Result<std::thread::JoinHandle<()>> = std::thread::Builder::new()
        .name("store".to_owned())
        .spawn(move || live(&path, &inbox, &answer));
    Handle { orders }
}

impl Handle {
    /// Makes a wish. After [`close`](Self::close) it is not carried out.
    pub fn ask(&self, keep: Keep) {
        // The inbox is gone only after `close`, when nobody reads answers any longer.
        let _: Result<(), mpsc::SendError<Order>> = self.orders.send(Order::Keep(Box::new(keep)));
    }

    /// Lets a function use the store on its thread, after the wishes made before. Dropping the
    /// receiver does not take the function back.
    pub fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Store) -> Result<T, StoreError> + Send + 'static,
    ) -> oneshot::Receiver<Result<T, StoreError>> {
        let (outcome, receiver) = oneshot::channel();
        let job: Job = Box::new(move |store| {
            // Nobody may wait for the outcome any longer.
            let _: Result<(), _> = outcome.send(store.and_then(job));
        });
        if let Err(mpsc::SendError(Order::Run(job))) = self.orders.send(Order::Run(job)) {
            job(Err(StoreError::Closed));
        }
        receiver
    }

    /// Finishes everything queued and closes the file. `false`: it took longer than `limit`, and
    /// goes on in the background.
    pub fn close(&self, limit: Duration) -> bool {
        let (done, closed) = mpsc::channel();
        if self.orders.send(Order::Close(done)).is_err() {
            return true;
        }
        closed.recv_timeout(limit) != Err(mpsc::RecvTimeoutError::Timeout)
    }
}

fn live(path: &std::path::Path, inbox: &Receiver<Order>, answer: &dyn Fn(Kept)) {
    let mut store: Option<Store> = None;
    let mut queue = VecDeque::new();
    loop {
        queue.extend(inbox.try_iter());
        let order = match queue.pop_front() {
            Some(order) => order,
            None => match inbox.recv() {
                Ok(order) => order,
                Err(mpsc::RecvError) => return,
            },
        };
        match order {
            Order::Keep(keep) if matches!(*keep, Keep::Draft { .. }) && is_outdated(&queue) => {}
            Order::Keep(keep) => match opened(&mut store, path) {
                Ok(store) => {
                    if let Some(kept) = store.carry_out(*keep) {
                        answer(kept);
                    }
                }
                Err(error) => answer(Kept::Trouble {
                    trouble: error.trouble(),
                    keep,
                }),
            },
            Order::Run(job) => job(opened(&mut store, path)),
            Order::Close(done) => {
                // The last connection tidies the file up.
                drop(store.take());
                // The one who closes may have stopped waiting.
                let _: Result<(), mpsc::SendError<()>> = done.send(());
                return;
            }
        }
    }
}

/// The store, opened if it is not, and opened anew if it can only be read so far: the disk may
/// have room again.
fn opened<'a>(
    store: &'a mut Option<Store>,
    path: &std::path::Path,
) -> Result<&'a mut Store, StoreError> {
    let current = match store.take() {
        Some(open) if !open.is_limited() => open,
        Some(_) | None => Store::open(path)?,
    };
    Ok(store.insert(current))
}

/// Is a draft that comes before these orders overtaken by a newer one that nobody could tell
/// from it?
fn is_outdated(queue: &VecDeque<Order>) -> bool {
    queue
        .iter()
        .find_map(|order| match order {
            Order::Keep(keep) => match **keep {
                Keep::Draft { .. } => Some(true),
                // Words leave their draft once they are kept, and not before.
                Keep::LoadDraft | Keep::Question { .. } => Some(false),
                _ => None,
            },
            Order::Run(_) | Order::Close(_) => Some(false),
        })
        .unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::backend::Say;
    use crate::core::ids::{ConversationId, MessageId, TurnId};
    use crate::core::record::StoreTrouble;
    use crate::core::time::Wall;
    use crate::core::transcript::{Message, Role};
    use crate::core::words::Lang;

    const LONG: Duration = Duration::from_secs(20);

    fn draft(text: &str) -> Keep {
        Keep::Draft {
            text: text.to_owned(),
        }
    }

    #[test]
    fn everything_queued_is_done_before_the_store_closes() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("x.db");
        let (answers, answered) = mpsc::channel();
        let handle = spawn(path.clone(), move |kept| answers.send(kept).unwrap());
        for n in 0..50 {
            handle.ask(draft(&n.to_string()));
            if n == 24 {
                handle.ask(Keep::LoadDraft);
            }
        }
        handle.ask(Keep::LoadDraft);
        let note = handle.run(|store| store.add_note("milk", Wall(1)));
        assert!(handle.close(LONG));
        assert_eq!(note.blocking_recv().unwrap().unwrap().text, "milk");
        assert_eq!(
            answered.try_iter().collect::<Vec<_>>(),
            [Kept::Draft("24".into()), Kept::Draft("49".into())]
        );
        assert!(handle.close(LONG));
        let late = handle.run(|store| store.draft());
        assert!(matches!(late.blocking_recv(), Ok(Err(StoreError::Closed))));
        assert_eq!(Store::open(&path).unwrap().draft().unwrap(), "49");
    }

    #[test]
    fn only_the_newest_pending_draft_is_written() {
        let queue = |orders: Vec<Order>| VecDeque::from(orders);
        let keep = |keep| Order::Keep(Box::new(keep));
        let list = || keep(Keep::LoadOutbox);
        assert!(!is_outdated(&queue(vec![])));
        assert!(!is_outdated(&queue(vec![list()])));
        assert!(is_outdated(&queue(vec![list(), keep(draft("b"))])));
        let words = keep(Keep::Question {
            persona: None,
            message: Message::new(MessageId(1), TurnId(1), Role::User, Wall(1)),
            say: Box::new(Say {
                turn: TurnId(1),
                conversation: ConversationId(1),
                text: "a".into(),
                persona: None,
                brain: None,
                model: None,
                tools: false,
                errands: false,
                lang: Lang::En,
                voice: None,
                clip: None,
                history: vec![],
            }),
        });
        assert!(!is_outdated(&queue(vec![words, keep(draft("b"))])));
        assert!(!is_outdated(&queue(vec![
            keep(Keep::LoadDraft),
            keep(draft("b"))
        ])));
    }

    #[test]
    fn a_store_that_cannot_be_opened_answers_every_wish_and_is_tried_again() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("x.db");
        std::fs::write(&path, "no database").unwrap();
        let (answers, answered) = mpsc::channel();
        let handle = spawn(path.clone(), move |kept| answers.send(kept).unwrap());
        handle.ask(draft("lost"));
        let first = answered.recv_timeout(LONG).unwrap();
        let Kept::Trouble { keep, trouble } = first else {
            panic!("{first:?}");
        };
        assert_eq!(*keep, draft("lost"));
        assert!(matches!(trouble, StoreTrouble::Damaged { why } if why.contains("x.db")));
        std::fs::remove_file(&path).unwrap();
        handle.ask(draft("kept"));
        handle.ask(Keep::LoadDraft);
        assert_eq!(answered.recv_timeout(LONG), Ok(Kept::Draft("kept".into())));
        assert!(handle.close(LONG));
    }
}
