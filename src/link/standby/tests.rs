//! Plays several backends that come and go, in paused time.

use super::*;
use crate::core::backend::{Earlier, Say};
use crate::core::ids::ConversationId;
use crate::core::sound::Hear;
use crate::core::time::Wall;
use crate::link::CLIPS;
use crate::wire::yychat::Yychat;
use futures_util::{SinkExt, StreamExt};
use std::sync::{Arc, Mutex};
use tokio::io::{DuplexStream, duplex};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::Instant;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

/// A backend that answers every question with its own name, while it is there.
#[derive(Clone)]
struct Peer {
    name: &'static str,
    there: Arc<Mutex<bool>>,
    served: Arc<Mutex<Vec<AbortHandle>>>,
}

impl Peer {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            there: Arc::new(Mutex::new(true)),
            served: Arc::default(),
        }
    }

    fn candidate(&self) -> Candidate {
        let peer = self.clone();
        Candidate {
            name: self.name.to_owned(),
            target: Target::Embedded(Box::new(move || peer.dialed())),
            dialect: Box::<Yychat>::default(),
            settings: LinkSettings {
                attempts: 0,
                ..LinkSettings::default()
            },
        }
    }

    fn dialed(&self) -> DuplexStream {
        let (ours, theirs) = duplex(4096);
        if *self.there.lock().unwrap() {
            let task = tokio::spawn(serve(self.name, theirs));
            self.served.lock().unwrap().push(task.abort_handle());
        }
        ours
    }

    fn comes(&self) {
        *self.there.lock().unwrap() = true;
    }

    fn goes(&self) {
        *self.there.lock().unwrap() = false;
        for task in self.served.lock().unwrap().drain(..) {
            task.abort();
        }
    }
}

async fn serve(name: &'static str, stream: DuplexStream) {
    let mut socket = accept_async(stream).await.unwrap();
    let greeting = format!(r#"{{"type":"connection_established","client_id":"{name}"}}"#);
    socket.send(Message::text(greeting)).await.unwrap();
    while let Some(Ok(message)) = socket.next().await {
        if message
            .to_text()
            .is_ok_and(|text| text.contains("text_message"))
        {
            let answer = format!(r#"{{"type":"text_response","content":"{name}"}}"#);
            socket.send(Message::text(answer)).await.unwrap();
        }
        if message
            .to_text()
            .is_ok_and(|text| text.contains("audio_input"))
        {
            let answer = format!(r#"{{"type":"transcription_result","text":"{name}"}}"#);
            socket.send(Message::text(answer)).await.unwrap();
        }
    }
}

struct Program {
    orders: mpsc::Sender<LinkOrder>,
    events: mpsc::Receiver<LinkEvent>,
    clips: mpsc::Sender<ClipPart>,
    epoch: u64,
    turns: u128,
}

impl Program {
    async fn start(peers: &[&Peer], warm: bool) -> Self {
        let candidates = peers.iter().map(|peer| peer.candidate()).collect();
        let (orders, taken) = mpsc::channel(8);
        let (told, events) = mpsc::channel(8);
        let patience = Duration::from_secs(3);
        let clock = Clock::new(Instant::now(), Wall(0));
        let (clips, pieces) = mpsc::channel(CLIPS);
        let ends = Ends {
            orders: taken,
            events: told,
            clips: pieces,
            speech: crate::link::silent(),
        };
        spawn(candidates, Standby { patience, warm }, ends, clock);
        orders.send(LinkOrder::Dial).await.unwrap();
        let (epoch, turns) = (0, 0);
        Self {
            orders,
            events,
            clips,
            epoch,
            turns,
        }
    }

    /// The next event; lives of the line never go back.
    async fn event(&mut self) -> LinkEvent {
        let event = self.events.recv().await.unwrap();
        if let LinkEvent::Line { epoch, .. }
        | LinkEvent::Heard { epoch, .. }
        | LinkEvent::Elsewhere { epoch, .. } = &event
        {
            assert!(epoch.0 >= self.epoch, "{event:?} after {}", self.epoch);
            self.epoch = epoch.0;
        }
        event
    }

    /// Who greets next.
    async fn greeted(&mut self) -> String {
        loop {
            if let LinkEvent::Heard {
                down: Down::Greeting(greeting),
                ..
            } = self.event().await
            {
                return greeting.client;
            }
        }
    }

    /// Who hears a recording, or which one is not heard.
    async fn heard(&mut self) -> Result<String, TurnId> {
        loop {
            match self.event().await {
                LinkEvent::Heard {
                    down: Down::Transcript { text, .. },
                    ..
                } => return Ok(text),
                LinkEvent::Unheard { turn, .. } => return Err(turn),
                _ => {}
            }
        }
    }

    /// Who answers a question.
    async fn answered(&mut self) -> String {
        self.turns += 1;
        let say = Say {
            turn: TurnId(self.turns),
            conversation: ConversationId(1),
            text: "who are you?".into(),
            persona: None,
            brain: None,
            model: None,
            tools: false,
            errands: false,
            lang: crate::core::words::Lang::En,
            voice: None,
            clip: None,
            history: Vec::<Earlier>::new(),
        };
        self.orders
            .send(LinkOrder::Say(Up::Say(say)))
            .await
            .unwrap();
        loop {
            if let LinkEvent::Heard {
                down: Down::Done { full, .. },
                ..
            } = self.event().await
            {
                return full.unwrap_or_default();
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn another_one_goes_on_and_the_better_one_comes_back() {
    for warm in [false, true] {
        let (home, spare) = (Peer::new("home"), Peer::new("spare"));
        let mut program = Program::start(&[&home, &spare], warm).await;
        assert_eq!(program.greeted().await, "home");
        assert_eq!(program.answered().await, "home");
        home.goes();
        assert_eq!(program.greeted().await, "spare");
        assert_eq!(program.answered().await, "spare");
        home.comes();
        assert_eq!(program.greeted().await, "home");
        assert_eq!(program.answered().await, "home");
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_is_never_there_is_passed_over() {
    let (home, spare) = (Peer::new("home"), Peer::new("spare"));
    home.goes();
    let mut program = Program::start(&[&home, &spare], false).await;
    assert_eq!(program.greeted().await, "spare");
    assert_eq!(program.answered().await, "spare");
}

/// A recording for a plain backend, which gets it in one piece at the end.
fn recording(turn: u128) -> [ClipPart; 3] {
    let turn = TurnId(turn);
    [
        ClipPart::Begin(Hear {
            turn,
            conversation: ConversationId(1),
            language: None,
            ears: None,
        }),
        ClipPart::More {
            turn,
            samples: vec![0; 320],
        },
        ClipPart::End { turn },
    ]
}

#[tokio::test(start_paused = true)]
async fn a_recording_goes_to_the_backend_in_use_and_is_told_of_once_when_that_changes() {
    let (home, spare) = (Peer::new("home"), Peer::new("spare"));
    let mut program = Program::start(&[&home, &spare], true).await;
    assert_eq!(program.greeted().await, "home");
    for part in recording(1) {
        program.clips.send(part).await.unwrap();
    }
    assert_eq!(program.heard().await, Ok("home".to_owned()));
    let [begin, more, end] = recording(2);
    program.clips.send(begin).await.unwrap();
    program.clips.send(more.clone()).await.unwrap();
    home.goes();
    assert_eq!(program.greeted().await, "spare");
    program.clips.send(more).await.unwrap();
    program.clips.send(end).await.unwrap();
    assert_eq!(program.heard().await, Err(TurnId(2)));
    for part in recording(2) {
        program.clips.send(part).await.unwrap();
    }
    assert_eq!(program.heard().await, Ok("spare".to_owned()));
}
