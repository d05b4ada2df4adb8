use super::*;

const TURN: TurnId = TurnId(1);
const OTHER: TurnId = TurnId(2);

fn expect(house: &House, turn: TurnId) {
    house.desk.ask(SoundOrder::Expect { turn });
}

/// A constant that can be told from others, of so many milliseconds at the rate of the mouth.
fn mark(value: i16, ms: usize) -> Vec<i16> {
    vec![value; ms * 48]
}

/// What was played, as marks and how many milliseconds of each; what fades is left out.
fn marks(samples: &[f32]) -> Vec<(i16, usize)> {
    let mut marks: Vec<(i16, usize)> = vec![];
    for sample in samples
        .iter()
        .map(|sample| crate::sound::level::to_i16(*sample))
    {
        match marks.last_mut() {
            Some((value, count)) if *value == sample => *count += 1,
            _ => marks.push((sample, 1)),
        }
    }
    marks.retain(|(_, count)| *count >= 48);
    marks
        .into_iter()
        .map(|(value, count)| (value, count / 48))
        .collect()
}

#[test]
fn the_speech_of_the_turn_that_is_expected_is_played_and_no_other() {
    let house = House::new(|_| {});
    expect(&house, TURN);
    house.say(OTHER, 48_000, mark(9000, 50));
    house.say(TURN, 48_000, mark(1000, 100));
    house.say(TURN, 48_000, mark(2000, 100));
    house.end(OTHER);
    house.end(TURN);
    assert_eq!(house.next(), SoundEvent::Sounding { turn: TURN });
    assert_eq!(house.next(), SoundEvent::Spoken { turn: TURN });
    house.say(TURN, 48_000, mark(9000, 50));
    assert_eq!(marks(&house.played()), [(1000, 100), (2000, 100)]);
}

#[test]
fn speech_of_any_rate_and_wav_files_are_played_as_long_as_they_are() {
    let house = House::new(|_| {});
    write(&house.path("a.wav"), 22_050, &vec![0.25; 22_050]);
    expect(&house, TURN);
    house.say(TURN, 24_000, vec![8192; 24_000]);
    house.say(TURN, 16_000, vec![8192; 16_000]);
    let file = std::fs::read(house.path("a.wav")).unwrap();
    let sound = Sound::File(file);
    house.desk.speech(Speech::More { turn: TURN, sound });
    house.end(TURN);
    house.spoken(TURN);
    let played = house.played();
    assert!(played.len().abs_diff(3 * 48_000) <= 2, "{}", played.len());
}

#[test]
fn what_cannot_be_played_is_told_and_the_turn_ends_nevertheless() {
    let house = House::new(|_| {});
    expect(&house, TURN);
    let sound = Sound::File(b"ID3\x04\0\0\0\0".to_vec());
    house.desk.speech(Speech::More { turn: TURN, sound });
    house.end(TURN);
    let kind = "MP3 that cannot be read".to_owned();
    let (way, clip, passing) = (Way::Out, None, true);
    let error = SoundError::NotPlayable { kind };
    let trouble = SoundEvent::Trouble {
        way,
        clip,
        error,
        passing,
    };
    assert_eq!(house.next(), trouble);
    assert_eq!(house.next(), SoundEvent::Spoken { turn: TURN });
    expect(&house, OTHER);
    house.end(OTHER);
    assert_eq!(house.next(), SoundEvent::Spoken { turn: OTHER });
}

#[test]
fn a_loudspeaker_that_is_not_there_ends_every_turn() {
    let house = House::new(|settings| settings.loudspeaker = Wish::File("/none/out.wav".into()));
    for turn in [TURN, OTHER] {
        expect(&house, turn);
        house.say(turn, 48_000, mark(1000, 100));
        let SoundEvent::Trouble { way, passing, .. } = house.next() else {
            panic!()
        };
        assert_eq!((way, passing), (Way::Out, false));
        assert_eq!(house.next(), SoundEvent::Spoken { turn });
        house.say(turn, 48_000, mark(1000, 100));
        house.end(turn);
    }
}

#[test]
fn nothing_is_heard_after_a_hush_until_the_next_turn_is_expected() {
    let house = House::new(|settings| settings.pace = Pace::RealTime);
    expect(&house, TURN);
    house.say(TURN, 48_000, mark(1000, 60_000));
    house.wait(|event| (*event == SoundEvent::Sounding { turn: TURN }).then_some(()));
    house.desk.ask(SoundOrder::Hush);
    house.say(TURN, 48_000, mark(9000, 100));
    expect(&house, OTHER);
    house.say(OTHER, 48_000, mark(2000, 200));
    house.end(OTHER);
    house.spoken(OTHER);
    let marks = marks(&house.played());
    let loud: Vec<_> = marks.into_iter().filter(|(value, _)| *value != 0).collect();
    assert_eq!(
        (loud.len(), loud.last()),
        (2, Some(&(2000, 200))),
        "{loud:?}"
    );
}

#[test]
fn a_pause_goes_on_at_the_word_that_was_cut() {
    let house = House::new(|settings| settings.pace = Pace::RealTime);
    expect(&house, TURN);
    let word = |value: i16, ms: usize| [mark(0, 100), mark(value, ms)].concat();
    house.say(TURN, 48_000, word(1000, 200));
    // Long enough for a busy machine to pause within it.
    house.say(TURN, 48_000, word(2000, 1_500));
    house.say(TURN, 48_000, word(3000, 200));
    house.end(TURN);
    house.wait(|event| match event {
        SoundEvent::Heard { ms, .. } => (*ms >= 500).then_some(()),
        _ => None,
    });
    house.desk.ask(SoundOrder::Pause);
    house.desk.ask(SoundOrder::Resume);
    house.spoken(TURN);
    let loud: Vec<_> = marks(&house.played())
        .into_iter()
        .filter(|(value, _)| *value != 0)
        .collect();
    let values: Vec<i16> = loud.iter().map(|(value, _)| *value).collect();
    assert_eq!(values, [1000, 2000, 2000, 3000], "{loud:?}");
    assert_eq!(loud.get(2), Some(&(2000, 1_500)));
}

#[test]
fn a_recording_is_replayed_and_ends() {
    let house = House::new(|_| {});
    write(&house.path("mic.wav"), 16_000, &tone(1000));
    house.record(TURN);
    house.recorded();
    house.desk.ask(SoundOrder::Replay { clip: TURN });
    assert_eq!(house.next(), SoundEvent::Sounding { turn: TURN });
    assert_eq!(house.next(), SoundEvent::Spoken { turn: TURN });
    assert!(house.played().len().abs_diff(48_000) <= 2);
}

#[test]
fn a_recording_that_is_gone_cannot_be_replayed_which_is_told() {
    let house = House::new(|_| {});
    house.desk.ask(SoundOrder::Replay { clip: TURN });
    assert!(matches!(house.next(), SoundEvent::Trouble { .. }));
    assert_eq!(house.next(), SoundEvent::Spoken { turn: TURN });
}

#[test]
fn chimes_are_played_only_if_they_are_wished_for() {
    for wished in [false, true] {
        let house = House::new(|settings| settings.chimes = wished);
        house.desk.ask(SoundOrder::Chime(Chime::Closed));
        house.desk.ask(SoundOrder::Chime(Chime::Failed));
        house.desk.ask(SoundOrder::List);
        // Only to know that the chime was seen to.
        house.next();
        house.desk.close(Duration::from_secs(20));
        let there = house.path("out.wav").exists();
        assert_eq!(there, wished);
    }
}

#[test]
fn no_chime_is_played_into_a_call() {
    let house = House::new(|settings| settings.chimes = true);
    write(&house.path("mic.wav"), 16_000, &house::count(16_000));
    house.desk.ask(SoundOrder::Attend { clip: TURN });
    house.desk.ask(SoundOrder::Chime(Chime::Failed));
    house.desk.ask(SoundOrder::List);
    house.wait(|event| matches!(event, SoundEvent::Devices(_)).then_some(()));
    house.desk.close(Duration::from_secs(20));
    // A loudspeaker that nothing was played through has written no file.
    let silent = || house.played().iter().all(|sample| *sample == 0.0);
    assert!(!house.path("out.wav").exists() || silent());
}

#[test]
fn the_chime_at_the_beginning_of_a_recording_is_left_out_of_it() {
    let house = House::new(|settings| {
        settings.chimes = true;
        settings.pace = Pace::RealTime;
    });
    write(&house.path("mic.wav"), 16_000, &house::count(16_000));
    house.record(TURN);
    house.desk.ask(SoundOrder::Chime(Chime::Open));
    house.desk.ask(SoundOrder::Chime(Chime::Failed));
    house.recorded();
    let kept = house::read(&house.path("clips").join(format!("{TURN}.wav"))).1;
    let missing = 1000 - kept.len() / 16;
    assert!((100..=900).contains(&missing), "{missing}");
}

#[test]
fn volume_is_how_loud_speech_is() {
    let house = House::new(|_| {});
    house.desk.ask(SoundOrder::Volume(0.5));
    expect(&house, TURN);
    house.say(TURN, 48_000, mark(1000, 100));
    house.end(TURN);
    house.spoken(TURN);
    assert_eq!(marks(&house.played()), [(500, 100)]);
}

/// What a backend and a user may do.
#[derive(Clone, Copy, Debug)]
enum Step {
    Expect(u128),
    Say(u128),
    End(u128),
    Hush,
    Pause,
    Resume,
}

fn steps() -> impl proptest::strategy::Strategy<Value = Vec<Step>> {
    use proptest::prelude::*;
    let turn = 1u128..4;
    let step = prop_oneof![
        2 => turn.clone().prop_map(Step::Expect),
        6 => turn.clone().prop_map(Step::Say),
        1 => turn.prop_map(Step::End),
        1 => Just(Step::Hush),
        1 => Just(Step::Pause),
        1 => Just(Step::Resume),
    ];
    proptest::collection::vec(step, 0..30)
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]
    /// Each piece has a value of its own, so what is played tells which pieces were.
    #[test]
    fn no_turn_is_heard_that_is_not_expected_and_nothing_after_a_hush(steps in steps()) {
        let house = House::new(|_| {});
        let mut expected = None;
        let mut said: Vec<i16> = vec![];
        for (number, step) in steps.iter().enumerate() {
            let value = 1000 + 100 * number as i16;
            match *step {
                Step::Expect(turn) => {
                    expect(&house, TurnId(turn));
                    expected = Some(turn);
                }
                Step::Say(turn) => {
                    house.say(TurnId(turn), 48_000, mark(value, 5));
                    if expected == Some(turn) {
                        said.push(value);
                    }
                }
                Step::End(turn) => {
                    house.end(TurnId(turn));
                    expected.take_if(|expected| *expected == turn);
                }
                Step::Hush => {
                    house.desk.ask(SoundOrder::Hush);
                    expected = None;
                }
                Step::Pause => house.desk.ask(SoundOrder::Pause),
                Step::Resume => house.desk.ask(SoundOrder::Resume),
            }
        }
        // Whatever was before, this is heard, whole and alone.
        let last = TurnId(99);
        house.desk.ask(SoundOrder::Hush);
        expect(&house, last);
        house.say(last, 48_000, mark(30_000, 20));
        house.end(last);
        house.spoken(last);
        let marks: Vec<(i16, usize)> = marks(&house.played())
            .into_iter()
            .filter(|(value, _)| *value != 0)
            .collect();
        proptest::prop_assert_eq!(marks.last(), Some(&(30_000, 20)));
        let values: Vec<i16> = marks.iter().map(|(value, _)| *value).collect();
        let (_, before) = values.split_last().unwrap();
        proptest::prop_assert!(before.iter().all(|value| said.contains(value)), "{before:?} of {said:?}");
        // Only a pause may go back, and never beyond its turn.
        let pauses = steps.iter().any(|step| matches!(step, Step::Pause));
        proptest::prop_assert!(pauses || before.is_sorted(), "{before:?}");
    }
}

#[test]
fn what_is_paused_before_it_begins_is_not_heard_until_it_is_resumed() {
    let house = House::new(|settings| settings.pace = Pace::RealTime);
    expect(&house, TURN);
    house.desk.ask(SoundOrder::Pause);
    house.say(TURN, 48_000, mark(1000, 300));
    house.end(TURN);
    expect(&house, OTHER);
    house.say(OTHER, 48_000, mark(2000, 300));
    house.end(OTHER);
    house.spoken(OTHER);
    let marks = marks(&house.played());
    let loud: Vec<_> = marks.iter().filter(|(value, _)| *value != 0).collect();
    assert_eq!(loud, [&(2000, 300)], "{marks:?}");
}
