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
    let kind = "MP3".to_owned();
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
    house.say(TURN, 48_000, word(2000, 700));
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
    assert_eq!(loud.get(2), Some(&(2000, 700)));
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
        expect(&house, TURN);
        house.say(TURN, 48_000, mark(1000, 50));
        house.end(TURN);
        house.spoken(TURN);
        house.desk.ask(SoundOrder::Chime(Chime::Closed));
        house.desk.close(Duration::from_secs(20));
        let _ = Device {
            id: String::new(),
            name: String::new(),
            way: Way::In,
            default: false,
        };
    }
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
