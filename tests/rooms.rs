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
use score::{HEAD, rooms, score, silence};
use voices::Voices;

#[test]
fn who_speaks_in_a_room_is_heard_in_time_and_nobody_else_is() {
    let voices = Voices::new();
    for (name, calls) in [("120 ms away", 0..1), ("60 ms gaps, each 4 s", 1..2)] {
        let (_, walls) = rooms()
            .into_iter()
            .find(|(known, _)| *known == name)
            .unwrap();
        let score = score(&walls, EchoMode::Auto, &voices, calls);
        let told = format!("{name}\n{HEAD}\n{}", score.row());
        assert_eq!((score.falsely, score.missed), (0, 0), "{told}");
        if walls.gaps_ms == 0 {
            let (ducked, silent) = (score.ducked.iter().max(), score.silent.iter().max());
            assert!(ducked <= Some(&150) && silent <= Some(&250), "{told}");
            assert_eq!((score.clipped, score.divided), (0, 0), "{told}");
        }
    }
}

#[test]
fn silence_is_nobody() {
    assert_eq!(silence(30).falsely, 0);
}
