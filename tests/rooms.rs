//! A few of the calls of `benches/rooms.rs`: in rooms that are made here, nobody is heard who did
//! not speak, and who speaks into an answer silences it in time. Time in a room is counted.

#![expect(
    clippy::unwrap_used,
    reason = "a room that cannot be made ends its test"
)]

#[path = "../benches/rooms/room.rs"]
mod room;
#[path = "../benches/rooms/score.rs"]
mod score;
#[path = "../benches/rooms/voices.rs"]
mod voices;

use hearsay::sound::echo::EchoMode;
use room::{Course, Noticed, Walls, call};
use score::{HEAD, rooms, score, silence};
use std::thread;
use voices::{RATE, Voices};

/// Tries all of these rooms, on every processor there is.
fn in_each_room<T: Sync>(rooms: &[T], try_it: impl Fn(&T) + Sync) {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for nth in 0..processors {
            let rooms = rooms.iter().skip(nth).step_by(processors);
            scope.spawn(|| rooms.for_each(&try_it));
        }
    });
}

#[test]
fn who_speaks_in_a_room_is_heard_in_time_and_nobody_else_is() {
    let voices = Voices::new();
    let tried = [
        ("120 ms away", 0..1),
        ("60 ms gaps, each 4 s", 1..2),
        ("jitter up to 40 ms", 2..3),
        ("bursts change places", 3..4),
    ];
    in_each_room(&tried, |(name, calls)| {
        let (_, walls) = rooms()
            .into_iter()
            .find(|(known, _)| known == name)
            .unwrap();
        let score = score(&walls, EchoMode::Auto, &voices, calls.clone());
        let told = format!("{name}\n{HEAD}\n{}", score.row());
        assert_eq!((score.falsely, score.missed), (0, 0), "{told}");
        // How soon, where nothing is late for other reasons.
        if (walls.gaps_ms, walls.jitter, walls.overtakes_ms) == (0, 0, 0) {
            assert_eq!((score.clipped, score.divided), (0, 0), "{told}");
            let (ducked, silent) = (score.ducked.iter().max(), score.silent.iter().max());
            assert!(ducked <= Some(&150) && silent <= Some(&250), "{told}");
        }
    });
}

/// The assistant speaks for so many seconds, and nobody else does.
fn monologue(voices: &Voices, seconds: usize) -> Course {
    let mut course = Course::default();
    let mut at = RATE;
    for answer in voices.answers.iter().cycle() {
        if at + answer.len() > seconds * RATE {
            break;
        }
        course.answers.push((at, answer.clone()));
        at += answer.len() + RATE / 3;
    }
    course.length = seconds * RATE;
    course
}

/// Five minutes in all.
#[test]
fn what_is_played_is_never_taken_for_somebody_however_loud() {
    let voices = Voices::new();
    let course = monologue(&voices, 33);
    let rooms = [
        (40, -38.0, 0, 0),
        (40, -18.0, 0, 0),
        (40, -6.0, 0, 7_000),
        (120, -30.0, 1, 0),
        (120, -12.0, 2, 0),
        (120, -20.0, 0, 3_000),
        (250, -30.0, 4, 0),
        (250, -18.0, 0, 11_000),
        (400, -6.0, 0, 0),
        (400, -28.0, 2, 0),
    ];
    in_each_room(&rooms, |(delay_ms, echo_db, jitter, overtakes_ms)| {
        let walls = Walls {
            delay_ms: *delay_ms,
            echo_db: *echo_db,
            jitter: *jitter,
            overtakes_ms: *overtakes_ms,
            known_after: Some(*jitter),
            ..Walls::USUAL
        };
        let Noticed {
            begun, stumbles, ..
        } = call(&walls, EchoMode::Auto, &course);
        assert_eq!((begun, stumbles), (vec![], 0), "{walls:?}");
    });
}

#[test]
fn silence_is_nobody() {
    assert_eq!(silence(30).falsely, 0);
}
