use super::*;
use crate::core::ids::ConversationId;
use crate::sound::recorder::wav_writer;
use std::cell::RefCell;

fn hear() -> Hear {
    Hear {
        turn: TurnId(1),
        conversation: ConversationId(1),
        language: None,
        ears: None,
    }
}

fn file(samples: usize) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut writer = wav_writer(file.reopen().unwrap(), RATE).unwrap();
    for n in 0..samples {
        writer.write_sample(n as i16).unwrap();
    }
    writer.finalize().unwrap();
    file
}

/// The kinds and lengths of the parts that a link takes which takes so many.
fn parts(path: &Path, known: Known, takes: usize, stops: usize) -> (Vec<(char, usize)>, bool) {
    let parts = RefCell::new(vec![]);
    let hand = |part: ClipPart| {
        let mut parts = parts.borrow_mut();
        parts.push(match part {
            ClipPart::Begin(_) | ClipPart::Open(_) => ('b', 0),
            ClipPart::More { samples, .. } => ('m', samples.len()),
            ClipPart::End { .. } => ('e', 0),
            ClipPart::Broken { .. } => ('x', 0),
        });
        parts.len() < takes
    };
    let goes_on = || parts.borrow().len() < stops;
    let told = send(hear(), path, known, &hand, &goes_on);
    (parts.into_inner(), told.is_ok())
}

#[test]
fn a_recording_goes_in_parts_of_a_tenth_of_a_second() {
    let file = file(4000);
    let all = Known::Span(None);
    let some = Known::Span(Some(Span {
        from: 500,
        to: 2600,
    }));
    let late = Known::Span(Some(Span {
        from: 3000,
        to: 9999,
    }));
    for (known, takes, stops, expected) in [
        (
            all,
            99,
            99,
            vec![('b', 0), ('m', 1600), ('m', 1600), ('m', 800), ('e', 0)],
        ),
        (
            some,
            99,
            99,
            vec![('b', 0), ('m', 1600), ('m', 500), ('e', 0)],
        ),
        (late, 99, 99, vec![('b', 0), ('m', 1000), ('e', 0)]),
        // No voice is in it, so it goes whole.
        (
            Known::Nothing,
            99,
            99,
            vec![('b', 0), ('m', 1600), ('m', 1600), ('m', 800), ('e', 0)],
        ),
        (all, 2, 99, vec![('b', 0), ('m', 1600)]),
        (all, 1, 99, vec![('b', 0)]),
        (all, 99, 2, vec![('b', 0), ('m', 1600), ('x', 0)]),
        (all, 99, 0, vec![]),
    ] {
        assert_eq!(
            parts(file.path(), known, takes, stops),
            (expected, true),
            "{known:?} {takes} {stops}"
        );
    }
}

#[test]
fn what_cannot_be_read_breaks_off_before_it_begins() {
    let broken = (vec![('x', 0)], false);
    let empty = tempfile::NamedTempFile::new().unwrap();
    for known in [Known::Nothing, Known::Span(None)] {
        assert_eq!(parts(Path::new("/none.wav"), known, 99, 99), broken);
        assert_eq!(parts(empty.path(), known, 99, 99), broken);
    }
}
