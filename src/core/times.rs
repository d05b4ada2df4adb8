//! Where the time of a turn went: what the user waited for, part by part.
//!
//! Pure. A wait lasts from the end of the question to the first sound of the answer, or to its
//! last word where it is not spoken; what is said after that is no wait.

use super::backend::Usage;
use super::record::TurnTimes;
use super::turn::Stage;

/// A part of a wait: it ended with this stage and lasted so many milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub until: Stage,
    pub ms: u64,
}

/// The parts of a turn's wait, in their order.
pub fn parts(times: &TurnTimes) -> Vec<Part> {
    let mut reached: Vec<(Stage, u64)> = times
        .stages
        .iter()
        .filter_map(|(name, ms)| Some((Stage::of(name)?, *ms)))
        .collect();
    reached.sort_by_key(|(_, ms)| *ms);
    let mut parts = vec![];
    let mut before = 0;
    for (until, at) in reached {
        if until == Stage::Spoken {
            break;
        }
        if until != Stage::Sent {
            let ms = at - before;
            parts.push(Part { until, ms });
        }
        before = at;
        if until == Stage::Sounding {
            break;
        }
    }
    parts
}

/// How long the whole wait was.
pub fn waited(parts: &[Part]) -> u64 {
    parts.iter().map(|part| part.ms).sum()
}

/// The part that took longest.
pub fn slowest(parts: &[Part]) -> Option<Part> {
    parts.iter().rev().copied().max_by_key(|part| part.ms)
}

/// How long the answer was spoken, if it was.
pub fn spoken(times: &TurnTimes) -> Option<u64> {
    let at = |stage: Stage| {
        let found = times.stages.iter().find(|(name, _)| name == stage.name());
        found.map(|(_, ms)| *ms)
    };
    at(Stage::Spoken)?.checked_sub(at(Stage::Sounding)?)
}

/// What the backend counted for some turns.
pub fn spent<'a>(turns: impl IntoIterator<Item = &'a TurnTimes>) -> Usage {
    let counted = turns.into_iter().filter_map(|times| times.usage);
    counted.fold(Usage::default(), |sum, more| Usage {
        prompt: sum.prompt.saturating_add(more.prompt),
        completion: sum.completion.saturating_add(more.completion),
    })
}

/// The smallest of some figures that so many in a hundred of them do not exceed.
pub fn percentile(figures: &[u64], percent: usize) -> Option<u64> {
    let mut sorted = figures.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.max(1) - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::time::Wall;
    use proptest::prelude::*;

    fn times(stages: &[(&str, u64)]) -> TurnTimes {
        TurnTimes {
            turn: None,
            stages: stages
                .iter()
                .map(|(name, ms)| ((*name).to_owned(), *ms))
                .collect(),
            outcome: "done".into(),
            at: Wall(0),
            ..TurnTimes::default()
        }
    }

    fn part(until: Stage, ms: u64) -> Part {
        Part { until, ms }
    }

    #[test]
    fn a_wait_ends_when_the_answer_is_heard_or_when_it_is_written() {
        let spoken_first = times(&[
            ("sent", 0),
            ("heard", 300),
            ("thinking", 310),
            ("first_text", 900),
            ("text_done", 4_000),
            ("sounding", 1_500),
            ("spoken", 9_000),
        ]);
        assert_eq!(
            parts(&spoken_first),
            [
                part(Stage::Heard, 300),
                part(Stage::Thinking, 10),
                part(Stage::FirstText, 590),
                part(Stage::Sounding, 600),
            ]
        );
        assert_eq!(waited(&parts(&spoken_first)), 1_500);
        assert_eq!(
            slowest(&parts(&spoken_first)),
            Some(part(Stage::Sounding, 600))
        );
        assert_eq!(spoken(&spoken_first), Some(7_500));
        let written = times(&[("sent", 0), ("first_text", 200), ("text_done", 700)]);
        assert_eq!(
            parts(&written),
            [part(Stage::FirstText, 200), part(Stage::TextDone, 500)]
        );
        assert_eq!(spoken(&written), None);
        assert_eq!(parts(&times(&[])), []);
        assert_eq!(slowest(&[]), None);
    }

    #[test]
    fn percentiles_are_figures_that_were_measured() {
        for (figures, percent, expected) in [
            (&[][..], 50, None),
            (&[7][..], 50, Some(7)),
            (&[7][..], 95, Some(7)),
            (&[4, 1, 3, 2][..], 50, Some(2)),
            (&[4, 1, 3, 2][..], 95, Some(4)),
        ] {
            assert_eq!(percentile(figures, percent), expected, "{figures:?}");
        }
    }

    proptest! {
        #[test]
        fn no_times_are_too_strange(
            stages in prop::collection::vec(("[a-z_]{0,10}|sent|heard|sounding|spoken", any::<u64>()), 0..9),
        ) {
            let stages: Vec<_> = stages.iter().map(|(name, ms)| (name.as_str(), *ms)).collect();
            let times = times(&stages);
            let most = stages.iter().map(|(_, ms)| *ms).max().unwrap_or(0);
            prop_assert!(waited(&parts(&times)) <= most);
            let _ = spoken(&times);
        }
    }
}
