//! A backend whose brain follows a script, and a client that speaks plain JSON to it.

use crate::core::backend::BrainInfo;
use crate::core::ids::{Seed, TurnId};
use crate::core::words::Lang;
use crate::mind::tools::Clock;
use crate::mind::{Ask, Brain, BrainError, Finish, SpeechError, Thinking, Thought};
use crate::serve::{Backend, Brains, Listen, Parts, Personas, Talk};
use crate::store;
use crate::wire::yychat::binary::Binary;
use futures_util::{SinkExt, StreamExt};
use jiff::{Timestamp, Zoned, tz::TimeZone};
use serde_json::Value;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::DuplexStream;
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// Friday, 13 February 2009, 23:31:30 UTC: when every test begins.
pub(crate) const START: i64 = 1_234_567_890_000;

/// A clock that moves with the time of the test.
pub(crate) fn clock() -> Clock {
    let start = Instant::now();
    Arc::new(move || {
        let passed = i64::try_from(start.elapsed().as_millis()).unwrap();
        let now = Timestamp::from_millisecond(START + passed).unwrap();
        Zoned::new(now, TimeZone::UTC)
    })
}

pub(crate) enum Step {
    Think(Thought),
    Wait(Duration),
    /// Nothing more, ever.
    Hang,
    End(Result<Finish, BrainError>),
}

pub(crate) fn say(text: &str) -> Step {
    Step::Think(Thought::Text(text.to_owned()))
}

/// A brain that does what its script says, one list for each question.
pub(crate) struct Scripted {
    scripts: Mutex<VecDeque<Vec<Step>>>,
    asked: Mutex<Vec<Ask>>,
    dropped: Arc<Notify>,
}

impl Scripted {
    pub(crate) fn new(scripts: impl IntoIterator<Item = Vec<Step>>) -> Arc<Self> {
        Arc::new(Self {
            scripts: Mutex::new(scripts.into_iter().collect()),
            asked: Mutex::default(),
            dropped: Arc::default(),
        })
    }

    pub(crate) fn asked(&self) -> Vec<Ask> {
        self.asked.lock().unwrap().clone()
    }

    /// Waits until some thinking has ended or was dropped.
    pub(crate) async fn until_dropped(&self) {
        self.dropped.notified().await;
    }
}

struct Dropped(Arc<Notify>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

impl Brain for Scripted {
    fn info(&self) -> BrainInfo {
        BrainInfo {
            id: "scripted".to_owned(),
            name: "Scripted".to_owned(),
            models: vec!["m1".to_owned(), "m2".to_owned()],
            model: Some("m1".to_owned()),
        }
    }

    fn window(&self, _model: Option<&str>) -> Option<usize> {
        Some(8_000)
    }

    fn think(&self, ask: Ask, out: mpsc::Sender<Thought>) -> Thinking<'_> {
        self.asked.lock().unwrap().push(ask);
        let script = self.scripts.lock().unwrap().pop_front().unwrap_or_default();
        let guard = Dropped(Arc::clone(&self.dropped));
        Box::pin(async move {
            let _guard = guard;
            for step in script {
                match step {
                    Step::Think(thought) => out.send(thought).await.unwrap(),
                    Step::Wait(long) => sleep_until(Instant::now() + long).await,
                    Step::Hang => std::future::pending().await,
                    Step::End(end) => return end,
                }
            }
            Ok(Finish::Stop)
        })
    }
}

/// A store in a folder of its own, and its file. The folder goes when the store has closed it: one
/// that went before would be made anew.
pub(crate) fn store() -> (store::Handle, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    let store = store::spawn(path.clone(), move |_kept| {
        let _held = &folder;
    });
    (store, path)
}

/// A backend with this brain, its store, and the file of that.
pub(crate) fn backend(brain: &Arc<Scripted>) -> (Backend, store::Handle, PathBuf) {
    let (store, path) = store();
    let backend = on_store(Arc::clone(brain), store.clone());
    (backend, store, path)
}

/// One that neither hears nor speaks.
pub(crate) fn on_store(brain: Arc<Scripted>, store: store::Handle) -> Backend {
    start(
        brain,
        store,
        Arc::new(|_wish, _lang| Err(missing("ears"))),
        Arc::new(|_wish, _lang| Err(missing("a voice"))),
    )
}

pub(crate) fn missing(what: &str) -> SpeechError {
    SpeechError::Missing {
        what: format!("there is no such thing as {what} here"),
        hint: format!("install {what}"),
    }
}

pub(crate) fn start(
    brain: Arc<Scripted>,
    store: store::Handle,
    ears: Listen,
    voice: Talk,
) -> Backend {
    Backend::start(Parts {
        brains: Brains::Only(brain),
        personas: Personas::default(),
        ears,
        voice,
        choices: Arc::new(|_part, _lang| vec![]),
        store: store.into(),
        tools: crate::serve::Tools::default(),
        memory_tokens: 1000,
        lang: Lang::En,
        clock: clock(),
        rings: true,
        seed: Seed::new(1),
    })
}

/// A client.
pub(crate) struct Peer {
    pub(crate) socket: WebSocketStream<DuplexStream>,
    pub(crate) id: String,
}

impl Peer {
    /// Connects and hears the greeting.
    pub(crate) async fn dial(backend: &Backend) -> Self {
        let stream = backend.connect();
        let (socket, _) = tokio_tungstenite::client_async("ws://localhost/ws/chat", stream)
            .await
            .unwrap();
        let mut peer = Self {
            socket,
            id: String::new(),
        };
        let greeting = peer.hear().await;
        peer.id = greeting["client_id"].as_str().unwrap().to_owned();
        peer
    }

    pub(crate) async fn say(&mut self, frame: Value) {
        self.say_text(&frame.to_string()).await;
    }

    pub(crate) async fn say_text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// The next frame, without its timestamp, and with `C` for our own name.
    pub(crate) async fn hear(&mut self) -> Value {
        let message = self.socket.next().await.unwrap().unwrap();
        self.read(message.to_text().unwrap())
    }

    fn read(&self, text: &str) -> Value {
        let mut frame: Value = serde_json::from_str(text).unwrap();
        let map = frame.as_object_mut().unwrap();
        assert!(map.remove("timestamp").unwrap().is_f64());
        if map.get("client_id").and_then(Value::as_str) == Some(&self.id) {
            map.insert("client_id".to_owned(), "C".into());
        }
        frame
    }

    /// The next frame, or the name, the rate and the samples of one without text.
    pub(crate) async fn hear_any(&mut self) -> Result<Value, (TurnId, u32, Vec<i16>)> {
        match self.socket.next().await.unwrap().unwrap() {
            Message::Text(text) => Ok(self.read(text.as_str())),
            Message::Binary(bytes) => match Binary::read(&bytes) {
                Some(Binary::Speech {
                    turn,
                    rate,
                    samples,
                }) => Err((turn, rate, samples.into())),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    /// The frames up to the first of this type.
    pub(crate) async fn hear_until(&mut self, kind: &str) -> Vec<Value> {
        let mut heard = vec![];
        loop {
            heard.push(self.hear().await);
            if heard.last().unwrap()["type"] == kind {
                return heard;
            }
        }
    }
}
