use super::*;
use proptest::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Press,
    Repeat,
    Release,
    Other,
    FocusLost,
}
use Key::{FocusLost, Other, Press, Release, Repeat};

/// What comes, and when in milliseconds.
type Script = Vec<(u64, Key)>;

/// What was decided, when, and when the recording ended: `(decided, at)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Start(u64),
    End { decided: u64, at: u64 },
}

fn ms(moment: Moment) -> u64 {
    u64::try_from(moment.0.as_millis()).unwrap()
}

const fn millis(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Plays a script and then waits until nothing is to be waited for.
fn play(talk: &mut Talk, grip: &mut Grip, script: &[(u64, Key)]) -> Vec<Told> {
    let mut told = vec![];
    let mut note = |now: Moment, verdict: Verdict| match verdict {
        Verdict::Nothing => {}
        Verdict::Start => told.push(Told::Start(ms(now))),
        Verdict::End { at } => told.push(Told::End {
            decided: ms(now),
            at: ms(at),
        }),
    };
    for (at, key) in script {
        let now = Moment::from_ms(*at);
        while let Some(deadline) = talk.deadline().filter(|deadline| *deadline <= now) {
            note(deadline, talk.due(deadline, grip));
        }
        let verdict = match key {
            Press => talk.press(now, grip),
            Repeat => talk.repeat(now, grip),
            Release => talk.release(now, grip),
            Other => talk.other_key(now, grip),
            FocusLost => talk.focus_lost(now, grip),
        };
        note(now, verdict);
    }
    while let Some(deadline) = talk.deadline() {
        note(deadline, talk.due(deadline, grip));
    }
    told
}

fn played(grip: Grip, script: &[(u64, Key)]) -> Vec<Told> {
    play(&mut Talk::default(), &mut grip.clone(), script)
}

/// A key held from `from` to `to`, in a terminal that repeats presses and tells of no release.
fn legacy(from: u64, to: u64, first: u64, every: u64) -> Script {
    let repeats = (0..)
        .map(|n| from + first + n * every)
        .take_while(|at| *at < to);
    let repeats = repeats.map(|at| (at, Press));
    [(from, Press)].into_iter().chain(repeats).collect()
}

/// The same where repeats and releases are told apart.
fn kitty(from: u64, to: u64, first: u64, every: u64) -> Script {
    let mut script: Script = legacy(from, to, first, every);
    for (_, key) in script.iter_mut().skip(1) {
        *key = Repeat;
    }
    script.push((to, Release));
    script
}

/// A slow line: each key is late by up to 200 ms, and none overtakes another.
fn late(script: &[(u64, Key)], delays: &[u64]) -> Script {
    let mut latest = 0;
    let delays = delays.iter().cycle();
    script
        .iter()
        .zip(delays)
        .map(|((at, key), delay)| {
            latest = latest.max(at + delay);
            (latest, *key)
        })
        .collect()
}

fn once(start: u64, decided: u64, at: u64) -> Vec<Told> {
    vec![Told::Start(start), Told::End { decided, at }]
}

fn known(releases: Option<bool>, repeats: bool) -> Grip {
    Grip {
        releases,
        first_repeat: repeats.then_some(millis(500)),
        repeat: repeats.then_some(millis(33)),
    }
}

#[test]
fn one_key_starts_and_ends_whatever_the_terminal_tells() {
    let new = Grip::default();
    let table: Vec<(&str, Grip, Script, Vec<Told>)> = vec![
        (
            "held where only releases are told",
            new,
            vec![(0, Press), (2_000, Release)],
            once(0, 2_000, 2_000),
        ),
        (
            "held where everything is told",
            new,
            kitty(0, 3_000, 500, 33),
            once(0, 3_000, 3_000),
        ),
        (
            "held where repeats are presses and releases are told",
            new,
            [legacy(0, 3_000, 500, 33), vec![(3_000, Release)]].concat(),
            once(0, 3_000, 3_000),
        ),
        (
            "tapped twice where releases are told",
            new,
            vec![(0, Press), (100, Release), (3_000, Press), (3_090, Release)],
            once(0, 3_000, 3_000),
        ),
        (
            "let go before 300 ms, then nothing: it goes on",
            new,
            vec![(0, Press), (299, Release)],
            vec![Told::Start(0)],
        ),
        (
            "let go at 300 ms",
            new,
            vec![(0, Press), (300, Release)],
            once(0, 300, 300),
        ),
        (
            "tapped twice where nothing is told",
            new,
            vec![(0, Press), (3_000, Press)],
            once(0, 3_120, 3_000),
        ),
        (
            "tapped twice within a second, where the second may be a repeat",
            new,
            vec![(0, Press), (600, Press)],
            once(0, 870, 600),
        ),
        (
            "tapped three times in a hurry: these may be repeats",
            new,
            vec![(0, Press), (180, Press), (360, Press)],
            once(0, 630, 360),
        ),
        (
            "held just until the first repeat",
            new,
            legacy(0, 510, 500, 33),
            once(0, 770, 500),
        ),
        (
            "the key bounces where nothing is told",
            new,
            vec![(0, Press), (12, Press), (2_000, Press)],
            once(0, 2_120, 2_000),
        ),
        (
            "the key bounces where releases are told",
            new,
            vec![
                (0, Press),
                (8, Release),
                (15, Press),
                (2_000, Release),
                (2_006, Press),
                (2_010, Release),
            ],
            once(0, 2_000, 2_000),
        ),
        (
            "the ending tap is held for a while",
            new,
            [vec![(0, Press)], legacy(3_000, 5_000, 500, 30)].concat(),
            once(0, 3_120, 3_000),
        ),
        (
            "the ending tap is held where everything is told",
            known(Some(true), true),
            [
                vec![(0, Press), (90, Release)],
                kitty(3_000, 5_000, 500, 30),
            ]
            .concat(),
            once(0, 3_000, 3_000),
        ),
        (
            "started again at once where releases are told",
            new,
            [
                kitty(0, 1_000, 500, 33),
                vec![(1_100, Press), (1_180, Release), (1_900, Press)],
            ]
            .concat(),
            [once(0, 1_000, 1_000), once(1_100, 1_900, 1_900)].concat(),
        ),
        (
            "another key ends what is held",
            new,
            vec![(0, Press), (500, Repeat), (533, Repeat), (540, Other)],
            once(0, 540, 540),
        ),
        (
            "another key leaves alone what was tapped",
            new,
            vec![(0, Press), (80, Release), (900, Other), (2_000, Press)],
            once(0, 2_000, 2_000),
        ),
        (
            "after another key the talk key is meant",
            known(Some(false), true),
            vec![(0, Press), (2_000, Press), (2_300, Other), (2_400, Press)],
            vec![
                Told::Start(0),
                Told::End {
                    decided: 2_120,
                    at: 2_000,
                },
                Told::Start(2_400),
            ],
        ),
        (
            "the focus goes while it is held, and with it the release",
            new,
            vec![(0, Press), (200, FocusLost)],
            once(0, 200, 200),
        ),
        (
            "the focus goes after a tap where nothing is told",
            known(Some(false), false),
            vec![(0, Press), (1_000, FocusLost), (2_000, Press)],
            once(0, 2_120, 2_000),
        ),
        (
            "the release is lost while it repeats",
            new,
            kitty(0, 2_000, 500, 50)
                .into_iter()
                .filter(|(_, key)| *key != Release)
                .collect(),
            once(0, 2_970, 1_950),
        ),
        (
            "the release is lost before it repeats",
            known(Some(true), true),
            vec![(0, Press)],
            once(0, 1_500, 1_500),
        ),
        (
            "the release is lost and the key pressed again",
            known(Some(true), false),
            vec![(0, Press), (4_000, Press), (4_080, Release)],
            once(0, 4_080, 4_080),
        ),
        (
            "the terminal told of releases once, and does not any more",
            known(Some(true), true),
            legacy(0, 2_000, 500, 50),
            once(0, 2_970, 1_950),
        ),
    ];
    for (name, grip, script, expected) in table {
        assert_eq!(played(grip, &script), expected, "{name}");
    }
}

#[test]
fn a_held_key_is_known_by_its_repeats_however_the_terminal_repeats_it() {
    for first in [250, 500, 660, 1_800] {
        for every in [25, 33, 40, 90] {
            for grip in [Grip::default(), known(None, true), known(Some(false), true)] {
                let script = legacy(0, 3_000, first, every);
                let last = script.last().unwrap().0;
                assert_eq!(
                    played(grip, &script),
                    once(0, last + 270, last),
                    "first after {first} ms, then every {every} ms, {grip:?}"
                );
            }
        }
    }
}

#[test]
fn what_is_learned_is_what_the_terminal_does() {
    let learned = |script: &[(u64, Key)]| {
        let mut grip = Grip::default();
        let _told = play(&mut Talk::default(), &mut grip, script);
        (grip, grip.hint())
    };
    let repeats = |releases| Grip {
        releases: Some(releases),
        first_repeat: Some(millis(500)),
        repeat: Some(millis(33)),
    };
    assert_eq!(learned(&[]), (Grip::default(), Hint::Tap));
    assert_eq!(
        learned(&legacy(0, 2_000, 500, 33)),
        (repeats(false), Hint::Either)
    );
    assert_eq!(
        learned(&kitty(0, 2_000, 500, 33)),
        (repeats(true), Hint::Hold)
    );
    let none = known(Some(false), false);
    assert_eq!(learned(&[(0, Press), (3_000, Press)]), (none, Hint::Tap));
    // Three taps are no repeats.
    assert_eq!(learned(&[(0, Press), (300, Press), (450, Press)]).0, none);
    // In bursts, the gaps count.
    let bursts = late(&legacy(0, 3_000, 500, 33), &[0, 190, 150, 110, 70, 30]);
    let gaps = learned(&bursts).0.repeat.unwrap();
    assert!(gaps > millis(100), "{gaps:?}");
}

#[test]
fn a_text_key_let_go_anywhere_shows_that_releases_are_told() {
    for (key, expected) in [("a", Some(true)), ("space", Some(true)), ("esc", None)] {
        let mut grip = Grip::default();
        grip.released(key.parse().unwrap());
        assert_eq!(grip.releases, expected, "{key}");
    }
}

#[test]
fn repeats_that_were_promised_and_do_not_come_are_waited_for_only_once() {
    let (mut talk, mut grip) = (Talk::default(), known(Some(true), true));
    let script = [
        (0, Press),
        (4_000, Release),
        (5_000, Press),
        (9_000, Release),
    ];
    let told = play(&mut talk, &mut grip, &script);
    assert_eq!(
        told,
        [once(0, 1_500, 1_500), once(5_000, 9_000, 9_000)].concat()
    );
}

#[test]
fn the_screen_is_told_what_ends_the_recording() {
    let (mut talk, mut grip) = (Talk::default(), Grip::default());
    let at = Moment::from_ms;
    let state = |talk: &Talk| (talk.on(), talk.held(), talk.latched());
    assert_eq!(state(&talk), (false, false, false));
    assert_eq!(talk.press(at(0), &mut grip), Verdict::Start);
    assert_eq!(state(&talk), (true, true, false));
    assert_eq!(talk.due(at(860), &mut grip), Verdict::Nothing);
    assert_eq!(state(&talk), (true, false, true));
    assert_eq!(talk.repeat(at(900), &mut grip), Verdict::Nothing);
    assert_eq!(state(&talk), (true, true, false));
    let end = Verdict::End { at: at(1_000) };
    assert_eq!(talk.release(at(1_000), &mut grip), end);
    assert_eq!(state(&talk), (false, false, false));
    assert!(talk.claims(at(1_029)) && !talk.claims(at(1_030)));
}

#[test]
fn what_somebody_else_ended_does_not_begin_again_by_its_own_repeats() {
    for script in [legacy(0, 5_000, 500, 33), kitty(0, 5_000, 500, 33)] {
        let (mut talk, mut grip) = (Talk::default(), Grip::default());
        let (before, after) = script.split_at(20);
        let mut told = vec![];
        for (at, key) in before {
            let now = Moment::from_ms(*at);
            told.push(match key {
                Press => talk.press(now, &mut grip),
                _ => talk.repeat(now, &mut grip),
            });
        }
        assert_eq!(told.iter().filter(|it| **it != Verdict::Nothing).count(), 1);
        talk.stop(Moment::from_ms(before.last().unwrap().0), &grip);
        assert_eq!(play(&mut talk, &mut grip, after), []);
    }
}

#[test]
fn what_somebody_else_ended_can_begin_again_at_once_after_a_tap() {
    for first in [vec![(0, Press)], vec![(0, Press), (80, Release)]] {
        let (mut talk, mut grip) = (Talk::default(), known(Some(false), false));
        let told = play(&mut talk, &mut grip, &first);
        assert_eq!(told, [Told::Start(0)]);
        talk.stop(Moment::from_ms(2_000), &grip);
        let again = play(&mut talk, &mut grip, &[(2_100, Press)]);
        assert_eq!(again, [Told::Start(2_100)]);
    }
}

/// A terminal: what it tells of a held key.
#[derive(Clone, Copy, Debug)]
struct Kind {
    told: bool,
    releases: bool,
    first: u64,
    every: u64,
}

fn kinds() -> impl Strategy<Value = Kind> {
    (any::<bool>(), any::<bool>(), 250..700_u64, 20..60_u64).prop_map(
        |(told, releases, first, every)| Kind {
            told,
            releases: told || releases,
            first,
            every,
        },
    )
}

fn hold(kind: Kind, from: u64, to: u64) -> Script {
    let mut script = if kind.told {
        kitty(from, to, kind.first, kind.every)
    } else {
        let mut script = legacy(from, to, kind.first, kind.every);
        script.push((to, Release));
        script
    };
    script.retain(|(_, key)| kind.releases || *key != Release);
    script
}

fn grips() -> impl Strategy<Value = Grip> {
    let time = |most| prop::option::of((0..most).prop_map(millis));
    (prop::option::of(any::<bool>()), time(3_000_u64), time(500)).prop_map(
        |(releases, first_repeat, repeat)| Grip {
            releases,
            first_repeat,
            repeat,
        },
    )
}

fn keys() -> impl Strategy<Value = Script> {
    let key = prop_oneof![
        5 => Just(Press),
        4 => Just(Repeat),
        3 => Just(Release),
        1 => Just(Other),
        1 => Just(FocusLost),
    ];
    let pause = prop_oneof![
        5 => 0..60_u64,
        3 => 60..700_u64,
        1 => 700..5_000_u64,
    ];
    prop::collection::vec((pause, key), 0..80).prop_map(|steps| {
        let mut clock = 0;
        let at = |(pause, key)| {
            clock += pause;
            (clock, key)
        };
        steps.into_iter().map(at).collect()
    })
}

proptest! {
    #[test]
    fn starts_and_ends_take_turns_and_no_end_cuts_off_a_press(script in keys(), grip in grips()) {
        let told = played(grip, &script);
        let mut started = None;
        for one in told {
            match one {
                Told::Start(at) => {
                    prop_assert_eq!(started, None);
                    started = Some(at);
                }
                Told::End { decided, at } => {
                    let began = started.take();
                    prop_assert!(began.is_some_and(|began| began <= at), "{:?}", began);
                    prop_assert!(at <= decided);
                    let last = script.iter().filter(|(when, key)| {
                        matches!(key, Press | Repeat) && *when < decided
                    });
                    let last = last.map(|(when, _)| *when).max().unwrap_or(0);
                    prop_assert!(last <= at + ms(Moment(BOUNCE)), "{} is cut off", last);
                }
            }
        }
    }

    #[test]
    fn once_all_keys_are_up_nothing_is_held_any_more(script in keys(), mut grip in grips()) {
        let mut talk = Talk::default();
        let last = script.last().map_or(0, |(at, _)| *at);
        let mut ended = 0;
        for (at, key) in &script {
            let _told = play_one(&mut talk, &mut grip, *at, *key);
        }
        while let Some(deadline) = talk.deadline() {
            ended = ms(deadline);
            let _told = talk.due(deadline, &mut grip);
        }
        prop_assert!(!talk.held());
        let limits = grip.first_wait().max(grip.quiet()).max(millis(860));
        // What was learned on the way may be less than what was believed at the start.
        let believed = limits.max(millis(3_250));
        prop_assert!(ended <= last + ms(Moment(believed)) + 1_000, "{ended} {last}");
    }

    #[test]
    fn a_long_hold_is_one_recording_on_any_line(
        kind in kinds(),
        length in 1_500..6_000_u64,
        delays in prop::collection::vec(0..200_u64, 1..40),
        far in any::<bool>(),
    ) {
        let script = hold(kind, 0, length);
        let script = if far { late(&script, &delays) } else { script };
        let mut grip = Grip::default();
        let told = play(&mut Talk::default(), &mut grip, &script);
        let (came, _) = *script.last().unwrap();
        let [Told::Start(_), Told::End { decided, at }] = told[..] else {
            return Err(TestCaseError::fail(format!("{told:?} of {script:?}")));
        };
        prop_assert_eq!(at, came);
        prop_assert!(decided <= came + 400, "{} after {}", decided, came);
        prop_assert_eq!(grip.releases, Some(kind.releases));
    }

    #[test]
    fn a_line_that_turns_slow_or_fast_again_changes_nothing(
        kind in kinds(),
        delays in prop::collection::vec(0..200_u64, 1..40),
        slow_first in any::<bool>(),
    ) {
        let (mut talk, mut grip) = (Talk::default(), Grip::default());
        for (n, slow) in [slow_first, !slow_first, slow_first].into_iter().enumerate() {
            let start = n as u64 * 10_000;
            let script = hold(kind, start, start + 3_000);
            let script = if slow { late(&script, &delays) } else { script };
            let (came, _) = *script.last().unwrap();
            let told = play(&mut talk, &mut grip, &script);
            let [Told::Start(_), Told::End { decided, at }] = told[..] else {
                return Err(TestCaseError::fail(format!("{told:?} of {script:?}, {grip:?}")));
            };
            prop_assert_eq!(at, came);
            prop_assert!(decided <= came + 400);
        }
    }

    #[test]
    fn taps_start_and_end_on_any_terminal(
        kind in kinds(),
        pauses in prop::collection::vec(1_000..4_000_u64, 2..9),
        press in 1..200_u64,
    ) {
        let mut clock = 0;
        let mut script = vec![];
        for pause in &pauses {
            script.extend(hold(kind, clock, clock + press));
            clock += pause;
        }
        let told = played(Grip::default(), &script);
        let taps: Vec<u64> = script.iter().filter(|(_, key)| *key == Press).map(|(at, _)| *at).collect();
        let moments: Vec<u64> = told.iter().map(|one| match one {
            Told::Start(at) | Told::End { at, .. } => *at,
        }).collect();
        prop_assert_eq!(moments, taps);
    }
}

fn play_one(talk: &mut Talk, grip: &mut Grip, at: u64, key: Key) -> Verdict {
    let now = Moment::from_ms(at);
    match key {
        Press => talk.press(now, grip),
        Repeat => talk.repeat(now, grip),
        Release => talk.release(now, grip),
        Other => talk.other_key(now, grip),
        FocusLost => talk.focus_lost(now, grip),
    }
}
