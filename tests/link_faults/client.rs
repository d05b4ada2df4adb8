//! The program's side of a line: what the user asks, and what the screen would say.

use hearsay::core::backend::{Down, Say, Up};
use hearsay::core::ids::{ConversationId, TurnId};
use hearsay::core::line::{Cause, Line, LinkEvent, LinkOrder};
use hearsay::core::sound::ClipPart;
use hearsay::core::time::Wall;
use hearsay::link::{self, Clock, Ends, LinkSettings, Remote, Target};
use hearsay::wire::yychat::Yychat;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

/// Far more than anything here takes.
pub(crate) const LONG: Duration = Duration::from_secs(30);

/// Less patient than the program is, so that nobody has to wait for the table. A line counts as
/// steady from its greeting on.
pub(crate) fn hasty() -> LinkSettings {
    LinkSettings {
        connect_timeout: Duration::from_millis(500),
        greeting_timeout: Duration::from_millis(500),
        ping_after: Duration::from_millis(300),
        pong_timeout: Duration::from_millis(300),
        steady: Duration::ZERO,
        attempts: 0,
        backoff: Duration::from_millis(20),
        ..LinkSettings::default()
    }
}

/// A backend on loopback.
pub(crate) fn at(address: SocketAddr) -> Target {
    Target::Url(Remote {
        url: format!("ws://{address}"),
        ..Remote::default()
    })
}

pub(crate) struct Client {
    orders: mpsc::Sender<LinkOrder>,
    pub(crate) clips: mpsc::Sender<ClipPart>,
    pub(crate) events: mpsc::Receiver<LinkEvent>,
    /// What the line was said to be last, and when.
    pub(crate) line: (Line, Instant),
    /// How many questions were asked.
    pub(crate) turns: u128,
    /// How many times the line came up.
    pub(crate) ups: usize,
    /// Questions without an answer and without a word about their fate.
    pub(crate) open: BTreeSet<TurnId>,
}

impl Client {
    pub(crate) async fn dial(to: Target, settings: LinkSettings) -> Self {
        let (orders, taken) = mpsc::channel(8);
        let (told, events) = mpsc::channel(64);
        let start = Instant::now();
        let clock = Clock::new(start, Wall(1_795_173_705_000));
        let (clips, pieces) = mpsc::channel(link::CLIPS);
        let ends = Ends {
            orders: taken,
            events: told,
            clips: pieces,
            speech: link::silent(),
        };
        link::spawn(to, Box::<Yychat>::default(), settings, ends, clock);
        let client = Self {
            orders,
            clips,
            events,
            line: (Line::Closed, start),
            turns: 0,
            ups: 0,
            open: BTreeSet::new(),
        };
        client.order(LinkOrder::Dial).await;
        client
    }

    pub(crate) async fn order(&self, order: LinkOrder) {
        self.orders.send(order).await.unwrap();
    }

    /// The next event, with what it says about the line and the questions already noted.
    pub(crate) async fn event(&mut self) -> LinkEvent {
        let event = timeout(LONG, self.events.recv())
            .await
            .unwrap_or_else(|_| panic!("nothing happens; the line is {:?}", self.line.0))
            .unwrap();
        match &event {
            LinkEvent::Line { line, .. } => {
                let was_up = self.is_up();
                self.line = (line.clone(), Instant::now());
                if is_down(line) {
                    // The screen marks the running answer as cut.
                    self.open.clear();
                }
                self.ups += usize::from(self.is_up() && !was_up);
            }
            LinkEvent::Heard {
                down: Down::Done {
                    turn: Some(turn), ..
                },
                ..
            } => {
                self.open.remove(turn);
            }
            LinkEvent::Unsent {
                up: Up::Say(say), ..
            } => {
                self.open.remove(&say.turn);
            }
            _ => {}
        }
        event
    }

    pub(crate) fn is_up(&self) -> bool {
        matches!(self.line.0, Line::Up(_))
    }

    /// Waits until the line is told to be what `is` wants, from what is told next on.
    pub(crate) async fn until(&mut self, is: impl Fn(&Line) -> bool) -> (Line, Instant) {
        loop {
            if let LinkEvent::Line { line, .. } = self.event().await
                && is(&line)
            {
                return self.line.clone();
            }
        }
    }

    /// Waits for the line to come up.
    pub(crate) async fn up(&mut self) -> Instant {
        self.until(|line| matches!(line, Line::Up(_))).await.1
    }

    /// Waits for the line to go down.
    pub(crate) async fn down(&mut self) -> (Line, Instant) {
        self.until(is_down).await
    }

    pub(crate) async fn say(&mut self, text: &str) -> TurnId {
        self.turns += 1;
        let turn = TurnId(self.turns);
        let say = Say {
            turn,
            conversation: ConversationId(2),
            text: text.into(),
            persona: None,
            brain: None,
            model: None,
            tools: false,
            errands: false,
            lang: hearsay::core::words::Lang::En,
            voice: None,
            clip: None,
            history: vec![],
        };
        self.open.insert(turn);
        self.order(LinkOrder::Say(Up::Say(say))).await;
        turn
    }

    /// Says something and waits for the answer. Whoever is as impatient as this client takes a
    /// backend that waits for a processor for dead now and then; a user would ask again, too.
    pub(crate) async fn ask(&mut self, text: &str) {
        for _attempt in 0..3 {
            let turn = self.say(text).await;
            while self.open.contains(&turn) {
                self.event().await;
            }
            if !matches!(cause(&self.line.0), Some(Cause::Silent { .. })) {
                break;
            }
            self.up().await;
        }
        assert!(self.is_up(), "{:?}", self.line.0);
    }
}

pub(crate) fn is_down(line: &Line) -> bool {
    !matches!(line, Line::Up(_) | Line::Dialing { .. })
}

/// The state of a line in a word or two.
pub(crate) fn kind(line: &Line) -> &'static str {
    match line {
        Line::Closed => "closed",
        Line::Dialing { .. } => "dialing",
        Line::Up(_) => "up",
        Line::Waiting { .. } => "waiting",
        Line::Resting { .. } => "resting",
        Line::Refused { .. } => "refused",
        Line::GivenUp { .. } => "given up",
    }
}

pub(crate) fn cause(line: &Line) -> Option<&Cause> {
    match line {
        Line::Waiting { cause, .. }
        | Line::Resting { cause }
        | Line::Refused { cause }
        | Line::GivenUp { cause, .. } => Some(cause),
        Line::Closed | Line::Dialing { .. } | Line::Up(_) => None,
    }
}
