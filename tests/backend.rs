//! The backend with real model servers on real sockets: which brain answers, and who gets the key.
//! And a spoken turn through the line to the backend in this process.

#![expect(clippy::unwrap_used, reason = "a helper may fail a test")]

mod support;

use futures_util::{SinkExt, StreamExt};
use hearsay::core::backend::{Down, Engine, Say, Up, VoiceWish};
use hearsay::core::ids::{ConversationId, Seed, TurnId};
use hearsay::core::line::{LinkEvent, LinkOrder};
use hearsay::core::sound::{ClipPart, Hear, Sound, Speech};
use hearsay::core::time::Wall;
use hearsay::core::words::Lang;
use hearsay::link::{self, Clock, Ends, LinkSettings};
use hearsay::mind::Secret;
use hearsay::mind::ears::{Ears, Hearing, Partial, Recording};
use hearsay::mind::probe::Target;
use hearsay::mind::voice::{Pcm, Speaking, Utterance, Voice};
use hearsay::serve::{Backend, Brains, Choice, Listen, Parts, Personas, Talk, Wanted};
use hearsay::store;
use hearsay::wire::yychat::Yychat;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use support::model_server::{ModelServer, Reply};
use tokio::io::DuplexStream;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

const KEY: &str = "canary";

/// A model server with one model, that answers with its name.
async fn server(name: &str) -> ModelServer {
    let models = json!({"data": [{"id": format!("{name}-model")}]});
    ModelServer::start([Reply::words(&[name])])
        .await
        .with("/v1/models", Reply::json(200, &models))
}

/// A port where nobody listens.
async fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().port()
}

fn wanted(choice: &str, url: Option<&str>, ports: &[u16]) -> Wanted {
    Wanted {
        choice: Choice::read(choice),
        url: url.map(str::to_owned),
        key: Arc::new(|| Ok(Some(Secret::new(KEY)))),
        model: None,
        window: None,
        first_token: Duration::from_mins(1),
        between_tokens: Duration::from_mins(1),
        targets: ports
            .iter()
            .map(|port| Target {
                name: "Somebody",
                port: *port,
                list: "/v1/models",
            })
            .collect(),
        here: None,
        any_address: true,
    }
}

/// A backend. The folder of its store goes when the store has closed its file.
fn backend(wanted: Wanted, ears: Listen, voice: Talk) -> Backend {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    Backend::start(Parts {
        brains: Brains::Choose(Box::new(wanted)),
        personas: Personas::default(),
        ears,
        voice,
        choices: Arc::new(|part, _lang| vec![(format!("{part:?}"), "somebody".to_owned())]),
        store: store::spawn(path, move |_kept| {
            let _held = &folder;
        })
        .into(),
        tools: hearsay::serve::Tools::default(),
        memory_tokens: 1000,
        lang: Lang::En,
        clock: Arc::new(jiff::Zoned::now),
        rings: true,
        seed: Seed::new(1),
    })
}

struct Peer {
    socket: WebSocketStream<DuplexStream>,
    turns: u32,
    _backend: Backend,
}

impl Peer {
    async fn dial(wanted: Wanted) -> Self {
        let backend = backend(wanted, support::no_ears(), support::no_voice());
        let stream = backend.connect();
        let (socket, _) = tokio_tungstenite::client_async("ws://localhost/ws/chat", stream)
            .await
            .unwrap();
        Self {
            socket,
            turns: 0,
            _backend: backend,
        }
    }

    async fn say(&mut self, frame: Value) {
        let frame = Message::text(frame.to_string());
        self.socket.send(frame).await.unwrap();
    }

    /// The next frame of one of these types.
    async fn hear(&mut self, kinds: &[&str]) -> Value {
        loop {
            let message = self.socket.next().await.unwrap().unwrap();
            let frame: Value = serde_json::from_str(message.to_text().unwrap()).unwrap();
            if kinds.iter().any(|kind| frame["type"] == *kind) {
                return frame;
            }
        }
    }

    /// The current brain and why, after a look.
    async fn brains(&mut self, again: bool) -> (String, String, usize) {
        self.say(json!({"type": "list_brains", "again": again}))
            .await;
        let frame = self.hear(&["brains"]).await;
        let text = |field: &str| frame[field].as_str().unwrap().to_owned();
        let count = frame["all"].as_array().unwrap().len();
        (text("current"), text("why"), count)
    }

    /// Who answered, or the code of the error.
    async fn ask(&mut self, brain: Option<&str>) -> Result<String, String> {
        self.turns += 1;
        self.say(
            json!({"type": "text_message", "content": "hi", "brain": brain,
            "message_id": self.turns.to_string(), "conversation_id": "c"}),
        )
        .await;
        let frame = self.hear(&["stream_end", "error"]).await;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        match text(&frame["brain"]) {
            brain if brain.is_empty() => Err(text(&frame["error"]["code"])),
            brain => Ok(brain),
        }
    }
}

/// Which of the requests to a server carried the key.
fn keys(server: &ModelServer) -> Vec<bool> {
    let bearer = format!("Bearer {KEY}");
    let asked = server.asked();
    let with_key = asked
        .iter()
        .map(|asked| asked.headers.get("authorization") == Some(&bearer));
    with_key.collect()
}

#[tokio::test]
async fn automatic_takes_the_configured_server_else_a_found_one_else_the_built_in_brain() {
    let (one, other) = (server("one").await, server("other").await);
    let nobody = free_port().await;
    let builtin = "the built-in brain answers, as configured".to_owned();
    let none = "the built-in brain answers: no model server was found on this machine (looked for \
                Somebody)";
    let configured = format!("took 127.0.0.1:{}, as configured", one.port);
    let found = format!(
        "took Somebody at http://127.0.0.1:{}: it answered with 1 model",
        other.port
    );
    let silent_url = format!("http://127.0.0.1:{nobody}/v1");
    let silent = format!(
        "took 127.0.0.1:{nobody}, as configured, though it is of no use so far: nothing listens at \
         {silent_url}"
    );
    let (first, second) = (one.base(), other.base());
    let ports = [other.port];
    let gone = || Err("brain_unreachable".to_owned());
    for (choice, url, ports, current, why, count, answered) in [
        (
            "auto",
            None,
            [nobody],
            "builtin",
            none,
            1,
            Ok("builtin".to_owned()),
        ),
        ("auto", None, ports, &second, &found, 2, Ok(second.clone())),
        (
            "auto",
            Some(&*first),
            ports,
            &first,
            &configured,
            3,
            Ok(first.clone()),
        ),
        (
            "auto",
            Some(&*silent_url),
            ports,
            &silent_url,
            &silent,
            3,
            gone(),
        ),
        (
            "builtin",
            Some(&*first),
            ports,
            "builtin",
            &builtin,
            3,
            Ok("builtin".to_owned()),
        ),
        (
            &*first,
            None,
            ports,
            &first,
            &configured,
            3,
            Ok(first.clone()),
        ),
        (&*silent_url, None, ports, &silent_url, &silent, 3, gone()),
    ] {
        // Whether the question or the list comes first must not matter.
        let mut peer = Peer::dial(wanted(choice, url, &ports)).await;
        assert_eq!(peer.ask(None).await, answered, "{choice} {url:?}");
        let told = (current.to_owned(), why.to_owned(), count);
        assert_eq!(peer.brains(false).await, told, "{choice} {url:?}");
        let mut peer = Peer::dial(wanted(choice, url, &ports)).await;
        assert_eq!(peer.brains(true).await, told, "{choice} {url:?}");
        assert_eq!(peer.ask(None).await, answered, "{choice} {url:?}");
    }
    assert!(keys(&one).iter().all(|key| *key), "{:?}", keys(&one));
    assert!(!keys(&other).contains(&true), "{:?}", keys(&other));
}

#[tokio::test]
async fn a_turn_may_name_a_brain_and_the_key_does_not_follow_it() {
    let (one, found, typed) = (
        server("one").await,
        server("found").await,
        server("typed").await,
    );
    let mut peer = Peer::dial(wanted("auto", Some(&one.base()), &[found.port])).await;
    let bare = format!("http://127.0.0.1:{}", typed.port);
    assert_eq!(peer.ask(Some("builtin")).await, Ok("builtin".into()));
    assert_eq!(peer.ask(Some(&found.base())).await, Ok(found.base()));
    assert_eq!(peer.ask(Some(&bare)).await, Ok(typed.base()));
    assert_eq!(peer.ask(Some(&bare)).await, Ok(typed.base()));
    assert_eq!(peer.ask(Some("auto")).await, Ok(one.base()));
    assert_eq!(peer.ask(None).await, Ok(one.base()));
    assert_eq!(
        peer.brains(true).await.2,
        4,
        "what was typed stays on the list"
    );
    assert_eq!(peer.ask(Some("gpt")).await, Err("brain_unknown".into()));
    assert_eq!(peer.ask(Some("http://")).await, Err("bad_address".into()));
    assert!(keys(&one).iter().all(|key| *key));
    assert!(!keys(&found).contains(&true) && !keys(&typed).contains(&true));
    let models = |server: &ModelServer| -> Vec<Value> {
        let asked = server
            .asked()
            .into_iter()
            .map(|asked| asked.body["model"].clone());
        asked.filter(|model| !model.is_null()).collect()
    };
    assert_eq!(models(&typed), [json!("typed-model"), json!("typed-model")]);
}

#[tokio::test]
async fn strangers_cannot_send_the_backend_to_any_address() {
    let (listed, other) = (server("listed").await, server("other").await);
    let closed = Wanted {
        any_address: false,
        ..wanted("auto", None, &[listed.port])
    };
    let mut peer = Peer::dial(closed).await;
    assert_eq!(
        peer.ask(Some(&other.base())).await,
        Err("brain_unknown".into())
    );
    assert_eq!(peer.ask(Some(&listed.base())).await, Ok(listed.base()));
    assert_eq!(other.asked(), []);
}

#[tokio::test]
async fn a_server_that_comes_or_goes_is_noticed_by_looking_and_never_replaced_silently() {
    // At first it does not say what it offers, so it is none.
    let later = ModelServer::start([Reply::words(&["later"])]).await;
    let mut peer = Peer::dial(wanted("auto", None, &[later.port])).await;
    assert_eq!(peer.ask(None).await, Ok("builtin".into()));
    let models = Reply::json(200, &json!({"data": [{"id": "m"}]}));
    let later = later.with("/v1/models", models);
    assert_eq!(peer.ask(None).await, Ok("builtin".into()));
    assert_eq!(peer.brains(true).await.0, later.base());
    assert_eq!(peer.ask(None).await, Ok(later.base()));
    drop(later);
    let gone = Err("brain_unreachable".into());
    assert_eq!(peer.ask(None).await, gone, "nobody takes its place");
    assert_eq!(peer.brains(true).await.0, "builtin");
    assert_eq!(peer.ask(None).await, Ok("builtin".into()));
}

#[tokio::test]
async fn a_key_that_cannot_be_read_is_told_and_read_again_the_next_time() {
    let one = server("one").await;
    let tries = AtomicU32::new(0);
    let locked = Wanted {
        key: Arc::new(move || {
            if tries.fetch_add(1, Ordering::Relaxed) == 0 {
                return Err(("the password manager is locked".into(), "open it".into()));
            }
            Ok(Some(Secret::new(KEY)))
        }),
        ..wanted("auto", Some(&one.base()), &[])
    };
    let mut peer = Peer::dial(locked).await;
    assert_eq!(peer.ask(None).await, Err("key_unreadable".into()));
    assert_eq!(one.asked(), []);
    assert_eq!(peer.ask(None).await, Ok(one.base()));
    assert_eq!(keys(&one), [true, true]);
}

/// Hears how many samples there were, and speaks as many as a sentence has bytes.
struct Stage;

impl Ears for Stage {
    fn name(&self) -> String {
        "counting ears".to_owned()
    }

    fn hear(&self, recording: Recording, partials: mpsc::Sender<Partial>) -> Hearing<'_> {
        Box::pin(async move {
            let text = "what is".to_owned();
            partials.send(Partial { text, stable: 0 }).await.unwrap();
            let mut samples = recording.samples.len();
            if let Some(mut rest) = recording.rest {
                while let Some(more) = rest.recv().await {
                    samples += more.len();
                }
            }
            Ok(format!("what is {samples} + 1?").into())
        })
    }
}

impl Voice for Stage {
    fn name(&self) -> String {
        "counting voice".to_owned()
    }

    fn speak(&self, utterance: Utterance, out: mpsc::Sender<Pcm>) -> Speaking<'_> {
        Box::pin(async move {
            let samples = vec![1; utterance.text.len()];
            let rate = 22_050;
            // Whoever drops the listening end drops this with it.
            let _ = out.send(Pcm { rate, samples }).await;
            Ok(())
        })
    }
}

#[tokio::test]
async fn what_is_recorded_is_heard_answered_and_spoken_by_the_backend_in_this_process() {
    let backend = backend(
        wanted("builtin", None, &[]),
        Arc::new(|_wish, _lang| Ok(Arc::new(Stage) as Arc<dyn Ears>)),
        Arc::new(|_wish, _lang| Ok(Arc::new(Stage) as Arc<dyn Voice>)),
    );
    let (orders, taken) = mpsc::channel(8);
    let (told, mut events) = mpsc::channel(64);
    let (clips, pieces) = mpsc::channel(link::CLIPS);
    let (play, mut played) = mpsc::unbounded_channel();
    let ends = Ends {
        orders: taken,
        events: told,
        clips: pieces,
        speech: Arc::new(move |speech| play.send(speech).unwrap()),
    };
    let target = link::Target::Embedded(Box::new(move || backend.connect()));
    let clock = Clock::new(Instant::now(), Wall(0));
    link::spawn(
        target,
        Box::<Yychat>::default(),
        LinkSettings::default().embedded(),
        ends,
        clock,
    );
    orders.send(LinkOrder::Dial).await.unwrap();

    let (turn, conversation) = (TurnId(1), ConversationId(2));
    let mut answer = None;
    while answer.is_none() {
        let LinkEvent::Heard { down, .. } = events.recv().await.unwrap() else {
            continue;
        };
        match down {
            Down::Greeting(greeting) => {
                let engine = |name: &str, part: &str| {
                    Some(Engine {
                        name: name.to_owned(),
                        missing: None,
                        choices: vec![(part.to_owned(), "somebody".to_owned())],
                    })
                };
                assert_eq!(greeting.ears, engine("counting ears", "Ears"));
                assert_eq!(greeting.voice, engine("counting voice", "Voice"));
                let hear = Hear {
                    turn,
                    conversation,
                    language: Some("en".to_owned()),
                    ears: None,
                };
                clips.send(ClipPart::Begin(hear)).await.unwrap();
                for _ in 0..20 {
                    let samples = vec![0; 320];
                    clips.send(ClipPart::More { turn, samples }).await.unwrap();
                }
            }
            // Half a sentence is heard before the other half is spoken.
            Down::Partial { turn: about, text } => {
                assert_eq!((about, &*text), (Some(turn), "what is"));
                for _ in 0..80 {
                    let samples = vec![0; 320];
                    clips.send(ClipPart::More { turn, samples }).await.unwrap();
                }
                clips.send(ClipPart::End { turn }).await.unwrap();
            }
            Down::Transcript { turn: about, text } => {
                assert_eq!(about, Some(turn));
                assert_eq!(text, "what is 32000 + 1?");
                let say = Say {
                    turn,
                    conversation,
                    text,
                    persona: None,
                    brain: None,
                    model: None,
                    tools: true,
                    errands: false,
                    lang: Lang::En,
                    voice: Some(VoiceWish {
                        voice: None,
                        speed: 1.0,
                        engine: None,
                    }),
                    clip: None,
                    history: vec![],
                };
                orders.send(LinkOrder::Say(Up::Say(say))).await.unwrap();
            }
            Down::Done { full, .. } => answer = full,
            Down::Trouble { trouble, .. } => panic!("{trouble:?}"),
            _ => {}
        }
    }
    let answer = answer.unwrap();
    assert_eq!(answer, "32,000 + 1 = 32,001");
    let (mut samples, mut words) = (0, vec![]);
    loop {
        match played.recv().await.unwrap() {
            Speech::Words {
                turn: about,
                words: said,
            } => {
                assert_eq!(
                    (about, samples),
                    (turn, 0),
                    "the words come before their sound"
                );
                words.push(said);
            }
            Speech::More {
                turn: about,
                sound:
                    Sound::Samples {
                        rate: 22_050,
                        samples: more,
                    },
            } => {
                assert_eq!(about, turn);
                samples += more.len();
            }
            Speech::End { turn: about } => {
                assert_eq!(about, turn);
                break;
            }
            other @ Speech::More { .. } => panic!("{other:?}"),
        }
    }
    assert_eq!(words.len(), 1, "{words:?}");
    assert!(samples > 4, "{samples} samples for `{answer}`");
}
