//! The last round trips of a line, and how they are drawn: a bar for each, and a mark where an
//! answer is missing.

use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::time::Duration;

/// So many are remembered.
pub const MOST: usize = 48;

/// The round trips of a line, oldest first; `None` is a question that nobody answered, or the loss
/// of the line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trips(VecDeque<Option<Duration>>);

/// What a graph is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bars {
    #[default]
    Blocks,
    /// For a terminal without any other letters.
    Ascii,
}

impl Bars {
    /// What the letters of the terminal allow, as its variables tell; silence is consent.
    pub fn of(env: &dyn Fn(&str) -> Option<String>) -> Self {
        let set = |name: &&str| env(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set);
        let utf8 = |locale: String| locale.to_lowercase().replace('-', "").contains("utf8");
        if locale.is_none_or(utf8) {
            Self::Blocks
        } else {
            Self::Ascii
        }
    }

    /// The bars, the lowest first, and the mark of what is missing.
    const fn looks(self) -> (&'static [char], char) {
        match self {
            Self::Blocks => (&['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'], '×'),
            Self::Ascii => (&['_', '.', '-', '~', '=', '+', '*', '#'], 'x'),
        }
    }
}

impl Trips {
    /// One more, or one that is missing.
    pub fn add(&mut self, trip: Option<Duration>) {
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back(trip);
    }

    /// Those that came later.
    pub fn extend(&mut self, later: Self) {
        later.0.into_iter().for_each(|trip| self.add(trip));
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = Option<Duration>> {
        self.0.iter().copied()
    }

    /// The shortest and the longest.
    pub fn range(&self) -> Option<(Duration, Duration)> {
        let measured = || self.0.iter().flatten();
        Some((*measured().min()?, *measured().max()?))
    }

    /// How much two that follow one another differ, on average.
    pub fn jitter(&self) -> Option<Duration> {
        let measured: Vec<Duration> = self.0.iter().flatten().copied().collect();
        let pairs = measured.windows(2);
        let count = u32::try_from(pairs.len()).unwrap_or(u32::MAX);
        let apart: Duration = pairs.map(|pair| pair[0].abs_diff(pair[1])).sum();
        apart.checked_div(count)
    }

    /// How many are missing.
    pub fn missing(&self) -> usize {
        self.0.iter().filter(|trip| trip.is_none()).count()
    }

    /// The last ones that have room, the longest of all a full bar.
    pub fn graph(&self, bars: Bars, room: usize) -> String {
        let (heights, gap) = bars.looks();
        let last = heights.len() - 1;
        let most = self.range().map_or(0.0, |(_, most)| most.as_secs_f64());
        let height = |trip: Duration| {
            let share = trip.as_secs_f64() / most.max(f64::MIN_POSITIVE);
            ((share * last as f64).round() as usize).min(last)
        };
        let shown = self.all().skip(self.0.len().saturating_sub(room));
        shown
            .map(|trip| trip.map_or(gap, |trip| heights[height(trip)]))
            .collect()
    }

    /// As one word for each, in microseconds, for the store.
    pub fn to_text(&self) -> String {
        let words = self.0.iter().map(|trip| match trip {
            Some(trip) => trip.as_micros().to_string(),
            None => "-".to_owned(),
        });
        words.collect::<Vec<_>>().join(" ")
    }

    /// What [`Self::to_text`] wrote. What it did not write counts as missing.
    pub fn of_text(text: &str) -> Self {
        let mut trips = Self::default();
        for word in text.split_whitespace() {
            trips.add(word.parse().ok().map(Duration::from_micros));
        }
        trips
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn trips(all: &[Option<u64>]) -> Trips {
        let mut trips = Trips::default();
        for ms in all {
            trips.add(ms.map(Duration::from_millis));
        }
        trips
    }

    #[test]
    fn every_height_and_every_gap_is_drawn_in_both_looks() {
        let all: Vec<_> = (0..8).map(Some).chain([None, Some(7)]).collect();
        let trips = trips(&all);
        assert_eq!(trips.graph(Bars::Blocks, MOST), "▁▂▃▄▅▆▇█×█");
        assert_eq!(trips.graph(Bars::Ascii, MOST), "_.-~=+*#x#");
        assert_eq!(trips.graph(Bars::Ascii, 3), "#x#");
    }

    #[test]
    fn blocks_are_drawn_unless_the_locale_has_none() {
        for (set, expected) in [
            (&[][..], Bars::Blocks),
            (&[("LANG", "en_GB.UTF-8")], Bars::Blocks),
            (&[("LANG", "zh_CN.utf8")], Bars::Blocks),
            (&[("LANG", "C")], Bars::Ascii),
            (&[("LC_ALL", ""), ("LANG", "C.UTF-8")], Bars::Blocks),
            (&[("LC_ALL", "POSIX"), ("LANG", "C.UTF-8")], Bars::Ascii),
            (
                &[("LC_CTYPE", "C.UTF-8"), ("LANG", "de_DE.ISO-8859-1")],
                Bars::Blocks,
            ),
        ] {
            let env = |wanted: &str| {
                let found = set.iter().find(|(name, _)| *name == wanted)?;
                Some(found.1.to_owned())
            };
            assert_eq!(Bars::of(&env), expected, "{set:?}");
        }
    }

    #[test]
    fn figures_are_of_what_was_measured() {
        let ms = Duration::from_millis;
        for (all, range, jitter, missing) in [
            (&[][..], None, None, 0),
            (&[None], None, None, 1),
            (&[Some(5)], Some((ms(5), ms(5))), None, 0),
            (
                &[Some(5), None, Some(9), Some(1)],
                Some((ms(1), ms(9))),
                Some(ms(6)),
                1,
            ),
        ] {
            let trips = trips(all);
            let found = (trips.range(), trips.jitter(), trips.missing());
            assert_eq!(found, (range, jitter, missing), "{all:?}");
        }
    }

    proptest! {
        #[test]
        fn no_more_than_the_last_are_kept_and_text_gives_them_back(
            all in prop::collection::vec(prop::option::of(0..100_000_u64), 0..120),
        ) {
            let trips = trips(&all);
            let last = &all[all.len().saturating_sub(MOST)..];
            prop_assert_eq!(trips.all().count(), last.len());
            prop_assert_eq!(&Trips::of_text(&trips.to_text()), &trips);
            let (one, other) = all.split_at(all.len() / 2);
            let mut joined = tests::trips(one);
            joined.extend(tests::trips(other));
            prop_assert_eq!(&joined, &trips);
        }

        #[test]
        fn any_text_is_read(text in "[-0-9a-z ×]{0,300}", room in 0..60_usize) {
            let trips = Trips::of_text(&text);
            prop_assert!(trips.graph(Bars::Ascii, room).is_ascii());
            prop_assert!(trips.all().count() <= MOST);
        }
    }
}
