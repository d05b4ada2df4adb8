//! Lends a backend that only reads and writes the ears and the voice of another one.
//!
//! To the rest of the program it is one backend that hears and speaks: its recordings are heard by
//! the helper, and what it writes is read out by the helper while it is still written.

mod reading;

use super::Clock;
use super::connect::Target;
use super::drive;
use super::ends::{CLIPS, Ends, next_clip};
use super::settings::LinkSettings;
use crate::core::backend::{Down, Engine, Greeting, LENT, Up};
use crate::core::ids::{Epoch, TurnId};
use crate::core::line::{Line, LinkEvent, LinkOrder};
use crate::core::sound::{ClipPart, Speech};
use crate::wire::Dialect;
use reading::{Reading, Step};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use tokio::sync::mpsc;

/// So many orders and events may wait between a line and us.
const ROOM: usize = 64;

/// The backend that lends its ears and its voice.
pub struct Helper {
    pub target: Target,
    pub dialect: Box<dyn Dialect>,
    pub settings: LinkSettings,
}

/// Puts the helper between the program, whose lanes end here, and a line, which gets those that
/// come back. It is dialed when the backend at the line says that it does not hear or speak.
pub fn between(ends: Ends, helper: Helper, clock: Clock) -> Ends {
    let (main, theirs) = lanes(Arc::clone(&ends.speech));
    let (spoken, speech) = mpsc::unbounded_channel();
    let speak = move |speech| {
        // Nobody listens any more when the program ends.
        let _ = spoken.send(speech);
    };
    let (aside, its) = lanes(Arc::new(speak));
    drive::spawn(helper.target, helper.dialect, helper.settings, its, clock);
    let lender = Lender {
        main,
        aside,
        speech,
        epoch: Epoch::default(),
        held: None,
        greeting: None,
        given_up: false,
        ears: false,
        voice: false,
        readings: HashMap::new(),
        backlog: VecDeque::new(),
    };
    tokio::spawn(lender.run(ends));
    theirs
}

/// Our side of a line.
struct Side {
    orders: mpsc::Sender<LinkOrder>,
    events: mpsc::Receiver<LinkEvent>,
    clips: mpsc::Sender<ClipPart>,
}

fn lanes(speech: super::Play) -> (Side, Ends) {
    let (orders, taken) = mpsc::channel(ROOM);
    let (told, events) = mpsc::channel(ROOM);
    let (clips, pieces) = mpsc::channel(CLIPS);
    let side = Side {
        orders,
        events,
        clips,
    };
    let ends = Ends {
        orders: taken,
        events: told,
        clips: pieces,
        speech,
    };
    (side, ends)
}

struct Lender {
    main: Side,
    aside: Side,
    /// What the helper speaks.
    speech: mpsc::UnboundedReceiver<Speech>,
    /// The life of the line to the backend.
    epoch: Epoch,
    /// Its greeting, until the helper's is known.
    held: Option<Greeting>,
    greeting: Option<Greeting>,
    /// The helper cannot be had.
    given_up: bool,
    /// What is lent.
    ears: bool,
    voice: bool,
    /// What is read out, or will be.
    readings: HashMap<TurnId, Reading>,
    /// What the program has not taken yet.
    backlog: VecDeque<LinkEvent>,
}

impl Lender {
    async fn run(mut self, ends: Ends) {
        let Ends {
            mut orders,
            events,
            speech,
            clips,
        } = ends;
        let (mut clips, mut waiting) = (Some(clips), None::<ClipPart>);
        loop {
            let full = self.backlog.len() >= ROOM;
            let side = if self.ears { &self.aside } else { &self.main };
            let lane = side.clips.clone();
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
                said = self.speech.recv() => if let Some(said) = said {
                    self.said(said, &speech).await;
                },
                part = next_clip(&mut clips), if waiting.is_none() => waiting = Some(part),
                slot = lane.reserve(), if waiting.is_some() => {
                    if let (Ok(slot), Some(part)) = (slot, waiting.take()) {
                        slot.send(part);
                    }
                }
                event = self.aside.events.recv(), if !full && !self.given_up => match event {
                    Some(event) => self.aside(event),
                    None => self.give_up(),
                },
                event = self.main.events.recv(), if !full && self.held.is_none() => match event {
                    Some(event) => self.told(event, &speech).await,
                    None => break,
                },
            }
        }
    }

    async fn order(&mut self, order: LinkOrder) {
        let order = match order {
            LinkOrder::Say(Up::Read { .. }) if self.voice => {
                if let LinkOrder::Say(Up::Read { turn, .. }) = &order {
                    self.readings.insert(*turn, Reading::whole());
                }
                return give(&self.aside, order).await;
            }
            LinkOrder::Say(Up::Say(mut say)) => {
                if let Some(voice) = say.voice.take_if(|_voice| self.voice) {
                    let reading = Reading::new(say.conversation, voice);
                    self.readings.insert(say.turn, reading);
                }
                LinkOrder::Say(Up::Say(say))
            }
            LinkOrder::Say(Up::Interrupt { turn, .. }) => {
                self.readings.remove(&turn);
                if self.ears || self.voice {
                    give(&self.aside, order.clone()).await;
                }
                order
            }
            other => other,
        };
        give(&self.main, order).await;
    }

    /// The helper has spoken something.
    async fn said(&mut self, said: Speech, speech: &super::Play) {
        let turn = match &said {
            Speech::Words { turn, .. } | Speech::More { turn, .. } | Speech::End { turn } => *turn,
        };
        let Some(reading) = self.readings.get_mut(&turn) else {
            return;
        };
        if let Speech::End { .. } = said {
            let step = reading.read(turn);
            self.step(turn, step, speech).await;
        } else {
            speech(said);
        }
    }

    async fn step(&mut self, turn: TurnId, step: Step, speech: &super::Play) {
        match step {
            Step::Nothing => {}
            Step::Read(up) => give(&self.aside, LinkOrder::Say(*up)).await,
            Step::End => {
                self.readings.remove(&turn);
                speech(Speech::End { turn });
            }
        }
    }

    /// The backend has said something.
    async fn told(&mut self, event: LinkEvent, speech: &super::Play) {
        match &event {
            LinkEvent::Line { epoch, line } => {
                self.epoch = *epoch;
                if !matches!(line, Line::Up(_)) {
                    (self.ears, self.voice) = (false, false);
                    // What was written is read to its end.
                    self.write(None, None, true, speech).await;
                }
            }
            LinkEvent::Heard { down, .. } => match down {
                Down::Greeting(greeting)
                    if lacks(greeting.ears.as_ref()) || lacks(greeting.voice.as_ref()) =>
                {
                    self.held = Some(greeting.clone());
                    if self.greeting.is_none() && !self.given_up {
                        return give(&self.aside, LinkOrder::Dial).await;
                    }
                    return self.lend();
                }
                Down::Text { turn, more } => {
                    let more = Some(more.clone());
                    self.write(*turn, more, false, speech).await;
                }
                Down::Done { turn, full, .. } => {
                    self.write(*turn, full.clone(), true, speech).await;
                }
                Down::Trouble {
                    turn: turn @ Some(_),
                    ..
                }
                | Down::Interrupted { turn } => {
                    self.write(*turn, None, true, speech).await;
                }
                Down::Greeting(_) => (self.ears, self.voice) = (false, false),
                _ => {}
            },
            LinkEvent::Unsent { .. } | LinkEvent::Unheard { .. } | LinkEvent::Elsewhere { .. } => {}
        }
        self.backlog.push_back(event);
    }

    /// More is written, of this turn or of the only one, or of all; `over`: no more is.
    async fn write(
        &mut self,
        turn: Option<TurnId>,
        text: Option<String>,
        over: bool,
        speech: &super::Play,
    ) {
        let about: Vec<TurnId> = match turn {
            Some(turn) => vec![turn],
            None => self.readings.keys().copied().collect(),
        };
        for turn in about {
            let Some(reading) = self.readings.get_mut(&turn) else {
                continue;
            };
            let step = reading.write(turn, text.as_deref(), over);
            self.step(turn, step, speech).await;
        }
    }

    /// The helper has said something.
    fn aside(&mut self, event: LinkEvent) {
        let epoch = self.epoch;
        match event {
            LinkEvent::Heard { down, .. } => match down {
                Down::Greeting(greeting) => {
                    self.greeting = Some(greeting);
                    self.lend();
                }
                Down::Hearing { .. }
                | Down::Partial { .. }
                | Down::Transcript { .. }
                | Down::Trouble { turn: Some(_), .. } => {
                    self.backlog.push_back(LinkEvent::Heard { epoch, down });
                }
                _ => {}
            },
            LinkEvent::Unheard { turn, .. } => {
                self.backlog.push_back(LinkEvent::Unheard { epoch, turn });
            }
            LinkEvent::Line {
                line: Line::Refused { .. } | Line::GivenUp { .. },
                ..
            } => self.give_up(),
            _ => {}
        }
    }

    fn give_up(&mut self) {
        self.given_up = true;
        self.lend();
    }

    /// Greets in the name of both.
    fn lend(&mut self) {
        let Some(mut greeting) = self.held.take() else {
            return;
        };
        if let Some(helper) = &self.greeting {
            let able = |engine: &Option<Engine>| {
                engine
                    .as_ref()
                    .is_some_and(|engine| !engine.name.is_empty())
            };
            self.ears = lacks(greeting.ears.as_ref()) && able(&helper.ears);
            self.voice = lacks(greeting.voice.as_ref()) && able(&helper.voice);
            // Where neither can, the helper says what to do about it here.
            if lacks(greeting.ears.as_ref()) {
                greeting.ears.clone_from(&helper.ears);
            }
            if lacks(greeting.voice.as_ref()) {
                greeting.voice.clone_from(&helper.voice);
            }
            let can = &mut greeting.capabilities;
            if self.ears {
                can.retain(|can| can != "live_clips" && can != "turns");
                can.extend(
                    (helper.capabilities.iter())
                        .filter(|can| *can == "live_clips")
                        .cloned(),
                );
            }
            if self.ears || self.voice {
                can.push(LENT.to_owned());
            }
        }
        let down = Down::Greeting(greeting);
        let epoch = self.epoch;
        self.backlog.push_back(LinkEvent::Heard { epoch, down });
    }
}

/// There are none, and the backend says so.
fn lacks(engine: Option<&Engine>) -> bool {
    engine.is_some_and(|engine| engine.name.is_empty())
}

async fn give(side: &Side, order: LinkOrder) {
    // A line that broke takes no orders; its last words said so.
    let _ = side.orders.send(order).await;
}

#[cfg(test)]
mod tests;
