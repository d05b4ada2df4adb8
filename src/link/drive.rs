//! The one task that owns the socket: does what the machine says, and tells it what happens.
//!
//! Orders come in through one bounded queue, events leave through another. While nobody reads the
//! events the socket is not read either, so that memory stays bounded and the peer notices; orders
//! are served all the same, so that neither side ever waits for the other. Recordings have a lane
//! of their own, because a peer that does not read must hold up who records; speech has one,
//! because the model has no use for it.

use super::alarm::Alarm;
use super::backlog::Backlog;
use super::cable::{Cable, News};
use super::clips::{self, Clips, Fate};
use super::clock::Clock;
use super::connect::{Connector, Failure, Opened, Target, broken};
use super::ends::{Ends, Play, next_clip};
use super::errands::Errands;
use super::machine::{Arrived, Command, Event, Machine};
use super::settings::LinkSettings;
use super::watch::{Drift, Watch};
use crate::core::backend::{Down, Up};
use crate::core::ids::TurnId;
use crate::core::line::{Cause, Line, LinkEvent, LinkOrder};
use crate::core::sound::{ClipPart, Speech};
use crate::core::time::{Moment, Now};
use crate::wire::{Dialect, Frame, Out};
use std::future::pending;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};

/// So many frames are read before everybody else has a turn: neither orders and beats nor, on the
/// same thread, keys and frames of the screen wait for more of a flood than this.
const GULP: usize = 256;

/// Starts the line to a backend. It stays closed until [`LinkOrder::Dial`]. The task ends, with
/// the line properly closed, when the orders' sender or the events' receiver is dropped.
pub fn spawn(
    target: Target,
    dialect: Box<dyn Dialect>,
    settings: LinkSettings,
    ends: Ends,
    clock: Clock,
) -> JoinHandle<()> {
    let speech = ends.speech.clone();
    tokio::spawn(Drive::new(target, dialect, settings, speech, clock).run(ends))
}

struct Drive {
    connector: Connector,
    machine: Machine,
    dialect: Box<dyn Dialect>,
    /// What the dialect makes of what happens; empty in between.
    out: Out,
    errands: Errands,
    clock: Clock,
    line: Cable,
    backlog: Backlog,
    clips: Clips,
    speech: Play,
    /// The turn whose speech arrives, as long as its end has not.
    speaking: Option<TurnId>,
    /// The largest message, in bytes.
    max_message: usize,
    /// The largest recording that goes out in one message.
    max_recording: usize,
    /// Tells when the network changes. The backend in this process needs none.
    watch: Option<Watch>,
    drift: Drift,
    /// The frames that were read since everybody else had a turn.
    gulped: usize,
    /// Nobody orders or listens any more: end as soon as the line is down.
    leaving: bool,
}

impl Drive {
    fn new(
        target: Target,
        dialect: Box<dyn Dialect>,
        settings: LinkSettings,
        speech: Play,
        clock: Clock,
    ) -> Self {
        let watch = match target {
            Target::Embedded(_) => None,
            Target::Url(_) => Some(Watch::new()),
        };
        let connector = Connector::new(target, &settings, clock);
        Self {
            watch,
            drift: Drift::default(),
            gulped: 0,
            errands: Errands::new(connector.way()),
            connector,
            max_message: settings.max_message,
            max_recording: settings.max_recording,
            machine: Machine::new(settings),
            dialect,
            out: Out::default(),
            clock,
            line: Cable::None,
            backlog: Backlog::default(),
            clips: Clips::default(),
            speech,
            speaking: None,
            leaving: false,
        }
    }

    async fn run(mut self, ends: Ends) {
        let Ends {
            mut orders, events, ..
        } = ends;
        let mut clips = Some(ends.clips);
        let alarm = Alarm::new(self.clock);
        while !(self.leaving && self.machine.is_down()) {
            if self.drift.jumped(self.clock.now(), self.clock.wall()) {
                self.tell(Event::Nudged);
            }
            let deadline = earlier(self.machine.deadline(), self.dialect.deadline());
            // Whoever leaves reads on without passing on, to see the peer's goodbye.
            let full = self.backlog.is_full() && !self.leaving;
            // What we cannot tell of is not taken either.
            let room = self.line.is_flushed() && !self.leaving && !full;
            tokio::select! {
                // Orders first: hanging up must work in any flood. The socket before the timer:
                // after a long sleep the answer to our ping may lie there, unread. The timer is
                // left out while we do not read, for then the silence is our own.
                biased;
                order = orders.recv(), if !self.leaving => self.order(order),
                slot = events.reserve(), if self.backlog.waits() && !self.leaving => match slot {
                    Ok(slot) => self.backlog.hand_over(slot),
                    Err(_nobody_listens) => self.order(None),
                },
                // After each piece the socket has its turn, for then something waits to leave.
                part = next_clip(&mut clips), if room => self.clip(&part),
                news = self.line.news(!full) => self.heard(news).await,
                answer = self.errands.next(), if !full && !self.leaving => {
                    self.speak(|dialect, now, out| dialect.answered(answer, now, out));
                }
                () = changed(self.watch.as_ref()) => self.tell(Event::Nudged),
                () = alarm.at(deadline), if !full => self.tick(),
            }
        }
        while let Some(event) = self.backlog.pop() {
            // Whoever still listens gets the last words; nobody is waited for.
            if events.try_send(event).is_err() {
                break;
            }
        }
    }

    fn order(&mut self, order: Option<LinkOrder>) {
        match order {
            Some(LinkOrder::Dial) => self.tell(Event::Dial),
            Some(LinkOrder::HangUp) => self.tell(Event::HangUp),
            Some(LinkOrder::Hurry(hurry)) => self.tell(Event::Hurry(hurry)),
            Some(LinkOrder::Say(up)) => self.say(up),
            None => {
                self.leaving = true;
                self.tell(Event::HangUp);
            }
        }
    }

    fn say(&mut self, up: Up) {
        if let (true, Up::Say(say)) = (self.machine.is_up(), &up) {
            // Before it is said: its answer may have come already and only wait to be wanted.
            self.tell(Event::Asked(say.turn));
        }
        let sent = self.machine.is_up() && {
            let mut has_words = false;
            let most = self.max_message;
            let left = self.speak_within(most, |dialect, now, out| {
                has_words = dialect.encode(&up, now, out);
            });
            has_words && left
        };
        if !sent {
            let epoch = self.machine.epoch();
            self.backlog.push(LinkEvent::Unsent { epoch, up });
        }
    }

    /// Sends a piece of a recording, if that can still arrive.
    fn clip(&mut self, part: &ClipPart) {
        let turn = clips::turn(part);
        let epoch = self.machine.epoch();
        let up = self.machine.is_up().then_some(epoch);
        let ends = matches!(part, ClipPart::End { .. });
        let sent = match self.clips.take(part, up) {
            Fate::Send => {
                let mut can = false;
                let most = self.max_recording;
                let left = self.speak_within(most, |dialect, now, out| {
                    can = dialect.clip(part, now, out);
                });
                can && left
            }
            Fate::Swallow => return,
            Fate::Unheard => false,
        };
        if !sent {
            self.clips.lost(turn);
            self.backlog.push(LinkEvent::Unheard { epoch, turn });
        } else if ends {
            self.tell(Event::Asked(turn));
        }
    }

    /// Tells the machine and does what it says.
    fn tell(&mut self, event: Event) {
        let mut epoch = self.machine.epoch();
        for command in self.machine.on(self.clock.now(), event) {
            match command {
                Command::Report(line) => {
                    if !matches!(line, Line::Up(_)) {
                        self.speech_ends();
                    }
                    self.backlog.push(LinkEvent::Line { epoch, line });
                }
                Command::Connect => {
                    epoch = self.machine.epoch();
                    self.errands.forget();
                    self.speak(|dialect, now, out| dialect.dial(now, out));
                }
                Command::Ping(number) => {
                    let number = number.to_be_bytes().to_vec();
                    self.line.send(Message::Ping(number.into()), usize::MAX);
                }
                Command::Beat => {
                    self.speak(|dialect, now, out| dialect.beat(now, out));
                }
                Command::Close => {
                    self.line.send(goodbye(1000), usize::MAX);
                }
                Command::Drop => {
                    self.line = Cable::None;
                    self.errands.forget();
                }
            }
        }
    }

    /// Lets the dialect say what it makes of something, and does it.
    fn speak(&mut self, act: impl FnOnce(&mut dyn Dialect, Now, &mut Out)) {
        // What does not leave belongs to a line that is gone, or too slow for a sign of life.
        let _left = self.speak_within(self.max_message, act);
    }

    /// The same, with messages of so many bytes; `false` if one of them will never arrive.
    fn speak_within(
        &mut self,
        most: usize,
        act: impl FnOnce(&mut dyn Dialect, Now, &mut Out),
    ) -> bool {
        let (mut out, now) = (std::mem::take(&mut self.out), self.now());
        act(&mut *self.dialect, now, &mut out);
        let mut left = true;
        for frame in out.frames.drain(..) {
            left = left && self.line.send(message(frame), most);
        }
        for errand in out.errands.drain(..) {
            self.errands.run(errand);
        }
        for down in out.downs.drain(..) {
            self.told(down);
        }
        if let Some(until) = out.patience.take() {
            self.tell(Event::Patience(until));
        }
        if let Some(upgrade) = out.dial.take() {
            self.tell(Event::Opening);
            self.line = Cable::Connecting(self.connector.connect(upgrade));
        }
        if let Some(cause) = out.over.take() {
            self.useless(cause);
        }
        self.out = out;
        left
    }

    /// The backend is not what we can use.
    fn useless(&mut self, cause: Cause) {
        if matches!(self.line, Cable::Open { .. }) {
            self.line.send(goodbye(1000), usize::MAX);
            self.ended(cause);
        } else {
            self.line = Cable::None;
            self.tell(Event::ConnectFailed { cause, wait: None });
        }
    }

    fn now(&self) -> Now {
        Now {
            mono: self.clock.now(),
            wall: self.clock.wall(),
        }
    }

    /// Takes what the wire tells, and everything that can be read behind it without waiting.
    async fn heard(&mut self, news: News) {
        let mut next = Some(news);
        while let Some(news) = next.take() {
            self.take(news);
            self.gulped += 1;
            if self.gulped < GULP && !self.backlog.is_full() {
                next = self.line.news_now().await;
            }
        }
        // A peer that never pauses must not keep us from giving signs of life.
        self.tick();
        if self.gulped >= GULP {
            self.gulped = 0;
            tokio::task::yield_now().await;
        }
    }

    fn tick(&mut self) {
        let moved = self.line.moved();
        self.tell(Event::Moved(moved));
        self.tell(Event::Tick);
        if self
            .dialect
            .deadline()
            .is_some_and(|due| due <= self.clock.now())
        {
            self.speak(|dialect, now, out| dialect.due(now, out));
        }
    }

    fn take(&mut self, news: News) {
        match news {
            News::Connected(Ok(Opened { socket, protocol })) => {
                self.line = Cable::Open { socket, waiting: 0 };
                let unverified = self.connector.is_unverified();
                self.tell(Event::Connected { unverified });
                if let Some(protocol) = protocol {
                    let now = self.now();
                    self.dialect.agreed(&protocol, now);
                }
                self.speak(|dialect, now, out| dialect.hello(now, out));
            }
            News::Connected(Err(Failure { cause, wait })) => {
                self.line = Cable::None;
                self.tell(Event::ConnectFailed { cause, wait });
            }
            News::Flushed => {}
            News::Message(Message::Text(text)) => {
                self.frame(&Frame::Text(text.as_str().to_owned()));
            }
            News::Message(Message::Binary(bytes)) => self.frame(&Frame::Binary(bytes)),
            News::Message(Message::Pong(payload)) => {
                let number = payload.as_ref().try_into().map(u64::from_be_bytes);
                self.tell(Event::Frame(number.map_or(Arrived::Other, Arrived::Pong)));
            }
            News::Message(Message::Ping(_) | Message::Frame(_)) => {
                self.tell(Event::Frame(Arrived::Other));
            }
            News::Message(Message::Close(said)) => self.ended(Cause::ClosedByPeer {
                code: said.as_ref().map(|said| said.code.into()),
                reason: said.map_or_else(String::new, |said| said.reason.as_str().to_owned()),
            }),
            News::Broken(error) => {
                let (cause, code) = broken(&error);
                if let Some(code) = code {
                    self.line.send(goodbye(code), usize::MAX);
                }
                self.ended(cause);
            }
            News::End => {
                let (cause, _no_goodbye) = broken(&Error::ConnectionClosed);
                self.ended(cause);
            }
        }
    }

    fn play(&mut self, speech: Speech) {
        self.speaking = match &speech {
            Speech::Words { turn, .. } | Speech::More { turn, .. } => Some(*turn),
            Speech::End { .. } => None,
        };
        (self.speech)(speech);
    }

    /// What has come of an answer is heard to its end; no more will come.
    fn speech_ends(&mut self) {
        if let Some(turn) = self.speaking.take() {
            (self.speech)(Speech::End { turn });
        }
    }

    fn ended(&mut self, cause: Cause) {
        self.line.let_go();
        self.tell(Event::Closed { cause });
    }

    fn frame(&mut self, frame: &Frame) {
        if !self.machine.is_listening() {
            return;
        }
        self.tell(Event::Frame(Arrived::Other));
        self.speak(|dialect, now, out| dialect.decode(frame, now, out));
    }

    /// Passes on what the dialect understood.
    fn told(&mut self, down: Down) {
        match down {
            Down::Greeting(_) => self.tell(Event::Frame(Arrived::Greeting)),
            Down::Done { turn, .. }
            | Down::Transcript { turn, .. }
            | Down::Interrupted { turn }
            | Down::Trouble { turn, .. } => self.tell(Event::Frame(Arrived::Answered(turn))),
            _ => {}
        }
        let epoch = self.machine.epoch();
        match down {
            // An answered beat is the link's own affair, and would wake the whole program.
            Down::Beat => {}
            Down::Speech(speech) => self.play(speech),
            down => self.backlog.push(LinkEvent::Heard { epoch, down }),
        }
    }
}

/// The earlier of two moments.
fn earlier(one: Option<Moment>, other: Option<Moment>) -> Option<Moment> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Waits until the world changes; for ever if nobody watches it.
async fn changed(watch: Option<&Watch>) {
    match watch {
        Some(watch) => watch.changed().await,
        None => pending().await,
    }
}

fn message(frame: Frame) -> Message {
    match frame {
        Frame::Text(text) => Message::Text(text.into()),
        Frame::Binary(bytes) => Message::Binary(bytes),
    }
}

fn goodbye(code: u16) -> Message {
    Message::Close(Some(CloseFrame {
        code: code.into(),
        reason: "".into(),
    }))
}

#[cfg(test)]
mod tests;
