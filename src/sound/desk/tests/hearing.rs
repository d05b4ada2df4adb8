use super::*;

const CLIP: TurnId = TurnId(7);
const OTHER: TurnId = TurnId(8);

/// Half a second of silence, a second of speech, a second of silence.
fn said() -> Vec<f32> {
    [silence(500), speech(1000), silence(1000)].concat()
}

fn hear(turn: TurnId) -> Hear {
    Hear {
        turn,
        conversation: ConversationId(1),
        language: None,
        ears: None,
    }
}

fn samples(parts: &[ClipPart]) -> Vec<i16> {
    parts
        .iter()
        .flat_map(|part| match part {
            ClipPart::More { samples, .. } => samples.clone(),
            _ => vec![],
        })
        .collect()
}

#[test]
fn a_recording_is_private_exact_and_told_with_what_is_in_it() {
    let house = House::new(|_| {});
    write(&house.path("mic.wav"), 16_000, &said());
    house.record(CLIP);
    let device = house.path("mic.wav").display().to_string();
    assert_eq!(house.next(), SoundEvent::Hearing { clip: CLIP, device });
    let recorded = house.recorded();
    let (rate, kept) = house::read(&house.clip(CLIP));
    assert_eq!(
        (rate, kept),
        (16_000, house::read(&house.path("mic.wav")).1)
    );
    assert!(recorded.speech);
    assert_eq!((recorded.clipped, recorded.lost), (0, 0));
    assert!((1300..1700).contains(&recorded.length_ms), "{recorded:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        let modes = (mode(&house.path("clips")), mode(&house.clip(CLIP)));
        assert_eq!(modes, (0o700, 0o600));
    }
}

#[test]
fn what_is_sent_has_no_silence_around_it_and_is_the_same_after_a_restart() {
    let house = House::new(|_| {});
    write(&house.path("mic.wav"), 16_000, &said());
    house.record(CLIP);
    house.recorded();
    house.desk.ask(SoundOrder::Send(hear(CLIP)));
    let parts = house.handed();
    assert_eq!(parts.first(), Some(&ClipPart::Begin(hear(CLIP))));
    assert_eq!(parts.last(), Some(&ClipPart::End { turn: CLIP }));
    let sent = samples(&parts);
    let all: Vec<i16> = (house::read(&house.clip(CLIP)).1.iter())
        .map(|sample| crate::sound::level::to_i16(*sample))
        .collect();
    let from = all
        .windows(sent.len())
        .position(|part| part == sent)
        .unwrap();
    let (from, to) = (from / 16, (from + sent.len()) / 16);
    assert!((200..=300).contains(&from), "{from}");
    assert!((1700..=1850).contains(&to), "{to}");
    for part in &parts {
        if let ClipPart::More { samples, .. } = part {
            assert!(samples.len() <= 1600, "{}", samples.len());
        }
    }
    // Another desk knows nothing of it and reads it.
    let later = House::new(|settings| settings.folder = house.path("clips"));
    later.desk.ask(SoundOrder::Send(hear(CLIP)));
    assert_eq!(later.handed(), parts);
}

#[test]
fn what_cannot_be_sent_is_told_and_breaks_off() {
    let house = House::new(|_| {});
    house.desk.ask(SoundOrder::Send(hear(CLIP)));
    assert_eq!(house.handed(), [ClipPart::Broken { turn: CLIP }]);
    let SoundEvent::Trouble { clip, error, .. } = house.next() else {
        panic!()
    };
    assert_eq!(clip, Some(CLIP));
    assert!(matches!(error, SoundError::Unreadable { .. }), "{error}");
}

#[test]
fn a_recording_ends_by_itself_at_its_longest_and_after_silence() {
    for (longest, quiet, expected) in [(1000, 0, 1000), (9000, 600, 2200), (9000, 0, 2500)] {
        let house = House::new(|settings| {
            settings.longest = Duration::from_millis(longest);
            settings.silence = Duration::from_millis(quiet);
        });
        write(&house.path("mic.wav"), 16_000, &said());
        house.record(CLIP);
        house.recorded();
        let length = house::read(&house.clip(CLIP)).1.len() / 16;
        assert!(
            length.abs_diff(expected) <= 100,
            "{longest} {quiet}: {length}"
        );
    }
}

#[test]
fn zeros_only_are_told_as_a_microphone_that_is_muted() {
    let house = House::new(|settings| {
        settings.microphone = Wish::Null;
        settings.longest = Duration::from_secs(4);
    });
    house.record(CLIP);
    let device = || "null".to_owned();
    let trouble = |clip: Option<TurnId>| SoundEvent::Trouble {
        way: Way::In,
        clip,
        error: SoundError::Mute { device: device() },
        passing: clip.is_none(),
    };
    let recorded = Recorded {
        length_ms: 4000,
        loudness: Loudness {
            peak_db: -100.0,
            rms_db: -100.0,
        },
        speech: false,
        clipped: 0,
        lost: 0,
        gap_ms: 0,
    };
    let device = device();
    let expected = [
        SoundEvent::Hearing { clip: CLIP, device },
        trouble(None),
        SoundEvent::Recorded {
            clip: CLIP,
            recorded,
        },
        trouble(Some(CLIP)),
    ];
    assert_eq!([(); 4].map(|()| house.next()), expected);
}

#[test]
fn a_stop_keeps_the_tail_and_no_more() {
    let house = House::new(|settings| settings.pace = Pace::RealTime);
    write(&house.path("mic.wav"), 16_000, &tone(60_000));
    house.record(CLIP);
    house.wait(|event| matches!(event, SoundEvent::Hearing { .. }).then_some(()));
    let before = std::fs::metadata(house.clip(CLIP)).unwrap().len();
    house.desk.ask(SoundOrder::Stop { clip: CLIP });
    house.recorded();
    let kept = house::read(&house.clip(CLIP)).1.len();
    assert!(before <= 44);
    // The block that was told, the tail, and whatever came between on a busy machine.
    assert!((16 * 300..16 * 2000).contains(&kept), "{kept}");
}

#[test]
fn what_is_discarded_leaves_nothing_behind_and_tells_nothing() {
    let house = House::new(|settings| settings.pace = Pace::RealTime);
    write(&house.path("mic.wav"), 16_000, &tone(60_000));
    house.record(CLIP);
    house.wait(|event| matches!(event, SoundEvent::Hearing { .. }).then_some(()));
    house.desk.ask(SoundOrder::Discard { clip: CLIP });
    house.record(OTHER);
    house.wait(|event| matches!(event, SoundEvent::Hearing { clip: OTHER, .. }).then_some(()));
    assert!(!house.clip(CLIP).exists());
    house.desk.ask(SoundOrder::Stop { clip: OTHER });
    let told = house.wait(|event| match event {
        SoundEvent::Recorded { clip, .. } => Some(*clip),
        _ => None,
    });
    assert_eq!(told, OTHER);
    // And so does one that was over.
    house.desk.ask(SoundOrder::Discard { clip: OTHER });
    house.desk.close(Duration::from_secs(20));
    assert!(!house.clip(OTHER).exists());
}

#[test]
fn a_recording_that_follows_another_ends_it() {
    let house = House::new(|settings| settings.pace = Pace::RealTime);
    write(&house.path("mic.wav"), 16_000, &tone(60_000));
    house.record(CLIP);
    house.wait(|event| matches!(event, SoundEvent::Hearing { .. }).then_some(()));
    house.record(OTHER);
    let mut told = vec![];
    while told.len() < 2 {
        match house.next() {
            SoundEvent::Recorded { clip, .. } | SoundEvent::Hearing { clip, .. } => told.push(clip),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(told, [CLIP, OTHER]);
    house.desk.close(Duration::from_secs(20));
    assert!(house::read(&house.clip(OTHER)).1.len() >= 320);
}

#[test]
fn closing_ends_the_file_of_a_recording() {
    let house = House::new(|settings| settings.pace = Pace::RealTime);
    write(&house.path("mic.wav"), 16_000, &tone(60_000));
    house.record(CLIP);
    house.wait(|event| matches!(event, SoundEvent::Hearing { .. }).then_some(()));
    house.desk.close(Duration::from_secs(20));
    assert!(house::read(&house.clip(CLIP)).1.len() >= 320);
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    let house = House::new(|_| {});
    write(&house.path("mic.wav"), 16_000, &said());
    std::fs::write(house.path("clips"), "a file is in the way").unwrap();
    house.record(CLIP);
    let SoundEvent::Trouble { clip, error, .. } = house.next() else {
        panic!()
    };
    assert_eq!(clip, Some(CLIP));
    assert!(matches!(
        error,
        SoundError::Exists { .. } | SoundError::Unwritable { .. }
    ));
}

#[test]
fn a_recording_is_exported_once() {
    let house = House::new(|_| {});
    write(&house.path("mic.wav"), 16_000, &said());
    house.record(CLIP);
    house.recorded();
    let to = house.path("mine.wav");
    let export = || SoundOrder::Export {
        clip: CLIP,
        to: to.clone(),
    };
    house.desk.ask(export());
    assert_eq!(house.next(), SoundEvent::Exported { to: to.clone() });
    assert_eq!(house::read(&to), house::read(&house.clip(CLIP)));
    house.desk.ask(export());
    let error = SoundError::Exists { path: to.clone() };
    let (way, clip, passing) = (Way::In, None, false);
    let trouble = SoundEvent::Trouble {
        way,
        clip,
        error,
        passing,
    };
    assert_eq!(house.next(), trouble);
}

#[test]
fn what_was_said_just_before_is_part_of_a_recording_if_that_is_wished_for() {
    let house = House::new(|settings| {
        settings.pace = Pace::RealTime;
        // Longer than a busy machine needs from the end of one to the start of the next.
        settings.preroll = Duration::from_secs(10);
    });
    let samples: Vec<f32> = (0..16 * 60_000)
        .map(|n| from_i16((n / 16) as i16))
        .collect();
    write(&house.path("mic.wav"), 16_000, &samples);
    house.record(CLIP);
    house.wait(|event| matches!(event, SoundEvent::Hearing { .. }).then_some(()));
    house.desk.ask(SoundOrder::Stop { clip: CLIP });
    house.recorded();
    house.record(OTHER);
    house.wait(|event| matches!(event, SoundEvent::Hearing { .. }).then_some(()));
    house.desk.close(Duration::from_secs(20));
    let (first, second) = (
        house::read(&house.clip(CLIP)).1,
        house::read(&house.clip(OTHER)).1,
    );
    // The microphone stayed open: nothing is between the two.
    let last = first.last().unwrap();
    assert_eq!(first.first(), Some(&0.0));
    assert!(
        second.first().unwrap() - last <= from_i16(1),
        "{last} {:?}",
        second.first()
    );
}

#[test]
fn a_microphone_is_metered_without_being_recorded() {
    let house = House::new(|settings| settings.pace = Pace::RealTime);
    write(&house.path("mic.wav"), 16_000, &tone(60_000));
    let wish = format!("file:{}", house.path("mic.wav").display());
    house.desk.ask(SoundOrder::Listen(Some(wish)));
    let loudness = house.wait(|event| match event {
        SoundEvent::Level { loudness, .. } => Some(*loudness),
        other => panic!("{other:?}"),
    });
    assert!((-13.0..=-12.0).contains(&loudness.peak_db), "{loudness:?}");
    house.desk.ask(SoundOrder::Listen(None));
    house.desk.close(Duration::from_secs(20));
    assert!(!house.path("clips").exists());
}

/// Has a recording sent while it is made, and waits until it is made.
fn live(house: &House, clip: TurnId) -> Recorded {
    house.desk.ask(SoundOrder::Live(hear(clip)));
    house.record(clip);
    house.recorded()
}

#[test]
fn what_is_sent_while_it_is_spoken_is_what_the_file_would_have_given() {
    for polish in [false, true] {
        let house = House::new(|settings| {
            settings.polish.recording.noise = polish;
        });
        let twice = [said(), said()].concat();
        write(&house.path("mic.wav"), 16_000, &twice);
        let recorded = live(&house, CLIP);
        assert!(recorded.speech);
        // All but the end has left before anybody asked for the words.
        let mut first = vec![house.parts.recv_timeout(house::PATIENCE).unwrap()];
        assert_eq!(first, [ClipPart::Begin(hear(CLIP))]);
        house.desk.ask(SoundOrder::Send(hear(CLIP)));
        first.extend(house.handed());
        // Once more, as after a line that was lost.
        house.desk.ask(SoundOrder::Send(hear(CLIP)));
        let again = house.handed();
        assert_eq!(samples(&first), samples(&again), "{polish}");
        assert_eq!(first.last(), again.last());
        let length = samples(&first).len() as u32 / 16;
        assert!(recorded.length_ms.abs_diff(length) <= 1, "{recorded:?}");
    }
}

#[test]
fn sound_leaves_while_the_microphone_is_open_and_silence_does_not() {
    let house = House::new(|settings| settings.longest = Duration::from_secs(3));
    let endless = [silence(500), speech(1000), silence(9000)].concat();
    write(&house.path("mic.wav"), 16_000, &endless);
    live(&house, CLIP);
    house.desk.ask(SoundOrder::Discard { clip: CLIP });
    let parts = house.handed();
    assert_eq!(parts.first(), Some(&ClipPart::Begin(hear(CLIP))));
    assert_eq!(parts.last(), Some(&ClipPart::Broken { turn: CLIP }));
    let ms = samples(&parts).len() / 16;
    assert!((1000..=1500).contains(&ms), "{ms}");
    // In silence nothing leaves at all.
    write(&house.path("mic.wav"), 16_000, &silence(1000));
    assert!(!live(&house, OTHER).speech);
    house.desk.ask(SoundOrder::Discard { clip: OTHER });
    house.desk.close(house::PATIENCE);
    assert_eq!(house.parts.try_iter().next(), None);
}

#[test]
fn what_did_not_arrive_while_it_was_spoken_is_sent_whole() {
    let house = House::new(|_| {});
    write(&house.path("mic.wav"), 16_000, &said());
    let recorded = live(&house, CLIP);
    house.desk.ask(SoundOrder::Withdraw);
    house.desk.ask(SoundOrder::Send(hear(CLIP)));
    let broken = house.handed();
    assert_eq!(broken.last(), Some(&ClipPart::Broken { turn: CLIP }));
    let parts = house.handed();
    assert_eq!(parts.first(), Some(&ClipPart::Begin(hear(CLIP))));
    assert_eq!(parts.last(), Some(&ClipPart::End { turn: CLIP }));
    let ms = samples(&parts).len() as u32 / 16;
    assert!(recorded.length_ms.abs_diff(ms) <= 1, "{ms}");
}

#[test]
fn two_recordings_never_mix_on_their_way() {
    let house = House::new(|_| {});
    write(&house.path("mic.wav"), 16_000, &said());
    live(&house, CLIP);
    // The next waits for the end of this one, and is sent while it is made after that.
    house.desk.ask(SoundOrder::Live(hear(OTHER)));
    house.desk.ask(SoundOrder::Send(hear(CLIP)));
    house.record(OTHER);
    house.recorded();
    house.desk.ask(SoundOrder::Send(hear(OTHER)));
    for clip in [CLIP, OTHER] {
        let parts = house.handed();
        assert_eq!(parts.first(), Some(&ClipPart::Begin(hear(clip))));
        assert_eq!(parts.last(), Some(&ClipPart::End { turn: clip }));
        assert!(samples(&parts).len() > 16_000);
    }
}
