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
use room::Walls;
use score::{Score, score};
use voices::{Around, RATE, Voices};

/// The calls that are held in each room.
const CALLS: usize = 6;

fn rooms() -> Vec<(&'static str, Walls)> {
    let usual = Walls::USUAL;
    let late = |delay_ms| Walls { delay_ms, ..usual };
    let with = |around, around_db| Walls {
        around,
        around_db,
        ..usual
    };
    vec![
        ("40 ms away", late(40)),
        ("120 ms away", usual),
        ("250 ms away", late(250)),
        ("400 ms away", late(400)),
        (
            "soft loudspeaker",
            Walls {
                echo_db: -38.0,
                ..usual
            },
        ),
        (
            "loud loudspeaker",
            Walls {
                echo_db: -18.0,
                ..usual
            },
        ),
        (
            "a hall, 800 ms",
            Walls {
                reverb_ms: 800,
                ..usual
            },
        ),
        (
            "headphones",
            Walls {
                echo_db: -110.0,
                ..usual
            },
        ),
        (
            "clocks 200 ppm apart",
            Walls {
                drift: 200.0,
                ..usual
            },
        ),
        (
            "clocks -200 ppm apart",
            Walls {
                drift: -200.0,
                ..usual
            },
        ),
        (
            "overdriven by 24 dB",
            Walls {
                overdriven_db: 24.0,
                ..usual
            },
        ),
        (
            "60 ms gaps, each 4 s",
            Walls {
                gaps_ms: 4_100,
                ..usual
            },
        ),
        ("a fan, -46 dB", with(Around::Fan, -46.0)),
        ("a keyboard, -46 dB", with(Around::Keyboard, -46.0)),
        ("music, -46 dB", with(Around::Music, -46.0)),
        ("music, -36 dB", with(Around::Music, -36.0)),
    ]
}

fn main() {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| !a.starts_with('-'))
        .collect();
    let voices = Voices::new();
    println!(
        "{CALLS} calls in each room; times in ms as median and worst; duck 150, silent 250 wanted"
    );
    println!(
        "room                    turns false stumbles missed clipped divided  ducked   silent   ended    echo dB  deaf s"
    );
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
            print(name, score);
        }
    }
}

fn print(name: &str, score: &Score) {
    let figures = |figures: &[usize]| {
        let mut sorted = figures.to_vec();
        sorted.sort_unstable();
        match (sorted.get(sorted.len() / 2), sorted.last()) {
            (Some(median), Some(worst)) => format!("{median:>4} {worst:>4}"),
            _ => "   -    -".to_owned(),
        }
    };
    let mut cancelled = score.cancelled.clone();
    cancelled.sort_by(f32::total_cmp);
    let db = cancelled.get(cancelled.len() / 2).copied().unwrap_or(0.0);
    println!(
        "{name:<24}{:>5} {:>5} {:>8} {:>6} {:>7} {:>7}  {} {} {}  {db:>6.0}  {:>5}   ({} s)",
        score.turns,
        score.falsely,
        score.stumbles,
        score.missed,
        score.clipped,
        score.divided,
        figures(&score.ducked),
        figures(&score.silent),
        figures(&score.ended),
        score.deaf,
        score.samples / RATE,
    );
}
