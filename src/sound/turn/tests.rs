use super::*;
use proptest::prelude::*;

/// Frames that say the same for so many milliseconds.
fn lasts(ms: u32, score: f32) -> Vec<Frame> {
    let frame = Frame {
        score,
        over: 2.5,
        played: false,
    };
    vec![frame; (ms / FRAME_MS) as usize]
}

fn speech(ms: u32) -> Vec<Frame> {
    lasts(ms, 0.95)
}

fn silence(ms: u32) -> Vec<Frame> {
    lasts(ms, 0.05)
}

fn played(frames: Vec<Frame>) -> Vec<Frame> {
    let played = |frame| Frame {
        played: true,
        ..frame
    };
    frames.into_iter().map(played).collect()
}

/// What changes, and after how many milliseconds.
fn run(turns: &mut Turns, frames: &[Frame]) -> Vec<(u32, Change)> {
    let mut at = 0;
    let mut changes = vec![];
    for frame in frames {
        at += FRAME_MS;
        changes.extend(turns.add(*frame).map(|change| (at, change)));
    }
    changes
}

fn named(changes: &[(u32, Change)]) -> Vec<&'static str> {
    let name = |change: &Change| match change {
        Change::Sign => "sign",
        Change::NoSign => "no sign",
        Change::Start => "start",
        Change::Begun => "begun",
        Change::Pause { .. } => "pause",
        Change::On => "on",
        Change::End => "end",
        Change::Nothing => "nothing",
    };
    changes.iter().map(|(_, change)| name(change)).collect()
}

#[test]
fn no_pause_completes_what_is_kept_open() {
    let mut turns = Turns::default();
    turns.keep_open(true);
    let said = [speech(1000), silence(5000), speech(500), silence(2000)].concat();
    let told = named(&run(&mut turns, &said));
    assert_eq!(told, ["start", "begun", "pause", "on", "pause"]);
    // Whoever was silent for long enough is done as soon as it is taken back.
    turns.keep_open(false);
    assert_eq!(named(&run(&mut turns, &silence(FRAME_MS))), ["end"]);
}

#[test]
fn what_is_said_decides_what_is_told() {
    let quiet = |parts: &[Vec<Frame>]| parts.concat();
    for (what, frames, expected) in [
        ("silence", silence(2000), &[][..]),
        (
            "a click",
            quiet(&[silence(100), speech(32), silence(2000)]),
            &[],
        ),
        (
            "a cough",
            quiet(&[speech(128), silence(2000)]),
            &["start", "pause", "nothing"],
        ),
        (
            "a word",
            quiet(&[speech(320), silence(2000)]),
            &["start", "begun", "pause", "end"],
        ),
        (
            "a stop in a word",
            quiet(&[speech(320), silence(80), speech(320), silence(2000)]),
            &["start", "begun", "pause", "end"],
        ),
        (
            "a breath",
            quiet(&[speech(960), silence(400), speech(960), silence(2000)]),
            &["start", "begun", "pause", "on", "pause", "end"],
        ),
        (
            "a click into what is played",
            played(quiet(&[speech(32), silence(2000)])),
            &["sign", "no sign"],
        ),
        (
            "a cough into what is played",
            played(quiet(&[speech(96), silence(2000)])),
            &["sign", "start", "pause", "nothing"],
        ),
        (
            "a word into what is played",
            played(quiet(&[speech(320), silence(2000)])),
            &["sign", "start", "begun", "pause", "end"],
        ),
        (
            "doubtful frames while something is played",
            played(lasts(3000, 0.75)),
            &["sign"],
        ),
        (
            "the same, far louder than what is left of it",
            played(lasts(320, 0.75))
                .into_iter()
                .map(|frame| Frame { over: 5.0, ..frame })
                .collect(),
            &["sign", "start", "begun"],
        ),
    ] {
        let changes = run(&mut Turns::default(), &frames);
        assert_eq!(named(&changes), expected, "{what}: {changes:?}");
    }
}

#[test]
fn what_is_no_louder_than_what_is_left_of_the_loudspeaker_is_nothing() {
    let mut frames = played(speech(3000));
    for frame in &mut frames {
        frame.over = 1.5;
    }
    assert_eq!(run(&mut Turns::default(), &frames), []);
}

/// How long a pause after so much speech is waited out.
fn waited(turns: &mut Turns, ms: u32) -> u32 {
    let changes = run(turns, &[speech(ms), silence(3000)].concat());
    let (at, _) = changes
        .iter()
        .find(|(_, change)| *change == Change::End)
        .unwrap();
    at - ms / FRAME_MS * FRAME_MS
}

#[test]
fn patience_depends_on_how_much_was_said() {
    for (ms, expected) in [
        (320, 900),
        (600, 900),
        (960, 600),
        (2000, 600),
        (3200, 450),
        (9000, 450),
    ] {
        let waited = waited(&mut Turns::default(), ms);
        assert!(
            (expected..expected + FRAME_MS).contains(&waited),
            "{ms}: {waited}"
        );
    }
}

#[test]
fn a_pause_tells_how_long_it_is_waited_out() {
    let mut turns = Turns::default();
    let changes = run(&mut turns, &[speech(1600), silence(2000)].concat());
    let [_, _, (paused, Change::Pause { left }), (end, Change::End)] = changes.as_slice() else {
        panic!("{changes:?}")
    };
    assert_eq!(u128::from(end - paused), left.as_millis());
}

#[test]
fn who_goes_on_after_being_taken_as_done_is_waited_for_longer() {
    let mut turns = Turns::default();
    let pauses = |turns: &mut Turns, ms: u32, pause: u32| {
        let before = turns.patience(frames(2000)) * FRAME_MS;
        let after = silence(before + FRAME_MS + pause);
        run(turns, &[speech(ms), after].concat());
    };
    let mut patience = vec![];
    for _ in 0..6 {
        pauses(&mut turns, 2000, 500);
        patience.push(turns.patience(frames(2000)) * FRAME_MS);
    }
    assert_eq!(patience, [608, 768, 928, 1088, 1200, 1200]);
    // Long turns that were complete take it back.
    patience.clear();
    for _ in 0..9 {
        pauses(&mut turns, 4000, 3000);
        patience.push(turns.patience(frames(2000)) * FRAME_MS);
    }
    assert!(
        patience.is_sorted_by(|one, other| one >= other),
        "{patience:?}"
    );
    assert_eq!(patience.last(), Some(&608));
}

#[test]
fn nobody_speaks_longer_than_half_a_minute() {
    let changes = run(&mut Turns::default(), &speech(31_000));
    let ends: Vec<u32> = (changes.iter())
        .filter(|(_, change)| *change == Change::End)
        .map(|(at, _)| *at)
        .collect();
    assert!(matches!(ends.as_slice(), [29_900..=30_100]), "{ends:?}");
}

fn any_frame() -> impl Strategy<Value = Frame> {
    let parts = (0.0f32..1.0, 0.5f32..8.0, any::<bool>());
    parts.prop_map(|(score, over, played)| Frame {
        score,
        over,
        played,
    })
}

/// Stretches of speech, silence and anything.
fn any_sound() -> impl Strategy<Value = Vec<Frame>> {
    let stretch = prop_oneof![
        (0u32..4000).prop_map(speech),
        (0u32..2500).prop_map(silence),
        (0u32..2000).prop_map(speech).prop_map(played),
        (0u32..2000).prop_map(silence).prop_map(played),
        prop::collection::vec(any_frame(), 0..200),
    ];
    prop::collection::vec(stretch, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn it_never_ends_while_frames_say_speech_and_always_within_the_limit(sound in any_sound()) {
        let mut turns = Turns::default();
        let (mut quiet, mut length) = (0, 0);
        for frame in sound {
            let was = turns.is_speaking();
            let speaks = frame.is_speech();
            quiet = if speaks { 0 } else { quiet + 1 };
            length = if was { length + 1 } else { 0 };
            match turns.add(frame) {
                Some(Change::End | Change::Nothing) => {
                    prop_assert!(was);
                    prop_assert!(!speaks || length + LATE + LOUD_OF + 1 >= LONGEST);
                }
                Some(Change::Pause { left }) => prop_assert!(left <= Duration::from_millis(1200)),
                _ => {}
            }
            prop_assert!(!turns.is_speaking() || quiet < MOST, "{quiet}");
            prop_assert!(length <= LONGEST);
        }
    }

    #[test]
    fn what_is_told_is_in_order(sound in any_sound()) {
        let mut turns = Turns::default();
        let mut before = "end";
        for change in named(&run(&mut turns, &sound)) {
            let fits = match change {
                "sign" | "start" => matches!(before, "end" | "nothing" | "no sign" | "sign"),
                "no sign" => before == "sign",
                "begun" => matches!(before, "start" | "on" | "pause"),
                "pause" => matches!(before, "start" | "begun" | "on"),
                "on" => before == "pause",
                "end" | "nothing" => matches!(before, "start" | "begun" | "on" | "pause"),
                _ => false,
            };
            prop_assert!(fits, "{change} after {before}");
            before = change;
        }
    }
}
