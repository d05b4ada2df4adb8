use super::*;
use proptest::prelude::*;

/// A voice as far as a codec knows: a buzz whose pitch moves.
fn buzz(rate: u32, length: usize) -> Vec<i16> {
    (0..length)
        .map(|n| {
            let at = n as f32 / rate as f32;
            let turns = at * 140.0 + (at * 5.0).sin();
            let sum: f32 = (1..12)
                .map(|harmonic| (turns * harmonic as f32 * std::f32::consts::TAU).sin())
                .sum();
            (sum * 1500.0) as i16
        })
        .collect()
}

/// How alike two sounds are, from 0 to 1, at the best delay of up to 15 ms.
fn likeness(rate: u32, said: &[i16], heard: &[f32]) -> f32 {
    let said: Vec<f32> = said.iter().step_by(3).map(|s| f32::from(*s)).collect();
    let score = |delay: usize| {
        let heard = &heard[delay..];
        let (mut product, mut one, mut other) = (0.0, 0.0, 0.0);
        // Iterators are slow where nothing is optimised, and there are millions of these.
        let mut n = 0;
        while n < said.len() && 3 * n < heard.len() {
            let (s, h) = (said[n], heard[3 * n]);
            product += s * h;
            one += s * s;
            other += h * h;
            n += 1;
        }
        product / (one * other).sqrt().max(1e-9)
    };
    (0..in_samples(rate, 15)).map(score).fold(0.0, f32::max)
}

#[test]
fn what_is_packed_sounds_like_what_comes_out_at_every_rate() {
    for rate in RATES {
        for frame_ms in FRAMES {
            let mut encoder = Encoder::new(rate, frame_ms).unwrap();
            let mut decoder = Decoder::new(rate).unwrap();
            let said = buzz(rate, in_samples(rate, 1200));
            let (mut heard, mut bytes) = (vec![], 0);
            for frame in said.chunks(encoder.frame()) {
                let packet = encoder.encode(frame);
                assert!(!packet.is_empty() && packet.len() < 600);
                bytes += packet.len();
                heard.extend_from_slice(decoder.decode(packet));
            }
            assert_eq!(heard.len(), said.len(), "{rate} {frame_ms}");
            assert_eq!(decoder.damaged(), 0);
            let alike = likeness(rate, &said, &heard);
            assert!(alike > 0.85, "{rate} {frame_ms}: {alike}");
            let bits = bytes * 8 * 1000 / 1200;
            assert!(
                (10_000..48_000).contains(&bits),
                "{rate} {frame_ms}: {bits}"
            );
        }
    }
}

#[test]
fn a_frame_that_is_too_short_is_filled_up() {
    let mut encoder = Encoder::new(16_000, 60).unwrap();
    let mut decoder = Decoder::new(16_000).unwrap();
    for samples in [&[][..], &[1000; 5], &[1000; 5000]] {
        let packet = encoder.encode(samples).to_vec();
        assert_eq!(decoder.decode(&packet).len(), 960);
    }
}

#[test]
fn a_rate_or_a_length_that_nobody_speaks_is_refused() {
    for (rate, millis) in [(44_100, 20), (16_000, 15), (0, 20), (16_000, 120)] {
        let expected = CodecError::Form { rate, millis };
        assert_eq!(Encoder::new(rate, millis).unwrap_err(), expected);
    }
    assert!(Decoder::new(22_050).is_err());
}

#[test]
fn a_lost_packet_is_as_long_as_the_one_before_and_fades_out() {
    let mut encoder = Encoder::new(16_000, 60).unwrap();
    let mut decoder = Decoder::new(16_000).unwrap();
    assert_eq!(decoder.conceal().len(), 320, "nothing came yet");
    for frame in buzz(16_000, 9600).chunks(960) {
        decoder.decode(encoder.encode(frame));
    }
    let power = |samples: &[f32]| samples.iter().map(|s| s * s).sum::<f32>();
    let first = power(decoder.conceal());
    let last = (0..10).map(|_| power(decoder.conceal())).next_back();
    assert_eq!(decoder.conceal().len(), 960);
    assert!(
        first > 0.0 && last.unwrap() < first / 10.0,
        "{first} {last:?}"
    );
}

#[test]
fn what_is_no_packet_is_a_lost_one() {
    let mut decoder = Decoder::new(24_000).unwrap();
    for (n, bad) in [
        &[][..],
        &[0x58],
        &[0xff; 9000],
        &[0x5b, 0x3f],
        &[0xff, 0xff, 0xff],
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(decoder.decode(bad).len(), 480);
        assert_eq!(decoder.damaged(), n as u64 + 1, "{bad:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_packet_makes_it_panic_and_all_it_gives_is_sound(
        packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..90), 1..6),
        changes in prop::collection::vec((0_usize..60, any::<u8>()), 0..8),
        rate in prop::sample::select(RATES.to_vec()),
        real in any::<bool>(),
    ) {
        let mut decoder = Decoder::new(rate).unwrap();
        let mut encoder = Encoder::new(rate, 20).unwrap();
        for packet in &packets {
            let mut packet = packet.clone();
            if real {
                packet = encoder.encode(&buzz(rate, encoder.frame())).to_vec();
                for (at, byte) in &changes {
                    if let Some(place) = packet.get_mut(*at) {
                        *place = *byte;
                    }
                }
            }
            let heard = decoder.decode(&packet);
            prop_assert!(!heard.is_empty() && heard.len() <= in_samples(rate, MOST));
            prop_assert!(heard.iter().all(|sample| sample.abs() <= 1.0));
        }
    }

    #[test]
    fn any_samples_can_be_packed(
        samples in prop::collection::vec(any::<i16>(), 0..1000),
        rate in prop::sample::select(RATES.to_vec()),
        frame_ms in prop::sample::select(FRAMES.to_vec()),
    ) {
        let mut encoder = Encoder::new(rate, frame_ms).unwrap();
        for _ in 0..3 {
            prop_assert!(!encoder.encode(&samples).is_empty());
        }
    }
}
