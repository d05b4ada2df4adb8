//! Several backends behind one line: each has a line of its own, [`Choice`] says which one talks,
//! and to the rest of the program it is all one line that sometimes leads elsewhere.

use super::alarm::Alarm;
use super::choice::{Choice, Event, Order};
use super::clock::Clock;
use super::connect::Target;
use super::drive;
use super::settings::LinkSettings;
use crate::core::backend::{Down, Greeting, Up};
use crate::core::ids::{Epoch, TurnId};
use crate::core::line::{Line, LinkEvent, LinkOrder};
use std::collections::{HashSet, VecDeque};
use std::future::poll_fn;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// So many orders and events may wait between a line and us.
const ROOM: usize = 64;

/// One of the backends, the best one first.
pub struct Candidate {
    /// What the user calls it.
    pub name: String,
    pub target: Target,
    pub settings: LinkSettings,
}

/// When another backend takes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standby {
    /// How long one may stay away before the next is tried.
    pub patience: Duration,
    /// Keep the next one connected.
    pub warm: bool,
}

/// Starts the line to the best of these backends that is there. A single one has its line to
/// itself. Otherwise as [`drive::spawn`].
pub fn spawn(
    mut candidates: Vec<Candidate>,
    standby: Standby,
    orders: mpsc::Receiver<LinkOrder>,
    events: mpsc::Sender<LinkEvent>,
    clock: Clock,
) -> JoinHandle<()> {
    if candidates.len() == 1
        && let Some(only) = candidates.pop()
    {
        return drive::spawn(only.target, only.settings, orders, events, clock);
    }
    let choice = Choice::new(candidates.len(), standby.patience, standby.warm);
    let members = candidates
        .into_iter()
        .map(|candidate| Member::start(candidate, clock))
        .collect();
    let bundle = Bundle {
        members,
        choice,
        clock,
        epoch: Epoch::default(),
        asked: HashSet::new(),
        held_back: false,
        backlog: VecDeque::new(),
        first: 0,
    };
    tokio::spawn(bundle.run(orders, events))
}

/// The lines of all candidates.
struct Bundle {
    members: Vec<Member>,
    choice: Choice,
    clock: Clock,
    /// The life of the line as the program knows it.
    epoch: Epoch,
    /// What the active one was asked and has not answered.
    asked: HashSet<TurnId>,
    /// The active one came to its end, and the program was told that we wait.
    held_back: bool,
    /// What the program has not taken yet.
    backlog: VecDeque<LinkEvent>,
    /// Whose events are looked at first, so that none drowns the others.
    first: usize,
}

struct Member {
    name: String,
    orders: mpsc::Sender<LinkOrder>,
    events: mpsc::Receiver<LinkEvent>,
    task: JoinHandle<()>,
    line: Line,
    /// Which of its lives that is.
    epoch: Epoch,
    /// What it said when this life began.
    greeting: Option<Greeting>,
}

impl Member {
    fn start(candidate: Candidate, clock: Clock) -> Self {
        let (orders, taken) = mpsc::channel(ROOM);
        let (told, events) = mpsc::channel(ROOM);
        let task = drive::spawn(candidate.target, candidate.settings, taken, told, clock);
        Self {
            name: candidate.name,
            orders,
            events,
            task,
            line: Line::Closed,
            epoch: Epoch::default(),
            greeting: None,
        }
    }
}

impl Bundle {
    async fn run(mut self, mut orders: mpsc::Receiver<LinkOrder>, events: mpsc::Sender<LinkEvent>) {
        let alarm = Alarm::new(self.clock);
        loop {
            let deadline = self.choice.deadline();
            let full = self.backlog.len() >= ROOM;
            tokio::select! {
                biased;
                order = orders.recv() => match order {
                    Some(order) => self.order(order).await,
                    None => break,
                },
                slot = events.reserve(), if !self.backlog.is_empty() => match (slot, self.backlog.pop_front()) {
                    (Ok(slot), Some(event)) => slot.send(event),
                    _ => break,
                },
                (at, event) = poll_fn(|context| poll_any(&mut self.members, self.first, context)), if !full => {
                    self.first = at + 1;
                    self.told(at, event).await;
                }
                () = alarm.at(deadline) => self.choose(Event::Tick).await,
            }
        }
        // Each hangs up properly when nobody orders any more.
        let tasks: Vec<_> = self.members.into_iter().map(|member| member.task).collect();
        for task in tasks {
            // One that broke has hung up, too.
            let _ = task.await;
        }
    }

    async fn order(&mut self, order: LinkOrder) {
        match order {
            LinkOrder::Dial => self.choose(Event::Dial).await,
            LinkOrder::HangUp => self.choose(Event::HangUp).await,
            LinkOrder::Say(up) => {
                if let Up::Say(say) = &up {
                    self.asked.insert(say.turn);
                    self.choose(Event::Busy(true)).await;
                }
                self.give(self.choice.active(), LinkOrder::Say(up)).await;
            }
        }
    }

    async fn give(&self, at: usize, order: LinkOrder) {
        if let Some(member) = self.members.get(at) {
            // A line that broke takes no orders; its last words said so.
            let _ = member.orders.send(order).await;
        }
    }

    async fn told(&mut self, at: usize, event: LinkEvent) {
        let active = at == self.choice.active();
        let Some(member) = self.members.get_mut(at) else {
            return;
        };
        match event {
            LinkEvent::Line { epoch, line } => {
                if epoch != member.epoch {
                    member.epoch = epoch;
                    member.greeting = None;
                    if active {
                        self.epoch.0 += 1;
                    }
                }
                member.line = line.clone();
                let now = self.clock.now();
                if active && !matches!(line, Line::Up(_)) {
                    self.asked.clear();
                    self.choice.on(now, Event::Busy(false));
                }
                let orders = self.choice.on(now, Event::Line(at, &line));
                self.tell_line(active.then_some(line));
                self.carry_out(orders).await;
            }
            LinkEvent::Heard { down, .. } => {
                if let Down::Greeting(greeting) = &down {
                    member.greeting = Some(greeting.clone());
                }
                // A timer rings wherever it was set.
                if active || matches!(down, Down::Ring { .. }) {
                    let answered = match &down {
                        Down::Done { turn, .. }
                        | Down::Interrupted { turn }
                        | Down::Trouble { turn, .. } => *turn,
                        _ => None,
                    };
                    let epoch = self.epoch;
                    self.backlog.push_back(LinkEvent::Heard { epoch, down });
                    if answered.is_some_and(|turn| self.asked.remove(&turn))
                        && self.asked.is_empty()
                    {
                        self.choose(Event::Busy(false)).await;
                    }
                }
            }
            LinkEvent::Unsent { up, .. } => {
                if let Up::Say(say) = &up {
                    self.asked.remove(&say.turn);
                }
                let epoch = self.epoch;
                self.backlog.push_back(LinkEvent::Unsent { epoch, up });
            }
            LinkEvent::Elsewhere { .. } => {}
        }
    }

    /// Tells the program how the line is. While another one may still take over, an end is none.
    fn tell_line(&mut self, changed: Option<Line>) {
        let active = self.members.get(self.choice.active());
        let Some(line) = active.map(|member| &member.line) else {
            return;
        };
        let ended = match line {
            Line::Refused { cause } | Line::GivenUp { cause, .. } => Some(cause.clone()),
            _ => None,
        };
        let was_held_back = std::mem::take(&mut self.held_back);
        self.held_back = ended.is_some() && self.choice.has_hope();
        let line = match ended {
            Some(cause) if self.held_back => changed.map(|_ended| Line::Waiting {
                attempt: 1,
                until: self.clock.now(),
                cause,
            }),
            _ => changed.or_else(|| was_held_back.then(|| line.clone())),
        };
        let epoch = self.epoch;
        self.backlog
            .extend(line.map(|line| LinkEvent::Line { epoch, line }));
    }

    async fn choose(&mut self, event: Event<'_>) {
        let orders = self.choice.on(self.clock.now(), event);
        self.tell_line(None);
        self.carry_out(orders).await;
    }

    async fn carry_out(&mut self, orders: Vec<Order>) {
        for order in orders {
            match order {
                Order::Dial(at) => self.give(at, LinkOrder::Dial).await,
                Order::HangUp(at) => self.give(at, LinkOrder::HangUp).await,
                Order::Take(at) => self.take(at),
            }
        }
    }

    /// From here on the program talks to this one: a new life of the line, in which the backend
    /// has just greeted.
    fn take(&mut self, at: usize) {
        let Some(member) = self.members.get(at) else {
            return;
        };
        self.epoch.0 += 1;
        self.asked.clear();
        self.held_back = false;
        let epoch = self.epoch;
        let backend = member.name.clone();
        self.backlog.extend([
            LinkEvent::Line {
                epoch,
                line: Line::Dialing { attempt: 1 },
            },
            LinkEvent::Elsewhere { epoch, backend },
            LinkEvent::Line {
                epoch,
                line: member.line.clone(),
            },
        ]);
        let greeting = member.greeting.clone().map(Down::Greeting);
        self.backlog
            .extend(greeting.map(|down| LinkEvent::Heard { epoch, down }));
    }
}

/// An event of any line, beginning with the one at `first`.
fn poll_any(
    members: &mut [Member],
    first: usize,
    context: &mut Context<'_>,
) -> Poll<(usize, LinkEvent)> {
    let count = members.len();
    for at in (0..count).map(|step| (first + step) % count) {
        if let Some(member) = members.get_mut(at)
            && let Poll::Ready(Some(event)) = member.events.poll_recv(context)
        {
            return Poll::Ready((at, event));
        }
    }
    Poll::Pending
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::backend::{Earlier, Say};
    use crate::core::ids::ConversationId;
    use crate::core::time::Wall;
    use futures_util::{SinkExt, StreamExt};
    use std::sync::{Arc, Mutex};
    use tokio::io::{DuplexStream, duplex};
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
        }
    }

    struct Program {
        orders: mpsc::Sender<LinkOrder>,
        events: mpsc::Receiver<LinkEvent>,
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
            spawn(candidates, Standby { patience, warm }, taken, told, clock);
            orders.send(LinkOrder::Dial).await.unwrap();
            let (epoch, turns) = (0, 0);
            Self {
                orders,
                events,
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
}
