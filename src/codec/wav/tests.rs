use super::*;

fn chunk(name: &str, length: u32, body: &[u8]) -> Vec<u8> {
    [name.as_bytes(), &length.to_le_bytes(), body].concat()
}

/// A file of frames of `channels` at `rate`, with what its header says about lengths.
fn file(code: u16, bits: u16, channels: u16, rate: u32, length: u32, body: &[u8]) -> Vec<u8> {
    let frame = channels * (bits / 8);
    let format = [
        &code.to_le_bytes()[..],
        &channels.to_le_bytes(),
        &rate.to_le_bytes(),
        &(rate * u32::from(frame)).to_le_bytes(),
        &frame.to_le_bytes(),
        &bits.to_le_bytes(),
    ]
    .concat();
    [
        chunk("RIFF", u32::MAX, b"WAVE"),
        chunk("fmt ", 16, &format),
        chunk("data", length, body),
    ]
    .concat()
}

/// What is in a file that comes in pieces of this size.
fn read_in(file: &[u8], piece: usize) -> Result<(u32, Vec<f32>), NotWav> {
    let (mut reader, mut samples) = (Reader::default(), vec![]);
    for bytes in file.chunks(piece) {
        reader.push(bytes)?;
        while reader.pull(3, &mut samples) > 0 {}
    }
    reader.finish()?;
    Ok((reader.rate(), samples))
}

/// The same for every size of pieces.
fn read(file: &[u8]) -> Result<(u32, Vec<f32>), NotWav> {
    let whole = read_in(file, file.len().max(1));
    for piece in [1, 7, 13] {
        assert_eq!(read_in(file, piece).is_ok(), whole.is_ok());
        if whole.is_ok() {
            assert_eq!(read_in(file, piece), whole, "{piece}");
        }
    }
    whole
}

#[test]
fn every_form_is_read_as_mono() {
    let half = 0.5f32.to_le_bytes();
    for (code, bits, channels, rate, body, expected) in [
        (1, 8, 1, 8_000, &[128, 192, 0][..], vec![0.0, 0.5, -1.0]),
        (1, 16, 1, 16_000, &[0, 64, 0, 128], vec![0.5, -1.0]),
        (1, 16, 2, 44_100, &[0, 64, 0, 0], vec![0.25]),
        (1, 24, 1, 96_000, &[0, 0, 64, 0, 0, 128], vec![0.5, -1.0]),
        (1, 32, 1, 48_000, &[0, 0, 0, 192], vec![-0.5]),
        (3, 32, 1, 48_000, &half, vec![0.5]),
        (3, 32, 6, 48_000, &half.repeat(6), vec![0.5]),
        (3, 64, 1, 48_000, &(-0.25f64).to_le_bytes(), vec![-0.25]),
        (3, 32, 1, 48_000, &f32::NAN.to_le_bytes(), vec![0.0]),
        (3, 32, 1, 48_000, &9e9f32.to_le_bytes(), vec![1.0]),
    ] {
        let length = body.len() as u32;
        let found = read(&file(code, bits, channels, rate, length, body));
        assert_eq!(found, Ok((rate, expected)), "{code} {bits} {channels}");
    }
}

#[test]
fn a_length_that_is_wrong_does_not_matter() {
    let body = [0, 64, 0, 64, 0, 64];
    for (length, body, expected) in [
        (0, &body[..], 3),
        (u32::MAX, &body, 3),
        (u32::MAX - 36, &body, 3),
        (0x7fff_f000, &body, 3),
        (0x7f00_0000, &body, 3),
        (1_000_000, &body, 3),
        (6, &body[..5], 2),
        (4, &body, 2),
        (6, &[], 0),
    ] {
        let found = read(&file(1, 16, 1, 16_000, length, body));
        assert_eq!(found, Ok((16_000, vec![0.5; expected])), "{length}");
    }
}

#[test]
fn what_stands_before_the_sound_is_passed_over() {
    let plain = file(1, 16, 1, 16_000, 2, &[0, 64]);
    let (head, rest) = plain.split_at(12);
    let list = chunk("LIST", 3, b"abc\0");
    let junk = chunk("JUNK", 4, b"junk");
    assert_eq!(
        read(&[head, &list, &junk, rest].concat()),
        Ok((16_000, vec![0.5]))
    );
    let extensible = [
        chunk("RF64", u32::MAX, b"WAVE"),
        chunk(
            "fmt ",
            40,
            &[
                &[0xfe, 0xff, 1, 0, 0x80, 0x3e, 0, 0, 0, 0, 0, 0, 2, 0, 16, 0][..],
                &[22, 0, 16, 0, 4, 0, 0, 0, 1, 0],
                &[0; 14],
            ]
            .concat(),
        ),
        chunk("data", u32::MAX, &[0, 64]),
    ]
    .concat();
    assert_eq!(read(&extensible), Ok((16_000, vec![0.5])));
}

#[test]
fn what_is_no_wav_says_what_it_is() {
    let whole = file(1, 16, 1, 16_000, 2, &[0, 64]);
    let other = |start: &str| NotWav::Other(start.to_owned());
    let odd = |form: &str| NotWav::Odd(form.to_owned());
    for (bytes, expected) in [
        (vec![], NotWav::Empty),
        (b"dear diary,\nit".to_vec(), other("dear diary,\\n")),
        (b"hi".to_vec(), other("hi")),
        (
            b"RIFF\x04\0\0\0AVI LIST".to_vec(),
            other("RIFF\\x04\\x00\\x00\\x00AVI "),
        ),
        (whole[..9].to_vec(), NotWav::Cut),
        (whole[..20].to_vec(), NotWav::Cut),
        (whole[..40].to_vec(), NotWav::Cut),
        (file(7, 8, 1, 8_000, 1, &[0]), odd("code 7, 8 bit")),
        (file(1, 12, 1, 8_000, 1, &[0]), odd("code 1, 12 bit")),
        (file(1, 16, 0, 8_000, 1, &[0]), odd("0 channels")),
        (file(1, 16, 1, 7, 1, &[0]), odd("7 Hz")),
        (
            [chunk("RIFF", 0, b"WAVE"), chunk("data", 0, &[0; 9])].concat(),
            odd("no `fmt` before the sound"),
        ),
        (
            [chunk("RIFF", 0, b"WAVE"), chunk("LIST", u32::MAX, &[0; 9])].concat(),
            NotWav::Cut,
        ),
    ] {
        assert_eq!(read(&bytes), Err(expected));
    }
}

#[test]
fn what_follows_the_sound_is_no_sound() {
    let mut bytes = file(1, 16, 1, 16_000, 2, &[0, 64]);
    bytes.extend(chunk("LIST", 4, b"who?"));
    assert_eq!(read(&bytes), Ok((16_000, vec![0.5])));
}

#[test]
fn what_is_written_here_is_read_here() {
    let samples: Vec<i16> = (-300..300).collect();
    let expected = samples.iter().map(|n| f32::from(*n) / 32_768.0).collect();
    assert_eq!(read(&write(&samples, 22_050)), Ok((22_050, expected)));
    let mut bare = Reader::bare(8_000);
    bare.push(&bytes(&[16_384, -1]).collect::<Vec<u8>>())
        .unwrap();
    let mut out = vec![];
    assert_eq!((bare.pull(9, &mut out), bare.rate()), (2, 8_000));
    assert_eq!(out, [0.5, -1.0 / 32_768.0]);
}

#[test]
fn what_hound_writes_is_read_to_the_bit() {
    let samples: Vec<i16> = (0..1000).map(|n| (n * 31) as i16).collect();
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut bytes = std::io::Cursor::new(vec![]);
    let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
    for sample in &samples {
        writer.write_sample(*sample).unwrap();
    }
    writer.finalize().unwrap();
    let expected = samples.iter().map(|n| f32::from(*n) / 32_768.0).collect();
    assert_eq!(read(bytes.get_ref()), Ok((16_000, expected)));
}

proptest::proptest! {
    #[test]
    fn no_bytes_break_it(
        mut bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200),
        whole in proptest::prelude::any::<bool>(),
        at in 0usize..60,
        changed in proptest::prelude::any::<u8>(),
    ) {
        if whole {
            let mut good = file(1, 16, 2, 48_000, 40, &bytes);
            if let Some(byte) = good.get_mut(at) {
                *byte = changed;
            }
            bytes = good;
        }
        if let Ok((rate, samples)) = read(&bytes) {
            proptest::prop_assert!((1000..=768_000).contains(&rate));
            proptest::prop_assert!(samples.iter().all(|sample| sample.abs() <= 1.0));
        }
    }
}
