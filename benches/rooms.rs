//! Holds calls in rooms that are made here, and scores them: who was heard although nobody spoke,
//! who was not heard, whose first word is missing, and how soon the assistant gave way.
//!
//! `cargo bench --bench rooms` prints the table of `docs/call.md`. Time in a room is counted, not
//! waited for, so that the table is the same on each machine.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench measures, prints, and may fail"
)]

#[path = "rooms/room.rs"]
mod room;
#[path = "rooms/score.rs"]
mod score;
#[path = "rooms/voices.rs"]
mod voices;

use hearsay::sound::echo::EchoMode;
use score::{HEAD, rooms, score, silence};
use voices::Voices;

/// The calls that are held in each room.
const CALLS: usize = 6;

fn main() {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| !a.starts_with('-'))
        .collect();
    let voices = Voices::new();
    println!(
        "{CALLS} calls in each room; times in ms as median and worst; duck 150, silent 250 wanted"
    );
    println!("{:<24}{HEAD}", "room");
    let rooms: Vec<_> = rooms()
        .into_iter()
        .filter(|(name, _)| {
            wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str()))
        })
        .collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    for some in rooms.chunks(threads) {
        let scores = std::thread::scope(|scope| {
            let voices = &voices;
            let begin = |walls| scope.spawn(move || score(walls, EchoMode::Auto, voices, 0..CALLS));
            let work: Vec<_> = some.iter().map(|(_, walls)| begin(walls)).collect();
            work.into_iter()
                .map(|one| one.join().unwrap())
                .collect::<Vec<_>>()
        });
        for ((name, _), score) in some.iter().zip(&scores) {
            println!("{name:<24}{}", score.row());
        }
    }
    if wanted.is_empty() {
        println!("{:<24}{}", "silence, 10 min", silence(600).row());
    }
}
