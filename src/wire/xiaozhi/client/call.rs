//! A call whose turns the server cuts: all that is heard goes there, and what was said last has
//! the name that the program gave to it.

use super::super::exchange::{Exchange, Stage};
use super::super::frames::Listen;
use super::Xiaozhi;
use crate::core::backend::Down;
use crate::core::ids::TurnId;
use crate::core::sound::ClipPart;
use crate::core::time::Moment;
use crate::wire::{Out, Place};
use std::collections::VecDeque;
use std::time::Duration;

/// So much that was said waits for a name.
const FEW: usize = 8;
/// A server that was told to stop says that it has within this.
const STOPS: Duration = Duration::from_secs(3);

/// How a server listens in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// It hears nothing while it answers, and is asked anew each time to listen.
    Auto,
    /// It hears always.
    Realtime,
}

impl Mode {
    /// What the user leaves to the server.
    pub(super) fn of(place: &Place) -> Option<Self> {
        match place.more.get("turn_detection").map(String::as_str) {
            Some("alternate") => Some(Self::Auto),
            Some("server") => Some(Self::Realtime),
            _ => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Realtime => "realtime",
        }
    }
}

/// A call that goes on.
#[derive(Debug)]
pub(super) struct Call {
    mode: Mode,
    /// What its sound is called.
    sound: TurnId,
    /// The name of what is said next, as long as nothing has it.
    next: Option<TurnId>,
    /// What was said before there was a name for it.
    unnamed: VecDeque<String>,
    /// What was told last.
    last: String,
    /// The server answers, and hears nothing if it does so by turns.
    answers: bool,
    /// It was told to stop, and should have until then.
    stops: Option<Moment>,
}

impl Call {
    pub(super) fn deadline(&self) -> Option<Moment> {
        self.stops
    }

    /// The server begins to answer.
    pub(super) fn answers(&mut self) {
        (self.answers, self.stops) = (true, None);
    }

    /// The server was told to stop.
    pub(super) fn aborted(&mut self, now: Moment) {
        if self.answers {
            self.stops = Some(now + STOPS);
        }
    }

    fn is_deaf(&self) -> bool {
        self.mode == Mode::Auto && self.answers
    }
}

impl Xiaozhi {
    /// What is heard in a call whose turns the server cuts; `false` if this is of none.
    pub(super) fn heard_in_call(&mut self, part: &ClipPart, now: Moment, out: &mut Out) -> bool {
        match (part, &mut self.call, self.mode) {
            (ClipPart::Open(hear), _, Some(mode)) => {
                self.break_off(now, out);
                self.call = Some(Call {
                    mode,
                    sound: hear.turn,
                    next: Some(hear.turn),
                    unnamed: VecDeque::new(),
                    last: String::new(),
                    answers: false,
                    stops: None,
                });
                self.listens(mode.name(), now, out);
                true
            }
            (ClipPart::More { turn, samples }, Some(call), _) if call.sound == *turn => {
                if !call.is_deaf() {
                    self.microphone.add(samples, now, &mut out.frames);
                }
                true
            }
            (ClipPart::End { turn } | ClipPart::Broken { turn }, Some(call), _)
                if call.sound == *turn =>
            {
                self.call = None;
                // The server forgets what it has heard, and finds nothing in what follows.
                self.listens("manual", now, out);
                let stop = self.listen(Listen::Stop);
                self.microphone.say(stop, now, &mut out.frames);
                true
            }
            _ => false,
        }
    }

    fn listens(&mut self, mode: &'static str, now: Moment, out: &mut Out) {
        self.microphone.clear();
        let start = self.listen(Listen::Start { mode });
        self.microphone.say(start, now, &mut out.frames);
    }

    /// The server has answered, or does not say so: it listens again when it is told to.
    pub(super) fn listens_again(&mut self, now: Moment, out: &mut Out) {
        let Some(call) = &mut self.call else {
            return;
        };
        call.stops = None;
        if std::mem::take(&mut call.answers) && call.mode == Mode::Auto {
            let mode = call.mode.name();
            self.listens(mode, now, out);
        }
    }

    /// Time has passed.
    pub(super) fn due_in_call(&mut self, now: Moment, out: &mut Out) {
        let late = |call: &Call| call.stops.is_some_and(|until| until <= now);
        if self.call.as_ref().is_some_and(late) {
            self.listens_again(now, out);
        }
    }

    /// What is said next in a call has this name.
    pub(super) fn attend(&mut self, turn: TurnId, now: Moment, out: &mut Out) {
        let Some(call) = &mut self.call else {
            return;
        };
        call.next = Some(turn);
        if let Some(text) = call.unnamed.pop_front() {
            self.told(text, now, out);
        }
    }

    /// Whether these words are what somebody has said in a call, and not what the server says once
    /// more of it, or of what was typed.
    pub(super) fn is_said_in_call(&self, text: &str) -> bool {
        let Some(call) = &self.call else {
            return false;
        };
        let awaited = |of: &Exchange| match of.stage {
            Stage::Asked | Stage::Unheard(_) => true,
            Stage::Answering => !of.began && call.last == text,
            Stage::Recording | Stage::Over => false,
        };
        !text.is_empty() && !self.exchange.as_ref().is_some_and(awaited)
    }

    /// Somebody has said this in a call, and the server will answer it.
    pub(super) fn told(&mut self, text: String, now: Moment, out: &mut Out) {
        let Some(call) = &mut self.call else {
            return;
        };
        let Some(turn) = call.next.take() else {
            if call.unnamed.len() < FEW {
                call.unnamed.push_back(text);
            }
            return;
        };
        call.last.clone_from(&text);
        // It does not go on with what it answered before.
        let claimed = |of: &&mut Exchange| of.stage == Stage::Answering && of.is_claimed();
        if let Some(before) = self.exchange.as_mut().filter(claimed) {
            before.end(&mut out.downs);
        }
        self.exchange = Some(Exchange::heard(turn, now));
        let turn = Some(turn);
        out.downs.push(Down::Hearing { turn });
        out.downs.push(Down::Transcript { turn, text });
    }
}
