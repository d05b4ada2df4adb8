use super::*;
use crate::codec::Decoder;
use crate::codec::sniff::{Kind, sniff};
use proptest::prelude::*;

/// 300 ms of 440 Hz: 24 kHz, one channel, no tags, with 48 ms before and after that the encoder
/// needs.
const MONO: &[u8] = include_bytes!("mono.mp3");
/// 250 ms of 440 Hz in both channels at 44.1 kHz, with a frame that tells about the others.
const STEREO: &[u8] = include_bytes!("stereo.mp3");

/// What is in a file that comes in pieces of this size.
fn read(file: &[u8], piece: usize) -> Result<(u32, Vec<f32>), CodecError> {
    let (mut decoder, mut samples) = (Decoder::new(), vec![]);
    for bytes in file.chunks(piece) {
        decoder.push(bytes)?;
        while decoder.pull(&mut samples) {}
    }
    decoder.finish()?;
    while decoder.pull(&mut samples) {}
    Ok((decoder.rate(), samples))
}

/// How often a second the sign changes upwards, around the middle.
fn pitch(rate: u32, samples: &[f32]) -> f32 {
    let middle = &samples[samples.len() / 4..samples.len() * 3 / 4];
    let rises = middle.windows(2).filter(|w| w[0] < 0.0 && w[1] >= 0.0);
    rises.count() as f32 * rate as f32 / middle.len() as f32
}

#[test]
fn a_tone_is_the_tone_that_was_packed_however_it_comes() {
    for (file, rate, samples) in [(MONO, 24_000, 15 * 576), (STEREO, 44_100, 11 * 1152)] {
        let whole = read(file, file.len()).unwrap();
        assert_eq!((whole.0, whole.1.len()), (rate, samples));
        let loudest = whole.1.iter().copied().fold(0.0, f32::max);
        assert!((0.45..0.56).contains(&loudest), "{loudest}");
        let pitch = pitch(rate, &whole.1);
        assert!((430.0..450.0).contains(&pitch), "{pitch}");
        for piece in [1, 5, 96, 1000] {
            assert_eq!(read(file, piece), Ok(whole.clone()), "{piece}");
        }
    }
}

#[test]
fn tags_and_garbage_around_the_sound_are_passed_over() {
    let (_, plain) = read(MONO, 99).unwrap();
    let tag = |length: &[u8; 4], body: usize| {
        let mut tag = [&b"ID3\x04\0\0"[..], length].concat();
        tag.resize(tag.len() + body, 0xff);
        tag
    };
    for (name, file) in [
        ("a tag", [&tag(&[0, 0, 2, 0], 256), MONO].concat()),
        ("a tag behind", [MONO, &b"TAG"[..], &[0; 125]].concat()),
        ("text before", [&b"hello "[..], MONO].concat()),
        // A head that nothing follows.
        ("a false head", [&MONO[..4], &[0; 300], MONO].concat()),
    ] {
        let mut reader = Reader::default();
        reader.push(&file).unwrap();
        let mut samples = vec![];
        while reader.pull(999, &mut samples) > 0 {}
        reader.finish().unwrap();
        while reader.pull(999, &mut samples) > 0 {}
        assert_eq!(samples.len(), plain.len(), "{name}");
    }
}

#[test]
fn files_one_after_the_other_are_heard_one_after_the_other() {
    let both = [STEREO, MONO, STEREO].concat();
    let mut decoder = Decoder::new();
    decoder.push(&both).unwrap();
    decoder.finish().unwrap();
    let (mut lengths, mut samples) = (vec![], vec![]);
    while decoder.pull(&mut samples) {
        let length = samples.len();
        samples.clear();
        match lengths.last_mut() {
            Some((rate, sum)) if *rate == decoder.rate() => *sum += length,
            _ => lengths.push((decoder.rate(), length)),
        }
    }
    let expected = [(44_100, 11 * 1152), (24_000, 15 * 576), (44_100, 11 * 1152)];
    assert_eq!(lengths, expected);
}

#[test]
fn what_only_claims_to_be_mp3_is_told() {
    let endless = [&b"ID3\x04\0\0\x7f\x7f\x7f\x7f"[..], &[0; 4096]].concat();
    for (name, file) in [
        ("a tag and nothing", &b"ID3\x04\0\0\0\0\0\0"[..]),
        ("a tag without an end", &endless),
        ("a frame that is cut", &MONO[..50]),
        ("half a tag", b"ID3\x04\0"),
    ] {
        assert_eq!(read(file, 1000), Err(CodecError::Broken("MP3")), "{name}");
    }
    let mut reader = Reader::default();
    let pushed = (0..100).find_map(|_| reader.push(&[0x55; 4096]).err());
    assert_eq!(
        pushed,
        Some(CodecError::Broken("MP3")),
        "nobody waits for ever"
    );
    assert!(reader.held.len() <= GARBAGE + 4096);
}

#[test]
fn a_small_file_that_unfolds_into_hours_costs_no_memory() {
    // 72 bytes for each 72 ms: as small as frames are, and all of them silent.
    let frame = [&[0xff, 0xe3, 0x18, 0xc4][..], &[0; 68]].concat();
    let mut decoder = Decoder::new();
    decoder.push(&frame.repeat(10_000)).unwrap();
    let (mut samples, mut all) = (vec![], 0);
    while decoder.pull(&mut samples) {
        assert!(samples.len() < 6000, "{}", samples.len());
        all += samples.len();
        samples.clear();
    }
    assert_eq!(all, 10_000 * 576);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_bytes_make_it_panic_or_hold_more_than_it_was_given(
        changes in prop::collection::vec((0..STEREO.len(), any::<u8>()), 0..40),
        cut in 0..STEREO.len(),
        stereo in any::<bool>(),
        piece in 1_usize..600,
    ) {
        let mut file = if stereo { STEREO } else { MONO }.to_vec();
        for (at, byte) in changes {
            if let Some(place) = file.get_mut(at) {
                *place = byte;
            }
        }
        file.truncate(cut.max(4));
        prop_assume!(sniff(&file) == Kind::Mp3);
        if let Ok((_, samples)) = read(&file, piece) {
            prop_assert!(samples.iter().all(|sample| sample.abs() <= 1.0));
            prop_assert!(samples.len() <= file.len() * 24);
        }
    }
}
