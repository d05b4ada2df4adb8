use super::*;
use proptest::prelude::*;

#[test]
fn what_cannot_be_unpacked_is_named() {
    for (bytes, expected) in [
        (&b"OggS\0\x02\0\0\0\0\0\0\0\0"[..], "Ogg"),
        (b"fLaC\0\0\0\x22\x10\0\x10\0", "FLAC"),
        (b"\0\0\0\x20ftypM4A \0\0", "MP4"),
        (b"\xff\xf1\x50\x80\x02\x1f\xfc\0\0\0\0\0", "AAC"),
        (b"", "an empty file"),
        (b"<html>\x1b[2J", "a file that begins with `<html>\\x1b[2J`"),
        (b"RIFF\0\0", "WAV that ends before the sound begins"),
        (b"ID3\x04\0\0\0\0\0\0", "MP3 that cannot be read"),
    ] {
        for piece in [1, 99] {
            let mut decoder = Decoder::new();
            let pushed = bytes
                .chunks(piece)
                .try_for_each(|bytes| decoder.push(bytes));
            let error = pushed.and_then(|()| decoder.finish()).unwrap_err();
            assert_eq!(error.to_string(), expected);
            assert!(!decoder.pull(&mut vec![]));
        }
    }
}

#[test]
fn bare_samples_may_begin_with_anything() {
    let mut decoder = Decoder::bare(16_000);
    decoder.push(b"RIFF").unwrap();
    decoder.finish().unwrap();
    let mut samples = vec![];
    assert!(decoder.pull(&mut samples));
    assert_eq!((decoder.rate(), samples.len()), (16_000, 2));
}

#[test]
fn sixteen_bits_go_there_and_back_to_the_bit() {
    for sample in i16::MIN..=i16::MAX {
        assert_eq!(to_i16(from_i16(sample)), sample);
    }
    assert_eq!([2.0, -2.0, f32::NAN].map(to_i16), [i16::MAX, i16::MIN, 0]);
}

proptest! {
    #[test]
    fn no_bytes_break_it(bytes in prop::collection::vec(any::<u8>(), 0..400), head in 0_usize..5) {
        let heads: [&[u8]; 5] = [b"", b"RIFF\0\0\0\0WAVEfmt ", b"ID3", b"\xff\xfb\x90\x64", b"\xff\xf3\x44\xc4"];
        let (mut decoder, mut samples) = (Decoder::new(), vec![]);
        let taken = decoder.push(&[heads[head], &bytes].concat());
        let _told = taken.and_then(|()| decoder.finish());
        while decoder.pull(&mut samples) {}
        prop_assert!(samples.iter().all(|sample| sample.abs() <= 1.0));
    }
}
