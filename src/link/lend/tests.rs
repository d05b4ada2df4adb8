//! A backend that only reads and writes, and one that lends it its senses, in paused time.

use super::*;
use crate::core::backend::{Say, VoiceWish};
use crate::core::ids::ConversationId;
use crate::core::sound::{Hear, Sound};
use crate::core::time::Wall;
use crate::core::words::Lang;
use crate::link::{Play, silent};
use crate::wire::yychat::Yychat;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::sync::Mutex;
use std::time::Duration;
use tokio::io::{DuplexStream, duplex};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

const TURN: TurnId = TurnId(7);
const HERE: ConversationId = ConversationId(9);

/// What a backend was told.
type Told = Arc<Mutex<Vec<Value>>>;

/// A backend that greets with this voice and these ears, if it has any.
fn peer(senses: bool, told: Told) -> Target {
    Target::Embedded(Box::new(move || {
        let (ours, theirs) = duplex(1 << 16);
        tokio::spawn(serve(senses, theirs, Arc::clone(&told)));
        ours
    }))
}

async fn serve(senses: bool, stream: DuplexStream, told: Told) -> Option<()> {
    let mut socket = accept_async(stream).await.ok()?;
    let engine = if senses {
        json!({ "name": "ours" })
    } else {
        json!({ "name": "", "missing": "there is none" })
    };
    let greeting = json!({ "type": "connection_established", "client_id": "c", "ears": engine,
        "voice": engine, "capabilities": ["ws_text", "stream_ids", "clips", "speak", "voice"] });
    socket
        .send(Message::text(greeting.to_string()))
        .await
        .ok()?;
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else {
            continue;
        };
        let frame: Value = serde_json::from_str(&text).unwrap();
        told.lock().unwrap().push(frame.clone());
        let id = frame["message_id"].clone();
        let answers = match frame["type"].as_str().unwrap_or_default() {
            "audio_complete" => vec![
                json!({ "type": "transcription_result", "text": "what is tea", "message_id": id }),
            ],
            "text_message" => vec![
                json!({ "type": "stream_chunk", "content": "It is a drink. It", "message_id": id }),
                json!({ "type": "stream_chunk", "content": " is hot.", "message_id": id }),
                json!({ "type": "stream_end", "full_content": "x", "message_id": id }),
            ],
            "speak" => vec![
                json!({ "type": "speech_words", "content": frame["content"], "message_id": id }),
                json!({ "type": "audio_stream", "codec": "audio/pcm;rate=8000", "seq": 0,
                    "audio": "AQA=", "message_id": id }),
                json!({ "type": "synthesis_complete", "message_id": id }),
            ],
            _ => vec![],
        };
        for answer in answers {
            socket.send(Message::text(answer.to_string())).await.ok()?;
        }
    }
    Some(())
}

/// The program's side.
struct Bench {
    orders: mpsc::Sender<LinkOrder>,
    clips: mpsc::Sender<ClipPart>,
    events: mpsc::Receiver<LinkEvent>,
    played: mpsc::UnboundedReceiver<Speech>,
    main: Told,
    aside: Told,
}

impl Bench {
    async fn start(helper: bool) -> Self {
        let (main, aside) = (Told::default(), Told::default());
        let (orders, taken) = mpsc::channel(8);
        let (told, events) = mpsc::channel(64);
        let (clips, pieces) = mpsc::channel(CLIPS);
        let (play, played) = mpsc::unbounded_channel();
        let speech: Play = Arc::new(move |speech| play.send(speech).unwrap());
        let ends = Ends {
            orders: taken,
            events: told,
            clips: pieces,
            speech,
        };
        let clock = Clock::new(Instant::now(), Wall(0));
        let ends = between(
            ends,
            Helper {
                target: peer(helper, Arc::clone(&aside)),
                dialect: Box::<Yychat>::default(),
                settings: LinkSettings::default(),
            },
            clock,
        );
        let dialect = Box::<Yychat>::default();
        let target = peer(false, Arc::clone(&main));
        drive::spawn(target, dialect, LinkSettings::default(), ends, clock);
        orders.send(LinkOrder::Dial).await.unwrap();
        Self {
            orders,
            clips,
            events,
            played,
            main,
            aside,
        }
    }

    async fn until<T>(&mut self, mut is: impl FnMut(&Down) -> Option<T>) -> T {
        let search = async {
            loop {
                let event = self.events.recv().await.unwrap();
                if let LinkEvent::Heard { down, .. } = &event
                    && let Some(found) = is(down)
                {
                    return found;
                }
            }
        };
        timeout(Duration::from_mins(10), search).await.unwrap()
    }

    async fn greeting(&mut self) -> Greeting {
        self.until(|down| match down {
            Down::Greeting(greeting) => Some(greeting.clone()),
            _ => None,
        })
        .await
    }

    async fn up(&self, up: Up) {
        self.orders.send(LinkOrder::Say(up)).await.unwrap();
    }

    async fn played(&mut self) -> String {
        match self.played.recv().await.unwrap() {
            Speech::Words { words, .. } => words,
            Speech::More {
                sound: Sound::Samples { rate, .. },
                ..
            } => rate.to_string(),
            Speech::End { turn } => format!("end {}", turn.0),
            Speech::More { sound, .. } => panic!("{sound:?}"),
        }
    }
}

fn aloud() -> VoiceWish {
    VoiceWish {
        voice: None,
        speed: 1.0,
        engine: None,
    }
}

fn kinds(told: &Told) -> Vec<String> {
    let told = told.lock().unwrap();
    let kinds = told
        .iter()
        .map(|frame| frame["type"].as_str().unwrap().to_owned());
    kinds.filter(|kind| kind != "heartbeat").collect()
}

#[tokio::test(start_paused = true)]
async fn what_is_said_is_heard_and_what_is_written_is_read_by_the_helper() {
    let mut bench = Bench::start(true).await;
    let greeting = bench.greeting().await;
    for engine in [&greeting.ears, &greeting.voice] {
        assert_eq!(engine.as_ref().unwrap().name, "ours");
    }
    assert!(greeting.capabilities.iter().any(|can| can == LENT));
    for part in [
        ClipPart::Begin(Hear {
            turn: TURN,
            conversation: HERE,
            language: None,
            ears: None,
        }),
        ClipPart::More {
            turn: TURN,
            samples: vec![1; 160],
        },
        ClipPart::End { turn: TURN },
    ] {
        bench.clips.send(part).await.unwrap();
    }
    let text = bench
        .until(|down| match down {
            Down::Transcript {
                turn: Some(TURN),
                text,
            } => Some(text.clone()),
            _ => None,
        })
        .await;
    let say = Say {
        turn: TURN,
        conversation: HERE,
        text,
        persona: None,
        brain: None,
        model: None,
        tools: true,
        errands: false,
        lang: Lang::En,
        voice: Some(aloud()),
        clip: None,
        history: vec![],
    };
    bench.up(Up::Say(say)).await;
    let mut heard = vec![];
    while heard.last().is_none_or(|last| last != "end 7") {
        heard.push(bench.played().await);
    }
    assert_eq!(
        heard,
        ["It is a drink.", "8000", "It is hot.", "8000", "end 7"]
    );
    assert_eq!(kinds(&bench.main), ["text_message"]);
    assert_eq!(bench.main.lock().unwrap()[0].get("enable_voice"), None);
    assert_eq!(
        kinds(&bench.aside),
        ["audio_input", "audio_complete", "speak", "speak"]
    );
    // And so is what is to be read.
    let up = Up::Read {
        turn: TURN,
        conversation: HERE,
        text: "again".to_owned(),
        voice: aloud(),
    };
    bench.up(up).await;
    let again = [
        bench.played().await,
        bench.played().await,
        bench.played().await,
    ];
    assert_eq!(again, ["again", "8000", "end 7"]);
}

#[tokio::test(start_paused = true)]
async fn where_the_helper_has_no_senses_either_that_is_told() {
    let mut bench = Bench::start(false).await;
    let greeting = bench.greeting().await;
    let ears = greeting.ears.unwrap();
    assert_eq!(
        (ears.name.as_str(), ears.missing.as_deref()),
        ("", Some("there is none"))
    );
    assert!(!greeting.capabilities.iter().any(|can| can == LENT));
}

#[tokio::test(start_paused = true)]
async fn a_line_that_needs_no_help_is_passed_on_as_it_is() {
    let (main, aside) = (Told::default(), Told::default());
    let (orders, taken) = mpsc::channel(8);
    let (told, mut events) = mpsc::channel(64);
    let (_clips, pieces) = mpsc::channel(CLIPS);
    let ends = Ends {
        orders: taken,
        events: told,
        clips: pieces,
        speech: silent(),
    };
    let clock = Clock::new(Instant::now(), Wall(0));
    let helper = Helper {
        target: peer(true, Arc::clone(&aside)),
        dialect: Box::<Yychat>::default(),
        settings: LinkSettings::default(),
    };
    let ends = between(ends, helper, clock);
    let target = peer(true, Arc::clone(&main));
    let dialect = Box::<Yychat>::default();
    drive::spawn(target, dialect, LinkSettings::default(), ends, clock);
    orders.send(LinkOrder::Dial).await.unwrap();
    loop {
        if let LinkEvent::Heard {
            down: Down::Greeting(greeting),
            ..
        } = events.recv().await.unwrap()
        {
            assert!(!greeting.capabilities.iter().any(|can| can == LENT));
            break;
        }
    }
    orders.send(LinkOrder::Say(Up::AskStatus)).await.unwrap();
    drop(orders);
    while events.recv().await.is_some() {}
    assert_eq!(kinds(&main), ["get_status"]);
    assert_eq!(kinds(&aside), [""; 0], "nobody has woken it");
}
