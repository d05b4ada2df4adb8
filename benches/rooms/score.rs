//! What became of a call, held against what happened in it.

use super::room::{Course, Noticed, Walls, call};
use super::voices::{Around, RATE, Voices};
use hearsay::sound::echo::EchoMode;

/// Who is taken for speaking so long after they stopped was speaking: the room and the canceller.
const AFTER: usize = RATE / 2;

/// The figures of some calls.
#[derive(Clone, Debug, Default)]
pub(crate) struct Score {
    /// How long the calls lasted together, and how many turns were said in them.
    pub(crate) samples: usize,
    pub(crate) turns: usize,
    /// Somebody was heard although nobody spoke.
    pub(crate) falsely: usize,
    /// The same, for less than a fifth of a second: an answer stumbles and goes on.
    pub(crate) stumbles: usize,
    /// Somebody spoke and was not heard.
    pub(crate) missed: usize,
    /// The beginning of a turn is not in its recording, or it was cut in two.
    pub(crate) clipped: usize,
    pub(crate) divided: usize,
    /// From the first sound of somebody to a softer and to a silent loudspeaker, in milliseconds.
    pub(crate) ducked: Vec<usize>,
    pub(crate) silent: Vec<usize>,
    /// From the last sound of somebody to a recording that is complete.
    pub(crate) ended: Vec<usize>,
    pub(crate) cancelled: Vec<f32>,
    pub(crate) deaf: usize,
}

fn ms(samples: usize) -> usize {
    samples * 1000 / RATE
}

impl Score {
    fn add(&mut self, course: &Course, noticed: &Noticed) {
        self.samples += course.length;
        self.turns += course.turns.len();
        self.deaf += noticed.deaf;
        self.stumbles += noticed.stumbles;
        self.cancelled.extend(&noticed.cancelled);
        for (from, told) in &noticed.begun {
            let spoken = |(when, turn): &(usize, Vec<f32>)| {
                *told >= *when && *from <= when + turn.len() + AFTER
            };
            self.falsely += usize::from(!course.turns.iter().any(spoken));
        }
        for (when, turn) in &course.turns {
            let over = when + turn.len();
            let within = |told: usize| (*when..over + AFTER).contains(&told);
            let mut heard = noticed.begun.iter().filter(|(_, told)| within(*told));
            let Some((from, _)) = heard.next() else {
                self.missed += 1;
                continue;
            };
            self.clipped += usize::from(from > when);
            self.divided += heard.count();
            let first = |moments: &[usize]| moments.iter().copied().find(|at| within(*at));
            self.ducked
                .extend(first(&noticed.ducked).map(|at| ms(at - when)));
            self.silent
                .extend(first(&noticed.silent).map(|at| ms(at - when)));
            let ended = noticed.ended.iter().find(|at| **at >= over);
            self.ended.extend(ended.map(|at| ms(at - over)));
        }
    }
}

/// Three answers of the assistant; somebody speaks before the first, between them, and into the
/// second and third, each time a little later in the answer.
pub(crate) fn course(voices: &Voices, nth: usize) -> Course {
    let second = |seconds: f32| (seconds * RATE as f32) as usize;
    let turn = |n: usize| voices.turns[(nth + n) % voices.turns.len()].clone();
    let answer = |n: usize| voices.answers[(nth + n) % voices.answers.len()].clone();
    let later = nth as f32 * 0.37;
    let mut course = Course::default();
    course.turns.push((second(1.0), turn(0)));
    course.answers.push((second(5.5), answer(0)));
    let mut at = 5.5 + answer(0).len() as f32 / RATE as f32 + 2.0;
    course.turns.push((second(at), turn(1)));
    at += 5.0;
    for n in 1..3 {
        course.answers.push((second(at), answer(n)));
        course.turns.push((second(at + 3.0 + later), turn(n + 1)));
        at += 10.0 + later;
    }
    course.length = second(at + 1.0);
    course.beside = voices.beside(course.length);
    course
}

/// Some calls in a room.
pub(crate) fn score(
    walls: &Walls,
    mode: EchoMode,
    voices: &Voices,
    calls: std::ops::Range<usize>,
) -> Score {
    let mut score = Score::default();
    for nth in calls {
        let course = course(voices, nth);
        score.add(&course, &call(walls, mode, &course));
    }
    score
}

/// Nobody speaks, and nothing is played, for so many seconds.
pub(crate) fn silence(seconds: usize) -> Score {
    let length = seconds * RATE;
    let course = Course {
        length,
        ..Course::default()
    };
    let mut score = Score::default();
    score.add(&course, &call(&Walls::USUAL, EchoMode::Auto, &course));
    score
}

/// Every room there is.
pub(crate) fn rooms() -> Vec<(&'static str, Walls)> {
    let usual = Walls::USUAL;
    let late = |delay_ms| Walls { delay_ms, ..usual };
    let with = |around, around_db| Walls {
        around,
        around_db,
        ..usual
    };
    let two = |db| Walls {
        beside_db: Some(db),
        ..usual
    };
    let known = |blocks| Walls {
        known_after: Some(blocks),
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
        ("jitter up to 40 ms", Walls { jitter: 2, ..usual }),
        ("jitter up to 80 ms", Walls { jitter: 4, ..usual }),
        (
            "bursts change places",
            Walls {
                overtakes_ms: 5_000,
                ..usual
            },
        ),
        (
            "20 ms lost meanwhile",
            Walls {
                overtakes_ms: 5_000,
                loses_ms: 7_300,
                ..usual
            },
        ),
        ("known after 0 ms", known(0)),
        ("known after 100 ms", known(5)),
        ("known after 300 ms", known(15)),
        ("a fan, -46 dB", with(Around::Fan, -46.0)),
        ("a keyboard, -46 dB", with(Around::Keyboard, -46.0)),
        ("music, -46 dB", with(Around::Music, -46.0)),
        ("music, -36 dB", with(Around::Music, -36.0)),
        ("two voices, -46 dB", two(-46.0)),
        ("two voices, -36 dB", two(-36.0)),
    ]
}

/// What the figures of a row are.
pub(crate) const HEAD: &str =
    " turns false stumbles missed clipped divided   ducked    silent     ended  echo dB deaf s";

impl Score {
    /// The figures; times as the median and the worst.
    pub(crate) fn row(&self) -> String {
        let figures = |figures: &[usize]| {
            let mut sorted = figures.to_vec();
            sorted.sort_unstable();
            match (sorted.get(sorted.len() / 2), sorted.last()) {
                (Some(median), Some(worst)) => format!("{median:>4} {worst:>4}"),
                _ => "   -    -".to_owned(),
            }
        };
        let mut cancelled = self.cancelled.clone();
        cancelled.sort_by(f32::total_cmp);
        let db = cancelled.get(cancelled.len() / 2);
        let db = db.map_or_else(|| "-".to_owned(), |db| format!("{db:.0}"));
        format!(
            "{:>6} {:>5} {:>8} {:>6} {:>7} {:>7}{:>9}{:>10}{:>10} {db:>8} {:>6}   in {} s",
            self.turns,
            self.falsely,
            self.stumbles,
            self.missed,
            self.clipped,
            self.divided,
            figures(&self.ducked),
            figures(&self.silent),
            figures(&self.ended),
            self.deaf,
            self.samples / RATE,
        )
    }
}
