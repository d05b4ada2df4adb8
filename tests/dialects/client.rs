//! The program's side of a line: what the user does, and what the screen and the loudspeaker get.

use hearsay::core::backend::{Clip, Down, Say, Up, VoiceWish};
use hearsay::core::ids::{ConversationId, TurnId};
use hearsay::core::line::{Line, LinkEvent, LinkOrder};
use hearsay::core::sound::{ClipPart, Hear, Speech};
use hearsay::core::time::Wall;
use hearsay::core::words::Lang;
use hearsay::link::{self, Clock, Ends, LinkSettings, Remote, Target};
use hearsay::wire::{Language, Place};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

/// Far more than anything here takes.
const LONG: Duration = Duration::from_mins(3);

const HERE: ConversationId = ConversationId(0xc);

pub(crate) struct Client {
    orders: mpsc::Sender<LinkOrder>,
    clips: mpsc::Sender<ClipPart>,
    events: mpsc::Receiver<LinkEvent>,
    speech: mpsc::UnboundedReceiver<Speech>,
}

impl Client {
    /// Dials this place, with a link that is in a hurry.
    pub(crate) async fn dial(place: Place) -> Self {
        let (orders, taken) = mpsc::channel(8);
        let (told, events) = mpsc::channel(64);
        let (clips, pieces) = mpsc::channel(link::CLIPS);
        let (played, speech) = mpsc::unbounded_channel();
        let target = Target::Url(Remote {
            url: place.url.clone(),
            token: place.token.clone(),
            ..Remote::default()
        });
        let settings = LinkSettings {
            steady: Duration::ZERO,
            backoff: Duration::from_millis(20),
            ..LinkSettings::default()
        };
        let ends = Ends {
            orders: taken,
            events: told,
            clips: pieces,
            speech: Arc::new(move |speech| {
                // A test that has seen enough listens no more.
                let _ = played.send(speech);
            }),
        };
        let dialect = Language::of(&place).speaker(&place);
        let clock = Clock::new(Instant::now(), Wall(0));
        link::spawn(target, dialect, settings, ends, clock);
        orders.send(LinkOrder::Dial).await.unwrap();
        Self {
            orders,
            clips,
            events,
            speech,
        }
    }

    /// The next event that is something.
    pub(crate) async fn until<T>(&mut self, mut is: impl FnMut(&LinkEvent) -> Option<T>) -> T {
        let mut seen = vec![];
        let search = async {
            loop {
                let event = self.events.recv().await.unwrap();
                if let Some(found) = is(&event) {
                    return found;
                }
                seen.push(event);
            }
        };
        let found = timeout(LONG, search).await;
        found.unwrap_or_else(|_elapsed| panic!("it never came; what came: {seen:#?}"))
    }

    pub(crate) async fn line(&mut self, is: impl Fn(&Line) -> bool) -> Line {
        self.until(|event| match event {
            LinkEvent::Line { line, .. } if is(line) => Some(line.clone()),
            _ => None,
        })
        .await
    }

    pub(crate) async fn up(&mut self) {
        self.line(|line| matches!(line, Line::Up(_))).await;
    }

    pub(crate) async fn down<T>(&mut self, is: impl Fn(&Down) -> Option<T>) -> T {
        self.until(|event| match event {
            LinkEvent::Heard { down, .. } => is(down),
            _ => None,
        })
        .await
    }

    pub(crate) async fn order(&self, up: Up) {
        self.orders.send(LinkOrder::Say(up)).await.unwrap();
    }

    /// Asks a question, whose answer is spoken or not.
    pub(crate) async fn ask(&self, turn: u128, text: &str, aloud: bool) {
        self.say(turn, text, aloud, None).await;
    }

    /// Wants the spoken answer to what was heard.
    pub(crate) async fn want(&self, turn: u128, heard: &str) {
        let clip = Clip { length_ms: 1_000 };
        self.say(turn, heard, true, Some(clip)).await;
    }

    async fn say(&self, turn: u128, text: &str, aloud: bool, clip: Option<Clip>) {
        let voice = VoiceWish {
            voice: None,
            speed: 1.0,
            engine: None,
        };
        self.order(Up::Say(Say {
            turn: TurnId(turn),
            conversation: HERE,
            text: text.to_owned(),
            persona: None,
            brain: None,
            model: None,
            tools: true,
            errands: false,
            lang: Lang::En,
            voice: aloud.then_some(voice),
            clip,
            history: vec![],
        }))
        .await;
    }

    /// The whole answer, and that it was complete.
    pub(crate) async fn answer(&mut self, turn: u128) -> Result<String, String> {
        let mut text = String::new();
        let of = |about: &Option<TurnId>| *about == Some(TurnId(turn));
        let end = self.until(|event| {
            let LinkEvent::Heard { down, .. } = event else {
                return None;
            };
            match down {
                Down::Text { turn, more } if of(turn) => text.push_str(more),
                Down::Done { turn, .. } if of(turn) => return Some(Ok(())),
                Down::Trouble { turn, trouble } if of(turn) => {
                    return Some(Err(format!("{}: {}", trouble.code, trouble.what)));
                }
                _ => {}
            }
            None
        });
        let end = end.await;
        end.map(|()| text)
    }

    pub(crate) async fn interrupt(&self, turn: u128) {
        self.order(Up::Interrupt {
            turn: TurnId(turn),
            conversation: HERE,
            heard: None,
        })
        .await;
    }

    /// Says something into the microphone, and lets go.
    pub(crate) async fn record(&self, turn: u128, samples: Vec<i16>) {
        let turn = TurnId(turn);
        let hear = Hear {
            turn,
            conversation: HERE,
            language: None,
            ears: None,
        };
        for part in [
            ClipPart::Begin(hear),
            ClipPart::More { turn, samples },
            ClipPart::End { turn },
        ] {
            self.clips.send(part).await.unwrap();
        }
    }

    /// A piece of what is heard in a call under this name, whose turns the server cuts.
    pub(crate) async fn stream(&self, name: u128, samples: Vec<i16>) {
        let turn = TurnId(name);
        let part = ClipPart::More { turn, samples };
        self.clips.send(part).await.unwrap();
    }

    /// A call begins under this name.
    pub(crate) async fn call(&self, name: u128) {
        let hear = Hear {
            turn: TurnId(name),
            conversation: HERE,
            language: None,
            ears: None,
        };
        self.clips.send(ClipPart::Open(hear)).await.unwrap();
    }

    /// What is played next.
    pub(crate) async fn played(&mut self) -> Speech {
        timeout(LONG, self.speech.recv()).await.unwrap().unwrap()
    }

    /// Nothing that waits to be played.
    pub(crate) fn is_silent(&mut self) -> bool {
        self.speech.try_recv().is_err()
    }
}
