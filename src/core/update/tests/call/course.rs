//! What never happens in a call, whatever else does.

use super::super::super::super::call::is_murmur;
use super::*;
use std::collections::HashSet;

/// What may happen in a call.
#[derive(Clone, Copy, Debug)]
enum Step {
    Begin,
    Patience(bool),
    End(bool),
    Words(usize),
    Unheard,
    Misheard,
    Answer,
    Sounding,
    Spoken,
    Fail,
    Lost,
    Up,
    Mute,
    Hold,
    Lift(bool),
    Esc,
    Type,
    Pause,
    Broken,
    Wait,
}

const SAYINGS: [&str; 8] = [
    "what is tea",
    "mm",
    "stop",
    "wait",
    "louder",
    "tea is a fine old drink",
    "and then",
    "repeat",
];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => Just(Step::Begin),
        1 => any::<bool>().prop_map(Step::Patience),
        6 => prop::bool::weighted(0.8).prop_map(Step::End),
        6 => (0..SAYINGS.len()).prop_map(Step::Words),
        1 => Just(Step::Unheard),
        1 => Just(Step::Misheard),
        3 => Just(Step::Answer),
        2 => Just(Step::Sounding),
        2 => Just(Step::Spoken),
        1 => Just(Step::Fail),
        1 => Just(Step::Lost),
        2 => Just(Step::Up),
        1 => Just(Step::Mute),
        1 => Just(Step::Hold),
        1 => any::<bool>().prop_map(Step::Lift),
        1 => Just(Step::Esc),
        1 => Just(Step::Type),
        1 => Just(Step::Pause),
        1 => Just(Step::Broken),
        1 => Just(Step::Wait),
    ];
    prop::collection::vec(step, 1..80)
}

/// A call, and what the world around it knows.
struct Course {
    model: Model,
    ms: u64,
    /// The recording that the microphone makes.
    making: Option<TurnId>,
    /// The one that it finishes, because it was closed meanwhile.
    ending: Option<TurnId>,
    closed: bool,
    talking: bool,
    /// Recordings with words in them that were made.
    made: Vec<TurnId>,
    /// Those that the backend is to recognise.
    sent: Vec<TurnId>,
    /// Those that turned out to be no turn of the user's.
    idle: HashSet<TurnId>,
}

impl Course {
    fn tell(&mut self, msg: Msg) {
        self.ms += 70;
        let effects = update(&mut self.model, at(self.ms), msg);
        for effect in effects {
            match effect {
                Effect::Sound(SoundOrder::Attend { clip }) => {
                    assert!(
                        self.making.is_none_or(|making| making == clip),
                        "two recordings at once"
                    );
                    self.making = Some(clip);
                    self.closed = false;
                }
                Effect::Sound(SoundOrder::Mute(closed)) => {
                    self.closed = closed;
                    if closed && self.talking {
                        self.ending = self.making.take();
                    }
                    // Its recording ends, and tells.
                    self.talking = false;
                }
                Effect::Sound(SoundOrder::Send(hear)) => self.sent.push(hear.turn),
                _ => {}
            }
        }
    }

    fn step(&mut self, step: Step) {
        let speaking = self.model.voice.speaking.as_ref().map(|one| one.turn);
        let running = self.model.turn.as_ref().map(|turn| turn.id);
        match step {
            Step::Begin => {
                if let Some(clip) = self.making.filter(|_| !self.closed) {
                    self.talking = true;
                    self.tell(told(SoundEvent::Begun { clip }));
                }
            }
            Step::Patience(some) => {
                let left_ms = some.then_some(600);
                self.tell(told(SoundEvent::Patience { left_ms }));
            }
            Step::End(speech) => {
                let ending = self.ending.take();
                self.talking &= ending.is_some();
                if let Some(clip) = ending.or_else(|| self.making.take()) {
                    if speech {
                        self.made.push(clip);
                    }
                    self.ms += 500;
                    let ms = self.ms;
                    let effects = end(&mut self.model, ms, clip, speech);
                    self.sound(&effects);
                }
            }
            Step::Words(which) => {
                if let Some(clip) = self.sent.pop() {
                    let text = SAYINGS[which];
                    let asked = !matches!(text, "stop" | "wait" | "louder" | "repeat")
                        && !is_murmur(text)
                        && which != 5;
                    if !asked {
                        self.idle.insert(clip);
                    }
                    let (turn, text) = (Some(clip), text.to_owned());
                    self.tell(heard(Down::Transcript { turn, text }));
                }
            }
            Step::Unheard => {
                if let Some(turn) = self.sent.pop() {
                    let epoch = Epoch(1);
                    self.tell(Msg::Link(LinkEvent::Unheard { epoch, turn }));
                }
            }
            Step::Misheard | Step::Fail => {
                let turn = match step {
                    Step::Fail => running,
                    _ => self.sent.pop(),
                };
                let trouble = Trouble::default();
                self.tell(heard(Down::Trouble { turn, trouble }));
            }
            Step::Answer => {
                if let Some(turn) = running.filter(|turn| !self.sent.contains(turn)) {
                    let full = Some("Tea is a fine old drink.".into());
                    self.tell(heard(Down::Done {
                        turn: Some(turn),
                        full,
                        by: None,
                        usage: None,
                    }));
                }
            }
            Step::Sounding => {
                if let Some(turn) = speaking {
                    let words = "Tea is a fine old drink.".to_owned();
                    self.tell(told(SoundEvent::Sounding { turn }));
                    self.tell(told(SoundEvent::Saying { turn, words }));
                }
            }
            Step::Spoken => {
                if let Some(turn) = speaking {
                    self.tell(told(SoundEvent::Spoken { turn }));
                }
            }
            Step::Lost => self.tell(lost()),
            Step::Up => {
                if !matches!(self.model.line, Line::Up(_)) {
                    self.sent.clear();
                }
                self.tell(up());
            }
            Step::Mute => self.tell(act("mute")),
            Step::Hold => self.tell(act("hold")),
            Step::Lift(down) => self.tell(Msg::Key {
                chord: "f9".parse().unwrap(),
                phase: if down { Phase::Press } else { Phase::Release },
            }),
            Step::Esc => self.tell(key("esc")),
            Step::Type => {
                self.tell(Msg::Paste("typed".into()));
                self.tell(key("enter"));
            }
            Step::Pause => self.tell(act("pause")),
            Step::Broken => {
                if let Some(clip) = self.making.take() {
                    if self.talking {
                        self.made.push(clip);
                    }
                    self.talking = false;
                    self.tell(told(SoundEvent::Trouble {
                        way: Way::In,
                        clip: Some(clip),
                        error: SoundError::Hung,
                        passing: false,
                    }));
                }
            }
            Step::Wait => {
                self.ms += 40_000;
                self.tell(Msg::Due);
            }
        }
    }

    fn sound(&mut self, effects: &Effects) {
        for effect in effects {
            match effect {
                Effect::Sound(SoundOrder::Attend { clip }) => self.making = Some(*clip),
                Effect::Sound(SoundOrder::Send(hear)) => self.sent.push(hear.turn),
                _ => {}
            }
        }
    }

    /// Where a recording is that has words in it.
    fn is_somewhere(&self, clip: TurnId) -> bool {
        let model = &self.model;
        let call = model.call.as_ref();
        let in_call = call.is_some_and(|call| {
            call.hearing
                .iter()
                .chain(&call.queue)
                .any(|heard| heard.clip == clip)
        });
        let messages = model.conversation.transcript.messages();
        in_call
            || self.idle.contains(&clip)
            || model.waiting.iter().any(|waiting| waiting.say.turn == clip)
            || messages.iter().any(|message| message.turn == clip)
    }
}

proptest! {
    #[test]
    fn whatever_happens_in_a_call_nothing_is_lost_and_its_state_stays(steps in steps()) {
        let model = in_call();
        let mut course = Course {
            making: Some(attending(&model)),
            ending: None,
            model,
            ms: 1000,
            closed: false,
            talking: false,
            made: vec![],
            sent: vec![],
            idle: HashSet::new(),
        };
        for step in steps {
            course.step(step);
            prop_assert_eq!(course.model.modes.current(), Mode::VoiceCall);
            let call = course.model.call.as_ref().unwrap();
            if call.listens() {
                prop_assert_eq!(course.making, Some(call.attending), "nobody listens");
                prop_assert!(!course.closed);
            } else {
                prop_assert!(course.closed, "the microphone is open");
            }
            for clip in &course.made {
                prop_assert!(course.is_somewhere(*clip), "lost after {step:?}");
            }
        }
        course.tell(key("f10"));
        prop_assert!(course.model.call.is_none());
        prop_assert_ne!(course.model.modes.current(), Mode::VoiceCall);
        for clip in &course.made {
            prop_assert!(course.is_somewhere(*clip), "lost by hanging up");
        }
    }
}
