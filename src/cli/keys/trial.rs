//! Decides how the test of the talk key goes on: hold it, tap it twice, and what that taught.
//!
//! It listens with the same [`Talk`] as the assistant, so what it grades is what the user will
//! meet. Moments are arguments; the terminal and the clock are the caller's.

use crate::core::chord::Chord;
use crate::core::msg::Phase;
use crate::core::talk::{Grip, Talk, Verdict};
use crate::core::time::Moment;
use std::time::Duration;

/// A key let go sooner was not held.
const HELD: Duration = Duration::from_millis(300);
/// A key that was pressed and tells nothing more for so long tells nothing of being held.
const MUTE: Duration = Duration::from_secs(4);
/// A key that told something, and nothing more for so long, was let go.
const SILENCE: Duration = Duration::from_secs(1);
/// How long the last release may take: left in the terminal it would reach the shell.
const LAST: Duration = Duration::from_millis(400);

/// What the user is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Hold,
    Tap,
    /// All is known; what the key still sends is waited for.
    Ending {
        until: Moment,
    },
    Over,
}

/// Something that the key did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) phase: Phase,
    pub(super) at: Moment,
}

/// The test so far.
#[derive(Clone, Debug)]
pub(super) struct Trial {
    /// The key that is tried.
    pub(super) key: Chord,
    pub(super) step: Step,
    /// The step begins anew: something else was done than what was asked for.
    pub(super) again: bool,
    /// What came in this step.
    pub(super) seen: Vec<Seen>,
    pub(super) talk: Talk,
    /// What was learned.
    pub(super) grip: Grip,
}

impl Trial {
    /// The beginning, without prejudice.
    pub(super) fn new(key: Chord) -> Self {
        Self {
            key,
            step: Step::Hold,
            again: false,
            seen: vec![],
            talk: Talk::default(),
            grip: Grip::default(),
        }
    }

    /// A key did something.
    pub(super) fn key(&mut self, chord: Chord, phase: Phase, now: Moment) {
        self.due(now);
        if chord != self.key {
            match phase {
                Phase::Release => self.grip.released(chord),
                Phase::Press if matches!(self.step, Step::Hold | Step::Tap) => self.begin(true),
                Phase::Press | Phase::Repeat => {}
            }
            return;
        }
        let verdict = match phase {
            Phase::Press => self.talk.press(now, &mut self.grip),
            Phase::Repeat => self.talk.repeat(now, &mut self.grip),
            Phase::Release => self.talk.release(now, &mut self.grip),
        };
        if verdict == Verdict::Start {
            // What came before belongs to the key of the step before.
            self.seen.clear();
        }
        self.seen.push(Seen { phase, at: now });
        match self.step {
            Step::Hold if phase == Phase::Release => {
                let held = self.seen.first().map(|first| now.since(first.at));
                match held {
                    Some(held) if held >= HELD => self.next(Step::Tap),
                    _ => self.begin(true),
                }
            }
            Step::Ending { .. } if phase == Phase::Release => self.step = Step::Over,
            Step::Ending { .. } => self.step = Step::Ending { until: now + LAST },
            Step::Tap => self.tapped(verdict, now),
            Step::Hold | Step::Over => {}
        }
    }

    /// Time has passed.
    pub(super) fn due(&mut self, now: Moment) {
        let verdict = self.talk.due(now, &mut self.grip);
        match self.step {
            Step::Tap => self.tapped(verdict, now),
            Step::Hold if self.hold_until().is_some_and(|until| until <= now) => {
                // Two presses were taps. A single one is all that some terminals tell.
                if self.seen.len() == 2 {
                    self.begin(true);
                } else {
                    self.next(Step::Tap);
                }
            }
            Step::Ending { until } if until <= now => self.step = Step::Over,
            Step::Hold | Step::Ending { .. } | Step::Over => {}
        }
    }

    /// When [`Trial::due`] is to be called, if no key comes before.
    pub(super) fn deadline(&self) -> Option<Moment> {
        let own = match self.step {
            Step::Hold => self.hold_until(),
            Step::Ending { until } => Some(until),
            Step::Tap | Step::Over => None,
        };
        [own, self.talk.deadline()].into_iter().flatten().min()
    }

    fn hold_until(&self) -> Option<Moment> {
        let patience = if self.seen.len() == 1 { MUTE } else { SILENCE };
        Some(self.seen.last()?.at + patience)
    }

    /// A recording ended in the second step: by two taps, or by something else.
    fn tapped(&mut self, verdict: Verdict, now: Moment) {
        if !matches!(verdict, Verdict::End { .. }) {
            return;
        }
        let counted = |phase| self.seen.iter().filter(|seen| seen.phase == phase).count();
        if (counted(Phase::Press), counted(Phase::Repeat)) == (2, 0) {
            self.step = Step::Ending { until: now + LAST };
        } else {
            self.begin(true);
        }
    }

    fn next(&mut self, step: Step) {
        self.step = step;
        self.begin(false);
    }

    fn begin(&mut self, again: bool) {
        self.again = again;
        self.seen.clear();
        self.talk = Talk::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Phase::{Press, Release, Repeat};

    fn chord(text: &str) -> Chord {
        text.parse().unwrap()
    }

    /// Plays what comes at which millisecond; answers with the step reached and whether anew.
    fn played(script: &[(u64, Phase)], until: u64) -> (Step, bool, Grip) {
        let mut trial = Trial::new(chord("space"));
        for (at, phase) in script {
            wait(&mut trial, *at);
            trial.key(chord("space"), *phase, Moment::from_ms(*at));
        }
        wait(&mut trial, until);
        (trial.step, trial.again, trial.grip)
    }

    fn wait(trial: &mut Trial, until: u64) {
        let until = Moment::from_ms(until);
        while let Some(deadline) = trial.deadline().filter(|deadline| *deadline <= until) {
            trial.due(deadline);
        }
    }

    fn repeats(phase: Phase) -> Vec<(u64, Phase)> {
        let repeats = (500..2_000).step_by(30).map(|at| (at, phase));
        [(0, Press)].into_iter().chain(repeats).collect()
    }

    fn learned(releases: bool, repeats: bool) -> Grip {
        let time = |ms| repeats.then_some(Duration::from_millis(ms));
        Grip {
            releases: Some(releases),
            first_repeat: time(500),
            repeat: time(30),
        }
    }

    #[test]
    fn two_steps_teach_what_each_kind_of_terminal_tells() {
        let taps = |from| {
            vec![
                (from, Press),
                (from + 90, Release),
                (from + 1_500, Press),
                (from + 1_590, Release),
            ]
        };
        let bare = |from| vec![(from, Press), (from + 1_500, Press)];
        for (name, script, expected) in [
            (
                "everything is told",
                [repeats(Repeat), vec![(2_000, Release)], taps(3_000)].concat(),
                learned(true, true),
            ),
            (
                "only releases are told",
                [vec![(0, Press), (2_000, Release)], taps(3_000)].concat(),
                learned(true, false),
            ),
            (
                "only repeats are told",
                [repeats(Press), bare(4_000)].concat(),
                learned(false, true),
            ),
            (
                "nothing is told",
                [vec![(0, Press)], bare(5_000)].concat(),
                learned(false, false),
            ),
            (
                "the release is told, but late",
                [vec![(0, Press), (4_500, Release)], taps(6_000)].concat(),
                learned(true, false),
            ),
        ] {
            let over = (Step::Over, false, expected);
            assert_eq!(played(&script, 60_000), over, "{name}");
        }
    }

    #[test]
    fn what_was_not_asked_for_is_asked_for_again() {
        for (name, script, step) in [
            ("tapped", vec![(0, Press), (100, Release)], Step::Hold),
            ("tapped twice", vec![(0, Press), (700, Press)], Step::Hold),
            (
                "held twice",
                [
                    repeats(Repeat),
                    vec![(2_000, Release), (3_000, Press), (4_000, Release)],
                ]
                .concat(),
                Step::Tap,
            ),
        ] {
            let (reached, again, _grip) = played(&script, 60_000);
            assert_eq!((reached, again), (step, true), "{name}");
        }
    }

    #[test]
    fn another_key_begins_the_step_anew_and_its_release_teaches() {
        let mut trial = Trial::new(chord("space"));
        trial.key(chord("space"), Press, Moment::from_ms(0));
        trial.key(chord("x"), Press, Moment::from_ms(50));
        trial.key(chord("x"), Release, Moment::from_ms(90));
        assert_eq!((trial.step, trial.again), (Step::Hold, true));
        assert_eq!(trial.seen, []);
        assert_eq!(trial.grip.releases, Some(true));
    }
}
