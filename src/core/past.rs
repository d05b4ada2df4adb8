//! What became of the line to one backend: for the screen since the program started, for the store
//! since ever.

use super::line::{Health, Line};
use super::time::{Moment, Wall};
use super::trips::Trips;
use super::words::{Lang, Word, fill};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What became of the line since the program started, or since it leads to this backend.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Past {
    counted: Count,
    up_since: Option<Moment>,
    /// The last round trips.
    trips: Trips,
    /// Those of this life of the line: how many, how long in all, and the last of them.
    life: (u32, Duration, Trips),
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
    /// The last of them.
    pub recent: Trips,
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
        self.recent.extend(more.recent);
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
            } else {
                // From the greeting on, no figure is the news that one is missing.
                self.measured(*rtt);
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
                if unwanted {
                    self.measured(None);
                }
                (count.trips, count.trips_took, count.recent) = std::mem::take(&mut self.life);
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

    fn measured(&mut self, trip: Option<Duration>) {
        self.trips.add(trip);
        let (count, took, recent) = &mut self.life;
        recent.add(trip);
        if let Some(trip) = trip {
            *count += 1;
            *took += trip;
        }
    }

    /// How the line has been, as rows of a page.
    pub fn tell(&self, now: Moment, lang: Lang) -> Vec<(Word, String)> {
        let count = &self.counted;
        let counts = fill(
            Word::PastCounts.text(lang),
            &[&count.greeted.to_string(), &count.lost.to_string()],
        );
        let mut rows = vec![(Word::PastLine, counts)];
        if let Some(since) = self.up_since {
            rows.push((Word::PastUp, spell(now.since(since))));
        }
        rows.extend(figures(&self.trips, lang).map(|text| (Word::PastTrips, text)));
        rows
    }

    /// The last round trips.
    pub const fn trips(&self) -> &Trips {
        &self.trips
    }
}

/// Round trips in words: how long they take, how much they differ, how many are missing.
pub fn figures(trips: &Trips, lang: Lang) -> Option<String> {
    let (least, most) = trips.range()?;
    let (least, most) = (ms(least), ms(most));
    let mut text = if least == most {
        format!("{most} ms")
    } else {
        format!("{least}-{most} ms")
    };
    if let Some(jitter) = trips.jitter() {
        text = fill(Word::PastJitter.text(lang), &[&text, &ms(jitter)]);
    }
    if trips.missing() > 0 {
        let missing = trips.missing().to_string();
        text = fill(Word::PastMissing.text(lang), &[&text, &missing]);
    }
    Some(text)
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
    use super::super::trips::Bars;
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
        assert_eq!(past.note(at(30), &up(None)), None);
        let cause = "the connection broke: gone".to_owned();
        let ended = Count {
            lost: 1,
            up: Duration::from_millis(995),
            trips: 2,
            trips_took: Duration::from_millis(64),
            recent: Trips::of_text("4000 60000 - -"),
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
        let told = "4.0-60 ms, jitter 56 ms, missed: 2";
        assert_eq!(rows[1..], [(Word::PastTrips, told.to_owned())]);
        assert_eq!(past.trips().graph(Bars::Blocks, 9), "▁█××");
    }

    #[test]
    fn only_the_last_round_trips_are_shown() {
        let mut past = Past::default();
        for n in 0..200 {
            past.note(Moment::from_ms(n), &up(Some(n)));
        }
        let rows = past.tell(Moment::from_ms(61_000), Lang::En);
        assert_eq!(rows[1].1, "1 min 1 s");
        assert_eq!(rows[2].1, "152-199 ms, jitter 1.0 ms");
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
