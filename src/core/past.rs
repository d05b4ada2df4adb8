//! What became of the line to one backend: for the screen since the program started, for the store
//! since ever.

use super::line::{Health, Line};
use super::time::{Moment, Wall};
use super::words::{Lang, Word, fill};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::time::Duration;

/// So many round trips are shown.
const TRIPS: usize = 48;
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// What became of the line since the program started, or since it leads to this backend.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Past {
    counted: Count,
    up_since: Option<Moment>,
    /// The last round trips, oldest first.
    trips: VecDeque<Duration>,
    /// Those of this life of the line.
    sum: (u32, Duration),
}

/// What is counted of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Count {
    /// How often the backend greeted us.
    pub greeted: u32,
    /// How often a line that was up went down although nobody wanted that.
    pub lost: u32,
    /// How often the backend said no.
    pub refused: u32,
    /// How often we gave up.
    pub given_up: u32,
    /// How long it was up in all.
    pub up: Duration,
    /// How many round trips were measured, and how long they took in all.
    pub trips: u32,
    pub trips_took: Duration,
    /// Why it went down last.
    pub cause: Option<String>,
}

/// What is counted of the line to a backend, over all runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineStats {
    pub backend: String,
    pub since: Wall,
    pub used: Wall,
    pub count: Count,
}

impl Count {
    /// Adds what happened later.
    pub fn add(&mut self, more: Self) {
        self.greeted += more.greeted;
        self.lost += more.lost;
        self.refused += more.refused;
        self.given_up += more.given_up;
        self.up += more.up;
        self.trips += more.trips;
        self.trips_took += more.trips_took;
        self.cause = more.cause.or_else(|| self.cause.take());
    }

    /// The usual round trip.
    pub fn trip(&self) -> Option<Duration> {
        self.trips_took.checked_div(self.trips)
    }
}

impl Past {
    /// The line becomes `line`; answers with what is to be counted for ever.
    pub fn note(&mut self, now: Moment, line: &Line) -> Option<Count> {
        let mut count = Count::default();
        if let Line::Up(Health { rtt, .. }) = line {
            if self.up_since.is_none() {
                self.up_since = Some(now);
                count.greeted = 1;
            }
            if let Some(rtt) = rtt {
                if self.trips.len() == TRIPS {
                    self.trips.pop_front();
                }
                self.trips.push_back(*rtt);
                self.sum = (self.sum.0 + 1, self.sum.1 + *rtt);
            }
        } else {
            let (cause, unwanted) = match line {
                Line::Waiting { cause, .. } => (Some(cause), true),
                Line::Refused { cause } => {
                    count.refused = 1;
                    (Some(cause), true)
                }
                Line::GivenUp { cause, .. } => {
                    count.given_up = 1;
                    (Some(cause), true)
                }
                // A line that is lost waits before it is dialed; one that is dialed from here was
                // left for another backend.
                Line::Up(_) | Line::Closed | Line::Dialing { .. } | Line::Resting { .. } => {
                    (None, false)
                }
            };
            if let Some(since) = self.up_since.take() {
                count.lost = unwanted.into();
                count.up = now.since(since);
                (count.trips, count.trips_took) = std::mem::take(&mut self.sum);
            }
            if count.lost + count.refused + count.given_up > 0 {
                count.cause = cause.map(|cause| cause.tell(Lang::En));
            }
        }
        if count == Count::default() {
            return None;
        }
        self.counted.add(count.clone());
        Some(count)
    }

    /// How the line is and has been, as rows of a page.
    pub fn tell(&self, now: Moment, lang: Lang) -> Vec<(String, String)> {
        let row = |name: Word, text: String| (name.text(lang).to_owned(), text);
        let count = &self.counted;
        let mut rows = vec![row(
            Word::PastLine,
            fill(
                Word::PastCounts.text(lang),
                &[&count.greeted.to_string(), &count.lost.to_string()],
            ),
        )];
        if let Some(since) = self.up_since {
            rows.push(row(Word::PastUp, spell(now.since(since))));
        }
        if let (Some(least), Some(most)) = (self.trips.iter().min(), self.trips.iter().max()) {
            let (least_ms, most_ms) = (ms(*least), ms(*most));
            let range = if least_ms == most_ms {
                format!("{most_ms} ms")
            } else {
                format!("{least_ms}-{most_ms} ms")
            };
            rows.push(row(
                Word::PastTrips,
                format!("{} {range}", self.graph(*most)),
            ));
        }
        rows
    }

    /// A bar for each round trip, the last one at the end, the longest one full.
    fn graph(&self, most: Duration) -> String {
        let last = BARS.len() - 1;
        let high = |trip: &Duration| {
            let share = trip.as_secs_f64() / most.as_secs_f64().max(f64::MIN_POSITIVE);
            ((share * last as f64).round() as usize).min(last)
        };
        self.trips.iter().map(|trip| BARS[high(trip)]).collect()
    }
}

/// A round trip in milliseconds, with a digit where it counts.
pub fn ms(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    if ms < 10.0 {
        format!("{ms:.1}")
    } else {
        format!("{ms:.0}")
    }
}

/// A length of time in its two largest units.
pub fn spell(time: Duration) -> String {
    let seconds = time.as_secs();
    match (
        seconds / 86_400,
        seconds / 3_600 % 24,
        seconds / 60 % 60,
        seconds % 60,
    ) {
        (0, 0, 0, seconds) => format!("{seconds} s"),
        (0, 0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (0, hours, minutes, _) => format!("{hours} h {minutes} min"),
        (days, hours, ..) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::line::Cause;
    use super::*;

    fn up(rtt_ms: Option<u64>) -> Line {
        Line::Up(Health {
            rtt: rtt_ms.map(Duration::from_millis),
            ..Health::default()
        })
    }

    fn lost() -> Line {
        let (why, until) = ("gone".to_owned(), Moment::default());
        let cause = Cause::Lost { why };
        Line::Waiting {
            attempt: 1,
            until,
            cause,
        }
    }

    #[test]
    fn a_life_is_counted_when_it_begins_and_when_it_ends() {
        let mut past = Past::default();
        let at = Moment::from_ms;
        assert_eq!(past.note(at(0), &Line::Dialing { attempt: 1 }), None);
        let greeted = Count {
            greeted: 1,
            ..Count::default()
        };
        assert_eq!(past.note(at(5), &up(None)), Some(greeted));
        assert_eq!(past.note(at(10), &up(Some(4))), None);
        assert_eq!(past.note(at(20), &up(Some(60))), None);
        let cause = "the connection broke: gone".to_owned();
        let ended = Count {
            lost: 1,
            up: Duration::from_millis(995),
            trips: 2,
            trips_took: Duration::from_millis(64),
            cause: Some(cause.clone()),
            ..Count::default()
        };
        assert_eq!(past.note(at(1_000), &lost()), Some(ended));
        // Attempts that fail are no further losses.
        assert_eq!(past.note(at(1_001), &Line::Dialing { attempt: 2 }), None);
        assert_eq!(past.note(at(1_002), &lost()), None);
        let given_up = Line::GivenUp {
            attempts: 5,
            cause: Cause::Intentional,
        };
        assert_eq!(
            past.note(at(1_003), &given_up).map(|count| count.given_up),
            Some(1)
        );
        past.note(at(2_000), &up(None));
        let wanted = past.note(at(3_000), &Line::Closed).unwrap();
        assert_eq!(
            (wanted.lost, wanted.up, wanted.cause),
            (0, Duration::from_secs(1), None)
        );

        past.note(at(3_500), &up(None));
        let left = past.note(at(3_600), &Line::Dialing { attempt: 1 }).unwrap();
        assert_eq!(left.lost, 0);

        let rows = past.tell(at(4_000), Lang::En);
        assert_eq!(rows[0].1, "connections: 3, losses: 1");
        assert_eq!(rows[1].1, "▁█ 4.0-60 ms");
    }

    #[test]
    fn only_the_last_round_trips_are_shown() {
        let mut past = Past::default();
        for n in 0..200 {
            past.note(Moment::from_ms(n), &up(Some(n)));
        }
        let rows = past.tell(Moment::from_ms(61_000), Lang::En);
        assert_eq!(rows[1].1, "1 min 1 s");
        let bars = rows[2].1.chars().take_while(|c| BARS.contains(c)).count();
        assert_eq!((bars, rows[2].1.ends_with(" 152-199 ms")), (TRIPS, true));
    }

    #[test]
    fn lengths_of_time_are_told_in_two_units() {
        for (seconds, expected) in [
            (0, "0 s"),
            (61, "1 min 1 s"),
            (3_600, "1 h 0 min"),
            (90_061, "1 d 1 h"),
        ] {
            assert_eq!(spell(Duration::from_secs(seconds)), expected);
        }
    }
}
