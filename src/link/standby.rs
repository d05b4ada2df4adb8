//! Several backends behind one line: each has a line of its own, [`Choice`] says which one talks,
//! and to the rest of the program it is all one line that sometimes leads elsewhere.

mod member;

use super::alarm::Alarm;
use super::choice::{Choice, Event, Order};
use super::clips::turn;
use super::clock::Clock;
use super::connect::Target;
use super::drive;
use super::ends::Ends;
use super::settings::LinkSettings;
use crate::core::backend::{Down, Up};
use crate::core::ids::{Epoch, TurnId};
use crate::core::line::{Line, LinkEvent, LinkOrder};
use crate::core::sound::ClipPart;
use crate::wire::Dialect;
use member::{Member, next_clip, poll_any};
use std::collections::{HashSet, VecDeque};
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// So many orders and events may wait between a line and us.
const ROOM: usize = 64;

/// One of the backends, the best one first.
pub struct Candidate {
    /// What the user calls it.
    pub name: String,
    pub target: Target,
    /// The language it speaks.
    pub dialect: Box<dyn Dialect>,
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
    ends: Ends,
    clock: Clock,
) -> JoinHandle<()> {
    if candidates.len() == 1
        && let Some(only) = candidates.pop()
    {
        return drive::spawn(only.target, only.dialect, only.settings, ends, clock);
    }
    let choice = Choice::new(candidates.len(), standby.patience, standby.warm);
    let members = candidates
        .into_iter()
        .map(|candidate| Member::start(candidate, Arc::clone(&ends.speech), clock))
        .collect();
    let bundle = Bundle {
        members,
        choice,
        clock,
        epoch: Epoch::default(),
        asked: HashSet::new(),
        clip: None,
        held_back: false,
        backlog: VecDeque::new(),
        first: 0,
    };
    tokio::spawn(bundle.run(ends))
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
    /// The recording that was begun last.
    clip: Option<Clip>,
    /// The active one came to its end, and the program was told that we wait.
    held_back: bool,
    /// What the program has not taken yet.
    backlog: VecDeque<LinkEvent>,
    /// Whose events are looked at first, so that none drowns the others.
    first: usize,
}

/// A recording on its way to one of the backends.
struct Clip {
    turn: TurnId,
    /// Whom it is for.
    at: usize,
    /// It was told that it does not arrive.
    lost: bool,
}

impl Bundle {
    async fn run(mut self, ends: Ends) {
        let Ends {
            mut orders, events, ..
        } = ends;
        let mut clips = Some(ends.clips);
        let alarm = Alarm::new(self.clock);
        loop {
            let deadline = self.choice.deadline();
            let lane = self
                .members
                .get(self.choice.active())
                .map(|to| to.clips.clone());
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
                (part, slot) = next_clip(&mut clips, lane), if !full => {
                    if let Some(part) = self.clip(part).await {
                        slot.send(part);
                    }
                }
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
            LinkOrder::Hurry(hurry) => {
                for member in 0..self.members.len() {
                    self.give(member, LinkOrder::Hurry(hurry)).await;
                }
            }
            LinkOrder::Say(up) => {
                if let Up::Say(say) = &up {
                    self.asked.insert(say.turn);
                    self.choose(Event::Busy(true)).await;
                }
                self.give(self.choice.active(), LinkOrder::Say(up)).await;
            }
        }
    }

    /// What is to be passed on of a recording. One that the backend in use has not heard from its
    /// beginning does not arrive.
    async fn clip(&mut self, part: ClipPart) -> Option<ClipPart> {
        let (turn, active) = (turn(&part), self.choice.active());
        if let ClipPart::Begin(_) | ClipPart::Open(_) = part {
            let (at, lost) = (active, false);
            self.clip = Some(Clip { turn, at, lost });
            // A better backend that comes back has to wait for the end of it.
            self.asked.insert(turn);
            self.choose(Event::Busy(true)).await;
        }
        match &mut self.clip {
            Some(clip) if clip.turn == turn && clip.lost => None,
            Some(clip) if clip.turn == turn && clip.at == active => {
                if matches!(part, ClipPart::Broken { .. }) {
                    // Nothing comes of it.
                    self.answered(turn).await;
                }
                Some(part)
            }
            // Nobody waits for it any more.
            _ if matches!(part, ClipPart::Broken { .. }) => None,
            _ => {
                self.unheard(turn).await;
                None
            }
        }
    }

    async fn unheard(&mut self, turn: TurnId) {
        let (at, lost) = (self.choice.active(), true);
        self.clip = Some(Clip { turn, at, lost });
        let epoch = self.epoch;
        self.backlog.push_back(LinkEvent::Unheard { epoch, turn });
        self.answered(turn).await;
    }

    /// The active one has nothing more to do about a turn.
    async fn answered(&mut self, turn: TurnId) {
        if self.asked.remove(&turn) && self.asked.is_empty() {
            self.choose(Event::Busy(false)).await;
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
                        | Down::Transcript { turn, .. }
                        | Down::Interrupted { turn }
                        | Down::Trouble { turn, .. } => *turn,
                        _ => None,
                    };
                    let epoch = self.epoch;
                    self.backlog.push_back(LinkEvent::Heard { epoch, down });
                    if let Some(turn) = answered {
                        self.answered(turn).await;
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
            LinkEvent::Unheard { turn, .. } => {
                let known = self.clip.as_ref();
                if known.is_some_and(|clip| clip.turn == turn && clip.at == at && !clip.lost) {
                    self.unheard(turn).await;
                }
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

#[cfg(test)]
mod tests;
