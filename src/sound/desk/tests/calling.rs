//! A call: what is said becomes recordings, and what is played does not.

use super::room::Room;
use super::*;
use crate::codec::resample::Resampler;
use crate::sound::level::{level, to_i16};

const FIRST: TurnId = TurnId(21);
const SECOND: TurnId = TurnId(22);
const ANSWER: TurnId = TurnId(30);

impl House {
    fn attend(&self, clip: TurnId) {
        self.desk.ask(SoundOrder::Attend { clip });
    }

    fn hearing(&self) -> TurnId {
        self.wait(|event| match event {
            SoundEvent::Hearing { clip, .. } => Some(*clip),
            _ => None,
        })
    }

    fn taken(&self) -> (TurnId, Recorded) {
        self.wait(|event| match event {
            SoundEvent::Recorded { clip, recorded } => Some((*clip, *recorded)),
            _ => None,
        })
    }

    /// A call in a room, with what is played.
    fn in_a_room(played: &[f32]) -> (Self, Room) {
        let room = Room::default();
        let change = |settings: &mut DeskSettings| {
            (settings.microphone, settings.loudspeaker) = (Wish::Default, Wish::Default);
        };
        let house = Self::with(change, room.doors());
        house.attend(FIRST);
        assert_eq!(house.hearing(), FIRST);
        if played.is_empty() {
            return (house, room);
        }
        house.desk.ask(SoundOrder::Expect { turn: ANSWER });
        house.say(ANSWER, MOUTH_RATE, at_the_rate_of_the_mouth(played));
        house.end(ANSWER);
        (house, room)
    }
}

/// Speech of 16 kHz at 48. What it gains above 8 kHz is not heard in the room.
fn at_the_rate_of_the_mouth(samples: &[f32]) -> Vec<i16> {
    let next = samples.iter().skip(1).chain([&0.0]);
    let steps = (samples.iter().zip(next)).flat_map(|(from, to)| {
        let step = (to - from) / 3.0;
        [*from, from + step, to - step]
    });
    steps.map(to_i16).collect()
}

#[test]
fn what_is_said_in_a_call_becomes_one_recording_after_another() {
    let house = House::new(|_| {});
    let said = [
        silence(1000),
        speech(1000),
        silence(1500),
        speech(2000),
        silence(1500),
    ];
    write(&house.path("mic.wav"), 16_000, &said.concat());
    house.attend(FIRST);
    let device = house.path("mic.wav").display().to_string();
    let told = [
        SoundEvent::Hearing {
            clip: FIRST,
            device,
        },
        SoundEvent::Begun { clip: FIRST },
    ];
    assert_eq!([house.next(), house.next()], told);
    let SoundEvent::Patience {
        left_ms: Some(left),
    } = house.next()
    else {
        panic!()
    };
    assert!((400..=600).contains(&left), "{left}");
    let (clip, recorded) = house.taken();
    assert_eq!((clip, recorded.speech), (FIRST, true));
    // Nobody asks for what is said next; it is not lost.
    let (_, kept) = house::read(&house.clip(FIRST));
    let length = kept.len() / 16;
    assert!((1800..2300).contains(&length), "{length}");
    let quiet = kept.iter().position(|sample| sample.abs() > 0.01).unwrap() / 16;
    assert!((200..500).contains(&quiet), "{quiet}");
    house.attend(SECOND);
    let (clip, recorded) = house.taken();
    assert_eq!((clip, recorded.speech), (SECOND, true));
    assert!((2200..2700).contains(&recorded.length_ms), "{recorded:?}");
}

/// Speech of somebody in the room with a higher voice, at -27 dB.
fn somebody(ms: usize) -> Vec<f32> {
    let mut said = vec![];
    Resampler::new(20_000, 16_000).add(&speech(ms * 5 / 4 + 70)[16 * 70..], &mut said);
    let scale = 0.045 / level(&said).rms;
    said.iter().map(|sample| sample * scale).collect()
}

#[test]
fn who_speaks_into_what_is_played_is_heard() {
    let (house, room) = House::in_a_room(&speech(10_000));
    // However late they are heard, they still speak.
    room.say_after(4000, somebody(25_000));
    house.wait(|event| matches!(event, SoundEvent::Begun { .. }).then_some(()));
    house.desk.ask(SoundOrder::Pause);
    let (clip, recorded) = house.taken();
    assert_eq!((clip, recorded.speech), (FIRST, true));
}

#[test]
fn a_call_opens_the_loudspeaker_before_there_is_anything_to_say() {
    let (_house, room) = House::in_a_room(&[]);
    room.wait_opened();
}

#[test]
fn who_hangs_up_closes_the_microphone_and_loses_nothing_that_was_said() {
    let (house, room) = House::in_a_room(&[]);
    room.say(somebody(60_000));
    house.wait(|event| matches!(event, SoundEvent::Begun { .. }).then_some(()));
    house.desk.ask(SoundOrder::HangUp);
    let (clip, recorded) = house.taken();
    assert_eq!((clip, recorded.speech), (FIRST, true));
    room.wait_closed();
    // It opens again for another call.
    house.attend(SECOND);
    assert_eq!(house.hearing(), SECOND);
}

#[test]
fn who_mutes_closes_the_microphone_and_keeps_what_was_being_said() {
    let (house, room) = House::in_a_room(&[]);
    room.say(somebody(60_000));
    house.wait(|event| matches!(event, SoundEvent::Begun { .. }).then_some(()));
    house.desk.ask(SoundOrder::Mute(true));
    let (clip, recorded) = house.taken();
    assert_eq!((clip, recorded.speech), (FIRST, true));
    room.wait_closed();
    room.say(vec![]);
    house.desk.ask(SoundOrder::Mute(false));
    house.attend(SECOND);
    assert_eq!(house.hearing(), SECOND);
    room.say(somebody(1000));
    let (clip, recorded) = house.taken();
    assert_eq!(clip, SECOND);
    assert!((900..2000).contains(&recorded.length_ms), "{recorded:?}");
}

#[test]
fn nobody_speaks_longer_than_half_a_minute_in_a_call() {
    let house = House::new(|_| {});
    write(&house.path("mic.wav"), 16_000, &speech(40_000));
    house.attend(FIRST);
    let (_, recorded) = house.taken();
    assert!(
        (29_500..31_000).contains(&recorded.length_ms),
        "{recorded:?}"
    );
    // The rest of it is the next.
    house.attend(SECOND);
    let (clip, recorded) = house.taken();
    assert_eq!(clip, SECOND);
    assert!((9000..11_000).contains(&recorded.length_ms), "{recorded:?}");
}

#[test]
fn words_are_told_once_when_they_begin_to_be_heard() {
    let house = House::new(|_| {});
    house.desk.ask(SoundOrder::Expect { turn: ANSWER });
    let words = |words: &str| {
        let words = words.to_owned();
        house.desk.speech(Speech::Words {
            turn: ANSWER,
            words,
        });
    };
    for (said, tones) in [("one", 400), ("two", 400), ("three", 3000)] {
        words(said);
        house.say(
            ANSWER,
            16_000,
            tone(tones).into_iter().map(to_i16).collect(),
        );
    }
    let saying = |event: &SoundEvent| match event {
        SoundEvent::Saying { turn, words } => Some((*turn, words.clone())),
        _ => None,
    };
    let mut told = vec![house.wait(saying).1, house.wait(saying).1];
    house.desk.ask(SoundOrder::Pause);
    house.desk.ask(SoundOrder::Resume);
    words("nothing");
    house.end(ANSWER);
    loop {
        match house.next() {
            SoundEvent::Saying { words, .. } => told.push(words),
            SoundEvent::Spoken { .. } => break,
            _ => {}
        }
    }
    assert_eq!(told, ["one", "two", "three"]);
}

fn hear(turn: TurnId) -> Hear {
    Hear {
        turn,
        conversation: ConversationId(1),
        language: None,
        ears: None,
    }
}

#[test]
fn all_of_a_call_is_handed_to_a_backend_that_cuts_its_turns() {
    let house = House::new(|_| {});
    let said = [silence(300), speech(1000), silence(1500)].concat();
    write(&house.path("mic.wav"), 16_000, &said);
    house.desk.ask(SoundOrder::Stream(hear(FIRST)));
    house.attend(FIRST);
    let device = house.path("mic.wav").display().to_string();
    let clip = FIRST;
    assert_eq!(house.next(), SoundEvent::Hearing { clip, device });
    // Nobody here says when somebody begins or ends; what was said is kept all the same.
    let SoundEvent::Recorded { clip, recorded } = house.next() else {
        panic!()
    };
    assert!(clip == FIRST && recorded.speech, "{recorded:?}");
    let parts = house.handed();
    assert_eq!(parts.first(), Some(&ClipPart::Open(hear(FIRST))));
    assert_eq!(parts.last(), Some(&ClipPart::Broken { turn: FIRST }));
    let length: usize = (parts.iter())
        .map(|part| match part {
            ClipPart::More { samples, .. } => samples.len(),
            _ => 0,
        })
        .sum();
    // All but what fills no part any more.
    assert!(said.len() - length < 1600, "{length} of {}", said.len());
}

#[test]
fn turns_are_cut_from_outside_until_nobody_does() {
    let room = Room::default();
    let change = |settings: &mut DeskSettings| {
        (settings.microphone, settings.loudspeaker) = (Wish::Default, Wish::Default);
    };
    let house = House::with(change, room.doors());
    house.desk.ask(SoundOrder::Stream(hear(FIRST)));
    house.attend(FIRST);
    assert_eq!(house.hearing(), FIRST);
    room.say(speech(1000));
    // Until they have spoken, and half a second of silence was heard since.
    let (mut loud, mut quiet, mut parts) = (false, 0, 0);
    while !loud || quiet < 8_000 {
        let part = house.parts.recv_timeout(house::PATIENCE).unwrap();
        let ClipPart::More { samples, .. } = part else {
            continue;
        };
        parts += 1;
        if samples.iter().any(|sample| sample.abs() > 500) {
            (loud, quiet) = (true, 0);
        } else {
            quiet += samples.len();
        }
        if parts % 2_000 == 0 && !loud {
            // What is too much for the line is lost, and so may be what was said.
            room.say(speech(1000));
        }
    }
    house.attend(SECOND);
    let (clip, recorded) = house.taken();
    assert_eq!(clip, FIRST);
    assert!(recorded.length_ms > 700, "{recorded:?}");
    house.desk.ask(SoundOrder::Withdraw);
    loop {
        let part = house.parts.recv_timeout(house::PATIENCE).unwrap();
        if part == (ClipPart::Broken { turn: FIRST }) {
            break;
        }
    }
    room.say(speech(1000));
    let begun = |event: &SoundEvent| (*event == SoundEvent::Begun { clip: SECOND }).then_some(());
    house.wait(begun);
    assert_eq!(house.taken().0, SECOND);
}
