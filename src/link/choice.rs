//! Which of several backends talks. Pure: what happens goes in, orders come out.
//!
//! The backends stand in the order in which they are liked. The first is dialed; one that stays
//! away for too long, or says no, is passed over for the next. A better one is taken back when it
//! has been there for a while and nobody waits for an answer.

use crate::core::line::Line;
use crate::core::time::Moment;
use std::time::Duration;

/// A better backend must have been there for so long before it is taken back.
const STEADY: Duration = Duration::from_secs(10);

/// So often a better backend that gave no answer is asked again.
const CHECK: Duration = Duration::from_secs(30);

/// Picks one of several backends.
#[derive(Debug)]
pub struct Choice {
    members: Vec<Member>,
    active: usize,
    /// The user wants to be connected.
    wanted: bool,
    /// Somebody waits for an answer of the active one.
    busy: bool,
    /// How long one may stay away before the next is tried.
    patience: Duration,
    /// Keep the next one connected.
    warm: bool,
    now: Moment,
}

#[derive(Clone, Copy, Debug)]
struct Member {
    state: State,
    /// Since when it has been there, or away.
    since: Moment,
    /// When it was given up last.
    given_up: Moment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nobody asked for it.
    Off,
    /// Being dialed, again and again.
    Away,
    /// An attempt has failed, and another one will follow.
    Failed,
    Up,
    /// Put away by its backend because nobody needed it.
    Resting,
    /// Nobody answered often enough.
    GivenUp,
    /// It said no.
    Refused,
}

/// What happened.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// The user wants to be connected, now.
    Dial,
    /// The user wants to be alone.
    HangUp,
    /// The line to this backend changed.
    Line(usize, &'a Line),
    /// Somebody waits for an answer, or nobody does any more.
    Busy(bool),
    /// Time has passed.
    Tick,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Dial(usize),
    HangUp(usize),
    /// From now on, talk to this one.
    Take(usize),
}

impl Choice {
    /// So many backends, the best one first.
    pub fn new(members: usize, patience: Duration, warm: bool) -> Self {
        let member = Member {
            state: State::Off,
            since: Moment::default(),
            given_up: Moment::default(),
        };
        Self {
            members: vec![member; members],
            active: 0,
            wanted: false,
            busy: false,
            patience,
            warm,
            now: Moment::default(),
        }
    }

    /// Which one talks.
    pub const fn active(&self) -> usize {
        self.active
    }

    /// Whether one of them may still come.
    pub fn has_hope(&self) -> bool {
        self.wanted && self.hope() < self.members.len()
    }

    /// Takes in what happened and says what to do.
    pub fn on(&mut self, now: Moment, event: Event<'_>) -> Vec<Order> {
        self.now = now;
        let mut orders = vec![];
        match event {
            Event::Dial => {
                self.wanted = true;
                self.again(&mut orders);
            }
            Event::HangUp => self.wanted = false,
            Event::Line(member, line) => self.changed(member, line),
            Event::Busy(busy) => self.busy = busy,
            Event::Tick => {}
        }
        self.take(&mut orders);
        self.tend(&mut orders);
        orders
    }

    /// When to be told that time has passed.
    pub fn deadline(&self) -> Option<Moment> {
        let hope = self.hope();
        let moments = self.members.iter().enumerate().filter_map(|(at, member)| {
            let better = at < self.active;
            match member.state {
                State::Away | State::Failed if !self.is_lost(at) => {
                    Some(member.since.0 + self.patience)
                }
                State::Up if better && !self.busy => Some(member.since.0 + STEADY),
                State::GivenUp if better && at < hope => Some(member.given_up.0 + CHECK),
                _ => None,
            }
        });
        moments.min().map(Moment).filter(|_at| self.wanted)
    }

    /// The user asks by hand: whoever is not there is dialed at once.
    fn again(&mut self, orders: &mut Vec<Order>) {
        let active = self.active;
        for (at, member) in self.members.iter_mut().enumerate() {
            match member.state {
                State::Away | State::Failed => orders.push(Order::Dial(at)),
                State::GivenUp | State::Refused => member.state = State::Off,
                State::Resting if at == active => member.state = State::Off,
                State::Resting | State::Off | State::Up => {}
            }
        }
    }

    fn changed(&mut self, at: usize, line: &Line) {
        let Some(member) = self.members.get_mut(at) else {
            return;
        };
        let state = match line {
            Line::Closed => State::Off,
            // Its next attempt does not make up for those that failed.
            Line::Dialing { .. } if member.state == State::Failed => State::Failed,
            Line::Dialing { .. } => State::Away,
            Line::Waiting { .. } => State::Failed,
            Line::Up(_) => State::Up,
            Line::Resting { .. } => State::Resting,
            Line::GivenUp { .. } => State::GivenUp,
            Line::Refused { .. } => State::Refused,
        };
        let there = |state| matches!(state, State::Up | State::Resting);
        if there(state) != there(member.state) {
            member.since = self.now;
        }
        if state == State::GivenUp {
            member.given_up = self.now;
        }
        member.state = state;
    }

    /// Whether nobody should wait for this one.
    fn is_lost(&self, at: usize) -> bool {
        self.members
            .get(at)
            .is_some_and(|member| match member.state {
                State::GivenUp | State::Refused => true,
                // Nobody misses one that never talked.
                State::Failed if at != self.active => true,
                State::Away | State::Failed => member.since.0 + self.patience <= self.now.0,
                State::Off | State::Up | State::Resting => false,
            })
    }

    /// Takes another one where that is better.
    fn take(&mut self, orders: &mut Vec<Order>) {
        let mut there = self.members.iter().enumerate();
        let better = if self.is_lost(self.active) {
            there.find(|(_at, member)| member.state == State::Up)
        } else {
            there.find(|(at, member)| {
                let steady = member.since.0 + STEADY <= self.now.0;
                *at < self.active && member.state == State::Up && steady && !self.busy
            })
        };
        if let Some((at, _)) = better.filter(|_better| self.wanted) {
            self.active = at;
            orders.push(Order::Take(at));
        }
    }

    /// The best one that is not lost.
    fn hope(&self) -> usize {
        let count = self.members.len();
        (0..count).find(|at| !self.is_lost(*at)).unwrap_or(count)
    }

    /// Dials whom we need, and hangs up on whom we do not.
    fn tend(&mut self, orders: &mut Vec<Order>) {
        let hope = self.hope();
        let last = hope + usize::from(self.warm);
        for (at, member) in self.members.iter_mut().enumerate() {
            let needed = self.wanted && (at <= last || at == self.active);
            let checked = at < self.active.min(hope) && member.given_up.0 + CHECK <= self.now.0;
            let dial = match member.state {
                State::Off => true,
                State::Resting => at == hope && at != self.active,
                State::GivenUp => checked,
                State::Away | State::Failed | State::Up | State::Refused => false,
            };
            if needed && dial {
                if member.state != State::GivenUp {
                    member.since = self.now;
                }
                member.state = State::Away;
                orders.push(Order::Dial(at));
            } else if !needed
                && !matches!(member.state, State::Off | State::GivenUp | State::Refused)
            {
                member.state = State::Off;
                orders.push(Order::HangUp(at));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::line::{Cause, Health};
    use proptest::prelude::*;

    fn lost() -> Line {
        let cause = Cause::Lost { why: "gone".into() };
        let until = Moment::default();
        Line::Waiting {
            attempt: 1,
            until,
            cause,
        }
    }

    fn up() -> Line {
        Line::Up(Health::default())
    }

    fn given_up() -> Line {
        let cause = Cause::Lost { why: "gone".into() };
        Line::GivenUp { attempts: 5, cause }
    }

    fn refused() -> Line {
        let (status, reason) = (Some(401), "no".into());
        Line::Refused {
            cause: Cause::Denied { status, reason },
        }
    }

    const fn ms(ms: u64) -> Moment {
        Moment::from_ms(ms)
    }

    fn choice(warm: bool) -> Choice {
        Choice::new(3, Duration::from_secs(3), warm)
    }

    #[test]
    fn a_short_absence_changes_nothing_and_a_long_one_brings_the_next() {
        let mut choice = choice(false);
        assert_eq!(choice.on(ms(0), Event::Dial), [Order::Dial(0)]);
        assert_eq!(choice.on(ms(10), Event::Line(0, &up())), []);
        assert_eq!(choice.deadline(), None);
        assert_eq!(choice.on(ms(100), Event::Line(0, &lost())), []);
        assert_eq!(choice.deadline(), Some(ms(3_100)));
        assert_eq!(choice.on(ms(400), Event::Line(0, &up())), []);

        assert_eq!(choice.on(ms(1_000), Event::Line(0, &lost())), []);
        assert_eq!(choice.on(ms(4_000), Event::Tick), [Order::Dial(1)]);
        assert_eq!(
            choice.on(ms(4_050), Event::Line(1, &up())),
            [Order::Take(1)]
        );
        assert_eq!(choice.active(), 1);
        assert_eq!(choice.deadline(), None);
    }

    #[test]
    fn the_better_one_comes_back_when_it_is_steady_and_nobody_waits() {
        let mut choice = choice(false);
        choice.on(ms(0), Event::Dial);
        assert_eq!(
            choice.on(ms(1), Event::Line(0, &refused())),
            [Order::Dial(1)]
        );
        assert_eq!(choice.on(ms(2), Event::Line(1, &up())), [Order::Take(1)]);
        // By hand, because it had said no.
        assert_eq!(choice.on(ms(50), Event::Dial), [Order::Dial(0)]);
        assert_eq!(choice.on(ms(100), Event::Line(0, &up())), []);
        assert_eq!(choice.deadline(), Some(ms(10_100)));
        choice.on(ms(10_000), Event::Busy(true));
        assert_eq!(choice.deadline(), None);
        assert_eq!(choice.on(ms(11_000), Event::Tick), []);
        let back = [Order::Take(0), Order::HangUp(1)];
        assert_eq!(choice.on(ms(12_000), Event::Busy(false)), back);
    }

    #[test]
    fn a_candidate_that_does_not_answer_is_passed_over_at_once() {
        let mut choice = choice(false);
        choice.on(ms(0), Event::Dial);
        assert_eq!(choice.on(ms(1), Event::Line(0, &lost())), []);
        assert_eq!(choice.on(ms(3_000), Event::Tick), [Order::Dial(1)]);
        assert_eq!(
            choice.on(ms(3_001), Event::Line(1, &lost())),
            [Order::Dial(2)]
        );
        // It is dialed on, and may still come.
        let again = Line::Dialing { attempt: 2 };
        assert_eq!(choice.on(ms(4_000), Event::Line(1, &again)), []);
        assert_eq!(
            choice.on(ms(4_001), Event::Line(1, &up())),
            [Order::Take(1), Order::HangUp(2)]
        );
    }

    #[test]
    fn one_that_gave_up_is_asked_again_now_and_then_but_one_that_said_no_is_not() {
        let mut choice = choice(false);
        choice.on(ms(0), Event::Dial);
        choice.on(ms(1), Event::Line(0, &refused()));
        assert_eq!(
            choice.on(ms(2), Event::Line(1, &given_up())),
            [Order::Dial(2)]
        );
        assert_eq!(choice.on(ms(3), Event::Line(2, &up())), [Order::Take(2)]);
        assert_eq!(choice.deadline(), Some(ms(30_002)));
        assert_eq!(choice.on(ms(30_002), Event::Tick), [Order::Dial(1)]);
        // It is not waited for: the third goes on talking.
        assert_eq!(choice.on(ms(30_100), Event::Line(1, &lost())), []);
        assert_eq!(choice.on(ms(31_000), Event::Line(1, &given_up())), []);
        assert_eq!(choice.deadline(), Some(ms(61_000)));
    }

    #[test]
    fn a_warm_one_waits_and_takes_over_when_patience_ends() {
        let mut choice = choice(true);
        let both = [Order::Dial(0), Order::Dial(1)];
        assert_eq!(choice.on(ms(0), Event::Dial), both);
        choice.on(ms(1), Event::Line(0, &up()));
        assert_eq!(choice.on(ms(2), Event::Line(1, &up())), []);
        assert_eq!(choice.on(ms(100), Event::Line(0, &lost())), []);
        assert_eq!(
            choice.on(ms(3_100), Event::Tick),
            [Order::Take(1), Order::Dial(2)]
        );
        let alone = [Order::HangUp(0), Order::HangUp(1), Order::HangUp(2)];
        assert_eq!(choice.on(ms(4_000), Event::HangUp), alone);
    }

    #[test]
    fn when_all_are_gone_a_hand_begins_anew_with_the_best() {
        let mut choice = choice(false);
        choice.on(ms(0), Event::Dial);
        for at in 0..3 {
            choice.on(ms(1), Event::Line(at, &refused()));
        }
        assert_eq!(choice.deadline(), None);
        assert_eq!(choice.on(ms(60_000), Event::Dial), [Order::Dial(0)]);
    }

    proptest! {
        /// Whatever happens: nobody is taken who is not there, and no deadline lies in the past.
        #[test]
        fn only_one_that_is_there_is_taken(
            steps in prop::collection::vec((0_u8..9, 0_usize..3, 0_u64..20_000), 0..60),
            warm: bool,
        ) {
            let mut choice = choice(warm);
            let mut now = 0;
            let mut lines = [Line::Closed, Line::Closed, Line::Closed];
            for (what, at, wait) in steps {
                now += wait;
                let line = match what {
                    0 => Some(up()),
                    1 => Some(lost()),
                    2 => Some(given_up()),
                    3 => Some(refused()),
                    4 => Some(Line::Resting { cause: Cause::Intentional }),
                    _ => None,
                };
                let event = match (&line, what) {
                    (Some(line), _) => Event::Line(at, line),
                    (None, 5) => Event::Dial,
                    (None, 6) => Event::HangUp,
                    (None, 7) => Event::Busy(at == 0),
                    (None, _) => Event::Tick,
                };
                if let Event::Line(at, line) = event {
                    lines[at] = line.clone();
                }
                for order in choice.on(ms(now), event) {
                    match order {
                        Order::Take(at) => prop_assert!(matches!(lines[at], Line::Up(_))),
                        Order::Dial(at) => prop_assert!(!matches!(lines[at], Line::Up(_))),
                        Order::HangUp(at) => lines[at] = Line::Closed,
                    }
                }
                if let Some(at) = choice.deadline() {
                    prop_assert!(at > ms(now), "{at:?} at {now}");
                }
            }
        }
    }
}
