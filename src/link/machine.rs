//! Decides what the line does next. Pure: events and the time go in, commands come out.
//!
//! Whether a line that is up still lives is `pulse`'s to say, whether dialing again helps
//! `policy`'s, how long to wait `backoff`'s. Sockets and timers are `drive`'s.

mod event;

pub use event::{Arrived, Command, Event};

use super::backoff;
use super::policy::{self, Life, Lived, Verdict};
use super::pulse::{Due, Pulse};
use super::quality::{Record, Trips};
use super::settings::LinkSettings;
use crate::core::ids::{Epoch, Seed, TurnId};
use crate::core::line::{Cause, Health, Line, Quality};
use crate::core::time::Moment;
use std::time::Duration;

/// Signs of life follow one another no faster than this, whatever the settings say.
const SHORTEST: Duration = Duration::from_millis(50);
/// While somebody talks, a silence of so long is asked about.
const TALK: Duration = Duration::from_secs(1);
/// Silence shorter than this is not asked about unless the settings say so.
const BREATH: Duration = Duration::from_secs(1);
/// An attempt of this age is begun anew when the network changes.
const STALE: Duration = Duration::from_millis(250);
/// Changes of the network make us dial this far apart at least.
const SPACING: Duration = Duration::from_millis(40);
/// No backend may keep us waiting longer than this.
const LONGEST_WAIT: Duration = Duration::from_hours(1);
/// Where the line is in its life. Only `Up` carries what the user says.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// Closed, refused or given up: nothing happens until the user dials.
    Down,
    /// The socket is being opened until `until` at the latest.
    Connecting {
        until: Moment,
    },
    /// The socket is open; the backend has to greet us until `until`.
    Greeting {
        until: Moment,
    },
    Up(Pulse),
    /// Our goodbye is on its way; the socket is dropped at `until` at the latest.
    Closing {
        until: Moment,
    },
    /// The backoff is being waited out. While `knocking`, it is a part of the attempt before.
    Waiting {
        until: Moment,
        knocking: bool,
    },
}

/// How often we have dialed since things last worked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tries {
    /// Dials, including the user's own.
    dials: u32,
    /// Dials of our own accord; they decide the waiting time.
    retries: u32,
}

/// The life of one line.
#[derive(Clone, Debug)]
pub struct Machine {
    settings: LinkSettings,
    seed: Seed,
    epoch: Epoch,
    state: State,
    tries: Tries,
    /// The latest question, as long as it has no answer.
    awaited: Option<TurnId>,
    /// Nobody checked who is at the other end.
    unverified: bool,
    record: Record,
    /// What ended the line last may be over when the network has changed.
    hopeful: bool,
    /// When we last dialed because something had changed.
    nudged: Option<Moment>,
    /// When a steady line broke, until it is up again.
    broke: Option<Moment>,
    /// Somebody talks: nobody waits long to learn that the line is dead.
    hurry: bool,
}

impl Machine {
    /// A line that nobody has asked for yet.
    pub fn new(mut settings: LinkSettings) -> Self {
        settings.heartbeat = settings.heartbeat.max(SHORTEST);
        settings.ping_after = settings.ping_after.max(SHORTEST);
        Self {
            seed: Seed::new(settings.seed),
            settings,
            epoch: Epoch(0),
            state: State::Down,
            tries: Tries::default(),
            awaited: None,
            unverified: false,
            record: Record::default(),
            hopeful: false,
            nudged: None,
            broke: None,
            hurry: false,
        }
    }

    /// Which life of the line this is; grows with every dial.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Whether what the user says can be sent.
    pub fn is_up(&self) -> bool {
        matches!(self.state, State::Up(_))
    }

    /// Whether what arrives is still of interest.
    pub fn is_listening(&self) -> bool {
        matches!(self.state, State::Greeting { .. } | State::Up(_))
    }

    /// Whether nothing will happen any more unless the user dials.
    pub fn is_down(&self) -> bool {
        self.state == State::Down
    }

    /// When [`Event::Tick`] is due, unless something else happens before.
    pub fn deadline(&self) -> Option<Moment> {
        match &self.state {
            State::Down => None,
            State::Connecting { until }
            | State::Greeting { until }
            | State::Closing { until }
            | State::Waiting { until, .. } => Some(*until),
            State::Up(pulse) => Some(pulse.deadline(&self.settings, self.quiet())),
        }
    }

    /// Something happened at `now`.
    pub fn on(&mut self, now: Moment, event: Event) -> Vec<Command> {
        match event {
            Event::Dial => self.dial_wanted(now),
            Event::HangUp => self.hang_up(now),
            Event::Patience(until) => self.connecting_until(until),
            Event::Opening => self.connecting_until(now + self.settings.connect_timeout),
            Event::Connected { unverified } => self.connected(now, unverified),
            Event::ConnectFailed { cause, wait } => match self.state {
                State::Connecting { .. } => self.ended(now, cause, wait, vec![]),
                _ => vec![],
            },
            Event::Frame(arrived) => self.arrived(now, arrived),
            Event::Asked(turn) => {
                self.awaited = Some(turn);
                vec![]
            }
            Event::Closed { cause } => match self.state {
                State::Greeting { .. } | State::Up(_) => self.ended(now, cause, None, vec![]),
                State::Closing { .. } => {
                    self.state = State::Down;
                    vec![]
                }
                State::Down | State::Connecting { .. } | State::Waiting { .. } => vec![],
            },
            Event::Moved(moved) => {
                if let State::Up(pulse) = &mut self.state {
                    pulse.moved(now, moved);
                }
                vec![]
            }
            Event::Hurry(hurry) => {
                self.hurry = hurry;
                vec![]
            }
            Event::Nudged => self.nudged(now),
            Event::Tick => self.tick(now),
        }
    }

    fn dial_wanted(&mut self, now: Moment) -> Vec<Command> {
        let first = match self.state {
            State::Connecting { .. } | State::Greeting { .. } | State::Up(_) => return vec![],
            State::Down | State::Waiting { .. } => vec![],
            State::Closing { .. } => vec![Command::Drop],
        };
        self.tries = Tries::default();
        self.broke = None;
        self.dial(now, first)
    }

    fn nudged(&mut self, now: Moment) -> Vec<Command> {
        match &mut self.state {
            State::Up(pulse) => pulse.probe(now).map(Command::Ping).into_iter().collect(),
            State::Waiting { .. } | State::Down if self.hopeful => self.dial_soon(now),
            // An attempt that began on another network may wait for packets that got lost there.
            State::Connecting { until } => {
                if now.since(*until - self.settings.connect_timeout) < STALE {
                    return vec![];
                }
                self.connect(now);
                vec![Command::Drop, Command::Connect]
            }
            State::Down
            | State::Waiting { .. }
            | State::Greeting { .. }
            | State::Closing { .. } => vec![],
        }
    }

    /// Dials with new hope: at once, or when a moment has passed since the last time. Where the
    /// network changes without end, the backend must not have to suffer for it.
    fn dial_soon(&mut self, now: Moment) -> Vec<Command> {
        let until = self.nudged.map_or(now, |last| last + SPACING);
        if now < until {
            let knocking = false;
            self.state = State::Waiting { until, knocking };
            return vec![];
        }
        self.nudged = Some(now);
        self.tries = Tries::default();
        self.dial(now, vec![])
    }

    fn hang_up(&mut self, now: Moment) -> Vec<Command> {
        self.hopeful = false;
        let mut commands = match self.state {
            State::Down | State::Closing { .. } => return vec![],
            State::Waiting { .. } => {
                self.state = State::Down;
                vec![]
            }
            State::Connecting { .. } => {
                self.state = State::Down;
                vec![Command::Drop]
            }
            State::Greeting { .. } | State::Up(_) => {
                let until = now + self.settings.close_timeout;
                self.state = State::Closing { until };
                vec![Command::Close]
            }
        };
        commands.push(Command::Report(Line::Closed));
        commands
    }

    fn connecting_until(&mut self, until: Moment) -> Vec<Command> {
        if let State::Connecting { .. } = self.state {
            self.state = State::Connecting { until };
        }
        vec![]
    }

    fn connected(&mut self, now: Moment, unverified: bool) -> Vec<Command> {
        if let State::Connecting { .. } = self.state {
            let until = now + self.settings.greeting_timeout;
            self.state = State::Greeting { until };
            self.unverified = unverified;
        }
        vec![]
    }

    fn arrived(&mut self, now: Moment, arrived: Arrived) -> Vec<Command> {
        if let Arrived::Answered(turn) = arrived {
            let about = |awaited: &mut TurnId| turn.is_none_or(|turn| turn == *awaited);
            let mine = self.awaited.take_if(about);
            if let (State::Up(pulse), Some(_)) = (&mut self.state, mine) {
                pulse.answered();
            }
        }
        match (&mut self.state, arrived) {
            (State::Greeting { .. }, Arrived::Greeting) => {
                self.tries = Tries::default();
                self.broke = None;
                let mut pulse = Pulse::new(now, &self.settings);
                // The first ping goes out at once: people like to see how far away it is.
                let ping = Command::Ping(pulse.ask(now));
                self.state = State::Up(pulse);
                vec![Command::Report(self.up(now, None)), ping]
            }
            (State::Up(pulse), Arrived::Pong(number)) => {
                let rtt = pulse.pong(now, number);
                rtt.map(|rtt| Command::Report(self.up(now, Some(rtt))))
                    .into_iter()
                    .collect()
            }
            (State::Up(pulse), Arrived::Greeting | Arrived::Answered(_) | Arrived::Other) => {
                pulse.hear(now);
                vec![]
            }
            (_, _) => vec![],
        }
    }

    /// What there is to tell of a line that is up.
    fn up(&mut self, now: Moment, rtt: Option<Duration>) -> Line {
        let trips = match &self.state {
            State::Up(pulse) => pulse.trips(),
            _ => Trips::default(),
        };
        Line::Up(Health {
            rtt,
            quality: self.record.judge(now, trips),
            unverified: self.unverified,
        })
    }

    /// How much silence passes before we ask whether anybody is there: less on a line that has
    /// shown to be unreliable, and while the user waits for an answer.
    fn quiet(&self) -> Duration {
        let share = match self.record.word() {
            _ if self.awaited.is_some() => 4,
            Quality::Good => 1,
            Quality::Fair => 2,
            Quality::Poor => 4,
        };
        let longest = self.settings.ping_after;
        if self.hurry {
            return longest.min(TALK);
        }
        (longest / share).max(BREATH.min(longest))
    }

    fn tick(&mut self, now: Moment) -> Vec<Command> {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return vec![];
        }
        let quiet = self.quiet();
        match &mut self.state {
            State::Down => vec![],
            State::Connecting { .. } => {
                let after = self.settings.connect_timeout;
                let why = format!("no answer within {} s", after.as_secs_f32());
                self.ended(now, Cause::Unreachable { why }, None, vec![Command::Drop])
            }
            State::Greeting { .. } => {
                let after = self.settings.greeting_timeout;
                self.ended(now, Cause::NoGreeting { after }, None, vec![Command::Drop])
            }
            State::Closing { .. } => {
                self.state = State::Down;
                vec![Command::Drop]
            }
            State::Waiting { knocking: true, .. } => {
                self.connect(now);
                vec![Command::Connect]
            }
            State::Waiting { .. } => self.dial(now, vec![]),
            State::Up(pulse) => {
                let asked = pulse.is_asking();
                match pulse.due(now, &self.settings, quiet, self.hurry) {
                    Due::Dead { silent } => {
                        let after = silent;
                        self.ended(now, Cause::Silent { after }, None, vec![Command::Drop])
                    }
                    Due::Signs { beat, ping } => {
                        let mut commands = vec![];
                        if asked && ping.is_some() {
                            self.record.missed(now);
                            commands.push(Command::Report(self.up(now, None)));
                        }
                        commands.extend(beat.then_some(Command::Beat));
                        commands.extend(ping.map(Command::Ping));
                        commands
                    }
                }
            }
        }
    }

    /// The line ended without our wish. `first` is done before anything else.
    fn ended(
        &mut self,
        now: Moment,
        cause: Cause,
        wait: Option<Duration>,
        first: Vec<Command>,
    ) -> Vec<Command> {
        let lived = match &self.state {
            State::Up(pulse) if pulse.has_worked(now, &self.settings) => Lived::Steadily,
            State::Up(_) => Lived::Briefly,
            _ => Lived::Never,
        };
        let mut commands = first;
        let attempts = self.tries.dials;
        let awaited = self.awaited.take().is_some();
        let verdict = policy::verdict(&cause, Life { lived, awaited });
        if lived != Lived::Never && verdict != Verdict::Rest {
            self.record.lost(now);
        }
        self.hopeful =
            self.settings.reconnect && wait.is_none() && policy::is_of_the_network(&cause);
        if verdict == Verdict::RetryNow {
            if lived != Lived::Never {
                self.broke = Some(now);
            } else if self.settings.reconnect && self.is_a_blink(now) {
                return self.blink(now, commands);
            }
        }
        let line = match verdict {
            Verdict::StayDown => Line::Closed,
            Verdict::Rest => Line::Resting { cause },
            Verdict::Refused => Line::Refused { cause },
            Verdict::RetryNow | Verdict::RetryLater if self.is_enough() => {
                Line::GivenUp { attempts, cause }
            }
            Verdict::RetryNow => return self.wait(now, cause, wait, 1, commands),
            Verdict::RetryLater => return self.wait(now, cause, wait, 2, commands),
        };
        self.state = State::Down;
        commands.push(Command::Report(line));
        commands
    }

    /// Whether a line that worked has been gone for so short a time that its backend may be
    /// about to return.
    fn is_a_blink(&self, now: Moment) -> bool {
        self.broke
            .is_some_and(|broke| now.since(broke) < backoff::BLINK)
    }

    /// Knocks once more within the immediate retry. What is said about the line stays as it is:
    /// to the user this is one attempt, whose patience has not begun to grow.
    fn blink(&mut self, now: Moment, commands: Vec<Command>) -> Vec<Command> {
        let until = now + backoff::jittered(backoff::KNOCK, self.seed.draw());
        self.state = State::Waiting {
            until,
            knocking: true,
        };
        commands
    }

    /// Whether dialing once more is against the user's settings.
    fn is_enough(&self) -> bool {
        let limit = self.settings.attempts;
        !self.settings.reconnect || (limit != 0 && self.tries.dials >= limit)
    }

    /// Waits with at least the patience of the `least`th retry; later ones only get more patient.
    fn wait(
        &mut self,
        now: Moment,
        cause: Cause,
        wait: Option<Duration>,
        least: u32,
        mut commands: Vec<Command>,
    ) -> Vec<Command> {
        let step = self.tries.retries.saturating_add(1).max(least);
        self.tries.retries = step;
        let (first, cap) = (self.settings.backoff, self.settings.backoff_cap);
        let patience = backoff::delay(step, first, cap, self.seed.draw());
        let until = now + patience.max(wait.unwrap_or_default().min(LONGEST_WAIT));
        commands.push(Command::Report(Line::Waiting {
            attempt: self.tries.dials.saturating_add(1),
            until,
            cause,
        }));
        if until <= now {
            return self.dial(now, commands);
        }
        self.state = State::Waiting {
            until,
            knocking: false,
        };
        commands
    }

    fn dial(&mut self, now: Moment, mut commands: Vec<Command>) -> Vec<Command> {
        self.tries.dials = self.tries.dials.saturating_add(1);
        self.connect(now);
        let attempt = self.tries.dials;
        let dialing = Command::Report(Line::Dialing { attempt });
        commands.extend([Command::Connect, dialing]);
        commands
    }

    fn connect(&mut self, now: Moment) {
        self.epoch = Epoch(self.epoch.0 + 1);
        self.awaited = None;
        let until = now + self.settings.connect_timeout;
        self.state = State::Connecting { until };
    }
}

#[cfg(test)]
mod tests;
