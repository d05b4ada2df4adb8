//! The eight states, which may follow which, and the machine that holds the current one.
//!
//! Which named event asks for which state is `core::events`; what a state shows or opens is
//! decided by whoever handles the message that led there.

use super::time::{Moment, Now};
use super::words::Word;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

/// What the assistant is doing for the user right now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    #[default]
    Idle,
    /// A text reply streams in.
    TextSse,
    /// That reply is spoken.
    TextTts,
    /// The microphone is open and speech is recognised.
    VoiceStt,
    /// A reply to speech streams in.
    VoiceSse,
    /// That reply is spoken.
    VoiceTts,
    /// A hands-free call.
    VoiceCall,
    /// A fault waits to be seen.
    Error,
}

impl Mode {
    /// All eight.
    pub const ALL: [Self; 8] = [
        Self::Idle,
        Self::TextSse,
        Self::TextTts,
        Self::VoiceStt,
        Self::VoiceSse,
        Self::VoiceTts,
        Self::VoiceCall,
        Self::Error,
    ];

    /// The name used in files, traces and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::TextSse => "text_sse",
            Self::TextTts => "text_tts",
            Self::VoiceStt => "voice_stt",
            Self::VoiceSse => "voice_sse",
            Self::VoiceTts => "voice_tts",
            Self::VoiceCall => "voice_call",
            Self::Error => "error",
        }
    }

    /// What people are told.
    pub const fn word(self) -> Word {
        match self {
            Self::Idle => Word::StateIdle,
            Self::TextSse => Word::StateTextSse,
            Self::TextTts => Word::StateTextTts,
            Self::VoiceStt => Word::StateVoiceStt,
            Self::VoiceSse => Word::StateVoiceSse,
            Self::VoiceTts => Word::StateVoiceTts,
            Self::VoiceCall => Word::StateVoiceCall,
            Self::Error => Word::StateError,
        }
    }
}

/// No lock lasts longer: whoever took it and forgot it must not hold up the user for good.
pub const LOCK_LIMIT: Duration = Duration::from_mins(5);

/// How many changes of state are remembered.
pub const HISTORY: usize = 100;

/// The states that may follow `from`.
///
/// From idle to error is the one addition to the agreed table: a fault can strike while nothing
/// goes on, and without this step it would be lost.
#[expect(
    clippy::match_same_arms,
    reason = "one row for each state, as the table is written"
)]
pub const fn after(from: Mode) -> &'static [Mode] {
    use Mode::{Error, Idle, TextSse, TextTts, VoiceCall, VoiceSse, VoiceStt, VoiceTts};
    match from {
        Idle => &[TextSse, VoiceStt, VoiceCall, Error],
        TextSse => &[TextTts, Idle, Error],
        TextTts => &[Idle, Error],
        VoiceStt => &[VoiceSse, Idle, Error],
        VoiceSse => &[VoiceTts, Idle, Error],
        VoiceTts => &[Idle, Error],
        VoiceCall => &[Idle, Error],
        Error => &[Idle],
    }
}

/// A change of state that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub from: Mode,
    pub to: Mode,
    pub at: Now,
    /// What brought it about: the name of an event, or a sentence.
    pub cause: String,
}

/// A change of state that was asked for and did not happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the state stays `{from}` and does not become `{to}`: {why}", from = .from.name(), to = .to.name())]
pub struct Refusal {
    pub from: Mode,
    pub to: Mode,
    pub why: Why,
}

/// The reason of a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Somebody holds the state; it is free again at `until` at the latest.
    Locked { reason: String, until: Moment },
    /// There is no state to roll back to: none was left yet, or the last step was undone already.
    NothingBefore,
    /// The table has no such step; `allowed` are those it has.
    NotInTable { allowed: &'static [Mode] },
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locked { reason, until } => write!(
                f,
                "it is locked ({reason}) until {:.1} s after the start",
                until.0.as_secs_f64()
            ),
            Self::NothingBefore => f.write_str("there is no earlier state to return to"),
            Self::NotInTable { allowed } => {
                f.write_str("it may be followed by ")?;
                for (nth, mode) in allowed.iter().enumerate() {
                    let between = match nth {
                        0 => "",
                        _ if nth + 1 == allowed.len() => " or ",
                        _ => ", ",
                    };
                    write!(f, "{between}`{}`", mode.name())?;
                }
                Ok(())
            }
        }
    }
}

/// Who holds the state, and how long at most.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Lock {
    reason: String,
    until: Moment,
}

/// The current state, its lock and its history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Modes {
    current: Mode,
    /// Where a rollback leads. Taken by it, so that a second one does not undo the first.
    previous: Option<Mode>,
    lock: Option<Lock>,
    history: VecDeque<Change>,
}

impl Modes {
    /// The state now.
    pub const fn current(&self) -> Mode {
        self.current
    }

    /// Whether the table has this step; staying where one is is no step.
    pub fn may(from: Mode, to: Mode) -> bool {
        after(from).contains(&to)
    }

    /// The latest changes, oldest first.
    pub const fn history(&self) -> &VecDeque<Change> {
        &self.history
    }

    /// Takes a step of the table and answers with the state it led to.
    ///
    /// A fault must never be hidden: the step to `error` ignores a lock and ends it.
    pub fn enter(&mut self, to: Mode, now: Now, cause: &str) -> Result<Mode, Refusal> {
        let from = self.current;
        if !Self::may(from, to) {
            let allowed = after(from);
            let why = Why::NotInTable { allowed };
            return Err(Refusal { from, to, why });
        }
        if to == Mode::Error {
            self.unlock();
        }
        self.release(now.mono);
        if let Some(Lock { reason, until }) = self.lock.clone() {
            let why = Why::Locked { reason, until };
            return Err(Refusal { from, to, why });
        }
        self.change(to, now, cause);
        Ok(to)
    }

    /// Returns to the state before the last step, if the table has that step too.
    pub fn rollback(&mut self, now: Now, cause: &str) -> Result<Mode, Refusal> {
        let Some(to) = self.previous else {
            return Err(Refusal {
                from: self.current,
                to: self.current,
                why: Why::NothingBefore,
            });
        };
        let entered = self.enter(to, now, cause)?;
        self.previous = None;
        Ok(entered)
    }

    /// Returns to idle from anywhere and ends the lock. Cannot be refused, and still leaves the
    /// table whole: every state may be followed by idle.
    pub fn reset(&mut self, now: Now, cause: &str) {
        self.unlock();
        if self.current != Mode::Idle {
            self.change(Mode::Idle, now, cause);
        }
        self.previous = None;
    }

    /// Holds the state until `unlock`, for [`LOCK_LIMIT`] at most. Locking what is locked gives
    /// it the new reason but no more time, or a lock renewed forever would never end.
    pub fn lock(&mut self, reason: &str, now: Moment) {
        self.release(now);
        let until = self.lock.take().map_or(now + LOCK_LIMIT, |lock| lock.until);
        let reason = reason.to_owned();
        self.lock = Some(Lock { reason, until });
    }

    /// Ends the lock, if there is one.
    pub fn unlock(&mut self) {
        self.lock = None;
    }

    /// Why the state is held, if it is.
    pub fn locked(&self, now: Moment) -> Option<&str> {
        self.holding(now).map(|lock| lock.reason.as_str())
    }

    /// When the lock ends by itself; `None` once it did, so that nobody waits for the past.
    pub fn lock_until(&self, now: Moment) -> Option<Moment> {
        self.holding(now).map(|lock| lock.until)
    }

    fn holding(&self, now: Moment) -> Option<&Lock> {
        self.lock.as_ref().filter(|lock| now < lock.until)
    }

    fn release(&mut self, now: Moment) {
        if self.holding(now).is_none() {
            self.lock = None;
        }
    }

    fn change(&mut self, to: Mode, now: Now, cause: &str) {
        if self.history.len() == HISTORY {
            self.history.pop_front();
        }
        self.history.push_back(Change {
            from: self.current,
            to,
            at: now,
            cause: cause.to_owned(),
        });
        self.previous = Some(self.current);
        self.current = to;
    }
}

#[cfg(test)]
mod tests {
    use super::Mode::{Error, Idle, TextSse, VoiceCall, VoiceSse, VoiceStt, VoiceTts};
    use super::*;
    use crate::core::time::Wall;
    use proptest::prelude::*;

    fn at(ms: u64) -> Now {
        Now {
            mono: Moment::from_ms(ms),
            wall: Wall(1_700_000_000_000 + ms as i64),
        }
    }

    /// A machine in this state, with an empty history.
    fn modes_in(current: Mode) -> Modes {
        Modes {
            current,
            ..Modes::default()
        }
    }

    #[test]
    fn the_table_allows_these_steps_and_no_others() {
        // Rows: from; columns: to, both in the order of `Mode::ALL`.
        let table = [
            // idle  sse    tts    stt    vsse   vtts   call   error
            [false, true, false, true, false, false, true, true],
            [true, false, true, false, false, false, false, true],
            [true, false, false, false, false, false, false, true],
            [true, false, false, false, true, false, false, true],
            [true, false, false, false, false, true, false, true],
            [true, false, false, false, false, false, false, true],
            [true, false, false, false, false, false, false, true],
            [true, false, false, false, false, false, false, false],
        ];
        for (from, row) in Mode::ALL.into_iter().zip(table) {
            for (to, allowed) in Mode::ALL.into_iter().zip(row) {
                assert_eq!(Modes::may(from, to), allowed, "{from:?} to {to:?}");
                let mut modes = modes_in(from);
                let expected = if allowed {
                    Ok(to)
                } else {
                    let allowed = after(from);
                    let why = Why::NotInTable { allowed };
                    Err(Refusal { from, to, why })
                };
                assert_eq!(modes.enter(to, at(5), "test"), expected);
                assert_eq!(modes.current(), if allowed { to } else { from });
                assert_eq!(modes.history().len(), usize::from(allowed));
            }
        }
    }

    #[test]
    fn a_refusal_says_what_was_possible() {
        let mut modes = Modes::default();
        assert_eq!(
            modes
                .enter(VoiceTts, at(0), "x")
                .map_err(|no| no.to_string()),
            Err(
                "the state stays `idle` and does not become `voice_tts`: it may be followed by \
                 `text_sse`, `voice_stt`, `voice_call` or `error`"
                    .to_owned()
            )
        );
        modes.lock("switching the backend", Moment::from_ms(500));
        assert_eq!(
            modes
                .enter(TextSse, at(500), "x")
                .map_err(|no| no.to_string()),
            Err(
                "the state stays `idle` and does not become `text_sse`: it is locked (switching \
                 the backend) until 300.5 s after the start"
                    .to_owned()
            )
        );
        assert_eq!(
            modes.rollback(at(500), "x").map_err(|no| no.to_string()),
            Err(
                "the state stays `idle` and does not become `idle`: there is no earlier state to \
                 return to"
                    .to_owned()
            )
        );
    }

    #[test]
    fn the_history_tells_what_changed_when_and_why() {
        let mut modes = Modes::default();
        modes.enter(TextSse, at(10), "text_start").unwrap();
        modes.enter(Error, at(20), "error_occurred").unwrap();
        modes.reset(at(30), "reset_state");
        modes.reset(at(40), "already there");
        let change = |from, to, ms, cause: &str| Change {
            from,
            to,
            at: at(ms),
            cause: cause.to_owned(),
        };
        assert_eq!(
            Vec::from(modes.history().clone()),
            [
                change(Idle, TextSse, 10, "text_start"),
                change(TextSse, Error, 20, "error_occurred"),
                change(Error, Idle, 30, "reset_state"),
            ]
        );
    }

    #[test]
    fn the_history_keeps_the_latest() {
        let mut modes = Modes::default();
        for n in 0..HISTORY as u64 {
            modes.enter(VoiceCall, at(2 * n), "in").unwrap();
            modes.enter(Idle, at(2 * n + 1), "out").unwrap();
        }
        assert_eq!(modes.history().len(), HISTORY);
        assert_eq!(modes.history().front().unwrap().at, at(HISTORY as u64));
        assert_eq!(
            modes.history().back().unwrap().at,
            at(2 * HISTORY as u64 - 1)
        );
    }

    #[test]
    fn a_lock_holds_until_its_limit_and_then_really_lets_go() {
        let mut modes = Modes::default();
        modes.lock("busy", Moment::from_ms(0));
        let last = at(299_999);
        assert_eq!(modes.locked(last.mono), Some("busy"));
        let until = Moment::from_ms(300_000);
        assert_eq!(modes.lock_until(last.mono), Some(until));
        let refused = modes.enter(TextSse, last, "x").unwrap_err();
        let reason = "busy".to_owned();
        assert_eq!(refused.why, Why::Locked { reason, until });
        assert_eq!(modes.locked(until), None);
        assert_eq!(modes.lock_until(until), None);
        assert_eq!(modes.enter(TextSse, at(300_000), "x"), Ok(TextSse));
    }

    #[test]
    fn locking_again_gives_a_new_reason_but_no_more_time() {
        let mut modes = Modes::default();
        modes.lock("first", Moment::from_ms(0));
        modes.lock("second", Moment::from_ms(200_000));
        let now = Moment::from_ms(200_000);
        assert_eq!(modes.locked(now), Some("second"));
        assert_eq!(modes.lock_until(now), Some(Moment::from_ms(300_000)));
        modes.lock("third", Moment::from_ms(300_000));
        let now = Moment::from_ms(300_000);
        assert_eq!(modes.lock_until(now), Some(Moment::from_ms(600_000)));
    }

    #[test]
    fn a_fault_passes_a_lock_and_ends_it() {
        let mut modes = Modes::default();
        modes.lock("busy", Moment::from_ms(0));
        assert_eq!(modes.enter(Error, at(1), "error_occurred"), Ok(Error));
        assert_eq!(modes.locked(Moment::from_ms(1)), None);
        assert_eq!(modes.enter(Idle, at(2), "seen"), Ok(Idle));
    }

    #[test]
    fn a_refused_fault_leaves_the_lock_alone() {
        let mut modes = modes_in(Error);
        modes.lock("busy", Moment::from_ms(0));
        assert!(modes.enter(Error, at(1), "again").is_err());
        assert_eq!(modes.locked(Moment::from_ms(1)), Some("busy"));
    }

    #[test]
    fn a_rollback_undoes_one_step_where_the_table_has_the_way_back() {
        let mut modes = Modes::default();
        modes.enter(VoiceStt, at(1), "voice_record_start").unwrap();
        assert_eq!(modes.rollback(at(2), "no microphone"), Ok(Idle));
        let refused = modes.rollback(at(3), "again").unwrap_err();
        assert_eq!(refused.why, Why::NothingBefore);

        modes.enter(VoiceStt, at(4), "voice_record_start").unwrap();
        modes.enter(VoiceSse, at(5), "voice_stt_complete").unwrap();
        let refused = modes.rollback(at(6), "no way back").unwrap_err();
        let allowed = after(VoiceSse);
        assert_eq!(
            refused,
            Refusal {
                from: VoiceSse,
                to: VoiceStt,
                why: Why::NotInTable { allowed }
            }
        );
        assert_eq!(modes.current(), VoiceSse);
    }

    #[test]
    fn a_rollback_waits_for_the_lock_and_is_not_used_up_by_a_refusal() {
        let mut modes = Modes::default();
        modes.enter(TextSse, at(1), "text_start").unwrap();
        modes.lock("busy", Moment::from_ms(1));
        assert!(modes.rollback(at(2), "x").is_err());
        modes.unlock();
        assert_eq!(modes.rollback(at(3), "x"), Ok(Idle));
    }

    #[derive(Clone, Debug)]
    enum Step {
        Enter(Mode),
        Rollback,
        Reset,
        Lock,
        Unlock,
        Wait(u64),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            6 => prop::sample::select(&Mode::ALL[..]).prop_map(Step::Enter),
            2 => Just(Step::Rollback),
            1 => Just(Step::Reset),
            2 => Just(Step::Lock),
            1 => Just(Step::Unlock),
            2 => (0..400_000_u64).prop_map(Step::Wait),
        ];
        prop::collection::vec(step, 0..200)
    }

    /// Carries the steps out; answers with the machine and the time at the end.
    fn run(steps: &[Step], mut seen: impl FnMut(Mode, &Step, &Modes, u64)) -> (Modes, u64) {
        let (mut modes, mut clock) = (Modes::default(), 0);
        for step in steps {
            let before = modes.current();
            match step {
                Step::Enter(to) => drop(modes.enter(*to, at(clock), "step")),
                Step::Rollback => drop(modes.rollback(at(clock), "back")),
                Step::Reset => modes.reset(at(clock), "reset"),
                Step::Lock => modes.lock("held", Moment::from_ms(clock)),
                Step::Unlock => modes.unlock(),
                Step::Wait(ms) => clock += ms,
            }
            seen(before, step, &modes, clock);
        }
        (modes, clock)
    }

    proptest! {
        #[test]
        fn no_sequence_of_steps_leaves_the_table(steps in steps()) {
            let mut last = Idle;
            let (modes, _) = run(&steps, |before, step, modes, _| {
                assert_eq!(before, last);
                last = modes.current();
                assert!(last == before || Modes::may(before, last), "{step:?}");
                assert!(modes.history().len() <= HISTORY);
            });
            for change in modes.history() {
                prop_assert!(Modes::may(change.from, change.to));
            }
            for (one, next) in modes.history().iter().zip(modes.history().iter().skip(1)) {
                prop_assert_eq!(one.to, next.from);
            }
        }

        #[test]
        fn a_lock_refuses_nothing_after_its_limit(steps in steps()) {
            let (modes, clock) = run(&steps, |_, _, _, _| {});
            let late = at(clock + 300_000);
            prop_assert_eq!(modes.locked(late.mono), None);
            for to in after(modes.current()) {
                prop_assert_eq!(modes.clone().enter(*to, late, "late"), Ok(*to));
            }
        }

        #[test]
        fn an_unfinished_lock_refuses_everything_but_a_fault(steps in steps()) {
            let (mut modes, clock) = run(&steps, |_, _, _, _| {});
            modes.unlock();
            modes.lock("held", Moment::from_ms(clock));
            for to in after(modes.current()) {
                let entered = modes.clone().enter(*to, at(clock + 299_999), "early");
                prop_assert_eq!(entered.is_ok(), *to == Error);
            }
        }

        #[test]
        fn a_reset_always_ends_idle_and_free(steps in steps()) {
            let (mut modes, clock) = run(&steps, |_, _, _, _| {});
            modes.reset(at(clock), "reset");
            prop_assert_eq!(modes.current(), Idle);
            prop_assert_eq!(modes.locked(Moment::from_ms(clock)), None);
        }

        #[test]
        fn a_rollback_only_ever_returns_to_the_state_just_left(steps in steps()) {
            let mut left = None;
            run(&steps, |before, step, modes, _| {
                let after = modes.current();
                match step {
                    Step::Rollback if after != before => {
                        assert_eq!(Some(after), left);
                        left = None;
                    }
                    Step::Reset => left = None,
                    Step::Enter(_) if after != before => left = Some(before),
                    _ => assert_eq!(after, before),
                }
            });
        }
    }
}
