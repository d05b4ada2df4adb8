//! A call step by step, without a thread: what is said of it, and when.

use super::*;
use crate::sound::block;
use crate::sound::ring::{Gauge, Outlet};
use crate::sound::vad::like_speech;
use rtrb::RingBuffer;
use std::sync::{Arc, mpsc};

const CLIP: TurnId = TurnId(7);
const BLOCK: usize = block(RATE);

#[test]
fn who_speaks_into_what_is_played_is_told_and_it_gets_softer_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, notes) = mpsc::channel();
    let clips = folder.path().to_owned();
    let mut call = Call::new(EchoMode::Auto, Polish::default(), clips, desk);
    // What is played is heard by nobody, as with headphones.
    let (gauge, played) = (Arc::new(Gauge::default()), like_speech(10_000));
    let (mut ring, consumer) = RingBuffer::new(played.len());
    ring.push_entire_slice(&played).unwrap();
    gauge.complete(played.len() as u64);
    let mut outlet = Outlet::new(consumer, 1, RATE, Duration::ZERO, Arc::clone(&gauge));
    call.hear(Box::new(outlet.taps().tap().unwrap()));
    call.attend(CLIP);
    // Not a word of what is played.
    let said: Vec<f32> = like_speech(20_000)
        .into_iter()
        .skip(18 * RATE as usize)
        .rev()
        .collect();
    let from = 4 * RATE as usize;
    let (mut told, mut volumes) = (vec![], vec![]);
    let mut block = [0.0f32; BLOCK];
    for start in (0..10 * RATE as usize).step_by(BLOCK) {
        outlet.give(&mut block);
        volumes.push(outlet.volume());
        let heard: Vec<f32> = (start..start + BLOCK)
            .map(|n| n.checked_sub(from).and_then(|n| said.get(n)).copied())
            .map(|sample| sample.unwrap_or(0.0001))
            .collect();
        call.add(&heard, 0, "microphone", &mut Meter::default());
        for note in notes.try_iter() {
            match note {
                Note::Say(SoundEvent::Echo { .. } | SoundEvent::Patience { .. }) => {}
                Note::Say(event) => told.push((start + BLOCK, event)),
                Note::Taken(taken) => assert!(taken.recorded.speech && taken.clip == CLIP),
                _ => panic!("nothing else is told"),
            }
        }
    }
    let device = "microphone".to_owned();
    let hearing = SoundEvent::Hearing { clip: CLIP, device };
    let [(_, first), (when, second)] = &told[..] else {
        panic!("{told:?}");
    };
    assert_eq!(
        [first, second],
        [&hearing, &SoundEvent::Begun { clip: CLIP }]
    );
    // How soon is a figure of the rooms; here it is while they speak, and softer by then.
    assert!((from..from + said.len()).contains(when), "{when}");
    let softer = volumes.iter().position(|volume| *volume <= 0.25);
    let softer = softer.unwrap() * BLOCK;
    assert!((from..=*when + BLOCK).contains(&softer), "{softer}, {when}");
    assert_eq!(volumes.last(), Some(&1.0));
}
