use super::*;
use proptest::prelude::*;

/// What is played on one side and heard on the other, frame by frame. The nth frame that was
/// played holds nothing but n.
struct Ends {
    cushion: Cushion,
    /// Frames that were played and have not come yet; frames that were played, and heard.
    coming: Vec<f32>,
    played: usize,
    heard: usize,
    /// How far what was given was behind what was heard, in frames, the youngest last; `None`
    /// for silence in its place.
    behind: Vec<Option<i64>>,
    slips: usize,
    works: bool,
}

impl Ends {
    fn new() -> Self {
        let (cushion, coming, behind) = (Cushion::default(), vec![], vec![]);
        let (played, heard, slips, works) = (1, 1, 0, false);
        Self {
            cushion,
            coming,
            played,
            heard,
            behind,
            slips,
            works,
        }
    }

    /// So many frames are played, of which nobody knows yet.
    fn play(&mut self, frames: usize) {
        for _ in 0..frames {
            self.coming.extend([self.played as f32; FRAME]);
            self.played += 1;
        }
    }

    /// What was played is known but for so many frames, and one is heard.
    fn hear(&mut self, but: usize) {
        let known = self.coming.len().saturating_sub(but * FRAME);
        let came: Vec<f32> = self.coming.drain(..known).collect();
        let given = self.cushion.next(&came, self.works);
        for _ in 0..given.lost {
            self.heard += 1;
            self.cushion.take();
        }
        let [first, .., last] = given.frame;
        assert_eq!(first.to_bits(), last.to_bits(), "a frame of two");
        let behind = self.heard as i64 - first as i64;
        self.behind.push((first != 0.0).then_some(behind));
        self.slips += usize::from(given.slipped);
        self.heard += 1;
    }

    /// So many frames are heard, and what is played comes in bursts of so many.
    fn run(&mut self, frames: usize, burst: usize) {
        for n in 0..frames {
            if n.is_multiple_of(burst) {
                self.play(burst);
            }
            self.hear(0);
        }
    }

    /// How far it was behind in each of the last frames; `None` if not always as far.
    fn settled(&self, frames: usize) -> Option<i64> {
        let last = self.behind.iter().rev().take(frames);
        let first = *self.behind.last()?;
        last.clone()
            .all(|behind| *behind == first)
            .then_some(first)?
    }
}

#[test]
fn bursts_change_nothing() {
    for burst in [1, 2, 4, 10] {
        let mut ends = Ends::new();
        ends.run(60, burst);
        let slips = ends.slips;
        ends.run(600, burst);
        let behind = ends.settled(600);
        assert!(
            behind.is_some_and(|behind| (0..=3).contains(&behind)),
            "{burst}: {behind:?}"
        );
        assert_eq!(ends.slips, slips, "{burst}");
    }
}

#[test]
fn bursts_that_come_behind_those_that_they_came_before_change_nothing_while_it_works() {
    for (works, steps) in [(true, 0), (false, 1)] {
        let mut ends = Ends::new();
        ends.works = works;
        // Both come in bursts of two; what is played first.
        ends.run(400, 2);
        let (before, slips) = (ends.settled(100).unwrap(), ends.slips);
        for _ in 0..300 {
            ends.hear(0);
            ends.hear(0);
            ends.play(2);
        }
        let after = ends.settled(100).unwrap();
        assert_eq!(ends.slips - slips, steps, "{works}");
        assert_eq!(after == before, works, "{before}, {after}");
        // And the other way round.
        ends.run(400, 2);
        assert_eq!(ends.settled(100) == Some(before), works);
    }
}

#[test]
fn what_was_played_before_anybody_heard_of_it_is_left_out() {
    for before in [1, 5, 40, 150] {
        let mut ends = Ends::new();
        for _ in 0..before {
            ends.play(1);
            ends.heard += 1;
        }
        ends.run(100, 1);
        let behind = ends.settled(60);
        assert!(
            behind.is_some_and(|behind| (1..=3).contains(&behind)),
            "{before}: {behind:?}"
        );
    }
}

#[test]
fn a_loudspeaker_that_ran_dry_has_played_silence() {
    for (burst, dry) in [(1, 3), (1, 8), (2, 6), (2, 20), (4, 12)] {
        let mut ends = Ends::new();
        ends.run(200, burst);
        let before = ends.settled(100).unwrap();
        for _ in 0..dry {
            ends.hear(0);
        }
        // What is played next is heard so much later.
        ends.heard -= dry;
        ends.run(400, burst);
        let after = ends.settled(100).unwrap();
        assert!(
            (after - before).abs() <= 1,
            "{burst}, {dry}: {before}, {after}"
        );
    }
}

#[test]
fn what_comes_late_after_all_is_left_out() {
    for late in [1, 2, 5, 15, 30] {
        let mut ends = Ends::new();
        ends.run(200, 1);
        let before = ends.settled(100);
        for but in 1..=late {
            ends.play(1);
            ends.hear(but);
        }
        ends.run(20, 1);
        ends.run(100, 1);
        assert_eq!(ends.settled(100), before, "{late}");
    }
}

#[test]
fn a_microphone_that_lost_something_is_made_up_for() {
    for lost in [2, 6, 30] {
        let mut ends = Ends::new();
        ends.run(200, 2);
        let before = ends.settled(100).unwrap();
        ends.play(lost);
        ends.run(400, 2);
        let after = ends.settled(100).unwrap();
        // They were counted when it was noticed that they are lost.
        assert!((after - before).abs() <= 1, "{lost}: {before}, {after}");
    }
}

#[test]
fn a_loudspeaker_that_rests_begins_anew() {
    let mut ends = Ends::new();
    ends.run(200, 2);
    for _ in 0..300 {
        ends.hear(0);
    }
    assert_eq!(ends.settled(200), None);
    ends.heard -= 300;
    ends.run(200, 2);
    assert!(
        ends.settled(100)
            .is_some_and(|behind| (0..=4).contains(&behind))
    );
}

#[test]
fn clocks_may_drift() {
    for (played, burst) in [(0, 1), (2, 1), (0, 2), (2, 2)] {
        let mut ends = Ends::new();
        // 400 millionths, for ten minutes.
        for _ in 0..24 {
            ends.run(2500, burst);
            ends.play(played);
            ends.hear(0);
            assert!(ends.cushion.samples.len() <= 5 * FRAME);
        }
        // It was made up for at most once for each frame by which they drifted apart.
        assert!(ends.slips <= 26, "{played}, {burst}: {}", ends.slips);
    }
}

proptest! {
    #[test]
    fn whoever_was_held_up_is_in_step_again(
        late in prop::collection::vec(0_usize..=3, 50),
        held in prop::collection::vec(0_usize..=8, 50),
    ) {
        let mut ends = Ends::new();
        // Each is known late by as much as before, and heard some at a time.
        for (late, held) in late.iter().zip(&held).cycle().take(400) {
            ends.play(held + 1);
            for _ in 0..=*held {
                ends.hear(*late);
            }
        }
        ends.run(400, 1);
        prop_assert!(ends.settled(100).is_some(), "{:?}", ends.behind);
    }
}
