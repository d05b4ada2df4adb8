use super::*;

/// Noise that is the same in each run.
fn noise(seed: u32, samples: usize, loudness: f32) -> Vec<f32> {
    let mut seed = seed;
    (0..samples)
        .map(|_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((seed >> 8) as f32 / 8_388_608.0 - 1.0) * loudness
        })
        .collect()
}

fn silence(ms: usize) -> Vec<f32> {
    vec![0.0; ms * 16]
}

fn tone(hertz: f32, ms: usize) -> Vec<f32> {
    let step = hertz * std::f32::consts::TAU / RATE as f32;
    (0..ms * 16)
        .map(|n| (n as f32 * step).sin() * 0.3)
        .collect()
}

/// Clicks, four in a second.
fn keyboard(ms: usize) -> Vec<f32> {
    let mut samples = silence(ms);
    for (number, start) in (0..samples.len().saturating_sub(100))
        .step_by(4000)
        .enumerate()
    {
        for (sample, noise) in samples[start..]
            .iter_mut()
            .zip(noise(number as u32, 60, 0.5))
        {
            *sample = noise;
        }
    }
    samples
}

fn mixed(one: &[f32], other: &[f32]) -> Vec<f32> {
    one.iter()
        .zip(other)
        .map(|(one, other)| one + other)
        .collect()
}

fn times(samples: &[f32], loudness: f32) -> Vec<f32> {
    samples.iter().map(|sample| sample * loudness).collect()
}

/// Where speech is, in milliseconds.
fn found(samples: &[f32]) -> Option<(u64, u64)> {
    let mut vad = Vad::default();
    // As uneven as drivers are.
    samples.chunks(333).for_each(|part| vad.add(part));
    vad.span().map(|span| (span.from / 16, span.to / 16))
}

#[test]
fn what_is_no_speech_is_not_taken_for_it() {
    for (name, samples) in [
        ("nothing", vec![]),
        ("silence", silence(3000)),
        ("soft noise", noise(1, 48_000, 0.003)),
        ("loud noise", noise(2, 160_000, 0.3)),
        ("a hum", tone(50.0, 3000)),
        ("a tone", tone(440.0, 3000)),
        ("a whistle", tone(2500.0, 3000)),
        ("keys", keyboard(5000)),
        (
            "a click",
            [silence(500), noise(3, 200, 0.9), silence(500)].concat(),
        ),
    ] {
        assert_eq!(found(&samples), None, "{name}");
    }
}

#[test]
fn speech_is_found_with_200_ms_around_it() {
    let one = [silence(700), like_speech(1000), silence(1000)].concat();
    let two = [
        silence(700),
        like_speech(500),
        silence(1500),
        like_speech(500),
        silence(900),
    ]
    .concat();
    for (name, samples, from, to) in [
        ("alone", one.clone(), 700, 1700),
        (
            "in soft noise",
            mixed(&one, &noise(4, one.len(), 0.005)),
            700,
            1700,
        ),
        ("softly", times(&one, 0.1), 700, 1700),
        ("more softly", times(&one, 0.05), 700, 1700),
        ("hardly heard", times(&one, 0.03), 700, 1700),
        (
            "softly in a room",
            mixed(&times(&one, 0.05), &noise(5, one.len(), 0.001)),
            700,
            1700,
        ),
        ("twice", two, 700, 3200),
        ("at once", like_speech(900), 0, 900),
    ] {
        let (start, end) = found(&samples).unwrap();
        let length = samples.len() as u64 / 16;
        let start_is_kept = (from as u64).saturating_sub(330)..=(from as u64).saturating_sub(180);
        assert!(start_is_kept.contains(&start), "{name}: {start}");
        let end_is_kept = (to + 100).min(length)..=(to + 400).min(length);
        assert!(end_is_kept.contains(&end), "{name}: {end}");
    }
}

#[test]
fn speech_goes_on_through_a_breath_and_ends_after_one() {
    let mut vad = Vad::default();
    vad.add(&silence(300));
    assert!(!vad.is_speaking());
    vad.add(&like_speech(800));
    assert!(vad.is_speaking());
    vad.add(&silence(400));
    assert!(vad.is_speaking());
    vad.add(&silence(600));
    assert!(!vad.is_speaking());
    assert!(
        (800..1000).contains(&(vad.silence() / 16)),
        "{}",
        vad.silence()
    );
    assert_eq!(Vad::default().silence(), 0);
}

/// Nothing here speaks better than a machine made for it, if this system has one.
#[test]
fn a_real_voice_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("voice.wav");
    let spoken = std::process::Command::new("espeak-ng")
        .args(["-w", path.to_str().unwrap(), "What time is it in Lisbon?"])
        .status();
    match spoken {
        Ok(status) if status.success() => {}
        _ => return println!("skipped: `espeak-ng` is not installed"),
    }
    let mut wav =
        crate::sound::unpacked::Unpacked::open(std::fs::File::open(&path).unwrap()).unwrap();
    let (mut raw, mut samples) = (vec![], silence(700));
    wav.read(1 << 30, &mut raw).unwrap();
    let mut resampler = crate::sound::resample::Resampler::new(wav.rate(), RATE);
    resampler.add(&raw, &mut samples);
    resampler.finish(&mut samples);
    let end = samples.len() as u64 / 16;
    samples.extend(silence(900));
    let (from, to) = found(&samples).unwrap();
    assert!((300..=700).contains(&from), "{from}");
    assert!((end - 300..=end + 400).contains(&to), "{to} of {end}");
}
