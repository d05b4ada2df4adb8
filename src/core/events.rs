//! The eleven named events, what the user does beside them, and the one queue both wait in.
//!
//! What an event asks of the state is [`EventName::target`]; whether the state may change that
//! way is for `core::mode` to say.

use super::action::Action;
use super::mode::Mode;
use super::time::Moment;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;

macro_rules! events {
    ($($name:ident $text:literal $scenario:ident;)*) => {
        /// Something that moves the state, by its agreed name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum EventName { $($name,)* }

        impl EventName {
            /// All eleven.
            pub const ALL: [Self; 11] = [$(Self::$name,)*];

            /// The name used in traces, logs and scripts.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Which part of the program's life it belongs to.
            pub const fn scenario(self) -> Scenario {
                match self { $(Self::$name => Scenario::$scenario,)* }
            }
        }
    };
}

events! {
    TextStart "text_start" Text;
    TextSseComplete "text_sse_complete" Text;
    TextTtsComplete "text_tts_complete" Text;
    VoiceRecordStart "voice_record_start" Voice;
    VoiceSttComplete "voice_stt_complete" Voice;
    VoiceSseComplete "voice_sse_complete" Voice;
    VoiceTtsComplete "voice_tts_complete" Voice;
    VoiceCallStart "voice_call_start" Call;
    VoiceCallEnd "voice_call_end" Call;
    ErrorOccurred "error_occurred" System;
    ResetState "reset_state" System;
}

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scenario {
    Text,
    Voice,
    Call,
    System,
}

/// What overtakes what: the later in this list, the sooner it is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    Text,
    Voice,
    Call,
    System,
    /// What the user did, in the order in which it was done.
    User,
    /// An interrupt or a mute. These overtake even what the user did before: being silent too
    /// early costs a repetition, being silent too late means to be talked over or overheard.
    Now,
}

impl Priority {
    const COUNT: usize = Self::Now as usize + 1;
}

impl EventName {
    /// How soon it is heard when the program itself reports it.
    pub const fn priority(self) -> Priority {
        match self.scenario() {
            Scenario::Text => Priority::Text,
            Scenario::Voice => Priority::Voice,
            Scenario::Call => Priority::Call,
            Scenario::System => Priority::System,
        }
    }

    /// The state this event leads to; `speak` says whether replies are read aloud.
    ///
    /// `None` where nothing is left to do: it ends a state that is not the current one (its
    /// answer came too late), or its state is reached already. Events that start something
    /// always name their state, so that starting at the wrong time is refused aloud by the
    /// table and not dropped here.
    pub fn target(self, from: Mode, speak: bool) -> Option<Mode> {
        let spoken = |mode| if speak { mode } else { Mode::Idle };
        let (ends, target) = match self {
            Self::TextStart => return Some(Mode::TextSse),
            Self::VoiceRecordStart => return Some(Mode::VoiceStt),
            Self::VoiceCallStart => return Some(Mode::VoiceCall),
            Self::ErrorOccurred => return Some(Mode::Error).filter(|error| from != *error),
            Self::ResetState => return Some(Mode::Idle).filter(|idle| from != *idle),
            Self::TextSseComplete => (Mode::TextSse, spoken(Mode::TextTts)),
            Self::TextTtsComplete => (Mode::TextTts, Mode::Idle),
            Self::VoiceSttComplete => (Mode::VoiceStt, Mode::VoiceSse),
            Self::VoiceSseComplete => (Mode::VoiceSse, spoken(Mode::VoiceTts)),
            Self::VoiceTtsComplete => (Mode::VoiceTts, Mode::Idle),
            Self::VoiceCallEnd => (Mode::VoiceCall, Mode::Idle),
        };
        (from == ends).then_some(target)
    }
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No event has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no event is called `{name}`")]
pub struct NotAnEvent {
    pub name: String,
}

impl FromStr for EventName {
    type Err = NotAnEvent;

    fn from_str(text: &str) -> Result<Self, NotAnEvent> {
        Self::ALL
            .into_iter()
            .find(|event| event.name() == text)
            .ok_or_else(|| NotAnEvent {
                name: text.to_owned(),
            })
    }
}

/// Something the user did. Never dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserSignal {
    /// Stop what is being said or written.
    Interrupt,
    /// Close the microphone, or open it again.
    Mute(bool),
    /// One of the eleven, because the user asked for it: a recording, a call, its end, a reset.
    Ask(EventName),
    /// Anything else there is a key or a command for.
    Act(Action),
}

/// What happened, and by whom: the difference between what may be dropped and what may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    User(UserSignal),
    /// The program reports it.
    Event(EventName),
}

impl Signal {
    /// How soon it is heard.
    pub const fn priority(&self) -> Priority {
        match self {
            Self::User(UserSignal::Interrupt | UserSignal::Mute(_)) => Priority::Now,
            Self::User(UserSignal::Ask(_) | UserSignal::Act(_)) => Priority::User,
            Self::Event(name) => name.priority(),
        }
    }

    /// The named event in it, whoever caused it.
    pub const fn event(&self) -> Option<EventName> {
        match self {
            Self::User(UserSignal::Ask(name)) | Self::Event(name) => Some(*name),
            Self::User(UserSignal::Interrupt | UserSignal::Mute(_) | UserSignal::Act(_)) => None,
        }
    }
}

/// A signal, when it was given and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub signal: Signal,
    pub at: Moment,
    pub cause: String,
}

/// How many events may wait.
pub const CAPACITY: usize = 1000;

/// What became of an event that was put into the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a lost event belongs in the log"]
pub enum Pushed {
    /// It waits.
    Kept,
    /// It waits, and this one had to go for it.
    Displaced(Event),
    /// It is itself the one that had to go.
    Refused(Event),
}

/// Events that wait: the highest priority leaves first, and within one priority the oldest.
///
/// A full queue drops the newest event of the lowest priority, the one that wants to enter
/// included. What the user did is never dropped: should [`CAPACITY`] user signals wait, more of
/// them still enter, and nothing else does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// One line for each priority, the lowest first.
    lines: [VecDeque<Event>; Priority::COUNT],
}

impl Queue {
    /// How many wait.
    pub fn len(&self) -> usize {
        self.lines.iter().map(VecDeque::len).sum()
    }

    /// Nothing waits.
    pub fn is_empty(&self) -> bool {
        self.lines.iter().all(VecDeque::is_empty)
    }

    /// Puts an event into its line.
    pub fn push(&mut self, event: Event) -> Pushed {
        let priority = event.signal.priority();
        if self.len() < CAPACITY {
            self.line(priority).push_back(event);
            return Pushed::Kept;
        }
        let below = priority.min(Priority::User) as usize;
        let displaced = self
            .lines
            .iter_mut()
            .take(below)
            .find_map(VecDeque::pop_back);
        if displaced.is_none() && priority < Priority::User {
            return Pushed::Refused(event);
        }
        self.line(priority).push_back(event);
        displaced.map_or(Pushed::Kept, Pushed::Displaced)
    }

    /// Takes out the event to be heard next.
    pub fn pop(&mut self) -> Option<Event> {
        self.lines.iter_mut().rev().find_map(VecDeque::pop_front)
    }

    fn line(&mut self, priority: Priority) -> &mut VecDeque<Event> {
        &mut self.lines[priority as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::action::Plain;
    use crate::core::mode::Modes;
    use proptest::prelude::*;

    fn interrupt() -> Signal {
        Signal::User(UserSignal::Interrupt)
    }

    fn mute(on: bool) -> Signal {
        Signal::User(UserSignal::Mute(on))
    }

    fn ask(name: EventName) -> Signal {
        Signal::User(UserSignal::Ask(name))
    }

    fn act(plain: Plain) -> Signal {
        Signal::User(UserSignal::Act(plain.into()))
    }

    /// An event; `nth` tells it from the others.
    fn event(signal: Signal, nth: usize) -> Event {
        Event {
            signal,
            at: Moment::from_ms(nth as u64),
            cause: "test".to_owned(),
        }
    }

    fn full_of(signal: &Signal) -> Queue {
        let mut queue = Queue::default();
        for nth in 0..CAPACITY {
            assert_eq!(queue.push(event(signal.clone(), nth)), Pushed::Kept);
        }
        queue
    }

    #[test]
    fn every_event_survives_its_text_form_and_its_json() {
        for name in EventName::ALL {
            assert_eq!(name.to_string().parse(), Ok(name));
            let json = serde_json::to_value(name).unwrap();
            assert_eq!(json, name.name());
            assert_eq!(serde_json::from_value::<EventName>(json).unwrap(), name);
        }
        assert_eq!(
            "text_end".parse::<EventName>().map_err(|no| no.to_string()),
            Err("no event is called `text_end`".to_owned())
        );
    }

    #[test]
    fn every_event_leads_where_it_was_agreed_to() {
        use EventName as E;
        use Mode::{Error, Idle, TextSse, TextTts, VoiceCall, VoiceSse, VoiceStt, VoiceTts};
        for (name, from, silent, spoken) in [
            (E::TextStart, Idle, TextSse, TextSse),
            (E::TextSseComplete, TextSse, Idle, TextTts),
            (E::TextTtsComplete, TextTts, Idle, Idle),
            (E::VoiceRecordStart, Idle, VoiceStt, VoiceStt),
            (E::VoiceSttComplete, VoiceStt, VoiceSse, VoiceSse),
            (E::VoiceSseComplete, VoiceSse, Idle, VoiceTts),
            (E::VoiceTtsComplete, VoiceTts, Idle, Idle),
            (E::VoiceCallStart, Idle, VoiceCall, VoiceCall),
            (E::VoiceCallEnd, VoiceCall, Idle, Idle),
            (E::ErrorOccurred, VoiceCall, Error, Error),
            (E::ErrorOccurred, Idle, Error, Error),
            (E::ResetState, Error, Idle, Idle),
        ] {
            assert_eq!(name.target(from, false), Some(silent), "{name}");
            assert_eq!(name.target(from, true), Some(spoken), "{name}");
        }
    }

    #[test]
    fn an_event_that_comes_too_late_leads_nowhere() {
        use EventName as E;
        for (name, from) in [
            (E::TextSseComplete, Mode::Idle),
            (E::TextSseComplete, Mode::VoiceSse),
            (E::VoiceSseComplete, Mode::TextSse),
            (E::VoiceTtsComplete, Mode::VoiceStt),
            (E::VoiceCallEnd, Mode::Error),
            (E::ErrorOccurred, Mode::Error),
            (E::ResetState, Mode::Idle),
        ] {
            assert_eq!(name.target(from, true), None, "{name} in {from:?}");
        }
    }

    #[test]
    fn no_event_but_a_start_asks_for_a_step_outside_the_table() {
        for name in EventName::ALL {
            let starts = matches!(
                name,
                EventName::TextStart | EventName::VoiceRecordStart | EventName::VoiceCallStart
            );
            for from in Mode::ALL {
                for speak in [false, true] {
                    match name.target(from, speak) {
                        Some(to) => assert!(starts || Modes::may(from, to), "{name} {from:?}"),
                        None => assert!(!starts, "{name} {from:?}"),
                    }
                }
            }
        }
    }

    #[test]
    fn an_interrupt_overtakes_everything_and_the_rest_follows_by_priority() {
        let signals = [
            Signal::Event(EventName::TextSseComplete),
            act(Plain::Send),
            Signal::Event(EventName::VoiceCallEnd),
            Signal::Event(EventName::VoiceSttComplete),
            Signal::Event(EventName::ErrorOccurred),
            mute(true),
            Signal::Event(EventName::TextStart),
            ask(EventName::TextStart),
            interrupt(),
            mute(false),
            Signal::Event(EventName::ResetState),
        ];
        let mut queue = Queue::default();
        for (nth, signal) in signals.into_iter().enumerate() {
            assert_eq!(queue.push(event(signal, nth)), Pushed::Kept);
        }
        let heard: Vec<_> = std::iter::from_fn(|| queue.pop())
            .map(|event| event.signal)
            .collect();
        assert_eq!(
            heard,
            [
                mute(true),
                interrupt(),
                mute(false),
                act(Plain::Send),
                ask(EventName::TextStart),
                Signal::Event(EventName::ErrorOccurred),
                Signal::Event(EventName::ResetState),
                Signal::Event(EventName::VoiceCallEnd),
                Signal::Event(EventName::VoiceSttComplete),
                Signal::Event(EventName::TextSseComplete),
                Signal::Event(EventName::TextStart),
            ]
        );
    }

    #[test]
    fn a_full_queue_drops_the_newest_of_the_lowest_priority() {
        let text = Signal::Event(EventName::TextSseComplete);
        let voice = Signal::Event(EventName::VoiceSttComplete);
        let newest = CAPACITY - 1;

        let mut queue = full_of(&text);
        let late = event(text.clone(), CAPACITY);
        assert_eq!(queue.push(late.clone()), Pushed::Refused(late));
        assert_eq!(
            queue.push(event(voice.clone(), CAPACITY)),
            Pushed::Displaced(event(text.clone(), newest))
        );
        assert_eq!(
            queue.push(event(interrupt(), CAPACITY)),
            Pushed::Displaced(event(text.clone(), newest - 1))
        );
        assert_eq!(queue.len(), CAPACITY);

        let mut queue = full_of(&voice);
        let late = event(text, CAPACITY);
        assert_eq!(queue.push(late.clone()), Pushed::Refused(late));
    }

    #[test]
    fn a_queue_full_of_user_signals_takes_more_of_them_and_nothing_else() {
        let mut queue = full_of(&act(Plain::Send));
        assert_eq!(queue.push(event(mute(true), CAPACITY)), Pushed::Kept);
        assert_eq!(queue.push(event(act(Plain::Quit), CAPACITY)), Pushed::Kept);
        let fault = event(Signal::Event(EventName::ErrorOccurred), CAPACITY);
        assert_eq!(queue.push(fault.clone()), Pushed::Refused(fault));
        assert_eq!(queue.len(), CAPACITY + 2);
        assert_eq!(queue.pop(), Some(event(mute(true), CAPACITY)));
    }

    fn signals() -> impl Strategy<Value = Signal> {
        prop_oneof![
            4 => prop::sample::select(&EventName::ALL[..]).prop_map(Signal::Event),
            1 => Just(interrupt()),
            1 => any::<bool>().prop_map(mute),
            1 => prop::sample::select(&EventName::ALL[..]).prop_map(ask),
            1 => prop::sample::select(Plain::ALL).prop_map(act),
        ]
    }

    /// Runs of one signal, long enough to fill the queue, and takes of one or many between them.
    fn steps() -> impl Strategy<Value = Vec<Option<Signal>>> {
        let run = prop_oneof![
            5 => (prop::option::weighted(0.9, signals()), 0..400_usize),
            5 => (signals().prop_map(Some), 0..3_usize),
        ];
        prop::collection::vec(run, 0..24).prop_map(|runs| {
            runs.into_iter()
                .flat_map(|(step, times)| std::iter::repeat_n(step, times))
                .collect()
        })
    }

    fn by_user(event: &Event) -> bool {
        matches!(event.signal, Signal::User(_))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_the_user_did_is_never_lost_and_nothing_vanishes(steps in steps()) {
            let mut queue = Queue::default();
            let (mut given, mut taken, mut dropped) = (vec![], vec![], vec![]);
            for (nth, step) in steps.into_iter().enumerate() {
                match step {
                    None => taken.extend(queue.pop()),
                    Some(signal) => {
                        let event = event(signal, nth);
                        given.push(event.clone());
                        match queue.push(event) {
                            Pushed::Kept => {}
                            Pushed::Displaced(lost) | Pushed::Refused(lost) => dropped.push(lost),
                        }
                    }
                }
                let waiting = queue.len();
                let users: usize = queue.lines.iter().flatten().filter(|e| by_user(e)).count();
                prop_assert!(waiting <= CAPACITY || waiting == users);
            }
            prop_assert!(!dropped.iter().any(by_user));
            taken.extend(std::iter::from_fn(|| queue.pop()));
            prop_assert!(queue.is_empty());
            let mut ends = [taken, dropped].concat();
            ends.sort_by_key(|event| event.at);
            prop_assert_eq!(ends, given);
        }

        #[test]
        fn events_leave_by_priority_and_then_by_age(steps in steps()) {
            let mut queue = Queue::default();
            for (nth, signal) in steps.into_iter().flatten().enumerate() {
                let (Pushed::Kept | Pushed::Displaced(_) | Pushed::Refused(_)) =
                    queue.push(event(signal, nth));
            }
            let left: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
            let mut sorted = left.clone();
            sorted.sort_by_key(|event| (std::cmp::Reverse(event.signal.priority()), event.at));
            prop_assert_eq!(left, sorted);
        }
    }
}
